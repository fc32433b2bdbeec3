"""The ratio of a comparison within units: people of one delivery unit, prison or region beside each
other.

It stands beside the crude ratio and is of the same people: those of the newest round, and not of
the several rounds that a funnel of units puts together, so that the two differ by the units alone.
A mean over units is steady with small ones. The units are as counted (exact), the result is rounded
and withheld as other model results are, and with the crude ratio.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.disclosure.rules import is_small, load_rules
from analysis.disclosure.suppression import clear_estimate
from analysis.disparity.within_units import METHOD, UnitCounts, relative_rate_within_units
from analysis.plans.monitor import Measure
from analysis.results import Result, Withheld
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.counted.counts import exposure
from analysis.studies.disparity.figures import MonitorFigures

WITHIN_UNITS = "within_units"  # note of the row
SUMMED = ("events", "base", "persons", "persons_with_event")


def within_units(study: MonitorFigures, measure: Measure, group: str) -> Result | None:
    """Relative rate index within units (times); None where no units are counted, or rounds are
    added up."""
    rows = study.counts.newest_by_unit(measure)
    if rows.empty:
        return None
    if not all(cell.is_shown for cell in study.pair(measure, group)):
        return shown.hidden(shown.MAIN, METHOD, "times", study.pair(measure, group))
    sides = _side_by_side(rows, (group, study.plan.groups.reference))
    units = _units(measure, sides)
    inflation = tuple(cell.inflation for cell in study.pair(measure, group))
    found = relative_rate_within_units(units, kind=measure.kind, inflation=inflation)
    if not study.already_public and _few(sides):
        return Withheld(shown.MAIN, METHOD, "times")
    return clear_estimate(found, clearance=study.clearance)


@dataclass(frozen=True, eq=False)
class Sides:
    """Sums of each unit (rows), of the group and of the reference (columns); a unit in which a side
    has nobody counts 0 of it."""

    units: tuple[str, ...]
    events: np.ndarray
    base: np.ndarray
    persons: np.ndarray
    persons_with_event: np.ndarray


def _side_by_side(rows: pd.DataFrame, sides: tuple[str, str]) -> Sides:
    """The units in which the group or the reference stands. `rows`: one a unit and group."""
    side = pd.Index(sides).get_indexer(rows["group"])
    here = side >= 0
    unit, names = pd.factorize(rows["unit"][here], sort=True)
    sums = np.zeros((len(SUMMED), len(names), 2), dtype="int64")
    for filled, name in zip(sums, SUMMED, strict=True):
        np.add.at(filled, (unit, side[here]), rows[name].to_numpy(dtype="int64")[here])
    return Sides(tuple(map(str, names)), *sums)


def _units(measure: Measure, sides: Sides) -> list[UnitCounts]:
    base = exposure(measure, sides.base.astype(float))
    return [
        UnitCounts(name, events[0], size[0], events[1], size[1])
        for name, events, size in zip(
            sides.units, sides.events.tolist(), base.tolist(), strict=True
        )
    ]


def _few(sides: Sides) -> bool:
    """Too few people with the event, or without it, in the units that hold both sides (rules S1 to
    S3)."""
    both = (sides.base > 0).all(axis=1)
    with_event, people = sides.persons_with_event[both].sum(axis=0), sides.persons[both].sum(axis=0)
    counts = [*with_event, *people, *(people - with_event)]
    return any(is_small(int(n), load_rules()) for n in counts)
