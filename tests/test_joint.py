"""The places of a study set beside each other: what is pooled, what is adjusted, and what each page
may say."""

import copy

import pytest

from analysis import record as records
from analysis.clearing.joint import set_beside
from analysis.notebook import open_study
from analysis.plans.registry import load_plan, places_to_run
from analysis.results import EVERYONE, significant
from analysis.studies.matching.study import MAIN
from analysis.study.words import POOLED_METHOD, on_watch, unrecorded_cause

PLAN, STAR = load_plan("ethnic_matching"), load_plan("star_teacher_matching")
SMALL = "synthetic:x0.1"


@pytest.fixture(scope="module")
def exact():
    """Exact records of one real region, moved about to make twelve: what matters here is how they
    are put together."""
    made = open_study("ethnic_matching", "west_midlands", SMALL)._exact
    found = {}
    for i, place in enumerate(places_to_run(PLAN)):
        record = copy.deepcopy(made) | {"region": place}
        for row in record["estimates"]:
            if row["status"] == "estimated" and row["estimand"] != "relative_rate_index":
                for key in ("value", "conf_low", "conf_high"):
                    row[key] += (i - 5.5) * 0.1
        found[place] = record
    return found


def main_row(record: dict, outcome: str = "recalled") -> dict:
    return records.find(
        record, outcome=outcome, estimand="matching_effect", group=EVERYONE, method=MAIN
    )


def pooled(national: dict, outcome: str = "recalled") -> dict:
    return records.find(
        national, outcome=outcome, estimand="matching_effect", group=EVERYONE, method=POOLED_METHOD
    )


def test_every_record_keeps_the_schema_and_holds_no_exact_number(exact):
    joint = set_beside(PLAN, exact, round_id="2026Q3")
    for record in [*joint.places.values(), joint.national]:
        records.validate(record)
        assert record["cleared"] and record["round"] == "2026Q3" and record["statement"]["say"]
        assert not [row for row in record["estimates"] if "support" in row]
        assert record["n_in"] % 5 == 0 and record["n_used"] % 5 == 0


def test_the_exact_records_are_not_changed(exact):
    before = copy.deepcopy(exact)
    set_beside(PLAN, exact, round_id="draft")
    same = exact == before
    assert same


def withheld_in(exact: dict, place: str) -> dict:
    changed = copy.deepcopy(exact)
    for row in changed[place]["estimates"]:
        if row["outcome"] == "recalled" and row.get("support"):
            row["support"]["smallest_cell"] = 3
    return changed


def test_a_withheld_place_is_not_in_the_pool_and_changes_nothing_that_is_shown(exact):
    hidden = withheld_in(exact, "wales")
    other = copy.deepcopy(hidden)
    for row in other["wales"]["estimates"]:
        if row["outcome"] == "recalled" and row["status"] == "estimated":
            row |= {
                "value": row["value"] + 20,
                "conf_low": row["conf_low"] + 20,
                "conf_high": row["conf_high"] + 20,
                "p_value": 1e-9,
            }
    first, second = (set_beside(PLAN, each, round_id="draft") for each in (hidden, other))
    assert pooled(first.national)["k"] == 11 and pooled(first.national)["places_missing"] == [
        "wales"
    ]
    assert main_row(first.places["wales"])["status"] == "withheld"
    same = (
        first == second
    )  # compared outside the assert: pytest would take minutes to show the difference
    assert same, "something that is shown was worked out from the withheld place"


def test_a_place_with_low_declaration_is_not_estimable_and_not_in_the_pool(exact):
    changed = copy.deepcopy(exact)
    for row in changed["wales"]["estimates"]:
        if row["estimand"] == "matching_effect":
            row |= {
                "status": "not_estimable",
                "reason": "low_declaration",
                "value": None,
                "conf_low": None,
                "conf_high": None,
                "p_value": None,
            }
    joint = set_beside(PLAN, changed, round_id="draft")
    assert main_row(joint.places["wales"])["reason"] == "low_declaration"
    assert "declared" in joint.places["wales"]["statement"]["say"]
    assert pooled(joint.national)["k"] == 11


def test_a_single_small_p_value_does_not_survive_twelve_places(exact):
    changed = copy.deepcopy(exact)
    for place, record in changed.items():
        low, high, p = (-9.0, -0.4, 0.02) if place == "london" else (-6.0, 6.0, 0.6)
        main_row(record).update(
            value=(low + high) / 2, conf_low=low, conf_high=high, p_value=p, std_error=2.0
        )
    joint = set_beside(PLAN, changed, round_id="draft")
    london = main_row(joint.places["london"])
    assert london["p_adjusted"] == pytest.approx(0.24)
    assert london["result_class"] == "only_before_adjustment"


def test_holm_does_not_mute_a_harm(exact):
    changed = copy.deepcopy(exact)
    main_row(changed["north_east"]).update(
        value=5.0, conf_low=0.5, conf_high=9.5, p_value=0.03, std_error=2.2
    )
    joint = set_beside(PLAN, changed, round_id="draft")
    row = main_row(joint.places["north_east"])
    assert row["harm_watch"] == "worse" and row["result_class"] == "only_before_adjustment"
    assert any("North East" in words for words in on_watch(PLAN, joint.places, "worse"))
    assert not any(
        "North East: recalls" in words for words in on_watch(PLAN, joint.places, "may_be_worse")
    )


def test_a_place_far_on_the_worse_side_may_be_worse_after_shrinking_and_a_lone_noisy_one_not(exact):
    changed = copy.deepcopy(exact)
    for i, record in enumerate(
        changed.values()
    ):  # places that differ a lot: little is drawn towards the others
        value = (-1) ** i * 9.0
        main_row(record).update(
            value=value, conf_low=value - 7, conf_high=value + 7, p_value=0.1, std_error=3.5, df=60
        )
    main_row(changed["north_east"]).update(
        value=8.0, conf_low=-0.5, conf_high=16.5, p_value=0.06, std_error=4.2
    )
    row = main_row(set_beside(PLAN, changed, round_id="draft").places["north_east"])
    assert row["harm_watch"] == "may_be_worse"
    for record in changed.values():  # the others agree closely around nothing
        main_row(record).update(value=0.1, conf_low=-1.9, conf_high=2.1, p_value=0.9, std_error=1.0)
    main_row(changed["north_east"]).update(
        value=8.0, conf_low=-0.5, conf_high=16.5, p_value=0.06, std_error=4.2
    )
    row = main_row(set_beside(PLAN, changed, round_id="draft").places["north_east"])
    assert row["harm_watch"] is None


def test_only_what_answers_for_a_place_or_a_group_is_watched(exact):
    changed = copy.deepcopy(exact)
    for record in changed.values():
        for row in record["estimates"]:
            if row["status"] == "estimated" and row["estimand"] != "relative_rate_index":
                worse = 1 if PLAN.outcome(row["outcome"]).better == "lower" else -1
                row.update(value=5.0 * worse, conf_low=5.0 * worse - 1, conf_high=5.0 * worse + 1)
    joint = set_beside(PLAN, changed, round_id="draft")
    rows = [
        row for record in joint.places.values() for row in record["estimates"] if row["harm_watch"]
    ]
    assert {(r["estimand"], r["method"], r["group"] == EVERYONE, r["note"]) for r in rows} <= {
        ("matching_effect", MAIN, True, None),
        ("own_group_gap", "within_cells", False, None),
        ("matching_effect", MAIN, True, "not_reliable"),
        ("own_group_gap", "within_cells", False, "not_reliable"),
    }
    assert {r["harm_watch"] for r in rows} == {"worse"} and len(rows) >= 12 * len(PLAN.compared)


def test_a_survey_with_unlike_response_is_inconclusive_at_most(exact):
    changed = copy.deepcopy(exact)
    for record in changed.values():
        main_row(record, "relationship").update(
            value=0.5, conf_low=0.4, conf_high=0.6, p_value=1e-9, std_error=0.05
        )
        for check in record["checks"]:
            if check["id"] == "response_relationship":
                check |= {"passed": False, "value": 14.0}
    joint = set_beside(PLAN, changed, round_id="draft")
    assert main_row(joint.places["london"], "relationship")["result_class"] == "inconclusive"
    assert pooled(joint.national, "relationship")["result_class"] == "inconclusive"


def test_no_class_rests_on_an_unreliable_estimate(exact):
    changed = copy.deepcopy(exact)
    main_row(changed["london"]).update(
        value=-9.0, conf_low=-12.0, conf_high=-6.0, p_value=1e-6, note="not_reliable"
    )
    joint = set_beside(PLAN, changed, round_id="draft")
    assert main_row(joint.places["london"])["result_class"] == "unreliable"
    assert "london" in pooled(joint.national)["places_missing"]


def test_numbers_about_people_leave_with_three_figures(exact):
    joint = set_beside(PLAN, exact, round_id="draft")
    keys = (
        "value",
        "conf_low",
        "conf_high",
        "p_value",
        "p_adjusted",
        "std_error",
        "mde",
        "tau2",
        "pi_low",
        "pi_high",
    )
    for record in [*joint.places.values(), joint.national]:
        for row in record["estimates"]:
            assert all(row.get(key) is None or row[key] == significant(row[key]) for key in keys)


def test_the_nation_makes_no_claim_of_cause_without_a_lot(exact):
    joint = set_beside(PLAN, exact, round_id="draft")
    claims = {
        row["claim"]
        for record in [*joint.places.values(), joint.national]
        for row in record["estimates"]
    }
    assert claims <= {None, "linked", "described"}


def rows_about(record: dict, group: str) -> list[dict]:
    kinds = ("own_group_gap", "gap_difference")
    return [
        r
        for r in record["estimates"]
        if r["outcome"] == "recalled"
        and r["estimand"] in kinds
        and group in r["group"].split(" less ")
    ]


def test_a_withheld_group_cannot_be_worked_out_from_the_others_and_the_whole(exact):
    changed = copy.deepcopy(exact)
    gaps = {
        g: records.find(
            changed["london"],
            outcome="recalled",
            estimand="own_group_gap",
            group=g,
            method="within_cells",
        )
        for g in ("White", "Asian", "Black")
    }
    for size, group in enumerate(gaps, start=1):
        numbers = {
            "status": "estimated",
            "value": 1.0,
            "conf_low": 0.5,
            "conf_high": 1.5,
            "reason": None,
            "note": None,
        }
        gaps[group] |= numbers | {
            "support": (
                gaps["White"]["support"]
                | {
                    "n": 5000,
                    "n_identifying": 4000 // size,
                    "n_treated": 500,
                    "smallest_cell": 100,
                }
            )
        }
    gaps["Black"]["support"] |= {"smallest_cell": 4}
    london = set_beside(PLAN, changed, round_id="draft").places["london"]
    assert main_row(london)["status"] == "estimated"
    assert {r["status"] for r in rows_about(london, "Black")} == {"withheld"}
    assert {r["status"] for r in rows_about(london, "Asian")} == {"withheld"}, (
        "one group alone must not be left out"
    )
    assert "estimated" in {r["status"] for r in rows_about(london, "White")}


def test_practitioners_are_people_too(exact):
    changed = copy.deepcopy(exact)
    main_row(changed["london"])["support"]["clusters_treated"] = 6
    joint = set_beside(PLAN, changed, round_id="draft")
    assert main_row(joint.places["london"])["status"] == "withheld"
    assert "london" in pooled(joint.national)["places_missing"]


def test_an_unrecorded_cause_is_worked_out_from_shares_as_published():
    row = {
        "status": "estimated",
        "unit": "in_every_100",
        "comparison_value": 10.0,
        "value": 29.0,
        "conf_low": 8.0,
        "conf_high": 50.0,
    }
    said = unrecorded_cause(
        row
    )  # ratio 3.9 and its limit 1.8: VanderWeele and Ding (2017) give 7.26 and 3.0
    assert "7.3 times each" in said and "3.0 times would" in said
    assert "holds 0" in unrecorded_cause(row | {"conf_low": -1.0})
    assert "not worked out" in unrecorded_cause(row | {"status": "withheld"})


def test_a_page_says_within_what_people_were_compared(exact):
    said = set_beside(PLAN, exact, round_id="draft").national["statement"]["say"]
    assert "allowing for office, quarter, ethnic group, age" in said


def test_no_pool_holds_a_place_whose_row_is_withheld(exact):
    """Also a row that is withheld second, because the other rows of its place would give it
    back."""
    changed = copy.deepcopy(exact)
    place = next(iter(changed))
    for record in changed.values():
        white, *others = records.rows(
            record, outcome="recalled", estimand="own_group_gap", method="within_cells"
        )
        for row in others:
            row |= copy.deepcopy(white) | {"group": row["group"]}
    records.rows(
        changed[place], outcome="recalled", estimand="own_group_gap", method="within_cells"
    )[0]["support"]["smallest_cell"] = 3
    joint = set_beside(PLAN, changed, round_id="draft")
    hidden = {
        (row["outcome"], row["estimand"], row["group"])
        for row in joint.places[place]["estimates"]
        if row["status"] == "withheld"
    }
    assert len({key for key in hidden if key[1] == "own_group_gap"}) >= 2, "one is withheld second"
    pooled_rows = [
        row
        for row in joint.national["estimates"]
        if (row["outcome"], row["estimand"], row["group"]) in hidden
        and row["method"] == POOLED_METHOD
    ]
    assert all(place in row["places_missing"] for row in pooled_rows)
    assert (
        sum(
            row["k"] == len(changed) - 1
            for row in pooled_rows
            if row["estimand"] == "own_group_gap"
        )
        >= 2
    )
