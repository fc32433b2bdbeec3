"""The matching effect tested by drawing anew the lot that placed practitioners.

Practitioners' ethnic groups are shuffled among those of one block (office and period), where the
lot placed them; people stay where they are. The coefficient is that of `assignment.matching_effect`
with two groups, its main effects held alike.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.designs.cohorts.balance import combined_codes
from analysis.designs.cohorts.dyads import code_rows, complete_rows
from analysis.inference.coefficient_permutation import AssignedRows, coefficient_permutation
from analysis.inference.columns import DyadOutcome
from analysis.results import Estimate, NotEstimable, Support, allowing_for


def matching_effect_by_lot(
    dyads: pd.DataFrame,
    found: Estimate,
    columns: DyadOutcome,
    *,
    cells: Sequence[str],
    block: Sequence[str],
    seed: int,
) -> Estimate | NotEstimable:
    """`found` (the matching effect of the same rows) with p-value and interval from the lot.

    NotEstimable: other than two groups, practitioners in more than one block, or a lot that cannot
    reject.
    """
    what = (found.estimand, found.method, found.unit)
    rows = code_rows(dyads, columns, [[*cells, columns.person_group]])
    used = dyads.loc[complete_rows(dyads, columns)]
    blocks, side = combined_codes(used, list(block)), rows.practitioner_group == 1
    if rows.practitioner_group.max() != 1 or rows.person_group.max() != 1:
        return NotEstimable(
            *what, "one_group", found.support, detail="the lot is drawn anew for two groups only"
        )
    if (pd.Series(blocks).groupby(rows.practitioner).nunique() > 1).any():
        return NotEstimable(
            *what,
            "too_few_assignments",
            found.support,
            detail="practitioners stand in several blocks",
        )
    signs = np.where(rows.same == side, 1.0, -1.0)
    tested = coefficient_permutation(
        AssignedRows(
            rows.outcome, side, rows.practitioner, blocks, rows.effects[0], rows.covariates, signs
        ),
        seed=seed,
    )
    if tested is None or tested.p_value is None:
        return NotEstimable(
            *what,
            "too_few_assignments",
            found.support,
            detail=(tested.reason or "") if tested else "",
        )
    held = (*cells, columns.person_group, columns.practitioner_group, *columns.covariates)
    return allowing_for(_with_lot(found, tested, found.support), *held)


def _with_lot(found: Estimate, tested, support: Support) -> Estimate:
    low, high = min(tested.conf_low, found.value), max(tested.conf_high, found.value)
    return Estimate(
        found.estimand,
        found.method,
        found.unit,
        found.value,
        low,
        high,
        None,
        tested.p_value,
        None,
        found.comparison_value,
        found.group_value,
        support,
        seed=tested.seed,
        reason=f"permutation of practitioners within blocks of the lot, {tested.words}",
    )
