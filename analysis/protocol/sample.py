"""Who is there, before outcomes are seen: people and clusters by place, arm and ethnic group.

From the committed example records their counts alone are taken, which were rounded and withheld
when they were cleared; no value of theirs is read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from analysis.errors import RunError
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.kinds import group_rows, kind_of, lead_method
from analysis.plans.plan import Outcome, Plan
from analysis.protocol.formulas import Sizes
from analysis.protocol.planned import is_pooled, planned_of
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import EVERYONE
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

ByGroup = Mapping[str, Sizes | None]  # None: withheld
RANKED = "few_units", "rank"


@dataclass(frozen=True, eq=False)
class Sample:
    """The people of one pilot.

    nation, places: by outcome; a place that only describes has no sizes. groups: of the nation, by
    outcome; place_groups: by place and outcome, where places have them. lost: people of it are
    still to be lost (those of records are counted after loss).
    """

    plan: Plan
    nation: Mapping[str, Sizes]
    places: Mapping[str, Mapping[str, Sizes]]
    groups: Mapping[str, ByGroup]
    place_groups: Mapping[str, Mapping[str, ByGroup]]
    there: Mapping[str, int | None]  # people of each place who are in the data at all
    lost: bool = False

    def of_place(self, place: str, outcome: str) -> Sizes | None:
        return self.places.get(place, {}).get(outcome)


def primaries(plan: Plan) -> tuple[Outcome, ...]:
    """The primary outcomes, in the order of the levels."""
    return tuple(outcome for outcome in plan.compared if outcome.role == "primary")


def example_sample(plan: Plan) -> Sample:
    """From the committed records. RunError E348 where there are none."""
    folder = EXAMPLE_RECORDS / plan.study
    records = {path.stem: store.load(path) for path in sorted(folder.glob("*.json"))}
    if NATIONAL not in records:
        text = f"there is no committed record of {plan.study}."
        raise RunError("E348", text, remedy="First: make records")
    return sample_of(plan, records)


def sample_of(plan: Plan, records: Mapping[str, Record]) -> Sample:
    """The counts that stand in cleared records of a study."""
    ids = place_set(plan.data.places).ids
    whole = records[NATIONAL]
    at = {place: records[place] for place in ids if place in records}
    nation = _sizes(plan, whole)
    if len(nation) < len(primaries(plan)) and ALL in records:
        nation = _sizes(plan, records[ALL]) | nation
    return assembled(
        plan,
        nation=nation,
        places={place: sizes for place, one in at.items() if (sizes := _sizes(plan, one))},
        groups=_groups(plan, whole),
        place_groups={place: own for place, one in at.items() if (own := _groups(plan, one))},
        there={place: one.n_in for place, one in at.items()},
    )


def assembled(
    plan: Plan,
    *,
    nation: Mapping[str, Sizes],
    places: Mapping[str, Mapping[str, Sizes]],
    groups: Mapping[str, ByGroup],
    place_groups: Mapping[str, Mapping[str, ByGroup]],
    there: Mapping[str, int | None],
) -> Sample:
    """A sample from sizes by outcome, place and group, with what the plan announces and what is
    put together over places."""
    own = {
        place: {
            o: _within(plan, sizes, place_groups.get(place, {}).get(o)) for o, sizes in of.items()
        }
        for place, of in places.items()
    }
    whole = {
        o: _announced(plan, _together(plan, _within(plan, sizes, groups.get(o)), o, own))
        for o, sizes in nation.items()
    }
    together = _groups_together(plan, groups, place_groups)
    return Sample(plan, whole, own, together, place_groups, there)


def _sizes(plan: Plan, record: Record) -> dict[str, Sizes]:
    """Sizes of everyone, by outcome: of the row that answers, else of any of its estimand."""
    kind = kind_of(plan)
    found: dict[str, Sizes] = {}
    for outcome in primaries(plan):
        rows = [r for r in _of(record, outcome) if r.group == EVERYONE]
        rows = [r for r in rows if r.estimand == kind.estimand and r.n]
        first = [r for r in rows if r.method == lead_method(plan)] or rows
        sizes = _usable(plan, size_of(first[0])) if first else None
        if sizes is not None:
            found[outcome.id] = sizes
    return found


def _groups(plan: Plan, record: Record) -> dict[str, ByGroup]:
    asked = group_rows(plan)
    found: dict[str, ByGroup] = {}
    for outcome in primaries(plan):
        rows = [r for r in _of(record, outcome) if r.group != EVERYONE and asked is not None]
        rows = [r for r in rows if r.estimand == (asked or ("",))[0] and r.status != "ranked"]
        own = [r for r in rows if r.method == (asked or ("", ""))[1]] or rows
        by_group = {row.group: _usable(plan, size_of(row)) for row in own}
        if by_group:
            found[outcome.id] = by_group
    return found


def _of(record: Record, outcome: Outcome) -> Iterable[Row]:
    return (row for row in record.rows if row.outcome == outcome.id)


def size_of(row: Row) -> Sizes | None:
    """The counts of a row and nothing else of it; None where they are withheld."""
    if not row.n or not row.n_treated:
        return None
    # of one group some designs count the whole model in n, and the group's own people here
    people = min(row.n, row.n_identifying or row.n) if row.group != EVERYONE else row.n
    if people <= row.n_treated:
        return None
    return Sizes(
        float(people),
        float(row.n_treated),
        float(row.clusters_treated or 0),
        float(row.clusters_comparison or 0),
    )


def _usable(plan: Plan, sizes: Sizes | None) -> Sizes | None:
    """None where clusters that the design rests on are withheld on a side."""
    rests = planned_of(plan) in ("clusters", "dyads", "steps", "series")
    if sizes is None or (rests and min(sizes.clusters_with, sizes.clusters_without) < 1):
        return None
    return sizes


def _within(plan: Plan, sizes: Sizes, by_group: ByGroup | None) -> Sizes:
    """Of people compared within their own ethnic group: how much of what they could tell is left
    (the variance of being matched within groups, over that of everyone). A group that is withheld
    is taken to tell nothing."""
    if planned_of(plan) != "dyads":
        return sizes
    groups = [one for one in (by_group or {}).values() if one]
    within = sum(one.people_with * one.people_without / one.people for one in groups)
    whole = sizes.people_with * sizes.people_without / sizes.people
    return replace(sizes, telling=min(1.0, within / whole)) if within else sizes


def _together(
    plan: Plan, sizes: Sizes, outcome: str, places: Mapping[str, Mapping[str, Sizes]]
) -> Sizes:
    """With the number of places whose answers are put together, where they are."""
    return replace(sizes, places=sum(outcome in of for of in places.values()) * is_pooled(plan))


def _groups_together(
    plan: Plan, groups: Mapping[str, ByGroup], places: Mapping[str, Mapping[str, ByGroup]]
) -> dict[str, ByGroup]:
    """The same of each group."""

    def whole(outcome: str, group: str, sizes: Sizes | None) -> Sizes | None:
        if sizes is None:
            return None
        told = [of for of in places.values() if of.get(outcome, {}).get(group) is not None]
        return replace(_announced(plan, sizes), places=len(told) * is_pooled(plan))

    return {
        outcome: {group: whole(outcome, group, sizes) for group, sizes in of.items()}
        for outcome, of in groups.items()
    }


def _announced(plan: Plan, sizes: Sizes) -> Sizes:
    """Regions with a programme are announced: their number is no count of people."""
    if planned_of(plan) not in RANKED or plan.comparison.assigned != "region":
        return sizes
    regions = len(place_set(plan.data.places).ids)
    started = len(plan.comparison.arms) or 1
    return replace(sizes, clusters_with=started, clusters_without=regions - started)


def given_sample(sample: Sample, people: int, clusters: int | None) -> Sample:
    """The same study with so many people and clusters a side, in the nation alone."""
    units = float(clusters or 0)
    nation = {
        outcome.id: Sizes(2.0 * people, float(people), units, units)
        for outcome in primaries(sample.plan)
    }
    return replace(
        sample, nation=nation, places={}, groups={}, place_groups={}, there={}, lost=True
    )
