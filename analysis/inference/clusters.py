"""Cluster-robust inference on the coefficients of a regression with absorbed effects.

Two routes. Many clusters: the sandwich of linearmodels' `AbsorbingLS`, without a small-sample factor. Few clusters:
CR2 (Bell and McCaffrey 2002) with Satterthwaite degrees of freedom (Pustejovsky and Tipton 2018), where the absorbed
effects count in the hat matrix. A singular I - H of a cluster takes the pseudo-inverse square root (their theorem 2).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyhdfe
from linearmodels.iv.absorbing import AbsorbingLS
from scipy import stats

CR2_REASON = "CR2 with Satterthwaite degrees of freedom"
# METHODS section 0 rule 1 asks for CR2 under 30 and 8. Measured false positives of the sandwich at 5 %: 11 to 14 % with
# 9 of 100 practitioners on the smaller side, 8 % with 40 of 200, 7 % with 55 of 200 and 72 of 160, 6.4 % with 100 of
# 700; of CR2: 4 to 6 % everywhere. Section 5 allows 6 %, so that CR2 reaches further here than rule 1 asks.
FEW_CLUSTERS = 150
FEW_CLUSTERS_ON_A_SIDE = 75
RELIABLE_DF = 4  # below it CR2 is printed and sets no class (METHODS section 0 rule 1; Pustejovsky and Tipton 2018)
# A column whose sum of squares falls below this share of itself once the others are out repeats them.
COLLINEAR = 1e-9
# An eigenvalue of I - H below this is a direction that the cluster's own effects fit without error.
SINGULAR = 1e-9


@dataclass(frozen=True)
class CoefficientTest:
    """One coefficient with its standard error (unit of the outcome), degrees of freedom and two-sided p-value."""

    value: float
    std_error: float
    df: float
    reason: str | None = None

    @cached_property
    def p_value(self) -> float:
        return float(2 * stats.t.sf(abs(self.value / self.std_error), self.df))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        return t_interval(self.value, self.std_error, self.df, level=level)


@dataclass(frozen=True, eq=False)
class AbsorbedFit:
    """Coefficients (k) and their covariance (k x k), one row a regressor.

    second_factor (k): what clustering on the second factor adds to each variance, never negative.
    residual_df: rows less columns and absorbed effects.
    """

    params: np.ndarray
    covariance: np.ndarray
    second_factor: np.ndarray
    residual_df: int


def has_infinite(*numbers: np.ndarray) -> bool:
    """Is any number infinite? Missing values are none; a design refuses rows that hold one."""
    return any(np.isinf(array).any() for array in numbers)


def t_interval(value: float, std_error: float, df: float | None, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of `value` from Student's t with `df` degrees of freedom (None: normal), in the unit of `value`."""
    tail = 1 - (1 - level) / 2
    width = std_error * float(stats.norm.ppf(tail) if df is None else stats.t.ppf(tail, df))
    return value - width, value + width


def few_clusters(smaller_side: int, total: int) -> bool:
    """Whether the sandwich cannot be trusted, from the clusters on the smaller side and in all."""
    return total < FEW_CLUSTERS or smaller_side < FEW_CLUSTERS_ON_A_SIDE


def absorb(columns: np.ndarray, effects: list[np.ndarray]) -> np.ndarray:
    """Residuals of each column (rows x k) once the effects (integer codes, one array a factor) are taken out."""
    if len(effects) == 1:
        codes = effects[0]
        size = np.maximum(np.bincount(codes), 1)
        means = np.column_stack([np.bincount(codes, column) / size for column in columns.T] or [size])
        return columns - means[codes][:, : columns.shape[1]]
    algorithm = pyhdfe.create(np.column_stack(effects), drop_singletons=False, compute_degrees=False)
    return algorithm.residualize(np.asarray(columns, dtype=float))


def independent_columns(within: np.ndarray, raw: np.ndarray) -> list[int]:
    """Positions of the columns that neither the effects nor an earlier column repeats (in order; earlier ones win).

    `within` is `raw` (rows x k) after `absorb`.
    """
    spread = ((raw - raw.mean(axis=0)) ** 2).sum(axis=0)
    own, rounding = (within**2).sum(axis=0), 1e-24 * (raw**2).sum(axis=0)
    gram = within.T @ within
    kept: list[int] = []
    for j in range(within.shape[1]):
        left = own[j]
        if kept:
            left -= gram[j, kept] @ np.linalg.solve(gram[np.ix_(kept, kept)], gram[kept, j])
        if left > COLLINEAR * max(own[j], spread[j]) and left > rounding[j]:
            kept.append(j)
    return kept


def absorbed_regression(
    outcome: np.ndarray, regressors: np.ndarray, *, effects: list[np.ndarray], clusters: list[np.ndarray]
) -> AbsorbedFit:
    """Least squares of `outcome` on `regressors` within `effects`, clustered on one factor or on two.

    No small-sample factor (METHODS section 2). With two factors each variance is the larger of the two-way and the
    first factor's own: the two-way sum can fall below it, even below zero, in a sample (MacKinnon, Nielsen and
    Webb 2024). Columns must be independent within the effects: see `independent_columns`.
    """
    absorbed = pd.DataFrame({f"effect_{i}": pd.Categorical(codes) for i, codes in enumerate(effects)})
    model = AbsorbingLS(outcome, regressors, absorb=absorbed)
    fit = model.fit(cov_type="clustered", clusters=clusters[0], debiased=False, use_cache=False)
    params, one_way = fit.params.to_numpy(), fit.cov.to_numpy()
    covariance = one_way
    if len(clusters) == 2:
        within = model.absorbed_exog.to_numpy()
        residual = model.absorbed_dependent.to_numpy()[:, 0] - within @ params
        covariance = _two_way(within, residual, one_way, clusters)
    return AbsorbedFit(params, covariance, np.diag(covariance) - np.diag(one_way), int(fit.df_resid))


def _two_way(within: np.ndarray, residual: np.ndarray, one_way: np.ndarray, clusters: list[np.ndarray]) -> np.ndarray:
    """Two-way covariance (Cameron, Gelbach and Miller 2011), no variance below that of the first factor.

    linearmodels gives the same numbers, and takes seconds where the second factor has thousands of clusters.
    """
    if not (np.diag(one_way) > 0).all():
        return one_way  # fitted without error: there is nothing to widen
    scores = (within * residual[:, None]) @ np.linalg.inv(within.T @ within)
    pairs = pd.factorize(clusters[0].astype(np.int64) * (int(clusters[1].max()) + 1) + clusters[1])[0]
    sums = [np.column_stack([np.bincount(codes, s) for s in scores.T]) for codes in (clusters[1], pairs)]
    two_way = one_way + sums[0].T @ sums[0] - sums[1].T @ sums[1]
    widen = np.sqrt(np.maximum(np.diag(two_way) / np.diag(one_way), 1.0))
    usable = np.linalg.eigvalsh(two_way)[0] > 0 and np.all(np.diag(two_way) >= np.diag(one_way))
    return two_way if usable else one_way * np.outer(widen, widen)


def cr2(
    outcome: np.ndarray, regressors: np.ndarray, *, target: int, effect: np.ndarray, clusters: np.ndarray
) -> CoefficientTest | None:
    """CR2 test of the coefficient of column `target`, `effect` (integer codes) absorbed; None where it has no variance.

    The working model is independent errors of one variance. H = B B' with B = [cells / sqrt(size), Q], so that each
    cluster needs only the singular values of its own thin slice of B, and the method stays fast on thousands of rows.
    A second set of effects comes as dummy columns of `regressors`. Columns must be independent within `effect`.
    """
    within = absorb(np.column_stack([np.delete(regressors, target, axis=1), regressors[:, target], outcome]), [effect])
    informative = np.unique(effect[np.abs(within[:, :-1]).max(axis=1) > 1e-12 * np.abs(within[:, :-1]).max()])
    rows = np.flatnonzero(np.isin(effect, informative))
    rows = rows[np.argsort(clusters[rows], kind="stable")]
    cells, cluster = (np.unique(codes[rows], return_inverse=True)[1] for codes in (effect, clusters))
    basis, triangle = np.linalg.qr(within[rows, :-1])
    direction = basis[:, -1] * triangle[-1, -1]
    outcome = within[rows, -1]
    residual = outcome - basis @ (basis.T @ outcome)
    information = direction @ direction
    scores, variance_terms = _cluster_terms(direction, residual, basis, cells, cluster)
    variance, trace = float(scores @ scores) / information**2, float(np.trace(variance_terms))
    if variance <= 1e-24 * float(outcome @ outcome) / information or trace <= SINGULAR * information:
        return None
    df = trace**2 / float((variance_terms**2).sum())
    value = float(direction @ outcome / information)
    return CoefficientTest(value, float(np.sqrt(variance)), df, CR2_REASON)


def _cluster_terms(direction, residual, basis, cells, cluster) -> tuple[np.ndarray, np.ndarray]:
    """Adjusted score of each cluster (G), and G x G matrix of the score's quadratic form under the working model."""
    size, n_cells, n_clusters = np.bincount(cells), int(cells.max()) + 1, int(cluster.max()) + 1
    edges = np.searchsorted(cluster, np.arange(n_clusters + 1))
    scores, lengths = np.zeros(n_clusters), np.zeros(n_clusters)
    projected = np.zeros((n_clusters, n_cells + basis.shape[1]))
    for c in range(n_clusters):
        part = slice(edges[c], edges[c + 1])
        own, position = np.unique(cells[part], return_inverse=True)
        slab = np.zeros((len(position), len(own)))
        slab[np.arange(len(position)), position] = 1 / np.sqrt(size[own[position]])
        adjusted = _half_inverse(np.hstack([slab, basis[part]]), direction[part])
        scores[c], lengths[c] = adjusted @ residual[part], adjusted @ adjusted
        projected[c, own] = slab.T @ adjusted
        projected[c, n_cells:] = basis[part].T @ adjusted
    return scores, np.diag(lengths) - projected @ projected.T


def _half_inverse(slab: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """(I - slab slab')^(-1/2) vector, with zero along the directions where I - slab slab' is singular."""
    wide = slab.shape[1] > slab.shape[0]
    squared, side = np.linalg.eigh(slab @ slab.T if wide else slab.T @ slab)
    factor = np.where(1 - squared > SINGULAR, 1 / np.sqrt(np.maximum(1 - squared, SINGULAR)), 0.0) - 1
    if wide:
        return vector + side @ (factor * (side.T @ vector))
    per_square = np.where(squared > 1e-12, factor / np.maximum(squared, 1e-12), 0.5)  # the limit at 0
    return vector + slab @ (side @ (per_square * (side.T @ (slab.T @ vector))))
