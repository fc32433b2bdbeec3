"""Clocks in England by rule are those of the table of time zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analysis.rounds.english_time import moment_of, on_clocks, time_words

LONDON = ZoneInfo("Europe/London")
CHANGES = [
    datetime(year, month, day, tzinfo=UTC)
    for year, month, day in (
        (2026, 3, 29),
        (2026, 10, 25),
        (2027, 3, 28),
        (2027, 10, 31),
        (2028, 3, 26),
        (2032, 10, 31),
    )
]


@pytest.mark.parametrize("day", CHANGES, ids=lambda day: str(day.date()))
def test_clocks_change_when_the_table_of_time_zones_has_it(day):
    for minutes in range(-300, 300, 15):
        moment = day + timedelta(minutes=minutes)
        assert on_clocks(moment) == moment.astimezone(LONDON).replace(tzinfo=None)


def test_half_past_nine_is_another_moment_in_summer():
    for clock in (datetime(2026, 12, 10, 9, 30), datetime(2027, 6, 10, 9, 30)):
        assert moment_of(clock) == clock.replace(tzinfo=LONDON)
    assert moment_of(datetime(2027, 6, 10, 9, 30)) == datetime(2027, 6, 10, 8, 30, tzinfo=UTC)


def test_of_the_hour_that_comes_twice_the_first_is_meant():
    clock = datetime(2026, 10, 25, 1, 30)
    assert moment_of(clock) == clock.replace(tzinfo=LONDON, fold=0).astimezone(UTC)


@pytest.mark.parametrize(
    ("hour", "words"), [(0, "12.05 a.m."), (9, "9.05 a.m."), (12, "12.05 p.m."), (16, "4.05 p.m.")]
)
def test_times_in_words(hour, words):
    assert time_words(datetime(2026, 12, 10, hour, 5, tzinfo=UTC)) == words
