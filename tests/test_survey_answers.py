"""Answers to repeated surveys in a roll-out: weights for those who did not answer, their bootstrap,
and worst-case bounds."""

import numpy as np
import pandas as pd
import pytest

from analysis.designs.rollouts.answers import (
    DRAWS,
    AskedPeople,
    answered_like_asked,
    of_cells,
    wave_means,
    worst_case,
)
from analysis.designs.rollouts.imputation import imputation_effect, imputed_effect
from analysis.inference.columns import WaveColumns
from analysis.inference.sequential import Draws
from analysis.results import Estimate, NotEstimable

COLUMNS = WaveColumns(
    unit="site",
    period="wave",
    first_treated="start",
    block="region",
    outcome="score",
    response=("started", "group"),
)
WHAT = ("average_effect", "answered_like_asked", "points")


def asked(seed, *, effect=(0.0, 0.0), answers=(0.8, 0.8), later=0.0, regions=6, people=30):
    """Staff of two groups at 6 sites of each region, of which 4 start in steps. effect: of each
    group; answers: share of each who answer, `later` less of the second one once it has started."""
    random = np.random.default_rng(seed)
    starts = [3.0, 3.0, 4.0, 4.0, np.nan, np.nan]
    sites = pd.DataFrame(
        {
            "site": np.arange(regions * 6),
            "region": np.repeat(np.arange(regions), 6),
            "start": starts * regions,
            "own": random.normal(0, 0.2, regions * 6),
        }
    )
    frame = sites.merge(pd.DataFrame({"wave": np.arange(1.0, 6.0)}), how="cross")
    shock = random.normal(0, 0.05, len(frame))
    frame = frame.assign(shock=shock).merge(
        pd.DataFrame({"number": np.arange(people)}), how="cross"
    )
    started = frame["wave"] >= frame["start"]
    second = random.random(len(frame)) < 0.4
    score = 3 + frame["own"] + frame["shock"] + random.normal(0, 0.7, len(frame)) - 0.5 * second
    score = score + started * np.where(second, effect[1], effect[0])
    share = np.where(second, answers[1] - later * started, answers[0])
    told = random.random(len(frame)) < share
    return frame.assign(
        group=np.where(second, "b", "a"), started=started * 1.0, score=score.where(told)
    )


# -- (a) numbers from elsewhere --------------------------------------------------------------------
def test_weights_of_a_textbook():
    """Raghunathan 2015, Missing Data Analysis in Practice, chapter 2: of 60 women 40 answer and of
    40 men 10, so that the weights are 1.5 and 4."""
    frame = pd.DataFrame({"group": ["women"] * 60 + ["men"] * 40, "site": 1, "wave": 1.0})
    told = np.r_[np.arange(60) < 40, np.arange(40) < 10]
    frame = frame.assign(region=1, start=np.nan, started=0.0, score=np.where(told, 2.0, np.nan))
    weight = AskedPeople.of(frame, COLUMNS).weights()
    women = (frame["group"] == "women").to_numpy()
    assert weight[told & women] == pytest.approx(1.5)
    assert weight[told & ~women] == pytest.approx(4.0)
    assert (weight[~told] == 0).all()
    assert weight.sum() == pytest.approx(100), "those who answered stand for all who were asked"


def test_the_effective_number_is_that_of_kish():
    """(sum of weights) squared over the sum of squares: 40 of 1.5 and 10 of 4 are worth 40."""
    weight = np.r_[np.full(40, 1.5), np.full(10, 4.0)]
    assert weight.sum() ** 2 / (weight**2).sum() == pytest.approx(100**2 / (90 + 160))
    found = answered_like_asked(asked(1), COLUMNS, WHAT, seed=1)
    assert found.effective_n <= found.answers


def test_drawing_a_site_twice_is_the_same_as_a_second_one_like_it():
    frame = asked(2, effect=(0.3, 0.3), regions=2)
    people = AskedPeople.of(frame, COLUMNS)
    twice = frame[frame["site"].isin([0, 4])].assign(site=lambda rows: rows["site"] + 100)
    both = pd.concat([frame, twice], ignore_index=True)
    times = np.where(frame["site"].isin([0, 4]), 2.0, 1.0)
    one = imputed_effect(people.means(people.weights(times), COLUMNS), of_cells(COLUMNS))
    copied = AskedPeople.of(both, COLUMNS)
    other = imputed_effect(copied.means(copied.weights(), COLUMNS), of_cells(COLUMNS))
    assert one == pytest.approx(other, abs=2e-3)  # the trim takes a quantile of other rows


def test_the_effect_alone_is_that_of_the_test():
    cells = wave_means(asked(3, effect=(0.4, 0.4)), COLUMNS)
    alone = imputed_effect(cells, of_cells(COLUMNS))
    whole = imputation_effect(cells, of_cells(COLUMNS), WHAT, Draws(seed=1, draws=39)).result
    assert isinstance(whole, Estimate)
    assert alone == pytest.approx(whole.value)


# -- (b) no effect, (c) a planted one, (d) answering that misleads ---------------------------------
@pytest.mark.simulation
def test_without_an_effect_the_interval_leaves_nil_out_about_as_often_as_it_says():
    outside = 0
    for seed in range(60):
        found = answered_like_asked(asked(seed, people=12), COLUMNS, WHAT, seed=seed).result
        outside += not found.conf_low <= 0 <= found.conf_high
    # of 60 intervals of 95 % more than 8 leave the truth out 1 time in 200 (binomial)
    assert outside <= 8


def test_weights_give_the_effect_on_all_where_one_group_answers_less_once_it_started():
    """The programme helps the second group alone, which then answers less: answers alone show too
    little of it."""
    plain, weighed, truth = [], [], 0.4 * 0.5
    for seed in range(8):
        frame = asked(seed, effect=(0.0, 0.5), answers=(0.9, 0.9), later=0.6)
        plain.append(imputed_effect(wave_means(frame, COLUMNS), of_cells(COLUMNS)))
        weighed.append(answered_like_asked(frame, COLUMNS, WHAT, seed=seed).result.value)
    assert np.mean(weighed) == pytest.approx(truth, abs=0.05)
    # fewer of a group with lower scores raise the mean of the answers: 0.5 points by composition
    assert abs(np.mean(plain) - truth) > 2 * abs(np.mean(weighed) - truth)


def test_few_sites_have_no_bootstrap():
    found = answered_like_asked(asked(5, regions=2), COLUMNS, WHAT, seed=1).result
    assert isinstance(found, NotEstimable)
    assert found.reason == "too_few_sites"


def test_a_site_in_two_regions_is_refused():
    frame = asked(6, regions=2)
    frame.loc[0, "region"] = 1
    with pytest.raises(ValueError, match="two blocks"):
        AskedPeople.of(frame, COLUMNS)


def test_the_worst_case_by_hand_and_holds_whatever_the_answers_are():
    """One region, two waves, one site that starts: 2 of 4 answer in each cell, so that each mean
    can lie 2 points higher or lower where the answers are 1 to 5."""
    cells = [("s", 1, 3.0), ("s", 2, 4.0), ("w", 1, 3.0), ("w", 2, 3.0)]
    rows = [
        {"site": site, "wave": float(wave), "score": value if k < 2 else np.nan}
        for site, wave, value in cells
        for k in range(4)
    ]
    frame = pd.DataFrame(rows).assign(region=1, group="a")
    frame = frame.assign(start=frame["site"].map({"s": 2.0, "w": np.nan}))
    frame = frame.assign(started=(frame["wave"] >= frame["start"]) * 1.0)
    found = worst_case(frame, COLUMNS, ends=(1.0, 5.0))
    # all at 5 where started, all at 1 elsewhere: 4.5 - 2 - (2 - 2) and 2.5 - 4 - (4 - 4)
    assert (found.low, found.high) == pytest.approx((-1.5, 2.5))
    told = frame.assign(score=frame["score"].fillna(3.3))
    inside = imputed_effect(wave_means(told, COLUMNS), of_cells(COLUMNS))
    assert found.low <= inside <= found.high


def test_a_bootstrap_draws_as_often_as_it_says():
    assert DRAWS >= 199, "fewer leave the ends of a percentile interval to single draws"
