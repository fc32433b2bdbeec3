"""How narrowly hidden cells of a table can be bounded by whoever knows something of all the others
(rule S4).

Every cell of a table, margins of every order among them, lies between two numbers that the attacker
knows; a total is the sum of its parts. A hidden cell is then bounded by the least and the most that
it has in any such table: a linear programme a cell, solved by HiGHS.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

UNBOUNDED = 3  # status of scipy's solver


def with_margins(counts: np.ndarray) -> np.ndarray:
    """The table with a last row, column and so on of totals along each of its dimensions."""
    for axis in range(counts.ndim):
        counts = np.concatenate([counts, counts.sum(axis=axis, keepdims=True)], axis=axis)
    return counts


@dataclass(frozen=True, eq=False)
class Attack:
    """What is known of each cell of a table with its margins: it lies between low and high."""

    low: np.ndarray
    high: np.ndarray
    _free: np.ndarray = field(init=False, repr=False)
    _left: csr_matrix = field(init=False, repr=False)
    _right: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        low, free = self.low.ravel(), (self.high > self.low).ravel()
        equations = _equations(self.low.shape)
        known = equations[:, ~free] @ low[~free] if (~free).any() else 0.0
        left = equations[:, free]
        held = np.diff(left.indptr) > 0
        object.__setattr__(self, "_free", free)
        object.__setattr__(self, "_left", left[held])
        object.__setattr__(self, "_right", -np.broadcast_to(known, held.shape)[held])

    def widths(self, cells: Iterable[tuple[int, ...]], enough: float) -> dict[tuple, float]:
        """Width of the interval of each cell; one that reaches `enough` is followed no further.

        One solution for one cell tells of all of them, so that few are solved for.
        """
        least = np.full(int(self._free.sum()), np.inf)
        most, number = -least, np.cumsum(self._free) - 1
        found = {}
        for cell in cells:
            at = number[np.ravel_multi_index(cell, self.low.shape)]
            for sign in (-1.0, 1.0):
                if most[at] - least[at] >= enough:
                    break
                self._stretch(int(at), sign, least, most)
            found[cell] = float(most[at] - least[at])
        return found

    def _stretch(self, at: int, sign: float, least: np.ndarray, most: np.ndarray) -> None:
        """Move one cell as far as it goes (sign -1: up) and note where each other one went."""
        goal = np.zeros(len(least))
        goal[at] = sign
        bounds = np.column_stack([self.low.ravel()[self._free], self.high.ravel()[self._free]])
        found = linprog(goal, A_eq=self._left, b_eq=self._right, bounds=bounds, method="highs")
        if found.status == UNBOUNDED:
            most[at], least[at] = np.inf, 0.0
        elif found.x is not None:
            np.minimum(least, found.x, out=least)
            np.maximum(most, found.x, out=most)


def _equations(shape: tuple[int, ...]) -> csr_matrix:
    """A total less its parts is nothing: one row for each line of the table."""
    number = np.arange(int(np.prod(shape))).reshape(shape)
    rows, columns, values, count = [], [], [], 0
    for axis, size in enumerate(shape):
        for line in np.moveaxis(number, axis, -1).reshape(-1, size):
            rows += [count] * size
            columns += line.tolist()
            values += [1.0] * (size - 1) + [-1.0]
            count += 1
    return csr_matrix((values, (rows, columns)), shape=(max(count, 1), number.size))
