"""What a verb returns: sentences, cleared tables and charts, in the order in which they are read.

Nothing prints by itself: the gate renders a section that ends a cell, and whoever wants a part of
it takes `.table` or `.charts` in hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from analysis.display.prose import Prose
from analysis.results import Table
from analysis.said.texts import joined, leaves


@dataclass(frozen=True, eq=False)
class Chart:
    """One figure drawn from one cleared table.

    figure: of matplotlib, not yet closed. alt: the figure in words. name: of its files, a plain
    name of small letters, digits and underscores. RunError E353 for a number in the words that was
    not cleared.
    """

    figure: Any
    alt: str
    table: Table
    name: str

    def __post_init__(self):
        leaves(self, "an alternative text", "alt")

    def summary(self) -> str:
        return self.alt


Part = Prose | Table | Chart


@dataclass(frozen=True, eq=False)
class Section:
    """Parts of one answer, shown one below the other."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, *parts: "Part | Section | None") -> "Section":
        """The parts in their order; a section gives its own, None nothing."""
        given = (part for part in parts if part is not None)
        inside = (part.parts if isinstance(part, Section) else (part,) for part in given)
        return cls(tuple(chain.from_iterable(inside)))

    def __iter__(self) -> Iterator:
        return iter(self.parts)

    def __add__(self, other: "Part | Section") -> "Section":
        return Section.of(self, other)

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(part for part in self.parts if isinstance(part, Table))

    @property
    def table(self) -> Table:
        """The first table. LookupError where the section has none."""
        if not self.tables:
            raise LookupError("this section has no table: it says why in its sentences (.text)")
        return self.tables[0]

    @property
    def charts(self) -> tuple[Chart, ...]:
        return tuple(part for part in self.parts if isinstance(part, Chart))

    @property
    def text(self) -> str:
        """Its sentences, one below the other."""
        return joined("\n", (part.text for part in self.parts if isinstance(part, Prose)))

    def summary(self) -> str:
        return self.text
