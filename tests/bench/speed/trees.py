"""The code that is measured, as a tree of files of its own: this checkout as it stands, or an
earlier commit of it.

Both run by the same interpreter and packages, each from an own folder with own data and reports, so
that "before" and "now" are measured in one run on one machine, from installed, and nothing of the
checkout is touched.
"""

import compileall
import io
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
# The last commit before the work on speed began: what "before" means on the page.
BEFORE = "c852315"
# What a run reads of a checkout.
PARTS = ("analysis", "params", "notebooks", "data/reference", "tests/guards/records")
FILES = ("GLOSSARY.md", "requirements.lock", "pyproject.toml")
# Set by the machine that measures for itself, these would change what is measured.
NOT_HANDED_ON = ("PYTHONDONTWRITEBYTECODE", "JUPYTER_DEFAULT_PROVISIONER_NAME")
# For every way: two kernels with two BLAS threads each on two cores take many times as long,
# papermill's above all.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Tree:
    """A folder that holds the code, the plans and the notebooks of one commit, and the data that
    its runs make."""

    folder: Path

    @property
    def data(self) -> Path:
        """Where its synthetic nation is made."""
        return self.folder / "data" / "synthetic"

    def environment(self, reports: Path, **more: Path | str) -> dict[str, str]:
        """The environment of a command that runs this tree's code and writes to `reports`."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in NOT_HANDED_ON and not name.startswith("WORKBOOK_")
        }
        own = {
            "PYTHONPATH": os.pathsep.join((str(self.folder), str(ROOT / "tests"))),
            "WORKBOOK_REPORTS": str(reports),
            "WORKBOOK_STATE": str(self.folder / "state"),
        }
        return kept | ONE_THREAD | own | {name: str(value) for name, value in more.items()}


def this_tree(folder: Path) -> Tree:
    """The checkout as it stands, changes that are not committed included."""
    skipped = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=skipped)
    for file in FILES:
        shutil.copyfile(ROOT / file, folder / file)
    return _compiled(folder)


def earlier_tree(folder: Path, commit: str) -> Tree | None:
    """An earlier commit; None where git does not know it (an archive, a shallow clone)."""
    found = subprocess.run(
        ["git", "-C", str(ROOT), "archive", commit, *PARTS, *FILES],
        capture_output=True,
        check=False,
    )
    if found.returncode:
        return None
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return _compiled(folder)


def _compiled(folder: Path) -> Tree:
    compileall.compile_dir(folder / "analysis", quiet=2)
    return Tree(folder)


def commit() -> str:
    """The commit that is measured, with + where files differ from it; empty outside git."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(ROOT), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    return git("rev-parse", "--short=9", "HEAD") + (
        "+" if git("status", "--porcelain", "-uno", "--", "analysis") else ""
    )
