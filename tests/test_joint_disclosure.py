"""The joint step: an attacker with all that is shown learns nothing about a withheld place."""

import numpy as np
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.joint import joint_decision, pool_input
from analysis.disclosure.rules import Clearance
from analysis.results import Estimate, NotEstimable, Support, Withheld

PRIVATE = Clearance(public=False, clusters_are_people=False, hidden=NOTHING)
PUBLISHED = Clearance(public=True, clusters_are_people=False, hidden=NOTHING)

PLACES = tuple(f"place_{i}" for i in range(12))
CELL = ("recalled", "matching_effect")


def result(value, error, smallest=40):
    support = Support(
        n=800,
        n_identifying=600,
        n_treated=300,
        persons=800,
        smallest_cell=smallest,
        residual_df=500,
    )
    return Estimate(
        "matching_effect",
        "absorbed",
        "in_every_100",
        value,
        value - 1.96 * error,
        value + 1.96 * error,
        std_error=error,
        support=support,
    )


def world(seed, withheld_value=0.0):
    """Twelve places of which the last has a small cell."""
    rng = np.random.default_rng(seed)
    values, errors = rng.normal(-1.5, 1, 12), rng.uniform(0.5, 2, 12)
    rows = {place: {CELL: result(v, e)} for place, v, e in zip(PLACES, values, errors, strict=True)}
    return rows | {PLACES[-1]: {CELL: result(withheld_value, errors[-1], smallest=3)}}


def pooled(results):
    weights = np.array([1 / r.std_error**2 for r in results.values()])
    return float(weights @ [r.value for r in results.values()] / weights.sum()), float(
        weights.sum() ** -0.5
    )


def everything_shown(rows):
    """All that a reader sees: cleared results of every place, and the pool."""
    decision = joint_decision(rows, clearance=PRIVATE).cells[CELL]
    exact = {place: rows[place][CELL] for place in rows}
    return (
        decision,
        {p: r for p, r in decision.results.items()},
        pooled(pool_input(decision, exact)),
    )


@pytest.mark.parametrize("seed", range(20))
def test_what_is_shown_is_the_same_whatever_the_withheld_place_found(seed):
    decision, results, pool = everything_shown(world(seed, withheld_value=-9.0))
    other_decision, other_results, other_pool = everything_shown(world(seed, withheld_value=+9.0))
    assert (results, pool) == (other_results, other_pool)
    assert decision.withheld == (PLACES[-1],) == other_decision.withheld
    assert decision.pooled == PLACES[:-1] and isinstance(results[PLACES[-1]], Withheld)


@pytest.mark.parametrize("seed", range(5))
def test_the_attack_works_on_a_pool_of_all_places(seed):
    """The test has teeth: with the withheld place in the pool, subtraction gives it back to three
    digits."""
    rows = world(seed, withheld_value=4.56)
    value, error = pooled({place: rows[place][CELL] for place in PLACES})
    shown = [rows[place][CELL] for place in PLACES[:-1]]
    weight = 1 / error**2 - sum(1 / r.std_error**2 for r in shown)
    recovered = (value / error**2 - sum(r.value / r.std_error**2 for r in shown)) / weight
    assert recovered == pytest.approx(4.56, abs=0.005)
    _, _, (value, error) = everything_shown(rows)
    assert 1 / error**2 - sum(1 / r.std_error**2 for r in shown) == pytest.approx(0, abs=1e-9)


def test_places_without_an_estimate_hide_nothing_and_are_not_pooled():
    rows = world(2) | {
        PLACES[0]: {
            CELL: NotEstimable(
                "matching_effect", "absorbed", "in_every_100", "too_few_practitioners"
            )
        }
    }
    decision = joint_decision(rows, clearance=PRIVATE).cells[CELL]
    assert decision.not_estimable == (PLACES[0],)
    assert decision.pooled == PLACES[1:-1] and decision.withheld == PLACES[-1:]


def test_a_reason_that_tells_is_withheld_like_a_small_number():
    rows = {"a": {CELL: result(1, 1)}, "b": {CELL: NotEstimable("m", "a", "points", "zero_events")}}
    decision = joint_decision(rows, clearance=PRIVATE).cells[CELL]
    assert decision.withheld == ("b",)
    assert decision.pooled == ()  # one place left: a pool of it would be the place itself


def test_each_cell_is_decided_by_itself_and_each_place_gets_its_own_results():
    other = ("breached", "matching_effect")
    rows = world(3)
    rows[PLACES[-1]][other] = result(1, 1)
    decision = joint_decision(rows, clearance=PRIVATE)
    assert decision.cells[other].shown == (PLACES[-1],)
    assert set(decision.results(PLACES[-1])) == {CELL, other} and set(
        decision.results(PLACES[0])
    ) == {CELL}


def test_published_sources_are_cleared_at_once():
    decision = joint_decision(world(4), clearance=PUBLISHED).cells[CELL]
    assert decision.pooled == PLACES and decision.withheld == ()
