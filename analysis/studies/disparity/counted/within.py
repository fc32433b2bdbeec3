"""The ratio of a comparison within units: people of one delivery unit, prison or region beside each
other.

It stands beside the crude ratio and is of the same people: those of the newest round, and not of
the several rounds that a funnel of units puts together, so that the two differ by the units alone.
A mean over units is steady with small ones. The units are as counted (exact), the result is rounded
and withheld as other model results are, and with the crude ratio.
"""

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
SIDES = ("group", "reference")


def within_units(study: MonitorFigures, measure: Measure, group: str) -> Result | None:
    """Relative rate index within units (times); None where no units are counted, or rounds are
    added up."""
    rows = study.counts.newest_by_unit(measure)
    if rows.empty:
        return None
    if not all(cell.is_shown for cell in study.pair(measure, group)):
        return shown.hidden(shown.MAIN, METHOD, "times", study.pair(measure, group))
    sides = _side_by_side(rows, group, study.plan.groups.reference)
    units = [_unit(measure, unit, sides.loc[unit]) for unit in sides.index]
    inflation = tuple(cell.inflation for cell in study.pair(measure, group))
    found = relative_rate_within_units(units, kind=measure.kind, inflation=inflation)
    if not study.already_public and _few(measure, sides):
        return Withheld(shown.MAIN, METHOD, "times")
    return clear_estimate(found, clearance=study.clearance)


def _side_by_side(rows: pd.DataFrame, group: str, reference: str) -> pd.DataFrame:
    """One row a unit, columns (sum, side); a unit in which a side has nobody counts 0 of it."""
    named = rows[rows["group"].isin([group, reference])].replace(
        {"group": {group: SIDES[0], reference: SIDES[1]}}
    )
    sums = ["events", "base", "persons", "persons_with_event"]
    wide = named.pivot_table(
        index="unit", columns="group", values=sums, aggfunc="sum", fill_value=0
    )
    return wide.reindex(columns=pd.MultiIndex.from_product([sums, SIDES]), fill_value=0)


def _unit(measure: Measure, name: str, row: pd.Series) -> UnitCounts:
    counts = [
        value
        for side in SIDES
        for value in (int(row["events", side]), exposure(measure, float(row["base", side])))
    ]
    return UnitCounts(str(name), *counts)


def _few(measure: Measure, sides: pd.DataFrame) -> bool:
    """Too few people with the event, or without it, in the units that hold both sides (rules S1 to
    S3)."""
    both = sides[(sides["base"] > 0).all(axis=1)]
    with_event, people = both["persons_with_event"].sum(), both["persons"].sum()
    counts = [*with_event, *people, *(people - with_event)]
    return any(is_small(int(n), load_rules()) for n in counts)
