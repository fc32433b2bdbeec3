"""p-values of many rounds at once, for simulations: the numbers of relative_rate.py and rates.py,
without intervals.

Inverting the score test for an interval takes 1,000 times as long as its p-value.
tests/test_many_rounds.py holds these equal to the p-values of the functions that pages use.
"""

import numpy as np
from scipy import stats

from analysis.disparity.rates import SMALLEST_COUNT_FOR_LOG, SMALLEST_TOTAL_FOR_LOG


def p_values_of_shares(
    events: np.ndarray, base: int, reference_events: np.ndarray, reference_base: int
) -> np.ndarray:
    """Score test of equal risks, one round a cell (as `relative_rate_index`); NaN without events in
    the reference."""
    a, b, n = (
        np.asarray(events, dtype=float),
        np.asarray(reference_events, dtype=float),
        base + reference_base,
    )
    rate = (a + b) / n
    variance = rate * (1 - rate) * (1 / base + 1 / reference_base) * n / (n - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.abs(a / base - b / reference_base) / np.sqrt(variance)
    p = 2 * stats.norm.sf(np.where(variance > 0, z, 0.0))
    return np.where(b > 0, p, np.nan)


def p_values_of_rates(
    events: np.ndarray, exposure: float, reference_events: np.ndarray, reference_exposure: float
) -> np.ndarray:
    """Exact or log test of equal rates, one round a cell (as `relative_rate_of_events`); NaN as
    above."""
    a, b = np.asarray(events), np.asarray(reference_events)
    small = (np.minimum(a, b) < SMALLEST_COUNT_FOR_LOG) | (a + b < SMALLEST_TOTAL_FOR_LOG)
    law = stats.binom(a + b, exposure / (exposure + reference_exposure))
    exact = np.minimum(1.0, 2 * np.minimum(law.cdf(a), law.sf(a - 1)))
    log = p_values_of_inflated_rates(a, exposure, b, reference_exposure)
    return np.where(b > 0, np.where(small, exact, log), np.nan)


def p_values_of_inflated_rates(
    events: np.ndarray,
    exposure: float,
    reference_events: np.ndarray,
    reference_exposure: float,
    inflation: tuple[float, float] = (1.0, 1.0),
) -> np.ndarray:
    """Log test of equal rates of people who come back (as `relative_rate_inflated`); NaN without
    events on a side.

    inflation: of the variance of the log rate (times), in the group and in the reference.
    """
    a, b = np.asarray(events, dtype=float), np.asarray(reference_events, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        log = np.log(a / exposure) - np.log(b / reference_exposure)
        p = 2 * stats.norm.sf(np.abs(log) / np.sqrt(inflation[0] / a + inflation[1] / b))
    return np.where((a > 0) & (b > 0), p, np.nan)
