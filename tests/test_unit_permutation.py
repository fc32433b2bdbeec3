"""Permuting the few units that were assigned: against plain loops, its size, its intervals, and
what it refuses."""

import time
from itertools import permutations

import numpy as np
import pytest
from column_calls import with_columns

from analysis.inference.assignments import (
    every_assignment,
    number_of_assignments,
    permuted_labels_test,
)
from analysis.inference.unit_permutation import attainable_size, unit_means, unit_permutation

# Nations simulated per design: three Monte Carlo standard errors at 5 % are .021.
NATIONS = 1_000
SLACK = 3 * np.sqrt(0.05 * 0.95 / NATIONS)
CLOSE = 1e-9  # sums in another order
SECONDS = 5  # 10,000 draws over 240,000 people


def regions(seed, *, treated, n=12, effect=0.0, sd=1.0):
    random = np.random.default_rng(seed)
    side = np.arange(n) < treated
    random.shuffle(side)
    return random.normal(size=n) * sd + effect * side, side


def plain_statistic(y, z, blocks, studentised):
    """Difference in means, blocks counted by size, over its Neyman error: written out."""
    difference = variance = 0.0
    for block in sorted(set(blocks)):
        own = [i for i in range(len(y)) if blocks[i] == block]
        a, b = [y[i] for i in own if z[i]], [y[i] for i in own if not z[i]]
        difference += len(own) / len(y) * (np.mean(a) - np.mean(b))
        if studentised:
            variance += (len(own) / len(y)) ** 2 * (
                np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)
            )
    return abs(difference) / (np.sqrt(variance) if studentised else 1.0)


def plain_assignments(z, blocks):
    ways = {tuple(order) for order in permutations(z.tolist())}
    counts = {b: z[blocks == b].sum() for b in set(blocks)}
    return [
        w
        for w in sorted(ways)
        if all(np.array(w)[blocks == b].sum() == k for b, k in counts.items())
    ]


def plain_p(y, z, blocks, studentised):
    found = [
        plain_statistic(y, np.array(w), blocks, studentised) for w in plain_assignments(z, blocks)
    ]
    own = plain_statistic(y, z, blocks, studentised)
    return np.mean([value >= own * (1 - CLOSE) for value in found])


DESIGNS = [(2, 7, None, False), (3, 7, None, True), (3, 8, "abab", False), (4, 8, "aabb", True)]


@pytest.mark.parametrize(("treated", "n", "kinds", "studentised"), DESIGNS)
def test_p_value_and_interval_are_those_of_a_plain_loop_over_all_assignments(
    treated, n, kinds, studentised
):
    y, z = regions(5, treated=treated, n=n, effect=2.0)
    blocks = np.zeros(n, dtype=int)
    if kinds:
        z = np.isin(np.arange(n), [0, 2, 5, 7][:treated])
        blocks = np.array(list(kinds * 2)) if kinds == "abab" else np.repeat([0, 1], 4)
    found = with_columns(
        unit_permutation, y, z, seed=1, blocks=blocks, studentised=studentised, alpha=0.2
    )
    assert found.exact
    assert found.assignments == len(plain_assignments(z, blocks))
    assert found.p_value == pytest.approx(plain_p(y, z, blocks, studentised))
    step = 1e-6  # just inside the interval the plain test does not reject, just outside it does
    for limit, way in ((found.conf_low, 1), (found.conf_high, -1)):
        assert plain_p(y - (limit + way * step) * z, z, blocks, studentised) > 0.2
        assert plain_p(y - (limit - way * step) * z, z, blocks, studentised) <= 0.2


def test_two_of_twelve_regions_have_66_assignments_and_an_attainable_size_of_4_55_percent():
    y, z = regions(1, treated=2)
    found = with_columns(unit_permutation, y, z, seed=1)
    assert (found.assignments, found.exact, found.studentised) == (66, True, False)
    assert found.attainable_size == pytest.approx(3 / 66)
    assert found.p_value == found.rank / 66
    assert "attainable size 4.55 %" in found.summary()
    assert with_columns(unit_permutation, *regions(1, treated=3), seed=1).studentised


@pytest.mark.simulation
@pytest.mark.parametrize("treated", [2, 3, 6])
def test_false_positives_stay_at_the_attainable_size_where_clustered_errors_do_not(treated):
    """12 regions of 50 people, intraclass correlation .05, no effect: the naive clustered (CR1,
    normal) test fails."""
    random, people = np.random.default_rng(20261124 + treated), 50
    side = np.arange(12) < treated
    rejected = naive = covered = 0
    for _ in range(NATIONS):
        means = random.normal(size=12) * np.sqrt(0.05 + 0.95 / people)
        found = with_columns(unit_permutation, means, side, seed=1)
        rejected += found.p_value <= 0.05
        covered += found.conf_low <= 0 <= found.conf_high
        # CR1 of a difference in means, equal clusters: squared deviations within a side, times G /
        # (G - 1).
        sides = [means[side], means[~side]]
        variance = sum(((s - s.mean()) ** 2).sum() / len(s) ** 2 for s in sides) * 12 / 11
        naive += abs(sides[0].mean() - sides[1].mean()) > 1.96 * np.sqrt(variance)
    size = attainable_size(side)[1]
    assert abs(rejected / NATIONS - size) < SLACK
    assert covered == NATIONS - rejected
    assert naive / NATIONS > {2: 0.18, 3: 0.11, 6: 0.065}[treated]  # METHODS: 24, 15 and 9 %


@pytest.mark.simulation
def test_interval_holds_a_planted_effect_and_the_test_finds_it():
    held = found = 0
    for seed in range(200):
        result = with_columns(unit_permutation, *regions(seed, treated=6, effect=3.0), seed=1)
        held += result.conf_low <= 3.0 <= result.conf_high
        found += result.p_value <= 0.05
    assert 0.90 <= held / 200 <= 0.99  # 95 percent, three Monte Carlo standard errors of 200
    assert found / 200 > 0.9


def test_one_treated_region_has_a_rank_and_no_p_value():
    y, z = np.array([9.0, *np.linspace(0, 1, 11)]), np.arange(12) == 0
    found = with_columns(unit_permutation, y, z, seed=1)
    assert (found.rank, found.compared, found.p_value, found.conf_low) == (1, 12, None, None)
    assert "floor 0.083" in found.reason
    assert "Rank 1 of 12" in found.summary()
    many = with_columns(unit_permutation, np.arange(40.0), np.arange(40) == 3, seed=1)
    assert many.p_value is None
    assert "one unit on a side" in many.reason


def test_a_test_that_cannot_reject_is_not_run():
    """3 of 6: 20 assignments, and exchanging the sides gives the same statistic, so that no p is
    below .1."""
    found = with_columns(unit_permutation, *regions(2, treated=3, n=6), seed=1)
    assert (found.p_value, found.attainable_size, found.floor, found.reason) == (
        None,
        None,
        0.1,
        "floor 0.100",
    )
    assert attainable_size(np.arange(6) < 2) == (1 / 15, None)
    assert attainable_size(np.arange(12) < 6)[1] == pytest.approx(46 / 924)


def test_drawn_assignments_agree_with_listed_ones_and_a_seed_repeats_them():
    y, z = regions(7, treated=5, n=12, effect=0.9)
    listed = with_columns(unit_permutation, y, z, seed=3)
    drawn, again = (with_columns(unit_permutation, y, z, seed=3, listed=10) for _ in range(2))
    assert drawn == again
    assert (drawn.exact, drawn.compared, listed.compared) == (False, 10_000, 792)
    assert drawn.p_value == pytest.approx(listed.p_value, abs=0.02)
    assert drawn.conf_low == pytest.approx(listed.conf_low, abs=0.1)


def test_people_are_brought_down_to_unit_means_fast():
    random = np.random.default_rng(4)
    unit = random.integers(0, 120, 240_000)
    y, before = random.normal(size=240_000) + (unit < 60) * 0.2, unit.copy()
    started = time.perf_counter()
    found = with_columns(unit_permutation, y, unit < 60, unit=unit, seed=1)
    assert time.perf_counter() - started < SECONDS
    means = np.array([y[unit == u].mean() for u in range(120)])
    assert found.difference == pytest.approx(means[:60].mean() - means[60:].mean(), abs=CLOSE)
    assert found.compared == 10_000
    np.testing.assert_array_equal(unit, before)


def test_refuses_a_unit_with_two_kinds_of_treatment_and_a_missing_outcome():
    with pytest.raises(ValueError, match="unit '1' holds two kinds"):
        unit_means(np.zeros(4), np.array([0, 0, 1, 1]), np.array([1, 1, 0, 1]))
    with pytest.raises(ValueError, match="outcome is missing"):
        unit_means(np.array([1.0, np.nan]), np.array([0, 1]))
    assert with_columns(unit_permutation, np.ones(12), np.arange(12) < 3, seed=1) is None
    assert with_columns(unit_permutation, np.arange(12.0), np.ones(12, dtype=bool), seed=1) is None


def test_a_block_with_one_side_only_moves_nothing():
    y, z = regions(8, treated=4, n=10)
    blocks = np.r_[np.zeros(10, dtype=int), 1, 1]
    longer = with_columns(
        unit_permutation, np.r_[y, 50.0, 60.0], np.r_[z, True, True], blocks=blocks, seed=1
    )
    alone = with_columns(unit_permutation, y, z, seed=1)
    assert (longer.p_value, longer.units_moved) == (alone.p_value, 10)
    assert longer.difference == pytest.approx(alone.difference)


@pytest.mark.parametrize(
    ("labels", "blocks"), [([1, 1, 2, 3, 3], None), ([0, 1, 0, 1, 2], [0, 0, 1, 1, 1])]
)
def test_every_distinct_order_of_start_dates_is_listed_once(labels, blocks):
    labels = np.array(labels)
    rows = every_assignment(labels, None if blocks is None else np.array(blocks))
    groups = np.zeros(5) if blocks is None else np.array(blocks)
    expected = {
        w
        for w in permutations(labels.tolist())
        if all(sorted(np.array(w)[groups == b]) == sorted(labels[groups == b]) for b in set(groups))
    }
    assert {tuple(row) for row in rows.tolist()} == expected
    assert (
        len(rows)
        == len(expected)
        == number_of_assignments(labels, None if blocks is None else groups)
    )


def test_start_dates_are_permuted_for_any_statistic_and_several_at_once():
    labels, y = np.array([1, 1, 2, 2, 3, 3, 3]), np.random.default_rng(3).normal(size=7)

    def statistic(rows):
        slope = np.abs(((rows - rows.mean(axis=1, keepdims=True)) * y).sum(axis=1))
        return np.column_stack([slope, -slope])

    found = permuted_labels_test(labels, statistic, seed=1)
    every = np.array(
        [statistic(np.array([w]))[0] for w in sorted(set(permutations(labels.tolist())))]
    )
    own = statistic(labels[None])[0]
    expected = [(every[:, k] >= own[k] - CLOSE).mean() for k in range(2)]
    assert found.p_value == pytest.approx(expected)
    assert (found.exact, found.assignments) == (True, 210)
    assert permuted_labels_test(np.ones(4), statistic, seed=1) is None
