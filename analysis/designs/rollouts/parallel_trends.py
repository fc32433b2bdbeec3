"""How far a roll-out rests on parallel trends: leads, and how large a violation the answer would
bear.

Both read `GroupTime` and use its influence functions. Passing the first is no proof (Roth 2022);
the second says how many times the largest change in trend seen before the start a change after it
may be (Rambachan and Roth 2023).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.designs.rollouts.group_time import GroupTime, averaged, cluster_sums, group_time
from analysis.results import CheckResult
from analysis.said.numbers import cleared_estimate, cleared_p, planned, tally
from analysis.said.texts import named, say

ALPHA = 0.05
# nearest leads in the joint test: more of them than clusters can carry make the covariance singular
LEADS = 4
CLUSTERS_A_LEAD = 3  # clusters for each lead, or the joint test is not run
LARGEST_M = 10.0  # a breakdown beyond this is given as this
TOLERANCE = 0.001
# of the interval beside the breakdown: a change after the start as large as the largest before it
NAMED_M = 1.0


@dataclass(frozen=True)
class RelativeMagnitudes:
    """Mean effect over times since the start, if changes in trend after it are at most m times the
    largest before it.

    low, high: what the estimates allow, their errors set aside; conf_low, conf_high: 95 % interval
    (outcome's unit).
    """

    m: float
    low: float
    high: float
    conf_low: float
    conf_high: float


def pre_trend_check(effects: GroupTime, *, leads: int = LEADS) -> CheckResult:
    """Joint test that the nearest `leads` before the period just before the start are nil
    (universal base).

    passed: not rejected at 5 %; None where there is no lead, or fewer than three clusters a lead
    and one more. value: p-value of Hotelling's F on clusters.
    """
    universal = group_time(effects.panel, comparison=effects.rule, base="universal")
    present = sorted({int(e) for e in universal.time - universal.group if e < -1}, reverse=True)[
        :leads
    ]
    clusters, k = len(np.unique(effects.panel.clusters)), len(present)
    if not k or clusters <= CLUSTERS_A_LEAD * k:
        return CheckResult(
            "pre_trend",
            None,
            "Whether the trends were alike before the start could not be tested.",
            bears_on="claim",
        )
    values, covariance = _event_study(universal, present)
    wald = float(values @ np.linalg.pinv(covariance, hermitian=True) @ values)
    p = float(stats.f.sf(wald * (clusters - k) / (k * (clusters - 1)), k, clusters - k))
    words = "are not shown to differ" if p > ALPHA else "differ"
    text = say(
        "Trends before the start {words} (joint test, {leads} leads, {p}).",
        words=words,
        leads=tally(k, "leads"),
        p=cleared_p(p),
    )
    return CheckResult("pre_trend", p > ALPHA, text, p, ALPHA, bears_on="claim", shown=cleared_p(p))


def relative_magnitudes(effects: GroupTime, m: float) -> RelativeMagnitudes | None:
    """Bounds and interval of the mean effect over times since the start under relative magnitudes
    `m` (times).

    The bounds are the farthest of `estimate + or - m K d` over the changes d between neighbouring
    leads, K the mean number of periods since the last one before the start. The interval takes the
    farthest limit of each such sum with its own clustered error: it covers whichever change is
    truly the largest, and is wider than the conditional one of Rambachan and Roth (2023). None
    without two neighbouring leads.
    """
    parts = _pieces(effects)
    return None if parts is None else _bounds(*parts, m)


def breakdown(
    effects: GroupTime, *, at: float = NAMED_M, unit: str = "", widest: float = np.inf
) -> CheckResult:
    """M-bar: the smallest m (times, to 0.001) at which the interval of `relative_magnitudes` holds
    0.

    value 0: it does with parallel trends already; 10: not even at ten times. passed: at least 1, a
    change after the start as large as the largest one before it. None without two leads. The text
    gives the interval at m = `at` beside it, in
    `unit` ("in every 100"), no further from nil than an effect can be (`widest`).
    """
    parts = _pieces(effects)
    if parts is None:
        text = (
            "How large a change in trend the result would bear could not be worked out: too few"
            " periods before."
        )
        return CheckResult("parallel_trends_breakdown", None, text, bears_on="claim")
    low, high = 0.0, LARGEST_M
    if _holds_nil(_bounds(*parts, 0.0)):
        high = 0.0
    elif not _holds_nil(_bounds(*parts, LARGEST_M)):
        low = high
    while high - low > TOLERANCE:
        middle = (low + high) / 2
        low, high = (low, middle) if _holds_nil(_bounds(*parts, middle)) else (middle, high)
    bears = cleared_estimate(high, decimals=2)
    text = say(
        "The result would bear changes in trend of up to {bears} times the largest before the"
        " start; {interval}",
        bears=bears,
        interval=_interval_words(_bounds(*parts, at), unit, widest),
    )
    return CheckResult(
        "parallel_trends_breakdown", high >= 1, text, high, 1.0, bears_on="claim", shown=bears
    )


def _interval_words(bounds: RelativeMagnitudes, unit: str, widest: float) -> str:
    low, high = (
        cleared_estimate(float(np.clip(end, -widest, widest)), signed=True)
        for end in (bounds.conf_low, bounds.conf_high)
    )
    return say(
        "with {m} times that it could lie from {low} to {high}{unit} (95% interval).",
        m=planned(bounds.m),
        low=low,
        high=high,
        unit=named(unit and f" {unit}"),
    )


def _event_study(universal: GroupTime, event_times: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Averages at each event time and their clustered covariance."""
    found = [averaged(universal, "event", event_time) for event_time in event_times]
    scores = cluster_sums(
        np.column_stack([influence for _, influence in found]), universal.panel.clusters
    )
    return np.array([value for value, _ in found]), scores.T @ scores


def _pieces(effects: GroupTime) -> tuple[np.ndarray, np.ndarray, int, float, float] | None:
    """[mean effect, changes between leads], their covariance, number of changes, K, and the t
    quantile."""
    universal = group_time(effects.panel, comparison=effects.rule, base="universal")
    times = universal.time - universal.group
    leads, lag = [], -2
    while (times == lag).any():
        leads.append(lag)
        lag -= 1
    lags = sorted({int(e) for e in times if e >= 0})
    if not leads or not lags:
        return None
    values, covariance = _event_study(universal, [*leads[::-1], *lags])
    quantile = float(stats.t.ppf(1 - ALPHA / 2, len(np.unique(effects.panel.clusters)) - 1))
    values, covariance, changes, _ = _turned(values[: len(leads)], values[len(leads) :], covariance)
    return values, covariance, changes, float(np.mean(lags)) + 1, quantile


def _turned(
    before: np.ndarray, after: np.ndarray, covariance: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int, float]:
    """[mean since the start, changes between neighbours before it], their covariance, number of
    changes, K."""
    turn = np.zeros((len(before) + 1, len(before) + len(after)))
    turn[0, len(before) :] = 1 / len(after)
    for row in range(
        len(before)
    ):  # the next one less this one; the last period before the start is nil
        turn[row + 1, row] = -1.0
        if row + 1 < len(before):
            turn[row + 1, row + 1] = 1.0
    values = turn @ np.concatenate([before, after])
    return values, turn @ covariance @ turn.T, len(before), (len(after) + 1) / 2


def _bounds(
    values, covariance, changes: int, reach: float, quantile: float, m: float
) -> RelativeMagnitudes:
    sums = np.zeros((2 * changes, changes + 1))
    sums[:, 0] = 1.0
    for change in range(changes):
        sums[2 * change : 2 * change + 2, change + 1] = (m * reach, -m * reach)
    centre, error = sums @ values, np.sqrt(np.einsum("ij,jk,ik->i", sums, covariance, sums))
    limits = (centre - quantile * error).min(), (centre + quantile * error).max()
    return RelativeMagnitudes(
        m, float(centre.min()), float(centre.max()), float(limits[0]), float(limits[1])
    )


def _holds_nil(bounds: RelativeMagnitudes) -> bool:
    return bounds.conf_low <= 0 <= bounds.conf_high
