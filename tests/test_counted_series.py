"""An interrupted series of counts: a published series, a true nil, a planted step, and the naive
answers that are wrong."""

import numpy as np
import pandas as pd
import pytest

from analysis.designs.series.counted import interrupted_counts, wandering_level
from analysis.designs.series.interrupted import FEWEST, lags_of
from analysis.results import Estimate, NotEstimable
from analysis.synthetic.monitors.complaints import race_path
from analysis.synthetic.planted import load_planted

SERIES = 150  # simulated; the error of a rate of 5 in 100 is then 1.8
MONTHS, START = 57, 31.0  # of the series of race-related complaints: January 2022 to September 2026
# Acute coronary episodes by month in Sicily, 2002 to November 2006, and the standardised population
# (in thousands); smoking was banned in January 2005, month 37. Bernal, Cummins and Gasparrini 2017.
EPISODES = """728 659 791 734 757 726 760 740 720 814 795 858 887 766 851 769 781 756 766 752 765
831
879 928 914 808 937 840 916 828 845 818 860 839 887 886 831 796 833 820 877 758 767 738 781 843 850
908 1021 859 976 888 962 838 810 876 843 936 912"""
POPULATION = """379.8753 376.4955 377.0408 377.1164 377.3834 374.1131 379.5133 376.2955 374.6532
378.4856 375.9555 378.3497 376.7624 379.0323 379.3604 376.1620 377.9724 381.8307 379.8886 380.8722
380.9669 381.2404 382.1049 381.8027 381.6563 383.6800 383.5042 386.4629 383.7831 380.8368 383.4830
380.9062 382.9268 384.0524 384.4496 383.4283 388.1532 388.3732 386.4701 386.0332 383.6864 385.5093
385.9019 386.5166 388.4365 383.2552 390.1487 385.8749 391.6136 391.7504 394.0056 391.3649 391.6646
389.0223 391.8785 388.5753 392.9890 390.0188 390.7123"""


def sicily() -> pd.DataFrame:
    events, base = EPISODES.split(), POPULATION.split()
    table = {"month": range(1, 60), "events": map(int, events), "base": map(float, base)}
    return pd.DataFrame({name: list(values) for name, values in table.items()})


def series(
    seed: int,
    *,
    step: float = 1.0,
    slope: float = 0.0,
    season: float = 0.12,
    shock: float = 0.05,
    level: float = 100.0,
    top: int = 0,
) -> pd.DataFrame:
    """Months with a wave of the year. top: months from the cut to its top."""
    rng, month = np.random.default_rng(seed), np.arange(MONTHS)
    since = month - START
    mean = season * np.cos(2 * np.pi * (since - top) / 12) + np.log(step) * (since >= 0)
    mean = mean + slope * since * (since >= 0) + rng.normal(0, shock, MONTHS)
    return pd.DataFrame(
        {"month": month, "events": rng.poisson(level * np.exp(mean)), "base": 85_000}
    )


def naive(months: pd.DataFrame) -> float:
    after = months["month"] >= START
    rate = [p["events"].sum() / p["base"].sum() for p in (months[after], months[~after])]
    return rate[0] / rate[1]


def test_the_ban_on_smoking_in_sicily_as_published():
    """Bernal and others 2017: rate ratio 0.894 without season and change of slope."""
    found = interrupted_counts(sicily(), start=37, harmonics=0, slope=False)
    assert found.step.value == pytest.approx(0.894, abs=0.0005)


def test_the_season_of_the_published_series_is_allowed_for():
    """The same series with two waves a year: still a fall, with less left over."""
    plain = interrupted_counts(sicily(), start=37, harmonics=0, slope=False)
    waves = interrupted_counts(sicily(), start=37, harmonics=2, slope=False)
    assert waves.dispersion < 0.7 * plain.dispersion
    assert waves.step.conf_high < 1
    assert waves.lags == lags_of(59)


def test_a_planted_step_is_found():
    found = interrupted_counts(series(1, step=1.45, slope=-0.008), start=START, harmonics=1)
    assert isinstance(found.step, Estimate)
    assert found.step.conf_low <= 1.45 <= found.step.conf_high
    assert found.step.conf_low > 1
    assert found.slope.conf_low <= np.exp(12 * -0.008) <= found.slope.conf_high


def test_the_second_opinion_finds_it_too():
    """Over several series: where the level wanders, one of them alone may lie far off."""
    found = [wandering_level(series(seed, step=1.45), start=START) for seed in range(6)]
    assert np.median([one.value for one in found]) == pytest.approx(1.45, rel=0.05)
    assert sum(one.conf_low <= 1.45 <= one.conf_high for one in found) >= 5


def test_a_mean_after_less_a_mean_before_takes_the_falling_back_for_a_smaller_step():
    rows = [series(seed, step=1.45, slope=-0.012) for seed in range(10)]
    steps = [interrupted_counts(one, start=START, harmonics=1).step.value for one in rows]
    assert np.mean(steps) == pytest.approx(1.45, rel=0.06)
    assert np.mean([naive(one) for one in rows]) < 1.32


def test_without_waves_the_season_is_taken_for_a_step():
    """A series without a step that is cut where its wave rises most."""
    rows = [series(seed, season=0.25, top=3) for seed in range(10)]
    without = [interrupted_counts(one, start=START, harmonics=0).step.value for one in rows]
    within = [interrupted_counts(one, start=START, harmonics=1).step.value for one in rows]
    assert np.mean(without) > 1.08
    assert np.mean(within) == pytest.approx(1.0, abs=0.05)


def test_few_months_or_few_events_are_no_series():
    short = interrupted_counts(series(1), start=MONTHS - FEWEST + 1, harmonics=1)
    assert isinstance(short.step, NotEstimable) and short.step.reason == "too_few_points"
    few = interrupted_counts(series(1, level=2), start=START, harmonics=1)
    assert isinstance(few.step, NotEstimable) and few.step.reason == "too_few_people"


def test_the_path_that_is_planted_has_its_step_in_august_2024_and_none_where_it_is_nil():
    planted = load_planted().monitors.complaints.race_months
    months = pd.date_range("2024-07-01", periods=2, freq="MS")
    wave = np.exp(planted.season * (1 - np.cos(2 * np.pi / 12)))
    july, august = race_path(planted, months, "london")
    assert august / july == pytest.approx(planted.step * wave)
    july, august = race_path(planted, months, "wales")
    assert august / july == pytest.approx(wave)


@pytest.mark.simulation
def test_where_there_is_no_step_one_is_found_about_five_times_in_a_hundred():
    """Counts that vary more than at random; as many months as the series has."""
    found = [
        interrupted_counts(series(seed), start=START, harmonics=1).step.p_value < 0.05
        for seed in range(SERIES)
    ]
    assert 0.01 <= np.mean(found) <= 0.10, np.mean(found)


@pytest.mark.simulation
def test_intervals_hold_a_planted_step_as_often_as_they_say():
    held = []
    for seed in range(SERIES):
        found = interrupted_counts(series(seed, step=1.45), start=START, harmonics=1).step
        held.append(found.conf_low <= 1.45 <= found.conf_high)
    assert 0.90 <= np.mean(held) <= 0.99, np.mean(held)
