"""Cluster-robust inference on the coefficients of a regression with absorbed effects.

CR2 (Bell and McCaffrey 2002) with Satterthwaite degrees of freedom (Pustejovsky and Tipton 2018)
leads at every size: with the lot of Project STAR drawn anew the plain sandwich rejects a true "no
effect" in about 10 %, on 1,300 teachers, since few of them decide (docs/inference.md). Absorbed
effects count in the hat matrix; a singular I - H of a cluster takes the pseudo-inverse square root
(their theorem 2). The plain sandwich of linearmodels' `AbsorbingLS`, without a small-sample factor,
stands beside it as a second opinion.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyhdfe
from linearmodels.iv.absorbing import AbsorbingLS
from scipy import stats
from scipy.sparse import csr_array

CR2_REASON = "CR2 with Satterthwaite degrees of freedom"
ERRORS = ("cr2", "sandwich")  # CR2 leads; the plain sandwich is a second opinion
# below it CR2 is printed and sets no class (METHODS section 0 rule 1; Pustejovsky and Tipton 2018)
RELIABLE_DF = 4
# A column whose sum of squares falls below this share of itself once the others are out repeats
# them.
COLLINEAR = 1e-9
# An eigenvalue of I - H below this is a direction that the cluster's own effects fit without error.
SINGULAR = 1e-9
ENTRIES_AT_ONCE = 20_000  # clusters x rows x pairs of one stack: at most some ten megabytes


@dataclass(frozen=True)
class CoefficientTest:
    """One coefficient with its standard error (unit of the outcome), degrees of freedom and
    two-sided p-value."""

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


def t_interval(
    value: float, std_error: float, df: float | None, *, level: float = 0.95
) -> tuple[float, float]:
    """Interval of `value` from Student's t with `df` degrees of freedom (None: normal), in the unit
    of `value`."""
    tail = 1 - (1 - level) / 2
    width = std_error * float(stats.norm.ppf(tail) if df is None else stats.t.ppf(tail, df))
    return value - width, value + width


def absorb(columns: np.ndarray, effects: list[np.ndarray]) -> np.ndarray:
    """Residuals of each column (rows x k) once the effects (integer codes, one array a factor) are
    taken out."""
    if len(effects) == 1:
        codes = effects[0]
        size = np.maximum(np.bincount(codes), 1)
        means = np.column_stack(
            [np.bincount(codes, column) / size for column in columns.T] or [size]
        )
        return columns - means[codes][:, : columns.shape[1]]
    algorithm = pyhdfe.create(
        np.column_stack(effects), drop_singletons=False, compute_degrees=False
    )
    return algorithm.residualize(np.asarray(columns, dtype=float))


def independent_columns(within: np.ndarray, raw: np.ndarray) -> list[int]:
    """Positions of the columns that neither the effects nor an earlier column repeats (in order;
    earlier ones win).

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
    outcome: np.ndarray,
    regressors: np.ndarray,
    *,
    effects: list[np.ndarray],
    clusters: list[np.ndarray],
) -> AbsorbedFit:
    """Least squares of `outcome` on `regressors` within `effects`, clustered on one factor or on
    two.

    No small-sample factor (METHODS section 2). With two factors each variance is the larger of the
    two-way and the first factor's own: the two-way sum can fall below it, even below zero, in a
    sample (MacKinnon, Nielsen and Webb 2024). Columns must be independent within the effects: see
    `independent_columns`.
    """
    absorbed = pd.DataFrame(
        {f"effect_{i}": pd.Categorical(codes) for i, codes in enumerate(effects)}
    )
    model = AbsorbingLS(outcome, regressors, absorb=absorbed)
    fit = model.fit(cov_type="clustered", clusters=clusters[0], debiased=False, use_cache=False)
    params, one_way = fit.params.to_numpy(), fit.cov.to_numpy()
    covariance = one_way
    if len(clusters) == 2:
        within = model.absorbed_exog.to_numpy()
        residual = model.absorbed_dependent.to_numpy()[:, 0] - within @ params
        covariance = _two_way(within, residual, one_way, clusters)
    return AbsorbedFit(
        params, covariance, np.diag(covariance) - np.diag(one_way), int(fit.df_resid)
    )


def _two_way(
    within: np.ndarray, residual: np.ndarray, one_way: np.ndarray, clusters: list[np.ndarray]
) -> np.ndarray:
    """Two-way covariance (Cameron, Gelbach and Miller 2011), no variance below that of the first
    factor.

    linearmodels gives the same numbers, and takes seconds where the second factor has thousands of
    clusters.
    """
    if not (np.diag(one_way) > 0).all():
        return one_way  # fitted without error: there is nothing to widen
    scores = (within * residual[:, None]) @ np.linalg.inv(within.T @ within)
    pairs = pd.factorize(clusters[0].astype(np.int64) * (int(clusters[1].max()) + 1) + clusters[1])[
        0
    ]
    sums = [
        np.column_stack([np.bincount(codes, s) for s in scores.T]) for codes in (clusters[1], pairs)
    ]
    two_way = one_way + sums[0].T @ sums[0] - sums[1].T @ sums[1]
    widen = np.sqrt(np.maximum(np.diag(two_way) / np.diag(one_way), 1.0))
    usable = np.linalg.eigvalsh(two_way)[0] > 0 and np.all(np.diag(two_way) >= np.diag(one_way))
    return two_way if usable else one_way * np.outer(widen, widen)


def cr2(
    outcome: np.ndarray,
    regressors: np.ndarray,
    *,
    target: int,
    effect: np.ndarray,
    clusters: np.ndarray,
) -> CoefficientTest | None:
    """CR2 test of the coefficient of column `target`, `effect` (integer codes) absorbed; None where
    it has no variance.

    The working model is independent errors of one variance. H = B B' with B = [cells / sqrt(size),
    Q], so that each cluster needs only the singular values of its own thin slice of B, and the
    method stays fast on thousands of rows. A second set of effects comes as dummy columns of
    `regressors`. Columns must be independent within `effect`.
    """
    within = absorb(
        np.column_stack([np.delete(regressors, target, axis=1), regressors[:, target], outcome]),
        [effect],
    )
    informative = np.unique(
        effect[np.abs(within[:, :-1]).max(axis=1) > 1e-12 * np.abs(within[:, :-1]).max()]
    )
    rows = np.flatnonzero(np.isin(effect, informative))
    rows = rows[np.argsort(clusters[rows], kind="stable")]
    cells, cluster = (
        np.unique(codes[rows], return_inverse=True)[1] for codes in (effect, clusters)
    )
    basis, triangle = np.linalg.qr(within[rows, :-1])
    direction = basis[:, -1] * triangle[-1, -1]
    outcome = within[rows, -1]
    residual = outcome - basis @ (basis.T @ outcome)
    information = direction @ direction
    scores, trace, norm = _cluster_terms(direction, residual, basis, cells, cluster)
    variance = float(scores @ scores) / information**2
    if (
        variance <= 1e-24 * float(outcome @ outcome) / information
        or trace <= SINGULAR * information
    ):
        return None
    df = trace**2 / norm
    value = float(direction @ outcome / information)
    return CoefficientTest(value, float(np.sqrt(variance)), df, CR2_REASON)


def _cluster_terms(direction, residual, basis, cells, cluster) -> tuple[np.ndarray, float, float]:
    """Adjusted score of each cluster (G); trace and squared norm of the score's quadratic form V (G
    x G).

    V = diag(lengths) - P P' under the working model, with the rows of P projected on the absorbed
    cells (sparse) and on the basis (G x k). Clusters of like shape are worked out in one stack, and
    V itself is never written down:
    |V|^2 = sum of lengths^2 - 2 lengths'|P|^2 + |P'P|^2.
    """
    size, n_clusters = np.bincount(cells), int(cluster.max()) + 1
    pairs, pair = np.unique(cluster.astype(np.int64) * len(size) + cells, return_inverse=True)
    scores, lengths = np.zeros(n_clusters), np.zeros(n_clusters)
    on_cells, on_basis = np.zeros(len(pairs)), np.zeros((n_clusters, basis.shape[1]))
    for rows, columns, here in _stacks(cluster, pair, pairs // len(size)):
        real = rows >= 0
        slab = np.zeros((*rows.shape, columns.shape[1] + basis.shape[1]))
        matches = (pair[rows][:, :, None] == columns[:, None, :]) & real[:, :, None]
        slab[:, :, : columns.shape[1]] = matches / np.sqrt(size[cells[rows]])[:, :, None]
        slab[:, :, columns.shape[1] :] = np.where(real[:, :, None], basis[rows], 0.0)
        adjusted = _half_inverse(slab, np.where(real, direction[rows], 0.0))
        scores[here], lengths[here] = (
            (adjusted * residual[rows]).sum(axis=1),
            (adjusted**2).sum(axis=1),
        )
        projected = np.einsum("cnp,cn->cp", slab, adjusted)
        on_cells[columns[columns >= 0]] = projected[:, : columns.shape[1]][columns >= 0]
        on_basis[here] = projected[:, columns.shape[1] :]
    sparse = csr_array(
        (on_cells, (pairs // len(size), pairs % len(size))), shape=(n_clusters, len(size))
    )
    squares = sparse.power(2).sum(axis=1) + (on_basis**2).sum(axis=1)
    crossed = [sparse.T @ sparse, np.sqrt(2.0) * (sparse.T @ on_basis), on_basis.T @ on_basis]
    norm = float(
        (lengths**2).sum() - 2 * lengths @ squares + sum((part**2).sum() for part in crossed)
    )
    return scores, float(lengths.sum() - squares.sum()), norm


def _stacks(cluster, pair, owner) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Clusters of like shape together: positions of their rows and of their pairs with a cell (-1:
    filled up), codes.

    Rows are sorted by cluster. Empty rows and columns of a slab change nothing: they have the
    eigenvalue 0.
    """
    n_rows, n_pairs = np.bincount(cluster), np.bincount(owner)
    shapes = np.column_stack([_rounded(n_rows), _rounded(n_pairs)])
    first_row, first_pair = np.cumsum(n_rows) - n_rows, np.cumsum(n_pairs) - n_pairs
    for width, height in np.unique(shapes, axis=0):
        members = np.flatnonzero((shapes == (width, height)).all(axis=1))
        for here in np.array_split(
            members, -(-len(members) * int(width * height) // ENTRIES_AT_ONCE)
        ):
            yield (
                _filled(first_row, n_rows, here, width),
                _filled(first_pair, n_pairs, here, height),
                here,
            )


def _rounded(counts: np.ndarray) -> np.ndarray:
    """Counts rounded up to 1, 2, 3, 4, 6, 8, 12, 16, 24 ...: few shapes, and at most half as many
    cells again."""
    power = 2 ** np.floor(np.log2(counts)).astype(int)
    return np.where(
        counts <= power, power, np.where(2 * counts <= 3 * power, 3 * power // 2, 2 * power)
    )


def _filled(first: np.ndarray, length: np.ndarray, here: np.ndarray, width: int) -> np.ndarray:
    """Positions first, first + 1, ... of each cluster (clusters x width), -1 beyond its length."""
    steps = np.arange(width)[None, :]
    return np.where(steps < length[here][:, None], first[here][:, None] + steps, -1)


def _half_inverse(slab: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """(I - slab slab')^(-1/2) vector for a stack of them, with zero along directions where I - slab
    slab' is singular."""
    wide, across = slab.shape[2] > slab.shape[1], slab.transpose(0, 2, 1)
    squared, side = np.linalg.eigh(slab @ across if wide else across @ slab)
    factor = (
        np.where(1 - squared > SINGULAR, 1 / np.sqrt(np.maximum(1 - squared, SINGULAR)), 0.0) - 1
    )
    if not wide:
        factor = np.where(
            squared > 1e-12, factor / np.maximum(squared, 1e-12), 0.5
        )  # the limit at 0
    seen = vector[:, :, None] if wide else across @ vector[:, :, None]
    change = side @ (factor[:, :, None] * (side.transpose(0, 2, 1) @ seen))
    return vector + (change if wide else slab @ change)[:, :, 0]
