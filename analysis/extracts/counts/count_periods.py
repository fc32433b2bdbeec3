"""The periods of a table of counts: years and quarters with their last day, or one period that only
has a name."""

import re
from calendar import month_name
from dataclasses import dataclass

import pandas as pd

from analysis.plans.monitor import Monitor

YEAR = re.compile(r"(?:year (?:to|ending|ended) (\w+) )?(\d{4})", re.IGNORECASE | re.ASCII)
SPLIT_YEAR = re.compile(r"(\d{4})\s*[-/–]\s*(\d{2}|\d{4})", re.ASCII)
QUARTER = re.compile(r"(\d{4})\s*Q([1-4])|Q([1-4])\s*(\d{4})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Period:
    """written: as it stands in the file. label: of the round, as 2025 or 2025 Q1. words: the same
    in a sentence.

    end: the day after it; NaT where the period has no date.
    """

    written: str
    label: str
    end: pd.Timestamp
    words: str = ""  # empty: those of every round with this label

    @property
    def order(self) -> tuple:
        return (pd.Timestamp.min if pd.isna(self.end) else self.end, self.label)


def read_period(plan: Monitor, text: str) -> Period | None:
    """The period of a label; None where it is no round of the plan's length.

    A table that is of one period as a whole, which the plan names (`fixed`), may call it by any
    words.
    """
    if plan.round.length == "quarter" and (found := QUARTER.fullmatch(text)):
        year, quarter = int(found[1] or found[4]), int(found[2] or found[3])
        end = pd.Timestamp(year, 3 * quarter - 2, 1) + pd.DateOffset(months=3)
        return Period(text, f"{year} Q{quarter}", end)
    month, day = map(int, plan.own_table.year_ends.split("-"))
    if plan.round.length == "year" and (last := _year(text, month)) is not None:
        end = pd.Timestamp(last, month, 1) + pd.DateOffset(days=day - 1) + pd.DateOffset(days=1)
        return Period(text, str(last), end, _year_words(end - pd.DateOffset(days=1)))
    if plan.own_table.fixed.period == text:
        return Period(text, text, pd.NaT, text)
    return None


def _year(text: str, month: int) -> int | None:
    """The year in which the period ends; None where the label names another month than that in
    which years end."""
    if found := YEAR.fullmatch(text):
        fits = found[1] is None or month_name[month].lower() == found[1].lower()
        return int(found[2]) if fits else None
    if found := SPLIT_YEAR.fullmatch(text):
        first, second = int(found[1]), int(found[2]) % 100
        return first + 1 if (first + 1) % 100 == second else None
    return None


def _year_words(last: pd.Timestamp) -> str:
    """ "2025" for a calendar year, else when it ends: "year to March 2025", "year to 5 April
    2025"."""
    if (last.month, last.day) == (12, 31):
        return str(last.year)
    day = "" if (last + pd.DateOffset(days=1)).day == 1 else f"{last.day} "
    return f"year to {day}{month_name[last.month]} {last.year}"
