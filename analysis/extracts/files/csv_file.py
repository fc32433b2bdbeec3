"""A CSV file to text columns: faults of bytes and lines (E10x, E18x), the header, and the line on
which each row begins."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.headings import column_names, headings
from analysis.extracts.files.input_limits import LONGEST_LINE, MOST_BYTES_OF_CSV, InputLimits
from analysis.extracts.files.mapping import TableWords
from analysis.extracts.files.notes import Note
from analysis.extracts.tables.codes import problem
from analysis.extracts.tables.contract import Contract

TITLE_LINES = 50  # how far below the first line a header is looked for

# A line's cells by RFC 4180, section 2, and as Arrow reads them: a quote opens a cell only as its
# first character; elsewhere in a bare cell it is a character like any other.
_CELL = rb'(?:"(?:[^"]++|"")*+"[^",]*+|[^",][^,]*+|)'
_OPENING, _CLOSING = rb'"(?:[^"]++|"")*+', rb'(?:[^"]++|"")*+"[^",]*+'
# By whether a line begins inside a quoted cell, and whether it ends otherwise than it began.
_LINES = {
    (False, False): re.compile(rb"(?:%b,)*+%b" % (_CELL, _CELL)),
    (False, True): re.compile(rb"(?:%b,)*+%b" % (_CELL, _OPENING)),
    (True, True): re.compile(rb"%b(?:,%b)*+" % (_CLOSING, _CELL)),
    (True, False): re.compile(rb'(?:[^"]++|"")*+|%b,(?:%b,)*+%b' % (_CLOSING, _CELL, _OPENING)),
}


@dataclass(frozen=True, eq=False)
class Read:
    """What came out of one file: text columns under their headings, lines, faults and notes."""

    frame: pd.DataFrame | None
    rows: np.ndarray
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()


def nothing(*problems: Problem, notes: tuple[Note, ...] = ()) -> Read:
    """A file of which no row could be read."""
    return Read(None, np.array([], dtype="int64"), problems, notes)


def read_csv(path: Path, name: str, contract: Contract, words: TableWords) -> Read:
    """The columns of the contract as text. Lines may end in LF, CR LF or CR, also mixed in one
    file."""
    limits = InputLimits.from_environment()
    try:
        size = path.stat().st_size
        faults = limits.faults(name, size=size)
        if size > MOST_BYTES_OF_CSV:
            faults = (problem("E386", name, hint="Write a table of this size as Parquet."),)
        data = b"" if faults else path.read_bytes()
    except OSError:
        return nothing(problem("E197", name))
    faults = faults or _byte_faults(data, name) or limits.faults(name, rows=_lines_in(data))
    if faults:
        return nothing(*faults)
    notes: tuple[Note, ...] = ()
    if data.startswith(b"\xef\xbb\xbf"):
        notes += (Note(name, "byte order mark left out"),)
    if _mixed_ends(data):
        notes += (Note(name, "lines end in several ways; all are read"),)
    plain = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = plain.split(b"\n")
    faults = _line_faults(lines, name)
    if faults:
        return nothing(*faults, notes=notes)
    starts = _row_starts(lines)
    header = _header_line(lines, starts, contract, words)
    if header:
        hint = f"The header seems to be in line {starts[header] + 1}."
        return nothing(problem("E188", name, row=int(starts[0]) + 1, hint=hint), notes=notes)
    first = _cells(lines, starts, 0)
    faults = limits.faults(name, columns=len(first))
    if faults:
        return nothing(*faults, notes=notes)
    found, faults = headings(first, name, contract, words, line=int(starts[0]) + 1)
    if len(starts) == 1:
        return nothing(*faults, problem("E102", name), notes=notes)
    frame, wrong = _parse(_joined(lines, starts[1:]), len(found))
    numbers = starts[1:] + 1
    if len(frame) + len(wrong) != len(numbers):
        return nothing(*faults, problem("E107", name, row=_stray_quote(lines)), notes=notes)
    if wrong:
        faults += (problem("E105", name, row=int(numbers[wrong[0]]), count=len(wrong)),)
    kept = {heading: frame.iloc[:, i] for i, heading in enumerate(found) if heading}
    return Read(pd.DataFrame(kept), np.delete(numbers, wrong), faults, notes)


def _lines_in(data: bytes) -> int:
    """Rows that a file can have at most, whatever ends its lines."""
    return max(data.count(b"\n"), data.count(b"\r"))


def _mixed_ends(data: bytes) -> bool:
    """Whether a file was put together from files with other ends of lines."""
    both = data.count(b"\r\n")
    ends = (both, data.count(b"\n") - both, data.count(b"\r") - both)
    return sum(count > 0 for count in ends) > 1


def _byte_faults(data: bytes, name: str) -> tuple[Problem, ...]:
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        return (problem("E101", name),)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:400].count(b"\0") > 100:
        return (problem("E183", name),)
    if b"\0" in data:
        return (problem("E182", name, row=data[: data.index(b"\0")].count(b"\n") + 1),)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        return (
            problem(
                "E106",
                name,
                row=row,
                hint=f"Byte {error.start + 1} of the file is the first that is not.",
            ),
        )
    return ()


def _line_faults(lines: list[bytes], name: str) -> tuple[Problem, ...]:
    first = next(number for number, line in enumerate(lines) if line.strip())
    head = [line for line in lines[first : first + TITLE_LINES] if line.strip()]
    if not any(b"," in line for line in head) and any(
        b";" in line or b"\t" in line for line in head
    ):
        return (problem("E187", name, row=first + 1),)
    if max(map(len, lines)) > LONGEST_LINE:
        long = [number for number, line in enumerate(lines, start=1) if len(line) > LONGEST_LINE]
        return (problem("E109", name, row=long[0], count=len(long)),)
    odd = [
        number
        for number, line in enumerate(lines, start=1)
        if b'"' in line and line.count(b'"') % 2
    ]
    if len(odd) % 2:
        return (problem("E107", name, row=odd[0]),)
    stray = _stray_quote(lines) if odd else None
    return (problem("E107", name, row=stray),) if stray else ()


def _stray_quote(lines: list[bytes]) -> int | None:
    """The first line (from 1) of which two readers may make different cells: it holds a quote that
    neither opens nor closes a cell, and the cell before or after it goes over several lines."""
    inside = False
    for number, line in enumerate(lines, start=1):
        if b'"' not in line:
            continue
        turns = line.count(b'"') % 2 == 1
        if not _LINES[inside, turns].fullmatch(line):
            return number
        inside ^= turns
    return None


def _row_starts(lines: list[bytes]) -> np.ndarray:
    """Places (from 0) of the lines on which a row begins: no blank line, and none inside a quoted
    cell."""
    filled = np.fromiter((bool(line.strip()) for line in lines), dtype=bool, count=len(lines))
    odd = np.fromiter((line.count(b'"') % 2 for line in lines), dtype="int64", count=len(lines))
    inside = np.concatenate([[0], np.cumsum(odd)[:-1]]) % 2 == 1
    return np.flatnonzero(filled & ~inside)


def _joined(lines: list[bytes], starts: np.ndarray) -> bytes:
    """The rows that begin at `starts`, each with the lines that its quoted cells go on in."""
    first = int(starts[0])
    odd = np.fromiter(
        (line.count(b'"') % 2 for line in lines[first:]), dtype="int64", count=len(lines) - first
    )
    inside = np.concatenate([[0], np.cumsum(odd)[:-1]]) % 2 == 1
    kept = set(starts.tolist())
    return b"\n".join(
        line for n, line in enumerate(lines[first:]) if inside[n] or first + n in kept
    )


def _cells(lines: list[bytes], starts: np.ndarray, place: int) -> list[str]:
    """The cells of one row."""
    end = int(starts[place + 1]) if place + 1 < len(starts) else len(lines)
    text = b"\n".join(lines[int(starts[place]) : end]).decode()
    return next(csv.reader(io.StringIO(text, newline="")), [])


def _header_line(
    lines: list[bytes], starts: np.ndarray, contract: Contract, words: TableWords
) -> int:
    """Which row names the columns: 0, unless the first names none (or few) and a later one at least
    half of them."""
    known = [
        len(set(column_names(_cells(lines, starts, place), words)) & set(contract.names))
        for place in range(min(len(starts), TITLE_LINES))
    ]
    best = int(np.argmax(known))
    return best if known[best] > known[0] and known[best] >= len(contract.names) / 2 else 0


def _parse(data: bytes, width: int) -> tuple[pd.DataFrame, list[int]]:
    """Rows of text, and the places (from 0) of rows with another number of fields than the
    header."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    wrong: list[int] = []

    def skip(row) -> str:
        wrong.append(row.number - 1)
        return "skip"

    names = [f"column {i}" for i in range(width)]
    block = max(len(data) + 1, 1024)
    table = arrow_csv.read_csv(
        io.BytesIO(data),
        read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=block),
        parse_options=arrow_csv.ParseOptions(
            newlines_in_values=True, invalid_row_handler=skip, ignore_empty_lines=False
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False
        ),
    )
    return table.to_pandas(), wrong
