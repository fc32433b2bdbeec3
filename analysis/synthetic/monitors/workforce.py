"""Synthetic workforce of one region: each person in post in each closed quarter, and each
application.

Planted (params/synthetic.yml, `monitors`, `staff`): fewer minority ethnic staff in higher grades; a
declaration rate that rises, among minority ethnic staff from a lower level; joiners who are
slightly more diverse each quarter; grievances, conduct cases, ratings and access to development by
group; a funnel from application to appointment.

What a naive method shows: the share of minority ethnic staff among ALL staff, undeclared ones
included, rises by twice as much as the workforce changes, because more people declare (NAIVE_RISE,
points).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.synthetic.monitors.planted_monitors import Staff
from analysis.synthetic.monitors.quarters import (
    MISSING_KINDS,
    Stays,
    events,
    group_factor,
    happened,
    ids,
    initials,
    quarter_starts,
    stays,
)
from analysis.synthetic.planted import MINORITIES, Planted
from analysis.synthetic.supervision.supervision import choice, draw_rows, ethnicity_codes

# From the first quarter to the last, all regions together: share recorded as minority ethnic among
# all staff, and true share (points). tests/test_synthetic_monitors.py holds both true.
NAIVE_RISE, TRUE_RISE = 1.16, 0.57
STAYS_FOR = 14  # quarters in post, on average
APPLICANTS = 1.8  # times the odds of being from a minority among those in post
RATED = 0.9  # of those in post at the end of March
AGE = {"under 35": 0.30, "35-49": 0.40, "50+": 0.30}
SEX = {"female": 0.58, "male": 0.42}


def make_workforce(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """Tables staff_quarters and applications of one region. `part`: people as a share of full
    scale."""
    staff = truth.monitors.staff
    return {
        "staff_quarters": _in_post(rng["staff_quarters"], truth, staff, region, part),
        "applications": _applications(rng["applications"], truth, staff, region, part),
    }


def _groups(rng: np.random.Generator, truth: Planted, region: str, odds: np.ndarray) -> np.ndarray:
    """True group of each person: the region's practitioners, times `odds` of being from a
    minority."""
    share = truth.regions[region].practitioners_share
    white = 1 - sum(share.values())
    weights = np.column_stack(
        [np.ones(len(odds)), *(odds * share[name] / white for name in MINORITIES)]
    )
    return draw_rows(rng, weights / weights.sum(axis=1, keepdims=True))


def _in_post(
    rng: np.random.Generator, truth: Planted, staff: Staff, region: str, part: float
) -> pd.DataFrame:
    monitors = truth.monitors
    stay = stays(rng, monitors, stock=max(round(staff.people * part), 20), mean_quarters=STAYS_FOR)
    n = int(stay.person.max()) + 1
    grade = choice(rng, staff.grades, n)
    joined = np.zeros(n)
    joined[stay.person[stay.began]] = stay.quarter[stay.began]
    odds = (
        np.exp(staff.new_minority_a_quarter * joined)
        * pd.Series(grade).map(staff.minority_by_grade).to_numpy()
    )
    group = _groups(rng, truth, region, odds)
    people = pd.DataFrame(
        {"sex": choice(rng, SEX, n), "age_band": choice(rng, AGE, n), "grade": grade}
    )
    code = ethnicity_codes(rng, group, np.zeros(n, dtype=bool), MISSING_KINDS)
    declares = _declares(rng, staff, group, n)  # the quarter from which a person has declared
    known = declares[stay.person] <= stay.quarter
    hidden = choice(rng, MISSING_KINDS, n)
    who = people.assign(person_id=ids(initials(region), "W", n), region=region)
    rows = who.iloc[stay.person].reset_index(drop=True)
    rows["quarter"] = quarter_starts(monitors)[stay.quarter].astype("datetime64[us]")
    rows["ethnicity"] = np.where(known, code[stay.person], hidden[stay.person])
    times = {
        name: group_factor(adverse, group[stay.person], region, stay.quarter)
        for name, adverse in staff.outcomes.items()
    }
    counts = _counts(rng, staff, stay, rows["grade"], times, monitors.first_quarter)
    return pd.concat([rows, counts], axis=1)


def _declares(rng: np.random.Generator, staff: Staff, group: np.ndarray, n: int) -> np.ndarray:
    """The quarter from which each person has declared: a threshold that a rising declaration rate
    passes."""
    start = staff.declared - staff.declared_minority_less * (group > 0)
    return np.ceil((rng.random(n) - start) / staff.declared_a_quarter)


def _counts(
    rng: np.random.Generator,
    staff: Staff,
    stay: Stays,
    grade: pd.Series,
    times: dict[str, np.ndarray],
    first: str,
) -> pd.DataFrame:
    """`times`: by how much the group of a row changes each outcome; `first`: the first quarter."""
    outcomes = staff.outcomes
    eligible = (grade != "senior_manager").to_numpy().astype(int)
    march = ((pd.Timestamp(first).quarter - 1 + stay.quarter) % 4 == 0) & (
        rng.random(len(grade)) < RATED
    )
    table = {
        "days_in_post": stay.days,
        "people": 1,
        "promotion_eligible": eligible,
        "promoted": eligible * (1 - happened(rng, outcomes["not_promoted"], times["not_promoted"])),
    }
    for kind in ("coached", "deputised", "seconded"):
        table[kind] = 1 - happened(rng, outcomes[f"not_{kind}"], times[f"not_{kind}"])
    for kind in ("grievances", "conduct_cases"):
        table[kind] = events(rng, outcomes[kind], times[kind], stay.days)
    rated = march.astype(int)
    table |= {
        "rated": rated,
        "low_rating": rated * happened(rng, outcomes["low_rating"], times["low_rating"]),
    }
    return pd.DataFrame(table).astype("int64")


def _applicant_odds(staff: Staff, quarter: np.ndarray) -> np.ndarray:
    """Times the odds of the region's practitioners: applicants are more diverse than those in
    post."""
    return APPLICANTS * np.exp(staff.new_minority_a_quarter * quarter)


def _applications(
    rng: np.random.Generator, truth: Planted, staff: Staff, region: str, part: float
) -> pd.DataFrame:
    monitors = truth.monitors
    n = max(round(staff.applications * part), 10) * monitors.quarters
    quarter = np.repeat(np.arange(monitors.quarters), n // monitors.quarters)
    grade = choice(rng, staff.grades, n)
    group = _groups(rng, truth, region, _applicant_odds(staff, quarter))
    missing = rng.random(n) < 0.04
    rows = pd.DataFrame(
        {"sex": choice(rng, SEX, n), "age_band": choice(rng, AGE, n), "grade": grade}
    )
    outcomes = staff.outcomes
    steps = {}
    for name in ("not_shortlisted", "not_appointed"):
        steps[name] = happened(
            rng, outcomes[name], group_factor(outcomes[name], group, region, quarter)
        )
    shortlisted = 1 - steps["not_shortlisted"]
    rows["application_id"], rows["region"] = ids(initials(region), "A", n), region
    rows["quarter"] = quarter_starts(monitors)[quarter].astype("datetime64[us]")
    rows["ethnicity"] = ethnicity_codes(rng, group, missing, MISSING_KINDS)
    counts = {
        "applications": 1,
        "shortlisted": shortlisted,
        "appointed": shortlisted * (1 - steps["not_appointed"]),
    }
    return rows.assign(**counts)
