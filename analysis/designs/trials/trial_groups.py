"""Does the effect of a trial differ between groups of people? Only the interaction of arm and group
says so.

One model holds all groups: arm, group, arm by group, the pre-tests, within blocks, errors clustered
on what was assigned. A difference in effects between two groups is one coefficient of it, with the
covariance of the two effects; to compare two intervals would not do (METHODS section 0 rule 6).
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.designs.trials.trial_rows import (
    TrialRows,
    coefficient,
    refusal,
    support_of,
    trial_rows,
)
from analysis.inference.clusters import RELIABLE_DF
from analysis.inference.coding import zero_one
from analysis.inference.columns import TrialColumns
from analysis.results import Estimate, NotEstimable, Support, What, allowing_for


def group_effects(
    people: pd.DataFrame,
    columns: TrialColumns,
    *,
    group: str,
    reference: str,
    unit: str,
) -> dict[str, tuple[Estimate | NotEstimable, Estimate | NotEstimable | None]]:
    """For each group: the effect within it, and that effect less the one within `reference`
    (`unit`; None for itself).

    `columns.arm`: 1 for those assigned to the programme, 0 for the others. Groups are what `people`
    holds in `group`.
    """
    arm, cluster = columns.arm, columns.cluster
    people = people.assign(**{arm: zero_one(people[arm], arm)})
    known = people[people[group].notna() & people[arm].notna()]
    rows = trial_rows(known, columns)
    needed = [columns.outcome, *columns.blocks, *([] if cluster is None else [cluster])]
    used = known[needed].notna().all(axis=1)
    labels = known.loc[used, group].to_numpy(dtype=object)
    names = [reference, *sorted(set(labels.tolist()) - {reference})]
    held = (group, *columns.held)
    return {
        name: (
            allowing_for(_within(rows, labels, names, name, unit), *held),
            (
                None
                if name == reference
                else allowing_for(_gap(rows, labels, names, name, unit), *held)
            ),
        )
        for name in names
    }


def _within(
    rows: TrialRows, labels, names: list[str], name: str, unit: str
) -> Estimate | NotEstimable:
    """The coefficient of the arm where `name` is the base group of the interaction."""
    mine = labels == name
    own, against = mine & (rows.arm == 1), mine & (rows.arm == 0)
    return _tested(
        rows,
        rows.arm.astype(float),
        _columns(rows, labels, [n for n in names if n != name]),
        own,
        against,
        ("group_effect", "arm_by_group", unit),
    )


def _gap(
    rows: TrialRows, labels, names: list[str], name: str, unit: str
) -> Estimate | NotEstimable:
    """The coefficient of arm by `name`, where the reference is the base group."""
    mine, base = labels == name, labels == names[0]
    others = _columns(rows, labels, [n for n in names[1:] if n != name], also=(mine, rows.arm == 1))
    sides = [
        refusal(
            rows,
            part & (rows.arm == 1),
            part & (rows.arm == 0),
            Support(clusters_treated=2, clusters_comparison=2),
        )
        for part in (mine, base)
    ]
    what = ("gap_difference", "arm_by_group", unit)
    smallest = min(
        (support_of(rows, part & (rows.arm == 1), part & (rows.arm == 0)) for part in (mine, base)),
        key=lambda s: s.smallest_cell,
    )
    reason = next((side for side in sides if side), None)
    if reason:
        return NotEstimable(*what, reason, smallest)
    found = _tested(rows, (mine & (rows.arm == 1)).astype(float), others, mine, base, what)
    return (
        replace(
            found,
            support=replace(found.support, smallest_cell=smallest.smallest_cell),
            comparison_value=None,
            group_value=None,
        )
        if isinstance(found, Estimate)
        else found
    )


def _columns(rows: TrialRows, labels, names: list[str], also: tuple = ()) -> np.ndarray:
    """Group and arm by group for each of `names`, and the columns in `also` (rows x k)."""
    columns = [
        part for name in names for part in (labels == name, (labels == name) & (rows.arm == 1))
    ]
    return np.column_stack([*columns, *also]).astype(float)


def _tested(
    rows: TrialRows,
    target: np.ndarray,
    others: np.ndarray,
    own: np.ndarray,
    against: np.ndarray,
    what: What,
) -> Estimate | NotEstimable:
    support = support_of(rows, own, against)
    test = refusal(rows, own, against, support) or coefficient(rows, target, others)
    if isinstance(test, str):
        return NotEstimable(*what, test, support)
    if not (np.isfinite(test.df) and test.std_error > 0):
        return NotEstimable(*what, "too_few_sites", support)
    support = replace(
        support, residual_df=max(len(target) - others.shape[1] - rows.covariates.shape[1] - 2, 0)
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
