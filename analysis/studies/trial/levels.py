"""What a training trial works out for one outcome: the main difference, its second opinions,
groups, arms and cost.

Each function takes one `Measured` outcome and returns a result; which of them a plan asks for is in
training_trial.py. Everything here is exact and private.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.designs.trials import trial
from analysis.designs.trials.attrition import LeeBounds, lee_bounds
from analysis.designs.trials.competing_exits import incidence_influence
from analysis.designs.trials.trial_groups import group_effects
from analysis.designs.trials.trial_lot import by_lot
from analysis.designs.trials.trial_rows import missing_indicators
from analysis.designs.trials.uptake import ComplierEffect, complier_effect
from analysis.disclosure.dominance import smaller_side
from analysis.inference.absorbed.effects import absorb, independent_columns
from analysis.inference.columns import Pair
from analysis.inference.cost import RatioErrors, cost_per_unit
from analysis.inference.sequential import ALPHA, Asked, holm_lines
from analysis.inference.unit_permutation import UnitDraws, attainable_size, unit_permutation
from analysis.plans.plan import Outcome
from analysis.results import Estimate, NotEstimable, Result, Support, allowing_for
from analysis.studies.trial.measures import BLOCK, SHARES, SIDE, SITE, Measured, is_event

ESTIMAND, METHOD = "intention_to_treat", "clustered"
CR2_BESIDE = "clustered_cr2"  # the second opinion where the permutation of sites leads
FEWEST_SITES, LARGEST_SIZE = 2, 0.05  # METHODS section 0 rule 9: what a region may estimate
WITH_LESS_WITHOUT = Pair(1.0, 0.0)  # the sides of SIDE
MOST_PLACES = 12  # probation regions: Holm adjusts the main rows over those that are shown


def main_difference(measured: Measured) -> Result:
    """People at sites offered the programme less those at waiting sites, as the lot drew them (unit
    of the outcome)."""
    people, column = _analysed(measured)
    if people is None:
        return NotEstimable(
            ESTIMAND,
            METHOD,
            measured.outcome.unit,
            "follow_up_incomplete",
            Support(n=len(measured.people)),
        )
    found = trial.intention_to_treat(
        people,
        replace(measured.columns(SIDE), outcome=column),
        measured.quantity(ESTIMAND),
        WITH_LESS_WITHOUT,
    )
    if column != measured.column:
        cells = _support(measured, people, people[SIDE].to_numpy(dtype=bool)).smallest_cell
        found = replace(found, support=replace(found.support, smallest_cell=cells))
        found = (
            found.with_estimated_levels() if isinstance(found, Estimate) else found
        )  # not everyone was followed
    return replace(found, method=METHOD, support=_with_flow(measured, found.support))


def _with_flow(measured: Measured, support: Support) -> Support:
    """Who of the people assigned is not in the row: without an outcome. Without a measure before
    they stay."""
    lost = len(measured.people) - len(measured.known)
    assert len(measured.people) == support.n + lost, (
        "everyone assigned is used or left out by reason"
    )
    gone = measured.people[SITE].nunique() - measured.known[SITE].nunique()
    known = measured.known
    behind = smaller_side(known[measured.column].to_numpy(), known[SIDE].to_numpy() == 1)
    return replace(
        support,
        left_out=(("no_outcome", lost),) if lost else (),
        clusters_left_out=gone,
        smallest_cell=min(support.smallest_cell, behind),
    )


def leading_difference(measured: Measured, *, seed: int) -> tuple[Result, Result | None]:
    """The main difference with the test that its sites can carry, and the CR2 row beside it where
    the lot leads."""
    found = main_difference(measured)
    if not isinstance(found, Estimate):
        return found, None
    people, column = _analysed(measured)
    columns = replace(measured.columns(SIDE), outcome=column)
    leads, lot = by_lot(
        people, found, columns, treated=1.0, seed=seed, asked=_asked(measured.outcome)
    )
    return leads, (replace(found, method=CR2_BESIDE) if lot else None)


def _analysed(measured: Measured) -> tuple[pd.DataFrame | None, str]:
    """People and the column that is compared; no people where the follow-up is not complete on both
    sides.

    Leaving: difference in cumulative incidence at the horizon, other exits competing (in every
    100), within blocks of the lot.

    Level and influence of each person on the Aalen-Johansen incidence of their side stand in for an
    outcome, as in `designs/trials/competing_exits.incidence_difference`, which knows no blocks:
    without blocks the two agree (tested).
    """
    people = measured.people
    if measured.horizon is None:
        return people, measured.column
    censored = people["exit"].isna() & (people["days"] < measured.horizon)
    reach = people.groupby(SIDE)["days"].max()
    if len(reach) == 2 and reach.min() < measured.horizon:
        return None, measured.column
    if (
        not censored.any()
    ):  # then the stand-in is 1 for those who left that way by the horizon, else 0
        return people, measured.column
    return people.assign(stand_in=_stand_in(measured)), "stand_in"


def _stand_in(measured: Measured) -> np.ndarray:
    """Level plus influence (share) of each person, side by side of the trial."""
    people, horizon = measured.people, measured.horizon
    exits = np.where(people["exit"].isna(), 0, np.where(is_event(people, measured.outcome), 1, 2))
    days, side, found = (
        people["days"].to_numpy(dtype=float),
        people[SIDE].to_numpy(dtype=bool),
        np.zeros(len(people)),
    )
    for part in (side, ~side):
        level, influence = incidence_influence(days[part], exits[part], horizon)
        found[part] = level + influence
    return found


# -- a region --------------------------------------------------------------------------------------
def may_estimate(sites: pd.DataFrame) -> bool:
    """Two sites and more on either side, drawn by lot, and a permutation of them that can reject at
    5 in 100."""
    side, blocks = sites[SIDE].to_numpy(dtype=bool), sites[BLOCK].to_numpy()
    if min(side.sum(), (~side).sum()) < FEWEST_SITES:
        return False
    size = attainable_size(side, np.unique(blocks, return_inverse=True)[1])[1]
    return size is not None and size <= LARGEST_SIZE


def permuted_difference(measured: Measured, *, seed: int, method: str = METHOD) -> Result:
    """Mean of site means with less without the programme, tested by drawing the lot anew (unit of
    the outcome).

    The measure before is taken out with its slope within sites, which no assignment of sites can
    change.
    """
    rows = measured.known
    side = rows[SIDE].to_numpy(dtype=bool)
    support = _support(measured, rows, side)
    what = (ESTIMAND, method, measured.outcome.unit)
    if min(support.clusters_treated, support.clusters_comparison) < FEWEST_SITES:
        return NotEstimable(*what, "too_few_sites", support)
    found = unit_permutation(
        _adjusted(measured, rows),
        side,
        UnitDraws(seed=seed, asked=_asked(measured.outcome)),
        unit=rows[SITE].to_numpy(),
        blocks=rows[BLOCK].to_numpy(),
    )
    if found is None:
        return NotEstimable(*what, "constant_outcome", support)
    if found.p_value is None:
        return NotEstimable(*what, "too_few_assignments", support)
    levels = [
        measured.scale * float(rows.loc[part, measured.column].mean()) for part in (~side, side)
    ]
    low, high = min(found.conf_low, found.difference), max(found.conf_high, found.difference)
    reason = f"permutation of sites within blocks of the lot, {found.words}"
    result = Estimate(
        *what,
        found.difference,
        low,
        high,
        None,
        found.p_value,
        None,
        *levels,
        support,
        reason=reason,
        seed=found.seed,
    )
    return allowing_for(result, BLOCK, *measured.pre)


def _asked(outcome: Outcome) -> Asked:
    """What a class is set by: p against the levels of Holm over places, the interval against the
    size that matters."""
    return Asked(holm_lines(ALPHA, MOST_PLACES), (-outcome.matters, outcome.matters))


def _adjusted(measured: Measured, rows: pd.DataFrame) -> np.ndarray:
    """The outcome less its slopes on the measure before (and on its being missing), within
    sites."""
    values = measured.scale * rows[measured.column].to_numpy(dtype=float)
    columns = missing_indicators(rows[list(measured.pre)].to_numpy(dtype=float))
    within = absorb(np.column_stack([columns, values]), [pd.factorize(rows[SITE])[0]])
    kept = independent_columns(within[:, :-1], columns)
    slopes = np.linalg.lstsq(within[:, kept], within[:, -1], rcond=None)[0]
    return values - (columns - columns.mean(axis=0))[:, kept] @ slopes


def _support(measured: Measured, rows: pd.DataFrame, side: np.ndarray) -> Support:
    event = rows[measured.column].to_numpy(dtype=float)
    kinds = (
        (event == 0, event != 0)
        if measured.outcome.kind in SHARES
        else (np.ones(len(rows), dtype=bool),)
    )
    return Support(
        n=len(rows),
        n_identifying=len(rows),
        n_treated=int(side.sum()),
        persons=rows["person_id"].nunique(),
        cells_identifying=rows[BLOCK].nunique(),
        clusters_treated=rows.loc[side, SITE].nunique(),
        clusters_comparison=rows.loc[~side, SITE].nunique(),
        residual_df=max(len(rows) - 2, 0),
        smallest_cell=min(int((part & kind).sum()) for part in (side, ~side) for kind in kinds),
    )


# -- groups, arms, dose ----------------------------------------------------------------------------
def by_group(measured: Measured, *, groups: tuple[str, ...], reference: str) -> dict:
    """For each broad ethnic group: the difference within it, and less that within the reference
    group."""
    people = measured.people[measured.people["ethnic_group"].isin(groups)]
    return group_effects(
        people,
        measured.columns(SIDE),
        group="ethnic_group",
        reference=reference,
        unit=measured.outcome.unit,
    )


def pairs(measured: Measured) -> tuple[trial.ArmComparison, ...]:
    """Every pair of arms, p-values by Holm over the pairs; empty where there are but two arms."""
    if measured.people["arm"].nunique() < 3:
        return ()
    found = trial.pairwise(
        measured.people, measured.columns("arm"), measured.quantity("arm_difference")
    )
    return () if isinstance(found, NotEstimable) else found


def dose(measured: Measured) -> Result | None:
    """Change in the outcome with one more tier of the cascade; None where no site has a tier. Tiers
    were not drawn by lot."""
    tiered = measured.among(measured.people["tier"].notna())
    if tiered.people["tier"].nunique() < 2:
        return None
    return trial.dose_trend(
        tiered.people,
        replace(tiered.columns("tier"), blocks=()),
        tiered.quantity("dose_trend"),
    )


# -- who took part, who is missing -----------------------------------------------------------------
def of_those_who_took_part(measured: Measured, exposure: str) -> ComplierEffect:
    """Effect on those whom the offer brought to take part (unit of the outcome)."""
    found = complier_effect(
        measured.people,
        measured.columns(SIDE),
        measured.quantity("complier_effect"),
        WITH_LESS_WITHOUT,
        exposure=exposure,
    )
    support = found.result.support
    spare = replace(
        support,
        residual_df=max(support.n - 2 - len(measured.pre) - measured.people[BLOCK].nunique(), 0),
    )
    return replace(found, result=replace(found.result, support=spare))


def naive_difference(measured: Measured) -> Result:
    """Those who took part less those who did not, whatever the lot said: wrong where the more able
    take part."""
    people = measured.people[measured.people[measured.exposure].isin([0.0, 1.0])]
    found = trial.intention_to_treat(
        people,
        replace(measured.columns(measured.exposure), cluster=None, blocks=(), pre=()),
        measured.quantity("naive_difference"),
        WITH_LESS_WITHOUT,
    )
    return replace(found, method="took_part_less_did_not")


def bounds_for_losses(measured: Measured, *, seed: int) -> LeeBounds | NotEstimable:
    """What people without an outcome could hide, if the offer moved no one both ways (Lee 2009)."""
    return lee_bounds(
        measured.people,
        measured.columns(SIDE),
        measured.quantity(ESTIMAND),
        WITH_LESS_WITHOUT,
        seed=seed,
    )


# -- cost ------------------------------------------------------------------------------------------
def cost_of_outcome(
    measured: Measured, result: Result, managers: pd.DataFrame, *, arm: str | None = None
) -> Result:
    """Pounds for one unit of the outcome gained (a point, or one person fewer), the whole cost set
    against it.

    Extra cost a person measured (an account, not a sample) over extra outcome a person. `arm`: one
    arm alone.
    """
    if not isinstance(result, Estimate) or result.std_error is None:
        reason = result.reason if isinstance(result, NotEstimable) else "no_comparison"
        return NotEstimable("cost_per_unit", "fieller", "money", reason, result.support)
    sign = -1.0 if measured.outcome.better == "lower" else 1.0
    extra = _cost_a_person(measured, managers, arm=arm) - _cost_a_person(
        measured, managers, waiting=True
    )
    found = cost_per_unit(
        extra,
        sign * result.value / measured.scale,
        RatioErrors(effect_error=result.std_error / measured.scale, df=result.df),
        support=result.support,
    )
    found = allowing_for(found, *(result.allowed_for or ()))
    return found if arm is None else replace(found, method=f"fieller_{arm}")


def _cost_a_person(
    measured: Measured, managers: pd.DataFrame, *, arm: str | None = None, waiting: bool = False
) -> float:
    """What was spent at the sites of one side, divided by the people there on whom the outcome is
    measured (pounds)."""

    def on_side(frame: pd.DataFrame) -> pd.Series:
        return (
            frame[SIDE] == 0
            if waiting
            else (frame[SIDE] == 1 if arm is None else frame["arm"] == arm)
        )

    spent, people = (
        managers.loc[on_side(managers), "cost_pounds"].sum(),
        int(on_side(measured.people).sum()),
    )
    return float(spent) / people if people else 0.0
