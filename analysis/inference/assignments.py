"""All the ways in which a lot could have fallen: labels of units laid out anew within blocks, listed or drawn.

Labels are integer codes, one a unit: 0 and 1 for comparison and treated, or one code for each start date. A block keeps
its own labels, so that the number of each is the same in every assignment.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

LISTED_AT_MOST = 20_000  # assignments; above it they are drawn
DRAWS = 9_999  # the assignment that happened makes it 10,000: p has a Monte Carlo error of at most .005
CELLS_AT_ONCE = 2_000_000  # assignments x units held in memory together (16 MB)
# Statistics of two assignments closer than this share of their size are equal: they differ by the order of a sum only.
EQUAL = 1e-9


@dataclass(frozen=True)
class StatisticsTest:
    """Each statistic (k) against its values under other assignments; large speaks against chance.

    p_value (k): share of assignments, the one that happened included, with a value at least as large. `assignments` is
    how many there are, `compared` how many were looked at, `exact` whether these are all of them.
    """

    statistic: tuple[float, ...]
    p_value: tuple[float, ...]
    assignments: int
    compared: int
    exact: bool


def number_of_assignments(labels: np.ndarray, blocks: np.ndarray | None = None) -> int:
    """In how many distinct ways the labels can be laid over the units of their blocks (a whole number, exact)."""
    total = 1
    for members in _members(labels, blocks):
        left = len(members)
        for count in np.unique(np.asarray(labels)[members], return_counts=True)[1].tolist():
            total *= math.comb(left, count)
            left -= count
    return total


def assignments(
    labels: np.ndarray, blocks: np.ndarray | None = None, *, seed: int, draws: int = DRAWS, listed: int = LISTED_AT_MOST
) -> Iterator[np.ndarray]:
    """Chunks (assignments x units) of labels: all distinct ones where there are at most `listed`, else as they happened
    and then `draws` at random from `seed`."""
    labels, members = np.asarray(labels), _members(labels, blocks)
    if number_of_assignments(labels, blocks) <= listed:
        yield _all(labels, members)
        return
    yield labels[None, :].copy()
    random, size = np.random.default_rng(seed), max(1, CELLS_AT_ONCE // len(labels))
    for first in range(0, draws, size):
        chunk = np.tile(labels, (min(size, draws - first), 1))
        for inside in members:
            chunk[:, inside] = random.permuted(chunk[:, inside], axis=1)
        yield chunk


def permuted_labels_test(
    labels: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    *,
    seed: int,
    blocks: np.ndarray | None = None,
    draws: int = DRAWS,
    listed: int = LISTED_AT_MOST,
) -> StatisticsTest | None:
    """Compare a statistic with its values when start dates (or any labels) are laid out anew over the units.

    `statistic` takes labels (assignments x units) and returns one value an assignment, or k: shape (assignments,) or
    (assignments, k). A large value speaks against chance: hand in absolute values for a two-sided test. None where no
    block holds two labels. Exact in size whatever the outcomes look like (Fisher 1935), for the hypothesis of no effect
    on any unit; where the statistic is studentised, asymptotically for no average effect too.
    """
    number = number_of_assignments(labels, blocks)
    if number == 1:
        return None
    observed = np.atleast_2d(np.asarray(statistic(np.asarray(labels)[None, :]), dtype=float))[0]
    enough = observed - EQUAL * np.abs(observed)
    reached, compared = np.zeros(len(observed), dtype=int), 0
    for chunk in assignments(labels, blocks, seed=seed, draws=draws, listed=listed):
        values = np.asarray(statistic(chunk), dtype=float).reshape(len(chunk), -1)
        reached += (values >= enough).sum(axis=0)
        compared += len(chunk)
    shares = tuple((reached / compared).tolist())
    return StatisticsTest(tuple(observed.tolist()), shares, number, compared, number <= listed)


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
    """Every distinct order of the labels of one block: each label in turn takes its share of the places still free."""
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
