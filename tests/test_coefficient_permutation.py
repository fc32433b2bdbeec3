"""A coefficient tested by drawing the lot anew: the same as least squares draw by draw, exact in
size, and its interval."""

import numpy as np
import pytest
from column_calls import with_columns

from analysis.inference.absorbed.regression import absorbed_regression
from analysis.inference.assignments import every_assignment
from analysis.inference.coefficient_permutation import AssignedRows, coefficient_permutation
from analysis.inference.unit_permutation import unit_permutation


def trial(seed, *, sites=9, blocks=2, k=2, effect=0.0, signed=False, n=240):
    """Rows of sites of unlike size, drawn by lot within blocks; signed: two groups of people at
    every site."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.full(sites, 3.0))
    unit = np.concatenate([np.arange(sites), rng.choice(sites, n - sites, p=share)])
    block, side = np.arange(sites) % blocks, np.zeros(sites, dtype=bool)
    for b in range(blocks):
        members = np.flatnonzero(block == b)
        side[rng.choice(members, len(members) // 2, replace=False)] = True
    covariates = rng.normal(size=(n, k)) + rng.normal(size=(sites, k))[unit]
    person = rng.integers(0, 2, n)
    signs = np.where(person == 1, 1.0, -1.0) if signed else None
    cell = block[unit] * 2 + person if signed else block[unit]
    noise = rng.normal(size=n) + 0.5 * rng.normal(size=sites)[unit] + covariates.sum(axis=1)
    shift = effect * side[unit] * (1.0 if signs is None else signs)
    return AssignedRows(
        noise + shift,
        side[unit],
        unit,
        block[unit],
        np.unique(cell, return_inverse=True)[1],
        covariates,
        signs,
    )


def written_out(rows: AssignedRows, side: np.ndarray, outcome=None) -> tuple[float, float]:
    """Coefficient and its statistic for one assignment, by least squares with every dummy written
    out."""
    own = side[rows.unit].astype(float)
    target = own if rows.signs is None else own * rows.signs
    dummies = (rows.effect[:, None] == np.unique(rows.effect)).astype(float)
    nuisance = np.column_stack([dummies, rows.covariates, *([] if rows.signs is None else [own])])
    y = rows.outcome if outcome is None else outcome
    left = target - nuisance @ np.linalg.lstsq(nuisance, target, rcond=None)[0]
    design = np.column_stack([target, nuisance])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    value, information = left @ y / (left @ left), left @ left
    scores = np.bincount(rows.unit, left * residual)
    share = np.bincount(rows.unit, left**2) / information
    return value, abs(value) / np.sqrt((scores**2 / (1 - share)).sum()) * information


@pytest.mark.parametrize(("signed", "k"), [(False, 0), (False, 2), (True, 0), (True, 1)])
def test_every_assignment_is_ranked_as_least_squares_written_out_ranks_it(signed, k):
    rows = trial(1, k=k, signed=signed, effect=0.3)
    found = coefficient_permutation(rows, seed=1)
    side, block = (
        np.array([column[rows.unit == u][0] for u in range(9)])
        for column in (rows.treated, rows.block)
    )
    value, statistic = written_out(rows, side)
    drawn = every_assignment(side, block)
    others = np.array([written_out(rows, each)[1] for each in drawn])
    assert found.difference == pytest.approx(value, rel=1e-9)
    assert found.statistic == pytest.approx(statistic, rel=1e-9)
    assert (found.exact, found.compared) == (True, len(drawn))
    assert found.p_value == pytest.approx((others >= statistic * (1 - 1e-9)).mean())


@pytest.mark.parametrize("signed", [False, True])
def test_the_interval_holds_what_the_test_does_not_reject(signed):
    rows = trial(4, sites=12, signed=signed, effect=0.5)
    found = coefficient_permutation(rows, seed=1)
    column = rows.treated * (1.0 if rows.signs is None else rows.signs)
    assert found.conf_low < found.difference < found.conf_high
    for limit, outward in ((found.conf_low, -1), (found.conf_high, 1)):
        for step, kept in ((-0.02, True), (0.02, False)):
            moved = AssignedRows(
                **{**rows.__dict__, "outcome": rows.outcome - (limit + outward * step) * column}
            )
            assert (coefficient_permutation(moved, seed=1).p_value > 0.05) is kept


def test_the_coefficient_is_the_one_that_the_regression_gives():
    rows = trial(5, sites=14, k=2, effect=0.4)
    columns = np.column_stack([rows.covariates, rows.treated]).astype(float)
    fit = absorbed_regression(rows.outcome, columns, effects=[rows.effect], clusters=[rows.unit])
    assert coefficient_permutation(rows, seed=1, draws=99).difference == pytest.approx(
        fit.params[-1]
    )


def test_equal_sites_without_covariates_give_the_permutation_of_site_means():
    rng, side = np.random.default_rng(8), np.repeat([True, False], 5)
    unit, y = np.repeat(np.arange(10), 6), rng.normal(size=60) + np.repeat(rng.normal(size=10), 6)
    nothing = np.zeros(60, dtype=int)
    rows = AssignedRows(y, side[unit], unit, nothing, nothing, np.zeros((60, 0)))
    one, two = (
        coefficient_permutation(rows, seed=1),
        with_columns(unit_permutation, y, side[unit], seed=1, unit=unit),
    )
    assert (one.difference, one.p_value) == pytest.approx((two.difference, two.p_value))
    assert (one.conf_low, one.conf_high) == pytest.approx((two.conf_low, two.conf_high), abs=0.003)


@pytest.mark.simulation
def test_it_rejects_a_true_nil_in_five_of_100_where_the_sizes_are_very_unequal():
    size = np.array([8, 8, 10, 10, 12, 14, 16, 20, 30, 40, 90, 222])
    unit, rng, rejected, runs = (
        np.repeat(np.arange(12), size),
        np.random.default_rng(20261128),
        0,
        300,
    )
    nothing = np.zeros(len(unit), dtype=int)
    for _ in range(runs):
        side = rng.permutation(np.arange(12) < 6)
        y = np.sqrt(0.1) * rng.normal(size=12)[unit] + np.sqrt(0.9) * rng.normal(size=len(unit))
        rows = AssignedRows(y, side[unit], unit, nothing, nothing, np.zeros((len(unit), 0)))
        rejected += coefficient_permutation(rows, seed=3).p_value <= 0.05
    assert rejected / runs <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs)
    assert rejected > 0


def test_a_floor_above_five_of_100_and_an_outcome_accounted_for_leave_no_p_value():
    rows = trial(2, sites=6, blocks=1, k=0)
    found = coefficient_permutation(rows, seed=1)
    assert (found.p_value, found.assignments) == (None, 20)
    assert found.reason == "floor 0.100"
    flat = AssignedRows(**{**rows.__dict__, "outcome": np.full(len(rows.unit), 3.0)})
    assert coefficient_permutation(flat, seed=1) is None


def test_a_unit_in_two_arms_or_a_cell_of_two_signs_is_refused():
    rows = trial(3, signed=True)
    torn = AssignedRows(**{**rows.__dict__, "treated": np.arange(len(rows.unit)) % 2 == 0})
    mixed = AssignedRows(**{**rows.__dict__, "effect": rows.block})
    with pytest.raises(ValueError, match="two kinds"):
        coefficient_permutation(torn, seed=1)
    with pytest.raises(ValueError, match="both signs"):
        coefficient_permutation(mixed, seed=1)
