"""Names of the counts of a place, and what is said of all of them: a number has one name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, product

from analysis.disclosure.attack.known import Known, Relation, key
from analysis.disclosure.rules import load_rules
from analysis.record.row import Row

PEOPLE, WITH, WITHOUT = "people", "with", "without"
# Words in what is counted: people who are not in something, and those who are a part of others.
APART = {"left_out", "excluded", WITHOUT}
FINER = {"arm", "period", "unit"}  # of cells below those of a group
EVENTS = {WITH, "event", "custody", "matched", "trained"}


@dataclass
class Names:
    """Names of the numbers in the rows of one place.

    Rows on the same people have one name for their number: whoever reads the same number of the
    same outcome and group twice may take it for one (which can only help who attacks).
    """

    place: str
    _seen: dict[tuple[str, str, str], dict[int, str]] = field(default_factory=dict)
    _given: dict[str, int] = field(default_factory=dict)

    def of(
        self, what: str, exact: int, *, outcome: str, groups: tuple[str, ...], by: str, count: str
    ) -> str:
        """The name of `exact` among the numbers of what it is (people, with, ...) in an outcome and
        group. `groups`: the own group, then those of which a row on two groups is made."""
        if exact < load_rules().threshold:  # small numbers are equal by chance
            what, groups = count, groups[:1]
        for group in groups:
            found = self._seen.get((outcome, group, what), {}).get(exact)
            if found is not None:
                return found
        name = self._new(exact, outcome=outcome, group=groups[0], by=by, count=count)
        self._seen.setdefault((outcome, groups[0], what), {})[exact] = name
        return name

    def own(self, count: str, exact: int, *, row: Row) -> str:
        """A name that no other number takes: of a number of two groups, or of the other side."""
        by = f"{row.estimand} {row.method}"
        return self._new(exact, outcome=row.outcome, group=row.group, by=by, count=count)

    def _new(self, exact: int, *, outcome: str, group: str, by: str, count: str) -> str:
        name, again = key(place=self.place, outcome=outcome, group=group, by=by, count=count), 2
        while self._given.get(name, exact) != exact:
            more = f"{by}, {again}"
            name = key(place=self.place, outcome=outcome, group=group, by=more, count=count)
            again += 1
        self._given[name] = exact
        return name


def relation(terms: Iterable[tuple[str, float]], low: float, high: float, why: str) -> Relation:
    """A relation in which each count stands once, however often it was said."""
    summed: dict[str, float] = {}
    for name, times in terms:
        summed[name] = summed.get(name, 0.0) + times
    kept = tuple((name, times) for name, times in summed.items() if times)
    return Relation(kept, low, high, why)


def sum_of(whole: str, parts: Iterable[str], why: str) -> Relation:
    """The whole is the sum of its parts, some of which may be the same count."""
    return relation([(whole, 1.0), *((part, -1.0) for part in parts)], 0.0, 0.0, why)


def dimensions_of(name: str) -> Mapping[str, str]:
    """The dimensions of a count by their names: what `key` put together."""
    return dict(part.split("=", 1) for part in name.split(";"))


def linked(known: Known) -> Known:
    """The same, and that equal numbers of one place and group are one: n of a row, the margin of a
    table and the flow count the same people.

    Of numbers below the threshold nothing is said, nor of cells below those of a group: these are
    equal by chance, and a cell that is its own margin would tell that all others are empty. Nor
    of two parts of a whole, of a whole and a part of it, or of people with an event and all people
    of the same outcome: that would tell that nobody else is there. People with the event of one
    outcome may be the people of the next.
    """
    found: dict[tuple[str, str, float], list[tuple[str, str, bool]]] = {}
    for count in known.counts.values():
        said = dimensions_of(count.key)
        inner = FINER & said.keys() or "=" in said.get("by", "")  # a cell may be its own margin
        small = count.exact < load_rules().threshold
        if small or inner or APART & set(_words(said["count"])):
            continue
        group = said.get("group", "").removeprefix("all")
        own = (count.key, said.get("outcome", ""), bool(EVENTS & set(_words(said["count"]))))
        found.setdefault((said.get("place", ""), group, count.exact), []).append(own)
    why = "the same number of the same people"
    apart = _Classes(known.relations, chain.from_iterable(found.values()))
    same = [
        relation([(one[0], 1.0), (other[0], -1.0)], 0.0, 0.0, why)
        for equal in found.values()
        for one, other in _pairs(equal, apart)
    ]
    return Known.of(known.counts.values(), (*known.relations, *same))


class _Classes:
    """Counts that are taken for one, and which may not be, since that would tell that other parts
    are empty: a whole and a part of it; people with an event and all people of the same outcome,
    also where a third count is equal to both. Nor may two parts of a whole, which are other people
    and equally many by chance."""

    def __init__(
        self, relations: Iterable[Relation], counts: Iterable[tuple[str, str, bool]]
    ) -> None:
        self._of: dict[str, str] = {}
        self._apart: dict[str, set[str]] = {}
        self._holds = {name: {(outcome, event)} for name, outcome, event in counts if outcome}
        for said in relations:
            if len(said.terms) < 3:
                continue
            wholes = [name for name, times in said.terms if times > 0]
            parts = [name for name, times in said.terms if times < 0]
            for one, other in chain(product(wholes, parts), combinations(parts, 2)):
                self._apart.setdefault(one, set()).add(other)
                self._apart.setdefault(other, set()).add(one)

    def _class(self, name: str) -> str:
        while (other := self._of.get(name, name)) != name:
            name = other
        return name

    def join(self, one: str, other: str) -> bool:
        """Take two counts for one; False where they may not be."""
        own, their = self._class(one), self._class(other)
        if own == their:
            return True
        if their in {self._class(name) for name in self._apart.get(own, ())}:
            return False
        held, more = self._holds.get(own, set()), self._holds.get(their, set())
        if any((outcome, not event) in held for outcome, event in more):
            return False
        self._of[their] = own
        self._holds[own] = held | more
        self._apart.setdefault(own, set()).update(self._apart.pop(their, ()))
        return True


def _pairs(equal: Sequence[tuple[str, str, bool]], apart: _Classes) -> Iterator[tuple]:
    """Each with the first that it may be one with: (name, outcome, is an event)."""
    for at, one in enumerate(equal):
        for other in equal[:at]:
            elsewhere = one[1] and other[1] and one[1] != other[1]
            if (one[2] == other[2] or elsewhere) and apart.join(other[0], one[0]):
                yield other, one
                break


def _words(count: str) -> list[str]:
    return count.replace(":", " ").replace(",", " ").split()
