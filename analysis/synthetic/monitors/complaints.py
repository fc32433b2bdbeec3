"""Synthetic complaints of people in prison of one region: what each person sent in and what was
decided, quarter by quarter; and race-related complaints month by month.

Planted (params/synthetic.yml, `monitors`, `complaints`): how often each group complains, by
category, and how often a complaint of theirs is upheld: two things that do not follow each other.
Complaints about segregation are upheld alike in every group. Race-related complaints rise by a step
in August 2024 and fall back slowly, over a wave of the year. In one region the group of Black
people with a complaint upheld is often not recorded: missing not at random.

What a naive method shows: few people send many complaints, so that an interval which takes them as
independent is too narrow (frailty). The mean of the months after beside that of the months before
takes the falling back for a smaller step. Where the group goes
unrecorded because of the event, the ratio among the recorded is too low, and imputing from the
recorded does not mend it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.extracts.tables.complaint_tables import OF
from analysis.synthetic.monitors.planted_monitors import Complaints, RaceMonths
from analysis.synthetic.monitors.prisons import MORE_OVER
from analysis.synthetic.monitors.quarters import (
    MISSING_KINDS,
    Stays,
    characteristics_factor,
    events,
    frailty,
    group_factor,
    ids,
    initials,
    make_people,
    minority_shares,
    quarter_starts,
    stays,
    unit_factor,
)
from analysis.synthetic.planted import GROUPS, Planted
from analysis.synthetic.supervision.supervision import choice

RECEIVED = (*OF, "race", "others")  # what all complaints are made of
UPHELD = {"segregation": "upheld_segregation"}  # of the others: "upheld"
AGAIN = 0.06  # of monthly race-related complaints before the rows begin: sent by one who sent one
MOST = 0.95  # of a share that is upheld


def make_complaints(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """Tables complaint_quarters and race_complaint_months of one region. `part`: people as a share
    of full scale."""
    draw, own = rng["complaint_quarters"], truth.monitors.complaints
    stock = max(round(own.people * part), 20)
    stay = stays(draw, truth.monitors, stock=stock, mean_quarters=own.mean_quarters)
    n = int(stay.person.max()) + 1
    minority = {name: MORE_OVER * share for name, share in minority_shares(truth, region).items()}
    people, group, unit = make_people(draw, truth, region, own, people=n, minority=minority)
    counts = _counts(draw, truth, region, (people, group, unit, stay))
    people["ethnicity"] = _recorded(draw, own, region, people["ethnicity"], group, stay, counts)
    code = initials(region)
    prisons = np.array([f"{code}-C-{k + 1:02d}" for k in range(own.units)])
    who = people.assign(person_id=ids(code, "K", n), region=region, prison_id=prisons[unit])
    rows = who.iloc[stay.person].reset_index(drop=True)
    rows["quarter"] = quarter_starts(truth.monitors)[stay.quarter].astype("datetime64[us]")
    rows = pd.concat([rows, counts], axis=1)
    months = _months(rng["race_complaint_months"], truth, region, rows, (stock, prisons))
    return {"complaint_quarters": rows, "race_complaint_months": months}


def race_path(planted: RaceMonths, months: pd.DatetimeIndex, region: str) -> np.ndarray:
    """What multiplies the rate of race-related complaints in each month (times)."""
    event = pd.Timestamp(planted.event_month)
    since = np.array([12 * (m.year - event.year) + m.month - event.month for m in months])
    step = np.log(planted.places.get(region, planted.step))
    after = since >= 0
    wave = planted.season * np.cos(2 * np.pi * (months.month.to_numpy() - 8) / 12)
    falls = planted.slope * since * after * (step != 0)
    return np.exp(wave + step * after + falls)


def _counts(rng, truth: Planted, region: str, held: tuple) -> pd.DataFrame:
    """What was received, decided and upheld in each row, by category and in all."""
    people, group, unit, stay = held
    own, table = truth.monitors.complaints, {"custody_days": stay.days}
    path = _path_by_quarter(truth, region)[stay.quarter]
    received, decided, upheld = {}, {}, {}
    for name in (*RECEIVED, "discrimination_reports"):
        adverse = own.outcomes[name]
        each = (
            characteristics_factor(adverse, people)
            * unit_factor(rng, adverse, own.units)[unit]
            * frailty(rng, adverse, len(people))
        )
        times = group_factor(adverse, group[stay.person], region, stay.quarter)
        times = times * each[stay.person] * (path if name == "race" else 1.0)
        received[name] = events(rng, adverse, times, stay.days)
    for name in RECEIVED:
        adverse = own.outcomes[UPHELD.get(name, "upheld")]
        times = group_factor(adverse, group[stay.person], region, stay.quarter)
        share = adverse.base * times * characteristics_factor(adverse, people)[stay.person]
        decided[name] = rng.binomial(received[name], own.decided)
        upheld[name] = rng.binomial(decided[name], np.minimum(share, MOST))
    for what, of in (("complaints", received), ("decided", decided), ("upheld", upheld)):
        table[what] = sum(of[name] for name in RECEIVED)
        table |= {f"{what}_{name}": of[name] for name in OF}
    table["complaints_race"] = received["race"]
    table["discrimination_reports"] = received["discrimination_reports"]
    return pd.DataFrame(table).astype("int64")


def _path_by_quarter(truth: Planted, region: str) -> np.ndarray:
    """The mean of the monthly path in each quarter that is counted."""
    starts = quarter_starts(truth.monitors)
    months = pd.date_range(starts[0], periods=3 * len(starts), freq="MS")
    path = race_path(truth.monitors.complaints.race_months, months, region)
    return path.reshape(-1, 3).mean(axis=1)


def _recorded(
    rng: np.random.Generator,
    own: Complaints,
    region: str,
    ethnicity: pd.Series,
    group: np.ndarray,
    stay: Stays,
    counts: pd.DataFrame,
) -> np.ndarray:
    """The recorded code: where it is planted so, people with a complaint upheld go unrecorded."""
    shares = own.unrecorded.get(region, {})
    chance = np.array([shares.get(name, 0.0) for name in GROUPS])[group]
    upheld = np.zeros(len(group), dtype=bool)
    upheld[stay.person[counts["upheld"].to_numpy() > 0]] = True
    lost = upheld & (rng.random(len(group)) < chance)
    return np.where(lost, choice(rng, MISSING_KINDS, len(group)), ethnicity)


def _months(
    rng: np.random.Generator, truth: Planted, region: str, rows: pd.DataFrame, held: tuple
) -> pd.DataFrame:
    """Race-related complaints by prison and month: those of the rows, and those of the months
    before the rows begin."""
    stock, prisons = held
    planted = truth.monitors.complaints.race_months
    first = quarter_starts(truth.monitors)[0]
    before = pd.date_range(planted.first_month, first, freq="MS", inclusive="left")
    path = race_path(planted, before, region)
    level = _group_level(rows, path=_path_by_quarter(truth, region))
    residents = round(stock / len(prisons))
    sent = rng.poisson(level * residents * path[:, None], (len(before), len(prisons)))
    early = pd.DataFrame(
        {
            "prison_id": np.tile(prisons, len(before)),
            "month": np.repeat(before, len(prisons)),
            "residents": residents,
            "race_complaints": sent.ravel(),
            "complainants": _people_behind(rng, sent.ravel()),
        }
    )
    found = pd.concat([early, _of_the_rows(rng, rows, prisons)], ignore_index=True)
    found["month"] = found["month"].astype("datetime64[us]")
    numbers = dict.fromkeys(("residents", "race_complaints", "complainants"), "int64")
    return found.assign(region=region).astype(numbers)


def _group_level(rows: pd.DataFrame, *, path: np.ndarray) -> float:
    """Race-related complaints a person and month at a path of 1, all groups together, as the rows
    have them."""
    quarter = rows["quarter"].rank(method="dense").astype(int).to_numpy() - 1
    exposed = (rows["custody_days"].to_numpy() / 30.44) @ path[quarter]
    return float(rows["complaints_race"].sum() / max(exposed, 1.0))


def _people_behind(rng: np.random.Generator, sent: np.ndarray) -> np.ndarray:
    """How many people sent so many: one at least where there is any."""
    return sent - rng.binomial(np.maximum(sent - 1, 0), AGAIN)


def _of_the_rows(rng: np.random.Generator, rows: pd.DataFrame, prisons: np.ndarray) -> pd.DataFrame:
    """Each complaint of a row falls into one of the months of its quarter."""
    quarters = np.sort(rows["quarter"].unique())
    months = pd.DatetimeIndex([m for q in quarters for m in pd.date_range(q, periods=3, freq="MS")])
    every = pd.MultiIndex.from_product([months, prisons], names=["month", "prison_id"])
    sent = rows.loc[
        rows.index.repeat(rows["complaints_race"]), ["person_id", "prison_id", "quarter"]
    ]
    later = rng.integers(0, 3, len(sent))
    start = pd.DatetimeIndex(sent["quarter"])
    number = 12 * start.year + start.month - 1 + later
    sent = sent.assign(
        month=pd.to_datetime({"year": number // 12, "month": number % 12 + 1, "day": 1}).to_numpy()
    )
    by = sent.groupby(["month", "prison_id"])["person_id"]
    days = rows.groupby(["quarter", "prison_id"])["custody_days"].sum() / 91.3
    table = pd.DataFrame(index=every).reset_index()
    quarter = table["month"].dt.to_period("Q").dt.start_time
    held = pd.MultiIndex.from_arrays([quarter, table["prison_id"]])
    table["residents"] = days.reindex(held).fillna(0).round().to_numpy()
    table["race_complaints"] = by.size().reindex(every).fillna(0).to_numpy()
    table["complainants"] = by.nunique().reindex(every).fillna(0).to_numpy()
    return table
