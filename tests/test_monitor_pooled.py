"""A monitor's ratios drawn towards those of the other regions: from what is shown alone, and as
pooling.py does."""

import math

import numpy as np
import pytest

from analysis.clearing.joint import Joint
from analysis.judgement.pools.pooling import pool_results
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.monitor import Monitor
from analysis.plans.registry import list_plans, parse_source
from analysis.record import store
from analysis.results import Estimate, significant
from analysis.studies.disparity.joint import set_monitor_beside
from analysis.studies.disparity.national import MonitorNational
from analysis.studies.disparity.pooled import (
    BESIDE,
    SHRUNKEN,
    alike,
    fewest,
    shrunken_rows,
    with_shrunken,
)
from analysis.studies.disparity.shown.chart import chart_of
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

MONITORS = {plan.study: plan for plan in list_plans() if isinstance(plan, Monitor)}
PLAN = MONITORS["supervision"]
RECORD = store.load(EXAMPLE_RECORDS / "supervision" / "west_midlands.json")
# As a place leaves it: the rows drawn towards the others are made when the places are set beside
# each other.
RECORD = RECORD.with_(rows=tuple(row for row in RECORD.rows if row.note != BESIDE))
MEASURE, GROUP = PLAN.measure(PLAN.leads.measure), PLAN.leads.group
REGIONS = alike(PLAN)
Z = 1.959963984540054


def cell(ratio, error, **more):
    """Numbers of an answer, as they are printed."""
    low, high = ratio * math.exp(-Z * error), ratio * math.exp(Z * error)
    numbers = dict(
        zip(("value", "conf_low", "conf_high"), map(significant, (ratio, low, high)), strict=True)
    )
    return (
        {"status": "estimated", "reason": None, "result_class": "no_disparity_shown"}
        | numbers
        | more
    )


def withheld():
    none = dict.fromkeys(("value", "conf_low", "conf_high", "group_value", "comparison_value"))
    return none | {"status": "withheld", "reason": "small_numbers", "result_class": "withheld"}


def places_with(cells, plan=PLAN):
    """Cleared records of places whose answer under the leading measure and group is as given."""
    measure, group = plan.measure(plan.leads.measure), plan.leads.group
    rows = [one for one in RECORD.rows if one.family == "page"]
    own = next(one for one in rows if one.group.startswith(GROUP) and one.outcome == MEASURE.id)
    found = {}
    for place, numbers in cells.items():
        named = {"outcome": measure.id, "group": f"{group} to {plan.groups.reference}"}
        found[place] = RECORD.with_(region=place, rows=(own.with_(**named | numbers),))
    return found


def drawn_in(cells):
    return shrunken_rows(PLAN, MEASURE, GROUP, places_with(cells))


def estimate(numbers):
    return Estimate(
        "x", "m", "times", *(numbers[key] for key in ("value", "conf_low", "conf_high"))
    )


def many(seed, spread, error=0.2, mean=1.5):
    random = np.random.default_rng(seed)
    return {
        place: cell(math.exp(math.log(mean) + random.normal(0, math.hypot(spread, error))), error)
        for place in REGIONS
    }


def test_values_are_those_of_pooling_on_the_printed_numbers():
    cells = many(1, 0.3)
    found = drawn_in(cells)
    reference = pool_results(
        {place: estimate(numbers) for place, numbers in cells.items()},
        estimand="x",
        unit="times",
        log=True,
    )
    assert set(found) == set(REGIONS)
    for one in reference.places:
        row = found[one.place]
        shown = [getattr(row, key) for key in ("value", "conf_low", "conf_high")]
        assert shown == [
            significant(x) for x in (one.shrunken, one.shrunken_low, one.shrunken_high)
        ]
        assert (row.note, row.method, row.unit, row.k) == (
            BESIDE,
            SHRUNKEN,
            "times",
            len(REGIONS),
        )
        assert row.p_value is None and row.result_class is None and row.family is None


def test_places_that_do_not_differ_come_to_their_mean():
    cells = many(2, 0.0)
    raw = np.log([numbers["value"] for numbers in cells.values()])
    drawn = np.log([row.value for row in drawn_in(cells).values()])
    assert drawn.std() < 0.5 * raw.std()
    assert drawn.mean() == pytest.approx(raw.mean(), abs=0.05)
    equal = drawn_in(dict.fromkeys(REGIONS, cell(1.4, 0.15)))
    assert {row.value for row in equal.values()} == {1.4}


def test_a_place_that_differs_stays_apart():
    cells = dict.fromkeys(REGIONS, cell(1.2, 0.08)) | {"wales": cell(3.0, 0.08)}
    found = drawn_in(cells)
    assert found["wales"].value > 2.5 and found["wales"].conf_low > 2
    assert all(row.value < 1.3 for place, row in found.items() if place != "wales")


def test_an_imprecise_extreme_is_drawn_in_and_a_precise_one_less():
    plain = many(3, 0.1, error=0.1, mean=1.2)
    vague = drawn_in(plain | {"wales": cell(3.0, 0.6)})["wales"]
    exact = drawn_in(plain | {"wales": cell(3.0, 0.1)})["wales"]
    assert vague.value < 1.5 and exact.value > 2.2
    assert vague.conf_low < vague.value < vague.conf_high < 3.0


def test_nothing_that_is_withheld_or_too_few_moves_a_value():
    cells = many(4, 0.3)
    few = cell(9.0, 0.9, result_class="insufficient_data")
    none = drawn_in(cells | {"wales": withheld(), "london": withheld()})
    also = drawn_in(cells | {"wales": withheld(), "london": few})
    alone = drawn_in(
        {place: numbers for place, numbers in cells.items() if place not in ("wales", "london")}
    )
    assert none == also == alone
    assert "wales" not in none and "london" not in none


def test_only_the_answer_is_read():
    places = places_with(many(5, 0.3))
    more = {}
    for place, record in places.items():
        answer = record.rows[0]
        other = answer.with_(family=None, note="outside", value=7.0, conf_low=6.0, conf_high=8.0)
        more[place] = record.with_(rows=(other, answer), n_in=None)
    assert shrunken_rows(PLAN, MEASURE, GROUP, places) == shrunken_rows(PLAN, MEASURE, GROUP, more)


@pytest.mark.parametrize("shown", [0, 1, 2, 3, 7])
def test_too_few_regions_shown_give_no_value_and_say_so(shown):
    cells = many(6, 0.3)
    hidden = dict.fromkeys(REGIONS[shown:], withheld())
    found = drawn_in(cells | hidden)
    assert len(found) == shown
    assert {(row.status, row.reason, row.value) for row in found.values()} <= {
        ("not_estimable", "too_few_places", None)
    }
    if shown:
        places = with_shrunken(PLAN, places_with(cells | hidden))
        national = RECORD.with_(region="national")
        line = _line(places[REGIONS[0]], national)
        assert (
            line.no_shrunken == f"no shrunken value: fewer than {fewest(PLAN)} of 12 regions shown"
        )
        assert line.beside[1] is None


def test_as_many_as_the_rule_asks_for_give_a_value():
    cells = many(7, 0.3)
    found = drawn_in(cells | dict.fromkeys(REGIONS[fewest(PLAN) :], withheld()))
    assert len(found) == fewest(PLAN) == 8
    assert all(row.status == "estimated" for row in found.values())


def _line(record, national):
    """The line of the leading group; rows of other groups are taken from the record of the
    nation."""
    have = {(one.outcome, one.group) for one in record.rows}
    rest = [one for one in RECORD.rows if (one.outcome, one.group) not in have]
    chart = chart_of(PLAN, record.with_(rows=(*record.rows, *rest)), MEASURE, national=national)
    return next(line for line in chart.lines if line.name == GROUP)


def test_a_ratio_of_nought_has_no_value_and_leaves_the_others_theirs():
    cells = many(8, 0.2) | {
        "wales": cell(1.0, 0.2) | {"value": 0.0, "conf_low": 0.0, "conf_high": 0.9}
    }
    found = drawn_in(cells)
    assert "wales" not in found and len(found) == len(REGIONS) - 1


@pytest.mark.parametrize("plan", MONITORS.values(), ids=list(MONITORS))
def test_strata_and_the_whole_are_never_put_together_with_regions(plan):
    regions = set(place_set("probation_regions").ids)
    assert set(alike(plan)) <= regions or not regions & set(alike(plan))
    assert ALL not in alike(plan)


def test_strata_have_no_value_and_move_none():
    plan = MONITORS["use_of_force"]
    measure, group = plan.measure(plan.leads.measure), plan.leads.group
    cells = many(9, 0.3)
    strata = {
        place: cell(8.0, 0.05) for place in place_set(plan.data.places).ids if place not in REGIONS
    }
    assert len(strata) == 3
    without = shrunken_rows(plan, measure, group, places_with(cells, plan))
    beside = shrunken_rows(
        plan, measure, group, places_with(cells | strata | {ALL: cell(1.5, 0.01)}, plan)
    )
    assert without == beside and set(beside) == set(REGIONS)


def test_rows_of_the_record_stay_as_they_are_and_the_schema_holds():
    exact = {
        place: RECORD.with_(region=place, n_in=1000, n_used=1000, excluded={})
        for place in (*REGIONS, ALL)
    }
    joint = set_monitor_beside(PLAN, exact, round_id="draft")
    for place, record in joint.places.items():
        store.validate(record)
        added = [row for row in record.rows if row.note == BESIDE]
        assert tuple(row for row in record.rows if row.note != BESIDE) == RECORD.rows
        assert bool(added) == (place != ALL)
    assert not [row for row in joint.national.rows if row.note == BESIDE]


def test_a_shrunken_value_says_how_many_are_in_it_and_no_more_than_three_figures():
    for row in drawn_in(many(10, 0.3) | {"wales": withheld()}).values():
        assert row.k == 11
        assert all(
            getattr(row, key) == significant(getattr(row, key))
            for key in ("value", "conf_low", "conf_high")
        )


@pytest.mark.parametrize(("expected", "misses"), [(40, 0.03), (6, 0.2)])
def test_regions_that_are_left_are_a_fair_picture_only_where_most_are_shown(expected, misses):
    """Why there is a smallest share: equal rates, and a region is shown where six people or more
    had the event."""
    random = np.random.default_rng(11)
    kept, away = [], []
    for _ in range(300):
        events = random.poisson(expected, len(REGIONS))
        shown = events[events >= 6]
        kept.append(len(shown) >= fewest(PLAN))
        away.append(math.log(shown.mean() / expected))
    if expected > 6:
        assert np.mean(kept) == 1 and abs(np.mean(away)) < misses
    else:
        assert np.mean(kept) < 0.5 and np.mean(away) > misses


# -- places of another round -----------------------------------------------------------------------
def test_a_place_whose_newest_round_is_another_is_not_put_beside_the_others():
    cells = many(3, 0.1)
    places = places_with(cells)
    late = places | {
        REGIONS[0]: places[REGIONS[0]].with_(period_from="2026-04-01", period_to="2026-06-30")
    }
    found = shrunken_rows(PLAN, MEASURE, GROUP, late)
    without = {place: record for place, record in places.items() if place != REGIONS[0]}
    assert REGIONS[0] not in found and found == shrunken_rows(PLAN, MEASURE, GROUP, without)


def test_the_national_page_names_the_round_of_a_place_that_differs():
    london = {"region": "london", "period_from": "2026-04-01", "period_to": "2026-06-30"}
    places = {"wales": RECORD.with_(region="wales"), "london": RECORD.with_(**london)}
    joint = Joint(places, RECORD.with_(region=NATIONAL))
    national = MonitorNational(PLAN, parse_source("synthetic"), joint)
    columns = national.by_group().table.to_frame().columns
    assert "London (April to June 2026)" in columns and "Wales" in columns
    assert "Not counted, of another round: London (April to June 2026)." in national.alike().text
