"""Each place's ratio drawn towards those of the places like it, from cleared rows alone.

Only rows that are shown on their place's page are put together, and only their printed numbers:
ratio and interval. What is withheld, or too few for a verdict, is not among them, so that no pooled
value can give it back (rule S13).

Counts are withheld where few had the event, so that the places that are left have higher ratios
than all of them: with 6 of 12 shown their mean was 1.41 where that of all people was 1.09. Hence
SMALLEST_SHARE.
"""

import math
from collections.abc import Mapping

from analysis.clearing.joint import SHRUNKEN
from analysis.disclosure.rules import released_figures
from analysis.display.amounts import is_drawn
from analysis.judgement.pools.pooling import SMALLEST_POOL, Pooled, PooledPlace, pool_results
from analysis.plans.monitor import Measure, Monitor
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import Estimate, NotEstimable, Result, Support, significant
from analysis.studies.disparity.shown import words
from analysis.study.public_counts import clearance_of_record
from analysis.vocabulary.regions import place_set

BESIDE = "beside_the_others"  # note of the row
REGIONS = "probation_regions"
SMALLEST_SHARE = 2 / 3  # of the places alike, shown: with fewer, what is withheld moves the mean


def alike(plan: Monitor) -> tuple[str, ...]:
    """Places that are set beside each other: the regions of the plan's set, or all of it where it
    holds no regions.

    Strata beside the regions (women's prisons) hold people of many regions and are no further
    region.
    """
    ids, regions = place_set(plan.data.places).ids, set(place_set(REGIONS).ids)
    return tuple(place for place in ids if place in regions) or ids


def fewest(plan: Monitor) -> int:
    """So many places at least must be shown for any to be drawn towards the others."""
    return max(SMALLEST_POOL, math.ceil(SMALLEST_SHARE * len(alike(plan))))


def with_shrunken(plan: Monitor, places: Mapping[str, Record]) -> dict[str, Record]:
    """The cleared records of `places`, each with its rows drawn towards the others at the end."""
    found = {place: [] for place in places}
    for measure in plan.measures:
        for group in plan.compared_groups:
            for place, row in shrunken_rows(plan, measure, group, places).items():
                found[place].append(row)
    return {
        place: record.with_(rows=(*record.rows, *found[place])) for place, record in places.items()
    }


def shrunken_rows(
    plan: Monitor, measure: Measure, group: str, places: Mapping[str, Record]
) -> dict[str, Row]:
    """By place, one comparison drawn towards the same one of the others; "not estimable" where too
    few are shown."""
    beside = of_the_newest_round({place: places[place] for place in alike(plan) if place in places})
    answers = {place: _shown(plan, record, measure, group) for place, record in beside.items()}
    answers = {place: row for place, row in answers.items() if row is not None}
    if len(answers) < fewest(plan):
        none = NotEstimable(words.MAIN, SHRUNKEN, "times", "too_few_places", Support())
        return {place: _row(none, row, len(answers)) for place, row in answers.items()}
    pooled = pool_results(
        {place: _estimate(row) for place, row in answers.items()},
        estimand=words.MAIN,
        unit="times",
        log=True,
    )
    if isinstance(pooled, NotEstimable):  # fewer than SMALLEST_POOL have a ratio above 0
        none = NotEstimable(words.MAIN, SHRUNKEN, "times", pooled.reason, Support())
        return {place: _row(none, row, len(answers)) for place, row in answers.items()}
    return {
        one.place: _shrunken(plan, places[one.place], answers[one.place], one, pooled)
        for one in pooled.places
    }


def of_the_newest_round(places: Mapping[str, Record]) -> dict[str, Record]:
    """The records whose newest round is that of most recent end: a place that did not deliver it is
    not put beside them."""
    ends = [record.period_to for record in places.values() if record.period_to]
    return {
        place: record
        for place, record in places.items()
        if not ends or record.period_to == max(ends)
    }


def _shown(plan: Monitor, record: Record, measure: Measure, group: str) -> Row | None:
    """The row that answers, where its place's page draws it."""
    row = words.drawn_row(plan, record, measure, group)
    return row if row is not None and is_drawn(row) else None


def _estimate(row: Row) -> Estimate:
    """The printed ratio and interval; the standard error of its log is read from them."""
    return Estimate(row.estimand, row.method, "times", row.value, row.conf_low, row.conf_high)


def _shrunken(plan: Monitor, record: Record, row: Row, one: PooledPlace, pooled: Pooled) -> Row:
    figures = released_figures(clearance_of_record(plan, record))
    numbers = (significant(x, figures) for x in (one.shrunken, one.shrunken_low, one.shrunken_high))
    return _row(
        Estimate(words.MAIN, SHRUNKEN, "times", *numbers, support=Support()),
        row,
        len(pooled.places),
    )


def _row(result: Result, own: Row, k: int) -> Row:
    """A row of the same comparison as `own`; `k` places are put together."""
    same = {key: getattr(own, key) for key in ("level", "outcome", "group", "direction", "sesoi")}
    return Row.of(result, **same, note=BESIDE, k=k).without_counts
