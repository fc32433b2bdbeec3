"""Minimum detectable effects against METHODS section 2 (clustered power)."""

import numpy as np
import pytest
from scipy import stats

from analysis.inference.planned.power import (
    design_effect,
    detectable_share,
    minimum_detectable_effect,
    stepped_wedge_std_error,
)

ROUNDED = 5e-4  # METHODS prints three decimals
ROLLOUT = np.repeat(np.tril(np.ones((4, 4)), 0), 3, axis=0)  # 12 regions, four waves of three
ROLLOUT = np.column_stack([np.zeros(12), ROLLOUT[:, ::1]])  # T = 5: everyone begins untreated


@pytest.mark.parametrize(
    ("icc", "normal", "shown"), [(0.02, 0.176, 0.195), (0.04, 0.178, 0.197), (0.07, 0.177, 0.196)]
)
def test_stepped_wedge_power_agrees_with_hussey_and_hughes(icc, normal, shown):
    error = stepped_wedge_std_error(ROLLOUT, people=50, intraclass_correlation=icc)
    assert minimum_detectable_effect(error) == pytest.approx(normal, abs=ROUNDED)
    assert minimum_detectable_effect(error, df=10) == pytest.approx(shown, abs=ROUNDED)


def test_minimum_detectable_effect_is_two_quantiles_of_t():
    assert minimum_detectable_effect(2.0, df=22) == pytest.approx(
        2 * (stats.t.ppf(0.975, 22) + stats.t.ppf(0.8, 22))
    )
    assert minimum_detectable_effect(1.0) == pytest.approx(2.8016, abs=1e-4)  # 1.95996 + 0.84162


@pytest.mark.parametrize(("higher", "points"), [(True, 16.0), (False, 14.6)])
def test_detectable_share_of_150_an_arm_at_36_percent(higher, points):
    share = detectable_share(150, 150, 0.36, higher=higher)
    assert 100 * abs(share - 0.36) == pytest.approx(points, abs=0.05)


def test_detectable_share_is_none_where_no_share_could_be_told_apart():
    assert detectable_share(5, 5, 0.1, higher=False) is None
    assert detectable_share(100, 100, 0.0) is None


def test_design_effect_grows_with_unequal_clusters():
    assert design_effect(40, 0.02) == pytest.approx(1.78)
    assert design_effect(40, 0.02, size_variation=0.5) == pytest.approx(1 + (1.25 * 40 - 1) * 0.02)
