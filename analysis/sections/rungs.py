"""From a plan and a record to the rungs of the ladder, and to the sentence on how far its chain
holds."""

from analysis.display.rungs import Rung
from analysis.judgement.wording.chain import Link, chain_sentence
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome, Plan
from analysis.record.record import Record
from analysis.said.texts import settled
from analysis.said.told import told
from analysis.sections.national_tables import class_in_words
from analysis.sections.tables import outcome_words, value_words
from analysis.study.words import lead_row, there


def rungs_from(plan: Plan, record: Record) -> list[Rung]:
    """Every outcome of the plan as a line of the ladder, from the released or cleared record of one
    place.

    Findings in words stand in it once the record is cleared; before that there are no classes.
    """
    return [_rung(plan, outcome, record) for outcome in plan.outcomes]


def _rung(plan: Plan, outcome: Outcome, record: Record) -> Rung:
    if outcome.not_measured:
        return Rung(outcome.level, "", words=f"Not measured: {outcome.not_measured}")
    what = capital(outcome_words(outcome))
    if outcome.role == "fact":
        row = next(iter(record.rows_where(outcome=outcome.id, method="count")), None)
        known = row is not None and row.status == "described" and row.value is not None
        found = (
            value_words(there(row)).replace(" in every 100", " in 100")
            if known
            else ""
            if row
            else "not counted"
        )
        answered = _response(outcome, record) if known else ""
        return Rung(outcome.level, what, row, words=settled(found + answered))
    row = lead_row(plan, record, outcome.id)
    scale, primary = outcome.scale if outcome.kind == "scale" else None, outcome.role == "primary"
    if scale is not None:  # the ends of the scale stand beside the number
        what = what.removesuffix(f", {scale[0]:g} to {scale[1]:g}")
    if row is None:
        return Rung(outcome.level, what, words="not worked out", primary=primary, scale=scale)
    finding = class_in_words(plan, row) if row.status == "estimated" else ""
    return Rung(outcome.level, what, row, primary=primary, scale=scale, finding=finding)


def _response(outcome: Outcome, record: Record) -> str:
    """ " (61% answered)" where the fact is what people said, and it is known how many answered."""
    name = f"response_{outcome.id}"
    rate = next((check.value for check in record.checks if check.id == name), None)
    return f" ({told(rate, 0)}% answered)" if outcome.survey and rate is not None else ""


def chain_from(plan: Plan, record: Record) -> str:
    """How far the chain holds, from the primary outcome of each level; empty before there are
    classes."""
    links = []
    for outcome in plan.compared:
        row = lead_row(plan, record, outcome.id) if outcome.role == "primary" else None
        if row is not None:
            name = outcome.noun if outcome.level in ("organisation", "society") else outcome.level
            links.append(Link(name or outcome.level, row.result_class))
    return chain_sentence(links)
