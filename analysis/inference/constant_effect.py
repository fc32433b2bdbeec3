"""Permutation test of one effect, equal in all treated unit-periods, and the interval that inverts
it.

Five numbers an assignment serve every effect t taken off what was treated: its estimate is `effect
- t shift`, the variance of that `variance - 2 t covariance + t^2 shift_variance`. Row 0 is the
assignment that happened; without studentising the variance is 1, 0, 0. p-value and interval use the
same rows, so that they say the same.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.inference.assignments import (
    LISTED_AT_MOST,
    BlockSums,
    drawing,
    every_assignment,
    number_of_assignments,
)
from analysis.inference.sequential import ALPHA, Asked, Drawn, Draws, draw_until_decided

FARTHEST = (
    2.0**12
)  # an interval that does not close within so many spreads of the draws is unbounded
# the p-value need not fall steadily: the farthest crossing is looked for on a grid, then halved
# down
STEPS = 30
HALVINGS = 20
# draws that the grid is gone over with; all of them place the end between two of its points
COARSE = 20_000
AT_ONCE = 4_000_000  # assignments x effects held together (32 MB)
EQUAL = 1e-9  # two squared statistics closer than this share are equal up to the order of a sum
NO_SPREAD = 1e-14  # a variance below this share of its terms is rounding
ROUNDING = 1e-13  # of the terms of a comparison


@dataclass(frozen=True)
class EffectTest:
    """p_value, conf_low, conf_high of a two-sided test at 5 % (infinite: no end), and how many
    assignments it rests on."""

    value: float
    p_value: float
    conf_low: float
    conf_high: float
    drawn: Drawn
    exact: bool

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.conf_low) and math.isfinite(self.conf_high)

    @property
    def words(self) -> str:
        return f"all {self.drawn.draws:,} assignments" if self.exact else self.drawn.words


def permuted_effect_test(
    labels: np.ndarray,
    blocks: np.ndarray,
    table: Callable[[np.ndarray], np.ndarray],
    *,
    asked: Asked,
    seed: int,
    draws: int | None = None,
) -> EffectTest:
    """Test and interval of one constant effect when labels (one a unit) are laid out anew within
    blocks.

    `table` turns assignments (rows of labels) into their five numbers (rows x 5). All assignments
    are compared where they are few; else draws go on until what is `asked` is decided (`draws`:
    just so many).
    """
    own, number = table(np.asarray(labels)[None, :])[0], number_of_assignments(labels, blocks)
    if number <= LISTED_AT_MOST and draws is None:
        return _tested(table(every_assignment(labels, blocks)), own, Drawn(number), True)
    lot = drawing(labels, blocks, seed=seed)
    return _drawn(own, lambda n: np.concatenate([table(chunk) for chunk in lot(n)]), asked, draws)


def block_effect_test(
    labels: np.ndarray,
    sums: BlockSums,
    numbers: Callable[[np.ndarray], np.ndarray],
    *,
    blocks: np.ndarray,
    draw: Draws,
) -> EffectTest:
    """`permuted_effect_test` where the five numbers follow from sums over blocks: `numbers` turns
    these (rows) into them."""
    own, number = numbers(sums.own[None, :])[0], number_of_assignments(labels, blocks)
    if number <= LISTED_AT_MOST and draw.draws is None:
        return _tested(numbers(sums.every()), own, Drawn(number), True)
    lot = sums.drawing(draw.seed)
    return _drawn(own, lambda n: numbers(lot(n)), draw.asked or Asked(), draw.draws)


def block_p_value(
    labels: np.ndarray,
    sums: BlockSums,
    numbers: Callable[[np.ndarray], np.ndarray],
    *,
    blocks: np.ndarray,
    seed: int,
    draws: int | None = None,
) -> float:
    """The p-value at no effect alone, where what is measured has no effect to invert (leads)."""
    own, number = numbers(sums.own[None, :])[0], number_of_assignments(labels, blocks)
    if number <= LISTED_AT_MOST and draws is None:
        return float(p_values(_products(numbers(sums.every())), own, np.zeros(1))[0])
    lot, reached, compared = sums.drawing(seed), 1.0, 1

    def more(n: int) -> list[float]:
        nonlocal reached, compared
        reached += p_values(_products(numbers(lot(n))), own, np.zeros(1))[0] * n
        compared += n
        return [reached / compared]

    return float(draw_until_decided(more, [ALPHA], draws=draws).shown(reached / compared))


def _drawn(
    own: np.ndarray, rows_of: Callable[[int], np.ndarray], asked: Asked, draws: int | None
) -> EffectTest:
    rows, reached = own[None, :], np.ones(1)
    effects, point = np.unique([effect for effect, _ in asked.points], return_inverse=True)

    def more(n: int) -> np.ndarray:
        nonlocal rows, reached
        new = rows_of(n)
        rows, reached = (
            np.concatenate([rows, new]),
            reached + n * p_values(_products(new), own, effects),
        )
        return (reached / len(rows))[point]

    drawn = draw_until_decided(more, [line for _, line in asked.points], draws=draws)
    return _tested(rows, own, drawn, False)


def _tested(table: np.ndarray, own: np.ndarray, drawn: Drawn, exact: bool) -> EffectTest:
    value, level, products = float(own[0] / own[1]), drawn.level(ALPHA), _products(table)
    reach = float(np.std(table[:, 0])) or abs(value) or 1.0
    low, high = (_limit(products, own, value, sign * reach, level) for sign in (-1, 1))
    p = float(p_values(products, own, np.zeros(1))[0])
    return EffectTest(value, drawn.shown(p), low, high, drawn, exact)


def p_values(products: np.ndarray, own: np.ndarray, effects: np.ndarray) -> np.ndarray:
    """At each effect: share of the assignments compared whose statistic is at least as large as the
    own one.

    Squared statistics are compared as `(effect - t shift)^2 >= c (variance - ...)`, c the own one
    at t: a product of six columns (`_products` of the table) with six numbers an effect. A variance
    of nil counts as infinitely far.
    """
    above, below, scale = _own_parts(own, effects)
    c = np.divide(above, below, out=np.full(len(effects), np.inf), where=below > NO_SPREAD * scale)
    c = np.where(above <= NO_SPREAD * scale, 0.0, c)
    endless, level = np.isinf(c), np.where(np.isinf(c), 0.0, c * (1 - EQUAL))
    size = np.stack([np.ones(len(effects)), -2 * effects, effects**2])
    weights, found = np.concatenate([size, -level * size]), np.empty(len(effects))
    for first in range(0, len(effects), at := max(1, AT_ONCE // len(products))):
        part = slice(first, first + at)
        found[part] = (products @ weights[:, part] >= -ROUNDING * scale[part]).mean(axis=0)
    for i in np.flatnonzero(endless):  # only assignments without any spread are as far
        found[i] = (
            products[:, 3:] @ size[:, i] <= NO_SPREAD * (products[:, 3:] @ np.abs(size[:, i]))
        ).mean()
    return found


def _products(table: np.ndarray) -> np.ndarray:
    effect, shift, *variance = np.atleast_2d(table).T
    return np.stack([effect * effect, effect * shift, shift * shift, *variance], axis=1)


def _own_parts(own: np.ndarray, effects: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Squared estimate less each effect, its variance, and the size of their terms (what rounding
    is a share of)."""
    effect, shift, variance, both, extra = own
    below = variance - 2 * effects * both + effects**2 * extra
    return (
        (effect - effects * shift) ** 2,
        below,
        effect**2 + (effects * shift) ** 2 + variance + effects**2 * extra,
    )


def _limit(
    products: np.ndarray, own: np.ndarray, value: float, spread: float, level: float
) -> float:
    """The effect farthest from the estimate, towards the side of `spread`, that is not rejected;
    infinite where none is.

    Looked for among the first draws, then placed among all. Whether no effect is rejected bounds
    it, so that the interval and the p-value say the same.
    """

    def kept(distance: np.ndarray, rows: np.ndarray = products) -> np.ndarray:
        return p_values(rows, own, value + spread * distance) > level

    low, high = _bracket(lambda distance: kept(distance, products[:COARSE]))
    if not math.isfinite(high):
        return math.copysign(math.inf, spread)
    if len(products) > COARSE:
        low, high = _widened(kept, low, high)
        if high > FARTHEST:
            return math.copysign(math.inf, spread)
    nothing = -value / spread
    for step in range(HALVINGS):
        middle = nothing if step == 0 and low < nothing < high else (low + high) / 2
        low, high = (middle, high) if kept(np.array([middle]))[0] else (low, middle)
    return float(value + spread * high)


def _bracket(kept: Callable[[np.ndarray], np.ndarray]) -> tuple[float, float]:
    """Two distances from the estimate, in spreads of the draws: the farthest that is kept on a
    grid, and the next one."""
    reach = 1.0
    while kept(reach * np.array([1.0, 1.5, 2.0])).any():
        reach *= 2
        if reach > FARTHEST:
            return reach, math.inf
    grid = np.linspace(0, reach, STEPS + 1)
    inside = np.flatnonzero(kept(grid))
    last = int(inside[-1]) if len(inside) else 0
    return float(grid[last]), float(grid[min(last + 1, STEPS)])


def _widened(
    kept: Callable[[np.ndarray], np.ndarray], low: float, high: float
) -> tuple[float, float]:
    """The bracket moved in or out until all draws agree with it."""
    step = high - low
    while low > 0 and not kept(np.array([low]))[0]:
        low, high = max(low - step, 0.0), low
    while high <= FARTHEST and kept(np.array([high]))[0]:
        low, high = high, high + step
    return low, high
