"""Levels: what was observed among people is told apart, by type, from what a model gives; no
sentence mixes the two."""

import re
from dataclasses import replace

import numpy as np
import pytest
from changed_records import with_rows

from analysis.clearing.joint import set_beside
from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.rules import Clearance
from analysis.disclosure.suppression import clear_estimate
from analysis.judgement.finding import Finding
from analysis.judgement.wording import lines
from analysis.judgement.wording.figures_in_words import printed
from analysis.judgement.wording.statements import can_say, size
from analysis.notebook import open_study
from analysis.paths import ROOT
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan, places_to_run
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import ESTIMATED_LEVELS, EVERYONE, LEVELS, OBSERVED_LEVELS, Estimate, Support
from analysis.study.words import finding, lead_row, slots
from analysis.vocabulary.regions import NATIONAL

PRIVATE = Clearance(public=False, clusters_are_people=False, hidden=NOTHING)

PILOTS = [plan for plan in list_plans() if isinstance(plan, Plan)]
MATCHING = load_plan("ethnic_matching")
INTERVALS = {
    "one_side": (-2.5, -4.9, -0.3),
    "both_sides": (-1.5, -4.9, 1.9),
    "none": (0.0, -2.0, 2.0),
}


def all_sentences(found: Finding, words) -> list[str]:
    """Every sentence that tells the size of a finding."""
    return [
        size(found, words),
        can_say(found, words),
        lines.one_analysis_line(found, words),
        lines.own_line(found, words),
        lines.national_line(found, words, places_pooled=5),
    ]


def stated_as_observed(text: str, words) -> list[str]:
    """Levels that a text puts down to the comparison people as counted: "24.6 in every 100 {C}
    {E}", "{C} averaged 24.6"."""
    other = re.escape(str(words.comparison))
    per = rf"([\d.,]+) in every 100 {other} {re.escape(words.event)}"
    return re.findall(per, text) + re.findall(rf"{other} averaged ([\d.,]*\d)", text)


def assert_no_estimate_is_stated_as_observed(found: Finding, words):
    level, others = printed(found).estimated, printed(found)
    by_chance = level in (others.value, others.low, others.high, others.comparison)
    for text in all_sentences(found, words):
        assert not stated_as_observed(text, words), text
        assert (
            f"than among {words.comparison!s}" not in text
            and f"than {words.comparison!s}" not in text
        ), text
        if by_chance:  # the same figure is another number of the sentence, too
            continue
        for at in re.finditer(rf"(?<![\d.]){re.escape(level)}(?![\d.]*\d)", text):
            assert text[: at.start()].endswith("We estimate it would have been "), text


@pytest.mark.parametrize("kind", ["share", "scale", "time_to_event"])
@pytest.mark.parametrize("side", INTERVALS)
@pytest.mark.parametrize("observed", [21.4, None])
@pytest.mark.parametrize(
    "outcome", [o for plan in PILOTS for o in plan.compared], ids=lambda o: o.id
)
def test_a_level_that_a_model_gives_is_worded_as_such_with_the_observed_one_beside_it(
    kind, side, observed, outcome
):
    plan = next(p for p in PILOTS if outcome in p.compared)
    words = slots(plan, outcome, NATIONAL)
    words = replace(words, event=words.event or "had resigned")
    found = Finding(
        kind,
        "inconclusive",
        "linked",
        "lower",
        2.0,
        *INTERVALS[side],
        comparison_value=observed,
        group_value=22.1,
        comparison_estimated=24.637,
    )
    assert_no_estimate_is_stated_as_observed(found, words)
    text = size(found, words)
    assert "We estimate it would have been 24.6 " in text and f"without {words.programme}" in text
    assert (f"Observed among {words.comparison!s}: 21.4" in text) == (observed is not None)
    assert stated_as_observed(size(replace(found, comparison_estimated=None), words), words) == [
        "21.4"
    ] * bool(observed)


def records_of(study: str) -> dict[str, Record]:
    folder = ROOT / "tests" / "guards" / "records" / study
    return {path.stem: store.load(path) for path in sorted(folder.glob("*.json"))}


def assert_levels_are_told_by_type(plan: Plan, record: Record):
    """In the sentences of every outcome of a record that has an answer."""
    for outcome in plan.compared:
        row = lead_row(plan, record, outcome.id)
        if row is None or row.status != "estimated":
            continue
        found, words = finding(plan, row, record), slots(plan, outcome, record.region)
        if found.is_against_an_estimate:
            assert_no_estimate_is_stated_as_observed(found, words)
            continue
        assert row.estimand != "average_effect", (
            "the answer of a roll-out is one against a model's level"
        )
        for text in all_sentences(found, words):
            assert set(stated_as_observed(text, words)) <= {printed(found).comparison}


@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
def test_no_sentence_of_a_committed_record_states_an_estimated_level_as_observed(plan):
    for record in records_of(plan.study).values():
        assert_levels_are_told_by_type(plan, record)


@pytest.fixture(scope="module")
def region():
    """One small region of the matching study, exact."""
    return open_study("ethnic_matching", "west_midlands", "synthetic:x0.1")


@pytest.mark.parametrize("outcome", MATCHING.compared, ids=lambda o: o.id)
def test_levels_of_the_matching_study_are_those_of_the_people_compared(region, outcome):
    study, scale = region._study, 100.0 if outcome.kind == "share" else 1.0
    row = region._exact.find(
        outcome=outcome.id,
        estimand="matching_effect",
        method=kind_of(MATCHING).method,
    )
    adjust = MATCHING.adjust_for
    people = study.compared_people.dropna(
        subset=[outcome.id, *adjust.outside, *adjust.service_decided]
    )
    cell = people[["office_id", "period", "person_group"]].astype(str).agg("|".join, axis=1)
    inside = people[people.groupby(cell)["same_group"].transform("nunique") > 1]
    means = inside.groupby("same_group")[outcome.id].mean() * scale
    assert row.n_identifying == len(inside)
    assert (row.comparison_value, row.group_value) == pytest.approx((means[False], means[True]))
    assert row.comparison_estimated is None


def test_a_weighted_mean_of_people_like_the_treated_is_no_observed_level(region):
    rows = [
        row
        for row in region._exact.rows
        if row.method == "radius_matching" and row.value is not None
    ]
    assert rows
    assert all(
        row.comparison_value is None and row.comparison_estimated is not None for row in rows
    )


def test_the_level_of_all_places_is_that_of_all_their_people(region):
    """Places with unlike shares and sizes: the mean of places is not the rate of people."""
    made, exact = region._exact, {}
    for i, place in enumerate(places_to_run(MATCHING)):
        treated = 60 if i % 2 else 300
        few = {"n_treated": treated, "n_identifying": 900}
        exact[place] = with_rows(
            made.with_(region=place),
            lambda row: row.method == kind_of(MATCHING).method and row.outcome == "recalled",
            comparison_value=10.0 + i,
            group_value=20.0 - i,
            support=lambda row, few=few: replace(
                row.support, **few, n=max(row.n, 900), persons=900, smallest_cell=60
            ),
            n=lambda row: max(row.n, 900),
            **few,
        )
    joint = set_beside(MATCHING, exact, round_id="draft")
    pooled = lead_row(MATCHING, joint.national)
    parts = [
        r.find(outcome="recalled", estimand="matching_effect", group=EVERYONE)
        for r in joint.places.values()
    ]
    assert pooled.k == len(parts) == 12
    for record in (joint.national, *joint.places.values()):
        assert_levels_are_told_by_type(MATCHING, record)
    for name, people in (
        ("comparison_value", [r.n_identifying - r.n_treated for r in parts]),
        ("group_value", [r.n_treated for r in parts]),
    ):
        rate = np.average([getattr(r, name) for r in parts], weights=people)
        assert getattr(pooled, name) == pytest.approx(rate, rel=5e-3)
        assert abs(getattr(pooled, name) - np.mean([getattr(r, name) for r in parts])) > 0.1


# -- the type --------------------------------------------------------------------------------------
def estimate(**levels) -> Estimate:
    support = Support(900, 900, 1, 300, 30, 30, 900, 50, 800)
    return Estimate(
        "average_effect", "m", "in_every_100", -2.0, -4.0, 0.0, 1.0, 0.05, support=support, **levels
    )


def test_levels_move_as_a_whole_and_survive_a_record():
    levels = dict(zip(LEVELS, (21.4, 22.1, 24.6, 22.2), strict=True))
    row = Row.of(estimate(**levels), level="society", outcome="x", group="all", direction="lower")
    assert {name: getattr(row, name) for name in LEVELS} == levels
    assert {name: getattr(row.result, name) for name in LEVELS} == levels
    moved = estimate(comparison_value=24.6, group_value=22.1).with_estimated_levels()
    assert [getattr(moved, name) for name in OBSERVED_LEVELS] == [None, None]
    assert [getattr(moved, name) for name in ESTIMATED_LEVELS] == [24.6, 22.1]


def test_an_estimated_level_gives_no_count_back():
    """Estimated level plus effect is the exact share of the group: it moves to a share of people in
    fives (rule S6)."""
    exact = estimate(comparison_estimated=100 * 73 / 300 + 2.0, comparison_value=21.4)
    cleared = clear_estimate(exact, clearance=PRIVATE)
    people = cleared.comparison_estimated * cleared.support.n_treated / 100
    assert people == pytest.approx(5 * round(people / 5), abs=0.2)
    assert cleared.comparison_estimated == pytest.approx(
        exact.comparison_estimated, abs=100 * 2.5 / 300 + 0.1
    )
