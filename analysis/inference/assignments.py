"""All the ways in which a lot could have fallen: labels of units laid out anew within blocks,
listed or drawn.

Labels are integer codes, one a unit: 0 and 1 for comparison and treated, or one code for each start
date. A block keeps its own labels, so that the number of each is the same in every assignment.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from analysis.inference.sequential import ALPHA, EVERY, Drawn, draw_until_decided

LISTED_AT_MOST = 20_000  # assignments; above it they are drawn
# ways of one block, or of blocks taken together, that are worked out once instead of in each draw
WAYS_LISTED = 5_000
SUMS_AT_ONCE = 8_192  # draws whose sums are added up together: what stays in a processor's cache
CELLS_AT_ONCE = 2_000_000  # assignments x units held in memory together (16 MB)
# Statistics of two assignments closer than this share of their size are equal: they differ by the
# order of a sum only.
EQUAL = 1e-9


@dataclass(frozen=True)
class StatisticsTest:
    """Each statistic (k) against its values under other assignments; large speaks against chance.

    p_value (k): share of assignments, the one that happened included, with a value at least as
    large. `assignments` is how many there are, `compared` how many were looked at, `exact` whether
    these are all of them. `decided`: see
    `sequential.draw_until_decided`.
    """

    statistic: tuple[float, ...]
    p_value: tuple[float, ...]
    assignments: int
    compared: int
    exact: bool
    decided: bool = True

    @property
    def words(self) -> str:
        """How many assignments were compared."""
        return EVERY if self.exact else Drawn(self.compared - 1, self.decided).words


def number_of_assignments(labels: np.ndarray, blocks: np.ndarray | None = None) -> int:
    """In how many distinct ways the labels can be laid over the units of their blocks (a whole
    number, exact)."""
    total = 1
    for members in _members(labels, blocks):
        left = len(members)
        for count in np.unique(np.asarray(labels)[members], return_counts=True)[1].tolist():
            total *= math.comb(left, count)
            left -= count
    return total


def every_assignment(labels: np.ndarray, blocks: np.ndarray | None = None) -> np.ndarray:
    """All distinct assignments (assignments x units); count them first
    (`number_of_assignments`)."""
    return _all(np.asarray(labels), _members(labels, blocks))


def drawing(
    labels: np.ndarray, blocks: np.ndarray | None = None, *, seed: int
) -> Callable[[int], Iterator[np.ndarray]]:
    """A lot that goes on: each call with a number gives that many assignments more, in chunks
    (assignments x units)."""
    labels, members = np.asarray(labels), _members(labels, blocks)
    random, size = np.random.default_rng(seed), max(1, CELLS_AT_ONCE // len(labels))
    moved = [inside for inside in members if (labels[inside] != labels[inside[0]]).any()]

    def more(draws: int) -> Iterator[np.ndarray]:
        for first in range(0, draws, size):
            chunk = np.tile(labels, (min(size, draws - first), 1))
            for inside in moved:
                chunk[:, inside] = random.permuted(chunk[:, inside], axis=1)
            yield chunk

    return more


@dataclass(frozen=True, eq=False)
class BlockSums:
    """Assignments where what counts is a sum over blocks: each block's ways are worked out once, a
    draw picks one a block.

    `part(units, rows)` measures assignments of one block (rows of labels of its `units`) as k
    numbers each. So a million draws cost a million look-ups a block, whatever a way costs. A block
    with more ways than are listed is drawn itself.
    """

    labels: np.ndarray
    units: tuple[
        np.ndarray, ...
    ]  # of blocks with two labels and more; the others add the same to every draw
    part: Callable[[np.ndarray, np.ndarray], np.ndarray]
    listed: tuple[np.ndarray | None, ...]
    own: np.ndarray  # k numbers of the assignment that happened

    @classmethod
    def of(
        cls, labels: np.ndarray, blocks: np.ndarray, part, *, listed: int = WAYS_LISTED
    ) -> "BlockSums":
        labels = np.asarray(labels)
        units = [u for u in _members(labels, blocks) if (labels[u] != labels[u[0]]).any()]
        ways, own = [], []
        for inside in units:
            orders = (
                _arrangements(labels[inside])
                if number_of_assignments(labels[inside]) <= listed
                else labels[None, inside]
            )
            found = part(inside, orders)
            own.append(found[(orders == labels[inside]).all(axis=1).argmax()])
            ways.append(found if len(orders) > 1 else None)
        return cls(labels, tuple(units), part, tuple(ways), sum(own))

    @cached_property
    def _joint(self) -> tuple[list[int], list[np.ndarray]]:
        """Listed blocks taken together while their combinations are few (in a table, the last block
        runs fastest): the table of each block (-1: not listed), and the tables."""
        at: list[int] = []
        tables: list[np.ndarray] = []
        for ways in self.listed:
            if ways is None:
                at.append(-1)
                continue
            if tables and len(tables[-1]) * len(ways) <= WAYS_LISTED:
                tables[-1] = (tables[-1][:, None] + ways).reshape(-1, ways.shape[1])
            else:
                tables.append(ways)
            at.append(len(tables) - 1)
        return at, tables

    def every(self) -> np.ndarray:
        """The numbers of all assignments (assignments x k); only where there are few."""
        rows = np.zeros((1, len(self.own)))
        for units, ways in zip(self.units, self.listed, strict=True):
            ways = self.part(units, _arrangements(self.labels[units])) if ways is None else ways
            rows = (rows[:, None, :] + ways).reshape(-1, rows.shape[1])
        return rows

    def drawing(self, seed: int) -> Callable[[int], Iterator[np.ndarray]]:
        """A lot that goes on: each call gives the numbers of so many assignments more, in chunks
        (draws x k). Blocks are drawn one after the other, each for all draws."""
        random, (at, tables) = np.random.default_rng(seed), self._joint

        def more(draws: int) -> Iterator[np.ndarray]:
            picked = [np.zeros(draws, dtype=np.int64) for _ in tables]
            unlisted = np.zeros((draws if -1 in at else 0, len(self.own)))
            for units, ways, table in zip(self.units, self.listed, at, strict=True):
                if ways is None:
                    self._add_drawn(unlisted, units, random)
                    continue
                picked[table] *= len(ways)
                picked[table] += random.integers(0, len(ways), draws)
            for first in range(0, draws, SUMS_AT_ONCE):
                part = slice(first, min(first + SUMS_AT_ONCE, draws))
                rows = unlisted[part] if -1 in at else np.zeros((part.stop - first, len(self.own)))
                for sums, way in zip(tables, picked, strict=True):
                    rows += sums.take(way[part], axis=0)
                yield rows

        return more

    def _add_drawn(self, rows: np.ndarray, units: np.ndarray, random: np.random.Generator) -> None:
        """Adds the numbers of one block, drawn itself, to those of each draw."""
        size = max(1, CELLS_AT_ONCE // len(units))
        for first in range(0, len(rows), size):
            chunk = np.tile(self.labels[units], (min(size, len(rows) - first), 1))
            rows[first : first + size] += self.part(units, random.permuted(chunk, axis=1))


def permuted_labels_test(
    labels: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    *,
    seed: int,
    blocks: np.ndarray | None = None,
    draws: int | None = None,
    listed: int = LISTED_AT_MOST,
) -> StatisticsTest | None:
    """Compare a statistic with its values when start dates (or any labels) are laid out anew over
    the units.

    `statistic` takes labels (assignments x units) and returns one value an assignment, or k: shape
    (assignments,) or (assignments, k). A large value speaks against chance: hand in absolute values
    for a two-sided test. None where no block holds two labels. Exact in size whatever the outcomes
    look like (Fisher 1935), for the hypothesis of no effect on any unit; where the statistic is
    studentised, asymptotically for no average effect too. At most `listed` assignments are all
    compared; else draws go on until each p-value lies on one side of 5 % (`draws`: just so many).
    """
    number = number_of_assignments(labels, blocks)
    if number == 1:
        return None
    observed = np.atleast_2d(np.asarray(statistic(np.asarray(labels)[None, :]), dtype=float))[0]
    enough = observed - EQUAL * np.abs(observed)

    def reached(chunks) -> np.ndarray:
        values = (
            np.asarray(statistic(chunk), dtype=float).reshape(len(chunk), -1) for chunk in chunks
        )
        return sum((part >= enough).sum(axis=0) for part in values)

    if number <= listed:
        p, drawn = reached([every_assignment(labels, blocks)]) / number, Drawn(number - 1)
    else:
        p, drawn = _drawn_p_values(
            drawing(labels, blocks, seed=seed), reached, len(observed), draws
        )
    shares, compared = tuple(drawn.shown(share) for share in p.tolist()), drawn.draws + 1
    return StatisticsTest(
        tuple(observed.tolist()), shares, number, compared, number <= listed, drawn.decided
    )


def _drawn_p_values(lot, reached, statistics: int, draws: int | None) -> tuple[np.ndarray, Drawn]:
    """p-values (k) from draws of a lot, and how many those are."""
    count, compared = np.ones(statistics, dtype=int), 1

    def more(n: int) -> np.ndarray:
        nonlocal count, compared
        count, compared = count + reached(lot(n)), compared + n
        return count / compared

    drawn = draw_until_decided(more, [ALPHA] * statistics, draws=draws)
    return count / compared, drawn


def _members(labels: np.ndarray, blocks: np.ndarray | None) -> list[np.ndarray]:
    """Positions of the units of each block."""
    if blocks is None:
        return [np.arange(len(labels))]
    codes = np.unique(np.asarray(blocks), return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes))[:-1])


def _all(labels: np.ndarray, members: list[np.ndarray]) -> np.ndarray:
    """Every distinct assignment, block after block."""
    rows = labels[None, :].copy()
    for inside in members:
        ways = _arrangements(labels[inside])
        rows = np.repeat(rows, len(ways), axis=0)
        rows[:, inside] = np.tile(ways, (len(rows) // len(ways), 1))
    return rows


def _arrangements(labels: np.ndarray) -> np.ndarray:
    """Every distinct order of the labels of one block: each label in turn takes its share of the
    places still free."""
    kinds, counts = np.unique(labels, return_counts=True)
    rows, free = np.empty((1, len(labels)), dtype=labels.dtype), np.arange(len(labels))[None, :]
    for kind, count in zip(kinds, counts.tolist(), strict=True):
        width = free.shape[1]
        taken = np.array(list(combinations(range(width), count)), dtype=int).reshape(-1, count)
        left = np.ones((len(taken), width), dtype=bool)
        np.put_along_axis(left, taken, False, axis=1)
        stays = np.nonzero(left)[1].reshape(len(taken), width - count)
        repeated = np.arange(len(rows)).repeat(len(taken))
        rows = rows[repeated]
        places = free[:, taken].reshape(len(rows), count)
        np.put_along_axis(rows, places, kind, axis=1)
        free = free[:, stays].reshape(len(rows), width - count)
    return rows
