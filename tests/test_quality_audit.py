"""The study of trained investigators on the synthetic nation: the planted rise, coders whose drift
looks like one, a team that is made worse, and what the page says of all three."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.judgement.claims import claim
from analysis.plans.registry import load_plan
from analysis.results import Estimate, NotEstimable
from analysis.studies.quality_audit import tables as shown
from analysis.studies.quality_audit.kind import (
    DETECTED,
    DRIFT,
    SEEN_WITHOUT,
    TEAMS,
    TEST,
)
from analysis.studies.quality_audit.opening import open_audit
from analysis.synthetic.coded_cases import coded_cases as made
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.vocabulary.regions import ALL

PLAN = load_plan("investigator_training")
PLACES = tuple(load_planted().regions)
NAMES = (made.CASES, made.INVESTIGATORS, made.ANCHORS)


def made_with(seed=17, **planted) -> dict[str, pd.DataFrame]:
    """The tables of all regions, with other values planted."""
    truth = load_planted()
    own = truth.coded_cases
    inside = {k: v for k, v in planted.items() if k in type(own.recognised).model_fields}
    rest = {k: v for k, v in planted.items() if k not in inside}
    own = own.model_copy(update={"recognised": own.recognised.model_copy(update=inside), **rest})
    truth = truth.model_copy(update={"coded_cases": own})
    found = []
    for i, region in enumerate(PLACES):
        rng = {name: np.random.default_rng([seed, i, k]) for k, name in enumerate(NAMES)}
        found.append(made.make_coded_cases(rng, truth, region, part=1.0))
    return {name: pd.concat([one[name] for one in found], ignore_index=True) for name in found[0]}


@cache
def tables():
    parts = [make_region(region, service="investigations") for region in PLACES]
    return {name: pd.concat([one[name] for one in parts], ignore_index=True) for name in parts[0]}


def opened(found: dict[str, pd.DataFrame], place: str = ALL):
    return open_audit(PLAN, place, found, hidden=frozenset())[0]


@cache
def nation():
    return opened(tables())


def lead(study, outcome: str):
    return study.effect(PLAN.outcome(outcome))


def check_of(study, name: str):
    return next(check for check in study.checks if check.id == name)


def test_the_rise_and_the_false_alarms_lie_in_their_intervals():
    study, truth = nation(), load_planted()
    main = lead(study, DETECTED)
    assert main.conf_low <= made.planted_detection(truth) <= main.conf_high
    assert main.conf_low > 0
    alarms = lead(study, SEEN_WITHOUT)
    assert alarms.conf_low <= made.planted_false_alarms(truth) <= alarms.conf_high
    test = lead(study, TEST)
    planted = np.mean(list(truth.coded_cases.test.effect.values()))
    assert test.conf_low <= planted <= test.conf_high
    assert main.support.clusters_treated == main.support.clusters_comparison == 72
    for outcome in (DETECTED, SEEN_WITHOUT, TEST):
        beside = study.by_cr2(PLAN.outcome(outcome))
        assert beside.value == pytest.approx(lead(study, outcome).value, abs=0.05)


def test_before_and_after_finds_a_rise_where_nothing_was_done():
    """The trap: investigators who wait; coders who read the same cases again say yes more."""
    study = nation()
    for outcome in (DETECTED, SEEN_WITHOUT):
        waiting = study.alone(PLAN.outcome(outcome), trained=False)
        assert waiting.conf_low > 0
    drift = check_of(study, f"{DRIFT}_{SEEN_WITHOUT}")
    assert drift.passed is False and "No report changed." in drift.text
    alarms = lead(study, SEEN_WITHOUT)
    assert alarms.conf_low <= 0 <= alarms.conf_high or alarms.value < 5


def test_with_no_effect_at_all_nothing_is_found_but_by_the_naive():
    none = dict.fromkeys(PLACES, 0.0)
    study = opened(made_with(effect=none, false_alarm=none, trend=0.0))
    for outcome in (DETECTED, SEEN_WITHOUT):
        main = lead(study, outcome)
        assert main.conf_low <= 0 <= main.conf_high
        naive = study.alone(PLAN.outcome(outcome), trained=True, weighted=False)
        assert naive.conf_low > 0
        bridged = study.bridged(PLAN.outcome(outcome))
        assert bridged.conf_low <= 0 <= bridged.conf_high


def test_harm_everywhere_is_found_as_harm():
    study = opened(made_with(false_alarm=dict.fromkeys(PLACES, 0.2)))
    alarms = lead(study, SEEN_WITHOUT)
    assert alarms.conf_low > 5
    assert check_of(study, f"{TEAMS}_{SEEN_WITHOUT}").passed


def test_a_team_made_much_worse_is_seen_behind_the_average():
    worse = dict.fromkeys(PLACES, 0.0) | {"london": 0.6}
    study = opened(made_with(false_alarm=worse))
    alarms = lead(study, SEEN_WITHOUT)
    assert alarms.value < 10  # of 45 in every 100 in that team
    found = check_of(study, f"{TEAMS}_{SEEN_WITHOUT}")
    assert found.passed is False and "average hides" in found.text
    assert "London" not in found.text


def test_without_anchor_cases_drift_is_not_told_and_nothing_is_bridged():
    study = opened({k: v for k, v in tables().items() if k != made.ANCHORS})
    bridged = study.bridged(PLAN.outcome(DETECTED))
    assert isinstance(bridged, NotEstimable) and bridged.reason == "instrument_changed"
    check = check_of(study, f"{DRIFT}_{DETECTED}")
    assert check.passed is None and "cannot be said" in check.text
    assert isinstance(study.drift(PLAN.outcome(DETECTED)), NotEstimable)


def test_coders_agree_less_since_they_drift_and_the_claim_rests_on_it():
    study = nation()
    before, since = (study.agreement[when]["gwet_ac1"] for when in ("before", "since"))
    assert isinstance(before, Estimate) and before.value > since.value + 0.1
    outcome = PLAN.outcome(DETECTED)
    ran = {c.id: c.passed for c in study.checks}
    rests = {name: ran.get(name) for name in PLAN.checks_of(outcome)}
    assert set(rests) == {"blinded", "agreement", f"moved_alike_{DETECTED}"}
    ground = PLAN.comparison.ground
    asked = {"assumption_named": False, "estimand": "training_effect"}
    # In this nation the two sides moved apart before the training, by chance: nothing is planted.
    assert (rests["blinded"], rests["agreement"]) == (True, True)
    assert claim(ground, [True] * len(rests), **asked) == "caused"
    assert claim(ground, rests.values(), **asked) == "linked"
    assert claim(ground, [False, True, True], **asked) == "linked"


def test_whoever_saw_dates_lowers_the_claim():
    found = tables() | {made.CASES: tables()[made.CASES].assign(blinded=False)}
    check = check_of(opened(found), "blinded")
    assert check.passed is False and check.bears_on == "claim"


def test_a_region_shows_its_cases_and_compares_nothing():
    rows = {
        name: frame[frame["region"] == "south_west"].reset_index(drop=True)
        for name, frame in tables().items()
    }
    study = opened(rows, "south_west")
    assert {row.status for row in study.rows} == {"described"}
    assert study.checks == ()
    frame = shown.detection_table(study).to_frame()
    assert list(frame[shown.WHEN]) == [shown.BEFORE_WORDS, shown.SINCE_WORDS]
    assert shown.WHO not in frame  # six investigators on a side are too few to be told of


def test_no_table_tells_of_few_investigators():
    few = tables()[made.INVESTIGATORS]["investigator_id"].iloc[:9]
    rows = tables() | {
        made.CASES: tables()[made.CASES][tables()[made.CASES]["investigator_id"].isin(few)]
    }
    frame = shown.detection_table(opened(rows, "north_east")).to_frame()
    cells = frame.drop(columns=[shown.WHEN]).to_numpy().ravel()
    assert set(cells) == {"[c]"}


def test_rows_in_another_order_give_the_same():
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in tables().items()}
    one, other = (lead(study, DETECTED) for study in (nation(), opened(mixed)))
    assert (one.value, one.conf_low, one.p_value) == (other.value, other.conf_low, other.p_value)
