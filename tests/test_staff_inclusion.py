"""Programmes of staff inclusion: what is planted is found, both traps are met, and what cannot be
said is not."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.plans.registry import load_plan
from analysis.results import EVERYONE, Estimate, NotEstimable
from analysis.studies.staff_inclusion.checks import at_the_start, composition, response
from analysis.studies.staff_inclusion.kind import EFFECT, MAIN
from analysis.studies.staff_inclusion.opening import open_inclusion
from analysis.studies.staff_inclusion.opinions import weighted
from analysis.studies.staff_inclusion.study import FIRST, FIRST_LEFT, TOGETHER, InclusionStudy
from analysis.study.claim_checks import check_declared
from analysis.synthetic.inclusion.inclusion import planted_of_all, planted_wave_effect, survey_rows
from analysis.synthetic.planted import load_planted
from analysis.vocabulary.regions import ALL, place_set

REGIONS = place_set("probation_regions").ids
SHOWN = 0.95  # of an effect on a score: answers are cut at 1 and 5 (synthetic/inclusion)


def opened(name, place, *, truth=None, seed=3, staff=44, change=lambda rows: rows):
    """A study of one place, or of all, in which no other programme is made."""
    parts = [
        survey_rows(
            np.random.default_rng([seed, number]),
            truth or load_planted(),
            region,
            name,
            staff=staff,
        )
        for number, region in enumerate(REGIONS)
        if place in (region, ALL)
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows = change(rows.assign(asked_id=[f"Z{k:06d}" for k in range(len(rows))]))
    tables = {"inclusion_waves": rows}
    return open_inclusion(load_plan(name), place, tables, hidden=NOTHING)[0]


@cache
def study(name, place) -> InclusionStudy:
    return opened(name, place)


def own(study, outcome_id):
    return study.plan.outcome(outcome_id)


def planting(**changed):
    """The nation with another climate."""
    truth = load_planted()
    climate = truth.inclusion.climate.model_copy(update=changed)
    inclusion = truth.inclusion.model_copy(update={"climate": climate})
    return truth.model_copy(update={"inclusion": inclusion})


# -- who is compared -------------------------------------------------------------------------------
def test_everyone_is_compared_or_left_out_by_a_reason():
    one = study("everyday_inclusion", "london")
    assert one.n_in == one.n_used + sum(one.excluded.values())
    assert set(one.excluded) == {"did_not_ask"}
    row = one.outcome_rows("inclusion")[0]
    answers = one.compared["inclusion"].notna().sum()
    assert row.n + sum(row.left_out.values()) == answers


def test_people_are_counted_in_the_wave_in_which_they_are_most():
    one = study("everyday_inclusion", "london")
    row = one.outcome_rows("inclusion")[0]
    assert row.support.persons <= len(one.sites) * 44 < row.n
    assert row.support.smallest_cell <= row.support.persons


def test_a_site_counts_as_started_from_its_first_wave_after_the_start():
    rows = study("everyday_inclusion", "london").compared
    started = rows[rows["wave"] >= rows[FIRST]]
    assert (started["asked_on"] >= started["starts_on"]).all()
    before = rows[~(rows["wave"] >= rows[FIRST])]
    assert (before["asked_on"] < before["starts_on"]).all()
    # leaving: the programme begins two weeks after a wave, and counts up to the next one
    some = rows[rows[FIRST].notna()]
    assert (some[FIRST_LEFT] == some[FIRST] - 1).all()


# -- what is planted -------------------------------------------------------------------------------
def test_the_nation_and_its_regions_find_what_is_planted():
    truth = load_planted()
    whole = study("everyday_inclusion", ALL).effect(
        own(study("everyday_inclusion", ALL), "inclusion")
    )
    planted = SHOWN * planted_of_all(truth, "everyday_inclusion", "inclusion")
    assert isinstance(whole, Estimate)
    assert whole.conf_low <= planted <= whole.conf_high
    assert whole.p_value < 0.05
    held = []
    for region in ("london", "yorkshire_and_the_humber", "north_east", "west_midlands"):
        one = study("everyday_inclusion", region)
        found = one.effect(own(one, "inclusion"))
        planted = SHOWN * planted_wave_effect(truth, "everyday_inclusion", "inclusion", region)
        held.append(found.conf_low <= planted <= found.conf_high)
        if region == "yorkshire_and_the_humber":
            assert found.conf_high < 0, "harm is planted there"
    assert sum(held) >= 3


def test_too_few_sites_describe():
    one = study("everyday_inclusion", "wales")
    row = one.outcome_rows("inclusion")[0]
    assert row.status == "described"
    assert [check.id for check in one.checks] == ["own_sites"]


# -- the traps -------------------------------------------------------------------------------------
def test_improving_sites_mislead_before_and_after_and_sites_that_never_asked():
    """Nothing is planted for safe spaces: naive ways find a benefit, and the waiting sites none."""
    one = study("safe_spaces", ALL)
    rows = {row.method: row for row in one.outcome_rows("inclusion") if row.group == EVERYONE}
    for naive in ("paired_sites", "two_kinds_of_sites"):
        assert rows[naive].value > 0.15
        assert rows[naive].p_value < 0.001
    main = rows[MAIN]
    assert main.conf_low <= 0 <= main.conf_high
    assert abs(main.value) < 0.08


def test_where_early_sites_improve_faster_the_waves_before_the_start_show_it():
    """No comparison of answers repairs that: the number is wrong, and the claim is lowered."""
    one = opened("safe_spaces", ALL, truth=planting(earlier_improve=0.06))
    found = one.effect(own(one, "inclusion"))
    assert found.conf_low > 0
    check = next(c for c in one.checks if c.id == "pre_trend_inclusion")
    assert check.passed is False
    assert check.bears_on == "claim"


def test_the_unhappy_who_fall_silent_and_leave_are_seen_by_response_and_leavers():
    """Nothing is planted for reverse mentoring. Answers rise, weights do not help, and both checks
    that tell of it fail, so that the class is inconclusive at most."""
    one = study("reverse_mentoring", ALL)
    outcome = own(one, "wellbeing")
    main, second = one.effect(outcome), weighted(one, outcome).result
    assert main.value > 0.04
    assert second.value > 0.04
    assert response(one, outcome).passed is False
    assert composition(one).passed is False
    low, high = next(
        (r.conf_low, r.conf_high) for r in one.outcome_rows("wellbeing") if r.note == "bounds"
    )
    assert low < 0 < high


def test_leavers_are_alike_where_nothing_is_planted():
    rows = at_the_start(study("safe_spaces", ALL))
    assert set(rows["side"]) == {0.0, 1.0}
    shares = rows.groupby("side")["gone"].mean()
    assert abs(shares[1.0] - shares[0.0]) < 0.03
    assert composition(study("safe_spaces", ALL)).passed


# -- scales ----------------------------------------------------------------------------------------
def test_a_scale_that_does_not_hang_together_is_not_estimable():
    for place in ("london", ALL):
        one = study("mentoring", place)
        row = one.outcome_rows("wellbeing")[0]
        assert (row.status, row.reason) == ("not_estimable", "unreliable_scale")
        assert isinstance(one.effect(own(one, "inclusion")), Estimate)


def test_a_scale_that_differs_by_group_says_nothing_by_group():
    one = study("safe_spaces", ALL)
    assert one.scale_checks["inclusion"][1].passed is False
    assert one.scale_checks["wellbeing"][1].passed
    groups = [
        r for r in one.outcome_rows("inclusion") if r.estimand in ("group_effect", "gap_difference")
    ]
    assert {row.reason for row in groups} == {"questions_differ"}
    other = [r for r in one.outcome_rows("wellbeing") if r.group == TOGETHER]
    assert other[0].status == "estimated"


def test_scales_are_asked_of_answers_without_the_programme():
    one = study("everyday_inclusion", "london")
    answers = one.scale("inclusion").answers
    assert answers["answered"].all()
    assert not (answers["wave"] >= answers[FIRST]).any()


# -- checks and size -------------------------------------------------------------------------------
def test_every_check_bears_on_what_the_design_names():
    for place in ("london", "wales"):
        one = study("everyday_inclusion", place)
        check_declared(one.plan, one.checks)


@pytest.mark.simulation
def test_without_an_effect_a_region_rejects_about_as_often_as_it_says():
    rejected = 0
    for seed in range(60):
        one = opened("safe_spaces", "london", seed=100 + seed, staff=20)
        rejected += one.effect(own(one, "intends_to_leave")).p_value <= 0.05
    # of 60 tests of 5 % more than 8 reject 1 time in 200 (binomial)
    assert rejected <= 8


def test_nobody_who_asked_is_no_comparison():
    one = opened("safe_spaces", "london", change=lambda rows: rows.assign(volunteered=False))
    found = one.effect(own(one, "inclusion"))
    assert isinstance(found, NotEstimable)
    assert (found.estimand, found.reason) == (EFFECT, "too_few_people")
