"""Sentences of the page about promises, from its record and its table."""

from analysis.plans.action_plan import ActionPlan
from analysis.record.record import Statement
from analysis.said.texts import sentence
from analysis.said.told import told
from analysis.studies.promises.study import (
    COMPARED,
    EVERY_DOCUMENT,
    MONITORED,
    NONE,
    ActionPlanStudy,
)


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
    none, monitored, compared = (told((found == key).sum()) for key in (NONE, MONITORED, COMPARED))
    return (
        f"Of {told(complete.sum())} complete commitments none has evidence of an effect here:"
        f" {none} without a study in this workbook, {monitored} with outcomes that are counted by"
        f" ethnic group, {compared} with a study that compares, so far on synthetic data."
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
