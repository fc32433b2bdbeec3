"""Permutation test of one effect, equal in all treated unit-periods, and the interval that inverts
it.

Five numbers an assignment serve every effect t taken off what was treated: its estimate is `effect
- t shift`, the variance of that `variance - 2 t covariance + t^2 shift_variance`. The first row is
the assignment that happened; without studentising the variance is 1, 0, 0. p-value and interval use
the same rows, so that they say the same (`inversion.py`).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from analysis.inference.assignments import (
    LISTED_AT_MOST,
    BlockSums,
    drawing,
    every_assignment,
    number_of_assignments,
)
from analysis.inference.inversion import Compared, limit
from analysis.inference.sequential import ALPHA, EVERY, Asked, Drawn, Draws, draw_until_decided


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
        return EVERY if self.exact else self.drawn.words


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
        every = Compared.of(own, [table(every_assignment(labels, blocks))])
        return _tested(every, Drawn(number), True)
    lot = drawing(labels, blocks, seed=seed)
    return _drawn(own, lambda n: map(table, lot(n)), asked, draws)


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
        return _tested(Compared.of(own, [numbers(sums.every())]), Drawn(number), True)
    lot = sums.drawing(draw.seed)
    return _drawn(own, lambda n: map(numbers, lot(n)), draw.asked or Asked(), draw.draws)


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
        return float(Compared.of(own, [numbers(sums.every())]).p_values(np.zeros(1))[0])
    lot, reached, compared = sums.drawing(seed), 1, 1

    def more(n: int) -> list[float]:
        nonlocal reached, compared
        reached += int(Compared.of(own, map(numbers, lot(n))).as_far(np.zeros(1))[0])
        compared += n
        return [reached / compared]

    return float(draw_until_decided(more, [ALPHA], draws=draws).shown(reached / compared))


def _drawn(
    own: np.ndarray,
    tables_of: Callable[[int], Iterable[np.ndarray]],
    asked: Asked,
    draws: int | None,
) -> EffectTest:
    compared = Compared.of(own, [own[None, :]])
    effects, point = np.unique([effect for effect, _ in asked.points], return_inverse=True)
    reached = np.ones(len(effects), dtype=int)

    def more(n: int) -> np.ndarray:
        nonlocal compared, reached
        new = Compared.of(own, tables_of(n))
        compared, reached = compared.and_more(new), reached + new.as_far(effects)
        return (reached / len(compared))[point]

    drawn = draw_until_decided(more, [line for _, line in asked.points], draws=draws)
    return _tested(compared, drawn, False)


def _tested(compared: Compared, drawn: Drawn, exact: bool) -> EffectTest:
    value, level = float(compared.own[0] / compared.own[1]), drawn.level(ALPHA)
    reach = float(np.std(np.concatenate(compared.estimates))) or abs(value) or 1.0
    low, high = (limit(compared, value, sign * reach, level) for sign in (-1, 1))
    p = float(compared.p_values(np.zeros(1))[0])
    return EffectTest(value, drawn.shown(p), low, high, drawn, exact)
