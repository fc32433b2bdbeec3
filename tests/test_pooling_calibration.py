"""A small run of the calibration of pooling (`make calibrate-pooling` is the large one): intervals
hold, few false words."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "bench"))
from calibrate_pooling import KNOWN, Case, cases, measure, one_sample, real_precisions
from pooling_page import most_told

SAMPLES = 60


@pytest.mark.parametrize(
    ("ratio", "df", "tau"), [(1.0, KNOWN, 0.0), (100.0, KNOWN, 2.0), (10.0, 8.0, 1.0)], ids=str
)
def test_intervals_hold_in_a_small_run(ratio, df, tau):
    errors = np.sqrt(np.geomspace(1, ratio, 6))
    case = Case(
        f"small {ratio} {df}", tuple(errors), (df,) * 6, tau * float(np.median(errors)), tau
    )
    found = measure(case, SAMPLES)
    for what in ("mean", "prediction", "places"):
        assert found.percent(what)[0] >= 86, what  # 95 less three Monte Carlo errors of 60 samples
    assert found.percent("false")[0] <= 12


def test_a_place_far_off_is_told_more_often_than_chance():
    errors = (1.0,) * 10
    found = measure(Case("far", errors, (KNOWN,) * 10, 0.0, 0.0, shift=6.0), SAMPLES)
    assert found.percent("told")[0] >= 75


def test_one_sample_has_the_truth_that_it_is_held_against():
    """Places with hardly any error are hit only if truth and estimate belong together."""
    case = Case("exact", (1e-3,) * 6, (KNOWN,) * 6, 5.0, 5.0)
    wide = [one_sample(case, np.random.default_rng(n))["places"] for n in range(20)]
    assert np.mean(wide) >= 0.88


def test_cases_have_names_of_their_own_and_real_precisions():
    names = [case.name for case in cases()]
    assert len(names) == len(set(names)) == 3 * 3 * 3 * 5 + 2 * 5
    errors, dfs = real_precisions("recalled")
    assert len(errors) >= 8 and min(dfs) >= 4 and max(errors) / min(errors) > 2


@pytest.mark.slow
def test_no_test_of_standing_apart_can_reach_both_targets():
    """The bound of docs/pooling.md: four places are told in about a quarter of cases at best, eight
    in a half."""
    assert most_told(4) == pytest.approx(0.24, abs=0.04)
