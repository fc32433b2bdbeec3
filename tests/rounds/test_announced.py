"""Official statistics leave at 9.30 a.m. of the day that was announced, and nothing leaves
before."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import workbook
from analysis.errors import ParameterError, RunError
from analysis.paths import state_home
from analysis.rounds.announced import to_announce
from analysis.rounds.log import LOG, entries
from analysis.runs.rounds.announcing import announce, to_be_announced
from analysis.runs.rounds.leaving import Asked, publish_round
from analysis.runs.rounds.listing import round_lines
from analysis.runs.rounds.signing import signing_of
from rounds.signed_rounds import (
    NEXT,
    PEOPLE,
    PILOT,
    RERUN,
    ROUND,
    every_byte,
    signed_round,
)

OFFICIAL, LEAD = "youth_cascade", PEOPLE["lead"]
DAY, SUMMER = date(2026, 12, 10), date(2027, 6, 10)
BEFORE = datetime(2026, 11, 1, 12, tzinfo=UTC)
# 9.30 a.m. in England: that of Greenwich in December, an hour before in June
AT = {
    DAY: datetime(2026, 12, 10, 9, 30, tzinfo=UTC),
    SUMMER: datetime(2027, 6, 10, 8, 30, tzinfo=UTC),
}
MINUTE = timedelta(minutes=1)
RELEASE, INTERNAL = Asked(ROUND, "release", (OFFICIAL,)), Asked(ROUND, "internal", (OFFICIAL,))


def official(round_id: str = ROUND):
    return signed_round(OFFICIAL, round_id, lambda record: record.with_(audience="release"))


def announced(day: date = DAY, *roles: str, since: datetime | None = None, round_id: str = ROUND):
    made = to_announce(day, roles, since, BEFORE)
    return announce(signing_of(OFFICIAL, None, round_id), made, LEAD)


def code_of(call, *arguments, **named) -> str:
    with pytest.raises((RunError, ParameterError)) as error:
        call(*arguments, **named)
    return error.value.code


# -- what may be announced -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "now"),
    [
        (date(2026, 12, 12), BEFORE),  # a Saturday
        (date(2026, 12, 28), BEFORE),  # a bank holiday
        (date(2026, 10, 30), BEFORE),  # past
        (DAY, AT[DAY]),  # too late by nothing
        (SUMMER, AT[SUMMER]),
    ],
)
def test_a_day_that_is_past_or_no_working_day_is_refused(day, now):
    assert code_of(to_announce, day, (), None, now) == "E408"


@pytest.mark.parametrize("day", [DAY, SUMMER])
def test_the_release_is_at_half_past_nine_on_clocks_in_england(day):
    assert to_announce(day, (), None, AT[day] - MINUTE).release_at == AT[day]


@pytest.mark.parametrize("day", [DAY, SUMMER])
def test_pages_are_seen_at_most_24_hours_before(day):
    clock = datetime(day.year, day.month, day.day, 9, 30)
    first = clock - timedelta(hours=24)
    assert to_announce(day, ("a minister",), first, BEFORE).shown_from == AT[day] - timedelta(
        hours=24
    )
    for since in (first - MINUTE, clock, clock + MINUTE):
        assert code_of(to_announce, day, ("a minister",), since, BEFORE) == "E408"


def test_whoever_sees_them_before_is_told_from_when_and_the_other_way_round():
    assert code_of(to_announce, DAY, ("a minister",), None, BEFORE) == "E408"
    assert code_of(to_announce, DAY, (), datetime(2026, 12, 9, 12), BEFORE) == "E408"


def test_management_information_is_never_announced():
    made = to_announce(DAY, (), None, BEFORE)
    assert code_of(announce, signing_of(PILOT, None, ROUND), made, LEAD) == "E407"
    assert not entries()


@pytest.mark.parametrize("name", ["Ada Quillfeather", "Dr Merriweather", "ada@example.org"])
def test_roles_see_pages_before_and_never_names(name):
    since = datetime(2026, 12, 9, 12)
    assert code_of(announced, DAY, name, since=since) == "E291"
    assert not entries()


def test_without_a_study_all_official_statistics_of_the_round_are_meant():
    assert code_of(to_be_announced, None, ROUND) == "E408"
    official()
    assert [one.plan.study for one in to_be_announced(None, ROUND)] == [OFFICIAL]


# -- what may leave --------------------------------------------------------------------------------
@pytest.mark.parametrize("day", [DAY, SUMMER])
def test_it_leaves_at_half_past_nine_and_not_a_minute_before(day, tmp_path):
    official()
    announced(day)
    out = tmp_path / "out"
    assert code_of(publish_round, out, RELEASE, AT[day] - MINUTE) == "E409"
    assert not out.exists()
    publish_round(out, RELEASE, AT[day])
    assert (out / "README.txt").is_file()


def test_without_an_announcement_it_does_not_leave(tmp_path):
    official()
    assert code_of(publish_round, tmp_path / "out", RELEASE, AT[SUMMER]) == "E409"
    # nor does another round's announcement do
    signing_of(OFFICIAL, None, NEXT)
    announced(round_id=NEXT)
    assert code_of(publish_round, tmp_path / "out", RELEASE, AT[SUMMER]) == "E409"
    publish_round(tmp_path / "out", INTERNAL, BEFORE)


def test_what_was_announced_last_holds_for_the_round_and_its_reruns(tmp_path):
    official()
    announced(DAY)
    announced(SUMMER, round_id=RERUN)
    assert code_of(publish_round, tmp_path / "out", RELEASE, AT[DAY]) == "E409"
    publish_round(tmp_path / "out", RELEASE, AT[SUMMER])


def test_one_that_may_not_leave_yet_holds_all_that_are_asked_for(tmp_path):
    official()
    signed_round(PILOT, ROUND, lambda record: record.with_(audience="release"))
    out = tmp_path / "out"
    both = Asked(ROUND, "release", (OFFICIAL, PILOT))
    assert code_of(publish_round, out, both, AT[DAY]) == "E409"
    publish_round(out, Asked(ROUND, "release", (PILOT,)), AT[DAY])


# -- what is said ----------------------------------------------------------------------------------
def readme(out: Path, asked: Asked, now: datetime) -> str:
    publish_round(out, asked, now)
    return (out / "README.txt").read_text()


def test_the_readme_names_roles_with_access_and_its_time_and_no_name(tmp_path):
    official()
    role = "Minister's private office"
    announced(SUMMER, role, since=datetime(2027, 6, 9, 16, 15))
    text = readme(tmp_path / "out", RELEASE, AT[SUMMER])
    assert "release on 10 June 2027, 9.30 a.m." in text
    assert f"Seen before, from 9 June 2027, 4.15 p.m.: {role}" in text
    assert "CIRCULATION" not in text
    for name in PEOPLE.values():
        assert not [part for part in name.split() if part.encode() in every_byte(tmp_path / "out")]


def test_the_readme_for_the_circulation_list_says_who_is_on_it(tmp_path):
    official()
    signed_round(PILOT, ROUND)
    plan = signing_of(PILOT, None, ROUND).plan
    text = readme(tmp_path / "out", Asked(ROUND, "internal", (PILOT,)), BEFORE)
    (line,) = [one for one in text.split("CIRCULATION LIST")[1].splitlines() if plan.title in one]
    assert (
        line == f"- {plan.title}: {plan.people.lead}, {plan.people.assurer}, {plan.people.decides}"
    )
    assert "PRE-RELEASE" not in text


def test_rounds_are_listed_with_the_day_that_was_announced():
    announced(DAY, "head of news", since=datetime(2026, 12, 9, 9, 30))
    (line,) = round_lines()
    assert "release announced for 10 December 2026, 9.30 a.m., before to head of news" in line


def test_a_log_in_which_the_day_was_changed_stops_everything(tmp_path):
    official()
    announced(SUMMER)
    log = state_home() / "rounds" / LOG
    log.write_text(log.read_text().replace("2027-06-10", "2026-11-02"))
    assert code_of(publish_round, tmp_path / "out", RELEASE, AT[DAY]) == "E329"


def test_lines_of_before_there_were_announcements_are_read():
    official()
    assert all(entry.release_at == "" and entry.shown_to == () for entry in entries())


def test_by_its_command():
    given = ("pre-release", ROUND, OFFICIAL, "--audience", "release", "--at", "2099-12-10")
    access = ("--to", "head of news", "--from", "2099-12-09T16:00")
    done = CliRunner().invoke(workbook, [*given, *access, "--by", LEAD])
    assert done.exit_code == 0, done.output
    assert "release on 10 December 2099, 9.30 a.m." in done.output
    assert "from 9 December 2099, 4.00 p.m.: head of news" in done.output
    (entry,) = entries()
    assert (entry.by, entry.shown_to, entry.records) == (LEAD, ("head of news",), {})
