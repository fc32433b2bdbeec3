"""Working days in England and Wales: no Saturday, Sunday or bank holiday.

Bank holidays by the rules of the Banking and Financial Dealings Act 1971 and the proclamations that
move those which fall on a weekend. A single day that is proclaimed for one year alone (a
coronation) is not known here, and makes a period end a day early: who signs then waits a day.
"""

from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
SATURDAY, MONDAY = 5, 0


def after_working_days(day: date, count: int) -> date:
    """The last of so many working days after a day."""
    while count:
        day += ONE_DAY
        count -= is_working(day)
    return day


def is_working(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year)


def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England and Wales in a year."""
    easter = easter_sunday(year)
    christmas = date(year, 12, 25)
    # of Christmas Day and Boxing Day each that falls on a weekend moves to the next free day
    moved = [d for d in (christmas, christmas + ONE_DAY) if d.weekday() >= SATURDAY]
    kept = [d for d in (christmas, christmas + ONE_DAY) if d.weekday() < SATURDAY]
    after = date(year, 12, 27)
    while moved:
        if after.weekday() < SATURDAY and after not in kept:
            kept.append(after)
            moved.pop()
        after += ONE_DAY
    return frozenset(
        {
            _from_weekday(date(year, 1, 1)),
            easter - 2 * ONE_DAY,
            easter + ONE_DAY,
            _monday_on_or_after(date(year, 5, 1)),
            _monday_on_or_after(date(year, 5, 25)),
            _monday_on_or_after(date(year, 8, 25)),
            *kept,
        }
    )


def _from_weekday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day if day.weekday() < SATURDAY else _monday_on_or_after(day)


def _monday_on_or_after(day: date) -> date:
    return day + timedelta(days=(MONDAY - day.weekday()) % 7)


def easter_sunday(year: int) -> date:
    """By the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, 1991, chapter 8)."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leap, left = divmod(century, 4)
    moved = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - moved + 15) % 30
    quarter, odd = divmod(rest, 4)
    weekday = (32 + 2 * left + 2 * quarter - epact - odd) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
