"""The made-up cases of an ombudsman hold what is planted, and mislead a naive method as their
docstring says."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.synthetic.coded_cases import coded_cases as made
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.vocabulary.regions import place_set

REGIONS = place_set("probation_regions").ids
NEAR = 1.5  # in every 100: about three standard errors of samples twenty times as large


@cache
def large() -> pd.DataFrame:
    """Cases that the panel read, twenty times as many, with who was trained first."""
    parts = [make_region(region, service="investigations", scale=20) for region in REGIONS]
    cases = pd.concat([part[made.CASES] for part in parts])
    staff = pd.concat([part[made.INVESTIGATORS] for part in parts])
    first = staff.loc[staff["trained_from"] < "2026-01-01", "investigator_id"]
    trained = pd.Timestamp(load_planted().coded_cases.trained)
    rows = cases[cases["panel_code"].notna() & (cases["reported_on"] != trained)]
    return rows.assign(
        first=rows["investigator_id"].isin(first), since=rows["reported_on"] > trained
    )


def share(gold: int, *, first: bool, since: bool, weighted: bool = True) -> float:
    rows = large()
    own = rows[(rows["panel_code"] == gold) & (rows["first"] == first) & (rows["since"] == since)]
    weight = 1 / own["sampling_share"] if weighted else np.ones(len(own))
    return 100 * float(np.average(own["first_code"], weights=weight))


def rise(gold: int, *, first: bool) -> float:
    return share(gold, first=first, since=True) - share(gold, first=first, since=False)


@pytest.mark.parametrize("region", REGIONS[:3])
def test_the_tables_are_what_their_contracts_say(region):
    parts = make_region(region, service="investigations")
    for name, frame in parts.items():
        CONTRACTS[name].schema().validate(frame)
    staff, cases = parts[made.INVESTIGATORS], parts[made.CASES]
    assert (staff["trained_from"] < "2026-01-01").sum() == len(staff) / 2
    assert set(cases["investigator_id"]) == set(staff["investigator_id"])
    anchors = cases[cases["case_id"].isin(parts[made.ANCHORS]["case_id"])]
    assert len(anchors) == load_planted().coded_cases.anchors
    assert anchors["panel_code"].notna().all()
    assert (anchors["reported_on"] < "2025-07-01").all()


def test_what_is_planted_is_there():
    truth = load_planted()
    assert rise(1, first=True) - rise(1, first=False) == pytest.approx(made.TRUE_EFFECT, abs=NEAR)
    assert made.planted_detection(truth) == pytest.approx(made.TRUE_EFFECT, abs=0.1)
    alarms = rise(0, first=True) - rise(0, first=False)
    assert alarms == pytest.approx(made.planted_false_alarms(truth), abs=NEAR)


def test_coders_alone_make_a_rise():
    assert rise(1, first=False) == pytest.approx(made.NAIVE_RISE, abs=NEAR)
    drift = made.planted_drift(load_planted(), 0.05)
    assert rise(0, first=False) == pytest.approx(drift, abs=NEAR)
    assert drift > 5


def test_shares_without_the_weights_of_the_panel_are_too_high():
    own = {"first": False, "since": False}
    assert share(1, **own, weighted=False) - share(1, **own) > 0.8


def test_one_region_is_made_worse_and_two_are_as_before():
    planted = load_planted().coded_cases.recognised
    assert [r for r in REGIONS if planted.false_alarm[r]] == ["south_west"]
    assert [r for r in REGIONS if not planted.effect[r]] == ["wales", "south_central"]


def test_a_region_that_is_not_there_is_refused():
    planted = load_planted().coded_cases
    effect = dict(planted.recognised.effect)
    effect["wessex"] = effect.pop("wales")
    wrong = planted.model_dump() | {
        "recognised": planted.recognised.model_dump() | {"effect": effect}
    }
    with pytest.raises(ValidationError, match="each probation region"):
        type(planted).model_validate(wrong)
