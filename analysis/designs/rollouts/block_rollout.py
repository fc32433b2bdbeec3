"""Roll-outs in steps within blocks: each started unit against the units of its own block that never
start.

Where blocks (regions) drift apart, a comparison over all blocks mixes the effect with the drift.
Here every change of a started unit since the period before its start is set against the mean
change, over the same periods, of the units of its block that never start: region x period effects
are taken out whole. With one block this is the "simple" aggregate of Callaway and Sant'Anna (2021)
with never-treated comparisons (tested).

Inference: start dates are dealt out again among the units of each block (Fisher 1935), the
statistic studentised by the spread between started units from three of them on (METHODS section 0
rule 1). The interval inverts the same test for one effect, equal in all started unit-periods. Where
the dates were not drawn by lot this is a placebo test that takes the units of a block as
exchangeable.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.designs.rollouts.grid import Grid
from analysis.inference.assignments import BlockSums
from analysis.inference.coding import first_treated_period, numbers
from analysis.inference.columns import BlockColumns, Quantity
from analysis.inference.constant_effect import block_effect_test, block_p_value
from analysis.inference.sequential import ALPHA, FIRST, Draws, smallest_words
from analysis.results import CheckResult, Estimate, NotEstimable, Support, What, allowing_for
from analysis.said.numbers import cleared_p
from analysis.said.texts import named, say

STUDENTISED_FROM = 3  # started units
LEADS = (-7, -2)  # periods before the start that the pre-trend check looks at; -1 is the base


@dataclass(frozen=True, kw_only=True)
class StartLot(Draws):
    """How start dates are dealt out anew. randomised: what the plan says of the order of start;
    False makes it a placebo test that takes units as exchangeable."""

    randomised: bool


@dataclass(frozen=True)
class Since:
    """Which periods are set beside which. window: periods since the start that are averaged (0: the
    period of the start; below 0: leads; None: to the last). base: how many periods before the start
    are its base (1 in Callaway and Sant'Anna; more are less noisy, and lean more on parallel
    trends)."""

    window: tuple[int, int | None] = (0, None)
    base: int = 1


BEFORE_THE_START = Since(LEADS)


@dataclass(frozen=True, eq=False)
class BlockPanel:
    """Outcome of each unit and period, units in blocks. start: column number of the first treated
    period; -1: never."""

    values: np.ndarray  # units x periods
    start: np.ndarray
    block: np.ndarray
    units: tuple
    periods: tuple
    reasons: pd.Series  # of every unit that came in, why it is not in the panel; "" where it is

    @property
    def started(self) -> np.ndarray:
        return self.start >= 0

    @property
    def left_out(self) -> int:
        return int((self.reasons != "").sum())


@dataclass(frozen=True)
class BlockTest:
    """result: effect with permutation p-value and interval. floor: smallest p-value of the first
    batch of draws;
    assignments: how many ways; decided: False where the most draws left p on a line
    (`inference/sequential.py`).
    """

    result: Estimate | NotEstimable
    statistic: str
    draws: int
    assignments: float
    floor: float
    reasons: pd.Series  # of every unit, why it is left out ("": it is not)
    decided: bool = True


def block_panel(frame: pd.DataFrame, columns: BlockColumns) -> BlockPanel:
    """One row a unit and period to a panel; `first_treated` missing means never. ValueError for a
    doubled row, or a code of another tool (`inference/coding.py`)."""
    unit, period, first_treated = columns.unit, columns.period, columns.first_treated
    outcome = columns.outcome
    first_treated_period(frame, first_treated=first_treated, period=period)
    value, grid = numbers(frame[outcome], outcome), Grid.of(frame, unit, period)
    if grid.doubled:
        raise ValueError("a unit stands twice in a period")
    wide = grid.filled(value * columns.scale)
    periods, first = tuple(grid.periods), grid.of_units(frame[first_treated])
    start = np.where(first.isna(), -1, np.searchsorted(np.array(periods), first.fillna(periods[0])))
    start = np.where(
        start >= len(periods), -1, start
    )  # starts after the last period: not yet, for all we see
    block_codes = pd.factorize(grid.of_units(frame[columns.block]))[0]
    reason = _left_out(~np.isnan(wide).any(axis=1), start, block_codes)
    kept = reason == ""
    reasons = pd.Series(reason, index=grid.units)
    return BlockPanel(
        wide[kept],
        start[kept],
        block_codes[kept],
        tuple(grid.units[kept]),
        periods,
        reasons,
    )


def _left_out(complete: np.ndarray, start: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Why each unit serves neither side; "" where it does."""
    reason = np.where(
        ~complete, "incomplete_periods", np.where(start == 0, "no_figures_before", "")
    ).astype(object)

    def any_in_block(units: np.ndarray) -> np.ndarray:
        return pd.Series(units).groupby(block).transform("any").to_numpy()

    reason[(reason == "") & (start > 0) & ~any_in_block((reason == "") & (start < 0))] = (
        "no_comparison_then"
    )
    reason[(reason == "") & (start < 0) & ~any_in_block((reason == "") & (start > 0))] = (
        "no_start_in_block"
    )
    return reason


def _sums(
    values: np.ndarray, window: tuple[int, int | None], base: int
) -> tuple[np.ndarray, np.ndarray]:
    """For each unit and each possible start: sum of changes since the mean of the `base` periods
    before it, over the window; and how many periods that are."""
    n, periods = values.shape
    sums, counts = np.zeros((n, periods)), np.zeros(periods)
    for g in range(1, periods):
        low, high = (
            max(g + window[0], 0),
            (periods - 1 if window[1] is None else min(g + window[1], periods - 1)),
        )
        if low <= high:
            sums[:, g] = (
                values[:, low : high + 1]
                - values[:, max(g - base, 0) : g].mean(axis=1, keepdims=True)
            ).sum(axis=1)
            counts[g] = high - low + 1
    return sums, counts


def _contributions(sums: np.ndarray, panel: BlockPanel, start: np.ndarray) -> np.ndarray:
    """For each started unit of an assignment: its sum of changes less the mean of its block's
    never-started units."""
    found = []
    for unit in np.flatnonzero(start >= 0):
        never = (panel.block == panel.block[unit]) & (start < 0)
        found.append(sums[unit, start[unit]] - sums[never, start[unit]].mean())
    return np.array(found)


def block_effect(
    frame: pd.DataFrame,
    columns: BlockColumns,
    quantity: Quantity,
    lot: StartLot,
    *,
    since: Since = Since(),
    method: str | None = None,
) -> BlockTest:
    """Average effect over started unit-periods, each unit-period alike, within blocks.

    NotEstimable: fewer than two started units, none to compare with, or too few
    assignments for a p-value of 5 %. No standard error is given; support counts units only, persons
    are the caller's.
    """
    panel = block_panel(frame, columns)
    name = method or ("block_permutation" if lot.randomised else "placebo_permutation")
    found = _test(panel, (quantity.estimand, name, quantity.unit), since, lot)
    held = (columns.unit, columns.period, columns.block)
    return replace(found, result=allowing_for(found.result, *held))


def _test(panel: BlockPanel, what: What, since: Since, draw: Draws) -> BlockTest:
    started, ways = panel.started, _assignments(panel)
    floor = 1 / min(ways, (draw.draws or FIRST) + 1)
    kind = "studentised" if started.sum() >= STUDENTISED_FROM else "difference"
    support = Support(
        clusters_treated=int(started.sum()), clusters_comparison=int((~started).sum())
    )
    reason = (
        "no_comparison"
        if not started.any() or started.all()
        else (
            "one_treated_site"
            if started.sum() < 2
            else "too_few_assignments"
            if floor > ALPHA
            else None
        )
    )
    if reason:
        return BlockTest(NotEstimable(*what, reason, support), kind, 0, ways, floor, panel.reasons)
    measure = _Measured.of(panel, since.window, since.base, kind)
    if measure.total == 0:
        return BlockTest(
            NotEstimable(*what, "not_followed", support), kind, 0, ways, floor, panel.reasons
        )
    test = block_effect_test(
        panel.start,
        measure.sums_of_blocks,
        measure.numbers,
        blocks=panel.block,
        draw=draw,
    )
    counted = test.drawn.draws
    if not test.bounded:
        return BlockTest(
            NotEstimable(*what, "unbounded", support), kind, counted, ways, floor, panel.reasons
        )
    result = Estimate(
        *what,
        test.value,
        min(test.conf_low, test.value),
        max(test.conf_high, test.value),
        p_value=test.p_value,
        support=support,
        seed=draw.seed,
        reason=(
            "permutation of start dates within blocks, "
            f"{test.words}{smallest_words(test.exact, floor)}"
        ),
    )
    return BlockTest(result, kind, counted, ways, floor, panel.reasons, test.drawn.decided)


@dataclass(frozen=True, eq=False)
class _Measured:
    """What an assignment of start dates makes of the panel, as sums over units: no loop over
    assignments.

    A started unit contributes its sum of changes less the mean of the never-started of its block
    (`_contributions`); a block keeps its dates, so that sums and sums of squares of contributions
    are products of the indicators "starts then" and "never starts" with columns of the panel.
    moved: the changes that an effect of one makes.
    """

    panel: BlockPanel
    sums: np.ndarray
    moved: np.ndarray
    total: float
    kind: str

    @classmethod
    def of(
        cls, panel: BlockPanel, window: tuple[int, int | None], base: int, kind: str
    ) -> "_Measured":
        under = (np.arange(panel.values.shape[1]) >= panel.start[:, None]) & panel.started[:, None]
        sums, counts = _sums(panel.values, window, base)
        moved, _ = _sums(under.astype(float), window, base)
        return cls(panel, sums, moved, float(counts[panel.start[panel.started]].sum()), kind)

    @property
    def sums_of_blocks(self) -> BlockSums:
        return BlockSums.of(self.panel.start, self.panel.block, self.part)

    def numbers(self, sums: np.ndarray) -> np.ndarray:
        """Rows (effect, shift, variance, covariance, shift variance) from sums over blocks (rows x
        5)."""
        found = np.ones((len(sums), 5)) * (0.0, 0.0, 1.0, 0.0, 0.0)
        found[:, :2] = sums[:, :2] / self.total
        if self.kind == "studentised":
            k = int(self.panel.started.sum())
            products = np.stack([sums[:, 0] ** 2, sums[:, 0] * sums[:, 1], sums[:, 1] ** 2], axis=1)
            found[:, 2:] = (sums[:, 2:] - products / k) * k / (k - 1) / self.total**2
        return found

    def part(self, units: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """One block's contributions under assignments (rows): their sums, and sums of squares and
        products (rows x 5)."""
        dates, number = np.unique(self.panel.start[units], return_counts=True)
        never, found = (labels == -1).astype(float), np.zeros((len(labels), 5))
        for date, k in zip(dates[dates >= 0], number[dates >= 0], strict=True):
            y, d = self.sums[units, date], self.moved[units, date]
            level = never @ np.stack([y, d], axis=1) / number[0]
            own = (labels == date).astype(float) @ np.stack([y, d, y * y, y * d, d * d], axis=1)
            found[:, :2] += own[:, :2] - k * level
            for at, (i, j) in enumerate(((0, 0), (0, 1), (1, 1))):
                mixed = own[:, i] * level[:, j] + own[:, j] * level[:, i]
                found[:, 2 + at] += own[:, 2 + at] - mixed + k * level[:, i] * level[:, j]
        return found


def _assignments(panel: BlockPanel) -> float:
    """In how many ways the start dates of each block can be dealt out among its units."""
    ways = 0.0
    for block in np.unique(panel.block):
        start = panel.start[panel.block == block]
        ways += math.lgamma(len(start) + 1) - sum(
            math.lgamma(k + 1) for k in np.unique(start, return_counts=True)[1]
        )
    return math.exp(min(ways, 700))


def event_times(
    frame: pd.DataFrame, columns: BlockColumns, *, times: range, base: int = 1
) -> pd.DataFrame:
    """Effect at each time since the start (0: its period; below 0: leads, of which the last `base`
    are the base).

    One row a time: event_time, value, conf_low, conf_high, units. Pointwise t intervals from the
    spread between started
    units: for a figure, not for a test. Times that fewer than three started units reach are left
    out.
    """
    panel = block_panel(frame, columns)
    from scipy.stats import t as student

    rows = []
    for time in times:
        sums, counts = _sums(panel.values, (time, time), base)
        seen = panel.started & (counts[np.maximum(panel.start, 0)] > 0)
        own = _contributions(sums, panel, np.where(seen | ~panel.started, panel.start, -1))
        if time == -1 and base == 1:
            rows.append(
                {
                    "event_time": -1,
                    "value": 0.0,
                    "conf_low": 0.0,
                    "conf_high": 0.0,
                    "units": int(seen.sum()),
                }
            )
        elif len(own) >= STUDENTISED_FROM:
            error = own.std(ddof=1) / math.sqrt(len(own)) * student.ppf(0.975, len(own) - 1)
            rows.append(
                {
                    "event_time": time,
                    "value": own.mean(),
                    "conf_low": own.mean() - error,
                    "conf_high": own.mean() + error,
                    "units": len(own),
                }
            )
    return pd.DataFrame(rows, columns=["event_time", "value", "conf_low", "conf_high", "units"])


def lead_check(
    frame: pd.DataFrame,
    columns: BlockColumns,
    draw: Draws,
    *,
    since: Since = BEFORE_THE_START,
    check_id: str = "pre_trend",
    units: str = "courts",
) -> CheckResult:
    """Did units that start later drift apart from their block before? Passed: the mean lead is not
    told from nil at 5 %.

    A check that is passed does not prove that trends are alike; the breakdown of parallel trends
    says how far they may differ.
    """
    panel = block_panel(frame, replace(columns, scale=1.0))
    p = _lead_p(panel, since, draw)
    if p is None:
        return CheckResult(
            check_id,
            None,
            "Whether they moved alike before the start could not be checked.",
            bears_on="claim",
        )
    words = "could not be told from" if p > ALPHA else "moved apart from"
    many = named(units)
    left = ""
    if panel.left_out:
        left = say("; {units} that are not complete or without others are not in it", units=many)
    text = say(
        "Before the start, {units} that start {words} the others of their region ({p}{left}).",
        units=many,
        words=words,
        p=cleared_p(p),
        left=left,
    )
    return CheckResult(check_id, p > ALPHA, text, p, ALPHA, bears_on="claim", shown=cleared_p(p))


def _lead_p(panel: BlockPanel, leads: Since, draw: Draws) -> float | None:
    """p-value of the mean lead by permutation within blocks; None where it could not be small, or
    nothing can be seen."""
    started = panel.started
    if (
        started.sum() < 2
        or started.all()
        or 1 / min(_assignments(panel), (draw.draws or FIRST) + 1) > ALPHA
    ):
        return None
    kind = "studentised" if started.sum() >= STUDENTISED_FROM else "difference"
    measure = _Measured.of(panel, leads.window, leads.base, kind)
    if measure.total == 0:
        return None

    return block_p_value(
        panel.start,
        measure.sums_of_blocks,
        measure.numbers,
        blocks=panel.block,
        seed=draw.seed,
        draws=draw.draws,
    )
