"""Roll-outs in steps: against published numbers, a plain loop, a library, and what a null or
planted effect must give."""

import itertools
import re
import time
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from column_calls import with_columns

from analysis.designs.rollouts import parallel_trends, staggered
from analysis.designs.rollouts.group_time import (
    NEVER,
    GroupTime,
    att,
    averaged,
    clustered_error,
    group_time,
    panel_of,
    refusal,
)
from analysis.designs.rollouts.parallel_trends import (
    breakdown,
    pre_trend_check,
    relative_magnitudes,
)
from analysis.designs.rollouts.staggered import (
    average_effect,
    group_time_effects,
    second_opinion,
    triple_difference,
    two_way_fixed_effects,
)
from analysis.designs.rollouts.start_dates import permute_start_dates
from analysis.inference.columns import PanelColumns
from analysis.results import LEVELS, NOT_ESTIMABLE_REASONS, Estimate, NotEstimable

PUBLISHED = 5e-5  # the reference is printed to four or five decimals
EXACT = 1e-10  # the same arithmetic in another order
RUNS = 200
COLUMNS = {"unit": "site", "period": "month", "first_treated": "start", "outcome": "y"}
NAMES = {"estimand": "att", "result_unit": "points"}


def library_breakdown(
    frame: pd.DataFrame,
    columns: PanelColumns,
    *,
    comparison: str = "never_treated",
) -> float | None:
    """diff-diff's breakdown M-bar (times; None: above 10, or fewer than two leads), for comparison
    with `parallel_trends`.

    The library adds the error of the estimate to bounds that take the worst violation before the
    start as known; the interval of Rambachan and Roth (2023) is not in version 3.13. So it serves
    as a check, not as the answer.
    """
    import diff_diff

    panel = panel_of(frame, replace(columns, scale=1.0))
    if refusal(panel, comparison) or panel.first[panel.first != NEVER].max() < 2:
        return None
    table = staggered._library_frame(panel, frame, columns, [])
    fit = staggered._callaway_santanna(table, comparison, [], base="universal")
    return staggered._quietly(
        lambda: diff_diff.HonestDiD(method="relative_magnitude").breakdown_value(
            fit.aggregate("event_study")
        )
    )


def within(rate, expected, runs=RUNS):
    """Three Monte Carlo standard errors."""
    return abs(rate - expected) <= 3 * np.sqrt(expected * (1 - expected) / runs)


def roll_out(
    seed, *, starts=(5, 7, 9), each=8, never=16, months=12, effect=0.0, growth=0.0, noise=1.0
):
    """Sites with their own level, a common trend and errors that last; effect + growth x months
    since the start."""
    rng = np.random.default_rng(seed)
    start = np.r_[np.repeat(np.array(starts, dtype=float), each), np.full(never, np.nan)]
    n, month = len(start), np.arange(1, months + 1)
    errors = rng.normal(size=(n, months))
    for t in range(1, months):
        errors[:, t] += 0.5 * errors[:, t - 1]
    since = month - start[:, None]
    gain = np.where(since >= 0, effect + growth * since, 0.0)
    y = rng.normal(size=n)[:, None] + 0.1 * month + gain + noise * errors
    columns = {
        "site": np.repeat(np.arange(n), months),
        "month": np.tile(month, n),
        "start": np.repeat(start, months),
    }
    return pd.DataFrame({**columns, "y": y.ravel()})


@pytest.mark.oracle
def test_published_numbers_of_the_minimum_wage_data():
    """Callaway and Sant'Anna 2021, never-treated, no covariates; METHODS section 2."""
    moderndid = pytest.importorskip(
        "moderndid", reason="moderndid holds the data: install the oracles"
    )
    data = moderndid.load_mpdta()
    data = data.to_pandas() if hasattr(data, "to_pandas") else data
    data = data.assign(start=data["first.treat"].where(data["first.treat"] > 0))
    columns = {
        "unit": "countyreal",
        "period": "year",
        "first_treated": "start",
        "outcome": "lemp",
        **NAMES,
    }
    simple = with_columns(average_effect, data, **columns)
    assert (simple.value, simple.std_error) == pytest.approx((-0.03995, 0.01203), abs=PUBLISHED)
    assert with_columns(average_effect, data, aggregate="group", **columns).value == pytest.approx(
        -0.0310, abs=PUBLISHED
    )
    assert with_columns(average_effect, data, aggregate="event", **columns).value == pytest.approx(
        -0.0772, abs=PUBLISHED
    )
    lags = [
        with_columns(average_effect, data, aggregate="event", event_time=e, **columns).value
        for e in range(4)
    ]
    assert lags == pytest.approx([-0.0199, -0.0510, -0.1373, -0.1008], abs=PUBLISHED)


@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
def test_each_cell_is_a_difference_of_two_differences(comparison):
    frame = roll_out(1, effect=0.5)
    y = frame.set_index(["site", "month"])["y"]
    start = frame.groupby("site")["start"].first()

    def change(sites, t, base):
        return np.mean([y[site, t] - y[site, base] for site in sites])

    for row in (
        with_columns(group_time_effects, frame, **COLUMNS, comparison=comparison)
        .to_frame()
        .itertuples()
    ):
        base = row.group - 1 if row.time >= row.group else row.time - 1
        own = [s for s in start.index if start[s] == row.group]
        if comparison == "never_treated":
            others = [s for s in start.index if np.isnan(start[s])]
        else:
            others = [
                s
                for s in start.index
                if not start[s] <= max(row.time, base) and start[s] != row.group
            ]
        assert row.att == pytest.approx(
            change(own, row.time, base) - change(others, row.time, base), abs=EXACT
        )
        assert (row.treated_units, row.comparison_units) == (len(own), len(others))


@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
def test_values_and_errors_are_those_of_the_library(comparison):
    import diff_diff

    frame = roll_out(2, effect=0.5, growth=0.1)
    model = diff_diff.CallawaySantAnna(
        control_group=comparison, estimation_method="reg", base_period="universal"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = model.fit(frame.fillna({"start": 0}), "y", "site", "month", "start")
        study = theirs.aggregate("event_study")
    ours = with_columns(average_effect, frame, **COLUMNS, **NAMES, comparison=comparison)
    assert (ours.value, ours.std_error) == pytest.approx(
        (theirs.overall_att, theirs.overall_se), abs=EXACT
    )
    for when, value, error in zip(study.event_time, study.att, study.se, strict=True):
        if when != -1:
            lag = with_columns(
                average_effect,
                frame,
                **COLUMNS,
                **NAMES,
                comparison=comparison,
                aggregate="event",
                event_time=int(when),
            )
            assert (lag.value, lag.std_error) == pytest.approx((value, error), abs=EXACT)


def test_aggregates_weigh_cells_as_their_names_say():
    frame = roll_out(3, effect=0.5, growth=0.2, starts=(5, 9), each=6)
    cells = with_columns(group_time_effects, frame, **COLUMNS).to_frame().query("event_time >= 0")
    weighted = lambda part: np.average(part["att"], weights=part["treated_units"])  # noqa: E731
    by_group = cells.groupby("group").agg(
        att=("att", "mean"), treated_units=("treated_units", "first")
    )
    expected = {
        "simple": weighted(cells),
        "group": weighted(by_group),
        "calendar": np.mean([weighted(part) for _, part in cells.groupby("time")]),
        "event": np.mean([weighted(part) for _, part in cells.groupby("event_time")]),
    }
    for aggregate, value in expected.items():
        assert with_columns(
            average_effect, frame, **COLUMNS, **NAMES, aggregate=aggregate
        ).value == pytest.approx(value, abs=EXACT)
        panel = with_columns(panel_of, frame, **COLUMNS)
        assert att(panel.outcome, panel.first, aggregate=aggregate) == pytest.approx(
            value, abs=EXACT
        )


def test_a_null_effect_is_found_in_five_of_a_hundred_and_a_planted_one_is_covered():
    held, null, values = 0, 0, []
    for seed in np.random.SeedSequence(20261201).spawn(RUNS):
        found = with_columns(
            average_effect, roll_out(seed, effect=0.4, growth=0.0), **COLUMNS, **NAMES
        )
        values.append(found.value)
        held += found.conf_low <= 0.4 <= found.conf_high
        null += (
            abs(found.value - 0.4) > found.conf_high - found.value
        )  # the same data without the effect
    assert abs(np.mean(values) - 0.4) < 3 * np.std(values) / np.sqrt(RUNS)
    assert within(held / RUNS, 0.95)
    assert within(null / RUNS, 0.05)


def test_two_way_fixed_effects_turn_the_sign_where_effects_grow():
    """Everyone is treated in the end: the early serve as comparison for the late (Goodman-Bacon
    2021)."""
    right = []
    for seed in np.random.SeedSequence(20261202).spawn(30):
        frame = roll_out(seed, starts=(3, 8), never=0, months=20, growth=0.5, noise=0.3)
        found = with_columns(
            average_effect, frame, **COLUMNS, **NAMES, comparison="not_yet_treated"
        )
        naive = with_columns(two_way_fixed_effects, frame, **COLUMNS, **NAMES)
        right.append(found.value)
        assert naive.value < 0  # though every effect lies above 0
        assert not naive.reliable
    # what can be compared: the early sites while the late ones wait, 0 to 4 months since the start
    assert abs(np.mean(right) - 0.5 * 2) < 3 * np.std(right) / np.sqrt(30)


def test_two_way_fixed_effects_are_the_panel_regression():
    from linearmodels.panel import PanelOLS

    frame = roll_out(4, effect=0.5)
    indexed = frame.assign(on=(frame["month"] >= frame["start"]).astype(float)).set_index(
        ["site", "month"]
    )
    fit = PanelOLS(indexed["y"], indexed[["on"]], entity_effects=True, time_effects=True)
    theirs = fit.fit(
        cov_type="clustered",
        cluster_entity=True,
        debiased=False,
        auto_df=False,
        count_effects=False,
    )
    ours = with_columns(two_way_fixed_effects, frame, **COLUMNS, **NAMES)
    assert (ours.value, ours.std_error) == pytest.approx(
        (theirs.params["on"], theirs.std_errors["on"]), abs=EXACT
    )


@pytest.mark.parametrize("method", ["imputation", "sun_abraham"])
def test_second_opinions_find_the_same_planted_effect(method):
    values = [
        (
            with_columns(
                second_opinion,
                roll_out(seed, effect=0.5, growth=0.1),
                method=method,
                **COLUMNS,
                **NAMES,
            )
        ).value
        for seed in np.random.SeedSequence(20261203).spawn(16)
    ]
    truth = np.mean([0.5 + 0.1 * lag for start in (5, 7, 9) for lag in range(13 - start)])
    assert abs(np.mean(values) - truth) < 3 * np.std(values) / 4


def test_covariates_take_out_trends_that_go_with_them():
    values = {True: [], False: []}
    for seed in np.random.SeedSequence(20261204).spawn(16):
        frame = roll_out(seed, effect=0.5, noise=0.3)
        rng = np.random.default_rng(seed)
        size = (
            rng.normal(size=frame["site"].nunique())
            + frame.groupby("site")["start"].first().notna().to_numpy() * 0.7
        )
        frame["size"] = size[frame["site"]]
        frame["y"] += 0.2 * frame["size"] * frame["month"]
        for adjusted in values:
            found = with_columns(
                average_effect, frame, **COLUMNS, **NAMES, covariates=["size"] if adjusted else []
            )
            values[adjusted].append(found.value)
    assert abs(np.mean(values[True]) - 0.5) < 3 * np.std(values[True]) / 4
    assert np.mean(values[False]) > 0.8


def gap_data(seed, *, effect=(0.6, 0.2), shared=1.0, missing=0):
    """Two ethnic groups in each site; site shocks hit both."""
    both = roll_out(seed, noise=shared)
    on = both["month"] >= both["start"]
    rng = np.random.default_rng(
        np.random.SeedSequence([1, *seed.spawn_key]) if hasattr(seed, "spawn_key") else seed
    )
    parts = [
        both.assign(ethnicity=name, y=both["y"] + size * on + 0.4 * rng.normal(size=len(both)))
        for name, size in zip(("a", "b"), effect, strict=True)
    ]
    return pd.concat([parts[0], parts[1][parts[1]["site"] >= missing]], ignore_index=True)


GAP = {"groups": ("a", "b"), "group": "ethnicity", **COLUMNS, **NAMES}


def test_gap_between_groups_is_the_effect_on_the_gap_where_all_sites_have_both():
    frame = gap_data(5)
    wide = frame.pivot(index=["site", "month"], columns="ethnicity", values="y").reset_index()
    gaps = wide.merge(frame[["site", "month", "start"]].drop_duplicates()).assign(
        y=lambda d: d["a"] - d["b"]
    )
    ours, one = (
        with_columns(triple_difference, frame, **GAP),
        with_columns(average_effect, gaps, **COLUMNS, **NAMES),
    )
    assert (ours.value, ours.std_error) == pytest.approx((one.value, one.std_error), abs=EXACT)
    effects = [
        with_columns(average_effect, frame[frame["ethnicity"] == name], **COLUMNS, **NAMES).value
        for name in "ab"
    ]
    assert effects[0] - effects[1] == pytest.approx(ours.value)
    assert [getattr(ours, name) for name in LEVELS] == [None] * 4


def test_joint_errors_of_the_gap_cover_and_added_variances_are_far_too_wide():
    held, joint, added, values = 0, [], [], []
    for seed in np.random.SeedSequence(20261205).spawn(64):
        frame = gap_data(seed, missing=2)  # two treated sites have no one of group b
        found = with_columns(triple_difference, frame, **GAP)
        held += found.conf_low <= 0.4 <= found.conf_high
        values.append(found.value)
        joint.append(found.std_error)
        one = [
            with_columns(
                average_effect, frame[frame["ethnicity"] == g], **COLUMNS, **NAMES
            ).std_error
            for g in "ab"
        ]
        added.append(np.hypot(*one))
    assert abs(np.mean(values) - 0.4) < 3 * np.std(values) / 8
    assert within(held / 64, 0.95, 64)
    assert np.mean(joint) == pytest.approx(
        np.std(values), rel=0.27
    )  # three standard errors of a spread of 64 runs
    assert np.mean(added) > 1.5 * np.std(values)


def test_leads_reject_five_of_a_hundred_true_parallel_trends_and_see_a_broken_one():
    passed = seen = 0
    for seed in np.random.SeedSequence(20261206).spawn(100):
        frame = roll_out(seed)
        passed += pre_trend_check(with_columns(group_time_effects, frame, **COLUMNS)).passed
        drifting = frame.assign(y=frame["y"] + 0.5 * frame["month"] * frame["start"].notna())
        seen += not pre_trend_check(with_columns(group_time_effects, drifting, **COLUMNS)).passed
    assert within(passed / 100, 0.95, 100)
    assert seen / 100 > 0.9


def test_leads_are_not_tested_where_there_are_none():
    assert (
        pre_trend_check(
            with_columns(group_time_effects, roll_out(6, starts=(2,), each=10), **COLUMNS)
        ).passed
        is None
    )
    assert (
        breakdown(
            with_columns(group_time_effects, roll_out(6, starts=(2,), each=10), **COLUMNS)
        ).passed
        is None
    )


def test_bounds_of_relative_magnitudes_are_those_of_the_library():
    import diff_diff

    frame = roll_out(7, effect=2.0)
    effects = with_columns(group_time_effects, frame, **COLUMNS)
    model = diff_diff.CallawaySantAnna(
        estimation_method="reg", base_period="universal", cluster="site"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = model.fit(frame.fillna({"start": 0}), "y", "site", "month", "start").aggregate(
            "event_study"
        )
        theirs = diff_diff.HonestDiD(method="relative_magnitude").fit(study, M=0.5)
    ours = relative_magnitudes(effects, 0.5)
    assert (ours.low, ours.high) == pytest.approx(
        (theirs.lb, theirs.ub), abs=1e-6
    )  # theirs is a linear programme
    assert (
        ours.conf_low <= theirs.ci_lb + 0.02
    )  # ours lets the violation before the start be uncertain
    assert breakdown(effects).value <= with_columns(library_breakdown, frame, **COLUMNS) + 0.05


def test_relative_magnitudes_cover_the_effect_when_the_trend_goes_on_after_the_start():
    """A drift before the start that goes on unchanged lies at m = 1 exactly; the plain interval
    never holds the truth."""
    held = plain = 0
    for seed in np.random.SeedSequence(20261207).spawn(60):
        frame = roll_out(seed, effect=0.5, noise=0.5)
        frame["y"] += 0.4 * frame["month"] * frame["start"].notna()
        effects = with_columns(group_time_effects, frame, **COLUMNS)
        bounds, usual = relative_magnitudes(effects, 1.0), relative_magnitudes(effects, 0.0)
        held += bounds.conf_low <= 0.5 <= bounds.conf_high
        plain += usual.conf_low <= 0.5 <= usual.conf_high
    assert held / 60 >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 60)
    assert plain <= 3


# Benzarti and Carloni (2019) as in the R package HonestDiD 0.2.8 (`BCdata_EventStudy`): four
# periods before, four after.
BC_BEFORE = np.array(
    [0.006696351803839207, 0.02934503369033337, -0.006472972221672535, 0.0730149894952774]
)
BC_AFTER = np.array(
    [0.1959611177444458, 0.3120639026165009, 0.2395415455102921, 0.1260425001382828]
)
BC_COVARIANCE = 1e-4 * np.array(
    [
        [
            8.428358123637736,
            4.768686776516096,
            2.618051075842232,
            2.35422034165822,
            1.676371466601267,
            1.128707663156092,
            0.1992816214624327,
            -1.368265366181731,
        ],
        [
            4.768686776516096,
            6.425420287996531,
            3.98742500692606,
            2.4355151981581,
            2.201960305683315,
            1.804591156542301,
            0.3843765080091543,
            -0.2960421988973394,
        ],
        [
            2.618051075842232,
            3.98742500692606,
            5.22994960192591,
            2.117686090059578,
            1.840722252381966,
            1.458527840441093,
            0.7005197403486818,
            0.5952994979452342,
        ],
        [
            2.35422034165822,
            2.4355151981581,
            2.117686090059578,
            3.089595411438495,
            1.197866076836362,
            1.334081316599622,
            1.01633500889875,
            1.079051726264879,
        ],
        [
            1.676371466601267,
            2.201960305683315,
            1.840722252381966,
            1.197866076836362,
            3.599704359658062,
            2.478818641975522,
            1.749579241732135,
            1.654256921028718,
        ],
        [
            1.128707663156092,
            1.804591156542301,
            1.458527840441093,
            1.334081316599622,
            2.478818641975522,
            4.263949813321233,
            2.171437809010968,
            2.892747870646417,
        ],
        [
            0.1992816214624327,
            0.3843765080091543,
            0.7005197403486818,
            1.01633500889875,
            1.749579241732135,
            2.171437809010968,
            4.886697861365974,
            3.805322048719972,
        ],
        [
            -1.368265366181731,
            -0.2960421988973394,
            0.5952994979452342,
            1.079051726264879,
            1.654256921028718,
            2.892747870646417,
            3.805322048719972,
            7.61739443987608,
        ],
    ]
)


@pytest.mark.parametrize(
    ("m", "identified", "conditional"),
    [
        (0.0, None, (0.1837990234, 0.2530055096)),
        (0.5, (0.1190423144, 0.3177622186), (0.0677543981, 0.3691913894)),
        (1.0, (0.0196823622, 0.4171221708), (-0.0696861795, 0.5066319669)),
    ],
)
def test_relative_magnitudes_beside_the_published_package(m, identified, conditional):
    """HonestDiD 0.2.8 on these numbers, mean of the four periods since the start: the identified
    set is the same; its conditional interval (C-LF) is narrower by at most a tenth, since ours lets
    any change be the largest.
    """
    normal = 1.959963984540054
    found = parallel_trends._bounds(
        *parallel_trends._turned(BC_BEFORE, BC_AFTER, BC_COVARIANCE), normal, m
    )
    if identified:
        assert (found.low, found.high) == pytest.approx(identified, abs=1e-8)
        wider = (found.conf_high - found.conf_low) / (conditional[1] - conditional[0])
        assert 1 <= wider <= 1.1
    else:
        assert (found.conf_low, found.conf_high) == pytest.approx(conditional, abs=1e-6)


def test_the_interval_stands_beside_the_breakdown_and_holds_the_effect_without_one():
    """Nothing planted, and trends that wander alike before and after: the interval at 1 holds
    nil."""
    held = 0
    for seed in np.random.SeedSequence(20261209).spawn(40):
        effects = with_columns(group_time_effects, roll_out(seed, effect=0.0, noise=0.5), **COLUMNS)
        bounds = relative_magnitudes(effects, 1.0)
        held += bounds.conf_low <= 0 <= bounds.conf_high
    assert held >= 38
    text = breakdown(effects, unit="in every 100").text
    ends = [
        float(x.replace("\N{MINUS SIGN}", "-"))
        for x in re.search(r"from (\S+) to (\S+) in every 100", text).groups()
    ]
    assert ends == pytest.approx([bounds.conf_low, bounds.conf_high], rel=0.01)


def test_breakdown_is_where_the_interval_first_holds_nil():
    effects = with_columns(group_time_effects, roll_out(8, effect=3.0, noise=0.3), **COLUMNS)
    m = breakdown(effects).value
    assert 0 < m < 10
    assert (
        relative_magnitudes(effects, m - 0.01).conf_low
        > 0
        > relative_magnitudes(effects, m + 0.01).conf_low
    )


PERMUTED = {**COLUMNS, **NAMES, "randomised": True}


@pytest.mark.parametrize(("each", "never", "kind"), [(1, 10, "difference"), (2, 8, "studentised")])
def test_permuted_start_dates_keep_their_size_with_few_sites_and_the_clustered_t_does_not(
    each, never, kind
):
    permuted = clustered = 0
    runs = 120
    for run, seed in enumerate(np.random.SeedSequence(20261208).spawn(runs)):
        frame = roll_out(seed, starts=(5, 8), each=each, never=never, months=10)
        test = with_columns(permute_start_dates, frame, **PERMUTED, seed=run, draws=99)
        assert test.statistic == kind
        permuted += isinstance(test.result, Estimate) and test.result.p_value <= 0.05
        panel = with_columns(panel_of, frame, **COLUMNS)
        value, influence = averaged(group_time(panel), "simple")
        clustered += abs(value) > 1.96 * clustered_error(influence, panel.clusters)
    assert permuted / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert clustered / runs > 0.10


def test_interval_of_permuted_start_dates_covers_a_planted_effect():
    held = total = 0
    for run, seed in enumerate(np.random.SeedSequence(20261209).spawn(100)):
        frame = roll_out(seed, starts=(5, 8), each=4, never=8, months=10, effect=0.7)
        result = with_columns(permute_start_dates, frame, **PERMUTED, seed=run, draws=99).result
        total += isinstance(result, Estimate)
        held += isinstance(result, Estimate) and result.conf_low <= 0.7 <= result.conf_high
    assert total == 100
    assert within(held / total, 0.95, total)


def test_interval_inverts_the_test():
    frame = roll_out(10, starts=(5, 8), each=4, never=8, months=10, effect=0.7)
    result = with_columns(permute_start_dates, frame, **PERMUTED, seed=1, draws=4_999).result
    on = frame["month"] >= frame["start"]
    for limit, step in ((result.conf_low, -1), (result.conf_high, 1)):
        p = [
            with_columns(
                permute_start_dates,
                frame.assign(y=frame["y"] - tau * on),
                **PERMUTED,
                seed=1,
                draws=4_999,
            ).result.p_value
            for tau in (limit - step * 0.02, limit + step * 0.02)
        ]
        assert (
            p[0] > 0.05 >= p[1] - 0.005
        )  # the grid of the search may miss a p-value that rises again by a draw or two


def test_every_assignment_is_compared_where_they_are_few():
    frame = roll_out(11, starts=(5,), each=3, never=6, months=8, effect=1.0)
    test = with_columns(permute_start_dates, frame, **PERMUTED, seed=1)
    panel = with_columns(panel_of, frame, **COLUMNS)
    squares = []
    for treated in itertools.combinations(range(9), 3):
        first = np.full(9, NEVER)
        first[list(treated)] = 4
        effects = group_time(
            type(panel)(panel.outcome, first, panel.units, panel.clusters, panel.periods, 0, 0)
        )
        post = effects.time >= effects.group
        squares.append(
            effects.att[post].mean() ** 2 / (effects.influence[:, post].mean(axis=1) ** 2).sum()
        )
    expected = np.mean(np.array(squares) >= squares[0] - 1e-9)
    assert (test.exact, test.assignments, test.draws) == (True, 84, 84)
    assert test.result.p_value == pytest.approx(expected)
    assert test.floor == pytest.approx(1 / 84)


def test_blocks_limit_the_assignments_and_a_placebo_test_says_so():
    frame = roll_out(12, starts=(5,), each=6, never=6, months=8)
    frame["region"] = np.where(frame["site"] % 2 == 0, "north", "south")
    test = with_columns(
        permute_start_dates, frame, **PERMUTED | {"randomised": False}, seed=1, block="region"
    )
    assert test.assignments == 20 * 20  # three of six in either region
    assert "exchangeable" in test.result.reason
    assert test.result.method == "placebo_permutation"


def test_a_test_that_cannot_reject_is_not_run():
    test = with_columns(
        permute_start_dates,
        roll_out(13, starts=(5,), each=2, never=3, months=8),
        **PERMUTED,
        seed=1,
    )
    assert (test.result.reason, test.floor) == ("too_few_assignments", pytest.approx(0.1))


def test_ten_thousand_draws_of_sixty_sites_and_two_years_take_seconds():
    frame = roll_out(14, starts=(8, 12, 16, 20), each=10, never=20, months=24)
    begun = time.process_time()
    test = with_columns(
        permute_start_dates, frame, **PERMUTED, seed=1, comparison="not_yet_treated"
    )
    assert time.process_time() - begun < 10  # about 0.1 s where nothing else runs
    assert test.draws == 9_999


def _sites(frame, wanted):
    return frame[frame["site"].isin(wanted)]


REFUSALS = [
    ("no_comparison", lambda f: f[f["start"].notna()]),
    ("no_comparison", lambda f: f[f["start"].isna()]),
    ("treated_from_start", lambda f: f.assign(start=1.0)),
    ("one_treated_site", lambda f: _sites(f, [0, *range(24, 40)])),
    ("too_few_sites", lambda f: _sites(f, range(25))),
    ("constant_outcome", lambda f: f.assign(y=3.0)),
    ("incomplete_periods", lambda f: f[(f["month"] + f["site"]) % 5 > 0]),
]


@pytest.mark.parametrize(("reason", "change"), REFUSALS)
def test_refuses_in_words_what_cannot_be_compared(reason, change):
    frame = change(roll_out(15))
    found = [
        with_columns(average_effect, frame, **COLUMNS, **NAMES),
        with_columns(second_opinion, frame, method="sun_abraham", **COLUMNS, **NAMES),
        with_columns(permute_start_dates, frame, **PERMUTED, seed=1).result,
        with_columns(group_time_effects, frame, **COLUMNS),
    ]
    for result in found:
        assert isinstance(result, NotEstimable)
        assert result.reason == reason
    assert NOT_ESTIMABLE_REASONS[reason] in found[0].summary()


def test_refuses_one_cluster_of_many_sites():
    frame = roll_out(15).assign(
        area=lambda f: np.where(f["start"].notna(), "a", f["site"].astype(str))
    )
    assert (
        with_columns(average_effect, frame, **COLUMNS, **NAMES, cluster="area").reason
        == "one_treated_site"
    )


def test_refuses_a_time_that_no_site_reached_and_flags_few_sites():
    frame = roll_out(16, each=2)
    assert (
        with_columns(
            average_effect, frame, **COLUMNS, **NAMES, aggregate="event", event_time=30
        ).reason
        == "not_followed"
    )
    assert not with_columns(average_effect, frame, **COLUMNS, **NAMES).reliable


def test_sites_left_out_are_counted_and_the_input_stays_as_it_is():
    frame = roll_out(17)
    frame.loc[frame["site"] == 30, "y"] = np.nan
    frame.loc[frame["site"] == 3, "start"] = 1.0
    before = frame.copy()
    panel = with_columns(panel_of, frame, **COLUMNS)
    assert len(panel.units) + panel.left_out + panel.already_treated == frame["site"].nunique()
    assert (panel.left_out, panel.already_treated) == (1, 1)
    for result in (
        with_columns(average_effect, frame, **COLUMNS, **NAMES),
        with_columns(permute_start_dates, frame, **PERMUTED, seed=1).result,
    ):
        assert result.support.persons == 38
    pd.testing.assert_frame_equal(frame, before)


def test_a_start_after_the_last_month_counts_as_never_and_dates_work_as_numbers():
    frame = roll_out(18, effect=0.5)
    usual = with_columns(average_effect, frame, **COLUMNS, **NAMES).value
    late = frame.assign(start=frame["start"].fillna(99.0))
    assert with_columns(average_effect, late, **COLUMNS, **NAMES).value == pytest.approx(usual)
    first = pd.Timestamp("2024-12-01")
    months = {m: first + pd.DateOffset(months=m) for m in range(1, 13)}
    dated = frame.assign(month=frame["month"].map(months), start=frame["start"].map(months))
    assert with_columns(average_effect, dated, **COLUMNS, **NAMES).value == pytest.approx(usual)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: pd.concat([f, f.head(1)]), "two rows"),
        (lambda f: f.assign(start=f["start"] + (f["month"] > 6)), "changes within"),
    ],
)
def test_says_what_is_wrong_with_the_panel(change, words):
    with pytest.raises(ValueError, match=words):
        with_columns(panel_of, change(roll_out(19)), **COLUMNS)


def test_importing_the_module_does_not_import_the_library():
    import subprocess
    import sys

    code = "import sys, analysis.designs.rollouts.staggered; print('diff_diff' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()
        == "False"
    )
    assert GroupTime.__dataclass_params__.frozen
