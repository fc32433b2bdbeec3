"""The control chart against hand-computed limits, statsmodels, simulated series and drift; how long
verdicts hold."""

import math

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from analysis.disparity.control_chart import Persistence, control_chart, persistent


def charts(rng, rounds, *, between=0.0, shift=0.0, repeats=400):
    """Charts of series that stand at 0.4, their newest round moved by `shift`."""
    for _ in range(repeats):
        errors = rng.uniform(0.08, 0.2, rounds)
        values = rng.normal(0.4, np.sqrt(errors**2 + between**2))
        values[-1] += shift
        yield control_chart(values, errors)


def test_centre_and_limits_by_hand():
    chart = control_chart([0.1, 0.3, 0.2, 0.4, 0.9], [0.1, 0.1, 0.2, 0.2, 0.2])
    centre = (100 * 0.1 + 100 * 0.3 + 25 * 0.2 + 25 * 0.4) / 250
    assert (chart.centre, chart.centre_error) == pytest.approx((centre, 250**-0.5))
    assert (chart.tau_squared, chart.centre_rounds) == (None, 4)
    newest = chart.rounds[-1]
    assert (newest.low_95, newest.high_95) == pytest.approx(
        (centre - 0.391993, centre + 0.391993), abs=1e-6
    )
    assert (newest.low_99_8, newest.high_99_8) == pytest.approx(
        (centre - 0.618046, centre + 0.618046), abs=1e-6
    )
    assert newest.z == pytest.approx((0.9 - centre) / 0.2)
    assert (newest.outside_95, newest.outside_99_8, newest.run) == (True, True, False)
    assert not any(earlier.outside_95 for earlier in chart.rounds[:4])


@pytest.mark.parametrize("seed", range(6))
def test_tau_squared_and_centre_agree_with_statsmodels(seed):
    rng = np.random.default_rng(seed)
    errors = rng.uniform(0.05, 0.15, 12)
    values = rng.normal(0, 0.4, 12)
    chart = control_chart(values, errors)
    theirs = combine_effects(values[:-1], errors[:-1] ** 2, method_re="dl")
    assert chart.tau_squared == pytest.approx(theirs.tau2)
    assert chart.centre == pytest.approx(theirs.mean_effect_re)


@pytest.mark.parametrize(
    ("rounds", "baseline", "estimated"),
    [(7, None, False), (8, None, True), (20, 6, False), (20, 7, True)],
)
def test_variation_between_rounds_is_estimated_from_eight_rounds(rounds, baseline, estimated):
    chart = control_chart(
        [0.0, 1.0] * 10 if rounds == 20 else ([0.0, 1.0] * 4)[:rounds],
        [0.1] * rounds,
        baseline=baseline,
    )
    assert (chart.tau_squared is not None) == estimated
    assert (chart.rounds[-1].high_95 - chart.centre > 0.2) == estimated


@pytest.mark.parametrize("rounds", [0, 1, 4])
def test_fewer_than_five_rounds_give_no_limits(rounds):
    assert control_chart([0.1] * rounds, [0.1] * rounds) is None


def test_rounds_without_value_are_none_and_count_for_nothing():
    values, errors = [0.1, None, 0.1, 0.1, math.inf, 0.1, 0.2], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    chart = control_chart(values, errors)
    assert [entry is None for entry in chart.rounds] == [
        False,
        True,
        False,
        False,
        True,
        False,
        False,
    ]
    assert chart.centre == pytest.approx(0.1)
    assert control_chart(values[:6], errors[:6]) is None
    assert control_chart([None, None, 0.1, 0.1, 0.1, 0.1, 0.1], errors, baseline=2) is None


@pytest.mark.parametrize(("rounds", "most"), [(5, 0.02), (12, 0.012)])
def test_an_unchanged_newest_round_is_seldom_flagged(rounds, most):
    rng = np.random.default_rng(21)
    newest = [chart.rounds[-1] for chart in charts(rng, rounds, repeats=800)]
    assert np.mean([entry.outside_95 for entry in newest]) == pytest.approx(0.06, abs=0.03)
    assert np.mean([entry.outside_99_8 for entry in newest]) < most


def test_limits_without_variation_between_rounds_flag_what_is_usual():
    rng = np.random.default_rng(22)
    found = list(charts(rng, 16, between=0.3))
    newest = [chart.rounds[-1] for chart in found]
    naive = []
    for chart in found:
        spread = (chart.rounds[-1].high_99_8 - chart.centre) / 3.0902
        own_error = math.sqrt(spread**2 - chart.tau_squared)
        naive.append(abs(chart.rounds[-1].value - chart.centre) > 3.0902 * own_error)
    assert np.mean(naive) > 0.15
    assert np.mean([entry.outside_99_8 for entry in newest]) < 0.03
    assert np.mean([chart.tau_squared for chart in found]) == pytest.approx(0.09, rel=0.15)


def test_a_planted_jump_of_the_newest_round_is_found_and_does_not_move_its_own_line():
    rng = np.random.default_rng(23)
    found = list(charts(rng, 10, shift=0.9, repeats=200))
    assert np.mean([chart.rounds[-1].outside_99_8 for chart in found]) > 0.85
    assert np.mean([chart.centre for chart in found]) == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize(
    ("values", "runs"),
    [
        ([0.0, 0.0, *[0.1] * 8], [9]),
        ([0.0, 0.0, *[-0.1] * 9], [9, 10]),
        ([0.0, 0.0, *[0.1] * 4, -0.1, *[0.1] * 7], []),
        ([0.0, 0.0, *[0.1] * 4, 0.0, *[0.1] * 7], []),  # on the line: on neither side
        ([0.0, 0.0, *[0.1] * 4, None, *[0.1] * 7], []),
    ],
)
def test_eight_rounds_on_one_side_are_a_run(values, runs):
    chart = control_chart(values, [0.3] * len(values), baseline=2)
    assert [i for i, entry in enumerate(chart.rounds) if entry is not None and entry.run] == runs


def test_a_slow_drift_inside_the_limits_is_found_by_the_run_rule_alone():
    values = [0.0, 0.05, -0.05, 0.02, -0.02, *np.linspace(0.05, 0.25, 9)]
    chart = control_chart(values, [0.2] * len(values), baseline=5)
    assert not any(entry.outside_95 for entry in chart.rounds)
    assert chart.rounds[-1].run


@pytest.mark.parametrize(
    ("verdicts", "last", "expected"),
    [
        (["a", "b", "b", "a", "b", "b"], None, (4, 6, 2)),
        (["a", "b", "b", "a", "b", "b"], 4, (3, 4, 2)),
        (["b"] * 6, 4, (4, 4, 6)),
        (["a"], 5, (1, 1, 1)),
        (["a", None, "a"], None, (2, 3, 1)),
        (["a", "a", "b"], None, (1, 3, 1)),
    ],
)
def test_persistence_counts_the_newest_verdict(verdicts, last, expected):
    assert persistent(verdicts, last=last) == Persistence(*expected)


@pytest.mark.parametrize("verdicts", [[], ["a", None]])
def test_without_a_newest_verdict_nothing_has_held(verdicts):
    assert persistent(verdicts) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: control_chart([0.1] * 5, [0.1] * 4),
        lambda: control_chart([0.1] * 5, [0.1] * 5, baseline=0),
        lambda: persistent(["a"], last=0),
    ],
)
def test_refuses_what_makes_no_series(call):
    with pytest.raises(ValueError):
        call()
