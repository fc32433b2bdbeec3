"""Nobody stands in two groups of one round: who declares a group during a year is no second person
"not known"."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.extracts.counts.counts import NOT_KNOWN, SUMS
from analysis.plans.registry import load_plan
from analysis.studies.disparity.counted.counts import counted_rows
from analysis.synthetic.nation import write_demo

PLAN, PLACE = load_plan("workforce"), "west_midlands"


def counts_of(folder: Path) -> pd.DataFrame:
    """Sums of the newest year by measure and group."""
    found = counted_rows(PLAN, PLACE, "extracts", folder)
    newest = found.by_round[found.by_round["round"] == found.rounds[-1]]
    return newest.set_index(["measure", "group"])[list(SUMS)]


@pytest.fixture(scope="module")
def staff(tmp_path_factory):
    folder = tmp_path_factory.mktemp("staff")
    write_demo(folder, region=PLACE, people=2000, service="workforce")
    return folder, pd.read_csv(folder / "staff_quarters.csv", dtype=str, keep_default_na=False)


def with_rows(staff, rows: pd.DataFrame) -> pd.DataFrame:
    folder, whole = staff
    rows.to_csv(folder / "staff_quarters.csv", index=False)
    try:
        return counts_of(folder)
    finally:
        whole.to_csv(folder / "staff_quarters.csv", index=False)


def test_a_group_that_is_declared_in_the_last_quarter_holds_for_the_year(staff):
    _, whole = staff
    last = whole["quarter"].max()
    stayed = whole.loc[
        (whole["quarter"] == last) & whole["ethnicity"].str.fullmatch(r"[A-Z]\d"), "person_id"
    ]
    late = whole.copy()
    changed = late["person_id"].isin(stayed) & (late["quarter"] < last)
    late.loc[changed, "ethnicity"] = "not_stated"
    assert changed.sum() > 1000
    pd.testing.assert_frame_equal(with_rows(staff, late), with_rows(staff, whole))


def test_who_declares_in_no_quarter_of_the_year_stays_not_known(staff):
    _, whole = staff
    one = whole["person_id"] == whole["person_id"].iloc[-1]
    hidden = whole.assign(ethnicity=whole["ethnicity"].where(one, "not_stated"))
    people = with_rows(staff, hidden).loc["grievance", "persons"]
    assert people.drop(NOT_KNOWN).sum() <= 1 < people[NOT_KNOWN]
