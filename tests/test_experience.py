"""Two waves of a survey and incidents reported for each experience: by hand, and how often the
interval of the delta method holds what is true."""

import numpy as np
import pandas as pd
import pytest

from analysis.designs.series.counts import mean_ratio
from analysis.inference.columns import CountColumns
from analysis.results import Estimate, NotEstimable
from analysis.studies.interrupted_reporting.experience import (
    RATIO,
    for_each_experience,
    wave_difference,
    waves_of,
)

COLUMNS = CountColumns(time="month", outcome="count", over="held")
SITES, ASKED = 60, 40


def asked(rng: np.random.Generator, shares: tuple[float, float], response=(0.6, 0.6)):
    """People asked in two waves at the same prisons, which differ; two ethnic groups that answer
    with the shares `response`, of whom the second experiences twice as much."""
    site_level = np.exp(0.25 * rng.normal(size=SITES))
    parts = []
    for wave, share in zip(("before", "after"), shares, strict=True):
        site = np.repeat(np.arange(SITES), ASKED)
        group = rng.random(len(site)) < 0.3
        chance = np.clip(share * site_level[site] * np.where(group, 2.0, 1.0), 0, 1)
        answered = rng.random(len(site)) < np.where(group, response[1], response[0])
        experienced = np.where(answered, (rng.random(len(site)) < chance).astype(float), np.nan)
        parts.append(
            pd.DataFrame(
                {
                    "site_id": [f"S{k}" for k in site],
                    "wave": wave,
                    "ethnic_group": np.where(group, "Black", "White"),
                    "answered": answered,
                    "experienced": experienced,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def rates(rng: np.random.Generator, times: float):
    """Twelve months and twelve more, with a shock of each month."""
    month = np.r_[np.arange(12), np.arange(28, 40)]
    mean = 300 * np.where(month >= 28, times, 1.0) * np.exp(0.06 * rng.normal(size=24))
    frame = pd.DataFrame({"month": month, "count": rng.poisson(mean), "held": 86_000.0})
    return mean_ratio(frame, COLUMNS, RATIO, start=28)


def test_value_by_hand_and_the_interval_is_wider_than_of_either_part():
    rng = np.random.default_rng(1)
    first, second = waves_of(asked(rng, (0.2, 0.2)), "experienced")
    reports = rates(rng, 1.3)
    found = for_each_experience(reports, first, second)
    assert found.value == pytest.approx(reports.value / (second.share / first.share))
    assert found.conf_high / found.conf_low > reports.conf_high / reports.conf_low
    difference = wave_difference(first, second)
    assert difference.value == pytest.approx(100 * (second.share - first.share))
    assert difference.df == SITES - 1


def test_shares_are_weighted_by_the_response_of_each_group():
    """The group that experiences more answers half as often: plain shares are too low."""
    rng = np.random.default_rng(2)
    table = asked(rng, (0.2, 0.2), response=(0.8, 0.4))
    first, _ = waves_of(table, "experienced")
    own = table[table["wave"] == "before"]
    by_group = own.groupby("ethnic_group")["experienced"].mean()
    true = float(by_group @ own["ethnic_group"].value_counts(normalize=True)[by_group.index])
    assert first.share == pytest.approx(true)
    assert first.events / first.n < true - 0.01


@pytest.mark.simulation
def test_the_interval_holds_what_is_true_about_95_times_in_100(capsys):
    """150 draws with 1.3 times as many reports and 1.25 times as many experiences."""
    held, truth, values = 0, 1.3 / 1.25, []
    for seed in range(150):
        rng = np.random.default_rng([7, seed])
        first, second = waves_of(asked(rng, (0.16, 0.20)), "experienced")
        found = for_each_experience(rates(rng, 1.3), first, second)
        held += found.conf_low <= truth <= found.conf_high
        values.append(np.log(found.value))
    with capsys.disabled():
        print(f"\n  held {held} of 150")
    assert np.exp(np.mean(values)) == pytest.approx(truth, rel=0.02)
    assert 135 <= held <= 149  # 95 in 100, three errors to either side


def test_without_answers_or_rates_there_is_none():
    rng = np.random.default_rng(3)
    table, reports = asked(rng, (0.2, 0.2)), rates(rng, 1.0)
    first, second = waves_of(table, "experienced")
    none = NotEstimable("reports_for_experience", "delta_method", "times", "instrument_changed")
    assert for_each_experience(none, first, second).reason == "instrument_changed"
    empty = waves_of(table[table["wave"] == "before"], "experienced")
    assert for_each_experience(reports, *empty).reason == "no_comparison"
    nobody = table.assign(experienced=table["experienced"].where(table["wave"] == "after", 0.0))
    assert wave_difference(*waves_of(nobody, "experienced")).reason == "zero_events"
    few = table[table["site_id"].isin(["S0", "S1", "S2"])]
    assert wave_difference(*waves_of(few, "experienced")).reason in ("too_few_sites", "zero_events")
    assert isinstance(wave_difference(first, second), Estimate)
