"""An interrupted series of counts: a published series, statsmodels, a true nil with a season and
correlated months, a planted step, and the naive answers that are wrong."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.designs.series.counts import (
    harmonics,
    interrupted_counts,
    log_error,
    mean_ratio,
    season_of,
)
from analysis.designs.series.interrupted import design_of
from analysis.designs.series.reference import Points, reference_of
from analysis.inference.columns import CountColumns, Quantity
from analysis.results import Estimate, NotEstimable

WHAT = Quantity("step", "times")
COLUMNS = CountColumns(time="time", outcome="y", over="n", covariates=season_of())
SERIES = 400  # simulated; the error of a rate of 5 in 100 is then 1.1
BEFORE, GAP, AFTER, PEOPLE = 20, 4, 24, 86_000.0
# Admissions for acute coronary events in Sicily by month from January 2002, and the population of a
# standard age: the data of Lopez Bernal, Cummins and Gasparrini (2017), International Journal of
# Epidemiology 46, 348-355 (with its correction), published with the paper.
BAN = 36  # the month of the ban on smoking, January 2005
ADMISSIONS = [
    *(728, 659, 791, 734, 757, 726, 760, 740, 720, 814, 795, 858),
    *(887, 766, 851, 769, 781, 756, 766, 752, 765, 831, 879, 928),
    *(914, 808, 937, 840, 916, 828, 845, 818, 860, 839, 887, 886),
    *(831, 796, 833, 820, 877, 758, 767, 738, 781, 843, 850, 908),
    *(1021, 859, 976, 888, 962, 838, 810, 876, 843, 936, 912),
]
STANDARD = [
    *(379875.3, 376495.5, 377040.8, 377116.4, 377383.4, 374113.1),
    *(379513.3, 376295.5, 374653.2, 378485.6, 375955.5, 378349.7),
    *(376762.4, 379032.3, 379360.4, 376162.0, 377972.4, 381830.7),
    *(379888.6, 380872.2, 380966.9, 381240.4, 382104.9, 381802.7),
    *(381656.3, 383680.0, 383504.2, 386462.9, 383783.1, 380836.8),
    *(383483.0, 380906.2, 382926.8, 384052.4, 384449.6, 383428.4),
    *(388153.2, 388373.2, 386470.1, 386033.2, 383686.4, 385509.3),
    *(385901.9, 386516.6, 388436.5, 383255.2, 390148.7, 385874.9),
    *(391613.6, 391750.4, 394005.6, 391364.9, 391664.6, 389022.3),
    *(391878.5, 388575.3, 392989.0, 390018.8, 390712.3),
]


def sicily() -> pd.DataFrame:
    time = pd.Series(np.arange(len(ADMISSIONS)))
    frame = pd.DataFrame({"time": time, "y": ADMISSIONS, "n": STANDARD})
    return frame.join(harmonics(time % 12 + 1))


def series(seed: int, *, memory: float = 0.0, step: float = 1.0, rate: float = 0.004):
    """Months with a trend, a season, a shock that stays in part, and counts of their own."""
    rng = np.random.default_rng(seed)
    every = np.arange(-BEFORE - GAP, AFTER)
    shocks = rng.normal(size=len(every))
    for at in range(1, len(every)):
        shocks[at] = memory * shocks[at - 1] + np.sqrt(1 - memory**2) * shocks[at]
    month = every % 12 + 1
    log = 0.01 * every + 0.12 * np.cos(2 * np.pi * month / 12) + 0.06 * shocks
    mean = PEOPLE * rate * np.exp(log) * np.where(every >= 0, step, 1.0)
    points = pd.DataFrame({"time": every.astype(float), "y": rng.poisson(mean), "n": PEOPLE})
    points = points.join(harmonics(pd.Series(month)))
    return points[(points["time"] < -GAP) | (points["time"] >= 0)].reset_index(drop=True)


def test_the_ban_on_smoking_in_sicily():
    """Published: 0.894 with a trend alone, 0.885 with two pairs of harmonics."""
    for covariates, value in (((), 0.894), (season_of(), 0.885)):
        columns = replace(COLUMNS, covariates=covariates, slope=False)
        found = interrupted_counts(sicily(), columns, WHAT, start=BAN)
        assert found.step.value == pytest.approx(value, abs=0.0005)
        assert found.step.conf_high < 1
        assert found.slope is None
    assert found.trend.value == pytest.approx(1.067, abs=0.0005)


def test_value_and_newey_west_errors_are_those_of_statsmodels():
    points = series(3, memory=0.4, step=1.3)
    found = interrupted_counts(points, COLUMNS, WHAT, start=0)
    design = design_of(points, points["time"].to_numpy(), COLUMNS)
    fit = sm.GLM(points["y"], design, family=sm.families.Poisson(), offset=np.log(points["n"])).fit(
        cov_type="HAC", cov_kwds={"maxlags": 9, "use_correction": True}, use_t=True, tol=1e-10
    )
    assert found.lags == 9
    assert found.step.value == pytest.approx(np.exp(fit.params.iloc[2]))
    weighted = design * np.sqrt(fit.fittedvalues.to_numpy())[:, None]
    held = Points.of(weighted, points["time"].to_numpy(), 9)
    memory = held.likeness(fit.resid_pearson.to_numpy())
    reach = np.quantile(reference_of(held, 2, memory), 0.95) * fit.bse.iloc[2]
    assert np.log(found.step.conf_high / found.step.value) == pytest.approx(reach)
    t_reach = log_error(found.step) * 2.0423  # Student's t with 36 degrees of freedom: 2.0281
    assert t_reach == pytest.approx(reach, rel=0.01)


def rejected(memory: float, seeds: range) -> tuple[float, float]:
    """Shares of series without a step in which one is found at 5 in 100: as it is held against the
    simulated distribution, and with few lags and the normal distribution."""
    ours = naive = 0
    for seed in seeds:
        points = series(seed, memory=memory)
        ours += interrupted_counts(points, COLUMNS, WHAT, start=0).step.p_value <= 0.05
        design = design_of(points, points["time"].to_numpy(), COLUMNS)
        fit = sm.GLM(
            points["y"], design, family=sm.families.Poisson(), offset=np.log(points["n"])
        ).fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True})
        naive += fit.pvalues.iloc[2] <= 0.05
    return ours / len(seeds), naive / len(seeds)


@pytest.mark.simulation
@pytest.mark.parametrize("memory", [0.0, 0.4])
def test_of_series_without_a_step_at_most_5_in_100_show_one(memory, capsys):
    """SERIES with a season and Poisson counts: 5 in 100, where months correlate at 0.4 too;
    13 and 19 with few lags and the normal distribution. Two errors are allowed for."""
    ours, naive = rejected(memory, range(SERIES))
    with capsys.disabled():
        print(f"\n  correlation {memory}: {ours:.3f} rejected, few lags and normal {naive:.3f}")
    assert 0.01 <= ours <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / SERIES)
    assert naive > 0.13


@pytest.mark.simulation
def test_a_planted_step_is_found_and_its_intervals_hold_it():
    held, values = 0, []
    for seed in range(40):
        found = interrupted_counts(series(seed, step=1.3), COLUMNS, WHAT, start=0).step
        held += found.conf_low <= 1.3 <= found.conf_high
        values.append(np.log(found.value))
    assert np.exp(np.mean(values)) == pytest.approx(1.3, rel=0.02)
    assert held >= 34  # 95 in 100, less three errors


def test_a_mean_before_and_after_takes_the_trend_for_an_effect():
    points = series(2)
    means = replace(COLUMNS, covariates=())
    naive = mean_ratio(points, means, WHAT, start=0)
    after = sm.add_constant((points["time"] >= 0).astype(float))
    fit = sm.GLM(points["y"], after, family=sm.families.Poisson(), offset=np.log(points["n"]))
    assert np.exp(fit.fit(scale="X2").conf_int().iloc[1, 0]) > 1.1  # as if months were independent
    assert naive.value > 1.25  # what is no step, with an interval as wide as the trend asks for
    found = interrupted_counts(points, COLUMNS, WHAT, start=0).step
    assert found.conf_low <= 1 <= found.conf_high
    by_hand = [points.loc[side, "y"].mean() for side in (points["time"] >= 0, points["time"] < 0)]
    assert naive.value == pytest.approx(by_hand[0] / by_hand[1])


def test_what_carries_no_answer_is_refused():
    points = series(1)
    asked = {"what": WHAT, "start": 0.0}
    nothing = points.assign(y=points["y"].where(points["time"] < 0, 0))
    assert interrupted_counts(nothing, COLUMNS, **asked).step.reason == "zero_events"
    few = points[points["time"] < 7]
    assert interrupted_counts(few, COLUMNS, **asked).step.reason == "too_few_points"
    changed = interrupted_counts(points, COLUMNS, **asked, breaks=(0.0,))
    assert changed.step.reason == changed.slope.reason == "instrument_changed"
    twice = points.assign(season_2=points["season_1"])
    assert interrupted_counts(twice, COLUMNS, **asked).step.reason == "collinear"
    endless = points.assign(y=np.inf)
    assert interrupted_counts(endless, COLUMNS, **asked).step.reason == "infinite_values"
    assert isinstance(mean_ratio(few, COLUMNS, **asked), NotEstimable)
    with pytest.raises(ValueError, match="above 0"):
        interrupted_counts(points.assign(n=0.0), COLUMNS, **asked)


def test_slopes_and_levels_are_told_a_year_and_in_the_unit_of_the_rate():
    points = series(5, step=1.2)
    found = interrupted_counts(points, COLUMNS, WHAT, start=0)
    assert isinstance(found.trend, Estimate)
    assert found.trend.conf_low <= np.exp(0.12) <= found.trend.conf_high
    assert found.level / found.without == pytest.approx(found.step.value)
    assert found.without == pytest.approx(0.004, rel=0.2)
