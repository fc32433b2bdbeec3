"""Synthetic training pilots of one region: sites drawn by lot, managers, ratings by their staff,
staff in post.

Planted (params/synthetic.yml, `training`): those who take part gain `attended_effect` points on the
test; ratings by staff at trained sites rise by `rating_effect` and the like; minority ethnic staff
at trained sites resign less often by month 6. Effects differ between regions by a factor: nil in
some, harm in one. From the cross-over on everyone is trained, so that rows dated after it show no
difference between the arms, and a comparison that forgets it is diluted.

What a naive method shows: the more able take part rather, so managers who took part are ahead of
those who did not without any effect (NAIVE_BIAS points, before the site's arm is looked at). Less
able managers at waiting sites skip the second test: those tested there are a little better than
all, which takes about 0.2 points off the difference. Minority ethnic staff at trained sites answer
more often; answers do not depend on what they would say, given the arm and group.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.synthetic.planted import Planted
from analysis.synthetic.supervision.supervision import (
    choice,
    declared_share,
    draw_rows,
    ethnicity_codes,
    group_shares,
)
from analysis.synthetic.training.planted_training import Programme, Training

# Managers who took part less those at the same sites who did not, beyond the planted effect: points
# of the test, mean of 6 seeds over the nation (gamified). tests/test_synthetic_training.py holds it
# true.
NAIVE_BIAS = 2.2
MONTH_DAYS = 365.25 / 12
WAITING = ("wave_2", "later")
MANAGER_ARMS = ("cascade", "virtual_reality", "later")


@dataclass(frozen=True, eq=False)
class Sites:
    """The sites of one pilot in one region. effect: the name under which planted effects stand, ""
    while waiting."""

    table: pd.DataFrame
    effect: np.ndarray

    @property
    def trained(self) -> np.ndarray:
        return self.effect != ""


@dataclass(frozen=True, eq=False)
class Managers:
    """Managers with what the released table hides: true group, ability."""

    site: np.ndarray  # row number in the table of sites
    group: np.ndarray
    quality: np.ndarray  # as their staff see it
    table: pd.DataFrame


def make_training(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """The four tables of one region. `part`: managers and staff a site, as a share of full
    scale."""
    parts = [_make_programme(rng, truth, name, region, part) for name in truth.training.programmes]
    return {
        table: pd.concat([one[table] for one in parts], ignore_index=True) for table in parts[0]
    }


def _make_programme(
    rng, truth: Planted, name: str, region: str, part: float
) -> dict[str, pd.DataFrame]:
    plan = truth.training.programmes[name]
    sites = make_sites(rng["training_sites"], truth.training, name, region)
    managers = make_managers(rng["managers"], truth, name, region, sites, part)
    return {
        "training_sites": sites.table,
        "managers": managers.table,
        "staff_ratings": make_ratings(
            rng["staff_ratings"], truth, name, region, sites, managers, part
        ),
        "staff_in_post": make_staff(
            rng["staff_in_post"], truth, name, region, sites, part * plan.site.managers_a_site
        ),
    }


def region_code(name: str, region: str) -> str:
    """What every id of one pilot in one region begins with."""
    initials = "".join(w[0] for w in region.split("_")).upper()
    return f"{'G' if name == 'gamified' else 'M'}-{initials}{region[-1].upper()}"


# -- sites -----------------------------------------------------------------------------------------
def make_sites(rng: np.random.Generator, training: Training, name: str, region: str) -> Sites:
    """Sites with their arm: drawn by lot within blocks, or all trained at once in the region that
    the plan names."""
    plan, code = training.programmes[name], region_code(name, region)
    kind = np.repeat(["prison", "probation"], [plan.site.prisons, plan.site.probation_units])
    by_lot = plan.all_at_once != region
    block = [f"{code}-{k}" for k in kind] if name == "gamified" else [code] * len(kind)
    arm = (
        _drawn_arms(rng, name, np.array(block))
        if by_lot
        else np.full(len(kind), "wave_1" if name == "gamified" else "cascade", dtype=object)
    )
    tier = np.full(len(kind), np.nan)
    cascade = np.flatnonzero(arm == "cascade")
    tier[cascade] = 1 + rng.permutation(np.arange(len(cascade)) % 3)
    waiting = np.isin(arm, WAITING)
    provider = np.where(
        arm == "virtual_reality", "PR-VR", np.where(arm == "cascade", "PR-CA", "PR-GM")
    ).astype(object)
    provider[waiting] = None
    table = pd.DataFrame(
        {
            "programme": name,
            "site_id": [f"{code}-L-{n:03d}" for n in range(1, len(kind) + 1)],
            "region": region,
            "site_kind": kind,
            "arm": arm,
            "block": block,
            "chosen_by": "lot" if by_lot else "site",
            "provider_id": provider,
            "tier": tier,
            "module_from": (
                pd.Series([None if late else training.start_on for late in waiting]).astype(
                    "datetime64[us]"
                )
            ),
            "crossover_on": pd.Series([training.crossover_on] * len(kind)).astype("datetime64[us]"),
        }
    )
    effect = np.array([_effect_name(a, t) for a, t in zip(arm, tier, strict=True)], dtype=object)
    return Sites(table, effect)


def _drawn_arms(rng: np.random.Generator, name: str, block: np.ndarray) -> np.ndarray:
    """Arms in equal numbers within each block, in an order drawn by lot."""
    arms = ("wave_1", "wave_2") if name == "gamified" else MANAGER_ARMS
    drawn = np.empty(len(block), dtype=object)
    for one in np.unique(block):
        rows = np.flatnonzero(block == one)
        drawn[rows] = rng.permutation(
            np.array(arms, dtype=object)[np.arange(len(rows)) % len(arms)]
        )
    return drawn


def _effect_name(arm: str, tier: float) -> str:
    if arm in WAITING:
        return ""
    return arm if arm != "cascade" else f"cascade_{int(tier)}"


# -- managers --------------------------------------------------------------------------------------
def people_at(
    rng, truth: Planted, region: str, n: int
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """True groups, codes as recorded (missing not at random), and sex and age of `n` staff of a
    region."""
    training, missing = truth.training, truth.supervision.ethnicity_missing
    shares = {
        g: s * training.ethnicity_minority_factor
        for g, s in truth.regions[region].practitioners_share.items()
    }
    group = draw_rows(rng, np.repeat(group_shares(shares, np.zeros(1)), n, axis=0))
    unknown = (
        rng.random(n)
        > declared_share(truth.regions[region], missing.practitioner_minority_less)[group]
    )
    codes = ethnicity_codes(rng, group, unknown, missing.practitioner_kinds)
    sex = np.where(rng.random(n) < training.female, "female", "male")
    return group, codes, {"sex": sex, "age_band": choice(rng, training.age_band, n)}


def make_managers(
    rng: np.random.Generator, truth: Planted, name: str, region: str, sites: Sites, part: float
) -> Managers:
    """Managers with uptake, cost, relevance and both tests."""
    training, plan = truth.training, truth.training.programmes[name]
    per_site = max(round(plan.site.managers_a_site * part), 2)
    site = np.repeat(np.arange(len(sites.table)), per_site)
    n, trained, effect = len(site), sites.trained[site], sites.effect[site]
    group, codes, personal = people_at(rng, truth, region, n)
    ability = rng.normal(size=n)
    offered = 1 / (1 + np.exp(-plan.uptake.log_odds - plan.uptake.by_ability * ability))
    attended = rng.random(n) < np.where(trained, offered, plan.uptake.early)
    completed = attended & (rng.random(n) < plan.uptake.completed)
    factor = plan.attended_factor.get(region, 1.0)
    first = next(
        iter(plan.attended_effect)
    )  # what a manager of a waiting site who came early, or late, took part in
    gain = np.array([plan.attended_effect[e or first] for e in effect]) * factor
    late = rng.random(n) < training.test.late
    before, after = _tests(rng, training, site, ability, np.where(attended | late, gain, 0.0))
    absent_before = rng.random(n) < 0.03
    skip = np.where(trained, training.test.missing_trained, training.test.missing_waiting)
    skip = skip + np.where(~trained & (ability < -0.3), training.test.missing_less_able, 0.0)
    absent_after = rng.random(n) < skip
    day = pd.to_datetime(training.crossover_on) + pd.to_timedelta(
        np.where(late, rng.integers(3, 40, n), -rng.integers(5, 40, n)), unit="D"
    )
    answered = attended & (rng.random(n) < training.relevance_answered)
    code = region_code(name, region)
    table = pd.DataFrame(
        {
            "programme": name,
            "manager_id": [f"{code}-R-{k:05d}" for k in range(1, n + 1)],
            "region": region,
            "site_id": sites.table["site_id"].to_numpy()[site],
            "ethnicity": codes,
            **personal,
            "grade": choice(rng, {"middle": 0.8, "senior": 0.2}, n),
            "length_of_service_years": rng.gamma(2.0, 5.0, n).clip(0, 40).round(1),
            "attended": attended,
            "completed": completed,
            "cost_pounds": _cost(rng, plan, effect, attended),
            "relevance": np.where(
                answered, choice(rng, training.relevance, n).astype(float), np.nan
            ),
            "tested_on": pd.Series(day.astype("datetime64[us]")).where(~absent_after),
            "test_before": np.where(absent_before, np.nan, before),
            "test_after": np.where(absent_after, np.nan, after),
        }
    )
    return Managers(site, group, rng.normal(size=n) * training.rating.manager_spread, table)


def _tests(
    rng, training: Training, site: np.ndarray, ability: np.ndarray, gain: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Scores before and after, whole points from 0 to 40."""
    test = training.test
    own = (
        np.sqrt(test.by_ability - test.site_icc) * ability
        + np.sqrt(test.site_icc) * rng.normal(size=site.max() + 1)[site]
    )
    noise = np.sqrt(1 - test.by_ability)
    before = test.before + test.spread * (own + noise * rng.normal(size=len(site)))
    after = (
        test.before + test.drift + test.spread * (own + noise * rng.normal(size=len(site))) + gain
    )
    return before.round().clip(0, 40), after.round().clip(0, 40)


def _cost(rng, plan: Programme, effect: np.ndarray, attended: np.ndarray) -> np.ndarray:
    """Pounds a manager: something for everyone invited, more for those who took part; nothing while
    a site waits."""
    taking_part = np.array([plan.cost_taking_part.get(e, 0.0) for e in effect])
    invited = np.array([plan.cost_invited.get(e, 0.0) for e in effect])
    return (
        (invited + np.where(attended, taking_part, 0.0)) * rng.uniform(0.85, 1.15, len(effect))
    ).round(2)


# -- staff -----------------------------------------------------------------------------------------
def make_ratings(
    rng: np.random.Generator,
    truth: Planted,
    name: str,
    region: str,
    sites: Sites,
    managers: Managers,
    part: float,
) -> pd.DataFrame:
    """The staff survey: who answered, and how they rate their line manager and the site."""
    training, plan = truth.training, truth.training.programmes[name]
    per_manager = max(round(plan.site.staff_a_manager * part), 2)
    manager = np.repeat(np.arange(len(managers.table)), per_manager)
    site, n = managers.site[manager], len(manager)
    group, codes, personal = people_at(rng, truth, region, n)
    late = rng.random(n) < training.answering.late
    effect = sites.effect[site]
    first = next(iter(plan.rating_effect))
    under = [
        e or (first if after else "") for e, after in zip(effect, late, strict=True)
    ]  # late: everyone is trained
    minority, trained = group > 0, sites.trained[site]
    gap = training.answering.gap_in.get(region, training.answering.gap_with_module)
    share = (
        training.answering.base
        - training.answering.minority_less * minority
        + gap * (minority & trained)
    )
    answered, before_answered = rng.random(n) < share, rng.random(n) < training.answering.base
    base = (
        training.rating.base
        + managers.quality[manager]
        + 0.15 * rng.normal(size=len(sites.table))[site]
    )
    day = pd.to_datetime(training.crossover_on) + pd.to_timedelta(
        np.where(late, rng.integers(3, 40, n), -rng.integers(5, 30, n)), unit="D"
    )
    code = region_code(name, region)

    def rating(effects: dict[str, float], shown: np.ndarray) -> np.ndarray:
        added = np.array([effects.get(e, 0.0) for e in under])
        value = base + added + training.rating.person_spread * rng.normal(size=n)
        return np.where(shown, np.round(value.clip(1, 5), 1), np.nan)

    asked = answered if name == "manager_training" else np.zeros(n, dtype=bool)
    return pd.DataFrame(
        {
            "programme": name,
            "staff_id": [f"{code}-T-{k:06d}" for k in range(1, n + 1)],
            "region": region,
            "site_id": sites.table["site_id"].to_numpy()[site],
            "manager_id": managers.table["manager_id"].to_numpy()[manager],
            "ethnicity": codes,
            **personal,
            "asked_on": day.astype("datetime64[us]"),
            "rating_before": rating({}, before_answered),
            "rating_after": rating(plan.rating_effect, answered),
            "grievance_handling_after": rating(plan.grievance_effect, asked),
            "climate_after": rating(plan.climate_effect, asked),
        }
    )


def make_staff(
    rng: np.random.Generator,
    truth: Planted,
    name: str,
    region: str,
    sites: Sites,
    managers_a_site: float,
) -> pd.DataFrame:
    """Staff in post at the start, and how and when those who left did: competing exits with
    constant hazards."""
    training, plan = truth.training, truth.training.programmes[name]
    per_site = max(round(managers_a_site * plan.site.staff_a_manager), 4)
    site = np.repeat(np.arange(len(sites.table)), per_site)
    group, codes, personal = people_at(rng, truth, region, len(site))
    start, crossover = (np.datetime64(day) for day in (training.start_on, training.crossover_on))
    months = (crossover - start).astype(int) / MONTH_DAYS
    effect = np.array(
        [plan.leaving_effect.get(e, 0.0) for e in sites.effect[site]]
    ) * plan.leaving_factor.get(region, 1.0)
    left, reason = _exits(rng, training, group > 0, effect, months)
    day = start + np.floor(left * MONTH_DAYS).astype(int)
    gone = day <= np.datetime64(truth.extracted_on)
    code = region_code(name, region)
    return pd.DataFrame(
        {
            "programme": name,
            "staff_id": [f"{code}-F-{k:06d}" for k in range(1, len(site) + 1)],
            "region": region,
            "site_id": sites.table["site_id"].to_numpy()[site],
            "ethnicity": codes,
            **personal,
            "in_post_from": pd.Series(np.full(len(site), start)).astype("datetime64[us]"),
            "left_on": pd.Series(day).astype("datetime64[us]").where(gone),
            "exit_reason": pd.Series(reason, dtype=object).where(gone, None),
        }
    )


def _exits(rng, training: Training, minority: np.ndarray, effect: np.ndarray, months: float):
    """Months to leaving and the exit. Until the cross-over the site's effect holds; then everyone's
    sites are trained."""
    leaving, n = training.leaving, len(minority)
    resigned = np.where(minority, leaving.resigned_minority, leaving.resigned_white)
    rates = {
        "resigned": hazard(resigned + effect * minority),
        "retirement": hazard(leaving.retirement),
        "transfer": hazard(leaving.transfer),
    }
    waits = np.stack([rng.exponential(1 / np.broadcast_to(rate, n)) for rate in rates.values()])
    return waits.min(axis=0), np.array(list(rates), dtype=object)[waits.argmin(axis=0)]


def hazard(share: np.ndarray | float, months: float = 6.0) -> np.ndarray | float:
    """Constant hazard a month by which `share` have left by `months`, were there no other exit."""
    return -np.log1p(-np.asarray(share)) / months


# -- what is true ----------------------------------------------------------------------------------
def planted_uptake(training: Training, name: str) -> float:
    """Expected share of managers who take part where it is offered."""
    plan = training.programmes[name].uptake
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    return float(
        weights @ (1 / (1 + np.exp(-plan.log_odds - plan.by_ability * nodes))) / weights.sum()
    )


def planted_test_effect(training: Training, name: str, region: str, arm: str) -> float:
    """True difference of the test (points) that being offered the arm makes before the cross-over,
    against waiting."""
    plan = training.programmes[name]
    factor, first = plan.attended_factor.get(region, 1.0), next(iter(plan.attended_effect))
    offered = _arm_mean(plan.attended_effect, arm) * planted_uptake(training, name)
    return factor * (offered - plan.attended_effect[first] * plan.uptake.early)


def planted_rating_effect(training: Training, name: str, arm: str, outcome: str) -> float:
    """True difference of a rating (points) between an arm and waiting, before the cross-over."""
    plan = training.programmes[name]
    effects = {
        "rating_after": plan.rating_effect,
        "grievance_handling_after": plan.grievance_effect,
        "climate_after": plan.climate_effect,
    }
    return _arm_mean(effects[outcome], arm)


def planted_leaving_effect(
    training: Training, name: str, region: str, arm: str, months: float = 6.0
) -> float:
    """True difference (share) in resignations of minority ethnic staff by `months`, with the other
    exits competing."""
    plan, leaving = training.programmes[name], training.leaving
    factor = plan.leaving_factor.get(region, 1.0)
    others = hazard(leaving.retirement) + hazard(leaving.transfer)

    def incidence(share: float) -> float:
        own = hazard(share)
        return float(own / (own + others) * -np.expm1(-(own + others) * months))

    with_module = incidence(
        leaving.resigned_minority + factor * _arm_mean(plan.leaving_effect, arm)
    )
    return with_module - incidence(leaving.resigned_minority)


def _arm_mean(effects: dict[str, float], arm: str) -> float:
    """The effect of an arm; for the cascade the mean over its tiers, which are equally many."""
    return float(
        np.mean(
            [value for name, value in effects.items() if name == arm or name.startswith(f"{arm}_")]
        )
    )
