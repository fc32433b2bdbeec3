"""The commit hook lets through what the gate showed, and nothing of rows of people."""

import json
import os
import shutil
import subprocess

import pytest

from analysis.paths import ROOT, tracked_notebooks
from analysis.runs.checking import staged
from analysis.runs.checking.staged import faults_of


@pytest.mark.parametrize("path", tracked_notebooks(), ids=lambda path: path.stem)
def test_every_committed_notebook_passes(path):
    assert not list(faults_of(str(path.relative_to(ROOT)), path.read_bytes()))


def notebook(*cells) -> bytes:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4}).encode()


def cell(source: str, *outputs: dict) -> dict:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": list(outputs)}


ROWS = {"output_type": "stream", "name": "stdout", "text": "WM-P-000001 Black 34\n"}
TYPED = {"output_type": "execute_result", "metadata": {}, "data": {"text/plain": "4821"}}
PICKED = {
    "output_type": "display_data",
    "metadata": {},
    "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}},
}
REFUSED = {
    "printed rows": notebook(cell("print(frame.head())", ROWS)),
    "a number that the lab showed": notebook(cell("1 + 1", TYPED)),
    "widgets": notebook(cell("explore()", PICKED)),
    "a private session": notebook(cell("from analysis.private import open_private")),
    "no notebook": b"{",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_notebook_with_anything_else_is_refused_without_its_words(name):
    (line, *_) = faults_of("notebooks/mine.ipynb", REFUSED[name])
    assert line.startswith("notebooks/mine.ipynb: ") and "000001" not in line and "4821" not in line


@pytest.mark.parametrize("folder", staged.NEVER)
def test_folders_that_stay_on_this_machine_are_refused(folder):
    assert list(faults_of(f"{folder}people.csv", b""))


def test_the_hook_stops_a_commit(tmp_path, monkeypatch):
    """A repository of its own, with this project's hook and a notebook with printed rows."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "mine.ipynb").write_bytes(REFUSED["printed rows"])
    shutil.copytree(ROOT / ".ci" / "hooks", tmp_path / ".ci" / "hooks")
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    subprocess.run(["git", "add", "mine.ipynb"], cwd=tmp_path, check=True)
    assert staged.main() == 1
    (tmp_path / "mine.ipynb").write_bytes(notebook(cell("1 + 1")))
    subprocess.run(["git", "add", "mine.ipynb"], cwd=tmp_path, check=True)
    assert staged.main() == 0
    hook = ["-c", "core.hooksPath=.ci/hooks"]
    done = subprocess.run([*git, *hook, "commit", "-qm", "a"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert os.access(ROOT / ".ci" / "hooks" / "pre-commit", os.X_OK)
