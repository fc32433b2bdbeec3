"""The synthetic tables of outputs hold what is planted, and mislead whoever counts without looking
as their docstring says."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.extracts.tables.pilots.output_tables import ACTIONS
from analysis.synthetic.nation import make_region
from analysis.synthetic.outputs.outputs import NAIVE_REGISTER, planted_registered
from analysis.synthetic.planted import load_planted
from analysis.vocabulary.ethnicity import GROUPS

SCALE = 12  # times a region at full scale: 18,000 staff for each action
FEW, MANY = "south_west", "london"
LETTERS = {"W": "White", "M": "Mixed", "A": "Asian", "B": "Black", "O": "Other"}


@cache
def tables(region: str) -> dict[str, pd.DataFrame]:
    return make_region(region, service="outputs", scale=SCALE)


def staff(region: str, action: str) -> pd.DataFrame:
    rows = tables(region)["output_staff"]
    return rows[rows["action"] == action]


def in_post(region: str, action: str) -> pd.DataFrame:
    rows = staff(region, action)
    return rows[rows["in_post"] == 1]


@pytest.mark.parametrize("region", ["wales", FEW, MANY])
@pytest.mark.parametrize("action", ["race_allyship", "hate_crime_resource_pack"])
def test_the_share_in_the_register_is_what_is_planted(region, action):
    own = in_post(region, action)
    share, truth = (own["entries"] > 0).mean(), planted_registered(load_planted(), action, region)
    assert abs(share - truth) < 4 * np.sqrt(truth * (1 - truth) / len(own))


def test_each_ethnic_group_signs_up_as_planted_and_a_missing_group_tells_nothing_of_it():
    own = in_post(MANY, "race_allyship")
    for letter, group in LETTERS.items():
        rows = own[own["ethnicity"].str.fullmatch(rf"{letter}\d")]
        truth = planted_registered(load_planted(), "race_allyship", MANY, group)
        error = np.sqrt(truth * (1 - truth) / len(rows))
        assert abs((rows["entries"] > 0).mean() - truth) < 4 * error, group
    assert set(LETTERS.values()) == set(GROUPS)


def test_entries_over_staff_in_post_are_more_than_the_people_who_signed_up():
    rows, own = staff("east_midlands", "race_allyship"), in_post("east_midlands", "race_allyship")
    times = rows["entries"].sum() / (own["entries"] > 0).sum()
    assert times == pytest.approx(NAIVE_REGISTER, abs=0.06)


def test_attendances_and_openings_are_more_than_the_staff_there_is():
    for region, action in ((MANY, "culture_events"), ("wales", "hate_crime_resource_pack")):
        rows, own = staff(region, action), in_post(region, action)
        assert rows["uses"].sum() > len(own) > (own["uses"] > 0).sum()


def test_attendances_at_the_door_are_those_of_the_staff_and_nobody_comes_where_nothing_was_held():
    events = tables(MANY)["output_events"]
    events = events[events["action"] == "race_allyship"]
    people = staff(MANY, "race_allyship")
    assert events["attendances"].sum() == people["uses"].sum()
    assert events.loc[events["held"] == 0, "attendances"].sum() == 0
    held = events.groupby("site_id")["held"].sum()
    assert (people["uses"] <= people["site_id"].map(held)).all()


def test_the_ombudsman_has_one_office_and_the_other_actions_are_everywhere():
    assert set(tables("wales")["output_staff"]["action"]) == set(ACTIONS[:2])
    own = staff(MANY, "culture_events")
    assert set(own["site_kind"]) == {"office"} and own["site_id"].nunique() == 1
