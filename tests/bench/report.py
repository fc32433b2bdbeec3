"""The page docs/performance.md: what was measured, on which machine, and the targets beside the
values."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ways import ENGINE, LIMIT, LOOP, PAIR, WAYS

if TYPE_CHECKING:
    from bench import Compared, Found

FASTER_THAN_PAIR, NEAR_LIMIT = 6.0, 1.5
OWN_COST, RERUN_SECONDS, READY_SECONDS, CONSTANT_WITHIN = 0.5, 2.0, 0.25, 0.10
KIND_WORDS = {
    "ordinary": "ordinary kernel",
    "cold": "instant kernel, server not running",
    "warm": "instant kernel, server there",
}
HOW = """# Performance

This page is made by `make bench` (`make bench BENCH=--full` adds 1,200 runs; `make bench
BENCH="--times 3"` reports medians of three). Everything on it was measured in one go on one
machine that did nothing else. `make bench-profile` shows where the engine's own time goes.

The same places are run in four ways, one after the other:

- a: the `papermill` command, a process for each notebook, one after the other;
- b: the same, two at a time;
- c: `workbook run --jobs 2`, from the start of its process to its end: run, checked, published,
  ledger and pages;
- d: the limit: the cells as plain functions in two processes whose imports are done, figures
  encoded and saved.

Bytecode is compiled for all, the data are made before, and all write the same record and the same
figure files. No way does the joint step of all places. Processor seconds are user and system time
of the command and all its descendants.
"""


def page(found: "Found", *, times: int) -> str:
    """The whole page as Markdown."""
    parts = [HOW, _machine(times), "## Targets", _targets(found), "## Seconds a notebook"]
    for compared in found.compared:
        parts += [
            f"### {compared.case.study}, {compared.runs} places",
            _ways(compared),
            _sums(compared),
        ]
    parts += ["## Growth", _growth(found), "## Start of a kernel", _starts(found)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _machine(times: int) -> str:
    said = f"{times} measurements of each way" if times > 1 else "one measurement of each way"
    return (
        f"Machine: {cpu()}, {os.cpu_count()} cores, {memory_gb():.0f} GB; Python"
        f" {platform.python_version()}; {datetime.now(UTC):%d %B %Y}; {said}."
    )


def _targets(found: "Found") -> str:
    typical, real = found.compared
    pair, near = typical.ratio(PAIR, ENGINE), typical.ratio(ENGINE, LIMIT)
    spread, ready, (again, seconds) = _spread(found), found.starts["warm"][0], found.rerun
    rows = [
        (
            "b / c, typical",
            f"at least {FASTER_THAN_PAIR:g}",
            f"{pair:.1f}",
            pair >= FASTER_THAN_PAIR,
        ),
        ("c / d, typical", f"at most {NEAR_LIMIT:g}", f"{near:.2f}", near <= NEAR_LIMIT),
        (
            f"own processor seconds a run, {real.case.study}",
            f"at most {OWN_COST:g}",
            f"{real.own_cost:.2f}",
            real.own_cost <= OWN_COST,
        ),
        (
            f"unchanged rerun of {again:,} runs, seconds",
            f"at most {RERUN_SECONDS:g}",
            f"{seconds:.2f}",
            seconds <= RERUN_SECONDS,
        ),
        (
            "seconds of one more run, most to least",
            f"within {CONSTANT_WITHIN:.0%}",
            f"{spread:.0%}",
            spread <= CONSTANT_WITHIN,
        ),
        (
            "warm kernel ready, seconds",
            f"at most {READY_SECONDS:g}",
            f"{ready:.2f}",
            ready <= READY_SECONDS,
        ),
    ]
    return table(
        ("what", "target", "value", "met"), [(*row[:3], "yes" if row[3] else "no") for row in rows]
    )


def _ways(compared: "Compared") -> str:
    rows = [
        (
            f"{way}: {words}",
            f"{compared.seconds[way] / compared.runs:.2f}",
            f"{compared.cpu[way] / compared.runs:.2f}",
            f"{compared.tree_mb[way]:,.0f}" if way in compared.tree_mb else "",
        )
        for way, words in WAYS.items()
    ]
    return table(
        (
            "way",
            "seconds a notebook",
            "processor seconds a notebook",
            "memory of all processes, MB",
        ),
        rows,
    )


def _sums(compared: "Compared") -> str:
    return (
        f"a / c {compared.ratio(LOOP, ENGINE):.1f}; b / c {compared.ratio(PAIR, ENGINE):.1f}; c / d"
        f" {compared.ratio(ENGINE, LIMIT):.2f}. The engine's own cost (c less d):"
        f" {compared.own_cost:.2f} processor seconds a run. The command's own process held"
        f" {compared.runner_mb:.0f} MB at most. Memory: pages that processes share are counted once"
        " (PSS)."
    )


def _growth(found: "Found") -> str:
    """Batches of growing size; one more run costs the difference between two batches."""
    rows, before, typical = [], None, found.compared[0]
    limit = typical.seconds[LIMIT] / typical.runs
    for grown in found.grown:
        more = (grown.seconds - before.seconds) / (grown.runs - before.runs) if before else None
        rows.append(
            (
                f"{grown.runs:,}",
                f"{grown.seconds:.1f}",
                f"{grown.seconds / grown.runs:.2f}",
                f"{grown.seconds / grown.runs / limit:.2f}",
                "" if more is None else f"{more:.3f}",
                f"{grown.cpu / grown.runs:.2f}",
                f"{grown.runner_mb:.0f}",
            )
        )
        before = grown
    header = (
        "runs",
        "seconds",
        "seconds a run",
        "times the limit (d)",
        "seconds of one more run",
        "processor seconds a run",
        "the command's process, MB",
    )
    again, seconds = found.rerun
    words = (
        "A batch begins with imports, in the command and in the kernel server: the more runs, the"
        " less they weigh."
    )
    return (
        f"{words}\n\n{table(header, rows)}\n\nThe same {again:,} runs again, nothing changed:"
        f" {seconds:.2f} seconds."
    )


def _spread(found: "Found") -> float:
    """By how much the seconds of one more run differ between the steps of growth; 0 where there is
    one step."""
    pairs = zip(found.grown, found.grown[1:], strict=False)
    more = [(b.seconds - a.seconds) / (b.runs - a.runs) for a, b in pairs]
    return max(more) / min(more) - 1


def _starts(found: "Found") -> str:
    rows = [
        (KIND_WORDS[kind], *(f"{seconds:.2f}" for seconds in marks))
        for kind, marks in found.starts.items()
    ]
    return table(
        ("kernel", "ready, seconds", "first result, seconds", "imports of a study done, seconds"),
        rows,
    )


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" if n == 0 else "---:" for n in range(len(header))), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
