"""The counts that the nation prints, for the attack: sums over the places whose row is shown.

They are sums of numbers in fives that the places print themselves, so that each tells what these
tell and no more; they are noted all the same, so that the attack holds all that is printed
(decision 121). Where all places stand in one analysis, the nation prints the counts of that.
"""

from collections.abc import Iterator, Mapping

from analysis.clearing.joint import Joint, pooled_keys
from analysis.disclosure.attack.known import Count, Known, Relation, key, total
from analysis.disclosure.attack.printed import SUMMED
from analysis.disclosure.named.rows import Counted, counted
from analysis.disclosure.release import ANALYST
from analysis.disclosure.rules import is_small, load_rules
from analysis.plans.kinds import kind_of
from analysis.plans.study_plan import StudyPlan
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.study.place_record import is_withheld
from analysis.study.public_counts import clearance_of_record, hidden_of
from analysis.vocabulary.regions import ALL, NATIONAL

FIELDS = ("n", "n_identifying", "n_treated")  # of a row: numbers of people


def nation_counts(
    plan: StudyPlan, exact: Mapping[str, Record], joint: Joint, known: Known
) -> Known:
    """What the nation prints besides the counts of its places, of which `known` tells."""
    places = (place for place in exact if place != ALL)
    parts = tuple(p for p in places if not is_withheld(p, hidden_of(exact[p])))
    sums = [*_of_pools(plan, exact, joint, parts), *_of_flow(joint, known, parts)]
    made = [_summed(name, names, known) for name, names in sums if names]
    return Known.of((count for count, _ in made), (said for _, said in made))


def _summed(name: str, parts: tuple[str, ...], known: Known) -> tuple[Count, Relation]:
    """A sum as it is printed: what the numbers of its parts leave open, it leaves open too."""
    own = [known.counts[part] for part in parts]
    exact = sum(count.exact for count in own)
    low, high = sum(count.low for count in own), sum(count.high for count in own)
    small = is_small(int(exact), load_rules())
    return Count(name, exact, low, high, small, where="the nation"), total(name, parts, SUMMED)


def _of_pools(
    plan: StudyPlan, exact: Mapping[str, Record], joint: Joint, parts: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and parts of each number of people in a pooled row."""
    if not kind_of(plan).pooled:
        return
    numbers = {place: _counted(plan, exact[place]) for place in parts}
    keys = pooled_keys(joint.places, list(parts), kind_of(plan))
    for cell, row in zip(keys, joint.national.rows[-len(keys) :], strict=True):
        inside = [p for p in parts if p not in (row.places_missing or ()) and cell in numbers[p]]
        for field in FIELDS if row.status == "estimated" else ():
            own = (_named(numbers[place][cell], field) for place in inside)
            yield _key(row, field), tuple(name for name in own if name)


def _counted(plan: StudyPlan, record: Record) -> dict[tuple, Counted]:
    """The counts of the rows of a place that are put together over places, by cell."""
    rows = [row for row in record.rows if row.note != ANALYST]
    made = counted(rows, place=record.region, clearance=clearance_of_record(plan, record))
    return {row.cell: one for row, one in zip(rows, made, strict=True) if one is not None}


def _named(one: Counted, field: str) -> str | None:
    return next((n.name for n in one.numbers.values() if n.field == field), None)


def _key(row: Row, field: str) -> str:
    by = f"{row.estimand} {row.method}"
    return key(place=NATIONAL, outcome=row.outcome, group=row.group, by=by, count=field)


def _of_flow(
    joint: Joint, known: Known, parts: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and parts of each number of the flow of people that the nation shows."""
    if ALL in joint.places:
        return
    flow = {"n_in": joint.national.n_in, "n_used": joint.national.n_used}
    flow |= {f"excluded:{reason}": n for reason, n in joint.national.excluded.items()}
    for count in (name for name, number in flow.items() if number is not None):
        names = (key(place=place, count=count) for place in parts)
        yield key(place=NATIONAL, count=count), tuple(n for n in names if n in known.counts)
