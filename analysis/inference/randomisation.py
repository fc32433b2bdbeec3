"""Inference by permuting what was assigned: exact in size whatever the outcomes look like (Fisher 1935; Pitman 1937)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

DRAWS = 999


@dataclass(frozen=True)
class PermutationTest:
    """p_value: share of assignments, the one that happened included, with a statistic at least as large.

    movable: units whose block holds more than one kind; the others stay as they are in every draw.
    """

    statistic: float
    p_value: float
    draws: int
    movable: int


def seed_for(*names: str) -> int:
    """A seed of its own for each study, place and analysis, the same on every machine."""
    return int.from_bytes(hashlib.sha256("\0".join(names).encode()).digest()[:4], "big")


def permutation_test(
    assigned: np.ndarray, blocks: np.ndarray, statistic: Callable[[np.ndarray], float], *, seed: int, draws: int = DRAWS
) -> PermutationTest | None:
    """Compare the statistic with its values when `assigned` (one entry a unit) is shuffled within `blocks`.

    A large statistic speaks against chance. None where no block holds two kinds, so that nothing can be shuffled.
    """
    order = np.argsort(blocks, kind="stable")
    kinds, block = np.asarray(assigned)[order], np.unique(blocks[order], return_inverse=True)[1]
    first = kinds[np.searchsorted(block, block)]
    mixed = np.zeros(block.max() + 1, dtype=bool)
    mixed[block[kinds != first]] = True
    if not mixed.any():
        return None
    random, observed, reached = np.random.default_rng(seed), statistic(np.asarray(assigned)), 1
    drawn = np.empty_like(kinds)
    for _ in range(draws):
        drawn[order] = kinds[np.lexsort((random.random(len(kinds)), block))]
        reached += statistic(drawn) >= observed - 1e-12
    return PermutationTest(float(observed), reached / (draws + 1), draws, int(mixed[block].sum()))
