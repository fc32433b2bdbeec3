"""The pages of reports of discrimination: those of every pilot, with what people experienced beside
what was reported."""

from collections.abc import Mapping
from dataclasses import replace

from analysis.judgement.wording.figures_in_words import fixed
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.said.phrases import CI_95, EVERY_100
from analysis.said.texts import sentence
from analysis.sections.page import pilot
from analysis.sections.page.answer import answer_block
from analysis.sections.page.block import AnswerBlock
from analysis.studies.interrupted_reporting.offers import EXPERIENCED, INCIDENTS
from analysis.vocabulary.regions import ALL, NATIONAL

BY_GROUP = (
    "The step within each ethnic group stands below, and what became of their reports. Whether"
    " groups differ in the step was not tested."
)
BY_GROUP_HERE = (
    "What became of reports is set beside each other by ethnic group below. Steps within ethnic"
    " groups stand on the page of all regions."
)

OWN_FIGURES = (
    "These are own figures. The change came to the whole nation on one date, so that no effect of"
    " it can be worked out here."
)


def block(
    plan: Plan, record: Record, national: Record, places: Mapping[str, Record] | None = None
) -> AnswerBlock:
    """The block of every pilot; what people said in the survey comes after the answer."""
    found = answer_block(plan, record, national, places)
    said = tuple(line for line in (_experienced(record), _for_each(record)) if line)
    found = replace(found, lines=(*found.lines, *said), by_group=BY_GROUP)
    if record.region in (ALL, NATIONAL):
        return found
    return replace(found, can_say=(OWN_FIGURES,), by_group=BY_GROUP_HERE)


@sentence
def _experienced(record: Record) -> str:
    """ "In the survey, 17.9 in every 100 people said before that they ..."."""
    rows = {row.method: row for row in record.rows if row.outcome == EXPERIENCED}
    since, before = rows.get("count"), rows.get("first_wave")
    if since is None or before is None or since.value is None or before.value is None:
        return "What people said in the survey is not shown here."
    shares = (
        f"In the survey, {fixed(before.value, 1)} {EVERY_100} people said before the change that"
        f" they had experienced discrimination in the last year, and {fixed(since.value, 1)} since."
    )
    return f"{shares}{_apart(rows.get('two_waves'))}"


def _apart(row: Row | None) -> str:
    """By how much the waves differ, weighted by response; nothing where that is not shown."""
    if row is None or row.status != "estimated":
        return ""
    value, low, high = map(_more, row.estimate)
    return f" Weighted by response, that is {value} ({CI_95} {low} to {high})."


def _more(value: float) -> str:
    return f"{fixed(abs(value), 1)} {'fewer' if value < 0 else 'more'}"


@sentence
def _for_each(record: Record) -> str:
    """How many times as many incidents are reported for each person who experienced it."""
    row = record.find(outcome=INCIDENTS, estimand="reports_for_experience", method="delta_method")
    if row is None or row.status != "estimated":
        return ""
    value, low, high = (fixed(end, 2) for end in row.estimate)
    return (
        f"For each person who experienced it, {value} times as many incidents were reported as"
        f" before ({CI_95} {low} to {high} times), all change over time included."
    )


PAGE = replace(pilot.PAGE, block=block)
