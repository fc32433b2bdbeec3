"""What a cell of a spreadsheet holds: a number with the decimals that the page prints, or a text.

Never more digits than a reader of the page sees: the number is read from what is printed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from analysis.display.layout import MARKS, NOT_APPLICABLE, printed_cells, safe_for_spreadsheets
from analysis.results import Table

Kind = Literal["string", "float", "percentage", "currency"]

# What stands in a column of numbers in the place of one.
NO_NUMBER = frozenset({*MARKS, "not shown", ""})
# A number as pages print it; one that begins with a zero before other digits is a name.
_NUMBER = re.compile(
    r"(?P<sign>[−+-]?)(?P<pounds>£?)(?P<whole>\d{1,3}(?:,\d{3})+|0|[1-9]\d*|)"
    r"(?:\.(?P<part>\d+))?(?P<percent>%?)"
)


@dataclass(frozen=True)
class Cell:
    """One cell.

    text: as the page prints it, never empty. value: the number as the file holds it, a share of 1
    for a percentage; empty for a text. decimals, grouped: how the number is printed. link: the
    sheet that a text leads to, or empty.
    """

    text: str
    kind: Kind = "string"
    value: str = ""
    decimals: int = 0
    grouped: bool = False
    link: str = ""


def text_cell(text: str, *, link: str = "") -> Cell:
    """A text that no spreadsheet runs as a formula, in one line; the mark of what does not apply
    where there is none."""
    one_line = " ".join(text.split())
    return Cell(str(safe_for_spreadsheets(one_line)) or NOT_APPLICABLE, link=link)


def number_cell(text: str) -> Cell | None:
    """The number that a text prints; None where it prints none."""
    found = _NUMBER.fullmatch(text)
    if found is None or not (found["whole"] or found["part"]):
        return None
    sign = "-" if found["sign"] in ("−", "-") else ""
    whole, part = found["whole"].replace(",", "") or "0", found["part"] or ""
    cell = Cell(text, decimals=len(part), grouped="," in found["whole"])
    if found["percent"]:
        return replace(cell, kind="percentage", value=_number(sign, *_hundredth(whole, part)))
    kind: Kind = "currency" if found["pounds"] else "float"
    return replace(cell, kind=kind, value=_number(sign, whole, part))


def _hundredth(whole: str, part: str) -> tuple[str, str]:
    """The digits of a hundredth of a number, none of them rounded away: 16.7 is 0.167."""
    digits = whole.rjust(3, "0")
    return digits[:-2], digits[-2:] + part


def _number(sign: str, whole: str, part: str) -> str:
    text = f"{whole}.{part}" if part else whole
    return text if float(text) == 0 else f"{sign}{text}"


def cells_of(table: Table) -> tuple[list[str], list[list[Cell]]]:
    """Headings and rows of a table. A column holds numbers where each of its cells prints one, or a
    mark in the place of one."""
    headings, rows = printed_cells(table.to_frame())
    columns = [_column(column) for column in zip(*rows, strict=True)]
    return headings, [list(row) for row in zip(*columns, strict=True)]


def _column(texts: Iterable[str]) -> list[Cell]:
    texts = list(texts)
    numbers = [number_cell(text.strip()) for text in texts]
    other = {text.strip() for text, number in zip(texts, numbers, strict=True) if number is None}
    if other <= NO_NUMBER:
        return [number or text_cell(text) for text, number in zip(texts, numbers, strict=True)]
    return [text_cell(text) for text in texts]
