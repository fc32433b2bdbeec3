"""Counts of one measure as they may be shown, and what is worked out from them: everything a page
says rests on these.

Rows of published counts stay as they are. Counts of people are rounded to 5 and withheld where
small, person-time is rounded to 5 units, and every ratio, gap and interval follows from the rounded
numbers (rules S1 to S6).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.disclosure.dominance import two_may_make_the_sum
from analysis.disclosure.geography import whole_may_stand
from analysis.disclosure.rules import (
    is_small,
    is_unreliable,
    load_rules,
    round_to_base,
    share_is_protected,
)
from analysis.disparity.rates import (
    PersonSums,
    RateSide,
    relative_rate_inflated,
    relative_rate_of_events,
    smallest_detectable_rate_ratio,
    variance_inflation,
    verdict_of_rates,
)
from analysis.disparity.relative_rate import (
    Verdict,
    VerdictRule,
    rate_difference,
    relative_rate_index,
    smallest_detectable_ratio,
    verdict,
)
from analysis.extracts.counts.counts import SUMS
from analysis.plans.monitor import Measure, Monitor
from analysis.results import Estimate, NotEstimable, Result, Withheld, significant
from analysis.studies.disparity.counted.counts import exposure

MAIN, OPPOSITE, GAP = "relative_rate_index", "opposite_relative_rate", "rate_difference"
Z = 1.959964  # normal, 95 %
# unit of a gap between rates: events in every so much exposure, as the plan prints it
PER_EXPOSURE = "per_exposure"
DIRECTIONS = {"good": "higher", "bad": "lower", "undefined": "undefined"}  # which is better
Sums = Mapping[str, float]  # by name, of SUMS


@dataclass(frozen=True)
class Cell:
    """One group in one round as it may be shown. people, events, base: in fives, or None where
    withheld.

    base: people at risk of a share, person-time (months or residents) of a rate. inflation: of the
    variance of the log rate, because people come back (times, two figures); 1 where each counts
    once or nobody knows.
    """

    group: str
    people: int | None
    events: int | None
    base: float | None
    inflation: float = 1.0
    few: bool = (
        False  # fewer than 30 people, told before they were rounded: no verdict rests on them (S16)
    )
    reason: str | None = (
        None  # why the table that was read does not give it; None where it is withheld here
    )

    @property
    def is_shown(self) -> bool:
        return None not in (self.people, self.events, self.base)


def sums_by_name(counts: pd.DataFrame) -> dict[str, Sums]:
    """The SUMS of each row of a frame, by its index."""
    sums = counts[list(SUMS)].to_numpy().tolist()
    return {
        name: dict(zip(SUMS, row, strict=True))
        for name, row in zip(counts.index, sums, strict=True)
    }


def cell_of(measure: Measure, group: str, row: Sums | None, *, public: bool) -> Cell:
    """One group as it may be shown. `row`: SUMS by name; None where nobody stands in the group."""
    if row is None:
        return Cell(group, None, None, None)
    persons, events, base = (
        int(row["persons"]),
        int(row["events"]),
        exposure(measure, float(row["base"])),
    )
    if public:
        return Cell(group, persons, events, base)
    rules = load_rules()
    if is_small(persons, rules):
        return Cell(group, None, None, None)
    step = rules.rounding_base.value
    people, having = round_to_base(persons, step), int(row["persons_with_event"])
    if share_is_protected(having, persons, rules) or _few_make_the_sum(measure, row):
        return Cell(group, people, None, None)
    shown_base = people if measure.kind == "share" else float(round_to_base(round(base), step))
    few = is_unreliable(persons, rules)
    return Cell(
        group, people, round_to_base(events, step), shown_base, _inflation(measure, row, base), few
    )


def _few_make_the_sum(measure: Measure, sums: Sums) -> bool:
    """Events that one or two people may have had nearly all of (S7): their number is that of these
    people. Known where events are summed by person."""
    return measure.repeats == "person" and two_may_make_the_sum(
        int(sums["persons_with_event"]), float(sums["events"]), float(sums["events_squared"])
    )


def whole_stands(places: pd.DataFrame) -> bool:
    """People, those with the event and those without: the counts of all places together give no
    place's small one back.

    `places`: one row a place of one group and round, with persons and persons_with_event.
    """
    people, events = places["persons"].to_numpy(), places["persons_with_event"].to_numpy()
    return all(
        whole_may_stand(dict(enumerate(map(int, counts))))
        for counts in (people, events, people - events)
    )


def _inflation(measure: Measure, row: Sums, base: float) -> float:
    if measure.repeats != "person":
        return 1.0
    unit = base / float(row["base"])  # squares were summed in the unit of the table
    sums = PersonSums(
        int(row["persons"]),
        float(row["events"]),
        base,
        float(row["events_squared"]),
        float(row["events_times_base"]) * unit,
        float(row["base_squared"]) * unit**2,
    )
    found = variance_inflation(sums)
    return 1.0 if found is None else max(significant(found, 2), 1.0)


# -- from cells to results -------------------------------------------------------------------------
def relative_rate(measure: Measure, cell: Cell, reference: Cell) -> Result:
    """Rate of the event in the group divided by that of the reference (times), with both rates as a
    page prints them."""
    if not (cell.is_shown and reference.is_shown):
        return hidden(MAIN, method_of(measure), "times", (cell, reference))
    found = _ratio(measure, cell, reference)
    if not isinstance(found, Estimate):
        return found
    levels = {
        "group_value": measure.scale * cell.events / cell.base,
        "comparison_value": measure.scale * reference.events / reference.base,
    }
    return replace(found, **levels)


def hidden(
    estimand: str, method: str, unit: str, pair: tuple[Cell, Cell]
) -> Withheld | NotEstimable:
    """What stands in the place of a number where a cell is not shown: withheld here, or not given
    by the table."""
    reason = next((cell.reason for cell in pair if cell.reason), None)
    return (
        Withheld(estimand, method, unit)
        if reason is None
        else NotEstimable(estimand, method, unit, reason)
    )


def method_of(measure: Measure) -> str:
    """How the ratio of a measure and its interval are worked out."""
    if measure.kind == "share":
        return "score"
    return "clustered_by_person" if measure.repeats == "person" else "log"


def _ratio(measure: Measure, cell: Cell, reference: Cell) -> Estimate | NotEstimable:
    numbers = (cell.events, cell.base, reference.events, reference.base)
    if measure.kind == "share":
        return relative_rate_index(*(int(n) for n in numbers))
    if measure.repeats == "person":
        return relative_rate_inflated(
            *numbers, inflation=cell.inflation, reference_inflation=reference.inflation
        )
    return relative_rate_of_events(*numbers)


def exact_relative_rate(measure: Measure, cell: Cell, reference: Cell) -> Result:
    """The exact conditional interval, for rates and for risks read as rates: what official
    pipelines publish."""
    if not (cell.is_shown and reference.is_shown):
        return hidden(MAIN, "exact_conditional", "times", (cell, reference))
    return relative_rate_of_events(
        cell.events, cell.base, reference.events, reference.base, method="exact"
    )


def opposite(measure: Measure, cell: Cell, reference: Cell) -> Result | None:
    """The ratio of those without the event (times); None for rates, which have no opposite."""
    if measure.kind == "rate":
        return None
    if not (cell.is_shown and reference.is_shown):
        return hidden(OPPOSITE, "score", "times", (cell, reference))
    without = [int(c.base) - c.events for c in (cell, reference)]
    found = relative_rate_index(without[0], int(cell.base), without[1], int(reference.base))
    return replace(found, estimand=OPPOSITE)


def gap(measure: Measure, cell: Cell, reference: Cell) -> Result:
    """Rate of the event in the group less that of the reference: in every 100, or in every so much
    exposure."""
    unit = "in_every_100" if measure.kind == "share" else PER_EXPOSURE
    if not (cell.is_shown and reference.is_shown):
        return hidden(GAP, method_of(measure), unit, (cell, reference))
    if measure.kind == "share":
        found = rate_difference(cell.events, int(cell.base), reference.events, int(reference.base))
        return replace(found, estimand=GAP, unit=unit)
    sides = [measure.scale * c.events / c.base for c in (cell, reference)]
    errors = [measure.scale * np.sqrt(c.inflation * c.events) / c.base for c in (cell, reference)]
    value, reach = sides[0] - sides[1], Z * float(np.hypot(*errors))
    return Estimate(
        GAP,
        "normal",
        unit,
        value,
        value - reach,
        value + reach,
        group_value=sides[0],
        comparison_value=sides[1],
    )


def smallest_shown(measure: Measure, cell: Cell, reference: Cell) -> float | None:
    """Smallest ratio that these numbers would show four times in five (times), where the group is
    worse off.

    Above 1 for a bad event, below 1 for a good one; None where none would.
    """
    if not (cell.is_shown and reference.is_shown and reference.events):
        return None
    rate, higher = reference.events / reference.base, measure.counts != "good"
    if measure.kind == "share":
        bases = (int(cell.base), int(reference.base))
        return (
            smallest_detectable_ratio(*bases, reference_rate=rate, higher=higher)
            if rate < 1
            else None
        )
    sides = (cell.base / max(cell.inflation, 1.0), reference.base / max(reference.inflation, 1.0))
    return smallest_detectable_rate_ratio(*sides, reference_rate=rate, higher=higher)


def verdict_on(
    plan: Monitor, measure: Measure, cell: Cell, reference: Cell, *, p_adjusted: float | None
) -> Verdict:
    """The verdict of METHODS section 0 rule 5 on what is shown; insufficient data where the ratio
    is not estimable."""
    rule = VerdictRule(counts=measure.good_or_bad, band=plan.band.limits, alpha=plan.alpha)
    p = 1.0 if p_adjusted is None else p_adjusted
    if not (cell.is_shown and reference.is_shown) or _too_few(plan, measure, cell, reference):
        return Verdict("insufficient_data", None)
    numbers = (cell.events, cell.base, reference.events, reference.base)
    if measure.kind == "share":
        return verdict(*(int(n) for n in numbers), rule, p_adjusted=p)
    clustered = _ratio(measure, cell, reference) if measure.repeats == "person" else None
    return verdict_of_rates(
        RateSide(cell.events, cell.base, cell.people),
        RateSide(reference.events, reference.base, reference.people),
        rule,
        p_adjusted=p,
        clustered=clustered,
    )


def _too_few(plan: Monitor, measure: Measure, cell: Cell, reference: Cell) -> bool:
    """Fewer people, or fewer expected events, than the plan asks for (at least those of METHODS
    section 0 rule 5)."""
    if cell.few or reference.few or min(cell.people, reference.people) < plan.smallest.base:
        return True
    events, base = cell.events + reference.events, cell.base + reference.base
    rare = min(events, base - events) if measure.kind == "share" else events
    return min(cell.base, reference.base) * rare / base < plan.smallest.expected


def compared(plan: Monitor) -> Iterator[tuple[Measure, str]]:
    """Every cell of the page: measure and group, the reference left out."""
    for measure in plan.measures:
        for group in plan.compared_groups:
            yield measure, group
