"""The test that years tell one ratio: references, null, planted, naive ways."""

import numpy as np
import pytest
import statsmodels.api as sm
from chosen import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.disparity.equality_of_years import Equality, YearCounts, equality_of_years
from analysis.disparity.rates import relative_rate_of_events
from analysis.disparity.relative_rate import relative_rate_index
from analysis.results import NotEstimable

# Youth custody, years to March: Black against White.
CUSTODY = [
    YearCounts("2023", 78, 889, 210, 3636),
    YearCounts("2024", 86, 563, 218, 3667),
    YearCounts("2025", 38, 731, 217, 3808),
]
KINDS = ("share", "rate")


def years_of(rows) -> list[YearCounts]:
    return [YearCounts(str(2000 + i), *row) for i, row in enumerate(rows)]


@pytest.mark.parametrize("kind", KINDS)
def test_equality_of_youth_custody_is_rejected_clearly(kind):
    found = equality_of_years(CUSTODY, kind=kind)
    assert (found.df, found.q_df, found.reliable) == (2, 2, True)
    assert max(found.p_value, found.q_p_value) < 1e-4
    assert found.q == pytest.approx(found.chi2, rel=0.1)


def interaction(years, kind) -> tuple[float, float]:
    """Deviance of the regression with log link without the interaction, and its ratio
    (statsmodels)."""
    a, n, b, m = np.array([year.counts for year in years], dtype=float).T
    events, base, side = np.r_[a, b], np.r_[n, m], np.r_[np.ones(len(a)), np.zeros(len(a))]
    design = np.column_stack([side, np.vstack([np.eye(len(a))] * 2)])
    if kind == "rate":
        model = sm.GLM(events, design, family=sm.families.Poisson(), offset=np.log(base))
        fit = model.fit()
    else:
        family = sm.families.Binomial(link=sm.families.links.Log())
        start = np.r_[0, np.log((a + b) / (n + m))]
        fit = sm.GLM(np.column_stack([events, base - events]), design, family=family).fit(
            start_params=start
        )
    return float(fit.deviance), float(np.exp(fit.params[0]))


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.DomainWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "years",
    [
        CUSTODY,
        CUSTODY[:2],
        years_of([(30, 100, 50, 250), (20, 90, 60, 260), (9, 120, 40, 300), (3, 30, 30, 200)]),
    ],
    ids=["custody", "two years", "four years"],
)
def test_the_test_is_the_interaction_of_a_regression_with_log_link(years, kind):
    found, (chi2, ratio) = equality_of_years(years, kind=kind), interaction(years, kind)
    assert (found.chi2, found.common_ratio) == pytest.approx((chi2, ratio), rel=1e-5)
    assert found.p_value == pytest.approx(stats.chi2.sf(chi2, len(years) - 1), rel=1e-4)


def test_cochran_q_is_what_the_hand_computes():
    found = equality_of_years(years_of([(20, 100, 40, 400), (30, 100, 40, 400)]), kind="rate")
    first, second = 1 / (1 / 20 + 1 / 40), 1 / (1 / 30 + 1 / 40)
    expected = (
        np.log(2 / 3) ** 2 * first * second / (first + second)
    )  # two years: difference of logs over its variance
    assert found.q == pytest.approx(expected)


# --- simulations ---
BASES = [(889, 3636), (563, 3667), (731, 3808)]
LEVELS = (0.06, 0.05, 0.07)


def drawn(rng, ratios, kind) -> list[YearCounts]:
    rows = []
    for ratio, level, (n, m) in zip(ratios, LEVELS, BASES, strict=True):
        law = (
            (lambda size, rate: rng.binomial(size, rate))
            if kind == "share"
            else (lambda size, rate: rng.poisson(size * rate))
        )
        rows.append((int(law(n, ratio * level)), n, int(law(m, level)), m))
    return years_of(rows)


@pytest.mark.parametrize("kind", KINDS)
def test_one_ratio_is_rejected_in_five_of_100_samples_and_naive_reading_in_many_more(kind):
    """Naive: "a disparity in this year, none in that" is no evidence that the years differ."""
    rng, rejected, naive, draws = np.random.default_rng(41), 0, 0, 600
    for _ in range(draws):
        years = drawn(rng, [1.4] * 3, kind)
        rejected += equality_of_years(years, kind=kind).p_value < 0.05
        index = relative_rate_index if kind == "share" else relative_rate_of_events
        naive += len({index(*year.counts).conf_low > 1 for year in years}) == 2
    assert 0.03 <= rejected / draws <= 0.07
    assert naive / draws > 0.4


def test_the_sum_covers_one_ratio_and_a_planted_change_is_found():
    rng, covered, found, draws = np.random.default_rng(42), 0, 0, 300
    for _ in range(draws):
        years = drawn(rng, [1.4] * 3, "share")
        pooled = relative_rate_index(*np.sum([year.counts for year in years], axis=0))
        covered += pooled.conf_low <= 1.4 <= pooled.conf_high
        found += (
            equality_of_years(drawn(rng, [1.0, 1.5, 2.2], "share"), kind="share").p_value < 0.05
        )
    assert 0.93 <= covered / draws <= 0.97
    assert found / draws > 0.9


def test_the_common_ratio_is_that_of_the_years_where_the_sum_of_unlike_years_is_not():
    """The group moves to the year with few events: every year says 1, the sum a third (Simpson
    1951)."""
    years = years_of([(50, 100, 450, 900), (90, 900, 10, 100)])
    found = equality_of_years(years, kind="share")
    assert relative_rate_index(*np.sum([year.counts for year in years], axis=0)).value < 0.4
    assert found.common_ratio == pytest.approx(1)
    assert found.p_value == pytest.approx(1, abs=1e-4)


# --- little to go by ---
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "no_comparison"),
        ([(5, 50, 9, 90)], "no_comparison"),
        ([(5, 50, 9, 90), (0, 50, 0, 90)], "no_comparison"),  # a year without events tells nothing
        ([(5, 50, 9, 90), (0, 0, 9, 90)], "no_comparison"),
        ([(5, 50, 0, 90), (6, 50, 0, 90)], "zero_events"),
        ([(0, 50, 9, 90), (0, 50, 9, 90)], "zero_events"),
    ],
)
def test_refuses_equality_where_fewer_than_two_years_tell_a_ratio(rows, reason, kind):
    found = equality_of_years(years_of(rows), kind=kind)
    assert isinstance(found, NotEstimable) and found.reason == reason


@pytest.mark.parametrize("kind", KINDS)
def test_a_year_without_events_on_one_side_counts_in_the_main_test_alone(kind):
    found = equality_of_years(
        years_of([(0, 50, 40, 200), (20, 50, 40, 200), (22, 50, 38, 200)]), kind=kind
    )
    assert (found.df, found.q_df) == (2, 1)
    assert found.p_value < 0.01 < found.q_p_value


def test_a_year_with_few_events_expected_makes_the_test_unreliable():
    found = equality_of_years(years_of([(3, 40, 0, 90), (4, 40, 9, 95)]), kind="share")
    assert isinstance(found, Equality) and not found.reliable


def test_years_in_which_everyone_had_the_event_tell_one_ratio_and_no_more():
    found = equality_of_years(
        years_of([(1, 1, 3, 3), (40, 40, 90, 90), (50, 50, 49, 49)]), kind="share"
    )
    assert (found.chi2, found.common_ratio) == pytest.approx((0, 1), abs=1e-4)
    assert (found.q, found.reliable) == (None, False)


tables = st.tuples(
    st.integers(0, 40), st.integers(40, 400), st.integers(0, 40), st.integers(40, 400)
)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(tables, min_size=0, max_size=6), st.sampled_from(KINDS))
def test_every_set_of_years_gives_a_test_or_a_reason(rows, kind):
    found = equality_of_years(years_of(rows), kind=kind)
    if isinstance(found, Equality):
        assert 0 <= found.p_value <= 1 and found.chi2 >= 0 and 1 <= found.df < len(rows)
        assert np.isfinite(found.common_ratio)
