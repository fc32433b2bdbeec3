"""Courts chosen because they are bad: what returns by itself is not called an effect, and what is
found is still found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from column_calls import with_columns

from analysis.designs.rollouts.block_rollout import block_effect
from analysis.designs.rollouts.chosen_by_need import (
    MEMORY,
    _kept,
    bases_check,
    expected_return,
    memory_between_periods,
    overlap,
    placebo_check,
    placebo_start,
    return_check,
    same_level_check,
    same_starting_level,
)
from analysis.designs.rollouts.imputation import imputation_effect, weighted_panel
from analysis.designs.rollouts.starting_level import difference, start_rows
from analysis.inference.clusters import CoefficientTest, cr2
from analysis.judgement.claims import claim
from analysis.plans.kinds import designs
from analysis.results import Estimate, NotEstimable
from analysis.synthetic.courts.chosen_by_need import Spells, courts_by_need, spells

COLUMNS = {
    "unit": "court_id",
    "period": "month",
    "first_treated": "start",
    "block": "region",
    "outcome": "custody",
}
WEIGHTED = COLUMNS | {"weight": "weight", "scale": 100.0}
WHAT = ("average_effect", "same_starting_level", "in_every_100")
DIP = Spells(spell_spread=0.03)
LOT = Spells(by="lot")


def planted(seed: int, how: Spells) -> pd.DataFrame:
    return courts_by_need(np.random.default_rng([20261301, seed]), how)


def rows_of(frame: pd.DataFrame):
    return start_rows(with_columns(weighted_panel, frame, **WEIGHTED).only_used())


def main_of(frame: pd.DataFrame, need: int = 3):
    return with_columns(
        imputation_effect, frame, **WEIGHTED, what=WHAT, seed=1, draws=199, need=need
    ).result


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(*WHAT, value, low, high)


# -- the arithmetic --------------------------------------------------------------------------------
def test_a_difference_of_rows_that_count_alike_is_the_cr2_of_the_other_module():
    rows = rows_of(planted(1, LOT).assign(weight=1.0))
    rows = replace(rows, weight=np.ones(len(rows.weight)))
    outcome, level = rows.mean(rows.start, 36), rows.mean(rows.start - 3, rows.start)
    ours = difference(rows, outcome, level)
    columns = np.column_stack([rows.started.astype(float), level])
    theirs = cr2(outcome, columns, target=0, effect=rows.cell, clusters=rows.unit)
    assert (ours.value, ours.std_error, ours.df) == pytest.approx(
        (theirs.value, theirs.std_error, theirs.df), rel=1e-9
    )


def test_weighted_differences_are_those_of_weighted_least_squares_with_dummies():
    import statsmodels.api as sm

    rows = rows_of(planted(2, LOT))
    outcome, level = rows.mean(rows.start, 36), rows.mean(0, rows.start)
    dummies = (rows.cell[:, None] == np.unique(rows.cell)).astype(float)
    table = np.column_stack([rows.started.astype(float), level, dummies])
    theirs = sm.WLS(outcome, table, weights=rows.weight).fit().params[0]
    assert difference(rows, outcome, level).value == pytest.approx(theirs, rel=1e-9)


def test_what_a_fading_spell_gives_is_worked_out_from_its_memory():
    """Levels that are a spell of known memory and nothing else: the return is the change that there
    is, to the digit."""
    months, start, memory, need = 30, 15, 0.9, 3
    frame = planted(3, Spells(starts=(start,), months=months))
    seen = start - 1 - np.arange(need)
    distance = np.abs(frame["month"].to_numpy()[:, None] - seen)
    spell = 0.05 * (memory**distance).mean(axis=1) * frame["start"].notna()
    frame = frame.assign(custody=0.2 + spell + 1e-7 * frame["custody"])
    main = estimate(-1.0, -2.0, -0.5)
    rows = rows_of(frame)
    change = difference(rows, rows.mean(rows.start, months) - rows.mean(0, rows.start - need)).value
    found = expected_return(rows, need=need, main=main)
    assert -_kept(rows, need, memory) * found.spell.value == pytest.approx(change, rel=1e-3)
    assert found.most <= change + 1e-3 < 0


@pytest.mark.parametrize("memory", [0.5, 0.8])
def test_the_memory_of_spells_is_found(memory):
    how = Spells(memory=memory, spell_spread=0.06, courts=12)
    found = [
        memory_between_periods(with_columns(weighted_panel, planted(10 + k, how), **WEIGHTED))
        for k in range(5)
    ]
    assert set(found) <= set(MEMORY)
    assert np.mean(found) == pytest.approx(memory, abs=0.12)


def test_planted_spells_keep_their_spread_and_fade():
    how = Spells(memory=0.8, spell_spread=0.03)
    found = spells(np.random.default_rng(4), how, 4000)
    assert found.std(axis=0) == pytest.approx(np.full(how.months, 0.03), rel=0.06)
    assert np.corrcoef(found[:, 5], found[:, 9])[0, 1] == pytest.approx(0.8**4, abs=0.05)


# -- each check can fail, and does not pass without the power to -----------------------------------
def test_a_made_up_start_passes_only_where_it_could_have_failed():
    exact = CoefficientTest(0.1, 0.5, 20.0)
    assert placebo_check(exact, matters=2.0).passed is True
    assert placebo_check(replace(exact, std_error=1.5), matters=2.0).passed is False
    assert placebo_check(replace(exact, value=3.0), matters=2.0).passed is False
    assert placebo_check(replace(exact, df=3.0), matters=2.0).passed is None
    assert placebo_check(None, matters=2.0).passed is None


def test_a_change_before_the_start_is_seen_at_a_made_up_start_and_one_after_it_is_not():
    frame = planted(5, LOT)
    late = frame["month"] >= frame["start"] - 8
    before = frame.assign(custody=frame["custody"] - 0.06 * late)
    after = frame.assign(custody=frame["custody"] - 0.06 * (frame["month"] >= frame["start"]))
    whole, first, second = (placebo_start(rows_of(f), year=12) for f in (frame, before, after))
    assert first.value < -3 and first.p_value < 0.01
    assert second.value == pytest.approx(whole.value)


def test_no_made_up_start_where_no_month_is_left_before_one():
    early = planted(6, Spells(months=24, starts=(2, 3, 4), looked_at=1))
    assert placebo_check(placebo_start(rows_of(early), year=12), matters=2.0).passed is None


@pytest.mark.parametrize(
    ("main", "same", "passed"),
    [
        ((-3, -5, -1), (-2, -3, -1), True),
        (
            (-3, -5, -1),
            (-2, -5, 1),
            False,
        ),  # it could be no difference: the claim would rest on the other alone
        ((-3, -5, -1), (2, 1, 3), False),
        ((-1, -3, 1), (-1, -4, 2), True),  # nothing was told from nil
    ],
)
def test_the_same_level_passes_where_it_tells_the_same(main, same, passed):
    assert same_level_check(estimate(*main), estimate(*same)).passed is passed


def test_courts_beyond_every_other_have_nobody_at_their_level():
    frame = planted(7, LOT)
    far = frame.assign(custody=frame["custody"] + 0.5 * frame["start"].notna())
    found = same_starting_level(rows_of(far), need=3, what=WHAT)
    assert isinstance(found, NotEstimable) and found.reason == "no_such_level"
    assert same_level_check(estimate(-3, -4, -2), found).passed is None
    rows = rows_of(frame)
    assert overlap(rows, rows.mean(rows.start - 3, rows.start)) > 0.8


def test_a_return_that_could_be_all_of_the_effect_fails():
    rows = rows_of(planted(8, replace(DIP, months=24, starts=(7, 10, 13, 16))))
    small, large = estimate(-0.2, -0.3, -0.1), estimate(-40.0, -41.0, -39.0)
    checks = [
        return_check(main, expected_return(rows, need=3, main=main)) for main in (small, large)
    ]
    assert [check.passed for check in checks] == [False, True]
    assert return_check(small, None).passed is None
    refused = NotEstimable(*WHAT, "too_few_sites")
    assert (
        expected_return(rows, need=3, main=refused) is None
        and return_check(refused, None).passed is None
    )


def test_bases_that_disagree_fail_and_so_does_a_page_that_shows_the_other_side():
    dip = rows_of(planted(9, replace(DIP, memory=0.9, spell_spread=0.06)))
    lot = rows_of(planted(9, replace(LOT, effect=-0.06)))
    main = estimate(-5.0, -7.0, -3.0)
    assert bases_check(main, dip, (1, 6), {}).passed is False
    assert bases_check(main, lot, (1, 6), {}).passed is True
    assert (
        bases_check(main, lot, (1, 6), {"base_one_month": estimate(1.0, -3.0, 5.0)}).passed is False
    )
    assert (
        bases_check(main, lot, (1, 6), {"base_one_month": NotEstimable(*WHAT, "unbounded")}).passed
        is None
    )


def test_only_all_checks_passed_make_a_claim_likely():
    ground = designs()["staggered_sites"].ground("by_need")
    whole = dict.fromkeys(ground.checks, True)

    def claimed(ran):
        return claim(ground, ran.values(), assumption_named=True, estimand="average_effect")

    assert claimed(whole) == "likely"
    for name in whole:
        assert claimed(whole | {name: False}) == claimed(whole | {name: None}) == "linked"


# -- the trap, and what is true --------------------------------------------------------------------
@pytest.mark.simulation
def test_without_an_effect_the_naive_base_finds_one_and_the_months_of_need_left_out_do_not():
    """(b) and (d): in 30 roll-outs nothing is planted; docs/rollouts.md has 200 of each kind."""
    naive = main = same = 0
    for seed in range(30):
        frame = planted(100 + seed, DIP)
        call = COLUMNS | {
            "estimand": "e",
            "result_unit": "in_every_100",
            "randomised": False,
            "seed": 1,
        }
        naive += (
            with_columns(
                block_effect, frame, **call, base=3, draws=199, scale=100.0
            ).result.conf_high
            < 0
        )
        main += main_of(frame).conf_high < 0
        found = same_starting_level(rows_of(frame), need=3, what=WHAT)
        same += isinstance(found, Estimate) and found.conf_high < 0
    assert naive >= 20
    assert main <= 5 and same <= 3


def test_a_planted_effect_is_found_by_both_where_courts_were_drawn_by_lot():
    """(c)"""
    for seed in range(5):
        frame = planted(200 + seed, replace(LOT, effect=-0.04))
        same = same_starting_level(rows_of(frame), need=3, what=WHAT)
        for found in (main_of(frame), same):
            assert found.conf_low <= -4 <= found.conf_high < 0 or abs(found.value + 4) < 1.5
