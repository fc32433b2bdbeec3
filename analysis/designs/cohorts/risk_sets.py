"""Risk sets: each person who joins something beside those who could have joined on that very day.

Time counts from the day of joining for both sides. Who counts from an earlier day on (entry,
eligibility) with "ever joined" as the exposure gives the joiners time in which nothing could happen
to them, since whoever had the event did not join any more: immortal time (Suissa 2008; Levesque and
others 2010). Those who join later stand in earlier sets as people who had not joined by then;
leaving them out would choose the comparison by its future. Matched within sets by the chance of
joining (radius matching on a propensity score that changes with time: Li, Propert and Rosenbaum
2001; Lu 2005).
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.designs.cohorts.balance import (
    Balance,
    balance_check,
    combined_codes,
    covariate_matrix,
    light,
    standardised_difference,
    treated_spread,
)
from analysis.designs.cohorts.matching import CALIPER, propensity_logit, radius_weights
from analysis.inference.coding import zero_one
from analysis.inference.columns import RiskColumns, SetColumns

FITTED_EACH = (
    50  # more hardly lower the error: the variance is about 1 + 1/50 times that of all others
)
BALANCE_COLUMNS = (
    "covariate",
    "mean_treated",
    "mean_comparison",
    "difference_before",
    "difference_after",
    "light",
)


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Every risk set as rows (arrays of one length): `row`, the position of a person in the frame;
    `risk_set`, the position of the one who joined; `treated`: it is that one; `day`: of joining."""

    row: np.ndarray
    risk_set: np.ndarray
    treated: np.ndarray
    day: np.ndarray

    @property
    def sets(self) -> int:
        return int(self.treated.sum())

    def of(self, joiners: np.ndarray) -> "RiskSets":
        """The sets of some joiners (bool, one a person of the frame)."""
        kept = joiners[self.risk_set]
        return RiskSets(self.row[kept], self.risk_set[kept], self.treated[kept], self.day[kept])


@dataclass(frozen=True, eq=False)
class MatchedSets:
    """Rows of risk sets with their weight: 1 for each joiner who was matched, shares of 1 for those
    in the caliper of a set, else 0. `logit`: of joining. reason: why nothing was matched."""

    weights: np.ndarray
    logit: np.ndarray
    treated: np.ndarray
    _balance: pd.DataFrame = field(repr=False)
    reason: str | None = None

    @property
    def n_treated(self) -> int:
        return int(self.treated.sum())

    @property
    def n_matched(self) -> int:
        return int((self.weights[self.treated] > 0).sum())

    @property
    def balance(self) -> Balance:
        """How alike both sides are before and after; check `balance`."""
        lights = self._balance["light"].tolist() if self.n_matched else []
        return Balance((balance_check(lights),), self._balance)


def risk_sets(people: pd.DataFrame, columns: RiskColumns) -> RiskSets:
    """The set of each person who joined while at risk: those of the same `exact` values who were at
    risk on that day and had not joined by then. Days are dates; a missing `joined` is never.

    Nobody stands beside somebody who joined on the same day. A set may hold its joiner alone.
    """
    since, until, joined = (
        people[name].to_numpy(dtype="datetime64[D]").astype(float)
        for name in (columns.since, columns.until, columns.joined)
    )
    never = people[columns.joined].isna().to_numpy()
    joined = np.where(never, np.inf, joined)
    stratum = combined_codes(people, list(columns.exact))
    joins = np.flatnonzero(~never & (since <= joined) & (joined < until))
    joins = joins[np.argsort(joined[joins], kind="stable")]
    members = {code: np.flatnonzero(stratum == code) for code in np.unique(stratum[joins])}
    parts: list[np.ndarray] = []
    for one in joins:
        same, day = members[stratum[one]], joined[one]
        there = (since[same] <= day) & (day < until[same]) & (joined[same] > day)
        parts.append(np.append(one, same[there]))
    sizes = np.array([len(part) for part in parts], dtype=int)
    row = np.concatenate(parts) if parts else np.zeros(0, dtype=int)
    of = np.repeat(joins, sizes)
    return RiskSets(row, of, row == of, joined[of])


def match_sets(rows: pd.DataFrame, columns: SetColumns, *, caliper: float = CALIPER) -> MatchedSets:
    """Weights within risk sets by the chance of joining; `caliper` in standard deviations of its
    logit. No row with a missing covariate number is matched.

    The chance is that of a logistic regression over the rows of all sets: the discrete form of the
    hazard of joining. It is fitted to all who joined and about `FITTED_EACH` others each, which
    changes its constant alone (Prentice and Pyke 1979).
    """
    treated = np.asarray(zero_one(rows[columns.treated], columns.treated)) == 1
    matrix = covariate_matrix(rows, list(columns.covariates))
    known = matrix.notna().all(axis=1).to_numpy()
    values, n = matrix.to_numpy(), len(rows)
    weights, logit = np.zeros(n), np.full(n, np.nan)
    side = treated[known]
    if not side.any() or side.all():
        return _unmatched(weights, logit, treated, "no_comparison")
    found = _chance_of_joining(side, values[known])
    if found is None:
        return _unmatched(weights, logit, treated, "separation")
    logit[known] = found
    sets = combined_codes(rows, [columns.risk_set])
    radius = caliper * float(np.nanstd(found, ddof=1))
    weights[known] = radius_weights(found, side, radius, sets[known])
    table = _balance_table(side, values[known], list(matrix.columns), weights[known])
    return MatchedSets(weights, logit, treated, table)


def _chance_of_joining(side: np.ndarray, values: np.ndarray) -> np.ndarray | None:
    """Logit of joining of every row (NaN: off common support); None where both sides are told
    apart."""
    others = np.flatnonzero(~side)
    step = len(others) // (FITTED_EACH * int(side.sum()))
    if step < 2:
        return propensity_logit(side, values)
    fitted = np.sort(np.append(np.flatnonzero(side), others[::step]))
    found = propensity_logit(side[fitted], values[fitted])
    if found is None or np.isnan(found[side[fitted]]).any():
        return propensity_logit(side, values)  # a level that the others chosen do not have
    there = np.isfinite(found)
    design = np.column_stack([np.ones(len(values)), values])
    seen = design[fitted][there]
    slopes = np.linalg.lstsq(seen, found[there], rcond=None)[0]
    flat = np.ptp(seen, axis=0) == 0
    return np.where((design[:, flat] == seen[0, flat]).all(axis=1), design @ slopes, np.nan)


def _unmatched(weights, logit, treated, reason: str) -> MatchedSets:
    return MatchedSets(weights, logit, treated, pd.DataFrame(columns=list(BALANCE_COLUMNS)), reason)


def _balance_table(
    side: np.ndarray, values: np.ndarray, names: list[str], weights: np.ndarray
) -> pd.DataFrame:
    """Means of both sides and how far apart they are, in percent of the joiners' spread: all rows
    of the sets before, by weight after."""
    inside, table = weights > 0, []
    for name, column in zip(names, values.T, strict=True):
        spread, means = treated_spread(column, side), (column[side].mean(), column[~side].mean())
        after = None
        if inside.any():
            own, others = (
                np.average(column[inside & part], weights=weights[inside & part])
                for part in (side, ~side)
            )
            after = standardised_difference(float(own - others), spread)
        before = standardised_difference(float(means[0] - means[1]), spread)
        table.append([name, float(means[0]), float(means[1]), before, after, light(after)])
    return pd.DataFrame(table, columns=list(BALANCE_COLUMNS))


def partners(rows: pd.DataFrame, matched: MatchedSets, columns: SetColumns) -> np.ndarray:
    """Positions of rows: each matched joiner and one partner, the one of the set whose chance of
    joining was closest and who is nobody's partner yet. Joiners come in the order of the rows.

    A joiner of whose set everybody is taken has no partner, and neither stands in it.
    """
    sets, person = rows[columns.risk_set].to_numpy(), combined_codes(rows, [columns.person])
    inside = np.flatnonzero(matched.weights > 0)
    order = inside[np.argsort(sets[inside], kind="stable")]
    own = np.split(order, np.flatnonzero(sets[order][1:] != sets[order][:-1]) + 1)
    own = [part for part in own if len(part)]
    own.sort(key=lambda part: int(part[matched.treated[part]].min()))
    taken, kept = np.zeros(person.max(initial=0) + 1, dtype=bool), []
    for part in own:
        joiner = part[matched.treated[part]][0]
        others = part[~matched.treated[part]]
        free = others[~taken[person[others]]]
        if len(free):
            nearest = free[np.argmin(np.abs(matched.logit[free] - matched.logit[joiner]))]
            taken[person[nearest]] = True
            kept += [joiner, nearest]
    return np.array(kept, dtype=int)


def unmatched(rows: pd.DataFrame, columns: SetColumns) -> MatchedSets:
    """Everybody of a set counts alike, whatever is recorded: 1 for the one who joined, 1/k for each
    of the k others; nobody of a set with a joiner alone."""
    treated = np.asarray(zero_one(rows[columns.treated], columns.treated)) == 1
    sets = combined_codes(rows, [columns.risk_set])
    others = np.bincount(sets[~treated], minlength=sets.max(initial=0) + 1)[sets]
    weights = np.where(others > 0, np.where(treated, 1.0, 1 / np.maximum(others, 1)), 0.0)
    logit = np.zeros(len(rows))
    return MatchedSets(weights, logit, treated, pd.DataFrame(columns=list(BALANCE_COLUMNS)))
