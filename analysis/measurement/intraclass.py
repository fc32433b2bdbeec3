"""Intraclass correlations of ratings on a numeric scale (Shrout and Fleiss 1979; intervals: McGraw
and Wong 1996).
"""

import math

import numpy as np
import pandas as pd
from scipy import stats

from analysis.results import Estimate, NotEstimable, Support

KINDS = ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")
TAIL = 0.975


def intraclass_correlation(
    ratings: pd.DataFrame,
    *,
    item: str,
    rater: str,
    rating: str,
    kind: str = "2,1",
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate | NotEstimable:
    """Share of the spread of ratings that is between items (on_a_scale_to_1).

    kind: "1" each item has raters of its own, "2" the same raters for all, drawn from many, "3"
    these raters only; then "1" for one rating, "k" for the mean of all k. Negative values mean no
    agreement. Kinds 2 and 3 use items that all rated; how many were left out stands in `reason`.
    `limits`: the ends of the scale. Exact F intervals (kind 2: approximate degrees of
    freedom).
    """
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r}: use one of {', '.join(KINDS)}")
    what = ("agreement", f"icc_{kind.replace(',', '_')}", "on_a_scale_to_1")
    rows = ratings.loc[ratings[[item, rater, rating]].notna().all(axis=1)]
    if rows.duplicated([item, rater]).any():
        raise ValueError("a rater rated an item more than once: keep one rating")
    if not rows[rating].between(*limits).all():
        return NotEstimable(*what, "off_scale", Support(n=rows[item].nunique()))
    matrix, reason = _matrix(rows, item, rater, rating, kind)
    if reason:
        return NotEstimable(*what, reason, Support(n=len(matrix)))
    value, ends = _coefficient(matrix, kind)
    if not np.isfinite([value, *ends]).all():
        return NotEstimable(*what, "constant_rating", Support(n=len(matrix)))
    left_out = rows[item].nunique() - len(matrix)
    note = f"{left_out} items that not everyone rated are left out" if left_out else None
    return Estimate(
        *what,
        value,
        min(ends[0], value),
        max(ends[1], value),
        support=Support(n=len(matrix)),
        reason=note,
    )


def _matrix(rows, item, rater, rating, kind) -> tuple[np.ndarray, str | None]:
    """Complete items x k, and why it cannot be used."""
    if rows[rater].nunique() < 2:
        return np.zeros((0, 0)), "one_rater"
    if kind.startswith("1"):
        groups = [part.to_numpy(dtype=float) for _, part in rows.groupby(item)[rating]]
        if len({len(group) for group in groups}) != 1 or len(groups[0]) < 2:
            return np.zeros((0, 0)), "unequal_raters"
        matrix = np.array(groups)
    else:
        matrix = rows.pivot(index=item, columns=rater, values=rating).dropna().to_numpy(dtype=float)
    if len(matrix) < 3:
        return matrix, "too_few_items"
    return matrix, "constant_rating" if np.ptp(matrix) == 0 else None


def _coefficient(matrix, kind) -> tuple[float, tuple[float, float]]:
    n, k = matrix.shape
    total, mean = ((matrix - matrix.mean()) ** 2).sum(), matrix.mean()
    items = k * ((matrix.mean(axis=1) - mean) ** 2).sum()
    raters = n * ((matrix.mean(axis=0) - mean) ** 2).sum()
    between, within = items / (n - 1), (total - items) / (n * (k - 1))
    judge, rest = raters / (k - 1), (total - items - raters) / ((n - 1) * (k - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind[0] == "2":
            single = (between - rest) / (between + (k - 1) * rest + k * (judge - rest) / n)
            ends = _two_way_ends(single, between, judge, rest, n, k)
            if kind[2] == "1":
                return single, ends
            return _stepped_up(single, k), (_stepped_up(ends[0], k), _stepped_up(ends[1], k))
        noise, df = (within, n * (k - 1)) if kind[0] == "1" else (rest, (n - 1) * (k - 1))
        ratio = between / noise
        low, high = ratio / stats.f.ppf(TAIL, n - 1, df), ratio * stats.f.ppf(TAIL, df, n - 1)
        if kind[2] == "k":
            return 1 - 1 / ratio, (1 - 1 / low, 1 - 1 / high)
        return (ratio - 1) / (ratio + k - 1), (
            (low - 1) / (low + k - 1),
            (high - 1) / (high + k - 1),
        )


def _two_way_ends(single, between, judge, rest, n, k) -> tuple[float, float]:
    """Satterthwaite interval of ICC(2,1), McGraw and Wong 1996, table 7."""
    a, b = k * single / (n * (1 - single)), 1 + k * single * (n - 1) / (n * (1 - single))
    df = (a * judge + b * rest) ** 2 / (
        (a * judge) ** 2 / (k - 1) + (b * rest) ** 2 / ((n - 1) * (k - 1))
    )
    down, up = stats.f.ppf(TAIL, n - 1, df), stats.f.ppf(TAIL, df, n - 1)
    noise = k * judge + (k * n - k - n) * rest
    low = n * (between - down * rest) / (down * noise + n * between)
    return low, n * (up * between - rest) / (noise + n * up * between)


def _stepped_up(single: float, k: int) -> float:
    """Spearman and Brown: reliability of the mean of k."""
    return k * single / (1 + (k - 1) * single)
