"""People behind an outcome, and the cells of units (courts, prisons) and periods that they lie in.

Text stands as categories (`unit`, `region`, `ethnic_group`), so that the same people are sorted
into cells many times over, by outcome and by group, as whole numbers.
"""

import numpy as np
import pandas as pd

from analysis.designs.rollouts.imputation import LEFT_OUT, WeightedPanel

UNIT = "unit"
TEXT = (UNIT, "region", "ethnic_group")
KEPT = (*TEXT, "month", "start", "started")


def with_categories(cases: pd.DataFrame, outcomes: tuple[str, ...]) -> pd.DataFrame:
    """What the roll-out works with of each case; categories in the order of their words."""
    return cases[[*KEPT, *outcomes]].astype(dict.fromkeys(TEXT, "category"))


def cell_sums(people: pd.DataFrame, outcome: str, period: pd.Series) -> pd.DataFrame:
    """One row a unit, region and period with people, in this order: `month` (the period), `value`
    (sum of outcome times weight) and `weight` (sum)."""
    unit, region = (people[name].cat for name in (UNIT, "region"))
    weight, first = people["weight"].to_numpy(), period.min()
    known = (period.notna() & (unit.codes >= 0) & (region.codes >= 0)).to_numpy()
    value = (people[outcome].to_numpy() * weight)[known]
    at = (period[known] - first).to_numpy(dtype=np.int64)
    shape = (len(unit.categories), len(region.categories), int(at.max(initial=0)) + 1)
    place = np.ravel_multi_index(
        (unit.codes[known].to_numpy(), region.codes[known].to_numpy(), at), shape
    )
    there = np.flatnonzero(np.bincount(place))
    rows = np.unravel_index(there, shape)
    return pd.DataFrame(
        {
            UNIT: pd.array(unit.categories, dtype="str")[rows[0]],
            "region": pd.array(region.categories, dtype="str")[rows[1]],
            "month": rows[2] + float(first),
            "value": np.bincount(place, value)[there],
            "weight": np.bincount(place, weight[known])[there],
        }
    )


def reasons_in(
    panel: WeightedPanel, people: pd.DataFrame, period: pd.Series, *, absent: str
) -> pd.Categorical:
    """Why each person is not used by a panel ("": is used); `absent` where their cell is not in
    it."""
    names = ["", *LEFT_OUT, absent]
    by_cell = pd.Categorical(panel.reason.ravel(), categories=names).codes.reshape(
        panel.reason.shape
    )
    codes = np.pad(  # last row and column: no such unit or period
        np.where(panel.weights > 0, by_cell, len(names) - 1),
        ((0, 1), (0, 1)),
        constant_values=len(names) - 1,
    )
    return pd.Categorical.from_codes(
        codes[_places(people[UNIT], panel.units), _positions(period, panel.periods)], names
    )


def reasons_of(reasons: pd.Series, people: pd.DataFrame) -> pd.Categorical:
    """Why each person is not used, from one reason a unit ("": its people are used)."""
    codes, names = pd.factorize(reasons)
    return pd.Categorical.from_codes(
        codes[_places(people[UNIT], tuple(reasons.index))], list(names)
    )


def in_cells(people: pd.DataFrame, period: pd.Series, cells: pd.DataFrame) -> np.ndarray:
    """Whose unit and period are among `cells` (rows of unit and month)."""
    units, periods = (np.unique(cells[name]) for name in (UNIT, "month"))
    there = np.zeros((len(units) + 1, len(periods) + 1), dtype=bool)
    there[np.searchsorted(units, cells[UNIT]), np.searchsorted(periods, cells["month"])] = True
    return there[_places(people[UNIT], tuple(units)), _positions(period, tuple(periods))]


def _places(unit: pd.Series, units: tuple) -> np.ndarray:
    """Position of each person's unit among `units`; -1 where it is not among them."""
    places = pd.Index(units, dtype=object).get_indexer(unit.cat.categories.astype(object))
    return np.append(places, -1)[unit.cat.codes]


def _positions(period: pd.Series, periods: tuple) -> np.ndarray:
    """The same of periods."""
    return pd.Index(periods, dtype=float).get_indexer(period)
