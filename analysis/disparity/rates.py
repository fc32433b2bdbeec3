"""Events over person-time or over residents, two groups side by side: the relative rate index of
RATES.

One person may have several events, so that events are no part of the people: no score interval of
risks. The plain interval takes events as independent (Poisson). Where the same people come back it
is too narrow: `relative_rate_inflated` widens it by what sums over persons tell. Person-time left
at risk is the caller's to work out first.
"""

import math
from dataclasses import dataclass

from scipy import stats

from analysis.disparity.relative_rate import (
    ALPHA,
    SMALLEST_BASE,
    SMALLEST_EXPECTED,
    Verdict,
    VerdictRule,
    check_rule,
    verdict_on_ratios,
)
from analysis.inference.planned.power import POWER
from analysis.results import Estimate, NotEstimable, Support

ESTIMAND, UNIT = "relative_rate_index", "times"
EXACT, LOG, CLUSTERED = "exact_conditional", "log", "clustered_by_person"
METHODS = ("default", "exact", "log")
# The log interval stands from here on: exact coverage 95 to 96 % at 10 and 40 events expected
# (tests/test_rates.py).
SMALLEST_TOTAL_FOR_LOG = 50
SMALLEST_COUNT_FOR_LOG = 10
SMALLEST_PERSONS = SMALLEST_BASE  # METHODS section 0 rule 5: people on either side
_Z = float(stats.norm.isf(ALPHA / 2))


@dataclass(frozen=True)
class PersonSums:
    """Sums over the persons of one side: all that the clustered interval needs. People without
    events count too.

    events and exposure add up over persons; the last three are sums of squares and of products of
    the two.
    """

    persons: int
    events: float
    exposure: float
    events_squared: float
    events_times_exposure: float
    exposure_squared: float


def relative_rate_of_events(
    events: int,
    exposure: float,
    reference_events: int,
    reference_exposure: float,
    *,
    method: str = "default",
) -> Estimate | NotEstimable:
    """Events a unit of exposure in the group divided by those in the reference group (times); 1
    means equal rates.

    Exact: Clopper-Pearson limits of the group's share of all events, given their number
    (Przyborowski and Wilenski 1940; Clopper and Pearson 1934), twice the smaller tail as p-value.
    Log: standard error sqrt(1/a + 1/b), without the
    -1/A - 1/B of risks. "default": exact under 50 events in all or 10 on a side. A group without
    events is 0 with an exact upper limit under every method. Levels: rates a unit of exposure.
    Support counts events, not people.
    """
    counts = _checked(events, exposure, reference_events, reference_exposure)
    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}")
    named = (
        LOG
        if events and (method == "log" or (method == "default" and not _is_small(*counts)))
        else EXACT
    )
    support = _support(events, reference_events)
    if not (exposure and reference_exposure):
        return NotEstimable(ESTIMAND, named, UNIT, "no_comparison", support)
    if not reference_events:
        return NotEstimable(ESTIMAND, named, UNIT, "zero_events", support)
    ratio, low, high, p_value = (_log if named == LOG else _exact)(*counts)
    return Estimate(
        ESTIMAND,
        named,
        UNIT,
        ratio,
        low,
        high,
        p_value=p_value,
        comparison_value=reference_events / reference_exposure,
        group_value=events / exposure,
        support=support,
    )


def variance_inflation(side: PersonSums) -> float | None:
    """Variance of a side's log rate divided by what independent events would give (times); None
    without events or people.

    1 where nobody comes back; the average number of further events that an event of the same person
    brings, plus 1.
    """
    if not side.events or side.persons < 2:
        return None
    return _log_variance(side) * side.events


def relative_rate_inflated(
    events: int,
    exposure: float,
    reference_events: int,
    reference_exposure: float,
    *,
    inflation: float,
    reference_inflation: float,
) -> Estimate | NotEstimable:
    """The ratio (times) from counts alone, each side's variance times its `variance_inflation`:
    sqrt(f/a + g/b).

    For counts that were rounded before they may be used: what is released follows from what is
    shown (rule S6). With exact counts it is the linearised ratio estimator over persons (Cochran
    1977, section 6.3), with n / (n - 1): the sandwich of a Poisson regression. Normal limits.
    """
    counts = _checked(events, exposure, reference_events, reference_exposure)
    support = _support(events, reference_events)
    if not (exposure and reference_exposure):
        return NotEstimable(ESTIMAND, CLUSTERED, UNIT, "no_comparison", support)
    if not (events and reference_events):
        return NotEstimable(ESTIMAND, CLUSTERED, UNIT, "zero_events", support)
    ratio, low, high, p_value = _log(
        *counts, inflation=inflation, reference_inflation=reference_inflation
    )
    return Estimate(
        ESTIMAND,
        CLUSTERED,
        UNIT,
        ratio,
        low,
        high,
        p_value=p_value,
        comparison_value=reference_events / reference_exposure,
        group_value=events / exposure,
        support=support,
    )


@dataclass(frozen=True)
class RateSide:
    """Events of one side, what they are counted over, and among how many people."""

    events: int
    exposure: float
    persons: int


def verdict_of_rates(
    group: RateSide,
    reference: RateSide,
    rule: VerdictRule,
    *,
    p_adjusted: float,
    clustered: Estimate | NotEstimable | None = None,
) -> Verdict:
    """Verdict on ONE event counted over time or residents, by the rule of `relative_rate.verdict`;
    it has no opposite.

    Insufficient data: under 30 people on a side, or under 5 events expected at equal rates.
    `clustered`: the result whose interval decides, where people come back (`p_adjusted` belongs to
    the same); not estimable: insufficient data.
    """
    numbers = _checked(group.events, group.exposure, reference.events, reference.exposure)
    check_rule(rule.counts, rule.band)
    too_few = (
        min(group.persons, reference.persons) < SMALLEST_PERSONS
        or _smallest_expected(*numbers) < SMALLEST_EXPECTED
    )
    if too_few or isinstance(clustered, NotEstimable):
        return Verdict("insufficient_data", None)
    if clustered is not None:
        ratio = clustered.value, clustered.conf_low, clustered.conf_high
    else:
        ratio = (_exact if _is_small(*numbers) else _log)(*numbers)[:3]
    excluded = p_adjusted <= rule.alpha
    return verdict_on_ratios(ratio, None, counts=rule.counts, excluded=excluded, band=rule.band)


def smallest_detectable_rate_ratio(
    exposure: float, reference_exposure: float, *, reference_rate: float, higher: bool = True
) -> float | None:
    """Ratio of rates nearest to 1 (times) that these exposures would show in 80 of 100 samples;
    None: none would.

    `reference_rate`: events a unit of exposure. Events are independent: with people who come back
    the smallest ratio lies further out. Normal on the square-root scale, where the variance does
    not hang on the rate (Huffman 1984); the log scale promises too much above 1 (71 of 100 where 5
    events are expected).
    """
    if not (exposure > 0 and reference_exposure > 0 and reference_rate > 0):
        return None
    reach = (_Z + float(stats.norm.ppf(POWER))) * math.sqrt(1 + exposure / reference_exposure)
    step = reach / (2 * math.sqrt(reference_rate * exposure))
    root = 1 + step if higher else 1 - step
    return root**2 if root > 0 else None


def _checked(
    events, exposure, reference_events, reference_exposure
) -> tuple[int, float, int, float]:
    if min(events, reference_events, exposure, reference_exposure) < 0:
        raise ValueError("events and exposures are not negative")
    return events, exposure, reference_events, reference_exposure


def _is_small(events, exposure, reference_events, reference_exposure) -> bool:
    few = min(events, reference_events) < SMALLEST_COUNT_FOR_LOG
    return few or events + reference_events < SMALLEST_TOTAL_FOR_LOG


def _smallest_expected(events, exposure, reference_events, reference_exposure) -> float:
    """Events expected at equal rates on the side with fewer of them."""
    total = exposure + reference_exposure
    return (events + reference_events) * min(exposure, reference_exposure) / total if total else 0.0


def _log(
    events,
    exposure,
    reference_events,
    reference_exposure,
    *,
    inflation: float = 1.0,
    reference_inflation: float = 1.0,
) -> tuple[float, float, float, float]:
    """Ratio, its limits and the p-value that inverts them."""
    ratio = (events / exposure) / (reference_events / reference_exposure)
    error = math.sqrt(inflation / events + reference_inflation / reference_events)
    p_value = float(2 * stats.norm.sf(abs(math.log(ratio)) / error))
    return ratio, ratio * math.exp(-_Z * error), ratio * math.exp(_Z * error), p_value


def _exact(
    events, exposure, reference_events, reference_exposure
) -> tuple[float, float, float, float]:
    """The same; a reference without events gives an infinite ratio (the inverse of a ratio of
    0)."""
    scale = reference_exposure / exposure
    low = float(stats.beta.ppf(ALPHA / 2, events, reference_events + 1)) if events else 0.0
    high = (
        float(stats.beta.isf(ALPHA / 2, events + 1, reference_events)) if reference_events else 1.0
    )
    ratio = scale * events / reference_events if reference_events else math.inf if events else 1.0
    law = stats.binom(events + reference_events, exposure / (exposure + reference_exposure))
    p_value = float(min(1.0, 2 * min(law.cdf(events), law.sf(events - 1))))
    return (
        ratio,
        scale * low / (1 - low),
        scale * high / (1 - high) if high < 1 else math.inf,
        p_value,
    )


def _log_variance(side: PersonSums) -> float:
    rate = side.events / side.exposure
    squares = (
        side.events_squared
        - 2 * rate * side.events_times_exposure
        + rate**2 * side.exposure_squared
    )
    return max(squares, 0.0) / side.events**2 * side.persons / (side.persons - 1)


def _support(events: int, reference_events: int) -> Support:
    """Events in the place of people, who are not known: an upper limit of how many people there
    are."""
    n = events + reference_events
    return Support(
        n=n,
        n_identifying=n,
        cells_identifying=1,
        n_treated=events,
        persons=n,
        smallest_cell=min(events, reference_events),
        residual_df=max(n - 2, 0),
    )
