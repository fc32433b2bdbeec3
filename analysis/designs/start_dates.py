"""Permutation of start dates over sites: the default inference where a cohort has three to five sites (METHODS section 2).

Dates of start are dealt out again among the sites (within blocks, if start dates were drawn within them), the number
of sites a date staying as it was. Two treated sites, or fewer than three comparison sites: the bare difference; else
the studentised one (METHODS section 0 rule 1). The interval inverts the same test for one effect, equal in all treated
site-periods. Where the start dates were not drawn by lot this is a placebo test that takes the sites as exchangeable.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.group_time import (
    NEVER,
    GroupTime,
    Panel,
    group_time,
    panel_of,
    refusal,
    require_fixed,
    support_of,
    weights_of,
)
from analysis.inference.randomisation import DRAWS
from analysis.results import Estimate, NotEstimable

ALPHA = 0.05
STUDENTISED_FROM = 3  # treated sites, and comparison sites (METHODS section 0 rule 1)
FARTHEST = 2.0**12  # an interval that does not close within so many spreads of the draws is unbounded
STEPS = 300  # the p-value need not fall steadily, so that the farthest crossing is looked for on a grid


@dataclass(frozen=True)
class StartDateTest:
    """result: estimate with permutation p-value and interval by inversion. draws: start-date assignments compared with the real one.

    assignments: how many there are in all; floor: smallest p-value that the test can give; exact: all were compared.
    """

    result: Estimate | NotEstimable
    statistic: str
    draws: int
    assignments: int
    floor: float
    exact: bool

    def summary(self) -> str:
        return f"{self.result.summary()} {self.draws} ways to start were compared ({self.statistic})."


def permute_start_dates(
    frame: pd.DataFrame, *, unit: str, period: str, first_treated: str, outcome: str, estimand: str, result_unit: str,
    randomised: bool, seed: int, aggregate: str = "simple", comparison: str = "never_treated", block: str | None = None,
    scale: float = 1.0, draws: int = DRAWS,
) -> StartDateTest:  # fmt: skip
    """Aggregate ATT (`result_unit`) with the p-value and interval that permuting start dates over units gives.

    One row a unit and period, as in `panel_of`; `unit` must be what was assigned a date. `block`: dates are dealt out
    within it. `randomised` is what the plan says of the order of start: False makes it a placebo permutation test.
    NotEstimable as in `refusal`; "too_few_assignments" where no p-value could reach 5 %. No standard error is given.
    Source: Fisher 1935; Roth and Sant'Anna 2023 for the studentised statistic.
    """
    method = "permutation" if randomised else "placebo_permutation"
    panel, what = _panel(frame, unit, period, first_treated, outcome, scale), (estimand, method, result_unit)
    blocks = _blocks(frame, unit, block, panel)
    support, assignments = support_of(panel, comparison), _assignments(panel.first, blocks)
    exact, floor = assignments <= draws, 1 / min(assignments, draws + 1)
    reason = refusal(panel, comparison) or ("too_few_assignments" if floor > ALPHA else None)
    few = min(support.clusters_treated, int((panel.first == NEVER).sum())) < STUDENTISED_FROM
    kind = "difference" if few and comparison == "never_treated" else "studentised"
    if reason:
        detail = f"smallest p-value {floor:.3f}"
        return StartDateTest(NotEstimable(*what, reason, support, detail), kind, 0, assignments, floor, exact)
    orders = _every_order(panel.first, blocks) if exact else _drawn_orders(blocks, draws, seed)
    effects = group_time(panel, comparison=comparison)
    table = _statistics(effects, weights_of(effects, aggregate), orders, kind)
    value, compared = float(table[0, 0] / table[0, 1]), table[1:] if exact else table
    low, high = (_limit(compared, table[0], value, sign) for sign in (-1, 1))
    if not (math.isfinite(low) and math.isfinite(high)):
        return StartDateTest(NotEstimable(*what, "unbounded", support), kind, len(orders), assignments, floor, exact)
    p = float(_p_values(compared, table[0], np.zeros(1))[0])
    words = f"{kind}, {len(orders)} start-date assignments, floor {floor:.3g}, interval by inversion"
    words += "" if randomised else "; assumes exchangeable places"
    found = Estimate(*what, value, low, high, p_value=p, support=support, reason=words, seed=None if exact else seed)
    return StartDateTest(found, kind, len(orders), assignments, floor, exact)


def _panel(frame, unit, period, first_treated, outcome, scale) -> Panel:
    return panel_of(frame, unit=unit, period=period, first_treated=first_treated, outcome=outcome, scale=scale)


def _blocks(frame, unit, block, panel) -> np.ndarray:
    if block is None:
        return np.zeros(len(panel.units), dtype=int)
    require_fixed(frame, unit, block)
    return pd.factorize(frame.drop_duplicates(unit).set_index(unit).loc[panel.units, block])[0]


def _assignments(first: np.ndarray, blocks: np.ndarray) -> int:
    """Number of different ways to deal out the same start dates within blocks."""
    total = 1
    for block in np.unique(blocks):
        counts = np.unique(first[blocks == block], return_counts=True)[1]
        total *= math.factorial(int(counts.sum())) // math.prod(math.factorial(int(c)) for c in counts)
    return total


def _drawn_orders(blocks: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """draws x units: whose start date each unit gets."""
    random, order = np.random.default_rng(seed), np.argsort(blocks, kind="stable")
    drawn = np.empty((draws, len(blocks)), dtype=int)
    for row in drawn:
        row[order] = np.lexsort((random.random(len(blocks)), blocks))
    return drawn


def _every_order(first: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Every different assignment once, the real one among them; a date is stood for by the first unit that has it."""
    dealt = [list(_arrangements(*np.unique(first[blocks == b], return_counts=True))) for b in np.unique(blocks)]
    holder = {date: int(np.flatnonzero(first == date)[0]) for date in np.unique(first)}
    rows = np.empty((math.prod(map(len, dealt)), len(first)), dtype=int)
    for row, parts in zip(rows, itertools.product(*dealt), strict=True):
        for block, part in zip(np.unique(blocks), parts, strict=True):
            row[blocks == block] = [holder[date] for date in part]
    return rows


def _arrangements(dates, counts):
    if not sum(counts):
        yield ()
        return
    for i, date in enumerate(dates):
        if counts[i]:
            rest = [count - (j == i) for j, count in enumerate(counts)]
            yield from ((date, *tail) for tail in _arrangements(dates, rest))


def _statistics(effects: GroupTime, weights: np.ndarray, orders: np.ndarray, kind: str) -> np.ndarray:
    """Row 0 the real assignment, then one a draw: [effect, shift, variance, covariance, shift variance].

    With a constant effect tau taken off the treated periods, the effect is `effect - tau shift`, its variance
    `variance - 2 tau covariance + tau^2 shift variance`: five numbers a draw serve every tau. Only rows of the two
    weight tables are exchanged, since the sizes of cohorts never change.
    """
    used = weights != 0
    own, others = (side[:, used] / side[:, used].sum(axis=0) for side in (effects.treated, effects.comparison))
    started = np.arange(len(effects.panel.periods)) >= effects.panel.first[:, None]
    shift = started[:, effects.time[used]].astype(float) - started[:, effects.base[used]]
    columns, weights = (effects.differences[:, used], shift), weights[used]
    table = np.zeros((len(orders) + 1, 5))
    for row, order in zip(table, [slice(None), *orders], strict=True):
        mine, theirs, scores = own[order], others[order], []
        for k, column in enumerate(columns):
            means = [np.einsum("ij,ij->j", side, column) for side in (mine, theirs)]
            row[k] = weights @ (means[0] - means[1])
            if kind == "studentised":
                scores.append((mine * (column - means[0]) - theirs * (column - means[1])) @ weights)
        row[2:] = (
            [s @ t for s, t in ((0, 0), (0, 1), (1, 1)) for s, t in [(scores[s], scores[t])]] if scores else (1, 0, 0)
        )
    return table


def _squared(table: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """Squared statistic of each row at each tau (rows x taus); a variance of nil counts as infinitely far."""
    effect, shift, variance, both, extra = np.atleast_2d(table).T[:, :, None]
    above, below = (effect - tau * shift) ** 2, variance - 2 * tau * both + tau**2 * extra
    flat = below <= 1e-14 * (variance + tau**2 * extra)
    return np.where(flat, np.where(above <= 1e-20, 0.0, np.inf), above / np.where(flat, 1.0, below))


def _p_values(compared: np.ndarray, real: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """Share of the assignments compared, the real one included, whose statistic is at least as large."""
    return (_squared(compared, tau) >= _squared(real, tau) * (1 - 1e-9)).mean(axis=0)


def _limit(compared: np.ndarray, real: np.ndarray, value: float, sign: int) -> float:
    """The tau farthest from the estimate that is not rejected at 5 %; infinite where the test never rejects."""
    reach = float(np.std(compared[:, 0])) or abs(value) or 1.0
    stop = FARTHEST * reach
    while (_p_values(compared, real, value + sign * np.array([reach, 1.5 * reach, 2 * reach])) > ALPHA).any():
        reach *= 2
        if reach > stop:
            return math.inf
    grid = np.linspace(0, reach, STEPS)
    kept = np.flatnonzero(_p_values(compared, real, value + sign * grid) > ALPHA)
    low, high = grid[kept[-1]], grid[min(kept[-1] + 1, STEPS - 1)]
    for _ in range(40):
        middle = (low + high) / 2
        inside = _p_values(compared, real, np.array([value + sign * middle]))[0] > ALPHA
        low, high = (middle, high) if inside else (low, middle)
    return float(value + sign * high)
