"""Measures the workbook on the load that it is for, and writes docs/performance.md.

python -m bench.speed [--only PART ...] [--full] [--quick] [--matplotlib VERSION] [--to FILE].
Parts: whole, ways, growth, work, pieces, starts, typical. With --only the tables are printed and
the page is left as it is.
"""

import argparse
import json
import os
import signal
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.speed import growth, pieces, whole
from bench.speed.cases import add_typical, real_cases, typical_case
from bench.speed.drawing import other_matplotlib
from bench.speed.limit import DATA
from bench.speed.measure import measure
from bench.speed.page import PARTS, machine, page, targets
from bench.speed.profiles import profile_before_and_now, profile_pages, profile_whole
from bench.speed.starts import KINDS as STARTS
from bench.speed.trees import BEFORE, ROOT, Tree, commit, earlier_tree, this_tree
from bench.speed.ways import (
    ENGINE,
    LIMIT,
    PAIR,
    Way,
    empty,
    job_of,
    memory_of_engine,
    refuse_other_records,
    run_cells,
    run_engine,
    run_limit,
    run_papermill,
)

PAGE = ROOT / "docs" / "performance.md"
TYPICAL, MANY, QUICK_MANY = 12, 400, 4
QUICK_STUDIES = ("berkeley_admissions", "youth_cascade")
IMPORTS = {
    "the kernel server's preload": "from analysis.runs.kernel_server import preload; preload()",
    "papermill": "import papermill",
    "a study's notebook": "import analysis.notebook",
    "the pages": "import analysis.site.build",
}


@dataclass
class Bench:
    """One run of the benchmark: where it measures, how much of it, and what it has found."""

    folder: Path
    full: bool = False
    quick: bool = False
    matplotlib: str = ""  # another version, to draw by
    earlier: str = BEFORE  # the commit that is "before"
    found: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def now(self) -> Tree:
        """This checkout, from a copy."""
        return this_tree(self.folder / "now")

    @cached_property
    def before(self) -> Tree | None:
        """The earlier commit, with the same data where both make the same."""
        return earlier_tree(self.folder / "before", self.earlier)

    @property
    def reports(self) -> Path:
        """Of the whole run."""
        return self.folder / "whole"

    def scratch(self) -> Path:
        return empty(self.folder / "scratch")

    def data(self, *jobs: dict, tree: Tree | None = None) -> None:
        run_cells(list(jobs), tree or self.now, self.scratch(), how=DATA)


def say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


# -- parts -----------------------------------------------------------------------------------------
def measure_whole(bench: Bench) -> None:
    """Everything from installed; first of all parts, since the others use its data and records."""
    studies = QUICK_STUDIES if bench.quick else ()
    one = whole.run_everything(bench.now, bench.reports, studies)
    one |= whole.run_again(bench.now, bench.reports, studies)
    one["studies_cpu"] = one["cpu"] - one["site"]["cpu"]
    if bench.full and bench.before:
        was = whole.run_everything(bench.before, bench.folder / "whole-before")
        one["before"] = {name: was[name] for name in ("seconds", "cpu", "mb")}
    bench.found["whole"] = one


def measure_ways(bench: Bench) -> None:
    """The real notebooks one study at a time in each way, then all studies in one batch."""
    cases = real_cases(1 if bench.quick else 6)
    bench.data(*(job_of(case, place, bench.now) for case in cases for place in case.places))
    ways: dict[str, Any] = {"places": len(cases[0].places)}
    pair: list[Way] = []
    for case in cases:
        taken = {
            PAIR: run_papermill(case, bench.now, bench.scratch()),
            ENGINE: run_engine([case], bench.now, bench.scratch()),
            LIMIT: run_limit([case], bench.now, bench.scratch()),
        }
        pair.append(taken[PAIR])
        ways[case.study] = compared(taken, len(case.places))
        say(f"{case.study}: b / c {ways[case.study]['pair_over_engine']:.1f}")
    together = {
        PAIR: sum(pair[1:], start=pair[0]),
        ENGINE: run_engine(cases, bench.now, bench.scratch()),
        LIMIT: run_limit(cases, bench.now, bench.scratch()),
    }
    ways["real"] = compared(together, len(together[PAIR].records))
    few = real_cases(1 if bench.quick else 2)
    trees = [bench.now, *([bench.before] if bench.before else [])]
    ways["memory"] = [memory_of_engine(few, tree, bench.scratch()) for tree in trees]
    bench.found["ways"] = ways


def compared(ways: dict[str, Way], runs: int) -> dict[str, Any]:
    """Seconds a notebook by way, and their ratios. RuntimeError where records differ."""
    refuse_other_records(ways)
    seconds = {way: taken.seconds for way, taken in ways.items()}
    return {
        "runs": runs,
        "ways": {
            way: {"seconds": taken.seconds / runs, "cpu": taken.cpu / runs}
            for way, taken in ways.items()
        },
        "pair_over_engine": seconds[PAIR] / seconds[ENGINE],
        "pair_over_limit": seconds[PAIR] / seconds[LIMIT],
        "engine_over_limit": seconds[ENGINE] / seconds[LIMIT],
    }


def measure_typical(bench: Bench) -> None:
    """The typical notebook in twelve places in each way, and in 400 by the engine and the cells
    alone; the engine of the earlier commit beside it."""
    few = typical_case(2 if bench.quick else TYPICAL)
    many = typical_case(QUICK_MANY if bench.quick else MANY)
    tree = bench.now
    add_typical(tree)
    taken = {
        PAIR: run_papermill(few, tree, bench.scratch()),
        ENGINE: run_engine([few], tree, bench.scratch()),
        LIMIT: run_limit([few], tree, bench.scratch()),
    }
    typical = compared(taken, len(few.places))
    batch = run_engine([many], tree, bench.scratch())
    limit = run_limit([many], tree, bench.scratch())
    pair = taken[PAIR].seconds / len(few.places) * len(many.places)
    typical["many"] = {
        "runs": len(many.places),
        "seconds": batch.seconds,
        "cpu": batch.cpu,
        "runner_mb": batch.runner_mb,
        "limit_seconds": limit.seconds,
        "limit_cpu": limit.cpu,
        "pair_over_engine": pair / batch.seconds,
        "engine_over_limit": batch.seconds / limit.seconds,
    }
    typical["engine"] = [one_more(bench.now, bench)]
    if bench.before:
        add_typical(bench.before)
        typical["engine"].append(one_more(bench.before, bench))
    say(f"typical: b / c {typical['pair_over_engine']:.1f}")
    bench.found["typical"] = typical


def one_more(tree: Tree, bench: Bench) -> float:
    """Processor seconds that the engine adds to the cells of one more run: the start of a batch is
    out."""
    few, more = (typical_case(number) for number in ((1, 3) if bench.quick else (8, 32)))
    runs = len(more.places) - len(few.places)
    engine = [run_engine([case], tree, bench.scratch()).cpu for case in (few, more)]
    limit = [run_limit([case], tree, bench.scratch()).cpu for case in (few, more)]
    return (engine[1] - engine[0] - limit[1] + limit[0]) / runs


def measure_growth(bench: Bench) -> None:
    grown: dict[str, Any] = {}
    for study, (_, sizes) in growth.GROWN.items():
        sizes = sizes[:2] if bench.quick else sizes
        rows = growth.grow(study, bench.now, bench.folder / "scratch", sizes=sizes)
        grown[study] = {f"x{row.size:g}": asdict(row) for row in rows}
        say(f"{study}: {', '.join(f'x{row.size:g} {row.cpu:.1f} s' for row in rows)}")
    if bench.full or bench.quick:
        people = growth.HUNDREDFOLD_PEOPLE if bench.full else growth.IN_REGION // 10
        far = growth.hundredfold(bench.now, bench.folder / "scratch", people)
        grown["hundredfold"] = asdict(far)
    bench.found["growth"] = grown


def measure_work(bench: Bench) -> None:
    """Profiles of cells by the earlier commit and now, and of everything by way of one place of
    each study."""
    reports = bench.reports if "whole" in bench.found else None
    folder = bench.folder / "scratch"
    if bench.before:
        cases = profile_before_and_now(bench.now, bench.before, folder, reports, tenfold=bench.full)
        bench.found["before"] = {"cases": cases}
    if reports:
        one = bench.found["whole"]
        one["kinds"] = profile_whole(bench.now, one, folder, reports)
        one["site"]["kinds"] = profile_pages(bench.now, reports)


def measure_pieces(bench: Bench) -> None:
    command = [sys.executable, "-P", "-m", pieces.__name__]
    output = measure(command, bench.now.environment(bench.scratch())).output
    bench.found["pieces"] = json.loads(output.splitlines()[-1])
    if bench.matplotlib:
        other, own = other_matplotlib(bench.matplotlib, bench.now, bench.scratch())
        names = [f"matplotlib {one}" for one in (bench.matplotlib, version("matplotlib"))]
        bench.found["pieces"].append(asdict(pieces.Compared("a figure drawn", *names, other, own)))


def measure_starts(bench: Bench) -> None:
    """Imports by processor time; kernels and commands by the clock."""
    tree, reports = bench.now, bench.scratch()
    trees = [tree, *([bench.before] if bench.before else [])]
    imports = {
        what: [_least_cpu(code, one, reports) for one in trees] for what, code in IMPORTS.items()
    }
    kernels = {}
    for kind in STARTS:
        command = [
            sys.executable,
            "-P",
            "-m",
            "bench.speed.starts",
            kind,
            "2" if bench.quick else "5",
        ]
        output = measure(command, tree.environment(reports)).output
        line = next(line for line in output.splitlines() if line.startswith("[["))
        kernels[kind] = [statistics.median(part) for part in zip(*json.loads(line), strict=True)]
    bench.found["starts"] = {
        "imports": imports,
        "kernels": kernels,
        "at_once": whole.at_once(tree, reports),
    }


def _least_cpu(code: str, tree: Tree, reports: Path, times: int = 2) -> float:
    command = [sys.executable, "-P", "-c", code]
    return min(measure(command, tree.environment(reports)).cpu for _ in range(times))


def measure_tests(bench: Bench) -> None:
    taken = measure(["make", "-C", str(ROOT), "test"], dict(os.environ))
    bench.found["tests"] = {"seconds": taken.seconds, "cpu": taken.cpu}


MEASURES: dict[str, Callable[[Bench], None]] = {
    "whole": measure_whole,
    "ways": measure_ways,
    "growth": measure_growth,
    "work": measure_work,
    "pieces": measure_pieces,
    "starts": measure_starts,
    "typical": measure_typical,  # last: it changes the plans of the tree
}


# -- the command -----------------------------------------------------------------------------------
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=MEASURES, help="measure these, print them")
    parser.add_argument(
        "--full", action="store_true", help="two million people, earlier run, tests"
    )
    parser.add_argument("--quick", action="store_true", help="a little of each: does it work?")
    parser.add_argument(
        "--matplotlib", default="", help="a version to draw by as well; it is installed apart"
    )
    parser.add_argument("--before", default=BEFORE, help="the commit to run beside this one")
    parser.add_argument("--to", type=Path, help="where the page is written (docs/performance.md)")
    parser.add_argument("--kept", type=Path, help="JSON file to keep what was found in")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the folder goes then as well
    started = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder), chosen.full, chosen.quick, chosen.matplotlib, chosen.before)
        bench.found |= machine() | {
            "cores": os.cpu_count(),
            "commit": commit(),
            "date": f"{started:%d %B %Y}",
        }
        if bench.before:
            bench.found["earlier"] = chosen.before
        for name in chosen.only or MEASURES:
            say(f"{name} ...")
            MEASURES[name](bench)
            if chosen.kept:
                chosen.kept.write_text(json.dumps(bench.found, indent=1), encoding="utf-8")
        if chosen.full and not chosen.only:
            measure_tests(bench)
    say(f"measured in {(datetime.now(UTC) - started).total_seconds() / 60:.0f} minutes")
    if chosen.only or chosen.quick:
        print("\n\n".join(text for part in PARTS.values() if (text := part(bench.found))))
        print(f"\n{targets(bench.found)}")
    if chosen.to or not (chosen.only or chosen.quick):
        to = chosen.to or PAGE
        to.write_text(page(bench.found), encoding="utf-8")
        say(f"Written: {to.name}")


if __name__ == "__main__":
    main()
