"""The narrowest interval of each protected count, from everything that is public (rule S4).

The count lies between the least and the most that it has in any table that agrees with what is
printed, with the relations and with the rule itself. Where fewer whole numbers lie between than the
rule leaves open, the count is recovered.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from analysis.disclosure.attack.known import Known
from analysis.disclosure.attack.propagation import propagated
from analysis.disclosure.attack.reach import Reach, unsolved
from analysis.disclosure.attack.solver import Undecided
from analysis.disclosure.attack.system import (
    NOISE,
    System,
    components,
    enough_values,
    system_of,
)
from analysis.disclosure.rules import Rules, load_rules

TRIES = 4  # tables in fractions that are made whole before any table of whole numbers is asked for
MOST_WEIGHT = 8  # of a count in a goal
SEED = 2001  # of these goals; what is told does not depend on it
SEVERAL = 3  # counts that one table for many must bring to their ends, so that it is worth it
SIDES = 0, 1  # the least, the most
SIGN = (-1.0, 1.0)
Ends = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Narrowest:
    """What an attacker can tell of one protected count: between low and high, `values` whole
    numbers."""

    key: str
    low: float
    high: float
    values: int

    @classmethod
    def of(cls, key: str, low: float, high: float) -> Self:
        return cls(key, low, high, int(np.floor(high + NOISE) - np.ceil(low - NOISE)) + 1)


@dataclass(frozen=True)
class Help:
    """A printed number that narrows recovered counts. worth: by how many values their intervals
    together would be wider for each person by which it were less exactly known. cells: how many."""

    key: str
    where: str
    worth: float
    cells: int


@dataclass(frozen=True)
class Attacked:
    """How an attack ended. cells: every protected count. enough: values that each needs. printed,
    withheld: numbers of counts. undecided: where whole numbers took too long, so that fractions
    count."""

    cells: tuple[Narrowest, ...]
    enough: int
    printed: int
    withheld: int
    undecided: int = 0
    helps: tuple[Help, ...] = field(default=())

    @property
    def recovered(self) -> tuple[Narrowest, ...]:
        return tuple(cell for cell in self.cells if cell.values < self.enough)


def attack(
    known: Known, rules: Rules | None = None, *, whole: bool = True, exact: bool = True
) -> Attacked:
    """Solve for every protected count.

    whole: counts are whole numbers, as far as that is decided in time; False: fractions too, as
    linear programmes alone do it. exact: False leaves the interval of a recovered count at what one
    relation at a time gives, which may be wider than the narrowest; what is recovered is the same.
    RunError E380 to E382: the counts contradict what was said.
    """
    rules = rules or load_rules()
    system = system_of(known, rules)
    cells: list[Narrowest] = []
    undecided = 0
    for _, part in components(system):
        found = Narrowing(part, whole=whole, exact=exact)
        cells += found.intervals()
        undecided += found.undecided
    printed = int(system.printed.sum())
    order = {key: at for at, key in enumerate(system.keys)}
    cells.sort(key=lambda cell: order[cell.key])
    return Attacked(
        tuple(cells), enough_values(rules), printed, len(system.keys) - printed, undecided
    )


class Narrowing:
    """The attack on one component.

    whole: counts are whole numbers. exact: the ends of all intervals, not only whether they are
    where the rule alone puts them. undecided: ends of which the former was not found out in time.
    """

    def __init__(self, system: System, *, whole: bool, exact: bool) -> None:
        self.system, self.whole, self.exact = system, whole, exact
        self.reach = Reach(system)
        self.undecided = 0
        self._chance = np.random.default_rng(SEED)

    def intervals(self) -> list[Narrowest]:
        """The interval of every protected count."""
        low, high = self.ends(self.system.low, self.system.high)
        at = np.flatnonzero(self.system.protected)
        return [Narrowest.of(self.system.keys[i], float(low[i]), float(high[i])) for i in at]

    def ends(self, low: np.ndarray, high: np.ndarray) -> Ends:
        """Least and most of each protected count, where all counts lie within low and high."""
        outer = propagated(self.system, low, high, whole=self.whole)
        inner = self._in_fractions(low, high, outer)
        if self.whole:
            outer = (
                np.where(self.system.protected, np.ceil(inner[0] - NOISE), outer[0]),
                np.where(self.system.protected, np.floor(inner[1] + NOISE), outer[1]),
            )
            inner = self._in_whole_numbers(low, high, outer)
        return inner

    def _in_fractions(self, low: np.ndarray, high: np.ndarray, outer: Ends) -> Ends:
        inner = self.reach.reached(low, high, whole=False)
        for side in SIDES:
            self._together(side, inner, outer)
            for at in self._left(side, inner, outer):
                if self._is_left(at, side, inner, outer):
                    _widen(inner, self._stretched(self._goal(at, side), outer))
        self._not_asked(inner, outer)
        return inner

    def _in_whole_numbers(self, low: np.ndarray, high: np.ndarray, outer: Ends) -> Ends:
        inner = self.reach.reached(low, high, whole=True)
        for side in SIDES:
            with suppress(Undecided):  # each is asked for by itself then
                self._together_whole(side, inner, outer)
            for at in self._left(side, inner, outer):
                if self._is_left(at, side, inner, outer):
                    self._alone_whole(int(at), side, inner, outer)
        self._not_asked(inner, outer)
        return inner

    # -- which counts -------------------------------------------------------------------------
    def _asked(self, side: int, outer: Ends) -> np.ndarray:
        """Protected counts whose end is solved for: where it is not known already to be too
        narrow."""
        if self.exact:
            return self.system.protected
        goal, end = self.system.where_hidden[side], outer[side]
        asked = np.zeros(len(goal), dtype=bool)
        held = self.system.protected
        asked[held] = (goal[held] - end[held]) * SIGN[side] <= NOISE
        return asked

    def _not_asked(self, inner: Ends, outer: Ends) -> None:
        for side in SIDES:
            left = self.system.protected & ~self._asked(side, outer)
            inner[side][left] = outer[side][left]

    def _left(self, side: int, inner: Ends, outer: Ends) -> np.ndarray:
        """Counts that have not come to where nothing can be further out."""
        asked = np.flatnonzero(self._asked(side, outer))
        return asked[(outer[side][asked] - inner[side][asked]) * SIGN[side] > NOISE]

    def _is_left(self, at: int, side: int, inner: Ends, outer: Ends) -> bool:
        return bool((outer[side][at] - inner[side][at]) * SIGN[side] > NOISE)

    # -- solving ------------------------------------------------------------------------------
    def _together(self, side: int, inner: Ends, outer: Ends) -> None:
        """Move many counts outwards at once while that brings several of them to their ends: a
        count by itself comes there for certain. Changes `inner`."""
        left = self._left(side, inner, outer)
        while len(left) > 1:
            before = len(left)
            _widen(inner, self._stretched(self._goal(left, side), outer))
            left = self._left(side, inner, outer)
            if before - len(left) < SEVERAL:
                break

    def _together_whole(self, side: int, inner: Ends, outer: Ends) -> None:
        """The same with tables of whole numbers that lie beside those in fractions."""
        left, in_vain = self._left(side, inner, outer), 0
        while len(left) > 1 and in_vain < TRIES:
            before = len(left)
            goal = self._goal(left, side) * self._weights()
            point = self.reach.mended(self._stretched(goal, outer), goal, *outer)
            if point is not None:
                _widen(inner, point)
            left = self._left(side, inner, outer)
            in_vain = in_vain + 1 if len(left) == before else 0

    def _alone_whole(self, at: int, side: int, inner: Ends, outer: Ends) -> None:
        """One count in whole numbers: is there a table with the end itself, and if not, what is
        next."""
        try:
            if self._has(at, side, inner, outer):
                return
            outer[side][at] -= SIGN[side]
            if self.exact:
                point = self.reach.stretch_whole(self._goal(at, side), *outer)
                if point is None:
                    raise unsolved(self.system)
                _widen(inner, point)
            else:
                inner[side][at] = outer[side][at]
        except Undecided:
            self.undecided += 1
            inner[side][at] = outer[side][at]

    def _has(self, at: int, side: int, inner: Ends, outer: Ends) -> bool:
        """Whether a table of whole numbers has the count at its outer end: one beside a table in
        fractions, of which several are tried, or else any."""
        fixed = outer[0].copy(), outer[1].copy()
        fixed[0][at] = fixed[1][at] = outer[side][at]
        goal = nothing = np.zeros(len(self.system.keys))
        for _ in range(TRIES):
            point = self.reach.stretch(goal, *fixed)
            if point is None:
                return False
            point = self.reach.mended(point, goal, *fixed)
            if point is not None:
                break
            goal = self._goal(self._left(side, inner, outer), side) + self._weights() / MOST_WEIGHT
        else:
            point = self.reach.stretch_whole(nothing, *fixed)
        if point is None:
            return False
        _widen(inner, point)
        return True

    def _weights(self) -> np.ndarray:
        """Another goal each time, so that another table is found; of protected counts alone, since
        others may be without end."""
        drawn = self._chance.integers(1, MOST_WEIGHT, len(self.system.keys))
        return np.where(self.system.protected, drawn, 0.0)

    def _goal(self, at: int | np.ndarray, side: int) -> np.ndarray:
        goal = np.zeros(len(self.system.keys))
        goal[at] = SIGN[side]
        return goal

    def _stretched(self, goal: np.ndarray, outer: Ends) -> np.ndarray:
        """The exact table lies within `outer`; where bounds in fractions are so close that HiGHS
        finds none, they are taken as exact as it is."""
        point = self.reach.stretch(goal, *outer)
        if point is None and not self.whole:
            point = self.reach.stretch(goal, outer[0] - NOISE, outer[1] + NOISE)
        if point is None:
            raise unsolved(self.system)
        return point


def _widen(inner: Ends, point: np.ndarray) -> None:
    np.minimum(inner[0], point, out=inner[0])
    np.maximum(inner[1], point, out=inner[1])
