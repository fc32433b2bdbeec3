"""How often harm watch is wrong: nothing planted, a harm planted, and what the first rule did."""

import math
import sys

import numpy as np
import pytest
from changed_records import some_row
from column_calls import with_columns

from analysis.clearing.harm_watch import harm_beyond, is_watched
from analysis.disclosure.attack.protection import NOTHING
from analysis.errors import PlanError
from analysis.judgement.classes import harm_watch
from analysis.judgement.false_alarms import (
    FILE,
    MEASURED_OF,
    NOT_MEASURED,
    TOO_FEW,
    FalseAlarms,
    load_false_alarms,
)
from analysis.judgement.pools.pooling import pool
from analysis.paths import ROOT
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan

PLAN = load_plan("ethnic_matching")
S, T = 2.0, 1.96  # in every 100; the normal quantile of a 95 % interval


@pytest.fixture(scope="module")
def calibration():
    """The modules of `make calibrate-harm`, which are no package."""
    sys.path.insert(0, str(ROOT / "tests" / "bench"))
    try:
        import calibrate_harm

        return calibrate_harm
    finally:
        sys.path.remove(str(ROOT / "tests" / "bench"))


def graded(value, error, probability=None, level=0.8):
    return harm_watch(
        value,
        value - T * error,
        value + T * error,
        matters=S,
        better="lower",
        ratio=False,
        probability=probability,
        level=level,
    )


def upper(share: float, n: int) -> float:
    """Three Monte Carlo standard errors above `share`."""
    return share + 3 * math.sqrt(share * (1 - share) / n)


def test_without_any_effect_a_row_is_worse_in_at_most_25_of_1000(calibration):
    rng = np.random.default_rng(3)
    rows = [row for _ in range(60) for row in calibration.drawn_nation(rng, calibration.NO_EFFECT)]
    assert len(rows) > 5000
    assert np.mean([row.grade == "worse" for row in rows]) <= upper(0.025, len(rows))
    assert np.mean([row.grade == "may_be_worse" for row in rows]) <= 0.01
    first_rule = np.mean([row.beyond or row.grade == "worse" for row in rows])
    assert first_rule > 0.12, "an estimate worse than the size that matters is no sign of harm"


def test_among_thirty_people_chance_alone_is_worse_than_the_size_that_matters():
    """The first rule: 30 people, 15 a side, of whom 25 in every 100 are recalled whatever
    happens."""
    rng = np.random.default_rng(4)
    one, other = (100 * rng.binomial(15, 0.25, 4000) / 15 for _ in range(2))
    error = 100 * math.sqrt(2 * 0.25 * 0.75 / 15)
    difference = one - other
    assert np.mean(difference > S) > 0.3
    assert np.mean([graded(value, error) is not None for value in difference]) <= upper(0.025, 4000)


@pytest.mark.parametrize("error", [0.3 * S, 0.5 * S, 0.7 * S])
def test_a_harm_of_twice_the_size_that_matters_is_named_in_4_of_5_where_the_row_is_precise_enough(
    error,
):
    rng = np.random.default_rng(5)
    named = np.mean([graded(value, error) is not None for value in rng.normal(2 * S, error, 4000)])
    assert named >= 0.8


@pytest.mark.simulation
def test_a_planted_harm_is_named_in_a_pool_too_and_seldom_where_the_row_is_imprecise(calibration):
    rng = np.random.default_rng(6)
    rows = [row for _ in range(80) for row in calibration.drawn_nation(rng, calibration.ONE_HARMED)]
    precise, rough = (
        [row for row in rows if low <= row.error < high] for low, high in ((0, 0.7), (1.5, 9))
    )
    assert np.mean([row.grade is not None for row in precise]) >= 0.8
    assert np.mean([row.grade is not None for row in rough]) < 0.5


def test_the_planted_harms_are_those_of_greater_manchester(calibration):
    harmed = {
        (outcome, place)
        for (outcome, group), places in calibration.precisions().items()
        for place, _, _ in places
        if group == "all" and calibration.planted_harm(outcome, group, place) > 0
    }
    assert harmed == {
        (o, "greater_manchester") for o in ("recalled", "relationship", "appointments_kept")
    }
    assert calibration.planted_harm("recalled", "all", "greater_manchester") == pytest.approx(2)


@pytest.mark.slow
@pytest.mark.parametrize("group", ["White", "Black"])
def test_what_counts_as_planted_within_a_group_is_found_again_in_made_data(
    calibration, group, monkeypatch
):
    """Relationship scores in London, over 10 seeds: the planted gap holds how practitioners of the
    group do at all."""
    truth, outcome, found = calibration.load_planted(), PLAN.outcome("relationship"), []
    for seed in range(60_001, 60_011):
        monkeypatch.setattr(
            calibration.nation,
            "load_planted",
            lambda seed=seed: truth.model_copy(update={"seed": seed}),
        )
        people = calibration.people_and_practitioners(calibration.nation.make_region("london"))
        study = calibration.MatchingStudy(PLAN, "london", people, False, hidden=NOTHING)
        found.append(study._own_group_gap(outcome, group))
    error = np.mean([e.std_error for e in found]) / math.sqrt(len(found))
    mean = np.mean([e.value for e in found])
    harm = calibration.planted_harm("relationship", group, "london") * outcome.matters
    assert abs(mean + harm) < 3 * error + 0.006, "answers missing unevenly take about 0.006 off"
    assert abs(mean - truth.supervision.outcomes["relationship"].matching["london"]) > 2 * error


def test_the_drawn_grade_is_that_of_the_pool_that_pages_use(calibration):
    rng = np.random.default_rng(7)
    harm, errors, dfs = rng.normal(0.4, 1, 8), np.full(8, 2.0), np.full(8, 40.0)
    drawn = list(calibration.drawn_pool(np.random.default_rng(8), "recalled", harm, errors, dfs))
    again = np.random.default_rng(8)
    value = again.normal(harm * S, errors)
    seen = errors * np.sqrt(again.chisquare(dfs) / dfs)
    names = [str(i) for i in range(8)]
    pooled = with_columns(
        pool,
        value.tolist(),
        seen.tolist(),
        places=names,
        estimand="x",
        unit="in_every_100",
        dfs=dfs.tolist(),
    )
    for name, (_, beyond, _, probability) in zip(names, drawn, strict=True):
        assert (probability is not None) == beyond
        if beyond:
            assert probability == pytest.approx(
                pooled.probability_worse(name, S, "lower"), abs=1e-4
            )
    assert any(beyond for _, beyond, _, _ in drawn)


def test_the_size_that_matters_on_the_worse_side():
    assert harm_beyond(2, "lower", False) == 2 and harm_beyond(2, "higher", False) == -2
    assert harm_beyond(1.25, "lower", True) == 1.25 and harm_beyond(1.25, "higher", True) == 0.8


def test_second_opinions_bounds_and_differences_between_groups_are_not_watched():
    row = some_row(outcome="recalled", estimand="matching_effect", method="cells_by_person_group")
    assert is_watched(PLAN, row) and is_watched(PLAN, row.with_(note="not_reliable"))
    assert is_watched(
        PLAN, row.with_(estimand="own_group_gap", method="within_cells", group="Asian")
    )
    assert is_watched(PLAN, row.with_(method="random_effects_reml"))
    assert not is_watched(
        load_plan("star_teacher_matching"),
        row.with_(outcome="maths", method="random_effects_reml"),
    )
    for changed in (
        {"note": "second_opinion"},
        {"note": "bounds"},
        {"note": "beside_the_others"},
        {"method": "practitioner_effects"},
        {"method": "empirical_bayes"},
        {"estimand": "gap_difference", "method": "joint_within_cells", "group": "Asian less White"},
        {"estimand": "own_group_gap", "method": "radius_matching", "group": "Asian"},
        {"outcome": "matched"},
    ):
        assert not is_watched(PLAN, row.with_(**changed)), changed


# -- what the page says about false alarms ---------------------------------------------------------
def measured(nations: int, made: int = 0) -> FalseAlarms:
    counts = {"worse": {"entries": 400, "false": 50}, "may_be_worse": {"entries": 90, "false": 27}}
    other = {"worse": {"entries": 100, "false": 11}, "may_be_worse": {"entries": 10, "false": 3}}
    return FalseAlarms(
        probability=0.8, drawn=counts | {"nations": nations}, made=other | {"nations": made}
    )


def test_the_page_says_how_often_an_entry_is_a_false_alarm():
    assert (
        measured(2000)
        .sentence("worse", 0.9, study=PLAN.study)
        .startswith("Of every 100 such entries, 12 were false alarms, over 2,000")
    )
    assert (
        measured(2000)
        .sentence("may_be_worse", 0.8, study=PLAN.study)
        .startswith("Of every 100 such entries, 30 were")
    )
    assert measured(2000).sentence("may_be_worse", 0.9, study=PLAN.study) == TOO_FEW, (
        "at another level nothing was measured"
    )
    assert "11 were false alarms, over 200 made-up" in measured(2000, 200).sentence(
        "worse", 0.8, study=PLAN.study
    )
    assert measured(2000, 200).sentence("may_be_worse", 0.8, study=PLAN.study) == TOO_FEW, (
        "ten entries are no rate"
    )


def test_rates_are_printed_only_under_the_kind_of_study_of_which_they_were_measured():
    for plan in (plan for plan in list_plans() if isinstance(plan, Plan)):
        said = measured(2000, 200).sentence("worse", 0.8, study=plan.study)
        assert (said == NOT_MEASURED) == (plan.study not in MEASURED_OF), plan.study
    assert "not measured for this kind of study" in NOT_MEASURED


def test_drawn_estimates_are_not_called_made_up_nations():
    assert "2,000 nations of simulated estimates" in measured(2000).sentence(
        "worse", 0.8, study=PLAN.study
    )
    assert "made-up" not in measured(2000).sentence("worse", 0.8, study=PLAN.study)


def test_the_committed_rates_can_be_read_and_meet_the_target_for_worse():
    found = load_false_alarms()
    assert found.probability == PLAN.harm_watch.probability, (
        "measured at the level that plans have by default"
    )
    assert (
        found.drawn.nations >= 2000 and found.drawn.worse.false <= 0.2 * found.drawn.worse.entries
    )


def test_a_faulty_file_is_an_error_with_its_line(tmp_path):
    broken = tmp_path / "harm_watch.yml"
    broken.write_text(
        FILE.read_text(encoding="utf-8").replace("nations:", "nation:", 1), encoding="utf-8"
    )
    with pytest.raises(PlanError, match="line"):
        load_false_alarms(broken)
