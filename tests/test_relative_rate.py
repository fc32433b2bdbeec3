"""The relative rate index and its verdict against METHODS sections 0 and 1 and against
statsmodels."""

import math

import pytest
from chosen import examples
from column_calls import with_columns
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis.disparity.relative_rate import (
    VERDICTS,
    log_wald_interval,
    rate_difference,
    relative_rate_index,
    smallest_detectable_ratio,
    verdict,
)
from analysis.results import Estimate, NotEstimable

ROUNDED = 5e-5  # METHODS prints four decimals
SOLVED = 1e-6  # statsmodels searches its limits to about seven figures

REFERENCE = [
    ((30, 100, 50, 250), 1.5, 1.0102, 2.1926),  # METHODS section 1
    ((252, 1933, 444, 6526), 1.91616, 1.6552, 2.2160),  # METHODS section 1
]


@pytest.mark.parametrize(("counts", "ratio", "low", "high"), REFERENCE)
def test_relative_rate_index_agrees_with_the_reference(counts, ratio, low, high):
    result = relative_rate_index(*counts)
    assert (result.value, result.conf_low, result.conf_high) == pytest.approx(
        (ratio, low, high), abs=ROUNDED
    )


def test_log_wald_interval_agrees_with_the_reference():
    assert log_wald_interval(30, 100, 50, 250) == pytest.approx(
        (0.19833, 1.0169, 2.2126), abs=ROUNDED
    )
    assert log_wald_interval(0, 20, 50, 250) is None


def test_no_events_in_the_group_is_an_estimate_of_nought_with_an_upper_limit():
    result = relative_rate_index(0, 20, 50, 250)
    assert (result.value, result.conf_low) == (0, 0)
    assert result.conf_high == pytest.approx(0.8159, abs=ROUNDED)  # METHODS section 1


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ((5, 20, 0, 250), "zero_events"),
        ((0, 20, 0, 20), "zero_events"),
        ((0, 0, 5, 20), "no_comparison"),
    ],
)
def test_refuses_a_ratio_that_has_no_reference(counts, reason):
    result = relative_rate_index(*counts)
    assert isinstance(result, NotEstimable)
    assert result.reason == reason


@pytest.mark.parametrize("counts", [(31, 20, 5, 10), (-1, 20, 5, 10)])
def test_refuses_counts_that_are_no_part_of_their_base(counts):
    with pytest.raises(ValueError, match="part of the people at risk"):
        relative_rate_index(*counts)


tables = st.integers(2, 400).flatmap(
    lambda a: st.integers(2, 400).flatmap(
        lambda b: st.tuples(st.integers(0, a), st.just(a), st.integers(1, b), st.just(b))
    )
)


@settings(max_examples=examples(150), deadline=None)
@given(tables)
def test_ratio_difference_and_p_value_reject_equal_rates_together(counts):
    ratio, difference = relative_rate_index(*counts), rate_difference(*counts)
    assume(abs(ratio.p_value - 0.05) > 1e-9)
    rejected = ratio.p_value < 0.05
    assert (ratio.conf_low > 1 or ratio.conf_high < 1) == rejected
    assert (difference.conf_low > 0 or difference.conf_high < 0) == rejected


@pytest.mark.parametrize(
    "counts",
    [
        (30, 100, 50, 250),
        (12, 40, 30, 200),
        (90, 120, 300, 500),
        (8, 900, 40, 1200),
        (55, 60, 100, 160),
    ],
)
def test_intervals_agree_with_statsmodels_away_from_none_and_all(counts):
    ratio, difference = relative_rate_index(*counts), rate_difference(*counts)
    theirs = confint_proportions_2indep(*counts, method="score", compare="ratio")
    assert (ratio.conf_low, ratio.conf_high) == pytest.approx(theirs, rel=SOLVED)
    theirs = confint_proportions_2indep(*counts, method="score", compare="diff")
    assert (difference.conf_low, difference.conf_high) == pytest.approx(
        [100 * x for x in theirs], abs=1e-4
    )


@settings(max_examples=50, deadline=None)
@given(tables)
def test_swapping_the_groups_inverts_the_ratio(counts):
    a, n, b, m = counts
    assume(a > 0)
    there, back = relative_rate_index(a, n, b, m), relative_rate_index(b, m, a, n)
    assert there.conf_low == pytest.approx(1 / back.conf_high, rel=1e-6)
    assert there.p_value == pytest.approx(back.p_value)


def test_p_value_is_five_percent_at_the_limit_of_the_interval_shown():
    # Real counts jump: look for the (real-valued) number of events at which the interval just
    # touches 1.
    low, high = 50.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (
            (middle, high)
            if relative_rate_index(middle, 250, 50, 250).conf_low < 1
            else (low, middle)
        )
    assert relative_rate_index(high, 250, 50, 250).p_value == pytest.approx(0.05, abs=1e-6)


def test_interval_holds_the_estimate_where_statsmodels_does_not():
    theirs = confint_proportions_2indep(19, 20, 50, 50, method="score", compare="ratio")
    assert not theirs[0] <= 0.95 <= theirs[1]  # why the interval is inverted here
    ours = relative_rate_index(19, 20, 50, 50)
    assert ours.conf_low < 0.95 < ours.conf_high


VERDICT_CASES = [
    ((3, 29, 50, 500), 0.01, "insufficient_data", None),  # a base under 30
    ((1, 30, 5, 400), 0.01, "insufficient_data", None),  # under 5 expected events
    ((29, 30, 390, 400), 0.9, "insufficient_data", None),  # under 5 expected without the event
    ((5000, 20000, 5000, 20000), 0.9, "within_band", None),
    (
        (5200, 20000, 5000, 20000),
        0.001,
        "small_not_chance",
        "higher",
    ),  # what the test detects is never "alike"
    ((5200, 20000, 5000, 20000), 0.06, "within_band", "higher"),
    ((60, 200, 50, 400), 0.001, "disparity", "higher"),
    ((10, 200, 100, 400), 0.001, "disparity", "lower"),
    ((1150, 4000, 1000, 4000), 0.001, "small_not_chance", "higher"),
    ((290, 1000, 1000, 4000), 0.01, "small_not_chance", "higher"),
    (
        (30, 100, 50, 250),
        0.2,
        "practical_only",
        "higher",
    ),  # 1.5, excluded alone but not over the page
    ((14, 100, 50, 250), 0.3, "practical_only", "lower"),
    ((22, 100, 50, 250), 0.7, "no_disparity_shown", "higher"),
    ((0, 60, 200, 600), 0.0001, "disparity", "lower"),
    ((30, 60, 0, 60), 0.0001, "disparity", "higher"),  # no ratio, but no doubt either
]


@pytest.mark.parametrize(("counts", "p", "name", "direction"), VERDICT_CASES)
def test_verdict_follows_the_rule(counts, p, name, direction):
    found = with_columns(verdict, *counts, counts="bad", p_adjusted=p)
    assert (found.name, found.direction) == (name, direction)


@settings(max_examples=examples(100), deadline=None)
@given(tables, st.floats(0, 1))
def test_every_table_gets_exactly_one_verdict(counts, p):
    found = with_columns(verdict, *counts, counts="good", p_adjusted=p)
    assert found.name in VERDICTS
    assert (found.ratio is None) == (found.name == "insufficient_data")


def test_equal_true_rates_are_called_a_disparity_in_few_samples():
    """40 v 200 at .2: the band alone would flag 52 of 100 (METHODS section 0 rule 5). Exact sum
    over all tables."""
    flagged = outside = 0.0
    group, reference = stats.binom(40, 0.2), stats.binom(200, 0.2)
    for b in range(20, 62):
        for a in range(0, 25):
            chance = group.pmf(a) * reference.pmf(b)
            result = relative_rate_index(a, 40, b, 200)
            flagged += chance * (
                with_columns(verdict, a, 40, b, 200, counts="bad", p_adjusted=result.p_value).name
                == "disparity"
            )
            outside += chance * (not 0.8 <= result.value <= 1.25)
    assert outside == pytest.approx(0.52, abs=0.01)
    assert flagged < 0.06


@pytest.mark.parametrize(("n", "m", "share"), [(20, 100, 0.3), (40, 200, 0.2), (100, 500, 0.1)])
def test_interval_covers_the_true_ratio(n, m, share):
    """Exact coverage, summed over all tables: METHODS section 5 asks for 94 to 97 percent."""
    group, reference, covered, all_of_it = (
        stats.binom(n, 1.4 * share),
        stats.binom(m, share),
        0.0,
        0.0,
    )
    for b in range(int(reference.ppf(1e-4)), int(reference.ppf(1 - 1e-4)) + 1):
        for a in range(int(group.ppf(1e-4)), int(group.ppf(1 - 1e-4)) + 1):
            chance = group.pmf(a) * reference.pmf(b)
            all_of_it += chance
            result = relative_rate_index(a, n, max(b, 1), m)
            covered += chance * (result.conf_low <= 1.4 <= result.conf_high)
    assert 0.94 <= covered / all_of_it <= 0.97


def test_smallest_detectable_ratio_shrinks_with_numbers():
    small, large = (smallest_detectable_ratio(n, 10 * n, reference_rate=0.2) for n in (50, 500))
    assert small > large > 1
    assert smallest_detectable_ratio(50, 500, reference_rate=0.2, higher=False) < 1
    assert smallest_detectable_ratio(3, 500, reference_rate=0.2, higher=False) is None


def test_support_counts_the_smallest_cell():
    result = relative_rate_index(30, 100, 50, 250)
    assert isinstance(result, Estimate)
    assert (result.support.n, result.support.smallest_cell) == (350, 30)
    assert math.isclose(rate_difference(30, 100, 50, 250).value, 10.0)
