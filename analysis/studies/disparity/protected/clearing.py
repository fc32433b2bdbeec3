"""Clears the counts of a monitor, and notes each of them under its name.

First by the cell itself (cells.py: small counts, both sides of a share, few people who make the
sum); then by what the caller says of other cells; then by the joint decision over the whole study
(disclosure/attack/protection.py), whose names are withheld wherever they would stand, with all that
is worked out from them. What is published already passes unchanged, and is not noted (S0).
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

import pandas as pd

from analysis.disclosure.attack.known import at_most, total
from analysis.disclosure.attack.noted import note, note_others, note_relations
from analysis.disclosure.rules import is_small, load_rules, round_to_base
from analysis.plans.monitor import Measure, Monitor
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.counted.counts import exposure
from analysis.studies.disparity.protected.names import (
    At,
    CellNames,
    cell_names,
    follower,
    people_name,
)

SIDES = "those with the event and without it are the people at risk"
EVENTS = "whoever had the event had one at least"
GO_ON = "those who went on are among those at risk of the next"


@dataclass(frozen=True)
class Clearing:
    """What the release of the counts of one place hangs on. Nothing has a default, so that nothing
    is released because it was not said.

    public: published before, so that no rule applies (S0). by_column: rows were counted, so that
    equal columns are one number. hidden: names that the joint decision withholds.
    """

    plan: Monitor
    public: bool
    by_column: bool
    hidden: frozenset[str]

    def cells(
        self,
        measure: Measure,
        counts: pd.DataFrame,
        groups: Iterable[str],
        at: At,
        *,
        after: pd.DataFrame | None,
        apart: Container[str],
    ) -> dict[str, shown.Cell]:
        """Each group as it may be shown; a group nobody stands in is withheld.

        counts: by group, with SUMS. after: the same of the measure that follows (None: there is
        none). apart: groups that are withheld for what stands elsewhere.
        """
        rows = shown.sums_by_name(counts)
        next_people = {} if after is None else after["persons"].to_dict()
        return {
            group: self.cell(
                measure,
                group,
                rows.get(group),
                at,
                next_people=None if after is None else int(next_people.get(group, 0)),
                apart=group in apart,
            )
            for group in groups
        }

    def cell(
        self,
        measure: Measure,
        group: str,
        row: shown.Sums | None,
        at: At,
        *,
        next_people: int | None,
        apart: bool,
    ) -> shown.Cell:
        """One cell as it may be shown. next_people: at risk of the measure that follows, exact."""
        own = shown.cell_of(measure, group, row, public=self.public)
        if self.public:
            return own
        sums = row or {"persons_with_event": 0.0}
        with_event = int(sums["persons_with_event"])
        names = cell_names(
            self.plan,
            measure,
            group,
            at,
            by_column=self.by_column,
            go_on=next_people == with_event,
        )
        cell = shown.Cell(group, None, None, None) if apart else _without(own, names, self.hidden)
        self._note(measure, row, cell, names, at)
        if next_people is not None and next_people != with_event:
            self._note_next(measure, group, at, names, with_event <= next_people)
        return cell

    def _note(
        self,
        measure: Measure,
        row: shown.Sums | None,
        cell: shown.Cell,
        names: CellNames,
        at: At,
    ) -> None:
        found = row or dict.fromkeys(("persons", "persons_with_event", "events", "base"), 0.0)
        people, having = int(found["persons"]), int(found["persons_with_event"])
        events, base = int(found["events"]), float(found["base"])
        note(names.people, people, cell.people, where=at.where)
        of_people = cell.events if names.events is None else None
        note(names.with_event, having, of_people, needs=names.people, where=at.where)
        note(names.without, people - having, None, needs=names.people, where=at.where)
        relations = [total(names.people, (names.with_event, names.without), SIDES)]
        if names.events is not None and names.base is not None:
            note_others(
                names.events, events, cell.events, "events", needs=names.people, where=at.where
            )
            exact = round(exposure(measure, base))
            note_others(
                names.base, exact, cell.base, "exposure", needs=names.events, where=at.where
            )
            relations.append(at_most(names.with_event, names.events, EVENTS))
        note_relations(relations)

    def _note_next(
        self, measure: Measure, group: str, at: At, names: CellNames, holds: bool
    ) -> None:
        """Those who went on are not exactly those at risk of the next: they may be among them."""
        next_one = follower(self.plan, measure)
        if next_one is not None and holds:
            later = people_name(next_one, group, at, by_column=self.by_column)
            note_relations([at_most(names.with_event, later, GO_ON)])

    def people(
        self,
        name: str,
        exact: int,
        *,
        where: str,
        needs: str | None = None,
        apart: bool = False,
        structural: bool = False,
    ) -> int | None:
        """A number of people in fives, or None where it is withheld; as it is where it was
        published before. structural: that there is nobody is told."""
        if self.public:
            return exact
        rules = load_rules()
        kept = not (apart or name in self.hidden or is_small(exact, rules))
        shown_as = round_to_base(exact, rules.rounding_base.value) if kept else None
        note(name, exact, shown_as, structural=structural, needs=needs, where=where)
        return shown_as


def _without(cell: shown.Cell, names: CellNames, hidden: frozenset[str]) -> shown.Cell:
    """The cell less what the joint decision withholds."""
    if not hidden:
        return cell
    if names.people in hidden:
        return shown.Cell(cell.group, None, None, None)
    others = {names.with_event, names.without, names.events, names.base}
    return replace(cell, events=None, base=None) if others & hidden else cell
