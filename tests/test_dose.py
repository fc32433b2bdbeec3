"""Units that got more of a programme: what is planted, nothing, and too few of them."""

import numpy as np
import pandas as pd
import pytest

from analysis.designs.rollouts.dose import dose_slope
from analysis.designs.rollouts.imputation import weighted_panel
from analysis.designs.rollouts.starting_level import start_rows
from analysis.inference.columns import WeightedColumns
from analysis.results import Estimate, NotEstimable

COLUMNS = WeightedColumns(
    unit="unit",
    period="period",
    first_treated="start",
    block="block",
    outcome="share",
    weight="weight",
)
WHAT = ("dose_trend", "dose_of_staff", "in_every_100")


def roll_out(rng, *, slope: float, blocks: int = 10, effect: float = -2.0):
    rows, dose = [], {}
    for block in range(blocks):
        shock = rng.normal(0, 1, 12)
        for unit in range(8):
            name, start = f"{block}-{unit}", 6.0 if unit < 4 else np.nan
            dose[name] = float(rng.integers(2, 9))
            after = np.arange(12) >= start
            level = rng.normal(0, 2) + shock + rng.normal(0, 1, 12)
            values = level + (effect + slope * (dose[name] - 5)) * after
            rows += [
                {
                    "block": block,
                    "unit": name,
                    "period": t,
                    "start": start,
                    "share": values[t],
                    "weight": 1.0,
                }
                for t in range(12)
            ]
    return start_rows(weighted_panel(pd.DataFrame(rows), COLUMNS)), pd.Series(dose)


def test_the_planted_slope_lies_in_the_interval_whatever_the_effect():
    rows, dose = roll_out(np.random.default_rng(1), slope=-0.5)
    found = dose_slope(rows, dose, need=0, what=WHAT)
    assert isinstance(found, Estimate)
    assert found.conf_low <= -0.5 <= found.conf_high < 0


@pytest.mark.simulation
def test_where_nothing_is_planted_one_interval_in_twenty_leaves_out_nil():
    away = 0
    for seed in range(200):
        rows, dose = roll_out(np.random.default_rng([2, seed]), slope=0.0, blocks=5)
        found = dose_slope(rows, dose, need=0, what=WHAT)
        away += not found.conf_low <= 0 <= found.conf_high
    assert away <= 20


def test_few_units_and_doses_that_are_alike_are_refused():
    rows, dose = roll_out(np.random.default_rng(3), slope=0.0, blocks=2)
    assert dose_slope(rows, dose, need=0, what=WHAT).reason == "too_few_sites"
    rows, dose = roll_out(np.random.default_rng(3), slope=0.0)
    same = dose_slope(rows, dose * 0 + 4, need=0, what=WHAT)
    assert isinstance(same, NotEstimable) and same.reason == "constant_outcome"
