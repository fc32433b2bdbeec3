"""Commitments of the action plan (data/reference/action_plan.csv), read strictly: a date that
cannot be read is no missing date, and a state of another name would count nowhere."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.errors import DataError, Problem
from analysis.extracts.rules.cell_rules import LATEST, date_code
from analysis.extracts.rules.reference_tables import ReferenceTable, read_reference_table
from analysis.extracts.tables.codes import did_you_mean

COLUMNS = (
    "id",
    "document",
    "item",
    "short_title",
    "commitment",
    "owner_role",
    "response",
    "target_first",
    "target_revised",
    "completed_on",
    "state",
    "state_as_of",
    "studies",
    "why_no_study",
    "source",
)
DATES = ("target_first", "target_revised", "completed_on", "state_as_of")
MAY_BE_EMPTY = (*DATES, "owner_role", "response", "studies", "why_no_study")


def read_commitments(path: Path, *, valid: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """One row a commitment, COLUMNS as text and DATES as days (missing: not stated).

    `valid`: the words of a column that may stand in it. DataError: what read_reference_table
    refuses; E120 for an id that stands twice, E130 to E136 for a date, E192 for a word that is not
    valid.
    """
    table = read_reference_table(path, COLUMNS, may_be_empty=MAY_BE_EMPTY)
    faults = table.problem("E120", table.frame["id"].duplicated(), column="id")
    faults += tuple(fault for column in DATES for fault in _dates(table, column))
    for column, words in valid.items():
        broken = ~table.frame[column].isin(words)
        one = table.frame.loc[broken, column].unique()
        hint = did_you_mean(one[0], words) if len(one) == 1 else ""
        hint = hint or f"Valid: {', '.join(words)}."
        faults += table.problem("E192", broken, column=column, hint=hint)
    if faults:
        raise DataError(faults)
    days = {
        name: pd.to_datetime(table.frame[name], format="%Y-%m-%d", errors="coerce")
        for name in DATES
    }
    return table.frame.assign(**days)


def _dates(table: ReferenceTable, column: str) -> tuple[Problem, ...]:
    codes = table.frame[column].map(lambda text: (text and date_code(text, latest=LATEST)) or "")
    faults: tuple[Problem, ...] = ()
    for code in sorted({*codes} - {""}):
        faults += table.problem(code, codes == code, column=column)
    return faults


__all__ = ["read_commitments"]
