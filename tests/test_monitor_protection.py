"""Counts of monitors under the joint decision: one name for one number, noted where it is cleared,
withheld wherever it would stand, and nothing recovered over all places of a study."""

import inspect
import sys
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from chosen import quick_where, spread

from analysis.disclosure.attack.cheapest import cheapest
from analysis.disclosure.attack.known import DIMENSIONS, Known, key
from analysis.disclosure.attack.narrowest import attack
from analysis.disclosure.attack.noted import forget, noted
from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.dominance import LARGEST_TWO, P_PERCENT, two_may_make_the_sum
from analysis.disclosure.rules import round_to_base
from analysis.exploring.crossing import cross_tabulation
from analysis.exploring.rows import Explorable
from analysis.notebook import open_study
from analysis.plans.kinds import kind_of, named
from analysis.plans.registry import check_parameters, load_plan
from analysis.studies.disparity.protected.names import Name, levels_of, name_of, quarters_of
from analysis.studies.disparity.shown import tables
from analysis.studies.disparity.units import units_of
from analysis.studies.workforce.study import open_regions, open_workforce
from analysis.study.opening import open_exact

SMALL = "synthetic:x0.1"
MONITORS = (
    "release",
    "supervision",
    "use_of_force",
    "incentives",
    "activities",
    "court_reports",
    "workforce",
    "complaints",
    "ethnicity_recording",
)
PLACES = ("wales", "all")
# Stages, people of an office, counts of staff: ways in which counts hang together.
QUICK = ("release", "workforce")
EVERY = quick_where(MONITORS, QUICK.__contains__)


@cache
def opened(study_id, place, source=SMALL):
    plan, place, parsed = check_parameters(study_id, place, source)
    return plan, parsed, open_exact(plan, place, parsed)[0]


@cache
def cleared(study_id, place, hidden=NOTHING) -> Known:
    """Every count of a page, cleared as its notebook clears it."""
    _, _, exact = opened(study_id, place)
    study = replace(exact, hidden=hidden)
    forget()
    assert study.rows and study.flow
    tables.counted_table(study)
    tables.unknown_table(study)
    tables.finer_table(study)
    units_of(study, study.plan.measure(study.plan.leads.measure), study.plan.leads.group)
    if study.plan.representation:
        _staff(study)
    found = noted()
    forget()
    return found


def _staff(study):
    for work in (open_workforce(study), *open_regions(study).values()):
        work.declared_by_round()
        for grade in work.grades:
            work.line(grade)
            work.group_shares(grade)


def of_study(study_id, places=PLACES, hidden=NOTHING) -> Known:
    """Everything that is public of a study."""
    own = {place: cleared(study_id, place, hidden) for place in places}
    plan = load_plan(study_id)
    whole = Known.of(
        (count for known in own.values() for count in known.counts.values()),
        (relation for known in own.values() for relation in known.relations),
    )
    return whole + Known.of((), named(kind_of(plan).hangs_together)(plan, own))


# -- the whole study -------------------------------------------------------------------------------
@pytest.mark.parametrize("study_id", EVERY)
def test_no_protected_count_of_a_monitor_is_recovered_under_the_joint_decision(study_id):
    before = of_study(study_id)
    decided = cheapest(before).hidden
    after = of_study(study_id, hidden=decided)
    assert after.counts.keys() <= before.counts.keys()
    assert len([c for c in after.counts.values() if c.protected]) > 0
    assert attack(after).recovered == ()
    model = before.without(decided)
    shown_still = {name for name, count in after.counts.items() if not count.is_withheld}
    assert shown_still <= {name for name, count in model.counts.items() if not count.is_withheld}


def test_the_stages_of_release_give_small_numbers_back_without_the_joint_decision():
    """Those at risk at a stage less those at risk at the next, where few were refused."""
    before = of_study("release")
    narrow = [c for c in attack(before).recovered if name_of(c.key).count in ("with", "without")]
    assert narrow and all("curfew" in c.key for c in narrow)


@pytest.mark.parametrize("study_id", EVERY)
@pytest.mark.parametrize("place", PLACES)
def test_every_relation_holds_and_every_printed_number_lies_in_its_interval(study_id, place):
    known = of_study(study_id, (place,))
    exact = {name: count.exact for name, count in known.counts.items()}
    for count in known.counts.values():
        assert count.low <= count.exact <= count.high, count.key
        assert count.is_withheld or not count.protected, count.key
        assert count.needs is None or count.needs in exact
    for relation in known.relations:
        assert relation.low <= sum(k * exact[name] for name, k in relation.terms) <= relation.high


@pytest.mark.parametrize("seed", spread(range(2), 1))
@pytest.mark.parametrize(
    "study_id", quick_where(["release", "supervision", "workforce"], QUICK.__contains__)
)
def test_what_the_decision_names_stands_nowhere_nor_what_needs_it(study_id, seed):
    before = cleared(study_id, "all")
    printed = sorted(name for name, count in before.counts.items() if not count.is_withheld)
    chosen = np.random.default_rng(seed).choice(printed, size=len(printed) // 6, replace=False)
    hidden = frozenset(map(str, chosen))
    after = cleared(study_id, "all", hidden)
    gone = {name for name, count in before.without(hidden).counts.items() if count.is_withheld}
    assert all(name not in after.counts or after.counts[name].is_withheld for name in gone)
    assert after.counts.keys() <= before.counts.keys()  # of a table that is not made nothing is


def test_a_table_of_ones_own_is_noted_by_measure_with_its_units():
    """Counts that somebody else made are protected where they were not published."""
    plan, _, exact = opened("berkeley_admissions", "all", "counts")
    forget()
    study = replace(exact, already_public=False, hidden=NOTHING)
    assert study.rows and study.flow
    units_of(study, plan.measure(plan.leads.measure), plan.leads.group)
    own = noted()
    forget()
    names = {name_of(name) for name in own.counts}
    assert {name.outcome for name in names if name.count == "people"} >= {"admission"}
    assert {name.unit for name in names if name.group == "Women"} >= {"A", "F"}
    relations = named(kind_of(plan).hangs_together)(plan, {"all": own})
    parts = {name for relation in relations for name, _ in relation.terms if "unit=" in name}
    assert len(parts) >= 12
    assert attack(own + Known.of((), relations)).recovered == ()


def test_what_was_published_before_is_not_noted():
    _, _, exact = opened("berkeley_admissions", "all", "counts")
    forget()
    assert exact.rows and exact.flow == {}
    assert noted().counts == {}


# -- names -----------------------------------------------------------------------------------------
def test_those_who_went_on_from_a_stage_are_those_at_risk_of_the_next():
    names = {name_of(name).outcome for name in cleared("release", "wales").counts}
    assert {"curfew_eligible", "curfew_applied", "curfew_granted"} <= names
    with_event = [n for n in cleared("release", "wales").counts if n.endswith("count=with")]
    assert {name_of(n).outcome for n in with_event} == {
        "curfew_returned of curfew_granted",
        "leave_granted of leave_eligible",
        "parole_released of parole_heard",
    }


def test_a_name_says_its_parts():
    found = {part: f"{part} x" for part in DIMENSIONS} | {"by": "sex=female, age_band=18-24"}
    assert name_of(key(**found))._asdict() == found
    columns = dict(levels_of(Name(**found)))
    assert columns["sex"].by == "age_band=18-24" and columns["age_band"].by == "sex=female"
    one = Name(outcome="rows of a", by="ethnic_group=Black, sex=female")
    assert dict(levels_of(one))["sex"] == Name(outcome="rows of a", group="Black")


def test_a_year_has_the_four_quarters_that_end_it():
    assert quarters_of("year to 2026 Q2") == ("2026 Q2", "2026 Q1", "2025 Q4", "2025 Q3")
    assert quarters_of("2026 Q2") == ()


# -- a table that is asked for ---------------------------------------------------------------------
def _table(hidden=NOTHING, **call):
    plan, parsed, exact = opened("release", "all")
    forget()
    study = Explorable(plan, "all", parsed, replace(exact, hidden=hidden))
    found = cross_tabulation(study, **call).to_frame()
    return found, noted()


def test_a_table_names_a_number_as_the_page_does_and_withholds_it_with_the_page():
    call = {"by": "ethnic_group", "share": "leave_eligible"}
    frame, known = _table(**call)
    page = cleared("release", "all").counts
    same = {name for name in known.counts if name in page}
    assert same and all(known.counts[name].exact == page[name].exact for name in same)
    black = next(n for n in same if "group=Black" in n and not known.counts[n].is_withheld)
    without, after = _table(frozenset({black}), **call)
    assert after.counts[black].is_withheld
    rate = "leave eligible, in every 100"
    before = frame.set_index("ethnic group")[rate]
    now = without.set_index("ethnic group")[rate]
    assert before["Black"] != "[c]" and now["Black"] == "[c]"
    assert (now.drop("Black") == before.drop("Black")).all()


def test_the_levels_of_a_table_make_up_the_table_without_the_column():
    _, both = _table(by=["sex", "ethnic_group"])
    _, one = _table(by=["ethnic_group"])
    plan = load_plan("release")
    relations = named(kind_of(plan).hangs_together)(plan, {"all": both + one})
    tied = {name for relation in relations for name, _ in relation.terms}
    assert {n for n in one.counts if "Black" in n} <= tied


# -- one or two people who make the sum ------------------------------------------------------------
def dominated(numbers) -> bool:
    """Rule S7 of numbers themselves."""
    largest = sorted(numbers, reverse=True)
    total, two = sum(numbers), sum(largest[:2])
    return two >= LARGEST_TWO * total or total - two < P_PERCENT * largest[0]


@pytest.mark.parametrize("seed", range(300))
def test_sums_over_people_tell_whether_two_of_them_may_make_it(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 30))
    numbers = np.minimum(1 + rng.geometric(rng.uniform(0.05, 0.9), n), 400)
    numbers[: int(rng.integers(0, 3))] *= int(rng.integers(1, 400))
    told = two_may_make_the_sum(n, float(numbers.sum()), float((numbers**2).sum()))
    assert told or not dominated(numbers)


def test_even_numbers_are_not_withheld_and_one_who_makes_the_sum_is():
    assert not two_may_make_the_sum(12, 24.0, 48.0)
    assert not any(two_may_make_the_sum(n, n * k, n * k * k) for n, k in product((3, 40), (1, 9)))
    numbers = [1] * 10 + [200]
    assert two_may_make_the_sum(11, sum(numbers), sum(x * x for x in numbers))


# -- nothing is printed that is not noted ----------------------------------------------------------
VERBS = (
    lambda study: study.answer(),
    lambda study: study.people(),
    lambda study: study.rates(),
    lambda study: study.compare("all", design="opposite"),
    lambda study: study.compare("all", design="second_reference"),
    lambda study: study.compare("all", design="adjusted"),
    lambda study: study.rates(over="stage"),
    lambda study: study.rates(over="round"),
    lambda study: study.rates(over="unit"),
    lambda study: study.check("explanations"),
    lambda study: study.limits(),
)
OF_STAFF = (
    lambda study: study.check("declaration"),
    lambda study: study.rates(over="benchmark"),
    lambda study: study.check("composition"),
)
BOUNDS_ALONE = ("analysis.disclosure.geography", "analysis.disclosure.cross_tables")


@pytest.mark.parametrize(
    ("study_id", "place"),
    spread([("workforce", "wales"), ("release", "all"), ("supervision", "wales")], 1),
)
def test_every_count_that_a_page_rounds_is_noted(study_id, place, monkeypatch):
    """Whatever is rounded to five is to be printed: its exact number is one of those noted. The
    support of a model's estimate stands in no row of a monitor."""
    rounded = []

    def seen(count, base=5):
        if "_rounded_support" not in (frame.function for frame in inspect.stack(0)[1:4]):
            rounded.append(int(count))
        return round_to_base(count, base)

    for name, module in list(sys.modules.items()):
        own = name.startswith("analysis.") and name not in BOUNDS_ALONE
        if own and getattr(module, "round_to_base", None) is round_to_base:
            monkeypatch.setattr(module, "round_to_base", seen)
    study = open_study(study_id, place, SMALL)
    for verb in VERBS + (OF_STAFF if study_id == "workforce" else ()):
        verb(study)
    assert study._opened.released.rows
    exact = {count.exact for count in noted().counts.values()}
    forget()
    assert len(rounded) > 50
    assert set(rounded) <= exact
