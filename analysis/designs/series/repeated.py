"""Repeated samples as a series: one weighted mean a point in time, of what a programme touches and
of what it does not touch in the same cases."""

import numpy as np
import pandas as pd

from analysis.inference.columns import RepeatedColumns
from analysis.results import Support

TOUCHED, BESIDE, DIFFERENCE, CASES = "touched", "beside", "difference", "cases"


def series_of(cases: pd.DataFrame, columns: RepeatedColumns) -> pd.DataFrame:
    """One row a point in time, in order: `time`, `cases` (rows), `touched`, `beside` and
    `difference` (touched less beside), times `scale`.

    Means are weighted (Hajek: the weights of a point add up to 1). Without `beside` its column and
    the difference are missing. A case with a missing value counts at no point.
    """
    used = [columns.outcome, *([columns.beside] if columns.beside else [])]
    rows = cases.dropna(subset=[columns.point, *used])
    in_order = [*used, *([columns.weights] if columns.weights else [])]
    rows = rows.sort_values([columns.point, *in_order])  # a sum has no last digit of its own order
    weights = (
        pd.Series(1.0, index=rows.index)
        if columns.weights is None
        else rows[columns.weights].astype(float)
    )
    if (weights <= 0).any():
        raise ValueError("design weights lie above 0")
    by, total = rows[columns.point], weights.groupby(rows[columns.point]).sum()
    found = pd.DataFrame({CASES: by.value_counts().sort_index()})
    for name, column in ((TOUCHED, columns.outcome), (BESIDE, columns.beside)):
        mean = np.nan if column is None else (rows[column] * weights).groupby(by).sum() / total
        found[name] = mean if column is None else mean * columns.scale
    found[DIFFERENCE] = found[TOUCHED] - found[BESIDE]
    return found.rename_axis("time").reset_index()


def support_of(cases: pd.DataFrame, columns: RepeatedColumns, start: float) -> Support:
    """What a series rests on: cases before and after `start`, points in time as its clusters, and
    the smallest number of cases with or without the event on a side."""
    rows = cases.dropna(subset=[columns.point, columns.outcome])
    after = rows[columns.point] >= start
    event = rows[columns.outcome] > 0
    cells = [int((after == a).mul(event == e).sum()) for a in (True, False) for e in (True, False)]
    points = {a: rows.loc[after == a, columns.point].nunique() for a in (True, False)}
    return Support(
        n=len(rows),
        n_identifying=len(rows),
        persons=len(rows),
        n_treated=int(after.sum()),
        clusters_treated=points[True],
        clusters_comparison=points[False],
        smallest_cell=min(cells),
        residual_df=max(sum(points.values()) - 4, 0),
    )
