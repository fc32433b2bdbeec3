"""The attack tells exactly what follows from everything that is public, and no less."""

import numpy as np
import pytest
from attacked_tables import (
    THRESHOLD,
    count,
    cross_table,
    ends_by_integers,
    nation,
    random_table,
    recovered_by_integers,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from analysis.disclosure.attack.helping import with_helps
from analysis.disclosure.attack.known import OPEN, Count, Known, Relation, at_most, total
from analysis.disclosure.attack.narrowest import attack
from analysis.disclosure.attack.solver import Programme
from analysis.errors import RunError


def told(known: Known, **how) -> set[str]:
    return {cell.key for cell in attack(known, **how).recovered}


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 3), (5, 2)])
@pytest.mark.parametrize("seed", range(4))
def test_intervals_are_those_of_one_programme_over_everything(seed, shape, whole):
    known = random_table(np.random.default_rng(seed), shape, 25)
    expected = ends_by_integers(known, whole=whole)
    found = {cell.key: (cell.low, cell.high) for cell in attack(known, whole=whole).cells}
    assert found.keys() == expected.keys()
    for name, ends in expected.items():
        assert found[name] == pytest.approx(ends, abs=1e-5), name


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(2))
def test_a_chain_of_stages_beside_the_nation_is_told_as_by_one_programme(seed, whole):
    known = nation(np.random.default_rng(seed), places=3, groups=3, stages=2)
    assert told(known, whole=whole) == recovered_by_integers(known, whole=whole)


def random_system(rng: np.random.Generator) -> Known:
    """Counts of all sizes under relations of any form, that hold of them: equal, at most, within,
    with coefficients that no table has."""
    exact = rng.poisson(rng.gamma(0.6, 30, int(rng.integers(4, 14))))
    counts = [count(f"n{at}", int(n)) for at, n in enumerate(exact)]
    relations = []
    for row in range(int(rng.integers(2, 12))):
        chosen = rng.choice(len(exact), int(rng.integers(1, 5)), replace=False)
        times = rng.choice([-2.0, -1.0, -1.0, 1.0, 1.0, 3.0], len(chosen))
        middle = float(times @ exact[chosen])
        room = rng.choice([0.0, 0.0, 2.0, OPEN], 2)
        terms = tuple((f"n{at}", t) for at, t in zip(chosen, times, strict=True))
        relations.append(Relation(terms, middle - room[0], middle + room[1], f"row {row}"))
    return Known.of(counts, relations)


@given(seed=st.integers(0, 10**6), whole=st.booleans())
@example(seed=408744, whole=False)  # bounds in fractions so close that HiGHS found nothing between
@example(seed=609851, whole=True)  # HiGHS ended in an error of its own, with presolve
@settings(max_examples=150, deadline=None)
def test_intervals_of_any_system_are_those_of_a_programme_for_each_end(seed, whole):
    known = random_system(np.random.default_rng(seed))
    expected = ends_by_integers(known, whole=whole)
    found = {cell.key: (cell.low, cell.high) for cell in attack(known, whole=whole).cells}
    assert found.keys() == expected.keys()
    for name, ends in expected.items():
        assert found[name] == pytest.approx(ends, abs=1e-5), name
    assert told(known, whole=whole, exact=False) == recovered_by_integers(known, whole=whole)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_an_answer_does_not_depend_on_what_was_asked_before(seed):
    """Goals and bounds in any order, some of which no table fits: as each is answered alone."""
    rng = np.random.default_rng(seed)
    rows = rng.choice([-1.0, 0.0, 0.0, 1.0, 2.0], (4, 7))
    exact = rng.integers(0, 30, 7).astype(float)
    least, most = rows @ exact - rng.integers(0, 3, 4), rows @ exact + rng.integers(0, 3, 4)
    asked = Programme(csr_matrix(rows), least, most)
    for _ in range(12):
        goal = rng.integers(-2, 3, 7).astype(float)
        low = np.maximum(0.0, exact - rng.integers(-1, 9, 7))
        high = np.maximum(low, exact + rng.integers(-1, 9, 7))
        alone = linprog(
            goal,
            A_ub=np.vstack([rows, -rows]),
            b_ub=np.concatenate([most, -least]),
            bounds=np.column_stack([low, high]),
        )
        found = asked.smallest(goal, low, high, afresh=bool(rng.integers(0, 2)))
        assert (found is None) == (alone.status == 2)
        if found is not None:
            assert found.least == pytest.approx(alone.fun, abs=1e-6)
            assert goal @ found.point == pytest.approx(alone.fun, abs=1e-6)
            assert (found.point >= low - 1e-6).all() and (found.point <= high + 1e-6).all()
            assert (rows @ found.point >= least - 1e-6).all()
            assert (rows @ found.point <= most + 1e-6).all()


def test_a_stage_less_the_next_gives_a_count_back_that_each_table_by_itself_does_not():
    """A base of 100 and a base of the next stage of 95: those who left are few, although neither
    table prints a total of them."""
    bases = [count("base", 101), count("next base", 96), count("left", 5)]
    chain = total("base", ["next base", "left"], "a stage less the next")
    apart = attack(Known.of(bases))
    assert not apart.recovered and apart.cells[0].values == THRESHOLD
    joint = attack(Known.of(bases, [chain]))
    assert [cell.values for cell in joint.recovered] == [9]  # 98..102 less 93..97


def test_people_with_an_event_are_no_more_than_the_events():
    events = Count("events", 3, 3, 3, unit="events")
    people = count("people", 2)
    known = Known.of([events, people], [at_most("people", "events", "each has one")])
    assert [(cell.low, cell.high, cell.values) for cell in attack(known).recovered] == [(0, 3, 4)]


def test_a_protected_count_that_is_printed_is_recovered():
    known = Known.of([Count("n", 6, 3, 7, protected=True)])
    assert [cell.values for cell in attack(known).recovered] == [5]


def test_whole_numbers_tell_more_than_fractions():
    """Twice a count is between 1 and 17: 0.5 to 8.5, so that only 1 to 8 are left of 0 to 9."""
    known = Known.of([count("n", 4)], [Relation((("n", 2.0),), -1.0, 17.0, "twice")])
    assert attack(known).cells[0].high == 8
    assert attack(known, whole=False).cells[0].high == pytest.approx(8.5)


def test_what_contradicts_the_exact_counts_is_an_error_that_names_them_and_no_value():
    counts = [count("a", 761), count("b", 322), count("c", 438)]
    with pytest.raises(RunError, match=r"E380.*a sum.*a \| b \| c") as raised:
        attack(Known.of(counts, [total("a", ["b", "c"], "a sum")]))
    assert not any(n in str(raised.value) for n in ("761", "322", "438"))
    with pytest.raises(RunError, match=r"E380.*n"):
        attack(Known.of([Count("n", 30, 33, 37)]))


def test_a_relation_with_a_count_that_was_never_noted_is_an_error():
    with pytest.raises(RunError, match=r"E382.*b"):
        attack(Known.of([count("a", 12)], [total("a", ["b"], "a sum")]))


def test_the_printed_numbers_that_narrow_an_interval_are_named():
    known = Known.of(
        [count("whole", 99), count("rest", 91), count("few", 8), count("other", 40)],
        [total("whole", ["rest", "few"], "a sum")],
    )
    helps = with_helps(known, attack(known)).helps
    assert {one.key for one in helps} == {"whole", "rest"}
    assert all(one.worth == pytest.approx(1.0) and one.cells == 1 for one in helps)


def test_nothing_small_and_nothing_printed_is_no_attack():
    assert attack(Known.of([])).cells == ()
    assert attack(Known.of([Count("n", 4, 0, OPEN, protected=True)])).recovered == ()
    assert attack(cross_table(np.full((3, 3), 50))).cells == ()
