"""What is checked of a monitor: how long a disparity has held, where its explanation stands, whether years agree, what chance does."""

from typing import TYPE_CHECKING

from analysis.judgement.explanations import chance_line, explanation_line, not_yet_line
from analysis.plans.monitor import Measure
from analysis.results import CheckResult
from analysis.studies.monitor_chance import chance_alone

if TYPE_CHECKING:
    from analysis.studies.monitor import MonitorStudy


def checks_of(study: "MonitorStudy") -> tuple[CheckResult, ...]:
    """All checks of one place, in the order of the page."""
    found = [*_held(study), *_explained(study), *_years(study), *_by_chance(study)]
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
    """Where each explanation stands. One that is not asked for yet has neither passed nor failed."""
    for measure, group in study.disparities:
        found = study.explanation(measure, group)
        if found is not None:
            state, entry, due = found
            name, start = f"explanation_{measure.id}_{group}", f"{measure.noun}, {group}: "
            if state == "not_yet":
                yield CheckResult(name, None, start + waiting_line(study, measure, group))
                continue
            asked_of = entry.asked_of if entry else study.plan.explain_or_reform.asked_of
            line = explanation_line(state, entry, due=due, asked_of=asked_of, shown_on=study.shown_on)
            yield CheckResult(name, state == "accepted", start + line)


def waiting_line(study: "MonitorStudy", measure: Measure, group: str) -> str:
    """In how many rounds a disparity was seen that nobody is asked about yet, and after how many someone is."""
    often, rule = study.seen(measure, group), study.plan.explain_or_reform.asked_after
    return not_yet_line(often.rounds, often.of, asked_after=rule.words)


def _years(study):
    """Whether the ratio is the same in every round that was added up, adjusted over the comparisons of the page."""
    for (measure_id, group), found in study.agreements.items():
        agree, noun = found.p_adjusted > study.plan.alpha, study.plan.measure(measure_id).noun
        verb = "show no sign that they differ" if agree else "do not agree"
        p = "below 0.001" if found.p_adjusted < 0.001 else f"= {found.p_adjusted:.3f}"
        text = f"{noun}, {group}: the ratios of the {found.test.df + 1} years {verb} (p {p}, adjusted over the page)."
        yield CheckResult(f"years_{measure_id}_{group}", agree, text, round(found.p_adjusted, 4))


def _by_chance(study):
    """How often a page like this one shows a disparity where nothing differs (value: in 100 pages)."""
    found = chance_alone(study)
    if found is not None:
        text = chance_line(found.page, found.year, rounds_a_year=found.rounds_a_year, asked_at_most=found.asked_at_most)
        yield CheckResult("chance_alone", None, text, round(100 * found.page, 1))
