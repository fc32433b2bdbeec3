"""Disclosure limits that will bite: which cells of a place, an ethnic group and a side fall below
the rules, before anybody has counted an outcome."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from analysis.disclosure.rules import Rules, is_small, is_unreliable, share_is_protected
from analysis.plans.plan import Outcome
from analysis.protocol.formulas import EVERY, Sizes
from analysis.protocol.sample import Sample
from analysis.vocabulary.regions import NATIONAL

Shown = Literal["shown", "not_reliable", "withheld"]


@dataclass(frozen=True)
class Cell:
    """People of one group on both sides in one place. expected: worked out from the place and the
    nation, and not counted."""

    place: str
    group: str
    shown: Shown
    expected: bool


def cells(sample: Sample, outcome: Outcome, base: float | None, rules: Rules) -> Iterator[Cell]:
    """Every cell of the nation and of each place. `base`: in every 100, with the event (None: it is
    not known, and only people are counted)."""
    of = sample.groups.get(outcome.id, {})
    for group, sizes in of.items():
        yield Cell(NATIONAL, group, _shown(sizes, base, rules), False)
    for place in sample.there:
        counted = sample.place_groups.get(place, {}).get(outcome.id)
        for group, sizes in of.items():
            own = counted.get(group) if counted else _expected(sample, outcome, place, sizes)
            yield Cell(place, group, _shown(own, base, rules), counted is None)


def _expected(sample: Sample, outcome: Outcome, place: str, group: Sizes | None) -> Sizes | None:
    """As many of the group as the place's share of everybody, on either side."""
    there = [count or 0 for count in sample.there.values()]
    if group is None or not sum(there):
        return None
    share = (sample.there[place] or 0) / sum(there)
    return group.times(share, clusters=False)


def _shown(sizes: Sizes | None, base: float | None, rules: Rules) -> Shown:
    """A share needs enough people on either side, with the event and without it (S1, S3)."""
    if sizes is None:
        return "withheld"
    sides = [round(sizes.people_with), round(sizes.people_without)]
    if any(is_small(people, rules) for people in sides):
        return "withheld"
    if base is not None and any(
        share_is_protected(round(base * people / EVERY), people, rules) for people in sides
    ):
        return "withheld"
    return "not_reliable" if any(is_unreliable(n, rules) for n in sides) else "shown"
