"""What a page says where a table of counts does not give a number: what it leaves open, and that
there is no verdict.

Suppressed cells give a range, from the lowest to the highest that the table leaves open, and never
0. A percentage without its base is a point. Neither has an interval or a verdict.
"""

import math
from collections.abc import Iterator

from analysis.disclosure.people_said import Asked, cleared_count
from analysis.judgement.wording.figures_in_words import listed
from analysis.plans.monitor import Measure
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import NOT_GIVEN_REASONS, CheckResult
from analysis.said.numbers import ClearedNumber, published, tally
from analysis.said.texts import joined, named, say
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
TOTALS, NOT_SHOWN = "rows of totals", "number not shown"


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
    sides = tuple(named(people_from(side, measure.people)) for side in (group, reference))
    without = named(
        listed(
            tuple(people_from(side, measure.people) for side, reason in reasons.items() if reason)
        )
    )
    found = set(filter(None, reasons.values()))
    if NO_ROW in found:
        return say("The table has no row of {without}. {no}", without=without, no=NO_VERDICT)
    if NO_BASE in found and study.already_public:
        return _points(measure, sides, [counts.percent_of(measure, side) for side in reasons])
    if SUPPRESSED not in found:
        return say("The table counts nobody among {without}. {no}", without=without, no=NO_VERDICT)
    first = say("Some numbers of {without} were suppressed before they came here.", without=without)
    if not study.already_public:
        return say("{first} No ratio is worked out.", first=first)
    ranges = [
        counts.range_of(measure, side).rate(is_share=measure.kind == "share") for side in reasons
    ]
    said = _ranges(measure, sides, ranges)
    return say("{first} {said} {no}", first=first, said=said, no=NO_VERDICT)


def _points(measure: Measure, sides: tuple[str, str], values: list[float | None]) -> str:
    """Percentages as published, and the points between them."""
    if None in values:
        both = named(listed(sides))
        return say("Not every percentage of {both} is given. {no}", both=both, no=NO_VERDICT)
    own, other = values
    return say(
        "{own} in every 100 {people} {plain}; {other} in every 100 {others}: {apart} percentage"
        " points apart. The number of people was not published, so there is no margin of error and"
        " no verdict.",
        own=published(own),
        people=sides[0],
        plain=named(measure.plain),
        other=published(other),
        others=sides[1],
        apart=published(abs(own - other)),
    )


def _ranges(measure: Measure, sides: tuple[str, str], ranges: list[tuple[float, float]]) -> str:
    """Rates and their ratio, from the lowest to the highest; open where nothing bounds them."""
    (low, high), (other_low, other_high) = ranges
    rates = [_between(measure.scale * a, measure.scale * b, 1) for a, b in ranges]
    least = low / other_high if other_high and math.isfinite(other_high) else 0.0
    most = high / other_low if other_low else math.inf
    return say(
        "In every {per}: {own} {event} among {people}, {other} among {others}. That is {often}"
        " times as often, whatever the suppressed numbers are.",
        per=named(measure.per_words),
        own=rates[0],
        event=named(measure.events or f"who {measure.plain}"),
        people=sides[0],
        other=rates[1],
        others=sides[1],
        often=_between(least, most, 2),
    )


def _between(low: float, high: float, decimals: int) -> str:
    """Both ends, rounded outwards: what is printed holds all that the table leaves open."""
    if low == high:
        return say("{both}", both=published(low, decimals))
    first = published(math.floor(low * 10**decimals) / 10**decimals, decimals)
    if not math.isfinite(high):
        return say("at least {low}", low=first)
    last = published(math.ceil(high * 10**decimals) / 10**decimals, decimals)
    if first.text == last.text:
        return say("{both}", both=first)
    return say("{low} to {high}", low=first, high=last)


# -- how the table was read ------------------------------------------------------------------------
def totals_line(counts: TableCounts) -> str:
    """Whether the totals of the file are the sums of their parts; they are never counted as
    people."""
    seen = counts.totals
    kinds = ((seen.differ, "differ"), (seen.not_compared, "could not be compared"))
    more = [say(", {n} {verb}", n=tally(rows, TOTALS), verb=verb) for rows, verb in kinds if rows]
    return say(
        "{all} rows of totals are held against the sum of their parts and never counted: {agree}"
        " agree{more}.",
        all=tally(seen.all, TOTALS),
        agree=tally(seen.agree, TOTALS),
        more=joined("", more),
    )


def not_mapped_line(study: MonitorFigures) -> str:
    """Labels of groups that the plan maps to none of the page, with the people under them, newest
    round."""
    found = study.counts.not_mapped
    said = [
        say("{label}: {people}", label=named(label), people=_people(study, label, people))
        for label, (people, _) in found.items()
    ]
    return say(
        "Not mapped to a group of this page and in no comparison: {said}.", said=joined("; ", said)
    )


def _people(study: MonitorFigures, label: str, people: int | None) -> ClearedNumber | str:
    if people is None:
        return NOT_SHOWN
    asked = Asked(study.place, "check: labels", study.clearance, group=label.replace(";", ","))
    found = cleared_count(people, asked)
    return NOT_SHOWN if found.is_withheld else found
