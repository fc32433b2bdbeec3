"""Classes: a grid shows that each (L, U, S, p) has exactly one class, harm is never muted."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.judgement.classes import (
    FROM_INTERVAL,
    RESULT_CLASSES,
    cap_at_inconclusive,
    harm_watch,
    orient,
    result_class,
)

S = 2.0
ALPHA = 0.05
POINTS = (-5, -S, -1, 0, 1, S, 5)


def definitions(low, high, p):
    """Each class written as its own condition: the grid shows that exactly one of them holds."""
    small = low > -S and high < S
    clear = p is not None and p <= ALPHA and (low > 0 or high < 0)
    muted = p is not None and p > ALPHA and (low > 0 or high < 0)
    open_ = not small and not clear and not muted
    return {
        "no_meaningful_difference": small and not clear,
        "detectable_but_small": small and clear,
        "benefit_matters": not small and clear and low >= S,
        "benefit_size_uncertain": not small and clear and 0 < low < S,
        "harm_matters": not small and clear and high <= -S,
        "harm_size_uncertain": not small and clear and -S < high < 0,
        "only_before_adjustment": not small and muted,
        "inconclusive_harm_unlikely": open_ and low > -S,
        "inconclusive_benefit_unlikely": open_ and low <= -S and high < S,
        "inconclusive": open_ and low <= -S and high >= S,
    }


GRID = [
    (low, high, p) for low, high in itertools.product(POINTS, POINTS) if low <= high for p in (0.01, ALPHA, 0.2, None)
]


@pytest.mark.parametrize(("low", "high", "p"), GRID)
def test_each_interval_falls_in_exactly_one_class(low, high, p):
    holds = [name for name, true in definitions(low, high, p).items() if true]
    assert len(holds) == 1
    value = (low + high) / 2
    found = result_class(value, low, high, matters=S, better="higher", ratio=False, p_adjusted=p, alpha=ALPHA)
    assert [found] == holds


def test_the_grid_covers_every_class_from_an_interval():
    assert {name for cell in GRID for name, true in definitions(*cell).items() if true} == set(FROM_INTERVAL)


@pytest.mark.parametrize(("low", "high", "p"), GRID)
def test_direction_mirrors_the_class(low, high, p):
    value = (low + high) / 2
    higher = result_class(value, low, high, matters=S, better="higher", ratio=False, p_adjusted=p, alpha=ALPHA)
    lower = result_class(-value, -high, -low, matters=S, better="lower", ratio=False, p_adjusted=p, alpha=ALPHA)
    assert higher == lower


@given(st.floats(-3, 3), st.floats(0, 3), st.floats(0, 3), st.sampled_from([0.01, 0.5, None]))
def test_ratios_are_classed_on_the_log_scale(middle, below, above, p):
    low, high = middle - below, middle + above
    bounds = (0.0, math.log(1.25), -math.log(1.25))
    if any(abs(x - bound) < 1e-9 for x in (low, high) for bound in bounds):
        return
    common = {"p_adjusted": p, "alpha": ALPHA, "better": "lower"}
    log = result_class(middle, low, high, matters=math.log(1.25), ratio=False, **common)
    times = result_class(math.exp(middle), math.exp(low), math.exp(high), matters=1.25, ratio=True, **common)
    assert log == times


def test_a_lower_limit_of_zero_times_is_a_legal_interval():
    common = {"matters": 1.25, "better": "lower", "ratio": True, "p_adjusted": 0.01, "alpha": ALPHA}
    assert result_class(0.0, 0.0, 0.7, **common) == "benefit_matters"
    with pytest.raises(ValueError, match="negative"):
        result_class(0.5, -0.1, 0.7, **common)


def test_direction_undefined_and_unreliable_come_first():
    common = {"matters": S, "ratio": False, "p_adjusted": 0.001, "alpha": ALPHA}
    assert result_class(5, 4, 6, better=None, **common) == "direction_undefined"
    assert result_class(5, 4, 6, better="higher", reliable=False, **common) == "unreliable"


@pytest.mark.parametrize(("matters", "ratio"), [(0, False), (-1, False), (1, True), (0.8, True)])
def test_a_size_that_matters_must_be_a_size(matters, ratio):
    with pytest.raises(ValueError, match="size that matters"):
        orient(1, 1, 1, matters=matters, better="higher", ratio=ratio)


@pytest.mark.parametrize("key", RESULT_CLASSES)
def test_surveys_are_capped_at_inconclusive(key):
    capped = cap_at_inconclusive(key, response_percent=49.9, differential_points=0)
    assert (capped.result_class, capped.reason is not None) == (
        ("inconclusive", True) if key in FROM_INTERVAL else (key, False)
    )


@pytest.mark.parametrize(
    ("response", "apart", "kept"),
    [(50, 10, True), (50, -10, True), (49.99, 0, False), (90, 10.01, False), (90, -10.01, False), (None, 0, False)],
)
def test_the_survey_rule_at_its_edge(response, apart, kept):
    capped = cap_at_inconclusive("benefit_matters", response_percent=response, differential_points=apart)
    assert (capped.result_class == "benefit_matters") is kept
    assert (
        cap_at_inconclusive(
            "benefit_matters", response_percent=response, differential_points=apart, bounds_agree=True
        ).reason
        is None
    )


@pytest.mark.parametrize(
    ("value", "low", "high", "n", "expected"),
    [
        (1, 0.01, 2, None, True),  # wholly on the worse side, even among a few
        (1, 0, 2, 500, False),
        (2.01, -1, 5, 30, True),
        (2.01, -1, 5, 29, False),
        (2, -1, 5, 500, False),
        (2.01, -1, 5, None, False),
        (-5, -6, -4, 500, False),
    ],
)
def test_harm_is_watched_from_the_unadjusted_interval(value, low, high, n, expected):
    assert harm_watch(value, low, high, matters=S, better="lower", ratio=False, n=n) is expected
    assert harm_watch(-value, -high, -low, matters=S, better="higher", ratio=False, n=n) is expected


def test_harm_is_not_watched_where_no_direction_is_worse():
    assert not harm_watch(5, 4, 6, matters=S, better=None, ratio=False, n=500)
