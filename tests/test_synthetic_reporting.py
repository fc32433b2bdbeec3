"""The synthetic reports hold what is planted, and mislead a naive method as they say."""

import numpy as np
import pandas as pd
import pytest

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.synthetic.reporting import reporting as made

NAMES = ("discrimination_reports", "people_held", "experience_survey")
LARGE = 4  # times full scale


def reports(step: dict | None = None, **planted) -> pd.DataFrame:
    """Forms of all regions, from the same draws."""
    truth = load_planted()
    own = truth.reporting.model_copy(update={"step": step or truth.reporting.step, **planted})
    truth, parts = truth.model_copy(update={"reporting": own}), []
    for i, region in enumerate(truth.regions):
        rng = {name: np.random.default_rng([5, i, k]) for k, name in enumerate(NAMES)}
        tables = made.make_reporting(rng, truth, region, part=LARGE)
        parts.append(tables["discrimination_reports"])
    return pd.concat(parts, ignore_index=True)


def since(table: pd.DataFrame, column: str = "incident_id") -> int:
    return table.loc[table["reported_on"] >= "2023-10-01", column].nunique()


def test_the_true_step_and_the_naive_ratio_are_what_the_docstring_says():
    planted, nil = reports(), reports(step=dict.fromkeys(load_planted().regions, 0.0))
    assert made.planted_step(load_planted()) == pytest.approx(made.TRUE_STEP, abs=0.005)
    assert since(planted) / since(nil) == pytest.approx(made.TRUE_STEP, rel=0.02)
    before = planted[planted["reported_on"] < "2023-06-01"]
    naive = (since(planted, "report_id") / 24) / (len(before) / 20)
    assert naive == pytest.approx(made.NAIVE_FORMS, rel=0.04)


def test_the_new_form_is_filed_twice_and_nothing_else_about_it():
    tables = make_region("wales", service="reporting")
    forms = tables["discrimination_reports"]
    each = forms.groupby("form").agg(n=("report_id", "size"), one=("incident_id", "nunique"))
    found = (each["n"] / each["one"]).to_dict()  # and one in 25 by another person, too
    assert found == pytest.approx({"new": 2.08, "old": 1.04}, abs=0.04)
    copies = forms[forms["form"] == "new"]
    alike = copies.groupby(["incident_id", "reporter_id"])[["reported_on", "upheld"]].nunique()
    assert (alike["reported_on"] == 1).all() and (alike["upheld"] <= 1).all()


def test_the_disorder_adds_for_two_months():
    calm, planted = reports(disorder=0.0), reports()
    months = ("2024-08", "2024-09", "2024-10")
    more = [
        (planted["reported_on"].dt.strftime("%Y-%m") == month).sum()
        / (calm["reported_on"].dt.strftime("%Y-%m") == month).sum()
        for month in months
    ]
    factor = np.exp(load_planted().reporting.disorder)
    assert more == pytest.approx([factor, factor, 1.0], rel=0.08)


def test_tables_keep_to_their_contracts_and_one_region_is_that_of_the_nation():
    tables = make_region("london", service="reporting", scale=0.2)
    for name, table in tables.items():
        CONTRACTS[name].schema().validate(table)
    again = make_region("london", service="reporting", scale=0.2)
    assert all(tables[name].equals(again[name]) for name in tables)
    assert tables["people_held"]["people"].sum() / 48 == pytest.approx(7200 * 0.2, rel=0.05)
