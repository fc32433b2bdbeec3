"""Each start of a roll-out beside the same months of the units of its block that never start.

One row a started unit, and one a never-started unit for each start in its block. Everything here is
a difference within block and start, so that block x period effects are gone; units count by their
weight since the start, as the estimand does; errors are clustered on unit by CR2 (a never-started
unit serves every start of its block).
"""

from dataclasses import dataclass

import numpy as np

from analysis.designs.rollouts.imputation import WeightedPanel
from analysis.inference.absorbed.effects import independent_columns
from analysis.inference.clusters import CR2_REASON, SINGULAR, CoefficientTest


@dataclass(frozen=True, eq=False)
class StartRows:
    """unit: row of the panel; start: column of the first treated period of the start it stands
    beside; cell: block and start; started: is it a unit that started then; weight: people (or
    periods) since the start."""

    panel: WeightedPanel
    unit: np.ndarray
    start: np.ndarray
    cell: np.ndarray
    started: np.ndarray
    weight: np.ndarray

    def mean(self, low: np.ndarray | int, high: np.ndarray | int) -> np.ndarray:
        """Weighted mean of each row's unit over the columns from `low` up to, and without, `high`
        (one for all rows, or one a row); NaN where nobody was seen in them."""
        column = np.arange(self.panel.values.shape[1])
        low, high = (np.broadcast_to(end, len(self.unit))[:, None] for end in (low, high))
        weights = self.panel.weights[self.unit] * ((column >= low) & (column < high))
        total = weights.sum(axis=1)
        sums = (weights * self.panel.values[self.unit]).sum(axis=1)
        return np.divide(sums, total, out=np.full(len(total), np.nan), where=total > 0)

    def only(self, rows: np.ndarray) -> "StartRows":
        """Those rows, without cells that have one side only."""
        part = self.both_sides(rows)
        return StartRows(
            self.panel,
            *(a[part] for a in (self.unit, self.start, self.cell, self.started, self.weight)),
        )

    def both_sides(self, rows: np.ndarray) -> np.ndarray:
        """Those of `rows` (true or false) in cells that keep both sides."""
        cells = int(self.cell.max(initial=-1)) + 1
        sides = [
            np.bincount(self.cell[rows & side], minlength=cells) > 0
            for side in (self.started, ~self.started)
        ]
        return rows & (sides[0] & sides[1])[self.cell]


def start_rows(panel: WeightedPanel) -> StartRows:
    """The rows of a panel that were seen since their start; none where no block has both sides."""
    rows = [
        (unit, start, block, panel.start[unit] == start)
        for block in np.unique(panel.block)
        for start in np.unique(panel.start[(panel.block == block) & panel.started])
        for unit in np.flatnonzero(
            (panel.block == block) & ((panel.start == start) | ~panel.started)
        )
    ]
    unit, start, block, started = np.array(rows, dtype=int).reshape(-1, 4).T
    cell = np.unique(np.stack([block, start]), axis=1, return_inverse=True)[1].ravel()
    since = np.arange(panel.values.shape[1]) >= start[:, None]
    weight = (panel.weights[unit] * since).sum(axis=1)
    return StartRows(panel, unit, start, cell, started.astype(bool), weight).only(weight > 0)


def difference(rows: StartRows, outcome: np.ndarray, *alike: np.ndarray) -> CoefficientTest | None:
    """Mean difference in `outcome` (one a row) between started units and the others of their cell,
    `alike` held alike.

    Rows without a value are left out. None: fewer than two started units, or no variance.
    """
    known = rows.both_sides(np.isfinite(np.column_stack([outcome, *alike])).all(axis=1))
    part, columns = rows.only(known), np.column_stack([rows.started.astype(float), *alike])[known]
    if part.started.sum() < 2:
        return None
    root = np.sqrt(part.weight / part.weight.mean())[:, None]
    cells, _ = np.linalg.qr((part.cell[:, None] == np.unique(part.cell)) * root)
    table = np.column_stack([columns, outcome[known]]) * root
    within = table - cells @ (cells.T @ table)
    kept = independent_columns(within[:, :-1], columns)
    return _cr2(cells, within[:, kept], within[:, -1], part.unit) if kept and kept[0] == 0 else None


def _cr2(
    cells: np.ndarray, columns: np.ndarray, outcome: np.ndarray, unit: np.ndarray
) -> CoefficientTest | None:
    """CR2 test of the first column (cells taken out of all), as `inference/clusters.cr2` for few
    rows and with weights."""
    others, _ = np.linalg.qr(columns[:, 1:])
    direction = columns[:, 0] - others @ (others.T @ columns[:, 0])
    information = float(direction @ direction)
    basis = np.column_stack([cells, others, direction / np.sqrt(information)])
    residual, value = (
        outcome - basis @ (basis.T @ outcome),
        float(direction @ outcome) / information,
    )
    adjusted = np.zeros((len(np.unique(unit)), len(unit)))
    for row, code in zip(adjusted, np.unique(unit), strict=True):
        own = unit == code
        squared, side = np.linalg.eigh(np.eye(own.sum()) - basis[own] @ basis[own].T)
        root = np.where(squared > SINGULAR, 1 / np.sqrt(np.maximum(squared, SINGULAR)), 0.0)
        row[own] = side @ (root * (side.T @ direction[own]))
    terms = adjusted - (adjusted @ basis) @ basis.T
    variance, products = float(((adjusted @ residual) ** 2).sum()) / information**2, terms @ terms.T
    trace = float(np.trace(products))
    if (
        variance <= 1e-24 * float(outcome @ outcome) / information
        or trace <= SINGULAR * information
    ):
        return None
    return CoefficientTest(
        value, float(np.sqrt(variance)), trace**2 / float((products**2).sum()), CR2_REASON
    )
