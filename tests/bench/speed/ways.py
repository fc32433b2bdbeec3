"""The ways of running the same notebooks, each as one measured command, and whether they made the
same.

b: the papermill command, a process for each notebook, two at a time. c: `workbook run --jobs 2`,
from the start of its process to its end. d: the limit (limit.py). The data are made before.
"""

import json
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.speed.cases import Case
from bench.speed.limit import DATA, MEASURED, TOGETHER, records
from bench.speed.measure import Measured, measure
from bench.speed.trees import BIN, Tree

PAIR, ENGINE, LIMIT = "b", "c", "d"
WAYS = {
    PAIR: "papermill, two at a time",
    ENGINE: "workbook run --jobs 2",
    LIMIT: "the cells as plain functions, two processes",
}


@dataclass(frozen=True)
class Way:
    """One way: wall and processor seconds of all its notebooks, and their records by
    study/place."""

    seconds: float
    cpu: float
    records: dict[str, dict]
    runner_mb: float = 0.0

    def __add__(self, other: "Way") -> "Way":
        both = self.seconds + other.seconds, self.cpu + other.cpu
        return Way(*both, self.records | other.records)


def papermill_command() -> str:
    return str(BIN / "papermill")


def run_papermill(case: Case, tree: Tree, folder: Path) -> Way:
    """The papermill command, two at a time; each notebook writes its record and its figures."""
    lines = [_papermill_line(case, place, tree, folder / place) for place in case.places]
    for place in case.places:
        (folder / place / "private").mkdir(parents=True)
    file = folder / "lines.txt"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = ["xargs", "-a", str(file), "-P", "2", "-d", "\n", "-I", "{}", "sh", "-c", "{}"]
    measured = measure(command, tree.environment(folder))
    return _way(
        measured, {f"{case.study}/{p}": _emitted(folder / p / "out.ipynb") for p in case.places}
    )


def run_engine(cases: Sequence[Case], tree: Tree, reports: Path) -> Way:
    """The command line as a user has it: run, checked, published, ledger. All cases have the same
    places."""
    places, source = cases[0].places, cases[0].source
    regions = [word for place in places for word in ("--region", place)]
    studies = [case.study for case in cases]
    command = ["run", *studies, "--data", source, "--jobs", "2", *regions]
    measured = run_workbook(command, tree, reports)
    links = reports / source / "draft"
    return _way(
        measured,
        {
            f"{study}/{place}": _read(links / study / place / "results.json")
            for study in studies
            for place in places
        },
    )


def memory_of_engine(cases: Sequence[Case], tree: Tree, reports: Path) -> float:
    """The largest memory of all processes of a batch in megabytes, shared pages counted once.
    Looking takes time itself, so it is done in a run for that alone."""
    words = ["run", *(case.study for case in cases), "--force", "--jobs", "2"]
    words += [word for place in cases[0].places for word in ("--region", place)]
    measured = measure([str(BIN / "workbook"), *words], tree.environment(reports), tree=True)
    return measured.tree_mb or 0.0


def run_workbook(words: Sequence[str], tree: Tree, reports: Path) -> Measured:
    """A command of the project, as a user has it."""
    return measure([str(BIN / "workbook"), *words], tree.environment(reports))


def run_limit(cases: Sequence[Case], tree: Tree, folder: Path) -> Way:
    """The cells alone, two processes."""
    jobs = [job_of(case, place, tree) for place in cases[0].places for case in cases]
    found = run_cells(jobs, tree, folder, how=TOGETHER)
    emitted = {job["name"]: _emitted(folder / job["name"] / "out.ipynb") for job in jobs}
    return Way(found["seconds"], found["cpu"], emitted)


def job_of(case: Case, place: str, tree: Tree) -> dict:
    notebook = tree.folder / "notebooks" / case.notebook
    name = f"{case.study}/{place}"
    return {"notebook": str(notebook), "parameters": case.parameters(place), "name": name}


def run_cells(jobs: list[dict], tree: Tree, folder: Path, *, how: str, reports: Path | None = None):
    """Cells of notebooks as plain functions (limit.py); what it measured."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder / "jobs.json"
    listed.write_text(json.dumps(jobs), encoding="utf-8")
    command = [sys.executable, "-P", "-m", "bench.speed.limit", str(listed), str(folder), how]
    measure(command, tree.environment(reports or folder))
    return None if how == DATA else _read(folder / MEASURED)


def refuse_other_records(ways: dict[str, Way]) -> None:
    """RuntimeError where two ways did not give the same records: then they did not do the same
    work."""
    (first, one), *others = ways.items()
    for way, other in others:
        unlike = sorted(
            name
            for name in one.records.keys() | other.records.keys()
            if one.records.get(name) != other.records.get(name)
        )
        if unlike:
            raise RuntimeError(f"{first} and {way} gave other records: {', '.join(unlike)}")


def empty(folder: Path) -> Path:
    """The folder, with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _papermill_line(case: Case, place: str, tree: Tree, folder: Path) -> str:
    variables = [f"WORKBOOK_PRIVATE={folder / 'private'}", f"WORKBOOK_FIGURES={folder / 'figures'}"]
    given = [word for name, value in case.parameters(place).items() for word in ("-p", name, value)]
    notebook = str(tree.folder / "notebooks" / case.notebook)
    command = [papermill_command(), notebook, str(folder / "out.ipynb"), "--no-progress-bar"]
    return shlex.join(["exec", "env", *variables, *command, *given])


def _way(measured: Measured, found: dict[str, dict]) -> Way:
    return Way(measured.seconds, measured.cpu, found, measured.runner_mb)


def _emitted(notebook: Path) -> dict:
    (record,) = records(_read(notebook))
    return record


def _read(file: Path):
    return json.loads(file.read_text(encoding="utf-8"))
