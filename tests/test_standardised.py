"""Standardised ratios and rates against published limits, exact coverage and cases where the simple
way is wrong."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.disparity.standardised import (
    byar_limits,
    directly_standardised_rate,
    exact_limits,
    expected_events,
    standardised_ratio,
)
from analysis.results import NotEstimable, Support

# Live births and Down syndrome by age of mother (six bands), births of order 1 and 5 or later; the
# standard is all births. Data: Fleiss 1981, table 14.4, as used by Fay and Feuer 1997.
STANDARD = [319933, 931318, 786511, 488235, 237863, 61313]
FIRST_BORN = ([107, 141, 60, 40, 39, 25], [230061, 329449, 114920, 39487, 14208, 3052])
LATE_BORN = ([0, 8, 63, 112, 262, 295], [327, 30666, 123419, 149919, 104088, 34392])


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (0, 0, 3.6889),
        (1, 0.0253, 5.5716),
        (5, 1.6235, 11.6683),
        (10, 4.7954, 18.3904),
        (100, 81.364, 121.627),
    ],
)
def test_exact_limits_agree_with_the_published_table(count, low, high):
    assert exact_limits(count) == pytest.approx(
        (low, high), abs=5e-4
    )  # Garwood 1936; Breslow and Day 1987


@pytest.mark.parametrize("count", [1, 4, 10, 64, 500])
def test_byar_limits_follow_the_formula_by_hand(count):
    low = count * (1 - 1 / (9 * count) - 1.959964 / (3 * math.sqrt(count))) ** 3
    high = (count + 1) * (1 - 1 / (9 * (count + 1)) + 1.959964 / (3 * math.sqrt(count + 1))) ** 3
    assert byar_limits(count) == pytest.approx((low, high), rel=1e-6)


@pytest.mark.parametrize("count", [*range(3, 30), 60, 1000])
def test_byar_limits_are_close_to_the_exact_ones(count):
    assert byar_limits(count) == pytest.approx(exact_limits(count), rel=0.03)


@pytest.mark.parametrize("method", ["byar", "exact"])
@pytest.mark.parametrize("mean", [1.0, 5.0, 30.0])
def test_limits_hold_the_true_mean_where_wald_limits_do_not(method, mean):
    """Exact coverage, summed over all counts; the null and any planted ratio alike, since only the
    mean matters."""
    counts = np.arange(0, 120)
    limits = np.array(
        [
            (r.conf_low, r.conf_high)
            for r in (standardised_ratio(c, 1.0, method=method) for c in counts)
        ]
    )
    chance = stats.poisson.pmf(counts, mean)
    held = chance @ ((limits[:, 0] <= mean) & (mean <= limits[:, 1]))
    wald = chance @ (np.abs(counts - mean) <= 1.96 * np.sqrt(counts))
    assert held >= 0.949
    assert wald < 0.94


def test_expected_events_and_ratio_by_hand():
    expected = expected_events([100, 200], [0.05, 0.01])
    assert expected == pytest.approx(7)
    result = standardised_ratio(14, expected, support=Support(n=300))
    assert (result.value, result.unit, result.support.n) == (pytest.approx(2), "times", 300)
    assert result.conf_low > 1


def test_indirect_standardisation_takes_out_the_make_up_that_a_crude_ratio_keeps():
    bases, rates = np.array([900, 100]), np.array([0.2, 0.02])
    observed, crude_reference = (
        182,
        0.11,
    )  # each stratum at the reference rate; reference people half and half
    assert standardised_ratio(observed, expected_events(bases, rates)).value == pytest.approx(1.0)
    assert observed / (bases.sum() * crude_reference) > 1.6


def test_no_observed_events_is_an_estimate_and_none_expected_is_not():
    result = standardised_ratio(0, 4.0)
    assert (result.value, result.conf_low) == (0, 0)
    assert result.conf_high > 0.5
    assert standardised_ratio(3, 0.0).reason == "no_comparison"


@pytest.mark.parametrize(
    ("born", "rate", "low", "high"),
    [(FIRST_BORN, 92.3, 80.4, 105.8), (LATE_BORN, 75.5, 67.7, 188.3)],
)
def test_gamma_limits_on_the_data_of_their_paper(born, rate, low, high):
    """The wide upper limit of late births comes from 327 young mothers who stand for 319933."""
    result = directly_standardised_rate(*born, STANDARD)
    per_100_000 = [1000 * x for x in (result.value, result.conf_low, result.conf_high)]
    assert per_100_000 == pytest.approx([rate, low, high], abs=0.05)


@pytest.mark.parametrize("count", [0, 1, 10, 80])
def test_one_stratum_gives_the_exact_poisson_limits(count):
    result = directly_standardised_rate([count], [1000], [77])
    expected = [count / 10, *(limit / 10 for limit in exact_limits(count))]
    assert [result.value, result.conf_low, result.conf_high] == pytest.approx(expected, rel=1e-9)


def test_gamma_limits_hold_the_rate_where_normal_limits_do_not():
    rng = np.random.default_rng(3)
    bases, standard, rates = (
        np.array([50, 400, 2000]),
        np.array([3000, 3000, 3000]),
        np.array([0.02, 0.005, 0.002]),
    )
    true, weights = 100 * rates.mean(), standard / standard.sum() / bases
    held, normal = 0, 0
    draws = rng.poisson(bases * rates, (1000, 3))
    for events in draws:
        result = directly_standardised_rate(events, bases, standard)
        held += result.conf_low <= true <= result.conf_high
        normal += abs(100 * weights @ events - true) <= 196 * math.sqrt(weights**2 @ events)
    assert held / len(draws) >= 0.95
    assert normal / len(draws) < 0.90


def test_direct_standardisation_finds_the_planted_rate_that_the_crude_rate_misses():
    events, bases, standard = [180, 2], [900, 100], [500, 500]
    assert directly_standardised_rate(events, bases, standard).value == pytest.approx(11.0)
    assert 100 * sum(events) / sum(bases) == pytest.approx(18.2)


@pytest.mark.parametrize(("bases", "standard"), [([0, 10], [5, 5]), ([10, 10], [0, 0])])
def test_refuses_a_standard_that_the_area_cannot_fill(bases, standard):
    result = directly_standardised_rate([0, 1], bases, standard)
    assert isinstance(result, NotEstimable)
    assert result.reason == "no_comparison"


def test_a_stratum_outside_the_standard_is_left_out():
    inside = directly_standardised_rate([5, 7], [100, 0.5 * 100], [3, 0])
    assert inside.value == pytest.approx(5.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: expected_events([1, 2], [0.1]),
        lambda: expected_events([1, -2], [0.1, 0.1]),
        lambda: expected_events([1, math.nan], [0.1, 0.1]),
        lambda: standardised_ratio(-1, 2),
        lambda: standardised_ratio(1, 2, method="wald"),
        lambda: directly_standardised_rate([1], [0], [1]),
    ],
)
def test_refuses_what_is_no_count(call):
    with pytest.raises(ValueError):
        call()
