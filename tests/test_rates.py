"""Ratios of rates: the exact and the log interval, people who come back, the verdict, and what
could have been shown."""

import math
from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from chosen import examples
from column_calls import with_columns
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.disparity.rates import (
    PersonSums,
    RateSide,
    relative_rate_inflated,
    relative_rate_of_events,
    smallest_detectable_rate_ratio,
    variance_inflation,
    verdict_of_rates,
)
from analysis.disparity.relative_rate import VERDICTS
from analysis.results import Estimate, NotEstimable

COUNTS = (252, 1933, 444, 6526)  # METHODS section 1, read as events over residents
ROUNDED = 5e-5


@pytest.mark.parametrize(
    ("method", "named", "low", "high"),
    [
        ("exact", "exact_conditional", 1.6351, 2.2415),
        ("log", "log", 1.6417, 2.2365),
        ("default", "log", 1.6417, 2.2365),
    ],
)
def test_rate_ratio_agrees_with_the_reference(method, named, low, high):
    result = relative_rate_of_events(*COUNTS, method=method)
    assert (result.method, result.value) == (named, pytest.approx((252 / 1933) / (444 / 6526)))
    assert (result.conf_low, result.conf_high) == pytest.approx((low, high), abs=ROUNDED)
    assert (result.group_value, result.comparison_value) == pytest.approx((252 / 1933, 444 / 6526))


def test_log_interval_is_that_of_a_poisson_regression():
    design, exposure = np.array([[1, 1], [1, 1], [1, 0]]), np.array([1000, 933, 6526])
    fit = sm.GLM(
        [130, 122, 444], design, family=sm.families.Poisson(), offset=np.log(exposure)
    ).fit()
    result = relative_rate_of_events(*COUNTS, method="log")
    assert (result.conf_low, result.conf_high) == pytest.approx(np.exp(fit.conf_int()[1]), rel=1e-6)
    assert result.p_value == pytest.approx(fit.pvalues[1], rel=1e-5)


def test_exact_p_value_is_twice_the_smaller_tail():
    result = relative_rate_of_events(9, 100.0, 10, 300.0, method="exact")
    assert result.p_value == pytest.approx(2 * stats.binom(19, 0.25).sf(8))
    assert relative_rate_of_events(5, 10.0, 15, 30.0, method="exact").p_value == 1.0


@pytest.mark.parametrize(
    ("events", "reference_events", "named"),
    [
        (10, 40, "log"),
        (10, 39, "exact_conditional"),
        (9, 400, "exact_conditional"),
        (400, 9, "exact_conditional"),
    ],
)
def test_few_events_get_the_exact_interval(events, reference_events, named):
    assert relative_rate_of_events(events, 500.0, reference_events, 900.0).method == named


@pytest.mark.parametrize("method", ["default", "exact", "log"])
def test_no_events_in_the_group_is_nought_with_an_exact_upper_limit(method):
    result = relative_rate_of_events(0, 100.0, 30, 300.0, method=method)
    assert (result.value, result.conf_low, result.method) == (0, 0, "exact_conditional")
    share = 1 - 0.025 ** (1 / 30)  # Clopper-Pearson at 0 of 30, by hand
    assert result.conf_high == pytest.approx(3 * share / (1 - share))


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ((5, 20.0, 0, 250.0), "zero_events"),
        ((0, 20.0, 0, 20.0), "zero_events"),
        ((0, 0.0, 5, 20.0), "no_comparison"),
        ((5, 20.0, 5, 0.0), "no_comparison"),
    ],
)
@pytest.mark.parametrize("method", ["default", "exact", "log"])
def test_refuses_a_ratio_that_has_no_reference(counts, reason, method):
    result = relative_rate_of_events(*counts, method=method)
    assert isinstance(result, NotEstimable)
    assert result.reason == reason


def test_refuses_what_are_no_events_and_no_method():
    with pytest.raises(ValueError, match="not negative"):
        relative_rate_of_events(-1, 20.0, 5, 10.0)
    with pytest.raises(ValueError, match="method is one of"):
        relative_rate_of_events(1, 20.0, 5, 10.0, method="score")


tables = st.tuples(st.integers(0, 300), st.floats(1, 1e5), st.integers(1, 300), st.floats(1, 1e5))


@settings(max_examples=examples(150), deadline=None)
@given(tables, st.sampled_from(["default", "exact", "log"]))
def test_interval_and_p_value_reject_equal_rates_together(counts, method):
    result = relative_rate_of_events(*counts, method=method)
    assume(abs(result.p_value - 0.05) > 1e-9)
    assert (result.conf_low > 1 or result.conf_high < 1) == (result.p_value < 0.05)


@settings(max_examples=50, deadline=None)
@given(tables, st.sampled_from(["exact", "log"]))
def test_swapping_the_groups_inverts_the_ratio(counts, method):
    a, x, b, y = counts
    assume(a > 0)
    there, back = (relative_rate_of_events(*c, method=method) for c in ((a, x, b, y), (b, y, a, x)))
    assert there.conf_low == pytest.approx(1 / back.conf_high, rel=1e-6)
    assert there.p_value == pytest.approx(back.p_value)


def poisson_tables(mean, reference_mean):
    """All tables of two Poisson counts that may happen, with their chances."""
    laws = stats.poisson(mean), stats.poisson(reference_mean)
    ranges = [range(int(law.ppf(1e-4)), int(law.ppf(1 - 1e-4)) + 1) for law in laws]
    return [(a, b, laws[0].pmf(a) * laws[1].pmf(b)) for a in ranges[0] for b in ranges[1] if b]


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize(("mean", "reference_mean"), [(10, 40), (4, 12)])
def test_interval_covers_the_true_ratio(mean, reference_mean, ratio):
    """Exact coverage over all tables; at a ratio of 1 this is the share of false alarms."""
    exposure = 1000.0 * mean / ratio / reference_mean
    covered = total = 0.0
    for a, b, chance in poisson_tables(mean, reference_mean):
        result = relative_rate_of_events(a, exposure, b, 1000.0)
        total += chance
        covered += chance * (result.conf_low <= ratio <= result.conf_high)
    assert (
        0.945 <= covered / total <= 0.99
    )  # the exact interval is wider than it need be, never narrower


# --- people who come back ---
def sums(events: np.ndarray, exposure: np.ndarray) -> PersonSums:
    parts = events.sum(), exposure.sum(), events @ events, events @ exposure, exposure @ exposure
    return PersonSums(len(events), *(float(part) for part in parts))


def by_person(group: PersonSums, reference: PersonSums) -> Estimate | NotEstimable:
    """The ratio of exact counts, each side's variance inflated by its own people who come back."""
    return relative_rate_inflated(
        int(group.events),
        group.exposure,
        int(reference.events),
        reference.exposure,
        inflation=variance_inflation(group),
        reference_inflation=variance_inflation(reference),
    )


def people(rng, n: int, rate: float, shape: float = 0.3) -> PersonSums:
    """Each person has a rate of his or her own (gamma): most have no event, some have many."""
    exposure = rng.uniform(0.2, 1.0, n)
    return sums(
        rng.poisson(rate * rng.gamma(shape, 1 / shape, n) * exposure).astype(float), exposure
    )


def test_clustered_interval_is_what_the_hand_computes():
    group = sums(np.repeat([0.0, 1.0, 4.0], [20, 15, 5]), np.full(40, 0.5))
    reference = sums(np.repeat([0.0, 1.0], [80, 20]), np.full(100, 1.0))
    result = by_person(group, reference)
    # group: 35 events in 20 years, rate 1.75, residuals -0.875, 0.125 and 3.125; reference: 20 in
    # 100, 0.2, -0.2 and 0.8
    group_variance = (20 * 0.875**2 + 15 * 0.125**2 + 5 * 3.125**2) / 35**2 * 40 / 39
    reference_variance = (80 * 0.2**2 + 20 * 0.8**2) / 20**2 * 100 / 99
    width = 1.959964 * math.sqrt(group_variance + reference_variance)
    assert result.value == pytest.approx(8.75)
    assert (result.conf_low, result.conf_high) == pytest.approx(
        (8.75 * math.exp(-width), 8.75 * math.exp(width))
    )


def test_clustered_interval_is_the_sandwich_of_a_poisson_regression():
    rng = np.random.default_rng(11)
    sizes, rates = (300, 900), (0.9, 0.5)
    exposure = [rng.uniform(0.2, 1, n) for n in sizes]
    events = [
        rng.poisson(rate * rng.gamma(0.3, 1 / 0.3, n) * t)
        for n, rate, t in zip(sizes, rates, exposure, strict=True)
    ]
    result = by_person(*(sums(e.astype(float), t) for e, t in zip(events, exposure, strict=True)))
    side = np.repeat([1.0, 0.0], sizes)
    model = sm.GLM(
        np.concatenate(events),
        sm.add_constant(side),
        family=sm.families.Poisson(),
        offset=np.log(np.concatenate(exposure)),
    )
    theirs = model.fit(cov_type="HC0")
    assert result.value == pytest.approx(math.exp(theirs.params[1]))
    assert math.log(result.conf_high / result.value) / 1.959964 == pytest.approx(
        theirs.bse[1], rel=2e-3
    )  # n / (n - 1)


def covered(rng, draws, sizes, rates, ratio):
    """Shares of samples in which the clustered and the plain interval hold the true ratio."""
    hits = np.zeros(2)
    for _ in range(draws):
        group, reference = (people(rng, n, rate) for n, rate in zip(sizes, rates, strict=True))
        plain = int(group.events), group.exposure, int(reference.events), reference.exposure
        results = by_person(group, reference), relative_rate_of_events(*plain)
        hits += [r.conf_low <= ratio <= r.conf_high for r in results]
    return hits / draws


@pytest.mark.parametrize(("rates", "ratio"), [((0.8, 0.8), 1.0), ((1.2, 0.6), 2.0)])
def test_only_the_clustered_interval_holds_the_truth_where_people_come_back(rates, ratio):
    clustered, plain = covered(np.random.default_rng(3), 2000, (500, 1500), rates, ratio)
    assert 0.94 <= clustered <= 0.96
    assert plain < 0.85


def test_clustered_interval_equals_the_log_interval_where_no_one_comes_back():
    rare = (
        sums(np.repeat([0.0, 1.0], [4960, 40]), np.ones(5000)),
        sums(np.repeat([0.0, 1.0], [9900, 100]), np.ones(10000)),
    )
    clustered = by_person(*rare)
    plain = relative_rate_of_events(40, 5000.0, 100, 10000.0)
    assert (clustered.conf_low, clustered.conf_high) == pytest.approx(
        (plain.conf_low, plain.conf_high), rel=0.01
    )


def test_planted_ratio_is_found():
    rng = np.random.default_rng(5)
    result = by_person(people(rng, 20_000, 1.5), people(rng, 50_000, 1.0))
    assert result.value == pytest.approx(1.5, rel=0.05)
    assert result.conf_low > 1


ENOUGH = sums(np.repeat([0.0, 1.0], [60, 40]), np.ones(100))
NONE = sums(np.zeros(100), np.ones(100))
NO_ONE = PersonSums(0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("group", "reference", "reason"),
    [
        (NONE, ENOUGH, "zero_events"),
        (ENOUGH, NONE, "zero_events"),
        (NO_ONE, ENOUGH, "no_comparison"),
    ],
)
def test_refuses_people_without_events_and_sides_without_people(group, reference, reason):
    result = by_person(group, reference)
    assert isinstance(result, NotEstimable)
    assert result.reason == reason


# --- verdict ---
PEOPLE = {"persons": 400, "reference_persons": 4000, "counts": "bad"}
VERDICT_CASES = [
    ((60, 400.0, 400, 4000.0), 0.001, PEOPLE | {"persons": 29}, "insufficient_data", None),
    (
        (60, 400.0, 400, 4000.0),
        0.001,
        PEOPLE | {"reference_persons": 29},
        "insufficient_data",
        None,
    ),
    ((4, 400.0, 40, 4000.0), 0.001, PEOPLE, "insufficient_data", None),  # 4 events expected
    ((0, 400.0, 0, 4000.0), 0.9, PEOPLE, "insufficient_data", None),
    ((60, 0.0, 400, 4000.0), 0.9, PEOPLE, "insufficient_data", None),
    ((4000, 4000.0, 40000, 40000.0), 0.9, PEOPLE, "within_band", None),
    (
        (4200, 4000.0, 40000, 40000.0),
        0.001,
        PEOPLE,
        "small_not_chance",
        "higher",
    ),  # what the test detects is never "alike"
    ((4200, 4000.0, 40000, 40000.0), 0.06, PEOPLE, "within_band", "higher"),
    ((80, 400.0, 400, 4000.0), 0.001, PEOPLE, "disparity", "higher"),
    ((20, 400.0, 400, 4000.0), 0.001, PEOPLE, "disparity", "lower"),
    ((240, 2000.0, 2000, 20000.0), 0.01, PEOPLE, "small_not_chance", "higher"),
    ((52, 400.0, 400, 4000.0), 0.09, PEOPLE, "practical_only", "higher"),
    ((44, 400.0, 400, 4000.0), 0.6, PEOPLE, "no_disparity_shown", "higher"),
    ((0, 400.0, 400, 4000.0), 0.001, PEOPLE, "disparity", "lower"),
    ((60, 400.0, 0, 400.0), 0.001, PEOPLE, "disparity", "higher"),  # no ratio, but no doubt either
]


def judged(events, exposure, others, their_exposure, *, persons, reference_persons, **told):
    """The verdict on two sides."""
    group = RateSide(events, exposure, persons)
    reference = RateSide(others, their_exposure, reference_persons)
    return with_columns(verdict_of_rates, group, reference, **told)


@pytest.mark.parametrize(("counts", "p", "persons", "name", "direction"), VERDICT_CASES)
def test_verdict_follows_the_rule(counts, p, persons, name, direction):
    found = judged(*counts, p_adjusted=p, **persons)
    assert (found.name, found.direction) == (name, direction)


def test_verdict_goes_by_the_clustered_interval_where_it_is_given():
    counts = (80, 400.0, 400, 4000.0)
    wide = Estimate("relative_rate_index", "clustered_by_person", "times", 2.0, 0.9, 4.4)
    assert judged(*counts, p_adjusted=0.09, clustered=wide, **PEOPLE).name == "practical_only"
    refused = NotEstimable("relative_rate_index", "clustered_by_person", "times", "too_few_people")
    assert (
        judged(*counts, p_adjusted=0.001, clustered=refused, **PEOPLE).name == "insufficient_data"
    )


@settings(max_examples=examples(100), deadline=None)
@given(
    st.tuples(st.integers(0, 300), st.floats(0, 1e5), st.integers(0, 300), st.floats(0, 1e5)),
    st.floats(0, 1),
    st.integers(0, 60),
)
def test_every_table_gets_exactly_one_verdict(counts, p, persons):
    found = judged(*counts, persons=persons, reference_persons=900, counts="good", p_adjusted=p)
    assert found.name in VERDICTS
    assert (found.ratio is None) == (found.name == "insufficient_data")


# --- what could have been shown ---
@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize(
    ("exposure", "reference_exposure", "rate"),
    [(300, 3000, 0.1), (1000, 1000, 0.05), (5000, 500, 0.1)],
)
def test_smallest_detectable_ratio_is_shown_in_about_80_of_100_samples(
    exposure, reference_exposure, rate, higher
):
    ratio = smallest_detectable_rate_ratio(
        exposure, reference_exposure, reference_rate=rate, higher=higher
    )
    assert (ratio > 1) == higher
    shown = total = 0.0
    rng = np.random.default_rng(8)
    draws = np.column_stack(
        [rng.poisson(ratio * rate * exposure, 2000), rng.poisson(rate * reference_exposure, 2000)]
    )
    for (a, b), times in zip(*np.unique(draws, axis=0, return_counts=True), strict=True):
        result = relative_rate_of_events(int(a), float(exposure), int(b), float(reference_exposure))
        shown, total = shown + times * (result.p_value <= 0.05), total + times
    assert 0.74 <= shown / total <= 0.85


def test_smallest_detectable_ratio_shrinks_with_exposure():
    ratios = [
        smallest_detectable_rate_ratio(x, 10 * x, reference_rate=0.2) for x in (30, 300, 3000)
    ]
    assert all(there > further > 1 for there, further in pairwise(ratios))
    assert smallest_detectable_rate_ratio(5, 500, reference_rate=0.2, higher=False) is None
    assert smallest_detectable_rate_ratio(0, 500, reference_rate=0.2) is None


def test_people_who_come_back_inflate_the_variance_and_those_who_do_not_leave_it():
    once = PersonSums(5000, 50, 5000.0, 50, 50.0, 5000.0)  # 50 people with one event each
    often = PersonSums(5000, 50, 5000.0, 250, 50.0, 5000.0)  # 10 people with five each
    assert variance_inflation(once) == pytest.approx(1.0, abs=0.02)
    assert variance_inflation(often) == pytest.approx(5.0, abs=0.05)
    assert variance_inflation(PersonSums(50, 0, 50.0, 0, 0.0, 50.0)) is None
