"""Units beside their whole: nothing small is given back, and no more is withheld than it takes."""

import numpy as np
import pytest
from scipy.optimize import linprog

from analysis.disclosure.geography import NARROW, shown_units, whole_may_stand
from analysis.disclosure.rules import load_rules, round_to_base

THRESHOLD, BASE = load_rules().threshold, load_rules().rounding_base.value


def attack(counts, shown):
    """Bounds of each withheld unit from everything that is printed and from the rule, by linear
    programs."""
    units, margin = list(counts), BASE // 2
    whole = round_to_base(sum(counts.values()), BASE)
    limits = []
    for unit in units:
        if unit in shown:
            printed = round_to_base(counts[unit], BASE)
            limits.append((printed - margin, printed + margin))
        else:
            limits.append((0, THRESHOLD - 1 if counts[unit] < THRESHOLD else None))
    rows = np.array([np.ones(len(units)), -np.ones(len(units))])
    found = {}
    for i, unit in enumerate(units):
        if unit in shown:
            continue
        goal = np.eye(len(units))[i]
        ends = [
            sign
            * linprog(
                sign * goal, A_ub=rows, b_ub=[whole + margin, margin - whole], bounds=limits
            ).fun
            for sign in (1, -1)
        ]
        found[unit] = (np.ceil(ends[0] - 1e-9), np.floor(ends[1] + 1e-9))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_no_withheld_unit_can_be_told_within_ten(seed):
    rng = np.random.default_rng(seed)
    counts = {
        f"unit {k}": int(n)
        for k, n in enumerate(rng.choice([0, 3, 7, 9, 10, 14, 40, 160], rng.integers(2, 11)))
    }
    shown = shown_units(counts)
    if shown:
        assert all(high - low + 1 >= NARROW for low, high in attack(counts, shown).values())


@pytest.mark.parametrize(
    ("count", "stays"), [(THRESHOLD - 1, False), (THRESHOLD, True), (THRESHOLD + 1, True)]
)
def test_a_unit_stands_from_the_threshold_on(count, stays):
    counts = {f"unit {k}": 60 for k in range(6)} | {"small": count}
    assert ("small" in shown_units(counts)) == stays


def test_nothing_more_is_withheld_where_all_are_large():
    assert shown_units({"a": 30, "b": 50, "c": 10}) == {"a", "b", "c"}


def test_one_small_unit_of_two_takes_the_other_with_it():
    assert shown_units({"a": 4, "b": 120}) == frozenset()


@pytest.mark.parametrize("seed", range(40))
def test_a_whole_stands_only_where_it_gives_no_small_place_back(seed):
    rng = np.random.default_rng(seed)
    counts = {
        f"place {k}": int(n)
        for k, n in enumerate(rng.choice([0, 3, 9, 12, 40, 160], rng.integers(2, 14)))
    }
    shown = {name for name, n in counts.items() if n >= THRESHOLD}
    safe = all(high - low + 1 >= NARROW for low, high in attack(counts, shown).values())
    assert whole_may_stand(counts) == safe


def test_a_whole_that_is_withheld_bounds_nothing():
    assert shown_units({"a": 4, "b": 120}, whole_shown=False) == {"b"}
