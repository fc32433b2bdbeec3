"""Files to tables of text, with every fault of the file itself (E10x, E18x). Values never enter a problem."""

import csv
import io
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.cells import STRAY, as_text
from analysis.extracts.codes import did_you_mean, problem
from analysis.extracts.contract import Contract

LONGEST_LINE = 100_000  # characters: far above any row of the contracts, far below what a parser chokes on
SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")
# Headings of columns that name or locate people; matched as parts of a heading.
PERSONAL = re.compile(
    r"(^|_)(fore|sur|first|last|full|middle)?_?names?($|_)|dob|birth|address|post_?code|e_?mail|phone|mobile|nhs|pnc|crn|noms|nomis|prison_n|prn|nino|nat_ins"
)


@dataclass(frozen=True)
class Note:
    """Something that was mended on reading, and how often. Not a fault; written to the log."""

    file: str
    text: str
    column: str | None = None
    count: int = 1

    def __str__(self) -> str:
        where = self.file + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.text}" + (f" ({self.count} rows)" if self.count > 1 else "")


@dataclass(frozen=True, eq=False)
class TextTable:
    """A table as text. `rows` and `files`: line (the header being 1) and file of each row."""

    contract: Contract
    frame: pd.DataFrame
    rows: np.ndarray
    files: np.ndarray

    def problem(
        self, code: str, broken: np.ndarray | pd.Series, *, column: str | None = None, hint: str = ""
    ) -> tuple[Problem, ...]:
        """One problem for the rows that are `broken` (the first is named, all are counted); none where none is."""
        where = np.flatnonzero(np.asarray(broken, dtype=bool))
        if not len(where):
            return ()
        first = where[0]
        return (
            problem(
                code, str(self.files[first]), row=int(self.rows[first]), column=column, count=len(where), hint=hint
            ),
        )


@dataclass(frozen=True, eq=False)
class _Read:
    """What came out of one file: text columns under their headings, lines, faults and notes."""

    frame: pd.DataFrame | None
    rows: np.ndarray
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()


def read_text_table(folder: Path, contract: Contract) -> tuple[TextTable | None, tuple[Problem, ...], tuple[Note, ...]]:
    """One table of a folder: <table>.csv, <table>.parquet or <table>/*.parquet. None where nothing could be read."""
    paths, problems = _find(folder, contract)
    reads = []
    for path in paths:
        name = str(path.relative_to(folder))
        unreadable = _not_a_file(path, name)
        read = (
            _Read(None, np.array([]), unreadable)
            if unreadable
            else (_read_csv if path.suffix == ".csv" else _read_parquet)(path, name, contract)
        )
        reads.append((name, read))
        problems += read.problems
    notes = tuple(note for _, read in reads for note in read.notes)
    usable = [(name, read) for name, read in reads if read.frame is not None]
    if not usable:
        return None, problems, notes
    frame = pd.concat([read.frame for _, read in usable], ignore_index=True)
    files = np.concatenate([np.full(len(read.frame), name, dtype=object) for name, read in usable])
    return TextTable(contract, frame, np.concatenate([read.rows for _, read in usable]), files), problems, notes


def _find(folder: Path, contract: Contract) -> tuple[list[Path], tuple[Problem, ...]]:
    table = contract.table
    csv_file, parquet, parts = folder / f"{table}.csv", folder / f"{table}.parquet", folder / table
    found = [path for path in (csv_file, parquet) if os.path.lexists(path)]
    if parts.is_dir() and any(parts.glob("*.parquet")):
        found.append(parts)
    if len(found) > 1:
        return [], (problem("E184", table),)
    if found == [parts]:
        return sorted(parts.glob("*.parquet")), ()
    if found:
        return found, ()
    if any((folder / f"{table}{suffix}").exists() for suffix in SPREADSHEETS):
        return [], (problem("E185", table),)
    return [], () if contract.optional else (problem("E100", table),)


def _not_a_file(path: Path, name: str) -> tuple[Problem, ...]:
    try:
        kind = path.stat().st_mode
    except OSError:
        return (problem("E181" if path.is_symlink() else "E197", name),)
    return () if stat.S_ISREG(kind) else (problem("E180", name),)


def _read_csv(path: Path, name: str, contract: Contract) -> _Read:
    try:
        data = path.read_bytes()
    except OSError:
        return _Read(None, np.array([]), (problem("E197", name),))
    faults = _byte_faults(data, name)
    if faults:
        return _Read(None, np.array([]), faults)
    notes = (Note(name, "byte order mark left out"),) if data.startswith(b"\xef\xbb\xbf") else ()
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    faults = _line_faults(lines, name)
    if faults:
        return _Read(None, np.array([]), faults, notes)
    lead = next(number for number, line in enumerate(lines) if line.strip())
    headings, header_faults = _headings(next(csv.reader([lines[lead].decode()])), name, contract)
    if not any(line.strip() for line in lines[lead + 1 :]):
        return _Read(None, np.array([]), (*header_faults, problem("E102", name)), notes)
    frame, wrong = _parse(lines[lead + 1 :], len(headings))
    numbers = np.array([number for number, line in enumerate(lines, start=1) if line.strip()][1:])
    numbers = (
        numbers if len(numbers) == len(frame) + len(wrong) else np.arange(lead + 2, lead + 2 + len(frame) + len(wrong))
    )
    if wrong:
        header_faults += (problem("E105", name, row=int(numbers[wrong[0]]), count=len(wrong)),)
    kept = {heading: frame.iloc[:, i] for i, heading in enumerate(headings) if heading}
    return _Read(pd.DataFrame(kept), np.delete(numbers, wrong), header_faults, notes)


def _byte_faults(data: bytes, name: str) -> tuple[Problem, ...]:
    if not data.strip():
        return (problem("E101", name),)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:400].count(b"\0") > 100:
        return (problem("E183", name),)
    if b"\0" in data:
        return (problem("E182", name, row=data[: data.index(b"\0")].count(b"\n") + 1),)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        return (problem("E106", name, row=row, hint=f"Byte {error.start + 1} of the file is the first that is not."),)
    return ()


def _line_faults(lines: list[bytes], name: str) -> tuple[Problem, ...]:
    header = next(line for line in lines if line.strip())
    if b"," not in header and (b";" in header or b"\t" in header):
        return (problem("E187", name, row=1),)
    long = [number for number, line in enumerate(lines, start=1) if len(line) > LONGEST_LINE]
    if long:
        return (problem("E109", name, row=long[0], count=len(long)),)
    if b'"' in b"".join(lines[:1]) or any(b'"' in line for line in lines):
        odd = [number for number, line in enumerate(lines, start=1) if line.count(b'"') % 2]
        if sum(line.count(b'"') for line in lines) % 2:
            return (problem("E107", name, row=odd[0]),)
    return ()


def _parse(lines: list[bytes], width: int) -> tuple[pd.DataFrame, list[int]]:
    """Rows of text, and the places (from 0) of rows with another number of fields than the header."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    wrong: list[int] = []

    def skip(row) -> str:
        wrong.append(row.number - 1)
        return "skip"

    names = [f"column {i}" for i in range(width)]
    data = b"\n".join(lines)
    table = arrow_csv.read_csv(
        io.BytesIO(data),
        read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=max(len(data) + 1, 1024)),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False
        ),
    )
    return table.to_pandas(), wrong


def _headings(found: list[str], name: str, contract: Contract) -> tuple[list[str | None], tuple[Problem, ...]]:
    """The contract's name for each heading (None: not of the contract), and the faults. Headings are never repeated:
    in a file without a header they are values."""
    plain = [heading.strip(STRAY).lower() for heading in found]
    problems: list[Problem] = []
    for place, heading in enumerate(plain):
        where = f"number {place + 1}"
        if heading in plain[:place] and heading in contract.names:
            problems.append(problem("E104", name, row=1, column=heading))
        elif heading not in contract.names:
            code = "E171" if PERSONAL.search(re.sub(r"[^a-z]+", "_", heading)) else "E170"
            problems.append(problem(code, name, row=1, column=where, hint=did_you_mean(heading, contract.names)))
    for missing in (column for column in contract.names if column not in plain):
        like = [
            place + 1
            for place, heading in enumerate(plain)
            if heading not in contract.names and did_you_mean(heading, [missing])
        ]
        hint = f"Did you mean column number {like[0]}?" if like else ""
        problems.append(problem("E103", name, row=1, column=missing, hint=hint))
    known = [
        heading if heading in contract.names and heading not in plain[:place] else None
        for place, heading in enumerate(plain)
    ]
    return known, tuple(problems)


def _read_parquet(path: Path, name: str, contract: Contract) -> _Read:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.stat().st_size == 0:
        return _Read(None, np.array([]), (problem("E101", name),))
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError):
        return _Read(None, np.array([]), (problem("E186", name),))
    headings, problems = _headings(table.column_names, name, contract)
    if not table.num_rows:
        return _Read(None, np.array([]), (*problems, problem("E102", name)))
    columns = {}
    for place, heading in enumerate(headings):
        if heading is None:
            continue
        if contract.column(heading).kind == "id" and not _is_text(table.schema.field(place).type):
            code = "E123" if pa.types.is_floating(table.schema.field(place).type) else "E122"
            problems += (problem(code, name, column=heading, count=table.num_rows),)
        columns[heading] = as_text(table.column(place).to_pandas())
    return _Read(pd.DataFrame(columns), np.arange(2, table.num_rows + 2), problems)


def _is_text(arrow_type) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(arrow_type):
        return _is_text(arrow_type.value_type)
    return pa.types.is_string(arrow_type) or pa.types.is_large_string(arrow_type) or pa.types.is_string_view(arrow_type)
