"""How the counts of a monitor hang together, over places, units, rounds, codings and columns: what
everybody knows of them without reading a number.

Each relation is held against the exact counts, and left out where it is not so: who moves or
declares between two rounds may stand under another group, and a place may not have delivered.
What is always so of one cell was noted where it was cleared.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis.disclosure.attack.known import Known, Relation, at_most, total
from analysis.disclosure.codings import ALL_UNITS
from analysis.extracts.counts.counts import broad_groups
from analysis.plans.monitor import Monitor
from analysis.studies.disparity.counted.counts import TOGETHER
from analysis.studies.disparity.protected.names import (
    EXPOSURE,
    Name,
    levels_of,
    name_of,
    quarters_of,
)
from analysis.vocabulary.regions import ALL

PLACES = "the places make up the whole"
UNITS = "the units make up the place"
ROUNDS = "rounds that are put together"
FINER = "groups of the fine coding are parts of a broad one"
LEVELS = "the levels of a column make up the table without it"
YEAR = "who is there in a quarter is there in its year"
SUMMED = ("people", "with", "events")  # at least as many over several rounds as in each of them


def hangs_together(plan: Monitor, places: Mapping[str, Known]) -> tuple[Relation, ...]:
    """Every relation between the counts of all places."""
    exact = {name: c.exact for known in places.values() for name, c in known.counts.items()}
    counts = _Counts(exact)
    found = (
        *_between_places(counts),
        *_of_units(counts),
        *_of_rounds(counts),
        *_of_the_fine_coding(plan, counts),
        *_of_levels(counts),
        *_of_years(counts),
    )
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class _Counts:
    """Exact counts by name, and what each name says."""

    exact: Mapping[str, float]

    @cached_property
    def names(self) -> dict[Name, str]:
        """The name in parts, and as it is noted. Exposure tells nothing of how many people there
        are."""
        parts = {name_of(name): name for name in self.exact}
        return {one: name for one, name in parts.items() if one.count != EXPOSURE}

    def alike(self, of: Callable[[Name], Hashable | None]) -> Iterator[tuple[Hashable, list[Name]]]:
        """Names that are alike but for one part. `of`: what is alike; None: no part of this."""
        found: dict[Hashable, list[Name]] = defaultdict(list)
        for name in self.names:
            if (key := of(name)) is not None:
                found[key].append(name)
        yield from found.items()

    def made_up(
        self, whole: Name, parts: Sequence[Name], why: str, *, all_parts: bool = True
    ) -> Iterator[Relation]:
        """The whole is the sum of its parts; or at most their sum, or more than it, where somebody
        stands in several parts, or in none. all_parts: each part is noted; one that is not, because
        nobody is in it, is a number that nobody was told."""
        named = [self.names[part] for part in parts]
        all_of_it, added = self.names[whole], sum(self.exact[name] for name in named)
        if self.exact[all_of_it] == added and all_parts:
            yield total(all_of_it, named, why)
        elif self.exact[all_of_it] >= added:
            terms = ((all_of_it, -1.0), *((name, 1.0) for name in named))
            yield Relation(terms, float("-inf"), 0.0, why)
        else:
            terms = ((all_of_it, 1.0), *((name, -1.0) for name in named))
            yield Relation(terms, float("-inf"), 0.0, why)
            for part in parts:
                yield from self.within(part, whole, why)

    def within(self, smaller: Name, larger: Name, why: str) -> Iterator[Relation]:
        """The first is a part of the second."""
        if smaller in self.names and larger in self.names:
            one, other = self.names[smaller], self.names[larger]
            if self.exact[one] <= self.exact[other]:
                yield at_most(one, other, why)


def _between_places(counts: _Counts) -> Iterator[Relation]:
    """All places together, beside each of them (S13)."""
    places = {one.place for one in counts.names} - {ALL}
    for _, names in counts.alike(lambda one: one._replace(place="") if not one.unit else None):
        whole = next((one for one in names if one.place == ALL), None)
        parts = [one for one in names if one.place != ALL]
        if whole is not None and parts:
            yield from counts.made_up(whole, parts, PLACES, all_parts=len(parts) == len(places))


def _is_unit(one: Name) -> bool:
    return one.unit not in ("", ALL_UNITS)


def _of_units(counts: _Counts) -> Iterator[Relation]:
    """Units beside the place that they make up, in the same rounds and in each of them."""
    there: dict[str, set[str]] = defaultdict(set)
    for one in counts.names:
        if _is_unit(one):
            there[one.place].add(one.unit)
    for _, units in counts.alike(lambda one: one._replace(unit="") if _is_unit(one) else None):
        whole = units[0]._replace(unit="")
        if whole in counts.names:
            every = len(units) == len(there[whole.place])
            yield from counts.made_up(whole, units, UNITS, all_parts=every)
            continue
        for label in whole.period.split(TOGETHER):
            then = whole._replace(period=label)
            if then in counts.names and whole.count in SUMMED:
                yield from _at_most_the_sum(counts, then, units)
    for one in list(counts.names):
        if one.place == ALL and _is_unit(one):
            yield from _of_its_rounds(counts, one, one._replace(place=one.unit, unit=""))


def _at_most_the_sum(counts: _Counts, one: Name, parts: Sequence[Name]) -> Iterator[Relation]:
    names = [counts.names[part] for part in parts]
    if counts.exact[counts.names[one]] <= sum(counts.exact[name] for name in names):
        terms = ((counts.names[one], 1.0), *((name, -1.0) for name in names))
        yield Relation(terms, float("-inf"), 0.0, UNITS)


def _of_rounds(counts: _Counts) -> Iterator[Relation]:
    """Rounds that are put together, beside each of them."""
    for one in list(counts.names):
        if TOGETHER in one.period and not one.unit:
            yield from _of_its_rounds(counts, one, one)


def _of_its_rounds(counts: _Counts, whole: Name, there: Name) -> Iterator[Relation]:
    """A count over several rounds beside the same of each round. there: its place in one round."""
    rounds = [there._replace(period=label) for label in whole.period.split(TOGETHER)]
    if whole not in rounds and all(one in counts.names for one in rounds):
        if whole.count in SUMMED:
            yield from counts.made_up(whole, rounds, ROUNDS)
        else:
            yield from _at_most_the_sum(counts, whole, rounds)


def _of_the_fine_coding(plan: Monitor, counts: _Counts) -> Iterator[Relation]:
    """Groups of the fine coding beside the broad group that they are parts of (S14)."""
    groups = plan.groups
    codes = {groups.second_reference: groups.second_reference}
    codes |= {groups.national_only_words: next(iter(groups.national_only), None)}
    named = {name: code for name, code in codes.items() if name and code}
    if not named:
        return
    broad = dict(zip(named, broad_groups(pd.Series(list(named.values()))), strict=True))

    def broader(one: Name) -> Name | None:
        return one._replace(group=broad[one.group]) if one.group in broad else None

    for whole, parts in counts.alike(broader):
        if whole in counts.names:
            names = [counts.names[part] for part in parts]
            if sum(counts.exact[n] for n in names) <= counts.exact[counts.names[whole]]:
                terms = ((counts.names[whole], -1.0), *((name, 1.0) for name in names))
                yield Relation(terms, float("-inf"), 0.0, FINER)


def _of_levels(counts: _Counts) -> Iterator[Relation]:
    """The levels of one further column beside the table without it; a group is such a level."""
    found: dict[Name, dict[str, list[Name]]] = defaultdict(lambda: defaultdict(list))
    there: dict[tuple, set[str]] = defaultdict(set)  # levels of a column in any group of a place
    for one in counts.names:
        for column, whole in levels_of(one):
            there[_table(column, whole)].add(_level(column, one))
            if whole in counts.names:
                found[whole][column].append(one)
    for whole, by_column in found.items():
        for column, parts in by_column.items():
            levels = {_level(column, part) for part in parts}
            every = levels == there[_table(column, whole)]
            yield from counts.made_up(whole, parts, LEVELS, all_parts=every)


def _table(column: str, whole: Name) -> tuple:
    """Where a level may stand: in a table of one place and round, by this column."""
    return column, whole.place, whole.outcome, whole.period


def _level(column: str, one: Name) -> str:
    """The level of a column in which a count stands: a group, or what `by` says."""
    said = dict(part.split("=", 1) for part in one.by.split(", ") if "=" in part)
    return said.get(column, one.group)


def _of_years(counts: _Counts) -> Iterator[Relation]:
    """People of a quarter beside those of the year that it belongs to."""
    periods = {one.period for one in counts.names}
    years = {year: [q for q in quarters_of(year) if q in periods] for year in periods}
    for one in list(counts.names):
        if one.count == "people" and not one.unit:
            for quarter in years[one.period]:
                yield from counts.within(one._replace(period=quarter), one, YEAR)
