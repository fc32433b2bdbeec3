"""When the lot itself, drawn anew, tests a trial whose sites were assigned: few of them, or one far
larger than the rest.

CR2 holds its size where sites are many and alike. With 12 sites of very unequal size it rejects a
true "no effect" in 6 to 9 of 100; the permutation of sites in 4 to 6 (docs/inference.md, `make
calibrate-lot`). Both test the same
coefficient: that of the analysis of covariance, people weighted alike.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.designs.trials.trial_rows import TrialRows, trial_rows
from analysis.inference.coefficient_permutation import AssignedRows, coefficient_permutation
from analysis.inference.columns import TrialColumns
from analysis.inference.sequential import Asked
from analysis.results import Estimate

# Below either bound CR2 keeps its size to within a point, above them not: table of
# docs/inference.md.
FEWEST_DF = 8.0  # Satterthwaite degrees of freedom
LARGEST_SITE = 3.0  # times the mean size of a site


def lot_rule(df: float | None, sizes: np.ndarray) -> str | None:
    """Which rule lets the permutation of sites lead, in words; None where CR2 does. `sizes`: people
    at each site."""
    if df is not None and df < FEWEST_DF:
        return f"fewer than {FEWEST_DF:g} degrees of freedom"
    if sizes.max() > LARGEST_SITE * sizes.mean():
        return f"the largest site holds more than {LARGEST_SITE:g} times the mean"
    return None


def by_lot(
    people: pd.DataFrame,
    found: Estimate,
    columns: TrialColumns,
    *,
    treated: object,
    seed: int,
    asked: Asked | None = None,
) -> tuple[Estimate, bool]:
    """`found` (two arms, CR2) with p-value and interval from the lot where a rule asks for it, and
    whether it has them.

    `asked`: what must not hang on the draws. Where the lot could fall in too few ways to reject at
    5 in 100, or its interval has no end, CR2 stays and sets no class.
    """
    rows = trial_rows(people, columns)
    sizes = np.unique(rows.cluster, return_counts=True)[1]
    rule = lot_rule(found.df, sizes)
    if rule is None:
        return found, False
    tested = coefficient_permutation(_assigned(rows, treated), seed=seed, asked=asked)
    if tested is None or tested.conf_low is None or tested.conf_high is None:
        why = (
            "the lot gives no test" if tested is None else f"the lot gives no test: {tested.reason}"
        )
        return replace(found, reliable=False, reason=f"{found.reason}; {rule}, and {why}"), False
    low, high = min(tested.conf_low, found.value), max(tested.conf_high, found.value)
    led = replace(
        found,
        conf_low=low,
        conf_high=high,
        p_value=tested.p_value,
        std_error=None,
        df=None,
        reason=f"permutation of sites within blocks of the lot, {tested.words}: {rule}",
        reliable=True,
        seed=tested.seed,
    )
    return led, True


def _assigned(rows: TrialRows, treated: object) -> AssignedRows:
    unit = np.unique(rows.cluster, return_inverse=True)[1]
    return AssignedRows(
        rows.outcome, rows.arm == treated, unit, rows.effect, rows.effect, rows.covariates
    )
