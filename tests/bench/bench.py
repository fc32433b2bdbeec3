"""Measures the run engine beside plain papermill and beside the limit, and writes
docs/performance.md.

python tests/bench/bench.py [--full] [--times N] [--quick] [--to FILE]
"""

import argparse
import compileall
import json
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from measure import Measured, measure
from report import page
from setting import ROOT, Case, Setting, make_setting, matching_case, typical_case
from starts import KINDS
from ways import ENGINE, LIMIT, LOOP, PAIR, WAYS, run_engine, run_way

SIZES, FULL_SIZES, RERUN = (12, 120, 400), (12, 120, 400, 1200), 400
BRIEF_SIZES, BRIEF_REAL = (12, 60, 120), 4
NOTEBOOKS = 12  # of each kind, in each way
STARTS = 5
MEMORY_NOTEBOOKS = 4  # looking at memory disturbs, so it is done in a run for that alone


@dataclass(frozen=True)
class Compared:
    """The same places of one study in each way: seconds and processor seconds in all, and memory at
    its highest."""

    case: Case
    seconds: dict[str, float]
    cpu: dict[str, float]
    tree_mb: dict[str, float]
    runner_mb: float

    @property
    def runs(self) -> int:
        return len(self.case.places)

    def ratio(self, way: str, other: str) -> float:
        return self.seconds[way] / self.seconds[other]

    @property
    def own_cost(self) -> float:
        """Processor seconds a run of the engine itself: everything less the cells."""
        return (self.cpu[ENGINE] - self.cpu[LIMIT]) / self.runs


@dataclass(frozen=True)
class Grown:
    """One batch of `runs` typical notebooks into an empty folder."""

    runs: int
    seconds: float
    cpu: float
    runner_mb: float


@dataclass
class Found:
    """Everything that was measured."""

    compared: list[Compared] = field(default_factory=list)
    grown: list[Grown] = field(default_factory=list)
    rerun: tuple[int, float] = (0, 0.0)  # how many runs, seconds
    starts: dict[str, tuple[float, float, float]] = field(
        default_factory=dict
    )  # ready, first result, imports done


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def compare(case: Case, setting: Setting, times: int, *, looks_at_memory: bool) -> Compared:
    """Every way in turn, `times` times over, so that a slow minute of the machine meets all of
    them; medians."""
    found: dict[str, list[Measured]] = {way: [] for way in WAYS}
    for way in WAYS:  # first calls read files and write bytecode
        run_way(way, case.first(1), setting)
    for _ in range(times):
        for way in WAYS:
            found[way].append(run_way(way, case, setting))
            say(f"{case.study}, {WAYS[way]}: {found[way][-1].seconds:.1f} s")
    few = case.first(MEMORY_NOTEBOOKS)
    memory = (
        {way: run_way(way, few, setting, tree=True) for way in (LOOP, PAIR, ENGINE)}
        if looks_at_memory
        else {}
    )
    return Compared(
        case,
        {way: statistics.median(m.seconds for m in found[way]) for way in WAYS},
        {way: statistics.median(m.cpu for m in found[way]) for way in WAYS},
        {way: memory[way].tree_mb for way in memory},
        max(m.runner_mb for m in found[ENGINE]),
    )


def grow(sizes: tuple[int, ...], setting: Setting, found: Found) -> None:
    """Batches of growing size, each into an empty folder; one of them is run again, when nothing
    has changed."""
    rerun = RERUN if RERUN in sizes else sizes[-1]
    for size in sizes:
        reports = setting.folder / f"grown-{size}"
        measured = run_engine(typical_case(size), setting, reports)
        found.grown.append(Grown(size, measured.seconds, measured.cpu, measured.runner_mb))
        say(f"{size} runs: {measured.seconds:.1f} s")
        if size == rerun:
            found.rerun = (size, run_engine(typical_case(size), setting, reports).seconds)
            say(f"{size} runs again, unchanged: {found.rerun[1]:.2f} s")
        shutil.rmtree(reports)


def kernel_starts(setting: Setting, times: int) -> dict[str, tuple[float, float, float]]:
    """Median seconds of each kind of start, each kind in a process of its own."""
    script = str(Path(__file__).with_name("starts.py"))
    medians = {}
    for kind in KINDS:
        output = measure([sys.executable, script, kind, str(times)], setting.environment()).output
        line = next(line for line in output.splitlines() if line.startswith("[["))
        medians[kind] = tuple(
            statistics.median(column) for column in zip(*json.loads(line), strict=True)
        )
        say(f"{kind} kernel: ready after {medians[kind][0]:.2f} s")
    return medians


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--full", action="store_true", help="also 1,200 runs (about ten minutes more)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a few notebooks only: to see that it works"
    )
    parser.add_argument(
        "--brief",
        action="store_true",
        help="fewer real notebooks, at most 120 runs, memory not looked at",
    )
    parser.add_argument(
        "--times", type=int, default=1, help="how often each way is measured; medians are reported"
    )
    parser.add_argument(
        "--to",
        type=Path,
        default=ROOT / "docs" / "performance.md",
        help="where the page is written",
    )
    chosen = parser.parse_args()
    number, sizes = (
        (2, (2, 4)) if chosen.quick else (NOTEBOOKS, FULL_SIZES if chosen.full else SIZES)
    )
    compileall.compile_dir(ROOT / "analysis", quiet=1)
    found = Found()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        setting = make_setting(Path(folder))
        found.starts = kernel_starts(setting, 2 if chosen.quick else STARTS)
        if chosen.brief:
            sizes = BRIEF_SIZES
        for case in (
            typical_case(number),
            matching_case().first(BRIEF_REAL if chosen.brief else number),
        ):
            found.compared.append(
                compare(case, setting, chosen.times, looks_at_memory=not chosen.brief)
            )
        grow(sizes, setting, found)
    chosen.to.write_text(page(found, times=chosen.times), encoding="utf-8")
    say(f"Written: {chosen.to.name}")


if __name__ == "__main__":
    main()
