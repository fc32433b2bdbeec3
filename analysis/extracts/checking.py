"""Checks a folder of extracts before anything is read from it: all faults of all files together, never a value."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analysis.errors import DataError, Problem
from analysis.extracts.calendar_rules import check_calendar
from analysis.extracts.cell_rules import check_cells
from analysis.extracts.codes import problem
from analysis.extracts.contracts import CONTRACTS, SERVICES, tables_of
from analysis.extracts.files import Note, TextTable, read_text_table
from analysis.extracts.manifest import table_files
from analysis.extracts.table_rules import check_between, check_table


@dataclass(frozen=True)
class Examination:
    """What a look at a folder found: faults that stop a run, and notes of what is mended on reading."""

    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]
    rows: tuple[tuple[str, int], ...]  # table and number of rows, for the person who checks

    @property
    def valid(self) -> bool:
        return not self.problems


def examine_folder(folder: Path, *, tables: tuple[str, ...] | None = None, today: date | None = None) -> Examination:
    """Look at every table of a folder; nothing is changed and nothing raised.

    `today` is the latest possible date where the table `extract` gives none (default: the day of the call).
    """
    folder = Path(folder)
    if not folder.is_dir():
        return Examination((problem("E197", folder.name or str(folder)),), (), ())
    problems, notes, read = [], [], {}
    for name in tables or tables_in(folder):
        table, faults, mended = read_text_table(folder, CONTRACTS[name])
        problems += faults
        notes += mended
        if table is not None:
            read[name] = table
    latest = _extract_day(read.get("extract")) or (today or date.today()).isoformat()
    checked = {}
    for name, table in read.items():
        checked[name], faults, mended = check_cells(
            table, latest=(today or date.today()).isoformat() if name == "extract" else latest
        )
        problems += [*faults, *check_table(checked[name])]
        notes += mended
    faults, mended = check_between(checked)
    late, noted = check_calendar(checked, extract_date=_extract_day(read.get("extract")))
    faults, mended = (*faults, *late), (*mended, *noted)
    rows = tuple((name, len(table.frame)) for name, table in read.items())
    return Examination(_in_order([*problems, *faults]), (*notes, *mended), rows)


def tables_in(folder: Path) -> tuple[str, ...]:
    """The tables that a folder should hold: those of each service of which it holds one; without any, of the first service."""
    held = [s for s in SERVICES if any(table_files(folder, name) for name in tables_of(s) if name != "extract")]
    return tuple(dict.fromkeys(name for service in held or SERVICES[:1] for name in tables_of(service)))


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


def check_folder(
    folder: Path, *, tables: tuple[str, ...] | None = None, today: date | None = None
) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    """Every fault in a folder of extracts (none where it is valid), and notes of what is mended on reading."""
    found = examine_folder(folder, tables=tables, today=today)
    return found.problems, found.notes


def require_valid(
    folder: Path, *, tables: tuple[str, ...] | None = None, today: date | None = None
) -> tuple[Note, ...]:
    """Raise DataError with all problems of all files; the notes where there is none."""
    found = examine_folder(folder, tables=tables, today=today)
    if found.problems:
        raise DataError(found.problems)
    return found.notes
