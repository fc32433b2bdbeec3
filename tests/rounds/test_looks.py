"""Looks of a rule for decisions come from the log of signed rounds and their frozen records."""

import re

import pytest
from changed_records import with_rows

from analysis.clearing.ruled import pointed_at, ruled
from analysis.errors import PlanError
from analysis.inference.planned.interim import looks
from analysis.judgement.pointed import Looks, Taken
from analysis.paths import reports
from analysis.plans import decisions
from analysis.plans.registry import load_plan
from analysis.record import store
from analysis.record.record import Record
from analysis.rounds.log import entries
from analysis.rounds.looks import looks_of, looks_so_far
from analysis.runs.rounds.correcting import correct
from analysis.site.build import build_site
from analysis.site.state import site_state
from analysis.study.words import lead_row
from analysis.vocabulary.regions import NATIONAL
from rounds.signed_rounds import (
    NEXT,
    PEOPLE,
    PILOT,
    RERUN,
    ROUND,
    Change,
    forced,
    signed,
    signed_round,
    write_round,
)

PLAN, RULE = load_plan(PILOT), decisions.load_decisions()[0][PILOT]
LATER = "2027Q2"
FIRST_DAY, BETWEEN, SECOND_DAY = "2026-10-03", "2027-01-05", "2027-04-02"
REASON = "Appointments on bank holidays were counted as missed"


def dated(day: str, *, narrower: float = 1.0, fewer: float = 0.0) -> Change:
    """The round with data of a day; the pooled interval so many times narrower, of an estimate of
    so many fewer recalls."""

    def change(record: Record) -> Record:
        lead = lead_row(PLAN, record)
        if record.region != NATIONAL or lead is None:
            return record.with_(extract_date=day)
        value = lead.value - fewer
        reach = (lead.conf_high - lead.conf_low) / 2 / narrower
        z = abs(value) / (reach / 1.96)
        p = 1e-9 if z > 6 else lead.p_value
        numbers = {
            "value": lambda row: value,
            "conf_low": lambda row: value - reach,
            "conf_high": lambda row: value + reach,
            "p_value": lambda row: p,
        }
        changed = with_rows(record, lambda row: row is lead, **numbers)
        return changed.with_(extract_date=day)

    return change


def before(round_id: str, **how) -> Looks:
    return looks_of(PLAN, ("synthetic", round_id, PILOT), entries(), reports(), **how)


def nation(round_id: str) -> Record:
    return store.load(reports() / "synthetic" / round_id / PILOT / NATIONAL / "results.json")


def found(round_id: str):
    return pointed_at(PLAN, nation(round_id), before(round_id))


def said(round_id: str) -> str:
    return ruled(PLAN, nation(round_id), before(round_id))[0]


@pytest.fixture
def by_hand(tmp_path, monkeypatch):
    """Enters looks of the pilot by hand."""

    def enter(*entered: str) -> None:
        text = decisions.FILE.read_text(encoding="utf-8")
        at = text.index("    spending", text.index(f"study: {PILOT}"))
        path = tmp_path / "decisions.yml"
        path.write_text(f"{text[:at]}    looked: [{', '.join(entered)}]\n{text[at:]}", "utf-8")
        monkeypatch.setattr(decisions, "FILE", path)
        forget()

    yield enter
    forget()


def forget() -> None:
    decisions.load_decisions.cache_clear()
    decisions._read.cache_clear()


# -- which rounds are looks ------------------------------------------------------------------------
def test_a_draft_is_never_a_look():
    draft = write_round(PILOT, ROUND, dated(FIRST_DAY))
    write_round(PILOT, NEXT, dated(BETWEEN))
    assert before(NEXT).taken is None and found(NEXT).number == 1
    assert "Once the round is signed, this is the first of three planned looks, " in said(NEXT)
    signed(draft)
    assert not before(NEXT).is_signed and found(NEXT).found == "between_looks"


def test_what_the_lead_has_not_signed_is_no_look():
    signed(write_round(PILOT, ROUND, dated(FIRST_DAY)), ("analyst", "assurer", "disclosure"))
    write_round(PILOT, NEXT, dated(BETWEEN))
    assert before(NEXT) == Looks() and found(NEXT).number == 1


def test_a_signed_round_is_the_look_of_the_day_before_its_data():
    signed_round(PILOT, ROUND, dated(FIRST_DAY))
    assert before(ROUND) == Looks((), is_signed=True, day=FIRST_DAY)
    assert "This is the first of three planned looks, with 16 in every 100 parts" in said(ROUND)
    signed_round(PILOT, NEXT, dated(BETWEEN, narrower=1.5))
    assert found(NEXT).found == "between_looks" and found(NEXT).z is None
    signed_round(PILOT, LATER, dated(SECOND_DAY, narrower=2))
    second, (first,) = found(LATER), before(LATER).taken
    assert first == Taken(1, found(ROUND).look.fraction, "keep_going", ROUND)
    assert (second.number, second.look) == (
        2,
        looks((first.fraction, second.look.fraction), RULE.spending, alpha=RULE.alpha)[-1],
    )
    assert "This is the second of three planned looks, with 64 in every 100" in said(LATER)
    assert said(LATER).endswith(f"Taken before: the first in round {ROUND} (keep going).")


def test_data_older_than_the_first_look_are_no_look():
    signed_round(PILOT, ROUND, dated("2026-09-30"))
    write_round(PILOT, NEXT, dated(FIRST_DAY))
    assert (before(NEXT).taken, found(NEXT).number) == ((), 1)


def test_a_look_that_nobody_took_when_it_was_due_is_not_made_up_for():
    signed_round(PILOT, ROUND, dated(SECOND_DAY))
    (only,) = looks_so_far(PLAN, "synthetic").taken
    assert only.number == 2
    write_round(PILOT, NEXT, dated("2027-07-01", narrower=2))
    assert found(NEXT).found == "between_looks"


def test_between_two_looks_the_decision_is_that_of_the_last():
    signed_round(PILOT, ROUND, dated(FIRST_DAY, fewer=20))
    assert found(ROUND).found == "better_link"
    (look,) = looks_so_far(PLAN, "synthetic").taken
    assert look.decision == "keep_going"  # a link is not scaled on
    signed_round(PILOT, NEXT, dated(SECOND_DAY, fewer=-20, narrower=2))
    assert found(NEXT).decision == "stop"
    write_round(PILOT, LATER, dated("2027-07-01"))
    assert (found(LATER).found, found(LATER).decision) == ("between_looks", "stop")
    assert said(LATER).startswith("The rule points to: stop it. Nothing is tested between two look")


def test_looks_on_another_source_are_others():
    signed_round(PILOT, ROUND, dated(FIRST_DAY))
    key = ("extracts", NEXT, PILOT)
    assert looks_of(PLAN, key, entries(), reports()) == Looks()


# -- reruns and corrections ------------------------------------------------------------------------
def test_a_rerun_is_the_look_of_its_round_and_no_second_one():
    first = signed_round(PILOT, ROUND, dated(FIRST_DAY))
    # its data are of a day after the second look, and it is the first all the same
    again = write_round(PILOT, RERUN, dated(SECOND_DAY, narrower=1.5))
    draft = "Once the round is signed, this is the first of three planned looks, in place of round"
    assert f"{draft} {ROUND}, with 36 in every 100" in said(RERUN)
    assert len(looks_so_far(PLAN, "synthetic").taken) == 1
    signed(again)
    (look,) = looks_so_far(PLAN, "synthetic").taken
    assert (look.number, round(look.fraction, 2), look.instead) == (1, 0.36, RERUN)
    assert "This is the first of three planned looks, in place of" in said(RERUN)
    write_round(PILOT, LATER, dated(SECOND_DAY, narrower=2))
    assert f"the first in round {ROUND}, as run again in round {RERUN} (" in said(LATER)
    correct(first, "method", REASON, PEOPLE["lead"])
    assert f"the first in round {ROUND}, as corrected in round {RERUN} (" in said(LATER)
    shares = (look.fraction, found(LATER).look.fraction)
    assert found(LATER).look == looks(shares, RULE.spending, alpha=RULE.alpha)[-1]


def test_the_page_of_the_nation_says_which_look_it_is():
    first = signed_round(PILOT, ROUND, dated(FIRST_DAY))
    signed_round(PILOT, RERUN, dated(FIRST_DAY, narrower=1.5))
    correct(first, "data", REASON, PEOPLE["lead"])
    write_round(PILOT, LATER, dated(SECOND_DAY, narrower=2))
    build_site(reports(), round_id=LATER)
    page = (reports() / f"site/synthetic/{LATER}/{PILOT}/national/index.html").read_text()
    (rule,) = re.findall(r"<h2>Rule and decision</h2>(.*?)</section>", page)
    text = re.sub(r"<[^>]+>", "", rule)
    assert "Once the round is signed, this is the second of three planned looks, with 64" in text
    assert f"Taken before: the first in round {ROUND}, as corrected in round {RERUN}" in text


def test_a_correction_says_when_the_rule_points_elsewhere():
    first = signed_round(PILOT, ROUND, dated(FIRST_DAY))
    signed_round(PILOT, RERUN, dated(FIRST_DAY, fewer=-20))
    changed = correct(first, "data", REASON, PEOPLE["lead"]).changed
    assert "where the rule for decisions points" in changed


def test_where_an_earlier_look_is_not_as_it_was_signed_the_rule_cannot_point():
    signing = signed_round(PILOT, ROUND, dated(FIRST_DAY))
    write_round(PILOT, LATER, dated(SECOND_DAY, narrower=2))
    file = forced(signing.folder / NATIONAL / "results.json")
    file.write_text(file.read_text().replace('"n_in": ', '"n_in": 1', 1))
    assert before(LATER).gone == (ROUND,) and found(LATER).decision is None
    assert said(LATER) == (
        f"The rule cannot point: an earlier look (round {ROUND}) is not here as it was signed."
    )


def test_the_page_is_made_again_when_an_earlier_look_is_no_longer_as_it_was_signed():
    signing = signed_round(PILOT, ROUND, dated(FIRST_DAY))
    write_round(PILOT, LATER, dated(SECOND_DAY, narrower=2))
    name = f"synthetic/{PILOT}/{NATIONAL}"
    was = site_state(reports(), LATER)[name]
    assert site_state(reports(), LATER)[name] == was
    file = forced(signing.folder / NATIONAL / "results.json")
    file.write_text(file.read_text().replace('"n_in": ', '"n_in": 1', 1))
    assert site_state(reports(), LATER)[name] != was


def test_a_release_counts_looks_of_rounds_that_were_not_released_and_names_none():
    signed_round(PILOT, ROUND, dated(FIRST_DAY))
    write_round(PILOT, LATER, dated(SECOND_DAY, narrower=2))
    (look,) = before(LATER).taken
    outside = before(LATER, released_only=True)
    assert outside.taken == (Taken(1, look.fraction),)
    lines = ruled(PLAN, nation(LATER), outside)
    assert "second of three" in lines[0] and ROUND not in lines[0]
    signed_round(PILOT, NEXT, lambda one: dated(BETWEEN)(one).with_(audience="release"))
    assert before(LATER, released_only=True).taken == (Taken(1, look.fraction),)


# -- looks by hand ---------------------------------------------------------------------------------
def test_by_hand_a_look_before_the_first_round_is_counted(by_hand):
    by_hand('{day: "2026-10-01", fraction: 0.1}')
    signed_round(PILOT, ROUND, dated(SECOND_DAY))
    assert before(ROUND).taken == (Taken(1, 0.1),)
    assert found(ROUND).number == 2 and "Taken before" not in said(ROUND)


def test_by_hand_what_the_signed_record_says_changes_nothing(by_hand):
    signed_round(PILOT, ROUND, dated(FIRST_DAY))
    write_round(PILOT, LATER, dated(SECOND_DAY, narrower=2))
    derived = before(ROUND), before(LATER)
    by_hand('{day: "2026-10-01", fraction: 0.16}')
    assert (before(ROUND), before(LATER)) == derived


@pytest.mark.parametrize("fraction", [0.15, 0.17, 1])
def test_by_hand_what_the_signed_record_does_not_say_is_refused(by_hand, fraction):
    signed_round(PILOT, ROUND, dated(FIRST_DAY))
    by_hand(f'{{day: "2026-10-01", fraction: {fraction}}}')
    for round_id in (ROUND, NEXT):
        with pytest.raises(PlanError) as error:
            before(round_id)
        assert error.value.code == "E410" and "fraction" in error.value.text
        assert PILOT in error.value.text and ROUND in error.value.text
        assert str(fraction) not in error.value.text.partition("fraction")[2]


def test_by_hand_the_corrected_record_is_held_against(by_hand):
    signed_round(PILOT, ROUND, dated(FIRST_DAY))
    signed_round(PILOT, RERUN, dated(FIRST_DAY, narrower=1.5))
    by_hand('{day: "2026-10-01", fraction: 0.16}')
    with pytest.raises(PlanError, match=f"E410.*round {RERUN}"):
        before(NEXT)


def test_by_hand_no_look_is_entered_once_there_are_signed_rounds(by_hand):
    signed_round(PILOT, ROUND, dated(FIRST_DAY))
    by_hand('{day: "2026-10-01", fraction: 0.16}', '{day: "2027-04-01", fraction: 0.5}')
    with pytest.raises(PlanError, match=f"E411.*{PILOT}.*{ROUND}"):
        before(NEXT)


def test_by_hand_a_look_at_earlier_data_than_the_round_takes_the_look(by_hand):
    by_hand('{day: "2026-10-01", fraction: 0.1, taken_on: "2026-10-02"}')
    signed_round(PILOT, ROUND, dated(FIRST_DAY))
    assert before(ROUND).taken == (Taken(1, 0.1),)
    assert found(ROUND).found == "between_looks"
