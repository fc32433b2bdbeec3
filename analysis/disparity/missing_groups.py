"""What people whose ethnic group is not recorded could do to a ratio: bounds, imputation, tipping.

Their events are known, their group is not. Three ways, from what assumes nothing to what assumes
most: bounds hold the ratio whoever they are (Manski 1989); multiple imputation takes them for like
the recorded who are alike in what is recorded, the event included (missing at random; Rubin 1987);
a tipping point says how many of them would have to be of the group for a verdict to change. Where
people go unrecorded because of the event and their group, imputation is as wrong as the recorded
ratio, and nothing in the data shows it (tests/test_missing_groups.py): the bounds still hold.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.disparity.relative_rate import ALPHA
from analysis.inference.missing import Bounds
from analysis.results import Estimate, NotEstimable, Support

ESTIMAND, METHOD, UNIT = "relative_rate_index", "multiple_imputation", "times"
IMPUTATIONS = 50
STEPS = 100  # of a share, in which a tipping point is looked for


@dataclass(frozen=True)
class Side:
    """Events of some people, and what they are counted over (people, or time)."""

    events: float
    base: float


@dataclass(frozen=True)
class WithUnrecorded:
    """One comparison with those whose group is not recorded.

    others: everybody else whose group is recorded. carried: of the base, what an event brings with
    it (1 where events are people or decisions that are counted over such; 0 of events over time).
    """

    group: Side
    reference: Side
    others: Side
    unrecorded: Side
    carried: float = 1.0


def ratio_bounds(counts: WithUnrecorded) -> Bounds | None:
    """Lowest and highest ratio (times) that the unrecorded allow, whoever they are. Sharp where an
    event carries its base; of events over time an outer bound, since nobody knows whose time it
    was. None where the ratio has no bound: nobody of the reference group had the event."""
    hidden, carried = counts.unrecorded, counts.carried
    events = Side(hidden.events, carried * hidden.events)
    rest = Side(0.0, hidden.base - events.base)
    high_below = _plus(counts.reference, rest)
    if not high_below.events or not counts.group.base:
        return None
    low = _ratio(_plus(counts.group, rest), _plus(counts.reference, events))
    high = _ratio(_plus(counts.group, events), high_below)
    return Bounds(min(low, high), max(low, high))


def _plus(one: Side, other: Side) -> Side:
    return Side(one.events + other.events, one.base + other.base)


def _ratio(one: Side, other: Side) -> float:
    return (one.events / one.base) / (other.events / other.base)


# -- imputation ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Asked:
    """What is imputed: the group beside the reference, the word for those not recorded, the kind
    (share or rate), and by how much events of a side vary more than at random (times)."""

    group: str
    reference: str
    unrecorded: str
    kind: str
    inflation: tuple[float, float] = (1.0, 1.0)


def imputed_ratio(
    cells: pd.DataFrame, strata: Sequence[str], asked: Asked, *, seed: int
) -> Estimate | NotEstimable:
    """The ratio (times) with the unrecorded imputed from the recorded of the same stratum with the
    same outcome.

    `cells`: one row a stratum and group, with persons, persons_with_event, events, base. Each
    imputation draws the groups of people with the event, and of those without it, from a Dirichlet
    distribution of the recorded ones (one person more, at the share of all), then people from it.
    Events and time of the unrecorded go with the people drawn. Rubin's rules on the log ratio.
    """
    table = _Table.of(cells, list(strata), asked.unrecorded)
    support = _support(table, asked)
    if asked.group not in table.groups or asked.reference not in table.groups:
        return NotEstimable(ESTIMAND, METHOD, UNIT, "too_few_people", support)
    rng = np.random.default_rng(seed)
    found = [_one(table, asked, rng) for _ in range(IMPUTATIONS)]
    if not all(side.events for pair in found for side in pair):
        return NotEstimable(ESTIMAND, METHOD, UNIT, "zero_events", support)
    logs = np.array([math.log(_ratio(*pair)) for pair in found])
    within = np.array([_variance(pair, asked) for pair in found])
    value, error, df = pooled(logs, within)
    reach = error * float(stats.norm.isf(ALPHA / 2) if df is None else stats.t.isf(ALPHA / 2, df))
    ratio, low, high = (float(np.exp(x)) for x in (value, value - reach, value + reach))
    return Estimate(ESTIMAND, METHOD, UNIT, ratio, low, high, df=df, support=support, seed=seed)


def pooled(values: np.ndarray, within: np.ndarray) -> tuple[float, float, float | None]:
    """(mean, standard error, degrees of freedom; None: nothing varies between imputations) by
    Rubin's rules (1987)."""
    m = len(values)
    inner, between = float(within.mean()), (1 + 1 / m) * float(values.var(ddof=1))
    df = (m - 1) * (1 + inner / between) ** 2 if between > 1e-12 * inner else None
    return float(values.mean()), math.sqrt(inner + between), df


@dataclass(frozen=True, eq=False)
class _Table:
    """Counts by stratum (rows) and recorded group (columns), and those of the unrecorded."""

    groups: tuple[str, ...]
    having: np.ndarray
    without: np.ndarray
    events: np.ndarray
    base: np.ndarray
    hidden: np.ndarray  # by stratum: having, without, events, base

    @classmethod
    def of(cls, cells: pd.DataFrame, strata: list[str], unrecorded: str) -> "_Table":
        keys = strata or ["_all"]
        rows = cells if strata else cells.assign(_all=0)
        rows = rows.assign(without=rows["persons"] - rows["persons_with_event"])
        wide = {
            name: rows.pivot_table(
                index=keys, columns="group", values=name, aggfunc="sum", fill_value=0, observed=True
            )
            for name in ("persons_with_event", "without", "events", "base")
        }
        groups = tuple(g for g in wide["events"].columns if g != unrecorded)
        hidden = [
            t[unrecorded].to_numpy(float) if unrecorded in t else np.zeros(len(t))
            for t in wide.values()
        ]
        having, without, events, base = (t[list(groups)].to_numpy(float) for t in wide.values())
        return cls(groups, having, without, events, base, np.column_stack(hidden))


def _one(table: _Table, asked: Asked, rng: np.random.Generator) -> tuple[Side, Side]:
    """Group and reference with the unrecorded of one imputation."""
    drawn = [
        _drawn(rng, known, table.hidden[:, k].astype(int))
        for k, known in enumerate((table.having, table.without))
    ]
    people = drawn[0] + drawn[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        each_event = np.nan_to_num(table.hidden[:, 2] / table.hidden[:, 0])
        each_base = np.nan_to_num(table.hidden[:, 3] / table.hidden[:, :2].sum(axis=1))
    events = table.events.sum(axis=0) + each_event @ drawn[0]
    base = table.base.sum(axis=0) + each_base @ people
    at = [table.groups.index(name) for name in (asked.group, asked.reference)]
    return Side(events[at[0]], base[at[0]]), Side(events[at[1]], base[at[1]])


def _drawn(rng: np.random.Generator, known: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """People of each stratum and group among so many that are hidden."""
    overall = known.sum(axis=0) / max(known.sum(), 1.0)
    shares = rng.standard_gamma(np.maximum(known + overall, 1e-9))
    return rng.multinomial(hidden, shares / shares.sum(axis=1, keepdims=True))


def _variance(pair: tuple[Side, Side], asked: Asked) -> float:
    """Of the log ratio of one imputation."""
    if asked.kind == "share":
        return sum(1 / side.events - 1 / side.base for side in pair)
    return sum(f / side.events for side, f in zip(pair, asked.inflation, strict=True))


def _support(table: _Table, asked: Asked) -> Support:
    people = table.having + table.without
    at = [table.groups.index(n) for n in (asked.group, asked.reference) if n in table.groups]
    cells = [int(x) for a in (table.having, table.without) for x in a[:, at].sum(axis=0)]
    n = int(people[:, at].sum())
    return Support(
        n=n,
        n_identifying=n,
        n_treated=int(people[:, at[:1]].sum()),
        persons=n,
        smallest_cell=min(cells, default=0),
        residual_df=n,
    )


# -- tipping ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Tipping:
    """Where a verdict changes, in shares (0 to 1) of the unrecorded with the event who are of the
    group.

    like_recorded: the share among the recorded with the event. at: the share nearest to it at which
    the verdict is another one (None: at none from 0 to 1); becomes: that verdict.
    """

    like_recorded: float
    verdict: str
    at: float | None
    becomes: str | None = None


def tipping_point(counts: WithUnrecorded, verdict: Callable[[Side, Side], str]) -> Tipping | None:
    """How many of the unrecorded with the event would have to be of the group for the verdict to
    change; the others of them, and those without the event, are taken for like the recorded.

    `verdict`: of two sides. None where nobody recorded, or unrecorded, had the event.
    """
    recorded = [counts.group, counts.reference, counts.others]
    having = sum(side.events for side in recorded)
    if not having or not counts.unrecorded.events:
        return None
    like = counts.group.events / having
    first = verdict(counts.group, counts.reference)
    shares = sorted((k / STEPS for k in range(STEPS + 1)), key=lambda s: abs(s - like))
    for share in shares:
        found = verdict(*_sides(counts, share))
        if found != first:
            return Tipping(like, first, share, found)
    return Tipping(like, first, None)


def _sides(counts: WithUnrecorded, share: float) -> tuple[Side, Side]:
    """Group and reference, where so many of the unrecorded with the event are of the group."""
    hidden, carried = counts.unrecorded, counts.carried
    rest_base = hidden.base - carried * hidden.events
    recorded = (counts.group, counts.reference, counts.others)
    bare = sum(side.base - carried * side.events for side in recorded)
    not_group = counts.reference.events + counts.others.events
    own = share * hidden.events
    beside = (hidden.events - own) * (counts.reference.events / not_group if not_group else 0.0)

    def with_hidden(side: Side, more: float) -> Side:
        rest = rest_base * (side.base - carried * side.events) / bare if bare else 0.0
        return Side(side.events + more, side.base + carried * more + rest)

    return with_hidden(counts.group, own), with_hidden(counts.reference, beside)
