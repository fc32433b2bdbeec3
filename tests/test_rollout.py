"""Staggered roll-outs: against plain loops over cohorts and periods, planted effects, and what is
refused.

Outside this suite the code was held against the application of Roth and Sant'Anna (2023), the
procedural-justice training of the Chicago police (7,785 officers, 72 months, data of the R package
staggered 1.2.3), and gave every digit of its README; complaints, simple: -0.001126981, se
0.002115194, Neyman 0.002119248. The data are not part of this project, so no test here rests on
them.
"""

import time
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from column_calls import with_columns

from analysis.designs.rollouts.rollout import staggered_rollout
from analysis.results import Estimate, NotEstimable

CLOSE = 1e-9  # the same sums in another order
RUNS = 400  # simulated roll-outs: three Monte Carlo standard errors at 5 % are .033
SLACK = 3 * np.sqrt(0.05 * 0.95 / RUNS)
SECONDS = 5  # half a million unit-periods
COLUMNS = {
    "assigned": "site",
    "period": "month",
    "start": "start",
    "outcomes": ["y"],
    "unit": "points",
}
EVERY = {"estimands": ("simple", "cohort", "calendar", "event"), "event_times": (0, 1, 2)}


def rollout(seed, *, sites=60, months=8, starts=(3, 5, 6, np.inf), persistence=0.5, effect=None):
    """Start dates drawn by lot; outcomes follow an autoregression around a site level;
    effect(start, month) on top."""
    random = np.random.default_rng(seed)
    start = random.permutation(np.resize(np.array(starts, dtype=float), sites))
    noise = random.normal(size=(sites, months))
    for t in range(1, months):
        noise[:, t] += persistence * noise[:, t - 1]
    y = noise + 0.1 * np.arange(months)
    if effect:
        y = y + np.array(
            [[effect(s, m) if m >= s else 0.0 for m in range(1, months + 1)] for s in start]
        )
    site, month = np.repeat(np.arange(sites), months), np.tile(np.arange(1, months + 1), sites)
    return pd.DataFrame({"site": site, "month": month, "start": start[site], "y": y.ravel()})


def one(frame, **arguments):
    return with_columns(staggered_rollout, frame, **COLUMNS | arguments).effects[0]


def plain_effect(frame, estimand, event_time, last, beta_one):
    """Group-time effects as printed in the papers, then their average; no matrix, no weight shared
    with the code."""
    y = frame.pivot(index="site", columns="month", values="y")
    start = frame.groupby("site")["start"].first()
    final = start.max()
    found = []
    for g in sorted(set(start[start < final])):
        for t in y.columns:
            if not g <= t < final or (estimand == "event" and t - g != event_time):
                continue
            others = start[start == final].index if last else start[start > t].index
            own = start[start == g].index
            value = y.loc[own, t].mean() - y.loc[others, t].mean()
            if beta_one:
                value -= y.loc[own, g - 1].mean() - y.loc[others, g - 1].mean()
            found.append((g, t, len(own), value))
    table = pd.DataFrame(found, columns=["g", "t", "n", "value"])
    if estimand == "cohort":
        by = table.groupby("g").agg(n=("n", "first"), value=("value", "mean"))
        return np.average(by["value"], weights=by["n"])
    if estimand == "calendar":
        return np.mean(
            [np.average(part["value"], weights=part["n"]) for _, part in table.groupby("t")]
        )
    return np.average(table["value"], weights=table["n"])


@pytest.mark.parametrize("comparison", ["not_yet_treated", "last_treated"])
@pytest.mark.parametrize("beta", [0, 1])
def test_fixed_beta_is_the_difference_in_means_callaway_santanna_or_sun_abraham(beta, comparison):
    """beta 1: Callaway and Sant'Anna's ATT(g, t) against not-yet-treated units, or Sun and
    Abraham's against the last."""
    frame = rollout(3, sites=61, effect=lambda s, m: 1 + 0.3 * (m - s))
    found = with_columns(
        staggered_rollout, frame, beta=beta, comparison=comparison, **COLUMNS, **EVERY
    )
    assert len(found.effects) == 6
    for e in found.effects:
        expected = plain_effect(
            frame, e.estimand, e.event_time, comparison == "last_treated", beta == 1
        )
        assert e.result.value == pytest.approx(expected, abs=CLOSE), (e.estimand, e.event_time)
        assert (
            e.result.value
            == pytest.approx(e.result.group_estimated - e.result.comparison_estimated)
            or beta == 1
        )


def test_sun_abraham_is_the_saturated_regression_on_the_last_cohort():
    frame = rollout(4, starts=(3, 5, 7))
    kept = frame[frame["month"] < 7]
    columns = {
        (g, m): ((kept["start"] == g) & (kept["month"] == m)).astype(float)
        for g in (3, 5)
        for m in range(1, 7)
        if m != g - 1
    }
    dummies = pd.get_dummies(kept[["site", "month"]].astype(str), drop_first=True, dtype=float)
    fit = sm.OLS(
        kept["y"], sm.add_constant(pd.concat([pd.DataFrame(columns), dummies], axis=1).to_numpy())
    ).fit()
    effects = dict(zip(columns, fit.params[1 : 1 + len(columns)], strict=True))
    expected = np.mean([effects[3, 3], effects[5, 5]])  # 20 sites each
    result = one(
        frame, beta=1, comparison="last_treated", estimands=("event",), event_times=(0,)
    ).result
    assert result.value == pytest.approx(expected, abs=CLOSE)


def test_beta_and_both_errors_are_those_of_the_formulas_on_full_covariance_matrices():
    """theta = sum A_g Ybar_g, X = sum B_g Ybar_g, cohorts 3, 5 and never; ATE(3,3..4), (3|5, 5..8)
    written by hand."""
    frame = rollout(5, starts=(3, 5, np.inf), sites=59)
    y = frame.pivot(index="site", columns="month", values="y").to_numpy()
    start = frame.groupby("site")["start"].first().to_numpy()
    paths = [y[start == g] for g in (3, 5, np.inf)]
    n = [len(p) for p in paths]
    a, b = np.zeros((3, 8)), np.zeros((3, 8))
    total = 6 * n[0] + 4 * n[1]
    for g, first in ((0, 3), (1, 5)):
        for t in range(first, 9):
            others = [h for h, s in enumerate((3, 5, 99)) if s > t]
            for matrix, when in ((a, t), (b, first - 1)):
                matrix[g, when - 1] += n[g] / total
                for h in others:
                    matrix[h, when - 1] -= n[g] / total * n[h] / sum(n[o] for o in others)
    s = [np.cov(p.T) for p in paths]
    cross = sum(b[g] @ s[g] @ a[g] / n[g] for g in range(3))
    beta = cross / sum(b[g] @ s[g] @ b[g] / n[g] for g in range(3))
    contrast = a - beta * b
    neyman = sum(contrast[g] @ s[g] @ contrast[g] / n[g] for g in range(3))
    slopes = sum(np.linalg.solve(s[g][:2, :2], s[g][:2] @ a[g]) for g in range(3))
    adjusted = neyman - slopes @ np.mean([m[:2, :2] for m in s], axis=0) @ slopes / sum(n)
    e = one(frame)
    assert (e.beta, e.se_neyman, e.se_adjusted) == pytest.approx(
        (beta, neyman**0.5, adjusted**0.5), rel=CLOSE
    )
    assert e.result.value == pytest.approx(
        sum(contrast[g] @ paths[g].mean(axis=0) for g in range(3)), abs=CLOSE
    )
    assert e.result.std_error == e.se_neyman
    assert one(frame, standard_error="adjusted").result.std_error == e.se_adjusted < e.se_neyman


@pytest.mark.simulation
def test_without_an_effect_both_tests_reject_in_five_percent():
    neyman = fisher = 0
    for seed in range(RUNS):
        e = one(rollout(seed), draws=99, seed=seed)
        neyman += abs(e.result.value) > 1.96 * e.se_neyman
        fisher += e.p_fisher <= 0.05
        assert e.result.p_value == e.p_fisher
    assert abs(fisher / RUNS - 0.05) < SLACK
    assert (
        0.05 - SLACK < neyman / RUNS < 0.05 + SLACK + 0.015
    )  # 15 sites a cohort: a normal interval is a bit narrow


@pytest.mark.simulation
def test_finds_a_planted_effect_with_less_spread_than_difference_in_differences():
    """Little persistence: the month before the start says little, and taking all of it away (beta
    1) adds noise."""
    values, full, held = [], [], 0
    for seed in range(RUNS):
        frame = rollout(seed, persistence=0.2, effect=lambda s, m: 2.0)
        e = one(frame)
        values.append(e.result.value)
        full.append(one(frame, beta=1).result.value)
        held += e.result.conf_low <= 2.0 <= e.result.conf_high
    assert abs(np.mean(values) - 2.0) < 3 * np.std(values) / np.sqrt(RUNS)
    assert np.var(values) < 0.6 * np.var(full)
    assert 0.91 <= held / RUNS <= 0.98


def test_finds_the_average_of_growing_effects_where_two_way_fixed_effects_does_not():
    """Effects grow by 1 a month: two-way fixed effects takes treated units as comparison and falls
    far short."""
    frame = rollout(7, sites=600, starts=(2, 4, 6, 8), effect=lambda s, m: 1.0 + (m - s))
    cells = [(s, m) for s in (2, 4, 6) for m in range(s, 8)]
    truth = np.mean([1.0 + (m - s) for s, m in cells])  # cohorts of 150 sites
    found = one(frame).result
    assert found.value == pytest.approx(truth, abs=4 * found.std_error)
    wide = frame.assign(d=(frame["month"] >= frame["start"]).astype(float))[
        ["site", "month", "d", "y"]
    ]
    for column in ("d", "y"):
        wide[column] -= wide.groupby("site")[column].transform("mean") + wide.groupby("month")[
            column
        ].transform("mean")
    centred = wide[["d", "y"]] - wide[["d", "y"]].mean()
    naive = (centred["d"] * centred["y"]).sum() / (centred["d"] ** 2).sum()
    assert naive < truth - 1.0


def test_fisher_p_value_is_that_of_a_plain_loop_over_shuffled_start_dates():
    frame = rollout(8, sites=8, starts=(3, 5), effect=lambda s, m: 1.0)
    e = one(frame, draws=999)
    reached = []
    for early in combinations(range(8), 4):
        shuffled = one(frame.assign(start=np.where(frame["site"].isin(early), 3.0, 5.0)))
        reached.append(abs(shuffled.result.value) / shuffled.se_neyman)
    own = abs(e.result.value) / e.se_neyman
    assert e.p_fisher == pytest.approx(np.mean(np.array(reached) >= own * (1 - CLOSE)))
    assert e.result.reason == "p-value from orders of start, every assignment"  # no number of sites
    assert (
        one(frame, draws=None).p_fisher == e.p_fisher
    )  # all are compared, so that none need be drawn


def test_never_is_missing_infinite_or_after_the_last_month():
    frame = rollout(9)
    never = np.isinf(frame["start"])
    whole = [
        one(frame.assign(start=frame["start"].mask(never, value))).result.value
        for value in (np.nan, np.inf, 99)
    ]
    assert whole[0] == whole[1] == whole[2]
    nullable = frame.assign(start=frame["start"].mask(never).astype("Int64"))
    assert one(nullable).result.value == whole[0]
    dates = pd.Series(pd.date_range("2024-01-01", periods=8, freq="MS"), index=range(1, 9))
    dated = frame.assign(month=frame["month"].map(dates), start=frame["start"].map(dates))
    assert one(dated).result.value == whole[0]


def test_units_alone_in_their_cohort_or_treated_from_the_beginning_are_counted():
    frame = rollout(10)
    frame.loc[frame["site"] == 0, "start"] = 7.0
    frame.loc[frame["site"].isin([1, 2]), "start"] = 1.0
    frame.loc[frame["site"] == 3, "start"] = 0.0
    with pytest.raises(ValueError, match="'start' holds 0 or -1"):  # never, as other tools write it
        with_columns(staggered_rollout, frame, beta=None, **COLUMNS)
    frame[["month", "start"]] += 10  # now the month before the panel
    efficient, did = (
        with_columns(staggered_rollout, frame, beta=beta, **COLUMNS) for beta in (None, 1)
    )
    assert (
        efficient.units,
        efficient.units_used,
        efficient.units_alone,
        efficient.units_started_before,
    ) == (
        60,
        58,
        1,
        1,
    )
    assert (did.units, did.units_used, did.units_alone, did.units_started_before) == (60, 56, 1, 3)
    kept = frame[~frame["site"].isin([0, 1, 2, 3])]
    assert did.effects[0].result.value == pytest.approx(one(kept, beta=1).result.value, abs=CLOSE)


FAULTS = [
    ("not balanced", lambda f: f.drop(index=5)),
    ("two rows in one period", lambda f: pd.concat([f, f.iloc[:1]])),
    ("outcome 'y' is missing", lambda f: f.assign(y=f["y"].mask(f.index == 3))),
    ("changes within a unit", lambda f: f.assign(start=f["start"].mask(f.index == 0, 2.0))),
    ("between two periods", lambda f: f.assign(start=f["start"] + 0.5)),
    ("not evenly spaced", lambda f: f[f["month"] != 4]),
    ("no column 'start'", lambda f: f.drop(columns="start")),
]


@pytest.mark.parametrize(("fault", "change"), FAULTS)
def test_names_the_fault_of_a_panel(fault, change):
    with pytest.raises(ValueError, match=fault):
        one(change(rollout(11)))


REFUSALS = [
    ("no_comparison", lambda f: f.assign(start=4.0), {}),
    ("no_comparison", lambda f: f[f["site"] < 4].assign(start=f["site"] + 2.0), {}),
    ("no_comparison", lambda f: f, {"estimands": ("event",), "event_times": (7,)}),
    ("constant_outcome", lambda f: f.assign(y=1.0), {}),
    ("collinear", lambda f: f, {"estimands": ("event",), "event_times": (-1,)}),
]


@pytest.mark.parametrize(("reason", "change", "arguments"), REFUSALS)
def test_gives_a_reason_where_there_is_no_estimate(reason, change, arguments):
    result = one(change(rollout(12)), **arguments).result
    assert isinstance(result, NotEstimable)
    assert result.reason == reason


def test_order_of_rows_does_not_matter_and_the_input_stays_as_it_is():
    frame = rollout(13)
    before = frame.copy()
    first = one(frame, draws=49, seed=2)
    again = one(frame.sample(frac=1, random_state=1), draws=0)
    assert (again.result.value, again.se_neyman) == pytest.approx(
        (first.result.value, first.se_neyman)
    )
    assert one(frame, draws=49, seed=2) == first
    pd.testing.assert_frame_equal(frame, before)


def test_half_a_million_unit_periods_take_seconds():
    frame = rollout(14, sites=10_000, months=50, starts=(*range(10, 40, 3), np.inf))
    began = time.perf_counter()
    found = with_columns(staggered_rollout, frame, **COLUMNS, **EVERY)
    assert time.perf_counter() - began < SECONDS
    assert all(isinstance(e.result, Estimate) for e in found.effects)
    assert found.effects[0].result.support.n == 500_000
