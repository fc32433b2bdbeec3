"""Other ways to the same quantity: naive, with fewer characteristics, doubly robust, by time."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.designs.cohorts.doubly_robust import weighted_regression
from analysis.designs.cohorts.matching import CALIPER
from analysis.designs.trials.duration import CoxModel, cox
from analysis.disclosure.named.tables import TableNames
from analysis.disparity.relative_rate import rate_difference
from analysis.inference.columns import Quantity
from analysis.plans.plan import Outcome
from analysis.record.row import Role, Row
from analysis.results import EVERYONE, Estimate, NotEstimable, Result, Withheld, allowing_for
from analysis.studies.matched_comparison.kind import (
    COMPLETED,
    DOUBLY_ROBUST,
    HAZARD,
    KIND,
    NARROW,
    OUTSIDE,
    PACE,
)
from analysis.studies.matched_comparison.whom import Whom
from analysis.study.group_rates import COUNTS, shown_counts

if TYPE_CHECKING:
    from analysis.studies.matched_comparison.study import MatchedStudy

TIME = "days_to_first"
PROPORTIONAL = "proportional_hazards: started"


def rows(study: "MatchedStudy", outcome: Outcome) -> Iterator[Row]:
    """A row each; none of them sets a class."""
    for method, result in _found(study, outcome):
        own = replace(result, method=method)
        row = study.made(outcome, EVERYONE, own, note="second_opinion")
        yield row.with_(role=Role())


def _found(study: "MatchedStudy", outcome: Outcome) -> Iterator[tuple[str, Result]]:
    """By method; of a ratio those that the ratio of a matched sample answers, and the pace of an
    event alone."""
    if outcome.kind != "rate":
        yield "crude_means", naive(study, outcome)
    outside = tuple(study.plan.adjust_for.outside)
    yield OUTSIDE, _bare(study.effect(outcome, Whom(covariates=outside)))
    yield NARROW, _bare(study.effect(outcome, Whom(caliper=CALIPER / 2)))
    if outcome.kind != "rate":
        yield DOUBLY_ROBUST, doubly_robust(study, outcome)
    yield COMPLETED, completers(study, outcome)
    if outcome.kind == "share":
        yield HAZARD, pace(study, outcome)


def _bare(result: Result) -> Result:
    """Without levels, which stand beside the main result."""
    if not isinstance(result, Estimate):
        return result
    return replace(result, comparison_estimated=None, group_value=None)


def naive(study: "MatchedStudy", outcome: Outcome) -> Result:
    """Those who started less all others, nothing held alike; from counts in fives (rule S6)."""
    people = study.people(outcome)
    seen = people.groupby("started")[outcome.id].agg(people="size", events="sum")
    names = TableNames(
        study.place, "crude difference", {"started": "arm"}, COUNTS, outcome.id or ""
    )
    counted = shown_counts(seen, names=names, clearance=study.clearance)
    if len(counted) < 2:
        return Withheld("naive_difference", "crude_means", outcome.unit)
    sides = (int(counted.loc[side, name]) for side in (1, 0) for name in ("events", "people"))
    result = rate_difference(*sides)
    return replace(result, estimand="naive_difference", method="crude_means", unit=outcome.unit)


def doubly_robust(study: "MatchedStudy", outcome: Outcome) -> Result:
    """Inverse-probability-weighted regression adjustment, effect on those who started."""
    people = study.of(outcome, Whom())
    what = Quantity(KIND.estimand, outcome.unit)
    return _bare(weighted_regression(people, study.columns(outcome), what))


def completers(study: "MatchedStudy", outcome: Outcome) -> Result:
    """Those who completed beside people like them who did not start: who completes is chosen once
    more, by themselves."""
    found = study.effect(outcome, Whom(side="completed_or_none"))
    return replace(_bare(found), estimand="completers")


def pace(study: "MatchedStudy", outcome: Outcome) -> Result:
    """How fast first reoffences come to those who started, beside others (times), everyone in,
    censored at 12 months; only where the ratio stays the same over time."""
    main = study.effect(outcome)
    what = (PACE, HAZARD, "times")
    if not isinstance(main, Estimate):
        reason = main.reason if isinstance(main, NotEstimable) else "no_comparison"
        return NotEstimable(*what, reason or "no_comparison", main.support)
    held = (*study.exact, *study.covariates)
    model = cox(study.people(outcome), time=TIME, event=outcome.id, covariates=["started", *held])
    if not isinstance(model, CoxModel):
        return NotEstimable(*what, model.reason, main.support)
    if any(check.id == PROPORTIONAL and check.passed is False for check in model.checks):
        return NotEstimable(*what, "not_proportional", main.support)
    log = next(e for e in model.estimates if e.estimand == "started")
    value, low, high = (math.exp(x) for x in (log.value, log.conf_low, log.conf_high))
    made = Estimate(*what, value, low, high, None, log.p_value, support=main.support)
    return allowing_for(made, *held)
