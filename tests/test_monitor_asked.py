"""An explanation is asked for where a disparity has come back: the plan's rule, its words, and what
overrules it."""

from dataclasses import replace

import pandas as pd
import pytest
from avoided_words import faults
from changed_records import some_record

from analysis.disclosure.attack.protection import NOTHING
from analysis.disparity.relative_rate import Verdict
from analysis.errors import PlanError
from analysis.extracts.counts.counts import SUMS
from analysis.judgement.disparities import WAITS, Disparity, rri_can_say
from analysis.judgement.explanations import chance_line, waiting_line
from analysis.judgement.wording.disparity_headings import rri_heading
from analysis.paths import PARAMS
from analysis.plans.explain_monitor import monitor_sentences
from analysis.plans.explanations import Explanation
from analysis.plans.monitor import AskedAfter, ExplainOrReform
from analysis.plans.registry import load_plan, read_plan
from analysis.record.record import RecordedCheck
from analysis.said.texts import named
from analysis.studies.disparity.asked import Seen, seen_in, with_direction
from analysis.studies.disparity.counted.counts import published_counts
from analysis.studies.disparity.shown import words
from analysis.studies.disparity.study import MonitorStudy
from analysis.vocabulary.regions import ALL

YOUTH, SUPERVISION = load_plan("youth_cascade"), load_plan("supervision")
UP, DOWN, NONE = "disparity_higher", "disparity_lower", "no_disparity_shown_higher"
RULE = ExplainOrReform(
    explanation_due_days=60, reform_due_after_rounds=4, asked_of="Regional Director"
)
LABELS = ("2023", "2024", "2025")


@pytest.mark.parametrize(
    ("verdicts", "asked"),
    [
        ([UP], False),
        ([UP, UP], True),
        ([UP, NONE, UP], True),
        ([UP, NONE, NONE, UP], False),
        ([UP, UP, NONE], False),  # the newest shows none
        ([UP, UP, DOWN], False),  # it has turned round
        ([UP, None, UP], True),  # too few in between
        ([UP, UP, None], False),
        ([NONE, NONE, NONE], False),  # as often, and no disparity
    ],
)
def test_two_of_the_last_three_rounds_ask_for_an_explanation(verdicts, asked):
    assert seen_in(verdicts, AskedAfter()).asked is asked


def test_the_plan_may_ask_at_once_or_later():
    assert seen_in([UP], AskedAfter(rounds=1, of_last=1)) == Seen(1, 1, True)
    assert seen_in([UP, UP], AskedAfter(rounds=3, of_last=4)) == Seen(2, 2, False)
    assert seen_in([UP, UP, NONE, UP], AskedAfter(rounds=3, of_last=4)) == Seen(3, 4, True)


def test_a_verdict_carries_its_direction_into_the_rule():
    assert with_direction(Verdict("disparity", "lower")) == DOWN
    assert with_direction(Verdict("insufficient_data", None)) is None


# -- the plan --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("added", "says"),
    [
        ("  asked_after: {rounds: 4, of_last: 3}\n", "nobody would ever be asked"),
        ("  asked_after: {rounds: 0, of_last: 3}\n", "rounds"),
        ("  asked_after: {rounds: 2, of_lst: 3}\n", "of_last"),
        ("  asked_after: {rounds: 2, of_last: 9}\n", "`trend` shows 8"),
        ("  asked_after: often\n", "asked_after"),
    ],
)
def test_a_rule_that_cannot_be_met_is_refused(tmp_path, added, says):
    text = (PARAMS / "monitors" / "supervision.yml").read_text(encoding="utf-8")
    assert "explain_or_reform:\n" in text
    folder = tmp_path / "monitors"
    folder.mkdir()
    (folder / "supervision.yml").write_text(
        text.replace("explain_or_reform:\n", "explain_or_reform:\n" + added)
    )
    with pytest.raises(PlanError) as fault:
        read_plan(folder / "supervision.yml")
    assert says in str(fault.value)


def test_a_plan_says_after_how_many_rounds_it_asks():
    assert "in 2 of the last 3 rounds an explanation is asked" in " ".join(
        monitor_sentences(SUPERVISION)
    )
    at_once = RULE.model_copy(update={"asked_after": AskedAfter(rounds=1, of_last=1)})
    said = " ".join(
        monitor_sentences(SUPERVISION.model_copy(update={"explain_or_reform": at_once}))
    )
    assert "For each disparity an explanation is asked" in said


# -- a page ----------------------------------------------------------------------------------------
def study_of(ratios, *, pooled=False, rule=RULE) -> MonitorStudy:
    """Custody of Black children at so many times the rate of White children, round by round; the
    rule of a monitor."""
    measure = YOUTH.measure("custody").model_copy(update={"pool_rounds": pooled})
    plan = YOUTH.model_copy(
        update={"measures": (measure,), "stages": None, "explain_or_reform": rule}
    )
    labels = LABELS[-len(ratios) :]
    rows = [{"round": label, "group": "White", "events": 400, "base": 4000} for label in labels]
    rows += [
        {"round": label, "group": "Black", "events": round(200 * ratio), "base": 2000}
        for label, ratio in zip(labels, ratios, strict=True)
    ]
    frame = pd.DataFrame(rows).assign(measure="custody")
    frame = frame.assign(
        rows=frame["base"], persons=frame["base"], persons_with_event=frame["events"]
    )
    frame = frame.assign(**{name: 0 for name in SUMS if name not in frame})
    counts = replace(published_counts(YOUTH), plan=plan, by_round=frame, rounds=labels)
    return MonitorStudy(plan, ALL, counts, "2026-10-03", already_public=True, hidden=NOTHING)


WAITING, TO_ASK = ("not_asked", False), ("not_asked", True)


def state(study):
    found = study.explanation(study.plan.measures[0], "Black")
    return None if found is None else (found.state, found.asked)


def check_of(study):
    return (
        next(c for c in study.checks if c.id == "explanation_custody_Black")
        if study.disparities
        else None
    )


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        ((1, 1, 2), WAITING),
        ((2,), WAITING),
        ((2, 1, 2), TO_ASK),
        ((1, 2, 2), TO_ASK),
        ((2, 2, 1), None),
        ((2, 0.5), WAITING),
    ],
)
def test_a_disparity_is_shown_when_found_and_asked_about_when_found_again(ratios, expected):
    study = study_of(ratios)
    assert state(study) == expected
    assert (len(study.disparities) == 1) is (expected is not None)


def test_a_disparity_that_nobody_is_asked_about_yet_stands_on_the_page_as_one():
    study = study_of((1, 1, 2))
    check = check_of(study)
    assert check.passed is None
    assert check.text.endswith(
        "not asked yet, seen in 1 of the last 3 rounds. An explanation is to be asked for if it is"
        " seen in 2 of 3 rounds."
    )
    row = next(r for r in study.rows if r.family == "page" and r.group == "Black to White")
    assert row.result_class == "disparity"


def test_a_disparity_seen_often_enough_is_to_be_asked_about_and_nothing_is_due():
    check = check_of(study_of((1, 2, 2)))
    assert check.passed is None  # nobody was asked, so that nobody has failed
    assert (
        check.text
        == "immediate custody, Black: not asked yet. An explanation is to be asked of the Regional"
        " Director; nobody has been asked yet."
    )


def test_an_entry_of_the_register_says_that_someone_was_asked(monkeypatch):
    entry = Explanation(
        place=ALL,
        measure="custody",
        group="Black",
        asked_on="2026-01-10",
        asked_of="Regional Director",
        due="2026-03-11",
    )
    study = study_of((1, 1, 2))
    monkeypatch.setitem(study.__dict__, "register", (entry,))
    assert state(study) == ("asked", True)
    check = check_of(study)
    assert check.text.endswith(
        "asked on 10 January 2026, due 11 March 2026, not yet received; overdue (Regional"
        " Director)."
    )


def test_rounds_that_are_added_up_ask_at_once_and_a_single_one_of_them_by_the_rule():
    assert state(study_of((1.4, 1.5, 1.45), pooled=True)) == TO_ASK
    assert (
        state(study_of((1.5, 2.2, 3.0), pooled=True)) == TO_ASK
    )  # they differ in size, on one side
    turned = study_of((1, 1, 2.5), pooled=True)
    assert turned.lead(turned.plan.measures[0], "Black").note == "rounds_differ_2025"
    assert state(turned) == WAITING


def test_nobody_is_asked_where_the_plan_asks_nobody():
    assert state(study_of((1, 2, 2), rule=None)) is None


def test_the_page_says_how_often_chance_alone_shows_a_disparity():
    study = study_of((1, 1, 1))
    check = next(c for c in study.checks if c.id == "chance_alone")
    assert 0 < check.value <= 8  # in 100 pages: one comparison, alpha 0.05, 2,000 rounds
    assert (
        words.chance_line(some_record(checks=(RecordedCheck(check.id, None, check.text),)))
        == check.text
    )


# -- words -----------------------------------------------------------------------------------------
def test_no_sentence_asks_for_an_explanation_that_is_not_asked_for():
    study = study_of((1, 1, 2))
    slots = words.cell_slots(study.plan, study.plan.measures[0], "Black", ALL)
    found = Disparity(
        "disparity", 2.0, 1.7, 2.3, counts="bad", asked=WAITS, asked_if=named("2 of 3 rounds")
    )
    said = rri_can_say(found, slots)
    assert "An explanation is to be asked for if it is seen in 2 of 3 rounds." in said
    assert "is asked for." not in said
    short = words.short_group(study.plan, study.plan.measures[0], "Black")
    assert "explanation" not in rri_heading(found, slots, short)


@pytest.mark.parametrize(
    ("rates", "says"),
    [
        (
            (0.046, 0.17, 4, 0.011),
            (
                "on about 5 in 100 pages like this one. Over a year of 4 rounds it does so in about"
                " 17 in 100 years. An explanation would be asked for in fewer than 2 in 100"
            ),
        ),
        (
            (0.001, 0.004, 4, 0.004),
            (
                "on fewer than 1 in 100 pages like this one. Over a year of 4 rounds it does so in"
                " fewer than 1 in 100 years. An explanation would be asked for in fewer than 1"
                " in 100"
            ),
        ),
        ((0.03, 0.03, 1, None), "on about 3 in 100 pages like this one."),
    ],
)
def test_rates_are_said_for_a_page_and_for_a_year(rates, says):
    page, year, size, asked = rates
    said = chance_line(page, year, rounds_a_year=size, asked_at_most=asked)
    assert says in said and faults(said) == []
    assert faults(waiting_line(1, 3, asked_after="2 of 3 rounds")) == []


@pytest.mark.parametrize("kept", [True, False])
def test_without_a_check_of_the_explanation_no_page_says_that_one_is_asked_for(kept):
    study = study_of((1, 2, 2))
    checks = [RecordedCheck(c.id, c.passed, c.text) for c in study.checks]
    checks = [c for c in checks if kept or not c.id.startswith("explanation_")]
    record = some_record(rows=tuple(study.rows), checks=tuple(checks), region=ALL)
    said = words.can_say(study.plan, record, study.plan.measures[0], "Black")
    assert ("An explanation is to be asked for." in said) is kept
    assert "outside the band" in said and faults(said) == []
