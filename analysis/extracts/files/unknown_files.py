"""What stands in the folder of an extract and belongs to no table: never passed over in silence
(E189, or a note)."""

from pathlib import Path

from analysis.errors import Problem
from analysis.extracts.files.files import SPREADSHEETS
from analysis.extracts.files.mapping import SupplierWords, mapping_file
from analysis.extracts.files.notes import Note
from analysis.extracts.reading.manifest import entries, parts_of, table_places
from analysis.extracts.tables.codes import did_you_mean, problem
from analysis.extracts.tables.contracts import CONTRACTS

# Files that hold tables, whatever program wrote them; of any other file only its name is told.
TABULAR = (
    ".csv",
    ".parquet",
    ".tsv",
    ".tab",
    ".txt",
    ".xlsx",
    ".xls",
    ".xlsm",
    ".xlsb",
    ".ods",
    ".numbers",
    ".json",
    ".jsonl",
    ".feather",
    ".arrow",
    ".rds",
    ".rdata",
    ".sav",
    ".dta",
    ".sas7bdat",
    ".zip",
    ".gz",
    ".7z",
    ".db",
    ".sqlite",
    ".duckdb",
)
NOT_READ = "not read: it is no file of a table"


def unknown_files(
    folder: Path, words: SupplierWords
) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    """E189 for each file or folder with tables that no table of the data dictionary has for its
    name, notes for the rest.

    The name of a file is no value from the data: it is told, with the name that was probably meant.
    """
    named = {table: own.file for table, own in words.tables.items() if own.file}
    known = {path for table in CONTRACTS for path in table_places(folder, table, named)}
    if (own_words := mapping_file(folder)) is not None:
        known |= {own_words}
    problems, notes = [], []
    for path in entries(folder):
        if path in known:
            notes += [Note(f"{path.name}/{part}", NOT_READ) for part in _beside_parts(path)]
        elif _stands_beside_its_table(path, known):
            notes.append(Note(path.name, "not read: only .csv and .parquet are"))
        elif path.suffix.casefold() in TABULAR or path.is_dir():
            problems.append(problem("E189", path.name, hint=_meant(path)))
        else:
            notes.append(Note(path.name, NOT_READ))
    return tuple(problems), tuple(notes)


def near_tables(folder: Path) -> tuple[str, ...]:
    """Tables whose names the files of a folder come near to."""
    near = [did_you_mean(path.stem, CONTRACTS) for path in entries(folder)]
    return tuple(name for name in CONTRACTS if f"Did you mean `{name}`?" in near)


def _meant(path: Path) -> str:
    """The table that a file or folder was probably meant to be."""
    if path.is_dir() and path.name.casefold() in CONTRACTS:
        return (
            "A folder of this name holds the parts of the table as Parquet files; one CSV file"
            " stands by itself."
        )
    return did_you_mean(path.stem, CONTRACTS)


def _beside_parts(path: Path) -> list[str]:
    return (
        [other.name for other in entries(path) if other not in parts_of(path)]
        if path.is_dir()
        else []
    )


def _stands_beside_its_table(path: Path, known: set) -> bool:
    """A spreadsheet of a table's name is E185 where the table is not there as well."""
    stems = {other.stem.casefold() for other in known if other is not None}
    stem = path.stem.casefold()
    return (
        stem in CONTRACTS
        and (stem in stems or path.suffix.casefold() in SPREADSHEETS)
        and path.is_file()
    )
