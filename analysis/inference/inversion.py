"""Assignments compared with the one that happened at any effect, and the farthest effects that are
not rejected.

Nothing is fitted anew for an effect: a comparison at t is one product of what is known of each
assignment, and between two effects most assignments stay as far as they are (`_settled`).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

FARTHEST = (
    2.0**12
)  # an interval that does not close within so many spreads of the draws is unbounded
# the p-value need not fall steadily: the farthest crossing is looked for on a grid, then halved
# down
STEPS = 30
HALVINGS = 20
# draws that the grid is gone over with; all of them place the end between two of its points
COARSE = 20_000
AT_ONCE = 100_000  # assignments x effects compared together: what stays in a processor's cache
EQUAL = 1e-9  # two squared statistics closer than this share are equal up to the order of a sum
NO_SPREAD = 1e-14  # a variance below this share of its terms is rounding
ROUNDING = 1e-13  # of the terms of a comparison
CLEAR = 1e-9  # a comparison that is this share of its terms away from a tie is no rounding
# A polynomial of degree 4 from its values at five even steps over an interval to its coefficients
# in Bernstein's basis there: it never leaves the range of these (Farouki 2012).
NODES = np.linspace(0.0, 1.0, 5)
BERNSTEIN = np.linalg.inv(
    np.array([[math.comb(4, k) * x**k * (1 - x) ** (4 - k) for k in range(5)] for x in NODES])
)


@dataclass(frozen=True, eq=False)
class Compared:
    """Assignments looked at, in parts: their estimates (m), and of each (6 x m) what a comparison
    at an effect is a product of: effect^2, effect shift, shift^2, variance, covariance, shift
    variance. own: the five numbers of the assignment that happened."""

    own: np.ndarray
    estimates: tuple[np.ndarray, ...]
    products: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, own: np.ndarray, tables: Iterable[np.ndarray]) -> "Compared":
        """From the five numbers of each (tables of m x 5)."""
        parts = [(table[:, 0].copy(), _products(table)) for table in tables]
        return cls(own, *zip(*parts, strict=True))

    def __len__(self) -> int:
        return sum(map(len, self.estimates))

    def and_more(self, more: "Compared") -> "Compared":
        return Compared(self.own, self.estimates + more.estimates, self.products + more.products)

    def first(self, number: int) -> np.ndarray:
        """The products of the first so many (6 x number), or of all."""
        parts, held = [], 0
        for part in self.products:
            parts.append(part[:, : number - held])
            held += part.shape[1]
            if held >= number:
                break
        return np.concatenate(parts, axis=1)

    def as_far(self, effects: np.ndarray) -> np.ndarray:
        """At each effect: how many have a statistic at least as large as the own one."""
        return np.sum([as_far(part, self.own, effects) for part in self.products], axis=0)

    def p_values(self, effects: np.ndarray) -> np.ndarray:
        """The same as a share of all."""
        return self.as_far(effects) / len(self)


def as_far(products: np.ndarray, own: np.ndarray, effects: np.ndarray) -> np.ndarray:
    """At each effect: how many assignments (6 x n) have a statistic at least as large as the own
    one.

    Squared statistics are compared as `(effect - t shift)^2 >= c (variance - ...)`, c the own one
    at t: a product of six numbers an effect with the six of each assignment (`Compared`). A
    variance of nil counts as infinitely far.
    """
    above, below, scale = _own_parts(own, effects)
    c = np.divide(above, below, out=np.full(len(effects), np.inf), where=below > NO_SPREAD * scale)
    c = np.where(above <= NO_SPREAD * scale, 0.0, c)
    endless, level = np.isinf(c), np.where(np.isinf(c), 0.0, c * (1 - EQUAL))
    size = np.stack([np.ones(len(effects)), -2 * effects, effects**2], axis=1)
    weights, found = np.hstack([size, -level[:, None] * size]), np.zeros(len(effects), dtype=int)
    at = max(1, AT_ONCE // max(len(effects), 1))
    for first in range(0, products.shape[1], at):
        apart = weights @ products[:, first : first + at]
        found += np.count_nonzero(apart >= -ROUNDING * scale[:, None], axis=1)
    for i in np.flatnonzero(endless):  # only assignments without any spread are as far
        spread = size[i] @ products[3:]
        found[i] = np.count_nonzero(spread <= NO_SPREAD * (np.abs(size[i]) @ products[3:]))
    return found


def _products(table: np.ndarray) -> np.ndarray:
    effect, shift, *variance = table.T
    return np.stack([effect * effect, effect * shift, shift * shift, *variance])


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


def _settled(compared: Compared, low: float, high: float) -> tuple[int, np.ndarray]:
    """Of all effects between two ends: how many assignments are as far as the own one at each of
    them, and the products (6 x n) of those that may be so at some and not at others.

    A comparison times the own variance is a polynomial of degree 4 in the effect. It keeps its sign
    where all its coefficients in Bernstein's basis have that sign.
    """
    own, effects = compared.own, low + (high - low) * NODES
    above, below, scale = _own_parts(own, effects)
    ends = own[0] - effects[[0, -1]] * own[1]
    if ends.prod() <= 0 or min(above[0], above[-1], *(BERNSTEIN @ below)) <= CLEAR * scale.max():
        return 0, compared.first(len(compared))  # somewhere here a comparison is no polynomial
    size = np.stack([np.ones(len(effects)), -2 * effects, effects**2], axis=1)
    weights = np.hstack([below[:, None] * size, -(1 - EQUAL) * above[:, None] * size])
    clear, always, unsettled = CLEAR * scale.max() * below.max(), 0, []
    for part in compared.products:
        bounds = (BERNSTEIN @ weights) @ part
        far = bounds.min(axis=0) > clear
        always += int(np.count_nonzero(far))
        unsettled.append(part[:, ~far & (bounds.max(axis=0) >= -clear)])
    return always, np.concatenate(unsettled, axis=1)


def limit(compared: Compared, value: float, spread: float, level: float) -> float:
    """The effect farthest from the estimate, towards the side of `spread`, that is not rejected;
    infinite where none is.

    Looked for among the first draws, then placed among all. Whether no effect is rejected bounds
    it, so that the interval and the p-value say the same.
    """

    def effects(distance: np.ndarray) -> np.ndarray:
        return value + spread * distance

    first, n = compared.first(COARSE), len(compared)
    low, high = _bracket(lambda d: as_far(first, compared.own, effects(d)) / first.shape[1] > level)
    if not math.isfinite(high):
        return math.copysign(math.inf, spread)
    if n > COARSE:
        low, high = _widened(lambda d: compared.p_values(effects(d)) > level, low, high)
        if high > FARTHEST:
            return math.copysign(math.inf, spread)
    always, unsettled = _settled(compared, *sorted((value + spread * low, value + spread * high)))
    nothing = -value / spread
    for step in range(HALVINGS):
        middle = nothing if step == 0 and low < nothing < high else (low + high) / 2
        reached = always + as_far(unsettled, compared.own, effects(np.array([middle])))[0]
        low, high = (middle, high) if reached / n > level else (low, middle)
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
