"""Radius matching on the propensity score, in the manner of the Justice Data Lab (METHODS section 2
row 2).

Each treated person is compared with every comparison person whose logit lies within the caliper
(and, if asked, in the same stratum); each of the k found counts 1/k and may be used again. Effect
on the treated.
"""

import warnings
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.tools.sm_exceptions import (
    ConvergenceWarning,
    HessianInversionWarning,
    PerfectSeparationWarning,
)

from analysis.designs.cohorts.balance import (
    Balance,
    balance_check,
    combined_codes,
    covariate_matrix,
    light,
    standardised_difference,
    treated_spread,
)
from analysis.inference.absorbed.effects import independent_columns
from analysis.inference.clusters import has_infinite, t_interval
from analysis.inference.coding import numbers, zero_one
from analysis.inference.columns import MatchColumns, Quantity
from analysis.results import Estimate, NotEstimable, Support, What, allowing_for

CALIPER = 0.2  # standard deviations of the logit (Austin 2011; METHODS section 2 row 2)
SMALLEST_MATCHED = 30  # Justice Data Lab: fewer matched people are refused
SMALLEST_SITES = 10  # clusters on a side (METHODS section 0 rule 3)
# A standardised slope beyond this is a fit that runs away: odds change by e^15 a standard
# deviation.
SEPARATED = 15.0
METHOD = "radius_matching"


@dataclass(frozen=True, eq=False)
class MatchedSample:
    """The people of a matched comparison as arrays, one entry a person (values: a row a person).

    y: outcome in its unit; side: treated; values: covariates as numbers; weights: 1 for a matched
    treated person, the sum of 1/k for a comparison person, 0 for whoever is in no match; clusters:
    codes that errors are clustered on; logit: of the propensity (NaN off common support); strata:
    codes within which people are matched. rows: the people, with their own index.
    """

    y: np.ndarray
    side: np.ndarray
    values: np.ndarray
    weights: np.ndarray
    clusters: np.ndarray
    logit: np.ndarray
    strata: np.ndarray
    rows: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Matched:
    """The matched comparison. Counts are people; `effective_comparison` is (sum w)^2 / sum w^2 of
    the weights used. sample: exact and private; None where nobody could be matched."""

    result: Estimate | NotEstimable
    balance: Balance
    n_treated: int
    n_matched: int
    n_comparison_used: int
    effective_comparison: float
    sample: MatchedSample | None = field(default=None, repr=False, compare=False)

    def summary(self) -> str:
        return f"{self.n_matched} of {self.n_treated} people were matched. {self.result.summary()}"


def propensity_logit(treated: np.ndarray, covariates: np.ndarray) -> np.ndarray | None:
    """Linear predictor of a logistic regression of `treated` on the covariates; None where they
    separate the sides.

    People with a 0/1 characteristic that only one side has are off common support: NaN (the limit
    of the fit).
    """
    logit = np.full(len(treated), np.nan)
    support = _common_support(treated, covariates)
    side, columns = treated[support], covariates[support]
    if not (side.any() and not side.all()):
        return None
    columns = columns[:, independent_columns(columns - columns.mean(axis=0), columns)]
    scaled = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    design = np.column_stack([np.ones(len(scaled)), scaled])
    with warnings.catch_warnings():
        for category in (
            ConvergenceWarning,
            HessianInversionWarning,
            PerfectSeparationWarning,
            RuntimeWarning,
        ):
            warnings.simplefilter("error", category)
        try:
            fit = sm.Logit(side.astype(float), design).fit(disp=0, maxiter=50)
        except (
            ConvergenceWarning,
            HessianInversionWarning,
            PerfectSeparationWarning,
            RuntimeWarning,
        ):
            return None
        except np.linalg.LinAlgError:
            return None
    if np.abs(fit.params[1:]).max(initial=0) > SEPARATED:
        return None
    logit[support] = design @ fit.params
    return logit


def radius_match(
    people: pd.DataFrame,
    columns: MatchColumns,
    quantity: Quantity,
    *,
    caliper: float = CALIPER,
) -> Matched:
    """Mean outcome of the treated less that of the people like them (`unit`), with balance before
    and after matching.

    Value and interval: weighted regression of the outcome on treatment and covariates, clustered on
    `site` if given, else on the person (a comparison person used again counts as one);
    `group_value` is the mean of the matched, `comparison_estimated` the weighted one of the people
    like them. No bootstrap: it fails for matching with replacement (Abadie and Imbens 2008). Rows
    with a missing outcome, treatment or covariate number are left out.
    """
    treated, outcome, person, site = columns.treated, columns.outcome, columns.person, columns.site
    people = people.assign(
        **{treated: zero_one(people[treated], treated), outcome: numbers(people[outcome], outcome)}
    )
    matrix = covariate_matrix(people, list(columns.covariates))
    used = (
        matrix.notna().all(axis=1).to_numpy()
        & people[[treated, outcome]].notna().all(axis=1).to_numpy()
    )
    rows, values = people.loc[used], matrix.loc[used].to_numpy()
    side, y = (
        rows[treated].to_numpy(dtype=bool),
        rows[outcome].to_numpy(dtype=float) * columns.scale,
    )
    what, persons = (
        (quantity.estimand, METHOD, quantity.unit),
        (combined_codes(rows, [person]) if person else np.arange(len(rows))),
    )
    if has_infinite(y, values):
        return _refused(what, "infinite_values", Support(n=len(rows)), side, values[:, :0], [])
    if not side.any() or side.all():
        return _refused(what, "no_comparison", Support(n=len(rows)), side, values, matrix.columns)
    logit = propensity_logit(side, values)
    if logit is None:
        return _refused(what, "separation", Support(n=len(rows)), side, values, matrix.columns)
    strata = (
        combined_codes(rows, list(columns.exact))
        if columns.exact
        else np.zeros(len(rows), dtype=int)
    )
    weights = radius_weights(logit, side, caliper * float(np.nanstd(logit, ddof=1)), strata)
    sites = combined_codes(rows, [site]) if site else None
    support = _support(side, weights, y, persons, strata, sites)
    reason = _refusal(side, weights, y, support, sites)
    clusters = persons if sites is None else sites
    sample = MatchedSample(y, side, values, weights, clusters, logit, strata, rows)
    result = NotEstimable(*what, reason, support) if reason else _effect(what, sample, support)
    result = allowing_for(result, *columns.exact, *columns.covariates)
    comparison = weights[~side]
    effective = comparison.sum() ** 2 / (comparison**2).sum() if comparison.any() else 0.0
    table = _balance(side, values, matrix.columns, weights)
    return Matched(
        result,
        table,
        int(side.sum()),
        int((weights[side] > 0).sum()),
        int((comparison > 0).sum()),
        float(effective),
        sample,
    )


def radius_weights(
    logit: np.ndarray, treated: np.ndarray, radius: float, strata: np.ndarray
) -> np.ndarray:
    """Weight of each person: 1 for a matched treated person, the sum of 1/k for a comparison
    person, else 0.

    Strata are laid end to end on one axis, further apart than any radius, so that one sorted search
    serves them all.
    """
    weights, there = np.zeros(len(logit)), np.isfinite(logit)
    if not (there & treated).any() or not (there & ~treated).any():
        return weights
    position = logit + strata * (2 * (np.ptp(logit[there]) + radius) + 1)
    own, others = np.flatnonzero(there & treated), np.flatnonzero(there & ~treated)
    others = others[np.argsort(position[others], kind="stable")]
    first = np.searchsorted(position[others], position[own] - radius, side="left")
    last = np.searchsorted(position[others], position[own] + radius, side="right")
    found = last - first
    matched = found > 0
    share = 1 / found[matched]
    first, last, length = first[matched], last[matched], len(others) + 1
    steps = np.bincount(first, share, length) - np.bincount(last, share, length)
    covered = np.bincount(first, minlength=length) - np.bincount(last, minlength=length)
    # The running sum leaves rounding dust where no treated person reaches: the count says exactly
    # where that is.
    weights[others] = np.where(np.cumsum(covered)[:-1] > 0, np.cumsum(steps)[:-1], 0.0)
    weights[own[matched]] = 1.0
    return weights


def _common_support(treated: np.ndarray, covariates: np.ndarray) -> np.ndarray:
    """Rows whose every 0/1 characteristic occurs on both sides."""
    keep = np.ones(len(treated), dtype=bool)
    binary = [column for column in covariates.T if np.isin(column, (0.0, 1.0)).all()]
    changed = True
    while changed:
        changed = False
        for column in binary:
            for level in (0.0, 1.0):
                here = keep & (column == level)
                if here.any() and (treated[here].all() or not treated[here].any()):
                    keep &= ~here
                    changed = True
    return keep


def _support(side, weights, y, persons, strata, sites) -> Support:
    inside = weights > 0
    clusters = persons if sites is None else sites
    parts = (inside & side, inside & ~side)
    event = bool(len(np.unique(y)) <= 2 and (y == 0).any())
    counted = [part & (kind if event else True) for part in parts for kind in (y == 0, y != 0)]
    return Support(
        n=len(y),
        n_identifying=int(inside.sum()),
        cells_identifying=len(np.unique(strata[inside])),
        n_treated=int(parts[0].sum()),
        clusters_treated=len(np.unique(clusters[parts[0]])),
        clusters_comparison=len(np.unique(clusters[parts[1]])),
        persons=len(np.unique(persons)),
        smallest_cell=min(len(np.unique(persons[part])) for part in counted),
    )


def _refusal(side, weights, y, support, sites) -> str | None:
    inside = weights > 0
    if support.n_treated < SMALLEST_MATCHED:
        return "too_few_matched"
    if (
        sites is not None
        and min(support.clusters_treated, support.clusters_comparison) < SMALLEST_SITES
    ):
        return "too_little_overlap"
    if np.ptp(y[inside]) == 0:
        return "constant_outcome"
    event = len(np.unique(y)) <= 2 and (y == 0).any()
    if event and min(np.ptp(y[inside & side]), np.ptp(y[inside & ~side])) == 0:
        return "zero_events"
    return None


def _effect(what: What, sample: MatchedSample, support: Support) -> Estimate | NotEstimable:
    y, side, values, weights = sample.y, sample.side, sample.values, sample.weights
    inside = weights > 0
    columns = np.column_stack([side, values])[inside].astype(float)
    root = np.sqrt(weights[inside])[:, None]
    centred = (columns - np.average(columns, axis=0, weights=weights[inside])) * root
    kept = independent_columns(centred, columns)
    if 0 not in kept:
        return NotEstimable(*what, "collinear", support)
    clusters = sample.clusters[inside]
    design = sm.add_constant(columns[:, kept], has_constant="add")
    model = sm.WLS(y[inside], design, weights=weights[inside])
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True)
    value, error, df = float(fit.params[1]), float(fit.bse[1]), float(len(np.unique(clusters)) - 1)
    low, high = t_interval(value, error, df)
    means = [
        float(np.average(y[inside & part], weights=weights[inside & part]))
        for part in (side, ~side)
    ]
    return Estimate(
        *what,
        value,
        low,
        high,
        error,
        float(fit.pvalues[1]),
        df,
        comparison_estimated=means[1],
        group_value=means[0],
        support=replace(support, residual_df=int(fit.df_resid)),
    )


def _balance(side, values, names, weights) -> Balance:
    inside, table = weights > 0, []
    for name, column in zip(names, values.T, strict=True):
        spread, means = treated_spread(column, side), (column[side].mean(), column[~side].mean())
        after = None
        if inside.any():
            matched = [
                np.average(column[inside & part], weights=weights[inside & part])
                for part in (side, ~side)
            ]
            after = standardised_difference(matched[0] - matched[1], spread)
        before = standardised_difference(means[0] - means[1], spread)
        table.append([name, float(means[0]), float(means[1]), before, after, light(after)])
    columns = [
        "covariate",
        "mean_treated",
        "mean_comparison",
        "difference_before",
        "difference_after",
        "light",
    ]
    frame = pd.DataFrame(table, columns=columns)
    return Balance((balance_check(frame["light"].tolist()),), frame)


def _refused(
    what: What, reason: str, support: Support, side: np.ndarray, values: np.ndarray, names
) -> Matched:
    both = side.any() and not side.all()
    table = _balance(
        side, values if both else values[:, :0], names if both else [], np.zeros(len(side))
    )
    return Matched(NotEstimable(*what, reason, support), table, int(side.sum()), 0, 0, 0.0)
