"""The counts of the rows of a place: their names, what is printed of them, and their relations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.disclosure.attack.known import OPEN, Relation
from analysis.disclosure.attack.noted import note, note_estimate, note_relations
from analysis.disclosure.named.names import PEOPLE, WITH, WITHOUT, Names, relation, sum_of
from analysis.disclosure.parts import BESIDE, LESS, names_in, role_of
from analysis.disclosure.rules import Clearance, load_rules, round_to_base
from analysis.disclosure.suppression import OTHER_REASONS
from analysis.record.row import Row

SHARE = "in_every_100"
FACTS = ("share", "mean", "money")  # estimands of what is counted and not compared
SIDES = (("treated", "group_value"), ("comparison", "comparison_value"))
FROM_FIVES = "crude_means"  # method of differences of shares that were cleared by themselves


@dataclass(frozen=True)
class Number:
    """One count of a row. field: of the released row in which it stands (empty: it follows from
    others). needs: the count without which it is not read off."""

    name: str
    exact: int
    field: str = ""
    needs: str | None = None


@dataclass(frozen=True)
class Counted:
    """A row with the counts that stand in it by what they are (n, treated, with treated, ...)."""

    row: Row
    numbers: dict[str, Number]
    relations: tuple[Relation, ...]

    @property
    def names(self) -> frozenset[str]:
        """Of the counts without which the row says nothing."""
        return frozenset(n.name for what, n in self.numbers.items() if not _beside(what))

    def fields_hidden(self, hidden: frozenset[str]) -> tuple[str, ...]:
        """Fields of the row that are left empty: numbers of practitioners stand beside an estimate,
        which may be told without them."""
        beside = (n for what, n in self.numbers.items() if _beside(what))
        return tuple(n.field for n in beside if n.name in hidden)


def _beside(what: str) -> bool:
    return what.startswith("clusters")


def counted(rows: Sequence[Row], *, place: str, clearance: Clearance) -> tuple[Counted | None, ...]:
    """The counts of each row; None of a row in which none stands. The names are the same however
    often, and beside what other outcomes, the rows of an outcome are asked."""
    names = Names(place)
    made = [_counted(row, names, clearance) for row in rows]
    first = _first([one for one in made if one is not None])
    return tuple(one and _apart(one, first, names) for one in made)


def _first(made: Sequence[Counted]) -> dict[tuple[str, str], Counted]:
    """By outcome and group the first row."""
    found: dict[tuple[str, str], Counted] = {}
    for one in made:
        found.setdefault((one.row.outcome, one.row.group), one)
    return found


def _both(one: Counted, first: Mapping[tuple[str, str], Counted]) -> Iterator[tuple]:
    """Of a row on two groups: each number that is that of both together, and the two of which it
    is made."""
    groups = one.row.group.split(LESS) if LESS in one.row.group else ()
    pair = [first.get((one.row.outcome, group)) for group in groups]
    for what, number in one.numbers.items():
        own = [part.numbers[what] for part in pair if part and what in part.numbers]
        together = sum(part.exact for part in own)
        if len(own) == 2 and together == number.exact >= load_rules().threshold:
            yield what, number, own


def _apart(one: Counted, first: Mapping[tuple[str, str], Counted], names: Names) -> Counted:
    """The row, and a number of both groups with a name of its own: where nobody stands in the one
    group it equals that of the other, and one name would tell so."""
    again = {
        number.name: names.own(f"{what} of both", number.exact, row=one.row)
        for what, number, own in _both(one, first)
        if number.name in {part.name for part in own}
    }
    if not again:
        return one
    numbers = {
        what: replace(
            number,
            name=again.get(number.name, number.name),
            needs=number.needs and again.get(number.needs, number.needs),
        )
        for what, number in one.numbers.items()
    }
    relations = tuple(
        replace(said, terms=tuple((again.get(name, name), times) for name, times in said.terms))
        for said in one.relations
    )
    return Counted(one.row, numbers, relations)


def _counted(row: Row, names: Names, clearance: Clearance) -> Counted | None:
    support = row.support
    crude = row.method == FROM_FIVES and row.unit == SHARE
    if BESIDE in row.group or row.note == "bounds" or crude:
        return None
    if row.status == "described":
        return _of_fact(row, names) if row.estimand in FACTS else None
    if support is None or support.n == 0:
        return None
    made = _Made(row, names)
    treated, comparison = support.n_treated, support.n_identifying - support.n_treated
    made.add("n", PEOPLE, support.n, "n")
    made.add("n_identifying", PEOPLE, support.n_identifying, "n_identifying")
    made.add("treated", PEOPLE, treated, "n_treated")
    made.add("comparison", PEOPLE, comparison, beside="treated")
    made.sum("n_identifying", ("treated", "comparison"), "both sides are all compared")
    made.at_most("n_identifying", "n", "cells with both sides are a part of all")
    for side, level in SIDES:
        made.level(side, level, treated if side == "treated" else comparison)
    if clearance.clusters_are_people:
        for side in ("treated", "comparison"):
            clusters = getattr(support, f"clusters_{side}")
            made.add(f"clusters {side}", "clusters", clusters, f"clusters_{side}")
            made.at_most(f"clusters {side}", side, "each practitioner has somebody")
    made.flow()
    if clearance.clusters_are_people and row.left_out is not None:
        made.add("clusters left_out", "clusters", support.clusters_left_out, "clusters_left_out")
    return made.done


def _of_fact(row: Row, names: Names) -> Counted:
    """A share: people, and those of them who are counted. Of a mean the people alone."""
    made, n = _Made(row, names), row.n or 0
    made.add("n", PEOPLE, n, "n")
    if row.unit == SHARE:
        made.add("with", WITH, row.n_treated or 0, "n_treated")
        made.add("without", WITHOUT, n - (row.n_treated or 0))
        made.sum("n", ("with", "without"), "with and without are all people")
    return made.done


class _Made:
    """The counts of one row while they are put together."""

    def __init__(self, row: Row, names: Names) -> None:
        self.row, self._names = row, names
        self._numbers: dict[str, Number] = {}
        self._relations: list[Relation] = []

    @property
    def done(self) -> Counted:
        return Counted(self.row, self._numbers, tuple(self._relations))

    def add(
        self,
        what: str,
        kind: str,
        exact: int,
        field: str = "",
        needs: str | None = None,
        *,
        beside: str = "",
    ) -> None:
        """beside: a number of other people of the row, which is never the same one: that both are
        equally many would be told by one name."""
        group = self.row.group
        name = self._names.of(
            kind,
            exact,
            outcome=self.row.outcome,
            groups=(group, *(group.split(LESS) if LESS in group else ())),
            by=f"{self.row.estimand} {self.row.method}",
            count=what,
        )
        if beside and self._numbers[beside].name == name:
            name = self._names.own(f"{what} beside {beside}", exact, row=self.row)
        self._numbers[what] = Number(name, exact, field, needs)

    def sum(self, whole: str, parts: Sequence[str], why: str) -> None:
        named = self._numbers
        self._relations.append(sum_of(named[whole].name, [named[p].name for p in parts], why))

    def at_most(self, smaller: str, larger: str, why: str) -> None:
        one, other = self._numbers[smaller], self._numbers[larger]
        if one.exact <= other.exact and one.name != other.name:
            terms = [(one.name, 1.0), (other.name, -1.0)]
            self._relations.append(relation(terms, -OPEN, 0.0, why))

    def level(self, side: str, field: str, people: int) -> None:
        """A share that is printed is a number of people in disguise."""
        share = getattr(self.row, field)
        if share is None or self.row.unit != SHARE:
            return
        exact = max(0, min(people, round(share * people / 100)))
        needs = self._numbers["treated" if side == "treated" else "n_identifying"].name
        among = f"{WITH} among {self._numbers[side].name}"
        self.add(f"with {side}", among, exact, field, needs)
        self.add(f"without {side}", among.replace(WITH, WITHOUT, 1), people - exact)
        self.sum(side, (f"with {side}", f"without {side}"), "with and without are all people")

    def flow(self) -> None:
        """n and those left out are everybody assigned."""
        if self.row.left_out is None:
            return
        left_out = {reason: int(n or 0) for reason, n in self.row.left_out.items()}
        whole = self.row.support.n + sum(left_out.values()) if self.row.support else 0
        self.add("compared", "compared", whole)
        for reason, n in left_out.items():
            self.add(f"left_out:{reason}", f"left_out:{reason}", n, reason)
        parts = ("n", *(f"left_out:{reason}" for reason in left_out))
        self.sum("compared", parts, "everybody is used or left out")


# -- what is printed of them -----------------------------------------------------------------------
def note_rows(counted_rows: Sequence[Counted | None], released: Sequence[Row]) -> None:
    """Note each count of each row as it is printed in the end, and all relations."""
    made = []
    for one, shown in zip(counted_rows, released, strict=True):
        if one is not None:
            made.append(one)
            _note(one, shown)
            note_relations(one.relations)
    note_relations(_of_partitions(made))
    note_relations(_of_two_groups(made))


def _note(one: Counted, released: Row) -> None:
    where = f"row {one.row.outcome}, {one.row.group}, {one.row.method}"
    apart = _merged(one, released)
    for what, number in one.numbers.items():
        shown = None if what in apart else _shown(what, number, one, released)
        noting = note if _beside(what) else note_estimate
        noting(number.name, number.exact, shown, needs=number.needs, where=where)
    if apart:
        together = f"{one.numbers['n'].name}, {OTHER_REASONS}"
        exact = sum(one.numbers[what].exact for what in apart)
        shown = (released.left_out or {}).get(OTHER_REASONS)
        note(together, exact, shown, where=where)
        parts = [one.numbers[what].name for what in apart]
        note_relations([sum_of(together, parts, "small reasons are put together")])


def _merged(one: Counted, released: Row) -> list[str]:
    """Reasons that stand together as other reasons."""
    if OTHER_REASONS not in (released.left_out or {}):
        return []
    listed = released.left_out or {}
    reasons = (what for what in one.numbers if what.startswith("left_out:"))
    return [what for what in reasons if one.numbers[what].field not in listed]


def _shown(what: str, number: Number, one: Counted, released: Row) -> float | None:
    """The count as it is printed in fives; None where it is not, or follows from others."""
    if not number.field:
        return None
    if what.startswith("left_out:"):
        return (released.left_out or {}).get(number.field)
    printed = getattr(released, number.field)
    if printed is None:
        return None
    is_level = number.field in ("group_value", "comparison_value")
    step = load_rules().rounding_base.value
    return round_to_base(number.exact, step) if is_level else printed


# -- how rows hang together ------------------------------------------------------------------------
def _of_partitions(made: Sequence[Counted]) -> Iterator[Relation]:
    """Parts are the whole wherever they are; where they are less, they are at most the whole."""
    by_outcome: dict[str, list[Counted]] = {}
    for one in made:
        by_outcome.setdefault(one.row.outcome, []).append(one)
    for own in by_outcome.values():
        for name in dict.fromkeys(p for one in own for p in role_of(one.row).whole_of):
            wholes = [one for one in own if name in role_of(one.row).whole_of]
            parts: dict[tuple[str, str], Counted] = {}
            for one in own:
                if role_of(one.row).part_of == name:
                    for named in names_in(one.row):
                        parts.setdefault(named, one)
            for whole in wholes:
                yield from _partition(whole, list(parts.values()), name)


def _partition(whole: Counted, parts: Sequence[Counted], name: str) -> Iterator[Relation]:
    for what, number in whole.numbers.items():
        own = [part.numbers[what] for part in parts if what in part.numbers]
        together = sum(one.exact for one in own)
        small = number.exact < load_rules().threshold  # equal to a sum by chance
        if not own or together > number.exact or small:
            continue
        low = 0.0 if together == number.exact and len(own) == len(parts) else -OPEN
        terms = [*((one.name, 1.0) for one in own), (number.name, -1.0)]
        yield relation(terms, low, 0.0, f"parts of {name} are the whole")


def _of_two_groups(made: Sequence[Counted]) -> Iterator[Relation]:
    """A row on two groups that counts the people of both."""
    first = _first(made)
    for one in made:
        for _, number, own in _both(one, first):
            yield sum_of(number.name, [part.name for part in own], "both groups together")
