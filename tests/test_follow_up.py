"""Promises about follow-up: missing is not no, and neither zeros nor early events of people
followed for less count."""

import shutil

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.extracts.frames.dyads import WINDOWS, people_and_practitioners
from analysis.extracts.reading.sources import open_tables
from analysis.extracts.rules.checking import examine_folder
from analysis.extracts.rules.follow_up import followed_short, windows
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.registry import load_plan
from analysis.studies.matching.study import MatchingStudy
from analysis.studies.matching.tables import followed_notes
from analysis.synthetic.nation import make_region, write_demo

TABLES = ["people_on_probation", "practitioners", "supervision_outcomes", "relationship_survey"]
OUTCOMES = "supervision_outcomes"
SHORT_DAYS = 30
# Of the simulated share: 3 standard errors of a share of 0.27 among 10,000 people.
SHARE_ERROR = 3 * np.sqrt(0.27 * 0.73 / 10_000)


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    folder = tmp_path_factory.mktemp("valid")
    write_demo(folder, region="wales", people=2000, service="supervision")
    return folder


def read(folder, table):
    return pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)


def cut_short(folder, to, recalled):
    """A third of people on licence followed for 30 days; their recall written as `recalled`. The
    folder, its truth."""
    shutil.copytree(folder, to)
    outcomes, people = (
        read(folder, OUTCOMES),
        read(folder, "people_on_probation").set_index("person_id"),
    )
    start = pd.to_datetime(outcomes["person_id"].map(people["first_allocated_on"]))
    whole = pd.to_datetime(outcomes["followed_to"]) >= start + pd.DateOffset(months=12)
    licence = outcomes["recalled"] != ""
    truth = (outcomes["recalled"][licence & whole] == "1").mean()
    short = outcomes.index[licence][::3]
    end = (start[short] + pd.Timedelta(days=SHORT_DAYS)).dt.strftime("%Y-%m-%d")
    outcomes.loc[short, "followed_to"] = end
    outcomes.loc[short, ["reoffended", "completed"]] = ""
    outcomes.loc[short, "recalled"] = recalled
    outcomes.to_csv(to / f"{OUTCOMES}.csv", index=False)
    return truth, len(short)


def opened(folder):
    return people_and_practitioners(open_tables("x", folder=folder, tables=TABLES))


@pytest.mark.parametrize("written", ["0", "1", ""])
def test_people_followed_for_30_days_do_not_move_the_share(valid, tmp_path, written):
    """A third of the cases followed for 30 days lowered recall from 27.2 to 16.6 %; left empty they
    were E195."""
    truth, _ = cut_short(valid, tmp_path / "extract", written)
    found = examine_folder(tmp_path / "extract")
    assert found.problems == ()
    share = opened(tmp_path / "extract").frame["recalled"].mean()
    assert share == pytest.approx(truth, abs=0.03)


def test_what_is_read_as_not_known_is_noted_with_its_number(valid, tmp_path):
    assert not [note for note in examine_folder(valid).notes if "not known" in note.text]
    _, n = cut_short(valid, tmp_path / "extract", "0")
    (note,) = [n for n in examine_folder(tmp_path / "extract").notes if n.column == "recalled"]
    assert (note.file, note.count) == (f"{OUTCOMES}.csv", n) and "under 12 months" in note.text


def test_an_outcome_that_is_due_is_still_refused_when_it_is_empty(valid, tmp_path):
    shutil.copytree(valid, tmp_path / "extract")
    outcomes, people = read(valid, OUTCOMES), read(valid, "people_on_probation")
    licence = people.loc[people["sentence_type"] == "licence", "person_id"]
    outcomes = outcomes.assign(followed_to="2026-09-30")
    outcomes.loc[outcomes["person_id"].isin(licence), "recalled"] = ""
    outcomes.to_csv(tmp_path / "extract" / f"{OUTCOMES}.csv", index=False)
    assert "E195" in {p.code for p in examine_folder(tmp_path / "extract").problems}


@pytest.mark.parametrize("outcome", WINDOWS)
def test_every_outcome_with_a_window_is_empty_for_people_followed_for_less(outcome):
    tables = make_region("wales", people=600)
    start = tables["people_on_probation"].set_index("person_id")["first_allocated_on"]
    outcomes = tables[OUTCOMES].copy()
    days = outcomes["person_id"].map(start) + pd.Timedelta(days=SHORT_DAYS)
    dyads = people_and_practitioners(tables | {OUTCOMES: outcomes.assign(followed_to=days)})
    assert dyads.frame[outcome].isna().all() and (dyads.frame["followed_window"] == 0).all()
    assert dyads.frame["relationship"].notna().any(), "an answer in a survey has no window"


def test_the_edge_is_the_last_day_of_the_window():
    start = pd.Series(pd.to_datetime(["2024-03-01"] * 2 + ["2024-02-29"] * 2))
    end = pd.Series(pd.to_datetime(["2025-02-28", "2025-02-27", "2025-02-27", "2025-02-26"]))
    assert followed_short(start, end, 12).tolist() == [False, True, False, True]


def test_windows_are_declared_beside_the_columns():
    declared = {c.name: c.window_months for c in windows(CONTRACTS[OUTCOMES])}
    assert declared.pop("appointments_offered") == declared["appointments_kept"] == 12
    assert declared == WINDOWS and WINDOWS["reoffended"] == 18


def test_those_who_are_left_out_are_counted_on_the_page():
    tables = make_region("west_midlands", scale=0.1)
    plan = load_plan("ethnic_matching")
    study = MatchingStudy(
        plan, "west_midlands", people_and_practitioners(tables), False, hidden=NOTHING
    )
    people = study.compared_people
    assert people["followed_window"].min() == 12 and "recalled" not in study.followed_short
    start = tables["people_on_probation"].set_index("person_id")["first_allocated_on"]
    outcomes = tables[OUTCOMES].copy()
    third = outcomes.index[::3]
    days = outcomes["person_id"].map(start) + pd.Timedelta(days=SHORT_DAYS)
    outcomes.loc[third, "followed_to"] = days[third]
    dyads = people_and_practitioners(tables | {OUTCOMES: outcomes})
    study = MatchingStudy(plan, "west_midlands", dyads, False, hidden=NOTHING)
    people = study.compared_people
    licence = people["sentence_type"] == "licence"
    expected = int((licence & (people["followed_window"] < 12)).sum())
    assert study.followed_short["recalled"] == expected > 0
    notes = followed_notes(study)
    assert any("under 12 months" in note and "recalls" in note for note in notes)
    row = next(r for r in study.outcome_rows("recalled") if r.estimand == "matching_effect")
    assert row.left_out["followed_short"] == expected
    assert row.n + sum(row.left_out.values()) == len(people)


def simulated(rng, n):
    """People on licence: recall at a constant rate, a third followed for 30 days; as a supplier
    would write them."""
    matched = rng.random(n) < 0.5
    truth = np.where(matched, 0.22, 0.32)
    happens = rng.exponential(
        -365 / np.log1p(-truth)
    )  # days to recall, so that the share within a year is `truth`
    followed = np.where(rng.random(n) < 1 / 3, SHORT_DAYS, 400)
    return matched, truth, (happens <= np.minimum(365, followed)).astype(float), followed


def test_a_third_followed_for_30_days_biases_neither_share_nor_difference():
    """Zeros kept: far too low. Events kept and zeros dropped: too high. Both left out: right."""
    rng, n = np.random.default_rng(20_260_114), 40_000
    matched, truth, recalled, followed = simulated(rng, n)
    start = pd.Series(pd.Timestamp("2024-04-01"), index=range(n))
    short = followed_short(start, start + pd.to_timedelta(followed, unit="D"), 12).to_numpy()

    def shares(kept):
        return np.array([recalled[kept & side].mean() for side in (matched, ~matched)])

    right = np.array([truth[matched].mean(), truth[~matched].mean()])
    left_out = shares(~short)
    assert np.abs(left_out - right).max() < SHARE_ERROR
    assert abs((left_out[0] - left_out[1]) - (right[0] - right[1])) < 2 * SHARE_ERROR
    assert (right - shares(np.ones(n, dtype=bool))).min() > 3 * SHARE_ERROR, (
        "zeros of 30 days are no answer"
    )
    assert (shares(~short | (recalled == 1)) - right).min() > SHARE_ERROR / 2, (
        "early events alone are no answer either"
    )
