"""Sentences of the page about promises, from its record and its table."""

from analysis.plans.action_plan import ActionPlan
from analysis.record.record import Statement
from analysis.said.texts import sentence
from analysis.said.told import told
from analysis.studies.promises.bearing import COMPARED, DESCRIBED, LISTED, MONITORED, NONE, OUTPUTS
from analysis.studies.promises.study import EVERY_DOCUMENT, ActionPlanStudy


@sentence
def headline(study: ActionPlanStudy) -> str:
    states = study.states(EVERY_DOCUMENT)
    return (
        f"{told(study.n_in)} commitments: {told(states['complete'])} complete,"
        f" {told(states['ongoing'])} ongoing, {told(states['unknown'])} without a stated state"
    )


@sentence
def slippage_line(study: ActionPlanStudy) -> str:
    """How many target dates moved, and by how much in the middle."""
    moved = study.slippage[study.slippage["months"] > 0]
    dated = f"{told(study.dated)} commitments have a target date"
    if moved.empty:
        return f"{dated}; none of them is known to have moved."
    middle, most = told(moved["months"].median(), 0), told(moved["months"].max(), 0)
    return (
        f"{dated}; {told(len(moved))} of these dates moved, by {middle} months in the middle of"
        f" them and {most} at most."
    )


@sentence
def evidence_line(study: ActionPlanStudy) -> str:
    """What is complete without evidence of an effect, and what has a study that could give it."""
    complete = study.items["state"] == "complete"
    found = study.evidence[complete]
    none = told(found.isin((NONE, LISTED)).sum())
    alone = told(found.isin((OUTPUTS, DESCRIBED)).sum())
    monitored, compared = (told((found == key).sum()) for key in (MONITORED, COMPARED))
    return (
        f"Of {told(complete.sum())} complete commitments none has evidence of an effect here."
        f" With a study that compares: {compared}, so far on synthetic data; with outcomes counted"
        f" by ethnic group: {monitored}; with counts alone: {alone}; without a study: {none}."
    )


@sentence
def studies_line(study: ActionPlanStudy) -> str:
    """How many commitments have a study, and how many none, and why."""
    has = study.items["studies"] != ""
    return (
        f"{told(int(has.sum()))} of {told(len(has))} commitments have a study in this workbook, or"
        f" several; of {told(int((~has).sum()))} the list says why none can bear on them."
    )


def statement(study: ActionPlanStudy) -> Statement:
    """The sentences of the page."""
    return Statement(
        headline=headline(study),
        say=f"{slippage_line(study)} {evidence_line(study)}",
        cannot_say=(
            "That a commitment that is complete changed an outcome; what has happened since the"
            " dates of the documents."
        ),
    )


def document_words(plan: ActionPlan, document: str) -> str:
    return plan.documents.get(document, "All documents")
