"""The guard reads spreadsheets before a site is seen: each thing that no spreadsheet of ours has,
planted in one, is found by its rule."""

import io
import zipfile

import pytest
from spreadsheets import Change, Ods, edited, packed, with_part
from test_spreadsheets import example

from analysis.disclosure.guard.ids import Hashed
from analysis.disclosure.guard.spreadsheet import ods_faults

PERSON = "WMS-P-000471"
EXACT = 0.123456789
DRAWING = "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
IDS = Hashed.of([PERSON], [EXACT])
CELL = '<table:table-cell table:style-name="Text" office:value-type="string"><text:p>'
NUMBER = 'office:value-type="float" office:value="1240"'


def content(before: str, after: str) -> Change:
    return lambda data: edited(data, "content.xml", before, after)


def styles(before: str, after: str) -> Change:
    return lambda data: edited(data, "styles.xml", before, after)


def meta(words: str) -> Change:
    return lambda data: edited(data, "meta.xml", "</office:meta>", f"{words}</office:meta>")


def part(name: str, words: bytes = b"<x/>") -> Change:
    return lambda data: with_part(data, name, words)


def words(told: str) -> Change:
    return content("People by group", told)


def _zip(change) -> Change:
    """An archive packed in another way: `change` of each entry."""

    def packed_otherwise(data: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, held in Ods(data).parts.items():
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                if name != "mimetype":
                    entry.compress_type = zipfile.ZIP_DEFLATED
                change(archive, entry)
                archive.writestr(entry, held)
        return buffer.getvalue()

    return packed_otherwise


def _time(_, entry):
    entry.date_time = (2026, 11, 30, 20, 8, 14)


def _comment(archive, _):
    archive.comment = PERSON.encode()


def _extra(_, entry):
    entry.extra = b"\x99\x99\x04\x00WMSP"


def _twice(data: bytes) -> bytes:
    buffer = io.BytesIO(data)
    with pytest.warns(UserWarning), zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("meta.xml", b"<x/>")
    return buffer.getvalue()


def _type_last(data: bytes) -> bytes:
    kind, *rest = Ods(data).parts.items()
    return packed(dict([*rest, kind]))


FAULTS: dict[str, tuple[str, Change]] = {
    "formula": ("G35: a formula", content(NUMBER, f'table:formula="of:=SUM([.A1])" {NUMBER}')),
    "named expression": (
        "G35: a formula",
        content("<table:database-ranges>", "<table:named-expressions/><table:database-ranges>"),
    ),
    "hidden sheet": ("G35: a hidden", content('display="true"', 'display="false"')),
    "hidden row": (
        "G35: a hidden",
        content("<table:table-row ", '<table:table-row table:visibility="collapse" '),
    ),
    "hidden column": (
        "G35: a hidden",
        content("<table:table-column ", '<table:table-column table:visibility="filter" '),
    ),
    "row of no height": (
        "G35",
        content('use-optimal-row-height="true"', 'row-height="0cm"'),
    ),
    "column of no width": ("G35", content('column-width="3.0cm"', 'column-width="0.0cm"')),
    "letters of one point": ("G35", styles('fo:font-size="12pt"', 'fo:font-size="1pt"')),
    "white letters": (
        "G35",
        styles("<style:text-properties ", '<style:text-properties fo:color="#ffffff" '),
    ),
    "merged cells": (
        "G35",
        content(CELL, CELL.replace("office", 'table:number-columns-spanned="2" office', 1)),
    ),
    "more digits than are printed": (
        "G35: a number",
        content('office:value="1240"', 'office:value="1240.4567"'),
    ),
    "another number than is printed": (
        "G35: a number",
        content('office:value="1240"', 'office:value="12.40"'),
    ),
    "number behind a text": (
        "G35: a number",
        content(CELL, CELL.replace("string", 'string" office:value="7')),
    ),
    "remark on a cell": (
        "G35",
        content(
            CELL,
            CELL.replace(
                "<text:p>", "<office:annotation><text:p>x</text:p></office:annotation><text:p>"
            ),
        ),
    ),
    "picture": (
        "G35: a program, a picture",
        content(
            "</table:table>",
            f'<draw:frame xmlns:draw="{DRAWING}"/></table:table>',
        ),
    ),
    "scripts": ("G35: a program", content("<office:body>", "<office:scripts/><office:body>")),
    "link to elsewhere": (
        "G07",
        content('xlink:href="#Contents.A1"', 'xlink:href="https://example.org/?n=75"'),
    ),
    "link to a file": (
        "G07",
        content('xlink:href="#Contents.A1"', 'xlink:href="file:///etc/hostname"'),
    ),
    "text between elements": ("G35", content("</table:table-row>", "</table:table-row>told")),
    "comment": ("G08", content("<office:body>", "<!-- told --><office:body>")),
    "instruction": ("G08", content("<office:body>", "<?told?><office:body>")),
    "declaration": (
        "G08",
        content("<office:document-content", "<!DOCTYPE x><office:document-content"),
    ),
    "entity": (
        "G08",
        content(
            "<office:document-content",
            '<!DOCTYPE x [<!ENTITY e "told">]><office:document-content',
        ),
    ),
    "space of names that says something": (
        "G35",
        content("<office:body", '<office:body xmlns:told="urn:told:75438219"'),
    ),
    "no XML": ("G08", content("</office:document-content>", "")),
    "author": ("G35: metadata", meta("<dc:creator>Somebody</dc:creator>")),
    "date": ("G35: metadata", meta("<dc:date>2026-11-30</dc:date>")),
    "generator": ("G35: metadata", meta("<meta:generator>x</meta:generator>")),
    "other language": ("G35", lambda data: edited(data, "meta.xml", "en-GB", "told")),
    "name of a sheet": ("G35", content('table:name="Table_1"', f'table:name="{PERSON}"')),
    "name of a style": ("G35", content('"Float_0_grouped"', '"A1234BC"')),
    "macros": ("G34", part("Basic/Standard/Module1.xml")),
    "settings": ("G34", part("settings.xml")),
    "thumbnail": ("G34", part("Thumbnails/thumbnail.png")),
    "folder of pictures": ("G34", part("Pictures/")),
    "other type": ("G34", part("mimetype", b"application/vnd.oasis.opendocument.text")),
    "type not first": ("G34", _type_last),
    "part twice": ("G34", _twice),
    "time": ("G34", _zip(_time)),
    "remark of the archive": ("G34", _zip(_comment)),
    "field of an entry": ("G34", _zip(_extra)),
    "bytes before": ("G34", lambda data: b"told" + data),
    "bytes behind": ("G34", lambda data: data + b"told"),
    "no archive": ("G34", lambda _: b"told"),
    "manifest that names another file": (
        "G35",
        lambda data: edited(data, "META-INF/manifest.xml", '"meta.xml"', '"told.xml"'),
    ),
    "id": ("G31", words(PERSON)),
    "id in small letters": ("G31", words("wms p 000471")),
    "id in the title of the file": (
        "G31",
        lambda data: edited(data, "meta.xml", "<dc:title>A page", f"<dc:title>{PERSON}"),
    ),
    "exact value of one person": ("G31", words(f"a mean of {EXACT}")),
    "number of a prison": ("G16", words("A1234BC")),
    "characters that are not seen": ("G09", words("told\u200b\u200c")),
    "path of this machine": ("G17", words("/home/somebody/people.csv")),
}


@pytest.mark.parametrize("planted", FAULTS)
def test_what_is_planted_is_found_by_its_rule(planted):
    rule, change = FAULTS[planted]
    found = list(ods_faults(change(example()), IDS))
    assert any(fault.startswith(rule) for fault in found), found


def test_nothing_is_found_where_nothing_was_planted():
    assert not list(ods_faults(example(), IDS))
    assert not list(ods_faults(packed(Ods(example()).parts), IDS))


def test_what_is_found_names_no_value():
    for _, change in FAULTS.values():
        told = " ".join(ods_faults(change(example()), IDS))
        assert PERSON not in told and str(EXACT) not in told and "told" not in told
