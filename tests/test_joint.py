"""The places of a study set beside each other: what is pooled, what is adjusted, and what each page
may say."""

import copy
from dataclasses import replace

import pytest
from changed_records import with_row, with_rows, with_support

from analysis.clearing.joint import set_beside
from analysis.notebook import open_study
from analysis.plans.registry import load_plan, places_to_run
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import EVERYONE, Estimate, significant
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
        by = (i - 5.5) * 0.1
        found[place] = with_rows(
            made.with_(region=place),
            lambda row: row.status == "estimated" and row.estimand != "relative_rate_index",
            value=lambda row, by=by: row.value + by,
            conf_low=lambda row, by=by: row.conf_low + by,
            conf_high=lambda row, by=by: row.conf_high + by,
        )
    return found


def main_row(record: Record, outcome: str = "recalled") -> Row:
    return record.find(outcome=outcome, estimand="matching_effect", group=EVERYONE, method=MAIN)


def with_main(record: Record, outcome: str = "recalled", **values) -> Record:
    """The record with other values in the row that answers for an outcome."""
    return with_row(record, main_row(record, outcome), **values)


def pooled(national: Record, outcome: str = "recalled") -> Row:
    return national.find(
        outcome=outcome, estimand="matching_effect", group=EVERYONE, method=POOLED_METHOD
    )


def test_every_record_keeps_the_schema_and_holds_no_exact_number(exact):
    joint = set_beside(PLAN, exact, round_id="2026Q3")
    for record in [*joint.places.values(), joint.national]:
        store.validate(record)
        assert record.cleared and record.round == "2026Q3" and record.statement.say
        assert not [row for row in record.rows if row.is_exact]
        assert record.n_in % 5 == 0 and record.n_used % 5 == 0


def test_the_exact_records_are_not_changed(exact):
    before = copy.deepcopy(exact)
    set_beside(PLAN, exact, round_id="draft")
    same = exact == before
    assert same


def withheld_in(exact: dict, place: str) -> dict:
    record = with_support(exact[place], lambda row: row.outcome == "recalled", smallest_cell=3)
    return exact | {place: record}


def test_a_withheld_place_is_not_in_the_pool_and_changes_nothing_that_is_shown(exact):
    hidden = withheld_in(exact, "wales")
    record = with_rows(
        hidden["wales"],
        lambda row: row.outcome == "recalled" and row.status == "estimated",
        value=lambda row: row.value + 20,
        conf_low=lambda row: row.conf_low + 20,
        conf_high=lambda row: row.conf_high + 20,
        p_value=1e-9,
    )
    other = hidden | {"wales": record}
    first, second = (set_beside(PLAN, each, round_id="draft") for each in (hidden, other))
    assert pooled(first.national).k == 11 and pooled(first.national).places_missing == ("wales",)
    assert main_row(first.places["wales"]).status == "withheld"
    same = (
        first == second
    )  # compared outside the assert: pytest would take minutes to show the difference
    assert same, "something that is shown was worked out from the withheld place"


def test_a_place_with_low_declaration_is_not_estimable_and_not_in_the_pool(exact):
    numbers = dict.fromkeys(("value", "conf_low", "conf_high", "p_value"))
    wales = with_rows(
        exact["wales"],
        lambda row: row.estimand == "matching_effect",
        status="not_estimable",
        reason="low_declaration",
        **numbers,
    )
    joint = set_beside(PLAN, exact | {"wales": wales}, round_id="draft")
    assert main_row(joint.places["wales"]).reason == "low_declaration"
    assert "declared" in joint.places["wales"].statement.say
    assert pooled(joint.national).k == 11


def test_a_single_small_p_value_does_not_survive_twelve_places(exact):
    changed = {}
    for place, record in exact.items():
        low, high, p = (-9.0, -0.4, 0.02) if place == "london" else (-6.0, 6.0, 0.6)
        changed[place] = with_main(
            record,
            value=(low + high) / 2,
            conf_low=low,
            conf_high=high,
            p_value=p,
            std_error=2.0,
        )
    joint = set_beside(PLAN, changed, round_id="draft")
    london = main_row(joint.places["london"])
    assert london.p_adjusted == pytest.approx(0.24)
    assert london.result_class == "only_before_adjustment"


def test_holm_does_not_mute_a_harm(exact):
    north_east = with_main(
        exact["north_east"], value=5.0, conf_low=0.5, conf_high=9.5, p_value=0.03, std_error=2.2
    )
    joint = set_beside(PLAN, exact | {"north_east": north_east}, round_id="draft")
    row = main_row(joint.places["north_east"])
    assert row.harm_watch == "worse" and row.result_class == "only_before_adjustment"
    assert any("North East" in words for words in on_watch(PLAN, joint.places, "worse"))
    assert not any(
        "North East: recalls" in words for words in on_watch(PLAN, joint.places, "may_be_worse")
    )


def test_a_place_far_on_the_worse_side_may_be_worse_after_shrinking_and_a_lone_noisy_one_not(exact):
    far = {"value": 8.0, "conf_low": -0.5, "conf_high": 16.5, "p_value": 0.06, "std_error": 4.2}
    apart = {}  # places that differ a lot: little is drawn towards the others
    for i, (place, record) in enumerate(exact.items()):
        value = (-1) ** i * 9.0
        ends = {"conf_low": value - 7, "conf_high": value + 7}
        apart[place] = with_main(record, value=value, p_value=0.1, std_error=3.5, df=60, **ends)
    changed = apart | {"north_east": with_main(apart["north_east"], **far)}
    row = main_row(set_beside(PLAN, changed, round_id="draft").places["north_east"])
    assert row.harm_watch == "may_be_worse"
    nil = {"value": 0.1, "conf_low": -1.9, "conf_high": 2.1, "p_value": 0.9, "std_error": 1.0}
    alike = {place: with_main(record, **nil) for place, record in apart.items()}
    changed = alike | {"north_east": with_main(alike["north_east"], **far)}
    row = main_row(set_beside(PLAN, changed, round_id="draft").places["north_east"])
    assert row.harm_watch is None


def test_only_what_answers_for_a_place_or_a_group_is_watched(exact):
    def worse(row: Row) -> float:
        return 5.0 if PLAN.outcome(row.outcome).better == "lower" else -5.0

    changed = {
        place: with_rows(
            record,
            lambda row: row.status == "estimated" and row.estimand != "relative_rate_index",
            value=worse,
            conf_low=lambda row: worse(row) - 1,
            conf_high=lambda row: worse(row) + 1,
        )
        for place, record in exact.items()
    }
    joint = set_beside(PLAN, changed, round_id="draft")
    rows = [row for record in joint.places.values() for row in record.rows if row.harm_watch]
    assert {(r.estimand, r.method, r.group == EVERYONE, r.note) for r in rows} <= {
        ("matching_effect", MAIN, True, None),
        ("own_group_gap", "within_cells", False, None),
        ("matching_effect", MAIN, True, "not_reliable"),
        ("own_group_gap", "within_cells", False, "not_reliable"),
    }
    assert {r.harm_watch for r in rows} == {"worse"} and len(rows) >= 12 * len(PLAN.compared)


def test_a_survey_with_unlike_response_is_inconclusive_at_most(exact):
    sure = {"value": 0.5, "conf_low": 0.4, "conf_high": 0.6, "p_value": 1e-9, "std_error": 0.05}
    changed = {}
    for place, record in exact.items():
        checks = tuple(
            replace(check, passed=False, value=14.0)
            if check.id == "response_relationship"
            else check
            for check in record.checks
        )
        changed[place] = with_main(record, "relationship", **sure).with_(checks=checks)
    joint = set_beside(PLAN, changed, round_id="draft")
    assert main_row(joint.places["london"], "relationship").result_class == "inconclusive"
    assert pooled(joint.national, "relationship").result_class == "inconclusive"


def test_no_class_rests_on_an_unreliable_estimate(exact):
    london = with_main(
        exact["london"],
        value=-9.0,
        conf_low=-12.0,
        conf_high=-6.0,
        p_value=1e-6,
        note="not_reliable",
    )
    joint = set_beside(PLAN, exact | {"london": london}, round_id="draft")
    assert main_row(joint.places["london"]).result_class == "unreliable"
    assert "london" in pooled(joint.national).places_missing


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
        for row in record.rows:
            assert all(
                getattr(row, key) is None or getattr(row, key) == significant(getattr(row, key))
                for key in keys
            )


def test_the_nation_makes_no_claim_of_cause_without_a_lot(exact):
    joint = set_beside(PLAN, exact, round_id="draft")
    claims = {
        row.claim for record in [*joint.places.values(), joint.national] for row in record.rows
    }
    assert claims <= {None, "linked", "described"}


def rows_about(record: Record, group: str) -> list[Row]:
    kinds = ("own_group_gap", "gap_difference")
    return [
        r
        for r in record.rows
        if r.outcome == "recalled" and r.estimand in kinds and group in r.group.split(" less ")
    ]


def test_a_withheld_group_cannot_be_worked_out_from_the_others_and_the_whole(exact):
    numbers = {"value": 1.0, "conf_low": 0.5, "conf_high": 1.5, "reason": None, "note": None}
    changed, wanted = (
        exact["london"],
        {
            "outcome": "recalled",
            "estimand": "own_group_gap",
            "method": "within_cells",
        },
    )
    white = changed.find(group="White", **wanted).support
    for size, group in enumerate(("White", "Asian", "Black"), start=1):
        smallest = 4 if group == "Black" else 100
        support = replace(
            white, n=5000, n_identifying=4000 // size, n_treated=500, smallest_cell=smallest
        )
        row = changed.find(group=group, **wanted)
        changed = with_row(changed, row, status="estimated", support=support, **numbers)
    london = set_beside(PLAN, exact | {"london": changed}, round_id="draft").places["london"]
    assert main_row(london).status == "estimated"
    assert {r.status for r in rows_about(london, "Black")} == {"withheld"}
    assert {r.status for r in rows_about(london, "Asian")} == {"withheld"}, (
        "one group alone must not be left out"
    )
    assert "estimated" in {r.status for r in rows_about(london, "White")}


def test_practitioners_are_people_too(exact):
    main = main_row(exact["london"])
    london = with_support(exact["london"], lambda row: row is main, clusters_treated=6)
    joint = set_beside(PLAN, exact | {"london": london}, round_id="draft")
    assert main_row(joint.places["london"]).status == "withheld"
    assert "london" in pooled(joint.national).places_missing


def test_an_unrecorded_cause_is_worked_out_from_shares_as_published():
    row = Row.of(
        Estimate("x", "y", "in_every_100", 29.0, 8.0, 50.0, comparison_value=10.0),
        level="society",
        outcome="recalled",
        group=EVERYONE,
    )
    said = unrecorded_cause(
        row
    )  # ratio 3.9 and its limit 1.8: VanderWeele and Ding (2017) give 7.26 and 3.0
    assert "7.3 times each" in said and "3.0 times would" in said
    assert "holds 0" in unrecorded_cause(row.with_(conf_low=-1.0))
    assert "not worked out" in unrecorded_cause(row.with_(status="withheld"))


def test_a_page_says_within_what_people_were_compared(exact):
    said = set_beside(PLAN, exact, round_id="draft").national.statement.say
    assert "allowing for office, quarter, ethnic group, age" in said


def test_no_pool_holds_a_place_whose_row_is_withheld(exact):
    """Also a row that is withheld second, because the other rows of its place would give it
    back."""
    place, changed = next(iter(exact)), {}
    wanted = {"outcome": "recalled", "estimand": "own_group_gap", "method": "within_cells"}
    for name, record in exact.items():
        white, *others = record.rows_where(**wanted)
        own = {row.group: white.with_(group=row.group) for row in others}
        rows = (own.get(row.group, row) if row in others else row for row in record.rows)
        changed[name] = record.with_(rows=tuple(rows))
    first = changed[place].find(**wanted)
    changed[place] = with_support(changed[place], lambda row: row is first, smallest_cell=3)
    joint = set_beside(PLAN, changed, round_id="draft")
    hidden = {
        (row.outcome, row.estimand, row.group)
        for row in joint.places[place].rows
        if row.status == "withheld"
    }
    assert len({key for key in hidden if key[1] == "own_group_gap"}) >= 2, "one is withheld second"
    pooled_rows = [
        row
        for row in joint.national.rows
        if (row.outcome, row.estimand, row.group) in hidden and row.method == POOLED_METHOD
    ]
    assert all(place in row.places_missing for row in pooled_rows)
    assert (
        sum(row.k == len(changed) - 1 for row in pooled_rows if row.estimand == "own_group_gap")
        >= 2
    )
