"""The time of clocks in England: that of Greenwich, and an hour more in summer.

By the rule of the Summer Time Act 1972, as the Summer Time Order 2002 has it: from 1 a.m. Greenwich
time on the last Sunday of March to 1 a.m. on the last Sunday of October. By rule and not from a
table of time zones, which small machines do not have.
"""

from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
MARCH, OCTOBER = 3, 10
SUNDAY = 6
NOON = 12


def on_clocks(moment: datetime) -> datetime:
    """What clocks in England show at a moment (with a time zone); returned without one."""
    greenwich = moment.astimezone(UTC).replace(tzinfo=None)
    return greenwich + HOUR if _is_summer(greenwich) else greenwich


def moment_of(clock: datetime) -> datetime:
    """The moment (UTC) at which clocks in England show this; of the hour that comes twice in
    October the first."""
    summer = clock - HOUR
    return (summer if _is_summer(summer) else clock).replace(tzinfo=UTC)


def time_words(moment: datetime) -> str:
    """ "9.30 a.m.", as clocks in England show it."""
    shown = on_clocks(moment)
    half = "a.m." if shown.hour < NOON else "p.m."
    return f"{shown.hour % NOON or NOON}.{shown.strftime('%M')} {half}"


def _is_summer(greenwich: datetime) -> bool:
    return _last_sunday(greenwich.year, MARCH) <= greenwich < _last_sunday(greenwich.year, OCTOBER)


def _last_sunday(year: int, month: int) -> datetime:
    """1 a.m. of the last Sunday of a month with 31 days."""
    last = datetime(year, month, 31, 1)
    return last - timedelta(days=(last.weekday() - SUNDAY) % 7)
