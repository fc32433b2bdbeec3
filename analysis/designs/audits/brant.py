"""Whether the effects in an ordinal model are the same at every cut of the rating (Brant 1990)."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.designs.audits.ratings import rated_rows
from analysis.inference.columns import RatingColumns
from analysis.inference.ordinal import cluster_totals, exceedance, fit_cumulative
from analysis.results import CheckResult
from analysis.said.numbers import cleared_p
from analysis.said.texts import named, say

ALPHA = 0.05


def brant_test(ratings: pd.DataFrame, columns: RatingColumns) -> tuple[CheckResult, ...]:
    """Whether each covariate works alike at every cut (Brant 1990): all together first, then one by
    one; value is p.

    Compares the slopes of the separate logits, one a cut. With `weights` or `cluster` their joint
    covariance is the sandwich instead of Brant's. passed is None where a logit has no finite fit or
    there is one cut only.
    """
    rows, auditor = rated_rows(ratings, replace(columns, not_proportional=())), columns.auditor
    cuts = range(int(rows.y.max(initial=0)))
    x, names = rows.x.to_numpy(), list(rows.x.columns)
    tried = (
        []
        if rows.reason
        else [fit_cumulative((rows.y > j).astype(int), x, weights=rows.weights) for j in cuts]
    )
    fits = [fit for fit in tried if fit is not None]
    if len(fits) < 2 or len(fits) < len(tried):
        return (
            CheckResult(
                "brant",
                None,
                "Whether the covariates work alike at every cut could not be tested.",
                bears_on="class",
            ),
        )
    slopes = np.concatenate([fit.slopes for fit in fits])
    joint = _joint_covariance(fits, x, rows.variance_clusters())
    checks = [
        _equal_slopes("brant", "The covariates", slopes, joint, len(names), range(len(names)))
    ]
    # Auditor effects count in the test of all together, and are not questions of their own.
    asked = [
        k for k, name in enumerate(names) if auditor is None or not name.startswith(f"{auditor}: ")
    ]
    single = [
        _equal_slopes(f"brant: {names[k]}", names[k], slopes, joint, len(names), [k]) for k in asked
    ]
    return (*checks, *single)


def _joint_covariance(fits, x, clusters) -> np.ndarray:
    """Covariance of the slopes of all cuts (cuts * p square): Brant's, or the sandwich over
    `clusters`."""
    inverses, p = [np.linalg.inv(fit.information) for fit in fits], x.shape[1]
    if clusters is not None:
        influence = np.hstack(
            [(f.scores @ inv)[:, :p] for f, inv in zip(fits, inverses, strict=True)]
        )
        totals = cluster_totals(influence, clusters)
        return totals.T @ totals * len(totals) / (len(totals) - 1)
    above = [exceedance(fit, x, np.empty((len(x), 0)), 0)[0] for fit in fits]
    design = np.column_stack(
        [-x, np.ones(len(x))]
    )  # the parameters of a fit: slopes, then its threshold
    joint = np.zeros((len(fits) * p, len(fits) * p))
    for j in range(len(fits)):
        for m in range(j, len(fits)):
            middle = (design * (above[m] * (1 - above[j]))[:, None]).T @ design
            block = (inverses[j] @ middle @ inverses[m])[:p, :p]
            joint[j * p : (j + 1) * p, m * p : (m + 1) * p] = block
            joint[m * p : (m + 1) * p, j * p : (j + 1) * p] = block.T
    return joint


def _equal_slopes(id_, name, slopes, joint, p, positions) -> CheckResult:
    """Wald test that the slopes at `positions` are the same at each cut as at the first."""
    cuts = len(slopes) // p
    contrast = np.zeros(((cuts - 1) * len(list(positions)), len(slopes)))
    for row, (cut, k) in enumerate((cut, k) for cut in range(1, cuts) for k in positions):
        contrast[row, k], contrast[row, cut * p + k] = -1, 1
    gap = contrast @ slopes
    statistic = float(gap @ np.linalg.pinv(contrast @ joint @ contrast.T) @ gap)
    p_value = float(stats.chi2.sf(statistic, len(gap)))
    verb = "work alike" if p_value > ALPHA else "do not work alike"
    return CheckResult(
        id_,
        p_value > ALPHA,
        say("{name}: effects {verb} at every cut.", name=named(name), verb=verb),
        p_value,
        ALPHA,
        bears_on="class",
        shown=cleared_p(p_value),
    )
