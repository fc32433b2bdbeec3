"""One sheet of a CSV, ODS or XLSX file as a grid of text; faults of the file are found here."""

import csv
import io
from pathlib import Path

from analysis.errors import DataError
from analysis.extracts.counts.count_grid import Grid, even
from analysis.extracts.counts.spreadsheets import ods_grid, xlsx_grid
from analysis.extracts.files.input_limits import LONGEST_LINE
from analysis.extracts.tables.codes import did_you_mean, problem

LARGEST_FILE = 50_000_000  # bytes: far above any table of counts
SUFFIXES = (".csv", ".ods", ".xlsx")


def read_grid(path: Path, sheet: str | None = None) -> Grid:
    """The grid of one sheet (None: the only one). DataError E106, E101, E182, E187, E250 to E253
    and E255."""
    data = _bytes_of(path)
    match path.suffix.lower():
        case ".csv":
            grid = _csv(data, path.name)
        case ".xlsx":
            grid = xlsx_grid(data, path.name, sheet)
        case ".ods":
            grid = ods_grid(data, path.name, sheet)
        case suffix:
            hint = did_you_mean(suffix, SUFFIXES)
            raise DataError((problem("E251", path.name, hint=hint),))
    _refuse_what_is_not_seen(grid)
    return grid


def _bytes_of(path: Path) -> bytes:
    if not path.is_file() or path.stat().st_size > LARGEST_FILE:
        raise DataError((problem("E250", path.name),))
    try:
        data = path.read_bytes()
    except OSError:
        raise DataError((problem("E250", path.name),)) from None
    if not data.strip():
        raise DataError((problem("E101", path.name),))
    return data


def _csv(data: bytes, name: str) -> Grid:
    if b"\0" in data:
        raise DataError((problem("E182", name),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError((problem("E106", name),)) from None
    if "," not in text and (";" in text or "\t" in text):
        raise DataError((problem("E187", name, row=1),))
    long = [n for n, line in enumerate(text.splitlines(), start=1) if len(line) > LONGEST_LINE]
    if long:
        raise DataError((problem("E109", name, row=long[0], count=len(long)),))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise DataError((problem("E107", name),)) from None
    return Grid(name, None, even(rows, name))


def _refuse_what_is_not_seen(grid: Grid) -> None:
    """Hidden rows and columns, and formulas without a value, are not what a reader of the table
    saw."""
    found = []
    if grid.hidden_rows:
        found.append(
            problem("E253", grid.file, row=grid.hidden_rows[0], count=len(grid.hidden_rows))
        )
    if grid.hidden_columns:
        column = f"number {grid.hidden_columns[0]}"
        found.append(problem("E253", grid.file, column=column, count=len(grid.hidden_columns)))
    if grid.empty_formulas:
        row, number = grid.empty_formulas[0]
        found.append(
            problem(
                "E255",
                grid.file,
                row=row,
                column=f"number {number}",
                count=len(grid.empty_formulas),
            )
        )
    if found:
        raise DataError(tuple(found))
