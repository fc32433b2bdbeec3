"""Secondary suppression: nothing small is told any more, and no cheaper set does it."""

from itertools import combinations

import numpy as np
import pytest
from attacked_tables import count, nation, random_table, recovered_by_integers
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure.attack.cheapest import cheapest, information
from analysis.disclosure.attack.known import Count, Known, Relation, total
from analysis.disclosure.attack.narrowest import attack
from analysis.disclosure.bounds import Attack, with_margins
from analysis.disclosure.geography import shown_units
from analysis.errors import RunError

SHAPES = (3, 3), (4, 5), (2, 2, 3)


def loss_of(known: Known, hidden) -> float:
    return sum(information(known.counts[key]) for key in hidden)


def least_loss_of_all_choices(known: Known) -> float:
    """The loss of the cheapest set that protects, of all sets there are."""
    printed = [c.key for c in known.counts.values() if not c.is_withheld]
    best = float("inf")
    for size in range(len(printed) + 1):
        for chosen in combinations(printed, size):
            loss = loss_of(known, chosen)
            if loss < best and not recovered_by_integers(known.without(chosen)):
                best = loss
    return best


@pytest.mark.parametrize("seed", range(6))
def test_no_set_of_all_there_are_is_cheaper(seed):
    known = random_table(np.random.default_rng(seed), (2, 2), 14)
    found = cheapest(known)
    assert found.proven
    assert found.loss == pytest.approx(least_loss_of_all_choices(known))


@given(seed=st.integers(0, 10**6), shape=st.sampled_from(SHAPES), mean=st.integers(8, 60))
@settings(max_examples=10, deadline=None)
def test_nothing_is_recovered_by_fractions_or_whole_numbers_once_protected(seed, shape, mean):
    known = random_table(np.random.default_rng(seed), shape, mean)
    greedy, best = cheapest(known, prove=False), cheapest(known)
    assert best.loss <= greedy.loss + 1e-6
    for found in (greedy, best):
        left = known.without(found.hidden)
        assert not attack(left).recovered and not recovered_by_integers(left)
        assert found.loss == pytest.approx(loss_of(known, found.hidden))
        assert found.printed == attack(left).printed


@pytest.mark.parametrize("seed", range(2))
def test_a_chain_of_stages_in_a_nation_is_protected(seed):
    known = nation(np.random.default_rng(seed), places=2, groups=2, stages=2)
    found = cheapest(known)
    assert not recovered_by_integers(known.without(found.hidden))


@pytest.mark.simulation
@pytest.mark.parametrize("block", range(10))
def test_a_thousand_tables_are_recovered_before_and_not_after(block):
    """Many small counts of 1,000 tables are told before they are protected, and none after."""
    before = 0
    for seed in range(100 * block, 100 * block + 100):
        rng = np.random.default_rng(seed)
        if seed % 10 == 0:
            known = nation(rng, places=3, groups=2, stages=2)
        else:
            known = random_table(rng, SHAPES[seed % 3], float(rng.integers(10, 60)))
        before += len(attack(known, exact=False).recovered)
        left = known.without(cheapest(known, prove=False).hidden)
        assert not attack(left).recovered, seed
        assert not recovered_by_integers(left), seed
        assert not recovered_by_integers(left, whole=False), seed
    assert before > 50


def test_a_count_that_needs_a_withheld_one_goes_too():
    counts = [
        count("whole", 101),
        count("rest", 96),
        count("few", 5),
        count("rate", 40, needs="rest"),
    ]
    known = Known.of(counts, [total("whole", ["rest", "few"], "a sum")])
    dear = cheapest(known, cost=lambda c: 100.0 if c.key == "whole" else 1.0)
    assert dear.hidden == {"rest", "rate"} and dear.loss == 2 and dear.printed == 1


def test_what_is_dearer_stays():
    known = Known.of(
        [count("whole", 101), count("rest", 96), count("few", 5)],
        [total("whole", ["rest", "few"], "a sum")],
    )
    for dear, cheap in (("whole", "rest"), ("rest", "whole")):
        prices = {dear: 3.0, cheap: 1.0}
        assert cheapest(known, cost=lambda c, prices=prices: prices[c.key]).hidden == {cheap}


def test_where_nothing_that_could_be_withheld_protects_it_is_an_error():
    known = Known.of([count("few", 5)], [Relation((("few", 1.0),), 3.0, 8.0, "everybody knows")])
    with pytest.raises(RunError, match=r"E384.*few"):
        cheapest(known)


@pytest.mark.parametrize("seed", range(8))
def test_units_beside_their_whole_are_told_as_the_rule_of_geography_tells_them(seed):
    """What that rule shows is recovered by nobody; one shown unit more than it wants often is."""
    rng = np.random.default_rng(seed)
    sizes = {f"unit {k}": int(n) for k, n in enumerate(rng.choice([0, 3, 9, 14, 40, 160], 6))}
    shown = shown_units(sizes)
    counts = [c if c.key in shown else c.hidden for c in (count(k, n) for k, n in sizes.items())]
    whole = count("whole", sum(sizes.values()))
    known = Known.of([*counts, whole], [total("whole", sizes, "units")])
    assert not attack(known).recovered or not shown


@pytest.mark.parametrize("seed", range(4))
def test_widths_are_those_of_the_attack_on_tables(seed):
    """The same cells, bounded by disclosure/bounds.py, have the same width."""
    known = random_table(np.random.default_rng(seed), (3, 4), 21)
    found = {cell.key: cell for cell in attack(known, whole=False).cells}
    held = list(known.counts.values())
    low = np.array([c.low for c in held]).reshape(4, 5)
    high = np.array([9.0 if c.protected else c.high for c in held]).reshape(4, 5)
    cells = [at for at in np.ndindex(4, 5) if known_at(held, at).protected]
    widths = Attack(low, high).widths(cells, np.inf)
    for at in cells:
        cell = found[known_at(held, at).key]
        assert cell.high - cell.low == pytest.approx(widths[at], abs=1e-5)


def known_at(held: list[Count], at: tuple[int, int]) -> Count:
    return held[int(np.ravel_multi_index(at, with_margins(np.zeros((3, 4))).shape))]


def test_what_was_released_before_is_not_taken_back_by_withholding_it_now():
    """A relation of an earlier release holds whatever is withheld now: the other number goes."""
    known = Known.of(
        [count("whole", 101), count("rest", 96), count("few", 5)],
        [
            total("whole", ["rest", "few"], "a sum"),
            Relation((("rest", 1.0),), 93.0, 97.0, "release 1"),
        ],
    )
    assert cheapest(known, cost=lambda c: 1.0 + (c.key == "whole")).hidden == {"whole"}
