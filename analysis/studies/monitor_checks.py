"""What is checked of a monitor: how long a disparity has held, where its explanation stands, whether years agree."""

from typing import TYPE_CHECKING

from analysis.judgement.explanations import explanation_line
from analysis.results import CheckResult

if TYPE_CHECKING:
    from analysis.studies.monitor import MonitorStudy


def checks_of(study: "MonitorStudy") -> tuple[CheckResult, ...]:
    """All checks of one place, in the order of the page."""
    found = [*_held(study), *_explained(study), *_years(study)]
    if study.provisional:
        text = f"Provisional, since cases are still being entered: {', '.join(study.provisional)}."
        found.append(CheckResult("provisional", None, text))
    return tuple(found)


def _held(study):
    for measure, group in study.disparities:
        held = study.persistence(measure, group)
        if held is not None:
            text = f"{measure.noun}, {group}: the same verdict in {held.same} of the last {held.of} rounds, {held.unbroken} running."
            yield CheckResult(f"persistent_{measure.id}_{group}", None, text, float(held.unbroken), float(held.of))


def _explained(study):
    for measure, group in study.disparities:
        found = study.explanation(measure, group)
        if found is not None:
            state, entry, due = found
            asked_of = entry.asked_of if entry else study.plan.explain_or_reform.asked_of
            line = explanation_line(state, entry, due=due, asked_of=asked_of, shown_on=study.shown_on)
            text = f"{measure.noun}, {group}: {line}"
            yield CheckResult(f"explanation_{measure.id}_{group}", state == "accepted", text)


def _years(study):
    """Whether the ratio is the same in every round that was added up, adjusted over the comparisons of the page."""
    for (measure_id, group), found in study.agreements.items():
        agree, noun = found.p_adjusted > study.plan.alpha, study.plan.measure(measure_id).noun
        verb = "show no sign that they differ" if agree else "do not agree"
        p = "below 0.001" if found.p_adjusted < 0.001 else f"= {found.p_adjusted:.3f}"
        text = f"{noun}, {group}: the ratios of the {found.test.df + 1} years {verb} (p {p}, adjusted over the page)."
        yield CheckResult(f"years_{measure_id}_{group}", agree, text, round(found.p_adjusted, 4))
