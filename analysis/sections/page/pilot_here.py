"""What a pilot says on the page of a place: the nation's answer, the place's own or why there is
none, and what is worse here."""

from collections.abc import Mapping

from analysis.clearing.harm_watch import watched_p
from analysis.clearing.headed import said_of
from analysis.judgement.classes import HARM_GRADES
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.sections.page.answer import answer_lines, badge, what_would_settle
from analysis.sections.page.at_place import PilotHere, StudyHere
from analysis.study.words import lead_row, on_watch, there

WORSE = HARM_GRADES[0]


def pilot_here(
    plan: Plan, record: Record, national: Record, places: Mapping[str, Record]
) -> StudyHere:
    """The pilot in the place of `record`, in the sentences of its own page."""
    own = there(lead_row(plan, record))
    worked_out = own.status == "estimated" and own.result_class != "placebo"
    found = on_watch(plan, {record.region: record}, WORSE)
    return StudyHere(
        pilot=PilotHere(
            national=national.sentences.headline or plan.title,
            own=record.sentences.headline or plan.title,
            has_own=worked_out,
            badge=badge(said_of(plan, record).row),
            lines=answer_lines(plan, record, national, places),
            meanwhile=what_would_settle(plan, record),
            worse=tuple(entry.partition(": ")[2] for entry in found),
            watched=tuple(watched_p(plan, record)),
            worse_rows=sum(row.harm_watch == WORSE for row in record.rows),
        )
    )
