"""How many more of those who joined than of people like them had an event by a horizon, where other
exits compete: Aalen-Johansen on either side of matched risk sets.

Weights are those of `risk_sets.match_sets`. Each person's influence on the two incidences (the
infinitesimal jackknife) is added up over all sets in which that person stands, on either side, and
the spread of these sums gives the error: a person in many sets counts as one. Weights are taken as
known, which makes intervals no narrower (Lunceford and Davidian 2004, for the propensity score);
tests hold the rate of false alarms.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.designs.cohorts.balance import combined_codes
from analysis.designs.cohorts.matching import SMALLEST_MATCHED
from analysis.designs.cohorts.risk_sets import MatchedSets
from analysis.designs.trials.competing_exits import incidence_influence
from analysis.designs.trials.duration import CoxModel, cox, follow_up_reaches
from analysis.inference.clusters import t_interval
from analysis.inference.coding import exit_reason, numbers
from analysis.inference.columns import ExitColumns, Quantity, SetColumns
from analysis.results import Estimate, NotEstimable, Support, What, allowing_for

METHOD = "matched_incidence"
COX = "cox_within_sets"
NEAREST = 10  # of a set, in the Cox regression: more add time and hardly any information


@dataclass(frozen=True)
class Counted:
    """Which exit is counted by when: `cause` by `horizon`, in the unit of the times."""

    cause: object
    horizon: float


def matched_incidence(
    rows: pd.DataFrame,
    matched: MatchedSets,
    columns: tuple[SetColumns, ExitColumns],
    counted: Counted,
    quantity: Quantity,
) -> Estimate | NotEstimable:
    """Difference in the cumulative incidence of the cause by the horizon (in_every_100): those who
    joined less people like them.

    `rows`: of risk sets, with `time` from the day of the set and `exit` (missing: follow-up ended).
    group_estimated, comparison_estimated: both incidences. Refused below 30 matched joiners, where
    the follow-up of a side does not reach the horizon, or where a side had no event.
    """
    sets, exits = columns
    what = (quantity.estimand, METHOD, quantity.unit)
    inside = matched.weights > 0
    used = rows[inside]
    times = numbers(used[exits.time], exits.time)
    codes = _codes(exit_reason(used[exits.exit], exits.exit), counted.cause)
    side, weights = matched.treated[inside], matched.weights[inside]
    people = combined_codes(used, [sets.person])
    event = (codes == 1) & (times <= counted.horizon)
    support = _support(rows, matched, people, event, sets)
    reason = matched.reason or _refusal(times, codes, side, counted.horizon)
    if reason:
        return NotEstimable(*what, reason, support)
    sums, levels = np.zeros(people.max() + 1), []
    for part, sign in ((side, 1.0), (~side, -1.0)):
        own = weights[part]
        level, influence = incidence_influence(
            times[part], codes[part], counted.horizon, weights=own
        )
        sums += sign * np.bincount(people[part], own * influence / own.sum(), len(sums))
        levels.append(100 * level)
    error = 100 * float(np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum()))
    df = float(side.sum() - 1)
    found = _estimate(what, levels, error, df, support)
    return allowing_for(found, *sets.held, *sets.covariates)


def _codes(exits: pd.Series, cause: object) -> np.ndarray:
    """0 follow-up ended, 1 the cause, 2 any other exit."""
    is_cause = exits.eq(cause).fillna(False).to_numpy(dtype=bool)
    return np.where(exits.isna(), 0, np.where(is_cause, 1, 2)).astype(int)


def _refusal(times: np.ndarray, codes: np.ndarray, side: np.ndarray, horizon: float) -> str | None:
    if side.sum() < SMALLEST_MATCHED:
        return "too_few_matched"
    for part in (side, ~side):
        if not follow_up_reaches(times[part], codes[part] == 0, horizon):
            return "follow_up_incomplete"
        if not ((codes[part] == 1) & (times[part] <= horizon)).any():
            return "zero_events"
    return None


def _support(
    rows: pd.DataFrame,
    matched: MatchedSets,
    people: np.ndarray,
    event: np.ndarray,
    columns: SetColumns,
) -> Support:
    """People, each once; cells are sets. smallest_cell: people with, or without, the event on
    either side."""
    inside = matched.weights > 0
    side = matched.treated[inside]
    kinds = [(part & happened) for part in (side, ~side) for happened in (event, ~event)]
    return Support(
        n=rows[columns.person].nunique(),
        n_identifying=len(np.unique(people)),
        cells_identifying=int(side.sum()),
        n_treated=int(side.sum()),
        clusters_treated=int(side.sum()),
        clusters_comparison=len(np.unique(people[~side])),
        persons=len(np.unique(people)),
        smallest_cell=min(len(np.unique(people[kind])) for kind in kinds),
        residual_df=max(len(np.unique(people)) - 2, 0),
    )


def _estimate(
    what: What, levels: list[float], error: float, df: float, support: Support
) -> Estimate | NotEstimable:
    if not error > 0:
        return NotEstimable(*what, "constant_outcome", support)
    value = levels[0] - levels[1]
    low, high = t_interval(value, error, df)
    p = float(2 * stats.t.sf(abs(value / error), df))
    return Estimate(
        *what,
        value,
        low,
        high,
        error,
        p,
        df,
        support=support,
        group_estimated=levels[0],
        comparison_estimated=levels[1],
    )


def difference_between(
    one: Estimate, other: Estimate, quantity: Quantity, *, method: str = METHOD
) -> Estimate:
    """The effect of one group less that of another, of different people: errors add up."""
    if one.std_error is None or other.std_error is None:
        raise ValueError("a difference of two estimates needs the error of both")
    error = float(np.hypot(one.std_error, other.std_error))
    value = one.value - other.value
    df = _satterthwaite(one, other)
    low, high = t_interval(value, error, df)
    p = float(2 * stats.t.sf(abs(value / error), df))
    both = _of_both(one.support, other.support)
    made = Estimate(
        quantity.estimand, method, quantity.unit, value, low, high, error, p, df, support=both
    )
    return replace(made, allowed_for=one.allowed_for)


def _of_both(one: Support, other: Support) -> Support:
    """What rests on two groups of different people: their numbers together, the smaller cell."""
    summed = {
        name: getattr(one, name) + getattr(other, name)
        for name in (
            "n",
            "n_identifying",
            "cells_identifying",
            "n_treated",
            "clusters_treated",
            "clusters_comparison",
            "persons",
            "residual_df",
        )
    }
    return Support(**summed, smallest_cell=min(one.smallest_cell, other.smallest_cell))


def _satterthwaite(one: Estimate, other: Estimate) -> float:
    parts = [(e.std_error or 0.0) ** 2 for e in (one, other)]
    spread = sum(v**2 / (e.df or np.inf) for v, e in zip(parts, (one, other), strict=True))
    return float(sum(parts) ** 2 / spread)


def hazard_within_sets(
    rows: pd.DataFrame,
    matched: MatchedSets,
    columns: tuple[SetColumns, ExitColumns],
    cause: object,
    quantity: Quantity,
) -> Estimate | NotEstimable:
    """How many times as fast the cause came (times): Cox within risk sets, each joiner beside the
    `NEAREST` of the set; other exits end the follow-up (cause-specific).

    Each set is a stratum, so that nobody is compared across sets; errors are clustered on the
    person. Source: Cox 1972; Lin and Wei 1989.
    """
    sets, exits = columns
    what, side = (quantity.estimand, COX, quantity.unit), matched.treated
    if matched.reason or matched.n_matched < SMALLEST_MATCHED:
        return NotEstimable(*what, matched.reason or "too_few_matched")
    frame = rows.assign(
        event=(_codes(exit_reason(rows[exits.exit], exits.exit), cause) == 1).astype(float),
        joined=side.astype(float),
    )[_nearest(rows, matched, sets)]
    fit = cox(
        frame,
        time=exits.time,
        event="event",
        covariates=["joined"],
        cluster=sets.person,
        strata=sets.risk_set,
    )
    happened = frame["event"] == 1
    people = frame[sets.person]
    cells = [
        people[(frame["joined"] == s) & (happened == e)].nunique() for s in (0, 1) for e in (0, 1)
    ]
    support = Support(
        n=people.nunique(),
        n_identifying=people.nunique(),
        n_treated=int(frame["joined"].sum()),
        clusters_treated=int(frame["joined"].sum()),
        clusters_comparison=people[frame["joined"] == 0].nunique(),
        persons=people.nunique(),
        smallest_cell=min(cells),
        residual_df=max(people.nunique() - 1, 0),
    )
    if not isinstance(fit, CoxModel):
        return NotEstimable(*what, fit.reason, support)
    log = fit.estimates[0]
    value, low, high = (float(np.exp(x)) for x in (log.value, log.conf_low, log.conf_high))
    made = Estimate(*what, value, low, high, p_value=log.p_value, df=log.df, support=support)
    return allowing_for(made, *sets.held, *sets.covariates)


def _nearest(rows: pd.DataFrame, matched: MatchedSets, columns: SetColumns) -> np.ndarray:
    """Positions of matched joiners and of the closest of their sets within the caliper."""
    inside = np.flatnonzero(matched.weights > 0)
    sets = combined_codes(rows.iloc[inside], [columns.risk_set])
    centre = np.zeros(sets.max(initial=0) + 1)
    centre[sets[matched.treated[inside]]] = matched.logit[inside[matched.treated[inside]]]
    away = np.where(matched.treated[inside], -1.0, np.abs(matched.logit[inside] - centre[sets]))
    order = np.lexsort((away, sets))
    rank = np.arange(len(order)) - np.searchsorted(sets[order], sets[order], side="left")
    kept = np.zeros(len(rows), dtype=bool)
    kept[inside[order[rank <= NEAREST]]] = True
    return kept
