"""Nothing that a permutation test decides hangs on its seed: the rule of draws, its size, and plain
loops beside it."""

from types import SimpleNamespace

import numpy as np
import pytest
from column_calls import with_columns
from test_block_rollout import CALL, NAMES, panel

from analysis.designs.rollouts import block_rollout, start_dates
from analysis.designs.rollouts.group_time import group_time, panel_of, weights_of
from analysis.inference.assignments import BlockSums, drawing
from analysis.inference.sequential import (
    ALPHA,
    ERRORS,
    FIRST,
    MOST,
    Asked,
    Drawn,
    benjamini_hochberg_lines,
    draw_until_decided,
    holm_lines,
    monte_carlo_error,
)
from analysis.inference.unit_permutation import unit_permutation
from analysis.plans.registry import load_plan, parse_source
from analysis.studies.trial.levels import permuted_difference
from analysis.study.opening import open_exact

CLOSE = 1e-9


# -- the rule --------------------------------------------------------------------------------------
def drawn_for(p: float, seed: int, lines=(ALPHA,)) -> tuple[Drawn, float]:
    """The rule where each draw is as extreme with probability p: a stand-in for a test, without its
    cost."""
    random, state = np.random.default_rng(seed), SimpleNamespace(reached=1, compared=1)

    def more(n: int) -> list[float]:
        state.reached += random.binomial(n, p)
        state.compared += n
        return [state.reached / state.compared] * len(lines)

    return draw_until_decided(more, lines), state.reached / state.compared


def test_a_clear_p_value_takes_the_first_batch_and_one_on_the_line_all():
    assert [drawn_for(p, 1)[0].draws for p in (0.0, 0.001, 0.2, 1.0)] == [FIRST] * 4
    on_the_line = drawn_for(ALPHA, 1)[0]
    assert (on_the_line.draws, on_the_line.decided) == (MOST, False)
    assert FIRST < drawn_for(0.047, 1)[0].draws < MOST


def test_size_is_kept_with_several_looks():
    """Under no effect the exact p-value is uniform; rejecting by the rule keeps 5 %, and never
    depends on luck at the line."""
    p = (np.arange(40_000) + 0.5) / 40_000
    near = (p > 0.03) & (
        p < 0.075
    )  # elsewhere the first batch is more than six errors away from the line
    rejected = [
        d.shown(share) <= ALPHA for d, share in (drawn_for(x, i) for i, x in enumerate(p[near]))
    ]
    size = (p <= 0.03).mean() + np.sum(rejected) / len(p)
    assert 0.049 <= size <= 0.0502
    wrong = [r for r, x in zip(rejected, p[near], strict=True) if x > ALPHA and r]
    assert len(wrong) / len(rejected) < 0.005


def test_what_is_left_on_the_line_is_not_a_detection_and_level_and_p_value_say_the_same():
    assert all(
        drawn_for(ALPHA, seed)[0].shown(drawn_for(ALPHA, seed)[1]) > ALPHA for seed in range(10)
    )
    for draws in (FIRST, 99_999, MOST):
        left = Drawn(draws, decided=False)
        edge = left.level(ALPHA)
        assert edge + ERRORS * monte_carlo_error(edge, draws) == pytest.approx(ALPHA)
        assert left.shown(edge * 0.999) < ALPHA < left.shown(edge * 1.001)
        assert "on the line" in left.words and Drawn(draws).level() == ALPHA


def test_each_level_of_an_adjustment_is_a_line_of_its_own():
    assert holm_lines(0.05, 2) == (0.05, 0.025)
    assert benjamini_hochberg_lines(0.05, 5) == pytest.approx((0.01, 0.02, 0.03, 0.04, 0.05))
    assert drawn_for(0.0252, 1, holm_lines(0.05, 2))[0].draws > drawn_for(0.0252, 1)[0].draws


# -- the same numbers as plain loops ---------------------------------------------------------------
def plain_p_value(statistic, orders):
    """The p-value at any effect by a loop over assignments; `statistic(order, effect)` is one
    number."""

    def p(effect: float) -> float:
        found = np.array([abs(statistic(order, effect)) for order in orders])
        return float((found >= found[0] * (1 - 1e-9)).mean())

    return p


def labels_drawn(labels: np.ndarray, blocks: np.ndarray, draws: int) -> np.ndarray:
    """The assignments that `BlockSums` draws: labels themselves in place of numbers."""

    def part(units: np.ndarray, rows: np.ndarray) -> np.ndarray:
        whole = np.zeros((len(rows), len(labels)))
        whole[:, units] = rows
        return whole

    return np.concatenate(list(BlockSums.of(labels, blocks, part).drawing(1)(draws))).astype(int)


def test_every_way_of_a_block_is_drawn_alike():
    labels, blocks = np.array([3, -1, -1, 5, 3, -1, -1]), np.array([0, 0, 0, 1, 1, 1, 1])
    drawn = labels_drawn(labels, blocks, 36_000)
    for block in (0, 1):
        rows, counts = np.unique(drawn[:, blocks == block], axis=0, return_counts=True)
        expected = 36_000 / (3 if block == 0 else 12)
        assert len(rows) == (3 if block == 0 else 12)
        assert (
            (counts - expected) ** 2 / expected
        ).sum() < 40  # chi-squared with at most 11 degrees of freedom
        assert (np.sort(rows, axis=1) == np.sort(labels[blocks == block])).all()


@pytest.mark.parametrize("kind", ["difference", "studentised"])
def test_block_permutation_equals_plain_loops_over_the_same_assignments(kind):
    frame = panel(
        np.random.default_rng(4), effect=0.4, regions=6 if kind == "studentised" else 2, others=9
    )
    frame = frame if kind == "studentised" else frame[frame["court"] != "1-1"]
    own = with_columns(block_rollout.block_panel, frame, **NAMES)
    orders = [own.start, *labels_drawn(own.start, own.block, 199)]
    sums, counts = block_rollout._sums(own.values, (0, None), 1)
    total = counts[own.start[own.started]].sum()
    under = (np.arange(own.values.shape[1]) >= own.start[:, None]) & own.started[:, None]
    moved, _ = block_rollout._sums(under.astype(float), (0, None), 1)

    def statistic(order, effect):
        found = block_rollout._contributions(sums - effect * moved, own, order)
        mean = found.sum() / total
        return (
            mean / (found.std(ddof=1) * np.sqrt(len(found)) / total)
            if kind == "studentised"
            else mean
        )

    p = plain_p_value(statistic, orders)
    test = with_columns(block_rollout.block_effect, frame, **CALL, draws=199).result
    assert test.value == pytest.approx(
        block_rollout._contributions(sums, own, own.start).sum() / total, abs=CLOSE
    )
    assert test.p_value == pytest.approx(p(0.0), abs=CLOSE)
    for end, out in ((test.conf_low, -1), (test.conf_high, 1)):
        assert p(end - out * 1e-6) > ALPHA >= p(end + out * 1e-6)
    assert p(test.value + 3 * (test.conf_high - test.value)) <= ALPHA


@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
def test_start_dates_over_all_sites_equal_plain_loops_over_the_same_assignments(comparison):
    frame = panel(np.random.default_rng(6), effect=0.5, regions=3)
    names = {k: v for k, v in NAMES.items() if k != "block"}
    what = {
        "estimand": "att",
        "result_unit": "points",
        "randomised": True,
        "seed": 3,
        "comparison": comparison,
    }
    found = with_columns(start_dates.permute_start_dates, frame, **names, **what, draws=99).result
    read = with_columns(panel_of, frame, **names)
    orders = [
        read.first,
        *np.concatenate(list(drawing(read.first, np.zeros(len(read.first)), seed=3)(99))),
    ]
    on = np.arange(len(read.periods)) >= read.first[:, None]
    weights = weights_of(group_time(read, comparison=comparison), "simple")

    def statistic(order, effect):
        """Group-time effects of the panel with these dates, and their error by influence
        functions."""
        moved = SimpleNamespace(
            **(read.__dict__ | {"first": order, "outcome": read.outcome - effect * on})
        )
        effects = group_time(moved, comparison=comparison)
        return (effects.att @ weights) / np.sqrt(((effects.influence @ weights) ** 2).sum())

    p = plain_p_value(statistic, orders)
    assert found.p_value == pytest.approx(p(0.0), abs=CLOSE)
    for end, out in ((found.conf_low, -1), (found.conf_high, 1)):
        assert p(end - out * 1e-6) > ALPHA >= p(end + out * 1e-6)


# -- no class hangs on the seed --------------------------------------------------------------------
def decisions(result, asked: Asked) -> tuple:
    """All that a class is set from: p against each level, and where the interval lies."""
    ends = [(result.conf_low > e, result.conf_high < e) for e in (0.0, *asked.effects)]
    return (*(result.p_value <= line for line in asked.lines), *ends)


ASKED = Asked(holm_lines(ALPHA, 2), (-0.6, 0.6))


@pytest.mark.simulation
def test_no_decision_of_a_roll_out_changes_over_twenty_seeds():
    """With 999 draws the seed decides here: p is .046."""
    frame = panel(np.random.default_rng(11), effect=0.59, regions=8, others=5)

    def over_seeds(**draws) -> set:
        calls = (CALL | {"seed": seed, "asked": ASKED} | draws for seed in range(20))
        return {
            decisions(with_columns(block_rollout.block_effect, frame, **call).result, ASKED)
            for call in calls
        }

    assert len(over_seeds()) == 1
    assert len(over_seeds(draws=999)) > 1


@pytest.mark.simulation
def test_no_decision_of_permuted_sites_changes_over_twenty_seeds():
    random = np.random.default_rng(3)
    side = np.arange(24) % 2 == 0
    y = random.normal(size=24) + 0.85 * side
    found = {
        decisions(with_columns(unit_permutation, y, side, seed=seed, asked=ASKED), ASKED)
        for seed in range(20)
    }
    assert len(found) == 1


@pytest.mark.slow
def test_the_interval_and_the_p_value_of_permuted_sites_say_the_same_at_the_line():
    random = np.random.default_rng(8)
    side = np.arange(24) % 2 == 0
    y = random.normal(size=24)
    end = with_columns(unit_permutation, y, side, seed=1, draws=9_999).conf_high
    at_the_line = with_columns(unit_permutation, y - end * side, side, seed=2)
    assert (at_the_line.p_value <= ALPHA) == (at_the_line.conf_high < 0 or at_the_line.conf_low > 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gamified_training", "manager_training"])
def test_no_decision_on_permuted_sites_of_a_training_trial_changes_over_twenty_seeds(name):
    plan = load_plan(name)
    study = open_exact(plan, "all", parse_source("synthetic"))[0]
    for outcome in (o for o in plan.compared if o.role == "primary"):
        measured = study.measured(outcome)
        found = [permuted_difference(measured, seed=seed) for seed in range(20)]
        asked = Asked(holm_lines(ALPHA, 12), (-outcome.matters, outcome.matters))
        assert len({decisions(result, asked) for result in found}) == 1, outcome.id


@pytest.mark.parametrize("decided", [True, False])
def test_a_p_value_that_is_printed_is_a_plain_number(decided):
    """A numpy number in a record equals the committed one and is not the same: the guards told it
    apart."""
    for p_value in (0.02, np.float64(0.02)):
        assert type(Drawn(999_999, decided).shown(p_value)) is float
