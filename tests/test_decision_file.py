"""A joint decision is one of the data, the plan and the rules that it was made under."""

import json

import pytest

from analysis.disclosure.attack import protection
from analysis.disclosure.attack.protection import Decision, decision_file, hidden_keys, keep

OF = ("a_study", "synthetic", "data", "plan")


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path))
    monkeypatch.delenv("WORKBOOK_DECISION", raising=False)
    return tmp_path


def under_other_rules(monkeypatch) -> None:
    monkeypatch.setattr(protection, "rules_hash", lambda: "0" * 16)


def test_other_rules_ask_for_a_new_decision(state, monkeypatch):
    keep(Decision(frozenset({"a count"})), decision_file(*OF))
    before = decision_file(*OF)
    under_other_rules(monkeypatch)
    assert decision_file(*OF) != before and not decision_file(*OF).exists()


@pytest.mark.parametrize("change", ["rules.py", "attack/narrowest.py", "named/new.py"])
def test_any_file_of_the_room_of_disclosure_is_a_part_of_the_rules(tmp_path, monkeypatch, change):
    room = tmp_path / "disclosure"
    (room / "attack").mkdir(parents=True)
    (room / "named").mkdir()
    for name in ("rules.py", "attack/protection.py", "attack/narrowest.py"):
        (room / name).write_text("a rule")
    monkeypatch.setattr(protection, "__file__", str(room / "attack" / "protection.py"))
    of_room = protection.rules_hash.__wrapped__
    before = of_room()
    assert of_room() == before
    (room / change).write_text("another rule")
    assert of_room() != before


def test_outside_of_a_run_what_any_decision_on_the_data_withholds_stays_withheld(
    state, monkeypatch
):
    keep(Decision(frozenset({"one"})), decision_file(*OF))
    old = decision_file(*OF).with_name(decision_file(*OF).name.rsplit("-", 1)[0] + ".json")
    keep(Decision(frozenset({"two"})), old)  # of a workbook that named no rules
    under_other_rules(monkeypatch)
    assert hidden_keys(*OF) == {"one", "two"}
    keep(Decision(frozenset({"three"})), decision_file(*OF))
    assert hidden_keys(*OF) == {"one", "two", "three"}


@pytest.mark.parametrize("at", range(4))
def test_a_decision_on_another_study_source_data_or_plan_withholds_nothing(state, at):
    keep(Decision(frozenset({"a count"})), decision_file(*OF))
    other = [*OF]
    other[at] = f"{OF[at]}_2"
    assert hidden_keys(*OF) == {"a count"} and hidden_keys(*other) == frozenset()


def test_in_a_run_the_decision_that_the_runner_named_is_the_only_one(state, monkeypatch):
    keep(Decision(frozenset({"kept"})), decision_file(*OF))
    named = state / "decision.json"
    monkeypatch.setenv("WORKBOOK_DECISION", str(named))
    assert hidden_keys(*OF) == frozenset() and decision_file(*OF) == named
    named.write_text(json.dumps({"hidden": ["told"]}))
    assert hidden_keys(*OF) == {"told"}


def test_a_decision_that_cannot_be_read_is_never_taken_for_none(state):
    file = decision_file(*OF)
    keep(Decision(), file)
    file.write_text("{}")
    with pytest.raises(KeyError):
        hidden_keys(*OF)
