"""Promises of a full run: the attack on each study, from everything that is public of it, recovers
nobody. `make test-attack` runs after `make evaluate`; WORKBOOK_ATTACKED names another source."""

import os

import pytest

from analysis.plans.registry import Source, list_plans, load_plan, parse_source
from analysis.runs.joint.attacking import attack_study
from analysis.runs.joint.protecting import is_exempt

pytestmark = pytest.mark.attack
ATTACKED = os.environ.get("WORKBOOK_ATTACKED", "")
FULL = {name: os.environ.get(name) for name in ("WORKBOOK_REPORTS", "WORKBOOK_STATE")}


def source_of(plan) -> Source:
    return parse_source(ATTACKED) if ATTACKED else Source(plan.data.sources[0])


STUDIES = [
    plan.study
    for plan in list_plans()
    if source_of(plan).name in plan.data.sources and not is_exempt(plan.study, source_of(plan))
]


@pytest.fixture(autouse=True)
def full_run(monkeypatch) -> None:
    """The reports of the full run, not those in which leaks are planted."""
    for name, value in FULL.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


def test_studies_are_attacked():
    assert len(STUDIES) >= 10 or ATTACKED


@pytest.mark.parametrize("study", STUDIES)
def test_the_attack_on_a_study_recovers_nobody(study):
    plan = load_plan(study)
    attacked = attack_study(plan, source_of(plan), "draft")
    assert [cell.key for cell in attacked.recovered] == []
    assert attacked.printed
