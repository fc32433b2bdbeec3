"""How processor time and memory of one place grow with its size, and by which power."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.speed.cases import Case
from bench.speed.limit import DATA, PROFILE
from bench.speed.measure import measure
from bench.speed.trees import Tree
from bench.speed.ways import empty, job_of, run_cells

SIZES = (0.1, 0.3, 1.0, 3.0, 10.0)
# study: place and sizes. All of the nation is twelve regions: three times that is data enough.
GROWN: dict[str, tuple[str, tuple[float, ...]]] = {
    "ethnic_matching": ("west_midlands", SIZES),
    "supervision": ("west_midlands", SIZES),
    "psr_quality": ("all", SIZES[:-1]),
}
# A region of 20,000 people, a hundred times as large.
# An extract is run once its plan is locked; an earlier commit may know no locks.
LOCKED = """
try:
    from analysis.runs.locks.locking import lock_plan
except ImportError:
    lock_plan = lambda study, by: None
lock_plan("{study}", "Head of Evaluation")
"""
HUNDREDFOLD_REGION, IN_REGION, HUNDREDFOLD_PEOPLE = "east_of_england", 20_000, 2_000_000


@dataclass(frozen=True)
class Size:
    """One size of a place: processor seconds of its cells, their largest resident memory, and the
    seconds by kind of work."""

    size: float
    cpu: float
    mb: float
    kinds: dict[str, float]


def source_of(size: float) -> str:
    return "synthetic" if size == 1 else f"synthetic:x{size:g}"


def grow(study: str, tree: Tree, folder: Path, *, sizes: Sequence[float] = ()) -> list[Size]:
    """The cells of one place at each size, each in a process of its own; the data are made
    before."""
    place, all_sizes = GROWN[study]
    found = []
    for size in sizes or all_sizes:
        case = Case(study, (place,), source_of(size))
        job = job_of(case, place, tree)
        run_cells([job], tree, empty(folder), how=DATA)
        (measured,) = run_cells([job], tree, empty(folder), how=PROFILE)
        found.append(_measured(size, measured))
    return found


def hundredfold(tree: Tree, folder: Path, people: int = HUNDREDFOLD_PEOPLE) -> Size:
    """A region of two million people, from an extract of Parquet files as a service would hand it
    in, once it has been read and checked for the first time."""
    extract, case = empty(folder) / "extract", Case("ethnic_matching", (HUNDREDFOLD_REGION,))
    make = f"write_demo(Path({str(extract)!r}), region={HUNDREDFOLD_REGION!r}"
    make += f", people={people}, fmt='parquet')"
    code = f"from pathlib import Path; from analysis.synthetic.nation import write_demo; {make}"
    code += LOCKED.format(study=case.study)
    measure([sys.executable, "-P", "-c", code], tree.environment(folder))
    job = job_of(replace(case, source=f"extracts:{extract}"), HUNDREDFOLD_REGION, tree)
    run_cells([job], tree, empty(folder / "read"), how=DATA)
    (measured,) = run_cells([job], tree, empty(folder / "cells"), how=PROFILE)
    return _measured(people / IN_REGION, measured)


def _measured(size: float, measured: Mapping[str, Any]) -> Size:
    return Size(size, measured["cpu"], measured["mb"], measured["kinds"])


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The power b of `values` = a * size^b that fits best: least squares of the logarithms.

    ValueError for fewer than two sizes, or a number that is not positive.
    """
    if len(sizes) < 2 or min(*sizes, *values) <= 0:
        raise ValueError("a power is fitted to two positive numbers or more")
    x, y = [math.log(size) for size in sizes], [math.log(value) for value in values]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    crossed = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return crossed / sum((a - mean_x) ** 2 for a in x)
