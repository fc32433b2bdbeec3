"""The cells of one sheet of a file with counts, as text, with what is hidden, merged or not worked
out in it.

CSV, ODS and XLSX give the same grid: whole numbers without a decimal point, percentages with their
sign, spaces at the ends taken off. Files are read into it in grid_files.py; what the cells mean is
read elsewhere.
"""

from dataclasses import dataclass

from analysis.errors import DataError
from analysis.extracts.files.cells import STRAY
from analysis.extracts.tables.codes import problem

MOST_ROWS, MOST_COLUMNS = 200_000, 2_000


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
