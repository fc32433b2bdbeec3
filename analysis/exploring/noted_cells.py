"""The cells of cross-tabulations under their names in the joint decision (disclosure/attack/).

A cell has the name that its number has elsewhere: people with a yes in a column of the newest round
are those that a monitor counts over that column. What the joint decision withholds is withheld in a
table too, and every cell that is printed or withheld is noted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.disclosure.attack.known import key, total
from analysis.disclosure.attack.noted import note, note_relations
from analysis.exploring.rows import Explorable, Field, Rows

ETHNIC_GROUP = "ethnic_group"
YES_OR_NO = "who has a known answer has a yes or a no"


@dataclass(frozen=True)
class CellNames:
    """Names of the cells of tables of some rows in one place. hidden: what the joint decision
    withholds."""

    place: str
    rows: Rows
    own_table: bool
    hidden: frozenset[str]

    @property
    def people(self) -> str:
        """Outcome of a cell that counts everybody in it."""
        return f"rows of {self.rows.table}"

    def yes(self, held: Field) -> str:
        """Outcome of those with a yes: the column, of the plan's own table without its name."""
        name = held.name if self.own_table else f"{self.rows.table}.{held.name}"
        return f"{name} of {held.among}" if held.among else name

    def cell(self, outcome: str, levels: Iterable[tuple[str, str]]) -> str:
        """The name of one cell. levels: column and level, in any order."""
        held = dict(sorted(levels))
        group = held.pop(ETHNIC_GROUP) if set(held) == {ETHNIC_GROUP} else ""
        return key(
            place=self.place,
            outcome=outcome,
            period=self.rows.period,
            group=_plain(group),
            by=", ".join(f"{column}={_plain(level)}" for column, level in held.items()),
            count="people",
        )

    def noted(self, name: str, exact: int, shown: int | str, *, withheld: str) -> int | str:
        """The number as it may be shown: a mark where it, or what it is worked out from, is
        withheld."""
        found = withheld if name in self.hidden else shown
        note(
            name,
            exact,
            None if isinstance(found, str) else found,
            where=f"a table of {self.people}",
        )
        return found


def names_of(study: Explorable, rows: Rows) -> CellNames:
    """Names of the cells of tables of `rows`."""
    own = getattr(study.plan, "table", None) == rows.table
    return CellNames(study.place, rows, own, study.clearance.hidden)


def note_sides(known: str, yes: str, no: str) -> None:
    """Those with a yes and those with a no are those with a known answer."""
    note_relations([total(known, (yes, no), YES_OR_NO)])


def _plain(level: str) -> str:
    """A level without what stands between the parts of a name."""
    return level.replace(";", " ").replace(", ", " ").replace("=", " ")
