"""A staggered roll-out as arrays: outcomes by unit and period, cohorts of one start date, weights
of each estimand.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.coding import first_treated_period, numbers

COMPARISONS = ("not_yet_treated", "last_treated")


@dataclass(frozen=True, eq=False)
class Panel:
    """Balanced panel. outcomes: name -> units x periods; cohort: each unit's cohort code; starts:
    position of each cohort's first treated period, ascending (number of periods: never treated in
    them); sizes: units a cohort.
    """

    outcomes: dict[str, np.ndarray]
    cohort: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray
    periods: int
    units_started_before: int
    units_alone: int

    def without_first_period(self) -> "Panel":
        """The panel without units treated in its first period: they have no earlier outcome to be
        compared by."""
        return _panel(self, self.starts[self.cohort] > 0)


@dataclass(frozen=True, eq=False)
class Weights:
    """Linear weights on cohort means (cohorts x periods): effect = sum treated - sum comparison;
    before: the same contrast in the period before each cohort's start (the pre-treatment difference
    that beta multiplies).
    """

    treated: np.ndarray
    comparison: np.ndarray
    before: np.ndarray
    targets: int

    @property
    def effect(self) -> np.ndarray:
        return self.treated - self.comparison


def read_panel(
    frame: pd.DataFrame, *, assigned: str, period: str, start: str, outcomes: list[str]
) -> Panel:
    """Arrays of a long frame, one row a unit and period. ValueError, in words, for any fault that
    makes it no balanced panel with one start date a unit; units that started before the first
    period and cohorts of one unit are left out and counted."""
    missing = [name for name in (assigned, period, start, *outcomes) if name not in frame.columns]
    if missing:
        raise ValueError(
            f"no column {missing[0]!r}: name the columns of unit, period, start and outcome"
        )
    first_treated_period(frame, first_treated=start, period=period)
    frame = frame.assign(**{name: numbers(frame[name], name) for name in outcomes})
    codes, labels = pd.factorize(frame[assigned])
    times, when = pd.factorize(frame[period], sort=True)
    if not len(frame) or codes.min() < 0 or times.min() < 0:
        raise ValueError(f"{assigned!r} or {period!r} is missing in a row, or there is no row")
    if pd.api.types.is_numeric_dtype(when.dtype) and len(when) > 1 and np.ptp(np.diff(when)) > 0:
        raise ValueError(
            f"the values of {period!r} are not evenly spaced: number the periods without a gap"
        )
    _balanced(codes, times, len(labels), len(when), assigned, period)
    order = np.lexsort((times, codes))
    values = {name: frame[name].to_numpy(dtype=float, na_value=np.nan)[order] for name in outcomes}
    for name, column in values.items():
        if np.isinf(column).any():
            raise ValueError(f"outcome {name!r} is infinite in a row: correct it")
        if not np.isfinite(column).all():
            raise ValueError(f"outcome {name!r} is missing in a row: the panel is not balanced")
    shape = (len(labels), len(when))
    place = _start_places(frame[start].iloc[order], pd.Index(when), shape, start)
    by_unit = {name: column.reshape(shape) for name, column in values.items()}
    found, cohort = np.unique(place, return_inverse=True)
    whole = Panel(by_unit, cohort, found, np.bincount(cohort), shape[1], 0, 0)
    return _panel(whole, place >= 0)


def _balanced(codes, times, units, periods, assigned, period) -> None:
    cells = codes.astype(np.int64) * periods + times
    counts = np.bincount(cells, minlength=units * periods)
    if counts.max() > 1:
        raise ValueError(
            f"a unit has two rows in one period ({assigned!r}, {period!r}): one row each is needed"
        )
    if counts.min() == 0:
        raise ValueError(
            f"the panel is not balanced: some {assigned!r} has no row in some {period!r}"
        )


def _start_places(
    starts: pd.Series, when: pd.Index, shape: tuple[int, int], name: str
) -> np.ndarray:
    """Position of each unit's first treated period: -1 before the first period, number of periods
    for never."""
    numeric = pd.api.types.is_numeric_dtype(starts.dtype)
    values = (
        starts.to_numpy(dtype=float, na_value=np.nan) if numeric else starts.to_numpy()
    ).reshape(shape)
    never = pd.isna(values)
    if not (never.all(axis=1) | (~never.any(axis=1) & (values == values[:, :1]).all(axis=1))).all():
        raise ValueError(f"{name!r} changes within a unit: a unit has one start date")
    own, absent = values[:, 0], never[:, 0]
    place = np.full(shape[0], shape[1])
    dated = (
        pd.Index(own[~absent]).astype(when.dtype)
        if when.dtype.kind not in "iuf"
        else pd.Index(own[~absent])
    )
    found = when.get_indexer(dated)
    found = np.where(
        found >= 0, found, np.where(dated > when[-1], shape[1], np.where(dated < when[0], -1, -2))
    )
    if (found == -2).any():
        raise ValueError(
            f"{name!r} holds a date between two periods: use the values of the period column"
        )
    place[~absent] = found
    return place


def _panel(panel: Panel, kept: np.ndarray) -> Panel:
    """The kept units, less cohorts left with one unit: a cohort of one shows no spread."""
    alone = kept & (np.bincount(panel.cohort[kept], minlength=len(panel.starts)) == 1)[panel.cohort]
    use = kept & ~alone
    starts, cohort = np.unique(panel.starts[panel.cohort[use]], return_inverse=True)
    return Panel(
        {name: values[use] for name, values in panel.outcomes.items()},
        cohort,
        starts,
        np.bincount(cohort),
        panel.periods,
        panel.units_started_before + int((~kept).sum()),
        panel.units_alone + int(alone.sum()),
    )


def weights_of(
    panel: Panel, estimand: str, event_time: int | None, comparison: str
) -> Weights | None:
    """Weights of an estimand; None where no cohort has both a period to be seen in and one still to
    be treated then."""
    targets = _targets(panel, estimand, event_time)
    if not targets:
        return None
    shape, last = (len(panel.starts), panel.periods), panel.starts == panel.starts[-1]
    treated, against, before = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for g, t, weight in targets:
        waiting = (panel.starts > max(t, panel.starts[g])) & (
            last if comparison == "last_treated" else True
        )
        share = weight * panel.sizes * waiting / panel.sizes[waiting].sum()
        treated[g, t] += weight
        against[:, t] += share
        if panel.starts[g] > 0:
            before[g, panel.starts[g] - 1] += weight
            before[:, panel.starts[g] - 1] -= share
    return Weights(treated, against, before, len(targets))


def _targets(panel: Panel, estimand: str, event_time: int | None) -> list[tuple[int, int, float]]:
    """(cohort, period, weight) of every effect that the estimand averages; weights add up to 1."""
    starts, sizes, end = panel.starts, panel.sizes, min(panel.starts[-1], panel.periods)
    cells = [(g, t) for g, first in enumerate(starts[:-1]) for t in range(first, end)]
    if estimand == "event":
        cells = [
            (g, s + event_time) for g, s in enumerate(starts[:-1]) if 0 <= s + event_time < end
        ]
    if not cells:
        return []
    cohorts, times = np.array(cells).T
    weight = sizes[cohorts].astype(float)
    if estimand == "cohort":
        weight /= np.bincount(cohorts)[cohorts]
    if estimand == "calendar":
        weight /= np.bincount(times, sizes[cohorts])[times]
    return list(
        zip(cohorts.tolist(), times.tolist(), (weight / weight.sum()).tolist(), strict=True)
    )
