"""The effect within each ethnic group, and whether it is the same in all of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from analysis.inference.clusters import t_interval
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import CheckResult, Estimate, NotEstimable, Result
from analysis.said.numbers import cleared_p
from analysis.said.texts import capital, named, say
from analysis.studies.matched_comparison.whom import Whom

if TYPE_CHECKING:
    from analysis.studies.matched_comparison.study import MatchedStudy

GAP, APART = "gap_difference", "groups_matched_apart"
ALPHA = 0.05


def effects(study: "MatchedStudy", outcome: Outcome) -> dict[str, Result]:
    """The effect within each group, each matched within itself."""
    return {group: study.effect(outcome, Whom(group)) for group in study.groups}


def rows(study: "MatchedStudy", outcome: Outcome) -> Iterator[Row]:
    """The effect within each group, and each less that of the reference group."""
    found, reference = effects(study, outcome), study.plan.groups.reference
    for group, result in found.items():
        yield study.made(outcome, group, result, family="exploratory")
    if outcome.kind == "rate":
        return  # a difference of ratios has no unit that a page prints
    for group in found:
        if group != reference:
            result = difference(found[group], found[reference])
            yield study.made(outcome, f"{group} less {reference}", result, family="groups")


def difference(one: Result, other: Result) -> Result:
    """The effect in one group less that in another: nobody stands in both, so that the squares of
    the errors add up (Welch's degrees of freedom)."""
    what = (GAP, APART, one.unit)
    for each in (one, other):
        if not isinstance(each, Estimate) or each.std_error is None:
            reason = each.reason if isinstance(each, NotEstimable) else "no_comparison"
            return NotEstimable(*what, reason or "no_comparison", each.support)
    assert isinstance(one, Estimate) and isinstance(other, Estimate)
    squares = np.array([one.std_error or 0.0, other.std_error or 0.0]) ** 2
    error = float(np.sqrt(squares.sum()))
    parts = squares**2 / np.array([one.df or np.inf, other.df or np.inf])
    df = float(squares.sum() ** 2 / parts.sum()) if parts.sum() > 0 else None
    value = one.value - other.value
    low, high = t_interval(value, error, df)
    law = stats.norm if df is None else stats.t(df)
    p = float(2 * law.sf(abs(value) / error))
    smallest = min(one.support.smallest_cell, other.support.smallest_cell)
    support = replace(one.support, smallest_cell=smallest)  # it tells of both groups
    return Estimate(
        *what, value, low, high, error, p, df, support=support, allowed_for=one.allowed_for
    )


def interaction(results: dict[str, Result]) -> tuple[float, int] | None:
    """p-value of the test that the effect is the same in every group that has one, and how many
    have; None under two. Cochran's Q on groups that share nobody."""
    found = [r for r in results.values() if isinstance(r, Estimate) and r.std_error]
    if len(found) < 2:
        return None
    values = np.array([r.value for r in found])
    weights = np.array([r.std_error or np.inf for r in found]) ** -2.0
    q = float((weights * (values - np.average(values, weights=weights)) ** 2).sum())
    return float(stats.chi2.sf(q, len(found) - 1)), len(found)


def interaction_check(study: "MatchedStudy", outcome: Outcome) -> CheckResult:
    """Is the effect the same in every group? It tells something, and lowers no claim."""
    name, tested = f"groups_alike_{outcome.id}", interaction(effects(study, outcome))
    if tested is None:
        text = say(
            "Whether the effect on {noun} differs between ethnic groups could not be tested: too"
            " few groups could be matched.",
            noun=named(outcome.noun),
        )
        return CheckResult(name, None, text, threshold=ALPHA, bears_on="nothing")
    p = cleared_p(tested[0])
    alike = tested[0] > ALPHA
    text = capital(
        say(
            "{noun}: the test {verb} ethnic groups apart ({p}).",
            noun=named(outcome.noun),
            verb="does not tell effects in" if alike else "tells effects in",
            p=p,
        )
    )
    return CheckResult(name, alike, text, tested[0], ALPHA, bears_on="nothing", shown=p)
