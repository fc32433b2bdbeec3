"""Roll-outs in steps by imputation: what started units would have had, predicted from all cells
without the programme.

Borusyak, Jaravel and Spiess (2024): effects of the unit and of block x period are fitted to the
cells not yet started, weighted; each started cell less its prediction is averaged with the same
weights. Weighted by people it answers for the people (a court of 500 counts five hundred times a
court of one); weighted by one, for the courts. A unit without every period stays: a cell without
people weighs nothing. Blocks share no effect, so that everything here is a sum over them.

The test deals start dates out again among the units of each block (Fisher 1935); the statistic is
the estimate over its error clustered on unit (the paper's, with one average effect) from three
started units on, else the estimate. Interval and p-value invert the same test. Where dates were not
drawn by lot it takes the units of a block as exchangeable.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.rollouts.grid import Grid
from analysis.inference.assignments import BlockSums
from analysis.inference.coding import first_treated_period, numbers
from analysis.inference.columns import WeightedColumns
from analysis.inference.constant_effect import block_effect_test
from analysis.inference.sequential import ALPHA, FIRST, Draws, smallest_words
from analysis.results import Estimate, NotEstimable, Support, What, allowing_for

STUDENTISED_FROM = 3  # started units (METHODS section 0 rule 1)
CELLS_AT_ONCE = 2_000_000  # assignments x units x periods held together (16 MB an array)
NEVER = -1
# Why a cell is not used: no unit of its block started in time to be followed; its unit was not seen
# before its start; no unit of its block was without the programme at that time; the need that its
# unit was chosen by was seen in it.
LEFT_OUT = ("no_start_in_block", "no_figures_before", "no_comparison_then", "need_seen_then")


@dataclass(frozen=True, eq=False)
class WeightedPanel:
    """Outcome and weight of each unit and period; a weight of nil: nobody there. start: column of
    the first treated period (-1: never). block: code. used: cells that the estimate rests on;
    reason: why the others are not ("" there and where nobody is)."""

    values: np.ndarray  # units x periods
    weights: np.ndarray
    start: np.ndarray
    block: np.ndarray
    units: tuple
    periods: tuple
    reason: np.ndarray
    # periods just before a start that serve neither side: the need that it was chosen by was seen
    # there
    need: int = 0

    @property
    def started(self) -> np.ndarray:
        return self.start != NEVER

    @property
    def used(self) -> np.ndarray:
        return (self.weights > 0) & (self.reason == "")

    def cells(self) -> pd.DataFrame:
        """One row a cell with people: unit, period, reason ("": used)."""
        i, t = np.nonzero(self.weights > 0)
        units, periods = np.array(self.units, dtype=object), np.array(self.periods, dtype=object)
        return pd.DataFrame({"unit": units[i], "period": periods[t], "reason": self.reason[i, t]})

    def only_used(self) -> "WeightedPanel":
        """The units that the estimate rests on, other cells without weight."""
        kept, names = self.used.any(axis=1), np.array(self.units, dtype=object)
        weights = np.where(self.used, self.weights, 0.0)[kept]
        own = (self.values[kept], weights, self.start[kept], self.block[kept], tuple(names[kept]))
        return WeightedPanel(*own, self.periods, self.reason[kept], self.need)


@dataclass(frozen=True, eq=False)
class ImputationTest:
    """result: effect with permutation p-value and interval. panel: who was used and why others were
    not. floor: smallest p-value of the first batch of draws; decided: see
    `inference/sequential.py`."""

    result: Estimate | NotEstimable
    panel: WeightedPanel
    statistic: str
    draws: int = 0
    floor: float = 1.0
    decided: bool = True


def weighted_panel(
    frame: pd.DataFrame, columns: WeightedColumns, *, need: int = 0
) -> WeightedPanel:
    """One row a unit and period with its weight; `first_treated` missing means never. ValueError
    for a doubled row, a weight below nil, a missing outcome or a code of another tool
    (`inference/coding.py`)."""
    unit, period, first_treated = columns.unit, columns.period, columns.first_treated
    outcome, weight = columns.outcome, columns.weight
    first_treated_period(frame, first_treated=first_treated, period=period)
    value, size = (numbers(frame[name], name) for name in (outcome, weight))
    grid = Grid.of(frame, unit, period)
    if grid.doubled:
        raise ValueError("a unit stands twice in a period")
    if (size < 0).any() or np.isnan(size).any() or np.isnan(value).any():
        raise ValueError(
            "a weight is below nil, or a weight or outcome is missing: leave these rows out and"
            " count them"
        )
    periods = tuple(grid.periods)
    start = _starts(grid.of_units(frame[first_treated]), periods)
    values, weights = grid.filled(value, 0.0), grid.filled(size, 0.0)
    block_codes = pd.factorize(grid.of_units(frame[columns.block]))[0]
    reason = _left_out(weights, start, block_codes, need)
    units = tuple(grid.units)
    return WeightedPanel(
        values * columns.scale, weights, start, block_codes, units, periods, reason, need
    )


def _starts(first: pd.Series, periods: tuple) -> np.ndarray:
    """Position of the period in which each unit starts; NEVER also where it is after the last one:
    not yet, for all we see."""
    if not periods:
        return np.full(len(first), NEVER)
    at = np.searchsorted(np.array(periods), first.fillna(periods[0]))
    return np.where(first.isna() | (at >= len(periods)), NEVER, at)


def _left_out(weights: np.ndarray, start: np.ndarray, block: np.ndarray, need: int) -> np.ndarray:
    """Why each cell (units x periods) is not used; "" where it is."""
    reason = np.full(weights.shape, "", dtype=object)
    for code in np.unique(block):
        inside = np.flatnonzero(block == code)
        sides = _sides(weights[inside], start[None, inside], need)
        before, after, known = sides[0][0], sides[1][0], _predicted(sides[0], sides[2])[0]
        none_before = after.any(axis=1) & ~before.any(axis=1)
        own = np.where(after & ~known, "no_comparison_then", "").astype(object)
        own[(weights[inside] > 0) & ~before & ~after] = "need_seen_then"
        own[none_before[:, None] & after] = "no_figures_before"
        if not (after & known).any():
            own[~after] = "no_start_in_block"
        reason[inside] = own
    return np.where(weights > 0, reason, "")


def _sides(
    weights: np.ndarray, start: np.ndarray, need: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of one block under assignments (rows of `start`): cells before a start and after it
    (assignments x units x periods), and the periods linked by those before (`_linked`)."""
    seen, periods = weights > 0, np.arange(weights.shape[1])
    after = (periods >= start[:, :, None]) & (start != NEVER)[:, :, None] & seen
    away = (periods < start[:, :, None] - need) | (start == NEVER)[:, :, None]
    before = seen & ~after & away
    return before, after, _linked(before)


def _linked(before: np.ndarray) -> np.ndarray:
    """Periods that hang together through units (assignments x periods x periods, 0 or 1)."""
    part = before.astype(float)
    linked = (part.transpose(0, 2, 1) @ part > 0).astype(float)
    while (further := (linked @ linked > 0).astype(float)).sum() > linked.sum():
        linked = further
    return linked


def _predicted(before: np.ndarray, linked: np.ndarray) -> np.ndarray:
    """Cells that can be predicted: the unit was seen before its start in a period that a chain of
    units and periods, all before a start, links with the cell's own (assignments x units x
    periods)."""
    return (before.astype(float) @ linked) > 0


def imputation_effect(
    frame: pd.DataFrame,
    columns: WeightedColumns,
    what: What,
    draw: Draws,
    *,
    need: int = 0,
) -> ImputationTest:
    """Average effect over started cells by their `weight`, within blocks; `what`: estimand, method
    and unit of the result.

    `need`: so many periods just before a start serve neither side, where units start because they
    were bad in them.

    NotEstimable: nothing before a start, fewer than two started units, none to compare with, or too
    few assignments for a p-value of 5 %. No standard error is given; support counts units only,
    persons are the caller's.
    """
    whole = weighted_panel(frame, columns, need=need)
    panel = whole.only_used()
    sides = (int(panel.started.sum()), int((~panel.started).sum()))
    kind = "studentised" if sides[0] >= STUDENTISED_FROM else "difference"
    support = Support(clusters_treated=sides[0], clusters_comparison=sides[1])
    if reason := _refusal(whole, sides):
        return ImputationTest(NotEstimable(*what, reason, support), whole, kind)
    measure = _Measured(panel, kind)
    ways = float(np.prod([len(way) if way is not None else np.inf for way in measure.sums.listed]))
    floor = 1 / min(ways, (draw.draws or FIRST) + 1)
    if floor > ALPHA:
        return ImputationTest(NotEstimable(*what, "too_few_assignments", support), whole, kind)
    test = block_effect_test(
        panel.start,
        measure.sums,
        measure.numbers,
        blocks=panel.block,
        draw=draw,
    )
    more = (whole, kind, test.drawn.draws, floor, test.drawn.decided)
    if not test.bounded:
        return ImputationTest(NotEstimable(*what, "unbounded", support), *more)
    drawn = f"{test.words}{smallest_words(test.exact, floor)}"
    words = f"imputation, start dates permuted within blocks, {drawn}"
    low, high = min(test.conf_low, test.value), max(test.conf_high, test.value)
    found = Estimate(
        *what,
        test.value,
        low,
        high,
        p_value=test.p_value,
        support=support,
        reason=words,
        seed=draw.seed,
    )
    held = (columns.unit, columns.period, columns.block)
    return ImputationTest(allowing_for(found, *held), *more)


def imputed_effect(frame: pd.DataFrame, columns: WeightedColumns, *, need: int = 0) -> float | None:
    """The effect of `imputation_effect` alone, without a test (unit of the outcome times `scale`);
    None where there is none."""
    whole = weighted_panel(frame, columns, need=need)
    panel = whole.only_used()
    if not panel.started.any() or panel.started.all():
        return None
    cells, sums = _columns(panel), np.zeros((1, 9))
    for code in np.unique(panel.block):
        own = np.flatnonzero(panel.block == code)
        start = panel.start[None, own]
        sums += _block_numbers(panel.weights[own], cells[own], start, panel.need)
    return float(sums[0, 0] / sums[0, 2]) if sums[0, 2] > 0 else None


def _refusal(whole: WeightedPanel, sides: tuple[int, int]) -> str | None:
    seen = whole.weights > 0
    if not seen.any() or not (whole.started & seen.any(axis=1)).any():
        return "no_comparison"
    if sides[0] == 0:
        no_before = (whole.reason == "no_figures_before")[seen & whole.started[:, None]]
        return "treated_from_start" if no_before.any() else "no_comparison"
    if sides[0] < 2:
        return "one_treated_site"
    return "constant_outcome" if np.ptp(whole.values[whole.used]) == 0 else None


class _Measured:
    """What an assignment of start dates makes of a panel, as sums over blocks (nine numbers).

    For the outcome y and for what an effect of one adds to it (d, where the units truly were
    treated): the sum of started cells less their predictions; the weight of these cells; and, of
    what each unit adds to those sums (a score) and to the weight, squares and products: yy, yd, dd,
    y with weight, d with weight, weight squared.
    """

    def __init__(self, panel: WeightedPanel, kind: str):
        self.panel, self.kind = panel, kind
        self.columns = _columns(panel)
        self.sums = BlockSums.of(panel.start, panel.block, self.part)

    def numbers(self, sums: np.ndarray) -> np.ndarray:
        """Rows (effect, shift, variance, covariance, shift variance) from sums over blocks (rows x
        9)."""
        y, d, weight, yy, yd, dd, yw, dw, ww = sums.T
        weight = np.where(
            weight > 0, weight, np.inf
        )  # an assignment that leaves nothing to predict: no effect seen
        effect, shift = y / weight, d / weight
        if self.kind == "difference":
            return np.stack(
                [effect, shift, np.ones(len(y)), np.zeros(len(y)), np.zeros(len(y))], axis=1
            )
        variance = yy - 2 * effect * yw + effect**2 * ww
        both = yd - effect * dw - shift * yw + effect * shift * ww
        extra = np.maximum(dd - 2 * shift * dw + shift**2 * ww, 0.0)
        return np.stack(
            [effect, shift, variance / weight**2, both / weight**2, extra / weight**2], axis=1
        )

    def part(self, units: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """The nine numbers of one block under assignments (rows of start columns)."""
        size = max(1, CELLS_AT_ONCE // (len(units) * self.panel.values.shape[1]))
        weights, columns = self.panel.weights[units], self.columns[units]
        chunks = (labels[first : first + size] for first in range(0, len(labels), size))
        return np.concatenate(
            [_block_numbers(weights, columns, chunk, self.panel.need) for chunk in chunks]
        )


def _columns(panel: WeightedPanel) -> np.ndarray:
    """The outcome of each cell, and 1 where its unit truly was treated (units x periods x 2)."""
    treated = np.arange(panel.values.shape[1]) >= panel.start[:, None]
    return np.stack([panel.values, (treated & panel.started[:, None]).astype(float)], axis=2)


def _block_numbers(
    weights: np.ndarray, columns: np.ndarray, start: np.ndarray, need: int
) -> np.ndarray:
    """As `_Measured.part`, for weights (units x periods) and columns (units x periods x 2) of the
    block."""
    before, after, linked = _sides(weights, start, need)
    known = _predicted(before, linked)
    fitted, target = weights * before, weights * (after & known)
    total = fitted.sum(axis=2)
    inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    by_period = np.einsum("mit,itk->mtk", fitted, columns)
    by_unit = np.einsum("mit,itk->mik", fitted, columns) * inverse[:, :, None]
    wanted = target.sum(axis=2)  # of the started cells of each unit, and below of each period
    right = np.concatenate(
        [
            by_period - fitted.transpose(0, 2, 1) @ by_unit,
            (target.sum(axis=1) - ((wanted * inverse)[:, None, :] @ fitted)[:, 0])[:, :, None],
        ],
        axis=2,
    )
    solved = np.linalg.solve(_normal_matrix(fitted, inverse, linked), right)
    level = by_unit - (fitted @ solved[:, :, :2]) * inverse[:, :, None]
    left = columns - level[:, :, None, :] - solved[:, None, :, :2]
    scores = np.einsum("mit,mitk->mik", target - fitted * solved[:, None, :, 2], left)
    parts = np.concatenate([scores, wanted[:, :, None]], axis=2)
    sums, products = parts.sum(axis=1), parts.transpose(0, 2, 1) @ parts
    pairs = ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2))
    return np.concatenate([sums, np.stack([products[:, i, j] for i, j in pairs], axis=1)], axis=1)


def _normal_matrix(fitted: np.ndarray, inverse: np.ndarray, linked: np.ndarray) -> np.ndarray:
    """Weighted normal equations of the periods with units taken out, made regular.

    Periods that hang together are known up to one constant, which predictions do not depend on: the
    projection on these constants is added; a period without any cell stands for itself.
    """
    periods, diagonal = np.arange(fitted.shape[2]), fitted.sum(axis=1)
    matrix = -(fitted.transpose(0, 2, 1) * inverse[:, None, :]) @ fitted
    matrix[:, periods, periods] += diagonal
    size = linked.sum(axis=2, keepdims=True)
    scale = diagonal.mean(axis=1)[:, None, None]
    matrix += scale * np.divide(linked, size, out=np.zeros_like(linked), where=size > 0)
    matrix[:, periods, periods] += np.where(diagonal > 0, 0.0, np.maximum(scale[:, :, 0], 1.0))
    return matrix
