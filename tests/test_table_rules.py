"""Promises of the rules between columns and rows, walked over every contract and every plan:
numerators belong to denominators, totals are no people, and what is constant in a person is."""

import shutil
from collections import defaultdict

import pandas as pd
import pytest
from chosen import spread

from analysis.extracts.rules.checking import examine_folder
from analysis.extracts.tables.codes import CODES
from analysis.extracts.tables.contract import Column, Contract, Rules
from analysis.extracts.tables.contracts import CONTRACTS, WHO
from analysis.plans.monitor import Monitor
from analysis.plans.registry import list_plans
from analysis.synthetic.nation import write_demo

FIRST_ROW = 2  # of a CSV file, below its header
SERVICES = tuple(WHO)
MONITORS = [plan for plan in list_plans() if isinstance(plan, Monitor)]
# Measures whose columns the engine makes of others (counts.sentenced_cases_by_quarter), in the
# columns of the extract.
OF_THE_EXTRACT = {"with_report": "report_written", "adjourned": "on_adjournment"}
MEASURES = [
    (plan.study, measure.id, measure.table or plan.table, measure.count, measure.of)
    for plan in MONITORS
    for measure in plan.measures
    if (measure.table or plan.table) in CONTRACTS
]
RULES = {name: contract.rules for name, contract in CONTRACTS.items()}
AT_RISK = [(table, *pair) for table, rules in RULES.items() for pair in rules.at_risk]
ONLY_WHERE = [(table, *pair) for table, rules in RULES.items() for pair in rules.only_where]
FILLED_WHERE = [(table, *pair) for table, rules in RULES.items() for pair in rules.filled_where]
IDS = [
    (c.table, column.name)
    for c in CONTRACTS.values()
    for column in c.columns
    if column.kind == "id"
]
TOTALS = (
    "Total",
    "TOTAL",
    " total ",
    "sub_total",
    "Grand Total",
    "grand.total",
    "sum",
    "Overall",
    "ALL",
    "all people",
    "all_regions",
    "Total 2026 Q3",
    "total-2026",
    "West Midlands",
    "west_midlands",
    "Wales",
    "England and Wales",
)
NO_TOTALS = (
    "ALL-0001",
    "SUM7",
    "WMS-P-000012",
    "totality",
    "allan",
    "2026",
    "0042",
    "overall9",
    "a1",
)


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """One folder a service, each valid."""
    folder = tmp_path_factory.mktemp("valid")
    for service in SERVICES:
        write_demo(folder / service, region="wales", people=150, service=service)
    return folder


@pytest.fixture
def all_changed(valid, tmp_path):
    """A function: problems and notes of a service once some tables of it have been changed."""

    def examine(service, changes):
        shutil.rmtree(tmp_path / service, ignore_errors=True)
        shutil.copytree(valid / service, tmp_path / service)
        for table, change in changes.items():
            path = tmp_path / service / f"{table}.csv"
            frame = change(pd.read_csv(path, dtype=str, keep_default_na=False))
            frame.to_csv(path, index=False)
        return examine_folder(tmp_path / service)

    return examine


@pytest.fixture
def changed(all_changed):
    """A function: problems and notes of a service once a table of it has been changed."""

    def examine(table, change):
        return all_changed(CONTRACTS[table].service, {table: change})

    return examine


def cells(rows, **values):
    def change(frame):
        return frame.assign(
            **{
                name: frame[name].where(~frame.index.isin(rows), text)
                for name, text in values.items()
            }
        )

    return change


def named(found, code, column=None):
    return [p for p in found.problems if p.code == code and column in (None, p.column)]


def a_yes(column: Column) -> str:
    """A value that says yes: true, a day, a word, or the lowest number above 0."""
    if column.kind == "truth":
        return "true"
    if column.kind == "date":
        return "2025-01-01"
    return column.allowed[0] if column.allowed else str(int(max(column.low or 0, 1)))


def a_no(column: Column) -> str:
    return "false" if column.kind == "truth" else ""


@pytest.mark.parametrize("service", SERVICES)
def test_a_valid_extract_breaks_no_rule(valid, service):
    assert examine_folder(valid / service).problems == ()


@pytest.mark.parametrize(
    ("study", "measure", "table", "count", "of"), spread(MEASURES, 14), ids=str
)
def test_no_measure_counts_an_event_of_people_who_are_not_counted(
    changed, study, measure, table, count, of
):
    """Every measure of every monitor: its base set to 0 under an event is refused, row and column
    named."""
    own = {name: OF_THE_EXTRACT.get(name, name) for name in (count, of)}
    if of == "cases":  # each row is a case: its id makes it one
        found = changed(table, cells([4], case_id=""))
        assert named(found, "E121", "case_id")
        return
    zero = {own[of]: a_no(CONTRACTS[table].column(own[of])) or "0"}
    found = changed(table, cells([4, 6], **{own[count]: "1"}, **zero))
    faults = [p for code in ("E146", "E168", "E149") for p in named(found, code)]
    about = [p for p in faults if p.column in own.values() or f"whole is `{own[of]}`" in p.remedy]
    of_the_row = [p for p in about if p.row == 4 + FIRST_ROW]
    assert of_the_row, [str(p) for p in found.problems]
    assert all(p.rule == CODES[p.code][0] and p.count == 2 for p in of_the_row)


@pytest.mark.parametrize(("table", "events", "base"), AT_RISK, ids=lambda value: str(value))
def test_an_event_without_time_at_risk_is_named(changed, table, events, base):
    found = changed(table, cells([4, 6], **{events: "1", base: "0"}))
    of_the_base = [p for p in named(found, "E146", events) if f"`{base}`" in p.remedy]
    assert [(p.row, p.count) for p in of_the_base] == [(4 + FIRST_ROW, 2)]


def test_recalls_with_no_licence_days_no_longer_vanish(changed):
    """37 recalls of people on licence whose licence days read 0 were counted as none."""

    def without_time(frame):
        rows = frame.index[frame["sentence_type"] == "licence"][:37]
        return cells(rows, recalls="1", licence_days="0")(frame)

    (one,) = named(changed("supervision_quarters", without_time), "E146")
    assert (one.column, one.count) == ("recalls", 37)


@pytest.mark.parametrize(("table", "column", "needed"), ONLY_WHERE, ids=lambda value: str(value))
def test_an_answer_about_what_did_not_happen_is_named(changed, table, column, needed):
    contract = CONTRACTS[table]
    values = {column: a_yes(contract.column(column)), needed: a_no(contract.column(needed))}
    found = changed(table, cells([1], **values))
    assert named(found, "E146", column)


@pytest.mark.parametrize(("table", "column", "due"), FILLED_WHERE, ids=lambda value: str(value))
def test_an_answer_that_is_due_is_no_silent_no(changed, table, column, due):
    values = {column: "", due: a_yes(CONTRACTS[table].column(due))}
    assert named(changed(table, cells([1], **values)), "E191", column)


def test_days_belong_to_the_sentence_of_the_row(changed):
    def as_an_order(frame):
        rows = frame.index[frame["sentence_type"] == "licence"][:3]
        return cells(rows, sentence_type="community_order")(frame)

    (one,) = named(changed("supervision_quarters", as_an_order), "E147")
    assert (one.column, one.count) == ("licence_days", 3)


@pytest.mark.parametrize(
    ("table", "days"), [(t, r.days_at_risk[0]) for t, r in RULES.items() if r.days_at_risk]
)
def test_nobody_is_at_risk_for_longer_than_the_quarter(changed, table, days):
    """January to March 2025 has 90 days: 91 are refused, 90 are not, though the longest quarter has
    92."""

    def first_quarter(number):
        def change(frame):
            row = frame.index[(frame["quarter"] == "2025-01-01") & (frame[days] != "0")][:1]
            return cells(row, **{days: number})(frame)

        return change

    assert named(changed(table, first_quarter("91")), "E163", days)
    assert not named(changed(table, first_quarter("90")), "E163", days)


def test_a_number_below_the_lowest_possible_is_named(changed):
    (one,) = named(changed("audited_reports", cells([3], rating="0")), "E149")
    assert (one.row, one.column) == (3 + FIRST_ROW, "rating") and "lowest value is 1" in one.remedy


@pytest.mark.parametrize("service", SERVICES)
def test_a_row_of_totals_is_refused_in_every_table(all_changed, service):
    """Whatever id column names the total: the row would be added up with what it is the sum of."""
    columns = defaultdict(dict)
    for table, column in IDS:
        if CONTRACTS[table].service == service and not CONTRACTS[table].optional:
            columns[table][column] = "Total"
    found = all_changed(service, {table: cells([0], **own) for table, own in columns.items()})
    told = {(p.file, p.column) for p in named(found, "E148")}
    assert told == {(f"{table}.csv", column) for table, own in columns.items() for column in own}


def test_words_for_a_total_or_a_place_are_no_id(changed):
    def change(frame):
        return frame.assign(person_id=[*TOTALS, *frame["person_id"][len(TOTALS) :]])

    (found,) = named(changed("supervision_quarters", change), "E148", "person_id")
    assert (found.row, found.count) == (FIRST_ROW, len(TOTALS))


def test_ids_that_only_begin_like_a_total_are_ids(changed):
    def change(frame):
        return frame.assign(person_id=[*NO_TOTALS, *frame["person_id"][len(NO_TOTALS) :]])

    assert not named(changed("supervision_quarters", change), "E148")


def test_140_breaches_of_one_person_in_one_quarter_are_no_person():
    events = {
        c.name: c.high for c in CONTRACTS["supervision_quarters"].columns if c.unit == "events"
    }
    assert events == {"breaches": 13, "recalls": 6}


def test_a_rule_names_columns_of_its_table_alone():
    with pytest.raises(ValueError, match="no such column: time"):
        Contract(
            "t",
            "one",
            ("id",),
            (Column("id", "id", "an id"),),
            rules=Rules(at_risk=(("id", "time"),)),
        )


# -- what is constant in a person ------------------------------------------------------------------
# Tables in which a person stands quarter by quarter: of releases most people have one row.
SEEN_AGAIN = ("supervision_quarters", "prison_quarters", "staff_quarters")
CONSTANT = [(table, column) for table in SEEN_AGAIN for column in RULES[table].constant]
NEWEST, BEFORE = "2026-07-01", "2026-04-01"


def stays(frame):
    """Rows of the first person with a known group who stands in both of the newest quarters, the
    earlier first."""
    known = frame[
        frame["ethnicity"].str.fullmatch("[A-Z][0-9]") & frame["quarter"].isin([BEFORE, NEWEST])
    ]
    twice = known[known["person_id"].duplicated(keep=False)].sort_values(["person_id", "quarter"])
    return tuple(twice.index[:2])


def other(frame, row, column):
    """Another ethnic group, or the other sex, than the row has."""
    words = {"ethnicity": ("B1", "W1"), "sex": ("female", "male")}[column]
    return next(word for word in words if word != frame.loc[row, column])


@pytest.mark.parametrize(("table", "column"), CONSTANT, ids=lambda value: str(value))
def test_nobody_stands_in_two_groups_of_one_round(changed, table, column):
    """Within a year for staff; within a quarter elsewhere, where a change between quarters is a
    recode and noted."""

    def recoded(frame):
        row = stays(frame)[1]
        return cells([row], **{column: other(frame, row, column)})(frame)

    found = changed(table, recoded)
    if RULES[table].round_quarters == 4:
        assert [p.count for p in named(found, "E178", column)] == [1]
    else:
        assert not [p for p in named(found, "E178") if p.file == f"{table}.csv"]
    noted = [note.count for note in found.notes if note.column == column and "break" in note.text]
    assert noted == [1]


def test_a_person_in_two_tables_of_a_quarter_has_one_group(changed, valid):
    held = pd.read_csv(valid / "prisons" / "prison_quarters.csv", dtype=str, keep_default_na=False)

    def otherwise(frame):
        keys = pd.MultiIndex.from_frame(held[["person_id", "quarter"]])
        both = frame.index[pd.MultiIndex.from_frame(frame[["person_id", "quarter"]]).isin(keys)]
        row = next(
            k
            for k in both
            if frame.loc[k, "ethnicity"][:1] in "WBAM" and frame.loc[k, "ethnicity"][1:].isdigit()
        )
        return cells([row], ethnicity=other(frame, row, "ethnicity"))(frame)

    (one,) = named(changed("release_decisions", otherwise), "E178", "ethnicity")
    assert one.count == 1 and "prison_quarters" in one.remedy


def test_declaring_a_group_within_a_year_is_no_second_group(changed):
    def declared(frame):
        before, _ = stays(frame)
        person = frame.loc[before, "person_id"]
        rows = frame.index[(frame["person_id"] == person) & (frame["quarter"] < NEWEST)]
        return cells(rows, ethnicity="not_stated")(frame)

    found = changed("staff_quarters", declared)
    assert not named(found, "E178") and not [note for note in found.notes if "break" in note.text]


def test_withdrawing_a_group_within_a_year_is_a_second_group(changed):
    def withdrawn(frame):
        return cells([stays(frame)[1]], ethnicity="not_stated")(frame)

    assert [p.count for p in named(changed("staff_quarters", withdrawn), "E178", "ethnicity")] == [
        1
    ]


def test_an_age_band_never_goes_down(changed):
    def younger(frame):
        before, newest = stays(frame)
        return cells([newest], age_band="18-24")(cells([before], age_band="50+")(frame))

    assert named(changed("supervision_quarters", younger), "E179", "age_band")


def test_an_age_band_may_go_up(changed):
    def older(frame):
        before, newest = stays(frame)
        person = frame.loc[before, "person_id"]
        earlier = frame.index[(frame["person_id"] == person) & (frame["quarter"] < NEWEST)]
        return cells([newest], age_band="50+")(cells(earlier, age_band="35-49")(frame))

    assert not named(changed("supervision_quarters", older), "E179")


def test_the_round_of_a_table_is_that_of_the_monitors_that_count_in_it():
    quarters = {"quarter": 1, "year": 4}
    for plan in MONITORS:
        for table in (
            name for name in plan.tables if name in CONTRACTS and name != "sentenced_cases"
        ):
            assert RULES[table].round_quarters == quarters[plan.round.length], (plan.study, table)


# -- one id in two spellings -----------------------------------------------------------------------
OWN_KEYS = [(table, column) for table, column in IDS if column not in CONTRACTS[table].key]


@pytest.mark.parametrize(("table", "column"), OWN_KEYS)
def test_half_of_the_ids_in_small_letters_are_never_counted_as_others(changed, table, column):
    def half(frame):
        return frame.assign(
            **{column: frame[column].where(frame.index % 2 == 0, frame[column].str.lower())}
        )

    found = {problem.code for problem in changed(table, half).problems}
    assert found & {"E150", "E129", "E128"}, "told as two spellings, or as ids that join to nothing"


def test_a_few_ids_that_differ_in_letter_case_are_noted(changed):
    def one(frame):
        again = frame.iloc[[0]].assign(person_id=frame["person_id"].iloc[0].lower())
        return pd.concat([frame, again])

    found = changed("supervision_quarters", one)
    assert "E150" not in {problem.code for problem in found.problems}
    assert next(note.count for note in found.notes if "letter case only" in note.text) >= 2


# -- the year of a person is the year of the monitor -----------------------------------------------
@pytest.mark.parametrize(("recoded_from", "refused"), [("2025-10-01", True), ("2025-07-01", False)])
def test_an_extract_within_a_quarter_moves_the_year_of_its_people_with_it(
    valid, tmp_path, recoded_from, refused
):
    """Drawn on 20 July 2026: the newest year is July 2025 to June 2026, in the check as in the
    monitor."""
    folder = tmp_path / "workforce"
    shutil.copytree(valid / "workforce", folder)
    pd.DataFrame({"extract_date": ["2026-07-20"]}).to_csv(folder / "extract.csv", index=False)
    staff = pd.read_csv(folder / "staff_quarters.csv", dtype=str, keep_default_na=False)
    there = staff.groupby("person_id")["quarter"].agg(set)
    person = there.index[
        there.map(lambda held: {"2025-04-01", "2025-07-01", "2025-10-01"} <= held)
    ][0]
    own = staff["person_id"] == person
    staff.loc[own, "ethnicity"] = "W1"
    staff.loc[own & (staff["quarter"] >= recoded_from), "ethnicity"] = "B1"
    staff.to_csv(folder / "staff_quarters.csv", index=False)
    found = examine_folder(folder)
    assert ("E178" in {problem.code for problem in found.problems}) == refused
    assert refused or any("series has a break" in note.text for note in found.notes)
