"""Rates of an event by ethnic group, with a verdict in words: a section of a place's page, from its
record."""

from dataclasses import replace

from analysis.disparity.relative_rate import EVENT, smallest_detectable_ratio
from analysis.judgement.disparities import Disparity, rri_can_say, rri_cannot_say
from analysis.judgement.finding import Slots
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome, Plan
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.sections.page.block import RateLine, RateSection
from analysis.study.words import slots
from analysis.vocabulary.ethnicity import of_group


def rate_sections(plan: Plan, record: Record) -> tuple[RateSection, ...]:
    """Every outcome for which the record holds relative rates, in the order of the plan."""
    found = []
    for outcome in plan.compared:
        rows = record.rows_where(outcome=outcome.id, estimand="relative_rate_index")
        if rows and plan.band is not None:
            lines = tuple(_line(plan, outcome, record.region, row) for row in rows)
            found.append(RateSection(f"{capital(plan.words.person)} who {outcome.event}", lines))
    return tuple(found)


def _line(plan: Plan, outcome: Outcome, place: str, row: Row) -> RateLine:
    group, reference = row.group.split(" to ")
    words = _slots(plan, outcome, place, group, reference)
    if row.status == "withheld":
        return RateLine(
            group, "Withheld to protect people [c].", "That the number is zero, small, good or bad."
        )
    band = plan.band
    undecided = row.result_class in (None, "insufficient_data")
    if row.status != "estimated" or undecided or band is None:
        disparity = Disparity("insufficient_data")
    else:
        disparity = Disparity(
            row.result_class or "",
            row.value,
            row.conf_low,
            row.conf_high,
            group_rate=row.group_value,
            reference_rate=row.comparison_value,
            band_low=band.low,
            band_high=band.high,
            mde=_smallest(row),
            asked=None,
            opposite=row.opposite,
            without=outcome.opposite,
            decided_by=row.decided_by or EVENT,
            worse_off=row.worse_off,
            counts=row.counts,
        )
    return RateLine(
        capital(of_group(group)), rri_can_say(disparity, words), rri_cannot_say(disparity, words)
    )


def _smallest(row: Row) -> float | None:
    """The smallest ratio, where the group is worse off, that this number of people could show."""
    base, whole, level = row.n_treated, row.n, row.comparison_value
    if base is None or whole is None or level is None:
        return None
    share, higher = level / 100, row.counts != "good"
    return (
        smallest_detectable_ratio(base, whole - base, reference_rate=share, higher=higher)
        if 0 < share < 1
        else None
    )


def _slots(plan: Plan, outcome: Outcome, place: str, group: str, reference: str) -> Slots:
    people = plan.words.person if "who" not in plan.words.person.split() else "people"
    return replace(
        slots(plan, outcome, place),
        event=outcome.event,
        group=of_group(group, people),
        comparison=of_group(reference, people),
    )
