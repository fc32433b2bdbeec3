"""Whether the questions of a scale work alike across groups: uniform and non-uniform differential
item functioning.

Each item is regressed (cumulative logit) on the scale score, the group and their product
(Swaminathan and Rogers 1990; Zumbo 1999). This is a screen of single items, not a test of
measurement invariance by factor models: a shift of all items alike cannot be told from a true
difference.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.inference.multiplicity import holm
from analysis.inference.ordinal import exceedance, fit_cumulative
from analysis.measurement.scales import alike_rows

ALPHA = 0.05


@dataclass(frozen=True, eq=False)
class ItemCheck:
    """One row an item: difference (points of the item: `group` less `reference` at the same score,
    averaged over the group), p_value (Wald, 2 degrees of freedom), p_adjusted (Holm over the
    items), flagged (True, False, or None where the item could not be tested).
    """

    group: str
    reference: str
    _frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self._frame.copy()

    def summary(self) -> str:
        flagged = self._frame.loc[self._frame["flagged"].eq(True), "item"].tolist()
        untested = self._frame.loc[self._frame["flagged"].isna(), "item"].tolist()
        found = (
            f"Questions that work differently: {', '.join(flagged)}."
            if flagged
            else "No question stood out."
        )
        return found + (f" Not tested: {', '.join(untested)}." if untested else "")


def item_check(
    answers: pd.DataFrame,
    *,
    items: list[str],
    group: str,
    between: tuple[str, str],
    weights: str | None = None,
    cluster: str | None = None,
) -> ItemCheck:
    """Screen of each item `between` a reference and a group compared with it (values of column
    `group`), at the same mean score.

    Reverse items first; people who answered all items. The score holds the item itself: leaving it
    out makes good items look biased where groups truly differ (Zwick 1990). With `weights` or
    `cluster` the tests use the sandwich.
    """
    reference, compared = between
    rows = answers.loc[
        answers[group].isin((reference, compared)) & answers[list(items)].notna().all(axis=1)
    ]
    side = rows[group].eq(compared).to_numpy(dtype=float)
    if not side.any() or side.all():
        raise ValueError(
            f"column {group!r}: no complete answers from {reference!r} or from {compared!r}"
        )
    score = rows[list(items)].mean(axis=1).to_numpy(dtype=float)
    w = None if weights is None else rows[weights].to_numpy(dtype=float) / rows[weights].mean()
    codes = None if cluster is None else pd.factorize(rows[cluster])[0]
    codes = np.arange(len(rows)) if codes is None and w is not None else codes
    tests = [
        _test(rows[name].to_numpy(dtype=float), score - score.mean(), side, w, codes)
        for name in items
    ]
    frame = pd.DataFrame(tests, columns=["difference", "p_value"])
    adjusted = holm([None if np.isnan(p) else p for p in frame["p_value"]])
    frame.insert(0, "item", list(items))
    frame["p_adjusted"] = [np.nan if p is None else p for p in adjusted]
    frame["flagged"] = pd.array(
        [None if p is None else p <= ALPHA for p in adjusted], dtype="boolean"
    )
    return ItemCheck(compared, reference, frame)


def _test(answer, score, side, w, codes) -> tuple[float, float]:
    """Difference in points and p; NaN where the item has no finite fit."""
    levels, y = np.unique(answer, return_inverse=True)
    x = np.column_stack([score, side, side * score])
    if w is None and codes is None:  # people of one answer, score and side count together
        alike, first = alike_rows(np.column_stack([y, x]))
        y, x, side, w = y[first], x[first], side[first], np.bincount(alike).astype(float)
    fit = fit_cumulative(y, x, weights=w) if len(levels) > 1 else None
    if fit is None:
        return np.nan, np.nan
    slopes, cov = fit.slopes[1:], fit.covariance(codes)[1:3, 1:3]
    p = float(stats.chi2.sf(float(slopes @ np.linalg.solve(cov, slopes)), 2))
    own = x[side == 1]
    without = own * np.array([1.0, 0.0, 0.0])
    none = np.empty((len(own), 0))
    gaps = [
        exceedance(fit, own, none, j)[0] - exceedance(fit, without, none, j)[0]
        for j in range(len(levels) - 1)
    ]
    points = np.diff(levels) @ np.array(gaps)
    return float(np.average(points, weights=None if w is None else w[side == 1])), p
