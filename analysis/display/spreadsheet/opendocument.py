"""Sheets as an OpenDocument spreadsheet, by odfpy: equal sheets give equal bytes.

odfpy makes each kind of element once and checks that it may stand where it stands; cells fill the
element of their kind, since making each anew would be most of the time of a page. The archive is
packed here: odfpy would write the time, its own name, and the namespaces that the process has met.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal
from xml.sax.saxutils import escape

from analysis.display.spreadsheet.cells import Cell, Kind
from analysis.display.spreadsheet.search_path import unchanged_search_path
from analysis.said.carried import read_out

with unchanged_search_path():  # each module of odfpy adds its folder, where `text` or `table` stand
    from odf import dc, manifest, number, office, style, table, text
    from odf.element import Element

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
LANGUAGE, COUNTRY = "en", "GB"
_VERSION = "1.2"  # of OpenDocument
_FONT, _SIZE = "Arial", {"Text": "12pt", "Heading_20_1": "15pt", "Heading_20_2": "13pt"}
_PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # that an archive can name
_UNIX, _READABLE = 3, 0o644 << 16
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_PREFIXES = {
    **{name: name for name in ("office", "style", "text", "table", "meta")},
    "datastyle": "number",
    "xsl-fo-compatible": "fo",
}
_NAMESPACES = {
    **{_OASIS.format(name): prefix for name, prefix in _PREFIXES.items()},
    "http://www.w3.org/1999/xlink": "xlink",
    "http://purl.org/dc/elements/1.1/": "dc",
}
SLOT = "\ue100"  # of the private use area: where something is filled in
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Widths of columns, and how many letters of 12 points stand in each; longer texts are wrapped.
_WIDTHS = {"narrow": "3.0cm", "small": "4.5cm", "middle": "7.0cm", "wide": "11.0cm"}
_LETTERS = {"narrow": 12, "small": 20, "middle": 32, "wide": 64}
_WIDEST = {"widest": "16.0cm"}

Role = Literal["Heading_20_1", "Heading_20_2", "Text", "Plain"]


@dataclass(frozen=True)
class Line:
    """A line above the table of a sheet, in column A. link: the sheet that it leads to."""

    words: str
    role: Role = "Plain"
    link: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: lines, the title first, and below them its one table; none without headings."""

    name: str
    lines: tuple[Line, ...]
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True)
class About:
    """What the file says of itself, and no more: neither a name, nor a time, nor a tool."""

    title: str
    subject: str


# -- elements of odfpy, each made once -------------------------------------------------------------
class _Mould:
    """An element with slots, as odfpy writes it."""

    def __init__(self, element: Element, level: int = 1):
        buffer = io.StringIO()
        element.toXml(level, buffer)
        self._parts = buffer.getvalue().split(SLOT)

    def filled(self, *slots: str) -> str:
        """The element with what is XML already in its slots, in their order."""
        pairs = zip(self._parts, (*slots, ""), strict=True)
        return "".join(part + slot for part, slot in pairs)


def _xml(words: str) -> str:
    """A text as it stands in an element or an attribute."""
    return escape(_NOT_XML.sub("", read_out(words)), {'"': "&quot;"})


def _holding(element: Element, *children: Element) -> Element:
    for child in children:
        element.addElement(child)
    return element


def _slot_in(element: Element) -> Element:
    """The element with a slot for other elements."""
    element.addText(SLOT, check_grammar=False)
    return element


def _root(element: Element, namespaces: dict[str, str]) -> Element:
    """A root with these namespaces in this order: odfpy would name all that it has met so far."""
    element.namespaces = namespaces
    return element


@cache
def _cell(style_name: str, kind: Kind, linked: bool) -> _Mould:
    link = text.A(href=f"#{SLOT}.A1", type="simple", text=SLOT) if linked else None
    paragraph = _holding(text.P(), link) if link else text.P(text=SLOT)
    value = {} if kind == "string" else {"value": SLOT}
    money = {"currency": "GBP"} if kind == "currency" else {}
    made = table.TableCell(stylename=style_name, valuetype=kind, **value, **money)
    return _Mould(_holding(made, paragraph))


@cache
def _row(header: bool = False) -> _Mould:
    row = _slot_in(table.TableRow(stylename="Row"))
    return _Mould(_holding(table.TableHeaderRows(), row) if header else row)


@cache
def _table() -> _Mould:
    return _Mould(_slot_in(table.Table(name=SLOT, stylename="Sheet")))


@cache
def _column(width: str) -> str:
    return _Mould(table.TableColumn(stylename=f"Column_{width}")).filled()


@cache
def _range() -> _Mould:
    """What marks the table of a sheet as one, with a row of headings and no buttons."""
    address = f"{SLOT}.A{SLOT}:{SLOT}.{SLOT}"
    return _Mould(
        table.DatabaseRange(
            name=SLOT,
            targetrangeaddress=address,
            containsheader="true",
            displayfilterbuttons="false",
        )
    )


@cache
def _content() -> _Mould:
    root = _root(office.DocumentContent(version=_VERSION), _NAMESPACES)
    ranges = _slot_in(table.DatabaseRanges())
    sheets = _holding(_slot_in(office.Spreadsheet()), ranges)
    styles = _slot_in(office.AutomaticStyles())
    return _Mould(_holding(root, styles, _holding(office.Body(), sheets)), level=0)


@cache
def _about() -> _Mould:
    root = _root(office.DocumentMeta(version=_VERSION), _NAMESPACES)
    said = (dc.Title(text=SLOT), dc.Subject(text=SLOT), dc.Language(text=f"{LANGUAGE}-{COUNTRY}"))
    return _Mould(_holding(root, _holding(office.Meta(), *said)), level=0)


# -- styles ----------------------------------------------------------------------------------------
@cache
def _named_styles() -> str:
    """styles.xml: the language, the letters, headings as headings. No colour, and no page."""
    root = _root(office.DocumentStyles(version=_VERSION), _NAMESPACES)
    spoken = {"language": LANGUAGE, "country": COUNTRY}
    default = style.DefaultStyle(family="table-cell")
    letters = style.TextProperties(fontfamily=_FONT, fontsize=_SIZE["Text"], **spoken)
    styles = _holding(office.Styles(), _holding(default, letters))
    styles.addElement(style.Style(name="Default", family="table-cell"))
    styles.addElement(_cell_style("Plain"))
    styles.addElement(_cell_style("Text", wrapped=True))
    styles.addElement(_cell_style("Column_20_heading", wrapped=True, bold=True))
    for level in ("Heading_20_1", "Heading_20_2"):
        styles.addElement(_cell_style(level, bold=True, size=_SIZE[level]))
    return _PROLOGUE + _Mould(_holding(root, styles), level=0).filled()


def _cell_style(
    name: str, *, wrapped: bool = False, bold: bool = False, size: str = _SIZE["Text"]
) -> Element:
    shown = name.replace("_20_", " ")
    made = style.Style(name=name, displayname=shown, family="table-cell", parentstylename="Default")
    wrap = "wrap" if wrapped else "no-wrap"
    made.addElement(style.TableCellProperties(wrapoption=wrap, verticalalign="top"))
    weight = "bold" if bold else "normal"
    return _holding(made, style.TextProperties(fontsize=size, fontweight=weight))


@cache
def _laid_out() -> str:
    """Styles of sheets, rows and columns."""
    sheet = style.Style(name="Sheet", family="table")
    sheet.addElement(style.TableProperties(display="true"))
    row = style.Style(name="Row", family="table-row")
    row.addElement(style.TableRowProperties(useoptimalrowheight="true"))
    columns = []
    for width, wide in (_WIDTHS | _WIDEST).items():
        column = style.Style(name=f"Column_{width}", family="table-column")
        column.addElement(style.TableColumnProperties(columnwidth=wide))
        columns.append(column)
    return "".join(_Mould(each).filled() for each in (sheet, row, *columns))


@cache
def _number_style(kind: Kind, decimals: int, grouped: bool) -> str:
    """The style of numbers of a kind, with its decimals: an automatic one, by its name."""
    name = _number_name(kind, decimals, grouped)
    digits = number.Number(
        decimalplaces=decimals, minintegerdigits=1, grouping="true" if grouped else "false"
    )
    match kind:
        case "percentage":
            data = _holding(number.PercentageStyle(name=f"D{name}"), digits, number.Text(text="%"))
        case "currency":
            pound = number.CurrencySymbol(language=LANGUAGE, country=COUNTRY, text="£")
            data = _holding(number.CurrencyStyle(name=f"D{name}"), pound, digits)
        case _:
            data = _holding(number.NumberStyle(name=f"D{name}"), digits)
    cell = style.Style(
        name=name, family="table-cell", parentstylename="Text", datastylename=f"D{name}"
    )
    return _Mould(data).filled() + _Mould(cell).filled()


def _number_name(kind: Kind, decimals: int, grouped: bool) -> str:
    return f"{kind.capitalize()}_{decimals}{'_grouped' if grouped else ''}"


# -- a file ----------------------------------------------------------------------------------------
def ods_bytes(about: About, sheets: Iterable[Sheet]) -> bytes:
    """The spreadsheet as a file: the same sheets give the same bytes, on every day and machine."""
    sheets = tuple(sheets)
    return _packed(
        {
            "content.xml": _PROLOGUE + _sheets_xml(sheets),
            "styles.xml": _named_styles(),
            "meta.xml": _PROLOGUE + _about().filled(_xml(about.title), _xml(about.subject)),
        }
    )


def _sheets_xml(sheets: tuple[Sheet, ...]) -> str:
    numbers = {
        (cell.kind, cell.decimals, cell.grouped)
        for sheet in sheets
        for row in sheet.rows
        for cell in row
        if cell.kind != "string"
    }
    styles = _laid_out() + "".join(_number_style(*each) for each in sorted(numbers))
    ranges = "".join(_range_xml(sheet) for sheet in sheets if sheet.headings)
    return _content().filled(styles, "".join(map(_sheet_xml, sheets)), ranges)


def _sheet_xml(sheet: Sheet) -> str:
    rows = [_row().filled(_line_xml(line)) for line in sheet.lines]
    if sheet.headings:
        heading = _cell("Column_20_heading", "string", False)
        headings = "".join(heading.filled(_xml(words)) for words in sheet.headings)
        rows.append(_row(header=True).filled(headings))
    rows += [_row().filled("".join(map(_cell_xml, row))) for row in sheet.rows]
    return _table().filled(_xml(sheet.name), f"{_columns_xml(sheet)}{''.join(rows)}")


def _line_xml(line: Line) -> str:
    mould = _cell(line.role, "string", bool(line.link))
    link = (_xml(line.link),) if line.link else ()
    return mould.filled(*link, _xml(line.words))


def _cell_xml(cell: Cell) -> str:
    if cell.kind == "string":
        link = (_xml(cell.link),) if cell.link else ()
        return _cell("Text", "string", bool(link)).filled(*link, _xml(cell.text))
    name = _number_name(cell.kind, cell.decimals, cell.grouped)
    return _cell(name, cell.kind, False).filled(cell.value, _xml(cell.text))


def _columns_xml(sheet: Sheet) -> str:
    """Columns as wide as what stands in them, within limits: longer texts are wrapped."""
    if not sheet.headings:
        return _column(*_WIDEST)
    longest = [
        max([len(heading) // 2, *(len(row[at].text) for row in sheet.rows)])
        for at, heading in enumerate(sheet.headings)
    ]
    return "".join(map(_column, map(_width, longest)))


def _width(letters: int) -> str:
    return next((width for width, room in _LETTERS.items() if letters <= room), *_WIDEST)


def _range_xml(sheet: Sheet) -> str:
    first = len(sheet.lines) + 1
    last = f"{_letters(len(sheet.headings))}{first + len(sheet.rows)}"
    return _range().filled(sheet.name, sheet.name, str(first), sheet.name, last)


def _letters(column: int) -> str:
    """The name of a column: 1 is A, 27 is AA."""
    rest, at = divmod(column - 1, 26)
    return (_letters(rest) if rest else "") + chr(ord("A") + at)


def _packed(parts: dict[str, str]) -> bytes:
    """The archive: its type first and not compressed, as OpenDocument asks, and no time in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        files = {"mimetype": MEDIA_TYPE, **parts, "META-INF/manifest.xml": _manifest(tuple(parts))}
        for name, words in files.items():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            entry.compress_type = zipfile.ZIP_DEFLATED if name != "mimetype" else zipfile.ZIP_STORED
            archive.writestr(entry, words.encode("utf-8"))
    return buffer.getvalue()


@cache
def _manifest(names: tuple[str, ...]) -> str:
    space = _OASIS.format("manifest")
    root = _root(manifest.Manifest(), {space: "manifest"})
    root.setAttrNS(space, "version", _VERSION)
    root.addElement(manifest.FileEntry(fullpath="/", mediatype=MEDIA_TYPE, version=_VERSION))
    for name in names:
        root.addElement(manifest.FileEntry(fullpath=name, mediatype="text/xml"))
    return _PROLOGUE + _Mould(root, level=0).filled()
