"""Spreadsheets for tests: a file read back cell by cell with its structure, and packed again with
something changed."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

SPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "manifest": "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "dc": "http://purl.org/dc/elements/1.1/",
}


def named(name: str) -> str:
    """`table:table` as a parsed tree has it."""
    prefix, _, rest = name.partition(":")
    return f"{{{SPACES[prefix]}}}{rest}"


@dataclass(frozen=True)
class ReadCell:
    text: str
    kind: str
    value: float | None
    style: str
    link: str


@dataclass(frozen=True)
class ReadSheet:
    """lines: above the table, a row of cells each. headings, rows: the table."""

    name: str
    lines: list[list[ReadCell]]
    headings: list[str]
    rows: list[list[ReadCell]]
    columns: int


@dataclass(frozen=True)
class Ods:
    data: bytes
    parts: dict[str, bytes] = field(init=False)

    def __post_init__(self):
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            object.__setattr__(self, "parts", {n: archive.read(n) for n in archive.namelist()})

    def root(self, part: str) -> Element:
        return fromstring(self.parts[part])

    @cached_property
    def sheets(self) -> dict[str, ReadSheet]:
        found = [_sheet(table) for table in self.root("content.xml").iter(named("table:table"))]
        assert len({sheet.name for sheet in found}) == len(found)
        return {sheet.name: sheet for sheet in found}

    @cached_property
    def by_csv(self) -> dict[str, list[str]]:
        """Names of sheets by the CSV that holds the same numbers."""
        found: dict[str, list[str]] = {}
        for sheet, _, csv in self.sheets["Contents"].rows:
            found.setdefault(csv.text, []).append(sheet.text)
        return found


def _sheet(table: Element) -> ReadSheet:
    heads = table.findall(named("table:table-header-rows"))
    assert len(heads) <= 1
    lines: list[list[ReadCell]] = []
    rows: list[list[ReadCell]] = []
    seen = False
    for child in table:
        if child in heads:
            seen = True
        elif child.tag == named("table:table-row"):
            (rows if seen else lines).append([_cell(cell) for cell in child])
    headings = [_cell(cell).text for head in heads for row in head for cell in row]
    columns = len(table.findall(named("table:table-column")))
    return ReadSheet(table.get(named("table:name"), ""), lines, headings, rows, columns)


def _cell(cell: Element) -> ReadCell:
    assert cell.tag == named("table:table-cell")
    value, link = cell.get(named("office:value")), cell.find(f".//{named('text:a')}")
    return ReadCell(
        "".join(cell.itertext()),
        cell.get(named("office:value-type"), ""),
        None if value is None else float(value),
        cell.get(named("table:style-name"), ""),
        "" if link is None else link.get(named("xlink:href"), ""),
    )


def packed(parts: dict[str, bytes]) -> bytes:
    """Parts packed as the workbook packs them, the type first."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            stored = name == "mimetype"
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def edited(data: bytes, part: str, before: str, after: str) -> bytes:
    """The file with the first `before` of a part replaced."""
    parts = Ods(data).parts
    assert before.encode() in parts[part], f"{part} has no {before!r}"
    return packed(parts | {part: parts[part].replace(before.encode(), after.encode(), 1)})


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    return packed(Ods(data).parts | {name: content})


Change = Callable[[bytes], bytes]
NOTE = re.compile(r"\[note (\d+)\]")
