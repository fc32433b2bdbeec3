"""A view of DuckDB answers as the same ibis expressions do, by SQL that is compiled once."""

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest

from analysis.extracts.counts.counts import (
    SUMS,
    Counted,
    broad_groups,
    counts_by_group,
    places_by_quarter,
    rows_by_quarter,
)
from analysis.extracts.reading import statements, views
from analysis.extracts.reading.sources import table_view, typed_rows
from analysis.extracts.rules.holes import person_holes
from analysis.extracts.rules.recodes import recoded
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.vocabulary.ethnicity import CODINGS

QUARTERS = pd.date_range("2025-01-01", periods=5, freq="QS")
CODES = ["W1", "B1", "A9", "M2", "not_stated", "refused"]
MEASURES = (
    Counted("recall", "recalls", "licence_days"),
    Counted("settled", "settled_home", "housing_known", share=True),
)
KNOWN = CODINGS["ons_2021_19+1"].codes


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "statements"


def rows(seed: int) -> pd.DataFrame:
    """People who come and go, declare, withdraw and move; events of those who are not at risk are
    empty."""
    rng, n = np.random.default_rng(seed), 400
    frame = pd.DataFrame(
        {
            "person_id": rng.integers(0, 90, n).astype(str),
            "quarter": rng.choice(QUARTERS, n),
            "ethnicity": rng.choice(CODES, n),
            "region": rng.choice(["wales", "o'london"], n),
            "unit_id": rng.choice(["a", "b", "c"], n),
            "licence_days": rng.integers(0, 3, n) * 40,
            "recalls": rng.integers(0, 3, n),
            "housing_known": rng.integers(0, 2, n),
            "settled_home": rng.integers(0, 2, n),
        }
    ).drop_duplicates(["person_id", "quarter"])
    return frame.astype({"settled_home": "Int64"}).assign(
        settled_home=lambda x: x["settled_home"].where(x["housing_known"] > 0)
    )


def view(frame: pd.DataFrame, tmp_path, place: str | None = None) -> views.TableView:
    path = tmp_path / "rows.parquet"
    frame.to_parquet(path, index=False)
    found = views.view_of(duckdb.connect(), "rows", f"SELECT * FROM read_parquet('{path}')")
    return found.of_place(place)


def by_hand(frame, by, quarters, *, together) -> pd.DataFrame:
    """The same sums in pandas, measure by measure."""
    frame = frame[frame["quarter"].isin(quarters)]
    if together:
        known = frame[frame["ethnicity"].isin(KNOWN)].sort_values("quarter")
        newest = known.groupby("person_id")["ethnicity"].last()
        own = frame["person_id"].map(newest)
        frame = frame.assign(ethnicity=own.fillna(frame["ethnicity"]))
    found = []
    for measure in MEASURES:
        own = frame[frame[measure.of] > 0]
        own = own.assign(
            events=own[measure.count].astype("int64"), base=own[measure.of].astype("int64")
        )
        if together:
            keys, how = ["person_id", *by, "ethnicity"], "max" if measure.share else "sum"
            own = own.groupby(keys, as_index=False)[["events", "base"]].agg(how)
        own = own.assign(
            group=broad_groups(own["ethnicity"]),
            measure=measure.id,
            rows=1,
            persons=1,
            persons_with_event=(own["events"] > 0).astype("int64"),
            events_squared=own["events"] ** 2,
            events_times_base=own["events"] * own["base"],
            base_squared=own["base"] ** 2,
        )
        found.append(own)
    keys = ["measure", *by, "group"]
    return pd.concat(found).groupby(keys, as_index=False)[list(SUMS)].sum()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("by", "quarters", "together"),
    [
        (["quarter"], QUARTERS, False),
        (["quarter", "unit_id"], QUARTERS[1:3], False),
        (["unit_id"], QUARTERS[-4:], True),
        ([], QUARTERS[:2], True),
        (["unit_id", "region"], QUARTERS[-1:], False),
    ],
)
def test_counts_are_those_by_hand_and_those_of_ibis(seed, by, quarters, together, tmp_path):
    frame = rows(seed)
    asked = {"by": by, "quarters": list(quarters), "together": together}
    found = counts_by_group(view(frame, tmp_path), MEASURES, **asked)
    by_ibis = counts_by_group(ibis.memtable(frame), MEASURES, **asked)
    pd.testing.assert_frame_equal(found, by_ibis)
    expected = by_hand(frame, by, quarters, together=together)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert found["events"].sum() > 20


@pytest.mark.parametrize("seed", range(1))
def test_every_other_question_has_the_answer_of_ibis(seed, tmp_path):
    frame = rows(seed)
    windows = [(str(k), q, q) for k, q in enumerate(QUARTERS)]
    own, table = view(frame, tmp_path), ibis.memtable(frame)
    assert rows_by_quarter(own) == rows_by_quarter(table)
    assert places_by_quarter(own) == places_by_quarter(table)
    pd.testing.assert_frame_equal(recoded(own, windows), recoded(table, windows))
    pd.testing.assert_frame_equal(person_holes(own), person_holes(table))
    limits = {"since": QUARTERS[1], "until": QUARTERS[3]}
    pd.testing.assert_frame_equal(
        counts_by_group(own, MEASURES, **limits), counts_by_group(table, MEASURES, **limits)
    )


def test_holes_are_those_counted_person_by_person(tmp_path):
    frame = rows(3).sort_values(["person_id", "quarter"])
    numbers = {quarter: k for k, quarter in enumerate(sorted(frame["quarter"].unique()))}
    missing = frame["quarter"].map(numbers).groupby(frame["person_id"]).diff().fillna(1) - 1
    told = frame.assign(group=broad_groups(frame["ethnicity"]), missing=missing, rows=1)
    expected = told.groupby("group", as_index=False)[["rows", "missing"]].sum()
    found = person_holes(view(frame, tmp_path))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert found["missing"].sum() > 50


def test_one_statement_serves_every_place_and_round_and_no_other_columns(
    tmp_path, state, monkeypatch
):
    compiled = []
    monkeypatch.setattr(
        statements,
        "_compiled",
        lambda *asked, real=statements._compiled: compiled.append(asked) or real(*asked),
    )
    frame = rows(1)
    found = [
        counts_by_group(view(frame, tmp_path, place), MEASURES, by=["quarter"], quarters=[quarter])
        for place in ("wales", "o'london")
        for quarter in QUARTERS
    ]
    assert len(compiled) == 1 and sum(f["rows"].sum() for f in found) == sum(
        (frame[m.of] > 0).sum() for m in MEASURES
    )
    counts_by_group(view(frame, tmp_path, "wales"), MEASURES[:1], by=["quarter"])
    counts_by_group(
        view(frame.astype({"recalls": "int32"}), tmp_path, "wales"), MEASURES, by=["quarter"]
    )
    assert len(compiled) == 3
    assert len(list(state.rglob("*.sql"))) == 3
    assert not any("wales" in path.read_text() for path in state.rglob("*.sql"))


def test_statements_are_kept_where_only_their_owner_writes_and_those_of_other_code_go(
    tmp_path, state
):
    (state / "other").mkdir(parents=True)
    counts_by_group(view(rows(1), tmp_path), MEASURES, by=["quarter"])
    (path,) = state.rglob("*.sql")
    assert state.stat().st_mode & 0o077 == 0 and path.stat().st_mode & 0o077 == 0
    assert not (state / "other").exists()


def test_a_folder_that_takes_nothing_stops_nobody(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "file"))
    assert len(counts_by_group(view(rows(1), tmp_path), MEASURES, by=["quarter"]))


def test_a_place_of_a_table_is_a_view_with_the_types_of_the_contract(tmp_path):
    from analysis.synthetic.nation import write_demo

    write_demo(tmp_path / "demo", region="wales", service="caseload", people=60)
    table = "supervision_quarters"
    found = table_view("x", folder=tmp_path / "demo", table=table, region="wales")
    types = dict(found.columns_and_types)
    assert found.columns == CONTRACTS[table].names
    assert {types["quarter"], types["recalls"], types["sex"]} == {"TIMESTAMP", "BIGINT", "VARCHAR"}
    frame = found.rows.to_pandas()
    assert set(frame["region"]) == {"wales"}
    assert typed_rows(CONTRACTS[table], found.rows).count().execute() == len(frame)
