"""What a page says where a table of counts does not give a number: what it leaves open, and that
there is no verdict.

Suppressed cells give a range, from the lowest to the highest that the table leaves open, and never
0. A percentage without its base is a point. Neither has an interval or a verdict.
"""

import math
from collections.abc import Iterator

from analysis.disclosure.rules import load_rules, round_to_base
from analysis.judgement.wording.figures_in_words import listed
from analysis.judgement.wording.rates_in_words import times
from analysis.plans.monitor import Measure
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import NOT_GIVEN_REASONS, CheckResult
from analysis.studies.disparity.cells import compared
from analysis.studies.disparity.counted.table_counts import NO_BASE, NO_ROW, SUPPRESSED, TableCounts
from analysis.studies.disparity.figures import MonitorFigures
from analysis.studies.disparity.rows import people_from, people_word

GIVEN = "given_"  # of the id of a check, measure and group after it
NO_VERDICT = "There is no interval and no verdict."
CANNOT_SAY = "Whether the two differ by more than chance. This is not a pass."
HEADINGS = {
    SUPPRESSED: (
        "some numbers of {people} were suppressed before they came",
        "numbers suppressed before they came",
    ),
    NO_BASE: (
        "percentages of {people}, without the number of people",
        "percentages without the number of people",
    ),
    NO_ROW: ("the table has no row of {people}", "no row in the table"),
}
NOBODY_COUNTED = ("the table counts nobody among {people}", "nobody is counted")
MOST_WORDS = 14


def is_not_given(row: Row) -> bool:
    """The table that was read does not give the numbers of this row."""
    return row.status == "not_estimable" and row.reason in NOT_GIVEN_REASONS


def given_line(record: Record, measure: Measure, group: str) -> str:
    """What the table leaves open of one comparison, in the words of its check."""
    return next((c.text for c in record.checks if c.id == f"{GIVEN}{measure.id}_{group}"), "")


def given_heading(row: Row, measure: Measure, group: str, place: str) -> str:
    """The heading of a comparison that the table does not give."""
    people = people_from(group, people_word(measure))
    said = HEADINGS.get(row.reason, NOBODY_COUNTED)
    found = [f", {measure.events or measure.noun}: {text.format(people=people)}" for text in said]
    return place + next((text for text in found if len(text.split()) <= MOST_WORDS), found[-1])


def given_checks(study: MonitorFigures) -> Iterator[CheckResult]:
    """For each comparison that the table does not give what it leaves open; how totals and labels
    were read."""
    counts = study.counts
    if not isinstance(counts, TableCounts):
        return
    for measure, group in compared(study.plan):
        reasons = {
            side: counts.not_given(measure, None, side)
            for side in (group, study.plan.groups.reference)
        }
        if any(reasons.values()):
            text = _text(study, measure, group, reasons)
            yield CheckResult(f"{GIVEN}{measure.id}_{group}", None, text, bears_on="nothing")
    if counts.totals.all:
        agrees = counts.totals.differ == 0 and counts.totals.agree > 0
        passed = agrees or (None if not counts.totals.differ else False)
        yield CheckResult("totals_of_the_table", passed, totals_line(counts), bears_on="nothing")
    if counts.not_mapped:
        yield CheckResult("labels_not_mapped", None, not_mapped_line(study), bears_on="nothing")


def _text(
    study: MonitorFigures, measure: Measure, group: str, reasons: dict[str, str | None]
) -> str:
    counts, reference = study.counts, study.plan.groups.reference
    sides = tuple(people_from(side, measure.people) for side in (group, reference))
    without = listed(
        tuple(people_from(side, measure.people) for side, reason in reasons.items() if reason)
    )
    found = set(filter(None, reasons.values()))
    if NO_ROW in found:
        return f"The table has no row of {without}. {NO_VERDICT}"
    if NO_BASE in found and study.already_public:
        return _points(measure, sides, [counts.percent_of(measure, side) for side in reasons])
    if SUPPRESSED not in found:
        return f"The table counts nobody among {without}. {NO_VERDICT}"
    first = f"Some numbers of {without} were suppressed before they came here."
    if not study.already_public:
        return f"{first} No ratio is worked out."
    ranges = [
        counts.range_of(measure, side).rate(is_share=measure.kind == "share") for side in reasons
    ]
    return f"{first} {_ranges(measure, sides, ranges)} {NO_VERDICT}"


def _points(measure: Measure, sides: tuple[str, str], values: list[float | None]) -> str:
    """Percentages as published, and the points between them."""
    if None in values:
        return f"Not every percentage of {listed(sides)} is given. {NO_VERDICT}"
    own, other = values
    return (
        f"{_number(own)} in every 100 {sides[0]} {measure.plain}; {_number(other)} in every 100"
        f" {sides[1]}: {_number(abs(own - other))} percentage points apart. The number of people"
        " was not published, so there is no margin of error and no verdict."
    )


def _ranges(measure: Measure, sides: tuple[str, str], ranges: list[tuple[float, float]]) -> str:
    """Rates and their ratio, from the lowest to the highest; open where nothing bounds them."""
    (low, high), (other_low, other_high) = ranges
    rates = [_between(measure.scale * a, measure.scale * b, _number, 1) for a, b in ranges]
    least = low / other_high if other_high and math.isfinite(other_high) else 0.0
    most = high / other_low if other_low else math.inf
    event = measure.events or f"who {measure.plain}"
    both = (
        f"In every {measure.per_words}: {rates[0]} {event} among {sides[0]}, {rates[1]} among"
        f" {sides[1]}."
    )
    return (
        f"{both} That is {_between(least, most, times, 2)} times as often, whatever the suppressed"
        " numbers are."
    )


def _between(low: float, high: float, text, decimals: int) -> str:
    """Both ends, rounded outwards: what is printed holds all that the table leaves open."""
    if low == high:
        return text(low)
    low = math.floor(low * 10**decimals) / 10**decimals
    if not math.isfinite(high):
        return f"at least {text(low)}"
    high = math.ceil(high * 10**decimals) / 10**decimals
    return text(low) if text(low) == text(high) else f"{text(low)} to {text(high)}"


def _number(value: float) -> str:
    return f"{value:,.1f}"


# -- how the table was read ------------------------------------------------------------------------
def totals_line(counts: TableCounts) -> str:
    """Whether the totals of the file are the sums of their parts; they are never counted as
    people."""
    seen = counts.totals
    said = (
        f"{seen.all} rows of totals are held against the sum of their parts and never counted:"
        f" {seen.agree} agree"
    )
    said += f", {seen.differ} differ" if seen.differ else ""
    return said + (f", {seen.not_compared} could not be compared." if seen.not_compared else ".")


def not_mapped_line(study: MonitorFigures) -> str:
    """Labels of groups that the plan maps to none of the page, with the people under them, newest
    round."""
    found = study.counts.not_mapped
    said = "; ".join(f"{label}: {_people(study, people)}" for label, (people, _) in found.items())
    return f"Not mapped to a group of this page and in no comparison: {said}."


def _people(study: MonitorFigures, people: int | None) -> str:
    if people is None:
        return "number not shown"
    if study.already_public:
        return f"{people:,}"
    return f"{round_to_base(people, load_rules().rounding_base.value):,}"
