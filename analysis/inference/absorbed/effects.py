"""Effects of one factor or of two, taken out of columns exactly (Frisch, Waugh and Lovell).

One factor: its means are taken out. Two: the first factor's means, and then the second factor's
effects, which solve the normal equations that are left, D' M D a = D' M x (D: dummies of the second
factor; M takes out the first factor's means). D' M D falls into one block for each connected piece
of the two factors (Abowd, Creecy and Kramarz 2002), in our data an office with its quarters, and
each block is singular by one: it takes its pseudo-inverse.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

# A column whose sum of squares falls below this share of itself once the others are out repeats
# them.
COLLINEAR = 1e-9
# An eigenvalue of a block below this share of its largest belongs to the piece's own mean.
NO_EIGENVALUE = 1e-10


@dataclass(frozen=True, eq=False)
class Effects:
    """One or two factors as integer codes from 0, arrays of one length (rows)."""

    factors: tuple[np.ndarray, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.factors) <= 2:
            raise ValueError("one factor or two are absorbed")

    def without(self, columns: np.ndarray) -> np.ndarray:
        """Residuals of each column (rows x k) once the effects are taken out."""
        columns = np.asarray(columns, dtype=float)
        if not columns.shape[1]:
            return columns
        left = columns - self.means(columns)[self.factors[0]]
        if len(self.factors) == 1:
            return left
        second = self.factors[1]
        slopes = (self.inverse @ sums(left, second, self.inverse.shape[0]))[second]
        return left - slopes + self.means(slopes)[self.factors[0]]

    def means(self, columns: np.ndarray) -> np.ndarray:
        """Means of each column (rows x k) by the first factor (levels x k)."""
        return sums(columns, self.factors[0], len(self.sizes)) / self.sizes[:, None]

    @cached_property
    def sizes(self) -> np.ndarray:
        """Rows of each level of the first factor, at least 1."""
        return np.maximum(np.bincount(self.factors[0]), 1)

    @cached_property
    def rank(self) -> int:
        """Number of effects that can be told apart: levels, less one for each connected piece of
        two factors."""
        levels = [len(np.unique(codes)) for codes in self.factors]
        return sum(levels) - (self._pieces[0] if len(levels) == 2 else 0)

    @cached_property
    def inverse(self) -> csr_array:
        """Pseudo-inverse of D' M D (levels of the second factor, both ways), block by block."""
        gram, (_, piece) = self._gram, self._pieces
        order = np.argsort(piece, kind="stable")
        width = np.bincount(piece)
        first, entries = np.cumsum(width) - width, []
        for size in np.unique(width):
            members = np.flatnonzero(width == size)
            level = order[first[members][:, None] + np.arange(size)]
            blocks = gram[np.repeat(level, size, axis=1).ravel(), np.tile(level, size).ravel()]
            inverse = _pseudo_inverse(np.asarray(blocks).reshape(-1, size, size))
            entries.append(
                (inverse.ravel(), np.repeat(level, size, 1).ravel(), np.tile(level, size).ravel())
            )
        values, down, across = (np.concatenate(part) for part in zip(*entries, strict=True))
        return csr_array((values, (down, across)), shape=gram.shape)

    @cached_property
    def _gram(self) -> csr_array:
        first, second = self.factors
        shape = (len(self.sizes), int(second.max(initial=-1)) + 1)
        counts = csr_array((np.ones(len(first)), (first, second)), shape=shape)
        own = np.bincount(second, minlength=shape[1]).astype(float)
        level = np.arange(shape[1])
        shared = counts.T @ (csr_array(counts / self.sizes[:, None]))
        return csr_array(csr_array((own, (level, level))) - shared)

    @cached_property
    def _pieces(self) -> tuple[int, np.ndarray]:
        """Number of connected pieces, and that of each level of the second factor."""
        return connected_components(self._gram != 0, directed=False)


def sums(columns: np.ndarray, codes: np.ndarray, levels: int) -> np.ndarray:
    """Sums of each column (rows x k) by code (levels x k)."""
    ones = np.ones(len(codes))
    rows = csr_array((ones, codes, np.arange(len(codes) + 1)), shape=(len(codes), levels))
    return rows.T @ columns


def _pseudo_inverse(blocks: np.ndarray) -> np.ndarray:
    """Pseudo-inverse of a stack of symmetric matrices (blocks x size x size) without negative
    eigenvalues."""
    values, vectors = np.linalg.eigh(blocks)
    least = NO_EIGENVALUE * np.maximum(values[:, -1:], 1.0)
    inverse = np.where(values > least, 1 / np.maximum(values, least), 0.0)
    return (vectors * inverse[:, None, :]) @ vectors.transpose(0, 2, 1)


def absorb(columns: np.ndarray, effects: list[np.ndarray]) -> np.ndarray:
    """Residuals of each column (rows x k) once the effects (integer codes, one array a factor) are
    taken out."""
    return Effects(tuple(effects)).without(columns)


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
