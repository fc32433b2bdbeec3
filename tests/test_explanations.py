"""Explain or reform: an entry moves through five states, and nobody is accused of what was never
asked."""

import itertools

import pytest
from avoided_words import faults

from analysis.errors import PlanError
from analysis.judgement.explanations import explanation_line, to_be_asked_line, waiting_line
from analysis.plans import explanations
from analysis.plans.explanations import STATES, Explanation, Standing, entry_for, standing
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
ACCEPTED = CAME.model_copy(
    update={"decision": "accepted", "accepted_until": "2027-03-31"} | DECIDED
)
REFUSED = CAME.model_copy(update={"decision": "not_accepted"} | DECIDED)
BY_A_DAY = REFUSED.model_copy(update={"reform_by": "2026-12-31"})
SHOWN_ON = "2026-10-03"


def at(entry, *, running=1, asked=True, shown_on=SHOWN_ON) -> Standing:
    return standing(entry, running=running, reform_after=4, asked=asked, shown_on=shown_on)


@pytest.mark.parametrize(
    ("entry", "running", "state", "reform"),
    [
        (None, 1, "not_asked", False),
        (
            None,
            40,
            "not_asked",
            False,
        ),  # nothing in the register: nobody is accused, and nothing is due
        (ASKED, 1, "asked", False),
        (ASKED, 4, "asked", True),
        (CAME, 3, "received", False),
        (CAME, 4, "received", False),  # it waits for a decision of somebody else
        (REFUSED, 3, "not_accepted", False),
        (REFUSED, 4, "not_accepted", True),
        (ACCEPTED, 1, "accepted", False),
        (ACCEPTED, 4, "accepted", False),
    ],
)
def test_an_explanation_stands_where_its_entry_and_the_rounds_put_it(entry, running, state, reform):
    found = at(entry, running=running)
    assert (found.state, found.reform, found.entry) == (state, reform, entry)


def test_there_are_five_states():
    assert STATES == ("not_asked", "asked", "received", "accepted", "not_accepted")


@pytest.mark.parametrize("running", [1, 4, 40])
@pytest.mark.parametrize("shown_on", ["2026-01-10", "2026-03-11", "2026-03-12", "2030-01-01"])
@pytest.mark.parametrize("asked", [True, False])
def test_reform_is_due_only_after_one_was_asked_for_and_its_day_has_passed(
    running, shown_on, asked
):
    given = {"running": running, "asked": asked, "shown_on": shown_on}
    assert at(None, **given) == Standing("not_asked", None, asked)
    for entry in (ASKED, REFUSED):
        assert at(entry, **given).reform is (running >= 4 and shown_on > entry.due)
    for entry in (CAME, ACCEPTED):
        assert not at(entry, **given).reform


def test_an_acceptance_ends_and_then_a_new_explanation_is_to_be_asked_for():
    assert at(ACCEPTED, shown_on="2027-03-31").state == "accepted"
    ended = at(ACCEPTED, shown_on="2027-04-01")
    assert (ended.state, ended.ended, ended.reform) == ("not_asked", True, False)
    line = to_be_asked_line("Regional Probation Director", ended_on=ACCEPTED.accepted_until)
    assert line.startswith(
        "not asked yet. The explanation was accepted until 31 March 2027; a new one is to be asked"
    )
    assert faults(line) == []


@pytest.mark.parametrize("state", ["not_asked", "due", "reform_due", ""])
def test_a_state_without_an_entry_has_no_line_of_one(state):
    with pytest.raises(ValueError, match="valid: asked, received, accepted, not_accepted"):
        explanation_line(state, ASKED, shown_on=SHOWN_ON, reform=False)


ROLE = "(Regional Probation Director)."


@pytest.mark.parametrize(
    ("entry", "running", "shown_on", "words"),
    [
        (
            ASKED,
            1,
            "2026-02-01",
            f"asked on 10 January 2026, due 11 March 2026, not yet received {ROLE}",
        ),
        (
            ASKED,
            1,
            SHOWN_ON,
            f"asked on 10 January 2026, due 11 March 2026, not yet received; overdue {ROLE}",
        ),
        (
            ASKED,
            4,
            SHOWN_ON,
            f"asked on 10 January 2026, due 11 March 2026, not yet received; reform is due {ROLE}",
        ),
        (CAME, 9, SHOWN_ON, f"received on 1 March 2026, not decided {ROLE}"),
        (
            ACCEPTED,
            1,
            SHOWN_ON,
            f"accepted until 31 March 2027, by Scrutiny panel on 1 April 2026 {ROLE}",
        ),
        (
            BY_A_DAY,
            9,
            SHOWN_ON,
            f"not accepted by Scrutiny panel on 1 April 2026, reform by 31 December 2026 {ROLE}",
        ),
        (
            REFUSED,
            4,
            SHOWN_ON,
            f"not accepted by Scrutiny panel on 1 April 2026, reform is due {ROLE}",
        ),
        (
            REFUSED,
            1,
            SHOWN_ON,
            f"not accepted by Scrutiny panel on 1 April 2026, no day is set for reform {ROLE}",
        ),
    ],
)
def test_only_the_words_of_the_register_are_used(entry, running, shown_on, words):
    found = at(entry, running=running, shown_on=shown_on)
    line = explanation_line(found.state, entry, shown_on=shown_on, reform=found.reform)
    assert line == words
    assert faults(line) == []


def test_without_an_entry_no_line_says_that_something_is_due_or_that_reform_is():
    lines = [
        waiting_line(1, 3, asked_after="2 of 3 rounds"),
        waiting_line(1, 1, asked_after="2 of 3 rounds"),
    ]
    lines.append(to_be_asked_line("Regional Probation Director"))
    for line in lines:
        assert line.startswith("not asked yet")
        assert not any(word in line for word in ("due", "reform", "received", "accepted")), line
    assert (
        lines[-1]
        == "not asked yet. An explanation is to be asked of the Regional Probation Director; nobody"
        " has been asked yet."
    )


@pytest.mark.parametrize(
    ("entry", "running", "shown_on"),
    list(
        itertools.product(
            (ASKED, CAME, ACCEPTED, REFUSED, BY_A_DAY), (1, 4), ("2026-02-01", SHOWN_ON)
        )
    ),
)
def test_a_line_names_the_day_that_its_entry_holds(entry, running, shown_on):
    found = at(entry, running=running, shown_on=shown_on)
    line = explanation_line(found.state, entry, shown_on=shown_on, reform=found.reform)
    assert ("reform is due" in line) is (found.reform and entry.reform_by is None)
    assert len(line.split()) <= 40


def test_the_newest_entry_of_a_place_counts():
    later = ASKED.model_copy(update={"asked_on": "2026-07-01", "due": "2026-08-30"})
    assert entry_for((ASKED, later), place="wales", measure="recall", group="Black") == later
    assert entry_for((ASKED,), place="london", measure="recall", group="Black") is None


CAME_YAML = (
    '    received_on: "2026-03-01"\n    text: Two offices.\n    decided_by: A panel\n   '
    ' decided_on: "2026-04-01"\n'
)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('    due: "2025-01-01"\n', "before"),
        ('    due: "2026-03-11"\n    received_on: "2026-03-01"\n', "text"),
        ('    due: "2026-03-11"\n    decision: accepted\n', "decision"),
        ('    due: "2026-03-11"\n    who: somebody\n', "who"),
        ('    due: "2026-03-11"\n    decision: accepted\n' + CAME_YAML, "accepted_until"),
        ('    due: "2026-03-11"\n    accepted_until: "2027-03-31"\n' + CAME_YAML, "accepted_until"),
        (
            '    due: "2026-03-11"\n    decision: not_accepted\n    accepted_until: "2027-03-31"\n'
            + CAME_YAML,
            "accepted_until",
        ),
        (
            '    due: "2026-03-11"\n    decision: accepted\n    accepted_until: "2026-03-31"\n'
            + CAME_YAML,
            "before `decided_on`",
        ),
        (
            '    due: "2026-03-11"\n    decision: accepted\n    accepted_until: "31 March 2027"\n'
            + CAME_YAML,
            "accepted_until",
        ),
        ('    due: "2026-03-11"\n    reform_by: "2026-12-31"\n', "reform_by"),
    ],
)
def test_a_faulty_entry_is_refused_with_its_line(tmp_path, monkeypatch, line, says):
    text = (
        "entries:\n  - place: wales\n    measure: recall\n    group: Black\n    asked_on:"
        ' "2026-01-10"\n    asked_of: Regional Probation Director\n'
    )
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


ENTRY = {
    "place": "wales",
    "measure": "recall",
    "group": "Black",
    "asked_on": '"2026-01-10"',
    "due": '"2026-03-11"',
}


def refused(
    tmp_path, monkeypatch, *, name="supervision.yml", study="supervision", **changed
) -> str:
    """What is said of a register of two entries, the first as it should be and the second changed
    so."""
    lines = ["entries:"]
    for entry in (ENTRY, ENTRY | changed):
        lines += [
            "  - asked_of: Regional Probation Director",
            *(f"    {key}: {value}" for key, value in entry.items()),
        ]
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


@pytest.mark.parametrize(
    "name", ["supervison.yml", "supervision.yaml", "ethnic_matching.yml", "README.md"]
)
def test_a_register_of_no_monitor_is_refused_whichever_study_is_read(tmp_path, monkeypatch, name):
    said = refused(tmp_path, monkeypatch, name=name, study="release")
    assert name in said and "supervision.yml" in said


def test_a_register_of_a_monitor_that_asks_nobody_is_refused(tmp_path, monkeypatch):
    nobody = [
        p.study for p in list_plans() if isinstance(p, Monitor) and p.explain_or_reform is None
    ]
    for study in nobody:
        assert "asks nobody" in refused(tmp_path, monkeypatch, name=f"{study}.yml", study=study)
    assert nobody


def test_the_registers_that_are_kept_are_read():
    explanations.load_register.cache_clear()
    assert {entry.place for entry in explanations.load_register("supervision")} >= {"west_midlands"}
