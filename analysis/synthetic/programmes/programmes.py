"""Synthetic accredited programmes of one region: people found suitable, and their offences.

Planted (params/synthetic.yml, `programmes`): a person's chance of proven reoffending within 12
months is base + risk score + previous convictions + drug need + age, and for those who start, the
effect of their programme on their ethnic group times the factor of the region. Everything adds up
and stays within 0 and 1, so that the mean effect over those who start IS the effect on the treated.

What a naive method shows: places go to people of higher risk, so that those who start seem to
reoffend MORE by NAIVE_DIFFERENCE in every 100 where starting truly lowers it by about 4. Those who
complete are of lower risk than those who start, so that completers alone look better than they are.
A second trap lies in the offences: breaches, offences never proven, proven or committed too late.
Whoever counts rows of that table counts too much, and more so among those who started, who have
more appointments to miss.

Missing ethnicity depends on the true group only. Starting does not depend on it, nor on the group.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.extracts.tables.pilots.programme_tables import PROGRAMMES
from analysis.synthetic.monitors.quarters import initials
from analysis.synthetic.planted import GROUPS, Planted
from analysis.synthetic.programmes.planted_programmes import Decoys, Programmes
from analysis.synthetic.supervision.supervision import (
    choice,
    draw_rows,
    ethnicity_codes,
    group_shares,
)

# Proven reoffending of those who start less that of the others, nothing held alike, the whole
# nation (in every 100). tests/test_synthetic_programmes.py holds it true.
NAIVE_DIFFERENCE = 4.3
YEAR, WAITING = 365, 180  # days: to offend, and for the proof
STEP, MIDDLE = 20.0, 50.0  # of the risk score
MOST_CONVICTIONS = 30  # beyond which further ones add nothing
LOW, HIGH = 0.11, 0.93  # of the chance without a programme: effects stay within 0 and 1
DAYS_IN_WINDOW = 364


def make_programmes(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """Tables programme_cohort and offences of one region. `part`: people as a share of full
    scale."""
    n = max(round(truth.programmes.suitable * truth.regions[region].people * part), 40)
    people, chance = _cohort(rng["programme_cohort"], truth, region, n)
    offences = _offences(rng["offences"], truth, people, chance)
    return {"programme_cohort": people, "offences": offences}


def _cohort(
    rng: np.random.Generator, truth: Planted, region: str, n: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """The people as released, and the chance of each to reoffend, started or not."""
    plan, missing = truth.programmes, truth.supervision.ethnicity_missing
    group = draw_rows(
        rng, np.repeat(group_shares(truth.regions[region].people_share, np.zeros(1)), n, axis=0)
    )
    suitable = np.array([[plan.programmes[p].suitable[g] for p in PROGRAMMES] for g in GROUPS])
    programme = draw_rows(rng, suitable[group])
    risk = np.round(100 / (1 + np.exp(-rng.normal(0, 0.9, n))))
    convictions = rng.poisson(rng.gamma(1.5, 0.02 + risk / 12))
    drug, alcohol = rng.random(n) < plan.drug_need, rng.random(n) < plan.alcohol_need
    female = rng.random(n) < plan.female
    age = choice(rng, plan.age_band, n)
    steps, ten = (risk - MIDDLE) / STEP, np.minimum(convictions, MOST_CONVICTIONS) / 10
    odds = plan.starting
    started = rng.random(n) < _share(
        odds.base
        + odds.risk * steps
        + odds.convictions * ten
        + odds.drug_need * drug
        + odds.female * female
    )
    completed = started & (rng.random(n) < (odds.completed + odds.completed_risk * steps))
    without = plan.reoffending
    base = (
        without.base
        + without.risk * (steps + MIDDLE / STEP / 2)
        + without.convictions * ten
        + without.drug_need * drug
        + pd.Series(age).map(without.age_band).to_numpy()
    )
    chance = base.clip(LOW, HIGH) + started * _effects(plan, region)[programme, group]
    day = np.datetime64("2023-07-01") + rng.integers(0, DAYS_IN_WINDOW, n)
    unknown = rng.random(n) < np.array([missing.person[name] for name in GROUPS])[group]
    short = rng.random(n) < plan.followed_short
    end = np.datetime64(truth.extracted_on) - 30
    followed = np.where(short, day + rng.integers(60, 520, n), end)
    code = initials(region)
    table = pd.DataFrame(
        {
            "person_id": [f"{code}-G-{k:05d}" for k in range(1, n + 1)],
            "region": region,
            "programme": np.array(PROGRAMMES)[programme],
            "indexed_on": day.astype("datetime64[us]"),
            "followed_to": followed.astype("datetime64[us]"),
            "started": started,
            "completed": completed,
            "ethnicity": ethnicity_codes(rng, group, unknown, missing.person_kinds),
            "sex": np.where(female, "female", "male"),
            "age_band": age,
            "sentence_type": choice(rng, plan.sentence_type, n),
            "risk_score": np.where(rng.random(n) < plan.not_assessed, np.nan, risk),
            "previous_convictions": convictions.astype("int64"),
            "drug_need": drug,
            "alcohol_need": alcohol,
        }
    )
    return table, chance


def _share(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-log_odds))


def _effects(plan: Programmes, region: str) -> np.ndarray:
    """Effect by programme (rows) and group (columns) in a region."""
    each = [[plan.programmes[p].effect[g] for g in GROUPS] for p in PROGRAMMES]
    return np.array(each) * plan.region_factor[region]


# -- offences --------------------------------------------------------------------------------------
def _offences(
    rng: np.random.Generator, truth: Planted, people: pd.DataFrame, chance: np.ndarray
) -> pd.DataFrame:
    """Proven reoffences and decoys, as far as each person was followed."""
    plan, n = truth.programmes, len(people)
    reoffends = np.flatnonzero(rng.random(n) < chance)
    more = rng.poisson(plan.reoffending.more, len(reoffends))
    who = np.repeat(reoffends, 1 + more)
    after = np.floor((YEAR - 1) * rng.random(len(who)) ** 1.3).astype(int)
    lag = rng.integers(10, WAITING, len(who))
    true_ones = _rows(who, after, after + lag, breach=False)
    rows = pd.concat([true_ones, *_decoys(rng, plan.decoys, people)], ignore_index=True)
    start = people["indexed_on"].to_numpy()[rows["who"]]
    rows["offended_on"] = start + pd.to_timedelta(rows["after"], unit="D").to_numpy()
    rows["proven_on"] = start + pd.to_timedelta(rows["proven"], unit="D").to_numpy()
    known = people["followed_to"].to_numpy()[rows["who"]]
    rows = rows[rows["offended_on"].to_numpy() <= known]
    known = people["followed_to"].to_numpy()[rows["who"]]
    rows["proven_on"] = rows["proven_on"].where(rows["proven_on"].to_numpy() <= known)
    rows = rows.sort_values(["who", "offended_on"], kind="stable").reset_index(drop=True)
    by = np.where(rng.random(len(rows)) < plan.reoffending.caution, "caution", "conviction")
    code = people["person_id"].iloc[0].split("-")[0]
    return pd.DataFrame(
        {
            "offence_id": [f"{code}-H-{k:06d}" for k in range(1, len(rows) + 1)],
            "person_id": people["person_id"].to_numpy()[rows["who"]],
            "region": people["region"].to_numpy()[rows["who"]],
            "offended_on": rows["offended_on"].astype("datetime64[us]"),
            "proven_on": rows["proven_on"].astype("datetime64[us]"),
            "proven_by": pd.Series(by, dtype=object).where(rows["proven_on"].notna(), None),
            "is_breach": rows["breach"].to_numpy(dtype=bool),
        }
    )


def _rows(who: np.ndarray, after: np.ndarray, proven: np.ndarray, *, breach: bool) -> pd.DataFrame:
    """Offences: whose (position), days to it, days to its proof (missing: never)."""
    proven = np.asarray(proven, dtype=float)
    return pd.DataFrame({"who": who, "after": after, "proven": proven, "breach": breach})


def _decoys(rng: np.random.Generator, decoys: Decoys, people: pd.DataFrame):
    """What is no proven reoffence within 12 months, of people who reoffend and of others alike."""
    n, started = len(people), people["started"].to_numpy()
    late = np.flatnonzero(rng.random(n) < decoys.proven_late)
    after = rng.integers(200, YEAR, len(late))
    yield _rows(late, after, np.full(len(late), 560) + rng.integers(0, 60, len(late)), breach=False)
    beyond = np.flatnonzero(rng.random(n) < decoys.committed_late)
    after = rng.integers(YEAR + 5, YEAR + 150, len(beyond))
    yield _rows(beyond, after, after + 20, breach=False)
    open_ = np.flatnonzero(rng.random(n) < decoys.unproven)
    yield _rows(open_, rng.integers(0, YEAR, len(open_)), np.full(len(open_), np.nan), breach=False)
    share = np.where(started, decoys.breach_started, decoys.breach_other)
    breach = np.flatnonzero(rng.random(n) < share)
    after = rng.integers(0, YEAR, len(breach))
    yield _rows(breach, after, after + 30, breach=True)


# -- what is true ----------------------------------------------------------------------------------
def planted_programme_effect(
    truth: Planted, region: str, *, group: str | None = None, programme: str | None = None
) -> float:
    """True effect on those who start (share): of everyone in a region, of one ethnic group, of one
    programme, or of both. Starting hangs on neither, so that those suitable stand for them."""
    plan, shares = truth.programmes, dict(truth.regions[region].people_share)
    shares["White"] = 1 - sum(shares.values())
    groups = GROUPS if group is None else (group,)
    programmes = PROGRAMMES if programme is None else (programme,)
    weight = {
        (g, p): shares[g] * plan.programmes[p].suitable[g] for g in groups for p in programmes
    }
    effect = sum(w * plan.programmes[p].effect[g] for (g, p), w in weight.items())
    return plan.region_factor[region] * effect / sum(weight.values())
