"""Funnel limits against exact laws, hand-computed over-dispersion and statsmodels, and
over-dispersed places."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from analysis.disparity.funnel_limits import (
    OVERDISPERSION,
    POSITIONS,
    funnel_of_proportions,
    funnel_of_ratios,
    overdispersion,
)
from analysis.results import NotEstimable

TEN_SCORES = [
    -9.0,
    -2.0,
    -1.0,
    -1.0,
    0.0,
    0.0,
    1.0,
    1.0,
    3.0,
    20.0,
]  # winsorised: -2 for -9, 3 for 20


def shares(funnels):
    """Share of places in each position, over many funnels."""
    found = [unit.position for funnel in funnels for unit in funnel.units]
    return {position: found.count(position) / len(found) for position in POSITIONS}


def naive_share_outside_95(funnels):
    units = [unit for funnel in funnels for unit in funnel.units]
    return np.mean([not u.limits.low_95 <= u.value <= u.limits.high_95 for u in units])


def test_phi_and_tau_squared_by_hand():
    phi, tau_squared = overdispersion(TEN_SCORES, [0.04] * 10)
    assert phi == pytest.approx((4 + 4 + 1 + 1 + 0 + 0 + 1 + 1 + 9 + 9) / 10)
    assert tau_squared == pytest.approx((10 * 3.0 - 9) / (250 - 10 * 25**2 / 250))


def test_tau_squared_is_that_of_dersimonian_and_laird_where_winsorising_changes_nothing():
    variances = np.array([0.01, 0.02, 0.04, 0.01, 0.03, 0.02, 0.02, 0.04, 0.03, 0.01, 0.04, 0.02])
    scores = np.array([-4, -4, -3, -1, 0.5, 1, 1.5, 2, 2, 3, 5, 5]) * 1.0
    for _ in range(
        50
    ):  # turn the scores until their target is the weighted mean, as in a meta-analysis
        scores = scores - (scores / np.sqrt(variances)).sum() * np.sqrt(variances) / len(scores)
        scores[[0, 1]], scores[[-1, -2]] = scores[[0, 1]].mean(), scores[[-1, -2]].mean()
    theirs = combine_effects(scores * np.sqrt(variances), variances, method_re="dl").tau2
    assert overdispersion(scores, variances)[1] == pytest.approx(theirs, rel=1e-6)


@pytest.mark.parametrize("scores", [[0.5, -0.5] * 6, [1.0, -1.0] * 5])
def test_nothing_is_inflated_unless_phi_exceeds_1(scores):
    phi, tau_squared = overdispersion(scores, [1.0] * len(scores))
    assert phi <= 1
    assert tau_squared == 0


@pytest.mark.parametrize(("units", "said"), [(9, "too_few_units"), (10, "estimated")])
def test_fewer_than_ten_places_give_no_over_dispersion(units, said):
    funnel = funnel_of_ratios([190, 10] * 5 if units == 10 else [190] * 9, [100] * units)
    assert said in OVERDISPERSION
    assert funnel.overdispersion == said
    assert (funnel.phi is None) == (units == 9)
    assert (funnel.units[0].limits == funnel.units[0].adjusted_limits) == (units == 9)


def test_adjusted_z_and_limits_of_large_counts_by_hand():
    error, expected = 0.001, [1e6] * 10  # so many that the limits are those of the normal law
    funnel = funnel_of_ratios(1e6 * (1 + error * np.array(TEN_SCORES)), expected)
    tau_squared, unit = overdispersion(TEN_SCORES, [error**2] * 10)[1], funnel.units[-1]
    adjusted = math.sqrt(error**2 + tau_squared)
    assert unit.z == pytest.approx(20)
    assert unit.z_adjusted == pytest.approx(20 * error / adjusted)
    assert unit.limits.high_95 - 1 == pytest.approx(1.959964 * error, rel=1e-3)
    assert unit.limits.high_99_8 - 1 == pytest.approx(3.090232 * error, rel=1e-3)
    assert 1 - unit.adjusted_limits.low_99_8 == pytest.approx(3.090232 * adjusted, rel=2e-3)
    assert [u.position for u in funnel.units[-3:]] == ["inside", "inside", "outside_99_8"]


@pytest.mark.parametrize(("people", "target"), [(30, 0.02), (200, 0.1), (200, 0.93), (5000, 0.4)])
def test_limits_of_proportions_hold_their_share_of_the_binomial_law(people, target):
    """The mass outside, exact: near 5 and 0.2 in 100, and never far above (a normal limit puts 12
    in 100 outside)."""
    limits = funnel_of_proportions([0], [people], target=target).units[0].limits
    counts = np.arange(people + 1)
    chance = stats.binom.pmf(counts, people, target)
    for low, high, level in (
        (limits.low_95, limits.high_95, 0.05),
        (limits.low_99_8, limits.high_99_8, 0.002),
    ):
        outside = chance @ ((counts / people < low) | (counts / people > high))
        assert outside <= 1.4 * level
        assert 0 <= low < high <= 1


def test_small_counts_are_not_flagged_as_normal_limits_flag_them():
    unit = funnel_of_proportions([3], [30], target=0.02).units[0]
    assert unit.z > 3.09  # "one in a thousand", but three or more happen in 22 of 1000 such places
    assert unit.position == "outside_95"
    low = funnel_of_ratios([0], [1.5]).units[0]
    assert low.position == "inside"


def test_limits_of_ratios_hold_their_share_of_the_poisson_law():
    """The mass outside 95 limits, exact: mid-p keeps the level on average over sizes, and up to 9
    in 100 at one."""
    outside = []
    for expected in np.geomspace(0.5, 200, 60):
        limits, counts = funnel_of_ratios([0], [expected]).units[0].limits, np.arange(600)
        beyond = (counts / expected < limits.low_95) | (counts / expected > limits.high_95)
        outside.append(stats.poisson.pmf(counts, expected) @ beyond)
    assert np.mean(outside) == pytest.approx(0.05, abs=0.01)
    assert max(outside) < 0.09


@pytest.mark.parametrize("expected", [2e4, 3e5])
def test_large_counts_give_the_normal_limits(expected):
    ratio = funnel_of_ratios([expected], [expected]).units[0].limits
    assert ratio.high_95 == pytest.approx(1 + 1.96 / math.sqrt(expected), rel=1e-4)
    share = funnel_of_proportions([expected / 4], [expected]).units[0].limits
    assert share.low_99_8 == pytest.approx(0.25 - 3.0902 * math.sqrt(0.1875 / expected), rel=1e-3)


@pytest.mark.parametrize("people", [60, 1000, 20_000, 20_001, 400_000])
def test_adjusted_limits_of_proportions_are_those_of_a_law_with_the_variance_added(people):
    events = np.concatenate([np.tile([0.04, 0.16], 6) * 1000, [people * 0.1]])
    funnel = funnel_of_proportions(events, [*[1000] * 12, people], target=0.1)
    variance = 0.09 / people + funnel.tau_squared
    unit = funnel.units[-1]
    assert unit.adjusted_limits.high_95 > unit.limits.high_95
    size = 0.09 / variance - 1
    beta = stats.beta.ppf([0.025, 0.975], 0.1 * size, 0.9 * size)
    found = (unit.adjusted_limits.low_95, unit.adjusted_limits.high_95)
    assert found == pytest.approx(beta, abs=0.6 / people + 1e-4)


def funnels_of_places(between, *, repeats, seed, far=0.0, units=43):
    """Ratios of places whose true ones have mean 1 and standard deviation `between`."""
    rng = np.random.default_rng(seed)
    for _ in range(repeats):
        expected = rng.uniform(0.05, 0.3, units) ** -2
        true = rng.gamma(between**-2, between**2, units) if between else np.ones(units)
        if far:
            true[0], expected[0] = far, 100
        yield funnel_of_ratios(rng.poisson(true * expected), expected)


def test_places_at_the_target_are_flagged_at_the_level_named():
    found = shares(funnels_of_places(0.0, repeats=150, seed=1))
    assert found["outside_95"] + found["outside_99_8"] == pytest.approx(0.05, abs=0.01)
    assert found["outside_99_8"] < 0.006


@pytest.mark.parametrize("kind", ["ratios", "proportions"])
def test_counts_at_the_target_are_flagged_at_the_level_named(kind):
    rng, funnels = np.random.default_rng(2), []
    for _ in range(25):
        size = rng.integers(5, 200, 43)
        if kind == "ratios":
            funnels.append(funnel_of_ratios(rng.poisson(size), size))
        else:
            funnels.append(funnel_of_proportions(rng.binomial(size, 0.2), size, target=0.2))
    assert 1 - shares(funnels)["inside"] == pytest.approx(0.05, abs=0.02)


def test_over_dispersed_places_are_flagged_in_crowds_by_naive_limits_and_seldom_by_adjusted_ones():
    funnels = list(funnels_of_places(0.3, repeats=100, seed=3))
    assert naive_share_outside_95(funnels) > 0.35
    found = shares(funnels)
    assert found["outside_95"] + found["outside_99_8"] < 0.15
    assert found["outside_99_8"] < 0.03
    assert (
        0.4 < np.mean([funnel.tau_squared for funnel in funnels]) / 0.09 < 0.8
    )  # short: winsorising


def test_over_dispersed_counts_are_seldom_flagged_by_adjusted_limits():
    rng, funnels = np.random.default_rng(4), []
    for _ in range(15):
        expected = rng.uniform(2, 60, 43)
        funnels.append(funnel_of_ratios(rng.poisson(expected * rng.gamma(4, 0.25, 43)), expected))
    assert naive_share_outside_95(funnels) > 0.35
    assert shares(funnels)["outside_99_8"] < 0.04


def test_a_planted_place_is_found_among_places_that_differ():
    funnels = list(funnels_of_places(0.1, repeats=60, seed=5, far=1.8))
    found = np.mean([funnel.units[0].position == "outside_99_8" for funnel in funnels])
    assert found > 0.9


def test_places_without_people_are_none_and_keep_their_rank():
    assert [u is None for u in funnel_of_proportions([0, 3, 0], [0, 10, 20]).units] == [
        True,
        False,
        False,
    ]
    assert funnel_of_ratios([1, 2], [0, 2.0]).units[0] is None


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (funnel_of_proportions([0, 0], [10, 10]), "constant_outcome"),
        (funnel_of_proportions([0, 0], [0, 0]), "no_comparison"),
    ],
)
def test_says_why_there_is_no_funnel(result, reason):
    assert isinstance(result, NotEstimable)
    assert result.reason == reason


@pytest.mark.parametrize(
    "call",
    [
        lambda: funnel_of_proportions([11], [10]),
        lambda: funnel_of_proportions([math.nan], [10]),
        lambda: funnel_of_ratios([-1], [1.0]),
        lambda: funnel_of_ratios([1], [1.0], target=0.0),
    ],
)
def test_refuses_what_is_no_count(call):
    with pytest.raises(ValueError):
        call()


def test_extreme_over_dispersion_gives_limits_inside_the_scale():
    funnel = funnel_of_proportions([0, 100] * 8, [100] * 16)
    assert all(
        0 <= u.adjusted_limits.low_99_8 <= u.adjusted_limits.high_99_8 <= 1 for u in funnel.units
    )
    assert {u.position for u in funnel.units} == {"inside"}
