"""As first published and as now: what moved beyond rounding, and why where that can be told."""

import re
from dataclasses import replace

import pytest
from changed_records import with_rows

from analysis.paths import reports
from analysis.plans.registry import load_plan
from analysis.record.record import Record
from analysis.rounds.first_published import cause_words, causes, records_before, since
from analysis.rounds.log import entries
from analysis.rounds.runs_found import find_studies
from analysis.sections.page.block import page_of
from analysis.site.build import build_site
from analysis.site.signed import signed_state
from analysis.study.words import lead_row
from analysis.vocabulary.regions import NATIONAL
from rounds.signed_rounds import (
    MONITOR,
    NEXT,
    PILOT,
    RERUN,
    ROUND,
    Change,
    forced,
    signed,
    signed_round,
    write_round,
)

CHANGES: dict[str, Change] = {
    "new data": lambda r: r.with_(period_to="2025-06-30", data_hash="e" * 64),
    "restated data": lambda r: r.with_(data_hash="e" * 64),
    "method": lambda r: r.with_(code_version="e" * 64),
    "plan": lambda r: r.with_(plan_hash="e" * 64),
}


def moved(record: Record) -> Record:
    """The leading rows a little further on; in a national record those of the pool."""
    lead = lead_row(load_plan(PILOT), record)

    def by(name: str):
        return lambda row: None if getattr(row, name) is None else getattr(row, name) + 0.3

    names = ("value", "conf_low", "conf_high")
    return with_rows(record, lambda row: row is lead, **{name: by(name) for name in names})


def told(study: str, place: str, round_id: str) -> tuple[str, ...]:
    """What the page of a place says of the round before."""
    found = signed_state(reports(), find_studies(reports(), round_id))
    key = ("synthetic", round_id, study)
    one = found.found[key]
    run = next(run for run in one.runs if run.place == place)
    marked = found.of_page(one, run).since
    return (marked.title, *marked.lines) if marked else ()


# -- causes ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("cause", CHANGES)
def test_one_cause_is_said_alone_and_what_it_is_not(cause):
    signed_round(PILOT, ROUND)
    write_round(PILOT, NEXT, lambda record: CHANGES[cause](moved(record)))
    title, line = told(PILOT, NATIONAL, NEXT)
    assert title.startswith("Since round 2026Q3, signed on ")
    words = r"Recalls: first published .+ \(.+ to .+\).*, now .+ \(.+ to .+\).*\."
    assert re.fullmatch(rf"{words} Cause: {cause}, not [a-z]+ or [a-z]+\.", line)


@pytest.mark.parametrize("one", CHANGES)
@pytest.mark.parametrize("other", CHANGES)
def test_of_two_causes_neither_is_named_alone(one, other):
    then = records()[NATIONAL]
    now = CHANGES[one](CHANGES[other](then))
    same = then.period_to == now.period_to
    said = cause_words(causes(then, now, same=same))
    both = {one, other} if {one, other} != {"new data", "restated data"} else {"new data"}
    assert all(cause in said for cause in both)
    assert ("not told apart" in said) == (len(both) == 2)


def test_without_a_change_nothing_is_given_as_a_cause():
    assert cause_words(()) == "no change of data, method or plan"


def records() -> dict[str, Record]:
    signed_round(PILOT, ROUND)
    return dict(records_before(reports(), entries()[-1]).records)


# -- what is said ----------------------------------------------------------------------------------
def test_a_move_within_rounding_is_not_said():
    signed_round(PILOT, ROUND)

    def little(record: Record) -> Record:
        lead = lead_row(load_plan(PILOT), record)
        value = lambda row: row.value and row.value + 1e-6  # noqa: E731
        return with_rows(record, lambda row: row is lead, value=value).with_(data_hash="e" * 64)

    write_round(PILOT, NEXT, little)
    still, changed = told(PILOT, NATIONAL, NEXT)[1:]
    assert (still, changed) == ("As first published.", "Changed since then: restated data.")


@pytest.mark.parametrize("cause", [one for one in CHANGES if one != "new data"])
def test_what_changed_is_said_where_no_figure_has_moved(cause):
    signed_round(PILOT, ROUND)
    write_round(PILOT, NEXT, CHANGES[cause])
    lines = told(PILOT, NATIONAL, NEXT)[1:]
    assert lines == ("As first published.", f"Changed since then: {cause}.")
    write_round(PILOT, "2027Q1", CHANGES["new data"])
    assert told(PILOT, NATIONAL, "2027Q1")[1:] == ("As first published.",)


def test_the_first_round_says_nothing_of_one_before_and_neither_does_a_draft_count():
    write_round(PILOT, ROUND)
    signed_round(PILOT, NEXT)
    assert told(PILOT, NATIONAL, NEXT) == () and len(told(PILOT, NATIONAL, ROUND)) == 2


def test_a_signed_round_is_not_set_beside_one_that_was_signed_after_it():
    signed_round(PILOT, ROUND)
    signed_round(PILOT, NEXT)
    assert told(PILOT, NATIONAL, ROUND) == ()
    assert "2026Q3," in told(PILOT, NATIONAL, NEXT)[0]


def test_a_rerun_is_set_beside_what_it_replaces():
    signed_round(PILOT, ROUND)
    write_round(PILOT, RERUN, lambda record: CHANGES["method"](moved(record)))
    assert "Cause: method, not data or plan." in told(PILOT, NATIONAL, RERUN)[1]


def test_another_source_is_no_round_before():
    signed_round(PILOT, ROUND)
    write_round(PILOT, NEXT)
    (study,) = find_studies(reports(), NEXT)
    state = signed_state(reports(), (replace(study, source="extracts"),))
    assert state.before == {}


def test_records_that_are_no_longer_as_signed_are_not_quoted():
    signing = signed_round(PILOT, ROUND)
    write_round(PILOT, NEXT, moved)
    file = forced(signing.folder / "wales" / "results.json")
    file.write_text(file.read_text().replace('"n_in": ', '"n_in": 1', 1))
    (line,) = told(PILOT, NATIONAL, NEXT)[1:]
    assert line == "The records of that round are not here as they were signed."


# -- monitors --------------------------------------------------------------------------------------
def a_quarter_before(record: Record) -> Record:
    """The record as it was a quarter ago: the ratios of that round in the place of today's."""
    rows = {(row.outcome, row.group): row for row in record.rows if row.note == "last_round"}

    def earlier(name: str):
        return lambda row: getattr(rows[row.outcome, row.group], name)

    def has_one(row) -> bool:
        before = rows.get((row.outcome, row.group))
        first = row.family is not None and row.note is None and row.estimand.startswith("relative")
        return first and before is not None and before.status == row.status == "estimated"

    names = ("value", "conf_low", "conf_high")
    changed = with_rows(record, has_one, **{name: earlier(name) for name in names})
    return changed.with_(period_from="2026-04-01", period_to="2026-06-30", data_hash="e" * 64)


def test_a_monitor_shows_the_round_before_as_first_published_and_as_now():
    signed_round(MONITOR, ROUND, a_quarter_before)
    write_round(MONITOR, NEXT)
    lines = told(MONITOR, "west_midlands", NEXT)[1:]
    assert lines and all("as first published" in line for line in lines), lines


def test_a_monitor_says_what_was_restated_group_by_group():
    def other(record: Record) -> Record:
        before = a_quarter_before(record)
        up = {name: (lambda n: lambda row: getattr(row, n) + 0.2)(name) for name in VALUES}
        return with_rows(before, lambda row: row.status == "estimated" and not row.note, **up)

    signed_round(MONITOR, ROUND, other)
    write_round(MONITOR, NEXT)
    lines = told(MONITOR, "all", NEXT)[1:] or told(MONITOR, "west_midlands", NEXT)[1:]
    assert any(
        "Black people on licence, recall, April to June 2026: first published" in line
        and "Cause: restated data, not method or plan." in line
        for line in lines
    ), lines


VALUES = ("value", "conf_low", "conf_high")


def test_a_longer_way_back_is_found_in_the_trend():
    plan = load_plan(MONITOR)
    signing = write_round(MONITOR, ROUND)
    now = records_of(signing)["west_midlands"]
    then = now.with_(period_from="2025-10-01", period_to="2025-12-31")
    moves = page_of(plan).moves(plan, then, now)
    labels = {row.note for row in now.rows if (row.note or "").startswith("trend_2025 Q4")}
    assert bool(moves) == bool(labels) and all("October to December 2025" in m.of for m in moves)
    long_ago = now.with_(period_from="1999-01-01", period_to="1999-03-31")
    assert page_of(plan).moves(plan, long_ago, now) == ()


def records_of(signing) -> dict[str, Record]:
    (study,) = find_studies(reports(), signing.round_id)
    return {run.place: run.record for run in study.runs}


# -- the page of a place ---------------------------------------------------------------------------
def test_the_page_of_a_place_counts_verdicts_that_changed():
    def other(record: Record) -> Record:
        kept = (row for row in record.rows if row.result_class == "no_disparity_shown")
        first = next(kept, None)
        return with_rows(record, lambda row: row is first, result_class="practical_only")

    signed_round(MONITOR, ROUND, other)
    signed(write_round(MONITOR, NEXT))
    build_site(reports(), round_id=NEXT)
    (page,) = reports().glob("site/synthetic/*/places/west_midlands/index.html")
    found = re.search(r"since round 2026Q3: (\d+) of (\d+) verdicts changed", page.read_text())
    assert found and found[1] == "1" and int(found[2]) >= 8


def test_since_reads_what_the_log_says_and_not_what_a_kind_has_not():
    signed_round(PILOT, ROUND)
    before = records_before(reports(), entries()[-1])
    plan = load_plan("action_plan")
    assert page_of(plan).moves is None
    assert since(plan, before, before.records[NATIONAL]) is None
