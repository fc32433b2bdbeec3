"""Everything from installed: all studies in all places from no data and no reports, the pages, a
run in which nothing has changed, and the commands that answer at once."""

import shutil
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.speed.measure import Measured
from bench.speed.trees import Tree
from bench.speed.ways import run_workbook

AT_ONCE = {"--help": ["--help"], "list": ["list"]}
TIMES = 5


@dataclass(frozen=True)
class Ran:
    """One run of the ledger: where it stands, and how long it took on a busy machine."""

    source: str
    study: str
    place: str
    seconds: float


def run_everything(tree: Tree, reports: Path, studies: Sequence[str] = ()) -> dict:
    """All plans of a tree (or some) into an empty folder, its data not made yet."""
    shutil.rmtree(tree.data, ignore_errors=True)
    shutil.rmtree(reports, ignore_errors=True)
    whole = run_workbook(["run", *studies, "--jobs", "2"], tree, reports)
    return {
        "seconds": whole.seconds,
        "cpu": whole.cpu,
        "mb": megabytes(reports),
        "site_mb": megabytes(reports / "site"),
        "runs": [asdict(ran) for ran in runs_of(reports)],
    }


def run_again(tree: Tree, reports: Path, studies: Sequence[str] = ()) -> dict:
    """A run in which nothing has changed, and the pages once more from nothing."""
    again = run_workbook(["run", *studies, "--jobs", "2"], tree, reports)
    shutil.rmtree(reports / "site")
    (reports / ".site.json").unlink()
    site = run_workbook(["site"], tree, reports)
    return {"again": again.seconds, "site": {"seconds": site.seconds, "cpu": site.cpu}}


def at_once(tree: Tree, reports: Path) -> dict[str, float]:
    """Median wall seconds of the commands that answer at once."""
    return {
        name: _median([run_workbook(words, tree, reports) for _ in range(TIMES)])
        for name, words in AT_ONCE.items()
    }


def _median(measured: Sequence[Measured]) -> float:
    return statistics.median(one.seconds for one in measured)


def runs_of(reports: Path) -> list[Ran]:
    """Every run of the ledger."""
    with sqlite3.connect(reports / "ledger.sqlite") as ledger:
        rows = ledger.execute("SELECT source, study, place, seconds FROM runs").fetchall()
    return [Ran(source, study, place, seconds or 0.0) for source, study, place, seconds in rows]


def by_study(runs: Sequence[dict], cpu: float) -> dict[str, tuple[int, float]]:
    """Of each study, the longest first: how many runs, and its part of `cpu` processor seconds.

    While all cores are busy, what a run takes by the clock is near what it takes of a processor, so
    `cpu` is shared out by the clock.
    """
    clock: dict[str, list[float]] = {}
    for ran in runs:
        clock.setdefault(ran["study"], []).append(ran["seconds"])
    total = sum(map(sum, clock.values())) or 1.0
    ordered = sorted(clock.items(), key=lambda item: -sum(item[1]))
    return {study: (len(all_), cpu * sum(all_) / total) for study, all_ in ordered}


def megabytes(folder: Path) -> float:
    """Size of all files of a folder, links not followed; a file under two names counts once."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    found = {(stat.st_dev, stat.st_ino): stat.st_size for stat in map(Path.stat, files)}
    return sum(found.values()) / 1e6
