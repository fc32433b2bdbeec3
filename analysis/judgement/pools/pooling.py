"""Putting places together: random effects, and what each place adds (METHODS section 3, pooling
regions).

Ratios are pooled on the log scale only. The mean is the REML one; its interval, the places drawn
towards the others, the prediction and the test of standing apart carry that the spread between
places is uncertain, and so is each place's own standard error. What they hold in simulation:
docs/pooling.md.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import stats

from analysis.inference.clusters import t_interval
from analysis.inference.columns import Quantity
from analysis.judgement.pools.place_mean import place_mean
from analysis.judgement.pools.place_posterior import PlacePosterior, place_posterior
from analysis.judgement.pools.spread import (
    alike_p_value,
    likelihood_limit,
    paule_mandel,
    q_profile,
    reml,
    weighted_mean,
)
from analysis.results import Estimate, NotEstimable, Result, Support

SMALLEST_POOL = 3  # METHODS section 3: fewer places, no random effects
SMALLEST_PREDICTION = 5  # METHODS section 3: fewer places, no prediction interval
SMALLEST_APART = (
    6  # docs/pooling.md: with fewer, a place 4 errors off is told apart in at most 1 of 4
)
METHOD = "random_effects_reml"
LIMITS = (0.025, 0.975)
_Z = float(stats.norm.ppf(0.975))


@dataclass(frozen=True)
class PooledPlace:
    """One place in the pool, in the unit of the pool (ratios as ratios).

    shrunken: its value drawn towards the mean as far as its own uncertainty demands (posterior
    median), with interval.
    weight: share of the mean (0 to 1). p_apart: does its estimate stand apart from what the other
    places, put together without it, let expect (Holm over the places is the caller's); None in a
    pool too small for that to be told.
    """

    place: str
    value: float
    weight: float
    shrunken: float
    shrunken_low: float
    shrunken_high: float
    p_apart: float | None


@dataclass(frozen=True)
class Reference:
    """The textbook intervals of the same pool, which take tau2 as known: to compare with other
    software, not for pages.

    mean_low, mean_high: t on k - 1 with the larger of the Hartung-Knapp and the classical error.
    prediction_low,
    prediction_high: t on k - 2 with tau2 and the classical error. In the unit of the pool.
    """

    mean_low: float
    mean_high: float
    prediction_low: float
    prediction_high: float


@dataclass(frozen=True)
class Pooled:
    """Random-effects mean of several places.

    mean: Estimate (REML; interval and p of `place_mean`, which invert each other; std_error is half
    the interval over t on df = places - 1). The standard errors and tau2 (variance between places,
    with its Q-profile interval, whose upper end is never below that of the profile likelihood and
    so never 0) are on the log scale where `log`. q_p_value takes standard errors as known;
    alike_p_value, that of the same question, does not. A tau2 of 0 never reads "no differences":
    read its upper limit. i2_tau2: tau2 / (tau2 + typical variance); i2_q: (Q - df) / Q (both in
    percent). prediction_low, prediction_high: where the true effect in a new place would lie; None
    under five.
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
    alike_p_value: float
    i2_tau2: float
    i2_q: float
    prediction_low: float | None
    prediction_high: float | None
    reference: Reference
    posterior: PlacePosterior = field(repr=False, compare=False)

    def probability_worse(self, place: str, than: float, better: str) -> float:
        """Posterior probability that the true value of `place` lies on the worse side of `than`.

        `than` is in the unit of the pool (ratios as ratios); `better`: which way is better,
        "higher" or "lower". From the same posterior as the shrunken value of the place and its
        interval.
        """
        if better not in ("higher", "lower"):
            raise ValueError("better is either higher or lower")
        names = [found.place for found in self.places]
        if place not in names:
            raise ValueError(f"{place} is not in the pool: {', '.join(names)}")
        if self.log and than <= 0:
            raise ValueError("a ratio lies above 0")
        below = self.posterior.place_below(names.index(place), math.log(than) if self.log else than)
        below = min(max(below, 0.0), 1.0)  # a sum of weights may miss 0 or 1 by its last bit
        return below if better == "higher" else 1 - below

    def __post_init__(self) -> None:
        assert abs(sum(place.weight for place in self.places) - 1) < 1e-9, "weights add up to 1"

    def summary(self) -> str:
        return f"{len(self.places)} places put together. {self.mean.summary()}"


def pool_results(
    results: Mapping[str, Result], *, estimand: str, unit: str, log: bool = False
) -> Pooled | NotEstimable:
    """Pool the estimates of several places; the others are left out and named with their reason.

    Left out: not estimable, withheld, not reliable (CR2 under 4 degrees of freedom), and ratios
    without a log. The standard error of a log ratio is read from its interval.
    """
    excluded: list[tuple[str, str]] = []
    kept: dict[str, tuple[float, float, float | None]] = {}
    for place, result in results.items():
        if not isinstance(result, Estimate):
            excluded.append((place, result.reason))
        elif not result.reliable:
            excluded.append((place, "not_reliable"))
        elif (pair := _with_error(result, log)) is None:
            excluded.append((place, "no_standard_error"))
        else:
            kept[place] = (*pair, result.df)
    found = pool(
        [value for value, _, _ in kept.values()],
        [error for _, error, _ in kept.values()],
        Quantity(estimand, unit),
        places=list(kept),
        log=log,
        dfs=[df for _, _, df in kept.values()],
    )
    return replace(found, excluded=tuple(excluded)) if isinstance(found, Pooled) else found


def pool(
    values: Sequence[float],
    std_errors: Sequence[float],
    quantity: Quantity,
    *,
    places: Sequence[str],
    log: bool = False,
    dfs: Sequence[float | None] | None = None,
) -> Pooled | NotEstimable:
    """Random-effects mean by REML. `log`: `values` are ratios and `std_errors` those of their logs.

    dfs: degrees of freedom of each standard error (None: known, as is every one without `dfs`).
    """
    y, v = np.asarray(values, dtype=float), np.asarray(std_errors, dtype=float) ** 2
    if not (len(y) == len(v) == len(places)):
        raise ValueError("one value, one standard error and one name a place")
    if not (
        np.isfinite(y).all()
        and np.isfinite(v).all()
        and (v > 0).all()
        and (not log or (y > 0).all())
    ):
        raise ValueError(
            "values are finite (ratios above 0), standard errors above 0: leave the others out, by"
            " name"
        )
    if len(y) < SMALLEST_POOL:
        return NotEstimable(
            quantity.estimand, METHOD, quantity.unit, "too_few_places", Support(n=len(y))
        )
    degrees = np.array(
        [math.inf if df is None else df for df in ([None] * len(y) if dfs is None else dfs)], float
    )
    if len(degrees) != len(y) or not (degrees > 0).all():
        raise ValueError(
            "one number of degrees of freedom a place, above 0 (None: the standard error is known)"
        )
    return _pooled(_Given(np.log(y) if log else y, v, degrees), tuple(places), quantity, log)


@dataclass(frozen=True, eq=False)
class _Given:
    """Value, variance and degrees of freedom of each place, on the scale on which they are
    pooled."""

    y: np.ndarray
    v: np.ndarray
    dfs: np.ndarray


def _pooled(given: _Given, places: tuple[str, ...], quantity: Quantity, log: bool) -> Pooled:
    y, v, dfs = given.y, given.v, given.dfs
    back, k, tau2 = math.exp if log else float, len(y), reml(y, v)
    posterior = place_posterior(y, v, dfs)
    tau2_low, tau2_high = q_profile(y, v)
    mu, whole, q = (float(found) for found in weighted_mean(y, v, tau2))
    classical, hartung_knapp = 1 / math.sqrt(whole), math.sqrt(q / ((k - 1) * whole))
    predicted = posterior.new_place_quantiles(LIMITS) if k >= SMALLEST_PREDICTION else (None, None)
    q0, w = float(weighted_mean(y, v, 0.0)[2]), 1 / v
    typical = (k - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
    return Pooled(
        _mean(given, mu, posterior, quantity, log),
        _places(given, places, tau2, posterior, back),
        (),
        log,
        classical,
        hartung_knapp,
        tau2,
        tau2_low,
        max(tau2_high, likelihood_limit(y, v)),
        paule_mandel(y, v),
        q0,
        float(stats.chi2.sf(q0, k - 1)),
        alike_p_value(y, v, dfs),
        float(100 * tau2 / (tau2 + typical)),
        max(0.0, 100 * (q0 - (k - 1)) / q0) if q0 > 0 else 0.0,
        None if predicted[0] is None else back(predicted[0]),
        None if predicted[1] is None else back(predicted[1]),
        _reference(mu, tau2, classical, max(classical, hartung_knapp), k, back),
        posterior,
    )


def _mean(
    given: _Given, mu: float, posterior: PlacePosterior, quantity: Quantity, log: bool
) -> Estimate:
    y, v, dfs = given.y, given.v, given.dfs
    back, df = math.exp if log else float, len(y) - 1
    found = place_mean(y, v, dfs, mu, tau=posterior.tau, weight=posterior.weight.sum(axis=1))
    low, high = found.interval()
    error = (high - low) / 2 / float(stats.t.ppf(0.975, df))
    return Estimate(
        quantity.estimand,
        METHOD,
        quantity.unit,
        back(mu),
        back(low),
        back(high),
        None if log else error,
        found.p_value(),
        float(df),
    )


def _reference(
    mu: float, tau2: float, classical: float, error: float, k: int, back: Callable[[float], float]
) -> Reference:
    limits = *t_interval(mu, error, k - 1), *t_interval(mu, math.sqrt(tau2 + classical**2), k - 2)
    return Reference(*(back(limit) for limit in limits))


def _places(
    given: _Given,
    places: tuple[str, ...],
    tau2: float,
    posterior: PlacePosterior,
    back: Callable[[float], float],
) -> tuple[PooledPlace, ...]:
    y, v, dfs = given.y, given.v, given.dfs
    weight = 1 / (v + tau2)
    weight, found = weight / weight.sum(), []
    for i, place in enumerate(places):
        low, shrunken, high = posterior.place_quantiles(i, (LIMITS[0], 0.5, LIMITS[1]))
        found.append(
            PooledPlace(
                place,
                back(y[i]),
                float(weight[i]),
                back(shrunken),
                back(low),
                back(high),
                _p_apart(i, y, v, dfs),
            )
        )
    return tuple(found)


def _p_apart(i: int, y: np.ndarray, v: np.ndarray, dfs: np.ndarray) -> float | None:
    """p of place `i` against what the others, put together without it, let expect of it."""
    if len(y) < SMALLEST_APART:
        return None
    others = place_posterior(*(np.delete(found, i) for found in (y, v, dfs)))
    return others.other_place_p(float(y[i]), float(v[i]), float(dfs[i]))


def _with_error(result: Estimate, log: bool) -> tuple[float, float] | None:
    """Value and standard error (of the log where `log`); None where there is none."""
    if not log:
        return (result.value, result.std_error) if result.std_error else None
    if min(result.value, result.conf_low) <= 0 or result.conf_high <= result.conf_low:
        return None
    quantile = _Z if result.df is None else float(stats.t.ppf(0.975, result.df))
    return result.value, (math.log(result.conf_high) - math.log(result.conf_low)) / (2 * quantile)
