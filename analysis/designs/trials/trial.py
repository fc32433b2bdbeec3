"""Trial arms with a measure before and after (METHODS section 2): intention to treat, pairs,
equivalence, dose.

One row is a person, in the arm to which they, or their site, were assigned, whatever they then took
part in. Errors are clustered on what was assigned: `cluster` (site), else the person; CR2 with
Satterthwaite degrees of freedom. Rows without an outcome are left out:
`attrition.py` says how many, by arm. Who took part: `uptake.py`.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.designs.trials.trial_rows import (
    TrialRows,
    coefficient,
    refusal,
    support_of,
    trial_rows,
)
from analysis.inference.clusters import RELIABLE_DF
from analysis.inference.coding import numbers
from analysis.inference.columns import Pair, Quantity, TrialColumns
from analysis.inference.multiplicity import holm
from analysis.results import CheckResult, Estimate, NotEstimable, Support, What, allowing_for
from analysis.said.numbers import cleared_p
from analysis.said.texts import say

ALPHA = 0.05


@dataclass(frozen=True)
class ArmComparison:
    """arm less `against`; p_holm: adjusted over all pairs of the trial (None: not estimable)."""

    arm: str | float
    against: str | float
    result: Estimate | NotEstimable
    p_holm: float | None


def intention_to_treat(
    people: pd.DataFrame,
    columns: TrialColumns,
    quantity: Quantity,
    pair: Pair,
    *,
    errors: str = "cr2",
) -> Estimate | NotEstimable:
    """Mean outcome of those assigned to `treated` less that of those assigned to `comparison`
    (`unit`), pre-tests held alike.

    Analysis of covariance with all arms in one model, within `blocks`. `group_value` and
    `comparison_value` are the plain means of the two arms. Fewer than four Satterthwaite degrees of
    freedom: not `reliable`. Source: Fisher 1932.
    """
    rows = trial_rows(people, columns)
    found = _contrast(rows, pair, _what(columns, quantity), errors)
    return allowing_for(found, *columns.held)


def _what(columns: TrialColumns, quantity: Quantity) -> What:
    method = "ancova" if columns.pre else "difference_in_means"
    return quantity.estimand, method, quantity.unit


def pairwise(
    people: pd.DataFrame,
    columns: TrialColumns,
    quantity: Quantity,
    *,
    errors: str = "cr2",
) -> tuple[ArmComparison, ...] | NotEstimable:
    """Every pair of arms, in alphabetical order, as `intention_to_treat`, p-values by Holm over the
    pairs that could be tested."""
    rows = trial_rows(people, columns)
    names, what = sorted(set(rows.arm.tolist()), key=str), _what(columns, quantity)
    if len(names) < 2:
        return NotEstimable(*what, "one_arm", Support(n=len(rows.arm)))
    pairs = [Pair(later, first) for first, later in itertools.combinations(names, 2)]
    results = [allowing_for(_contrast(rows, pair, what, errors), *columns.held) for pair in pairs]
    adjusted = holm([r.p_value if isinstance(r, Estimate) else None for r in results])
    return tuple(
        ArmComparison(pair.treated, pair.comparison, r, p)
        for pair, r, p in zip(pairs, results, adjusted, strict=True)
    )


def equivalence(result: Estimate, *, smallest_effect: float) -> CheckResult:
    """Whether any difference is smaller than `smallest_effect` (above 0, unit of the result),
    either way.

    Two one-sided tests at 5 % (Schuirmann 1987); value: the larger p-value. passed None: no
    standard error, or not
    `reliable`. Not passed does not mean that the arms differ.
    """
    if smallest_effect <= 0:
        raise ValueError("the smallest effect of interest lies above 0")
    if result.std_error is None or not result.reliable:
        return CheckResult(
            "equivalence",
            None,
            "Whether the difference is too small to matter could not be tested.",
            bears_on="nothing",
        )
    law = stats.norm if result.df is None else stats.t(result.df)
    p = float(law.sf((smallest_effect - abs(result.value)) / result.std_error))
    words = "is smaller than" if p <= ALPHA else "is not shown to be smaller than"
    text = say(
        "The difference {words} the smallest that matters ({p}).", words=words, p=cleared_p(p)
    )
    return CheckResult(
        "equivalence", p <= ALPHA, text, p, ALPHA, bears_on="nothing", shown=cleared_p(p)
    )


def dose_trend(
    people: pd.DataFrame,
    columns: TrialColumns,
    quantity: Quantity,
    *,
    errors: str = "cr2",
) -> Estimate | NotEstimable:
    """Change in the outcome (`unit`) with one more step of the dose that was assigned, a number
    (`columns.arm`: tier 0, 1, 2).

    Supposes equal steps. A dose that people chose gives a link and no effect. `group_value`: mean
    above the lowest dose.
    """
    people = people.assign(**{columns.arm: numbers(people[columns.arm], columns.arm)})
    rows = trial_rows(people, columns)
    what = (quantity.estimand, "linear_trend", quantity.unit)
    if not len(rows.arm):
        return NotEstimable(*what, "too_few_people", Support())
    level = rows.arm.astype(float)
    none, lowest = np.zeros((len(level), 0)), level == level.min()
    found = _result(rows, level, none, _Sides(~lowest, lowest), what, errors)
    return allowing_for(found, *columns.held)


@dataclass(frozen=True, eq=False)
class _Sides:
    """Which rows are on either side of a contrast."""

    own: np.ndarray
    against: np.ndarray


def _contrast(rows: TrialRows, pair: Pair, what: What, errors: str) -> Estimate | NotEstimable:
    own, against = rows.arm == pair.treated, rows.arm == pair.comparison
    others_there = set(rows.arm.tolist()) - {pair.treated, pair.comparison}
    rest = [rows.arm == name for name in sorted(others_there, key=str)]
    others = np.column_stack(rest).astype(float) if rest else np.zeros((len(own), 0))
    return _result(rows, own.astype(float), others, _Sides(own, against), what, errors)


def _result(
    rows: TrialRows, target: np.ndarray, others: np.ndarray, sides: _Sides, what: What, errors: str
) -> Estimate | NotEstimable:
    own, against = sides.own, sides.against
    support = support_of(rows, own, against)
    test = refusal(rows, own, against, support) or coefficient(rows, target, others, errors=errors)
    if isinstance(test, str):
        return NotEstimable(*what, test, support)
    if not (np.isfinite(test.df) and test.std_error > 0):
        return NotEstimable(*what, "too_few_sites", support)
    support = replace(
        support, residual_df=max(len(target) - 2 - others.shape[1] - rows.covariates.shape[1], 0)
    )
    return Estimate(
        *what,
        test.value,
        *test.interval(),
        test.std_error,
        test.p_value,
        test.df,
        float(rows.outcome[against].mean()),
        float(rows.outcome[own].mean()),
        support,
        reliable=test.reason is None or test.df >= RELIABLE_DF,
        reason=test.reason,
    )
