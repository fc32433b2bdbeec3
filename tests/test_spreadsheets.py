"""Spreadsheets of pages: the numbers that the page prints, in files that everybody can read."""

import csv
import io
import re
import time
import zipfile
from functools import cache
from pathlib import Path

import odf.opendocument
import pandas as pd
import pytest
from chosen import spread
from hypothesis import given
from hypothesis import strategies as st
from odf import grammar
from odf.element import Element as OdfElement
from spreadsheets import NOTE, Ods, ReadSheet, named
from test_places import found_studies, make_overviews
from test_site_pages import make_site

from analysis.disclosure.guard.ids import Hashed
from analysis.disclosure.guard.spreadsheet import ods_faults
from analysis.display.layout import cell_text, csv_text
from analysis.display.spreadsheet.book import Behind, Book, Cover, book_bytes, sheets_of
from analysis.display.spreadsheet.cells import cells_of, number_cell
from analysis.display.spreadsheet.printed import figure_by_hand, printed_tables
from analysis.display.tables import render_table
from analysis.errors import RunError
from analysis.paths import EXAMPLE_RECORDS
from analysis.results import Table
from analysis.said.texts import named as cleared
from analysis.sections.page.block import page_of
from analysis.site.downloads.files import OfPage, write_study_tables
from analysis.site.facts import strip
from analysis.site.signed import NOTICE, PROVISIONAL

MARKS = ("[c]", "[u]", "[z]")
NOBODY = Hashed.of((), ())
TABLE = Table(
    "People by group",
    pd.DataFrame(
        {
            "Group": ["Asian & others", "=cmd()", "Black <18>"],
            "People": [1240, "[c]", 5],
            "Share": ["12.5%", "[u]", "0.4%"],
            "Difference": [-1.8, None, 0.25],
            "Cost": ["£1,200", "£3.50", ""],
            "Interval": ["0.4 to 3.2", "[c]", "−1.0 to 2.0"],
        }
    ),
    "rounded",
    (cleared("Counts are rounded to 5."),),
)
COVER = Cover("A page", "A study", (("Place", "Wales"),), "a study")
BOOK = Book(COVER, (Behind(TABLE, "People by group", "figures/answer.csv"),), ("A rule.",))


@cache
def example() -> bytes:
    return book_bytes(BOOK)


# -- cells -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "kind", "value", "decimals"),
    [
        ("12", "float", 12, 0),
        ("1,240", "float", 1240, 0),
        ("−1.80", "float", -1.8, 2),
        ("+0.5", "float", 0.5, 1),
        (".5", "float", 0.5, 1),
        ("12.5%", "percentage", 0.125, 1),
        ("−0.4%", "percentage", -0.004, 1),
        ("100%", "percentage", 1, 0),
        ("£1,200", "currency", 1200, 0),
    ],
)
def test_a_printed_number_is_a_number_with_its_decimals(text, kind, value, decimals):
    cell = number_cell(text)
    assert cell and (cell.kind, float(cell.value), cell.decimals) == (kind, value, decimals)


@pytest.mark.parametrize("text", ["", "[c]", "007", "1.2.3", "12 to 14", "5+", "1,24", "-", "%"])
def test_what_is_no_number_stays_a_text(text):
    assert number_cell(text) is None


@given(st.one_of(st.integers(-(10**7), 10**7), st.floats(-1e5, 1e5, allow_subnormal=False)))
def test_a_number_of_a_table_is_the_one_that_the_page_prints(number):
    (((cell,),),) = (cells_of(Table("t", pd.DataFrame({"n": [number]}), "rounded"))[1],)
    printed = cell_text(number)
    assert cell.text == printed
    if cell.kind == "float":
        assert float(cell.value) == float(printed.replace(",", "").replace("−", "-"))
    else:
        assert "e" in printed


def test_marks_stay_texts_in_a_column_of_numbers():
    _, rows = cells_of(TABLE)
    assert [row[1].kind for row in rows] == ["float", "string", "float"]
    assert [row[3].text for row in rows] == ["−1.8", "[z]", "0.25"]
    assert {row[5].kind for row in rows} == {"string"}


def test_a_text_that_a_spreadsheet_would_run_is_escaped():
    assert cells_of(TABLE)[1][1][0].text == "'=cmd()"


# -- a file ----------------------------------------------------------------------------------------
def test_the_same_tables_give_the_same_bytes_whatever_came_before(monkeypatch):
    first = book_bytes(BOOK)
    pd.read_excel(io.BytesIO(first), engine="odf", sheet_name=None, header=None)
    OdfElement.namespaces["urn:made:up"] = "ns1"
    monkeypatch.setattr(time, "time", lambda: 2e9)
    try:
        assert book_bytes(BOOK) == first
    finally:
        del OdfElement.namespaces["urn:made:up"]


@pytest.mark.parametrize(
    "table", [TABLE.to_frame(), Table("t", pd.DataFrame({"n": [1]}), "nobody")]
)
def test_what_is_not_cleared_is_not_written(table):
    with pytest.raises(RunError, match="E354"):
        Behind(table, "t")


def test_a_number_that_was_not_cleared_enters_no_cover_title_or_note():
    for made in (
        lambda: Behind(TABLE, "12 people"),
        lambda: Cover("A page", "s", (("Place", "12 people"),), "s"),
        lambda: Book(COVER, (), ("12 people",)),
    ):
        with pytest.raises(RunError, match="E353"):
            made()


def test_a_notice_stands_on_the_sheet_of_notes_and_belongs_to_every_sheet():
    notes = next(sheet for sheet in sheets_of(BOOK) if sheet.name == "Notes")
    assert [cell.text for cell in notes.rows[0]] == ["note 1", "A rule.", "all"]


def test_what_a_notebook_prints_is_read_back_letter_by_letter():
    html = render_table(TABLE)[0]["text/html"]
    (found,) = printed_tables(f"<p>before</p>{html}<p>after</p>")
    assert found.title == TABLE.title and found.notes[:1] == TABLE.notes
    printed = [[cell_text(x) for x in row] for row in TABLE.to_frame().itertuples(index=False)]
    assert found.to_frame().to_numpy().tolist() == printed


def test_a_figure_that_was_drawn_by_hand_has_its_numbers_from_its_csv():
    table = figure_by_hand("group,n\r\nAsian,120\r\nBlack,[c]\r\n", "People. Asian: 120.")
    headings, rows = cells_of(table)
    assert table.title == "People" and headings == ["group", "n"]
    assert [row[1].kind for row in rows] == ["float", "string"]


# -- every page ------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def sites(made_once, star_run) -> tuple[Path, ...]:
    """Sites of committed records, of every place and the portfolio, and of one real run."""
    shown, places = made_once("shown-pages", make_site), made_once("overviews", make_overviews)
    return (shown / "site", places, star_run[0] / "site")


@pytest.fixture(scope="module")
def files(sites) -> dict[str, Ods]:
    found = {str(path): Ods(path.read_bytes()) for site in sites for path in site.rglob("*.ods")}
    assert len(found) > 30
    return found


def table_sheets(file: Ods) -> list[ReadSheet]:
    return [sheet for name, sheet in file.sheets.items() if name.startswith("Table_")]


def test_every_page_leads_once_to_its_spreadsheet(sites):
    led = [path for site in sites for path in site.rglob("*.ods")]
    for path in led:
        page = (path.parent / "index.html").read_text(encoding="utf-8")
        assert page.count('href="tables.ods"') == 1, path
    pages = [p for s in sites for p in s.rglob("index.html") if 'class="answer' in p.read_text()]
    assert pages and all((page.parent / "tables.ods").exists() for page in pages)


def test_the_archive_is_one_of_opendocument(files):
    for path, file in files.items():
        assert file.data[30:38] == b"mimetype", path
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            first, *rest = archive.infolist()
            assert first.compress_type == zipfile.ZIP_STORED and not first.extra
            kind = archive.read("mimetype").decode()
            assert kind == "application/vnd.oasis.opendocument.spreadsheet"
            entries = file.root("META-INF/manifest.xml")
            listed = {entry.get(named("manifest:full-path")): entry for entry in entries}
            assert listed.pop("/").get(named("manifest:media-type")) == kind
            assert set(listed) == {e.filename for e in rest} - {"META-INF/manifest.xml"}


def test_every_element_may_stand_where_it_stands(files):
    """By the grammar of OpenDocument that odfpy holds, over the file as it is read back."""
    for path in sorted(files, key=lambda path: len(files[path].data))[-3:]:
        document = odf.opendocument.load(io.BytesIO(files[path].data))
        pending = [document.body, document.styles, document.automaticstyles, document.meta]
        while pending:
            element = pending.pop()
            children = [child for child in element.childNodes if isinstance(child, OdfElement)]
            allowed = grammar.allowed_children.get(element.qname)
            assert allowed is None or {c.qname for c in children} <= set(allowed), element.tagName
            known = grammar.allowed_attributes.get(element.qname)
            assert known is None or set(element.attributes) <= set(known), element.tagName
            required = grammar.required_attributes.get(element.qname) or ()
            assert set(required) <= set(element.attributes), element.tagName
            pending += children


def test_sheets_stand_in_order_and_are_all_in_the_contents(files):
    for path, file in files.items():
        names = list(file.sheets)
        tables = [f"Table_{n}" for n in range(1, len(names) - 2)]
        assert names == ["Cover", "Contents", "Notes", *tables], path
        contents = file.sheets["Contents"].rows
        assert [row[0].text for row in contents] == ["Cover", "Notes", *tables]
        assert all(row[0].link == f"#{row[0].text}.A1" for row in contents)
        titles = [row[1].text for row in contents]
        assert len(set(titles)) == len(titles), path


def test_a_sheet_holds_one_marked_table_without_gaps(files):
    for path, file in files.items():
        ranges = file.root("content.xml").iter(named("table:database-range"))
        marked = {r.get(named("table:target-range-address")) for r in ranges}
        for sheet in file.sheets.values():
            where = f"{path} {sheet.name}"
            assert all(len(line) == 1 and line[0].text.strip() for line in sheet.lines), where
            assert sheet.lines[0][0].style == "Heading_20_1", where
            if sheet.name == "Cover":
                assert not sheet.headings and len(marked) == len(file.sheets) - 1
                continue
            assert sheet.headings and len(set(sheet.headings)) == len(sheet.headings), where
            assert all(heading.strip() for heading in sheet.headings), where
            assert {len(row) for row in sheet.rows} <= {len(sheet.headings)}, where
            assert sheet.columns == len(sheet.headings), where
            assert all(cell.text.strip() for row in sheet.rows for cell in row), where
            first, last = len(sheet.lines) + 1, len(sheet.lines) + 1 + len(sheet.rows)
            assert any(
                re.fullmatch(rf"{sheet.name}\.A{first}:{sheet.name}\.[A-Z]+{last}", one)
                for one in marked
            ), where


def test_nothing_is_merged_hidden_coloured_or_worked_out(files):
    for path, file in files.items():
        for part in ("content.xml", "styles.xml"):
            written = " ".join(re.findall(r"<[^>]+>", file.parts[part].decode()))
            for word in ("spanned", "covered", "formula", "visibility", "color", "draw:", "script"):
                assert word not in written, (path, part, word)
            assert 'display="false"' not in written


def test_text_is_wrapped_columns_have_widths_and_the_language_is_british(files):
    for file in files.values():
        styles = file.parts["styles.xml"].decode()
        assert 'fo:language="en" fo:country="GB"' in styles
        said = {element.tag: element.text for element in file.root("meta.xml").iter()}
        assert said[named("dc:language")] == "en-GB" and said[named("dc:title")]
        assert set(said) <= {
            *map(named, ("dc:title", "dc:subject", "dc:language")),
            *map(named, ("office:document-meta", "office:meta")),
        }
        for style in file.root("styles.xml").iter(named("style:style")):
            if style.get(named("style:name")) in ("Text", "Column_20_heading"):
                (cells,) = style.findall(named("style:table-cell-properties"))
                assert cells.get(named("fo:wrap-option")) == "wrap"


def test_every_note_that_is_referred_to_is_there_and_knows_its_sheets(files):
    for path, file in files.items():
        notes = {row[0].text: row[2].text.split(", ") for row in file.sheets["Notes"].rows}
        assert list(notes) == [f"note {n}" for n in range(1, len(notes) + 1)]
        for sheet in table_sheets(file):
            for number in NOTE.findall(" ".join([*sheet.headings, sheet.lines[1][0].text])):
                of = notes[f"note {number}"]
                assert sheet.name in of or of == ["all"], (path, sheet.name, number)


def test_marks_of_a_table_are_explained_above_it(files):
    for path, file in files.items():
        for sheet in table_sheets(file):
            used = {m for m in MARKS for row in sheet.rows for cell in row if m in cell.text}
            above = " ".join(line[0].text for line in sheet.lines)
            assert all(mark in above for mark in used), (path, sheet.name)


def test_the_cover_says_what_of_whom_when_and_how_far(files):
    for path, file in files.items():
        cover = file.sheets["Cover"]
        terms = {line[0].text for line in cover.lines if line[0].style == "Heading_20_2"}
        asked = {"What this is", "Round", "Data", "Licence", "How to cite"}
        assert asked | {"Shorthand used in tables"} <= terms, path
        assert not any(line[0].text == "." for line in cover.lines), path


def test_the_guard_finds_nothing_in_them(files):
    for path, file in files.items():
        assert not list(ods_faults(file.data, NOBODY)), path


def test_every_csv_of_a_page_is_a_sheet_with_equal_numbers(sites):
    compared = 0
    for path in (path for site in sites for path in site.rglob("*.ods")):
        file, page = Ods(path.read_bytes()), path.parent / "index.html"
        led = set(re.findall(r'href="([^"]+\.csv)"', page.read_text(encoding="utf-8")))
        assert led == set(file.by_csv) - {"none"}, path
        for way in led:
            with (path.parent / way).open(encoding="utf-8", newline="") as opened:
                headings, *rows = csv.reader(opened)
            marks = [at for at, name in enumerate(headings) if name in (NOTICE, PROVISIONAL)]
            headings, *rows = (
                [text for at, text in enumerate(line) if at not in marks]
                for line in (headings, *rows)
            )
            for name in file.by_csv[way]:
                sheet = file.sheets[name]
                assert len(sheet.headings) == len(headings), (path, way)
                assert all(map(str.startswith, sheet.headings, headings)), (path, way)
                assert len(sheet.rows) == len(rows), (path, way)
                for cells, texts in zip(sheet.rows, rows, strict=True):
                    assert all(map(same, cells, texts)), (path, way, name)
                compared += 1
    assert compared > 30


def same(cell, text: str) -> bool:
    """A cell of a spreadsheet and one of CSV say the same."""
    if cell.kind == "string":
        number = number_cell(text)
        return cell.text == (" ".join(text.split()) or "[z]") or (
            number is not None and cell.text in (number.text, cell_text(float(number.value)))
        )
    of_100 = 100 if cell.kind == "percentage" else 1
    printed = float(re.sub("[,£%]", "", text).replace("−", "-"))
    return abs(cell.value * of_100 - printed) < 1e-9


def test_pandas_reads_a_table_as_numbers(files):
    path = max(files, key=lambda path: len(files[path].data))
    for sheet in table_sheets(files[path]):
        frame = pd.read_excel(
            path, engine="odf", sheet_name=sheet.name, header=len(sheet.lines), na_filter=False
        )
        assert list(frame.columns) == sheet.headings and len(frame) == len(sheet.rows)
        for read, cells in zip(frame.itertuples(index=False), sheet.rows, strict=True):
            for value, cell in zip(read, cells, strict=True):
                assert value == (cell.text if cell.value is None else cell.value)


STUDIES = sorted(path.name for path in EXAMPLE_RECORDS.iterdir())


@pytest.mark.parametrize("study", spread(STUDIES, 8))
def test_pages_of_every_committed_record_have_tables_that_the_guard_lets_through(tmp_path, study):
    """The nation's and the first place's: figure of the answer as its CSV, sentences as printed."""
    for found in (one for one in found_studies() if one.plan.study == study):
        made_of = page_of(found.plan)
        for run in found.pages[:2]:
            parts = (found.plan, run.record, found.national.record, found.places)
            drawing, sections = made_of.drawing(*parts), made_of.sections(found.plan, run.record)
            rates = tuple(section for section in sections if section.lines)
            answer = (drawing.table, cleared("answer")) if drawing else None
            shown = OfPage(
                answer, rates, made_of.groups_of(found.plan), strip(found.plan, run.record)
            )
            write_study_tables(tmp_path, found.plan, (run,), shown)
            file = Ods((tmp_path / "tables.ods").read_bytes())
            assert not list(ods_faults(file.data, NOBODY))
            tables = table_sheets(file)
            assert len(tables) == len(rates) + bool(drawing)
            if drawing:
                _, *rows = csv.reader(io.StringIO(csv_text(drawing.table)))
                for cells, texts in zip(tables.pop(0).rows, rows, strict=True):
                    assert all(map(same, cells, texts))
            for sheet, section in zip(tables, rates, strict=True):
                said = [[cell.text for cell in row] for row in sheet.rows]
                assert said == [[line.group, line.say, line.cannot_say] for line in section.lines]


@pytest.mark.parametrize("study", ["ethnic_matching", "supervision", "action_plan"])
def test_a_notice_of_a_record_enters_its_spreadsheet(tmp_path, study):
    from test_site_pages import studies_of

    (found,) = studies_of(study)
    run = found.national
    shown = OfPage(
        None, (), page_of(found.plan).groups_of(found.plan), (("DRAFT", True),), ("Corrected.",)
    )
    write_study_tables(tmp_path, found.plan, (run,), shown)
    notes = Ods((tmp_path / "tables.ods").read_bytes()).sheets["Notes"].rows
    assert notes[0][1].text == "Corrected." and notes[0][2].text == "all"
