"""Assignment of practitioners: does a person do better with a practitioner of the same ethnicity?

Two estimands, never mixed (METHODS section 2). `own_group_gap`: same- against other-ethnicity
practitioner among people of one group, within office and period; it holds any general difference
between the practitioners too.
`matching_effect`: the coefficient on same ethnicity with the main effects of the person's AND the
practitioner's ethnicity; a model without the person's cannot be asked for. One row of `dyads` is a
person (or person and period) with a known group on both sides; rows without an outcome are left out
and `n` says so. `scale` multiplies (100: a share in every 100).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.designs.cohorts.dyads import (
    CRUDE,
    Rows,
    cluster_codes,
    code_rows,
    complete_rows,
    narrow,
    refusal,
    support_of,
)
from analysis.inference.absorbed.effects import Effects, independent_columns
from analysis.inference.absorbed.regression import AbsorbedFit, WithinRows, absorbing_least_squares
from analysis.inference.clusters import ERRORS, RELIABLE_DF, CoefficientTest, cr2_tests
from analysis.inference.columns import DyadOutcome
from analysis.results import CheckResult, Estimate, NotEstimable, Support, What, allowing_for
from analysis.said.numbers import cleared_p
from analysis.said.texts import say

ALPHA = 0.05
EXACT = 1e-10  # of the spread of the outcome: an error below this is none
AGREES = 1e-6  # standard errors by which two solvers may differ (AbsorbingLS iterates to 1e-8)


@dataclass(frozen=True)
class Errors:
    """How errors are worked out. cluster_on: "practitioner", or "two_way" with the person as well;
    inference: "cr2" (Satterthwaite), or the plain "sandwich"."""

    cluster_on: str = "two_way"
    inference: str = "cr2"


def own_group_gap(
    dyads: pd.DataFrame,
    columns: DyadOutcome,
    *,
    group: str,
    cells: Sequence[str],
    errors: Errors = Errors(),
) -> Estimate | NotEstimable:
    """Mean outcome of people of `group` with a practitioner of `group`, less that with another,
    within cells (`unit`).

    Above 0: higher with their own group. It can never say more than "linked" (PAGES section 2).
    Source: Dee 2004.
    """
    dyads = narrow(dyads, columns, cells)
    rows = code_rows(dyads[dyads[columns.person_group] == group], columns, [cells])
    what = ("own_group_gap", "within_cells", columns.unit)
    if columns.practitioner in cells:
        return NotEstimable(*what, "absorbed", support_of(rows))
    found = _estimate(rows, what, errors)
    return allowing_for(found, *cells, columns.person_group, *columns.covariates)


def matching_effect(
    dyads: pd.DataFrame,
    columns: DyadOutcome,
    *,
    cells: Sequence[str] = (),
    effects: str = "cells_by_person_group",
    errors: Errors = Errors(),
) -> Estimate | NotEstimable:
    """Difference that sharing an ethnicity makes beyond what either ethnicity makes (`unit`); above
    0: higher shared.

    effects "cells_by_person_group": `cells` x person-ethnicity absorbed, practitioner-ethnicity
    dummies beside. For two groups without covariates this is exactly the mean of the two own-group
    gaps: half the 2 x 2 interaction. effects "practitioner": practitioner and `cells` (office and
    period, or none) absorbed, person-ethnicity dummies beside; identified by the practitioners who
    hold people of both kinds. Source: Dee 2004; Fairlie, Hoffmann and Oreopoulos 2014.
    """
    what, own, theirs = (
        ("matching_effect", effects, columns.unit),
        columns.person_group,
        columns.practitioner_group,
    )
    held: tuple[str, ...]
    if effects == "cells_by_person_group":
        rows = code_rows(dyads, columns, [[*cells, own]], main=theirs)
        held = (*cells, own, theirs)
    elif effects == "practitioner":
        absorbed = [[columns.practitioner], [*cells]] if cells else [[columns.practitioner]]
        rows = code_rows(dyads, columns, absorbed, main=own)
        held = (columns.practitioner, *cells, own)
        if len(rows.outcome) and not rows.person_group.any():
            return NotEstimable(*what, "absorbed", support_of(rows))
    else:
        raise ValueError("effects is 'cells_by_person_group' or 'practitioner'")
    if not (rows.person_group.any() and rows.practitioner_group.any()):
        return NotEstimable(
            *what, "one_group" if len(rows.outcome) else "too_few_people", support_of(rows)
        )
    return allowing_for(_estimate(rows, what, errors), *held, *columns.covariates)


def naive_gap(
    dyads: pd.DataFrame,
    columns: DyadOutcome,
    *,
    group: str | None = None,
    errors: Errors = Errors(),
) -> Estimate | NotEstimable:
    """Mean outcome with a practitioner of the same ethnicity less that with another, nothing held
    alike (`unit`).

    Shown only to contrast: it mixes the effect with who lives and works where.
    """
    rows = code_rows(
        dyads if group is None else dyads[dyads[columns.person_group] == group],
        replace(columns, covariates=()),
        [[]],
    )
    return allowing_for(_estimate(rows, ("naive_difference", CRUDE, columns.unit), errors))


@dataclass(frozen=True)
class GapDifferences:
    """By how much each group's own-group gap differs from that of the reference group, and the
    joint test.

    `differences`: (group, Estimate or NotEstimable) in the unit asked for. `test`: id
    "gaps_differ", passed where the gaps differ at 5 % (the statement in its id), value the p-value.
    "Differs by group" may rest on nothing else.
    """

    reference: str
    differences: tuple[tuple[str, Estimate | NotEstimable], ...]
    test: CheckResult

    def to_frame(self) -> pd.DataFrame:
        frames = [result.to_frame().assign(group=group) for group, result in self.differences]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def summary(self) -> str:
        return self.test.text


def gaps_differ(
    dyads: pd.DataFrame,
    columns: DyadOutcome,
    *,
    reference: str,
    cells: Sequence[str],
    errors: Errors = Errors(),
    gaps: Mapping[str, Estimate | NotEstimable] | None = None,
) -> GapDifferences:
    """Own-group gap of each group less that of `reference` (`unit`), in ONE model: cells x
    person-ethnicity absorbed.

    A group whose own gap cannot be estimated is left out of the model and gets its reason. Joint
    test: the smallest CR2 p-value by Bonferroni; with the plain sandwich Wald's F, clustered on
    practitioner. `gaps`: own-group gaps of the same frame and arguments that are known already.
    """
    own_group = columns.person_group
    groups = sorted(dyads[own_group].dropna().unique().tolist(), key=str)
    known = gaps or {}
    gaps = {
        g: known.get(g) or own_group_gap(dyads, columns, group=g, cells=cells, errors=errors)
        for g in dict.fromkeys([reference, *groups])
    }
    usable = [group for group in groups if group != reference and isinstance(gaps[group], Estimate)]
    what = ("gap_difference", "joint_within_cells", columns.unit)
    results: dict[str, Estimate | NotEstimable] = {}
    test = CheckResult(
        "gaps_differ",
        None,
        "Whether the gaps differ by group could not be tested.",
        bears_on="nothing",
    )
    if isinstance(gaps[reference], Estimate) and usable:
        kept = narrow(dyads, columns, cells)[dyads[own_group].isin([reference, *usable])]
        rows = code_rows(kept, columns, [[*cells, own_group]])
        labels = kept.loc[complete_rows(kept, columns), own_group].to_numpy()
        tests, test = _joint(rows, labels, usable, errors)
        for group, found in zip(usable, tests, strict=True):
            smallest = min(
                gaps[g].support.smallest_cell for g in (group, reference)
            )  # it tells about both groups
            support = replace(gaps[group].support, smallest_cell=smallest)
            result = _result(
                found, what, support
            )  # two gaps are estimates, and no levels of people
            results[group] = allowing_for(result, *cells, own_group, *columns.covariates)
    for group in groups:
        if group != reference and group not in results:
            own = gaps[group] if isinstance(gaps[group], NotEstimable) else gaps[reference]
            results[group] = NotEstimable(*what, own.reason or "no_comparison", own.support)
    return GapDifferences(
        reference, tuple((group, results[group]) for group in groups if group != reference), test
    )


def _joint(
    rows: Rows, labels: np.ndarray, usable: list[str], errors: Errors
) -> tuple[list[CoefficientTest | None], CheckResult]:
    """Differences of the usable groups from the reference in one model, and the test that all are
    nil."""
    interactions = np.column_stack([rows.same * (labels == group) for group in usable]).astype(
        float
    )
    regressors = np.column_stack([interactions, rows.same.astype(float), rows.covariates])
    within, _ = _within(rows, regressors)
    clusters, df = cluster_codes(rows, errors.cluster_on)
    k, fit = len(usable), within.fit(clusters)
    tests: list[CoefficientTest | None]
    if errors.inference == "cr2":
        tests = _cr2(within, rows.practitioner, list(range(k)), fit)
        p = min(1.0, k * min((t.p_value for t in tests if t), default=1.0))
    else:
        spread = np.sqrt(np.diag(fit.covariance))
        tests = [CoefficientTest(float(fit.params[j]), float(spread[j]), df) for j in range(k)]
        wald = fit.params[:k] @ np.linalg.solve(fit.covariance[:k, :k], fit.params[:k])
        p = float(stats.f.sf(wald / k, k, df))
    verb = "differ" if p <= ALPHA else "are not shown to differ"
    text = say("The gaps {verb} by group ({p}).", verb=verb, p=cleared_p(p))
    return tests, CheckResult(
        "gaps_differ",
        p <= ALPHA,
        text,
        p,
        ALPHA,
        bears_on="nothing",
        shown=cleared_p(p),
    )


def _estimate(rows: Rows, what: What, errors: Errors) -> Estimate | NotEstimable:
    if errors.inference not in ERRORS:
        raise ValueError("inference is 'cr2' or 'sandwich'")
    support = support_of(rows)
    reason = refusal(rows, support, what[1])
    if reason:
        return NotEstimable(*what, reason, support)
    regressors = np.column_stack([rows.main_effects, rows.covariates, rows.same])
    within, kept = _within(rows, regressors)
    target = regressors.shape[1] - 1
    if target not in kept:
        others = regressors.shape[1] - 1 - rows.covariates.shape[1]
        few = np.delete(regressors, np.arange(others, target), axis=1)
        alone = others in _within(rows, few)[1]
        return NotEstimable(*what, "collinear" if alone else _absorbed_reason(what[1]), support)
    clusters, df = cluster_codes(rows, errors.cluster_on)
    fit = within.fit(clusters)
    support = replace(support, residual_df=max(fit.residual_df, 0))
    if errors.inference == "cr2":
        test = _cr2(within, rows.practitioner, [len(kept) - 1], fit)[0]
    else:
        test = _sandwich(rows, regressors[:, kept], clusters, fit, df)
    comparison, own = (
        float(rows.outcome[rows.varying & (rows.same == side)].mean()) for side in (False, True)
    )
    return _result(test, what, support, comparison, own)


def _absorbed_reason(method: str) -> str:
    return "absorbed" if method == "practitioner" else "one_group"


def _within(rows: Rows, regressors: np.ndarray) -> tuple[WithinRows, list[int]]:
    """The regression within the effects of the rows, and the positions of the columns that it
    keeps."""
    effects = Effects(rows.effects)
    columns = effects.without(np.column_stack([regressors, rows.outcome]))
    kept = independent_columns(columns[:, :-1], regressors)
    return WithinRows(columns[:, -1], columns[:, kept], effects), kept


def _cr2(
    within: WithinRows, practitioner: np.ndarray, targets: list[int], fit: AbsorbedFit
) -> list[CoefficientTest | None]:
    """CR2 on practitioner of each target; the variance that repeated people add comes on top."""
    return [
        test and replace(test, std_error=float(np.sqrt(test.std_error**2 + fit.second_factor[j])))
        for j, test in zip(targets, cr2_tests(within, targets, practitioner), strict=True)
    ]


def _sandwich(
    rows: Rows, regressors: np.ndarray, clusters: list[np.ndarray], fit: AbsorbedFit, df: float
) -> CoefficientTest | None:
    """The last column with the plain sandwich by linearmodels' `AbsorbingLS`: a second opinion in
    other code, which must agree with our own `fit`."""
    params, covariance = absorbing_least_squares(
        rows.outcome, regressors, effects=list(rows.effects), cluster=clusters[0]
    )
    value, own = float(params[-1]), float(fit.params[-1])
    error = float(np.sqrt(max(covariance[-1, -1] + fit.second_factor[-1], 0.0)))
    spread = float(np.ptp(rows.outcome))
    assert abs(value - own) <= AGREES * max(error, spread * EXACT), (
        "AbsorbingLS and our own regression give the same coefficient"
    )
    # fitted without error: nothing to judge it by
    return None if error <= EXACT * spread else CoefficientTest(value, error, df)


def _result(
    test: CoefficientTest | None,
    what: What,
    support: Support,
    comparison: float | None = None,
    own: float | None = None,
) -> Estimate | NotEstimable:
    if test is None or not np.isfinite(test.df) or test.std_error <= 0:
        return NotEstimable(*what, "too_few_practitioners", support)
    low, high = test.interval()
    return Estimate(
        *what,
        test.value,
        low,
        high,
        test.std_error,
        test.p_value,
        test.df,
        comparison,
        own,
        support,
        reliable=test.reason is None or test.df >= RELIABLE_DF,
        reason=test.reason,
    )
