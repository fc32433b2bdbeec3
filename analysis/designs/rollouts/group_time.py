"""Group-time effects of a staggered roll-out and everything that is linear in them (Callaway and
Sant'Anna 2021).

ATT(g, t) is the change in mean outcome of the units first treated in g, from the period before g to
t, less that of the comparison units. Without covariates it is plain arithmetic on a units x periods
array, so that it can be permuted;
`staggered.py` asks a library for the rest. A unit counts once whatever its size: give site means.
Every estimate carries its influence function, one number a unit, so that sums and differences of
estimates get their joint variance: sum the functions, add within clusters, then square.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.rollouts.grid import Grid
from analysis.inference.clusters import CoefficientTest, has_infinite
from analysis.inference.coding import first_treated_period, numbers
from analysis.inference.columns import PanelColumns
from analysis.results import Estimate, NotEstimable, Support

NEVER = np.iinfo(np.int64).max  # position of the start of a unit that is never treated in the data
# clusters on a side below which the clustered interval sets no class (METHODS section 0 rule 3)
SMALLEST_SITES = 10
FEW_SITES = "fewer than 10 clusters on a side: permute the start dates"
AGGREGATES = ("simple", "group", "calendar", "event")


@dataclass(frozen=True, eq=False)
class Panel:
    """A balanced panel. outcome: units x periods, times the scale; first: position of the first
    treated period.

    left_out: units without a value in every period; already_treated: units treated in the first
    period, which have no "before" and serve neither side.
    """

    outcome: np.ndarray
    first: np.ndarray
    units: np.ndarray
    clusters: np.ndarray
    periods: np.ndarray
    left_out: int
    already_treated: int


@dataclass(frozen=True, eq=False)
class GroupTime:
    """ATT of each cell. group, time, base: positions of periods (cells); influence: units x cells;
    size: units of g.

    differences: units x cells, outcome at `time` less that at `base`; treated, comparison: which
    units serve the cell.
    """

    panel: Panel
    group: np.ndarray
    time: np.ndarray
    base: np.ndarray
    size: np.ndarray
    differences: np.ndarray
    treated: np.ndarray
    comparison: np.ndarray
    att: np.ndarray
    influence: np.ndarray
    rule: str  # which units are the comparison

    def to_frame(self) -> pd.DataFrame:
        """One row a cell: group and time as periods, event_time in periods, att, std_error
        clustered, units of each side."""
        periods, clusters = self.panel.periods, self.panel.clusters
        return pd.DataFrame(
            {
                "group": periods[self.group],
                "time": periods[self.time],
                "event_time": self.time - self.group,
                "att": self.att,
                "std_error": np.sqrt((cluster_sums(self.influence, clusters) ** 2).sum(axis=0)),
                "treated_units": self.size,
                "comparison_units": self.comparison.sum(axis=0),
            }
        )


@dataclass(frozen=True)
class Average:
    """What is averaged, beside whom.

    aggregate: "simple" all treated unit-periods alike; "group" cohorts by size; "calendar" periods
    alike; "event" times since the start alike, or one of them with `event_time` (0: the period of
    the start; below 0: a lead). comparison: "never_treated" or "not_yet_treated" (by then).
    """

    aggregate: str = "simple"
    event_time: int | None = None
    comparison: str = "never_treated"


def panel_of(frame: pd.DataFrame, columns: PanelColumns) -> Panel:
    """The balanced panel in a long frame with one row a unit and period; `first_treated` missing:
    never treated.

    Periods are numbers or dates; they count by position. ValueError: a unit has two rows in a
    period, or changes its start or its cluster; a first treated period coded as other tools code
    never (`inference/coding.py`).
    """
    unit, period, first_treated = columns.unit, columns.period, columns.first_treated
    outcome, cluster = columns.outcome, columns.cluster
    grid = Grid.of(frame, unit, period)
    if grid.doubled:
        raise ValueError(
            f"{unit} has two rows in one {period}: give one mean for each unit and period"
        )
    first_treated_period(frame, first_treated=first_treated, period=period)
    wide = grid.filled(numbers(frame[outcome], outcome))
    fixed = [first_treated] if cluster is None else [first_treated, cluster]
    for column in fixed:
        require_fixed(frame, unit, column)
    kept = ~np.isnan(wide).any(axis=1)
    own, periods = grid.of_units(frame[first_treated])[kept], grid.periods.to_numpy()
    first, starts = np.full(len(own), NEVER), own.notna().to_numpy()
    first[starts] = np.searchsorted(periods, own[starts].to_numpy())
    first[first >= len(periods)] = NEVER
    usable, units = first > 0, grid.units.to_numpy()
    labels = units if cluster is None else grid.of_units(frame[cluster]).to_numpy()
    return Panel(
        wide[kept][usable] * columns.scale,
        first[usable],
        units[kept][usable],
        labels[kept][usable],
        periods,
        int((~kept).sum()),
        int((~usable).sum()),
    )


def require_fixed(frame: pd.DataFrame, unit: str, column: str) -> None:
    """ValueError where `column` changes within a unit (missing is a value)."""
    units, values = (pd.factorize(frame[name], use_na_sentinel=False)[0] for name in (unit, column))
    first = np.unique(units, return_index=True)[1]
    if (values != values[first[units]]).any():
        raise ValueError(f"{column} changes within a {unit}: it must be fixed")


def cluster_sums(influence: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Influence (units x k) added within clusters (clusters x k), clusters in sorted order."""
    codes = np.unique(clusters, return_inverse=True)[1]
    return np.column_stack([np.bincount(codes, column) for column in np.atleast_2d(influence.T)])


def clustered_error(influence: np.ndarray, clusters: np.ndarray) -> float:
    """Standard error from an influence function (one number a unit, or a unit and group) added
    within clusters."""
    return float(np.sqrt((cluster_sums(influence, clusters) ** 2).sum()))


def refusal(panel: Panel, comparison: str) -> str | None:
    """Why the panel gives no estimate, the plainest reason first; `comparison` is "never_treated"
    or "not_yet_treated"."""
    if comparison not in ("never_treated", "not_yet_treated"):
        raise ValueError("comparison is 'never_treated' or 'not_yet_treated'")
    if not len(panel.first):
        return "treated_from_start" if panel.already_treated else "incomplete_periods"
    if has_infinite(panel.outcome):
        return "infinite_values"
    treated = panel.first != NEVER
    if not treated.any():
        return "treated_from_start" if panel.already_treated else "no_comparison"
    others = panel.first > panel.first.min() if comparison == "not_yet_treated" else ~treated
    if not others.any():
        return "no_comparison"
    sides = [len(np.unique(panel.clusters[side])) for side in (treated, others)]
    if min(sides) < 2:
        return "one_treated_site" if sides[0] < 2 else "too_few_sites"
    return "constant_outcome" if np.ptp(panel.outcome) == 0 else None


def group_time(
    panel: Panel, *, comparison: str = "never_treated", base: str = "varying"
) -> GroupTime:
    """ATT(g, t) of every cell that has units on both sides, before the start as well (leads).

    base "varying": a lead compares with the period before it; "universal": every cell compares with
    the period before g.
    """
    cells = [
        (g, t, g - 1 if t >= g or base == "universal" else t - 1)
        for g in np.unique(panel.first[panel.first != NEVER])
        for t in range(len(panel.periods))
        if (t != g - 1 if base == "universal" else t > 0)
    ]
    group, time, start = np.array(cells, dtype=np.int64).reshape(-1, 3).T
    own = panel.first[:, None] == group
    never = panel.first[:, None] == NEVER
    others = (
        never if comparison == "never_treated" else panel.first[:, None] > np.maximum(time, start)
    )
    others = np.broadcast_to(others, own.shape) & ~own
    kept = others.any(axis=0)
    group, time, start, own, others = (
        group[kept],
        time[kept],
        start[kept],
        own[:, kept],
        others[:, kept],
    )
    differences = panel.outcome[:, time] - panel.outcome[:, start]
    means = [(differences * side).sum(axis=0) / side.sum(axis=0) for side in (own, others)]
    influence = own * (differences - means[0]) / own.sum(axis=0) - others * (
        differences - means[1]
    ) / others.sum(axis=0)
    return GroupTime(
        panel,
        group,
        time,
        start,
        own.sum(axis=0),
        differences,
        own,
        others,
        means[0] - means[1],
        influence,
        comparison,
    )


def bins_of(
    effects: GroupTime, aggregate: str, event_time: int | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """What is averaged: (cells, multiplier) of each bin. Within a bin cohort size x multiplier
    weighs; bins count alike."""
    lag = effects.time - effects.group
    if event_time is not None:
        cells = np.flatnonzero(lag == event_time)
        return [(cells, np.ones(len(cells)))] if len(cells) else []
    post = np.flatnonzero(lag >= 0)
    if aggregate == "simple":
        return [(post, np.ones(len(post)))] if len(post) else []
    if aggregate == "group":
        length = np.array([(effects.group[post] == g).sum() for g in effects.group[post]])
        return [(post, 1 / length)] if len(post) else []
    if aggregate not in ("calendar", "event"):
        raise ValueError(f"aggregate is one of {', '.join(AGGREGATES)}")
    key = effects.time[post] if aggregate == "calendar" else lag[post]
    return [(post[key == value], np.ones((key == value).sum())) for value in np.unique(key)]


def weights_of(effects: GroupTime, aggregate: str, event_time: int | None = None) -> np.ndarray:
    """Weight of each cell in the aggregate (sums to 1; zeros where nothing falls in)."""
    weights, bins = np.zeros(len(effects.att)), bins_of(effects, aggregate, event_time)
    for cells, multiplier in bins:
        share = multiplier * effects.size[cells]
        weights[cells] += share / share.sum() / len(bins)
    return weights


def averaged(
    effects: GroupTime, aggregate: str, event_time: int | None = None
) -> tuple[float, np.ndarray]:
    """The aggregate and its influence function (units), cohort shares counted as estimated; NaN: no
    cell falls in."""
    weights = weights_of(effects, aggregate, event_time)
    if not weights.any():
        return np.nan, np.full(len(effects.influence), np.nan)
    influence, bins = effects.influence @ weights, bins_of(effects, aggregate, event_time)
    for cells, multiplier in bins:
        share = multiplier * effects.size[cells]
        distance = (
            multiplier
            * (effects.att[cells] - effects.att[cells] @ share / share.sum())
            / share.sum()
        )
        influence = influence + effects.treated[:, cells] @ distance / len(bins)
    return float(weights @ effects.att), influence


def att(
    outcome: np.ndarray,
    first: np.ndarray,
    *,
    comparison: str = "never_treated",
    aggregate: str = "simple",
) -> float:
    """Aggregate ATT of arrays (units x periods, and the position of each first treated period), in
    the outcome's unit.

    The point estimate alone, in well under a millisecond; `NEVER` marks a unit that is never
    treated.
    """
    units = np.arange(len(first))
    effects = group_time(
        Panel(outcome, first, units, units, np.arange(outcome.shape[1]), 0, 0),
        comparison=comparison,
    )
    return float(weights_of(effects, aggregate) @ effects.att)


def support_of(panel: Panel, comparison: str = "never_treated") -> Support:
    """Exact numbers: rows, treated rows from the start on, clusters of each side; `persons` counts
    units."""
    treated, length = panel.first != NEVER, len(panel.periods)
    others = (
        ~treated if comparison == "never_treated" else panel.first > panel.first.min(initial=NEVER)
    )
    on = np.maximum(length - np.minimum(panel.first, length), 0)
    return Support(
        n=panel.outcome.size,
        n_identifying=panel.outcome.size,
        n_treated=int(on.sum()),
        clusters_treated=len(np.unique(panel.clusters[treated])),
        persons=len(panel.first),
        clusters_comparison=len(np.unique(panel.clusters[others])),
        smallest_cell=int(min(treated.sum(), others.sum())),
    )


def estimate_of(
    what: tuple[str, str, str], value: float, error: float, panel: Panel, support: Support
) -> Estimate | NotEstimable:
    """The estimate with its interval, t on clusters less one; not `reliable` below 10 clusters on a
    side."""
    df = float(len(np.unique(panel.clusters)) - 1)
    if not (np.isfinite(value) and np.isfinite(error)):
        return NotEstimable(*what, "not_followed", support)
    if error <= 1e-12 * max(1.0, abs(value)):
        return NotEstimable(*what, "constant_outcome", support)
    test = CoefficientTest(value, error, df)
    few = min(support.clusters_treated, support.clusters_comparison) < SMALLEST_SITES
    return Estimate(
        *what,
        value,
        *test.interval(),
        error,
        test.p_value,
        df,
        support=support,
        reliable=not few,
        reason=FEW_SITES if few else None,
    )
