"""A long frame, one row a unit and period, laid out as units x periods."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Grid:
    """units, periods: in order; unit, period: where each row of the frame lies among them."""

    units: pd.Index
    periods: pd.Index
    unit: np.ndarray
    period: np.ndarray

    @classmethod
    def of(cls, frame: pd.DataFrame, unit: str, period: str) -> "Grid":
        rows = ((pd.factorize(frame[name], sort=True)) for name in (unit, period))
        (unit_of, units), (period_of, periods) = rows
        return cls(units, periods, unit_of, period_of)

    @property
    def doubled(self) -> bool:
        """A unit has two rows in one period."""
        cells = self.unit.astype(np.int64) * len(self.periods) + self.period
        return len(cells) > 0 and bool(np.bincount(cells).max() > 1)

    def filled(self, values: np.ndarray, absent: float = np.nan) -> np.ndarray:
        """One number a row laid out as units x periods."""
        found = np.full((len(self.units), len(self.periods)), absent)
        found[self.unit, self.period] = values
        return found

    def of_units(self, column: pd.Series) -> pd.Series:
        """The value in the first row of each unit, by unit."""
        first = np.zeros(len(self.units), dtype=np.int64)
        first[self.unit[::-1]] = np.arange(len(self.unit))[::-1]
        return column.iloc[first].set_axis(self.units)
