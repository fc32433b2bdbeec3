"""Two groups' rates of an event side by side: the relative rate index, the rate difference and the
verdict.

The event is said in the positive (promoted, recalled) and is good or bad for the person. Rates are
risks: persons with the event over persons at risk. The ONE interval is the score interval
(Miettinen and Nurminen 1985, with their N / (N - 1)). It is inverted here: statsmodels' version
gives intervals that do not hold the estimate, or complex numbers, where everyone in a group had the
event (statsmodels 0.15; tests/test_relative_rate.py).
"""

import math
from dataclasses import dataclass

from scipy import optimize, stats

from analysis.inference.planned.power import detectable_share
from analysis.record.row import VERDICT_KEYS
from analysis.results import Estimate, NotEstimable, Support, significant

# The four-fifths rule (US 29 CFR 1607.4(D)) and its inverse: METHODS section 0 rule 5 (a plan may
# set another).
BAND = (0.8, 1.25)
ALPHA = 0.05
SMALLEST_BASE = 30  # METHODS section 0 rule 5
SMALLEST_EXPECTED = 5  # METHODS section 0 rule 5
_Z = float(stats.norm.isf(ALPHA / 2))
_WIDEST = 1e12  # a ratio beyond which the search for a limit stops

VERDICTS = (
    "insufficient_data",
    "within_band",
    "disparity",
    "small_not_chance",
    "practical_only",
    "no_disparity_shown",
)
EVENT, OPPOSITE = (
    "event",
    "opposite",
)  # which way of counting decides: who had the event, or who did not
GROUP, REFERENCE = "group", "reference"  # who is worse off
GOOD, BAD = "good", "bad"  # what the event is for the person
# Verdicts that speak of one side; the others leave open whether anyone is worse off.
ONE_SIDED = ("disparity", "small_not_chance", "practical_only")

Ratio = tuple[float, float, float]  # a ratio (times) with the ends of its 95 % interval
Limits = tuple[float, float]  # the band of a plan: low and high (times)


@dataclass(frozen=True)
class Verdict:
    """What may be said of one event in one group; `direction` is that of the event in the group
    against the reference.

    name: one of VERDICTS. ratio, conf_low, conf_high (times): of the event; infinite when no one in
    the reference group had it. opposite: the ratio of those without the event with its interval
    (events over time have none). Both are None where the numbers are too small to say anything.
    decided_by: EVENT or OPPOSITE, whichever lies further outside its band. worse_off: GROUP or
    REFERENCE under a verdict of ONE_SIDED; None where the event is called neither good nor bad.
    """

    name: str
    direction: str | None
    ratio: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    opposite: Ratio | None = None
    decided_by: str | None = None
    worse_off: str | None = None


def relative_rate_index(
    events: int, base: int, reference_events: int, reference_base: int
) -> Estimate | NotEstimable:
    """Rate of the event in the group divided by the rate in the reference group (times).

    1 means equal rates, 0 that no one in the group had the event (a legal estimate, interval from
    0). The p-value inverts the interval shown. Interval: score (Miettinen and Nurminen 1985).
    Restrict to people at risk first.
    """
    counts = _checked(events, base, reference_events, reference_base)
    support = _support(*counts)
    if not (base and reference_base):
        return NotEstimable("relative_rate_index", "score", "times", "no_comparison", support)
    if not reference_events:
        return NotEstimable("relative_rate_index", "score", "times", "zero_events", support)
    ratio, low, high = _score_ratio(*counts)
    return Estimate(
        "relative_rate_index",
        "score",
        "times",
        ratio,
        low,
        high,
        p_value=_p_value(*counts),
        comparison_value=1.0,
        group_value=ratio,
        support=support,
    )


def rate_difference(
    events: int, base: int, reference_events: int, reference_base: int
) -> Estimate | NotEstimable:
    """Rate in the group less the rate in the reference group (percentage points), with the score
    interval.

    Holds 0 exactly where the relative rate index holds 1 (same statistic). Source: Miettinen and
    Nurminen 1985.
    """
    counts = _checked(events, base, reference_events, reference_base)
    support = _support(*counts)
    if not (base and reference_base):
        return NotEstimable("rate_difference", "score", "points", "no_comparison", support)
    rate, reference = events / base, reference_events / reference_base
    value = rate - reference
    low = -1.0 if value <= -1 else _limit(lambda d: _z_difference(d, *counts) - _Z, -1.0, value)
    high = 1.0 if value >= 1 else _limit(lambda d: _z_difference(d, *counts) + _Z, value, 1.0)
    return Estimate(
        "rate_difference",
        "score",
        "points",
        100 * value,
        100 * low,
        100 * high,
        p_value=_p_value(*counts),
        comparison_value=100 * reference,
        group_value=100 * rate,
        support=support,
    )


def log_wald_interval(
    events: int, base: int, reference_events: int, reference_base: int
) -> tuple[float, float, float] | None:
    """(standard error of the log, low, high) of the relative rate index: a cross-check, never shown
    as the interval.

    None where a count is zero. Source: Katz and others 1978.
    """
    if not (events and reference_events):
        return None
    error = math.sqrt(max(1 / events + 1 / reference_events - 1 / base - 1 / reference_base, 0.0))
    ratio = (events / base) / (reference_events / reference_base)
    return error, ratio * math.exp(-_Z * error), ratio * math.exp(_Z * error)


@dataclass(frozen=True, kw_only=True)
class VerdictRule:
    """counts: the event is "good" or "bad" for the person (None: the plan calls it neither). band:
    the ratios within which rates count as alike. alpha: an adjusted p-value up to it excludes 1."""

    counts: str | None
    band: Limits = BAND
    alpha: float = ALPHA


def verdict(
    events: int,
    base: int,
    reference_events: int,
    reference_base: int,
    rule: VerdictRule,
    *,
    p_adjusted: float,
) -> Verdict:
    """Verdict on ONE event (METHODS section 0 rule 5): numbers first, then the test, then both ways
    of counting.

    `p_adjusted` is the Benjamini-Hochberg p-value over the page, of the score test, which is the
    same for the event and its opposite: 1 is excluded when it is at most `alpha`. The band alone
    never flags: equal rates leave it in up to 69 of 100 small samples.
    """
    numbers = _checked(events, base, reference_events, reference_base)
    check_rule(rule.counts, rule.band)
    if (
        min(base, reference_base) < SMALLEST_BASE
        or _smallest_expected(*numbers) < SMALLEST_EXPECTED
    ):
        return Verdict("insufficient_data", None)
    without = _score_ratio(base - events, base, reference_base - reference_events, reference_base)
    excluded = p_adjusted <= rule.alpha
    return verdict_on_ratios(
        _score_ratio(*numbers), without, counts=rule.counts, excluded=excluded, band=rule.band
    )


def check_rule(counts: str | None, band: Limits) -> None:
    """ValueError unless the event is good, bad or neither, and the band has two ends around 1."""
    if counts not in (GOOD, BAD, None):
        raise ValueError("an event counts as good or bad for the person, or as neither (None)")
    if not 0 < band[0] < 1 < band[1]:
        raise ValueError("band is two ratios, the lower below 1 and the higher above")


def verdict_on_ratios(
    event: Ratio, opposite: Ratio | None, *, counts: str | None, excluded: bool, band: Limits
) -> Verdict:
    """The verdict where the numbers suffice; `excluded`: the adjusted test excludes 1. No
    `opposite`: events over time."""
    decided_by = deciding(event[0], None if opposite is None else opposite[0], band)
    name = name_of_verdict(event, opposite, excluded=excluded, band=band)
    direction = direction_of(event[0])
    worse = worse_off(direction, counts) if name in ONE_SIDED else None
    return Verdict(
        name, direction, *event, opposite=opposite, decided_by=decided_by, worse_off=worse
    )


def name_of_verdict(event: Ratio, opposite: Ratio | None, *, excluded: bool, band: Limits) -> str:
    """One of VERDICTS but "insufficient_data". The test comes before "within_band": what it detects
    is never "alike"."""
    ratios = [event] if opposite is None else [event, opposite]
    outside = any(outside_by(ratio, band) > 0 for ratio, _, _ in ratios)
    if excluded:
        return "disparity" if outside else "small_not_chance"
    if outside:
        return "practical_only"
    inside = all(band[0] <= low and high <= band[1] for _, low, high in ratios)
    return "within_band" if inside else "no_disparity_shown"


def deciding(event: float, opposite: float | None, band: Limits) -> str:
    """Which ratio lies further outside its band on the log scale; the event's own where neither
    lies outside.

    The four-fifths rule is one of selection: 7.5 against 10.8 in 100 promoted is 0.69, and 1.04 of
    those not promoted.
    """
    if opposite is None:
        return EVENT
    return (
        OPPOSITE
        if max(outside_by(opposite, band), 0.0) > max(outside_by(event, band), 0.0)
        else EVENT
    )


def outside_by(ratio: float, band: Limits) -> float:
    """How far a ratio lies outside the band on the log scale: above 0 outside it, infinite for a
    ratio of 0."""
    log = -math.inf if ratio == 0 else math.log(ratio)
    return max(math.log(band[0]) - log, log - math.log(band[1]))


def worse_off(direction: str | None, counts: str | None) -> str | None:
    """GROUP or REFERENCE: less often of a good event, more often of a bad one; None: alike, or
    neither good nor bad."""
    if direction is None or counts is None:
        return None
    return GROUP if (direction == "higher") == (counts == BAD) else REFERENCE


def direction_of(ratio: float) -> str | None:
    """The group against the reference: higher, lower or, at a ratio of exactly 1, neither."""
    return None if ratio == 1 else "higher" if ratio > 1 else "lower"


def smallest_detectable_ratio(
    base: int, reference_base: int, *, reference_rate: float, higher: bool = True
) -> float | None:
    """Relative rate index nearest to 1 (times) that these numbers would show in 80 of 100 samples;
    None: none would."""
    share = detectable_share(base, reference_base, reference_rate, higher=higher)
    return None if share is None else share / reference_rate


def _checked(events, base, reference_events, reference_base) -> tuple[int, int, int, int]:
    if not (0 <= events <= base and 0 <= reference_events <= reference_base):
        raise ValueError(
            "people with the event are a part of the people at risk, and counts are not negative"
        )
    return events, base, reference_events, reference_base


def _support(events, base, reference_events, reference_base) -> Support:
    n = base + reference_base
    smallest = min(events, base - events, reference_events, reference_base - reference_events)
    return Support(
        n=n,
        n_identifying=n,
        cells_identifying=1,
        n_treated=base,
        clusters_treated=base,
        clusters_comparison=reference_base,
        persons=n,
        smallest_cell=smallest,
        residual_df=max(n - 2, 0),
    )


def _smallest_expected(events, base, reference_events, reference_base) -> float:
    """The same for the event and its opposite, to the last digit: whole numbers are divided
    once."""
    n, count = base + reference_base, events + reference_events
    return min(base, reference_base) * min(count, n - count) / n


def _p_value(events, base, reference_events, reference_base) -> float:
    z = _z_difference(0.0, events, base, reference_events, reference_base)
    return float(2 * stats.norm.sf(abs(z)))


def _score_ratio(events, base, reference_events, reference_base) -> tuple[float, float, float]:
    """Ratio with its limits; a reference without events gives an infinite ratio (the inverse of a
    ratio of 0)."""
    if not reference_events:
        if not events:
            return 1.0, 0.0, math.inf
        _, low, high = _score_ratio(reference_events, reference_base, events, base)
        return math.inf, 1 / high, math.inf
    counts = (events, base, reference_events, reference_base)
    ratio = (events / base) / (reference_events / reference_base)

    def limit(side: float, start: float, factor: float) -> float:
        end = start
        while (_z_ratio(end, *counts) - side) * side < 0 and 1 / _WIDEST < end < _WIDEST:
            end *= factor
        return _limit(lambda r: _z_ratio(r, *counts) - side, min(start, end), max(start, end))

    low = limit(_Z, ratio, 0.5) if events else 0.0
    return ratio, low, limit(-_Z, ratio or 1e-9, 2.0)


def _limit(function, low: float, high: float) -> float:
    return float(optimize.brentq(function, low, high, xtol=1e-12, rtol=1e-12))


def _z_ratio(ratio, events, base, reference_events, reference_base) -> float:
    """Score statistic of the hypothesis that the rates stand as `ratio` to 1."""
    n, count = base + reference_base, events + reference_events
    b = base * ratio + events + reference_base + reference_events * ratio
    root = math.sqrt(max(b * b - 4 * n * ratio * count, 0.0))
    reference = min(2 * count / (b + root), 1.0, 1 / ratio)
    rate = ratio * reference
    variance = rate * (1 - rate) / base + ratio**2 * reference * (1 - reference) / reference_base
    return _z(events / base - ratio * reference_events / reference_base, variance * n / (n - 1))


def _z_difference(difference, events, base, reference_events, reference_base) -> float:
    """Score statistic of the hypothesis that the rates are `difference` apart (constrained rates in
    closed form)."""
    n, count = base + reference_base, events + reference_events
    c2 = ((base + 2 * reference_base) * difference - n - count) / (3 * n)
    c1 = ((reference_events * difference - n - 2 * reference_events) * difference + count) / (3 * n)
    c0 = reference_events * difference * (1 - difference) / (2 * n)
    q = c2**3 - 1.5 * c1 * c2 + c0
    p = math.copysign(math.sqrt(max(c2**2 - c1, 0.0)), q)
    angle = (math.pi + math.acos(min(max(q / p**3 if p else 1.0, -1.0), 1.0))) / 3
    reference = min(max(2 * p * math.cos(angle) - c2, 0.0, -difference), 1.0, 1 - difference)
    rate = reference + difference
    variance = rate * (1 - rate) / base + reference * (1 - reference) / reference_base
    return _z(
        events / base - reference_events / reference_base - difference, variance * n / (n - 1)
    )


def _z(distance: float, variance: float) -> float:
    if variance > 0:
        return distance / math.sqrt(variance)
    return 0.0 if abs(distance) < 1e-12 else math.copysign(math.inf, distance)


def verdict_cells(verdict: Verdict, counts: str | None, *, figures: int = 3) -> dict:
    """VERDICT_KEYS of a row, to so many figures. An opposite ratio without end (nobody to divide
    by) is null."""
    ends = verdict.opposite or (None, None, None)
    opposite = [
        None if x is None or not math.isfinite(x) else significant(x, figures) for x in ends
    ]
    values = (counts, verdict.decided_by, verdict.worse_off, *opposite)
    return dict(zip(VERDICT_KEYS, values, strict=True))
