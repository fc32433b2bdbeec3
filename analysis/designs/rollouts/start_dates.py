"""Permutation of start dates over sites: the default inference where a cohort has three to five
sites (METHODS section 2).

Dates of start are dealt out again among the sites (within blocks, if start dates were drawn within
them), the number of sites a date staying as it was. Two treated sites, or fewer than three
comparison sites: the bare difference; else the studentised one (METHODS section 0 rule 1). The
interval inverts the same test for one effect, equal in all treated site-periods. Where the start
dates were not drawn by lot this is a placebo test that takes the sites as exchangeable.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.designs.rollouts.block_rollout import StartLot
from analysis.designs.rollouts.group_time import (
    NEVER,
    Average,
    GroupTime,
    Panel,
    group_time,
    panel_of,
    refusal,
    require_fixed,
    support_of,
    weights_of,
)
from analysis.inference.assignments import LISTED_AT_MOST, number_of_assignments
from analysis.inference.columns import PanelColumns, Quantity
from analysis.inference.constant_effect import permuted_effect_test
from analysis.inference.sequential import ALPHA, FIRST, Asked
from analysis.results import Estimate, NotEstimable

STUDENTISED_FROM = 3  # treated sites, and comparison sites (METHODS section 0 rule 1)


@dataclass(frozen=True)
class StartDateTest:
    """result: estimate with permutation p-value and interval by inversion. draws: start-date
    assignments compared.

    assignments: how many there are in all; floor: smallest p-value that the test can give; exact:
    all were compared;
    decided: False where p was left on the line by the most draws, so that p and interval are the
    cautious ones.
    """

    result: Estimate | NotEstimable
    statistic: str
    draws: int
    assignments: int
    floor: float
    exact: bool
    decided: bool = True

    def summary(self) -> str:
        return (
            f"{self.result.summary()} {self.draws} ways to start were compared ({self.statistic})."
        )


def permute_start_dates(
    frame: pd.DataFrame,
    columns: PanelColumns,
    quantity: Quantity,
    lot: StartLot,
    *,
    average: Average = Average(),
) -> StartDateTest:
    """Aggregate ATT with the p-value and interval that permuting start dates over units gives.

    One row a unit and period, as in `panel_of`; the unit must be what was assigned a date.
    NotEstimable as in `refusal`; "too_few_assignments" where
    no p-value could reach 5 %. No standard error is given.
    Source: Fisher 1935; Roth and Sant'Anna 2023 for the studentised statistic.
    """
    method = "permutation" if lot.randomised else "placebo_permutation"
    panel = panel_of(frame, replace(columns, cluster=None))
    what, draws = (quantity.estimand, method, quantity.unit), lot.draws
    comparison = average.comparison
    blocks = _blocks(frame, columns, panel)
    support, assignments = support_of(panel, comparison), number_of_assignments(panel.first, blocks)
    exact = assignments <= LISTED_AT_MOST and draws is None
    floor = 1 / (assignments if exact else (draws or FIRST) + 1)
    reason = refusal(panel, comparison) or ("too_few_assignments" if floor > ALPHA else None)
    few = min(support.clusters_treated, int((panel.first == NEVER).sum())) < STUDENTISED_FROM
    kind = "difference" if few and comparison == "never_treated" else "studentised"
    if reason:
        detail = f"smallest p-value {floor:.3f}"
        return StartDateTest(
            NotEstimable(*what, reason, support, detail), kind, 0, assignments, floor, exact
        )
    effects = group_time(panel, comparison=comparison)
    weights = weights_of(effects, average.aggregate, average.event_time)
    measure = _Measured.of(effects, weights, kind)
    test = permuted_effect_test(
        panel.first,
        blocks,
        measure.table,
        asked=lot.asked or Asked(),
        seed=lot.seed,
        draws=draws,
    )
    counted = test.drawn.draws
    if not test.bounded:
        return StartDateTest(
            NotEstimable(*what, "unbounded", support), kind, counted, assignments, floor, exact
        )
    words = f"{kind}, start dates permuted, {test.words}, floor {floor:.3g}, interval by inversion"
    words += "" if lot.randomised else "; assumes exchangeable places"
    found = Estimate(
        *what,
        test.value,
        test.conf_low,
        test.conf_high,
        p_value=test.p_value,
        support=support,
        reason=words,
        seed=None if exact else lot.seed,
    )
    return StartDateTest(found, kind, counted, assignments, floor, exact, test.drawn.decided)


def _blocks(frame: pd.DataFrame, columns: PanelColumns, panel: Panel) -> np.ndarray:
    unit, block = columns.unit, columns.block
    if block is None:
        return np.zeros(len(panel.units), dtype=int)
    require_fixed(frame, unit, block)
    return pd.factorize(frame.drop_duplicates(unit).set_index(unit).loc[panel.units, block])[0]


@dataclass(frozen=True, eq=False)
class _Measured:
    """What an assignment of start dates makes of the panel, as sums over units: no loop over
    assignments.

    Units with the same date play the same part in each cell (treated, comparison or neither), so
    that an assignment is an indicator (unit, date) and its effect a product with `part`. columns:
    the changes of each cell, and what a constant effect adds to them; own, others (dates x cells):
    share of a unit of that date in the two means.
    """

    dates: np.ndarray
    own: np.ndarray
    others: np.ndarray
    weights: np.ndarray
    columns: tuple[np.ndarray, np.ndarray]
    kind: str

    @classmethod
    def of(cls, effects: GroupTime, weights: np.ndarray, kind: str) -> "_Measured":
        used, first = weights != 0, effects.panel.first
        sides = [
            side[:, used] / side[:, used].sum(axis=0)
            for side in (effects.treated, effects.comparison)
        ]
        dates, holder = np.unique(first, return_index=True)
        started = np.arange(len(effects.panel.periods)) >= first[:, None]
        shift = started[:, effects.time[used]].astype(float) - started[:, effects.base[used]]
        columns = (effects.differences[:, used], shift)
        return cls(dates, sides[0][holder], sides[1][holder], weights[used], columns, kind)

    def table(self, chunk: np.ndarray) -> np.ndarray:
        """Rows (effect, shift, variance, covariance, shift variance) of assignments (rows of start
        dates)."""
        at = np.searchsorted(self.dates, chunk)
        indicator = (
            (at[:, :, None] == np.arange(len(self.dates))).reshape(len(chunk), -1).astype(float)
        )
        scores = [self._scores(column, indicator, at) for column in self.columns]
        found = np.ones((len(chunk), 5)) * (0.0, 0.0, 1.0, 0.0, 0.0)
        found[:, 0], found[:, 1] = (total for total, _ in scores)
        if self.kind == "studentised":
            (_, y), (_, d) = scores
            found[:, 2:] = np.stack(
                [(y * y).sum(axis=1), (y * d).sum(axis=1), (d * d).sum(axis=1)], axis=1
            )
        return found

    def _scores(
        self, column: np.ndarray, indicator: np.ndarray, at: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The weighted difference of means of each assignment, and what each unit adds to its
        error."""
        part = np.einsum("ij,gj,j->ig", column, self.own - self.others, self.weights)
        total = indicator @ part.ravel()
        if self.kind != "studentised":
            return total, total
        level = np.zeros((len(at), len(self.dates)))
        for side, sign in ((self.own, 1), (self.others, -1)):
            means = indicator @ (column[:, None, :] * side).reshape(-1, column.shape[1])
            level += sign * (means * self.weights) @ side.T
        own = part[np.arange(len(part)), at] - np.take_along_axis(level, at, axis=1)
        return total, own
