"""Promises about rows that are lost between tables: they are counted by side, told, lower the
claim, and too many of them stop the comparison."""

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.people_said import Asked
from analysis.disclosure.rules import Clearance
from analysis.extracts.frames.dyads import people_and_practitioners
from analysis.extracts.frames.quality import EXCLUSION_REASONS
from analysis.extracts.rules.checking import examine_folder
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.plan import LOST_ROWS_PERCENT
from analysis.plans.registry import load_plan
from analysis.studies.matching.study import MatchingStudy
from analysis.study.claim_checks import in_place
from analysis.study.losses.lost_rows import APART, Link, Side, lost_rows_check, too_many_lost
from analysis.synthetic.nation import make_region, write_demo

ASKED = Asked("wales", "test", Clearance(public=False, clusters_are_people=False, hidden=NOTHING))

PLAN, PLACE = load_plan("ethnic_matching"), "west_midlands"
EVERY = [(c.table, every) for c in CONTRACTS.values() for every in c.every]
OUTCOMES = "supervision_outcomes"


@pytest.fixture(scope="module")
def tables():
    return make_region(PLACE, scale=0.25)


def study_of(tables):
    return MatchingStudy(PLAN, PLACE, people_and_practitioners(tables), False, hidden=NOTHING)


def without(tables, people):
    outcomes = tables[OUTCOMES]
    return tables | {OUTCOMES: outcomes[~outcomes["person_id"].isin(set(people))]}


def check_of(study):
    return {check.id: check for check in study.checks}["lost_rows"]


@pytest.fixture(scope="module")
def whole(tables):
    return study_of(tables)


def test_without_lost_rows_the_check_says_so(whole):
    found = check_of(whole)
    assert found.passed and found.value == 0 and found.text.startswith("No row was lost")
    assert "outcomes_lost" not in whole.excluded


def test_half_of_the_recalled_of_one_side_cannot_go_without_a_word(tables, whole):
    """354 of 20,000 rows of the outcome table turned 3.6 fewer into 14.7 fewer, and nobody said
    anything."""
    compared = whole.compared_people
    recalled = compared[compared["same_group"] & (compared["recalled"] == 1)]["person_id"]
    gone = recalled.iloc[: int(0.015 * compared["same_group"].sum())]
    study = study_of(without(tables, gone))
    found = check_of(study)
    assert study.excluded["outcomes_lost"] == len(gone) == whole.n_used - study.n_used
    assert study.n_in == study.n_used + sum(study.excluded.values())
    assert found.passed is False and found.value > APART
    assert "more of matched people than of others" in found.text
    assert study.refusal is None and "table of outcomes" in EXCLUSION_REASONS["outcomes_lost"]
    ran = in_place(PLAN, study.checks)
    assert all(checks["lost_rows"] is False for checks in ran.values()), (
        "the claim about every outcome rests on it"
    )


def test_half_of_the_recalled_of_one_side_are_too_many_to_compare(tables, whole):
    """About 5 in 100 of the matched people: four times the difference that was there came out of
    it."""
    compared = whole.compared_people
    recalled = compared[compared["same_group"] & (compared["recalled"] == 1)]["person_id"]
    assert study_of(without(tables, recalled.iloc[::2])).refusal == "rows_lost"


@pytest.mark.parametrize("matched", [True, False])
def test_too_many_lost_on_either_side_stop_the_comparison(tables, whole, matched):
    compared = whole.compared_people
    side = compared.loc[compared["same_group"] == matched, "person_id"]
    study = study_of(without(tables, side.iloc[: int(0.08 * len(side))]))
    assert study.refusal == "rows_lost" and check_of(study).passed is False
    assert {
        row.reason for row in study.outcome_rows("recalled") if row.estimand == "matching_effect"
    } == {"rows_lost"}


@pytest.mark.parametrize("by", ["person_id", "region"])
def test_half_a_table_cut_off_stops_the_comparison(tables, by):
    outcomes = tables[OUTCOMES].sort_values(by)
    study = study_of(tables | {OUTCOMES: outcomes.iloc[: len(outcomes) // 2]})
    assert study.refusal == "rows_lost"


def test_the_same_rows_lost_on_both_sides_are_told_and_pass(tables, whole):
    compared = whole.compared_people
    gone = np.random.default_rng(8).permutation(compared["person_id"])[: len(compared) // 100]
    study = study_of(without(tables, gone))
    assert study.excluded["outcomes_lost"] == len(gone)
    assert check_of(study).passed == (study.lost.apart <= APART)


def test_the_share_that_stops_is_named_in_the_plan(tables, whole):
    lenient = PLAN.model_copy(
        update={"smallest": PLAN.smallest.model_copy(update={"lost_rows_percent": 20.0})}
    )
    side = whole.compared_people["person_id"]
    fewer = people_and_practitioners(without(tables, side.iloc[: int(0.08 * len(side))]))
    assert MatchingStudy(PLAN, PLACE, fewer, False, hidden=NOTHING).refusal == "rows_lost"
    assert MatchingStudy(lenient, PLACE, fewer, False, hidden=NOTHING).refusal is None
    assert PLAN.smallest.lost_rows_percent == LOST_ROWS_PERCENT


# -- the check itself ------------------------------------------------------------------------------
def link(*lost, n=1000, whole=True):
    names = ("matched people", "others")
    return Link(
        "people",
        "outcomes",
        tuple(Side(name, n, k) for name, k in zip(names, lost, strict=True)),
        whole,
    )


@pytest.mark.parametrize(
    ("lost", "passed", "refused"),
    [
        ((0, 0), True, False),
        ((10, 10), True, False),
        ((20, 10), True, False),
        ((19, 8), False, False),
        ((20, 20), True, False),
        ((21, 20), False, True),
        ((0, 21), False, True),
    ],
)
def test_the_edges_of_the_check(lost, passed, refused):
    found = lost_rows_check([link(*lost)], most=LOST_ROWS_PERCENT, asked=ASKED)
    assert (found.passed, too_many_lost([link(*lost)], LOST_ROWS_PERCENT)) == (passed, refused)


def test_where_some_may_rightly_have_no_row_only_a_difference_speaks():
    assert not too_many_lost([link(300, 300, whole=False)], LOST_ROWS_PERCENT)
    assert lost_rows_check([link(300, 300, whole=False)], most=5, asked=ASKED).passed
    assert not lost_rows_check([link(320, 300, whole=False)], most=5, asked=ASKED).passed


def test_a_small_number_of_lost_rows_is_not_told():
    found = lost_rows_check([link(7, 0, n=100)], most=5, asked=ASKED)
    assert found.passed is False and found.shown is None and "7" not in found.text


# -- between the tables of any extract -------------------------------------------------------------
@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    for service in {CONTRACTS[table].service for table, _ in EVERY}:
        write_demo(folder / service, region="wales", people=200, service=service)
    return folder


def examined(folder, table, column, share, tmp_path):
    """The folder once rows of so many values of the column (share of them) are gone from the table,
    and how many."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.glob("*.csv"):
        (copy / file.name).write_bytes(file.read_bytes())
    frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
    ids = sorted(frame[column].unique())
    gone = ids[: max(1, round(share * len(ids)))]
    frame[~frame[column].isin(gone)].to_csv(copy / f"{table}.csv", index=False)
    return examine_folder(copy), len(gone)


@pytest.mark.parametrize(
    ("table", "every"), EVERY, ids=lambda value: getattr(value, "table", value)
)
def test_half_of_a_table_that_is_gone_is_never_valid(folders, tmp_path, table, every):
    folder = folders / CONTRACTS[table].service
    found, _ = examined(folder, table, every.column, 0.5, tmp_path)
    refused = [p for p in found.problems if p.code == "E177" and p.file == f"{every.table}.csv"]
    noted = [note for note in found.notes if note.column == every.column and table in note.text]
    assert refused and table in refused[0].remedy if every.refused else noted


def test_few_lost_rows_are_noted_with_their_number(folders, tmp_path):
    found, gone = examined(folders / "supervision", OUTCOMES, "person_id", 0.03, tmp_path)
    (note,) = [note for note in found.notes if OUTCOMES in note.text]
    assert (note.count, note.file) == (gone, "people_on_probation.csv") and not found.problems


def test_a_prison_without_a_quarter_is_noted(folders, tmp_path):
    folder = folders / "prisons"
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.glob("*.csv"):
        (copy / file.name).write_bytes(file.read_bytes())
    frame = pd.read_csv(folder / "prison_quarters.csv", dtype=str, keep_default_na=False)
    prison, quarter = frame["prison_id"].iloc[-1], frame["quarter"].max()
    frame[~((frame["prison_id"] == prison) & (frame["quarter"] == quarter))].to_csv(
        copy / "prison_quarters.csv", index=False
    )
    found = examine_folder(copy)
    assert "E177" in {p.code for p in found.problems} or any(
        "prison_quarters" in n.text for n in found.notes
    )


# -- courts and sites ------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def courts():
    from analysis.extracts.reading.sources import open_tables
    from analysis.extracts.tables.contracts import tables_of
    from analysis.synthetic.nation import ensure_nation

    folder = ensure_nation(service="courts", scale=0.2)
    return open_tables("synthetic", folder=folder, tables=list(tables_of("courts")))


def psr(tables):
    from analysis.extracts.frames.sentencing import sentencing
    from analysis.studies.rollout.study import PsrStudy

    return PsrStudy(load_plan("psr_quality"), "all", sentencing(tables), hidden=NOTHING)


def test_months_of_pilot_courts_that_are_gone_are_told_by_side(courts):
    """Courts after their start lose a month each: nobody else does, and the effect would rest on
    what is left."""
    cases = courts["sentenced_cases"]
    pilot = set(courts["courts"].loc[courts["courts"]["pilot"], "court_id"])
    late = cases["sentenced_on"].between("2025-11-01", "2025-11-30") & cases["court_id"].isin(pilot)
    whole, fewer = psr(courts), psr(courts | {"sentenced_cases": cases[~late]})
    assert fewer.links[1].sides[0].lost >= whole.links[1].sides[0].lost + len(pilot) // 2
    assert fewer.links[1].apart > whole.links[1].apart + 3
    assert fewer.lost_check().passed is False and fewer.refusal is None


def test_courts_whose_cases_are_gone_stop_the_comparison(courts):
    cases = courts["sentenced_cases"]
    gone = sorted(cases["court_id"].unique())[::6]
    study = psr(courts | {"sentenced_cases": cases[~cases["court_id"].isin(gone)]})
    assert study.refusal == "rows_lost" and study.effect("report_written").reason == "rows_lost"


@pytest.fixture(scope="module")
def trial():
    from analysis.extracts.reading.sources import open_tables
    from analysis.extracts.tables.contracts import tables_of
    from analysis.synthetic.nation import ensure_nation

    folder = ensure_nation(service="training")
    return open_tables("synthetic", folder=folder, tables=list(tables_of("training")))


def trial_of(tables):
    from analysis.studies.trial.study import open_trial

    return open_trial(load_plan("gamified_training"), "all", tables, hidden=NOTHING)[0]


def trial_check(study):
    most = study.plan.smallest.lost_rows_percent
    return lost_rows_check(study.links, most=most, asked=ASKED)


def test_a_trial_that_lost_nothing_says_so(trial):
    study = trial_of(trial)
    assert trial_check(study).passed and study.refusal is None
    assert all(side.n for link in study.links for side in link.sides)


@pytest.mark.parametrize("table", ["managers", "staff_in_post"])
def test_sites_whose_people_are_gone_stop_the_trial(trial, table):
    study = trial_of(trial)
    sites = study.people.sites
    trained = sites.loc[(sites["excluded"] == "") & (sites["offered"] == 1), "site_id"]
    rows = trial[table]
    fewer = trial_of(trial | {table: rows[~rows["site_id"].isin(trained.iloc[::8])]})
    assert fewer.refusal == "rows_lost" and trial_check(fewer).passed is False


def test_staff_of_trained_managers_alone_cannot_go_without_a_word(trial):
    study = trial_of(trial)
    managers = study.compared_managers
    trained = managers.loc[managers["offered"] == 1, "person_id"].iloc[::10]
    ratings = trial["staff_ratings"]
    fewer = trial_of(trial | {"staff_ratings": ratings[~ratings["manager_id"].isin(trained)]})
    found = trial_check(fewer)
    assert found.passed is False and fewer.refusal is None
    assert "more of those with the programme than of those that waited" in found.text


# -- quarters of people ----------------------------------------------------------------------------
@pytest.fixture(scope="module")
def caseload(tmp_path_factory):
    folder = tmp_path_factory.mktemp("caseload")
    write_demo(folder, region="wales", people=1500, service="caseload")
    return folder


def without_rows(folder, to, gone):
    """The folder once the rows are gone from supervision_quarters for which `gone` says so."""
    to.mkdir()
    for file in folder.glob("*.csv"):
        (to / file.name).write_bytes(file.read_bytes())
    frame = pd.read_csv(folder / "supervision_quarters.csv", dtype=str, keep_default_na=False)
    frame[~gone(frame)].to_csv(to / "supervision_quarters.csv", index=False)
    return examine_folder(to)


def monitor_checks(folder):
    from analysis.studies.disparity.counted.counts import counted_rows
    from analysis.studies.disparity.study import open_monitor

    plan = load_plan("supervision")
    study = open_monitor(
        plan,
        "wales",
        counted_rows(plan, "wales", f"extracts:{folder}", folder),
        shown_on="2026-10-03",
        hidden=NOTHING,
    )
    return [check for check in study.checks if check.id == "lost_rows"]


def middle(frame, codes, share):
    rows = (frame["quarter"] == "2026-01-01") & frame["ethnicity"].isin(codes)
    return rows & (np.random.default_rng(3).random(len(frame)) < share)


def test_a_monitor_without_missing_quarters_says_nothing(caseload):
    assert examine_folder(caseload).notes == () and monitor_checks(caseload) == []


def test_quarters_that_one_group_lost_are_told_by_group(caseload, tmp_path):
    found = without_rows(
        caseload,
        tmp_path / "extract",
        lambda frame: middle(frame, ["A1", "A2", "A3", "A4", "A9"], 0.8),
    )
    (note,) = [note for note in found.notes if "missing between" in note.text]
    assert not found.problems and note.count > 10
    (check,) = monitor_checks(tmp_path / "extract")
    assert check.passed is False and "Asian" in check.text and "White" not in check.text


def test_rows_that_all_groups_lost_alike_are_told_and_pass(caseload, tmp_path):
    def gone(frame):
        return (frame["quarter"] == "2026-01-01") & (np.arange(len(frame)) % 50 == 0)

    without_rows(caseload, tmp_path / "extract", gone)
    (check,) = monitor_checks(tmp_path / "extract")
    assert check.passed is True


def test_half_of_the_rows_gone_at_random_are_refused(caseload, tmp_path):
    def gone(frame):
        return np.random.default_rng(5).random(len(frame)) < 0.5

    found = without_rows(caseload, tmp_path / "extract", gone)
    assert [p.column for p in found.problems if p.code == "E177"] == ["quarter"]
