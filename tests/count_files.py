"""Files of counts for tests: one table of text and numbers as CSV, XLSX and ODS, and plans that
read it."""

import csv
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from analysis.paths import PARAMS
from analysis.plans.monitor import Monitor
from analysis.vocabulary.yaml_file import load_yaml

FORMATS = (".csv", ".xlsx", ".ods")
NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def plan_of(counts: dict, *, study: str = "berkeley_admissions", **more) -> Monitor:
    """The plan of an example with other `counts` (put over its own), and other sections."""
    content = dict(load_yaml(PARAMS / "monitors" / f"{study}.yml").content) | more
    return Monitor.model_validate(content | {"counts": content["counts"] | counts})


def write(rows: list[list], path: Path, *, sheet: str = "Table 1") -> Path:
    """The rows as a file of the format that the path's ending names."""
    {".csv": _csv, ".xlsx": _xlsx, ".ods": _ods}[path.suffix](rows, path, sheet)
    return path


def _csv(rows, path, sheet):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _xlsx(rows, path, sheet):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append([None if cell == "" else cell for cell in row])
    book.save(path)


def _ods(rows, path, sheet):
    body = "".join(
        f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows
    )
    write_ods(path, f"<table:table table:name={quoteattr(sheet)}>{body}</table:table>")


def ods_cell(value) -> str:
    if isinstance(value, int | float):
        return (
            '<table:table-cell office:value-type="float"'
            f' office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        )
    if value == "":
        return "<table:table-cell/>"
    return (
        "<table:table-cell"
        f' office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    )


def write_ods(path: Path, tables: str) -> Path:
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES}><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path
