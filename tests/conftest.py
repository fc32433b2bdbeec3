"""What several files stand on, made once for all of a run's workers."""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from chosen import DEEP
from command_line import workbook
from hypothesis import settings

settings.register_profile(DEEP)
LONG = Path(__file__).with_name("long_tests.txt")


@pytest.hookimpl(tryfirst=True)  # before markers choose
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that the list names are `long`: `make test` leaves them to `make test-long`."""
    named = frozenset(LONG.read_text(encoding="utf-8").splitlines())
    for item in items:
        if item.nodeid in named:
            item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session")
def ipython():
    """A shell of IPython in this process, of which there can be one."""
    from IPython.testing.globalipapp import start_ipython

    return start_ipython()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, worker_id) -> Callable[[str, Callable[[Path], object]], Path]:
    """A folder by name, which one of all workers makes by `make(folder)` and no test changes."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent  # of all workers of this run

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        made = base / f"{name}.made"
        with locked(base / f"{name}.lock"):
            if not made.exists():
                (base / name).mkdir(exist_ok=True)
                make(base / name)
                made.touch()
        return base / name

    return folder


@pytest.fixture(scope="session")
def star_run(made_once) -> tuple[Path, CompletedProcess]:
    """One whole run of Project STAR by the command line: its reports, and what the command said."""

    def run(folder: Path) -> None:
        done = workbook("run", "star_teacher_matching", reports=folder / "reports")
        said = json.dumps([done.returncode, done.stdout, done.stderr])
        (folder / "said.json").write_text(said)

    folder = made_once("star-run", run)
    said = json.loads((folder / "said.json").read_text())
    return folder / "reports", CompletedProcess("workbook", *said)
