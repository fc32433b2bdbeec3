"""Every check says what it bears on, and judgement passes over none that it does not know."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from syntax import nodes_of

from analysis.errors import RunError
from analysis.paths import EXAMPLE_RECORDS, ROOT
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan
from analysis.record import store
from analysis.record.record import RecordedCheck
from analysis.results import BEARS_ON, CheckResult
from analysis.sections.checks_table import checks_table
from analysis.study.claim_checks import check_declared, in_place
from analysis.study.declared import known_checks

PILOTS = [plan for plan in list_plans() if isinstance(plan, Plan)]
COMPARE = [plan for plan in PILOTS if plan.comparison.compares]


def test_what_a_check_bears_on_has_no_default():
    with pytest.raises(TypeError, match="bears_on"):
        CheckResult("balance", True, "Alike.")
    with pytest.raises(ValueError, match="claim, class, nothing"):
        CheckResult("balance", True, "Alike.", bears_on="everything")


MODULES = sorted((ROOT / "analysis").rglob("*.py"))


def checks_made_in(path: Path) -> list[ast.Call]:
    """Where a module makes a check."""
    calls = [node for node in nodes_of(path) if isinstance(node, ast.Call)]
    return [call for call in calls if getattr(call.func, "id", "") == "CheckResult"]


def test_it_is_said_where_the_check_is_made():
    made = [(path, call) for path in MODULES for call in checks_made_in(path)]
    for path, call in made:
        said = [word.value for word in call.keywords if word.arg == "bears_on"]
        assert len(said) == 1 and isinstance(said[0], ast.Constant), (path, call.lineno)
        assert said[0].value in BEARS_ON, (path, call.lineno)


def test_many_modules_make_checks():
    assert len([path for path in MODULES if checks_made_in(path)]) > 10


def records_of(study: str):
    return [store.load(path) for path in sorted((EXAMPLE_RECORDS / study).glob("*.json"))]


@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
def test_no_check_of_a_committed_record_is_unknown(plan):
    for record in records_of(plan.study):
        in_place(plan, record.checks)


@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
@pytest.mark.parametrize(
    "wrong", ["parallel_trend_breakdown", "contaminated", "balance_of_sites", ""]
)
def test_an_unknown_check_fails_and_names_a_valid_one(plan, wrong):
    found = RecordedCheck(wrong, False, "")
    with pytest.raises(RunError, match="E242") as error:
        in_place(plan, [found])
    assert any(name in error.value.remedy for name in known_checks(plan))


@pytest.mark.parametrize("plan", COMPARE, ids=lambda plan: plan.study)
def test_a_check_bears_on_the_claim_where_the_design_rests_on_it_and_nowhere_else(plan):
    named = {name for outcome in plan.compared for name in plan.checks_of(outcome)}
    for name in known_checks(plan):
        own = CheckResult(name, True, "It is so.", bears_on="claim" if name in named else "nothing")
        check_declared(plan, [own])
        turned = replace(own, bears_on="nothing" if name in named else "claim")
        with pytest.raises(RunError, match="E243"):
            check_declared(plan, [turned])


@pytest.mark.parametrize("plan", COMPARE, ids=lambda plan: plan.study)
def test_the_table_of_what_a_claim_rests_on_lists_those_alone(plan):
    """A check that only tells something stands nowhere in it, whatever became of it."""
    checks = [RecordedCheck(name, False, f"about {name}") for name in known_checks(plan)]
    named = {name for outcome in plan.compared for name in plan.checks_of(outcome)}
    shown = set(checks_table(plan, in_place(plan, checks), checks).to_frame()["What it says"])
    assert shown == {f"about {name}" for name in named}


def test_each_failure_alone_lowers_the_claim_that_rests_on_it():
    from analysis.judgement.claims import claim
    from analysis.plans.designs import CLAIMS

    for plan in (load_plan(one.study) for one in PILOTS):
        ground = plan.comparison.ground
        for outcome in plan.compared:
            named, whole = plan.checks_of(outcome), {"assumption_named": True, "estimand": "effect"}
            best = claim(ground, [True] * len(named), **whole)
            for wrong in named:
                ran = [name != wrong for name in named]
                lowered = CLAIMS.index(claim(ground, ran, **whole)) < CLAIMS.index(best)
                assert lowered or best == CLAIMS[0], wrong  # nothing is weaker than described
