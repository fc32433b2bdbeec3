"""The four ways of running the same notebooks, each as one measured command."""

import json
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from limit import MEASURED
from measure import Measured, measure
from setting import BIN, Case, Setting

HERE = Path(__file__).parent
LOOP, PAIR, ENGINE, LIMIT = "a", "b", "c", "d"
WAYS = {
    LOOP: "papermill, one after the other",
    PAIR: "papermill, two at a time",
    ENGINE: "workbook run --jobs 2",
    LIMIT: "the cells as plain functions, two processes",
}


def run_way(way: str, case: Case, setting: Setting, *, tree: bool = False) -> Measured:
    """Run every place of `case` in one of the four ways, in an empty folder, and see that all of it
    is there."""
    folder = setting.folder / "out"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if way == ENGINE:
        return run_engine(case, setting, folder, tree=tree)
    if way == LIMIT:
        return _run_limit(case, setting, folder)
    return _run_papermill(case, setting, folder, at_once=1 if way == LOOP else 2, tree=tree)


def run_engine(case: Case, setting: Setting, reports: Path, *, tree: bool = False) -> Measured:
    """The command line as a user has it, from the start of its process to the end."""
    regions = [word for place in case.places for word in ("--region", place)]
    command = [
        str(BIN / "workbook"),
        "run",
        case.study,
        "--data",
        case.source,
        "--jobs",
        "2",
        *regions,
    ]
    measured = measure(command, setting.environment(reports), tree=tree)
    links = reports / case.source / "draft" / case.study
    _all_there(
        case,
        [
            links / place / name
            for place in case.places
            for name in ("notebook.ipynb", "results.json")
        ],
    )
    return measured


def _run_papermill(
    case: Case, setting: Setting, folder: Path, *, at_once: int, tree: bool
) -> Measured:
    """The papermill command, a process for each notebook, which writes the same record and the same
    figure files."""
    lines = [_papermill_line(case, place, setting, folder / place) for place in case.places]
    for place in case.places:
        (folder / place / "private").mkdir(parents=True)
    file = folder / "lines.txt"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [
        "xargs",
        "-a",
        str(file),
        "-P",
        str(at_once),
        "-d",
        "\n",
        "-I",
        "{}",
        "sh",
        "-c",
        "{}",
    ]
    measured = measure(command, setting.environment(folder), tree=tree)
    _all_there(
        case,
        [
            folder / place / name
            for place in case.places
            for name in ("out.ipynb", "private/record.json")
        ],
    )
    return measured


def _papermill_line(case: Case, place: str, setting: Setting, folder: Path) -> str:
    variables = [f"WORKBOOK_PRIVATE={folder / 'private'}", f"WORKBOOK_FIGURES={folder / 'figures'}"]
    given = [word for name, value in case.parameters(place).items() for word in ("-p", name, value)]
    quiet = ["--no-progress-bar"]
    return shlex.join(
        [
            "exec",
            "env",
            *variables,
            str(BIN / "papermill"),
            str(setting.notebook(case)),
            str(folder / "out.ipynb"),
            *quiet,
            *given,
        ]
    )


def _run_limit(case: Case, setting: Setting, folder: Path) -> Measured:
    command = [
        sys.executable,
        str(HERE / "limit.py"),
        str(setting.notebook(case)),
        str(folder),
        case.study,
        case.source,
    ]
    measured = measure([*command, *case.places], setting.environment(folder))
    return replace(measured, **json.loads((folder / MEASURED).read_text(encoding="utf-8")))


def _all_there(case: Case, files: list[Path]) -> None:
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise RuntimeError(f"{case.study}: {len(missing)} of {len(files)} files were not made")
