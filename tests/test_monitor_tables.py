"""Promises of the rules for the tables of monitors: each fault has its code, file, row and column,
and never a value."""

import shutil

import pandas as pd
import pytest

from analysis.extracts.rules.checking import examine_folder
from analysis.extracts.tables.codes import CODES
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.synthetic.nation import write_demo

SERVICES = ("caseload", "prisons", "workforce", "selection", "complaints", "recording", "outputs")
RULES = ("E139", "E144", "E145", "E168", "E169")
FIRST_ROW = 2  # of a CSV file, below its header
DATED = (
    "supervision_quarters",
    "prison_quarters",
    "release_decisions",
    "staff_quarters",
    "applications",
)
PARTS = {name: c.rules.parts for name, c in CONTRACTS.items() if c.rules.parts}
PAIRS = [(table, parts, whole) for table, pairs in PARTS.items() for parts, whole in pairs]


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """One folder a service: a region in which a prison is handed over."""
    folder = tmp_path_factory.mktemp("valid")
    for service in SERVICES:
        write_demo(folder / service, region="west_midlands", people=150, service=service)
    return folder


@pytest.fixture
def folder(valid, tmp_path):
    shutil.copytree(valid, tmp_path / "extracts")
    return tmp_path / "extracts"


def found(folder, table, change):
    """Problems of these rules once `change` has been made to a table of its service."""
    service = folder / CONTRACTS[table].service
    path = service / f"{table}.csv"
    change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)
    problems = examine_folder(service).problems
    assert all(p.rule == CODES[p.code][0] and CODES[p.code][1] in p.remedy for p in problems)
    return [p for p in problems if p.code in RULES]


def cells(rows, **values):
    def change(frame):
        for column, value in values.items():
            frame.loc[rows, column] = value
        return frame

    return change


@pytest.mark.parametrize("service", SERVICES)
def test_a_valid_extract_breaks_none_of_these_rules(valid, service):
    assert not [p for p in examine_folder(valid / service).problems if p.code in RULES]


@pytest.mark.parametrize(("table", "parts", "whole"), PAIRS, ids=lambda value: str(value))
def test_a_part_larger_than_its_whole_is_named(folder, table, parts, whole):
    change = cells([3, 5], **dict.fromkeys(parts, "1"), **{whole: "0"})
    named = [
        p
        for p in found(folder, table, change)
        if p.column == parts[-1] and f"`{whole}`" in p.remedy
    ]
    assert [(p.code, p.file, p.row, p.count) for p in named] == [
        ("E168", f"{table}.csv", 3 + FIRST_ROW, 2)
    ]
    assert f"`{whole}`" in named[0].remedy


def test_parts_are_held_against_their_whole_together(folder):
    change = cells([3], at_snapshot="1", on_basic="1", on_enhanced="1")
    (one,) = found(folder, "prison_quarters", change)
    assert (one.code, one.row, one.column, one.count) == ("E168", 3 + FIRST_ROW, "on_enhanced", 1)


def test_parts_and_wholes_are_whole_numbers_of_their_contracts():
    for table, parts, whole in PAIRS:
        assert all(CONTRACTS[table].column(name).kind == "whole" for name in (*parts, whole))


@pytest.mark.parametrize("table", DATED)
def test_a_quarter_that_is_no_first_day_is_named(folder, table):
    problems = found(folder, table, cells([2, 4], quarter="2025-04-02"))
    assert [(p.code, p.file, p.row, p.column, p.count) for p in problems] == [
        ("E139", f"{table}.csv", 2 + FIRST_ROW, "quarter", 2)
    ]


def test_a_month_that_begins_no_quarter_is_named(folder):
    (one,) = found(folder, "applications", cells([6], quarter="2025-05-01"))
    assert (one.code, one.row) == ("E139", 6 + FIRST_ROW)


def test_a_date_that_does_not_exist_is_left_to_its_own_code(folder):
    assert found(folder, "prison_quarters", cells([6], quarter="2025-02-31")) == []


def test_days_on_an_order_and_on_licence_in_one_row_are_named(folder):
    (one,) = found(
        folder, "supervision_quarters", cells([8, 9], order_days="40", licence_days="12")
    )
    assert (one.code, one.row, one.column, one.count) == ("E169", 8 + FIRST_ROW, "licence_days", 2)


def test_days_of_one_kind_are_in_order(folder):
    assert (
        found(folder, "supervision_quarters", cells([8, 9], order_days="0", licence_days="12"))
        == []
    )


def handed_over(frame):
    """Rows of the prison that has two periods, earlier first."""
    twice = frame.index[frame["prison_id"].duplicated(keep=False)]
    return sorted(twice, key=lambda row: frame.loc[row, "valid_from"])


def test_a_prison_without_a_place_on_the_first_day_of_the_quarter_is_named_in_each_table(folder):
    """The crosswalk begins a day too late: the quarter that begins on that day has no place."""

    def late(frame):
        frame.loc[handed_over(frame)[1], "valid_from"] = "2026-01-02"
        return frame

    problems = found(folder, "prisons", late)
    assert [(p.code, p.file, p.column) for p in problems] == [
        ("E144", "prison_quarters.csv", "prison_id"),
        ("E144", "release_decisions.csv", "prison_id"),
    ]
    rows = pd.read_csv(folder / "prisons" / "prison_quarters.csv", dtype=str)
    hit = (rows["quarter"] == "2026-01-01") & (rows["prison_id"] == "WMS-H-03")
    assert (problems[0].row, problems[0].count) == (hit.idxmax() + FIRST_ROW, hit.sum())


def test_a_prison_that_is_in_no_row_of_the_crosswalk_is_not_named_twice(folder):
    assert found(folder, "prison_quarters", cells([6], prison_id="elsewhere")) == []


def test_periods_of_one_prison_that_overlap_are_named(folder):
    def early(frame):
        frame.loc[handed_over(frame)[1], "valid_from"] = "2025-12-31"
        return frame

    (one,) = found(folder, "prisons", early)
    table = pd.read_csv(folder / "prisons" / "prisons.csv", dtype=str)
    assert (one.code, one.column, one.count) == ("E145", "valid_from", 1)
    assert one.row == handed_over(table)[1] + FIRST_ROW


def test_a_period_inside_a_longer_one_is_named_though_another_lies_between(folder):
    def inside(frame):
        whole = frame.drop_duplicates("prison_id").iloc[[5]]
        parts = [("2001-01-01", "2001-12-31"), ("2020-01-01", "2020-12-31")]
        more = [whole.assign(valid_from=begin, valid_to=end) for begin, end in parts]
        return pd.concat([frame, *more], ignore_index=True)

    (one,) = found(folder, "prisons", inside)
    assert (one.code, one.count) == ("E145", 2)


@pytest.mark.parametrize(
    ("table", "code", "values"),
    [
        ("prison_quarters", "E168", {"activity_started": "1", "activity_eligible": "0"}),
        ("staff_quarters", "E139", {"quarter": "2025-08-17"}),
        ("supervision_quarters", "E169", {"order_days": "41", "licence_days": "37"}),
    ],
)
def test_no_problem_shows_a_value(folder, table, code, values):
    person = None

    def change(frame):
        nonlocal person
        person = frame.loc[3, "person_id"]
        return cells([3], **values)(frame)

    text = "\n".join(str(problem) for problem in found(folder, table, change))
    assert code in text and person not in text
    assert not [value for value in values.values() if len(value) > 1 and value in text]


def test_an_extract_without_the_crosswalk_is_not_held_against_it(folder):
    (folder / "prisons" / "prisons.csv").unlink()
    assert found(folder, "prison_quarters", lambda frame: frame) == []
