"""What people whose group is not recorded could do to a ratio: a second implementation, bounds that
hold the truth, and a nation in which imputation is wrong."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from analysis.disparity.missing_groups import (
    Asked,
    Side,
    WithUnrecorded,
    imputed_ratio,
    pooled,
    ratio_bounds,
    tipping_point,
)
from analysis.results import Estimate, NotEstimable

ASKED = Asked("Black", "White", "not known", "share")
TRUTH = 1.5  # ratio of the event, Black beside White
CASES = 40_000


def people(seed: int, *, hidden: str, n: int = CASES) -> pd.DataFrame:
    """One row a person: group, age (older people have the event less often and declare more often),
    event, and whether the group is recorded. hidden: at random given age and event ("mar"), or for
    one group with the event ("mnar")."""
    rng = np.random.default_rng(seed)
    black = rng.random(n) < 0.2
    old = rng.random(n) < np.where(black, 0.4, 0.6)
    event = rng.random(n) < np.where(old, 0.10, 0.20) * np.where(black, TRUTH, 1.0)
    if hidden == "mar":
        gone = rng.random(n) < 0.05 + 0.25 * event + 0.10 * ~old
    else:
        gone = rng.random(n) < 0.05 + 0.40 * (event & black)
    group = np.where(black, "Black", "White")
    frame = {"age": np.where(old, "old", "young"), "event": event, "group": group, "gone": gone}
    return pd.DataFrame(frame)


def cells(rows: pd.DataFrame, *, recorded: bool = True) -> pd.DataFrame:
    group = np.where(rows["gone"], "not known", rows["group"]) if recorded else rows["group"]
    by = rows.assign(group=group).groupby(["age", "group"])["event"]
    table = by.agg(persons="size", events="sum").reset_index()
    return table.assign(persons_with_event=table["events"], base=table["persons"])


def crude(rows: pd.DataFrame) -> float:
    share = rows.groupby("group")["event"].mean()
    return float(share["Black"] / share["White"])


def counts(rows: pd.DataFrame) -> WithUnrecorded:
    known, gone = rows[~rows["gone"]], rows[rows["gone"]]
    sides = [Side(p["event"].sum(), len(p)) for _, p in known.groupby("group")]
    return WithUnrecorded(*sides, Side(0, 0), Side(gone["event"].sum(), len(gone)))


def test_imputation_finds_the_ratio_of_everybody_where_groups_are_missing_at_random():
    rows = people(1, hidden="mar")
    found = imputed_ratio(cells(rows), ["age"], ASKED, seed=1)
    assert isinstance(found, Estimate)
    recorded, truth = crude(rows[~rows["gone"]]), crude(rows)
    assert abs(math.log(found.value / truth)) < abs(math.log(recorded / truth))
    assert found.conf_low <= truth <= found.conf_high


def likeliest(table: pd.DataFrame) -> float:
    """Log ratio by maximum likelihood where groups are missing at random given age and event: each
    unrecorded person counts in parts, as the recorded ones of the same age and outcome (what the EM
    algorithm of Dempster, Laird and Rubin 1977 ends at for a saturated model)."""
    t = table.assign(without=table["persons"] - table["events"])
    wide = t.pivot_table(index="age", columns="group", values=["events", "without"], aggfunc="sum")
    filled = {}
    for name in ("events", "without"):
        own = wide[name][["Black", "White"]]
        gone = wide[name].get("not known", pd.Series(0, index=own.index))
        filled[name] = (own.mul(1 + gone / own.sum(axis=1), axis=0)).sum()
    rate = filled["events"] / (filled["events"] + filled["without"])
    return math.log(rate["Black"] / rate["White"])


def test_it_agrees_with_maximum_likelihood_and_its_bootstrap():
    """A second implementation that draws nothing, and errors of it from samples drawn again."""
    rows = people(2, hidden="mar", n=8_000)
    own = imputed_ratio(cells(rows), ["age"], ASKED, seed=2)
    assert isinstance(own, Estimate)
    own_error = (math.log(own.conf_high) - math.log(own.conf_low)) / (2 * 1.96)
    assert math.log(own.value) == pytest.approx(likeliest(cells(rows)), abs=0.2 * own_error)
    drawn = [likeliest(cells(again)) for again in _drawn_again(rows, np.random.default_rng(2))]
    assert own_error == pytest.approx(float(np.std(drawn, ddof=1)), rel=0.25)


def _drawn_again(rows: pd.DataFrame, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Samples of as many people, drawn with replacement."""
    kinds = rows.value_counts(["age", "event", "group", "gone"])
    named = kinds.index.to_frame(index=False)
    for sizes in rng.multinomial(len(rows), kinds / len(rows), 60):
        yield named.loc[named.index.repeat(sizes)]


def test_rubins_rules_by_hand():
    """Rubin 1987, chapter 3: T = W + (1 + 1/m) B, degrees of freedom (m - 1) (1 + W / ((1 + 1/m)
    B))²."""
    value, error, df = pooled(np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.5, 0.5]))
    assert value == 2.0
    assert error == pytest.approx(math.sqrt(0.5 + 4 / 3))
    assert df == pytest.approx(2 * (1 + 0.5 / (4 / 3)) ** 2)


def test_where_groups_go_unrecorded_because_of_the_event_imputation_is_wrong_and_bounds_hold():
    rows = people(3, hidden="mnar")
    truth, recorded = crude(rows), crude(rows[~rows["gone"]])
    found, bounds = imputed_ratio(cells(rows), ["age"], ASKED, seed=3), ratio_bounds(counts(rows))
    assert isinstance(found, Estimate) and bounds is not None
    assert recorded < 0.75 * truth
    assert found.conf_high < truth  # the interval of imputation does not hold the truth
    assert bounds.low <= truth <= bounds.high


def test_bounds_are_those_of_the_worst_of_all_ways_to_fill_in():
    """Every way to give five unrecorded people a group, by hand."""
    one = WithUnrecorded(Side(6, 20), Side(10, 50), Side(3, 10), Side(2, 5))
    found = ratio_bounds(one)
    every = [
        ((6 + a) / (20 + a + c)) / ((10 + b) / (50 + b + d))
        for a in range(3)
        for b in range(3 - a)
        for c in range(4)
        for d in range(4 - c)
    ]
    assert (found.low, found.high) == (pytest.approx(min(every)), pytest.approx(max(every)))


def test_bounds_of_events_over_time_hold_every_way_to_fill_in():
    one = WithUnrecorded(Side(30, 100.0), Side(40, 200.0), Side(0, 0), Side(10, 50.0), carried=0.0)
    found = ratio_bounds(one)
    rng = np.random.default_rng(4)
    for _ in range(500):
        a, t = rng.integers(0, 11), rng.uniform(0, 50)
        ratio = ((30 + a) / (100 + t)) / ((40 + 10 - a) / (200 + 50 - t))
        assert found.low <= ratio <= found.high


def test_no_bound_without_an_event_in_the_reference_group():
    assert ratio_bounds(WithUnrecorded(Side(3, 9), Side(0, 9), Side(0, 0), Side(1, 2))) is None


def test_nothing_unrecorded_leaves_the_ratio_as_it_is():
    rows = people(5, hidden="mar", n=5_000).assign(gone=False)
    found, bounds = imputed_ratio(cells(rows), ["age"], ASKED, seed=5), ratio_bounds(counts(rows))
    assert found.value == pytest.approx(crude(rows))
    assert bounds.low == bounds.high == pytest.approx(crude(rows))
    assert tipping_point(counts(rows), lambda one, other: "same") is None


def test_a_side_that_nobody_stands_in_is_not_worked_out():
    rows = people(6, hidden="mar", n=500)
    found = imputed_ratio(cells(rows[rows["group"] == "White"]), ["age"], ASKED, seed=6)
    assert isinstance(found, NotEstimable)


def outside(one: Side, other: Side) -> str:
    ratio = (one.events / one.base) / (other.events / other.base)
    return "outside" if ratio > 1.25 else "inside"


def test_the_tipping_point_is_where_the_verdict_changes_and_not_before():
    one = WithUnrecorded(Side(100, 1000), Side(400, 4000), Side(0, 0), Side(100, 500))
    found = tipping_point(one, outside)
    assert (found.verdict, found.becomes) == ("inside", "outside")
    assert found.like_recorded == pytest.approx(0.2)

    # by hand: with the share s, (100 + 100 s) / (1000 + 100 s + 80), as 900 of 4500 without the
    # event are of the group
    def ratio(s: float) -> float:
        group = (100 + 100 * s) / (1000 + 100 * s + 80)
        return group / ((400 + 100 * (1 - s)) / (4000 + 100 * (1 - s) + 320))

    assert ratio(found.at) > 1.25 >= ratio(found.at - 0.01)


def test_a_verdict_that_nothing_changes_has_no_tipping_point():
    one = WithUnrecorded(Side(500, 1000), Side(400, 4000), Side(0, 0), Side(10, 50))
    assert tipping_point(one, outside).at is None


@pytest.mark.simulation
def test_intervals_of_imputation_hold_the_truth_as_often_as_they_say():
    """Missing at random: of 300 intervals, 95 in 100 hold the ratio of the people who were drawn
    from (crude, age included)."""
    truth = _crude_truth()
    held = 0
    for seed in range(300):
        rows = people(1000 + seed, hidden="mar", n=4_000)
        found = imputed_ratio(cells(rows), ["age"], ASKED, seed=seed)
        held += found.conf_low <= truth <= found.conf_high
    assert 0.915 <= held / 300 <= 0.98, held


def _crude_truth() -> float:
    """The ratio without allowing for age, as planted."""
    black, white = (s * 0.10 + (1 - s) * 0.20 for s in (0.4, 0.6))
    return TRUTH * black / white
