"""Events over person-time in a roll-out: how many there were since the start against how many the
units' own past and their block lead one to expect.

A Poisson model with an effect of each unit and of each block x period, the log of person-time as
offset, is fitted to the cells not yet started (the imputation of Borusyak, Jaravel and Spiess 2024
for counts; Wooldridge 2023); the ratio is events over expected events in the started cells. Two-way
Poisson models are fitted by scaling rows and columns in turn, which is their maximum likelihood.
Events come in clusters, of people and of units: the variance is that of leaving one unit out at a
time (Quenouille 1956, Tukey 1958), with as many degrees of freedom as started units less one, and
no model of the counts. `dispersion`: Pearson's chi-squared over its degrees of freedom (1: events
come alone and by chance).
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.designs.rollouts.grid import Grid
from analysis.inference.clusters import CoefficientTest
from analysis.inference.coding import first_treated_period, numbers
from analysis.inference.columns import BlockColumns
from analysis.results import Estimate, NotEstimable, Support, What

FEWEST = 2  # units on a side in all
ROUNDS, CLOSE = 500, 1e-10  # scalings of rows and columns, and when they stand still


@dataclass(frozen=True)
class RateRatio:
    """result: events since the start over those expected (times). dispersion: times the variance of
    events that come alone; None where it could not be seen. expected: events without a start."""

    result: Estimate | NotEstimable
    dispersion: float | None = None
    expected: float | None = None


def rate_ratio(
    frame: pd.DataFrame, columns: BlockColumns, time: str, what: What, *, need: int = 0
) -> RateRatio:
    """Events (`columns.outcome`) over `time` since the start against those expected (times).

    One row a unit and period; `need`: so many periods just before a start serve neither side, where
    units start because they were bad in them; blocks without a start, or without a unit that never
    starts, serve neither side. ValueError: a unit stands twice in a period.
    """
    first_treated_period(frame, first_treated=columns.first_treated, period=columns.period)
    blocks = [_Block.of(own, columns, time, need) for _, own in frame.groupby(columns.block)]
    used = [block for block in blocks if block.serves]
    support = Support(
        clusters_treated=sum(int(block.started.sum()) for block in used),
        clusters_comparison=sum(int((~block.started).sum()) for block in used),
    )
    if min(support.clusters_treated, support.clusters_comparison) < FEWEST:
        reason = "too_few_sites" if support.clusters_treated else "no_comparison"
        return RateRatio(NotEstimable(*what, reason, support))
    counts = np.array([block.seen_and_expected() for block in used]).sum(axis=0)
    if min(counts) <= 0:
        return RateRatio(NotEstimable(*what, "zero_events", support))
    value = float(np.log(counts[0] / counts[1]))
    error = _jackknife(used, counts)
    test = CoefficientTest(value, error, support.clusters_treated - 1.0)
    low, high = (float(np.exp(end)) for end in test.interval())
    found = Estimate(
        *what,
        float(np.exp(value)),
        low,
        high,
        p_value=test.p_value,
        df=test.df,
        support=support,
        reason="one unit left out at a time, on the log scale",
    )
    return RateRatio(found, _dispersion(used), float(counts[1]))


def _jackknife(blocks: list["_Block"], counts: np.ndarray) -> float:
    """Error of the log ratio: each unit of a block left out in turn, block by block."""
    squares = 0.0
    for block in blocks:
        rest = counts - block.seen_and_expected()
        parts = [block.without(unit) for unit in range(len(block.events))]
        sums = [rest + (part.seen_and_expected() if part.serves else 0.0) for part in parts]
        values = np.array([np.log(own[0] / own[1]) for own in sums if min(own) > 0])
        if len(values) > 1:
            share = (len(values) - 1) / len(values)
            squares += share * float(((values - values.mean()) ** 2).sum())
    return float(np.sqrt(squares))


def _dispersion(blocks: list["_Block"]) -> float | None:
    """Of the cells not yet started."""
    squares, left = 0.0, 0
    for block in blocks:
        before, expected = block.before, block.expected()
        kept = before & (expected > 0)
        squares += float(((block.events - expected)[kept] ** 2 / expected[kept]).sum())
        left += int(kept.sum()) - sum(before.shape) + 1
    return squares / left if left > 0 else None


@dataclass(frozen=True, eq=False)
class _Block:
    """Units by periods of one block. start: column of the first treated period; -1: never."""

    events: np.ndarray
    time: np.ndarray
    start: np.ndarray
    need: int = 0
    _fitted: list = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, frame: pd.DataFrame, columns: BlockColumns, time: str, need: int) -> "_Block":
        grid = Grid.of(frame, columns.unit, columns.period)
        if grid.doubled:
            raise ValueError("a unit stands twice in a period")
        first = grid.of_units(frame[columns.first_treated])
        start = np.where(
            first.isna(),
            -1,
            np.searchsorted(np.array(grid.periods), first.fillna(grid.periods[0])),
        )
        events = grid.filled(numbers(frame[columns.outcome], columns.outcome), 0.0)
        held = grid.filled(numbers(frame[time], time), 0.0)
        return cls(events, held, np.where(start >= len(grid.periods), -1, start), need)

    @property
    def started(self) -> np.ndarray:
        return self.start >= 0

    @property
    def after(self) -> np.ndarray:
        periods = np.arange(self.events.shape[1])
        return (periods >= self.start[:, None]) & self.started[:, None] & (self.time > 0)

    @property
    def before(self) -> np.ndarray:
        periods = np.arange(self.events.shape[1])
        away = (periods < self.start[:, None] - self.need) | ~self.started[:, None]
        return away & (self.time > 0)

    @property
    def serves(self) -> bool:
        """Some unit started and was seen before, and some other never did."""
        seen = self.before.any(axis=1)
        return bool((self.started & seen & self.after.any(axis=1)).any() and (~self.started).any())

    def without(self, unit: int) -> "_Block":
        kept = np.arange(len(self.events)) != unit
        return _Block(self.events[kept], self.time[kept], self.start[kept], self.need)

    def expected(self) -> np.ndarray:
        """Events that unit and period lead one to expect in each cell (0: cannot be told)."""
        if not self._fitted:
            self._fitted.append(two_way_poisson(self.events, self.time, self.before))
        return self._fitted[0]

    def seen_and_expected(self) -> np.ndarray:
        expected = self.expected()
        known = self.after & (expected > 0)
        return np.array([self.events[known].sum(), expected[known].sum()])


def two_way_poisson(events: np.ndarray, time: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Expected events of every cell (units x periods) by the Poisson model with an effect of each
    unit and period, fitted to the cells `fitted`; 0 where a unit or period is in none of them."""
    y, held = np.where(fitted, events, 0.0), np.where(fitted, time, 0.0)
    row, column = np.ones(len(y)), np.ones(y.shape[1])
    for _ in range(ROUNDS):
        earlier = row
        row = _ratio(y.sum(axis=1), held @ column)
        column = _ratio(y.sum(axis=0), row @ held)
        if np.abs(row - earlier).max() <= CLOSE * max(np.abs(row).max(), 1e-300):
            break
    return row[:, None] * column * time


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
