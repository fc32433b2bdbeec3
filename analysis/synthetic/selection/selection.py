"""Synthetic selection of one region: each candidate of an assessment centre in each quarter, and
each vacancy.

Planted (params/synthetic.yml, `selection`): webinars for all internal candidates who are invited to
the centre, from the ninth quarter on. Attending adds 5 points to the pass rate of a White candidate
and 22 to that of any other; nothing in Wales and the South West, and in the North East it takes
points off. Ability, route, group, quarter and webinar add up to a probability, so that the true
triple difference is `planted_webinar_effect`. Candidates who apply again keep their ability. Stages
before the webinars do not change with them.

What naive methods show: those who attended pass by NAIVE_WHERE_NIL points more often than those who
did not where webinars do nothing, because the abler attend; the pass rate of minority ethnic
internal candidates rises by ALL_CHANGES points where webinars do nothing, because everyone's,
internal candidates' and minority ethnic candidates' pass rates rise at the same time.

Vacancies: in four regions a share of them is opened to people with lived experience; recruitment
for the latest has not ended. Counting these as vacancies that nobody with lived experience got
makes the share look smaller than it is. Ethnicity is missing by group alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.synthetic.monitors.quarters import MISSING_KINDS, ids, initials
from analysis.synthetic.planted import GROUPS, MINORITIES, Planted
from analysis.synthetic.selection.planted_selection import Vacancies
from analysis.synthetic.supervision.supervision import choice, draw_rows, ethnicity_codes

# Points in every 100; tests/test_synthetic_selection.py holds both true.
NAIVE_WHERE_NIL, ALL_CHANGES = 9.7, 9.0
SEX = {"female": 0.62, "male": 0.38}
AGE = {"under 35": 0.55, "35-49": 0.33, "50+": 0.12}
GRADES = {"administration": 0.45, "probation_services_officer": 0.40, "manager": 0.15}
AGAIN_AFTER = (2, 5)  # quarters until a candidate applies again, from and below
NATION = 999  # stands in a seed in the place of a region


def make_selection(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """Tables candidates and vacancies of one region. `part`: as a share of full scale."""
    return {
        "candidates": _candidates(rng["candidates"], truth, region, part),
        "vacancies": _vacancies(rng["vacancies"], truth.selection.vacancies, region, part),
    }


def planted_webinar_effect(truth: Planted, region: str) -> float:
    """True triple difference of a region (share that passes): what webinars give minority ethnic
    internal candidates beyond what they give White ones.

    Offered, whether they attend or not, averaged over the groups of the region.
    """
    centre, share = truth.selection.centre, truth.regions[region].practitioners_share
    own = np.array([share[name] for name in MINORITIES])
    gain = np.array([centre.effect[name] for name in MINORITIES])
    apart = float(own @ gain / own.sum()) - centre.effect[GROUPS[0]]
    return centre.attended.base * apart * centre.effect_factor.get(region, 1.0)


def planted_effect_of_all(truth: Planted) -> float:
    """The same over all regions, each by how many of its candidates are from a minority (share)."""
    times, effects, weights = truth.selection.centre.applicants, [], []
    for region, size in truth.regions.items():
        share = sum(size.practitioners_share.values())
        weights.append(times * share / (1 - share + times * share))
        effects.append(planted_webinar_effect(truth, region))
    return float(np.average(effects, weights=weights))


def _groups(rng: np.random.Generator, truth: Planted, region: str, n: int) -> np.ndarray:
    """True group of each person: the region's practitioners, times the odds of applicants."""
    share, times = truth.regions[region].practitioners_share, truth.selection.centre.applicants
    white = 1 - sum(share.values())
    weights = np.array([1.0, *(times * share[name] / white for name in MINORITIES)])
    return draw_rows(rng, np.tile(weights / weights.sum(), (n, 1)))


def _shocks(truth: Planted, rng: np.random.Generator) -> np.ndarray:
    """What a quarter adds to the pass rate of a route and group (quarter x internal x minority):
    part of it alike in all regions."""
    centre, shape = truth.selection.centre, (truth.selection.centre.quarters, 2, 2)
    nation = np.random.default_rng(np.random.SeedSequence([truth.seed, NATION, 61]))
    return nation.uniform(-1, 1, shape) * centre.shock.nation + (
        rng.uniform(-1, 1, shape) * centre.shock.region
    )


def _candidates(rng: np.random.Generator, truth: Planted, region: str, part: float) -> pd.DataFrame:
    centre = truth.selection.centre
    people = max(round(centre.candidates * part), 8) * centre.quarters
    group = _groups(rng, truth, region, people)
    missing = rng.random(people) < np.array([*centre.ethnicity_missing.values()])[group]
    who = pd.DataFrame(
        {
            "person_id": ids(initials(region), "C", people),
            "region": region,
            "ethnicity": ethnicity_codes(rng, group, missing, MISSING_KINDS),
            "sex": choice(rng, SEX, people),
            "age_band": choice(rng, AGE, people),
            "grade": choice(rng, centre.grades, people),
            "route": np.where(rng.random(people) < centre.internal, "internal", "external"),
        }
    )
    ability = rng.uniform(-1, 1, people)
    first = np.repeat(np.arange(centre.quarters), people // centre.quarters)
    once_more = first + rng.integers(*AGAIN_AFTER, people)
    again = np.flatnonzero((rng.random(people) < centre.again) & (once_more < centre.quarters))
    person = np.concatenate([np.arange(people), again])
    quarter = np.concatenate([first, once_more[again]])
    internal = who["route"].to_numpy()[person] == "internal"
    applied = _Applied(internal, group[person], ability[person], quarter)
    stages = _stages(rng, truth, region, applied)
    starts = pd.date_range(centre.first_quarter, periods=centre.quarters, freq="QS")
    rows = who.iloc[person].reset_index(drop=True)
    rows["quarter"] = starts[quarter].astype("datetime64[us]")
    return pd.concat([rows, stages], axis=1)


@dataclass(frozen=True, eq=False)
class _Applied:
    """Each application: internal or not, true group (number in GROUPS), ability from -1 to 1, and
    quarter from 0."""

    internal: np.ndarray
    group: np.ndarray
    ability: np.ndarray
    quarter: np.ndarray


def _stages(
    rng: np.random.Generator, truth: Planted, region: str, applied: _Applied
) -> pd.DataFrame:
    """How far each application came, and the webinar, as whole numbers 0 or 1."""
    internal, group = applied.internal, applied.group
    ability, quarter = applied.ability, applied.quarter
    centre = truth.selection.centre
    begun = quarter >= centre.webinars_from

    def happened(stage: str, more: np.ndarray | float = 0.0) -> np.ndarray:
        share = centre.base[stage] + centre.internal_more[stage] * internal
        share = share + np.array([*centre.group[stage].values()])[group]
        share = share + centre.by_ability[stage] * ability + more
        return (rng.random(len(group)) < share).astype(int)

    sifted = happened("sifted_in")
    invited = sifted * happened("invited")
    offered = invited * internal * begun
    comes = centre.attended.base + centre.attended.by_ability * ability
    attended = offered * (rng.random(len(group)) < comes)
    effect = np.array([*centre.effect.values()])[group] * centre.effect_factor.get(region, 1.0)
    minority, since = group > 0, centre.since
    change = since.everyone + since.internal * internal + since.minority * minority
    shock = _shocks(truth, rng)[quarter, internal.astype(int), minority.astype(int)]
    passed = invited * happened("passed", begun * change + shock + effect * attended)
    return pd.DataFrame(
        {
            "candidates": 1,
            "sifted_in": sifted,
            "invited": invited,
            "webinar_offered": offered,
            "webinar_attended": attended,
            "passed": passed,
            "appointed": passed * happened("appointed"),
        }
    ).astype("int64")


def _vacancies(
    rng: np.random.Generator, truth: Vacancies, region: str, part: float
) -> pd.DataFrame:
    each = max(round(truth.a_quarter * part), 3)
    n = each * truth.quarters
    quarter = np.repeat(np.arange(truth.quarters), each)
    opened = rng.random(n) < truth.opened.get(region, 0.0)
    ended = rng.random(n) < np.array(truth.ended)[quarter]
    got_it = opened & ended & (rng.random(n) < truth.appointed.get(region, 0.0))
    applied = opened * rng.poisson(truth.lived_applied, n)
    shortlisted = np.maximum(rng.binomial(applied, truth.lived_shortlisted) * ended, got_it)
    applied = np.maximum(applied, shortlisted)
    starts = pd.date_range(truth.first_quarter, periods=truth.quarters, freq="QS")
    return pd.DataFrame(
        {
            "vacancy_id": ids(initials(region), "V", n),
            "quarter": starts[quarter].astype("datetime64[us]"),
            "region": region,
            "grade": choice(rng, GRADES, n),
            "vacancies": 1,
            "opened": opened.astype("int64"),
            "ended": ended.astype("int64"),
            "applicants": (applied + rng.poisson(truth.applicants, n)).astype("int64"),
            "lived_applied": applied.astype("int64"),
            "lived_shortlisted": shortlisted.astype("int64"),
            "lived_appointed": got_it.astype("int64"),
        }
    )
