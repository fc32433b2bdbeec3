"""Sentences of the page about promises, from its record and its table."""

from analysis.plans.action_plan import ActionPlan
from analysis.record.record import Statement
from analysis.studies.promises.study import (
    COMPARED,
    EVERY_DOCUMENT,
    MONITORED,
    NONE,
    ActionPlanStudy,
)


def headline(study: ActionPlanStudy) -> str:
    states = study.states(EVERY_DOCUMENT)
    return (
        f"{study.n_in} commitments: {states['complete']} complete, {states['ongoing']} ongoing,"
        f" {states['unknown']} without a stated state"
    )


def slippage_line(study: ActionPlanStudy) -> str:
    """How many target dates moved, and by how much in the middle."""
    moved = study.slippage[study.slippage["months"] > 0]
    if moved.empty:
        return f"{study.dated} commitments have a target date; none of them is known to have moved."
    middle = moved["months"].median()
    return (
        f"{study.dated} commitments have a target date; {len(moved)} of these dates moved, by"
        f" {middle:.0f} months in the middle of them and {moved['months'].max():.0f} at most."
    )


def evidence_line(study: ActionPlanStudy) -> str:
    """What is complete without evidence of an effect, and what has a study that could give it."""
    complete = study.items["state"] == "complete"
    found = study.evidence[complete]
    none, monitored, compared = ((found == key).sum() for key in (NONE, MONITORED, COMPARED))
    return (
        f"Of {complete.sum()} complete commitments none has evidence of an effect here: {none}"
        f" without a study in this workbook, {monitored} with outcomes that are counted by ethnic"
        f" group, {compared} with a study that compares, so far on synthetic data."
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
