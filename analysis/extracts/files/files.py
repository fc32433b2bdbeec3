"""Files to tables of text, with every fault of the file itself (E10x, E18x). Values never enter a
problem."""

import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.blanks import plain_name
from analysis.extracts.files.csv_file import Read, nothing, read_csv
from analysis.extracts.files.date_formats import day_in
from analysis.extracts.files.mapping import NAME as MAPPING
from analysis.extracts.files.mapping import TableWords
from analysis.extracts.files.notes import Note
from analysis.extracts.files.parquet_file import read_parquet
from analysis.extracts.reading.manifest import entries, parts_of, table_places
from analysis.extracts.tables.codes import did_you_mean, problem
from analysis.extracts.tables.contract import Contract

SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")


@dataclass(frozen=True, eq=False)
class TextTable:
    """A table as text. `rows` and `files`: line (the header being 1) and file of each row."""

    contract: Contract
    frame: pd.DataFrame
    rows: np.ndarray
    files: np.ndarray

    def problem(
        self,
        code: str,
        broken: np.ndarray | pd.Series,
        *,
        column: str | None = None,
        hint: str = "",
    ) -> tuple[Problem, ...]:
        """One problem for the rows that are `broken` (the first is named, all are counted); none
        where none is."""
        where = np.flatnonzero(np.asarray(broken, dtype=bool))
        if not len(where):
            return ()
        first = where[0]
        return (
            problem(
                code,
                str(self.files[first]),
                row=int(self.rows[first]),
                column=column,
                count=len(where),
                hint=hint,
            ),
        )


def read_text_table(
    folder: Path, contract: Contract, words: TableWords | None = None
) -> tuple[TextTable | None, tuple[Problem, ...], tuple[Note, ...]]:
    """One table of a folder: <table>.csv, <table>.parquet or <table>/*.parquet. None where nothing
    could be read.

    `words`: what the supplier calls things in this table; they are ours in what comes back.
    """
    words = words or TableWords()
    paths, problems = _find(folder, contract, words)
    reads = [
        (str(path.relative_to(folder)), _read(path, folder, contract, words)) for path in paths
    ]
    problems += tuple(fault for _, read in reads for fault in read.problems)
    notes = tuple(note for _, read in reads for note in read.notes)
    usable = [(name, read.frame, read.rows) for name, read in reads if read.frame is not None]
    if not usable:
        return None, problems, notes
    frame = pd.concat([own for _, own, _ in usable], ignore_index=True).fillna("")
    files = np.array([name for name, own, _ in usable for _ in range(len(own))], dtype=object)
    table = TextTable(contract, frame, np.concatenate([rows for _, _, rows in usable]), files)
    table, translated = _translated(table, words)
    return table, problems, (*notes, *translated)


def _read(path: Path, folder: Path, contract: Contract, words: TableWords) -> Read:
    name = str(path.relative_to(folder))
    unreadable = _not_a_file(path, name)
    if unreadable:
        return nothing(*unreadable)
    return (read_csv if path.suffix.casefold() == ".csv" else read_parquet)(
        path, name, contract, words
    )


def _find(
    folder: Path, contract: Contract, words: TableWords
) -> tuple[list[Path], tuple[Problem, ...]]:
    """The files of a table. E100, E184, E185 or E377 where there are none or too many."""
    table = contract.table
    found = table_places(folder, table, {table: words.file} if words.file else None)
    if len(found) > 1:
        return [], (problem("E184", table),)
    if found:
        return list(parts_of(found[0]) or found), ()
    if words.file:
        return [], (problem("E377", MAPPING, hint=f"It is named for the table {table}."),)
    beside = [path.name for path in entries(folder)]
    if any(name.casefold() == f"{table}{suffix}" for name in beside for suffix in SPREADSHEETS):
        return [], (problem("E185", table),)
    if contract.optional:
        return [], ()
    others = [path.name for path in entries(folder) if path.is_file()]
    near = did_you_mean(table, [Path(name).stem for name in others])
    like = [name for name in others if near == f"Did you mean `{Path(name).stem}`?"]
    return [], (problem("E100", table, hint=f"Is it `{like[0]}`?" if like else ""),)


def _not_a_file(path: Path, name: str) -> tuple[Problem, ...]:
    try:
        kind = path.stat().st_mode
    except OSError:
        return (problem("E181" if path.is_symlink() else "E197", name),)
    return () if stat.S_ISREG(kind) else (problem("E180", name),)


def _translated(table: TextTable, words: TableWords) -> tuple[TextTable, list[Note]]:
    """The table with the supplier's labels and dates turned into ours, and how often each was."""
    frame, notes = table.frame.copy(), []
    for name, labels in words.labels.items():
        if name in frame:
            frame[name], told = _labels_read(table, name, labels, words)
            notes += told
    for name, form in words.dates.items():
        if name in frame:
            codes, found = pd.factorize(frame[name])
            days = np.array([day_in(text.strip(), form) for text in found], dtype=object)[codes]
            after = pd.Series(days, index=frame.index, dtype="str")
            notes += counted(table, name, after != frame[name], f"dates read by {MAPPING}")
            frame[name] = after
    notes += [
        Note(str(table.files[0]), f"the supplier's heading read by {MAPPING}", ours)
        for ours in words.columns.values()
        if ours in frame
    ]
    return TextTable(table.contract, frame, table.rows, table.files), notes


def _labels_read(
    table: TextTable, name: str, labels, words: TableWords
) -> tuple[pd.Series, list[Note]]:
    codes, found = pd.factorize(table.frame[name])
    plain = [plain_name(text) for text in found]
    values = np.array(
        [labels.get(key, text) for key, text in zip(plain, found, strict=True)], dtype=object
    )
    mapped = np.array([key in labels for key in plain], dtype=bool)[codes]
    notes = counted(table, name, mapped, f"labels read by {MAPPING}")
    for key in sorted(set(labels) - set(plain)):
        line = words.lines.get(("labels", name, key))
        notes.append(Note(f"{MAPPING}, line {line}", "this label never occurs in the table", name))
    return pd.Series(values[codes], index=table.frame.index, dtype="str"), notes


def counted(table: TextTable, column: str, where: np.ndarray | pd.Series, rule: str) -> list[Note]:
    """One note for each file in which rows are `where`."""
    files = (
        pd.Series(table.files[np.flatnonzero(np.asarray(where, dtype=bool))])
        .value_counts()
        .sort_index()
    )
    return [Note(str(file), rule, column, int(count)) for file, count in files.items()]


__all__ = ["Note", "TextTable", "counted", "read_text_table"]
