"""The committed records are what the code makes today, and a changed number, sign or class is
caught."""

import copy
import importlib.util
from functools import cache
from pathlib import Path

import pytest

from analysis.clearing.joint import Joint
from analysis.notebook import clear_together, open_study
from analysis.paths import EXAMPLE_RECORDS, ROOT
from analysis.plans.plan import Plan
from analysis.plans.registry import DRAFT, NATIONAL, list_plans, load_plan
from analysis.record import store
from analysis.record.record import Record
from analysis.results import EVERYONE, significant
from analysis.runs.committed import committed_places
from analysis.study.words import lead_row

spec = importlib.util.spec_from_file_location(
    "comparison", Path(__file__).with_name("comparison.py")
)
comparison = importlib.util.module_from_spec(spec)
spec.loader.exec_module(comparison)
differences = comparison.differences

STAR = ("star_teacher_matching", "star")
PUBLISHED = [
    ("youth_cascade", "published"),
    ("action_plan", "published"),
    ("berkeley_admissions", "counts"),
    ("toronto_arrests", "counts"),
]
STUDIES = [STAR, *PUBLISHED]
PILOTS = tuple(
    plan.study
    for plan in list_plans()
    if isinstance(plan, Plan) and plan.data.sources[0] == "synthetic"
)
MONITORS = (
    "activities",
    "complaints",
    "court_reports",
    "ethnicity_recording",
    "incentives",
    "release",
    "supervision",
    "use_of_force",
    "workforce",
)
LONGER = [(study, "synthetic") for study in (*PILOTS, *MONITORS)]


def committed(study: str) -> dict[str, Record]:
    return {
        place: store.load(EXAMPLE_RECORDS / study / f"{place}.json")
        for place in (*committed_places(load_plan(study)), NATIONAL)
    }


@cache
def joint_of(study: str, source: str) -> Joint:
    """All committed places of a study, worked out anew and set beside each other."""
    plan = load_plan(study)
    exact = {place: open_study(study, place, source)._exact for place in committed_places(plan)}
    return clear_together(plan, exact, round_id=DRAFT)


def compared_with_the_committed(study: str, fresh: dict[str, Record]) -> dict[str, list[str]]:
    """By place: what differs from the committed record; only places where something does."""
    found = {
        place: differences(store.as_dict(record), store.as_dict(fresh[place]))
        for place, record in committed(study).items()
    }
    return {place: texts for place, texts in found.items() if texts}


def records_of_a_run(reports: Path, study: str, source: str) -> dict[str, Record]:
    """The cleared records of the draft round, by place."""
    folder = reports / source / DRAFT / study
    return {place: store.load(folder / place / "results.json") for place in committed(study)}


@pytest.mark.parametrize(("study", "source"), PUBLISHED)
def test_records_are_what_the_code_makes(study, source):
    joint = joint_of(study, source)
    assert compared_with_the_committed(study, joint.places | {NATIONAL: joint.national}) == {}


def test_records_of_star_are_what_a_run_makes(star_run):
    assert compared_with_the_committed(STAR[0], records_of_a_run(star_run[0], *STAR)) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("study", "source"), [*STUDIES, *LONGER])
def test_records_of_a_full_run_are_the_committed_ones(study, source):
    """`make test-records` has just brought the draft round up to date."""
    fresh = records_of_a_run(ROOT / "reports", study, source)
    assert compared_with_the_committed(study, fresh) == {}


def test_a_lot_may_be_a_cause_and_a_gap_is_a_link_at_most(star_run):
    national = records_of_a_run(star_run[0], *STAR)[NATIONAL]
    lead = lead_row(load_plan("star_teacher_matching"), national)
    rows = [r for r in national.rows if r.claim]
    assert {r.claim for r in rows if r.estimand == "own_group_gap"} <= {"linked", "described"}
    assert lead.claim == "caused"
    assert lead.value == pytest.approx(4.4788, abs=1e-3)


def test_numbers_that_were_published_before_keep_six_figures(star_run):
    national = records_of_a_run(star_run[0], *STAR)[NATIONAL]
    share = national.find(estimand="share", outcome="matched", group=EVERYONE)
    assert (
        share.value == significant(100 * share.n_treated / share.n, 6) != significant(share.value)
    )
    for key in ("p_adjusted", "mde", "tau2", "i2"):  # and not three (S0)
        numbers = [x for row in national.rows if (x := getattr(row, key))]
        assert any(x != significant(x) for x in numbers) and all(
            x == significant(x, 6) for x in numbers
        )


@pytest.mark.parametrize(("study", "source"), [*STUDIES, *LONGER])
def test_every_committed_record_keeps_the_schema_and_is_cleared(study, source):
    for record in committed(study).values():
        store.validate(record)
        assert record.cleared and record.data_source == source
        assert not [row for row in record.rows if row.is_exact]


def mutated(record: dict, change) -> dict:
    """The record as JSON has it, with a change in it."""
    fresh = copy.deepcopy(record)
    change(fresh)
    return fresh


def first(record: dict, **wanted) -> dict:
    return next(
        row
        for row in record["estimates"]
        if row["status"] == "estimated" and all(row[k] == v for k, v in wanted.items())
    )


MUTATIONS = {
    "a number": lambda record: first(record).update(value=first(record)["value"] * 1.001),
    "a sign": lambda record: first(record).update(value=-first(record)["value"]),
    "a limit": lambda record: first(record).update(conf_low=first(record)["conf_low"] - 0.01),
    "a class": (
        lambda record: first(record, estimand="matching_effect").update(
            result_class="benefit_matters"
        )
    ),
    "a status": lambda record: first(record).update(status="withheld"),
    "a claim": lambda record: first(record, estimand="matching_effect").update(claim="likely"),
    "harm watch": (
        lambda record: first(record, estimand="matching_effect").update(harm_watch="may_be_worse")
    ),
    "a released count": lambda record: record.update(n_used=record["n_used"] + 5),
    "a reason": lambda record: record["excluded"].update(other=5),
    "a sentence": lambda record: record["statement"].update(say="It works."),
    "a check": (
        lambda record: record["checks"][0].update(
            passed=None if record["checks"][0]["passed"] is not None else True
        )
    ),
    "a row less": lambda record: record["estimates"].pop(),
}


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("study", ["star_teacher_matching", "ethnic_matching"])
def test_a_change_is_caught(study, name):
    record = store.as_dict(store.load(EXAMPLE_RECORDS / study / f"{NATIONAL}.json"))
    assert differences(record, record) == []
    assert differences(record, mutated(record, MUTATIONS[name])) != []


def test_noise_of_another_processor_is_not_a_change():
    record = store.as_dict(store.load(EXAMPLE_RECORDS / "star_teacher_matching" / "national.json"))
    noisy = mutated(record, lambda r: first(r).update(value=first(r)["value"] * (1 + 1e-9)))
    assert differences(record, noisy) == []
