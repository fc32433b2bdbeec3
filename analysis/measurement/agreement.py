"""Whether raters agree beyond chance. Ratings come one a row: which item, which rater, which
rating.

All coefficients are 1 for full agreement and 0 for what chance would give (on_a_scale_to_1).
Intervals: of Cohen's kappa the large-sample one (Fleiss, Cohen and Everitt 1969); of the others the
jackknife over rated items with Student's t (Quenouille 1956), items less one degrees of freedom.
Where everyone agreed the interval has no width: the estimate is then marked as not reliable.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from statsmodels.stats import inter_rater

from analysis.inference.clusters import t_interval
from analysis.measurement.category_order import ordered_categories
from analysis.results import Estimate, NotEstimable, Support, What

UNIT = "on_a_scale_to_1"
SMALLEST_ITEMS = 5  # fewer rated items show no spread between items
FULL_AGREEMENT = "they agreed on every item, so that the interval has no width"


def cohen_kappa(
    ratings: pd.DataFrame,
    *,
    item: str,
    rater: str,
    rating: str,
    weights: str | None = None,
    scale: list | None = None,
) -> Estimate | NotEstimable:
    """Agreement of two raters beyond chance; weights None (all disagreements alike), "linear" or
    "quadratic".

    Only items that both rated count. Low where nearly all items deserve the same rating, even if
    the raters nearly always agree (Feinstein and Cicchetti 1990): see `gwet_ac`. Sources: Cohen
    1960, 1968.
    """
    if weights not in (None, "linear", "quadratic"):
        raise ValueError(f"weights {weights!r}: use None, 'linear' or 'quadratic'")
    what = ("agreement", f"cohen_kappa_{weights or 'unweighted'}", UNIT)
    wide, order, reason = _wide(ratings, item, rater, rating, scale, weights is not None)
    if reason is None and wide.shape[1] != 2:
        reason = "one_rater" if wide.shape[1] < 2 else "unequal_raters"
    if reason:
        return NotEstimable(*what, reason)
    wide = wide.dropna()
    reason = _too_little(_counts(wide, len(order)))
    if reason:
        return NotEstimable(*what, reason, Support(n=len(wide)))
    table = np.zeros((len(order), len(order)))
    np.add.at(table, tuple(wide.to_numpy(dtype=int).T), 1)
    result = inter_rater.cohens_kappa(table, wt=weights)
    return _estimate(
        what, float(result.kappa), float(np.sqrt(max(result.var_kappa, 0.0))), None, len(wide)
    )


def krippendorff_alpha(
    ratings: pd.DataFrame,
    *,
    item: str,
    rater: str,
    rating: str,
    metric: str = "ordinal",
    scale: list | None = None,
) -> Estimate | NotEstimable:
    """One less observed over expected disagreement; any number of raters, missing ratings allowed.

    metric: "nominal", "ordinal", "interval" or "ratio" (numbers, for the last two). Items with one
    rating are left out. Source: Krippendorff 2019, chapter 12.
    """
    if metric not in ("nominal", "ordinal", "interval", "ratio"):
        raise ValueError(f"metric {metric!r}: use nominal, ordinal, interval or ratio")
    counts, order, reason = _counted(ratings, item, rater, rating, scale, metric != "nominal")
    values = (
        np.array(order, dtype=float)
        if metric in ("interval", "ratio")
        else np.arange(len(order), dtype=float)
    )
    if metric == "ratio" and (values < 0).any():
        reason = "off_scale"
    return _jackknifed(
        ("agreement", f"krippendorff_alpha_{metric}", UNIT),
        counts,
        lambda c: _alpha(c, values, metric),
        reason,
    )


def gwet_ac(
    ratings: pd.DataFrame,
    *,
    item: str,
    rater: str,
    rating: str,
    weights: str | None = None,
    scale: list | None = None,
) -> Estimate | NotEstimable:
    """Gwet's AC1 (weights None) or AC2 ("linear", "quadratic"): holds up where nearly all items get
    one rating.

    Chance agreement depends on how many categories there are: give `scale` if some were not used.
    Missing ratings are allowed. Source: Gwet 2008.
    """
    if weights not in (None, "linear", "quadratic"):
        raise ValueError(f"weights {weights!r}: use None, 'linear' or 'quadratic'")
    counts, order, reason = _counted(ratings, item, rater, rating, scale, weights is not None)
    matrix = _weight_matrix(len(order), weights)
    name = "gwet_ac1" if weights is None else f"gwet_ac2_{weights}"
    return _jackknifed(("agreement", name, UNIT), counts, lambda c: _gwet(c, matrix), reason)


def _wide(ratings, item, rater, rating, scale, ordinal):
    """Items x raters of category codes (NaN: not rated), the categories in order, and why they
    cannot be used."""
    rows = ratings.loc[ratings[[item, rater, rating]].notna().all(axis=1)]
    twice = rows.duplicated([item, rater])
    if twice.any():
        first = rows.loc[twice].iloc[0]
        raise ValueError(
            f"rater {first[rater]!r} rated item {first[item]!r} more than once: keep one rating"
        )
    order = ordered_categories(rows[rating], scale, ordinal=ordinal)
    codes = pd.Index(order).get_indexer(rows[rating])
    if (codes < 0).any():
        return None, order, "off_scale"
    return (
        rows.assign(code=codes.astype(float)).pivot(index=item, columns=rater, values="code"),
        order,
        None,
    )


def _counts(wide, categories) -> np.ndarray:
    """Items x categories: how many raters gave each category; items with fewer than two ratings are
    left out."""
    values = wide.to_numpy()
    counts = np.column_stack([(values == k).sum(axis=1) for k in range(categories)])
    return counts[counts.sum(axis=1) >= 2].astype(float)


def _counted(ratings, item, rater, rating, scale, ordinal):
    wide, order, reason = _wide(ratings, item, rater, rating, scale, ordinal)
    if reason:
        return np.zeros((0, len(order))), order, reason
    if wide.shape[1] < 2:
        return np.zeros((0, len(order))), order, "one_rater"
    counts = _counts(wide, len(order))
    return counts, order, _too_little(counts)


def _too_little(counts) -> str | None:
    if len(counts) < SMALLEST_ITEMS:
        return "too_few_items"
    off = counts.sum(axis=1)[:, None] - counts  # ratings of each item outside each category
    return "constant_rating" if ((off > 0).sum(axis=0) <= 1).any() else None


def _jackknifed(
    what: What,
    counts: np.ndarray,
    coefficient: Callable[[np.ndarray], float],
    reason,
) -> Estimate | NotEstimable:
    n = len(counts)
    if reason:
        return NotEstimable(*what, reason, Support(n=n))
    value = coefficient(counts)
    # Items with the same counts leave the same rest behind: one calculation serves them all.
    _, first, times = np.unique(counts, axis=0, return_index=True, return_counts=True)
    left = np.array([coefficient(np.delete(counts, i, axis=0)) for i in first])
    mean = float(times @ left) / n
    error = float(np.sqrt((n - 1) / n * (times @ (left - mean) ** 2)))
    return _estimate(what, value, error, float(n - 1), n)


def _estimate(what: What, value: float, error: float, df: float | None, n: int) -> Estimate:
    low, high = t_interval(value, error, df)
    full = error < 1e-12
    low, high = max(low, min(-1.0, value)), max(min(high, 1.0), value)
    reason = FULL_AGREEMENT if full else None
    return Estimate(
        *what,
        value,
        low,
        high,
        error,
        df=df,
        support=Support(n=n),
        reliable=not full,
        reason=reason,
    )


def _observed(counts, weights) -> float:
    size = counts.sum(axis=1)
    return float(np.mean((counts * (counts @ weights - 1)).sum(axis=1) / (size * (size - 1))))


def _weight_matrix(categories, weights) -> np.ndarray:
    if weights is None:
        return np.eye(categories)
    gap = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories))) / (categories - 1)
    return 1 - gap ** (1 if weights == "linear" else 2)


def _gwet(counts, weights) -> float:
    share = (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0)
    categories = len(share)
    chance = weights.sum() * float(share @ (1 - share)) / (categories * (categories - 1))
    return (_observed(counts, weights) - chance) / (1 - chance)


def _alpha(counts, values, metric) -> float:
    size, totals = counts.sum(axis=1), counts.sum(axis=0)
    distance = _distance(values, totals, metric)
    pairs = ((counts @ distance) * counts).sum(axis=1) / (size - 1)
    expected = float(totals @ distance @ totals) / (totals.sum() - 1)
    return 1 - float(pairs.sum()) / expected


def _distance(values, totals, metric) -> np.ndarray:
    if metric == "nominal":
        return 1 - np.eye(len(values))
    if metric == "ordinal":
        middle = (
            np.cumsum(totals) - totals / 2
        )  # distance is the number of ratings between two categories
        return np.subtract.outer(middle, middle) ** 2
    gap = np.subtract.outer(values, values) ** 2
    if metric == "interval":
        return gap
    total = np.add.outer(values, values) ** 2
    return np.divide(gap, total, out=np.zeros_like(gap), where=total > 0)
