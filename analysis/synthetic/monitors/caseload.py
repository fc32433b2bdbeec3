"""Synthetic caseload of one region: each person under supervision in each closed quarter, with what
was counted of them.

Planted (params/synthetic.yml, `monitors`, `caseload`): breach and recall as events over time with
repeats, completion, housing and work as shares; relative rates by group with regions where nothing
is planted and one where the gap grows.

What a naive method shows: crude relative rates are larger than planted, for breach of Black people
1.16 times as large (NAIVE), because of age and tier. The variance of breaches and of recalls is a
quarter to a third larger than that of independent events (REPEATS). Where the gap grows, the
region's own numbers are too small to tell it from chance.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.synthetic.monitors.quarters import (
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

RATES = ("breaches", "recalls")
# Crude relative rate divided by the planted one (times): synthetic/monitors/quarters.py,
# naive_factor.
NAIVE = {
    "breaches": {"Mixed": 1.156, "Asian": 1.046, "Black": 1.162, "Other": 1.023},
    "recalls": {"Mixed": 1.122, "Asian": 1.031, "Black": 1.149, "Other": 1.016},
    "not_completed": {"Mixed": 1.076, "Asian": 1.021, "Black": 1.086, "Other": 1.011},
}
REPEATS = {
    "breaches": 1.25,
    "recalls": 1.35,
}  # variance of events over that of independent ones (times, White people)


def make_caseload(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """The table supervision_quarters of one region. `part`: people as a share of full scale."""
    draw, service = rng["supervision_quarters"], truth.monitors.caseload
    stock = max(round(truth.regions[region].people * part), 20)
    stay = stays(draw, truth.monitors, stock=stock, mean_quarters=service.mean_quarters)
    n = int(stay.person.max()) + 1
    people, group, unit = make_people(
        draw, truth, region, service, people=n, minority=minority_shares(truth, region)
    )
    row_group, on_licence = (
        group[stay.person],
        (people["sentence_type"] == "licence").to_numpy()[stay.person],
    )
    counted = {}
    for name, adverse in service.outcomes.items():
        own = (
            characteristics_factor(adverse, people)
            * unit_factor(draw, adverse, service.units)[unit]
        )
        times = group_factor(adverse, row_group, region, stay.quarter) * own[stay.person]
        if name in RATES:
            days = np.where(on_licence == (name == "recalls"), stay.days, 0)
            counted[name] = events(
                draw, adverse, times * frailty(draw, adverse, n)[stay.person], days
            )
        else:
            counted[name] = happened(draw, adverse, times)
    units = np.array([f"{initials(region)}-D-{number + 1:02d}" for number in range(service.units)])
    who = people.assign(person_id=ids(initials(region), "Q", n), region=region, unit_id=units[unit])
    rows = who.iloc[stay.person].reset_index(drop=True)
    rows["quarter"] = quarter_starts(truth.monitors)[stay.quarter].astype("datetime64[us]")
    return {"supervision_quarters": pd.concat([rows, _counts(stay, on_licence, counted)], axis=1)}


def _counts(stay, on_licence: np.ndarray, counted: dict[str, np.ndarray]) -> pd.DataFrame:
    """Events and what they are counted over, all whole numbers."""
    ended = stay.ended.astype(int)
    order_ended = ended * ~on_licence
    housing_known = ended * (1 - counted["housing_unknown"])
    # work is recorded six months after the start: in the second quarter after the one in which
    # supervision began
    work_known = _quarters_since_start(stay) == 2
    return pd.DataFrame(
        {
            "order_days": np.where(on_licence, 0, stay.days),
            "breaches": counted["breaches"],
            "licence_days": np.where(on_licence, stay.days, 0),
            "recalls": counted["recalls"],
            "orders_ended": order_ended,
            "orders_completed": order_ended * (1 - counted["not_completed"]),
            "housing_known": housing_known,
            "housing_unknown": ended * counted["housing_unknown"],
            "settled_home": housing_known * (1 - counted["not_settled"]),
            "work_known": work_known.astype(int),
            "in_work": work_known * (1 - counted["not_working"]),
        }
    ).astype("int64")


def _quarters_since_start(stay) -> np.ndarray:
    """Quarters since the one in which the stay began; -1 where it began before the first
    quarter."""
    first = np.full(int(stay.person.max()) + 1, -1)
    first[stay.person[stay.began]] = stay.quarter[stay.began]
    return np.where(first[stay.person] >= 0, stay.quarter - first[stay.person], -1)
