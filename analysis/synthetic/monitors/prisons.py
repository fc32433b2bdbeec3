"""Synthetic prisons of one region: people in each closed quarter, release decisions, and where each
prison belongs.

Planted (params/synthetic.yml, `monitors`, `prisons`): force, incentives, activities and a chain of
release on home detention curfew whose gap comes from who applies, not from who is granted it. Of
the ten prisons that lie in a region one is a women's prison, one is for long terms and high
security and one is privately run: strata of their own. One prison passes from private to public
hands in the window (HANDED_OVER): its people belong to the private prisons before that day and to
its region after it, which only the DATED crosswalk gets right.

What a naive method shows: few people have many incidents of force, so that an interval which takes
incidents as independent is half as wide as it should be (REPEATS: its variance, a quarter). The
crude relative rate of force is larger than planted, for Mixed people 1.27 times as large (NAIVE),
because of age and security category. A join of the crosswalk that ignores its dates counts each
person of the prison handed over twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.synthetic.monitors.quarters import (
    Stays,
    characteristics_factor,
    events,
    frailty,
    group_factor,
    happened,
    ids,
    initials,
    make_people,
    minority_shares,
    quarter_starts,
    stays,
    unit_factor,
)
from analysis.synthetic.planted import Planted

STRATA = {
    0: "womens_prisons",
    1: "long_term_high_security",
    2: "private_prisons",
}  # by number of the prison
HANDED_OVER = (
    "west_midlands",
    2,
    "2026-01-01",
)  # region, number of the prison, day it stopped being privately run
ALWAYS = ("2000-01-01", "2099-12-31")
RATES = ("force_incidents", "negative_entries")
# Crude relative rate divided by the planted one (times): synthetic/monitors/quarters.py,
# naive_factor.
NAIVE = {"force_incidents": {"Mixed": 1.272, "Asian": 1.101, "Black": 1.211, "Other": 1.050}}
REPEATS = {
    "force_incidents": 4.0
}  # variance of events over that of independent ones (times, White people)
MORE_OVER = 1.3  # people in prison against people on probation: odds of each minority ethnic group


def make_prisons(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """Tables prisons, prison_quarters and release_decisions of one region. `part`: people as a
    share of full scale."""
    draw, estate = rng["prison_quarters"], truth.monitors.prisons
    stay = stays(
        draw,
        truth.monitors,
        stock=max(round(estate.people * part), 20),
        mean_quarters=estate.mean_quarters,
    )
    n = int(stay.person.max()) + 1
    minority = {name: MORE_OVER * share for name, share in minority_shares(truth, region).items()}
    people, group, unit = make_people(draw, truth, region, estate, people=n, minority=minority)
    people.insert(1, "sex", np.where(unit == 0, "female", "male"))
    code = initials(region)
    prisons = np.array([f"{code}-H-{k + 1:02d}" for k in range(estate.units)])
    counted = _outcomes(draw, truth, region, _Held(people, group, unit, stay))
    whole = (
        people.assign(person_id=ids(code, "R", n), prison_id=prisons[unit])
        .iloc[stay.person]
        .reset_index(drop=True)
    )
    whole["quarter"] = quarter_starts(truth.monitors)[stay.quarter].astype("datetime64[us]")
    return {
        "prisons": crosswalk(region, estate.units),
        "prison_quarters": pd.concat([whole, _in_custody(stay, counted)], axis=1),
        "release_decisions": _decisions(whole, stay, counted),
    }


def crosswalk(region: str, prisons: int) -> pd.DataFrame:
    """Where each prison belongs, and from when to when."""
    rows = []
    for number in range(prisons):
        place = STRATA.get(number, region)
        if HANDED_OVER[:2] == (region, number):
            before = str((pd.Timestamp(HANDED_OVER[2]) - pd.Timedelta(days=1)).date())
            rows += [
                (number, place, ALWAYS[0], before),
                (number, region, HANDED_OVER[2], ALWAYS[1]),
            ]
        else:
            rows.append((number, place, *ALWAYS))
    table = pd.DataFrame(rows, columns=["number", "region", "valid_from", "valid_to"])
    table.insert(
        0, "prison_id", [f"{initials(region)}-H-{number + 1:02d}" for number in table.pop("number")]
    )
    return table.astype({"valid_from": "datetime64[us]", "valid_to": "datetime64[us]"})


@dataclass(frozen=True, eq=False)
class _Held:
    """People, the true group and the prison (number) of each, and their stays."""

    people: pd.DataFrame
    group: np.ndarray
    prison: np.ndarray
    stay: Stays


def _outcomes(
    draw: np.random.Generator, truth: Planted, region: str, held: _Held
) -> dict[str, np.ndarray]:
    """Each outcome of each row: events of a rate, else 0 or 1."""
    estate, counted = truth.monitors.prisons, {}
    people, stay = held.people, held.stay
    for name, adverse in estate.outcomes.items():
        own = (
            characteristics_factor(adverse, people)
            * unit_factor(draw, adverse, estate.units)[held.prison]
        )
        times = (
            group_factor(adverse, held.group[stay.person], region, stay.quarter) * own[stay.person]
        )
        if name in RATES:
            often = frailty(draw, adverse, len(people))[stay.person]
            counted[name] = events(draw, adverse, times * often, stay.days)
        else:
            counted[name] = happened(draw, adverse, times)
    return counted


def _in_custody(stay: Stays, counted: dict[str, np.ndarray]) -> pd.DataFrame:
    """Events and what they are counted over; a snapshot is taken on the last day of the quarter."""
    present = 1 - stay.ended.astype(int)
    started = 1 - counted["no_start"]
    return pd.DataFrame(
        {
            "custody_days": stay.days,
            "force_incidents": counted["force_incidents"],
            "people": 1,
            "force_used": (counted["force_incidents"] > 0).astype(int),
            "force_repeated": (counted["force_incidents"] > 1).astype(int),
            "negative_entries": counted["negative_entries"],
            "at_snapshot": present,
            "on_basic": present * counted["on_basic"],
            "on_enhanced": present * (1 - counted["on_basic"]) * (1 - counted["not_enhanced"]),
            "activity_eligible": 1,
            "activity_started": started,
            "activity_completed": started * (1 - counted["no_finish"]),
        }
    ).astype("int64")


def _decisions(whole: pd.DataFrame, stay: Stays, counted: dict[str, np.ndarray]) -> pd.DataFrame:
    """One row a person whose release was due: stays that ended. The chain: eligible, applied,
    granted, returned."""
    due = stay.ended
    eligible = (whole["security_category"].to_numpy() != "high").astype(int)
    applied = eligible * (1 - counted["not_applied"])
    granted = applied * (1 - counted["not_granted"])
    heard = 1 - eligible
    table = pd.DataFrame(
        {
            "curfew_eligible": eligible,
            "curfew_applied": applied,
            "curfew_granted": granted,
            "curfew_returned": granted * counted["returned"],
            "leave_eligible": eligible,
            "leave_granted": eligible * (1 - counted["no_temporary_release"]),
            "parole_heard": heard,
            "parole_released": heard * (1 - counted["not_released"]),
        }
    ).astype("int64")
    return pd.concat([whole, table], axis=1)[due].reset_index(drop=True)
