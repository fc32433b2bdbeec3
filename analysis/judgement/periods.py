"""Periods and rounds as a page names them: "July to September 2026", "year to March 2025"."""

import re
from datetime import date, timedelta

from analysis.judgement.explanations import MONTHS, day_words

QUARTER = re.compile(r"^(year to )?(\d{4}) Q([1-4])$")


def period_words(first: str, last: str) -> str:
    """From the first to the last day (ISO), which begin and end months: months, with the year once where it is the same."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    months = (MONTHS[start.month - 1], MONTHS[end.month - 1])
    if start.year != end.year:
        return f"{months[0]} {start.year} to {months[1]} {end.year}"
    return f"{months[0]} {end.year}" if start.month == end.month else f"{months[0]} to {months[1]} {end.year}"


def round_words(label: str) -> str:
    """The label of a round in words: "2026 Q3", "year to 2026 Q3", and "2025", a published year to March."""
    found = QUARTER.match(label)
    if found is None:
        return f"year to March {label}" if label.isdigit() else label
    year, quarter = int(found[2]), int(found[3])
    last = MONTHS[3 * quarter - 1]
    return f"year to {last} {year}" if found[1] else f"{MONTHS[3 * quarter - 3]} to {last} {year}"


def break_line(day: str, text: str) -> str:
    """ "From 26 June 2021 (Probation Service unified) figures are not made as before." """
    return f"From {day_words(day)} ({text}) figures are not made as before."


def months_before(first: str, months: int, *, length: int) -> tuple[str, str]:
    """First and last day of a period of `length` months that begins so many months before `first`."""
    return str(_shifted(first, -months)), str(_shifted(first, length - months) - timedelta(days=1))


def month_after(last: str, months: int) -> str:
    """ "January 2027": the month that begins so many months after the day after `last`."""
    day = _shifted(str(date.fromisoformat(last) + timedelta(days=1)), months)
    return f"{MONTHS[day.month - 1]} {day.year}"


def _shifted(first: str, months: int) -> date:
    """The first day of a month, so many months on."""
    day = date.fromisoformat(first)
    count = 12 * day.year + day.month - 1 + months
    return date(count // 12, count % 12 + 1, day.day)
