"""Bounds of counts that follow from one relation at a time, again and again: cheap, and never
narrower than what an attacker can tell."""

import numpy as np
from scipy.sparse import csr_matrix

from analysis.disclosure.attack.system import NOISE, System

ROUNDS = 40


def propagated(
    system: System, low: np.ndarray, high: np.ndarray, *, whole: bool
) -> tuple[np.ndarray, np.ndarray]:
    """What each count can be at the least and at the most by the rows, each taken by itself.

    whole: counts are whole numbers, which bounds them more narrowly still.
    """
    sides = _Sides.of(system)
    for _ in range(ROUNDS):
        lower, upper = sides.step(low, high)
        if whole:
            lower = np.where(system.whole, np.ceil(lower - NOISE), lower)
            upper = np.where(system.whole, np.floor(upper + NOISE), upper)
        lower, upper = np.maximum(low, lower), np.minimum(high, upper)
        moved = ((lower > low + NOISE) | (upper < high - NOISE)).any()
        low, high = lower, upper
        if not moved:
            break
    return low, high


class _Sides:
    """Each row as "sum of coefficient times count is at most": the row and its opposite."""

    def __init__(self, matrix: csr_matrix, limit: np.ndarray, counts: int) -> None:
        self.counts, self.limit = counts, limit
        self.row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        self.column, self.value = matrix.indices, matrix.data

    @classmethod
    def of(cls, system: System) -> "_Sides":
        upper, lower = np.isfinite(system.most), np.isfinite(system.least)
        both = [system.matrix[upper], -system.matrix[lower]]
        limit = np.concatenate([system.most[upper], -system.least[lower]])
        from scipy.sparse import vstack

        return cls(vstack(both, format="csr"), limit, len(system.keys))

    def step(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        positive = self.value > 0
        end = np.where(positive, low[self.column], high[self.column])
        open_end = ~np.isfinite(end)
        least = np.where(open_end, 0.0, self.value * np.where(open_end, 0.0, end))
        rows = len(self.limit)
        held = np.bincount(self.row, least, minlength=rows)
        opened = np.bincount(self.row, open_end, minlength=rows)
        others_open = opened[self.row] - open_end > 0
        room = self.limit[self.row] - (held[self.row] - least)
        with np.errstate(divide="ignore", invalid="ignore"):
            bound = np.where(others_open | (self.value == 0), np.nan, room / self.value)
        lower, upper = np.full(self.counts, -np.inf), np.full(self.counts, np.inf)
        told = ~np.isnan(bound)
        np.minimum.at(upper, self.column[told & positive], bound[told & positive])
        np.maximum.at(lower, self.column[told & ~positive], bound[told & ~positive])
        return lower, upper
