"""How far counts of one component reach: tables that agree with what is known, found by HiGHS and
kept.

A table that was found for one count tells of all others, and tells again when more or fewer counts
are printed: it counts wherever it agrees with what is printed then.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import vstack

from analysis.disclosure.attack.solver import Answer, Programme, whole_table
from analysis.disclosure.attack.system import NOISE, System
from analysis.errors import RunError

MOST_KEPT = 8_000_000  # numbers in the tables of a component that are kept
NEAR = 400  # counts that move to make a table whole, while all others stay


@dataclass(frozen=True, eq=False)
class Dual:
    """One end of one count's interval, and what each bound does to it.

    end: the least (or the most) of the count. by_low, by_high: how far the end moves outwards for
    each person by which the bound of a count is moved outwards; never negative.
    """

    end: float
    by_low: np.ndarray
    by_high: np.ndarray


class Reach:
    """Tables of one component that agree with everything known; the exact one is the first."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._points = np.empty((16, len(system.keys)))
        self._whole = np.empty(16, dtype=bool)
        self._kept = 0
        self._add(system.exact)
        upper = np.isfinite(system.most) & ~system.equal
        lower = np.isfinite(system.least) & ~system.equal
        rows = system.matrix
        self._programme = Programme(
            vstack([rows[upper], -rows[lower], rows[system.equal]], format="csr"),
            np.concatenate(
                [np.full(int(upper.sum() + lower.sum()), -np.inf), system.least[system.equal]]
            ),
            np.concatenate([system.most[upper], -system.least[lower], system.least[system.equal]]),
        )
        self._columns = rows.tocsc()

    def _add(self, point: np.ndarray) -> None:
        if self._kept * len(point) > MOST_KEPT:
            return
        if self._kept == len(self._points):  # room for twice as many
            self._points = np.concatenate([self._points, np.empty_like(self._points)])
            self._whole = np.concatenate([self._whole, np.empty_like(self._whole)])
        self._points[self._kept] = point
        self._whole[self._kept] = self.is_whole(point)
        self._kept += 1

    def is_whole(self, point: np.ndarray) -> bool:
        """Whether all counts of a table that are whole numbers are so in it."""
        return not self._broken(point).any()

    def _broken(self, point: np.ndarray) -> np.ndarray:
        return self.system.whole & (np.abs(point - np.round(point)) >= NOISE)

    def reached(
        self, low: np.ndarray, high: np.ndarray, *, whole: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Least and most of each count in the tables found so far that lie within low and high.

        whole: in tables of whole numbers alone.
        """
        points = self._points[: self._kept]
        if whole:
            points = points[self._whole[: self._kept]]
        agrees = ((points >= low - NOISE) & (points <= high + NOISE)).all(axis=1)
        points = points[agrees]
        return points.min(axis=0, initial=np.inf), points.max(axis=0, initial=-np.inf)

    def stretch(self, goal: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
        """A table within low and high, in fractions, in which `goal` is most; it is kept. None:
        there is none."""
        answer = self._answer(-goal, low, high)
        if answer is None:
            return None
        self._add(answer.point)
        return answer.point

    def _answer(
        self, goal: np.ndarray, low: np.ndarray, high: np.ndarray, *, afresh: bool = False
    ) -> Answer | None:
        try:
            return self._programme.smallest(goal, low, high, afresh=afresh)
        except ArithmeticError:
            raise unsolved(self.system) from None

    def stretch_whole(
        self, goal: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> np.ndarray | None:
        """The same in whole numbers. Undecided where that takes too long."""
        system = self.system
        limits = system.least, system.most
        point = whole_table(-goal, system.matrix, limits, (low, high), system.whole)
        if point is not None:
            self._add(point)
        return point

    def mended(
        self, point: np.ndarray, goal: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> np.ndarray | None:
        """A table of whole numbers beside one in fractions: counts around those that are broken
        move, all others stay as they are; it is kept. None: there is none so near."""
        broken = np.flatnonzero(self._broken(point))
        if not len(broken):
            return point
        moving = self.around(broken, NEAR)
        stays = np.where(self.system.whole, np.round(point), point)
        stays[moving] = 0.0
        rows = np.unique(self._columns[:, moving].indices)
        matrix = self.system.matrix[rows]
        fixed = matrix @ stays
        near = whole_table(
            -goal[moving],
            matrix[:, moving],
            (self.system.least[rows] - fixed, self.system.most[rows] - fixed),
            (low[moving], high[moving]),
            self.system.whole[moving],
        )
        if near is None:
            return None
        found = stays
        found[moving] = near
        self._add(found)
        return found

    def around(self, counts: np.ndarray, size: int) -> np.ndarray:
        """Some counts with those that hang on them most closely, `size` or fewer besides."""
        found = counts
        while len(found) < size:
            rows = np.unique(self._columns[:, found].indices)
            further = np.setdiff1d(self.system.matrix[rows].indices, found)
            if not len(further):
                break
            found = np.append(found, further[: size - len(found)])
        return found

    def dual(
        self, at: int, sign: float, low: np.ndarray, high: np.ndarray, *, afresh: bool = True
    ) -> Dual:
        """The end of one count's interval (sign -1: the most) with its shadow prices.

        afresh: of several equally good prices always the same, whatever was asked before.
        """
        goal = np.zeros(len(self.system.keys))
        goal[at] = sign
        answer = self._answer(goal, low, high, afresh=afresh)
        if answer is None:
            raise unsolved(self.system)
        self._add(answer.point)
        price = answer.price
        return Dual(sign * answer.least, np.maximum(price, 0.0), np.maximum(-price, 0.0))


def unsolved(system: System) -> RunError:
    text = f"no table agrees with all that is known of {system.keys[0]} and what hangs on it."
    return RunError("E381", text, remedy="Run the study again; its counts contradict each other.")
