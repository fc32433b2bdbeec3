"""Explain or reform: an entry moves through its states, and reform falls due where nothing was accepted."""

import pytest

from analysis.errors import PlanError
from analysis.judgement.avoided_words import faults
from analysis.judgement.explanations import explanation_line
from analysis.plans import explanations
from analysis.plans.explanations import STATES, Explanation, due_day, entry_for, state_of
from analysis.plans.monitor import Monitor
from analysis.plans.registry import list_plans

ASKED = Explanation(
    place="wales",
    measure="recall",
    group="Black",
    asked_on="2026-01-10",
    asked_of="Regional Probation Director",
    due="2026-03-11",
)
CAME = ASKED.model_copy(update={"received_on": "2026-03-01", "text": "Two offices."})
DECIDED = {"decided_by": "Scrutiny panel", "decided_on": "2026-04-01"}
ACCEPTED = CAME.model_copy(update={"decision": "accepted"} | DECIDED)
REFUSED = CAME.model_copy(update={"decision": "not_accepted"} | DECIDED)


@pytest.mark.parametrize(
    ("entry", "running", "state"),
    [
        (None, 1, "due"),
        (ASKED, 1, "due"),
        (CAME, 3, "received"),
        (REFUSED, 3, "not_accepted"),
        (None, 4, "due"),  # nothing in the register: nobody is accused
        (ASKED, 4, "reform_due"),
        (CAME, 4, "reform_due"),
        (REFUSED, 4, "reform_due"),
        (ACCEPTED, 4, "accepted"),
        (ACCEPTED, 1, "accepted"),
    ],
)
def test_an_explanation_stands_where_its_entry_and_the_rounds_put_it(entry, running, state):
    assert state_of(entry, running=running, reform_after=4, asked=True, shown_on="2026-10-03") == state


@pytest.mark.parametrize("running", [1, 4, 40])
@pytest.mark.parametrize("shown_on", ["2026-01-10", "2026-03-11", "2030-01-01"])
@pytest.mark.parametrize("asked", [True, False])
def test_reform_is_never_due_without_an_entry_whose_day_has_passed(running, shown_on, asked):
    given = {"running": running, "reform_after": 4, "asked": asked, "shown_on": shown_on}
    assert state_of(None, **given) == ("due" if asked else "not_yet")
    for entry in (ASKED, CAME, REFUSED):
        assert (state_of(entry, **given) == "reform_due") is (running >= 4 and shown_on > entry.due)


@pytest.mark.parametrize("state", sorted(set(STATES) - {"due"}))
def test_no_line_says_more_than_due_without_an_entry(state):
    with pytest.raises(ValueError, match="needs an entry"):
        explanation_line(state, None, due="2026-12-02", asked_of="Regional Director", shown_on="2026-10-03")


@pytest.mark.parametrize(
    ("entry", "state", "words"),
    [
        (None, "due", "explanation due 2 December 2026 (Regional Probation Director)."),
        (ASKED, "due", "explanation due 2 December 2026 (Regional Probation Director)."),
        (CAME, "received", "explanation received 1 March 2026; not yet decided (Regional Probation Director)."),
        (ACCEPTED, "accepted", "explanation received and accepted by Scrutiny panel, 1 April 2026."),
        (REFUSED, "not_accepted", "explanation received and not accepted by Scrutiny panel, 1 April 2026."),
        (REFUSED, "reform_due", "reform due: the explanation was not accepted (Regional Probation Director)."),
        (ASKED, "reform_due", "reform due: no accepted explanation (Regional Probation Director)."),
    ],
)
def test_only_the_words_of_the_register_are_used(entry, state, words):
    line = explanation_line(
        state, entry, due="2026-12-02", asked_of="Regional Probation Director", shown_on="2026-10-03"
    )
    assert line == words
    assert faults(line) == []


def test_a_date_that_has_passed_says_that_nothing_came():
    line = explanation_line("due", ASKED, due=ASKED.due, asked_of=ASKED.asked_of, shown_on="2026-10-03")
    assert line == "explanation due 11 March 2026, not received (Regional Probation Director)."


def test_the_day_it_is_due_is_the_entered_one_or_follows_from_the_plan():
    assert due_day(ASKED, shown_on="2026-10-03", days=60) == "2026-03-11"
    assert due_day(None, shown_on="2026-10-03", days=60) == "2026-12-02"


def test_the_newest_entry_of_a_place_counts():
    later = ASKED.model_copy(update={"asked_on": "2026-07-01", "due": "2026-08-30"})
    assert entry_for((ASKED, later), place="wales", measure="recall", group="Black") == later
    assert entry_for((ASKED,), place="london", measure="recall", group="Black") is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('    due: "2025-01-01"\n', "before"),
        ('    due: "2026-03-11"\n    received_on: "2026-03-01"\n', "text"),
        ('    due: "2026-03-11"\n    decision: accepted\n', "decision"),
        ('    due: "2026-03-11"\n    who: somebody\n', "who"),
    ],
)
def test_a_faulty_entry_is_refused_with_its_line(tmp_path, monkeypatch, line, says):
    text = 'entries:\n  - place: wales\n    measure: recall\n    group: Black\n    asked_on: "2026-01-10"\n    asked_of: Regional Probation Director\n'
    (tmp_path / "supervision.yml").write_text(text + line, encoding="utf-8")
    monkeypatch.setattr(explanations, "FOLDER", tmp_path)
    explanations.load_register.cache_clear()
    with pytest.raises(PlanError) as fault:
        explanations.load_register("supervision")
    explanations.load_register.cache_clear()
    assert "line" in str(fault.value) and says in str(fault.value)


def test_a_monitor_without_a_register_has_no_entries(tmp_path, monkeypatch):
    monkeypatch.setattr(explanations, "FOLDER", tmp_path)
    explanations.load_register.cache_clear()
    assert explanations.load_register("supervision") == ()
    explanations.load_register.cache_clear()


ENTRY = {"place": "wales", "measure": "recall", "group": "Black", "asked_on": '"2026-01-10"', "due": '"2026-03-11"'}


def refused(tmp_path, monkeypatch, *, name="supervision.yml", study="supervision", **changed) -> str:
    """What is said of a register of two entries, the first as it should be and the second changed so."""
    lines = ["entries:"]
    for entry in (ENTRY, ENTRY | changed):
        lines += ["  - asked_of: Regional Probation Director", *(f"    {key}: {value}" for key, value in entry.items())]
    (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr(explanations, "FOLDER", tmp_path)
    explanations.load_register.cache_clear()
    try:
        with pytest.raises(PlanError) as fault:
            explanations.load_register(study)
    finally:
        explanations.load_register.cache_clear()
    return str(fault.value)


@pytest.mark.parametrize(
    ("field", "value", "line", "valid"),
    [
        ("place", "walse", 9, "wales"),
        ("place", "all_places", 9, "greater_manchester"),
        ("measure", "recal", 10, "recall"),
        ("group", "Blakc", 11, "Mixed, Asian, Black, Other"),
        ("group", "White", 11, "Mixed, Asian, Black, Other"),
    ],
)
def test_an_entry_that_no_page_would_show_is_refused_with_what_is_valid(
    tmp_path, monkeypatch, field, value, line, valid
):
    said = refused(tmp_path, monkeypatch, **{field: value})
    assert f"line {line}: {field}: `{value}`" in said and valid in said


@pytest.mark.parametrize("name", ["supervison.yml", "supervision.yaml", "ethnic_matching.yml", "README.md"])
def test_a_register_of_no_monitor_is_refused_whichever_study_is_read(tmp_path, monkeypatch, name):
    said = refused(tmp_path, monkeypatch, name=name, study="release")
    assert name in said and "supervision.yml" in said


def test_a_register_of_a_monitor_that_asks_nobody_is_refused(tmp_path, monkeypatch):
    nobody = [p.study for p in list_plans() if isinstance(p, Monitor) and p.explain_or_reform is None]
    for study in nobody:
        assert "asks nobody" in refused(tmp_path, monkeypatch, name=f"{study}.yml", study=study)
    assert nobody


def test_the_registers_that_are_kept_are_read():
    explanations.load_register.cache_clear()
    assert {entry.place for entry in explanations.load_register("supervision")} >= {"west_midlands"}
