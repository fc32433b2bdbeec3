"""One real run of one place, its notebook run again, and a copy of its folder for each leak."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import workbook

from analysis.disclosure.guard.metadata import reduce_metadata
from analysis.runs.checking.again import outputs_again

STUDY, PLACE = "release", "wales"


@dataclass(frozen=True)
class RealRun:
    """A published run: its folder, its notebook, and the same notebook run again."""

    folder: Path
    notebook: dict[str, Any]
    again: dict[str, Any]


@contextmanager
def _home(folder: Path) -> Iterator[None]:
    """Reports and state of a machine of its own: no joint decision of another batch holds here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBOOK_STATE", str(folder / "state"))
        patch.setenv("WORKBOOK_REPORTS", str(folder / "reports"))
        yield


@pytest.fixture(scope="session")
def real_run(made_once) -> Iterator[RealRun]:
    def make(folder: Path) -> None:
        own = {"reports": folder / "reports", "WORKBOOK_STATE": str(folder / "state")}
        done = workbook("run", STUDY, "--region", PLACE, **own)
        assert "1 of 1 places run" in done.stdout, done.stdout + done.stderr
        run = folder / "reports" / "synthetic" / "draft" / STUDY / PLACE
        notebook = json.loads((run / "notebook.ipynb").read_text())
        with _home(folder):
            (folder / "again.json").write_text(json.dumps(outputs_again(notebook)))

    home = made_once("attacked", make)
    with _home(home):
        run = (home / "reports" / "synthetic" / "draft" / STUDY / PLACE).resolve()
        notebook = json.loads((run / "notebook.ipynb").read_text())
        yield RealRun(run, reduce_metadata(notebook), json.loads((home / "again.json").read_text()))


@pytest.fixture
def run_folder(real_run, tmp_path) -> Path:
    """A copy of the run, signed as it is."""
    shutil.copytree(real_run.folder, tmp_path / "run", copy_function=os.link)
    for path in (tmp_path / "run").rglob("*"):
        if path.is_file():  # a file of its own: the real one stays as it is
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)
    return tmp_path / "run"
