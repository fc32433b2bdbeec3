"""Funnel limits: which places lie further from a target than their size lets chance carry them.

Limits are for 95 and 99.8 in 100 places that stand at the target (Spiegelhalter 2005, Statistics in
Medicine 24:1185). Where places differ more than chance allows throughout, a variance tau^2 between
places is added, so that only what stands out from the others is flagged (Spiegelhalter 2005,
Quality and Safety in Health Care 14:347).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.stats.mstats import winsorize

from analysis.results import NotEstimable

LEVELS = (0.025, 0.975, 0.001, 0.999)  # limits at 95 and 99.8 in 100: Spiegelhalter 2005
WINSORISED = 0.1  # share of the z-scores pulled in at each end: Spiegelhalter 2005
FEWEST_UNITS = 10  # ten z-scores are the fewest of which 10 % is one at each end
MANY = 20_000  # people above which the beta law stands for the beta-binomial law
ALIKE = 0.99  # largest correlation within a place that the beta-binomial law is given

POSITIONS = ("inside", "outside_95", "outside_99_8")
OVERDISPERSION = ("estimated", "none_found", "too_few_units")


@dataclass(frozen=True)
class Limits:
    """Ends of the funnel at one place, in the unit of its value. A value at a limit lies inside."""

    low_95: float
    high_95: float
    low_99_8: float
    high_99_8: float


@dataclass(frozen=True)
class FunnelUnit:
    """One place: its value against the target. `position` (one of POSITIONS) follows
    `adjusted_limits`.

    z, z_adjusted: distance from the target in standard errors, without and with tau^2. Where few
    events are expected the limits, which come from the law of the counts, and not z, say how
    unusual a value is.
    """

    value: float
    z: float
    z_adjusted: float
    limits: Limits
    adjusted_limits: Limits
    position: str


@dataclass(frozen=True)
class Funnel:
    """All places in the order given (None: no one at risk there, or not estimable).

    phi (times): mean squared winsorised z; None with fewer than ten places. About 0.7 where chance
    alone is at work, since winsorising shortens the tails: above 1 is a sign of differences.
    tau_squared: variance between places added to the square of the standard errors (0: limits are
    the same with and without). overdispersion: OVERDISPERSION.
    """

    target: float
    phi: float | None
    tau_squared: float
    overdispersion: str
    units: tuple[FunnelUnit | None, ...]


def funnel_of_proportions(
    events: np.ndarray, people: np.ndarray, *, target: float | None = None
) -> Funnel | NotEstimable:
    """Funnel of risks (0 to 1) around `target`; None: events of all places divided by people of all
    places.

    Limits by mid-p from the binomial law and, with tau^2, from the beta-binomial law of that mean
    and variance.
    """
    events, people = np.asarray(events, dtype=float), np.asarray(people, dtype=float)
    if not (np.isfinite(people).all() and (events >= 0).all() and (events <= people).all()):
        raise ValueError(
            "people with the event are a part of the people at risk, and counts are not negative"
        )
    if not people.sum():
        return NotEstimable("funnel", "proportions", "in_every_100", "no_comparison")
    target = float(events.sum() / people.sum()) if target is None else target
    if not 0 < target < 1:
        return NotEstimable("funnel", "proportions", "in_every_100", "constant_outcome")
    values, variances = _divided(events, people), _divided(target * (1 - target), people)
    return _funnel(values, variances, target, lambda i, tau: _share_limits(people[i], target, tau))


def funnel_of_ratios(observed: np.ndarray, expected: np.ndarray, *, target: float = 1.0) -> Funnel:
    """Funnel of indirectly standardised ratios O / E (times) around `target`, E taken as known.

    Limits by mid-p from the Poisson law and, with tau^2, from the negative binomial law of that
    mean and variance.
    """
    observed, expected = np.asarray(observed, dtype=float), np.asarray(expected, dtype=float)
    if not (
        np.isfinite(expected).all()
        and (observed >= 0).all()
        and (expected >= 0).all()
        and target > 0
    ):
        raise ValueError("counts are not negative, and the target lies above 0")
    values, variances = _divided(observed, expected), _divided(target, expected)
    return _funnel(
        values, variances, target, lambda i, tau: _ratio_limits(expected[i], target, tau)
    )


def overdispersion(z: np.ndarray, variances: np.ndarray) -> tuple[float, float] | None:
    """(phi, tau^2) of places with these z-scores and squared standard errors; None: fewer than ten
    places.

    tau^2 is 0 unless phi > 1; else (I phi - (I - 1)) / (sum w - sum w^2 / sum w), w the inverse of
    the variances: the moment estimate of DerSimonian and Laird with winsorised scores. Winsorising
    keeps a few places far out from widening the limits, but shortens regular tails too: tau^2 is
    about 0.6 of the true variance (tests/test_funnel_limits.py), and about 11 and 1.5 in 100
    regular places lie outside the adjusted limits where 5 and 0.2 would.
    """
    count = len(z)
    if count < FEWEST_UNITS:
        return None
    phi = float(np.mean(np.asarray(winsorize(np.asarray(z), limits=(WINSORISED, WINSORISED))) ** 2))
    weights = 1 / np.asarray(variances)
    spread = weights.sum() - (weights**2).sum() / weights.sum()
    return phi, float((count * phi - (count - 1)) / spread) if phi > 1 else 0.0


def _funnel(values, variances, target: float, limits_at: Callable[[int, float], Limits]) -> Funnel:
    known = np.isfinite(values)
    z = (values - target) / np.sqrt(variances)
    found = overdispersion(z[known], variances[known])
    phi, tau_squared = found or (None, 0.0)
    units: list[FunnelUnit | None] = []
    for i, value in enumerate(values):
        if not known[i]:
            units.append(None)
            continue
        limits = limits_at(i, 0.0)
        adjusted = limits_at(i, tau_squared) if tau_squared else limits
        shrink = np.sqrt(variances[i] / (variances[i] + tau_squared))
        units.append(
            FunnelUnit(
                float(value),
                float(z[i]),
                float(z[i] * shrink),
                limits,
                adjusted,
                _position(value, adjusted),
            )
        )
    said = "too_few_units" if found is None else "estimated" if tau_squared else "none_found"
    return Funnel(target, phi, tau_squared, said, tuple(units))


def _position(value: float, limits: Limits) -> str:
    if not limits.low_99_8 <= value <= limits.high_99_8:
        return "outside_99_8"
    return "inside" if limits.low_95 <= value <= limits.high_95 else "outside_95"


def _share_limits(people: float, target: float, tau_squared: float) -> Limits:
    binomial = target * (1 - target)
    alike = min(tau_squared * people / ((people - 1) * binomial), ALIKE) if people > 1 else 0.0
    spread = np.sqrt(people * binomial * (1 + (people - 1) * alike))
    counts = _counts_near(people * target, spread, people)
    if not alike:
        return _mid_p_limits(counts, stats.binom.pmf(counts, people, target), people)
    if people > MANY:
        size = (people / spread) ** 2 * binomial - 1
        return Limits(
            *(float(x) for x in stats.beta.ppf(LEVELS, target * size, (1 - target) * size))
        )
    size = 1 / alike - 1
    return _mid_p_limits(
        counts, stats.betabinom.pmf(counts, people, target * size, (1 - target) * size), people
    )


def _ratio_limits(expected: float, target: float, tau_squared: float) -> Limits:
    mean = expected * target
    counts = _counts_near(mean, np.sqrt(mean + expected**2 * tau_squared), np.inf)
    if not tau_squared:
        return _mid_p_limits(counts, stats.poisson.pmf(counts, mean), expected)
    size = target**2 / tau_squared
    return _mid_p_limits(counts, stats.nbinom.pmf(counts, size, size / (size + mean)), expected)


def _counts_near(mean: float, spread: float, most: float) -> np.ndarray:
    """All counts that such a law gives but in fewer than one of 10 000 draws."""
    return np.arange(
        max(np.floor(mean - 10 * spread), 0), min(np.ceil(mean + 15 * spread + 10), most) + 1
    )


def _mid_p_limits(counts: np.ndarray, chances: np.ndarray, base: float) -> Limits:
    """Quantiles of a law of counts, by mid-p between the whole numbers (Lancaster 1961), divided by
    `base`."""
    middles = np.cumsum(chances) - chances / 2
    return Limits(*(float(x) / base for x in np.interp(LEVELS, middles, counts)))


def _divided(top, bottom: np.ndarray) -> np.ndarray:
    """NaN where nothing stands below: such a place has no value."""
    return np.divide(top, bottom, out=np.full(len(bottom), np.nan), where=bottom > 0)
