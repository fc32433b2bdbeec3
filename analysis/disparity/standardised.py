"""Rates of areas or groups of different make-up, made comparable by standardisation, with limits
for small counts.

Indirect: how many events there were against how many there would be at reference rates (times).
Direct: the rate that the area would have if it had the make-up of a standard population (in every
100).
"""

import math

import numpy as np
from scipy import stats

from analysis.results import Estimate, NotEstimable, Support

ALPHA = 0.05
_Z = float(stats.norm.isf(ALPHA / 2))


def expected_events(bases: np.ndarray, reference_rates: np.ndarray) -> float:
    """Events that there would be if each stratum had its reference rate: sum of base x rate (a
    count, seldom whole).

    `bases`: people (or person-years) of the area, by stratum; `reference_rates`: events per person,
    same strata.
    """
    bases, rates = _aligned(bases, reference_rates)
    return float(bases @ rates)


def standardised_ratio(
    observed: int, expected: float, *, method: str = "byar", support: Support | None = None
) -> Estimate | NotEstimable:
    """Events observed divided by events expected (times), with 95% limits; `expected` is taken as
    known.

    1: as many as at the reference rates; 0 is legal (lower limit 0). Ratios of two areas are each
    against the reference and not against each other (Julious, Nicholl and George 2001). method:
    "byar" or "exact" (see `byar_limits`,
    `exact_limits`). Source: Breslow and Day 1987, section 2.3.
    """
    limits = {"byar": byar_limits, "exact": exact_limits}
    if method not in limits:
        raise ValueError(f"method {method!r}: use byar or exact")
    if observed < 0 or expected < 0:
        raise ValueError("counts are not negative")
    what, support = ("standardised_ratio", method, "times"), support or Support()
    if not expected:
        return NotEstimable(*what, "no_comparison", support, detail="no events were expected")
    low, high = (limit / expected for limit in limits[method](observed))
    ratio = observed / expected
    return Estimate(
        *what, ratio, low, high, comparison_value=1.0, group_value=ratio, support=support
    )


def byar_limits(count: int) -> tuple[float, float]:
    """95% limits of the mean of a Poisson count, by a cube-root approximation near to the exact
    ones from 1 upwards.

    Source: Byar in Rothman and Boice 1979; Breslow and Day 1987, equation 2.11.
    """
    above = count + 1
    low = count * (1 - 1 / (9 * count) - _Z / (3 * math.sqrt(count))) ** 3 if count else 0.0
    return max(low, 0.0), above * (1 - 1 / (9 * above) + _Z / (3 * math.sqrt(above))) ** 3


def exact_limits(count: int) -> tuple[float, float]:
    """95% limits of the mean of a Poisson count from chi-squared quantiles: they hold it at least
    95 times in 100.

    Sources: Garwood 1936; Ulm 1990.
    """
    low = float(stats.chi2.ppf(ALPHA / 2, 2 * count)) / 2 if count else 0.0
    return low, float(stats.chi2.isf(ALPHA / 2, 2 * count + 2)) / 2


def directly_standardised_rate(
    events: np.ndarray, bases: np.ndarray, standard: np.ndarray, *, support: Support | None = None
) -> Estimate | NotEstimable:
    """Rate that the area would have with the make-up of the standard population (in every 100),
    with gamma limits.

    By stratum: events and people (or person-years) of the area, people of the standard population
    (any scale). Events are taken as Poisson counts. The limits hold the rate at least 95 times in
    100 in all that is known of them, and are wide where few people stand for a large stratum. One
    stratum: the exact Poisson limits. NotEstimable "no_comparison" where the area has no one in a
    stratum of the standard. Source: Fay and Feuer 1997.
    """
    (events, bases), (_, standard) = _aligned(events, bases), _aligned(events, standard)
    if (events > 0)[bases == 0].any():
        raise ValueError("people with the event are a part of the people at risk")
    what, used = ("directly_standardised_rate", "gamma", "in_every_100"), standard > 0
    support = support or Support()
    if not used.any() or (bases[used] == 0).any():
        return NotEstimable(
            *what, "no_comparison", support, detail="a stratum of the standard holds no one"
        )
    weights = standard[used] / standard.sum() / bases[used]
    rate, variance, widest = weights @ events[used], weights**2 @ events[used], weights.max()
    low = _gamma_limit(rate, variance, ALPHA / 2) if rate else 0.0
    high = _gamma_limit(rate + widest, variance + widest**2, 1 - ALPHA / 2)
    return Estimate(*what, float(100 * rate), 100 * low, 100 * high, support=support)


def _gamma_limit(mean: float, variance: float, level: float) -> float:
    """Quantile of the gamma law with this mean and variance."""
    return float(stats.gamma.ppf(level, mean**2 / variance, scale=variance / mean))


def _aligned(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError("one number a stratum, in the same order")
    if not (
        np.isfinite(first).all()
        and np.isfinite(second).all()
        and min(first.min(), second.min()) >= 0
    ):
        raise ValueError("counts and rates are known and not negative")
    return first, second
