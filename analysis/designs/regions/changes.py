"""The change of few treated units beside that of all others: each unit's mean since the start less
its mean before.

One treated unit: a rank among units, and never a p-value (METHODS section 0 rule 2). Several: a
permutation of units, studentised with three or more on both sides (rule 1), with an interval by
inversion and the size that the test can attain. Units that chose to take part, or were chosen, were
not drawn: it is then a placebo-permutation test, which takes units as exchangeable.

Before and after alone takes a change that all units share for an effect (planted in the tests).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.regions.unit_panel import support_of
from analysis.inference.columns import ChangeColumns, Quantity
from analysis.inference.randomisation import seed_for
from analysis.inference.unit_permutation import UnitDraws, UnitPermutation, unit_permutation
from analysis.results import Estimate, NotEstimable, Ranked, Support
from analysis.said.numbers import planned, tally
from analysis.said.texts import say, worded

METHOD = "permutation_of_units"
FEWEST_OTHERS = 5  # other units: fewer ranks say nothing


@dataclass(frozen=True, eq=False)
class Change:
    """changes: of each unit, in the unit of the outcome. found: how the choices of as many units
    compare; None where nothing is compared."""

    result: Ranked | Estimate | NotEstimable
    changes: pd.Series
    found: UnitPermutation | None = None

    @property
    def words(self) -> str:
        """How many choices of units were set beside the own one, and what such a test can show."""
        if self.found is None:
            return worded("the change could not be set beside that of others.")
        choices = tally(self.found.assignments, "places")
        if self.found.p_value is None:
            return say(
                "of {n} possible choices, {rank} differ from the others by as much or more; so few"
                " choices give a rank and no p-value.",
                n=choices,
                rank=tally(self.found.rank, "places"),
            )
        return say(
            "{n} choices of as many places were possible; under nil the test would find a"
            " difference in at most {size} of 100 cases.",
            n=choices,
            size=planned(round(100 * (self.found.attainable_size or 0.0), 1)),
        )


def unit_changes(frame: pd.DataFrame, columns: ChangeColumns, start) -> pd.Series:
    """Mean outcome from `start` on less the mean before, for each unit (times `scale`).

    Every row counts alike within its unit. A unit without rows on one of the sides is left out.
    """
    after = frame[columns.period] >= start
    means = frame.groupby([columns.unit, after], observed=True)[columns.outcome].mean().unstack()
    means = means.reindex(columns=[False, True])
    return ((means[True] - means[False]) * columns.scale).dropna()


def change_beside_others(
    frame: pd.DataFrame, columns: ChangeColumns, what: Quantity, *, treated: tuple[str, ...], start
) -> Change:
    """The change of the treated units set beside that of the others, from one row a person or case
    (see `unit_changes`), in `what.unit`."""
    support = support_of(frame, columns, side_of=treated, start=start)
    changes = unit_changes(frame, columns, start)
    return compared(changes, treated, what, support=support)


def compared(
    changes: pd.Series, treated: tuple[str, ...], what: Quantity, *, support: Support | None = None
) -> Change:
    """The same of `changes`, one a unit, in `what.unit`. NotEstimable where a treated unit has no
    change, fewer than FEWEST_OTHERS others have one, or all changes are equal."""
    support = support or Support()
    own = changes.index.isin(treated)
    others = len(changes) - int(own.sum())
    missing = "incomplete_periods" if own.sum() < len(treated) else None
    reason = missing or ("too_few_sites" if others < FEWEST_OTHERS else None)
    if not treated:
        reason = "no_comparison"
    draw = UnitDraws(seed=seed_for(METHOD, what.estimand, str(len(changes)), str(len(treated))))
    found = None if reason else unit_permutation(changes.to_numpy(dtype=float), own, draw)
    if found is None:
        nothing = NotEstimable(
            what.estimand, METHOD, what.unit, reason or "constant_outcome", support
        )
        return Change(nothing, changes)
    return Change(_result(found, what, support), changes, found)


def _result(
    found: UnitPermutation, what: Quantity, support: Support
) -> Ranked | Estimate | NotEstimable:
    alike = ("unit", "period")
    if found.p_value is None:
        return Ranked(
            what.estimand,
            METHOD,
            what.unit,
            found.difference,
            found.rank,
            found.compared,
            support,
            alike,
        )
    low, high = found.conf_low, found.conf_high
    if low is None or high is None or not np.isfinite([low, high]).all():
        return NotEstimable(what.estimand, METHOD, what.unit, "unbounded", support)
    return Estimate(
        what.estimand,
        METHOD,
        what.unit,
        found.difference,
        low,
        high,
        p_value=found.p_value,
        support=support,
        reason=f"permutation of {found.assignments:,} choices of units",
        seed=found.seed,
        allowed_for=alike,
    )
