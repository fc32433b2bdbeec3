"""The one frame that both matching studies use: a person with the first practitioner, outcomes and
what came before."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.extracts.frames.star import star_pupil_years
from analysis.extracts.rules.follow_up import followed_short, windows
from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.extracts.tables.pilots.supervision_tables import (
    RELATIONSHIP_ITEMS,
    SUPERVISION_OUTCOMES,
)
from analysis.vocabulary.ethnicity import NOT_LINKED, coding, crosswalk

FIXED = (
    "person_id",
    "practitioner_id",
    "region",
    "office_id",
    "period",
    "stratum",
    "person_ethnicity",
    "person_group",
    "practitioner_group",
)
OUTCOMES = ("relationship", "appointments_kept", "breached", "recalled", "completed", "reoffended")
# Months within which each outcome happened, as the contract of its column says.
WINDOWS = {
    c.name: c.window_months
    for c in windows(SUPERVISION_OUTCOMES)
    if c.name in OUTCOMES and c.window_months is not None
}
# Sentences for which each outcome can exist; those that are not here are outcomes of everyone.
AT_RISK_OF = {c.name: c.only_for for c in SUPERVISION_OUTCOMES.columns if c.only_for}
COVARIATES = ("sex", "age_band", "sentence_type", "risk_tier")
STAR_OUTCOMES = ("maths", "reading")
STAR_COVARIATES = ("sex", "free_lunch", "birth_quarter")
KEPT_PART, KEPT_WHOLE = (
    9,
    10,
)  # "kept at least nine in ten appointments", params/pilots/ethnic_matching.yml
DAYS_IN_MONTH = 365.25 / 12
SHORTEST_FOLLOWED = (
    0.05  # a few people die or move away; no exact order statistic of one person leaves (rule S8)
)
ROUNDING = 0.05  # months: twelve months are 365 or 366 days


@dataclass(frozen=True, eq=False)
class Dyads:
    """Everyone in the tables, one row a person and period; nothing is dropped. Copies of the frame
    go in and come out.

    The frame holds FIXED, match_requested (bool), answered_survey (bool), followed_months (number;
    NaN for STAR), has_outcomes (bool: the person has a row in the table of outcomes),
    followed_window (months: the longest window of
    `windows` that had passed when follow-up ended; NaN: not known, or there is none), the
    covariates (text) and the outcomes (number; NaN: not at risk, not followed or not observed).
    Groups are broad groups of `coding` or a kind of missing; a practitioner whose id does not join
    is `not_linked`. windows: by outcome, the months within which it happened; of a person followed
    for less it is NaN, events included.
    """

    _frame: pd.DataFrame = field(repr=False)
    outcomes: tuple[str, ...]
    covariates: tuple[str, ...]
    coding: str
    scale_items: tuple[str, ...] = ()  # columns with the single questions of the survey scale
    windows: Mapping[str, int] = field(default_factory=dict)
    n_in: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_frame", self._frame.copy(deep=False))  # pandas copies on write
        object.__setattr__(self, "n_in", len(self._frame))

    @property
    def frame(self) -> pd.DataFrame:
        return self._frame.copy(deep=False)

    def followed_short(self, people: pd.DataFrame, outcome: str) -> pd.Series:
        """Rows of `people` (of the frame) at risk of an outcome whose window had not passed when
        follow-up ended."""
        months = self.windows.get(outcome)
        if months is None:
            return pd.Series(False, index=people.index)
        at_risk = AT_RISK_OF.get(outcome)
        short = people["followed_window"] < months
        return short & people["sentence_type"].isin(at_risk) if at_risk else short

    def followed_until(
        self, period_to: str | None, window_months: int | None, *, period_from: str | None = None
    ) -> str | None:
        """Day to which the outcome's window is complete: the end of the period and the window, or
        what 95 in 100 have of it.

        People who were followed for less stay in the data with the outcome empty, and are counted.
        Those outside the period of the study are not asked.
        """
        if period_to is None or window_months is None or "followed_months" not in self._frame:
            return None
        first, last = (None if day is None else quarter_of(day) for day in (period_from, period_to))
        period = self._frame["period"]
        inside = (period <= last) & (period >= first if first else True)
        months = self._frame.loc[inside, "followed_months"].dropna()
        if months.empty:
            return None
        whole = min(window_months, int(np.floor(months.quantile(SHORTEST_FOLLOWED) + ROUNDING)))
        return str((pd.Timestamp(period_to) + pd.DateOffset(months=whole)).date())


def people_and_practitioners(tables: dict[str, pd.DataFrame]) -> Dyads:
    """People on probation with their first practitioner, outcomes and survey answers, one row a
    person.

    `tables`: the four typed tables of the contract. People without outcomes or answers keep their
    row.
    """
    people, practitioners = tables["people_on_probation"], tables["practitioners"]
    outcomes = tables["supervision_outcomes"].drop(columns="region")
    survey = tables["relationship_survey"].drop(columns="region")
    groups = practitioners.set_index("practitioner_id")["ethnicity"]
    joined = people.merge(
        outcomes, on="person_id", how="left", validate="one_to_one", indicator="found"
    )
    joined = joined.merge(survey, on="person_id", how="left", validate="one_to_one")
    frame = pd.DataFrame(
        {
            "person_id": joined["person_id"],
            "practitioner_id": joined["first_practitioner_id"].fillna(NOT_LINKED),
            "region": joined["region"],
            "office_id": joined["office_id"],
            "period": quarter(joined["first_allocated_on"]),
            "stratum": "",
            "person_ethnicity": joined["ethnicity"],
            "person_group": _broad(joined["ethnicity"]),
            "practitioner_group": _broad(
                joined["first_practitioner_id"].map(groups).fillna(NOT_LINKED)
            ),
            "match_requested": joined["match_requested"],
            "answered_survey": joined["answered_on"].notna(),
            "followed_months": (
                (joined["followed_to"] - joined["first_allocated_on"]).dt.days / DAYS_IN_MONTH
            ),
            "has_outcomes": joined["found"] == "both",
            "followed_window": _followed_window(joined),
        }
    )
    frame = frame.assign(**{name: joined[name] for name in COVARIATES}, **_outcomes(joined))
    answers = {name: joined[name].astype("float64") for name in RELATIONSHIP_ITEMS}
    known = coding(ETHNICITY_CODING).broad
    frame = _sorted(frame.assign(**answers))
    return Dyads(frame, OUTCOMES, COVARIATES, known, RELATIONSHIP_ITEMS, WINDOWS)


def _broad(codes: pd.Series) -> pd.Series:
    return crosswalk(codes, source=ETHNICITY_CODING, target=coding(ETHNICITY_CODING).broad)


def _followed_window(joined: pd.DataFrame) -> pd.Series:
    """The longest window (months) that follow-up covers; 0: none of them; NaN where follow-up is
    not known."""
    days = joined["first_allocated_on"], joined["followed_to"]
    known = days[1].notna()
    longest = pd.Series(np.where(known, 0.0, np.nan), index=joined.index)
    for months in sorted({*WINDOWS.values()}):
        longest = longest.mask(known & ~followed_short(*days, months), float(months))
    return longest


def _outcomes(joined: pd.DataFrame) -> dict[str, pd.Series]:
    """Outcomes of people whose follow-up covers the window. Early events go with the zeros of the
    same people: kept alone they would raise the share."""
    events = {
        name: joined[name].astype("float64")
        for name in ("breached", "recalled", "completed", "reoffended")
    }
    events |= {"appointments_kept": kept_appointments(joined)}
    covered = _followed_window(joined)
    known = {name: value.mask(covered < WINDOWS[name]) for name, value in events.items()}
    found = {"relationship": relationship_score(joined)} | known
    return {name: found[name] for name in OUTCOMES}


def relationship_score(answers: pd.DataFrame) -> pd.Series:
    """Mean of the five items (points, 1 to 5) of people who answered all of them; NaN for the
    others."""
    items = answers[list(RELATIONSHIP_ITEMS)]
    return items.mean(axis=1).where(items.notna().all(axis=1)).astype("float64")


def kept_appointments(outcomes: pd.DataFrame) -> pd.Series:
    """1 for people who kept at least nine in ten of the appointments offered, else 0; NaN where
    none was offered."""
    offered, kept = outcomes["appointments_offered"], outcomes["appointments_kept"]
    reached = (KEPT_WHOLE * kept >= KEPT_PART * offered).astype("float64")
    return reached.where(offered > 0)


def quarter_of(day: str) -> str:
    """Calendar quarter of an ISO date, as 2024Q2."""
    return f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}"


def quarter(days: pd.Series) -> pd.Series:
    """Calendar quarter of each day, as 2024Q2."""
    codes, found = pd.factorize(days.dt.year * 4 + days.dt.quarter - 1)
    names = pd.Index([f"{int(one) // 4}Q{int(one) % 4 + 1}" for one in found], dtype="str")
    return pd.Series(names.take(codes, fill_value=np.nan), index=days.index)


def star_dyads(region: str | None = None) -> Dyads:
    """Pupils of Project STAR with their class teacher, one row a pupil and grade; `region` is a
    kind of school.

    The stratum is the grade of entry, which fixed when the lot was drawn. `class_type` (small,
    regular, regular with an aide) was drawn by lot as well and stands beside the covariates.
    """
    years = star_pupil_years(region)
    frame = pd.DataFrame(
        {
            "person_id": years["person_id"],
            "practitioner_id": years["practitioner_id"],
            "region": years["region"],
            "office_id": years["office_id"],
            "period": years["period"],
            "stratum": years["entry_grade"],
            "person_ethnicity": years["race"],
            "person_group": years["person_group"],
            "practitioner_group": years["practitioner_group"],
            "match_requested": False,
            "answered_survey": False,
            "followed_months": np.nan,
            "has_outcomes": True,  # a pupil's tests stand in the pupil's own row
            "followed_window": np.nan,
            "class_type": years["class_type"],
        }
    )
    extra = {name: years[name] for name in (*STAR_COVARIATES, *STAR_OUTCOMES)}
    return Dyads(_sorted(frame.assign(**extra)), STAR_OUTCOMES, STAR_COVARIATES, "ons_2021_5+1")


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return (
        frame.astype({"stratum": "str"})
        .sort_values(["person_id", "period"], kind="stable")
        .reset_index(drop=True)
    )
