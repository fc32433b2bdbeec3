"""Five working days end when gov.uk says that they do."""

from datetime import date, timedelta

import pytest

from analysis.rounds.working_days import after_working_days, bank_holidays, is_working

# www.gov.uk/bank-holidays, England and Wales (and its archive for 2021).
PUBLISHED = {
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_bank_holidays_are_those_that_are_published(year):
    days = {date.fromisoformat(f"{year}-{day}") for day in PUBLISHED[year].split()}
    assert bank_holidays(year) == days


@pytest.mark.parametrize("year", range(2000, 2100))
def test_a_year_has_eight_bank_holidays_all_on_weekdays(year):
    days = bank_holidays(year)
    assert len(days) == 8 and all(day.weekday() < 5 for day in days)


def test_days_over_christmas_are_not_counted():
    # 24 December 2026 is a Thursday; 25 and 28 are holidays, 26 and 27 a weekend
    assert after_working_days(date(2026, 12, 23), 5) == date(2027, 1, 4)
    assert after_working_days(date(2026, 10, 5), 5) == date(2026, 10, 12)


def test_so_many_working_days_lie_between():
    for start in (date(2026, 1, 1) + timedelta(days=n) for n in range(400)):
        end = after_working_days(start, 5)
        between = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        assert sum(map(is_working, between)) == 5 and is_working(end)
