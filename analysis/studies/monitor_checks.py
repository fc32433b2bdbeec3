"""What is checked of a monitor: how long a disparity has held, where its explanation stands, whether years agree, what chance does."""

from typing import TYPE_CHECKING

from analysis.judgement.explanations import chance_line, explanation_line, not_asked_line
from analysis.judgement.figures_in_words import listed
from analysis.judgement.rates_in_words import round_in_words
from analysis.plans.monitor import Measure
from analysis.results import CheckResult
from analysis.studies.monitor_chance import chance_alone

if TYPE_CHECKING:
    from analysis.studies.monitor import MonitorStudy


def checks_of(study: "MonitorStudy") -> tuple[CheckResult, ...]:
    """All checks of one place, in the order of the page."""
    found = [*_held(study), *_explained(study), *_years(study), *_by_chance(study)]
    if study.provisional:
        rounds = listed(tuple(map(round_in_words, study.provisional)))
        text = f"Provisional, since cases are still being entered: {rounds}."
        found.append(CheckResult("provisional", None, text))
    return tuple(found)


def _held(study):
    for measure, group in study.disparities:
        held = study.persistence(measure, group)
        if held is not None:
            text = f"{measure.noun}, {group}: the same verdict in {held.same} of the last {held.of} rounds, {held.unbroken} running."
            yield CheckResult(f"persistent_{measure.id}_{group}", None, text, float(held.unbroken), float(held.of))


def _explained(study):
    """Where each explanation stands. One that nobody was asked for has neither passed nor failed."""
    for measure, group in study.disparities:
        found = study.explanation(measure, group)
        if found is not None:
            passed = None if found.state == "not_asked" else found.state == "accepted"
            text = f"{measure.noun}, {group}: {state_line(study, measure, group)}"
            yield CheckResult(f"explanation_{measure.id}_{group}", passed, text)


def state_line(study: "MonitorStudy", measure: Measure, group: str) -> str:
    """Where the explanation of one disparity stands."""
    found, rule = study.explanation(measure, group), study.plan.explain_or_reform
    if found.state != "not_asked":
        return explanation_line(found.state, found.entry, shown_on=study.shown_on, reform_due=found.reform_due)
    often = study.seen(measure, group)
    return not_asked_line(
        often.rounds, often.of, asked=often.asked, asked_after=rule.asked_after.words, asked_of=rule.asked_of
    )


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
