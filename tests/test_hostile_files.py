"""Promises of reading: whatever bytes stand in a file, what comes out is a table or one of our own
errors: file, column, rule and remedy, never a traceback, never the value, and never all the memory
of the machine."""

import datetime
import io
import json
import resource
import struct
import zipfile
from contextlib import suppress
from decimal import Decimal
from functools import cache

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from analysis.errors import DataError, ParameterError, PlanError, WorkbookError
from analysis.extracts.counts.grid_files import read_grid
from analysis.extracts.files.csv_file import _joined, _parse, _row_starts, _stray_quote
from analysis.extracts.files.input_limits import InputLimits
from analysis.extracts.rules.checking import examine_folder
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.synthetic.nation import write_demo
from analysis.vocabulary.yaml_file import load_yaml

STAFF, MARK = "practitioners", "Zanzibar-7731"
SOME = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    folder = tmp_path_factory.mktemp("valid")
    write_demo(folder, region="wales", people=200, fmt="parquet")
    return folder


@pytest.fixture
def folder(valid, tmp_path):
    for path in valid.glob("*.parquet"):
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / f"{STAFF}.parquet").unlink()
    return tmp_path


@pytest.fixture(scope="module")
def staff(valid) -> pa.Table:
    return pq.read_table(valid / f"{STAFF}.parquet")


def with_column(table: pa.Table, name: str, cells: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, cells)


def codes(folder, table=STAFF, **options) -> set[str]:
    found = examine_folder(folder, **options).problems
    text = "\n".join(map(str, found))
    assert MARK not in text and "Traceback" not in text
    return {problem.code for problem in found if problem.file.startswith(table)}


def same(value, n: int, kind) -> pa.Array:
    return pa.array([value] * n, kind)


NO_CELLS = {
    "list": ([MARK], pa.list_(pa.string())),
    "large list": ([MARK], pa.large_list(pa.string())),
    "fixed list": ([1, 2], pa.list_(pa.int8(), 2)),
    "struct": ({"name": MARK}, pa.struct([("name", pa.string())])),
    "map": ([(MARK, 1)], pa.map_(pa.string(), pa.int8())),
    "nested": ([{"a": [[MARK]]}], pa.list_(pa.struct([("a", pa.list_(pa.list_(pa.string())))]))),
    "time": (datetime.time(7, 7, 31), pa.time64("us")),
    "duration": (datetime.timedelta(seconds=7731), pa.duration("s")),
}


@pytest.mark.parametrize("kind", NO_CELLS)
@pytest.mark.parametrize("column", ["ethnicity", "practitioner_id", "length_of_service_years"])
def test_a_column_that_holds_no_cells_is_named(folder, staff, kind, column):
    cells = same(NO_CELLS[kind][0], len(staff), NO_CELLS[kind][1])
    pq.write_table(with_column(staff, column, cells), folder / f"{STAFF}.parquet")
    found = [p for p in examine_folder(folder).problems if p.code == "E385"]
    assert [(p.file, p.column) for p in found] == [(f"{STAFF}.parquet", column)]
    assert found[0].remedy and MARK not in str(found[0])


def test_an_extension_type_is_read_as_what_it_is_stored_in_or_named(folder, staff):
    import uuid

    cells = pa.array([uuid.uuid4().bytes for _ in range(len(staff))], pa.binary(16))
    column = pa.ExtensionArray.from_storage(pa.uuid(), cells)
    pq.write_table(with_column(staff, "practitioner_id", column), folder / f"{STAFF}.parquet")
    assert codes(folder) & {"E385", "E106"}


def test_a_dictionary_of_structs_is_no_cell(folder, staff, monkeypatch):
    """Parquet has no such type today; a reader of the next version may give one."""
    from analysis.extracts.files import parquet_file

    kind = pa.dictionary(pa.int8(), pa.struct([("a", pa.string())]))
    assert not parquet_file._is(
        parquet_file._plain_type(kind),
        *parquet_file.TEXTS,
        *parquet_file.BYTES,
        *parquet_file.OTHERS,
        *parquet_file.DAYS,
    )


DAYS = {
    "year 1": (datetime.date(1, 1, 1), pa.date32()),
    "year 9999": (datetime.date(9999, 12, 31), pa.date32()),
    "300000 BC": (-110_000_000, pa.date32()),
    "far future": (2**31 - 1, pa.date32()),
    "date64": (-(2**62), pa.date64()),
    "us": (-(2**62), pa.timestamp("us")),
    "milliseconds": (2**62, pa.timestamp("ms")),
    "ns": (2**63 - 1, pa.timestamp("ns")),
    "ns least": (-(2**63) + 1, pa.timestamp("ns")),
    "zone": (-(2**62), pa.timestamp("ms", tz="Europe/London")),
}


@pytest.mark.parametrize("day", DAYS)
def test_days_of_far_times_are_a_fault_of_dates(valid, tmp_path, day):
    value, kind = DAYS[day]
    for path in valid.glob("*.parquet"):
        (tmp_path / path.name).symlink_to(path)
    table = pq.read_table(valid / "people_on_probation.parquet")
    if isinstance(value, int):
        width = pa.int32() if kind == pa.date32() else pa.int64()
        cells = pa.array([value] * len(table), width).view(kind)
    else:
        cells = same(value, len(table), kind)
    (tmp_path / "people_on_probation.parquet").unlink()
    changed = with_column(table, "first_allocated_on", cells)
    pq.write_table(changed, tmp_path / "people_on_probation.parquet")
    found = [p for p in examine_folder(tmp_path).problems if p.column == "first_allocated_on"]
    assert found and all(p.code in ("E130", "E132", "E135", "E136", "E137") for p in found)


def test_bytes_decimals_and_nulls_are_cells(folder, staff):
    ids = [value.encode() for value in staff["practitioner_id"].to_pylist()]
    table = with_column(staff, "practitioner_id", pa.array(ids, pa.binary()))
    years = pa.array([Decimal("7.50")] * len(table), pa.decimal128(9, 2))
    table = with_column(table, "length_of_service_years", years)
    pq.write_table(table, folder / f"{STAFF}.parquet")
    assert codes(folder) == set()
    broken = with_column(table, "practitioner_id", pa.array([b"\xff\xfe7731"] * len(table)))
    pq.write_table(broken, folder / f"{STAFF}.parquet")
    assert "E106" in codes(folder)


def test_a_column_twice_and_no_row_group_are_faults(folder, staff):
    twice = staff.append_column("ethnicity", staff["ethnicity"])
    pq.write_table(twice, folder / f"{STAFF}.parquet")
    assert "E104" in codes(folder)
    pq.ParquetWriter(folder / f"{STAFF}.parquet", staff.schema).close()
    assert codes(folder) == {"E102"}


def test_limits_are_looked_at_in_the_footer_before_anything_is_read(folder, staff, monkeypatch):
    pq.write_table(staff, folder / f"{STAFF}.parquet")
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda *a, **k: pytest.fail("read"))
    for variable, least in (("ROWS", "3"), ("BYTES", "40")):
        monkeypatch.setenv(f"WORKBOOK_INPUT_{variable}", least)
        found = [p for p in examine_folder(folder, tables=(STAFF,)).problems if p.code == "E386"]
        assert found and f"WORKBOOK_INPUT_{variable}" in found[0].remedy
        monkeypatch.delenv(f"WORKBOOK_INPUT_{variable}")
    many = pa.table({f"c{n}": pa.array([1]) for n in range(600)})
    pq.write_table(many, folder / f"{STAFF}.parquet")
    assert codes(folder, tables=(STAFF,)) == {"E386"}


def test_the_same_limits_hold_for_csv(folder, staff, monkeypatch):
    frame = staff.to_pandas()
    frame.to_csv(folder / f"{STAFF}.csv", index=False)
    assert codes(folder) == set()
    monkeypatch.setenv("WORKBOOK_INPUT_ROWS", "3")
    assert "E386" in codes(folder)
    monkeypatch.delenv("WORKBOOK_INPUT_ROWS")
    monkeypatch.setenv("WORKBOOK_INPUT_BYTES", "40")
    assert codes(folder) == {"E386"}
    monkeypatch.delenv("WORKBOOK_INPUT_BYTES")
    (folder / f"{STAFF}.csv").write_text(",".join(f"c{n}" for n in range(600)) + "\n1\n")
    assert codes(folder) == {"E386"}
    (folder / f"{STAFF}.csv").write_text("a,b\n" + MARK * 20_000 + ",1\n")
    assert "E109" in codes(folder)


@pytest.mark.parametrize("value", ["0", "-1", "many", "1e6", "²"])
def test_a_limit_that_is_no_number_is_refused(monkeypatch, value):
    monkeypatch.setenv("WORKBOOK_INPUT_ROWS", value)
    with pytest.raises(ParameterError, match="E229"):
        InputLimits.from_environment()


def test_one_long_text_behind_many_rows_unfolds_to_nothing(folder, staff):
    """A dictionary holds the text once; written out it would take 20 GB."""
    n = 300_000
    text = pa.DictionaryArray.from_arrays(pa.array([0] * n, pa.int32()), ["x" * 70_000])
    table = pa.table({name: text for name in staff.column_names})
    pq.write_table(table, folder / f"{STAFF}.parquet")
    assert (folder / f"{STAFF}.parquet").stat().st_size < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "E386" in codes(folder, tables=(STAFF,))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_500_000  # kB


def test_an_encoding_that_hides_what_it_unfolds_to_is_refused(folder, staff):
    pq.write_table(
        staff,
        folder / f"{STAFF}.parquet",
        use_dictionary=False,
        column_encoding={"practitioner_id": "DELTA_BYTE_ARRAY"},
    )
    assert codes(folder) == {"E387"}


def test_encrypted_and_truncated_files_and_footers_that_lie(folder, staff):
    path = folder / f"{STAFF}.parquet"
    path.write_bytes(b"PARE" + b"\0" * 100 + b"PARE")
    assert "It is encrypted." in str(examine_folder(folder).problems[0])
    pq.write_table(staff, path)
    whole = path.read_bytes()
    for cut in (0, 3, 4, 8, 50, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert codes(folder) <= {"E101", "E186"} and codes(folder)
    for size in (0, 2**31 - 1, 2**32 - 1, len(whole) * 2):
        path.write_bytes(whole[:-8] + struct.pack("<I", size) + b"PAR1")
        assert codes(folder) == {"E186"}


@SOME
@given(data=st.data())
def test_no_byte_changed_in_a_parquet_file_brings_out_anything_else(folder, staff, data):
    path = folder / f"{STAFF}.parquet"
    pq.write_table(staff, path)
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        # half of the changes in the footer, where lies stand
        first = data.draw(st.sampled_from([4, max(4, len(whole) - 1500)]))
        whole[data.draw(st.integers(first, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(whole))
    codes(folder, tables=(STAFF,))


KINDS = st.sampled_from(
    [
        *(pa.int8(), pa.uint64(), pa.float16(), pa.float64(), pa.bool_(), pa.string(), pa.binary()),
        *(pa.null(), pa.date32(), pa.timestamp("s"), pa.timestamp("ns", tz="UTC"), pa.time32("s")),
        *(pa.decimal128(38, 10), pa.decimal256(76, 3), pa.binary(7), pa.large_string()),
    ]
)


@st.composite
def arrays(draw, n: int = 5) -> pa.Array:
    kind = draw(KINDS)
    nest = draw(st.sampled_from(["", "", "", "list", "struct", "dictionary"]))
    raw = draw(st.lists(st.integers(0, 2**16 - 1), min_size=n, max_size=n))
    cells = pa.nulls(n, kind)
    if pa.types.is_string(kind):
        cells = pa.array(draw(st.lists(st.text(max_size=9), min_size=n, max_size=n)), kind)
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        cells = pa.array([float(x % 100) for x in raw]).cast(kind, safe=False)
    elif pa.types.is_temporal(kind) and not pa.types.is_time(kind):
        width = pa.int32() if kind.bit_width == 32 else pa.int64()
        shift = draw(st.sampled_from([0, 14, 40 if kind.bit_width == 64 else 15]))
        cells = pa.array([x << shift for x in raw], pa.int64()).cast(width).view(kind)
    elif pa.types.is_binary(kind):
        cells = pa.array(draw(st.lists(st.binary(max_size=9), min_size=n, max_size=n)), kind)
    if nest == "list":
        return pa.ListArray.from_arrays(pa.array(range(n + 1), pa.int32()), cells)
    if nest == "struct":
        return pa.StructArray.from_arrays([cells], ["x"])
    return cells.dictionary_encode() if nest == "dictionary" else cells


@SOME
@given(data=st.data())
def test_tables_of_any_schema_give_a_table_or_our_errors(folder, staff, data):
    names = [*staff.column_names, "ethnicity", "a.b", ""]
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=9))
    table = pa.Table.from_arrays([data.draw(arrays()) for _ in chosen], chosen)
    try:
        pq.write_table(table, folder / f"{STAFF}.parquet")
    except (pa.ArrowException, OSError):
        return  # what cannot be written cannot be sent
    codes(folder, tables=(STAFF,))


@SOME
@given(lines=st.lists(st.text(max_size=30), max_size=8), header=st.booleans())
def test_csv_of_any_text_gives_a_table_or_our_errors(folder, staff, lines, header):
    text = (",".join(staff.column_names) + "\n" if header else "") + "\n".join(lines)
    (folder / f"{STAFF}.csv").write_bytes(text.encode("utf-8", "surrogatepass"))
    codes(folder, tables=(STAFF,))


@settings(SOME, max_examples=400)
@given(text=st.text('a", \n', min_size=1, max_size=24))
def test_rows_are_counted_as_they_are_read_or_the_file_is_refused(text):
    """A quote inside a bare cell opens nothing; lines counted otherwise would name wrong rows."""
    lines = text.encode().split(b"\n")
    starts = _row_starts(lines)
    assume(len(starts) and text.count('"') % 2 == 0)
    frame, wrong = _parse(_joined(lines, starts), 2)
    if _stray_quote(lines) is None:
        assert len(frame) + len(wrong) == len(starts)


@pytest.mark.parametrize("text", ['0"\n"', 'a"b,"c\nd"', '"a",b"\nc"', 'a,"b\n"c"d\ne,f"'])
def test_a_quote_that_opens_no_cell_is_refused_with_its_row(folder, staff, text):
    header = ",".join(staff.column_names)
    (folder / f"{STAFF}.csv").write_text(f"{header}\n{text}\n", encoding="utf-8")
    (found,) = examine_folder(folder, tables=(STAFF,)).problems
    assert (found.code, found.row > 1) == ("E107", True)


@SOME
@given(data=st.data())
def test_csv_with_any_cells_gives_a_table_or_our_errors(folder, staff, data):
    frame = staff.to_pandas().head(6).astype("str")
    cells = st.one_of(st.text(max_size=20), st.sampled_from(["1e999", "9" * 400, "=1+1", "\x85"]))
    for column in frame:
        frame.loc[data.draw(st.integers(0, 5)), column] = data.draw(
            cells.filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text))
        )
    frame.to_csv(folder / f"{STAFF}.csv", index=False)
    codes(folder, tables=(STAFF,))


# -- YAML ------------------------------------------------------------------------------------------
def load(folder, text: str | bytes):
    path = folder / "plan.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_yaml(path)


BOMBS = {
    "deep flow": "a: " + "[" * 100_000,
    "deep maps": "\n".join(" " * n + "a:" for n in range(500)),
    "deep lists": "- " * 3000 + "a",
    "aliases": "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "entries": "- a\n" * 300_000,
    "digits": "a: " + "9" * 5000,
    "bytes": "a: " + "x" * 3_000_000,
    "anchor on a map": "a: &x {b: 1}\n",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_deep_and_huge_yaml_is_refused_with_file_and_line(tmp_path, bomb):
    with pytest.raises(PlanError) as raised:
        load(tmp_path, BOMBS[bomb])
    assert raised.value.code in ("E228", "E205", "E201")
    assert "plan.yml, line " in str(raised.value) and len(str(raised.value)) < 300


def test_a_pipe_is_no_plan(tmp_path):
    import os

    os.mkfifo(tmp_path / "plan.yml")
    with pytest.raises(PlanError, match="E201"):
        load_yaml(tmp_path / "plan.yml")


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=60), st.text("[]{}:-,\n &*!|>'\"#%@?~.0e+a", max_size=60)))
def test_any_text_is_a_plan_or_one_of_our_errors(tmp_path_factory, text):
    with suppress(WorkbookError):
        load(tmp_path_factory.getbasetemp(), text.encode("utf-8", "surrogatepass"))


# -- spreadsheets ----------------------------------------------------------------------------------
def archive(entries: dict[str, bytes], **options) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return buffer.getvalue()


def workbook_bytes(change=lambda sheet: None) -> bytes:
    import openpyxl

    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["group", "n"])
    book.active.append([MARK, 12])
    change(book.active)
    book.save(buffer)
    return buffer.getvalue()


@cache
def one_workbook() -> bytes:
    """The same bytes for every example: a workbook says the second in which it was made."""
    return workbook_bytes()


def edited(data: bytes, entry: str, edit) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as kept:
        entries = {name: kept.read(name) for name in kept.namelist()}
    return archive(entries | {entry: edit(entries[entry])})


def refused(tmp_path, name: str, data: bytes) -> str:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError) as raised:
        read_grid(tmp_path / name)
    assert MARK not in str(raised.value)
    return raised.value.problems[0].code


def test_archives_that_unfold_are_refused_before_an_entry_is_read(tmp_path, monkeypatch):
    bomb = archive({"content.xml": b" " * 30_000_000})
    many = archive({f"{n}.xml": b"<a/>" for n in range(1500)})
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *a, **k: pytest.fail("read"))
    for name in ("a.ods", "a.xlsx"):
        assert refused(tmp_path, name, bomb) == "E250"
        assert refused(tmp_path, name, many) == "E250"


def test_merged_areas_of_a_billion_cells_are_refused(tmp_path):
    def merged(xml: bytes) -> bytes:
        end = b"</sheetData>"
        area = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        return xml.replace(end, end + area)

    sheet = edited(workbook_bytes(), "xl/worksheets/sheet1.xml", merged)
    assert refused(tmp_path, "a.xlsx", sheet) == "E250"
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    for attribute in ("number-rows-spanned", "number-columns-repeated", "number-rows-spanned"):
        for number in ("999999999999", "-5", "many", ""):
            cell = f'<t:table-cell t:{attribute}="{number}" t:number-columns-spanned="999999"/>'
            text = f'<x xmlns:t="{table}"><t:table t:name="a"><t:table-row>{cell}</t:table-row>'
            data = archive({"content.xml": f"{text}</t:table></x>".encode()})
            assert refused(tmp_path, "a.ods", data) in ("E250", "E101")


@SOME
@given(data=st.data())
def test_no_byte_changed_in_a_spreadsheet_brings_out_anything_else(tmp_path, data):
    whole = bytearray(one_workbook())
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"a.{data.draw(st.sampled_from(['xlsx', 'ods']))}"
    path.write_bytes(bytes(whole))
    try:
        read_grid(path)
    except WorkbookError as error:
        assert MARK not in str(error)


@SOME
@given(data=st.data())
def test_no_text_changed_in_a_sheet_brings_out_anything_else(tmp_path, data):
    def change(xml: bytes) -> bytes:
        where = data.draw(st.integers(0, len(xml)))
        return xml[:where] + data.draw(st.binary(max_size=6)) + xml[where + 2 :]

    path = tmp_path / "a.xlsx"
    path.write_bytes(edited(workbook_bytes(), "xl/worksheets/sheet1.xml", change))
    try:
        read_grid(path)
    except WorkbookError as error:
        assert MARK not in str(error)


def test_the_marks_of_the_contracts_do_not_stand_in_their_own_words():
    """What the other tests look for would be found nowhere else."""
    assert MARK not in json.dumps([str(contract) for contract in CONTRACTS.values()])
    assert not pd.isna(MARK)
