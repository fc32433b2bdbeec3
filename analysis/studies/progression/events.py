"""Events of eligible staff as times from the day of a risk set: pure functions of frames."""

import numpy as np
import pandas as pd

from analysis.designs.cohorts.risk_sets import RiskSets
from analysis.inference.columns import ExitColumns, RiskColumns, SetColumns
from analysis.studies.progression.kind import COVARIATES, OTHER_WAYS

DAYS_IN_MONTH = 365.25 / 12
# Of each, only those to whom it had not happened before the day of the set are looked at.
FIRST_TIMES = ("applied", "coached", "deputised")
# Columns of the table that rows of risk sets need.
USED = (
    "staff_id",
    "grade",
    "ethnic_group",
    "sex",
    "age_band",
    "performance",
    "entered_on",
    "eligible_from",
    "joined_on",
    "followed_to",
    *(f"{event}_on" for event in OTHER_WAYS),
)
HELD = ("region", "grade", "joined_on")
RISK = RiskColumns(
    since="eligible_from", until="at_risk_until", joined="joined_on", exact=("region", "grade")
)
SETS = SetColumns(
    risk_set="risk_set", treated="member", person="staff_id", covariates=COVARIATES, held=HELD
)
EXITS = ExitColumns(time="days", exit="exit", treated="member")


def days(months: float) -> float:
    """The day by which so many months have passed."""
    return float(round(months * DAYS_IN_MONTH))


def set_rows(staff: pd.DataFrame, sets: RiskSets) -> pd.DataFrame:
    """One row a person in a risk set: the columns of `staff` with risk_set, member (1 or 0), the
    day of the set, and what is counted up to that day."""
    texts = ("grade", "staff_id", "ethnic_group", *COVARIATES[:3])  # each is coded once
    coded = staff[list(USED)].astype(dict.fromkeys(texts, "category"))
    rows = coded.iloc[sets.row].reset_index(drop=True)
    day = pd.Series(sets.day.astype("int64").astype("datetime64[D]")).astype("datetime64[us]")
    return rows.assign(
        risk_set=sets.risk_set,
        member=sets.treated.astype(float),
        day=day,
        months_eligible=(day - rows["eligible_from"]).dt.days / DAYS_IN_MONTH,
        service_years=(day - rows["entered_on"]).dt.days / 365.25,
        set_scheme=staff["scheme"].astype("category").array[sets.risk_set],
        set_group=coded["ethnic_group"].array[sets.risk_set],
    )


def timed(rows: pd.DataFrame, event: str, *, until_joining: bool = False) -> pd.DataFrame:
    """The rows with `days` from the day of the set and the `exit` that ended them (missing:
    follow-up ended). until_joining: of those who had not joined, followed to their own joining."""
    ends = {name: rows[f"{name}_on"] for name in (event, *OTHER_WAYS[event])}
    last = rows["followed_to"]
    if until_joining:
        later = rows["joined_on"].where(rows["member"] == 0)
        last = last.where(later.isna() | (later > last), later)
    first, why = last, np.full(len(rows), -1)
    for number, on in reversed(list(enumerate(ends.values()))):
        came = on.notna() & (on <= first)
        first, why = first.mask(came, on), np.where(came, number, why)
    exits = pd.Series(pd.Categorical.from_codes(why, categories=list(ends)), index=rows.index)
    return rows.assign(days=(first - rows["day"]).dt.days.astype(float), exit=exits)


def at_risk(rows: pd.DataFrame, event: str) -> np.ndarray:
    """Rows of people to whom the event could still happen for the first time on the day of the set,
    in sets whose member is one of them (bool)."""
    if event not in FIRST_TIMES:
        return np.ones(len(rows), dtype=bool)
    on = rows[f"{event}_on"]
    free = (on.isna() | (on > rows["day"])).to_numpy()
    joiners = rows.loc[free & (rows["member"] == 1).to_numpy(), "risk_set"]
    return free & rows["risk_set"].isin(joiners).to_numpy()


def by_month(rows: pd.DataFrame, event: str, horizon: float) -> pd.Series:
    """1 where the event came within `horizon` days of the set, 0 where it did not, missing where
    the follow-up ended before, or it had come before the day of the set."""
    found = timed(rows, event)
    within = found["days"] <= horizon
    happened = ((found["exit"] == event).fillna(False) & within).astype(float)
    unknown = found["exit"].isna() & (found["days"] < horizon)
    return happened.mask(unknown | (found["days"] <= 0))
