"""Cumulative incidence where more than one exit is possible, and its difference between two arms at
a horizon.

Aalen and Johansen 1978. One minus Kaplan-Meier with the other exits censored answers another
question (what if no one could leave any other way) and is too high.
"""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.duration.survfunc import CumIncidenceRight

from analysis.designs.cohorts.balance import combined_codes
from analysis.designs.trials.duration import double_log_interval, follow_up_reaches
from analysis.inference.clusters import CR2_REASON, RELIABLE_DF, cr2, has_infinite, t_interval
from analysis.inference.coding import exit_reason, numbers, zero_one
from analysis.inference.columns import ExitColumns
from analysis.results import Estimate, NotEstimable, Support, What

METHOD = "aalen_johansen"
SMALLEST_SITES = 2  # on a side: with one there is no spread between sites to see


def incidence_curve(people: pd.DataFrame, *, time: str, exit: str, cause: object) -> pd.DataFrame:
    """Cumulative incidence of `cause`: one row a time, with incidence (share, 0 to 1) and its
    std_error.

    `exit` names why a person left; missing means that follow-up ended before any exit. The standard
    error is for people who are independent of each other.
    """
    rows = _observed(people, time, exit)
    times, codes = rows[time].to_numpy(dtype=float), _exit_codes(rows[exit], cause)
    if not (codes == 1).any():
        return pd.DataFrame({"time": np.unique(times), "incidence": 0.0, "std_error": 0.0})
    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # the standard error where the last person leaves
        curve = CumIncidenceRight(times, codes)
    return pd.DataFrame(
        {"time": curve.times, "incidence": curve.cinc[0], "std_error": curve.cinc_se[0]}
    )


def time_until(
    people: pd.DataFrame, *, time: str, exit: str, cause: object, share: float
) -> float | None:
    """By when the incidence of `cause` had come to `share` (0 to 1), in the unit of `time`; None
    where it never did within the follow-up."""
    curve = incidence_curve(people, time=time, exit=exit, cause=cause)
    reached = curve[curve["incidence"] >= share]
    return None if reached.empty else float(reached["time"].iloc[0])


def cumulative_incidence(
    people: pd.DataFrame, *, time: str, exit: str, cause: object, horizon: float
) -> Estimate | NotEstimable:
    """How many in every 100 have left through `cause` by `horizon` (in_every_100).

    Interval on the complementary log-log scale, for independent people. Not estimable where
    follow-up does not reach the horizon, or no one left that way.
    """
    rows = _observed(people, time, exit)
    what, support = (
        ("cumulative_incidence", METHOD, "in_every_100"),
        Support(n=len(rows), persons=len(rows)),
    )
    times, codes = rows[time].to_numpy(dtype=float), _exit_codes(rows[exit], cause)
    reason = _refusal([(times, codes)], horizon)
    if reason:
        return NotEstimable(*what, reason, support)
    share, influence = incidence_influence(times, codes, horizon)
    error = float(influence.std() / np.sqrt(len(rows)))
    if share >= 1:
        return NotEstimable(*what, "constant_outcome", support)
    low, high = double_log_interval(share, error)
    return Estimate(*what, 100 * share, 100 * low, 100 * high, 100 * error, support=support)


def incidence_difference(
    people: pd.DataFrame,
    columns: ExitColumns,
    *,
    cause: object,
    horizon: float,
    estimand: str = "incidence_difference",
) -> Estimate | NotEstimable:
    """How many more in every 100 of the treated (0/1) than of the others have left through `cause`
    by `horizon`.

    Each person's influence on their arm's incidence stands in for an outcome (the infinitesimal
    jackknife, the limit of pseudo-values: Andersen, Klein and Rosthoj 2003). With `site` its spread
    is clustered: CR2 with Satterthwaite degrees of freedom, whether sites or people within sites
    were assigned; below 4 it sets no class. Where whole sites were assigned and one side has two,
    use a permutation of site means. Without `site` people are independent.
    """
    time, exit, treated, site = columns.time, columns.exit, columns.treated, columns.site
    rows = _observed(people, time, exit, [treated] if site is None else [treated, site])
    what, side = (estimand, METHOD, "in_every_100"), zero_one(rows[treated], treated) == 1
    times, codes = rows[time].to_numpy(dtype=float), _exit_codes(rows[exit], cause)
    sites = np.arange(len(rows)) if site is None else combined_codes(rows, [site])
    support = _support(side, (codes == 1) & (times <= horizon), sites)
    if not side.any() or side.all():
        return NotEstimable(*what, "no_comparison", support)
    few = min(support.clusters_treated, support.clusters_comparison) < SMALLEST_SITES
    reason = (
        "too_few_sites"
        if few
        else _refusal([(times[part], codes[part]) for part in (side, ~side)], horizon)
    )
    if reason:
        return NotEstimable(*what, reason, support)
    stand_in, levels = np.zeros(len(rows)), []
    for part in (side, ~side):
        level, influence = incidence_influence(times[part], codes[part], horizon)
        stand_in[part] = 100 * (level + influence)
        levels.append(100 * level)
    found = _difference(what, stand_in, side, None if site is None else sites, levels, support)
    lost = bool(
        ((codes == 0) & (times < horizon)).any()
    )  # where all were followed, the levels are shares of people
    return found.with_estimated_levels() if lost and isinstance(found, Estimate) else found


def incidence_influence(
    times: np.ndarray, exits: np.ndarray, horizon: float, *, weights: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """Aalen-Johansen incidence of exit 1 at `horizon` (share), and the sum of the weights times its
    derivative by each person's weight.

    exits: 0 follow-up ended, 1 the cause, 2 any other exit. weights: above 0; without any everyone
    counts 1. The weighted influences sum to zero; without censoring level plus influence is 1 for
    those who left through the cause by then, else 0.
    """
    own_weight = np.ones(len(times)) if weights is None else np.asarray(weights, dtype=float)
    total, grid = float(own_weight.sum()), np.unique(times[(exits > 0) & (times <= horizon)])
    place = np.searchsorted(grid, times, side="left")  # first grid time not before the own one
    on_grid = (exits > 0) & (times <= horizon)
    risk = _at_risk(times, own_weight, grid)
    cause = _summed(place, own_weight, on_grid & (exits == 1), len(grid))
    left = _summed(place, own_weight, on_grid, len(grid))
    before = np.concatenate([[1.0], np.cumprod(1 - left / risk)[:-1]])
    steps = before * cause / risk
    level, still_to_come = float(steps.sum()), steps.sum() - np.cumsum(steps)
    dust = 1e-9 * total  # sums of weights that are nothing but rounding
    stay = np.where(
        risk - left > dust, 1 / np.maximum(risk - left, dust), 0.0
    )  # nothing comes after the last has left
    compensator = np.cumsum(-steps / risk + left / risk * stay * still_to_come)
    upto = np.searchsorted(grid, times, side="right")  # grid times at which the person was at risk
    influence = np.concatenate([[0.0], compensator])[upto]
    own = place[on_grid]
    influence[on_grid] += (
        before[own] / risk[own] * (exits[on_grid] == 1) - stay[own] * still_to_come[own]
    )
    return level, total * influence


def _at_risk(times: np.ndarray, weights: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Weight of those who are followed to each time of the grid."""
    order = np.argsort(times, kind="stable")
    still = np.append(np.cumsum(weights[order][::-1])[::-1], 0.0)
    return still[np.searchsorted(times[order], grid, side="left")]


def _summed(place: np.ndarray, weights: np.ndarray, rows: np.ndarray, size: int) -> np.ndarray:
    """Weight of some rows at each time of the grid."""
    return np.bincount(place[rows], weights[rows], minlength=size)[:size]


def _observed(people, time, exit, more=()) -> pd.DataFrame:
    """Rows with a time and the columns in `more`; a missing exit is the end of follow-up and
    stays."""
    people = people.assign(
        **{time: numbers(people[time], time), exit: exit_reason(people[exit], exit)}
    )
    rows = people.loc[people[[time, *more]].notna().all(axis=1)]
    if (rows[time] < 0).any() or has_infinite(rows[time].to_numpy(dtype=float)):
        raise ValueError(
            f"column {time!r}: times count from the index date, finite and not below 0"
        )
    return rows


def _exit_codes(exits: pd.Series, cause: object) -> np.ndarray:
    return np.where(exits.isna(), 0, np.where(exits.eq(cause).fillna(False), 1, 2)).astype(int)


def _refusal(sides, horizon) -> str | None:
    if not all(follow_up_reaches(times, codes == 0, horizon) for times, codes in sides):
        return "follow_up_incomplete"
    if not all(((codes == 1) & (times <= horizon)).any() for times, codes in sides):
        return "zero_events"
    return None


def _support(side, event, sites) -> Support:
    cells = [
        int((side == s).sum() and ((side == s) & (event == e)).sum())
        for s in (True, False)
        for e in (True, False)
    ]
    with_it, without = (len(np.unique(sites[side == s])) for s in (True, False))
    n = len(side)
    return Support(n, n, 1, int(side.sum()), with_it, without, n, min(cells), max(n - 2, 0))


def _difference(
    what: What,
    stand_in: np.ndarray,
    side: np.ndarray,
    sites: np.ndarray | None,
    levels: list[float],
    support: Support,
) -> Estimate | NotEstimable:
    value, df, reason = levels[0] - levels[1], None, None
    if sites is None:
        error = float(
            np.sqrt(sum(stand_in[part].var(ddof=1) / part.sum() for part in (side, ~side)))
        )
    else:
        test = cr2(
            stand_in,
            side[:, None].astype(float),
            target=0,
            effect=np.zeros(len(side), int),
            clusters=sites,
        )
        error, df, reason = (
            (0.0, None, None) if test is None else (test.std_error, test.df, CR2_REASON)
        )
    if not error > 0:
        return NotEstimable(*what, "constant_outcome", support)
    low, high = t_interval(value, error, df)
    distance = abs(value / error)
    p = float(2 * (stats.norm.sf(distance) if df is None else stats.t.sf(distance, df)))
    reliable = df is None or df >= RELIABLE_DF
    return Estimate(
        *what, value, low, high, error, p, df, levels[1], levels[0], support, reliable, reason
    )
