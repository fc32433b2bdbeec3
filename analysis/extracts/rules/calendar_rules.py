"""Tables against the calendar: quarters that are missing, that were not over at the extract, or
that came in part.

A quarter that is missing is a fault where quarters are counted together as a year (E155); elsewhere
it is a gap in a series, which is noted and shown. Notes name periods and counts, never a value of a
row.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.files import Note, TextTable
from analysis.extracts.tables.codes import CODES, problem

BESIDE = 2  # quarters on either side of one that its number of rows is set beside
PARTIAL_BELOW_PERCENT = (
    50  # of the median of those beside it: under this a quarter is noted as delivered in part
)


def check_calendar(
    tables: Mapping[str, TextTable], *, extract_date: str | None
) -> tuple[list[Problem], list[Note]]:
    """Faults and notes of every table that has quarters. extract_date (ISO): None where the extract
    does not say."""
    problems, notes = [], []
    for table in tables.values():
        if "quarter" not in table.frame:
            continue
        rows = _rows_by_quarter(table.frame["quarter"])
        closed = last_closed_quarter(extract_date) if extract_date else rows.index.max()
        missing = _missing(rows, closed)
        if missing and table.contract.by_year:
            hint = f"Missing: {', '.join(map(str, missing))}."
            problems.append(
                problem("E155", _file(table), column="quarter", count=len(missing), hint=hint)
            )
        elif missing:
            notes.append(
                Note(
                    _file(table),
                    f"quarters that were not delivered: {', '.join(map(str, missing))}",
                    "quarter",
                )
            )
        notes += _notes(table, rows, closed)
    return problems, notes


def last_closed_quarter(day: str) -> pd.Period:
    """The newest quarter whose last day lies before `day` (ISO)."""
    return pd.Period(day, freq="Q") - 1


def few_rows(rows: pd.Series, *, percent: float) -> list[pd.Period]:
    """Quarters (the index of `rows`, periods) with fewer rows than `percent` of the median of those
    beside them."""
    found = []
    for quarter in rows.index:
        near = [quarter + k for k in range(-BESIDE, BESIDE + 1) if k]
        beside = [rows[q] for q in near if q in rows.index]
        if beside and rows[quarter] < percent / 100 * float(np.median(beside)):
            found.append(quarter)
    return found


def _rows_by_quarter(quarters: pd.Series) -> pd.Series:
    days = pd.to_datetime(quarters, format="%Y-%m-%d", errors="coerce").dropna()
    return days.dt.to_period("Q").value_counts().sort_index()


def _missing(rows: pd.Series, closed) -> list[pd.Period]:
    """Quarters from the first that was delivered to the newest that was closed, without rows."""
    if rows.empty or closed < rows.index.min():
        return []
    return [q for q in pd.period_range(rows.index.min(), closed, freq="Q") if q not in rows.index]


def _notes(table: TextTable, rows: pd.Series, closed) -> list[Note]:
    early = int(rows[rows.index > closed].sum()) if len(rows) else 0
    few = few_rows(rows[rows.index <= closed], percent=PARTIAL_BELOW_PERCENT) if len(rows) else []
    found = (
        [Note(_file(table), f"E156 {CODES['E156'][0]}: left out of monitors", "quarter", early)]
        if early
        else []
    )
    return found + (
        [Note(_file(table), f"E157 {CODES['E157'][0]}", "quarter", int(rows[few].sum()))]
        if few
        else []
    )


def _file(table: TextTable) -> str:
    return str(table.files[0]) if len(table.files) else table.contract.table
