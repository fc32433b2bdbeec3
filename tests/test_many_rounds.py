"""p-values of many rounds at once are those of the functions that pages use, and so are simulated
verdicts."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.disparity.many_rounds import (
    p_values_of_inflated_rates,
    p_values_of_rates,
    p_values_of_shares,
)
from analysis.disparity.rates import relative_rate_inflated, relative_rate_of_events
from analysis.disparity.relative_rate import relative_rate_index
from analysis.inference.multiplicity import benjamini_hochberg
from analysis.plans.registry import load_plan
from analysis.results import Estimate
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity import chance
from analysis.studies.disparity.cells import Cell

SAME = 1e-12  # the same formula, in another order
PLAN = load_plan("supervision")
SIZES = {"White": 2000, "Mixed": 150, "Asian": 300, "Black": 250, "Other": 60}
YEARS = 1000  # simulated years of four rounds


def page(*, public=False) -> chance.PageCells:
    """Made-up cells of every measure of supervision: 1 in 5 has the event, those who come back add
    a half."""
    cells = {
        measure.id: {
            group: Cell(
                group,
                n,
                n // 5,
                n if measure.kind == "share" else 3.0 * n,
                1.5 if measure.repeats else 1.0,
            )
            for group, n in SIZES.items()
        }
        for measure in PLAN.measures
    }
    return chance.PageCells(PLAN, cells, public)


def p_of(result):
    return result.p_value if isinstance(result, Estimate) else np.nan


@pytest.mark.parametrize(("base", "reference_base"), [(40, 300), (300, 40), (5, 7), (2000, 2500)])
def test_shares_have_the_p_value_of_the_score_interval(base, reference_base):
    rng = np.random.default_rng(3)
    a = np.r_[0, 0, base, base, rng.integers(0, base + 1, 30)]
    b = np.r_[0, reference_base, 0, reference_base, rng.integers(0, reference_base + 1, 30)]
    own = [
        p_of(relative_rate_index(int(x), base, int(y), reference_base))
        for x, y in zip(a, b, strict=True)
    ]
    np.testing.assert_allclose(
        p_values_of_shares(a, base, b, reference_base), own, rtol=1e-9, atol=SAME
    )


@pytest.mark.parametrize(
    ("exposure", "reference_exposure"), [(100.0, 900.0), (51.5, 3.25), (1e5, 1e6)]
)
def test_rates_have_the_p_value_of_their_interval(exposure, reference_exposure):
    rng = np.random.default_rng(4)
    a, b = (
        np.r_[0, 0, 9, 10, 40, rng.integers(0, 200, 30)],
        np.r_[0, 5, 41, 40, 9, rng.integers(0, 200, 30)],
    )
    pairs = [(int(x), exposure, int(y), reference_exposure) for x, y in zip(a, b, strict=True)]
    plain = [p_of(relative_rate_of_events(*numbers)) for numbers in pairs]
    np.testing.assert_allclose(
        p_values_of_rates(a, exposure, b, reference_exposure), plain, rtol=1e-9, atol=SAME
    )
    wide = [
        p_of(relative_rate_inflated(*numbers, inflation=1.7, reference_inflation=1.2))
        for numbers in pairs
    ]
    found = p_values_of_inflated_rates(a, exposure, b, reference_exposure, (1.7, 1.2))
    np.testing.assert_allclose(found, wide, rtol=1e-9, atol=SAME)


def verdicts_of_pages(made: chance.PageCells, drawn, rounds: int) -> np.ndarray:
    """The slow way: every ratio, adjustment and verdict of each round by the functions of the
    page."""
    found = np.zeros((rounds, len(made.keys)), dtype=int)
    for i in range(rounds):
        pairs = [_pair(made, key, drawn, i) for key in made.keys]
        results = [shown.relative_rate(measure, *pair) for measure, pair in pairs]
        adjusted = benjamini_hochberg(
            [r.p_value if isinstance(r, Estimate) else None for r in results]
        )
        for k, ((measure, pair), p) in enumerate(zip(pairs, adjusted, strict=True)):
            verdict = shown.verdict_on(made.plan, measure, *pair, p_adjusted=p)
            if verdict.name == "disparity":
                found[i, k] = 1 if verdict.direction == "higher" else -1
    return found


def _pair(made, key, drawn, i):
    measure, cell, reference, a, b = chance._sides(made, key, drawn)
    pair = []
    for side, events in ((cell, int(a[i])), (reference, int(b[i]))):
        hidden = not made.public and (
            events < 10 or (measure.kind == "share" and side.base - events < 10)
        )
        pair.append(replace(side, events=None if hidden else events))
    return measure, tuple(pair)


@pytest.mark.parametrize("public", [True, False])
def test_simulated_verdicts_are_those_of_the_page(public):
    made, rounds = page(public=public), 25
    ratios = {("recall", "Black"): 2.0, ("completion", "Asian"): 0.5, ("in_work", "Other"): 0.3}
    found = chance.simulated(made, rounds=rounds, rng=np.random.default_rng(8), ratios=ratios)
    rng = np.random.default_rng(8)
    drawn = {m.id: chance._drawn(made, m, rounds, rng, ratios) for m in PLAN.measures}
    np.testing.assert_array_equal(found, verdicts_of_pages(made, drawn, rounds))
    recall, completion = (
        made.keys.index(key) for key in (("recall", "Black"), ("completion", "Asian"))
    )
    assert (found[:, recall] == 1).mean() > 0.5 and (found[:, completion] == -1).mean() > 0.5
    assert not np.array_equal(found != 0, np.zeros_like(found, dtype=bool))


def test_simulated_counts_leave_as_counts_do():
    drawn = chance._drawn(page(), PLAN.measure("completion"), 50, np.random.default_rng(1), {})
    assert all((events % 5 == 0).all() for events in drawn.values())


def test_people_who_come_back_spread_events_by_their_inflation():
    made, measure = page(public=True), PLAN.measure("recall")
    events = chance._drawn(made, measure, 20_000, np.random.default_rng(2), {})["White"]
    assert events.mean() == pytest.approx(400, rel=0.01)
    assert events.var() / events.mean() == pytest.approx(
        1.5, rel=0.05
    )  # Monte Carlo error of a variance: 1 %


@pytest.mark.simulation
def test_a_page_is_right_and_a_year_of_pages_shows_more_and_persistence_asks_seldom():
    """Nothing differs. Pages: 5 in 100 or fewer. Years of four rounds: about 1 - 0.95^4. Asked
    after 2 of 3: under 1."""
    rng, rule = np.random.default_rng(6), PLAN.explain_or_reform.asked_after
    found = chance.simulated(page(), rounds=4 * YEARS, rng=rng)
    rates = chance.rates_of(found, rule, rounds_a_year=4)
    at_once = chance.rates_of(found, type(rule)(rounds=1, of_last=1), rounds_a_year=4)
    assert rates.page <= 0.05 + 3 * rates.page_error
    assert rates.year == pytest.approx(1 - (1 - rates.page) ** 4, abs=4 * rates.year_error)
    assert at_once.asked == rates.year > 0.1  # the naive rule asks as often as a page shows one
    assert rates.asked < 0.01 and rates.asked <= rates.asked_at_most < at_once.asked / 5


def test_nobody_is_asked_where_the_plan_asks_nobody():
    rates = chance.rates_of(np.zeros((8, 3), dtype=int), None, rounds_a_year=4)
    assert (rates.page, rates.year, rates.asked, rates.asked_at_most) == (0.0, 0.0, None, None)
