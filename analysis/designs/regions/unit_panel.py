"""Units by periods: the mean outcome of each region or site in each month, complete, before and
after one start.

A period is the shortest of LENGTHS in which every unit has at least FEWEST people, so that numbers
of people decide before any outcome is read. Quarters and not months: with some hundred people a
month, weights follow chance (over 40 synthetic nations the synthetic difference in differences of
months missed what is planted by 2.2 in every 100, that of quarters by 1.9; tests/simulations).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.columns import ChangeColumns
from analysis.results import Support

LENGTHS = (3, 6)  # months in a period, counted from the start backwards and forwards
FEWEST = 10  # people of a unit in a period; chosen: fewer make a mean that nobody can print
FEWEST_BEFORE = 8  # periods; chosen: as many as an interrupted series asks for on either side
FEWEST_AFTER = 2
CELLS = 8  # treated or not, before or after, with or without the event


@dataclass(frozen=True, eq=False)
class UnitPanel:
    """means: units x periods, in the unit of the result; none is missing.

    units: their names, in order; treated: which of them had the initiative. before: so many first
    periods lie before the start. months: the length of a period.
    """

    units: tuple[str, ...]
    treated: np.ndarray
    means: np.ndarray
    before: int
    months: int
    support: Support

    @property
    def own(self) -> np.ndarray:
        """Mean series of the treated units."""
        return self.means[self.treated].mean(axis=0)

    @property
    def others(self) -> np.ndarray:
        """Series of the units without it."""
        return self.means[~self.treated]

    def with_treated(self, treated: np.ndarray) -> "UnitPanel":
        """The same numbers, as if other units had been treated."""
        return UnitPanel(self.units, treated, self.means, self.before, self.months, self.support)

    def up_to(self, periods: int, before: int) -> "UnitPanel":
        """The first `periods` alone, as if the start had come after `before` of them."""
        means = self.means[:, :periods]
        return UnitPanel(self.units, self.treated, means, before, self.months, self.support)

    def without(self, unit: int) -> "UnitPanel":
        """The panel without one unit, by its position."""
        kept = np.arange(len(self.units)) != unit
        names = tuple(np.array(self.units)[kept])
        return UnitPanel(
            names, self.treated[kept], self.means[kept], self.before, self.months, self.support
        )


def unit_panel(
    frame: pd.DataFrame,
    columns: ChangeColumns,
    *,
    treated: tuple[str, ...],
    start: pd.Timestamp,
    lengths: Sequence[int] = LENGTHS,
) -> UnitPanel | str:
    """The panel of one row a person or case; else why there is none, a key of
    NOT_ESTIMABLE_REASONS.

    `columns.period` holds days. lengths: of a period in months, the first that will do. Whole
    periods only: what lies before the first whole one, or after the last, is left out.
    """
    if not set(treated) <= set(frame[columns.unit]):
        return "no_comparison"
    since = _months_since(frame[columns.period], start)
    for months in lengths:
        period = np.floor_divide(since, months)
        first, after = -(-since.min() // months), (since.max() + 1) // months
        inside = (period >= first) & (period < after)
        counts = _by_cell(frame, columns, period, inside, "size")
        if counts.empty or counts.isna().any(axis=None) or counts.to_numpy().min() < FEWEST:
            continue
        if -first < FEWEST_BEFORE or after < FEWEST_AFTER:
            return "incomplete_periods"
        means = _by_cell(frame, columns, period, inside, "mean") * columns.scale
        names = tuple(str(name) for name in means.index)
        side = np.array([name in treated for name in names])
        support = support_of(frame[inside], columns, side_of=treated, start=start)
        return UnitPanel(names, side, means.to_numpy(), int(-first), months, support)
    return "incomplete_periods"


def _months_since(days: pd.Series, start: pd.Timestamp) -> np.ndarray:
    """Whole months from the month of the start; below 0 before it."""
    days = pd.to_datetime(days)
    return ((days.dt.year - start.year) * 12 + days.dt.month - start.month).to_numpy()


def _by_cell(
    frame: pd.DataFrame, columns: ChangeColumns, period: np.ndarray, inside: np.ndarray, what: str
) -> pd.DataFrame:
    """Units by periods: people (size) or their mean outcome."""
    rows = pd.DataFrame(
        {
            "unit": frame[columns.unit].astype("str").to_numpy()[inside],
            "period": period[inside],
            "y": frame[columns.outcome].to_numpy(dtype=float)[inside],
        }
    )
    return rows.groupby(["unit", "period"])["y"].agg(what).unstack()


def support_of(
    frame: pd.DataFrame, columns: ChangeColumns, *, side_of: tuple[str, ...], start: pd.Timestamp
) -> Support:
    """What the comparison rests on. The smallest cell: treated or not, before or after, with or
    without the event (of an outcome that is no event, treated or not, before or after)."""
    own, after = frame[columns.unit].isin(side_of), frame[columns.period] >= start
    outcome = frame[columns.outcome]
    event = outcome.isin((0, 1)).all()
    by = [own, after, outcome] if event else [own, after]
    cells = frame.groupby(by).size()
    units, started = frame[columns.unit].nunique(), frame.loc[own, columns.unit].nunique()
    return Support(
        n=len(frame),
        n_identifying=len(frame),
        persons=len(frame),
        n_treated=int((own & after).sum()),
        clusters_treated=started,
        clusters_comparison=units - started,
        smallest_cell=int(cells.min()) if len(cells) == (CELLS if event else CELLS // 2) else 0,
        residual_df=len(frame) - 2 * units,  # a mean for each unit before and after
    )
