"""A Parquet file to text columns: what its footer says is looked at before anything is read, and
what comes out is held to it (E18x, E38x)."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.cells import as_text
from analysis.extracts.files.csv_file import Read, nothing
from analysis.extracts.files.headings import headings
from analysis.extracts.files.input_limits import LONGEST_LINE, InputLimits
from analysis.extracts.files.mapping import TableWords
from analysis.extracts.tables.codes import problem
from analysis.extracts.tables.contract import Contract

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ENCRYPTED = b"PARE"  # first bytes of a file whose footer is encrypted (Parquet, Encryption.md)
# Each value goes on from the one before: some bytes unfold to gigabytes, and no footer says so.
UNFOLDS = "DELTA_BYTE_ARRAY"
ROWS_AT_ONCE = 65_536
# Kinds of cells by the names of pyarrow's checks. Whatever else there is, now or later (lists,
# structs, maps, unions, times of day, durations, extensions), is no cell.
TEXTS = ("is_string", "is_large_string", "is_string_view")
BYTES = ("is_binary", "is_large_binary", "is_binary_view", "is_fixed_size_binary")
OTHERS = ("is_null", "is_boolean", "is_integer", "is_floating", "is_decimal", "is_date")
DAYS = ("is_date", "is_timestamp")
SECONDS_A_DAY = 86_400
# 0001-01-01 and 9999-12-31 as days since 1970-01-01: what a date of a data dictionary can name.
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # of a second


def read_parquet(path: Path, name: str, contract: Contract, words: TableWords) -> Read:
    """The columns of the contract as text; a footer above a limit, a type that is no cell, or bytes
    that are no Parquet are told, never a value."""
    faults = _faults_of_bytes(path, name)
    if faults:
        return nothing(*faults)
    try:
        return _read(path, name, contract, words)
    except Exception as error:  # whatever Arrow makes of hostile bytes; its words can hold values
        if isinstance(error, MemoryError):
            return nothing(problem("E386", name))
        return nothing(problem("E186", name))


def _faults_of_bytes(path: Path, name: str) -> tuple[Problem, ...]:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            first = file.read(4)
    except OSError:
        return (problem("E197", name),)
    if not size:
        return (problem("E101", name),)
    if first == ENCRYPTED:
        return (problem("E186", name, hint="It is encrypted."),)
    return InputLimits.from_environment().faults(name, size=size)


def _read(path: Path, name: str, contract: Contract, words: TableWords) -> Read:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, memory_map=False, thrift_string_size_limit=10_000_000) as file:
        faults = _faults_of_footer(file.metadata, name)
        if faults:
            return nothing(*faults)
        schema = file.schema_arrow
        found, problems = headings(schema.names, name, contract, words)
        if not file.metadata.num_rows:
            return nothing(*problems, problem("E102", name))
        wanted = {place: own for place, own in enumerate(found) if own}
        problems += _faults_of_types(schema, wanted, contract, name, file.metadata.num_rows)
        if any(fault.code == "E385" for fault in problems):
            return nothing(*problems)
    return _cells(path, name, schema, wanted, problems)


def _faults_of_footer(footer: "pq.FileMetaData", name: str) -> tuple[Problem, ...]:
    """E386 where it promises more than is taken in, E387 where what it promises cannot be held to,
    E186 where it contradicts itself."""
    limits = InputLimits.from_environment()
    faults = limits.faults(
        name, rows=footer.num_rows, columns=footer.num_columns, groups=footer.num_row_groups
    )
    if faults:
        return faults
    groups = [footer.row_group(n) for n in range(footer.num_row_groups)]
    chunks = [group.column(n) for group in groups for n in range(group.num_columns)]
    sizes = [chunk.total_uncompressed_size for chunk in chunks]
    rows = [group.num_rows for group in groups]
    if min([*sizes, *rows], default=0) < 0 or sum(rows) != footer.num_rows:
        return (problem("E186", name),)
    if any(UNFOLDS in chunk.encodings for chunk in chunks):
        return (problem("E387", name),)
    return limits.faults(name, size=sum(sizes))


def _faults_of_types(
    schema: "pa.Schema", wanted: dict[int, str], contract: Contract, name: str, rows: int
) -> tuple[Problem, ...]:
    """E385 for a column whose type is no cell; E122 and E123 for ids that are no text."""
    import pyarrow as pa

    faults: list[Problem] = []
    for place, heading in wanted.items():
        kind = _plain_type(schema.field(place).type)
        if not _is(kind, *TEXTS, *BYTES, *OTHERS, *DAYS):
            faults.append(problem("E385", name, column=heading, count=rows))
        elif contract.column(heading).kind == "id" and not _is(kind, *TEXTS, *BYTES, "is_null"):
            code = "E123" if pa.types.is_floating(kind) else "E122"
            faults.append(problem(code, name, column=heading, count=rows))
    return tuple(faults)


def _plain_type(kind: "pa.DataType") -> "pa.DataType":
    """The type of the values of a dictionary; any other type as it is."""
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is(kind: "pa.DataType", *checks: str) -> bool:
    import pyarrow as pa

    return any(getattr(pa.types, check)(kind) for check in checks)


def _cells(
    path: Path,
    name: str,
    schema: "pa.Schema",
    wanted: dict[int, str],
    problems: tuple[Problem, ...],
) -> Read:
    """The wanted columns as text, batch by batch: a file that unfolds to more than its footer says
    is left as soon as it does. Texts stay behind their dictionary until their lengths are known."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    limits = InputLimits.from_environment()
    names = list(dict.fromkeys(schema.field(place).name for place in wanted))
    places = [place for place, field in enumerate(schema) if field.name in names]
    texts = [
        schema.field(place).name
        for place in places
        if _is(_plain_type(schema.field(place).type), *TEXTS, *BYTES)
    ]
    parts: dict[int, list] = {place: [] for place in wanted}
    size = rows = 0
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        promised = file.metadata.num_rows
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=names, use_threads=False):
            if batch.num_columns != len(places):
                return nothing(*problems, problem("E186", name))
            rows += batch.num_rows
            for place, heading in wanted.items():
                cells = batch.column(places.index(place))
                longest, whole = _lengths(cells)
                size += whole
                if longest > LONGEST_LINE:
                    return nothing(*problems, problem("E109", name, column=heading))
                parts[place].append(cells)
            if faults := limits.faults(name, rows=rows, size=size):
                return nothing(*problems, *faults)
    if rows != promised:
        return nothing(*problems, problem("E186", name))
    columns = {}
    for place, heading in wanted.items():
        cells = pa.chunked_array(parts[place])
        faults = _faults_of_values(cells, name, heading)
        problems += faults
        if not faults:  # one that is there and cannot be read is told once
            columns[heading] = as_text(_in_reach(cells).to_pandas())
    return Read(pd.DataFrame(columns), np.arange(2, rows + 2), problems)


def _in_reach(cells: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Times in microseconds: the first day that nanoseconds reach begins before their range."""
    import pyarrow as pa

    if not pa.types.is_timestamp(cells.type) or cells.type.unit != "ns":
        return cells
    return cells.cast(pa.timestamp("us", cells.type.tz), safe=False)


def _lengths(cells: "pa.Array") -> tuple[int, int]:
    """Bytes of the longest cell, and of all of them written out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(cells.type):
        if not _is(cells.type.value_type, *TEXTS, *BYTES):
            return 0, 8 * len(cells)
        own = pc.binary_length(_binary(cells.dictionary))
        lengths = own.take(cells.indices)
    elif _is(cells.type, *TEXTS, *BYTES):
        lengths = pc.binary_length(_binary(cells))
    else:
        return 0, 8 * len(cells)
    return pc.max(lengths).as_py() or 0, pc.sum(lengths.cast("int64")).as_py() or 0


def _binary(cells: "pa.Array") -> "pa.Array":
    """Texts and bytes of any width as bytes."""
    return cells.cast("large_binary")


def _faults_of_values(cells: "pa.ChunkedArray", name: str, heading: str) -> tuple[Problem, ...]:
    """E106 for bytes that are no text, E130 for days that no calendar of the data dictionary
    has."""
    import pyarrow as pa

    kind = _plain_type(cells.type)
    if _is(kind, *BYTES):
        flat = cells.cast(kind) if pa.types.is_dictionary(cells.type) else cells
        wrong = np.flatnonzero([not _is_utf8(value) for value in flat.to_pylist()])
    elif _is(kind, *DAYS):
        wrong = _off_the_calendar(cells, kind)
    else:
        return ()
    if not len(wrong):
        return ()
    code = "E106" if _is(kind, *BYTES) else "E130"
    return (problem(code, name, row=int(wrong[0]) + 2, column=heading, count=len(wrong)),)


def _is_utf8(value: bytes | None) -> bool:
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        return False
    return True


def _off_the_calendar(cells: "pa.ChunkedArray", kind: "pa.DataType") -> np.ndarray:
    """Places (from 0) of days and times before year 1 or after year 9999."""
    import pyarrow as pa
    import pyarrow.compute as pc

    flat = cells.cast(kind) if pa.types.is_dictionary(cells.type) else cells
    if pa.types.is_date32(kind):
        each, stored = 1, "int32"
    else:
        unit = "ms" if pa.types.is_date64(kind) else kind.unit
        each, stored = SECONDS_A_DAY * UNITS[unit], "int64"
    numbers = pa.chunked_array([chunk.view(stored) for chunk in flat.chunks], type=stored)
    most = 2 ** (8 * np.dtype(stored).itemsize - 1) - 1
    first, last = max(FIRST_DAY * each, -most - 1), min((LAST_DAY + 1) * each - 1, most)
    off = pc.or_(
        pc.less(numbers, pa.scalar(first, stored)), pc.greater(numbers, pa.scalar(last, stored))
    )
    return np.flatnonzero(pc.fill_null(off, False).to_numpy())
