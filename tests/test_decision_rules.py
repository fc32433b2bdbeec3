"""The file of rules, its lines on the page, and what people decided otherwise."""

from dataclasses import replace

import pytest
from avoided_words import faults

from analysis.clearing.ruled import by_hand, pointed_at, rule_of, ruled
from analysis.errors import PlanError
from analysis.inference.planned.interim import Look
from analysis.judgement.pointed import Looks, Pointed, Taken
from analysis.judgement.wording.rule_lines import NO_RULE, decided_line, rule_line
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans import decisions
from analysis.plans.kinds import kind_of
from analysis.plans.registry import list_plans, load_plan
from analysis.record import store

PILOTS = [plan for plan in list_plans() if kind_of(plan).compares]
GOOD = decisions.FILE.read_text(encoding="utf-8")


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes a file of rules and reads it."""

    def read(text: str):
        path = tmp_path / "decisions.yml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setattr(decisions, "FILE", path)
        decisions.load_decisions.cache_clear()
        decisions._read.cache_clear()
        try:
            return decisions.load_decisions()
        finally:
            decisions.load_decisions.cache_clear()
            decisions._read.cache_clear()

    return read


@pytest.mark.parametrize(
    ("was", "now", "code", "words"),
    [
        ("study: gamified_training", "study: gamified_trainin", "E209", "gamified_training"),
        ("study: manager_training", "study: gamified_training", "E209", "two rules"),
        ("study: psr_quality", "study: supervision", "E209", "no such pilot"),
        ("spending: pocock", "spending: haybittle", "E208", "line"),
        ("worse: stop", "worse: scale", "E208", "worse"),
        ("futile_below: 0.1", "futile_below: 5", "E208", "futile_below"),
        ('written_on: "2026-03-12"', 'written_on: "2026-10-01"', "E208", "written before"),
        ('["2026-10-01", "2027-04-01"]', '["2027-04-01", "2026-10-01"]', "E208", "rise"),
        ("alpha: 0.05", "alpha: 0.05\n    stop_at: 3", "E208", "stop_at"),
    ],
)
def test_a_faulty_rule_is_refused_with_its_line(written, was, now, code, words):
    assert was in GOOD
    with pytest.raises(PlanError, match=words) as error:
        written(GOOD.replace(was, now, 1))
    assert error.value.code == code


def test_looks_taken_are_the_first_days_and_their_shares_rise(written):
    looked = '    looked: [{day: "2026-10-01", fraction: 0.4}]\n    spending: obrien_fleming'
    rules, _ = written(GOOD.replace("    spending: obrien_fleming", looked, 1))
    assert by_hand(rules["gamified_training"]) == (Taken(1, 0.4),)
    with pytest.raises(PlanError, match="first days"):
        written(GOOD.replace("    spending: obrien_fleming", looked.replace("10-01", "10-02"), 1))
    early = looked.replace("0.4}", '0.4, taken_on: "2026-09-30"}')
    with pytest.raises(PlanError, match="taken_on"):
        written(GOOD.replace("    spending: obrien_fleming", early, 1))


@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
def test_every_pilot_says_where_its_rule_points_or_that_there_is_none(plan):
    national = store.load(EXAMPLE_RECORDS / plan.study / "national.json")
    said = ruled(plan, national)
    assert said
    assert (said == (NO_RULE,)) == (rule_of(plan) is None)
    for line in said:
        assert not faults(line)
    found = pointed_at(plan, national)
    if found is not None and found.decision == "scale":
        assert national.find(outcome=plan.leading, group="all").claim in ("caused", "likely")


@pytest.mark.parametrize(
    "found",
    [
        "better",
        "better_link",
        "worse",
        "too_small",
        "futile",
        "open",
        "open_at_the_end",
        "no_look_yet",
        "between_looks",
    ],
)
def test_each_finding_is_said_in_short_sentences(found):
    look = Look(0.4, 3.1, 0.001)
    one = Pointed(found, "keep_going", 1, 3, look, 1.2, 0.5, "2027-04-01")
    for before in (Looks(), BEFORE):
        said = rule_line(one, before, **WORDS)
        assert said.startswith("The rule points to: keep going until 1 April 2027. ")
        assert max(len(part.split()) for part in said.split(". ")) <= 40
        assert not faults(said)
        stops = rule_line(replace(one, decision="stop"), before, **WORDS)
        assert "until" not in stops.partition(". ")[0]


WORDS = {"programme": "the module", "futile_below": 0.1}
BEFORE = Looks(
    taken=(
        Taken(1, 0.2, "keep_going", "2026Q3", instead="2026Q3r2", corrected=True),
        Taken(2, 0.3, "adapt", "2026Q4", instead="2026Q4r2"),
    ),
    is_signed=True,
    instead_of="2027Q1",
)


def test_the_look_is_named_and_those_before_it():
    look = Look(0.4, 3.1, 0.001)
    third = Pointed("open", "keep_going", 3, 3, look, 1.2, 0.5, None)
    said = rule_line(third, BEFORE, **WORDS)
    this = "This is the third of three planned looks, in place of round 2027Q1, with 40 in every"
    assert f". {this} 100 parts of the information planned. The difference does not" in said
    assert said.endswith(
        ". Taken before: the first in round 2026Q3, as corrected in round 2026Q3r2 (keep going);"
        " the second in round 2026Q4, as run again in round 2026Q4r2 (adapt it)."
    )
    draft = rule_line(replace(third, number=1), Looks(), **WORDS)
    assert "Once the round is signed, this is the first of three planned looks, with" in draft
    assert "Taken before" not in draft
    after = replace(third, found="between_looks", decision="scale")
    said = rule_line(after, BEFORE, **WORDS)
    assert said.startswith("The rule points to: scale it up. The last planned look has been taken")
    one = replace(third, number=1, of=1)
    assert "this is the only planned look, with" in rule_line(one, Looks(), **WORDS)
    many = replace(third, number=9, of=12)
    assert "this is look 9 of 12 planned, with" in rule_line(many, Looks(), **WORDS)


def test_an_override_names_its_role_and_its_reason(written):
    text = """overrides:
  - study: gamified_training
    day: "2026-11-02"
    decision: adapt
    by: HMPPS People Sub Committee
    reason: The module is to be shortened before anybody else is offered it.
"""
    _, overrides = written(GOOD.replace("overrides: []\n", text))
    said = decided_line("the board", overrides[0])
    assert said.startswith("Decision: Adapt it, taken on 2 November 2026 (HMPPS People Sub")
    assert "shortened" in said and "Otherwise than the rule" in said
    plan = load_plan("gamified_training")
    assert decided_line(plan.people.decides, None).endswith(
        f"not yet taken ({plan.people.decides})."
    )
    short = text.replace(
        "The module is to be shortened before anybody else is offered it.", "short"
    )
    with pytest.raises(PlanError, match="reason"):
        written(GOOD.replace("overrides: []\n", short))
