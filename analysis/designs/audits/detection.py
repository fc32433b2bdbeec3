"""Coded cases before and since a date: shares within units with an interval, and the change of
units that started beside that of units that waited.

The unit is what was assigned (the investigator). Whatever moves all units at that time, coders who
grow more lenient among it, is in the changes of both sides; the lot is drawn anew over units,
within the blocks in which it was drawn. Weights are inverse sampling shares: where a gold code is
known for a part of the cases only, and that part was not drawn evenly, shares without them are off
(Begg and Greenes 1983).
"""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.inference.assignments import drawing
from analysis.inference.clusters import RELIABLE_DF, cr2, t_interval
from analysis.inference.columns import CodedColumns, Quantity
from analysis.inference.unit_permutation import UnitDraws, unit_permutation
from analysis.results import Estimate, Interval, NotEstimable, Result, Support

PERMUTED, SANDWICH = "permutation_of_units", "change_cr2"
ALIKE = ("unit", "period")
DRAWS = 1_999  # of the lot, for how far blocks spread: Monte Carlo error .005 at p = .05
FEWEST_UNITS = 10  # on a side: units are people, who are protected as people are (rules S1, S12)


def clustered_share(
    event: np.ndarray, weight: np.ndarray, cluster: np.ndarray, *, level: float = 0.95
) -> Interval | None:
    """Weighted share of `event` (0 or 1) in every 100, with the score interval (Wilson 1927) of as
    many independent rows as its rows are worth; None with fewer than two clusters, or where all
    rows are alike, of which clusters tell nothing.

    Rows are worth n / d, d the variance between clusters over that of n independent rows (Rao and
    Scott 1992; linearised), and less by the square of t(n-1) / t(clusters - 1), since few clusters
    show that variance badly (Korn and Graubard 1998); never more than n. With a cluster a row and
    equal weights it is Wilson's interval.
    """
    codes = np.unique(np.asarray(cluster), return_inverse=True)[1]
    clusters, n = int(codes.max(initial=-1)) + 1, len(codes)
    total = float(np.sum(weight))
    if clusters < 2:
        return None
    share = float(np.sum(weight * event) / total)
    if not 0 < share < 1:
        return None
    sums = np.bincount(codes, weight * (event - share)) / total
    variance = clusters / (clusters - 1) * float(sums @ sums)
    tail = 1 - (1 - level) / 2
    few = stats.t.ppf(tail, n - 1) / stats.t.ppf(tail, clusters - 1)
    alone = share * (1 - share) / (n - 1)
    worth = n if variance <= 0 else min(n, n * alone / variance * float(few) ** 2)
    z2 = float(stats.norm.ppf(tail)) ** 2 / worth
    middle, half = share + z2 / 2, np.sqrt(z2 * share * (1 - share) + z2**2 / 4)
    low, high = (float((middle + side * half) / (1 + z2)) for side in (-1, 1))
    return Interval(100 * share, 100 * low, 100 * high)


def unit_changes(rows: pd.DataFrame, columns: CodedColumns, *, start: object) -> pd.DataFrame:
    """One row a unit: `change` (times `scale`), whether it `started`, and its block.

    A unit's change is its part in the change of the weighted share of all units: on each side of
    `start` the weighted sum of its cases less the share of all, over the mean weight of a unit (a
    ratio, linearised). Means of these over units that started less means over the others are the
    difference of differences of the weighted shares, but for the square of how far the two sides'
    weights lie apart. A unit without cases on one side has no part in that side, and is not left
    out. What is subtracted is the same whoever started, so that the lot may be drawn anew.
    """
    since = (rows[columns.period] >= start).to_numpy()
    labels, code = np.unique(rows[columns.unit], return_inverse=True)
    weight = rows[columns.weight].to_numpy(dtype=float)
    event = rows[columns.outcome].to_numpy(dtype=float)
    change = np.zeros(len(labels))
    for side, sign in ((since, 1.0), (~since, -1.0)):
        if side.any():
            share = np.average(event[side], weights=weight[side])
            sums = np.bincount(code[side], (weight * (event - share))[side], len(labels))
            change += sign * sums / (weight[side].sum() / len(labels))
    first = rows.groupby(columns.unit)[[columns.first, columns.block]].first()
    own = first.loc[labels]
    return pd.DataFrame(
        {
            "change": columns.scale * change,
            "started": own[columns.first].notna().to_numpy(),
            "block": own[columns.block].to_numpy(),
        },
        index=labels,
    )


def changes_beside(
    changes: pd.DataFrame,
    what: Quantity,
    *,
    seed: int,
    support: Support,
    level: float | None = None,
) -> Estimate | NotEstimable:
    """The mean change of units that started less that of units that waited (a row a unit, see
    `unit_changes`), the lot drawn anew within blocks; interval by inversion. level: of those that
    started, since."""
    reason = too_few(changes)
    named = what.estimand, PERMUTED, what.unit
    if reason:
        return NotEstimable(*named, reason, support)
    found = unit_permutation(
        changes["change"].to_numpy(dtype=float),
        changes["started"].to_numpy(),
        UnitDraws(seed=seed),
        blocks=changes["block"].to_numpy(),
    )
    if found is None:
        return NotEstimable(*named, "constant_outcome", support)
    low, high = found.conf_low, found.conf_high
    if low is None or high is None or not np.isfinite([low, high]).all():
        return NotEstimable(*named, "unbounded", support)
    return Estimate(
        *named,
        found.difference,
        low,
        high,
        p_value=found.p_value,
        support=support,
        reason="the lot drawn anew within blocks",
        seed=found.seed,
        group_estimated=level,
        comparison_estimated=None if level is None else level - found.difference,
        allowed_for=ALIKE,
    )


def changes_cr2(changes: pd.DataFrame, what: Quantity, *, support: Support) -> Result:
    """The same with errors of units (CR2, blocks absorbed) in place of the lot."""
    reason = too_few(changes)
    named = what.estimand, SANDWICH, what.unit
    if reason:
        return NotEstimable(*named, reason, support)
    found = cr2(
        changes["change"].to_numpy(dtype=float),
        changes["started"].to_numpy(dtype=float)[:, None],
        target=0,
        effect=np.unique(changes["block"], return_inverse=True)[1],
        clusters=np.arange(len(changes)),
    )
    if found is None:
        return NotEstimable(*named, "constant_outcome", support)
    return Estimate(
        *named,
        found.value,
        *found.interval(),
        found.std_error,
        found.p_value,
        found.df,
        support=support,
        reliable=found.df >= RELIABLE_DF,
        reason=found.reason,
        allowed_for=ALIKE,
    )


def blocks_alike(changes: pd.DataFrame, *, seed: int) -> float | None:
    """p-value of one effect in all blocks: how far the blocks' differences spread, once the mean
    effect is taken out, beside how far they spread with the lot drawn anew within blocks (asks
    for what an average hides: one team made worse). None where too few units started or waited.
    """
    if too_few(changes):
        return None
    side = changes["started"].to_numpy()
    groups = np.unique(changes["block"], return_inverse=True)[1]
    member = (groups[:, None] == np.arange(groups.max() + 1)).astype(float)
    both = ((side @ member > 0) & (~side @ member > 0)).nonzero()[0]
    if len(both) < 2:
        return None
    member = member[:, both]
    value = changes["change"].to_numpy(dtype=float)

    def apart(sides: np.ndarray, of: np.ndarray) -> np.ndarray:
        with_it = sides.astype(float)
        means = [(z * of) @ member / (z @ member) for z in (with_it, 1 - with_it)]
        return means[0] - means[1]

    own = apart(side[None, :], value)[0]
    without = value - side * own.mean()
    drawn = np.concatenate([apart(z, without) for z in drawing(side, groups, seed=seed)(DRAWS)])
    spread = ((drawn - drawn.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    seen = float(((own - own.mean()) ** 2).sum())
    return float((1 + (spread >= seen * (1 - 1e-9)).sum()) / (1 + len(spread)))


def change_alone(
    rows: pd.DataFrame, columns: CodedColumns, what: Quantity, *, start: object
) -> Result:
    """Weighted share of the cases since less that before, of one side alone: what everybody's time
    and coders bring stands in it. Errors are those of units, each with its own change."""
    parts = unit_changes(rows, columns, start=start)["change"]
    n, named = len(parts), (what.estimand, "before_and_after", what.unit)
    sides = [rows[columns.period] >= start, rows[columns.period] < start]
    if n < FEWEST_UNITS or not all(side.any() for side in sides):
        return NotEstimable(*named, "too_few_people")
    since, before = (weighted_share(rows[side], columns) for side in sides)
    value, error = since - before, float(parts.std() / np.sqrt(n))
    low, high = t_interval(value, error, n - 1)
    p_value = float(2 * stats.t.sf(abs(value / error), n - 1)) if error else None
    return Estimate(*named, value, low, high, error, p_value, n - 1.0)


def weighted_share(rows: pd.DataFrame, columns: CodedColumns) -> float:
    """The weighted mean outcome, times `scale`."""
    return columns.scale * float(np.average(rows[columns.outcome], weights=rows[columns.weight]))


def too_few(changes: pd.DataFrame) -> str | None:
    """Why nothing is compared: fewer than FEWEST_UNITS units on a side."""
    started = changes["started"]
    if min(int(started.sum()), int((~started).sum())) < FEWEST_UNITS:
        return "too_few_people"
    return None
