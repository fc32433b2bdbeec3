"""Crossings of ethnic group, sex and age: every crossing stands in the table, small ones are marked
and counted."""

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.rules import Clearance
from analysis.sections.intersections import crossings, intersections_table

PRIVATE = Clearance(public=False, clusters_are_people=False, hidden=NOTHING)

GROUPS = ("White", "Black")


@pytest.fixture
def people():
    rng = np.random.default_rng(1)
    n = 2000
    frame = pd.DataFrame(
        {
            "ethnic_group": rng.choice(GROUPS, n, p=[0.9, 0.1]),
            "sex": rng.choice(["female", "male"], n),
            "age_band": rng.choice(["18-24", "25+"], n),
            "event": rng.random(n) < 0.3,
            "score": rng.normal(10, 2, n),
        }
    )
    small = (
        (frame["ethnic_group"] == "Black")
        & (frame["sex"] == "female")
        & (frame["age_band"] == "18-24")
    )
    keep = ~small | (small.cumsum() <= 4)
    return frame[keep].astype({"event": float})


def test_every_crossing_stands_in_the_table_and_adds_up(people):
    found = crossings(people, outcome="event", groups=GROUPS)
    assert len(found) == 8 and found["people"].sum() == len(people)
    assert found["total"].sum() == people["event"].sum()


def test_a_crossing_without_people_stands_with_nobody(people):
    nobody = people[~((people["ethnic_group"] == "Black") & (people["sex"] == "female"))]
    found = crossings(nobody, outcome="event", groups=GROUPS)
    assert (found.query("ethnic_group == 'Black' and sex == 'female'")["people"] == 0).all()


@pytest.mark.parametrize(
    ("outcome", "is_share", "column"), [("event", True, "In every 100"), ("score", False, "Mean")]
)
def test_a_small_crossing_is_withheld_and_counted(people, outcome, is_share, column):
    table = intersections_table(
        people,
        outcome=outcome,
        words="had the event",
        is_share=is_share,
        groups=GROUPS,
        place="wales",
        clearance=PRIVATE,
    )
    shown = table.to_frame().query(
        "`Ethnic group` == 'Black' and Sex == 'female' and Age == '18-24'"
    )
    assert shown[column].iloc[0] == "[c]" and shown["People"].iloc[0] == "[c]"
    assert any(
        "1 of 8 crossings are withheld" in note or "of 8 crossings are withheld" in note
        for note in table.notes
    )
    assert not any(str(cell) == "4" for cell in table.to_frame().to_numpy().ravel())


def test_does_not_change_its_input(people):
    before = people.copy()
    intersections_table(
        people,
        outcome="score",
        words="points",
        is_share=False,
        groups=GROUPS,
        place="wales",
        clearance=PRIVATE,
    )
    pd.testing.assert_frame_equal(people, before)
