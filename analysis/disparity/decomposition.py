"""Oaxaca-Blinder: how much of a gap between two groups goes along with recorded characteristics.
For the analyst only.

What "goes along with" characteristics is not thereby justified or accounted for: the
characteristics themselves may be results of earlier decisions. Sources: Oaxaca 1973; Blinder 1973;
the threefold form is that of statsmodels, whose order of groups follows their means and not what
the caller names.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.coding import numbers

SMALLEST = 30  # people in a group: fewer carry no model of a group's own


@dataclass(frozen=True)
class Decomposition:
    """gap = endowments + coefficients + interaction, in the unit of the outcome: reference less
    group.

    endowments: what goes along with different characteristics, at the group's own coefficients;
    coefficients: with different coefficients, at the group's characteristics; interaction: with
    both at once.
    """

    gap: float
    endowments: float
    coefficients: float
    interaction: float
    n_reference: int
    n_group: int

    def __post_init__(self) -> None:
        parts = self.endowments + self.coefficients + self.interaction
        assert abs(self.gap - parts) < 1e-6 * max(1.0, abs(self.gap)), "the parts add up to the gap"


def oaxaca_blinder(
    people: pd.DataFrame,
    *,
    outcome: str,
    group: str,
    reference: object,
    covariates: list[str],
    smallest: int = SMALLEST,
) -> Decomposition | None:
    """Threefold decomposition of the gap `reference` less the other group (unit of the outcome;
    `group` holds two groups).

    Covariates that are text become indicators, the first level left out. None: fewer than
    `smallest` people in a group, or a characteristic that does not vary within one.
    """
    known = people[[outcome, group, *covariates]].dropna()
    is_reference = (known[group] == reference).to_numpy()
    x = pd.get_dummies(known[covariates], drop_first=True, dtype=float)
    if min(is_reference.sum(), (~is_reference).sum()) < smallest:
        return None
    if any((x[side].nunique() < 2).any() for side in (is_reference, ~is_reference)):
        return None
    y, x = numbers(known[outcome], outcome), np.column_stack([np.ones(len(x)), x.to_numpy()])
    own, other = (
        np.linalg.lstsq(x[side], y[side], rcond=None)[0] for side in (is_reference, ~is_reference)
    )
    apart, level = (
        x[is_reference].mean(axis=0) - x[~is_reference].mean(axis=0),
        x[~is_reference].mean(axis=0),
    )
    parts = (float(apart @ other), float(level @ (own - other)), float(apart @ (own - other)))
    return Decomposition(sum(parts), *parts, int(is_reference.sum()), int((~is_reference).sum()))
