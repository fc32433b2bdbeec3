"""Structure alone tells nothing: with no number printed, how the counts of a study hang together
leaves each protected count as open as the rule does. Levels and periods of each study are held
together (S14, S19)."""

import pytest
from test_monitor_protection import MONITORS, of_study
from test_pilot_protection import PILOTS, of_pilot

from analysis.disclosure.attack.known import OPEN, Count, Known, Relation, key, total
from analysis.disclosure.attack.narrowest import attack
from analysis.plans.registry import Source, list_plans, load_plan
from analysis.runs.joint.attacking import with_levels_and_periods
from analysis.runs.joint.protecting import is_exempt


def told_by_structure(known: Known) -> list[str]:
    """Protected counts that the relations narrow, each number being withheld."""
    return [cell.key for cell in attack(known.without(known.counts)).recovered]


def private_numbers(known: Known) -> list[Relation]:
    """Relations with a factor or a limit that is more than how counts are put together."""
    plain = {0.0, OPEN, -OPEN}
    return [
        said
        for said in known.relations
        if {said.low, said.high} - plain or {abs(times) for _, times in said.terms} != {1.0}
    ]


def test_every_study_that_is_attacked_is_looked_at_here():
    attacked = {
        plan.study
        for plan in list_plans()
        if not is_exempt(plan.study, Source(plan.data.sources[0]))
    }
    assert attacked == {*MONITORS, *(study for study, _ in PILOTS)}


@pytest.mark.slow
@pytest.mark.parametrize("study_id", MONITORS)
def test_the_structure_of_a_monitor_tells_no_count(study_id):
    known = with_levels_and_periods(of_study(study_id), load_plan(study_id).groups.coding)
    assert any(count.protected for count in known.counts.values())
    assert told_by_structure(known) == []
    assert private_numbers(known) == []


@pytest.mark.slow
@pytest.mark.parametrize(("study_id", "places"), PILOTS)
def test_the_structure_of_a_pilot_tells_no_count(study_id, places):
    coding = load_plan(study_id).groups.coding
    known = with_levels_and_periods(of_pilot(study_id, places), coding)
    assert any(count.protected for count in known.counts.values())
    assert told_by_structure(known) == []
    assert private_numbers(known) == []


SMALL, LARGE = (key(group=name, count="people") for name in ("small", "large"))
WHOLE = key(count="people")
COUNTS = (Count(WHOLE, 66, 63, 67), Count(LARGE, 60, 58, 62), Count(SMALL, 6, 0, OPEN, True))


def test_a_total_tells_nothing_without_its_number():
    known = Known.of(COUNTS, [total(WHOLE, [LARGE, SMALL], "the parts of all")])
    assert [cell.key for cell in attack(known).recovered] == [SMALL]
    assert told_by_structure(known) == []


@pytest.mark.parametrize(
    "leak",
    [
        Relation(((SMALL, 1.0),), 6.0, 6.0, "a private number as a limit"),
        Relation(((SMALL, 1.0),), 4.0, OPEN, "half of it"),
        Relation(((WHOLE, 1.0), (LARGE, -1.1)), 0.0, 0.0, "a private share as a factor"),
        Relation(((WHOLE, 1.0), (LARGE, -1.0)), 6.0, 6.0, "a private difference"),
        Relation(((WHOLE, 1.0), (LARGE, -1.0), (SMALL, -2.0)), -6.0, OPEN, "a private bound"),
    ],
)
def test_a_private_number_in_the_structure_is_found(leak):
    """The planted leaks: what only who knows the private counts could have said."""
    said = total(WHOLE, [LARGE, SMALL], "the parts of all")
    assert private_numbers(Known.of(COUNTS, [said])) == []
    assert private_numbers(Known.of(COUNTS, [said, leak])) == [leak]


def test_a_part_that_is_its_own_whole_is_found():
    """Without a private number, and yet only who knows that nobody else is there could say it."""
    equal = Relation(((WHOLE, 1.0), (LARGE, -1.0)), 0.0, 0.0, "the same number of the same people")
    counts = (*COUNTS[:2], Count(SMALL, 0, 0, OPEN, True))
    counts = (Count(WHOLE, 60, 58, 62), *counts[1:])
    known = Known.of(counts, [total(WHOLE, [LARGE, SMALL], "the parts of all"), equal])
    assert private_numbers(known) == [] and told_by_structure(known) == [SMALL]
