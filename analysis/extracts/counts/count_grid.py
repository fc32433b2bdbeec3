"""The cells of one sheet of a file with counts, as text, with what is hidden, merged or not worked
out in it.

CSV, ODS and XLSX give the same grid: whole numbers without a decimal point, percentages with their
sign, spaces at the ends taken off. Faults of the file itself are found here; what the cells mean is
read elsewhere.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import DataError
from analysis.extracts.files.cells import STRAY
from analysis.extracts.tables.codes import did_you_mean, problem

LARGEST_FILE = 50_000_000  # bytes: far above any table of counts
MOST_ROWS, MOST_COLUMNS = 200_000, 2_000
SUFFIXES = (".csv", ".ods", ".xlsx")


@dataclass(frozen=True)
class Grid:
    """Rows of text from line 1 on, all of one width. Positions are (line, column), both from 1.

    merged: cells that belong to a merged one, by the position whose text they repeat.
    empty_formulas: formulas whose value was never stored.
    """

    file: str
    sheet: str | None
    rows: tuple[tuple[str, ...], ...]
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    empty_formulas: tuple[tuple[int, int], ...] = ()


def plain(text: object) -> str:
    """A cell's text without spaces at its ends and with single spaces inside, no-break ones too."""
    return " ".join(str(text).replace(" ", " ").strip(STRAY).split())


def number_text(value: float | int) -> str:
    """A number of a spreadsheet as it would be typed: 12, 12.5."""
    return str(int(value)) if float(value).is_integer() else f"{value:.12g}"


def percent_text(value: float) -> str:
    """A cell shown as a percentage holds a share: 0.24 is 24%."""
    return f"{number_text(float(f'{100 * value:.10g}'))}%"


def read_grid(path: Path, sheet: str | None = None) -> Grid:
    """The grid of one sheet (None: the only one). DataError E106, E101, E182, E187, E250 to E253
    and E255."""
    data = _bytes_of(path)
    match path.suffix.lower():
        case ".csv":
            grid = _csv(data, path.name)
        case ".xlsx":
            from analysis.extracts.counts.spreadsheets import xlsx_grid

            grid = xlsx_grid(data, path.name, sheet)
        case ".ods":
            from analysis.extracts.counts.spreadsheets import ods_grid

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
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise DataError((problem("E107", name),)) from None
    return Grid(name, None, even(rows, name))


def even(rows: list[list[str]], name: str) -> tuple[tuple[str, ...], ...]:
    """All rows of one width, without empty rows and columns at the end. DataError E250 for more
    than a table has."""
    texts = [[plain(cell) for cell in row] for row in rows]
    while texts and not any(texts[-1]):
        texts.pop()
    width = max(
        (max((i + 1 for i, c in enumerate(row) if c), default=0) for row in texts), default=0
    )
    if len(texts) > MOST_ROWS or width > MOST_COLUMNS:
        raise DataError((problem("E250", name),))
    return tuple(tuple((row + [""] * width)[:width]) for row in texts)


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
