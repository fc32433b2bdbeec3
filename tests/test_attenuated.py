"""Methods whose differences are closer to nothing than the truth: no page says of such a number
that a difference is small or unlikely, in any class, heading or line."""

import itertools
import re
from dataclasses import replace
from typing import cast

import pytest
from avoided_words import faults
from changed_records import some_row
from test_statements import full, plain

from analysis.clearing import asked
from analysis.judgement.classes import BENEFIT, HARM, result_class
from analysis.judgement.finding import Finding
from analysis.judgement.wording import lines
from analysis.judgement.wording.headlines import headline
from analysis.judgement.wording.statements import can_say
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.emitted import Estimand, Method
from analysis.plans.kinds import Kind, kind_of
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan
from analysis.record import store
from analysis.runs.new_study.examples import TRUTHS
from analysis.synthetic.planted import load_planted

RULES_OUT = {
    "no_meaningful_difference",
    "detectable_but_small",
    "inconclusive_harm_unlikely",
    "inconclusive_benefit_unlikely",
}
SAYS_SMALL = re.compile("less than|unlikely|very likely smaller|ruled out|too little to matter")
WHY = "some of the others join later themselves, so that differences found here are too small"
ENDS = (-6.0, -2.5, -0.5, 0.5, 2.5, 6.0)
PILOTS = [plan for plan in list_plans() if kind_of(plan).compares]


@pytest.mark.parametrize("p", [0.001, 0.5, None])
@pytest.mark.parametrize(("low", "high"), list(itertools.combinations(ENDS, 2)))
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_nothing_is_ruled_out_and_what_is_found_stays_found(low, high, p, better):
    common = {"matters": 3.0, "better": better, "ratio": False, "p_adjusted": p, "alpha": 0.05}
    plainly = result_class((low + high) / 2, low, high, **common)
    blunt = result_class((low + high) / 2, low, high, attenuated=True, **common)
    assert blunt not in RULES_OUT
    if plainly in RULES_OUT:
        found = (low > 0 or high < 0) and p == 0.001
        good = (low > 0) == (better == "higher")
        side = (BENEFIT if good else HARM) if found else {"inconclusive", "only_before_adjustment"}
        assert blunt in side
    else:
        assert blunt == plainly


def _attenuated(plan, row) -> str:
    return kind_of(plan).attenuated(row)


@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
def test_no_committed_row_of_such_a_method_rules_anything_out(plan):
    for file in sorted((EXAMPLE_RECORDS / plan.study).glob("*.json")):
        record = store.load(file)
        blunt = [row for row in record.rows if _attenuated(plan, row)]
        assert not [row for row in blunt if row.result_class in RULES_OUT]
        heads = [row for row in blunt if row.outcome == plan.leading and row.note is None]
        if heads and record.statement is not None:
            said = f"{record.statement.headline} {record.statement.say}"
            assert not SAYS_SMALL.search(said)


def test_a_method_of_places_is_as_those_of_its_places():
    own = Method("own", "recorded", WHY, ("tested",))
    kind = Kind(
        notebooks=("n",),
        shows="",
        estimand="effect",
        method="own",
        pooled=(("effect", "own"),),
        estimands={"effect": Estimand("Effect"), "other": Estimand("Other")},
        methods={"own": own, "exact": Method("exact")},
    )

    def said(estimand: str, method: str, outcome: str = "recalled") -> str:
        return kind.attenuated(some_row(estimand=estimand, method=method, outcome=outcome))

    assert said("effect", "random_effects_reml") == WHY
    assert said("other", "random_effects_reml") == ""
    assert (said("effect", "own"), said("effect", "exact")) == (WHY, "")
    assert said("effect", "own", "tested") == said("effect", "random_effects_reml", "tested") == ""


@pytest.mark.parametrize("slots", [plain, full])
@pytest.mark.parametrize("claim", ["likely", "linked"])
@pytest.mark.parametrize("value", [-1.0, 0.5])
def test_the_page_names_the_comparison_and_not_the_number_of_people(value, claim, slots):
    narrow = Finding(
        "share",
        "inconclusive",
        claim,
        "lower",
        2.0,
        value,
        value - 0.8,
        value + 0.8,
        n=500,
        attenuated=WHY,
    )
    said = f"{headline(narrow, slots)} {can_say(narrow, slots)}"
    assert "too blunt a comparison" in said
    assert WHY in said
    assert not SAYS_SMALL.search(said)
    assert "too few" not in said
    assert not faults(said)
    assert WHY in lines.settle_line(narrow, slots, minimum_detectable=1.0, n=500)
    wide = replace(narrow, conf_low=-9.0, conf_high=9.0)
    assert "too few people" in headline(wide, slots)


def test_whether_groups_differ_is_not_told_by_such_a_method():
    plan = cast(Plan, load_plan("progression_schemes"))
    for file in sorted((EXAMPLE_RECORDS / plan.study).glob("*.json")):
        said = asked.groups_differ(plan, store.load(file))
        assert not SAYS_SMALL.search(said)


@pytest.mark.parametrize("truth", [t for t in TRUTHS if t.unit != "times"], ids=lambda t: t.study)
def test_what_a_worked_example_rules_out_is_not_what_is_planted(truth):
    plan = cast(Plan, load_plan(truth.study))
    outcome = plan.outcome(truth.outcome)
    record = store.load(EXAMPLE_RECORDS / truth.study / f"{truth.place}.json")
    kind, planted = kind_of(plan), truth.value(load_planted())
    good = planted if outcome.better == "higher" else -planted
    row = record.find(
        outcome=truth.outcome, estimand=kind.estimand, group="all", method=kind.method
    )
    key = None if row is None else row.result_class
    if key in ("no_meaningful_difference", "detectable_but_small"):
        assert abs(planted) < outcome.size
    if key == "inconclusive_harm_unlikely":
        assert good > -outcome.size
    if key == "inconclusive_benefit_unlikely":
        assert good < outcome.size


@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
def test_a_plural_programme_is_declared_as_one(plan):
    """A programme whose noun is a plural: the verb of a heading follows it."""
    last = plan.words.programme.split(" of ")[0].split()[-1]
    assert plan.words.programme_is_many == (last.endswith("s") and not last.endswith("ss"))
