"""Promises of the reading of tables: region and columns pushed down, the contract's types and
order, no values in errors."""

import os
import subprocess
import sys

import duckdb
import pandas as pd
import pytest

from analysis.errors import DataError
from analysis.extracts.reading.manifest import data_manifest_hash
from analysis.extracts.reading.normal_form import MADE_HERE, seal
from analysis.extracts.reading.sources import engine_errors, group_counts, open_tables
from analysis.extracts.rules.checking import examine_folder
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.synthetic.nation import ensure_region, make_region, write_demo

TABLES = [
    name
    for name, contract in CONTRACTS.items()
    if contract.service == "supervision" and not contract.optional
]


@pytest.fixture(scope="module")
def nation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nation")
    ensure_region("wales", scale=0.02, folder=folder)
    return ensure_region("london", scale=0.02, folder=folder)


@pytest.fixture
def demo(tmp_path):
    write_demo(tmp_path / "demo", region="wales", people=150, fmt="csv")
    return tmp_path / "demo"


def _sorted(tables):
    return {
        name: frame.sort_values(list(CONTRACTS[name].key)).reset_index(drop=True)
        for name, frame in tables.items()
    }


def test_a_region_reads_its_own_rows_only(nation):
    tables = open_tables("synthetic", folder=nation, tables=TABLES, region="wales")
    expected = _sorted(make_region("wales", scale=0.02))
    for name in TABLES:
        pd.testing.assert_frame_equal(tables[name], expected[name])


def test_without_a_region_all_are_read_in_the_order_of_the_key(nation):
    people = open_tables("synthetic", folder=nation, tables=["people_on_probation"])[
        "people_on_probation"
    ]
    assert set(people["region"]) == {"wales", "london"}
    assert people["person_id"].is_monotonic_increasing


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_csv_and_parquet_read_alike(tmp_path, fmt):
    write_demo(tmp_path, region="wales", people=120, fmt=fmt)
    tables = open_tables("extracts", folder=tmp_path, tables=[*TABLES, "extract"], region="wales")
    expected = _sorted(make_region("wales", people=120))
    for name in TABLES:
        pd.testing.assert_frame_equal(tables[name], expected[name])
    assert tables["extract"]["extract_date"].item() == pd.Timestamp("2026-10-03")


def test_reads_the_columns_that_are_asked_for(nation):
    tables = open_tables(
        "synthetic",
        folder=nation,
        tables=["practitioners"],
        columns={"practitioners": ["practitioner_id", "ethnicity"]},
    )
    assert list(tables["practitioners"]) == ["practitioner_id", "ethnicity"]


def test_stray_spaces_and_case_do_not_lose_a_row(demo):
    path = demo / "people_on_probation.csv"
    text = (
        path.read_text()
        .replace(",wales,", ",\u00a0Wales ,")
        .replace(",male,", ", Male,")
        .replace("person_id", "\ufeffPerson_ID ")
    )
    path.write_text(text, encoding="utf-8")
    people = open_tables("extracts", folder=demo, tables=["people_on_probation"], region="wales")[
        "people_on_probation"
    ]
    assert (
        len(people) == 150
        and set(people["region"]) == {"wales"}
        and set(people["sex"]) == {"male", "female"}
    )


def test_the_engine_counts_groups(nation):
    counts = group_counts(
        "synthetic", folder=nation, table="people_on_probation", by=["region", "sex"]
    )
    people = make_region("wales", scale=0.02)["people_on_probation"]
    wales = counts[counts["region"] == "wales"].set_index("sex")["n"]
    assert wales.to_dict() == people["sex"].value_counts().to_dict()
    assert group_counts(
        "synthetic", folder=nation, table="people_on_probation", by=["sex"], region="wales"
    )["n"].sum() == len(people)


def test_a_missing_table_is_e100_and_an_optional_one_is_left_out(tmp_path):
    with pytest.raises(DataError, match="E100"):
        open_tables("extracts", folder=tmp_path, tables=["practitioners"])
    with pytest.raises(DataError, match="E100"):
        group_counts("extracts", folder=tmp_path, table="practitioners", by=["region"])
    assert open_tables("extracts", folder=tmp_path, tables=["extract"]) == {}


def test_a_missing_column_is_e103(demo):
    path = demo / "practitioners.csv"
    pd.read_csv(path, dtype=str).drop(columns="grade").to_csv(path, index=False)
    with pytest.raises(DataError, match="E103"):
        open_tables("extracts", folder=demo, tables=["practitioners"])


@pytest.mark.parametrize(
    "column, value, code",
    [
        ("followed_to", "canary", "E132"),
        ("appointments_offered", "7777.5", "E166"),
        ("breached", "5555", "E167"),
    ],
)
def test_opening_tells_a_cell_against_the_contract_like_the_checks_do(demo, column, value, code):
    path = demo / "supervision_outcomes.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.loc[3, column] = value
    frame.to_csv(path, index=False)
    with pytest.raises(DataError) as error:
        open_tables("extracts", folder=demo, tables=["supervision_outcomes"])
    assert f"{code} supervision_outcomes.csv, row 5, column {column}" in str(error.value)
    assert value not in str(error.value) and error.value.problems == examine_folder(demo).problems


def test_a_file_that_is_no_parquet_is_told_without_its_words(demo):
    (demo / "practitioners.csv").unlink()
    (demo / "practitioners.parquet").write_bytes(b"canary")
    with pytest.raises(DataError) as error:
        open_tables("extracts", folder=demo, tables=["practitioners"])
    assert "E186" in str(error.value) and "canary" not in str(error.value)


def test_what_the_engine_cannot_read_is_e198_without_its_words():
    with pytest.raises(DataError) as error, engine_errors("practitioners"):
        duckdb.sql("SELECT 'canary'::DATE").fetchall()
    assert "E198" in str(error.value) and "canary" not in str(error.value)


def test_a_sealed_table_against_its_contract_is_e190(nation, tmp_path):
    """The last guard: files that our own code wrote and sealed are not checked again, only held
    against the schema."""
    frame = make_region("wales", scale=0.02)["practitioners"].assign(grade="canary")
    frame.to_parquet(tmp_path / "practitioners.parquet")
    seal(tmp_path, [tmp_path / "practitioners.parquet"], "test", code=MADE_HERE)
    with pytest.raises(DataError) as error:
        open_tables("extracts", folder=tmp_path, tables=["practitioners"])
    assert "E190 practitioners, column grade" in str(error.value) and "canary" not in str(
        error.value
    )


def test_reading_is_the_same_in_every_time_zone_and_language(nation):
    code = (
        "import sys, hashlib; from pathlib import Path\n"
        "from analysis.extracts.reading.sources import open_tables\n"
        f"t = open_tables('synthetic', folder=Path({str(nation)!r}),"
        f" tables={TABLES!r}, region='wales')\n"
        "print(hashlib.sha256(''.join(f.to_csv() for f in t.values()).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | extra,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for extra in ({"TZ": "UTC"}, {"TZ": "Pacific/Auckland", "LC_ALL": "de_DE.UTF-8"})
    }
    assert len(seen) == 1


def test_the_manifest_hash_follows_contents_and_not_times(demo, tmp_path):
    cache = tmp_path / "hashes.json"
    first = data_manifest_hash(demo, cache=cache)
    path = demo / "practitioners.csv"
    os.utime(path, ns=(1, 1))
    assert data_manifest_hash(demo, cache=cache) == first == data_manifest_hash(demo)
    path.write_text(path.read_text().replace("probation_officer", "probation_officEr", 1))
    assert data_manifest_hash(demo, cache=cache) != first


def test_the_manifest_hash_of_a_region_leaves_the_others_out(nation):
    assert data_manifest_hash(nation, region="wales") != data_manifest_hash(nation, region="london")
    assert data_manifest_hash(nation, region="wales") != data_manifest_hash(nation)
