"""Measures grouped counts of a monitor on 1, 10 and 100 million rows beside bare SQL, and writes
docs/scale.md.

python tests/bench/scale.py [--rows MILLIONS ...] [--times N] [--memory LIMIT] [--to FILE]

Every measurement has a process of its own, so that its peak memory is its own; this process stays
small.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from report import cpu, memory_gb, table
from scale_counts import SQL, TABLE, WAYS, WORKBOOK

ROOT = Path(__file__).resolve().parents[2]
MILLION = 1_000_000
FLAT_WITHIN = 0.20
BYTES_A_ROW = 40  # of disk, generously: where 100 million rows do not fit they are left out

HOW = """# Scale

This page is made by `make bench-scale` (`make bench-scale SCALE="--rows 1 10"` leaves 100 million
rows out).

A table like `supervision_quarters`, one row a person in a quarter, made up by DuckDB (hashes of
the number of the row) and written as one Parquet file. The five measures of
params/monitors/supervision.yml are counted by quarter and ethnic group in two ways, in turn, each
time in a new process, by one thread, the engine's memory limited to {memory}:

- workbook: `counts_by_group` on `table_view`, as a study counts, one statement for all measures;
- bare SQL: the same sums written by hand for DuckDB, one statement a measure, and the same last
  step in pandas.

Both must give the same counts to the last digit, or nothing is written. Imports are not timed.
The ratios are workbook / bare SQL; where other work shares the machine, that of processor seconds
is the steadier one.
"""


@dataclass(frozen=True)
class Size:
    """What was found for one number of rows: of each way seconds and processor seconds (medians),
    the process's largest memory (MB) and the largest that the engine held of it."""

    rows: int
    file_mb: float
    times: int
    seconds: dict[str, float]
    cpu: dict[str, float]
    peak_mb: dict[str, float]
    engine_mb: dict[str, float]

    def python_mb(self, way: str) -> float:
        """Memory of the process beyond what the engine held."""
        return self.peak_mb[way] - self.engine_mb[way]

    def ratio(self, what: str) -> float:
        measured = getattr(self, what)
        return measured[WORKBOOK] / measured[SQL]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measured(rows: int, folder: Path, *, times: int, memory: str) -> Size:
    """Both ways in turn, `times` times over; they must count the same. RuntimeError where they do
    not."""
    _child("generate", str(rows), str(folder))
    say(f"{rows:,} rows made")
    found: dict[str, list[dict]] = {way: [] for way in WAYS}
    for _ in range(times):
        for way in WAYS:
            found[way].append(_child(way, str(folder), memory))
            say(
                f"{rows:,} rows, {way}: {found[way][-1]['seconds']:.1f} s,"
                f" {found[way][-1]['peak_mb']:.0f} MB"
            )
    if len({one["counts"] for way in WAYS for one in found[way]}) != 1:
        raise RuntimeError("the two ways did not count the same")

    def pick(what, best):
        return {way: best(one[what] for one in found[way]) for way in WAYS}

    size = (folder / f"{TABLE}.parquet").stat().st_size / 1e6
    middle, most = statistics.median, max
    best = {"seconds": middle, "cpu": middle, "peak_mb": most, "engine_mb": most}
    return Size(rows, size, times, **{what: pick(what, one) for what, one in best.items()})


def _child(*arguments: str) -> dict:
    command = [sys.executable, str(Path(__file__).with_name("scale_counts.py")), *arguments]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, env=_environment()
    )
    return json.loads(done.stdout or "{}")


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def page(found: list[Size], *, memory: str) -> str:
    """The whole page as Markdown."""
    import duckdb

    machine = (
        f"Machine: {cpu()}, {os.cpu_count()} cores, {memory_gb():.0f} GB; Python"
        f" {platform.python_version()}, DuckDB {duckdb.__version__}; {datetime.now(UTC):%d %B %Y}."
    )
    return (
        "\n\n".join(
            [HOW.format(memory=memory).strip(), machine, _times(found), _memory(found, memory)]
        )
        + "\n"
    )


def _times(found: list[Size]) -> str:
    header = (
        "rows",
        "file, MB",
        "measured",
        "workbook, seconds",
        "bare SQL, seconds",
        "ratio",
        "ratio of processor seconds",
        "rows a second",
    )
    rows = [
        (
            f"{size.rows:,}",
            f"{size.file_mb:,.0f}",
            "once" if size.times == 1 else f"median of {size.times}",
            f"{size.seconds[WORKBOOK]:.1f}",
            f"{size.seconds[SQL]:.1f}",
            f"{size.ratio('seconds'):.2f}",
            f"{size.ratio('cpu'):.2f}",
            f"{size.rows / size.seconds[WORKBOOK]:,.0f}",
        )
        for size in found
    ]
    return f"## Time\n\n{table(header, rows)}"


def _memory(found: list[Size], memory: str) -> str:
    header = (
        "rows",
        "process at its highest, MB",
        "of it the engine, MB",
        "Python side, MB",
        "bare SQL: process, MB",
        "bare SQL: Python side, MB",
    )
    rows = [
        (
            f"{size.rows:,}",
            f"{size.peak_mb[WORKBOOK]:.0f}",
            f"{size.engine_mb[WORKBOOK]:.0f}",
            f"{size.python_mb(WORKBOOK):.0f}",
            f"{size.peak_mb[SQL]:.0f}",
            f"{size.python_mb(SQL):.0f}",
        )
        for size in found
    ]
    sides = [size.python_mb(WORKBOOK) for size in found]
    spread = max(sides) / min(sides) - 1
    met = "met" if spread <= FLAT_WITHIN else "NOT met"
    words = (
        "The Python side is the process's largest memory (ru_maxrss) less the largest that the"
        f" engine says it held. It differs by {spread:.0%} between the sizes; the target is at most"
        f" {FLAT_WITHIN:.0%}: {met}. The engine may hold {memory} and writes to disk what does not"
        " fit. A row is a person in its quarter, so that nobody has to be told apart from anybody:"
        " with distinct persons 100 million rows ran out of the engine's memory at 128 MB and at"
        " 512 MB."
    )
    return f"## Memory\n\n{words}\n\n{table(header, rows)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[1, 10, 100], help="millions of rows"
    )
    parser.add_argument(
        "--times", type=int, default=3, help="how often each way is measured, up to 10 million rows"
    )
    parser.add_argument("--memory", default="512MB", help="limit on the engine's memory")
    parser.add_argument(
        "--to", type=Path, default=ROOT / "docs" / "scale.md", help="where the page is written"
    )
    chosen = parser.parse_args()
    found = []
    for millions in chosen.rows:
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            if shutil.disk_usage(folder).free < 3 * millions * MILLION * BYTES_A_ROW:
                say(f"{millions} million rows are left out: the disk is too small")
                continue
            times = chosen.times if millions <= 10 else 1
            try:
                found.append(
                    measured(millions * MILLION, Path(folder), times=times, memory=chosen.memory)
                )
            except subprocess.CalledProcessError:
                say(f"{millions} million rows are left out: a measurement ended with an error")
                continue
        chosen.to.write_text(page(found, memory=chosen.memory), encoding="utf-8")
        say(f"Written: {chosen.to.name}, up to {millions} million rows")


if __name__ == "__main__":
    main()
