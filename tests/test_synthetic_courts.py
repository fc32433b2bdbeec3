"""The synthetic courts hold what is planted, and mislead a naive method as their docstring says."""

import numpy as np
import pandas as pd
import pytest

from analysis.synthetic.courts import courts as made
from analysis.synthetic.nation import ensure_region, make_region
from analysis.synthetic.planted import load_planted
from analysis.vocabulary.regions import place_set

pytestmark = pytest.mark.slow  # the whole nation is made: `make test-deep`

REGIONS = place_set("probation_regions").ids


@pytest.fixture(scope="module")
def nation() -> dict[str, pd.DataFrame]:
    parts = [make_region(region, service="courts") for region in REGIONS]
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}


@pytest.fixture(scope="module")
def cases(nation) -> pd.DataFrame:
    frame = nation["sentenced_cases"].merge(nation["courts"].drop(columns="region"), on="court_id")
    month = (frame["sentenced_on"].dt.year - 2024) * 12 + frame["sentenced_on"].dt.month
    start = (frame["started_on"].dt.year - 2024) * 12 + frame["started_on"].dt.month
    return frame.assign(month=month, start=start, under=(month >= start))


def test_fifteen_courts_start_and_fourteen_have_the_tool(nation):
    courts = nation["courts"]
    assert courts["pilot"].sum() == 15 and courts["tool_from"].notna().sum() == 14
    assert (courts["pilot"] == courts["started_on"].notna()).all()
    assert 150 <= courts["staff_trained"].sum() <= 255
    assert courts.loc[courts["pilot"]].groupby("region").size().max() <= 3


def test_a_region_made_alone_is_the_same(nation, tmp_path):
    folder = ensure_region("wales", folder=tmp_path, service="courts")
    alone = pd.read_parquet(folder / "sentenced_cases" / "region=wales.parquet")
    whole = nation["sentenced_cases"].query("region == 'wales'").reset_index(drop=True)
    pd.testing.assert_frame_equal(
        alone.sort_values("case_id", ignore_index=True),
        whole.sort_values("case_id", ignore_index=True),
        check_dtype=False,
    )


def within(cases: pd.DataFrame, value: np.ndarray) -> tuple[float, float]:
    """Difference-in-differences by plain means: each treated court-month less the court's months
    before the first start of any court, less the same for the courts of its region that take no
    part. Mean and its error over courts.
    """
    cell = (
        cases.assign(value=value)
        .groupby(["region", "court_id", "month", "start"], dropna=False)["value"]
        .mean()
        .reset_index()
    )
    before = cell[cell["month"] < 7].groupby("court_id")["value"].mean()
    cell = cell.assign(change=cell["value"] - cell["court_id"].map(before))
    never = cell[cell["start"].isna()].groupby(["region", "month"])["change"].mean()
    treated = cell[cell["month"] >= cell["start"]]
    own = (
        treated["change"]
        - never.reindex(pd.MultiIndex.from_frame(treated[["region", "month"]])).to_numpy()
    )
    by_court = own.groupby(treated["court_id"]).agg(["sum", "size"])
    mean = by_court["sum"].sum() / by_court["size"].sum()
    spread = (
        (by_court["sum"] - mean * by_court["size"]).std()
        * np.sqrt(len(by_court))
        / by_court["size"].sum()
    )
    return float(mean), float(spread)


def test_what_is_planted_on_custody_is_there(cases):
    truth = load_planted().courts
    minority = cases["ethnicity"].str[0].isin(list("MABO")) & cases["ethnicity"].str.fullmatch(
        r"[A-Z][0-9]"
    )
    share = (
        minority[cases["under"]].mean()
        / cases["ethnicity"].str.fullmatch(r"[A-Z][0-9]")[cases["under"]].mean()
    )
    found, error = within(cases, cases["custody"].to_numpy())
    assert abs(found - made.planted_custody_effect(truth, minority_share=share)) < 3 * error
    assert found + 2 * error < 0


@pytest.mark.parametrize("outcome", ["report_written", "on_adjournment"])
def test_what_is_planted_on_reports_is_there(cases, outcome):
    value = cases[outcome].astype(float).fillna(0).to_numpy()
    found, error = within(cases, value)
    assert abs(found - made.planted_report_effect(load_planted().courts, outcome)) < 3.5 * error


def test_the_naive_comparison_hides_the_effect(cases):
    """Pilot courts after their start against all other cases: courts with more custody start
    first."""
    truth = load_planted().courts
    naive = (
        cases.loc[cases["under"], "custody"].mean() - cases.loc[~cases["under"], "custody"].mean()
    )
    assert naive > made.planted_custody_effect(truth, minority=False) / 2


def test_among_reports_the_mix_alone_makes_a_difference(cases):
    """Proposals are followed neither more nor less often for anybody, and yet less often among
    reports written."""
    truth = load_planted().courts
    assert made.selection(truth) * 100 == pytest.approx(made.SELECTION, abs=0.1)
    reports = cases[cases["report_written"]]
    found, error = within(reports, reports["proposal_followed"].to_numpy(dtype=float))
    assert abs(found - made.selection(truth)) < 3 * error and found + error < 0
    alike = reports.groupby(["custody_risk", "under"])["proposal_followed"].mean().unstack()
    assert (alike[True] - alike[False]).abs().max() < 0.02


def test_reports_that_were_not_written_hold_nothing(cases):
    none = ~cases["report_written"]
    assert (
        cases.loc[none, ["on_adjournment", "second_proposal", "proposal_followed"]]
        .isna()
        .all()
        .all()
    )
    assert (
        cases.loc[~none, ["on_adjournment", "second_proposal", "proposal_followed"]]
        .notna()
        .all()
        .all()
    )


def test_audited_reports_were_written_and_one_in_five_is_rated_twice(nation):
    audits, cases = nation["audited_reports"], nation["sentenced_cases"]
    assert audits["case_id"].isin(cases.loc[cases["report_written"], "case_id"]).all()
    raters = audits.groupby("case_id")["auditor_id"].nunique()
    assert set(raters.unique()) == {1, 2} and 0.15 < (raters == 2).mean() < 0.25


def test_the_same_seed_gives_the_same_courts():
    one, two = (make_region("london", service="courts") for _ in range(2))
    for name in one:
        pd.testing.assert_frame_equal(one[name], two[name])
