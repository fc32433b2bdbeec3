"""From rows of a monitor's record to the sentences of its page: the comparison that the plan lets
lead, and each other."""

import pandas as pd

from analysis.judgement.disparities import (
    after_adjustment,
    rri_can_say,
    rri_cannot_say,
    rri_size,
    rri_verdict,
)
from analysis.judgement.explanations import NOT_ASKED_WORDS
from analysis.judgement.finding import Slots
from analysis.judgement.wording.disparity_headings import ShortGroup, rri_heading
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.periods import break_line
from analysis.judgement.wording.rates_in_words import interval_text, ratio_texts
from analysis.plans.monitor import Measure, Monitor
from analysis.record.record import Record, Statement
from analysis.said.texts import sentence, together
from analysis.said.told import told
from analysis.studies.disparity.rows import (
    MAIN,
    NOT_HERE,
    OPPOSITE,
    ORDER,
    VERDICT_WORDS,
    answer_row,
    beside_row,
    cell_slots,
    disparity_of,
    drawn_row,
    explanation_state,
    leading,
    page_rows,
    people_from,
    people_word,
    period_before,
    period_of,
    place_words,
    verdict_words,
    worse_words,
)
from analysis.studies.disparity.shown.given_words import CANNOT_SAY as NOT_GIVEN_CANNOT_SAY
from analysis.studies.disparity.shown.given_words import given_heading, given_line, is_not_given
from analysis.studies.disparity.shown.years_words import (
    how_they_differ,
    is_of_rounds_that_differ,
    years_of,
)
from analysis.studies.disparity.years import round_of

# The same in a count of all comparisons of a page.
COUNTED = {
    "disparity": "disparity",
    "practical_only": "outside the band, may be chance",
    "small_not_chance": "small, not chance",
    "no_disparity_shown": "none shown",
    "within_band": "within the band",
    "insufficient_data": "too few",
    "not_estimable": "without a ratio",
    "withheld": "withheld",
}
NO_YEAR_LIKE_ANOTHER = "What a coming year will be like; that one ratio holds for all years."
CANNOT_WITHHELD = "That the number is zero, small, good or bad."
NEITHER = "The plan calls more of it neither better nor worse: {why}."
SAME = "the same measure and group"


@sentence
def break_lines(plan: Monitor, first: pd.Timestamp, after: pd.Timestamp) -> tuple[str, ...]:
    """The breaks of the plan from the first day of the rounds shown to the day before `after`, one
    line each."""
    inside = [b for b in plan.trend.breaks if first < pd.Timestamp(b.date) < after]
    return tuple(break_line(one.date, one.text) for one in inside)


@sentence
def can_say(plan: Monitor, record: Record, measure: Measure, group: str) -> str:
    """Counts, ratio and verdict of one comparison, in sentences."""
    return _with_rounds(plan, record, measure, group, rri_can_say)


@sentence
def verdict_line(plan: Monitor, record: Record, measure: Measure, group: str) -> str:
    """The same without counts and ratio, where these stand above it."""
    row = answer_row(plan, record, measure, group)
    if (
        row.status == "withheld"
        or is_not_given(row)
        or is_of_rounds_that_differ(row)
        or measure.pool_rounds
    ):
        return can_say(plan, record, measure, group)
    said = rri_verdict(
        disparity_of(plan, record, measure, group),
        _slots(plan, record, measure, group),
        adjusted=False,
    )
    return _marked(said, measure, group)


def _with_rounds(plan: Monitor, record: Record, measure: Measure, group: str, words) -> str:
    row = answer_row(plan, record, measure, group)
    if row.status == "withheld":
        return f"Figures for {people_from(group, measure.people)} are withheld to protect people."
    if is_not_given(row):
        return _marked(given_line(record, measure, group), measure, group)
    said = words(disparity_of(plan, record, measure, group), _slots(plan, record, measure, group))
    if is_of_rounds_that_differ(row):
        said = f"{how_they_differ(record, row)} {said}"
    elif measure.pool_rounds:
        said = f"{years_of(record, row)} added up: {said}"
    return _marked(said, measure, group)


def _marked(said: str, measure: Measure, group: str) -> str:
    marked = measure.marks.get(group)
    noted = f"{said} Note: {marked}." if marked else said
    return f"{noted} {NEITHER.format(why=measure.why)}" if measure.why else noted


def _slots(plan: Monitor, record: Record, measure: Measure, group: str) -> Slots:
    return cell_slots(plan, measure, group, record.region)


@sentence
def cannot_say(plan: Monitor, record: Record, measure: Measure, group: str) -> str:
    row = answer_row(plan, record, measure, group)
    if row.status == "withheld":
        return f"{CANNOT_WITHHELD} This is not a pass."
    if is_not_given(row):
        return NOT_GIVEN_CANNOT_SAY
    said = rri_cannot_say(
        disparity_of(plan, record, measure, group), _slots(plan, record, measure, group)
    )
    return f"{said} {NO_YEAR_LIKE_ANOTHER}" if is_of_rounds_that_differ(row) else said


@sentence
def headline(plan: Monitor, record: Record) -> str:
    """The heading of the page, from the comparison that leads."""
    return heading_of(plan, record, *leading(plan, record)[:2])


@sentence
def heading_of(plan: Monitor, record: Record, measure: Measure, group: str) -> str:
    """The heading that one comparison would give a page."""
    row, words = answer_row(plan, record, measure, group), _slots(plan, record, measure, group)
    if is_not_given(row):
        return given_heading(row, measure, group, words.place)
    short, year = short_group(plan, measure, group), round_of(row.note) or ""
    return rri_heading(disparity_of(plan, record, measure, group), words, short, year)


def short_group(plan: Monitor, measure: Measure, group: str) -> ShortGroup:
    """The two sides in few words: "Black children", "White children"; "Mixed ethnicity" as a
    label."""
    people, reference = people_word(measure), plan.groups.reference
    short = people_from(group, people)
    label = {"Mixed": "Mixed ethnicity", "Other": "Other ethnic groups"}.get(group, short)
    return ShortGroup(short, people_from(reference, people), reference, label)


@sentence
def size_line(plan: Monitor, record: Record) -> str:
    """Counts and ratio of the comparison that leads, its period first: the first sentences of a
    page."""
    measure, group, _ = leading(plan, record)
    said = rri_size(
        disparity_of(plan, record, measure, group), _slots(plan, record, measure, group)
    )
    return _in_period(plan, record, said or can_say(plan, record, measure, group))


@sentence
def _in_period(plan: Monitor, record: Record, said: str) -> str:
    """The period before the first sentence, which keeps a capital only where a group or "That"
    begins it."""
    return f"{capital(period_of(plan, record))}: {_after_colon(said)}"


def _after_colon(text: str) -> str:
    first = text.split(" ", 1)[0]
    return (
        text[:1].lower() + text[1:] if first in ("Figures", "Too", "The", "Some", "Not") else text
    )


@sentence
def adjusted_line(plan: Monitor, record: Record, measure: Measure, group: str) -> str:
    """ "After allowing for age and sex: 1.20 (1.00 to 1.40)."; empty where nothing is allowed
    for."""
    return after_adjustment(
        disparity_of(plan, record, measure, group), _slots(plan, record, measure, group)
    )


@sentence
def counted_line(plan: Monitor, record: Record) -> str:
    """How many comparisons the page holds, and what they show; too few and withheld apart, and
    neither a pass."""
    found = [row.result_class for _, _, row in page_rows(plan, record)]
    said = [
        f"{words} {told(found.count(name))}" for name, words in COUNTED.items() if found.count(name)
    ]
    missing = len(found) - sum(found.count(name) for name in ORDER[:-1])
    no_pass = " What could not be compared is not a pass." if missing else ""
    many = "comparison" if len(found) == 1 else "comparisons"
    return f"{told(len(found))} {many} on this page: {together('; ', said)}.{no_pass}"


def chance_line(record: Record) -> str:
    """How often chance alone would show a disparity on such a page; empty where no comparison can
    be made."""
    return next((c.text for c in record.checks if c.id == "chance_alone"), "")


def explanation_lines(record: Record) -> tuple[str, ...]:
    """Where each explanation stands, in the words of the register; those that nobody is asked for
    yet come last."""
    checks = [c for c in record.checks if c.id.startswith("explanation_")]
    return tuple(
        capital(c.text) for c in sorted(checks, key=lambda c: f": {NOT_ASKED_WORDS}" in c.text)
    )


@sentence
def since_line(plan: Monitor, record: Record, measure: Measure, group: str) -> str:
    """What the ratio was in the round before and a year before, of the same measure and group;
    empty where it is not known."""
    found = disparity_of(plan, record, measure, group)
    if found.verdict == "insufficient_data":
        return ""
    was = f"{people_from(group, measure.people)} {measure.plain}" if found.by_opposite else "was"
    parts = []
    for note in ("last_round", "same_round_last_year"):
        row = beside_row(plan, record, measure, group, note)
        if row is not None and row.status == "estimated":
            r, low, high = ratio_texts(row.value, row.conf_low, row.conf_high)
            interval = f"({interval_text(low, high, row.conf_high)})"
            parts.append(
                f"{period_before(plan, record, note)}: {was} {r}"
                f" {'times as often ' * found.by_opposite}{interval}"
            )
            was = "was"
    said = (
        together(". ", map(capital, parts)) if found.by_opposite else capital(together("; ", parts))
    )
    return f"{said}, {SAME}." if parts else ""


def statement(plan: Monitor, record: Record) -> Statement:
    """Headline, what can be said and what cannot, of a page."""
    measure, group, _ = leading(plan, record)
    return Statement(
        headline=headline(plan, record),
        say=_in_period(plan, record, can_say(plan, record, measure, group)),
        cannot_say=cannot_say(plan, record, measure, group),
    )


__all__ = [
    "MAIN",
    "NOT_HERE",
    "OPPOSITE",
    "ORDER",
    "VERDICT_WORDS",
    "adjusted_line",
    "answer_row",
    "beside_row",
    "can_say",
    "cannot_say",
    "cell_slots",
    "chance_line",
    "counted_line",
    "disparity_of",
    "drawn_row",
    "explanation_lines",
    "explanation_state",
    "heading_of",
    "headline",
    "leading",
    "page_rows",
    "people_from",
    "people_word",
    "period_before",
    "period_of",
    "place_words",
    "short_group",
    "since_line",
    "size_line",
    "statement",
    "verdict_line",
    "verdict_words",
    "worse_words",
]
