"""Tables that are kept by hand (data/reference), read strictly: every cell as text, nothing guessed
and nothing mended.

A hand-kept table is short, so that whoever keeps it can mend it: what other extracts have mended on
reading is refused here. All faults of the file come together, with file, row, column, rule and
remedy, and never the value.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import DataError, Problem
from analysis.extracts.files.cells import STRAY
from analysis.extracts.tables.codes import did_you_mean, problem


@dataclass(frozen=True, eq=False)
class ReferenceTable:
    """A table as text: `frame` has the columns asked for, `lines` the line of each row in the file
    (the header is 1)."""

    name: str
    frame: pd.DataFrame
    lines: tuple[int, ...]

    def problem(
        self, code: str, broken, *, column: str | None = None, hint: str = ""
    ) -> tuple[Problem, ...]:
        """One problem for the rows that are broken: the first is named, all are counted; none where
        none is."""
        where = np.flatnonzero(np.asarray(broken, dtype=bool))
        if not len(where):
            return ()
        row = self.lines[where[0]]
        return (problem(code, self.name, row=row, column=column, count=len(where), hint=hint),)


def read_reference_table(
    path: Path, columns: Sequence[str], *, may_be_empty: Sequence[str] = ()
) -> ReferenceTable:
    """The table of a file with exactly these columns, in this order.

    DataError: E100 to E106 for the file, its header and its fields; E191 for an empty cell.
    """
    records = _records(path)
    header, rows = records[0][1], records[1:]
    faults = _header_faults(path.name, header, columns)
    ragged = [line for line, cells in rows if len(cells) != len(header)]
    if ragged:
        faults += (problem("E105", path.name, row=ragged[0], count=len(ragged)),)
    if not rows:
        faults += (problem("E102", path.name),)
    if faults:
        raise DataError(faults)
    frame = pd.DataFrame([cells for _, cells in rows], columns=list(columns), dtype="str")
    table = ReferenceTable(path.name, frame, tuple(line for line, _ in rows))
    faults = _empty(table, may_be_empty)
    if faults:
        raise DataError(faults)
    return table


def _records(path: Path) -> list[tuple[int, list[str]]]:
    """The line on which each record ends, and its cells; blank lines left out."""
    if not path.is_file():
        raise DataError((problem("E100", path.name),))
    data = path.read_bytes()
    if not data.strip():
        raise DataError((problem("E101", path.name),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise DataError((problem("E106", path.name, row=row),)) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error:
        raise DataError((problem("E107", path.name, row=reader.line_num),)) from None


def _header_faults(name: str, header: list[str], columns: Sequence[str]) -> tuple[Problem, ...]:
    """E103, E104 and E170; headings that are none of the table's are never repeated."""
    faults: tuple[Problem, ...] = ()
    for place, heading in enumerate(header):
        if heading in header[:place] and heading in columns:
            faults += (problem("E104", name, row=1, column=heading),)
        elif heading not in columns:
            hint = did_you_mean(heading, columns)
            faults += (problem("E170", name, row=1, column=f"number {place + 1}", hint=hint),)
    missing = [column for column in columns if column not in header]
    faults += tuple(problem("E103", name, row=1, column=column) for column in missing)
    if not faults and list(header) != list(columns):
        hint = f"The columns stand in this order: {', '.join(columns)}."
        faults += (problem("E103", name, row=1, column=columns[0], hint=hint),)
    return faults


def _empty(table: ReferenceTable, may_be_empty: Sequence[str]) -> tuple[Problem, ...]:
    """E191: a blank is no text."""
    faults: tuple[Problem, ...] = ()
    for column in (name for name in table.frame if name not in may_be_empty):
        bare = table.frame[column].map(lambda text: text.strip(STRAY))
        faults += table.problem("E191", bare == "", column=column)
    return faults


__all__ = ["ReferenceTable", "read_reference_table"]
