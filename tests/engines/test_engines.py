"""The same counts on DuckDB, PostgreSQL and Spark, and what `workbook pull` freezes from PostgreSQL
(`make test-engines`)."""

import json

import pandas as pd
import pytest

from analysis.errors import RunError
from analysis.extracts.counts.counts import Counted, counts_by_group, rows_by_quarter, with_places
from analysis.extracts.reading.engines import engine_tables, one_moment, open_engine
from analysis.extracts.reading.pull import pull
from analysis.extracts.reading.snapshots import snapshot_folder
from analysis.extracts.reading.sources import lazy_table, typed_rows
from analysis.extracts.rules.recodes import recoded
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.registry import Source, load_plan
from analysis.studies.disparity.counted.counts import counted_rows

psycopg = pytest.importorskip("psycopg", reason="the extra `engines` is not installed")
pytest.importorskip("pyspark", reason="the extra `engines` is not installed")

SUPERVISION = [
    Counted(m.id, m.count, m.of, share=not m.of_days) for m in load_plan("supervision").measures
]
IN_PRISON = [
    Counted("force", "force_incidents", "custody_days"),
    Counted("basic", "on_basic", "at_snapshot"),
]
STAFF = [
    Counted("grievances", "grievances", "days_in_post"),
    Counted("promoted", "promoted", "promotion_eligible"),
]
POSTS = [Counted("appointed", "appointed", "applications")]
PRISON_STRATA = ["age_band", "sex", "offence_group", "security_category"]


def counted(tables: dict) -> dict[str, pd.DataFrame]:
    """Every kind of count that a monitor makes, from ibis tables of one engine."""
    cases, held, staff, posts = (
        tables[name]
        for name in ("supervision_quarters", "prison_quarters", "staff_quarters", "applications")
    )
    wales = with_places(held, tables["prisons"], region="wales")
    everywhere = with_places(held, tables["prisons"], region=None)
    quarters = tuple(rows_by_quarter(cases))
    strata = load_plan("supervision").adjust_for
    adjusted = [*strata.outside, *strata.service_decided]
    return {
        "quarters": pd.DataFrame({"quarter": quarters}),
        "by round": counts_by_group(cases, SUPERVISION, by=["quarter"]),
        "by unit": counts_by_group(
            cases, SUPERVISION, by=["unit_id"], since=quarters[-4], together=True
        ),
        "by stratum": counts_by_group(cases, SUPERVISION, by=adjusted, since=quarters[-1]),
        "two rounds": counts_by_group(cases, SUPERVISION[:1], since=quarters[1], until=quarters[2]),
        "prisons by round": counts_by_group(wales, IN_PRISON, by=["quarter"]),
        "prisons by place": counts_by_group(everywhere, IN_PRISON, by=["region", "quarter"]),
        "prisons by unit": counts_by_group(wales, IN_PRISON, by=["prison_id"], since=quarters[-4]),
        "prisons by stratum": counts_by_group(
            wales, IN_PRISON, by=PRISON_STRATA, since=quarters[-1]
        ),
        "people in post": counts_by_group(staff, STAFF, by=["grade"], together=True),
        "staff by round": counts_by_group(staff, STAFF, by=["quarter", "grade"]),
        "applications": counts_by_group(posts, POSTS, by=["quarter"], person=None),
        "recodes": recoded(staff, [(str(day.date()), day, day) for day in quarters]),
    }


def on_engine(backend, names) -> dict[str, pd.DataFrame]:
    found = engine_tables(backend, tuple(names))
    return counted({name: typed_rows(CONTRACTS[name], rows) for name, rows in found.items()})


def assert_same(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
    assert list(found) == list(expected)
    for what, frame in expected.items():
        pd.testing.assert_frame_equal(found[what], frame, obj=what)


@pytest.fixture(scope="module")
def on_duckdb(duckdb_url, frames):
    with open_engine(duckdb_url) as backend:
        return on_engine(backend, frames)


def test_what_is_compared_is_not_empty_and_the_crosswalk_is_dated(on_duckdb, frames):
    assert all(len(frame) > 3 for frame in on_duckdb.values())
    for count in ("events", "base", "events_squared"):
        assert on_duckdb["by round"][count].sum() > 100 < on_duckdb["prisons by round"][count].sum()
    moved = frames["prisons"][frames["prisons"].duplicated("prison_id")]["prison_id"].item()
    assert moved not in set(on_duckdb["prisons by unit"]["prison_id"])
    assert moved in set(frames["prison_quarters"]["prison_id"])
    by_place = on_duckdb["prisons by place"].query(
        "region == 'womens_prisons' and measure == 'force'"
    )
    assert by_place.groupby("quarter")["rows"].sum().nunique() > 1


def test_postgresql_counts_the_same(postgres_url, frames, on_duckdb):
    with open_engine(postgres_url) as backend:
        assert_same(on_engine(backend, frames), on_duckdb)


def test_spark_counts_the_same(spark_url, folder, frames, on_duckdb):
    with open_engine(spark_url) as backend:
        for name in frames:
            backend.read_parquet(folder / f"{name}.parquet", table_name=name)
        assert_same(on_engine(backend, frames), on_duckdb)


def test_a_snapshot_of_postgresql_counts_the_same(
    postgres_url, frames, on_duckdb, tmp_path, monkeypatch
):
    monkeypatch.setenv("PILOT_PG", postgres_url)
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path))
    source = Source("database", "PILOT_PG")
    receipt, _ = pull(source, round_id="2026Q3")
    assert {name: entry.rows for name, entry in receipt.tables.items()} == {
        n: len(f) for n, f in frames.items()
    }
    home = snapshot_folder(source, "2026Q3")
    first = lazy_table(str(source), folder=home, table="prisons")
    tables = {
        n: first if n == "prisons" else lazy_table("", folder=home, table=n, beside=first)
        for n in frames
    }
    assert_same(counted(tables), on_duckdb)
    text = (home / "receipt.json").read_text()
    password, port = (
        postgres_url.split("@")[0].split(":")[-1],
        postgres_url.split(":")[-1].split("/")[0],
    )
    for part in (postgres_url, password, f":{port}", "127.0.0.1", "tester"):
        assert part not in text
    assert "ORDER BY" in json.loads(text)["tables"]["prisons"]["query"]


def test_a_study_on_the_snapshot_counts_what_it_counts_on_the_files(
    postgres_url, folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("PILOT_PG", postgres_url)
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path))
    source, plan = Source("database", "PILOT_PG"), load_plan("supervision")
    pull(source, round_id="r", service="caseload")
    found = counted_rows(plan, "wales", str(source), snapshot_folder(source))
    direct = counted_rows(plan, "wales", "extracts", folder)
    for view in ("by_round", "by_unit", "by_stratum", "unknown"):
        pd.testing.assert_frame_equal(getattr(found, view), getattr(direct, view))


def test_batches_of_postgresql_come_one_by_one(postgres_url, frames, tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.extracts.reading.pull.BATCH", 1000)
    monkeypatch.setenv("PILOT_PG", postgres_url)
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path))
    pull(Source("database", "PILOT_PG"), round_id="r", tables=["staff_quarters"])
    import pyarrow.parquet as pq

    found = pq.ParquetFile(tmp_path / "snapshots" / "r" / "staff_quarters.parquet")
    assert found.metadata.num_rows == len(frames["staff_quarters"])
    assert found.metadata.num_row_groups == -(-found.metadata.num_rows // 1000)


def test_tables_are_seen_as_they_stood_at_one_moment_and_are_never_written(postgres_url):
    with open_engine(postgres_url) as backend, one_moment(backend):
        table = backend.table("extract")
        before = table.count().to_pyarrow().as_py()
        with psycopg.connect(postgres_url) as other:
            other.execute("INSERT INTO extract VALUES ('2020-01-01')")
        assert table.count().to_pyarrow().as_py() == before
    with psycopg.connect(postgres_url) as other:
        other.execute("DELETE FROM extract WHERE extract_date = '2020-01-01'")
    with open_engine(postgres_url) as backend, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        backend.raw_sql("DELETE FROM extract")


def test_a_wrong_password_is_told_without_any_part_of_the_url(postgres_url):
    wrong = postgres_url.replace("://tester:", "://tester:zq7")
    with pytest.raises(RunError, match="E363") as caught, open_engine(wrong):
        pass
    for part in ("tester", "zq7", "127.0.0.1", postgres_url.rsplit(":", 1)[1]):
        assert part not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
