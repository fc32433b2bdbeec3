"""A place with a planted harm says so in its first three sentences, and a place without does not:
over many draws of what its pilots could have found, with the errors of the committed records."""

import math
from dataclasses import replace
from functools import cache
from statistics import NormalDist

import numpy as np
import pytest

from analysis.clearing.harm_watch import is_watched
from analysis.judgement.classes import harm_p, harm_watch
from analysis.places.known import Known, KnownStudy
from analysis.places.place_view import PlaceView, place_view
from analysis.plans.plan import Plan
from analysis.plans.registry import parse_source
from analysis.record.row import Row
from analysis.rounds.known_rounds import known_of

Z = NormalDist().inv_cdf(0.975)
NATIONS = 200
PLACES = ("west_midlands", "wales", "london", "kent_surrey_and_sussex")


@cache
def example() -> Known:
    return known_of(parse_source("example"), "draft")


def drawn(plan: Plan, row: Row, shift: float, chance: np.random.Generator) -> Row:
    """The row as another sample could have had it: its error, and a true harm of `shift` errors."""
    outcome, ratio = plan.outcome(row.outcome), row.unit == "times"
    low, high = (math.log(x) if ratio else x for x in row.estimate[1:])
    error = (high - low) / (2 * Z)
    side = -1 if outcome.better == "higher" else 1
    value = side * error * (shift + chance.standard_normal())
    ends = [value, value - Z * error, value + Z * error]
    at = [math.exp(x) for x in ends] if ratio else ends
    p = 2 * NormalDist().cdf(-abs(value / error))
    better = {"better": outcome.better, "ratio": ratio}
    grade = harm_watch(*at, matters=outcome.size, probability=None, level=0.8, **better)
    names = ("value", "conf_low", "conf_high")
    return row.with_(**dict(zip(names, at, strict=True)), p_value=p, harm_watch=grade)


def can_be_drawn(plan: Plan, row: Row) -> bool:
    known = row.status == "estimated" and plan.outcome(row.outcome).better is not None
    if not known or not is_watched(plan, row):
        return False
    low, high = row.estimate[1:]
    return (
        math.isfinite(low)
        and math.isfinite(high)
        and high > low
        and (low > 0 or row.unit != "times")
    )


def of_seed(place: str, seed: int, shift: float) -> PlaceView:
    """The page of a place in which nothing is harmed, or (`shift` errors) the leading outcome of
    one pilot, drawn by chance."""
    chance = np.random.default_rng([seed, PLACES.index(place)])
    studies = [s for s in example().studies if place in s.places]
    pilots = [s for s in studies if isinstance(s.plan, Plan) and leads(s, place)]
    harmed = pilots[chance.integers(len(pilots))].plan.study if shift else ""
    return place_view(
        replace(example(), studies=tuple(_drawn(s, place, harmed, shift, chance) for s in studies)),
        place,
    )


def leads(study: KnownStudy, place: str) -> bool:
    plan = study.plan
    return any(can_be_drawn(plan, row) and is_lead(plan, row) for row in study.places[place].rows)


def is_lead(plan: Plan, row: Row) -> bool:
    return row.outcome == plan.leading and row.group == "all"


def _drawn(study: KnownStudy, place: str, harmed: str, shift: float, chance) -> KnownStudy:
    plan, record = study.plan, study.places[place]
    if not isinstance(plan, Plan):
        return study
    at = {}
    for row in record.rows:
        if can_be_drawn(plan, row):
            own = shift if plan.study == harmed and is_lead(plan, row) else 0.0
            at[id(row)] = drawn(plan, row, own, chance)
    rows = tuple(at.get(id(row), row.with_(harm_watch=None)) for row in record.rows)
    return replace(study, places={**study.places, place: record.with_(rows=rows)})


def says_worse(view: PlaceView) -> bool:
    return "utcomes are worse in" in " ".join(view.sentences)


def share(place: str, shift: float) -> tuple[float, float]:
    """In what share of nations the three sentences say so, and in what share something has the
    grade *worse* at all."""
    views = [of_seed(place, seed, shift) for seed in range(NATIONS // len(PLACES))]
    return np.mean([says_worse(v) for v in views]), np.mean([bool(v.worse) for v in views])


@pytest.mark.simulation
def test_of_200_places_without_harm_few_say_that_there_is_one():
    """At most 5 in 100, and what 200 draws leave open (2.3 errors); a rule that names whatever has
    the grade *worse* does it in most."""
    said, graded = np.mean([share(place, 0.0) for place in PLACES], axis=0)
    assert said <= 0.05 + 2.3 * math.sqrt(0.05 * 0.95 / NATIONS)
    assert graded > 0.5


@pytest.mark.simulation
@pytest.mark.parametrize(("shift", "at_least"), [(5.0, 0.9), (4.0, 0.6)])
def test_of_200_places_with_a_harm_of_so_many_errors_most_say_so(shift, at_least):
    assert np.mean([share(place, shift)[0] for place in PLACES]) >= at_least


def test_the_one_sided_p_value_is_that_of_harm():
    half = harm_p(2.0, 0.0, 4.0, p_value=0.05, better="lower", ratio=False)
    assert half == pytest.approx(0.025)
    assert harm_p(2.0, 0.0, 4.0, p_value=0.05, better="higher", ratio=False) == 1 - half
    by_width = harm_p(1.5, 1.0, 2.25, p_value=None, better="lower", ratio=True)
    assert by_width == pytest.approx(0.025, abs=1e-9)
