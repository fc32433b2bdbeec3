"""How many assignments a permutation test draws: until what it decides does not hang on the seed.

A p-value from draws has a Monte Carlo error. All permutation tests here draw by one rule: batches
that double, until each p-value lies more than three of its errors on one side of each line that it
is held against. At a stated maximum the p-value is still "on the line": then the decision is the
conservative one (not detected, the interval as wide as the error allows), and the result says so. A
test that lists all assignments has no such error and draws nothing. Size under this rule:
`tests/test_sequential.py`. Source of the idea: Besag and Clifford 1991; Gandy 2009.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

ALPHA = 0.05
FIRST = 9_999  # draws of the first batch: with the assignment that happened 10,000
MOST = 999_999  # at p = .05 three Monte Carlo errors are then .00065
EVERY = "every assignment"  # and not how many: that tells how many units there are
ERRORS = 3.0  # Monte Carlo errors between a p-value and a line


@dataclass(frozen=True)
class Asked:
    """What is decided with a test: p at no effect held against each of `lines`, p at each of
    `effects` against ALPHA.

    `lines`: what an adjustment for several comparisons can make of ALPHA (`holm_lines`,
    `benjamini_hochberg_lines`).
    `effects`: sizes that the ends of the interval are held against, in the unit of the outcome.
    """

    lines: tuple[float, ...] = (ALPHA,)
    effects: tuple[float, ...] = ()

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """(effect, line) of each decision."""
        return (
            *((0.0, line) for line in self.lines),
            *((effect, ALPHA) for effect in self.effects),
        )


@dataclass(frozen=True, kw_only=True)
class Draws:
    """How assignments are drawn: from this seed, until what is `asked` (None: p against ALPHA) is
    decided, or just so many `draws`, undecided or not."""

    seed: int
    asked: Asked | None = None
    draws: int | None = None


@dataclass(frozen=True)
class Drawn:
    """draws: assignments compared beside the one that happened. decided: False where the maximum
    left a p-value on a line."""

    draws: int
    decided: bool = True

    def shown(self, p_value: float) -> float:
        """The p-value to print: three errors above the share counted where that was left on a
        line."""
        shown = (
            p_value
            if self.decided
            else min(1.0, p_value + ERRORS * monte_carlo_error(p_value, self.draws))
        )
        return float(shown)

    def level(self, alpha: float = ALPHA) -> float:
        """The level that the share counted is held against: `shown(p) <= alpha` just where `p <=
        level(alpha)`."""
        if self.decided:
            return alpha
        spread = ERRORS**2 / self.draws  # p + 3 sqrt(p (1 - p) / n) = alpha, solved for p
        return (2 * alpha + spread - math.sqrt(spread**2 + 4 * alpha * (1 - alpha) * spread)) / (
            2 * (1 + spread)
        )

    @property
    def words(self) -> str:
        """How many were drawn, and whether that decided; for the `reason` of a result."""
        left = (
            ""
            if self.decided
            else "; p-value still on the line, so the decision is the cautious one"
        )
        return f"{self.draws:,} draws{left}"


def smallest_words(exact: bool, floor: float) -> str:
    """The smallest p-value that there could be, for the `reason` of a result; of a listed lot it
    would tell how many units there are, and is left out."""
    return "" if exact else f", smallest p-value {floor:.3g}"


def holm_lines(alpha: float, comparisons: int) -> tuple[float, ...]:
    """The levels that Holm's method can hold one of so many p-values against."""
    return tuple(alpha / k for k in range(1, max(comparisons, 1) + 1))


def benjamini_hochberg_lines(alpha: float, comparisons: int) -> tuple[float, ...]:
    """The levels that Benjamini and Hochberg's method can hold one of so many p-values against."""
    return tuple(alpha * k / max(comparisons, 1) for k in range(1, max(comparisons, 1) + 1))


def monte_carlo_error(p_value, draws: int):
    """Standard error of a p-value counted in so many draws."""
    return np.sqrt(p_value * (1 - p_value) / draws)


def draw_until_decided(
    more: Callable[[int], Sequence[float] | np.ndarray],
    lines: Sequence[float],
    *,
    draws: int | None = None,
) -> Drawn:
    """Draw batches until each p-value is clear of its line. `more(n)` draws n further assignments
    and returns, from all drawn so far, one p-value a line (the assignment that happened included).
    `draws`: just so many, undecided or not.
    """
    held, total = np.asarray(lines, dtype=float), 0
    for size in _batches() if draws is None else [draws]:
        p = np.asarray(more(size), dtype=float)
        total += size
        if (np.abs(p - held) > ERRORS * monte_carlo_error(p, total)).all():
            return Drawn(total)
    return Drawn(total, decided=draws is not None)


def _batches() -> Iterator[int]:
    total = FIRST
    yield total
    while total < MOST:
        size = min(total + 1, MOST - total)
        total += size
        yield size
