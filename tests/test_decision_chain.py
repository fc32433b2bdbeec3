"""A chain of decisions: closed chains multiply, open ones stand side by side, and a stage is named
only if it stands apart."""

import itertools
import math

import numpy as np
import pytest
from chosen import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disparity.chain import OPEN_REASONS, Stage, decision_chain
from analysis.disparity.relative_rate import log_wald_interval, relative_rate_index
from analysis.results import Estimate, NotEstimable

CHARGE, CUSTODY = Stage("charge", 400, 1000, 300, 1000), Stage("custody", 100, 400, 60, 300)


def cohort(group: list[int], reference: list[int]) -> list[Stage]:
    """Stages of people who are followed: how many are left after each decision."""
    pairs = zip(itertools.pairwise(group), itertools.pairwise(reference), strict=True)
    return [Stage(f"stage {i}", b, a, d, c) for i, ((a, b), (c, d)) in enumerate(pairs)]


def test_the_stages_of_a_closed_chain_multiply_to_the_whole():
    chain = decision_chain([CHARGE, CUSTODY], closed=True)
    assert [stage.ratio.value for stage in chain.stages] == pytest.approx([4 / 3, 1.25])
    assert (chain.overall.value, chain.product) == pytest.approx((5 / 3, 5 / 3))
    assert (chain.is_closed, chain.reason) == (True, None)


def test_each_stage_and_the_whole_carry_the_score_interval():
    chain = decision_chain([CHARGE, CUSTODY], closed=True)
    assert chain.stages[1].ratio == relative_rate_index(100, 400, 60, 300)
    assert chain.overall == relative_rate_index(100, 1000, 60, 1000)


def test_distances_are_log_wald():
    stage = decision_chain([CHARGE, CUSTODY], closed=True).stages[1]
    error, low, high = log_wald_interval(100, 400, 60, 300)
    assert stage.distance == pytest.approx(math.log(1.25))
    assert stage.distance_high == pytest.approx(math.log(high))
    assert stage.distance_low == pytest.approx(max(math.log(low), 0))
    assert error > 0


lives = st.lists(st.integers(1, 3000), min_size=2, max_size=6).map(
    lambda counts: sorted(counts, reverse=True)
)


@settings(max_examples=examples(100), deadline=None)
@given(
    lives.flatmap(
        lambda a: st.tuples(
            st.just(a), st.lists(st.integers(1, 3000), min_size=len(a), max_size=len(a))
        )
    )
)
def test_every_closed_chain_multiplies(drawn):
    group, reference = drawn[0], sorted(drawn[1], reverse=True)
    chain = decision_chain(cohort(group, reference), closed=True)
    assert chain.is_closed
    assert chain.product == pytest.approx(chain.overall.value)


@pytest.mark.parametrize(
    ("stages", "closed", "reason"),
    [
        (
            [CHARGE, CUSTODY],
            False,
            "not_followed",
        ),  # counts that agree do not make it the same people
        ([CHARGE, Stage("custody", 100, 390, 60, 300)], True, "counts_differ"),
        ([CHARGE, Stage("custody", 100, 400, 60, 310)], True, "counts_differ"),
        ([CUSTODY, CHARGE], True, "counts_differ"),
        ([], True, "no_stages"),
    ],
)
def test_an_open_chain_has_stages_side_by_side_and_no_product(stages, closed, reason):
    chain = decision_chain(stages, closed=closed)
    assert (chain.is_closed, chain.product, chain.reason) == (False, None, reason)
    assert reason in OPEN_REASONS
    assert isinstance(chain.overall, NotEstimable)
    assert [stage.name for stage in chain.stages] == [stage.name for stage in stages]
    assert all(isinstance(stage.ratio, Estimate) for stage in chain.stages)


def test_multiplying_an_open_chain_would_mislead():
    """The naive product: people diverted before the second stage. 2 x 2 = 4, and yet as many are
    sent to custody."""
    stages = [Stage("charge", 400, 1000, 200, 1000), Stage("custody", 50, 100, 50, 200)]
    naive = math.prod(relative_rate_index(*stage.counts).value for stage in stages)
    whole = relative_rate_index(50, 1000, 50, 1000)
    assert (naive, whole.value) == pytest.approx((4, 1))
    assert decision_chain(stages, closed=True).product is None


@pytest.mark.parametrize(
    ("group", "reference", "first", "second", "overall"),
    [
        ([100, 20, 5], [100, 0, 0], "zero_events", "no_comparison", "zero_events"),
        ([100, 20, 5], [100, 30, 0], None, "zero_events", "zero_events"),
        (
            [100, 0, 0],
            [100, 30, 9],
            None,
            "no_comparison",
            None,
        ),  # no one in the group: a ratio of 0
        ([0, 0, 0], [100, 30, 9], "no_comparison", "no_comparison", "no_comparison"),
    ],
)
def test_a_stage_without_events_takes_the_product_away_and_nothing_else(
    group, reference, first, second, overall
):
    chain = decision_chain(cohort(group, reference), closed=True)
    assert (chain.is_closed, chain.product, chain.reason, chain.adds_most) == (
        True,
        None,
        "zero_events",
        None,
    )
    found = [stage.ratio for stage in chain.stages] + [chain.overall]
    assert [r.reason if isinstance(r, NotEstimable) else None for r in found] == [
        first,
        second,
        overall,
    ]


def test_a_stage_at_which_everyone_went_on_multiplies_and_stands_back():
    chain = decision_chain(cohort([1000, 1000, 600], [3000, 3000, 900]), closed=True)
    assert chain.product == pytest.approx(2)
    assert chain.stages[0].distance == 0
    assert chain.adds_most == "stage 1"


@pytest.mark.parametrize(
    ("stages", "named"),
    [
        ([CHARGE, CUSTODY], None),  # 1.33 and 1.25 in hundreds: either may be the larger
        ([Stage("a", 600, 1000, 300, 1000), Stage("b", 310, 600, 150, 300)], "a"),
        (
            [Stage("a", 150, 1000, 300, 1000), Stage("b", 75, 150, 150, 300)],
            "a",
        ),  # below 1 counts as much
        (
            [Stage("a", 600, 1000, 300, 1000), Stage("b", 5, 12, 4, 20)],
            None,
        ),  # the other is too uncertain
        ([Stage("a", 6, 20, 3, 20)], None),  # nothing to stand apart from
        (
            [Stage("a", 600, 1000, 300, 1000), Stage("b", 0, 100, 30, 300)],
            None,
        ),  # nought may be the largest
        (
            [
                Stage("a", 600, 1000, 300, 1000),
                Stage("b", 500, 1000, 500, 1000),
                Stage("c", 4, 9, 4, 9),
            ],
            None,
        ),
    ],
)
def test_a_stage_is_named_only_if_it_stands_apart(stages, named):
    assert decision_chain(stages, closed=False).adds_most == named


SHARES = np.array([0.4, 0.5, 0.6])


def followed(rng, ratios, people=(600, 2400)) -> list[Stage]:
    left = [[n] for n in people]
    for share, ratio in zip(SHARES, ratios, strict=True):
        left[0].append(int(rng.binomial(left[0][-1], share * ratio)))
        left[1].append(int(rng.binomial(left[1][-1], share)))
    return cohort(*left)


@pytest.mark.parametrize("ratio", [1.0, 1.2])
def test_stages_that_are_alike_are_seldom_told_apart(ratio):
    """Null: the largest of three equal ratios is some stage in every sample; it is named in few."""
    rng = np.random.default_rng(31)
    chains = [decision_chain(followed(rng, [ratio] * 3), closed=True) for _ in range(600)]
    assert sum(chain.adds_most is not None for chain in chains) / 600 < 0.05
    naive = {max(chain.stages, key=lambda stage: stage.distance).name for chain in chains}
    assert len(naive) == 3  # picking the largest names each of them, in one sample or another


def test_a_planted_stage_is_found_and_the_whole_ratio_is_covered():
    rng, named, covered = np.random.default_rng(32), 0, 0
    for _ in range(400):
        chain = decision_chain(followed(rng, [1.0, 1.6, 1.0], people=(1500, 6000)), closed=True)
        named += chain.adds_most == "stage 1"
        covered += chain.overall.conf_low <= 1.6 <= chain.overall.conf_high
        assert chain.adds_most in (None, "stage 1")
    assert named / 400 > 0.9
    assert 0.93 <= covered / 400 <= 0.97
