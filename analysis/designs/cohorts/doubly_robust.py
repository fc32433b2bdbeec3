"""Effect on the treated by weighting and a model of the outcome: right where either is right."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from analysis.designs.cohorts.balance import combined_codes, covariate_matrix
from analysis.designs.cohorts.matching import propensity_logit
from analysis.inference.absorbed.effects import independent_columns
from analysis.inference.coding import numbers, zero_one
from analysis.inference.columns import MatchColumns, Quantity
from analysis.results import Estimate, NotEstimable, Support, What, allowing_for

METHOD = "weighted_regression"
SMALLEST_SIDE = 30  # as matching (Justice Data Lab): fewer people on a side are refused
MOST_WEIGHT = 0.1  # of all weight on one comparison person: beyond it the rest tells nothing


@dataclass(frozen=True)
class Weighted:
    """Effect on the treated and its standard error, in the unit of the outcome; comparison: what
    the treated would have had."""

    value: float
    std_error: float
    comparison: float


def weighted_regression(
    people: pd.DataFrame, columns: MatchColumns, quantity: Quantity
) -> Estimate | NotEstimable:
    """Mean outcome of the treated less what a regression of the others, weighted to be like them,
    expects of them (`unit`).

    Inverse-probability-weighted regression adjustment, effect on the treated (Wooldridge 2007): the
    regression of the comparison people has weights e / (1 - e), e from a logistic regression on the
    same covariates and strata. Right where either model is. `exact` enters as levels; people off
    common support are left out. Errors from the stacked moment conditions, people independent.
    """
    people = people.assign(
        **{
            columns.treated: zero_one(people[columns.treated], columns.treated),
            columns.outcome: numbers(people[columns.outcome], columns.outcome),
        }
    )
    cells = "strata of the comparison"
    strata = combined_codes(people, list(columns.exact)).astype(str)
    matrix = covariate_matrix(people.assign(**{cells: strata}), [*columns.covariates, cells])
    used = matrix.notna().all(axis=1) & people[[columns.treated, columns.outcome]].notna().all(
        axis=1
    )
    side = people.loc[used, columns.treated].to_numpy(dtype=bool)
    y = people.loc[used, columns.outcome].to_numpy(dtype=float) * columns.scale
    what = (quantity.estimand, METHOD, quantity.unit)
    if min(side.sum(), (~side).sum()) < SMALLEST_SIDE:
        return NotEstimable(*what, "too_few_matched", Support(n=len(y)))
    values = matrix.loc[used].to_numpy()
    logit = propensity_logit(side, values)
    if logit is None:
        return NotEstimable(*what, "separation", Support(n=len(y)))
    there = np.isfinite(logit)
    side, y, values = side[there], y[there], values[there]
    support = _support(side, y, len(logit))
    if min(side.sum(), (~side).sum()) < SMALLEST_SIDE:
        return NotEstimable(*what, "too_few_matched", support)
    if np.ptp(y) == 0:
        return NotEstimable(*what, "constant_outcome", support)
    weight = np.exp(logit[there][~side])
    if weight.max() > MOST_WEIGHT * weight.sum():
        return NotEstimable(*what, "too_little_overlap", support)
    choice = _design(values, np.ones(len(y), dtype=bool))
    outcome = _design(values, ~side)
    found = effect_on_treated(y, side, outcome, choice)
    support = replace(support, residual_df=len(y) - choice.shape[1])
    result = _estimate(what, found, y, side, support)
    return allowing_for(result, *columns.exact, *columns.covariates)


def _design(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """A constant and the columns that do not repeat each other among some of the people."""
    own = values[among]
    kept = independent_columns(own - own.mean(axis=0), own)
    return np.column_stack([np.ones(len(values)), values[:, kept]])


def effect_on_treated(
    y: np.ndarray, side: np.ndarray, outcome_design: np.ndarray, choice_design: np.ndarray
) -> Weighted:
    """The effect from designs with a constant: of the outcome, and of who is treated (rows x
    columns)."""
    x, z, t = outcome_design, choice_design, side.astype(float)
    scale = np.maximum(np.abs(z).max(axis=0), 1e-12)
    z = z / scale
    choice = sm.Logit(t, z).fit(disp=0, maxiter=100)
    chance = choice.predict(z)
    odds = chance / (1 - chance)
    fit = sm.WLS(y[~side], x[~side], weights=odds[~side]).fit()
    left = y - x @ fit.params
    share = t.mean()
    value = float(left[side].mean())
    own = ((1 - t) * odds)[:, None]
    bread = (own * x).T @ x / len(y)
    moved = (own * x * left[:, None]).T @ z / len(y)
    information = ((chance * (1 - chance))[:, None] * z).T @ z / len(y)
    by_choice = ((t - chance)[:, None] * z) @ np.linalg.solve(information, moved.T)
    by_outcome = own * x * left[:, None] + by_choice
    reached = np.linalg.solve(bread.T, (t[:, None] * x).mean(axis=0))
    influence = (t * (left - value) - by_outcome @ reached) / share
    error = float(np.sqrt((influence**2).mean() / len(y)))
    return Weighted(value, error, float(y[side].mean() - value))


def _support(side: np.ndarray, y: np.ndarray, n: int) -> Support:
    event = len(np.unique(y)) <= 2
    cells = [int((part & kind).sum()) for part in (side, ~side) for kind in (y == 0, y != 0)]
    smallest = min(cells) if event else int(min(side.sum(), (~side).sum()))
    return Support(
        n=n,
        n_identifying=len(y),
        cells_identifying=1,
        n_treated=int(side.sum()),
        clusters_treated=int(side.sum()),
        clusters_comparison=int((~side).sum()),
        persons=n,
        smallest_cell=smallest,
    )


def _estimate(
    what: What, found: Weighted, y: np.ndarray, side: np.ndarray, support: Support
) -> Estimate | NotEstimable:
    if not found.std_error > 0:
        return NotEstimable(*what, "constant_outcome", support)
    width = float(stats.norm.ppf(0.975)) * found.std_error
    p = float(2 * stats.norm.sf(abs(found.value) / found.std_error))
    return Estimate(
        *what,
        found.value,
        found.value - width,
        found.value + width,
        found.std_error,
        p,
        comparison_estimated=found.comparison,
        group_value=float(y[side].mean()),
        support=support,
    )
