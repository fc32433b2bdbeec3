"""Posterior of places against a plain integration over true values, means and spreads, and against
t by itself."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.judgement.pools.place_posterior import PRIOR_SCALE, _mixture, place_posterior

Y, ERRORS = np.array([0.0, 1.2, 3.5, 0.4]), np.array([0.6, 0.8, 1.0, 0.5])


def brute_force(dfs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True values on a grid; distribution functions of each place there, and of a new place: no
    mixture, no kernel."""
    theta = np.linspace(-14, 16, 1201)
    step, scale = theta[1] - theta[0], PRIOR_SCALE * np.median(ERRORS)
    seen = np.array(
        [stats.t.pdf((y - theta) / s, df) for y, s, df in zip(Y, ERRORS, dfs, strict=True)]
    )
    places, new, whole = np.zeros((len(Y), len(theta))), np.zeros(len(theta)), 0.0
    widths = (np.arange(200) + 0.5) * (math.log1p(3000 / scale) / 200)
    for tau in scale * np.expm1(
        widths
    ):  # evenly on log(1 + tau / scale): the prior 1 / (scale + tau) is flat there
        means = 1.0 + math.sqrt(tau**2 + 1) * np.linspace(-5, 5, 161)
        prior = stats.norm.pdf(theta, means[:, None], tau) * step
        each = prior @ seen.T
        weight = each.prod(axis=1) * math.sqrt(tau**2 + 1)  # width of a node of the mean
        new += weight @ stats.norm.cdf(theta, means[:, None], tau)
        whole += weight.sum()
        for i in range(len(Y)):
            others = np.delete(each, i, axis=1).prod(axis=1) * math.sqrt(tau**2 + 1)
            places[i] += seen[i] * (others @ prior)
    within = np.cumsum(places, axis=1) - places / 2
    return theta, within / places.sum(axis=1, keepdims=True), new / whole


@pytest.mark.parametrize(
    "dfs", [(6.0, 8.0, 30.0, 10.0), (math.inf,) * 4], ids=["estimated", "known"]
)
def test_quantiles_are_those_of_a_plain_integration(dfs):
    theta, places, new = brute_force(np.array(dfs))
    found = place_posterior(Y, ERRORS**2, np.array(dfs))
    for i in range(len(Y)):
        for level, ours in zip(
            (0.025, 0.5, 0.975), found.place_quantiles(i, (0.025, 0.5, 0.975)), strict=True
        ):
            assert np.interp(ours, theta, places[i]) == pytest.approx(level, abs=3e-3)
            assert found.place_below(i, ours) == pytest.approx(level, abs=1e-6)
    for level, ours in zip((0.025, 0.975), found.new_place_quantiles((0.025, 0.975)), strict=True):
        assert np.interp(ours, theta, new) == pytest.approx(level, abs=3e-3)


def test_places_that_differ_widely_keep_their_own_interval():
    y, errors, dfs = (
        np.array([-300.0, 0.0, 200.0, 500.0, 900.0]),
        np.ones(5),
        np.array([8.0, 8.0, 30.0, 8.0, 12.0]),
    )
    found = place_posterior(y, errors**2, dfs)
    for i, df in enumerate(dfs):
        low, high = found.place_quantiles(i, (0.025, 0.975))
        assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.975, df), rel=0.01)


def test_p_of_another_place_is_that_of_a_normal_test_where_a_thousand_places_are_alike():
    rng = np.random.default_rng(2)
    found = place_posterior(rng.normal(0, 1, 1000), np.full(1000, 1.0), np.full(1000, math.inf))
    for far in (1.0, 2.0, 3.0):
        assert found.other_place_p(far, 1.0, math.inf) == pytest.approx(
            2 * stats.norm.sf(far), rel=0.3
        )


def test_a_spread_never_seen_before_changes_nothing_but_the_unit():
    found = place_posterior(Y, ERRORS**2, np.full(4, 9.0))
    again = place_posterior(1e4 * Y, (1e4 * ERRORS) ** 2, np.full(4, 9.0))
    assert np.array(again.place_quantiles(2, (0.1, 0.9))) / 1e4 == pytest.approx(
        found.place_quantiles(2, (0.1, 0.9))
    )


@pytest.mark.parametrize("df", [3.0, 4.0, 5.5, 8.0, 30.0, 150.0])
def test_the_mixture_of_normals_is_a_t_also_far_out(df):
    far = np.array([0.0, 1.0, 2.0, 4.0, 6.0, 8.0])
    precision, share = _mixture(df)
    density = (share * np.sqrt(precision) * stats.norm.pdf(far[:, None] * np.sqrt(precision))).sum(
        axis=1
    )
    assert density == pytest.approx(stats.t.pdf(far, df), rel=0.02)


def test_a_precise_place_far_from_the_others_may_be_a_slip_of_its_error():
    """Four degrees of freedom: 12 of its errors away is rare, not impossible; a normal would rule
    it out."""
    y, errors = np.array([0.0, 0.2, -0.1, 1.9, 0.1]), np.array([0.5, 0.5, 0.6, 0.15, 0.5])
    few, known = (
        place_posterior(y, errors**2, np.array([30.0, 8.0, 8.0, df, 12.0])) for df in (4.0, 1e9)
    )
    assert few.place_below(3, 1.3) > 20 * known.place_below(3, 1.3)
