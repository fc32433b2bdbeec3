"""Representation and declaration against hand-computed references, simulated staff and cases where
declarers mislead."""

import math

import numpy as np
import pytest
from chosen import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from analysis.disparity.representation import (
    DECLARATION_FLOOR,
    DECLARATION_STRETCH,
    Recorded,
    declaration,
    imputed_share,
    recorded_change,
    relative_rate_from_shares,
    representation_index,
    share_of_declared,
    true_share_bounds,
)
from analysis.results import NotEstimable

# Two strata of 1000: many members and few declarers, few members and many declarers.
STRATA = {"members": [120, 80], "declared": [400, 800], "staff": [1000, 1000]}


def drawn_staff(rng, *, staff, shares, declaring, delta=0.0):
    """Counts by stratum; members declare less where delta > 0 (log-odds of membership, undeclared v
    declared)."""
    true = rng.binomial(staff, shares)
    odds = np.array(declaring) / (1 - np.array(declaring))
    members = rng.binomial(true, odds / (odds + math.exp(delta)))
    others = rng.binomial(np.array(staff) - true, declaring)
    return true.sum() / np.sum(staff), members, members + others


@pytest.mark.parametrize(
    ("members", "declared", "low", "high"),
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0.00, 16.11), (1, 29, 0.61, 17.18)],
)
def test_share_has_the_interval_of_wilson(members, declared, low, high):
    result = share_of_declared(members, declared)  # Newcombe 1998, table I, method 3
    assert result.value == pytest.approx(100 * members / declared)
    assert (result.conf_low, result.conf_high) == pytest.approx((low, high), abs=0.006)


@pytest.mark.parametrize(
    ("members", "declared", "benchmark"), [(14, 100, 0.18), (90, 400, 0.18), (0, 50, 0.1)]
)
def test_index_is_the_share_on_another_scale(members, declared, benchmark):
    share = share_of_declared(members, declared)
    index = representation_index(members, declared, benchmark=benchmark)
    for end in ("value", "conf_low", "conf_high"):
        assert getattr(index, end) == pytest.approx(getattr(share, end) / 100 / benchmark)
    assert index.comparison_value == pytest.approx(1)


@settings(max_examples=examples(100), deadline=None)
@given(
    st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.floats(0.02, 0.98),
)
def test_index_and_p_value_reject_the_benchmark_together(counts, benchmark):
    index = representation_index(*counts, benchmark=benchmark)
    if abs(index.p_value - 0.05) > 1e-9:
        rejected = index.p_value < 0.05
        assert (index.conf_low > 1 or index.conf_high < 1) == rejected


@pytest.mark.parametrize(("share", "least", "most"), [(0.14, 0.02, 0.08), (0.08, 0.85, 1.0)])
def test_a_planted_gap_is_found_and_no_gap_seldom_is(share, least, most):
    rng = np.random.default_rng(31)
    found = [
        representation_index(int(m), 400, benchmark=0.14).p_value < 0.05
        for m in rng.binomial(400, share, 400)
    ]
    assert least <= np.mean(found) <= most


@pytest.mark.parametrize(
    ("declared", "floor", "stretch"),
    [(59, False, False), (60, True, False), (73, True, False), (80, True, True), (0, False, False)],
)
def test_declaration_is_set_against_both_targets(declared, floor, stretch):
    found = declaration(declared, 100)
    assert (found.share, found.meets_floor, found.meets_stretch) == (declared / 100, floor, stretch)
    assert (DECLARATION_FLOOR, DECLARATION_STRETCH) == (0.60, 0.80)
    assert declaration(0, 0) is None


def test_bounds_of_the_true_share_agree_with_the_reference():
    bounds = true_share_bounds(
        Recorded(members=1022, declared=7300, staff=10000)
    )  # 73 % declared, 14 % of them
    assert (bounds.low, bounds.high) == pytest.approx((0.1022, 0.3722))
    nothing_known = true_share_bounds(Recorded(0, 0, 10))
    assert (nothing_known.low, nothing_known.high) == (0, 1)
    assert true_share_bounds(Recorded(0, 0, 0)) is None


def test_imputed_share_stands_where_the_strata_put_it_and_not_where_the_declarers_do():
    result = imputed_share(**STRATA, seed=1)
    assert result.value == pytest.approx(100 * (0.3 + 0.1) / 2, abs=0.7)  # by hand
    assert (
        share_of_declared(200, 1200).conf_high < 20 < result.conf_high
    )  # the simple share is off, and sure of it
    assert (result.reliable, result.seed) == (True, 1)


@pytest.mark.parametrize(("delta", "end"), [(-60.0, "low"), (60.0, "high")])
def test_extreme_departures_end_at_the_bounds(delta, end):
    bounds = true_share_bounds(Recorded(200, 1200, 2000))
    result = imputed_share(**STRATA, seed=2, delta=delta)
    assert result.value == pytest.approx(100 * getattr(bounds, end))


def test_full_declaration_gives_the_share_itself():
    result = imputed_share([14, 10], [100, 50], [100, 50], seed=3)
    assert (result.value, result.df) == (pytest.approx(16.0), None)
    error = 1.959964 / math.sqrt(150 * 0.16 * 0.84)
    assert result.conf_high == pytest.approx(
        100 * special.expit(special.logit(0.16) + error), rel=1e-6
    )


def test_interval_widens_with_what_is_not_declared():
    known, unknown = (imputed_share([40], [200], [n], seed=4) for n in (200, 1000))
    full = imputed_share([200], [1000], [1000], seed=4)
    assert unknown.conf_high - unknown.conf_low > 1.6 * (full.conf_high - full.conf_low)
    assert unknown.conf_high - unknown.conf_low == pytest.approx(
        known.conf_high - known.conf_low, rel=0.35
    )
    assert (known.reliable, unknown.reliable) == (True, False)
    assert "floor" in unknown.reason


@pytest.mark.parametrize("delta", [0.0, 1.0])
def test_imputed_interval_holds_the_true_share_where_that_of_the_declarers_does_not(delta):
    rng = np.random.default_rng(32)
    staff, shares, declaring = [300, 300, 200], [0.3, 0.1, 0.15], [0.5, 0.9, 0.75]
    true, held, naive = np.dot(staff, shares) / 8, 0, 0
    for seed in range(300):
        _, members, declared = drawn_staff(
            rng, staff=staff, shares=shares, declaring=declaring, delta=delta
        )
        result = imputed_share(members, declared, staff, seed=seed, delta=delta)
        held += result.conf_low <= true <= result.conf_high
        simple = share_of_declared(int(members.sum()), int(declared.sum()))
        naive += simple.conf_low <= true <= simple.conf_high
    assert 0.92 <= held / 300 <= 0.99
    assert naive / 300 < 0.75


def test_missing_at_random_misses_a_departure_that_delta_takes_up():
    rng = np.random.default_rng(33)
    off = {0.0: [], 1.0: []}
    for seed in range(40):
        true, members, declared = drawn_staff(
            rng, staff=[2000], shares=[0.15], declaring=[0.7], delta=1.0
        )
        for delta, distances in off.items():
            distances.append(
                imputed_share(members, declared, [2000], seed=seed, delta=delta).value - 100 * true
            )
    assert np.mean(off[0.0]) < -2
    assert np.mean(off[1.0]) == pytest.approx(0, abs=0.5)


def test_strata_in_which_no_one_declared_take_the_share_of_all():
    result = imputed_share([0, 60], [0, 300], [50, 300], seed=5, imputations=200)
    assert result.value == pytest.approx(20, abs=1.0)
    assert result.conf_low < 17


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (imputed_share([0], [0], [10], seed=1), "ethnicity_missing"),
        (imputed_share([0], [5], [10], seed=1), "constant_outcome"),
        (imputed_share([5], [5], [10], seed=1), "constant_outcome"),
        (share_of_declared(0, 0), "ethnicity_missing"),
        (representation_index(0, 0, benchmark=0.1), "ethnicity_missing"),
    ],
)
def test_says_why_there_is_no_share(result, reason):
    assert isinstance(result, NotEstimable)
    assert result.reason == reason


@pytest.mark.parametrize(
    ("before", "after", "declared_part", "composition"),
    [
        (Recorded(70, 500, 1000), Recorded(112, 800, 1000), 4.2, 0.0),  # only more declared
        (Recorded(70, 500, 1000), Recorded(100, 500, 1000), 0.0, 3.0),  # only more members
        (
            Recorded(50, 500, 1000),
            Recorded(160, 800, 1000),
            4.5,
            6.5,
        ),  # (.8 - .5) x .15 and (.2 - .1) x .65
    ],
)
def test_change_of_the_recorded_share_splits_by_hand(before, after, declared_part, composition):
    found = recorded_change(before, after)
    assert (found.declaration, found.composition) == pytest.approx(
        (declared_part, composition), abs=1e-9
    )


records = st.tuples(st.integers(1, 5000), st.floats(0, 1), st.floats(0, 1)).map(
    lambda t: Recorded(int(t[2] * max(1, int(t[1] * t[0]))), max(1, int(t[1] * t[0])), t[0])
)


@settings(max_examples=examples(100), deadline=None)
@given(records, records)
def test_parts_of_the_change_sum_exactly_and_turn_with_time(before, after):
    there, back = recorded_change(before, after), recorded_change(after, before)
    assert there.declaration + there.composition == pytest.approx(
        100 * (after.members / after.staff - before.members / before.staff), abs=1e-9
    )
    assert (there.declaration, there.composition) == pytest.approx(
        (-back.declaration, -back.composition), abs=1e-9
    )


def test_a_recorded_rise_with_an_unchanged_workforce_is_put_down_to_declaration():
    rng = np.random.default_rng(34)
    parts = []
    for _ in range(100):
        _, m0, d0 = drawn_staff(rng, staff=[4000], shares=[0.14], declaring=[0.6])
        _, m1, d1 = drawn_staff(rng, staff=[4000], shares=[0.14], declaring=[0.8])
        change = recorded_change(
            *(Recorded(int(m[0]), int(d[0]), 4000) for m, d in ((m0, d0), (m1, d1)))
        )
        parts.append((change.change, change.declaration, change.composition))
    assert np.mean(parts, axis=0) == pytest.approx((2.8, 2.8, 0.0), abs=0.2)


def test_no_declarations_give_no_split():
    assert recorded_change(Recorded(0, 0, 10), Recorded(1, 5, 10)) is None


@pytest.mark.parametrize(
    ("applied", "hired"),
    [((300, 700), (30, 140)), ((50, 950), (5, 95)), ((10, 20), (0, 5)), ((1, 999), (1, 400))],
)
def test_relative_rate_from_shares_is_that_of_the_counts(applied, hired):
    shares = applied[0] / sum(applied), hired[0] / sum(hired)
    by_counts = (hired[0] / applied[0]) / (hired[1] / applied[1])
    assert relative_rate_from_shares(*shares) == pytest.approx(by_counts)


@pytest.mark.parametrize(("share_in", "share_out"), [(0.0, 0.1), (1.0, 0.9), (0.5, 1.0)])
def test_relative_rate_needs_others_on_both_sides(share_in, share_out):
    assert relative_rate_from_shares(share_in, share_out) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: share_of_declared(6, 5),
        lambda: representation_index(1, 5, benchmark=0.0),
        lambda: representation_index(1, 5, benchmark=1.0),
        lambda: imputed_share([6], [5], [10], seed=1),
        lambda: imputed_share([1], [5], [10], seed=1, imputations=1),
        lambda: declaration(6, 5),
        lambda: relative_rate_from_shares(14, 0.1),
    ],
)
def test_refuses_what_is_no_share(call):
    with pytest.raises(ValueError):
        call()
