"""Rows of a monitor's record by measure and group, and the slots and numbers that sentences take
from them."""

import re

from analysis.judgement.disparities import (
    ASKED,
    OPPOSITE,
    TO_BE_ASKED,
    WAITS,
    Disparity,
)
from analysis.judgement.explanations import NOT_ASKED_WORDS, SEEN
from analysis.judgement.finding import Slots, characteristics
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.periods import months_before, period_words
from analysis.plans.monitor import Measure, Monitor
from analysis.record.record import Record, RecordedCheck
from analysis.record.row import Row
from analysis.said.texts import settled
from analysis.studies.disparity.shown.years_words import chance_set_aside_by_the_sum
from analysis.vocabulary.ethnicity import HEADS, of_group
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

MAIN = "relative_rate_index"
NOT_HERE = "[z]"
# Verdicts in the order in which a page counts them: what asks for an answer first, what says least
# last.
ORDER = (
    "disparity",
    "practical_only",
    "small_not_chance",
    "no_disparity_shown",
    "within_band",
    "insufficient_data",
)
VERDICT_WORDS = {
    "disparity": "disparity",
    "small_not_chance": "small, not chance",
    "practical_only": "practical only",
    "within_band": "within the band",
    "no_disparity_shown": "none shown",
    "insufficient_data": "too few",
    "withheld": "withheld [c]",
    "not_estimable": "not worked out",
}
MONTHS = {"quarter": 3, "year": 12}  # in a round


def people_from(group: str, people: str) -> str:
    """ "Black people on licence", "people of Mixed ethnicity on licence": the one form of every
    page."""
    return of_group(group, people)


def people_word(measure: Measure) -> str:
    """One word for those who are counted: children, applicants, staff, or people."""
    return next(word for word in measure.people.split() if word in HEADS)


def period_of(plan: Monitor, record: Record) -> str:
    """The round of the figures in words: "July to September 2026", "year to March 2025"."""
    if record.period_from is None:
        return capital(plan.data.cohort)
    return _length_words(plan, record.period_from, record.period_to)


def _length_words(plan: Monitor, first: str, last: str) -> str:
    """A period as long as a round of the monitor."""
    words = period_words(first, last)
    if plan.round.length != "year":
        return words
    return settled(f"year to {words.split(' to ')[-1]}")


def period_before(plan: Monitor, record: Record, note: str) -> str:
    """The period of the round that a row with this note is of, in words; without dates its name."""
    length = MONTHS[plan.round.length]
    if record.period_from is None:
        return {
            "last_round": "the round before",
            "same_round_last_year": "the same round a year before",
        }[note]
    back = {"last_round": length, "same_round_last_year": 12}[note]
    first, last = months_before(record.period_from, back, length=length)
    return _length_words(plan, first, last)


def place_words(plan: Monitor, place: str) -> str:
    kind = place_set(plan.data.places)
    return kind.together if place in (ALL, NATIONAL) else kind.name(place)


def cell_slots(plan: Monitor, measure: Measure, group: str, place: str) -> Slots:
    """The slots of one comparison."""
    return Slots(
        place=place_words(plan, place),
        programme="",
        group=people_from(group, measure.people),
        comparison=people_from(plan.groups.reference, measure.people),
        units="",
        noun=measure.noun,
        measure=measure.noun,
        event=measure.plain,
        events=measure.events or "",
        people=people_word(measure),
        per=measure.per_words,
        covariates=characteristics(plan.adjust_for.outside),
    )


def answer_row(plan: Monitor, record: Record, measure: Measure, group: str) -> Row | None:
    """The row of one comparison that has the verdict."""
    named = f"{group} to {plan.groups.reference}"
    family = plan.page_family.name
    return record.find(outcome=measure.id, group=named, estimand=MAIN, family=family)


def drawn_row(plan: Monitor, record: Record, measure: Measure, group: str) -> Row | None:
    """The same for a figure: too few people or events draw no comparison (rule S16), and the line
    keeps its word."""
    row = answer_row(plan, record, measure, group)
    few = row is not None and row.result_class == "insufficient_data"
    numbers = ("value", "conf_low", "conf_high", "group_value", "comparison_value")
    return row.with_(**dict.fromkeys(numbers)) if few else row


def beside_row(
    plan: Monitor, record: Record, measure: Measure, group: str, note: str
) -> Row | None:
    """A row beside it: `outside` or `both` (adjusted), `last_round`, `same_round_last_year`,
    `round_2024`."""
    return record.find(outcome=measure.id, group=f"{group} to {plan.groups.reference}", note=note)


def page_rows(plan: Monitor, record: Record) -> list[tuple[Measure, str, Row]]:
    """Every comparison of the page in the order of the plan."""
    return [
        (measure, group, row)
        for measure in plan.measures
        for group in plan.compared_groups
        if (row := answer_row(plan, record, measure, group)) is not None
    ]


def leading(plan: Monitor, record: Record) -> tuple[Measure, str, Row]:
    """The comparison that heads the page: the one that the plan names, whatever it shows, in every
    place and round."""
    measure, group = plan.measure(plan.leads.measure), plan.leads.group
    return measure, group, answer_row(plan, record, measure, group)


def verdict_words(row: Row, measure: Measure | None = None) -> str:
    """The verdict in a cell, and whether it is set by the others: with `measure` in the words for
    what happened to them."""
    word = VERDICT_WORDS.get(row.result_class, row.result_class)
    if row.decided_by != OPPOSITE:
        return word
    return (
        f"{word}, by those who {measure.opposite}"
        if measure is not None
        else f"{word}, by the other event"
    )


def worse_words(plan: Monitor, row: Row) -> str:
    """Who is worse off in a cell: the group, the reference, or [z] where the verdict speaks of no
    side."""
    sides = dict(zip(("group", "reference"), row.group.split(" to "), strict=True))
    return sides.get(row.worse_off, NOT_HERE)


def disparity_of(plan: Monitor, record: Record, measure: Measure, group: str) -> Disparity:
    """What the sentences need of one comparison. A verdict that is not there counts as too few."""
    row = answer_row(plan, record, measure, group)
    verdict = row.result_class if row.result_class in ORDER else "insufficient_data"
    if verdict == "insufficient_data" or row.value is None:
        return Disparity(
            "insufficient_data", people=row.n_treated, withheld=row.status == "withheld"
        )
    adjusted = beside_row(plan, record, measure, group, "outside")
    known = adjusted is not None and adjusted.status == "estimated"
    held = next((c for c in record.checks if c.id == f"persistent_{measure.id}_{group}"), None)
    return Disparity(
        verdict,
        row.value,
        row.conf_low,
        row.conf_high,
        group_rate=row.group_value,
        reference_rate=row.comparison_value,
        band_low=plan.band.low,
        band_high=plan.band.high,
        mde=row.mde,
        rounds=_rounds(held),
        adjusted=tuple(getattr(adjusted, k) for k in ("value", "conf_low", "conf_high"))
        if known
        else None,
        outside=characteristics(plan.adjust_for.outside),
        service_decided=characteristics(plan.adjust_for.service_decided),
        asked=_asked(plan, record, measure, group),
        asked_if=plan.explain_or_reform and plan.explain_or_reform.asked_after.words,
        people=row.n_treated,
        year_alone=chance_set_aside_by_the_sum(record, row),
        opposite=row.opposite,
        without=measure.opposite,
        decided_by=row.decided_by,
        worse_off=row.worse_off,
        counts=row.counts,
    )


def _explanation(record: Record, measure: Measure, group: str) -> RecordedCheck | None:
    """The check that says where the explanation of a disparity stands; none where nobody is
    asked."""
    return next((c for c in record.checks if c.id == f"explanation_{measure.id}_{group}"), None)


def _asked(plan: Monitor, record: Record, measure: Measure, group: str) -> str | None:
    """Whether an explanation is asked for, by the state in the record; None where nobody is there
    to be asked."""
    if plan.explain_or_reform is None or measure.good_or_bad is None:
        return None
    if answer_row(plan, record, measure, group).result_class != "disparity":
        return ASKED
    line = explanation_state(record, measure, group)
    if not line:
        return None
    if not line.startswith(NOT_ASKED_WORDS):
        return ASKED
    return WAITS if line.startswith(SEEN) else TO_BE_ASKED


def explanation_state(record: Record, measure: Measure, group: str) -> str:
    """Where the explanation of one comparison stands, in the words of its check; empty where none
    is looked at."""
    check = _explanation(record, measure, group)
    return "" if check is None else check.text.partition(f"{measure.noun}, {group}: ")[2]


def _rounds(held: RecordedCheck | None) -> tuple[int, int] | None:
    """(same verdict in, of the last), from the check that says so."""
    if held is None:
        return None
    found = re.search(r"in (\d+) of the last (\d+) rounds", held.text)
    return int(found[1]), int(found[2])
