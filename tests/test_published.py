"""Promises of tables kept by hand: a row counts once, a group is one of the coding, and events lie
within their base."""

import csv
import io

import pandas as pd
import pytest

from analysis.errors import DataError
from analysis.extracts.counts.commitments import read_commitments
from analysis.extracts.counts.published import COLUMNS, read_published
from analysis.extracts.tables.codes import CODES
from analysis.paths import REFERENCE
from analysis.plans.registry import load_plan
from analysis.studies.disparity.counted import counts as monitor_counts
from analysis.studies.disparity.counted.counts import published_counts
from analysis.studies.promises.study import STATES

PLAN = load_plan("youth_cascade")
TEXT = (REFERENCE / f"{PLAN.table}.csv").read_text(encoding="utf-8")
ROWS = list(csv.DictReader(io.StringIO(TEXT)))
ROW = next(
    k
    for k, row in enumerate(ROWS)
    if (row["measure"], row["period"], row["group"]) == ("remand", "2025", "Black")
)
LINE = ROW + 2
BLACK = (252, 1933)

# code: cells that break the rule in the row of Black children remanded in 2025
CELLS = {
    "E191": [
        ("events", ""),
        ("base", "  "),
        ("group", ""),
        ("measure", ""),
        ("period", " "),
        ("source", ""),
    ],
    "E153": [
        ("group", "Black "),
        ("group", "black"),
        ("group", "\u00a0Black"),
        ("group", "Blck"),
        ("group", "Total"),
        ("group", "B1"),
        ("measure", "remanded"),
        ("measure", "Remand"),
        ("period", "2025/26"),
        ("period", "25"),
        ("period", "2025 "),
        ("period", "２０２５"),
    ],
    "E160": [
        ("events", "n/a"),
        ("events", "[c]"),
        ("events", "1_0"),
        ("events", "２５２"),
        ("base", " 1933"),
        ("events", "<5"),
    ],
    "E108": [("base", "1,933"), ("base", "1 933")],
    "E161": [("events", "-252"), ("base", "-1")],
    "E163": [("base", "1" * 30)],
    "E164": [("events", "inf"), ("base", "NaN")],
    "E166": [("events", "252.0"), ("base", "1933.5")],
    "E168": [("events", "999999"), ("events", "1934")],
    "E149": [("base", "0")],
    "E152": [("group", "Mixed")],
}
BROKEN = [(code, column, text) for code, cells in CELLS.items() for column, text in cells]


@pytest.fixture
def read(tmp_path, monkeypatch):
    """A function: what a file of these rows gives to the monitor."""
    monkeypatch.setattr(monitor_counts, "REFERENCE", tmp_path)

    def read(rows, columns=COLUMNS):
        with (tmp_path / f"{PLAN.table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return published_counts(PLAN)

    return read


def refused(read, rows, **options):
    with pytest.raises(DataError) as error:
        read(rows, **options)
    assert all(
        p.rule == CODES[p.code][0] and CODES[p.code][1] in p.remedy for p in error.value.problems
    )
    return error.value.problems


def changed(row=ROW, **cells):
    return [line | cells if k == row else line for k, line in enumerate(ROWS)]


def test_the_committed_table_is_read_as_it_stands(read):
    newest = read(ROWS).newest(PLAN.measure("remand"))
    assert tuple(newest.loc["Black", ["events", "base"]]) == BLACK
    frame = pd.read_csv(REFERENCE / f"{PLAN.table}.csv", dtype={"period": "str"})
    groups = tuple(frame["group"].unique())
    measures = [m.id for m in PLAN.measures]
    read_again = read_published(REFERENCE / f"{PLAN.table}.csv", measures=measures, groups=groups)
    pd.testing.assert_frame_equal(read_again, frame)


@pytest.mark.parametrize(("code", "column", "text"), BROKEN)
def test_a_broken_cell_is_named_by_its_row_and_never_shown(read, code, column, text):
    (one,) = [p for p in refused(read, changed(**{column: text})) if p.code == code]
    assert (one.column, one.count) == (column, 1) and one.row in (LINE, LINE - 2, LINE - 1)
    if code not in ("E152", "E153", "E164") and len(text.strip()) > 2:
        assert text.strip() not in str(one)


def test_a_row_that_stands_twice_is_no_doubled_base(read):
    (one,) = refused(read, [*ROWS, ROWS[ROW]])
    assert (one.code, one.row) == ("E152", len(ROWS) + 2)


def test_a_blank_behind_a_group_does_not_make_it_vanish(read):
    rows = [row | {"group": "Black "} if row["group"] == "Black" else row for row in ROWS]
    (one,) = refused(read, rows)
    assert one.code == "E153" and "Did you mean `Black`?" in one.remedy
    assert one.count == sum(row["group"] == "Black" for row in ROWS)


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_no_row_goes_missing_without_a_word(read, row):
    """Whichever row is left out: its period lacks a group."""
    faults = refused(read, [line for k, line in enumerate(ROWS) if k != row])
    assert [p.code for p in faults] == ["E154"] and ROWS[row]["group"] in faults[0].remedy


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_no_row_counts_twice(read, row):
    assert [p.code for p in refused(read, [*ROWS, ROWS[row]])] == ["E152"]


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_no_share_is_above_one(read, row):
    more = str(int(ROWS[row]["base"]) + 1)
    assert [(p.code, p.row) for p in refused(read, changed(row, events=more))] == [
        ("E168", row + 2)
    ]


def test_a_measure_without_a_row_is_named(read):
    faults = refused(read, [row for row in ROWS if row["measure"] != "arrest"])
    assert [(p.code, p.column) for p in faults] == [("E154", "measure")] and "arrest" in faults[
        0
    ].remedy


def test_a_column_that_is_missing_misspelt_or_elsewhere_is_named(read):
    misspelt = tuple("numerator_codng" if c == "numerator_coding" else c for c in COLUMNS)
    faults = refused(read, ROWS, columns=misspelt)
    assert {p.code for p in faults} == {"E103", "E170"}
    assert any("Did you mean `numerator_coding`?" in p.remedy for p in faults)
    assert [p.code for p in refused(read, ROWS, columns=tuple(reversed(COLUMNS)))] == ["E103"]


def test_broken_files_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(monitor_counts, "REFERENCE", tmp_path)
    path = tmp_path / f"{PLAN.table}.csv"
    for code, data in {
        "E100": None,
        "E101": b" ",
        "E102": TEXT.split("\n")[0].encode(),
        "E105": TEXT.encode() + b"remand,2025\n",
        "E106": TEXT.encode() + b"\xff\n",
        "E107": TEXT.encode() + b'remand,"2025\n',
    }.items():
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(DataError) as error:
            published_counts(PLAN)
        assert [p.code for p in error.value.problems] == [code]


# -- commitments -----------------------------------------------------------------------------------
COMMITMENTS = (REFERENCE / "action_plan.csv").read_text(encoding="utf-8")
VALID = {"state": tuple(STATES)}


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("state", "completed", "E192"),
        ("state", "complete ", "E192"),
        ("state", "", "E191"),
        ("source", "", "E191"),
        ("target_first", "13/04/2024", "E132"),
        ("target_first", "2024-02-31", "E130"),
        ("target_revised", "soon", "E132"),
        ("id", "probation_race_02", "E120"),
    ],
)
def test_a_commitment_that_cannot_be_read_is_refused(tmp_path, column, text, code):
    frame = pd.read_csv(io.StringIO(COMMITMENTS), dtype=str, keep_default_na=False)
    frame.loc[4, column] = text
    frame.to_csv(tmp_path / "plan.csv", index=False)
    with pytest.raises(DataError) as error:
        read_commitments(tmp_path / "plan.csv", valid=VALID)
    (one,) = error.value.problems
    assert (one.code, one.column) == (code, column) and one.row is not None


def test_commitments_are_read_as_they_stand():
    read = read_commitments(REFERENCE / "action_plan.csv", valid=VALID)
    whole = pd.read_csv(io.StringIO(COMMITMENTS), dtype=str, keep_default_na=False)
    assert len(read) == len(whole)
    assert read["target_first"].notna().sum() == (whole["target_first"] != "").sum()
