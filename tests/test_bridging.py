"""A change of instrument: refused without a bridge, equated with one."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.designs.series.bridging import FEWEST_BRIDGED, equated_step, instrument_shift
from analysis.inference.columns import Quantity
from analysis.results import Estimate, NotEstimable

WHAT = Quantity("instrument_change", "in_every_100")
RUNS = 400
JUMP = 20.0  # what the instrument alone adds, in every 100


def bridge(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Cases rated with both: the new instrument calls more of them good enough."""
    quality = rng.random(n)
    return pd.DataFrame(
        {
            "old": (quality > 0.6).astype(float),
            "new": (quality > 0.6 - JUMP / 100).astype(float),
            "weight": np.where(rng.random(n) < 0.5, 1.0, 3.0),
        }
    )


def step(value: float, error: float = 3.0) -> Estimate:
    reach = stats.t.ppf(0.975, 30) * error
    ends = value - reach, value + reach
    return Estimate("step", "x", "in_every_100", value, *ends, std_error=error, df=30.0)


def test_the_shift_is_the_paired_difference():
    """Without weights: scipy's paired t test."""
    rows = bridge(np.random.default_rng(1), 200)
    found = instrument_shift(rows, old="old", new="new", scale=100.0)
    other = stats.ttest_rel(100 * rows["new"], 100 * rows["old"])
    interval = other.confidence_interval()
    assert found.value == pytest.approx(100 * (rows["new"] - rows["old"]).mean())
    assert (found.conf_low, found.conf_high) == pytest.approx((interval.low, interval.high))


def test_weights_are_those_of_the_sample():
    rows = bridge(np.random.default_rng(2), 100)
    twice = pd.concat([rows, rows[rows["weight"] == 3.0], rows[rows["weight"] == 3.0]])
    weighted = instrument_shift(rows, old="old", new="new", weights="weight", scale=100.0)
    repeated = instrument_shift(twice, old="old", new="new", scale=100.0)
    assert weighted.value == pytest.approx(repeated.value)
    assert weighted.std_error > repeated.std_error  # no case counts as several


def test_without_a_bridge_the_measure_changed():
    for n in (0, FEWEST_BRIDGED - 1):
        shift = instrument_shift(bridge(np.random.default_rng(3), n), old="old", new="new")
        found = equated_step(step(JUMP), shift, WHAT)
        assert isinstance(found, NotEstimable)
        assert found.reason == "instrument_changed"


def test_equating_takes_the_instrument_out_and_holds_its_error():
    """No true change: the naive step is that of the instrument, the equated one holds nil in about
    95 of 100."""
    held = naive = 0
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        seen = step(JUMP + rng.normal(scale=3.0))
        shift = instrument_shift(bridge(rng, 120), old="old", new="new", scale=100.0)
        found = equated_step(seen, shift, WHAT)
        held += found.conf_low <= 0 <= found.conf_high
        naive += seen.conf_low > 0
        assert found.std_error > seen.std_error
    assert naive == RUNS  # it always looks like an improvement
    assert 0.92 <= held / RUNS <= 0.98


def test_a_true_change_is_left():
    rng = np.random.default_rng(7)
    shift = instrument_shift(bridge(rng, 2000), old="old", new="new", scale=100.0)
    found = equated_step(step(JUMP + 8.0, error=0.5), shift, WHAT)
    assert found.conf_low <= 8.0 <= found.conf_high
    assert found.p_value < 0.001


def test_a_step_that_was_refused_stays_refused():
    none = NotEstimable("step", "x", "in_every_100", "too_few_points")
    shift = instrument_shift(bridge(np.random.default_rng(4), 100), old="old", new="new")
    assert equated_step(none, shift, WHAT).reason == "too_few_points"
