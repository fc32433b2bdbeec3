"""The letters and numbers of a table: what stands in each cell, as plain text, as HTML and as CSV.
Pure text.

An accessible table has a caption, a header for each row and column, its notes under it and no empty
cell.
"""

import csv
import io
import re
from html import escape
from numbers import Integral, Real

import pandas as pd

from analysis.results import Table, significant

# TRUST section 1: withheld, not reliable and not applicable are different marks, and none of them
# is a zero.
MARKS = {
    "[c]": "[c] withheld to protect people.",
    "[u]": "[u] too few people for the figure to be relied on.",
    "[z]": "[z] does not apply.",
}
NOT_APPLICABLE = "[z]"
_NUMBER = re.compile(r"^[−+-]?£?[\d,]*\.?\d+%?$")
# What a spreadsheet reads as a number, whatever sign it begins with; never as a formula.
_TYPED_NUMBER = re.compile(r"[+-]?£?(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?%?")
# First characters that make a spreadsheet run a cell as a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table_text(table: Table) -> tuple[str, str]:
    """The table as plain text and as HTML; both say the same."""
    headers, body = printed_cells(table.to_frame())
    parts = (table.title, headers, body, _notes(table, headers, body))
    return _plain(*parts), _html(*parts)


def cell_text(value: object) -> str:
    """One value as a reader sees it: counts with commas, numbers to three figures, a mark where
    nothing applies."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NaT or value is pd.NA:
        return NOT_APPLICABLE
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}".replace("-", "−")
    if isinstance(value, Real):
        return _number_text(float(value))
    return str(value)


def _number_text(value: float) -> str:
    if value != value:
        return NOT_APPLICABLE
    rounded = significant(value)
    text = f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:g}"
    return text.replace("-", "−")


def printed_cells(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Headers and rows as text. An index that says something stands first."""
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    headers = [" ".join(map(str, c)) if isinstance(c, tuple) else str(c) for c in frame.columns]
    columns = [
        [cell_text(value) for value in frame.iloc[:, j].tolist()] for j in range(frame.shape[1])
    ]
    return headers, [list(row) for row in zip(*columns, strict=True)]


def _notes(table: Table, headers: list[str], body: list[list[str]]) -> list[str]:
    """The table's own notes, then the meaning of each mark that stands in it and is not explained
    yet."""
    shown = " ".join([*headers, *(cell for row in body for cell in row)])
    said = " ".join(table.notes)
    return [
        *table.notes,
        *(words for mark, words in MARKS.items() if mark in shown and mark not in said),
    ]


def _numeric(body: list[list[str]]) -> list[bool]:
    """Which columns hold numbers, or marks in their place: these are set right."""
    columns = list(zip(*body, strict=True))
    return [
        any(map(_NUMBER.match, c)) and all(_NUMBER.match(x) or x in MARKS for x in c)
        for c in columns
    ]


def _plain(title: str, headers: list[str], body: list[list[str]], notes: list[str]) -> str:
    numeric = _numeric(body) or [False] * len(headers)
    widths = [max(map(len, column)) for column in zip(headers, *body, strict=True)]
    lines = [
        "  ".join(
            c.rjust(w) if n else c.ljust(w) for c, w, n in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in (headers, *body)
    ]
    return "\n".join([title, "", *lines, *(["", *notes] if notes else [])])


def _html(title: str, headers: list[str], body: list[list[str]], notes: list[str]) -> str:
    numeric = _numeric(body) or [False] * len(headers)
    right = [' class="wb-number"' if n else "" for n in numeric]
    head = "".join(
        f'<th scope="col"{r}>{escape(h)}</th>' for h, r in zip(headers, right, strict=True)
    )
    lines = [
        f'<div class="wb-table" role="region" tabindex="0" aria-label="{escape(title)}">',
        f"<table><caption>{escape(title)}</caption>",
        f"<thead><tr>{head}</tr></thead>",
        "<tbody>",
        *(_html_row(row, right) for row in body),
        "</tbody></table>",
        *(f'<p class="wb-note">{escape(note)}</p>' for note in notes),
        "</div>",
    ]
    return "\n".join(lines)


def _html_row(row: list[str], right: list[str]) -> str:
    cells = "".join(f"<td{r}>{escape(c)}</td>" for c, r in zip(row[1:], right[1:], strict=True))
    return f'<tr><th scope="row"{right[0]}>{escape(row[0])}</th>{cells}</tr>'


def safe_for_spreadsheets(value: object) -> object:
    """`value`, or a text that a spreadsheet would run as a formula with an apostrophe before it.
    Numbers stay, also those that are written as text."""
    if not isinstance(value, str) or not value.startswith(_FORMULA):
        return value
    return value if _TYPED_NUMBER.fullmatch(value) else f"'{value}"


def csv_text(table: Table) -> str:
    """The table as CSV that is safe to open in a spreadsheet; a missing value is an empty cell."""
    frame = table.to_frame()
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    buffer = io.StringIO()
    writer = csv.writer(buffer)  # lines end as RFC 4180 says, so that a lone CR in a cell is quoted
    writer.writerow([safe_for_spreadsheets(str(column)) for column in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        writer.writerow(
            [
                "" if pd.api.types.is_scalar(x) and pd.isna(x) else safe_for_spreadsheets(x)
                for x in row
            ]
        )
    return buffer.getvalue()
