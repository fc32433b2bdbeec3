"""The tables of a page as a book: cover, contents, notes, then one sheet a table, as the Government
Analysis Function asks of statistics in spreadsheets ("Releasing statistics in spreadsheets").

Only cleared tables enter. What a reader must know stands above its table, and nothing below or
beside it; notes stand once, on a sheet of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from analysis.display.layout import MARKS
from analysis.display.spreadsheet.cells import Cell, cells_of, text_cell
from analysis.display.spreadsheet.headings import IN_THE_UNIT, MEANINGS, UNIT
from analysis.display.spreadsheet.opendocument import About, Line, Sheet, ods_bytes
from analysis.errors import RunError
from analysis.results import Table
from analysis.said.texts import leaves

COVER, CONTENTS, NOTES = "Cover", "Contents", "Notes"
ONE_TABLE = "This sheet contains one table."
HOW_CLEARED = frozenset({"rounded", "published", "model", "cleared_record"})
EVERY_SHEET = "all"


@dataclass(frozen=True, eq=False)
class Behind:
    """A cleared table behind a part of a page. title: of its sheet. csv: the file beside the page
    that holds the same numbers; empty: none. RunError E354 for what is not cleared."""

    table: Table
    title: str
    csv: str = ""

    def __post_init__(self):
        if not isinstance(self.table, Table) or self.table.cleared_by not in HOW_CLEARED:
            raise RunError(
                "E354",
                "a spreadsheet holds cleared tables, and nothing else.",
                remedy=f"A table says by what it was cleared: {', '.join(sorted(HOW_CLEARED))}.",
            )
        leaves(self, "the title of a sheet", "title")


@dataclass(frozen=True)
class Cover:
    """What the first sheet says: the title, and facts, each under its heading."""

    title: str
    subject: str
    facts: tuple[tuple[str, str], ...]
    source: str

    def __post_init__(self):
        leaves(self, "the cover of a spreadsheet", "title", "subject", "facts", "source")


@dataclass(frozen=True, eq=False)
class Book:
    """A page's tables. notes: those that hold for every sheet."""

    cover: Cover
    tables: tuple[Behind, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        leaves(self, "a note of a spreadsheet", "notes")


@dataclass
class _Numbered:
    """Notes in the order in which they first come, each with the sheets that it belongs to."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def number(self, note: str, sheet: str) -> int:
        sheets = self.found.setdefault(str(note), [])
        if sheet not in sheets and EVERY_SHEET not in sheets:
            sheets.append(sheet)
        return [*self.found].index(str(note)) + 1


def book_bytes(book: Book) -> bytes:
    """The book as a file."""
    return ods_bytes(About(book.cover.title, book.cover.subject), sheets_of(book))


def sheets_of(book: Book) -> tuple[Sheet, ...]:
    """Cover, contents, notes, and a sheet for each table."""
    notes = _Numbered()
    said = " ".join(book.notes)
    unsaid = (words for mark, words in MARKS.items() if mark not in said)
    for note in (*book.notes, *unsaid):
        notes.number(note, EVERY_SHEET)
    titles = _titles(book.tables)
    tables = tuple(
        _table_sheet(f"Table_{n}", title, one, book.cover.source, notes)
        for n, (title, one) in enumerate(zip(titles, book.tables, strict=True), start=1)
    )
    return (_cover(book.cover), _contents(titles, book.tables, tables), _notes(notes), *tables)


def _titles(tables: Iterable[Behind]) -> list[str]:
    """The title of each sheet; one that comes again is numbered."""
    titles, seen = [], dict[str, int]()
    for one in tables:
        title = str(one.title)
        seen[title] = seen.get(title, 0) + 1
        titles.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return titles


# -- sheets ----------------------------------------------------------------------------------------
def _heading(words: str) -> Line:
    return Line(words, "Heading_20_1")


def _cover(cover: Cover) -> Sheet:
    facts = [(term, words) for term, words in cover.facts if words]
    facts.append(("Shorthand used in tables", " ".join(MARKS.values())))
    lines = [
        line for term, words in facts for line in (Line(term, "Heading_20_2"), Line(words, "Text"))
    ]
    links = (
        Line("What each sheet holds: the sheet of contents", link=CONTENTS),
        Line("What each number rests on: the sheet of notes", link=NOTES),
    )
    return Sheet(COVER, (_heading(cover.title), *links, *lines))


def _contents(titles: Iterable[str], behind: Iterable[Behind], tables: Iterable[Sheet]) -> Sheet:
    first = ((COVER, "Cover", ""), (NOTES, "Notes", ""))
    rows = [
        *first,
        *((s.name, title, one.csv) for title, one, s in zip(titles, behind, tables, strict=True)),
    ]
    lines = (_heading("Contents"), Line(f"{ONE_TABLE} It names every other sheet, with a link."))
    cells = tuple(
        (text_cell(name, link=name), text_cell(title), text_cell(csv or "none"))
        for name, title, csv in rows
    )
    return Sheet(CONTENTS, lines, ("Sheet", "Title", "The same numbers as CSV"), cells)


def _notes(notes: _Numbered) -> Sheet:
    lines = (_heading("Notes"), Line(ONE_TABLE), _back())
    rows = tuple(
        (text_cell(f"note {n}"), text_cell(note), text_cell(", ".join(sheets)))
        for n, (note, sheets) in enumerate(notes.found.items(), start=1)
    )
    return Sheet(NOTES, lines, ("Note", "What it says", "Sheets that it belongs to"), rows)


def _back() -> Line:
    return Line("Back to the contents", link=CONTENTS)


def _table_sheet(name: str, title: str, one: Behind, source: str, notes: _Numbered) -> Sheet:
    headings, rows = cells_of(one.table)
    own = [notes.number(note, name) for note in one.table.notes]
    with_notes = _headings(headings, rows, lambda note: notes.number(note, name))
    marks = [words for mark, words in MARKS.items() if any(_holds(row, mark) for row in rows)]
    lines = (
        _heading(f"{name.replace('_', ' ')}: {title}"),
        Line(" ".join([ONE_TABLE, *_see(own)])),
        *([Line(f"Shorthand in this table: {' '.join(marks)}")] if marks else []),
        Line(f"Source: {source}"),
        _back(),
    )
    return Sheet(name, lines, with_notes, tuple(map(tuple, rows)))


def _see(notes: list[int]) -> list[str]:
    """Which notes belong to the whole table."""
    marks = " ".join(f"[note {n}]" for n in sorted(notes))
    return [f"It rests on what the sheet of notes says: {marks}."] if marks else []


def _holds(row: Iterable[Cell], mark: str) -> bool:
    return any(mark in cell.text for cell in row)


def _headings(headings: list[str], rows: list[list[Cell]], number) -> tuple[str, ...]:
    """Headings with their unit where one unit holds for the column, and the note that says what
    the column means. Each heading is there once, and none is empty."""
    unit = _one_unit(headings, rows)
    found: dict[str, int] = {}
    said = []
    for heading in headings:
        words = f"{heading}, {unit}" if unit and heading in IN_THE_UNIT else heading or "row"
        found[words] = found.get(words, 0) + 1
        again = f" ({found[words]})" if found[words] > 1 else ""
        note = f" [note {number(MEANINGS[heading])}]" if heading in MEANINGS else ""
        said.append(f"{words}{again}{note}")
    return tuple(said)


def _one_unit(headings: list[str], rows: list[list[Cell]]) -> str:
    """The unit of all rows, where a column says it and it is one."""
    if UNIT not in headings:
        return ""
    units = {row[headings.index(UNIT)].text for row in rows} - set(MARKS)
    return units.pop().replace("_", " ") if len(units) == 1 else ""
