"""Promises of the quality report: every row is used or excluded for one reason, and missing is four
things."""

import pandas as pd
import pytest

from analysis.extracts.frames.dyads import people_and_practitioners
from analysis.extracts.frames.quality import (
    EXCLUSION_REASONS,
    declaration,
    declaration_rates,
    exposure,
    select_for_comparison,
    survey_response,
)
from analysis.synthetic.nation import make_region
from analysis.vocabulary.ethnicity import MISSING

MATCHED = ("White", "Asian", "Black")


@pytest.fixture(scope="module")
def frame():
    return people_and_practitioners(make_region("west_midlands", scale=0.1)).frame


def _rows(**columns):
    base = {
        "person_id": "a",
        "practitioner_id": "s",
        "person_group": "White",
        "practitioner_group": "White",
        "period": "2024Q2",
        "match_requested": False,
    }
    n = max(len(values) for values in columns.values())
    return pd.DataFrame({name: columns.get(name, [value] * n) for name, value in base.items()})


def test_every_row_is_used_or_excluded_for_one_reason(frame):
    used, excluded = select_for_comparison(
        frame, matched_groups=MATCHED, period_from="2024Q3", without_requested=True
    )
    assert len(used) + sum(excluded.values()) == len(frame)
    assert set(excluded) <= set(EXCLUSION_REASONS) and list(excluded) == [
        r for r in EXCLUSION_REASONS if r in excluded
    ]
    assert set(used["person_group"]) | set(used["practitioner_group"]) == set(MATCHED)


@pytest.mark.parametrize("kind", [kind for kind in MISSING])
def test_each_kind_of_missing_is_a_reason_of_its_own(kind):
    _, excluded = select_for_comparison(_rows(person_group=["White", kind]), matched_groups=MATCHED)
    assert excluded == {f"person_ethnicity_{kind}": 1}


def test_the_other_reasons_are_told_apart():
    rows = _rows(
        person_group=["Mixed", "White", "White", "White", "White"],
        practitioner_group=["White", "refused", "not_linked", "Other", "White"],
        period=["2024Q2"] * 4 + ["2023Q1"],
    )
    used, excluded = select_for_comparison(rows, matched_groups=MATCHED, period_from="2024Q2")
    assert used.empty
    assert excluded == {
        "outside_period": 1,
        "person_group_not_matched": 1,
        "practitioner_unknown": 2,
        "practitioner_group_not_matched": 1,
    }


def test_a_row_counts_under_its_first_reason_only():
    rows = _rows(person_group=["refused"], practitioner_group=["refused"], period=["2020Q1"])
    assert select_for_comparison(rows, matched_groups=MATCHED, period_from="2024Q2")[1] == {
        "outside_period": 1
    }


def test_requested_matches_leave_only_when_asked():
    rows = _rows(match_requested=[True, False])
    assert select_for_comparison(rows, matched_groups=MATCHED)[1] == {}
    assert select_for_comparison(rows, matched_groups=MATCHED, without_requested=True)[1] == {
        "requested": 1
    }


def test_declaration_counts_the_four_kinds_apart():
    table = declaration(pd.Series(["White", "refused", "refused", "not_linked"])).set_index(
        "state"
    )["n"]
    assert table.to_dict() == {
        "declared": 1,
        "not_stated": 0,
        "refused": 2,
        "not_recorded": 0,
        "not_linked": 1,
    }


def test_declaration_rates_weigh_practitioners_once_and_by_people(frame):
    rates = declaration_rates(frame).groupby("whose")
    assert rates["n"].sum()["persons"] == len(frame) == rates["n"].sum()["practitioners_by_people"]
    assert (
        rates["n"].sum()["practitioners"]
        == frame.loc[frame["practitioner_group"] != "not_linked", "practitioner_id"].nunique()
    )


def test_exposure_is_unknown_where_one_side_is():
    rows = _rows(
        person_group=["White", "Black", "Black", "Mixed"],
        practitioner_group=["White", "White", "refused", "Mixed"],
    )
    assert exposure(rows, matched_groups=MATCHED).tolist() == [
        "own_group",
        "other_group",
        "unknown",
        "unknown",
    ]


def test_survey_response_adds_up_to_everyone(frame):
    table = survey_response(frame, matched_groups=MATCHED)
    assert (
        table["n"].sum() == len(frame) and table["answered"].sum() == frame["answered_survey"].sum()
    )
    answered = table.groupby("exposure")[["answered", "n"]].sum()
    share = answered["answered"] / answered["n"]
    assert share["own_group"] > share["other_group"]


def test_inputs_are_not_changed(frame):
    before = frame.copy()
    select_for_comparison(frame, matched_groups=MATCHED)
    survey_response(frame, matched_groups=MATCHED)
    pd.testing.assert_frame_equal(frame, before)
