"""One treated unit against all others: published example, second implementations, a true nil, a
planted effect, and the naive answer that is wrong."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.designs.rollouts.placebo_rank import (
    FEWEST_OTHERS,
    MOST_CHOICES,
    placebo_rank,
    rank_of,
    unit_changes,
)
from analysis.inference.columns import ChangeColumns, Quantity
from analysis.results import Estimate, NotEstimable

WHAT = Quantity("x", "points")
COLUMNS = ChangeColumns(unit="region", period="period", outcome="y")
# Box, Hunter and Hunter, Statistics for Experimenters (1978), section 4.2: tomatoes under two
# fertilisers. Difference 1.69; 154 of the 462 arrangements are at least as large (0.33); its
# standard error with a pooled spread 3.82, and so t = 0.44 with 9 degrees of freedom.
TOMATOES_A = (29.9, 11.4, 25.3, 16.5, 21.1)
TOMATOES_B = (26.6, 23.7, 28.5, 14.2, 17.9, 24.3)


def of(values) -> pd.Series:
    return pd.Series(list(values), index=[f"u{k}" for k in range(len(values))], dtype=float)


def treated(k: int) -> tuple[str, ...]:
    return tuple(f"u{i}" for i in range(k))


def test_the_published_example():
    found = rank_of(of((*TOMATOES_B, *TOMATOES_A)), treated(6), WHAT)
    assert found.result.value == pytest.approx(1.69, abs=0.005)
    assert len(found.placebos) == 462
    assert int((found.placebos >= found.result.value - 1e-9).sum()) == 154
    assert found.result.std_error == pytest.approx(3.82, abs=0.005)
    t = found.result.value / found.result.std_error
    assert (t, found.result.df) == (pytest.approx(0.44, abs=0.005), 9)


@pytest.mark.parametrize("k", [2, 3])
def test_rank_and_interval_equal_second_implementations(k):
    values = np.random.default_rng(k).normal(size=11)
    found = rank_of(of(values), treated(k), WHAT).result
    other = stats.permutation_test(
        (values[:k], values[k:]),
        lambda a, b: abs(a.mean() - b.mean()),
        alternative="greater",
        n_resamples=np.inf,
    )
    assert found.p_value == pytest.approx(other.pvalue)
    interval = stats.ttest_ind(values[:k], values[k:]).confidence_interval()
    assert found.conf_low == pytest.approx(min(interval.low, 0.0))
    assert found.conf_high == pytest.approx(max(interval.high, 0.0))


def test_one_treated_unit_is_the_two_way_regression():
    """Difference in differences by least squares, over means of units and sides."""
    import statsmodels.formula.api as smf

    frame = panel(np.random.default_rng(5), effect=2.0)
    cells = frame.assign(after=(frame["period"] >= 4).astype(int))
    cells = cells.groupby(["region", "after"], as_index=False)["y"].mean()
    cells["on"] = ((cells["region"] == "u0") & (cells["after"] == 1)).astype(int)
    fit = smf.ols("y ~ on + C(region) + C(after)", cells).fit()
    found = rank_of(unit_changes(frame, COLUMNS, 4), ("u0",), WHAT).result
    assert found.value == pytest.approx(fit.params["on"])
    assert found.std_error == pytest.approx(fit.bse["on"])


def panel(rng, *, effect: float, regions: int = 12, drift: float = 3.0) -> pd.DataFrame:
    """Regions at levels of their own over eight periods; all drift upward at the fifth."""
    rows = pd.MultiIndex.from_product(
        [[f"u{k}" for k in range(regions)], range(8), range(10)], names=["region", "period", "row"]
    ).to_frame(index=False)
    level = dict(zip(rows["region"].unique(), rng.normal(50, 8, regions), strict=True))
    shock = dict(zip(rows["region"].unique(), rng.normal(0, 1, regions), strict=True))
    after = rows["period"] >= 4
    rows["y"] = rows["region"].map(level) + rng.normal(0, 3, len(rows))
    rows["y"] += after * (drift + rows["region"].map(shock))
    rows["y"] += effect * (after & (rows["region"] == "u0"))
    return rows


def test_a_true_nil_is_the_largest_of_twelve_once_in_twelve():
    rng = np.random.default_rng(7)
    p = [rank_of(of(rng.normal(size=12)), ("u0",), WHAT).result.p_value for _ in range(3_000)]
    assert np.mean(np.array(p) <= 1 / 12 + 1e-9) == pytest.approx(1 / 12, abs=0.016)
    assert min(p) == pytest.approx(1 / 12)


def test_the_interval_holds_the_planted_effect_as_often_as_it_says():
    rng, held = np.random.default_rng(11), 0
    for _ in range(400):
        found = rank_of(unit_changes(panel(rng, effect=2.0), COLUMNS, 4), ("u0",), WHAT)
        held += found.result.conf_low <= 2.0 <= found.result.conf_high
    assert held / 400 >= 0.93  # widened to hold nil, so never less often than 95 in 100


def test_before_and_after_alone_takes_the_drift_of_all_for_an_effect():
    rng, naive, own = np.random.default_rng(13), [], []
    for _ in range(60):
        changes = unit_changes(panel(rng, effect=0.0), COLUMNS, 4)
        naive.append(changes["u0"])
        own.append(rank_of(changes, ("u0",), WHAT).result.value)
    assert np.mean(naive) > 2.5, "the drift of all regions is 3"
    assert np.mean(own) == pytest.approx(0, abs=0.5)


def test_one_of_twelve_never_rules_out_nil_and_says_so():
    changes = of([40.0, *np.random.default_rng(3).normal(size=11)])
    found = rank_of(changes, ("u0",), WHAT)
    assert found.rank == 1 and found.result.p_value == pytest.approx(1 / 12)
    assert found.result.conf_low <= 0 <= found.result.conf_high
    assert "at least 1 in 12" in found.words
    assert not found.result.reliable, "it sets no class: nor that there is hardly any difference"


def test_three_of_twenty_can_rule_out_nil():
    changes = of([9.0, 10.0, 11.0, *np.random.default_rng(3).normal(size=17)])
    found = rank_of(changes, treated(3), WHAT).result
    assert found.p_value < 0.01 and found.conf_low > 0 and found.reliable


def test_of_very_many_choices_a_part_is_drawn_and_the_own_one_is_among_them():
    values = np.random.default_rng(4).normal(size=30)
    values[:8] += 20
    found = rank_of(of(values), treated(8), WHAT)
    assert len(found.placebos) < MOST_CHOICES and found.rank == 1
    again = rank_of(of(values), treated(8), WHAT)
    assert (found.placebos == again.placebos).all(), "the same on every run"


@pytest.mark.parametrize(
    ("n", "names", "reason"),
    [
        (FEWEST_OTHERS, ("u0",), "too_few_sites"),
        (12, ("u0", "gone"), "incomplete_periods"),
        (12, (), "no_comparison"),
    ],
)
def test_what_cannot_be_worked_out_says_why(n, names, reason):
    found = rank_of(of(range(n)), names, WHAT)
    assert isinstance(found.result, NotEstimable) and found.result.reason == reason
    assert found.words


def test_a_unit_without_one_of_the_sides_is_left_out_and_the_input_is_not_changed():
    frame = panel(np.random.default_rng(1), effect=0.0)
    short = frame[(frame["region"] != "u5") | (frame["period"] < 4)]
    before = short.copy()
    changes = unit_changes(short, COLUMNS, 4)
    assert "u5" not in changes.index and len(changes) == 11
    pd.testing.assert_frame_equal(short, before)
    assert isinstance(rank_of(changes, ("u0",), WHAT).result, Estimate)


def test_what_it_rests_on_is_counted_by_side_and_time_and_event():
    frame = panel(np.random.default_rng(2), effect=0.0)
    frame["y"] = (frame["y"] > frame["y"].median()).astype(float)
    found = placebo_rank(frame, COLUMNS, WHAT, treated=("u0",), start=4).result
    cells = frame.groupby([frame["region"] == "u0", frame["period"] >= 4, "y"]).size()
    assert found.support.smallest_cell == cells.min() and len(cells) == 8
    assert (found.support.n, found.support.n_treated) == (960, 40)
    assert (found.support.clusters_treated, found.support.clusters_comparison) == (1, 11)
    sure = frame[(frame["region"] != "u0") | (frame["y"] == 1)]
    assert (
        placebo_rank(sure, COLUMNS, WHAT, treated=("u0",), start=4).result.support.smallest_cell
        == 0
    )
