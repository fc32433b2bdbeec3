"""What a monitor says on the page of a place: each of its comparisons as its own page has it, and
who owes an explanation."""

from collections.abc import Mapping

from analysis.display.amounts import is_drawn
from analysis.judgement.explanations import NOT_ASKED_WORDS, SEEN
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.monitor import Measure, Monitor
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.said.texts import joined, sentence
from analysis.said.told import told
from analysis.sections.page.at_place import (
    Cause,
    Difference,
    Explanation,
    Listed,
    Standing,
    StudyHere,
)
from analysis.studies.disparity.pooled import BESIDE
from analysis.studies.disparity.shown import words
from analysis.studies.disparity.shown.given_words import is_not_given
from analysis.vocabulary.regions import place_set

UNSURE = ("no_disparity_shown", "practical_only")  # the interval holds more than one answer
DISPARITY, NO_DISPARITY = "a disparity over all places", "no disparity shown over all places"
ORDER = (DISPARITY, NO_DISPARITY)


def monitor_here(
    plan: Monitor, record: Record, national: Record, places: Mapping[str, Record]
) -> StudyHere:
    """Every comparison of a place's page, in the order of the plan."""
    found = words.page_rows(plan, record)
    return StudyHere(
        tuple(_difference(plan, record, national, measure, group) for measure, group, _ in found)
    )


def _difference(
    plan: Monitor, record: Record, national: Record, measure: Measure, group: str
) -> Difference:
    row = words.answer_row(plan, record, measure, group)
    leads, whole = words.leading(plan, record), place_set(plan.data.places).together
    return Difference(
        measure=measure.id,
        group=group,
        noun=measure.noun,
        people=words.people_from(group, measure.people),
        said=_said(plan, record, measure, group),
        verdict=words.verdict_words(row, measure),
        worse_off=_worse_off(plan, measure, row),
        missing=_missing(row),
        unsure=row.result_class in UNSURE,
        leads=(measure.id, group) == (leads[0].id, leads[1]),
        own=words.drawn_row(plan, record, measure, group),
        national=_shown(words.drawn_row(plan, national, measure, group)),
        shrunken=_shown(words.beside_row(plan, record, measure, group, BESIDE)),
        whole=whole,
        band=(plan.band.low, plan.band.high),
        explanation=explanation_of(words.explanation_state(record, measure, group)),
    )


def _said(plan: Monitor, record: Record, measure: Measure, group: str) -> str:
    """The heading that the comparison would give a page, without the place."""
    said = words.heading_of(plan, record, measure, group)
    return capital(said.removeprefix(words.place_words(plan, record.region)).lstrip(":, "))


def _worse_off(plan: Monitor, measure: Measure, row: Row) -> str:
    """Who is worse off; empty where the verdict speaks of no side."""
    side = words.worse_words(plan, row)
    return "" if side == words.NOT_HERE else words.people_from(side, words.people_word(measure))


def _missing(row: Row) -> Cause | None:
    if row.result_class == "withheld":
        return "withheld"
    if is_not_given(row):
        return "not_given"
    few = row.result_class in (None, "insufficient_data", "not_estimable")
    return "too_few" if few else None


def _shown(row: Row | None) -> Row | None:
    return row if row is not None and is_drawn(row) else None


def explanation_of(line: str) -> Explanation | None:
    """What is still owed, from the line of the register as the record holds it; None for one that
    was accepted, that waits for further rounds, and where nothing is looked at."""
    if not line or line.startswith((SEEN, "accepted until")):
        return None
    standing = _standing(line)
    start, _, role = line.rpartition(" (")
    due = line.partition(", due ")[2].partition(",")[0] or start.partition("reform by ")[2]
    if standing == "to_be_asked":
        start, role = line.partition(". ")[0], line.partition("to be asked of the ")[2]
    state, dated, rest = start.partition(", due ")
    state = joined(",", (state, rest.partition(",")[2])) if dated else state
    late = "overdue" in line or "reform is due" in line
    return Explanation(standing, _role(role), due, late, capital(state))


def _role(text: str) -> str:
    """The role at the start of what stands after it."""
    for end in (")", ";", "."):
        text = text.partition(end)[0]
    return text


def _standing(line: str) -> Standing:
    if line.startswith(NOT_ASKED_WORDS):
        return "to_be_asked"
    for start, standing in _STARTS.items():
        if line.startswith(start):
            return standing
    raise ValueError("a line of the register has none of its states")


_STARTS: dict[str, Standing] = {
    "asked on": "asked",
    "received on": "received",
    "not accepted": "not_accepted",
}


@sentence
def monitor_listed(plan: Monitor, national: Record, places: Mapping[str, Record]) -> Listed:
    """The row of a monitor: rates side by side, so that no level has a comparison by design."""
    rows = [row for _, _, row in words.page_rows(plan, national)]
    shown = sum(row.result_class == "disparity" for row in rows)
    return Listed(
        known=DISPARITY if shown else NO_DISPARITY,
        level="none: rates side by side",
        finding=national.sentences.headline or plan.title,
        claim=f"disparities in the comparisons made or tried: {told(shown)} of {told(len(rows))}",
        harm="not judged by harm watch",
    )


__all__ = ["ORDER", "explanation_of", "monitor_here", "monitor_listed"]
