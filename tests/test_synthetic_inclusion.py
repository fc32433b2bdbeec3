"""Synthetic staff surveys: what is planted is there, and mislead a naive method as their docstring
says."""

import numpy as np
import pandas as pd
import pytest

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.extracts.tables.pilots.inclusion_tables import (
    INCLUSION,
    PROGRAMMES,
    REVERSED,
    WELLBEING,
)
from analysis.measurement.scales import cronbach_alpha, reverse_items
from analysis.synthetic.inclusion.inclusion import planted_of_all, planted_wave_effect, survey_rows
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.vocabulary.regions import place_set

REGIONS = place_set("probation_regions").ids
TABLE = "inclusion_waves"


def rows_of(programme, region, *, truth=None, seed=7, staff=120):
    """The waves of one programme in one region, scores and all, `started` where it had."""
    rng = np.random.default_rng([seed, REGIONS.index(region)])
    rows = survey_rows(rng, truth or load_planted(), region, programme, staff=staff)
    for name, items in (("inclusion", INCLUSION), ("wellbeing", WELLBEING)):
        turned = reverse_items(
            rows, items=list(items), reversed=[i for i in items if i in REVERSED], low=1, high=5
        )
        rows = rows.assign(**{name: turned.mean(axis=1)})
    return rows.assign(started=rows["starts_on"] <= rows["asked_on"])


def without(programme, truth=None):
    """The same nation, in which the programme changes nothing."""
    truth = truth or load_planted()
    own = truth.inclusion.programmes[programme].model_copy(update={"effect": {}})
    programmes = {**truth.inclusion.programmes, programme: own}
    inclusion = truth.inclusion.model_copy(update={"programmes": programmes})
    return truth.model_copy(update={"inclusion": inclusion})


def test_the_table_is_what_its_contract_says():
    rows = make_region("wales", service="inclusion", people=3000)[TABLE]
    CONTRACTS[TABLE].schema().validate(rows)
    assert set(rows["programme"]) == set(PROGRAMMES)
    assert not rows.loc[~rows["answered"], [*INCLUSION, *WELLBEING]].notna().any(axis=None)
    assert (rows["starts_on"].notna() == rows["volunteered"]).all()
    left = rows.dropna(subset=["left_on"])
    assert (left["left_on"] > left["asked_on"]).all()
    assert (left["left_on"] <= left["followed_to"]).all()
    assert rows["asked_id"].is_unique
    again = make_region("wales", service="inclusion", people=3000)[TABLE]
    pd.testing.assert_frame_equal(rows, again)


@pytest.mark.parametrize("region", ["london", "yorkshire_and_the_humber", "north_east"])
def test_the_same_people_answer_by_what_is_planted_more(region):
    """With and without the effect, all else drawn alike: scores of 1 to 5 are cut at their ends and
    show some 5 in 100 less."""
    name = "everyday_inclusion"
    one, other = (rows_of(name, region, truth=truth, staff=60) for truth in (None, without(name)))
    moved = (one["inclusion"] - other["inclusion"])[one["started"] & one["answered"]].mean()
    planted = planted_wave_effect(load_planted(), name, "inclusion", region)
    assert moved == pytest.approx(0.95 * planted, abs=0.04)
    same = (one["inclusion"] - other["inclusion"])[~one["started"] & one["answered"]]
    assert (same == 0).all()


def test_over_all_sites_a_region_counts_by_its_sites_and_waves():
    found = planted_of_all(load_planted(), "everyday_inclusion", "inclusion")
    own = load_planted().inclusion.programmes["everyday_inclusion"]
    assert min(own.region.values()) < 0 < found < own.effect["inclusion"]
    assert planted_of_all(load_planted(), "safe_spaces", "inclusion") == 0


def test_sites_that_asked_improve_anyway_and_the_unhappy_leave():
    """Nothing is planted for safe spaces: after less before, and sites that asked less the others,
    show a benefit all the same."""
    rows = pd.concat(
        [rows_of("safe_spaces", region) for region in ("london", "wales", "south_west")]
    )
    at = rows[rows["volunteered"] & (rows["starts_on"] < rows["asked_on"].max())]
    change = at.groupby("started")["inclusion"].mean()
    assert change[True] - change[False] > 0.10
    last = rows[rows["wave"] == rows["wave"].max()].groupby("volunteered")["inclusion"].mean()
    assert last[True] - last[False] > 0.10
    gone = rows["left_on"].notna()
    assert rows.loc[gone, "wellbeing"].mean() < rows.loc[~gone, "wellbeing"].mean() - 0.1


def test_in_reverse_mentoring_the_unhappy_fall_silent_once_it_started():
    rows = rows_of("reverse_mentoring", "london", staff=300)
    rows = rows[rows["volunteered"] & (rows["wave"] >= 4)]
    answered = rows.groupby("started")["answered"].mean()
    assert answered[False] - answered[True] > 0.10
    means = rows.groupby("started")["wellbeing"].mean()
    assert means[True] > means[False] + 0.02, "nothing is planted"


def test_questions_on_wellbeing_do_not_hang_together_in_mentoring_alone():
    for name, low, high in (("mentoring", 0.0, 0.65), ("everyday_inclusion", 0.7, 0.9)):
        rows = rows_of(name, "london")
        turned = reverse_items(
            rows,
            items=list(WELLBEING),
            reversed=[i for i in WELLBEING if i in REVERSED],
            low=1,
            high=5,
        )
        assert low < cronbach_alpha(turned, items=list(WELLBEING)).value < high
