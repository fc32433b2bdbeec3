"""Putting places together: random effects, and what each place adds (METHODS section 3 row 1).

Ratios are pooled on the log scale only. The standard errors of the places are taken as known.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import optimize, stats
from statsmodels.stats.meta_analysis import combine_effects

from analysis.inference.clusters import t_interval
from analysis.judgement.place_posterior import PlacePosterior, place_posterior
from analysis.results import Estimate, NotEstimable, Result, Support

SMALLEST_POOL = 3  # METHODS section 3: fewer places, no random effects
SMALLEST_PREDICTION = 5  # METHODS section 3: fewer places, no prediction interval
METHOD = "random_effects_reml"
LIMITS = (0.025, 0.975)
_Z = float(stats.norm.ppf(0.975))


@dataclass(frozen=True)
class PooledPlace:
    """One place in the pool, in the unit of the pool (ratios as ratios).

    shrunken: its value drawn towards the mean as far as its own uncertainty demands (empirical Bayes), with interval.
    weight: share of the pool (0 to 1). t, df, p_apart: does it stand apart from the other places (prediction-type test
    that leaves it out; Holm over the places is the caller's); None with fewer than four places.
    """

    place: str
    value: float
    weight: float
    shrunken: float
    shrunken_low: float
    shrunken_high: float
    t: float | None
    df: float | None
    p_apart: float | None


@dataclass(frozen=True)
class Pooled:
    """Random-effects mean of several places.

    mean: Estimate (df = places - 1; the wider of the Hartung-Knapp and the classical standard error). The standard
    errors and tau2 (variance between places, with its Q-profile interval) are on the log scale where `log`. A tau2 of
    0 never reads "no differences": read its upper limit. i2_tau2: tau2 / (tau2 + typical variance); i2_q: (Q - df) / Q
    (both in percent). prediction_low, prediction_high: where the effect in a new place would lie; None under five.
    """

    mean: Estimate
    places: tuple[PooledPlace, ...]
    excluded: tuple[tuple[str, str], ...]  # (place, why it is not in the pool)
    log: bool
    std_error_classical: float
    std_error_hartung_knapp: float
    tau2: float
    tau2_low: float
    tau2_high: float
    tau2_paule_mandel: float
    q: float
    q_p_value: float
    i2_tau2: float
    i2_q: float
    prediction_low: float | None
    prediction_high: float | None
    prediction_reference: tuple[float, float]  # mu and t on k - 2 with tau2 taken as known: for comparison only
    posterior: PlacePosterior = field(repr=False, compare=False)

    def probability_worse(self, place: str, than: float, better: str) -> float:
        """Posterior probability that the true value of `place` lies on the worse side of `than`.

        `than` is in the unit of the pool (ratios as ratios); `better`: which way is better, "higher" or "lower".
        From the same posterior as the shrunken value of the place and its interval.
        """
        if better not in ("higher", "lower"):
            raise ValueError("better is either higher or lower")
        names = [found.place for found in self.places]
        if place not in names:
            raise ValueError(f"{place} is not in the pool: {', '.join(names)}")
        if self.log and than <= 0:
            raise ValueError("a ratio lies above 0")
        below = self.posterior.place_below(names.index(place), math.log(than) if self.log else than)
        return below if better == "higher" else 1 - below

    def __post_init__(self):
        assert abs(sum(place.weight for place in self.places) - 1) < 1e-9, "weights add up to 1"

    def summary(self) -> str:
        return f"{len(self.places)} places put together. {self.mean.summary()}"


def pool_results(
    results: Mapping[str, Result], *, estimand: str, unit: str, log: bool = False
) -> Pooled | NotEstimable:
    """Pool the estimates of several places; the others are left out and named with their reason.

    Left out: not estimable, withheld, not reliable (CR2 under 4 degrees of freedom), and ratios without a log. The
    standard error of a log ratio is read from its interval.
    """
    excluded, kept = [], {}
    for place, result in results.items():
        if not isinstance(result, Estimate):
            excluded.append((place, result.reason))
        elif not result.reliable:
            excluded.append((place, "not_reliable"))
        elif (pair := _with_error(result, log)) is None:
            excluded.append((place, "no_standard_error"))
        else:
            kept[place] = (*pair, result.df)
    values, errors, dfs = ([triple[i] for triple in kept.values()] for i in (0, 1, 2))
    return pool(
        values, errors, places=list(kept), estimand=estimand, unit=unit, log=log, excluded=tuple(excluded), dfs=dfs
    )  # fmt: skip


def pool(
    values: list[float], std_errors: list[float], *, places: list[str], estimand: str, unit: str, log: bool = False,
    excluded: tuple[tuple[str, str], ...] = (), dfs: Sequence[float | None] | None = None,
) -> Pooled | NotEstimable:  # fmt: skip
    """Random-effects mean by REML. `log`: `values` are ratios and `std_errors` those of their logs.

    Interval: Knapp and Hartung 2003 with the larger standard error, t on k - 1. tau2 interval: Viechtbauer 2007.
    """
    y, v = np.asarray(values, dtype=float), np.asarray(std_errors, dtype=float) ** 2
    if not (len(y) == len(v) == len(places)):
        raise ValueError("one value, one standard error and one name a place")
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all() and (not log or (y > 0).all())):
        raise ValueError("values are finite (ratios above 0), standard errors above 0: leave the others out, by name")
    if len(y) < SMALLEST_POOL:
        return NotEstimable(estimand, METHOD, unit, "too_few_places", Support(n=len(y)))
    degrees = np.array([math.inf if df is None else df for df in ([None] * len(y) if dfs is None else dfs)], float)
    if len(degrees) != len(y) or not (degrees > 0).all():
        raise ValueError("one number of degrees of freedom a place, above 0 (None: the standard error is known)")
    return _pooled(np.log(y) if log else y, v, degrees, tuple(places), estimand, unit, log, excluded)


def _pooled(y, v, dfs, places, estimand, unit, log, excluded) -> Pooled:
    back, k = math.exp if log else float, len(y)
    tau2, (low_tau2, high_tau2) = reml(y, v), q_profile(y, v)
    mu, classical, hartung_knapp = _mean(y, v, tau2)
    error, q = max(classical, hartung_knapp), _q(0.0, y, v)
    low, high = t_interval(mu, error, k - 1)
    p = float(2 * stats.t.sf(abs(mu / error), k - 1))
    mean = Estimate(
        estimand, METHOD, unit, back(mu), back(low), back(high), None if log else error, p, float(k - 1)
    )  # fmt: skip
    reference = t_interval(mu, math.sqrt(tau2 + classical**2), k - 2)
    posterior = place_posterior(y, v, dfs)
    predicted = posterior.new_place_quantiles(LIMITS) if k >= SMALLEST_PREDICTION else (None, None)
    prediction = tuple(None if limit is None else back(limit) for limit in predicted)
    w = 1 / v
    typical = (k - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
    return Pooled(
        mean, _places(y, v, places, tau2, posterior, back), excluded, log, classical, hartung_knapp,
        tau2, low_tau2, high_tau2, paule_mandel(y, v), q, float(stats.chi2.sf(q, k - 1)),
        float(100 * tau2 / (tau2 + typical)), max(0.0, 100 * (q - (k - 1)) / q) if q > 0 else 0.0, *prediction,
        (back(reference[0]), back(reference[1])), posterior,
    )  # fmt: skip


def _places(y, v, places, tau2, posterior, back) -> tuple[PooledPlace, ...]:
    weight = 1 / (v + tau2)
    weight, found = weight / weight.sum(), []
    for i, place in enumerate(places):
        low, shrunken, high = posterior.place_quantiles(i, (LIMITS[0], 0.5, LIMITS[1]))
        found.append(PooledPlace(
            place, back(y[i]), float(weight[i]), back(shrunken), back(low), back(high), *_apart(i, y, v)
        ))  # fmt: skip
    return tuple(found)


def _apart(i: int, y: np.ndarray, v: np.ndarray) -> tuple[float | None, float | None, float | None]:
    """t, df and p of place `i` against the prediction of the others, which are pooled without it."""
    others, variances = np.delete(y, i), np.delete(v, i)
    if len(others) < SMALLEST_POOL:
        return None, None, None
    tau2 = reml(others, variances)
    mu, classical, hartung_knapp = _mean(others, variances, tau2)
    t = float((y[i] - mu) / math.sqrt(v[i] + tau2 + max(classical, hartung_knapp) ** 2))
    df = float(len(others) - 1)
    return t, df, float(2 * stats.t.sf(abs(t), df))


def reml(y: np.ndarray, v: np.ndarray) -> float:
    """Variance between places by restricted maximum likelihood (square of the unit of `y`), never below 0."""

    def deviance(tau2: float | np.ndarray) -> np.ndarray:
        w = 1 / (v + np.atleast_1d(tau2)[:, None])
        mu = (w @ y / w.sum(axis=1))[:, None]
        return -np.log(w).sum(axis=1) + np.log(w.sum(axis=1)) + (w * (y - mu) ** 2).sum(axis=1)

    largest = float(np.ptp(y) ** 2 + v.max())
    grid = np.concatenate([[0.0], np.geomspace(largest * 1e-8, largest * 10, 60)])
    best = int(np.argmin(deviance(grid)))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    search = {"bounds": (low, high), "method": "bounded", "options": {"xatol": 1e-12}}
    found = optimize.minimize_scalar(lambda tau2: deviance(tau2)[0], **search)
    return float(found.x) if found.fun < deviance(0.0)[0] else 0.0


def paule_mandel(y: np.ndarray, v: np.ndarray) -> float:
    """Variance between places by Paule and Mandel 1982 (statsmodels), as a second opinion on `reml`."""
    if _q(0.0, y, v) <= len(y) - 1:
        return 0.0
    return max(0.0, float(combine_effects(y, v, method_re="iterated", atol=1e-10).tau2))


def q_profile(y: np.ndarray, v: np.ndarray) -> tuple[float, float]:
    """95 % interval of the variance between places: where the generalised Q meets its chi-squared quantiles."""

    def solve(quantile: float) -> float:
        target = float(stats.chi2.ppf(quantile, len(y) - 1))
        if _q(0.0, y, v) <= target:
            return 0.0
        high = float(v.max())
        while _q(high, y, v) > target:
            high *= 2
        return float(optimize.brentq(lambda tau2: _q(tau2, y, v) - target, 0.0, high))

    return solve(0.975), solve(0.025)


def _mean(y: np.ndarray, v: np.ndarray, tau2: float) -> tuple[float, float, float]:
    """Weighted mean with its classical and its Hartung-Knapp standard error."""
    w = 1 / (v + tau2)
    mu = float((w * y).sum() / w.sum())
    return mu, float(1 / math.sqrt(w.sum())), math.sqrt(_q(tau2, y, v) / ((len(y) - 1) * w.sum()))


def _q(tau2: float, y: np.ndarray, v: np.ndarray) -> float:
    w = 1 / (v + tau2)
    return float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())


def _with_error(result: Estimate, log: bool) -> tuple[float, float] | None:
    """Value and standard error (of the log where `log`); None where there is none."""
    if not log:
        return (result.value, result.std_error) if result.std_error else None
    if min(result.value, result.conf_low) <= 0 or result.conf_high <= result.conf_low:
        return None
    quantile = _Z if result.df is None else float(stats.t.ppf(0.975, result.df))
    return result.value, (math.log(result.conf_high) - math.log(result.conf_low)) / (2 * quantile)
