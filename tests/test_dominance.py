"""Rule S7: no mean or sum of persons is made by one or two of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure.dominance import is_dominated, people_behind, tells_of_a_person
from analysis.disclosure.rules import load_rules

THRESHOLD = load_rules().threshold
NUMBERS = st.lists(st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-6), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("values", "dominated"),
    [
        # worked by hand: two largest 80 + 10 of 100 are 90 %
        ([80, 10, 4, 3, 3], True),
        # 60 + 29 of 100 are 89 %, and the rest, 11, is more than 10 % of 60
        ([60, 29, 6, 5], False),
        # the rest, 5, is less than 10 % of 60: the second tells the first within a tenth
        ([60, 55, 5], True),
        ([0, 0, 0], True),
        ([7], True),
    ],
)
def test_dominance_as_worked_by_hand(values, dominated):
    assert is_dominated(np.array(values, dtype=float)) == dominated


@given(NUMBERS, st.sampled_from([0.001, 0.5, 3.0, 1e4]), st.randoms(use_true_random=False))
def test_neither_the_unit_nor_the_order_nor_the_sign_changes_it(values, scale, random):
    shuffled = [scale * x * random.choice((1, -1)) for x in values]
    random.shuffle(shuffled)
    assert is_dominated(np.array(values)) == is_dominated(np.array(shuffled))


@given(NUMBERS.filter(lambda values: len(values) >= THRESHOLD))
def test_a_planted_person_who_makes_the_sum_is_always_found(values):
    others = np.abs(np.array(values)).sum()
    planted = np.array([*values, 10 * others])
    assert is_dominated(planted) and people_behind(planted) == 0
    assert tells_of_a_person(planted)


def test_ten_people_are_enough_to_be_counted_and_not_for_a_mean_that_one_of_them_makes():
    alike = np.full(THRESHOLD, 50.0) + np.arange(THRESHOLD)
    assert people_behind(alike) == THRESHOLD
    one_makes_it = np.r_[np.full(THRESHOLD - 1, 1.0), 500.0]
    assert len(one_makes_it) == THRESHOLD and people_behind(one_makes_it) == 0
    assert people_behind(alike[1:]) == 0  # one person fewer than the threshold
