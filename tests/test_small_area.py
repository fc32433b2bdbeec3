"""Shrunken rates against published fits, statsmodels, hand-computable posteriors and simulated
areas."""

import math

import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.discrete.discrete_model import NegativeBinomial

from analysis.disparity.small_area import shrunken_rates, shrunken_risks
from analysis.results import NotEstimable

# Boys among the first 12 children of 6115 families of 13 in Saxony (Geissler 1889; Lindsey and
# Altham 1998).
FAMILIES = np.repeat(np.arange(13), [3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7])
# Lip cancer in 56 districts of Scotland: observed and expected cases (Clayton and Kaldor 1987).
OBSERVED = [
    9,
    39,
    11,
    9,
    15,
    8,
    26,
    7,
    6,
    20,
    13,
    5,
    3,
    8,
    17,
    9,
    2,
    7,
    9,
    7,
    16,
    31,
    11,
    7,
    19,
    15,
    7,
    10,
    16,
    11,
    5,
    3,
    7,
    8,
    11,
    9,
    11,
    8,
    6,
    4,
    10,
    8,
    2,
    6,
    19,
    3,
    2,
    3,
    28,
    6,
    1,
    1,
    1,
    1,
    0,
    0,
]
EXPECTED = [
    1.4,
    8.7,
    3.0,
    2.5,
    4.3,
    2.4,
    8.1,
    2.3,
    2.0,
    6.6,
    4.4,
    1.8,
    1.1,
    3.3,
    7.8,
    4.6,
    1.1,
    4.2,
    5.5,
    4.4,
    10.5,
    22.7,
    8.8,
    5.6,
    15.5,
    12.5,
    6.0,
    9.0,
    14.4,
    10.2,
    4.8,
    2.9,
    7.0,
    8.5,
    12.3,
    10.1,
    12.7,
    9.4,
    7.2,
    5.3,
    18.8,
    15.8,
    4.3,
    14.6,
    50.7,
    8.2,
    5.6,
    9.3,
    88.7,
    19.6,
    3.4,
    3.6,
    5.7,
    7.0,
    4.2,
    1.8,
]


def simulated(kind, *, size, common, bases, areas=60, seed, repeats=40):
    """(squared error of raw, of shrunken, share of true rates held, share of runs that found
    differences)."""
    rng, rows = np.random.default_rng(seed), []
    for _ in range(repeats):
        base = rng.integers(*bases, areas)
        if kind == "risks":
            true = rng.beta(size * common, size * (1 - common), areas)
            events = rng.binomial(base, true)
            found = shrunken_risks(events, base)
        else:
            true = (
                rng.gamma(size * common, 1 / size, areas)
                if math.isfinite(size)
                else np.full(areas, common)
            )
            events = rng.poisson(base * true)
            found = shrunken_rates(events, base)
        shrunken = np.array([(a.shrunken, a.conf_low, a.conf_high) for a in found.areas])
        held = (shrunken[:, 1] <= true) & (true <= shrunken[:, 2])
        errors = ((events / base - true) ** 2).mean(), ((shrunken[:, 0] - true) ** 2).mean()
        rows.append((*errors, held.mean(), found.differ))
    return np.mean(rows, axis=0)


def test_beta_binomial_prior_of_the_families_of_saxony():
    found = shrunken_risks(FAMILIES, np.full(6115, 12))
    assert found.size * found.common == pytest.approx(
        34.1, abs=0.05
    )  # published: 34.096 and 31.572
    assert found.size * (1 - found.common) == pytest.approx(31.6, abs=0.05)


def test_gamma_poisson_prior_of_lip_cancer_in_scotland():
    found = shrunken_rates(OBSERVED, EXPECTED)
    shape = found.common * found.size
    assert (shape, found.size) == pytest.approx((1.88, 1.32), abs=0.005)  # Clayton and Kaldor 1987
    raw_extreme, raw_nil = found.areas[0], found.areas[-1]
    assert raw_extreme.raw == pytest.approx(6.43, abs=0.005)
    assert raw_extreme.shrunken == pytest.approx((9 + shape) / (1.4 + found.size))
    assert raw_nil.raw == 0 < raw_nil.conf_low < raw_nil.shrunken


def test_gamma_poisson_prior_agrees_with_statsmodels():
    theirs = NegativeBinomial(OBSERVED, np.ones((56, 1)), offset=np.log(EXPECTED)).fit(disp=0)
    found = shrunken_rates(OBSERVED, EXPECTED)
    assert found.common == pytest.approx(math.exp(theirs.params[0]), rel=1e-3)
    assert (found.spread / found.common) ** 2 == pytest.approx(theirs.params[1], rel=1e-3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_beta_binomial_prior_agrees_with_a_direct_search_in_scipy(seed):
    rng = np.random.default_rng(seed)
    people = rng.integers(20, 400, 40)
    events = rng.binomial(people, rng.beta(4, 16, 40))
    best = optimize.minimize(
        lambda t: -stats.betabinom.logpmf(events, people, *np.exp(t)).sum(),
        [1.0, 2.0],
        method="Nelder-Mead",
    )
    found, (a, b) = shrunken_risks(events, people), np.exp(best.x)
    assert found.common == pytest.approx(a / (a + b), rel=1e-3)
    assert found.size == pytest.approx(a + b, rel=0.01)


@pytest.mark.parametrize("shrink", [shrunken_risks, shrunken_rates])
def test_shrunken_rate_is_the_weighted_mean_of_own_and_common_rate(shrink):
    found = shrink([2, 30, 11, 9, 40, 1], [10, 100, 90, 20, 110, 60])
    assert found.differ
    for area, base in zip(found.areas, [10, 100, 90, 20, 110, 60], strict=True):
        assert area.weight == pytest.approx(base / (base + found.size))
        assert area.shrunken == pytest.approx(
            area.weight * area.raw + (1 - area.weight) * found.common
        )
        assert area.conf_low < area.shrunken < area.conf_high


def test_intervals_are_quantiles_of_the_posterior_law():
    found = shrunken_risks([2, 30, 11, 9], [10, 100, 90, 20])
    a, b = found.common * found.size, (1 - found.common) * found.size
    area = found.areas[0]
    assert (area.conf_low, area.conf_high) == pytest.approx(
        stats.beta.ppf([0.025, 0.975], 2 + a, 8 + b)
    )


@pytest.mark.parametrize(
    ("kind", "size", "common", "bases"),
    [
        ("risks", 30, 0.2, (10, 200)),
        ("risks", 20, 0.5, (5, 50)),
        ("risks", 1000, 0.05, (100, 3000)),
        ("rates", 2, 1.0, (2, 40)),
        ("rates", 10, 1.0, (2, 40)),
    ],
)
def test_shrunken_rates_are_nearer_the_truth_and_intervals_hold_it(kind, size, common, bases):
    raw, shrunken, held, _ = simulated(kind, size=size, common=common, bases=bases, seed=11)
    assert shrunken < 0.85 * raw
    assert (
        0.92 <= held <= 0.965
    )  # over areas (Morris 1983); a little short, since the prior is estimated


def test_areas_with_one_true_rate_are_drawn_together():
    raw, shrunken, _, differ = simulated("rates", size=math.inf, common=0.5, bases=(5, 60), seed=12)
    assert shrunken < 0.1 * raw
    assert 0.2 < differ < 0.7  # the likeliest variance is 0 about half of the time


def test_intervals_are_too_short_where_areas_hardly_differ():
    _, _, held, _ = simulated("rates", size=100, common=1.0, bases=(2, 40), seed=13)
    assert (
        0.7 < held < 0.92
    )  # known, and said in the module: the likeliest variance is often 0 there


def test_a_planted_area_stays_apart_while_a_small_one_does_not():
    people = np.array([500] * 20 + [10])
    events = np.array([50] * 10 + [60] * 9 + [150] + [3])
    found = shrunken_risks(events, people)
    assert found.areas[19].conf_low > found.common
    assert found.areas[20].raw == pytest.approx(0.3)
    assert found.areas[20].shrunken < 0.15


def test_ranking_raw_rates_puts_small_areas_at_both_ends_and_shrunken_ones_do_not():
    rng = np.random.default_rng(14)
    people = np.array([20] * 30 + [2000] * 30)
    ends_raw, ends_shrunken = 0, 0
    for _ in range(30):
        events = rng.binomial(people, rng.beta(60, 240, 60))
        found = shrunken_risks(events, people)
        ends_raw += np.argmax([a.raw for a in found.areas]) < 30
        ends_shrunken += np.argmax([a.shrunken for a in found.areas]) < 30
    assert ends_raw > 25
    assert ends_shrunken < 10


@pytest.mark.parametrize("shrink", [shrunken_risks, shrunken_rates])
def test_no_differences_draw_every_area_to_the_common_rate(shrink):
    found = shrink([10, 20, 30, 40, 0], [100, 200, 300, 400, 0])
    assert (found.differ, found.spread, found.size) == (False, 0.0, None)
    assert {area.shrunken for area in found.areas} == {0.1}
    assert all(
        area.weight == 0 and 0.08 < area.conf_low < 0.1 < area.conf_high < 0.125
        for area in found.areas
    )


@pytest.mark.parametrize("shrink", [shrunken_risks, shrunken_rates])
def test_an_area_without_people_has_the_common_rate_and_no_own(shrink):
    found = shrink([2, 30, 11, 9, 0], [10, 100, 90, 20, 0])
    assert (found.areas[-1].raw, found.areas[-1].weight) == (None, 0.0)
    assert found.areas[-1].shrunken == pytest.approx(found.common)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (shrunken_risks([1, 2, 3], [10, 10, 10]), "too_few_places"),
        (shrunken_risks([1, 2, 3, 0], [10, 10, 10, 0]), "too_few_places"),
        (shrunken_rates([0] * 5, [10] * 5), "constant_outcome"),
        (shrunken_risks([0] * 5, [10] * 5), "constant_outcome"),
        (shrunken_risks([10] * 5, [10] * 5), "constant_outcome"),
    ],
)
def test_says_why_nothing_is_shrunken(result, reason):
    assert isinstance(result, NotEstimable)
    assert result.reason == reason


@pytest.mark.parametrize(
    "call",
    [
        lambda: shrunken_risks([11, 1, 1, 1], [10] * 4),
        lambda: shrunken_risks([math.nan, 1, 1, 1], [10] * 4),
        lambda: shrunken_rates([-1, 1, 1, 1], [10] * 4),
        lambda: shrunken_rates([1, 1, 1, 1], [10, 10, 10, 0]),
    ],
)
def test_refuses_what_is_no_count(call):
    with pytest.raises(ValueError):
        call()


@pytest.mark.parametrize(
    ("events", "people"),
    [([0, 10, 0, 10, 10], [10] * 5), ([0, 0, 0, 1], [5, 5, 5, 900_000]), ([0, 0, 0, 5], [5] * 4)],
)
@pytest.mark.parametrize("shrink", [shrunken_risks, shrunken_rates])
def test_extreme_areas_give_finite_intervals_that_hold_their_estimate(shrink, events, people):
    for area in shrink(events, people).areas:
        assert 0 <= area.conf_low <= area.shrunken <= area.conf_high < 10
