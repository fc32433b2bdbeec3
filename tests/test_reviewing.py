"""`make hooks` lets git compare and merge notebooks cell by cell, whether or not the environment is
active."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from analysis.paths import EXPLORE, ROOT

HOME = Path(sys.executable).parent.parent  # the environment whose python runs this test
AS = ["-c", "user.name=tests", "-c", "user.email=tests", "-c", "commit.gpgsign=false"]


def git(home: Path, *arguments: str) -> str:
    """git without the environment on its path."""
    outside = [p for p in os.environ["PATH"].split(os.pathsep) if Path(p) != HOME / "bin"]
    done = subprocess.run(
        ["git", "--no-pager", *AS, *arguments],
        cwd=home,
        env=os.environ | {"PATH": os.pathsep.join(outside)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def clone(tmp_path) -> Path:
    """A clone with one notebook, in which `make hooks` was run."""
    home = tmp_path / "a clone"
    home.mkdir()
    for name in ("Makefile", ".gitattributes"):
        shutil.copy(ROOT / name, home / name)
    shutil.copy(EXPLORE, home / "explore.ipynb")
    git(home, "init", "-q", "-b", "main")
    subprocess.run(["make", "-s", "-o", "setup", "hooks", f"VENV={HOME}"], cwd=home, check=True)
    git(home, "config", "core.hooksPath", "none")  # what is committed here is looked at elsewhere
    git(home, "add", "-A")
    git(home, "commit", "-q", "-m", "begun")
    return home


def rewritten(home: Path, cell: int, text: str) -> None:
    notebook = nbformat.read(home / "explore.ipynb", 4)
    notebook.cells[cell].source = text
    nbformat.write(notebook, home / "explore.ipynb")


def test_a_difference_is_shown_by_cell_and_not_as_json(clone):
    rewritten(clone, 0, "# Another heading")
    shown = git(clone, "diff", "--ext-diff", "explore.ipynb")
    assert "/cells/0/source" in shown and "# Another heading" in shown
    assert '"source"' not in shown


def test_changes_of_two_cells_are_merged_and_the_notebook_stays_one(clone):
    git(clone, "switch", "-q", "-c", "other")
    rewritten(clone, 2, "What the other wrote")
    git(clone, "commit", "-q", "-am", "other")
    git(clone, "switch", "-q", "main")
    rewritten(clone, 0, "# What this one wrote")
    git(clone, "commit", "-q", "-am", "this")
    git(clone, "merge", "-q", "-m", "both", "other")
    cells = json.loads((clone / "explore.ipynb").read_text())["cells"]
    assert "".join(cells[0]["source"]) == "# What this one wrote"
    assert "".join(cells[2]["source"]) == "What the other wrote"
