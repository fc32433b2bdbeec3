"""Classes: a grid shows that each (L, U, S, p) has exactly one class, harm is never muted."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.judgement.classes import (
    FROM_INTERVAL,
    HARM_GRADES,
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
    (low, high, p)
    for low, high in itertools.product(POINTS, POINTS)
    if low <= high
    for p in (0.01, ALPHA, 0.2, None)
]


@pytest.mark.parametrize(("low", "high", "p"), GRID)
def test_each_interval_falls_in_exactly_one_class(low, high, p):
    holds = [name for name, true in definitions(low, high, p).items() if true]
    assert len(holds) == 1
    value = (low + high) / 2
    found = result_class(
        value, low, high, matters=S, better="higher", ratio=False, p_adjusted=p, alpha=ALPHA
    )
    assert [found] == holds


def test_the_grid_covers_every_class_from_an_interval():
    assert {name for cell in GRID for name, true in definitions(*cell).items() if true} == set(
        FROM_INTERVAL
    )


@pytest.mark.parametrize(("low", "high", "p"), GRID)
def test_direction_mirrors_the_class(low, high, p):
    value = (low + high) / 2
    higher = result_class(
        value, low, high, matters=S, better="higher", ratio=False, p_adjusted=p, alpha=ALPHA
    )
    lower = result_class(
        -value, -high, -low, matters=S, better="lower", ratio=False, p_adjusted=p, alpha=ALPHA
    )
    assert higher == lower


@given(st.floats(-3, 3), st.floats(0, 3), st.floats(0, 3), st.sampled_from([0.01, 0.5, None]))
def test_ratios_are_classed_on_the_log_scale(middle, below, above, p):
    low, high = middle - below, middle + above
    bounds = (0.0, math.log(1.25), -math.log(1.25))
    if any(abs(x - bound) < 1e-9 for x in (low, high) for bound in bounds):
        return
    common = {"p_adjusted": p, "alpha": ALPHA, "better": "lower"}
    log = result_class(middle, low, high, matters=math.log(1.25), ratio=False, **common)
    times = result_class(
        math.exp(middle), math.exp(low), math.exp(high), matters=1.25, ratio=True, **common
    )
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
    [
        (50, 10, True),
        (50, -10, True),
        (49.99, 0, False),
        (90, 10.01, False),
        (90, -10.01, False),
        (None, 0, False),
    ],
)
def test_the_survey_rule_at_its_edge(response, apart, kept):
    capped = cap_at_inconclusive(
        "benefit_matters", response_percent=response, differential_points=apart
    )
    assert (capped.result_class == "benefit_matters") is kept
    assert (
        cap_at_inconclusive(
            "benefit_matters",
            response_percent=response,
            differential_points=apart,
            bounds_agree=True,
        ).reason
        is None
    )


def graded(value, low, high, *, better="lower", probability=None, level=0.8, ratio=False):
    return harm_watch(
        value,
        low,
        high,
        matters=S,
        better=better,
        ratio=ratio,
        probability=probability,
        level=level,
    )


@pytest.mark.parametrize(
    ("value", "low", "high", "probability", "expected"),
    [
        (1, 0.01, 2, None, "worse"),  # wholly on the worse side, smaller than what matters
        (5, 1, 9, 0.99, "worse"),  # the graver grade alone
        (
            1,
            0,
            2,
            0.99,
            None,
        ),  # an estimate within the size that matters is never named for its probability
        (2.01, -1, 5, 0.81, "may_be_worse"),
        (2.01, -1, 5, 0.8, None),  # above the level, not at it
        (2, -1, 5, 0.99, None),
        (20, -1, 41, None, None),  # nothing to shrink towards
        (-5, -6, -4, 0.0, None),
    ],
)
def test_grades_of_harm_watch(value, low, high, probability, expected):
    assert graded(value, low, high, probability=probability) == expected
    assert graded(-value, -high, -low, better="higher", probability=probability) == expected


@given(
    value=st.floats(-10, 10),
    below=st.floats(0, 10),
    above=st.floats(0, 10),
    better=st.sampled_from(["higher", "lower"]),
    probability=st.none() | st.floats(0, 1),
    level=st.floats(0.5, 0.99),
)
def test_a_grade_is_what_it_says_and_a_higher_level_never_adds_one(
    value, below, above, better, probability, level
):
    low, high = value - below, value + above
    grade = graded(value, low, high, better=better, probability=probability, level=level)
    assert grade in (None, *HARM_GRADES)
    worse_side = high < 0 if better == "higher" else low > 0
    assert (grade == "worse") == worse_side, (
        "no probability mutes or makes a harm that the interval shows"
    )
    if grade == "may_be_worse":
        assert (value < -S if better == "higher" else value > S) and probability > level
    stricter = graded(value, low, high, better=better, probability=probability, level=0.995)
    assert stricter in (grade, None)
    assert graded(value, low, high, better=None, probability=probability, level=level) is None


def test_a_ratio_is_worse_on_its_own_side():
    assert (
        graded(2.5, 1.1, 5, ratio=True) == "worse"
        and graded(0.4, 0.2, 0.9, better="higher", ratio=True) == "worse"
    )
    assert graded(2.5, 0.9, 5, ratio=True, probability=0.9) == "may_be_worse"
    assert graded(2.5, 0.9, 5, better="higher", ratio=True, probability=0.9) is None


@pytest.mark.parametrize("probability", [-0.1, 1.1])
def test_a_probability_that_is_none_is_refused(probability):
    with pytest.raises(ValueError, match="between 0 and 1"):
        graded(1, 0, 2, probability=probability)


def test_harm_is_not_watched_where_no_direction_is_worse():
    assert graded(5, 4, 6, better=None, probability=0.99) is None
