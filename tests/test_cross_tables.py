"""Cross-tabulations: whoever knows every number that is shown, margins of every order included,
cannot bound a hidden one within fewer people than the rule allows."""

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.optimize import linprog

from analysis.disclosure.bounds import Attack, with_margins
from analysis.disclosure.cross_tables import CrossTable, hidden_cells
from analysis.disclosure.rules import load_rules, round_to_base

SMALL = load_rules().threshold
STEP = load_rules().rounding_base.value
NOISE = 1e-6
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
# zeros, small numbers, numbers about the threshold, and large ones
counts = st.one_of(
    st.just(0), st.integers(1, SMALL - 1), st.integers(SMALL, 3 * SMALL), st.integers(30, 400)
)
tables = st.sampled_from([(2,), (5,), (3, 3), (4, 2), (6, 3), (2, 2, 2), (3, 2, 3)]).flatmap(
    lambda shape: arrays.arrays(np.int64, shape, elements=counts)
)


def inside(array):
    return array[tuple(slice(0, -1) for _ in array.shape)]


def lines(shape):
    """Index of each total, and of its parts: written anew, as an attacker would."""
    for axis, size in enumerate(shape):
        others = [range(n) for at, n in enumerate(shape) if at != axis]
        for rest in product(*others):
            yield [(*rest[:axis], level, *rest[axis:]) for level in range(size)]


def interval(cell, bounds):
    """Least and most of one cell in any table that agrees with `bounds`; by brute force of a linear
    programme over all cells."""
    shape = bounds.shape[:-1]
    number = {at: i for i, at in enumerate(np.ndindex(shape))}
    rows = np.zeros((sum(1 for _ in lines(shape)), len(number)))
    for row, line in zip(rows, lines(shape), strict=True):
        for part in line[:-1]:
            row[number[part]] = 1
        row[number[line[-1]]] = -1
    found = []
    for sign in (1, -1):
        goal = np.zeros(len(number))
        goal[number[cell]] = sign
        solved = linprog(goal, A_eq=rows, b_eq=np.zeros(len(rows)), bounds=bounds.reshape(-1, 2))
        if solved.status == 3:
            return 0.0, np.inf
        assert solved.status == 0
        found.append(sign * solved.fun)
    return tuple(found)


def as_shown(whole, hidden):
    """What the attacker knows: a number in fives is within two of what it was."""
    shown = np.vectorize(lambda n: round_to_base(int(n)))(whole)
    low = np.where(hidden, 0, np.maximum(shown - STEP // 2, 0))
    return np.stack([low, np.where(hidden, np.inf, shown + STEP // 2)], axis=-1)


def exactly(whole, hidden):
    """What an attacker would know if numbers were not rounded."""
    return np.stack([np.where(hidden, 0, whole), np.where(hidden, np.inf, whole)], axis=-1)


def plain(counts):
    return CrossTable(counts, (None,) * counts.ndim)


@given(tables)
@FEW
def test_every_small_cell_is_hidden_and_so_is_every_part_of_what_is_hidden(counts):
    whole, hidden = with_margins(counts), hidden_cells(plain(counts))
    assert hidden[whole < SMALL].all()
    for axis in range(counts.ndim):
        parts = np.take(hidden, range(counts.shape[axis]), axis=axis)
        totals = np.take(hidden, [-1], axis=axis)
        assert (parts | ~totals).all()


@given(tables)
@FEW
def test_no_hidden_cell_is_bounded_within_fewer_people_than_the_threshold(counts):
    whole, hidden = with_margins(counts), hidden_cells(plain(counts))
    nothing_shown = inside(hidden).all()
    for cell in map(tuple, np.argwhere(hidden)):
        own = all(at < size - 1 for at, size in zip(cell, hidden.shape, strict=True))
        if own and nothing_shown:
            continue  # nothing of this table is shown: what margins alone say, they say without it
        low, high = interval(cell, as_shown(whole, hidden))
        assert high - low >= SMALL - NOISE
        low, high = interval(cell, exactly(whole, hidden))
        assert high - low >= STEP - NOISE  # not even by exact margins is one given back


@given(tables)
@FEW
def test_a_margin_is_decided_the_same_in_every_table_that_holds_it(counts):
    hidden = hidden_cells(plain(counts))
    for axis in range(counts.ndim):
        margin = hidden_cells(plain(counts.sum(axis=axis)))
        assert (np.take(hidden, -1, axis=axis) == margin).all()


@given(tables, st.integers(0, 10**6))
@FEW
def test_numbers_moved_inside_their_rounding_cells_hide_the_same_cells(counts, seed):
    """A box of ones, up and down in turn, leaves every margin as it was."""
    draw = np.random.default_rng(seed)
    pairs = [sorted(draw.choice(n, 2, replace=False)) if n > 1 else [0, 0] for n in counts.shape]
    moved = counts.copy()
    for corner in product((0, 1), repeat=counts.ndim):
        at = tuple(int(pair[c]) for pair, c in zip(pairs, corner, strict=True))
        moved[at] += 1 if sum(corner) % 2 else -1
    rounded = [[round_to_base(int(n)) for n in table.ravel()] for table in (counts, abs(moved))]
    same_side = ((counts < SMALL) == (moved < SMALL)).all()
    if (moved < 0).any() or rounded[0] != rounded[1] or not same_side:
        return
    assert (hidden_cells(plain(counts)) == hidden_cells(plain(moved))).all()


def test_one_small_cell_hides_another_in_its_row_and_in_its_column():
    counts = np.array([[3, 40, 50], [30, 40, 50], [60, 70, 80]])
    hidden = inside(hidden_cells(plain(counts)))
    assert hidden[0, 0] and hidden[0].sum() >= 2 and hidden[:, 0].sum() >= 2
    assert not hidden[2].any()


def test_nothing_is_hidden_where_nothing_is_small():
    counts = np.array([[SMALL, 40], [30, 400]])
    assert not hidden_cells(plain(counts)).any()


@pytest.mark.parametrize("small", [SMALL - 1, SMALL])
def test_the_edge_is_the_threshold(small):
    counts = np.array([small, 100, 200])
    assert hidden_cells(plain(counts)).any() == (small < SMALL)


def test_who_did_not_answer_hides_nobody_unless_few_did():
    answers = np.array([[50, 60, 3], [70, 80, 90]])  # yes, no, not known
    assert not hidden_cells(CrossTable(answers, (None, 2))).any()
    few = np.array([[4, 3, 90], [70, 80, 90], [60, 50, 40]])
    hidden = inside(hidden_cells(CrossTable(few, (None, 2))))
    assert hidden[0].all()  # their number less those without an answer would be seven


def test_a_cell_may_be_hidden_for_another_reason():
    counts = np.array([50, 60, 70])
    also = np.array([False, True, False, False])
    hidden = hidden_cells(CrossTable(counts, (None,), also))
    assert hidden[1] and hidden[:-1].sum() == 2


def test_the_attack_finds_what_subtraction_finds():
    whole = with_margins(np.array([3, 40, 50]))
    hidden = np.array([True, False, False, False])
    found = Attack(*np.moveaxis(exactly(whole, hidden), -1, 0)).widths([(0,)], SMALL)
    assert found == {(0,): 0.0}
