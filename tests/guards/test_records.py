"""The committed records are what the code makes today, and a changed number, sign or class is caught."""

import copy
import importlib.util
from pathlib import Path

import pytest

from analysis import record as records
from analysis.notebook import clear_together, open_study
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.monitor import Monitor
from analysis.plans.registry import DRAFT, NATIONAL, load_plan, places_to_run
from analysis.runs.committed import committed_places
from analysis.studies.monitor_pooled import BESIDE

spec = importlib.util.spec_from_file_location("comparison", Path(__file__).with_name("comparison.py"))
comparison = importlib.util.module_from_spec(spec)
spec.loader.exec_module(comparison)
differences = comparison.differences

STUDIES = [("star_teacher_matching", "star"), ("youth_cascade", "published"), ("action_plan", "published")]
PILOTS = ("ethnic_matching", "psr_quality", "gamified_training", "manager_training")
MONITORS = ("activities", "court_reports", "incentives", "release", "supervision", "use_of_force", "workforce")
LONGER = [(study, "synthetic") for study in (*PILOTS, *MONITORS)]
REBUILT = [*STUDIES, *(pytest.param(*study, marks=pytest.mark.slow) for study in LONGER)]  # make test-records


# Of these monitors every place is opened again: a ratio drawn towards the other regions needs them all.
EVERY_PLACE = ("court_reports",)


def without_beside(record: dict) -> dict:
    """The record without the rows that rest on every place of a monitor."""
    return record | {"estimates": [row for row in record["estimates"] if row["note"] != BESIDE]}


def committed(study: str) -> dict[str, dict]:
    return {
        place: records.load(EXAMPLE_RECORDS / study / f"{place}.json")
        for place in (*committed_places(load_plan(study)), NATIONAL)
    }


@pytest.mark.parametrize(("study", "source"), REBUILT)
def test_records_are_what_the_code_makes(study, source):
    plan = load_plan(study)
    places = places_to_run(plan) if study in EVERY_PLACE else committed_places(plan)
    exact = {place: open_study(study, place, source)._exact for place in places}
    joint = clear_together(plan, exact, round_id=DRAFT)
    fresh = joint.places | {NATIONAL: joint.national}
    seen = without_beside if isinstance(plan, Monitor) and study not in EVERY_PLACE else dict
    found = {place: differences(seen(record), seen(fresh[place])) for place, record in committed(study).items()}
    assert {place: texts for place, texts in found.items() if texts} == {}


@pytest.mark.parametrize(("study", "source"), [*STUDIES, *LONGER])
def test_every_committed_record_keeps_the_schema_and_is_cleared(study, source):
    for record in committed(study).values():
        records.validate(record)
        assert record["cleared"] and record["data_source"] == source
        assert not [row for row in record["estimates"] if "support" in row]


def mutated(record: dict, change) -> dict:
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
    "a class": lambda record: first(record, estimand="matching_effect").update(result_class="benefit_matters"),
    "a status": lambda record: first(record).update(status="withheld"),
    "a claim": lambda record: first(record, estimand="matching_effect").update(claim="likely"),
    "harm watch": lambda record: first(record, estimand="matching_effect").update(harm_watch="may_be_worse"),
    "a released count": lambda record: record.update(n_used=record["n_used"] + 5),
    "a reason": lambda record: record["excluded"].update(other=5),
    "a sentence": lambda record: record["statement"].update(say="It works."),
    "a check": lambda record: record["checks"][0].update(
        passed=None if record["checks"][0]["passed"] is not None else True
    ),
    "a row less": lambda record: record["estimates"].pop(),
}


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("study", ["star_teacher_matching", "ethnic_matching"])
def test_a_change_is_caught(study, name):
    record = records.load(EXAMPLE_RECORDS / study / f"{NATIONAL}.json")
    assert differences(record, record) == []
    assert differences(record, mutated(record, MUTATIONS[name])) != []


def test_noise_of_another_processor_is_not_a_change():
    record = records.load(EXAMPLE_RECORDS / "star_teacher_matching" / "national.json")
    noisy = mutated(record, lambda r: first(r).update(value=first(r)["value"] * (1 + 1e-9)))
    assert differences(record, noisy) == []
