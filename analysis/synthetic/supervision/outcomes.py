"""Synthetic outcomes of supervision and answers to the relationship survey; what is planted stands
in supervision.py."""

import numpy as np
import pandas as pd

from analysis.synthetic.planted import Planted
from analysis.synthetic.supervision.supervision import GROUPS, Cohort, Setting, expected

ITEMS = ("treated_with_respect", "listened_to", "trusted", "treated_fairly", "understood")
ORDERS = ("community_order", "suspended_sentence")
FOLLOW_UP_MONTHS = 18  # 12 to offend and 6 to be convicted (METHODS section 1)
WHOLE_YEAR = 366  # days
KEPT_SHARE = 9, 10  # appointments kept: nine in ten of those offered
MEAN_APPOINTMENTS = 16  # in 12 months, about fortnightly at first


def _happened(
    rng: np.random.Generator,
    planted: Planted,
    outcome: str,
    region: str,
    setting: Setting,
    cohort: Cohort,
) -> np.ndarray:
    probability = expected(rng, planted.supervision.outcomes[outcome], region, setting, cohort)
    if probability.min() < 0 or probability.max() > 1:
        raise ValueError(
            f"{outcome} in {region}: the parts in params/synthetic.yml add up to less than 0 or"
            " more than 1"
        )
    return rng.random(len(probability)) < probability


def make_outcomes(
    rng: np.random.Generator, planted: Planted, region: str, setting: Setting, cohort: Cohort
) -> pd.DataFrame:
    """The table supervision_outcomes: one row a person, empty where a person is not at risk or not
    followed."""
    people, n = cohort.people, len(cohort.people)
    happened = {
        name: _happened(rng, planted, name, region, setting, cohort)
        for name in planted.supervision.outcomes
        if name != "relationship"
    }
    offered = rng.poisson(MEAN_APPOINTMENTS, n)
    followed_to = _followed_to(rng, planted, people["first_allocated_on"])
    complete = people["first_allocated_on"] + pd.DateOffset(months=FOLLOW_UP_MONTHS) <= followed_to
    ended = rng.random(n) < planted.supervision.follow_up.ended_in_window
    return pd.DataFrame(
        {
            "person_id": people["person_id"],
            "region": region,
            "appointments_offered": offered,
            "appointments_kept": _kept(rng, offered, happened["appointments_kept"]),
            "breached": np.where(
                people["sentence_type"].isin(ORDERS), happened["breached"], np.nan
            ),
            "recalled": np.where(
                people["sentence_type"].eq("licence"), happened["recalled"], np.nan
            ),
            "completed": np.where(ended, happened["completed"], np.nan),
            "reoffended": np.where(complete, happened["reoffended"], np.nan),
            "followed_to": followed_to,
        }
    )


def _kept(rng: np.random.Generator, offered: np.ndarray, keeps: np.ndarray) -> np.ndarray:
    """A number of appointments kept: at least nine in ten of those offered for people who keep
    them, fewer for others."""
    part, whole = KEPT_SHARE
    least = -(-part * offered // whole)
    kept_by_keepers = least + (rng.random(len(offered)) * (offered - least + 1)).astype(int)
    kept_by_others = (np.sqrt(rng.random(len(offered))) * least).astype(int)
    return np.where(keeps, kept_by_keepers, kept_by_others)


def _followed_to(rng: np.random.Generator, planted: Planted, start: pd.Series) -> pd.Series:
    """The day of the extract, or an earlier one for people who moved away or died: after a year at
    the earliest, since outcomes within a year are written of everyone at risk, and before it nobody
    could know them."""
    cut_short = rng.random(len(start)) < planted.supervision.follow_up.cut_short
    days = np.maximum(rng.integers(60, 540, len(start)), WHOLE_YEAR)
    earlier = start + pd.to_timedelta(days, unit="D")
    return earlier.where(cut_short, pd.Timestamp(planted.extracted_on)).astype("datetime64[us]")


def make_survey(
    rng: np.random.Generator, planted: Planted, region: str, setting: Setting, cohort: Cohort
) -> pd.DataFrame:
    """The table relationship_survey: people who answered. The expected mean of the five items is
    the planted score."""
    truth, survey = planted.supervision.outcomes["relationship"], planted.supervision.survey
    score = expected(rng, truth, region, setting, cohort) + rng.uniform(
        -truth.person_spread, truth.person_spread, len(cohort.people)
    )
    response = survey.response_other + planted.regions[region].survey_gap * cohort.matched
    response = (
        response
        + np.array([survey.by_group[name] for name in GROUPS])[cohort.group]
        + survey.by_score * (score - truth.base)
    )
    answered = rng.random(len(score)) < response
    people = cohort.people[answered]
    noise = rng.uniform(-survey.item_spread, survey.item_spread, (int(answered.sum()), len(ITEMS)))
    items = _ratings(rng, score[answered, None] + noise)
    left_out = np.flatnonzero(rng.random(len(items)) < survey.item_empty)
    items[left_out, rng.integers(0, len(ITEMS), len(left_out))] = np.nan
    day = people["first_allocated_on"] + pd.to_timedelta(
        rng.integers(150, 211, len(people)), unit="D"
    )
    head = pd.DataFrame(
        {
            "person_id": people["person_id"],
            "region": region,
            "answered_on": day.astype("datetime64[us]"),
        }
    )
    return pd.concat(
        [head, pd.DataFrame(items, columns=list(ITEMS), index=head.index)], axis=1
    ).reset_index(drop=True)


def _ratings(rng: np.random.Generator, scores: np.ndarray) -> np.ndarray:
    """Whole numbers 1 to 5 whose mean is the score: rounded up with the probability of the
    fraction."""
    if scores.min(initial=1) < 1 or scores.max(initial=5) > 5:
        raise ValueError(
            "relationship: the parts in params/synthetic.yml leave the scale from 1 to 5"
        )
    return np.floor(scores) + (rng.random(scores.shape) < scores % 1)
