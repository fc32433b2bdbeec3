"""Roll-outs within blocks: equal to the published aggregate with one block, right in size, and
where regions drift apart."""

import numpy as np
import pandas as pd
import pytest
from column_calls import with_columns

from analysis.designs.rollouts.block_rollout import (
    block_effect,
    block_panel,
    event_times,
    lead_check,
)
from analysis.designs.rollouts.staggered import average_effect
from analysis.results import Estimate, NotEstimable

NAMES = dict(unit="court", period="month", first_treated="start", block="region", outcome="y")
CALL = NAMES | dict(estimand="average_effect", result_unit="in_every_100", randomised=False, seed=1)


def panel(
    rng, *, effect=0.0, growth=0.0, drift=0.0, regions=6, others=4, months=12, noise=1.0, need=0.0
) -> pd.DataFrame:
    """Regions with one to three pilot courts. drift: slope of a region's courts, steeper where more
    courts start."""
    rows = []
    for r in range(regions):
        starts = [int(s) for s in rng.choice([5, 7, 9], size=1 + r % 3)]
        for c, start in enumerate([*starts, *[None] * others]):
            level = rng.normal() + (need if start else 0.0)
            month = np.arange(1, months + 1)
            y = level + drift * len(starts) * month + noise * rng.normal(size=months)
            if start:
                y = y + (month >= start) * (effect + growth * (month - start))
            rows.append(
                pd.DataFrame(
                    {
                        "court": f"{r}-{c}",
                        "region": r,
                        "month": month,
                        "start": float(start or "nan"),
                        "y": y,
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def test_one_block_is_the_simple_aggregate_of_callaway_and_santanna():
    frame = panel(np.random.default_rng(0), effect=1.0, growth=0.2).assign(region=0)
    theirs = with_columns(
        average_effect,
        frame,
        unit="court",
        period="month",
        first_treated="start",
        outcome="y",
        estimand="average_effect",
        result_unit="in_every_100",
    )
    assert with_columns(block_effect, frame, **CALL, draws=99).result.value == pytest.approx(
        theirs.value, abs=1e-10
    )


def test_mpdta_gives_the_published_estimate():
    moderndid = pytest.importorskip("moderndid")
    data = moderndid.load_mpdta()
    frame = (data if isinstance(data, pd.DataFrame) else data.to_pandas()).assign(region=0)
    frame["first.treat"] = frame["first.treat"].replace(0, np.nan)
    found = with_columns(
        block_effect,
        frame,
        unit="countyreal",
        period="year",
        first_treated="first.treat",
        block="region",
        outcome="lemp",
        estimand="average_effect",
        result_unit="points",
        randomised=False,
        seed=1,
        draws=19,
    )
    assert found.result.value == pytest.approx(
        -0.03995, abs=5e-5
    )  # Callaway and Sant'Anna 2021, simple, never treated


def test_where_regions_drift_apart_the_comparison_over_all_regions_is_wrong_and_this_one_is_not():
    frame = panel(np.random.default_rng(3), effect=0.0, drift=0.8, noise=0.3, regions=9)
    over_all = with_columns(
        average_effect,
        frame,
        unit="court",
        period="month",
        first_treated="start",
        outcome="y",
        estimand="average_effect",
        result_unit="in_every_100",
    )
    assert over_all.conf_low > 0
    found = with_columns(block_effect, frame, **CALL).result
    assert found.conf_low < 0 < found.conf_high


def test_size_under_no_effect_with_drift_and_need():
    rejected = 0
    for seed in range(120):
        frame = panel(
            np.random.default_rng(seed), drift=0.3, need=2.0, regions=5, others=3, months=10
        )
        rejected += (
            with_columns(block_effect, frame, **(CALL | {"seed": seed}), draws=199).result.p_value
            <= 0.05
        )
    assert rejected / 120 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)


def test_a_planted_effect_that_grows_lies_in_the_interval():
    inside = 0
    for seed in range(40):
        frame = panel(np.random.default_rng(seed), effect=1.0, growth=0.1, noise=1.0)
        treated = frame[frame["month"] >= frame["start"]]
        truth = (1.0 + 0.1 * (treated["month"] - treated["start"])).mean()
        found = with_columns(block_effect, frame, **(CALL | {"seed": seed}), draws=199).result
        inside += found.conf_low <= truth <= found.conf_high
    assert inside >= 35


def test_the_interval_and_the_p_value_say_the_same():
    for seed in range(12):
        found = with_columns(
            block_effect, panel(np.random.default_rng(seed), effect=0.5), **CALL, draws=199
        ).result
        assert (found.p_value <= 0.05) == (not found.conf_low <= 0 <= found.conf_high) or min(
            abs(found.conf_low), abs(found.conf_high)
        ) < 0.02


def test_a_started_unit_without_a_comparison_in_its_block_is_left_out_and_counted():
    frame = panel(np.random.default_rng(0))
    lonely = frame[~((frame["region"] == 0) & frame["start"].isna())]
    assert with_columns(block_panel, lonely, **NAMES).left_out == 1
    assert (with_columns(block_effect, lonely, **CALL, draws=99).reasons != "").sum() == 1


def test_refusals():
    frame = panel(np.random.default_rng(0))
    nobody = with_columns(block_effect, frame.assign(start=np.nan), **CALL).result
    assert isinstance(nobody, NotEstimable) and nobody.reason == "no_comparison"
    one = frame[
        frame["start"].isna()
        | (frame["court"] == frame.loc[frame["start"].notna(), "court"].iloc[0])
    ]
    assert with_columns(block_effect, one, **CALL).result.reason == "one_treated_site"
    few = (
        frame[frame["region"] <= 1]
        .groupby("court")
        .filter(lambda f: f["start"].notna().all() or f.name.endswith("-2"))
    )
    assert isinstance(with_columns(block_effect, few, **CALL).result, (NotEstimable, Estimate))


def test_event_times_hold_the_base_and_leads_near_nil():
    found = with_columns(
        event_times,
        panel(np.random.default_rng(1), effect=3.0, drift=0.3),
        **NAMES,
        times=range(-4, 4),
    ).set_index("event_time")
    assert found.loc[-1, "value"] == 0
    assert (
        found.loc[[-4, -3, -2], "value"].abs().max() < 1.5 < found.loc[[0, 1, 2, 3], "value"].min()
    )


def test_a_drift_before_the_start_fails_the_check_and_none_passes():
    rng = np.random.default_rng(5)
    alike = panel(rng, effect=1.0, noise=0.3)
    assert with_columns(lead_check, alike, **NAMES, seed=1).passed
    drifting = alike.assign(y=alike["y"] + alike["start"].notna() * 0.5 * alike["month"])
    assert with_columns(lead_check, drifting, **NAMES, seed=1).passed is False


def test_does_not_change_its_input():
    frame = panel(np.random.default_rng(0))
    before = frame.copy()
    with_columns(block_effect, frame, **CALL, draws=19)
    pd.testing.assert_frame_equal(frame, before)
