"""Cluster-robust inference on the coefficients of a regression with absorbed effects.

CR2 (Bell and McCaffrey 2002) with Satterthwaite degrees of freedom (Pustejovsky and Tipton 2018)
leads at every size: with the lot of Project STAR drawn anew the plain sandwich rejects a true "no
effect" in about 10 %, on 1,300 teachers, since few of them decide (docs/inference.md). Absorbed
effects count in the hat matrix; a singular I - H of a cluster takes the pseudo-inverse square root
(their theorem 2). The plain sandwich without a small-sample factor (`absorbed/regression.py`)
stands beside it as a second opinion.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats
from scipy.sparse import csr_array, diags_array

from analysis.inference.absorbed.effects import Effects
from analysis.inference.absorbed.regression import WithinRows

CR2_REASON = "CR2 with Satterthwaite degrees of freedom"
ERRORS = ("cr2", "sandwich")  # CR2 leads; the plain sandwich is a second opinion
# below it CR2 is printed and sets no class (METHODS section 0 rule 1; Pustejovsky and Tipton 2018)
RELIABLE_DF = 4
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


def cr2(
    outcome: np.ndarray,
    regressors: np.ndarray,
    *,
    target: int,
    effect: np.ndarray,
    clusters: np.ndarray,
) -> CoefficientTest | None:
    """CR2 test of the coefficient of column `target`, `effect` (integer codes) absorbed; None where
    it has no variance. Columns must be independent within `effect`."""
    rows = WithinRows.of(outcome, regressors, Effects((effect,)))
    return cr2_tests(rows, [target], clusters)[0]


def cr2_tests(
    rows: WithinRows, targets: Sequence[int], clusters: np.ndarray
) -> list[CoefficientTest | None]:
    """CR2 test of the coefficient of each of the columns `targets`; None where it has no variance.

    The working model is independent errors of one variance. H = B B' with B = [what is absorbed,
    Q], so that each cluster needs only the singular values of its own thin slice of B, and the
    method stays fast on thousands of rows. The decompositions are those of the columns together:
    all targets share them. With two factors absorbed the first must be that of the clusters.
    """
    slopes = np.linalg.inv(rows.factors[1]).T[:, list(targets)]
    information = 1 / (slopes**2).sum(axis=0)
    directions = rows.factors[0] @ (slopes * information)
    design = _Design.of(rows, directions, clusters)
    terms = design.terms(directions)
    values = directions.T @ rows.outcome / information
    spread = float(rows.outcome @ rows.outcome)
    return [
        _test(float(values[j]), float(information[j]), spread, terms[j]) for j in range(len(values))
    ]


def _test(
    value: float, information: float, spread: float, terms: tuple[np.ndarray, float, float]
) -> CoefficientTest | None:
    scores, trace, norm = terms
    variance = float(scores @ scores) / information**2
    if variance <= 1e-24 * spread / information or trace <= SINGULAR * information:
        return None
    return CoefficientTest(value, float(np.sqrt(variance)), trace**2 / norm, CR2_REASON)


@dataclass(frozen=True, eq=False)
class _Design:
    """Rows of the clusters that decide, sorted by cluster: where each stands in the whole, its
    slice of the basis, its code of the cluster and of the last factor absorbed.

    inverse: pseudo-inverse of the normal equations of that factor (codes x codes). nested: its
    dummies stand here without their means by cluster, which a first factor takes out.
    """

    place: np.ndarray
    basis: np.ndarray
    residual: np.ndarray
    cells: np.ndarray
    cluster: np.ndarray
    inverse: csr_array
    nested: bool

    @classmethod
    def of(cls, rows: WithinRows, directions: np.ndarray, clusters: np.ndarray) -> "_Design":
        """Rows of cells, or with two factors of clusters, in which any column differs at all."""
        effects, nested = rows.effects, len(rows.effects.factors) == 2
        columns = np.abs(rows.regressors if not nested else directions).max(axis=1)
        group = clusters if nested else effects.factors[0]
        decides = np.zeros(int(group.max()) + 1, dtype=bool)
        decides[group[columns > 1e-12 * columns.max(initial=0.0)]] = True
        place = np.flatnonzero(decides[group])
        place = place[np.argsort(clusters[place], kind="stable")]
        inverse = effects.inverse if nested else csr_array(diags_array(1 / effects.sizes))
        return cls(
            place,
            rows.factors[0][place],
            rows.residual[place],
            effects.factors[-1][place],
            np.unique(clusters[place], return_inverse=True)[1],
            inverse,
            nested,
        )

    def terms(self, directions: np.ndarray) -> list[tuple[np.ndarray, float, float]]:
        """For each direction (rows x targets) the adjusted score of each cluster (G), and trace and
        squared norm of the score's quadratic form V (G x G).

        V = diag(lengths) - P P' under the working model, with the rows of P projected on what is
        absorbed (sparse) and on the basis (G x k). Clusters of like shape are worked out in one
        stack, and V itself is never written down:
        |V|^2 = sum of lengths^2 - 2 lengths'|P|^2 + |P'P|^2.
        """
        directions, many = directions[self.place], self.inverse.shape[0]
        n_clusters, targets = int(self.cluster.max()) + 1, directions.shape[1]
        pairs, pair = np.unique(
            self.cluster.astype(np.int64) * many + self.cells, return_inverse=True
        )
        owner, level = pairs // many, pairs % many
        scores, lengths = np.zeros((n_clusters, targets)), np.zeros((n_clusters, targets))
        on_cells = np.zeros((len(pairs), targets))
        on_basis = np.zeros((n_clusters, self.basis.shape[1], targets))
        for rows, columns, here in _stacks(self.cluster, pair, owner):
            real = (rows >= 0)[:, :, None]
            dummies = ((pair[rows][:, :, None] == columns[:, None, :]) & real).astype(float)
            if self.nested:
                dummies -= real * (dummies.sum(axis=1) / real.sum(axis=1))[:, None, :]
            basis = np.where(real, self.basis[rows], 0.0)
            slab = np.concatenate([self._scaled(dummies, level, columns), basis], axis=2)
            adjusted = _half_inverse(slab, np.where(real, directions[rows], 0.0))
            scores[here] = (adjusted * self.residual[rows][:, :, None]).sum(axis=1)
            lengths[here] = (adjusted**2).sum(axis=1)
            on_cells[columns[columns >= 0]] = (dummies.transpose(0, 2, 1) @ adjusted)[columns >= 0]
            on_basis[here] = basis.transpose(0, 2, 1) @ adjusted
        found = []
        for j in range(targets):
            sparse = csr_array((on_cells[:, j], (owner, level)), shape=(n_clusters, many))
            projected = _Projected(sparse, on_basis[:, :, j], self.inverse)
            found.append((scores[:, j], *projected.trace_and_norm(lengths[:, j])))
        return found

    def _scaled(self, dummies: np.ndarray, level: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """The dummies of each cluster (clusters x rows x columns) times a root of its own part of
        `inverse`."""
        if not self.nested:
            return dummies * np.sqrt(self.inverse.data[level[columns]])[:, None, :]
        here, height = level[columns], columns.shape[1]
        down, across = np.repeat(here, height, axis=1), np.tile(here, height)
        parts = np.asarray(self.inverse[down.ravel(), across.ravel()]).reshape(-1, height, height)
        known = (columns >= 0).astype(float)
        values, vectors = np.linalg.eigh(parts * known[:, :, None] * known[:, None, :])
        return dummies @ (vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :])


@dataclass(frozen=True, eq=False)
class _Projected:
    """Adjusted directions of the clusters as they meet the dummies absorbed (G x levels, sparse)
    and the basis (G x k); inverse: of the dummies' normal equations."""

    on_cells: csr_array
    on_basis: np.ndarray
    inverse: csr_array

    def trace_and_norm(self, lengths: np.ndarray) -> tuple[float, float]:
        """Trace and squared norm of diag(lengths) - P P'."""
        cells, basis = self.on_cells, self.on_basis
        squares = cells.multiply(cells @ self.inverse).sum(axis=1) + (basis**2).sum(axis=1)
        crossed, both = self.inverse @ (cells.T @ cells), cells.T @ basis
        shared = float(crossed.multiply(crossed.T).sum())
        shared += 2 * float((both * (self.inverse @ both)).sum())
        shared += float(((basis.T @ basis) ** 2).sum())
        norm = float((lengths**2).sum() - 2 * lengths @ squares + shared)
        return float(lengths.sum() - squares.sum()), norm


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


def _half_inverse(slab: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """(I - slab slab')^(-1/2) times `vectors` (stack x rows x targets) for a stack of them, with
    zero along directions where I - slab slab' is singular."""
    wide, across = slab.shape[2] > slab.shape[1], slab.transpose(0, 2, 1)
    squared, side = np.linalg.eigh(slab @ across if wide else across @ slab)
    factor = (
        np.where(1 - squared > SINGULAR, 1 / np.sqrt(np.maximum(1 - squared, SINGULAR)), 0.0) - 1
    )
    if not wide:
        factor = np.where(
            squared > 1e-12, factor / np.maximum(squared, 1e-12), 0.5
        )  # the limit at 0
    seen = vectors if wide else across @ vectors
    change = side @ (factor[:, :, None] * (side.transpose(0, 2, 1) @ seen))
    return vectors + (change if wide else slab @ change)
