"""Checks a folder of extracts before anything is read from it: all faults of all files together,
never a value."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analysis.errors import Problem
from analysis.extracts.files.files import Note, TextTable, read_text_table
from analysis.extracts.files.mapping import supplier_words
from analysis.extracts.files.unknown_files import near_tables, unknown_files
from analysis.extracts.reading.manifest import table_files
from analysis.extracts.rules.calendar_rules import check_calendar
from analysis.extracts.rules.cell_rules import check_cells
from analysis.extracts.rules.table_rules import check_between, check_table
from analysis.extracts.tables.codes import problem
from analysis.extracts.tables.contracts import SERVICES, contract_of, tables_of

Tables = dict[str, TextTable]


@dataclass(frozen=True)
class Examination:
    """What a look at a folder found: faults that stop a run, and notes of what is mended on
    reading."""

    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]
    rows: tuple[tuple[str, int], ...]  # table and number of rows, for the person who checks


def examine_folder(
    folder: Path,
    *,
    tables: tuple[str, ...] | None = None,
    today: date | None = None,
    places: str | None = None,
) -> Examination:
    """Look at every table of a folder; nothing is changed and nothing raised.

    `tables`: only these; without, all that the folder should hold, and whatever else stands in it.
    `today` is the latest possible date where the table `extract` gives none (default: the day of
    the call). `places`: id of the set of places that the extract holds; without, the one of
    mapping.yml, else the probation regions. ParameterError E211.
    """
    return examine(folder, tables=tables, today=today, places=places)[0]


def examine(
    folder: Path,
    *,
    tables: tuple[str, ...] | None = None,
    today: date | None = None,
    places: str | None = None,
) -> tuple[Examination, Tables]:
    """As `examine_folder`, with the checked tables: text in normal form, which can be typed where
    there is no problem."""
    folder = Path(folder)
    if not folder.is_dir():
        return Examination((problem("E197", folder.name or str(folder)),), (), ()), {}
    words = supplier_words(folder, places)
    problems, read = [*words.problems], {}
    notes: list[Note] = []
    if tables is None:
        faults, told = unknown_files(folder, words)
        problems += faults
        notes += told
    for name in tables or tables_in(folder):
        table, faults, mended = read_text_table(
            folder, contract_of(name, words.places), words.of(name)
        )
        problems += faults
        notes += mended
        if table is not None:
            read[name] = table
    now = (today or date.today()).isoformat()
    latest = _extract_day(read.get("extract")) or now
    checked = {}
    for name, table in read.items():
        checked[name], faults, mended = check_cells(
            table, latest=now if name == "extract" else latest
        )
        problems += [*faults, *check_table(checked[name])]
        notes += mended
    faults, mended = check_between(checked)
    late, noted = check_calendar(checked, extract_date=_extract_day(read.get("extract")))
    faults, mended = (*faults, *late), (*mended, *noted)
    rows = tuple((name, len(table.frame)) for name, table in read.items())
    return Examination(_in_order([*problems, *faults]), (*notes, *mended), rows), checked


def tables_in(folder: Path) -> tuple[str, ...]:
    """The tables that a folder should hold: those of each service of which it holds one, or a name
    that comes near one; without any, of the first service."""
    held = [
        s
        for s in SERVICES
        if any(table_files(folder, name) for name in tables_of(s) if name != "extract")
    ]
    near = near_tables(folder)
    held = held or [
        s for s in SERVICES if any(name in near for name in tables_of(s) if name != "extract")
    ]
    return tuple(
        dict.fromkeys(name for service in held or SERVICES[:1] for name in tables_of(service))
    )


def _extract_day(table: TextTable | None) -> str | None:
    """The day of the extract, where it is one valid date."""
    if table is None or "extract_date" not in table.frame or len(table.frame) != 1:
        return None
    text = table.frame["extract_date"].iloc[0][:10]
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Sorted by file, code, column and row, so that two looks at the same files read the same."""
    return tuple(sorted(set(problems), key=lambda p: (p.file, p.code, p.column or "", p.row or 0)))
