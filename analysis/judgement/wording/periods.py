"""Days, periods and rounds as every page names them: "July to September 2026", "year to March
2025".

One module and one form: the strip above a page, its lines and its notebook say the same day in the
same words.
"""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from analysis.said.texts import named, sentence, settled
from analysis.vocabulary.months import MONTHS

QUARTER = re.compile(r"^(year to )?(\d{4}) Q([1-4])$")
DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})\b")  # a day in words
Day = str | date


def day_words(day: Day) -> str:
    """ "18 September 2026"."""
    found = _date(day)
    month = MONTHS[found.month - 1]
    return named(f"{found.day} {month} {found.year}")


def days_named(text: str) -> list[date]:
    """The days that a text names in the form of `day_words`."""
    return [
        date(int(year), MONTHS.index(month) + 1, int(day)) for day, month, year in DAY.findall(text)
    ]


def period_words(first: Day, last: Day) -> str:
    """From the first to the last day: by month where both begin and end months, with the year once
    where it is the same."""
    start, end = _date(first), _date(last)
    if start.day != 1 or end.day != monthrange(end.year, end.month)[1]:
        one = start == end
        return day_words(start) if one else settled(f"{day_words(start)} to {day_words(end)}")
    until = _month_words(end)
    if (start.year, start.month) == (end.year, end.month):
        return until
    since = MONTHS[start.month - 1] if start.year == end.year else _month_words(start)
    return settled(f"{since} to {until}")


def _month_words(day: date) -> str:
    month = MONTHS[day.month - 1]
    return named(f"{month} {day.year}")


def quarter_label(first: date) -> str:
    """ "2026 Q3" for the quarter that begins on the day."""
    return f"{first.year} Q{(first.month + 2) // 3}"


def round_words(label: str) -> str:
    """The label of a round in words: "2026 Q3", "year to 2026 Q3", and "2025", a published year to
    March."""
    found = QUARTER.match(label)
    if found is None:
        return named(f"year to March {label}" if label.isdigit() else label)
    year, quarter = found[2], int(found[3])
    first, last = MONTHS[3 * quarter - 3], MONTHS[3 * quarter - 1]
    return named(f"year to {last} {year}" if found[1] else f"{first} to {last} {year}")


@sentence
def break_line(day: str, text: str) -> str:
    """ "From 26 June 2021 (Probation Service unified) figures are not made as before." """
    return f"From {day_words(day)} ({text}) figures are not made as before."


def months_before(first: str, months: int, *, length: int) -> tuple[str, str]:
    """First and last day of a period of `length` months that begins so many months before
    `first`."""
    return str(_shifted(first, -months)), str(_shifted(first, length - months) - timedelta(days=1))


def month_after(last: Day, months: int) -> str:
    """ "January 2027": the month that begins so many months after the day after `last`."""
    day = _shifted(_date(last) + timedelta(days=1), months)
    return _month_words(day)


@sentence
def provisional_words(last: Day, months: int) -> str:
    """ "provisional until January 2027", of a round that ended on `last` and is open for so many
    months more."""
    return f"provisional until {month_after(last, months)}"


def _shifted(first: Day, months: int) -> date:
    """The first day of a month, so many months on."""
    day = _date(first)
    count = 12 * day.year + day.month - 1 + months
    return date(count // 12, count % 12 + 1, day.day)


def _date(day: Day) -> date:
    """A day of the calendar, from ISO text, a date or a time of day."""
    if isinstance(day, str):
        return date.fromisoformat(day)
    return day.date() if isinstance(day, datetime) else day
