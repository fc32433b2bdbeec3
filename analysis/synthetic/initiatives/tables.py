"""Synthetic tables of regional initiatives of one region: applications, scores of managers, needs
for support, performance conversations. What is planted: months.py."""

import numpy as np
import pandas as pd

from analysis.extracts.tables.pilots.initiative_tables import PROVIDERS
from analysis.synthetic.initiatives.months import (
    groups_of,
    happens,
    moved,
    of_people,
    recorded_ethnicity,
    rows_by_month,
    since_start,
)
from analysis.synthetic.monitors.quarters import ids, initials
from analysis.synthetic.planted import MINORITIES, Planted
from analysis.synthetic.supervision.supervision import choice

SEX = {"female": 0.58, "male": 0.42}
PEOPLE_SEX = {"female": 0.13, "male": 0.87}
NATIONAL_OF_OTHERS = 0.6  # of referrals that do not go to a local specialist
RATED = 0.8


def make_applications(
    rng: np.random.Generator, truth: Planted, region: str, *, part: float
) -> pd.DataFrame:
    """job_applications: more minority ethnic applicants, and more of them shortlisted, where an
    initiative goes out to recruit."""
    table = truth.initiatives.recruitment
    month, day = rows_by_month(rng, table, part)
    paths, shares = table.paths, truth.regions[region].practitioners_share
    levels = moved(rng, truth, table, paths["applied"], region)
    effect = of_people(table, paths["applied"], region, levels, month, np.zeros(len(month), int))
    minority = happens(rng, sum(shares.values()) + effect)
    own = groups_of(rng, _of_minorities(shares), len(month))
    group = np.where(minority, own, 0)
    declares = table.declares_more * (region in paths["applied"].effect)
    less = np.where(since_start(table)[month] >= 0, declares, 0.0)
    stages, reached = {}, np.ones(len(month), dtype=bool)
    for name in ("shortlisted", "interviewed", "appointed"):
        levels = moved(rng, truth, table, paths[name], region)
        passed = happens(rng, of_people(table, paths[name], region, levels, month, group))
        stages[name] = np.where(reached, passed.astype(float), np.nan)
        reached = reached & passed
    return pd.DataFrame(
        {
            "application_id": ids(initials(region), "J", len(month)),
            "applied_on": day,
            "region": region,
            "ethnicity": recorded_ethnicity(rng, table, group, less),
            "sex": choice(rng, SEX, len(month)),
            "shortlisted": stages["shortlisted"] == 1,
            "interviewed": stages["interviewed"],
            "appointed": stages["appointed"],
        }
    )


def _of_minorities(shares: dict[str, float]) -> dict[str, float]:
    """Shares among minority ethnic people, who are all."""
    return {name: shares[name] / sum(shares.values()) for name in MINORITIES}


def make_scores(
    rng: np.random.Generator, truth: Planted, region: str, *, part: float
) -> pd.DataFrame:
    """manager_scores: knowledge and what staff say, which rise where workshops are held."""
    table = truth.initiatives.leadership
    month, day = rows_by_month(rng, table, part)
    group = groups_of(rng, dict(truth.regions[region].practitioners_share), len(month))
    held = region in table.paths["knowledge"].effect
    attended = held & (since_start(table)[month] >= 0) & (rng.random(len(month)) < table.attended)
    scores = {}
    for name, ends in (("knowledge", (0.0, 40.0)), ("inclusive_rating", (1.0, 5.0))):
        path = table.paths[name]
        levels = moved(rng, truth, table, path, region)
        mean = of_people(table, path, region, levels, month, group)
        scores[name] = np.clip(rng.normal(mean, path.spread), *ends).round(2)
    useful = happens(rng, np.full(len(month), table.paths["useful"].level))
    return pd.DataFrame(
        {
            "score_id": ids(initials(region), "L", len(month)),
            "asked_on": day,
            "region": region,
            "ethnicity": recorded_ethnicity(rng, table, group),
            "attended": attended,
            "found_useful": np.where(attended, useful.astype(float), np.nan),
            **scores,
        }
    )


def make_needs(
    rng: np.random.Generator, truth: Planted, region: str, *, part: float
) -> pd.DataFrame:
    """support_referrals: minority ethnic people are referred more, and more of them to local
    specialists, where grants are given."""
    table, paths = truth.initiatives.support, truth.initiatives.support.paths
    month, day = rows_by_month(rng, table, part)
    group = groups_of(rng, dict(truth.regions[region].people_share), len(month))
    found = {}
    for name in ("referred", "local", "took_up"):
        levels = moved(rng, truth, table, paths[name], region)
        found[name] = happens(rng, of_people(table, paths[name], region, levels, month, group))
    national = rng.random(len(month)) < NATIONAL_OF_OTHERS
    kind = np.where(found["local"], 0, np.where(national, 1, 2))
    provider = np.array(PROVIDERS, dtype=object)[kind]
    provider[~found["referred"]] = None
    return pd.DataFrame(
        {
            "need_id": ids(initials(region), "N", len(month)),
            "seen_on": day,
            "region": region,
            "ethnicity": recorded_ethnicity(rng, table, group),
            "sex": choice(rng, PEOPLE_SEX, len(month)),
            "referred": found["referred"],
            "provider": pd.array(provider, dtype="str"),
            "took_up": np.where(found["referred"], found["took_up"].astype(float), np.nan),
        }
    )


def make_conversations(
    rng: np.random.Generator, truth: Planted, region: str, *, part: float
) -> pd.DataFrame:
    """performance_conversations: more are held at early sites, which held more before; ratings do
    not change."""
    table = truth.initiatives.conversations
    sites = [_site(rng, truth, region, site, part=part) for site in range(1, table.sites + 1)]
    rows = pd.concat(sites, ignore_index=True)
    return rows.assign(due_id=ids(initials(region), "C", len(rows)))


def _site(
    rng: np.random.Generator, truth: Planted, region: str, site: int, *, part: float
) -> pd.DataFrame:
    table = truth.initiatives.conversations
    early = site in table.early.get(region, ())
    month, day = rows_by_month(rng, table, part)
    group = groups_of(rng, dict(truth.regions[region].practitioners_share), len(month))
    own = rng.uniform(-1, 1) * table.site_spread + table.readier * early
    found = {}
    for name in ("held", "good_rating"):
        path = table.paths[name]
        levels = moved(rng, truth, table, path, region) + own * (name == "held")
        there = path if early else path.model_copy(update={"effect": {}})
        found[name] = happens(rng, of_people(table, there, region, levels, month, group))
    rated = rng.random(len(month)) < RATED
    return pd.DataFrame(
        {
            "due_on": day,
            "region": region,
            "site_id": f"{initials(region)}-site-{site}",
            "setting": "probation" if site == 1 else "prison",
            "early_adopter": early,
            "ethnicity": recorded_ethnicity(rng, table, group),
            "held": found["held"],
            "good_rating": np.where(rated, found["good_rating"].astype(float), np.nan),
        }
    )
