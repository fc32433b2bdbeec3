"""Promises of `workbook pull`: whole snapshots with a receipt, never overwritten, read by runs, and
no value of the URL."""

import hashlib
import json
import os
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import workbook

from analysis.errors import DataError, ParameterError, RunError
from analysis.extracts.reading import pull as pulling
from analysis.extracts.reading.engines import engine_faults, open_engine
from analysis.extracts.reading.pull import pull
from analysis.extracts.reading.snapshots import snapshot_folder
from analysis.extracts.reading.sources import open_tables
from analysis.extracts.tables.contracts import CONTRACTS, tables_of
from analysis.plans.registry import Source, load_plan, parse_source
from analysis.studies.disparity.counted.counts import counted_rows
from analysis.study.data_version import data_hash
from analysis.synthetic.nation import write_demo

SECRET = "zq7secret"  # stands in the path of the database, as a host or a password would
VARIABLE = "PILOT_TEST_DB"
SOURCE = Source("database", VARIABLE)


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    for service in ("caseload", "supervision"):
        write_demo(folder / service, region="wales", people=400, fmt="parquet", service=service)
    return folder


@pytest.fixture
def database(demo, tmp_path, monkeypatch) -> Path:
    """A DuckDB file with both services, one column and one table too many, and dates as DATE; its
    path is in VARIABLE."""
    path = tmp_path / f"{SECRET}.duckdb"
    with duckdb.connect(str(path)) as connection:
        for file in demo.glob("*/*.parquet"):
            connection.execute(
                f"CREATE OR REPLACE TABLE {file.stem} AS SELECT * FROM '{file}' ORDER BY random()"
            )
        connection.execute(
            "ALTER TABLE supervision_quarters ADD COLUMN surname VARCHAR DEFAULT 'zq7value'"
        )
        connection.execute("ALTER TABLE supervision_quarters ALTER quarter TYPE DATE")
        connection.execute("CREATE TABLE elsewhere AS SELECT 1 AS one")
    monkeypatch.setenv(VARIABLE, f"duckdb://{path}")
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path / "reports"))
    monkeypatch.delenv("WORKBOOK_ROUND", raising=False)
    return path


def change(database: Path, statement: str) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(statement)


def kept(tmp_path) -> list[str]:
    """Names of everything that stands among the snapshots."""
    return (
        sorted(os.listdir(tmp_path / "state" / "snapshots"))
        if (tmp_path / "state" / "snapshots").exists()
        else []
    )


def test_the_receipt_says_what_was_pulled_and_from_which_variable(database, tmp_path):
    pull(SOURCE, round_id="2026Q3", service="caseload")
    folder = tmp_path / "state" / "snapshots" / "2026Q3"
    receipt = json.loads((folder / "receipt.json").read_text())
    assert (receipt["round"], receipt["source"]) == ("2026Q3", f"database:{VARIABLE}")
    assert receipt["started"] <= receipt["finished"]
    assert set(receipt["tables"]) == {"supervision_quarters", "extract"}
    for name, entry in receipt["tables"].items():
        file, contract = folder / f"{name}.parquet", CONTRACTS[name]
        assert entry["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert entry["rows"] == pq.read_metadata(file).num_rows > 0
        assert tuple(entry["columns"]) == contract.names == tuple(pq.read_schema(file).names)
        assert "ORDER BY" in entry["query"] and all(
            f'"{key}"' in entry["query"] for key in contract.key
        )
        frame = pd.read_parquet(file)
        assert frame.equals(frame.sort_values(list(contract.key), ignore_index=True))
    assert SECRET not in json.dumps(receipt) and str(tmp_path) not in json.dumps(receipt)


def test_without_a_service_every_service_that_the_database_holds_is_pulled(database):
    receipt, _ = pull(SOURCE, round_id="r")
    assert set(receipt.tables) == {*tables_of("caseload"), *tables_of("supervision")}


def test_tables_of_a_snapshot_are_those_of_the_database(database, demo):
    pull(SOURCE, round_id="r", service="supervision")
    tables = list(tables_of("supervision"))
    found = open_tables(
        str(SOURCE), folder=snapshot_folder(SOURCE, "r"), tables=tables, region="wales"
    )
    direct = open_tables("extracts", folder=demo / "supervision", tables=tables, region="wales")
    for name in tables:
        pd.testing.assert_frame_equal(found[name], direct[name])


def test_counts_of_a_snapshot_are_those_of_the_extract(database, demo):
    pull(SOURCE, round_id="r", service="caseload")
    plan = load_plan("supervision")
    found = counted_rows(plan, "wales", str(SOURCE), snapshot_folder(SOURCE, "r"))
    direct = counted_rows(plan, "wales", "extracts", demo / "caseload")
    for view in ("by_round", "by_unit", "by_stratum"):
        pd.testing.assert_frame_equal(getattr(found, view), getattr(direct, view))


def test_a_snapshot_is_never_overwritten(database, tmp_path):
    pull(SOURCE, round_id="r", tables=["extract"])
    before = (tmp_path / "state" / "snapshots" / "r" / "receipt.json").read_bytes()
    with pytest.raises(ParameterError, match="E366"):
        pull(SOURCE, round_id="r", service="caseload")
    assert (tmp_path / "state" / "snapshots" / "r" / "receipt.json").read_bytes() == before
    assert kept(tmp_path) == ["r"]


def test_one_that_came_into_being_meanwhile_is_not_overwritten_either(
    database, tmp_path, monkeypatch
):
    check = pulling.examine

    def other_pull(folder, **choice):
        (folder.parent / "r").mkdir()
        (folder.parent / "r" / "theirs").touch()
        return check(folder, **choice)

    monkeypatch.setattr(pulling, "examine", other_pull)
    with pytest.raises(ParameterError, match="E366"):
        pull(SOURCE, round_id="r", tables=["extract"])
    assert os.listdir(tmp_path / "state" / "snapshots" / "r") == ["theirs"] and kept(tmp_path) == [
        "r"
    ]


def test_a_fault_midway_leaves_nothing(database, tmp_path, monkeypatch):
    write = pq.ParquetWriter.write_batch

    def broken(writer, batch, *rest):
        if "person_id" in batch.schema.names:
            raise pa.ArrowInvalid(f"{SECRET} zq7value")
        return write(writer, batch, *rest)

    monkeypatch.setattr(pq.ParquetWriter, "write_batch", broken)
    with pytest.raises(RunError, match="E363") as caught:
        pull(SOURCE, round_id="r", tables=["extract", "supervision_quarters"])
    assert kept(tmp_path) == []
    assert SECRET not in str(caught.value) and "zq7value" not in str(caught.value)


def test_a_full_disk_is_told_as_one_and_leaves_nothing(database, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_batch", full)
    with pytest.raises(OSError, match="No space"):
        pull(SOURCE, round_id="r", tables=["extract"])
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DROP TABLE supervision_outcomes", "E100"),
        ("ALTER TABLE supervision_quarters DROP COLUMN recalls", "E103"),
        ("UPDATE supervision_quarters SET sex = 'zq7value' WHERE sex = 'male'", "E192"),
    ],
)
def test_a_table_against_its_contract_is_reported_and_nothing_is_kept(
    database, tmp_path, statement, code
):
    change(database, statement)
    with pytest.raises(DataError) as caught:
        pull(SOURCE, round_id="r")
    assert code in {problem.code for problem in caught.value.problems}
    assert "zq7value" not in str(caught.value) and kept(tmp_path) == []


def test_a_database_without_any_table_of_ours_is_refused(tmp_path, monkeypatch):
    change(tmp_path / "empty.duckdb", "CREATE TABLE elsewhere AS SELECT 1 AS one")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "empty.duckdb"))
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    with pytest.raises(DataError, match="E100"):
        pull(SOURCE, round_id="r")


@pytest.mark.parametrize(
    ("choice", "near"),
    [({"tables": ["extracts"]}, "extract"), ({"service": "caselod"}, "caseload")],
)
def test_an_unknown_table_or_service_is_refused(database, choice, near):
    with pytest.raises(ParameterError, match=rf"E361.*`{near}`"):
        pull(SOURCE, round_id="r", **choice)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (None, "E361"),
        ("", "E361"),
        (f"mysql://{SECRET}:{SECRET}@host/db", "E362"),
        (SECRET, "E362"),
        (f"duckdb:///nowhere/{SECRET}.duckdb", "E363"),
    ],
)
def test_what_is_wrong_with_the_variable_is_said_without_its_value(
    tmp_path, monkeypatch, url, code
):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    (
        monkeypatch.delenv(VARIABLE, raising=False)
        if url is None
        else monkeypatch.setenv(VARIABLE, url)
    )
    with pytest.raises((ParameterError, RunError)) as caught:
        pull(SOURCE, round_id="r", service="caseload")
    assert caught.value.code == code and SECRET not in str(caught.value) and kept(tmp_path) == []


def test_a_driver_that_is_missing_is_named_with_its_extra():
    with pytest.raises(ParameterError, match=r"E362.*\[engines\]"), engine_faults("x"):
        raise ImportError(SECRET)


def test_a_database_is_opened_for_reading_only(database):
    with open_engine(f"duckdb://{database}") as backend, pytest.raises(duckdb.Error):
        backend.raw_sql("DROP TABLE extract")


@pytest.mark.parametrize(
    "written", [f"database:postgres://a:{SECRET}@host/db", "database:", "database", "database:a b"]
)
def test_a_url_in_the_place_of_the_name_is_refused_and_not_repeated(written):
    with pytest.raises(ParameterError, match=r"E213.*NAME") as caught:
        parse_source(written)
    assert SECRET not in str(caught.value)


def test_a_run_reads_the_snapshot_of_its_round_and_by_hand_the_newest(
    database, tmp_path, monkeypatch
):
    for name in ("one", "two"):
        pull(SOURCE, round_id=name, tables=["extract"])
    folder = tmp_path / "state" / "snapshots"
    assert snapshot_folder(SOURCE) == folder / "two"
    monkeypatch.setenv("WORKBOOK_ROUND", "one")
    assert snapshot_folder(SOURCE) == folder / "one"
    assert snapshot_folder(SOURCE, "two") == folder / "two"
    for other, name in (
        (SOURCE, "../two"),
        (Source("database", "ANOTHER"), "one"),
        (SOURCE, "three"),
    ):
        with pytest.raises(ParameterError, match="E364"):
            snapshot_folder(other, name)


def test_a_rerun_reads_what_was_pulled_for_it_else_what_was_pulled_for_the_round(
    database, tmp_path, monkeypatch
):
    folder = tmp_path / "state" / "snapshots"
    pull(SOURCE, round_id="2026Q3", tables=["extract"])
    assert snapshot_folder(SOURCE, "2026Q3r2") == folder / "2026Q3"
    pull(SOURCE, round_id="2026Q3r2", tables=["extract"])
    assert snapshot_folder(SOURCE, "2026Q3r2") == folder / "2026Q3r2"
    assert snapshot_folder(SOURCE, "2026Q3") == folder / "2026Q3r2"
    pull(SOURCE, round_id="2026Q3r3", tables=["extract"])
    assert snapshot_folder(SOURCE, "2026Q3r2") == folder / "2026Q3r2"
    with pytest.raises(ParameterError, match="E364"):
        snapshot_folder(SOURCE, "2026Q2")


def test_a_snapshot_that_was_changed_is_refused(database, tmp_path):
    pull(SOURCE, round_id="r", tables=["extract"])
    assert len(data_hash(SOURCE)) == 64
    pq.write_table(
        pa.table({"extract_date": ["2020-01-01"]}),
        tmp_path / "state" / "snapshots" / "r" / "extract.parquet",
    )
    with pytest.raises(RunError, match="E365"):
        data_hash(SOURCE)


@pytest.mark.slow
def test_the_command_line_pulls_refuses_a_second_time_and_runs_only_what_was_pulled(
    database, tmp_path
):
    choice = {
        "reports": tmp_path / "reports",
        VARIABLE: os.environ[VARIABLE],
        "WORKBOOK_STATE": str(tmp_path / "state"),
    }
    run = ("run", "supervision", "--region", "wales", "--data", str(SOURCE), "--dry-run", "--round")
    done = [
        workbook(*run, "2026Q3", **choice),
        workbook(
            "pull", "--from", str(SOURCE), "--round", "2026Q3", "--service", "caseload", **choice
        ),
        workbook("pull", "--from", str(SOURCE), "--round", "2026Q3", **choice),
        workbook(*run, "2026Q3", **choice),
        workbook(*run, "2026Q4", **choice),
        workbook("pull", "--from", str(SOURCE), "--round", "../2026Q3", **choice),
    ]
    assert [d.returncode for d in done] == [2, 0, 2, 0, 2, 2]
    said = [d.stdout + d.stderr for d in done]
    for text, part in zip(
        said, ("E364", "supervision_quarters:", "E366", "1 to run", "E364", "E216"), strict=True
    ):
        assert part in text and SECRET not in text
    change(database, "UPDATE supervision_quarters SET sex = 'zq7value' WHERE sex = 'male'")
    done = workbook("pull", "--from", str(SOURCE), "--round", "faulty", **choice)
    assert done.returncode == 2 and "E192 supervision_quarters.parquet" in done.stderr
    assert (
        SECRET not in done.stderr and "zq7value" not in done.stderr and kept(tmp_path) == ["2026Q3"]
    )
