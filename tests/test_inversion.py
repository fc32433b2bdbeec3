"""Inverting a permutation test: the same counts and the same interval as going over every
assignment at every effect."""

import math

import numpy as np
import pytest

from analysis.inference import inversion
from analysis.inference.assignments import BlockSums
from analysis.inference.inversion import Compared, limit


def plain_share(table: np.ndarray, own: np.ndarray, t: float) -> float:
    """Share of assignments (rows of five numbers) as far as the own one at one effect, without any
    short cut."""
    above, below, scale = (
        (own[0] - t * own[1]) ** 2,
        own[2] - 2 * t * own[3] + t * t * own[4],
        own[0] ** 2 + (t * own[1]) ** 2 + own[2] + t * t * own[4],
    )
    squared = (table[:, 0] - t * table[:, 1]) ** 2
    variance = table[:, 2] - 2 * t * table[:, 3] + t * t * table[:, 4]
    if above <= inversion.NO_SPREAD * scale:
        return 1.0
    if below <= inversion.NO_SPREAD * scale:
        terms = np.abs(table[:, 2]) + np.abs(2 * t * table[:, 3]) + t * t * np.abs(table[:, 4])
        return float((variance <= inversion.NO_SPREAD * terms).mean())
    c = above / below * (1 - inversion.EQUAL)
    return float((squared - c * variance >= -inversion.ROUNDING * scale).mean())


def plain_limit(table: np.ndarray, own: np.ndarray, spread: float, level: float) -> float:
    """As `limit`, every assignment compared at each effect."""
    value = own[0] / own[1]

    def kept(distance: float, rows: np.ndarray = table) -> bool:
        return plain_share(rows, own, value + spread * distance) > level

    first, reach = table[: inversion.COARSE], 1.0
    while any(kept(reach * x, first) for x in (1.0, 1.5, 2.0)):
        reach *= 2
        if reach > inversion.FARTHEST:
            return math.copysign(math.inf, spread)
    grid = np.linspace(0, reach, inversion.STEPS + 1)
    last = max([i for i, x in enumerate(grid) if kept(x, first)], default=0)
    low, high = grid[last], grid[min(last + 1, inversion.STEPS)]
    step = high - low
    while len(table) > inversion.COARSE and low > 0 and not kept(low):
        low, high = max(low - step, 0.0), low
    while len(table) > inversion.COARSE and kept(high):
        low, high = high, high + step
    for i in range(inversion.HALVINGS):
        nothing = -value / spread
        middle = nothing if i == 0 and low < nothing < high else (low + high) / 2
        low, high = (middle, high) if kept(middle) else (low, middle)
    return value + spread * high


def assignments(case: str, random: np.random.Generator, n: int) -> np.ndarray:
    """Five numbers of n assignments, the one that happened first."""
    effect, shift = random.normal(size=n), random.uniform(-1, 1, size=n)
    table = np.column_stack([effect, shift, np.ones(n), np.zeros(n), np.zeros(n)])
    table[0, :2] = random.normal() + 0.5, 1.0
    if case == "studentised":  # variances of a quadratic that is nowhere below nil
        root, slope = random.uniform(0.5, 1.5, size=n), random.normal(0, 0.3, size=n)
        rest = random.uniform(0, 0.2, size=n)
        table[:, 2:] = np.column_stack([root**2, root * slope, slope**2 + rest])
        table[0, 2:] = table[0, 2], 0.0, 0.0  # a shift of all treated leaves their spread
    if case == "ties":  # whole numbers, and mirror images of the one that happened
        table[:, :2] = np.round(2 * table[:, :2]) / 2
        table[0, :2] = 1.0, 1.0
        table[1 : n // 100 + 1] = table[0] * (-1, -1, 1, 1, 1)
    if case == "without spread":
        table[: n // 2, 2] = 0.0
    if case == "unbounded":
        table[: n // 4, :2] = table[0, :2]
    return table


CASES = ("difference", "studentised", "ties", "without spread", "unbounded")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("n", [20, 400, 30_000])
def test_counts_and_interval_are_those_of_every_assignment_at_every_effect(case, n):
    for seed in range(6 if n < inversion.COARSE else 2):
        table = assignments(case, np.random.default_rng(seed), n)
        own = table[0]
        compared = Compared.of(own, np.array_split(table, 3))
        effects = np.random.default_rng(seed).normal(0, 2, size=9)
        shares = compared.p_values(np.array([0.0, *effects]))
        assert shares.tolist() == [plain_share(table, own, t) for t in (0.0, *effects)]
        for sign in (-1, 1):
            spread = sign * float(np.std(table[:, 0]))
            found = limit(compared, own[0] / own[1], spread, 0.05)
            assert found == pytest.approx(plain_limit(table, own, spread, 0.05), rel=1e-12)


def test_what_is_settled_between_two_effects_is_so_at_each_of_them():
    table = assignments("studentised", np.random.default_rng(3), 5_000)
    compared = Compared.of(table[0], [table])
    for low, high in ((2.0, 2.1), (-1.5, -1.0), (5.0, 9.0), (-0.8, -0.5)):
        always, products = inversion._settled(compared, low, high)
        for t in np.linspace(low, high, 17):
            some = inversion.as_far(products, table[0], np.array([t]))[0]
            assert always + some == round(plain_share(table, table[0], t) * len(table))
    assert products.shape[1] == len(table)  # the estimate itself lies between: nothing is settled
    assert inversion._settled(compared, 2.0, 2.1)[1].shape[1] < len(table) / 4


@pytest.mark.parametrize("listed", [5_000, 12])
def test_sums_over_blocks_are_those_of_each_block_drawn_in_turn(listed):
    """Tables of several blocks change no draw: the lot falls block by block, as one by one."""
    random = np.random.default_rng(7)
    blocks = np.repeat(np.arange(8), [4, 5, 9, 4, 6, 3, 7, 1])
    labels = np.where(random.uniform(size=len(blocks)) < 0.4, 2, -1)
    labels[:8] = [2, -1, -1, 2, -1, 2, -1, -1]
    worth = random.normal(size=(len(labels), 3))

    def part(units: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return (rows == 2) @ worth[units]

    sums = BlockSums.of(labels, blocks, part, listed=listed)
    assert any(ways is None for ways in sums.listed) == (listed == 12)
    lot, plain = sums.drawing(5), np.random.default_rng(5)
    for draws in (9_999, 123):
        expected = np.zeros((draws, 3))
        for units, ways in zip(sums.units, sums.listed, strict=True):
            if ways is None:
                orders = plain.permuted(np.tile(labels[units], (draws, 1)), axis=1)
                expected += part(units, orders)
            else:
                expected += ways[plain.integers(0, len(ways), draws)]
        np.testing.assert_allclose(
            np.concatenate(list(lot(draws))), expected, rtol=1e-12, atol=1e-12
        )
    np.testing.assert_allclose(sums.own, (labels == 2) @ worth - fixed(labels, blocks, worth))


def fixed(labels: np.ndarray, blocks: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """What blocks with one label add to every draw, and so to none of the sums."""
    one = [b for b in np.unique(blocks) if len(np.unique(labels[blocks == b])) == 1]
    return (np.isin(blocks, one) & (labels == 2)) @ worth
