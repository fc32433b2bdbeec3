"""XLSX by openpyxl and ODS from its own XML: one sheet as a grid of text, with what is hidden and
merged in it."""

import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from analysis.errors import DataError
from analysis.extracts.counts.archives import (
    MOST_MERGED,
    as_unreadable,
    refuse_bombs,
    refuse_merged_bombs,
)
from analysis.extracts.counts.count_grid import (
    MOST_COLUMNS,
    MOST_ROWS,
    Grid,
    even,
    number_text,
    percent_text,
)
from analysis.extracts.tables.codes import did_you_mean, problem

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
NOT_SEEN = ("collapse", "filter")


def _chosen(names: list[str], sheet: str | None, file: str) -> str:
    """The sheet that is named, or the only one. DataError E252."""
    if sheet is None and len(names) == 1:
        return names[0]
    if sheet not in names:
        hint = did_you_mean(sheet, names) if sheet else f"The file has {len(names)} sheets."
        raise DataError((problem("E252", file, hint=hint),))
    return sheet


# -- XLSX ------------------------------------------------------------------------------------------
def xlsx_grid(data: bytes, name: str, sheet: str | None) -> Grid:
    """One sheet of an XLSX file. DataError E250, E252, E253."""
    import openpyxl

    refuse_bombs(data, name)
    refuse_merged_bombs(data, name)
    with as_unreadable(name), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that hold no counts
        values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(data))
    with as_unreadable(name):
        return _xlsx_sheet(values, formulas, name, sheet)


def _xlsx_sheet(values, formulas, name: str, sheet: str | None) -> Grid:
    title = _chosen(values.sheetnames, sheet, name)
    chosen, written = values[title], formulas[title]
    if (
        not hasattr(chosen, "iter_rows")
        or chosen.max_row > MOST_ROWS
        or chosen.max_column > MOST_COLUMNS
    ):
        raise DataError((problem("E250", name),))
    if chosen.sheet_state != "visible":
        raise DataError((problem("E253", name),))
    rows = [[_xlsx_text(cell) for cell in row] for row in chosen.iter_rows()]
    return Grid(
        name,
        title,
        even(rows, name),
        hidden_rows=_hidden_rows(chosen),
        hidden_columns=_hidden_columns(chosen),
        merged=tuple(_xlsx_merged(chosen)),
        empty_formulas=tuple(_xlsx_formulas(chosen, written)),
    )


def _xlsx_text(cell) -> str:
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int() | float():
            return percent_text(value) if "%" in str(cell.number_format) else number_text(value)
        case datetime() | date():
            return value.isoformat()
    return str(value)


def _hidden_rows(sheet) -> tuple[int, ...]:
    return tuple(
        n for n, d in sorted(sheet.row_dimensions.items()) if d.hidden and n <= sheet.max_row
    )


def _hidden_columns(sheet) -> tuple[int, ...]:
    found: list[int] = []
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden:
            last = min(dimension.max or 0, sheet.max_column)
            found += range(dimension.min or 1, last + 1)
    return tuple(sorted(found))


def _xlsx_merged(sheet) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for area in sheet.merged_cells.ranges:
        first = (area.min_row, area.min_col)
        yield from (((r, c), first) for r, c in area.cells if (r, c) != first)


def _xlsx_formulas(values, formulas) -> Iterator[tuple[int, int]]:
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type == "f" and values.cell(cell.row, cell.column).value is None:
                yield cell.row, cell.column


# -- ODS -------------------------------------------------------------------------------------------
@dataclass
class _Sheet:
    """What is gathered of one ODS sheet."""

    rows: list[list[str]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    empty_formulas: list[tuple[int, int]] = field(default_factory=list)


def ods_grid(data: bytes, name: str, sheet: str | None) -> Grid:
    """One sheet of an ODS file. DataError E250, E252."""
    from defusedxml.ElementTree import fromstring

    refuse_bombs(data, name)
    with as_unreadable(name):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            content = fromstring(archive.read("content.xml"))
        return _ods_chosen(content, name, sheet)


def _ods_chosen(content, name: str, sheet: str | None) -> Grid:
    tables = {table.get(f"{TABLE}name", ""): table for table in content.iter(f"{TABLE}table")}
    title = _chosen(list(tables), sheet, name)
    found = _ods_sheet(tables[title], name)
    return Grid(
        name,
        title,
        even(found.rows, name),
        hidden_rows=tuple(found.hidden_rows),
        hidden_columns=tuple(found.hidden_columns),
        merged=tuple(found.merged),
        empty_formulas=tuple(found.empty_formulas),
    )


def _ods_sheet(table, name: str) -> _Sheet:
    found, column = _Sheet(), 1
    for one in table.iter(f"{TABLE}table-column"):
        repeated = int(one.get(f"{TABLE}number-columns-repeated", "1"))
        if one.get(f"{TABLE}visibility") in NOT_SEEN:
            found.hidden_columns += range(column, column + min(repeated, MOST_COLUMNS))
        column += repeated
    for row in table.iter(f"{TABLE}table-row"):
        _ods_row(found, row, name)
    width = max((len(row) for row in found.rows), default=0)
    last = max((n for n, row in enumerate(found.rows, start=1) if any(row)), default=0)
    found.hidden_columns = [n for n in found.hidden_columns if n <= width]
    found.hidden_rows = [n for n in found.hidden_rows if n <= last]
    return found


def _ods_row(found: _Sheet, row, name: str) -> None:
    line = len(found.rows) + 1
    texts: list[str] = []
    spans: list[tuple[int, int, int]] = []
    for cell in row:
        if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            continue
        text = _ods_text(cell)
        repeated = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        wide = int(cell.get(f"{TABLE}number-columns-spanned", "1"))
        high = int(cell.get(f"{TABLE}number-rows-spanned", "1"))
        if cell.get(f"{TABLE}formula") and not text:
            found.empty_formulas.append((line, len(texts) + 1))
        if wide > 1 or high > 1:
            if not 0 < wide * high <= MOST_MERGED:
                raise DataError((problem("E250", name),))
            spans.append((len(texts) + 1, wide, high))
        texts += [text] * (
            min(repeated, MOST_COLUMNS) if text else min(repeated, MOST_COLUMNS - len(texts))
        )
    while texts and not texts[-1]:
        texts.pop()
    for first, wide, high in spans:
        covered = ((line + r, first + c) for r in range(high) for c in range(wide))
        found.merged += [(place, (line, first)) for place in covered if place != (line, first)]
    repeated = int(row.get(f"{TABLE}number-rows-repeated", "1"))
    if repeated > MOST_ROWS and any(texts):
        raise DataError((problem("E250", name),))
    repeated = min(repeated, MOST_ROWS - len(found.rows))
    if row.get(f"{TABLE}visibility") in NOT_SEEN:
        found.hidden_rows += range(line, line + min(repeated, 1000))
    found.rows += [list(texts) for _ in range(repeated)]


def _ods_text(cell) -> str:
    kind, value = cell.get(f"{OFFICE}value-type"), cell.get(f"{OFFICE}value")
    if kind == "percentage" and value is not None:
        return percent_text(float(value))
    if kind in ("float", "currency") and value is not None:
        return number_text(float(value))
    if kind == "date":
        return cell.get(f"{OFFICE}date-value", "")
    lines = ("".join(paragraph.itertext()) for paragraph in cell.findall(f"{TEXT}p"))
    return " ".join(lines)
