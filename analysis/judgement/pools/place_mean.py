"""Interval and test of the mean of places: Hartung and Knapp, averaged over how much the places may
differ.

With a spread that is known, (weighted mean - mu) / its Hartung-Knapp error follows t with k - 1
degrees of freedom. The spread is not known: with places of very unequal precision and a spread
estimated as 0, the interval held the mean in 86 %. So the distribution is averaged over the
posterior of the spread. Where places are equally precise the spread cancels, and this is Hartung
and Knapp 2003.

Two floors. The Hartung-Knapp factor is drawn towards 1 by a sixteenth (chosen by calibration,
docs/pooling.md), and the interval is never inside the one that holds if the places do not differ at
all (as `adhoc.hakn.ci = "ci"` of R meta; Jackson, Law, Ruecker and Schwarzer 2017). p and interval
invert each other.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from analysis.judgement.pools.spread import weighted_mean

DRAWN = 1 / 16  # weight of 1 beside the Hartung-Knapp factor, in degrees of freedom of the latter
SMALLEST_DF = (
    4.0  # fewer are not reliable (METHODS section 0 rule 1), and the first order would not do
)
CLOSE = 1e-9  # in probability
_Z = float(stats.norm.ppf(0.975))


@dataclass(frozen=True, eq=False)
class PlaceMean:
    """Distribution of the mean: t with `df` around `centre`, in units of `error`, with `weight`,
    one for each spread.

    value: the weighted mean that is printed. common_error: its standard error if the places do not
    differ.
    """

    value: float
    common_error: float
    centre: np.ndarray
    error: np.ndarray
    weight: np.ndarray
    df: int

    def p_value(self, null: float = 0.0) -> float:
        """Two-sided p of a mean of `null`."""
        below = self._below(null)
        common = 2 * float(stats.norm.sf(abs(self.value - null) / self.common_error))
        return min(1.0, max(2 * min(below, 1 - below), common))

    def interval(self) -> tuple[float, float]:
        """95 % interval: every `null` with a p above .05."""
        low, high = self._quantile(0.025), self._quantile(0.975)
        floor = _Z * self.common_error
        return min(low, self.value - floor), max(high, self.value + floor)

    def _below(self, x: float) -> float:
        return float(self.weight @ special.stdtr(self.df, (x - self.centre) / self.error))

    def _quantile(self, level: float) -> float:
        """By bisection between the outermost quantiles of its parts."""
        ends = self.centre + self.error * float(special.stdtrit(self.df, level))
        low, high = float(ends.min()), float(ends.max())
        while high - low > CLOSE * (abs(low) + abs(high)) and low < (low + high) / 2 < high:
            middle = (low + high) / 2
            low, high = (middle, high) if self._below(middle) < level else (low, middle)
        return (low + high) / 2


def place_mean(
    y: np.ndarray,
    v: np.ndarray,
    dfs: np.ndarray,
    value: float,
    *,
    tau: np.ndarray,
    weight: np.ndarray,
) -> PlaceMean:
    """For estimates `y` with squared errors `v` on `dfs`, printed mean `value`, and nodes `tau` of
    the spread.

    `weight`: the posterior of `tau`.
    """
    centre, whole, q = weighted_mean(y, v, tau**2)
    k = len(y)
    factor = (q + DRAWN * (k - 1)) / ((k - 1) * (1 + DRAWN)) * _estimated_weights(v, dfs, tau)
    return PlaceMean(
        value, 1 / math.sqrt((1 / v).sum()), centre, np.sqrt(factor / whole), weight, k - 1
    )


def _estimated_weights(v: np.ndarray, dfs: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """How much larger the variance of the mean is since its weights are estimated (Meier 1953,
    first order).

    A squared error on df degrees of freedom has a relative variance of 2 / df; its weight moves by
    v / (v + tau^2).
    """
    w = 1 / (v + tau[:, None] ** 2)
    share = w / w.sum(axis=1, keepdims=True)
    return 1 + 2 * (share * (1 - share) * (v * w) ** 2 / np.maximum(dfs, SMALLEST_DF)).sum(axis=1)
