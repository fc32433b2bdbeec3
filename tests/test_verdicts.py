"""The verdict rule: exactly one class everywhere, both ways of counting, and every measure of every
plan can be a disparity."""

import itertools
import math

import numpy as np
import pytest
from chosen import examples
from column_calls import with_columns
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure.attack.protection import NOTHING
from analysis.disparity.funnel_limits import funnel_of_ratios
from analysis.disparity.rates import RateSide, verdict_of_rates
from analysis.disparity.relative_rate import (
    BAND,
    EVENT,
    GROUP,
    ONE_SIDED,
    OPPOSITE,
    REFERENCE,
    VERDICTS,
    deciding,
    name_of_verdict,
    relative_rate_index,
    verdict,
    verdict_on_ratios,
    worse_off,
)
from analysis.inference.multiplicity import benjamini_hochberg
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, parse_source
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.counted.counts import counted_rows, exposure, published_counts
from analysis.studies.disparity.study import open_monitor
from analysis.studies.disparity.units import laws_of
from analysis.study.opening import open_exact, service_of
from analysis.synthetic.nation import ensure_region
from analysis.vocabulary.regions import ALL

BANDS = (BAND, (0.75, 1.4))  # the second is not its own inverse
POINTS = (0.0, 0.5, 0.75, 0.78, 0.8, 0.9, 0.99, 1.0, 1.01, 1.1, 1.25, 1.3, 1.4, 2.0, math.inf)
MONITORS = [plan for plan in list_plans() if isinstance(plan, Monitor)]
PILOTS = [plan for plan in list_plans() if isinstance(plan, Plan) and plan.band is not None]
# in a group whose rate is as bad as can be: enough for a verdict at every rate of these plans
PEOPLE = 10_000


def ratios():
    """(value, low, high), with each end anywhere on, inside and outside the bands."""
    triples = itertools.combinations_with_replacement(POINTS, 3)
    return [(value, low, high) for low, value, high in triples if math.isfinite(low)]


def classes_that_hold(event, opposite, excluded, band):
    """Each class by its own definition (METHODS section 0 rule 5), none of them by what is left
    over."""
    each = [event] if opposite is None else [event, opposite]
    low, high = band
    out = any(not low <= value <= high for value, _, _ in each)
    wholly_in = all(low <= a and b <= high for _, a, b in each)
    return {
        name
        for name, holds in {
            "within_band": wholly_in and not excluded,
            "disparity": out and excluded,
            "small_not_chance": not out and excluded,
            "practical_only": out and not excluded and not wholly_in,
            "no_disparity_shown": not out and not excluded and not wholly_in,
        }.items()
        if holds
    }


@pytest.mark.parametrize("excluded", [True, False])
@pytest.mark.parametrize("band", BANDS)
def test_every_ratio_interval_and_test_fall_in_exactly_one_class(excluded, band):
    seen = set()
    for event in ratios():
        for opposite in (None, *ratios()[:: len(ratios()) // 12]):
            held = classes_that_hold(event, opposite, excluded, band)
            assert len(held) == 1, (event, opposite, held)
            name = name_of_verdict(event, opposite, excluded=excluded, band=band)
            assert {name} == held
            seen.add(name)
    tested = {"disparity", "small_not_chance"}
    assert seen == (tested if excluded else set(VERDICTS) - tested - {"insufficient_data"})


@pytest.mark.parametrize(
    ("event", "opposite", "band", "decided"),
    [
        (0.69, 1.04, BAND, EVENT),  # promoted: 7.5 against 10.8 in 100
        (0.92, 1.28, BAND, OPPOSITE),  # settled home: 71 against 77 in 100
        (1.0, 1.0, BAND, EVENT),
        (0.95, 1.2, BAND, EVENT),  # neither outside: the event's own
        (
            0.7,
            1.5,
            BAND,
            OPPOSITE,
        ),  # both outside, the opposite further: 1.2 against 1.14 times beyond
        (0.79, 1.26, BAND, EVENT),  # 1.0127 against 1.008 times beyond
        (0.78, 1.3, (0.75, 1.25), OPPOSITE),  # each end of the band is the plan's own
        (0.78, 1.3, (0.8, 1.4), EVENT),
        (0.0, 1.5, BAND, EVENT),
        (1.2, 0.0, BAND, OPPOSITE),
        (0.0, math.inf, BAND, EVENT),
        (3.0, None, BAND, EVENT),  # events over time have no opposite
    ],
)
def test_the_ratio_further_outside_its_band_decides(event, opposite, band, decided):
    assert deciding(event, opposite, band) == decided


@pytest.mark.parametrize(
    ("direction", "counts", "worse"),
    [
        ("lower", "good", GROUP),
        ("higher", "good", REFERENCE),
        ("higher", "bad", GROUP),
        ("lower", "bad", REFERENCE),
        (None, "good", None),
        ("lower", None, None),
    ],
)
def test_who_is_worse_off(direction, counts, worse):
    assert worse_off(direction, counts) == worse


# In 100, of large bases: the band was held against those who were NOT promoted, which 1.04 of 89 in
# 100 can never leave.
EXAMPLES = [
    (0.288, 0.398, "good", "disparity", EVENT, 0.72),  # shortlisted
    (0.075, 0.108, "good", "disparity", EVENT, 0.69),  # promoted
    (1 - 0.416, 1 - 0.356, "good", "small_not_chance", EVENT, 0.907),  # started an activity
    (0.710, 0.773, "good", "disparity", OPPOSITE, 0.918),  # settled home
    (0.130, 0.068, "bad", "disparity", EVENT, 1.91),  # remanded to custody
    (0.500, 0.420, "bad", "small_not_chance", EVENT, 1.19),
]


@pytest.mark.parametrize(("rate", "reference", "counts", "name", "decided", "ratio"), EXAMPLES)
def test_gaps_that_were_called_alike_get_their_class(rate, reference, counts, name, decided, ratio):
    numbers = (round(rate * 4000), 4000, round(reference * 20_000), 20_000)
    found = with_columns(
        verdict, *numbers, counts=counts, p_adjusted=20 * relative_rate_index(*numbers).p_value
    )
    assert (found.name, found.decided_by, found.worse_off) == (name, decided, GROUP)
    assert found.ratio == pytest.approx(ratio, abs=0.005)


def test_non_selection_alone_could_never_have_been_a_disparity():
    """Nobody promoted at all beside 10.8 in 100: those not promoted stand as 1.12 to 1, inside the
    band for ever."""
    found = with_columns(verdict, 0, 4000, 2160, 20_000, counts="good", p_adjusted=1e-9)
    assert (found.name, found.decided_by) == ("disparity", EVENT)
    assert found.opposite[0] == pytest.approx(1 / (1 - 0.108)) and found.opposite[0] < BAND[1]


tables = st.integers(30, 900).flatmap(
    lambda n: st.integers(30, 900).flatmap(
        lambda m: st.tuples(st.integers(0, n), st.just(n), st.integers(0, m), st.just(m))
    )
)


@settings(max_examples=examples(150), deadline=None)
@given(tables, st.sampled_from(["good", "bad"]), st.floats(0, 1))
def test_the_verdict_is_the_same_however_the_plan_says_the_event(table, counts, p):
    """An event that is good and its opposite that is bad are one question: one verdict, one side
    that is worse off."""
    a, n, b, m = table
    turned = {"good": "bad", "bad": "good"}[counts]
    there = with_columns(verdict, a, n, b, m, counts=counts, p_adjusted=p)
    back = with_columns(verdict, n - a, n, m - b, m, counts=turned, p_adjusted=p)
    assert (there.name, there.worse_off) == (back.name, back.worse_off)
    if there.ratio is not None:
        assert there.opposite == (back.ratio, back.conf_low, back.conf_high)


@settings(max_examples=examples(100), deadline=None)
@given(tables, st.sampled_from(["good", "bad", None]), st.floats(0, 1))
def test_swapping_the_groups_swaps_who_is_worse_off(table, counts, p):
    a, n, b, m = table
    there, back = (
        with_columns(verdict, *t, counts=counts, p_adjusted=p) for t in ((a, n, b, m), (b, m, a, n))
    )
    other = {GROUP: REFERENCE, REFERENCE: GROUP, None: None}
    assert there.worse_off == other[back.worse_off]
    assert (there.worse_off is not None) == (
        there.name in ONE_SIDED and a * m != b * n and counts is not None
    )


@settings(max_examples=examples(100), deadline=None)
@given(tables, st.floats(0, 0.05))
def test_what_the_test_detects_is_never_called_alike(table, p):
    found = with_columns(verdict, *table, counts="bad", p_adjusted=p)
    assert found.name in ("insufficient_data", "disparity", "small_not_chance")


@pytest.mark.parametrize("rates", [(0.584, 0.644), (0.30, 0.27), (0.93, 0.90), (0.05, 0.058)])
def test_more_data_never_turn_a_detected_gap_into_alike(rates):
    names = []
    for size in (100, 1000, 10_000, 100_000, 1_000_000):
        numbers = (round(rates[0] * size), size, round(rates[1] * size), size)
        found = with_columns(
            verdict, *numbers, counts="good", p_adjusted=relative_rate_index(*numbers).p_value
        )
        names.append(found.name)
    detected = [name in ("disparity", "small_not_chance") for name in names]
    assert detected[-1] and detected == sorted(detected)


@settings(max_examples=examples(100), deadline=None)
@given(tables)
def test_the_test_of_the_event_and_of_its_opposite_are_one(table):
    a, n, b, m = table
    there, back = relative_rate_index(a, n, b, m), relative_rate_index(n - a, n, m - b, m)
    if 0 < b < m:
        assert there.p_value == pytest.approx(back.p_value, rel=1e-9)


NO_RULE = r"counts as good or bad|band is two ratios"


def test_a_rule_that_is_no_rule_is_refused():
    for wrong in (
        {"counts": "adverse"},
        {"counts": "bad", "band": (0.8, 0.9)},
        {"counts": "bad", "band": (1.1, 1.25)},
    ):
        with pytest.raises(ValueError, match=NO_RULE):
            with_columns(verdict, 60, 200, 50, 400, p_adjusted=0.1, **wrong)
        with pytest.raises(ValueError, match=NO_RULE):
            sides = (RateSide(60, 200.0, 100), RateSide(50, 400.0, 100))
            with_columns(verdict_of_rates, *sides, p_adjusted=0.1, **wrong)


def test_both_ends_of_the_plans_band_are_used():
    ratio = (1.3, 1.2, 1.4)
    inside = verdict_on_ratios(ratio, None, counts="bad", excluded=True, band=(0.8, 1.5))
    outside = verdict_on_ratios(ratio, None, counts="bad", excluded=True, band=(0.6, 1.25))
    assert (inside.name, outside.name) == ("small_not_chance", "disparity")


# -- every measure and group of every plan ---------------------------------------------------------
@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Every monitor on its published or synthetic counts: where its reference rates come from."""
    folder = tmp_path_factory.mktemp("services")

    def study(plan):
        if plan.data.sources == ("published",):
            return open_monitor(plan, ALL, published_counts(plan), shown_on=None, hidden=NOTHING)
        if plan.has_own_table:
            return open_exact(plan, ALL, parse_source("counts"))[0]
        service = service_of(plan)
        home = ensure_region("west_midlands", service=service, scale=0.3, folder=folder / service)
        counts = counted_rows(plan, "west_midlands", "synthetic", home)
        return open_monitor(plan, "west_midlands", counts, shown_on="2026-10-03", hidden=NOTHING)

    return {plan.study: study(plan) for plan in MONITORS}


def reference_cell(study, measure):
    """Ten times PEOPLE of the reference group, at the rate of all rounds of the plan's counts."""
    rows = study.counts.by_round
    rows = rows[(rows["measure"] == measure.id) & (rows["group"] == study.plan.groups.reference)]
    people, events, base = (rows[name].sum() for name in ("persons", "events", "base"))
    times, name = 10 * PEOPLE / people, study.plan.groups.reference
    counted = exposure(measure, float(base * times))
    return shown.Cell(
        name, 10 * PEOPLE, round(events * times), counted if measure.kind == "rate" else 10 * PEOPLE
    )


def at_rate(group, reference, measure, *, worst):
    """PEOPLE people, at risk for as long as those of the reference, at the worst (or best) rate
    that can be.

    Of events over time there are 20 times as many, or a twentieth.
    """
    many = (measure.counts == "bad") == worst
    if measure.kind == "share":
        return shown.Cell(group, PEOPLE, PEOPLE if many else 0, PEOPLE)
    base = PEOPLE * reference.base / reference.people
    rate = reference.events / reference.base * (20 if many else 1 / 20)
    return shown.Cell(group, PEOPLE, math.ceil(rate * base), base)


EACH_MEASURE = [pytest.param(p, m, id=f"{p.study}-{m.id}") for p in MONITORS for m in p.measures]


@pytest.mark.parametrize(("plan", "measure"), EACH_MEASURE)
def test_every_measure_and_group_can_be_a_disparity(opened, plan, measure):
    """At the reference rate of the plan's own counts, were the group's rate as bad, or as good, as
    can be."""
    reference = reference_cell(opened[plan.study], measure)
    assert reference.events > 0 and (measure.kind == "rate" or reference.events < reference.base)
    for group, (worst, worse) in itertools.product(
        plan.compared_groups, ((True, GROUP), (False, REFERENCE))
    ):
        cell = at_rate(group, reference, measure, worst=worst)
        p = shown.relative_rate(measure, cell, reference).p_value * len(EACH_MEASURE)
        found = shown.verdict_on(plan, measure, cell, reference, p_adjusted=min(1.0, p))
        off = None if measure.counts == "undefined" else worse  # then nobody is worse off
        assert (found.name, found.worse_off) == ("disparity", off), (group, cell, reference)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
def test_every_share_of_a_pilot_can_be_a_disparity(plan, share):
    outcomes = [outcome for outcome in plan.compared if outcome.kind == "share"]
    for outcome in outcomes:
        if outcome.counts is None:
            continue
        events = PEOPLE if outcome.counts == "bad" else 0
        numbers = (events, PEOPLE, round(share * 10 * PEOPLE), 10 * PEOPLE)
        p = relative_rate_index(*numbers).p_value
        found = with_columns(
            verdict, *numbers, counts=outcome.counts, p_adjusted=p, band=plan.band.limits
        )
        assert (found.name, found.worse_off) == ("disparity", GROUP), (outcome.id, share)


# -- nothing true, and something planted -----------------------------------------------------------
def shares_flagged(rates, sizes, *, pages, seed):
    """Share of pages with a disparity: one measure a rate, groups of the sizes, the last the
    reference."""
    rng, flagged = np.random.default_rng(seed), 0
    for _ in range(pages):
        drawn = [[(rng.binomial(n, r[i]), n) for i, n in enumerate(sizes)] for r in rates]
        tables = [(*cell, *row[-1]) for row in drawn for cell in row[:-1]]
        p_values = benjamini_hochberg([relative_rate_index(*t).p_value for t in tables])
        found = [
            with_columns(verdict, *t, counts="good", p_adjusted=p).name
            for t, p in zip(tables, p_values, strict=True)
        ]
        flagged += "disparity" in found
    return flagged / pages


@pytest.mark.parametrize("share", [0.08, 0.5, 0.92])
def test_looking_both_ways_flags_no_more_pages_where_nothing_is_true(share):
    """The test is one, so that a second way of counting brings no second chance of a false
    finding."""
    pages = 200
    found = shares_flagged([[share] * 5] * 3, (300, 500, 400, 80, 4000), pages=pages, seed=7)
    assert found <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / pages)


@pytest.mark.parametrize("rates", [(0.072, 0.108), (0.928, 0.892)])
def test_a_planted_gap_is_found_on_either_side_of_a_half(rates):
    """A ratio of two thirds in those promoted, and the same gap said of those who were not: 1.04,
    inside the band."""
    found = shares_flagged([[rates[0], rates[1]]], (1500, 8000), pages=100, seed=11)
    assert found > 0.9


# -- units -----------------------------------------------------------------------------------------
PEOPLE_IN_UNITS = np.array([200, 180, 220, 150, 300, 260, 240, 190, 210, 170, 400, 120])


def positions(measure, shares, reference):
    """Where each unit lies in the funnel of a share that is counted as an event of the measure."""
    events = np.round(PEOPLE_IN_UNITS * shares)
    funnel, areas = laws_of(measure, events, PEOPLE_IN_UNITS.astype(float), reference)
    assert [unit.value * reference for unit in funnel.units] == pytest.approx(
        list(events / PEOPLE_IN_UNITS)
    )
    for unit, area in zip(funnel.units, areas.areas, strict=True):
        assert (
            area.raw == pytest.approx(unit.value)
            and area.conf_low <= area.shrunken <= area.conf_high
        )
        assert unit.adjusted_limits.low_99_8 <= funnel.target <= unit.adjusted_limits.high_99_8
    return [unit.position for unit in funnel.units]


def test_an_event_and_its_opposite_flag_the_same_units():
    """One unit at 60 in 100 among others at about 73: by the law of events over time it would lie
    inside."""
    shares = np.full(len(PEOPLE_IN_UNITS), 0.73) + np.resize(
        [-0.02, 0.0, 0.02], len(PEOPLE_IN_UNITS)
    )
    shares[3] = 0.60
    measure = next(m for p in MONITORS for m in p.measures if m.kind == "share")
    found = positions(measure, shares, 0.75)
    assert found == positions(measure, 1 - shares, 0.25)
    assert [i for i, position in enumerate(found) if position == "outside_99_8"] == [3]
    events = np.round(PEOPLE_IN_UNITS * shares)
    as_rates = funnel_of_ratios(
        events, PEOPLE_IN_UNITS * 0.75, target=events.sum() / (PEOPLE_IN_UNITS * 0.75).sum()
    )
    assert as_rates.units[3].position == "inside"
