"""Whether several years of one comparison tell one ratio, so that their counts may be added up.

Adding counts keeps small years usable: a mean of yearly ratios gives the smallest year the same say
as the largest. It asks that people are counted in one year only (who comes back in another year
makes the interval too narrow), and that the sizes of both sides move together: otherwise the sum
mixes years of many and of few events (Simpson 1951).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from analysis.disparity.relative_rate import SMALLEST_EXPECTED, log_wald_interval
from analysis.results import NotEstimable

ESTIMAND, UNIT = "equality_of_years", "times"
_REACH = 25.0  # |ln of a ratio| beyond which the search for the common one stops


@dataclass(frozen=True)
class YearCounts:
    """Counts of one year: events over `base` (people at risk, or exposure) in the group and in the
    reference."""

    year: str
    events: int
    base: float
    reference_events: int
    reference_base: float

    @property
    def counts(self) -> tuple:
        return self.events, self.base, self.reference_events, self.reference_base


@dataclass(frozen=True)
class Equality:
    """Test that the ratio was the same in every year. A large p-value is no proof that it was: see
    the single years.

    chi2, df, p_value: likelihood ratio, the main one. common_ratio (times): the one ratio that fits
    all years best, each year with a level of its own. q, q_df, q_p_value: Cochran's Q over the
    years without a count of zero (None under two). reliable: every year has at least 5 events
    (risks: and 5 people without) expected on either side.
    """

    chi2: float
    df: int
    p_value: float
    common_ratio: float
    q: float | None
    q_df: int | None
    q_p_value: float | None
    reliable: bool


def equality_of_years(years: Sequence[YearCounts], *, kind: str) -> Equality | NotEstimable:
    """Likelihood-ratio test that the ratio (times) is the same in every year; degrees of freedom:
    years less one.

    The interaction of group and year in a binomial (or Poisson) regression with log link, so that
    RATIOS are compared and not odds; each year keeps a level of its own. Worked out by the profile
    likelihood of the common ratio, which finds its maximum where the regression with log link
    fails. Cochran's Q (Cochran 1954) from the log ratios beside it. A year without people on a
    side, or without any event, tells nothing about the ratio and does not count.
    """
    method = "likelihood_ratio"
    counted = [year.counts for year in years if min(year.base, year.reference_base) > 0]
    table = np.array([c for c in counted if c[0] + c[2] > 0], dtype=float).reshape(-1, 4).T
    if table.shape[1] < 2:
        return NotEstimable(ESTIMAND, method, UNIT, "no_comparison")
    if not (table[0].any() and table[2].any()):
        return NotEstimable(ESTIMAND, method, UNIT, "zero_events")
    deviance = _share_deviance if kind == "share" else _rate_deviance
    found = optimize.minimize_scalar(
        lambda log: deviance(log, *table),
        bounds=_bracket(table),
        method="bounded",
        options={"xatol": 1e-9},
    )
    chi2, df = max(float(found.fun), 0.0), table.shape[1] - 1
    q, q_df, q_p = _cochran(table, kind)
    reliable = _smallest_expected(table, kind) >= SMALLEST_EXPECTED
    return Equality(
        chi2, df, float(stats.chi2.sf(chi2, df)), math.exp(found.x), q, q_df, q_p, reliable
    )


def _bracket(table: np.ndarray) -> tuple[float, float]:
    """The common ratio lies between those of the single years; half an event is added where there
    is none."""
    a, n, b, m = table
    logs = np.log((np.maximum(a, 0.5) / n) / (np.maximum(b, 0.5) / m))
    return max(float(logs.min()) - 5, -_REACH), min(float(logs.max()) + 5, _REACH)


def _share_deviance(log: float, a, n, b, m) -> float:
    """Twice the log likelihood lost by one ratio of risks; risk of the reference in closed form,
    year by year.

    Source: Miettinen and Nurminen 1985.
    """
    ratio = math.exp(log)
    middle = n * ratio + a + m + b * ratio
    root = np.sqrt(np.maximum(middle**2 - 4 * (n + m) * ratio * (a + b), 0))
    reference = np.minimum(2 * (a + b) / (middle + root), min(1, 1 / ratio))
    return _deviance(a, n, ratio * reference) + _deviance(b, m, reference)


def _rate_deviance(log: float, a, n, b, m) -> float:
    """The same for rates: given a year's events, those of the group are binomial."""
    share = math.exp(log) * n / (math.exp(log) * n + m)
    return _deviance(a, a + b, share)


def _deviance(events, people, risk) -> float:
    risk = np.clip(risk, 1e-15, 1 - 1e-15)
    own = np.where(
        events > 0, events * np.log(np.where(events > 0, events, 1) / (people * risk)), 0
    )
    without = people - events
    other = np.where(
        without > 0, without * np.log(np.where(without > 0, without, 1) / (people * (1 - risk))), 0
    )
    return float(2 * (own + other).sum())


def _cochran(table: np.ndarray, kind: str) -> tuple[float | None, int | None, float | None]:
    """Q, its degrees of freedom and p-value; the log-Wald error of risks holds -1/n, that of rates
    does not."""
    logs, errors = [], []
    for a, n, b, m in table.T:
        everyone = kind == "share" and a == n and b == m  # no error to weigh the year by
        if a and b and not everyone:
            wald = log_wald_interval(a, n, b, m) if kind == "share" else None
            errors.append(wald[0] if wald else math.sqrt(1 / a + 1 / b))
            logs.append(math.log((a / n) / (b / m)))
    if len(logs) < 2:
        return None, None, None
    weights, values = 1 / np.square(errors), np.array(logs)
    q = float(weights @ (values - weights @ values / weights.sum()) ** 2)
    return q, len(logs) - 1, float(stats.chi2.sf(q, len(logs) - 1))


def _smallest_expected(table: np.ndarray, kind: str) -> float:
    """Smallest number expected in any year on either side at equal rates: with the event and, for
    risks, without."""
    a, n, b, m = table
    rate = (a + b) / (n + m)
    return float(
        (np.minimum(n, m) * (np.minimum(rate, 1 - rate) if kind == "share" else rate)).min()
    )
