"""Effect on those who take part because they were offered the programme: complier average causal
effect (CACE).

Two-stage least squares with the assigned arm as instrument. One instrument and one exposure, so
that it is the ratio of two intention-to-treat differences, and CR2 serves (linearmodels' IV2SLS
gives the same value and, with many clusters, the same error: tested). It supposes that the offer
works through taking part alone and that no one stays away because of it. Any attendance is the
exposure; completion bounds: part-attenders who gain something break the first assumption, and the
effect of completing comes out too far from nil. Source: Angrist, Imbens and Rubin 1996.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.designs.trials.trial_rows import (
    TrialRows,
    coefficient,
    refusal,
    support_of,
    trial_rows,
)
from analysis.inference.clusters import RELIABLE_DF, CoefficientTest
from analysis.inference.coding import share
from analysis.inference.columns import Pair, Quantity, TrialColumns
from analysis.results import Estimate, NotEstimable, Support, What, allowing_for

SMALLEST_F = (
    10.0  # Staiger and Stock 1997: below it the two-stage interval misleads (METHODS section 2)
)
LEVEL = 0.95


@dataclass(frozen=True)
class AndersonRubin:
    """Effects that the data do not reject at 5 %, right however weak the offer (Anderson and Rubin
    1949).

    shape "interval": from low to high; "two_rays": all but those between low and high; "unbounded":
    any effect. The last two say that the offer moved uptake too little to limit the effect; low and
    high are None where there is no limit.
    """

    shape: str
    low: float | None
    high: float | None

    def summary(self) -> str:
        if self.shape == "unbounded":
            return "Effects of any size agree with what was seen."
        low, high = f"{self.low:.3g}", f"{self.high:.3g}"
        if self.shape == "two_rays":
            return (
                f"Only effects between {low} and {high} are ruled out: the interval is unbounded."
            )
        return f"Effects from {low} to {high} agree with what was seen."


@dataclass(frozen=True)
class ComplierEffect:
    """result: CACE; first_stage: difference in uptake (share, 0 to 1); first_stage_f: its clustered
    F; interval: AR's."""

    result: Estimate | NotEstimable
    first_stage: float | None
    first_stage_f: float | None
    anderson_rubin: AndersonRubin | None


def complier_effect(
    people: pd.DataFrame,
    columns: TrialColumns,
    quantity: Quantity,
    pair: Pair,
    *,
    exposure: str,
    errors: str = "cr2",
) -> ComplierEffect:
    """Effect of taking part (`exposure`, 0 to 1) on those whom the offer brought to it, in `unit`.

    NotEstimable "weak_uptake" where the first-stage F is below 10 (the Anderson-Rubin set is given
    all the same), "no_uptake" where the arms do not differ in uptake at all. Rows with a missing
    exposure are left out.
    """
    people = people.assign(**{exposure: share(people[exposure], exposure)})
    in_pair = people[columns.arm].isin([pair.treated, pair.comparison])
    both = people[in_pair & people[exposure].notna()]
    rows = trial_rows(both, columns)
    taken = trial_rows(
        both[both[columns.outcome].notna()], replace(columns, outcome=exposure, scale=1.0)
    )
    own = rows.arm == pair.treated
    what = (quantity.estimand, "two_stage_least_squares", quantity.unit)
    support = support_of(rows, own, ~own)
    reason = refusal(rows, own, ~own, support)
    if reason:
        return ComplierEffect(NotEstimable(*what, reason, support), None, None, None)
    if np.ptp(taken.outcome) == 0:
        return ComplierEffect(NotEstimable(*what, "no_uptake", support), 0.0, None, None)
    forms = _reduced_forms(rows, taken.outcome, own, errors)
    if isinstance(forms, str):
        return ComplierEffect(NotEstimable(*what, forms, support), None, None, None)
    effect, uptake, summed = forms
    f = (uptake.value / uptake.std_error) ** 2 if uptake.std_error > 0 else np.inf
    covariance = (summed.std_error**2 - effect.std_error**2 - uptake.std_error**2) / 2
    limits = anderson_rubin(effect, uptake, covariance)
    if f < SMALLEST_F:
        reason = "no_uptake" if abs(uptake.value) < 1e-12 else "weak_uptake"
        return ComplierEffect(NotEstimable(*what, reason, support), uptake.value, float(f), limits)
    found = allowing_for(_ratio(what, effect, uptake, covariance, support), *columns.held)
    return ComplierEffect(found, uptake.value, float(f), limits)


def _reduced_forms(
    rows: TrialRows, taken: np.ndarray, own: np.ndarray, errors: str
) -> tuple[CoefficientTest, ...] | str:
    """Effect of the offer on the outcome, on uptake, and on their sum (whose variance gives the
    covariance)."""
    none = np.zeros((len(own), 0))
    found: list[CoefficientTest] = []
    for y in (rows.outcome, taken, rows.outcome + taken):
        test = coefficient(rows, own.astype(float), none, errors=errors, outcome=y)
        if (
            test == "constant_outcome"
            and y is taken
            and np.isclose(taken[own].mean() - taken[~own].mean(), 1.0)
        ):
            test = CoefficientTest(
                1.0, 0.0, found[0].df, found[0].reason
            )  # everyone did as assigned
        if isinstance(test, str):
            return "no_uptake" if y is taken else test
        found.append(test)
    return tuple(found)


def _ratio(
    what: What,
    effect: CoefficientTest,
    uptake: CoefficientTest,
    covariance: float,
    support: Support,
) -> Estimate:
    value = effect.value / uptake.value
    variance = effect.std_error**2 - 2 * value * covariance + value**2 * uptake.std_error**2
    test = CoefficientTest(
        value, float(np.sqrt(max(variance, 0.0))) / abs(uptake.value), effect.df, effect.reason
    )
    return Estimate(
        *what,
        value,
        *test.interval(),
        test.std_error,
        test.p_value,
        test.df,
        support=support,
        reason=test.reason,
        reliable=test.reason is None or test.df >= RELIABLE_DF,
    )


def anderson_rubin(
    effect: CoefficientTest, uptake: CoefficientTest, covariance: float
) -> AndersonRubin:
    """Every b for which "effect - b uptake = 0" is not rejected: the solution of a quadratic
    inequality in b."""
    quantile = float(stats.t.ppf((1 + LEVEL) / 2, effect.df)) ** 2
    square = uptake.value**2 - quantile * uptake.std_error**2
    half = effect.value * uptake.value - quantile * covariance
    constant = effect.value**2 - quantile * effect.std_error**2
    inside = half**2 - square * constant
    if inside <= 0 or abs(square) < 1e-14:
        return AndersonRubin("unbounded", None, None)
    low, high = sorted(((half - np.sqrt(inside)) / square, (half + np.sqrt(inside)) / square))
    return AndersonRubin("interval" if square > 0 else "two_rays", float(low), float(high))
