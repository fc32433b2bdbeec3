"""The made-up programmes: what is planted can be found in them, and what a naive method shows."""

from functools import cache

import pandas as pd
import pytest

from analysis.extracts.frames.reoffending import programme_people
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.synthetic.programmes.programmes import (
    NAIVE_DIFFERENCE,
    planted_programme_effect,
)

SERVICE = "programmes"


@cache
def nation() -> tuple[pd.DataFrame, pd.DataFrame]:
    """People of all regions who can be compared, and all offences."""
    made = {r: make_region(r, service=SERVICE) for r in load_planted().regions}
    people = [programme_people(t, period_from=None, period_to=None) for t in made.values()]
    frame = pd.concat(people, ignore_index=True)
    offences = pd.concat([t["offences"] for t in made.values()], ignore_index=True)
    return frame[frame["excluded"] == ""], offences


def difference(frame: pd.DataFrame, outcome: str = "reoffended", side: str = "started") -> float:
    """In every 100, nothing held alike."""
    return 100 * float(frame.groupby(side)[outcome].mean().diff().iloc[-1])


def true_effect() -> float:
    """The mean over everyone who started, in every 100."""
    frame, truth = nation()[0], load_planted()
    started = frame[frame["started"] == 1].groupby("region").size()
    effects = {r: planted_programme_effect(truth, r) for r in started.index}
    return 100 * sum(n * effects[r] for r, n in started.items()) / started.sum()


@pytest.mark.parametrize("table", ["programme_cohort", "offences"])
def test_the_tables_keep_their_contract(table):
    made = make_region("wales", people=500, service=SERVICE)[table]
    CONTRACTS[table].schema().validate(made)


def test_the_naive_difference_says_the_opposite_of_what_is_planted():
    found = difference(nation()[0])
    assert found == pytest.approx(NAIVE_DIFFERENCE, abs=0.3)
    assert true_effect() < -4 < 0 < found


def test_those_who_start_are_of_higher_risk_and_those_who_complete_of_lower():
    frame = nation()[0]
    risk = frame.groupby("started")["risk_score"].mean()
    assert risk[1.0] > risk[0.0] + 10
    started = frame[frame["started"] == 1].groupby("completed")["risk_score"].mean()
    assert started[1.0] < started[0.0]


def test_who_counts_rows_of_the_table_of_offences_counts_too_much_and_more_among_starters():
    frame, offences = nation()
    inside = offences.merge(frame[["person_id", "indexed_on"]], on="person_id")
    near = inside["offended_on"] < inside["indexed_on"] + pd.DateOffset(months=12)
    any_row = frame["person_id"].isin(inside.loc[near, "person_id"]).astype(float)
    counted = frame.assign(any_row=any_row)
    assert any_row.mean() > frame["reoffended"].mean() + 0.08
    assert difference(counted, "any_row") > difference(frame) + 1


def test_some_regions_have_no_effect_and_one_has_harm():
    truth = load_planted()
    effects = {r: planted_programme_effect(truth, r) for r in truth.regions}
    assert sum(effect == 0 for effect in effects.values()) == 3
    assert [r for r, effect in effects.items() if effect > 0] == ["east_midlands"]
    assert planted_programme_effect(
        truth, "london", group="White", programme="thinking_skills"
    ) == (pytest.approx(-0.08 * truth.programmes.region_factor["london"]))


def test_starting_depends_neither_on_the_group_nor_on_the_programme():
    frame = nation()[0]
    for column in ("ethnic_group", "programme"):
        sizes = frame.groupby(column)["started"].agg(["mean", "size"])
        large = sizes[sizes["size"] > 800]["mean"]
        assert large.max() - large.min() < 0.04
