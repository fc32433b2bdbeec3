"""The rows of a trial as arrays, the clustered test of one coefficient, and why some trials give no
estimate.

`trial.py` and `uptake.py` ask the questions. Arms were drawn by `cluster` (a site) or, without one,
person by person.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.cohorts.balance import combined_codes, covariate_matrix
from analysis.inference.absorbed.effects import absorb, independent_columns
from analysis.inference.absorbed.regression import absorbed_regression
from analysis.inference.clusters import CoefficientTest, cr2, has_infinite
from analysis.inference.coding import numbers
from analysis.inference.columns import TrialColumns
from analysis.results import Support

ERRORS = ("cr2", "sandwich", "classical")


@dataclass(frozen=True, eq=False)
class TrialRows:
    """Rows used, as arrays. effect: codes of the blocks within which arms were drawn; cluster:
    codes of what was drawn."""

    outcome: np.ndarray
    arm: np.ndarray
    covariates: np.ndarray
    effect: np.ndarray
    cluster: np.ndarray


def trial_rows(people: pd.DataFrame, columns: TrialColumns) -> TrialRows:
    """Rows with an arm and an outcome, with or without a pre-test; the outcome times `scale`.

    Missing indicator: a pre-test that is not there takes the mean, and a column says that it was
    missing. In a trial whose arms a lot drew this leaves the effect unbiased (White and Thompson
    2005). ValueError: a cluster in two arms.
    """
    arm, outcome, cluster = columns.arm, columns.outcome, columns.cluster
    blocks = list(columns.blocks)
    if cluster is not None and (people.groupby(cluster)[arm].nunique() > 1).any():
        raise ValueError(
            f"a {cluster} has people in two arms: it was not what was assigned; give cluster=None"
        )
    needed = [arm, outcome, *blocks, *([] if cluster is None else [cluster])]
    used = people[needed].notna().all(axis=1).to_numpy()
    rows = people.loc[used]
    matrix = missing_indicators(
        covariate_matrix(people, list(columns.pre)).to_numpy(dtype=float)[used]
    )
    codes = np.arange(len(rows)) if cluster is None else combined_codes(rows, [cluster])
    effect = combined_codes(rows, blocks) if blocks else np.zeros(len(rows), dtype=int)
    values = numbers(rows[outcome], outcome) * columns.scale
    return TrialRows(values, rows[arm].to_numpy(), matrix, effect, codes)


def missing_indicators(columns: np.ndarray) -> np.ndarray:
    """Columns (rows x k) whose gaps (NaN) hold the mean of what is known, and behind them, for each
    with gaps, where."""
    gaps = np.isnan(columns)
    known = np.maximum((~gaps).sum(axis=0), 1)
    means = np.where(gaps, 0.0, columns).sum(axis=0) / known
    return np.column_stack(
        [np.where(gaps, means, columns), gaps[:, gaps.any(axis=0)].astype(float)]
    )


def coefficient(
    rows: TrialRows,
    target: np.ndarray,
    others: np.ndarray,
    *,
    errors: str = "cr2",
    outcome: np.ndarray | None = None,
) -> CoefficientTest | str:
    """Test of the coefficient of `target`, `others` (rows x k) and the pre-tests held alike, within
    blocks.

    A str is the reason for no estimate. "sandwich": plain clustered errors, for comparison;
    "classical" assumes independent errors of one variance: for published tables only.
    """
    if errors not in ERRORS:
        raise ValueError(f"errors is one of {', '.join(ERRORS)}")
    y = rows.outcome if outcome is None else outcome
    regressors = np.column_stack([others, rows.covariates, target]).astype(float)
    kept = independent_columns(absorb(regressors, [rows.effect]), regressors)
    if regressors.shape[1] - 1 not in kept:
        return "collinear"
    regressors, clusters = regressors[:, kept], len(np.unique(rows.cluster))
    if errors == "classical":
        return _classical(y, regressors, rows.effect)
    if errors == "cr2":
        codes = np.unique(rows.cluster, return_inverse=True)[1]
        return (
            cr2(y, regressors, target=len(kept) - 1, effect=rows.effect, clusters=codes)
            or "constant_outcome"
        )
    fit = absorbed_regression(y, regressors, effects=[rows.effect], clusters=[rows.cluster])
    error = float(np.sqrt(max(fit.covariance[-1, -1], 0.0)))
    if error <= 1e-10 * np.ptp(y):
        return "constant_outcome"
    return CoefficientTest(float(fit.params[-1]), error, float(clusters - 1))


def support_of(rows: TrialRows, own: np.ndarray, against: np.ndarray) -> Support:
    """Exact numbers of the two sides; rows of further arms inform the pre-tests only."""
    event = _is_event(rows.outcome)
    counted = [
        side & kind
        for side in (own, against)
        for kind in ((rows.outcome == 0, rows.outcome != 0) if event else (True,))
    ]
    return Support(
        n=len(own),
        n_identifying=int((own | against).sum()),
        n_treated=int(own.sum()),
        persons=len(own),
        cells_identifying=len(np.intersect1d(rows.effect[own], rows.effect[against])),
        clusters_treated=len(np.unique(rows.cluster[own])),
        clusters_comparison=len(np.unique(rows.cluster[against])),
        smallest_cell=min(int(side.sum()) for side in counted),
    )


def refusal(rows: TrialRows, own: np.ndarray, against: np.ndarray, support: Support) -> str | None:
    """Why no estimate is given, the plainest reason first (METHODS section 0 rule 3)."""
    if has_infinite(rows.outcome, rows.covariates):
        return "infinite_values"
    if not (own.any() and against.any()):
        return "no_comparison" if own.any() or against.any() else "too_few_people"
    if support.clusters_treated < 2:
        return "one_treated_site"
    if support.clusters_comparison < 2:
        return "too_few_sites"
    if np.ptp(rows.outcome[own | against]) == 0:
        return "constant_outcome"
    sides = (rows.outcome[own], rows.outcome[against])
    return (
        "zero_events"
        if _is_event(rows.outcome) and min(np.ptp(side) for side in sides) == 0
        else None
    )


def _is_event(outcome: np.ndarray) -> bool:
    values = np.unique(outcome)
    return len(values) <= 2 and bool((values == 0).any())


def _classical(y: np.ndarray, regressors: np.ndarray, effect: np.ndarray) -> CoefficientTest:
    within = absorb(np.column_stack([regressors, y]), [effect])
    columns, inverse = within[:, :-1], np.linalg.inv(within[:, :-1].T @ within[:, :-1])
    params = inverse @ columns.T @ within[:, -1]
    df = len(y) - len(params) - len(np.unique(effect))
    spread = ((within[:, -1] - columns @ params) ** 2).sum() / df
    return CoefficientTest(float(params[-1]), float(np.sqrt(spread * inverse[-1, -1])), float(df))
