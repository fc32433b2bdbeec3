"""What a spreadsheet of the site may hold: sheets of texts and numbers, and nothing that is hidden,
worked out, loaded or drawn.

Read apart from what writes it, and by an allow-list: each part of the archive, each element and
each attribute with its values is one of ours, or is found. What the cells say is read as every text
of the site is.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element

from analysis.disclosure.guard.ids import Ids
from analysis.disclosure.guard.pages import G07, text_faults

G08 = "G08: a comment, declaration or instruction in XML, or what is no XML"
G34 = "G34: an archive that is not packed as the site packs its spreadsheets"
G35 = "G35: what no spreadsheet of the site has"
FORMULA = "G35: a formula"
HIDDEN = "G35: a hidden sheet, row or column"
PROGRAM = "G35: a program, a picture, or elements of another kind"
METADATA = "G35: metadata beyond title, subject and language"
MORE_DIGITS = "G35: a number that is not the one that is printed"

TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
PARTS = ("content.xml", "styles.xml", "meta.xml", "META-INF/manifest.xml")
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_CELL, _ROW = (f"{{{_OASIS.format('table')}}}table-{each}" for each in ("cell", "row"))
_IN_ROWS = frozenset({_CELL, *(f"{{{_OASIS.format('text')}}}{each}" for each in ("p", "a"))})
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_LARGEST = 50_000_000  # bytes once unpacked
_HEADER, _ENTRY, _END = 30, 46, 22  # bytes of an archive beside names and content
_PROLOGUE = b'<?xml version="1.0" encoding="UTF-8"?>\n'

_SPACES = {
    "office": _OASIS.format("office"),
    "style": _OASIS.format("style"),
    "text": _OASIS.format("text"),
    "table": _OASIS.format("table"),
    "meta": _OASIS.format("meta"),
    "number": _OASIS.format("datastyle"),
    "fo": _OASIS.format("xsl-fo-compatible"),
    "manifest": _OASIS.format("manifest"),
    "xlink": "http://www.w3.org/1999/xlink",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_PREFIXES = {space: prefix for prefix, space in _SPACES.items()}
_DECLARED = re.compile(rb'\sxmlns(?::[\w-]+)?\s*=\s*["\']([^"\']*)["\']')

_SHEET = r"(?:Cover|Contents|Notes|Table_\d{1,3})"
_NAME = re.compile(_SHEET)
_STYLE = re.compile(
    r"Default|Plain|Text|Column_20_heading|Heading_20_[12]|Sheet|Row"
    r"|Column_(?:narrow|small|middle|wide|widest)"
    r"|D?(?:Float|Percentage|Currency)_\d(?:_grouped)?"
)
_TRUE = re.compile("true")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# What each attribute may say.
_VALUES = {
    "office:version": re.compile(r"1\.2"),
    "office:value-type": re.compile("string|float|percentage|currency"),
    "office:value": _NUMBER,
    "office:currency": re.compile("GBP"),
    "table:name": _NAME,
    "table:style-name": _STYLE,
    "table:display": _TRUE,
    "table:contains-header": _TRUE,
    "table:display-filter-buttons": re.compile("false"),
    "table:target-range-address": re.compile(rf"({_SHEET})\.A\d+:\1\.[A-Z]{{1,2}}\d+"),
    "table:currency": re.compile("GBP"),
    "style:name": _STYLE,
    "style:display-name": re.compile(rf"{_STYLE.pattern}|Column heading|Heading [12]"),
    "style:parent-style-name": _STYLE,
    "style:data-style-name": _STYLE,
    "style:family": re.compile("table|table-row|table-column|table-cell"),
    "style:use-optimal-row-height": _TRUE,
    "style:column-width": re.compile(r"(?:[3-9]|1\d)\.\dcm"),
    "style:vertical-align": re.compile("top"),
    "fo:wrap-option": re.compile("wrap|no-wrap"),
    "fo:font-family": re.compile("Arial"),
    "fo:font-size": re.compile("1[2-5]pt"),
    "fo:font-weight": re.compile("normal|bold"),
    "fo:language": re.compile("en"),
    "fo:country": re.compile("GB"),
    "number:decimal-places": re.compile(r"\d"),
    "number:min-integer-digits": re.compile("1"),
    "number:grouping": re.compile("true|false"),
    "number:language": re.compile("en"),
    "number:country": re.compile("GB"),
    "xlink:href": re.compile(rf"#{_SHEET}\.A1"),
    "xlink:type": re.compile("simple"),
    "manifest:version": re.compile(r"1\.2"),
    "manifest:full-path": re.compile("/|" + "|".join(map(re.escape, PARTS[:3]))),
    "manifest:media-type": re.compile(f"text/xml|{re.escape(TYPE.decode())}"),
}
# Elements that hold no words, and those that do with what their words may be (None: any).
_OF_STYLES = (
    "number number-style percentage-style currency-style",
    "style default-style table-properties table-row-properties table-column-properties"
    " table-cell-properties text-properties",
)
_OF_SHEETS = (
    "table table-column table-header-rows table-row table-cell database-ranges database-range"
)


def _elements(prefix: str, names: str) -> frozenset[str]:
    return frozenset(f"{prefix}:{name}" for name in names.split())


_STYLES = _elements("number", _OF_STYLES[0]) | _elements("style", _OF_STYLES[1])
_EMPTY = {
    "content.xml": _STYLES
    | _elements("table", _OF_SHEETS)
    | _elements("office", "document-content automatic-styles body spreadsheet"),
    "styles.xml": _STYLES | _elements("office", "document-styles styles"),
    "meta.xml": _elements("office", "document-meta meta"),
    "META-INF/manifest.xml": _elements("manifest", "manifest file-entry"),
}
_WORDS: dict[str, dict[str, re.Pattern[str] | None]] = {
    "content.xml": {
        "text:p": None,
        "text:a": None,
        "number:text": re.compile("%"),
        "number:currency-symbol": re.compile("£"),
    },
    "styles.xml": {},
    "meta.xml": {"dc:title": None, "dc:subject": None, "dc:language": re.compile("en-GB")},
    "META-INF/manifest.xml": {},
}
# What is found, by what it is called where it is more than an element that nobody knows.
_KNOWN_FAULTS = (
    (re.compile("table:(formula|expression|named-.*|matrix-.*|.*label-range.*)"), FORMULA),
    (re.compile("table:(visibility|display|filter.*|table-protection|protected.*)"), HIDDEN),
    (
        re.compile("(script|draw|svg|chart|form|presentation|event):?.*|office:(script|event).*"),
        PROGRAM,
    ),
    (re.compile("(meta|dc):.*"), METADATA),
    (re.compile("xlink:.*"), G07),
)


def ods_faults(data: bytes, ids: Ids) -> Iterator[str]:
    """Rules that a spreadsheet of the site breaks."""
    parts = _parts(data)
    if parts is None:
        yield G34
        return
    said: dict[str, None] = {}
    for name, words in parts.items():
        root = _root(words)
        if not isinstance(root, Element):
            yield root
            return
        yield from dict.fromkeys(_part_faults(name, root))
        said |= dict.fromkeys(_lines(root))
    yield from text_faults("\n".join(said), ids)


# -- the archive -----------------------------------------------------------------------------------
def _parts(data: bytes) -> dict[str, bytes] | None:
    """The parts of the archive; None where it has others, or holds a byte that is in none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if not _is_packed_as_ours(entries, len(data)):
                return None
            kind, *read = [archive.read(entry) for entry in entries]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return None
    return dict(zip(PARTS, read, strict=True)) if kind == TYPE else None


def _is_packed_as_ours(entries: list[zipfile.ZipInfo], size: int) -> bool:
    """The type first and as it is, then the parts in their order, one behind the other, without a
    time, a remark or a gap: a remark of the whole archive would be bytes too many."""
    names = tuple(entry.filename for entry in entries)
    if names != ("mimetype", *PARTS) or sum(e.file_size for e in entries) > _LARGEST:
        return False
    at = 0
    for entry in entries:
        packed = zipfile.ZIP_STORED if entry.filename == "mimetype" else zipfile.ZIP_DEFLATED
        plain = not (entry.extra or entry.comment or entry.flag_bits)
        if not plain or (entry.compress_type, entry.date_time) != (packed, _FIRST_DAY):
            return False
        if entry.header_offset != at:
            return False
        at += _HEADER + len(entry.filename) + entry.compress_size
    return size == at + sum(_ENTRY + len(name) for name in names) + _END


def _root(words: bytes) -> Element | str:
    """The tree of a part, or what is wrong with its text: a tree does not show remarks, nor the
    spaces of names that it declares."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    body = words.removeprefix(_PROLOGUE)
    declared = {space.decode("utf-8", "replace") for space in _DECLARED.findall(body)}
    if declared - set(_PREFIXES):
        return PROGRAM
    if b"<!" in body or b"<?" in body:
        return G08
    try:
        return fromstring(words, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return G08


# -- elements --------------------------------------------------------------------------------------
def _part_faults(part: str, root: Element) -> Iterator[str]:
    """What is wrong with the elements of a part."""
    for element in root.iter():
        yield from _element_faults(part, element.tag, tuple(element.attrib.items()))
        if element.tail or not _may_say(part, _short(element.tag), element.text or ""):
            yield G35
        if element.tag == _CELL and not _is_printed(element):
            yield MORE_DIGITS


def _lines(root: Element) -> Iterator[str]:
    """What a part says: each row in one line, as CSV would have it. A line that comes again is read
    once; attributes say what their patterns allow, and no more."""
    for element in root.iter():
        if element.tag == _ROW:
            yield ",".join("".join(cell.itertext()) for cell in element)
        elif element.text and element.tag not in _IN_ROWS:
            yield element.text


def _may_say(part: str, name: str, words: str) -> bool:
    pattern = _WORDS[part].get(name)
    if pattern is None:
        return not words or name in _WORDS[part]
    return pattern.fullmatch(words) is not None


@lru_cache(maxsize=20_000)
def _element_faults(
    part: str, tag: str, attributes: tuple[tuple[str, str], ...]
) -> tuple[str, ...]:
    """What is wrong with an element as it is written."""
    name = _short(tag)
    found = [] if name in _EMPTY[part] or name in _WORDS[part] else [_named(name)]
    for key, value in attributes:
        pattern = _VALUES.get(_short(key))
        if pattern is None or not pattern.fullmatch(value):
            found.append(_named(_short(key)))
    return tuple(found)


@lru_cache(maxsize=2_000)
def _short(tag: str) -> str:
    """The name of an element or attribute with its usual prefix."""
    space, _, name = tag.removeprefix("{").rpartition("}")
    return f"{_PREFIXES.get(space, space)}:{name}"


def _named(name: str) -> str:
    return next((fault for pattern, fault in _KNOWN_FAULTS if pattern.fullmatch(name)), G35)


def _is_printed(cell: Element) -> bool:
    """Whether the number that a cell holds is the one that it prints, digit by digit."""
    value = cell.get(f"{{{_SPACES['office']}}}value")
    kind = cell.get(f"{{{_SPACES['office']}}}value-type")
    if value is None or kind == "string":
        return value is None and kind == "string"
    text = re.sub("[,£%]", "", "".join(cell.itertext())).replace("−", "-").removeprefix("+")
    if kind == "percentage":
        return _digits(value) == _digits(text) and _close(float(value) * 100, text)
    return _digits(value) == _digits(text) and _close(float(value), text)


def _digits(text: str) -> str:
    return text.replace("-", "").replace(".", "").lstrip("0")


def _close(value: float, text: str) -> bool:
    try:
        return abs(value - float(text)) < 1e-9 * max(1.0, abs(value))
    except ValueError:
        return False
