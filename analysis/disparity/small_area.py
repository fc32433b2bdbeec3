"""Rates of small areas, each drawn towards the common rate by as much as its own numbers are
uncertain.

Empirical Bayes: the true rates of the areas are taken to follow one law, which is fitted to all
areas by marginal maximum likelihood. Beta-binomial for risks (Skellam 1948), gamma-Poisson for
rates (Clayton and Kaldor 1987). The intervals ignore that the law is itself estimated: over 60
areas they hold 93 to 95 true rates in 100, but about 80 where areas hardly differ
(tests/test_small_area.py), and fewer with few areas (Morris 1983).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from analysis.results import NotEstimable, Support

TAIL = 0.975
FEWEST_AREAS = 4  # shrinking to an estimated mean gains from four areas on: Efron and Morris 1975
# a log-likelihood no more than this above that of one common rate: no differences between areas
NO_GAIN = 1e-4
_SPREADS = (
    1e-8,
    0.999,
)  # where the correlation within an area, or the squared variation of rates, is looked for
_WIDE = 1e4


@dataclass(frozen=True)
class ShrunkenArea:
    """One area: its own rate (None: no one at risk there) beside the shrunken one with its 95%
    equal-tailed interval.

    Rates are from 0 to 1, or times where the exposure is an expected count. weight (0 to 1): share
    of the area's own rate in the shrunken rate; the rest is the common rate.
    """

    raw: float | None
    shrunken: float
    conf_low: float
    conf_high: float
    weight: float


@dataclass(frozen=True)
class ShrunkenAreas:
    """All areas in the order given, and the law of their true rates: mean and standard deviation
    (unit of the rates).

    size: what the common rate counts for, in people or exposure (None: without end). differ: False
    where the likeliest variance between areas is 0; then every area has the common rate and its
    interval, which is that of all areas taken together. It is not shown by this that areas are
    alike.
    """

    common: float
    spread: float
    size: float | None
    differ: bool
    areas: tuple[ShrunkenArea, ...]


def shrunken_risks(events: np.ndarray, people: np.ndarray) -> ShrunkenAreas | NotEstimable:
    """Shrunken share of people with the event in each area (0 to 1); beta-binomial.

    True risks follow a beta law of mean m and size s (correlation within an area 1 / (1 + s)); the
    shrunken risk is (events + s m) / (people + s), with the interval of that beta law, which
    ignores the uncertainty of m and s.
    """
    events, people = _checked(events, people)
    if (events > people).any():
        raise ValueError("people with the event are a part of the people at risk")
    refused = _refused(
        "shrunken_risk",
        "beta_binomial",
        "in_every_100",
        events,
        people,
        events.sum() == people.sum(),
    )
    if refused:
        return refused
    pooled = events.sum() / people.sum()
    start = _moment_spread(events, people, pooled, pooled * (1 - pooled), 1.0)
    fitted = _fit(
        lambda m, rho: _beta_binomial(events, people, m, rho),
        special.logit,
        special.expit,
        pooled,
        start,
    )
    if fitted is None:
        law = stats.beta(events.sum() + 0.5, (people - events).sum() + 0.5)  # Jeffreys
        return _common(events, people, pooled, law)
    mean, size = fitted[0], 1 / fitted[1] - 1
    laws = stats.beta(events + size * mean, people - events + size * (1 - mean))
    return _shrunken(events, people, mean, math.sqrt(mean * (1 - mean) * fitted[1]), size, laws)


def shrunken_rates(events: np.ndarray, exposure: np.ndarray) -> ShrunkenAreas | NotEstimable:
    """Shrunken rate of events in each area: per unit of exposure, or times where it is an expected
    count; gamma-Poisson.

    True rates follow a gamma law of mean m and size s (shape m s); the shrunken rate is
    (events + s m) / (exposure + s), with the interval of that gamma law, which ignores the
    uncertainty of m and s.
    """
    events, exposure = _checked(events, exposure)
    if (events > 0)[exposure == 0].any():
        raise ValueError("there are no events where nothing is exposed")
    refused = _refused("shrunken_rate", "gamma_poisson", "times", events, exposure, False)
    if refused:
        return refused
    pooled = events.sum() / exposure.sum()
    start = _moment_spread(events, exposure, pooled, pooled, pooled)
    fitted = _fit(
        lambda m, v: _gamma_poisson(events, exposure, m, v),
        np.log,
        np.exp,
        pooled,
        start,
        most=_WIDE,
    )
    if fitted is None:
        return _common(
            events, exposure, pooled, stats.gamma(events.sum() + 0.5, scale=1 / exposure.sum())
        )
    mean, size = fitted[0], 1 / (fitted[1] * fitted[0])
    laws = stats.gamma(events + size * mean, scale=1 / (exposure + size))
    return _shrunken(events, exposure, mean, mean * math.sqrt(fitted[1]), size, laws)


def _fit(
    likelihood: Callable[[float, float], float],
    link,
    inverse,
    pooled: float,
    start: float,
    most: float = _SPREADS[1],
) -> tuple[float, float] | None:
    """(mean, spread) of greatest marginal likelihood, from a start by moments; None: no better than
    a spread of 0.

    By simplex, since differences of log-gamma functions are too rough for gradients where the
    spread is small.
    """
    least = _SPREADS[0]

    def loss(point: np.ndarray) -> float:
        return -likelihood(float(inverse(point[0])), float(np.exp(point[1])))

    first = [float(link(pooled)), math.log(min(max(start, 100 * least), most / 2))]
    ends = [(first[0] - 20, first[0] + 20), (math.log(least), math.log(most))]
    simplex = np.array([first, [first[0] + 0.2, first[1]], [first[0], first[1] - 1.0]])
    options = {"initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-7, "maxiter": 400}
    best = optimize.minimize(loss, first, method="Nelder-Mead", bounds=ends, options=options)
    if -best.fun - likelihood(pooled, 0.0) <= NO_GAIN:
        return None
    return float(inverse(best.x[0])), float(np.exp(best.x[1]))


def _beta_binomial(events, people, mean: float, correlation: float) -> float:
    """Marginal log-likelihood without the constant; correlation 0: binomial."""
    others = people - events
    if not correlation:
        return float((special.xlogy(events, mean) + special.xlog1py(others, -mean)).sum())
    size = 1 / correlation - 1
    a, b = mean * size, (1 - mean) * size
    return float((_log_rise(a, events) + _log_rise(b, others) - _log_rise(size, people)).sum())


def _gamma_poisson(events, exposure, mean: float, variation: float) -> float:
    """Marginal log-likelihood without the constant; `variation`, squared, of the rates, 0:
    Poisson."""
    expected = exposure * mean
    if not variation:
        return float((special.xlogy(events, mean) - expected).sum())
    shape = 1 / variation
    rise = _log_rise(shape, events) + special.xlogy(events, mean / (shape + expected))
    return float((rise - shape * np.log1p(expected / shape)).sum())


def _log_rise(start: float, steps: np.ndarray) -> np.ndarray:
    """Log of start (start + 1) ... (start + steps - 1)."""
    return special.gammaln(start + steps) - special.gammaln(start)


def _moment_spread(events, bases, pooled: float, variance: float, scale: float) -> float:
    """Spread by moments (Kleinman 1973), on the scale of `variance`: squared distances beyond those
    of chance."""
    used = bases > 0
    bases, total = bases[used], bases.sum()
    squares = (bases * (events[used] / bases - pooled) ** 2).sum()
    beyond = squares - (len(bases) - 1) * variance
    return float(beyond / (variance * scale * (total - (bases**2).sum() / total)))


def _common(events, bases, pooled: float, law) -> ShrunkenAreas:
    low, high = min(float(law.ppf(1 - TAIL)), pooled), max(float(law.ppf(TAIL)), pooled)
    areas = (
        ShrunkenArea(_raw(e, b), float(pooled), low, high, 0.0)
        for e, b in zip(events, bases, strict=True)
    )
    return ShrunkenAreas(float(pooled), 0.0, None, False, tuple(areas))


def _shrunken(events, bases, mean: float, spread: float, size: float, laws) -> ShrunkenAreas:
    means = laws.mean()
    low, high = np.minimum(laws.ppf(1 - TAIL), means), np.maximum(laws.ppf(TAIL), means)
    columns = (means, low, high, bases / (bases + size))
    rows = zip(events, bases, *columns, strict=True)
    areas = (ShrunkenArea(_raw(e, b), *(float(x) for x in rest)) for e, b, *rest in rows)
    return ShrunkenAreas(mean, spread, size, True, tuple(areas))


def _raw(events: float, base: float) -> float | None:
    return float(events / base) if base else None


def _checked(events: np.ndarray, bases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    events, bases = np.asarray(events, dtype=float), np.asarray(bases, dtype=float)
    if not (np.isfinite(bases).all() and (events >= 0).all() and (bases >= 0).all()):
        raise ValueError("counts are not negative")
    return events, bases


def _refused(
    estimand: str, method: str, unit: str, events, bases, everyone: bool
) -> NotEstimable | None:
    what, support = (estimand, method, unit), Support(n=len(bases))
    if (bases > 0).sum() < FEWEST_AREAS:
        return NotEstimable(*what, "too_few_places", support)
    return (
        NotEstimable(*what, "constant_outcome", support) if everyone or not events.sum() else None
    )
