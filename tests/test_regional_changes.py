"""The change of few units beside that of all others: published example, second implementations, a
true nil, a planted effect, and the naive answer that is wrong."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.designs.regions.changes import (
    FEWEST_OTHERS,
    change_beside_others,
    compared,
    unit_changes,
)
from analysis.inference.columns import ChangeColumns, Quantity
from analysis.results import Estimate, NotEstimable, Ranked

WHAT = Quantity("x", "points")
COLUMNS = ChangeColumns(unit="region", period="period", outcome="y")
# Box, Hunter and Hunter, Statistics for Experimenters (1978), section 4.2: tomatoes under two
# fertilisers. Difference 1.69; 154 of the 462 arrangements are at least as large (0.33).
TOMATOES_A = (29.9, 11.4, 25.3, 16.5, 21.1)
TOMATOES_B = (26.6, 23.7, 28.5, 14.2, 17.9, 24.3)


def of(values) -> pd.Series:
    return pd.Series(list(values), index=[f"u{k}" for k in range(len(values))], dtype=float)


def treated(k: int) -> tuple[str, ...]:
    return tuple(f"u{i}" for i in range(k))


def test_the_published_example():
    """One-sided in the book; two-sided here, studentised, so that only the difference is the
    same."""
    found = compared(of((*TOMATOES_B, *TOMATOES_A)), treated(6), WHAT)
    assert found.result.value == pytest.approx(1.69, abs=0.005)
    assert found.found.assignments == 462 and found.found.studentised
    assert found.result.conf_low < 0 < found.result.conf_high


def test_two_units_are_ranked_by_their_difference_as_a_second_implementation_does():
    values = np.random.default_rng(2).normal(size=11)
    found = compared(of(values), treated(2), WHAT)
    other = stats.permutation_test(
        (values[:2], values[2:]),
        lambda a, b: abs(a.mean() - b.mean()),
        alternative="greater",
        n_resamples=np.inf,
    )
    assert not found.found.studentised
    assert found.result.p_value == pytest.approx(other.pvalue)


def test_three_units_are_ranked_by_the_t_statistic():
    values = np.random.default_rng(3).normal(size=11)
    found = compared(of(values), treated(3), WHAT)
    other = stats.permutation_test(
        (values[:3], values[3:]),
        lambda a, b: abs(stats.ttest_ind(a, b, equal_var=False).statistic),
        alternative="greater",
        n_resamples=np.inf,
    )
    assert found.found.studentised
    assert found.result.p_value == pytest.approx(other.pvalue)


def test_one_treated_unit_is_the_two_way_regression_and_has_a_rank_alone():
    """Difference in differences by least squares, over means of units and sides."""
    import statsmodels.formula.api as smf

    frame = panel(np.random.default_rng(5), effect=2.0)
    cells = frame.assign(after=(frame["period"] >= 4).astype(int))
    cells = cells.groupby(["region", "after"], as_index=False)["y"].mean()
    cells["on"] = ((cells["region"] == "u0") & (cells["after"] == 1)).astype(int)
    fit = smf.ols("y ~ on + C(region) + C(after)", cells).fit()
    found = compared(unit_changes(frame, COLUMNS, 4), ("u0",), WHAT).result
    assert isinstance(found, Ranked) and found.places == 12
    assert found.value == pytest.approx(fit.params["on"])
    assert found.reason == "floor 0.083"


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
    rows["y"] += effect * (after & rows["region"].isin(treated(3)))
    return rows


def test_a_true_nil_takes_the_first_rank_once_in_twelve():
    rng = np.random.default_rng(7)
    ranks = [compared(of(rng.normal(size=12)), ("u0",), WHAT).result.rank for _ in range(1_500)]
    assert np.mean(np.array(ranks) == 1) == pytest.approx(1 / 12, abs=0.022)


@pytest.mark.parametrize("k", [2, 3])
def test_a_true_nil_of_few_units_is_rejected_as_often_as_the_test_says(k):
    rng = np.random.default_rng(k)
    found = [compared(of(rng.normal(size=12)), treated(k), WHAT) for _ in range(400)]
    size = found[0].found.attainable_size
    p = np.array([one.result.p_value for one in found])
    assert size <= 0.05 and np.mean(p <= 0.05) == pytest.approx(size, abs=0.033)


def test_the_interval_holds_the_planted_effect_as_often_as_it_says():
    rng, held = np.random.default_rng(11), 0
    for _ in range(200):
        changes = unit_changes(panel(rng, effect=2.0), COLUMNS, 4)
        found = compared(changes, treated(3), WHAT).result
        held += found.conf_low <= 2.0 <= found.conf_high
    assert held / 200 >= 0.91


def test_before_and_after_alone_takes_the_drift_of_all_for_an_effect():
    rng, naive, own = np.random.default_rng(13), [], []
    for _ in range(60):
        changes = unit_changes(panel(rng, effect=0.0), COLUMNS, 4)
        naive.append(changes["u0"])
        own.append(compared(changes, ("u0",), WHAT).result.value)
    assert np.mean(naive) > 2.5, "the drift of all regions is 3"
    assert np.mean(own) == pytest.approx(0, abs=0.5)


def test_one_of_twelve_never_has_a_p_value_however_far_it_lies():
    changes = of([40.0, *np.random.default_rng(3).normal(size=11)])
    found = compared(changes, ("u0",), WHAT)
    assert isinstance(found.result, Ranked) and found.result.rank == 1
    assert "no p-value" in found.words


def test_three_of_twenty_can_rule_out_nil_and_say_what_such_a_test_can_show():
    changes = of([9.0, 10.0, 11.0, *np.random.default_rng(3).normal(size=17)])
    found = compared(changes, treated(3), WHAT)
    assert found.result.p_value < 0.01 and found.result.conf_low > 0
    assert "1,140" in found.words and "of 100 cases" in found.words


def test_the_same_on_every_run():
    values = np.random.default_rng(4).normal(size=30)
    again = [compared(of(values), treated(8), WHAT).result for _ in range(2)]
    assert again[0] == again[1]


@pytest.mark.parametrize(
    ("n", "names", "reason"),
    [
        (FEWEST_OTHERS, ("u0",), "too_few_sites"),
        (12, ("u0", "gone"), "incomplete_periods"),
        (12, (), "no_comparison"),
    ],
)
def test_what_cannot_be_worked_out_says_why(n, names, reason):
    found = compared(of(range(n)), names, WHAT)
    assert isinstance(found.result, NotEstimable) and found.result.reason == reason
    assert found.words


def test_equal_changes_are_a_constant_outcome():
    found = compared(of([1.0] * 12), treated(3), WHAT).result
    assert isinstance(found, NotEstimable) and found.reason == "constant_outcome"


def test_a_unit_without_one_of_the_sides_is_left_out_and_the_input_is_not_changed():
    frame = panel(np.random.default_rng(1), effect=0.0)
    short = frame[(frame["region"] != "u5") | (frame["period"] < 4)]
    before = short.copy()
    changes = unit_changes(short, COLUMNS, 4)
    assert "u5" not in changes.index and len(changes) == 11
    pd.testing.assert_frame_equal(short, before)
    assert isinstance(compared(changes, treated(3), WHAT).result, Estimate)


def test_what_it_rests_on_is_counted_by_side_and_time_and_event():
    frame = panel(np.random.default_rng(2), effect=0.0)
    frame["y"] = (frame["y"] > frame["y"].median()).astype(float)
    found = change_beside_others(frame, COLUMNS, WHAT, treated=("u0",), start=4).result
    cells = frame.groupby([frame["region"] == "u0", frame["period"] >= 4, "y"]).size()
    assert found.support.smallest_cell == cells.min() and len(cells) == 8
    assert (found.support.n, found.support.n_treated) == (960, 40)
    assert (found.support.clusters_treated, found.support.clusters_comparison) == (1, 11)
    sure = frame[(frame["region"] != "u0") | (frame["y"] == 1)]
    bare = change_beside_others(sure, COLUMNS, WHAT, treated=("u0",), start=4).result
    assert bare.support.smallest_cell == 0
