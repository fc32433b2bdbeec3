"""Weighting and a model of the outcome: published values, a null, a planted effect where one of the
two models is wrong, and what it refuses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels

from analysis.designs.cohorts.doubly_robust import effect_on_treated, weighted_regression
from analysis.inference.columns import MatchColumns, Quantity
from analysis.results import Estimate, NotEstimable

RUNS = 300
COLUMNS = MatchColumns(treated="treated", outcome="y", covariates=("x", "z"))
WHAT = Quantity("att", "points")
# Shipped with statsmodels as the data of its own tests (Cattaneo 2010: births and smoking).
BIRTHS = Path(statsmodels.__file__).parent / "treatment" / "tests" / "results" / "cataneo2.csv"


def people(seed: int, *, n: int = 600, effect: float = 0.0, bent: float = 0.0) -> pd.DataFrame:
    """Those treated have higher x, and so a higher outcome; `bent`: of x squared in the outcome."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=n), rng.normal(size=n)
    treated = rng.random(n) < 1 / (1 + np.exp(0.8 - 0.8 * x))
    y = x + 0.5 * z + bent * x**2 + effect * treated + rng.normal(size=n)
    return pd.DataFrame({"x": x, "z": z, "treated": treated, "y": y})


@pytest.mark.skipif(not BIRTHS.exists(), reason="statsmodels without the data of its tests")
def test_births_give_what_stata_gives():
    """Stata 17, teffects ipwra, atet, probit of smoking: -223.5 (23.79), as statsmodels stores it
    (results_teffects.py, table_t). A logit of smoking moves it by less than 1."""
    data = pd.read_csv(BIRTHS)
    one = np.ones(len(data))
    outcome = np.column_stack([one, data[["prenatal1_", "mmarried_", "mage", "fbaby_"]]])
    choice = np.column_stack([one, data[["mmarried_", "mage", "mage2", "fbaby_", "medu"]]])
    found = effect_on_treated(
        data["bweight"].to_numpy(float), data["mbsmoke_"].to_numpy() == 1, outcome, choice
    )
    assert found.value == pytest.approx(-223.5, abs=1.0)
    assert found.std_error == pytest.approx(23.79, abs=0.3)
    assert found.comparison == pytest.approx(3361.2, abs=1.0)


def test_where_nothing_is_done_it_finds_something_in_one_of_twenty():
    found = [weighted_regression(people(seed), COLUMNS, WHAT) for seed in range(RUNS)]
    rate = np.mean([one.p_value < 0.05 for one in found])
    assert 0.02 <= rate <= 0.09  # three Monte Carlo standard errors of 300 runs


def test_it_is_right_where_the_model_of_the_outcome_is_wrong_and_the_naive_way_is_not():
    """x squared stands in no model: weighting makes up for it, regression alone does not."""
    errors, naive, regression = [], [], []
    for seed in range(RUNS):
        frame = people(seed, effect=0.3, bent=0.6)
        errors.append(weighted_regression(frame, COLUMNS, WHAT).value - 0.3)
        naive.append(frame.groupby("treated")["y"].mean().diff().iloc[1] - 0.3)
        others = frame[~frame["treated"]]
        design = np.column_stack([np.ones(len(frame)), frame[["x", "z"]]])
        fit = np.linalg.lstsq(design[~frame["treated"]], others["y"], rcond=None)[0]
        own = frame["treated"].to_numpy()
        regression.append((frame["y"] - design @ fit)[own].mean() - 0.3)
    tolerance = 3 * np.std(errors) / np.sqrt(RUNS)
    assert abs(np.mean(errors)) < tolerance + 0.02
    assert np.mean(naive) > 0.6 and abs(np.mean(regression)) > 0.1


def test_intervals_hold_what_is_planted():
    found = [weighted_regression(people(seed, effect=0.3), COLUMNS, WHAT) for seed in range(RUNS)]
    held = np.mean([one.conf_low <= 0.3 <= one.conf_high for one in found])
    assert 0.91 <= held <= 0.985


def test_it_refuses_what_cannot_be_weighted():
    frame = people(1)
    few = weighted_regression(frame.assign(treated=np.arange(600) < 20), COLUMNS, WHAT)
    assert isinstance(few, NotEstimable) and few.reason == "too_few_matched"
    apart = weighted_regression(frame.assign(treated=frame["x"] > 0), COLUMNS, WHAT)
    assert isinstance(apart, NotEstimable) and apart.reason == "separation"
    same = weighted_regression(frame.assign(y=1.0), COLUMNS, WHAT)
    assert isinstance(same, NotEstimable) and same.reason == "constant_outcome"


def test_the_input_stays_as_it_is_and_strata_enter_as_levels():
    frame = people(2).assign(office=lambda d: np.where(d["z"] > 0, "a", "b"))
    before = frame.copy()
    columns = MatchColumns(treated="treated", outcome="y", covariates=("x",), exact=("office",))
    found = weighted_regression(frame, columns, WHAT)
    pd.testing.assert_frame_equal(frame, before)
    assert isinstance(found, Estimate) and found.allowed_for == ("office", "x")


def test_a_column_that_repeats_another_among_the_others_changes_nothing():
    """A level that nobody without it has twice: the regression of the others leaves it out."""
    frame = people(4)
    once = weighted_regression(frame, COLUMNS, WHAT)
    repeated = MatchColumns(treated="treated", outcome="y", covariates=("x", "z", "again"))
    twice = weighted_regression(frame.assign(again=3 * frame["x"]), repeated, WHAT)
    assert twice.value == pytest.approx(once.value) and twice.df == once.df
