"""Synthetic supervision: people on probation, practitioners, outcomes and the relationship survey
of one region.

Planted (params/synthetic.yml, `supervision`): a person's probability of an event is base + risk
tier + age + sex + sentence + own ethnic group + practitioner's ethnic group + quarter + office +
practitioner + matching effect of the region, the last for people whose first practitioner is of the
same broad group (White, Asian or Black). Everything adds up and stays within 0 and 1, so the
matching effect is the true `matching_effect` on the probability scale; the relationship score works
the same way in points of 1 to 5.

What a naive method shows: offices in diverse areas have more minority ethnic practitioners, higher
risk and a worse baseline, and people of higher risk are given less often to a practitioner of their
own group. The raw difference between matched and other people therefore flatters matching
(NAIVE_BIAS): recall that in truth falls by 1 in every 100 seems to fall by 5, and matching seems to
lower reoffending, which it does nowhere. Effects of office × quarter × person's ethnic group with
the practitioner's ethnic group AND the risk tier recover what is planted; without the risk tier
about two thirds of the bias remain (2.5 to 4 points in every 100).

Missing ethnicity depends on the (true) group only, given which it has nothing to do with outcomes.
Survey answers depend on being matched, on the group and, slightly, on the score: people who fare
better answer more, which takes about 0.006 points off the difference in relationship scores. People
who ask for a match are otherwise like others. Recall, breach and completion are drawn independently
of each other, given all the above.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.synthetic.planted import GROUPS, MINORITIES, RISK_TIERS, Outcome, Planted, Region
from analysis.vocabulary.ethnicity import CODINGS

# Raw difference of means (matched less other people who can be compared, whole nation) less the
# average planted effect: mean of 12 seeds, standard deviation .004 or less (relationship .006).
# Events on the probability scale, the relationship in points of the scale.
# tests/test_synthetic_nation.py holds it true.
NAIVE_BIAS = {
    "relationship": 0.050,
    "appointments_kept": 0.038,
    "breached": -0.031,
    "recalled": -0.041,
    "completed": 0.028,
    "reoffended": -0.037,
}

MATCHED_GROUPS = ("White", "Asian", "Black")
GRADES = {
    "probation_services_officer": 0.40,
    "probation_officer": 0.50,
    "senior_probation_officer": 0.10,
}
DAYS_IN_QUARTER = 91
# How the categories of a broad group divide; of the order of the 2021 census.
WITHIN_GROUP = {
    "White": {"W1": 0.905, "W2": 0.015, "W3": 0.012, "W4": 0.003, "W9": 0.065},
    "Mixed": {"M1": 0.50, "M2": 0.12, "M3": 0.14, "M9": 0.24},
    "Asian": {"A1": 0.20, "A2": 0.45, "A3": 0.14, "A4": 0.03, "A9": 0.18},
    "Black": {"B1": 0.38, "B2": 0.45, "B9": 0.17},
    "Other": {"O2": 0.30, "O9": 0.70},
}
assert all(set(codes) <= set(CODINGS["ons_2021_19+1"].codes) for codes in WITHIN_GROUP.values())


@dataclass(frozen=True, eq=False)
class Setting:
    """Offices and practitioners of a region, true ethnic groups included; what people are then
    allocated to."""

    code: str  # initials of the region, in every identifier
    diversity: np.ndarray  # of each office, even over -office_diversity to +office_diversity
    size: np.ndarray  # share of people and practitioners in each office
    office: np.ndarray  # of each practitioner
    group: np.ndarray  # of each practitioner: number in GROUPS
    practitioners: pd.DataFrame  # the table as released


@dataclass(frozen=True, eq=False)
class Cohort:
    """People with what the released table hides: true group, practitioner met, whether both are of
    the same group."""

    office: np.ndarray
    practitioner: np.ndarray
    group: np.ndarray
    matched: np.ndarray
    quarter: np.ndarray
    people: pd.DataFrame  # the table as released


def choice(rng: np.random.Generator, shares: dict[str, float], n: int) -> np.ndarray:
    """`n` draws from the words in `shares`."""
    weights = np.array(list(shares.values()))
    return np.array(list(shares))[
        np.searchsorted(np.cumsum(weights)[:-1] / weights.sum(), rng.random(n), side="right")
    ]


def draw_rows(rng: np.random.Generator, shares: np.ndarray) -> np.ndarray:
    """One column number for each row of a matrix of shares (rows add to 1)."""
    return (rng.random(len(shares))[:, None] > np.cumsum(shares, axis=1)[:, :-1]).sum(axis=1)


def group_shares(minority: dict[str, float], diversity: np.ndarray) -> np.ndarray:
    """Shares of GROUPS in each office: the log odds of each minority against White move with the
    office's diversity."""
    white = 1 - sum(minority.values())
    odds = np.array([minority[group] / white for group in MINORITIES]) * np.exp(diversity)[:, None]
    odds = np.hstack([np.ones((len(diversity), 1)), odds])
    return odds / odds.sum(axis=1, keepdims=True)


def ethnicity_codes(
    rng: np.random.Generator, group: np.ndarray, missing: np.ndarray, kinds: dict[str, float]
) -> np.ndarray:
    """Codes of ons_2021_19+1, or a kind of missing where `missing`."""
    codes = np.empty(len(group), dtype=object)
    for number, name in enumerate(GROUPS):
        rows = group == number
        codes[rows] = choice(rng, WITHIN_GROUP[name], int(rows.sum()))
    return np.where(missing, choice(rng, kinds, len(group)), codes)


def make_setting(
    rng: np.random.Generator, planted: Planted, region_id: str, *, practitioners: int, offices: int
) -> Setting:
    """Offices and practitioners of a region; each office has at least two practitioners."""
    region, truth = planted.regions[region_id], planted.supervision
    code = "".join(word[0] for word in region_id.split("_")).upper() + region_id[-1].upper()
    diversity = rng.permutation(np.linspace(-1, 1, offices)) * truth.people.office_diversity
    size = rng.uniform(0.5, 1.5, offices)
    size /= size.sum()
    spare = max(practitioners - 2 * offices, 0)
    office = np.sort(
        np.concatenate([np.repeat(np.arange(offices), 2), rng.choice(offices, spare, p=size)])
    )
    group = draw_rows(rng, group_shares(region.practitioners_share, diversity)[office])
    missing = (
        rng.random(len(group))
        > declared_share(region, truth.ethnicity_missing.practitioner_minority_less)[group]
    )
    table = pd.DataFrame(
        {
            "practitioner_id": [f"{code}-S-{n:05d}" for n in range(1, len(group) + 1)],
            "region": region_id,
            "office_id": [f"{code}-O-{n + 1:03d}" for n in office],
            "ethnicity": ethnicity_codes(
                rng, group, missing, truth.ethnicity_missing.practitioner_kinds
            ),
            "grade": choice(rng, GRADES, len(group)),
            "length_of_service_years": rng.gamma(1.6, 5.0, len(group)).clip(0, 40).round(1),
        }
    )
    return Setting(code, diversity, size, office, group, table)


def declared_share(region: Region, less: float) -> np.ndarray:
    """Share of each of GROUPS that declares, so that the region's practitioners together declare
    `region.declared`."""
    white = min(region.declared + less * sum(region.practitioners_share.values()), 1)
    return np.array([white] + [white - less] * len(MINORITIES))


def make_cohort(
    rng: np.random.Generator, planted: Planted, region_id: str, setting: Setting, *, people: int
) -> Cohort:
    """People and their first practitioner; allocation depends on office and risk tier (see the
    module)."""
    region, truth = planted.regions[region_id], planted.supervision
    office = rng.choice(len(setting.size), people, p=setting.size)
    group = draw_rows(rng, group_shares(region.people_share, setting.diversity)[office])
    risk = _risk(
        rng, truth.people.risk_tier, truth.people.risk_by_diversity, setting.diversity[office]
    )
    requested = (
        rng.random(people) < np.array([truth.people.requested[name] for name in GROUPS])[group]
    )
    weight = np.array([truth.allocation.own_group_weight[tier] for tier in RISK_TIERS])[risk]
    practitioner = _allocate(rng, setting, office, group, np.where(requested, np.inf, weight))
    quarter = rng.integers(0, 4, people)
    start = (
        np.datetime64(planted.window_from)
        + quarter * DAYS_IN_QUARTER
        + rng.integers(0, DAYS_IN_QUARTER, people)
    )
    missing = (
        rng.random(people)
        < np.array([truth.ethnicity_missing.person[name] for name in GROUPS])[group]
    )
    met = setting.practitioners["practitioner_id"].to_numpy()[practitioner].astype(object)
    unlinked = rng.random(people) < truth.allocation.unlinked
    met[unlinked] = [f"{setting.code}-U-{n:05d}" for n in practitioner[unlinked]]
    table = pd.DataFrame(
        {
            "person_id": [f"{setting.code}-P-{n:06d}" for n in range(1, people + 1)],
            "region": region_id,
            "office_id": [f"{setting.code}-O-{n + 1:03d}" for n in office],
            "first_practitioner_id": met,
            "first_allocated_on": start.astype("datetime64[us]"),
            "match_requested": requested,
            "ethnicity": ethnicity_codes(rng, group, missing, truth.ethnicity_missing.person_kinds),
            "sex": np.where(rng.random(people) < truth.people.female, "female", "male"),
            "age_band": choice(rng, truth.people.age_band, people),
            "sentence_type": choice(rng, truth.people.sentence_type, people),
            "risk_tier": np.array(RISK_TIERS)[risk],
        }
    )
    same = group == setting.group[practitioner]
    matched = same & np.isin(group, [GROUPS.index(name) for name in MATCHED_GROUPS])
    quarter = (
        pd.DatetimeIndex(start).quarter.to_numpy() - 2
    ) % 4  # calendar quarters, April to June first
    return Cohort(office, practitioner, group, matched, quarter, table)


def _risk(
    rng: np.random.Generator, shares: dict[str, float], slope: float, diversity: np.ndarray
) -> np.ndarray:
    weights = np.array([shares[tier] for tier in RISK_TIERS]) * np.exp(
        slope * diversity[:, None] * np.arange(len(RISK_TIERS))
    )
    return draw_rows(rng, weights / weights.sum(axis=1, keepdims=True))


def _allocate(
    rng, setting: Setting, office: np.ndarray, group: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """A practitioner of the person's office: one of the own group `weight` times as readily as
    another one.

    People of Mixed and Other groups get any practitioner of the office. An infinite weight is a
    request: granted where the office has a practitioner of that group.
    """
    chosen = np.empty(len(office), dtype=int)
    for o in range(len(setting.size)):
        here = np.flatnonzero(setting.office == o)
        for g, name in enumerate(GROUPS):
            rows = np.flatnonzero((office == o) & (group == g))
            own = here[setting.group[here] == g] if name in MATCHED_GROUPS else here
            other = np.setdiff1d(here, own)
            share = 1 / (1 + len(other) / (weight[rows] * max(len(own), 1e-9)))
            to_own = (
                (rng.random(len(rows)) < share)
                if len(own) and len(other)
                else np.full(len(rows), len(own) > 0)
            )
            pick = rng.random(len(rows))
            for rows_to, pool in ((to_own, own), (~to_own, other)):
                if len(pool):
                    chosen[rows[rows_to]] = pool[(pick[rows_to] * len(pool)).astype(int)]
    return chosen


def expected(
    rng: np.random.Generator, truth: Outcome, region_id: str, setting: Setting, cohort: Cohort
) -> np.ndarray:
    """Each person's probability of the event (or expected relationship score): the sum of the
    planted parts."""
    total = np.full(len(cohort.group), truth.base)
    for column in ("risk_tier", "age_band", "sex", "sentence_type"):
        total += cohort.people[column].map(getattr(truth, column)).to_numpy(dtype=float)
    total += np.array(list(truth.person_group.values()))[cohort.group]
    total += np.array(list(truth.practitioner_group.values()))[setting.group[cohort.practitioner]]
    total += np.array(truth.quarter)[cohort.quarter]
    office = (
        truth.office_per_diversity * setting.diversity
        + rng.uniform(-1, 1, len(setting.size)) * truth.office_spread
    )
    total += office[cohort.office]
    total += (rng.uniform(-1, 1, len(setting.office)) * truth.practitioner_spread)[
        cohort.practitioner
    ]
    return total + truth.matching[region_id] * cohort.matched
