"""Groups that make up a shown whole: what is withheld of one does not come out by subtraction of
the others (S4).

The rule looks at what a row is, a part of something or the whole of it, and never at its name.
Whole less shown parts is what the withheld parts have together: that has to be two parts or more,
and enough people in each cell of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.disclosure.rules import Rules, is_small, load_rules

FEWEST_HIDDEN = 2  # what two hold together is neither's own


@dataclass(frozen=True)
class Part:
    """One part of a whole. cells: exact numbers of people that stand in its row, in the same order
    for each part.

    withheld: the row protects somebody. shown: its numbers are there to be subtracted. Neither: it
    has no estimate.
    """

    name: str
    cells: tuple[int, ...]
    shown: bool
    withheld: bool

    @property
    def people(self) -> int:
        return sum(self.cells)


@dataclass(frozen=True)
class Protected:
    """parts: names of all that are withheld in the end. whole: the whole has to go as well."""

    parts: frozenset[str] = frozenset()
    whole: bool = False


def protected(parts: Sequence[Part], rules: Rules | None = None) -> Protected:
    """Which parts of one whole are withheld, smallest first, and whether that is enough without
    withholding the whole.

    Nothing is added where no part is withheld.
    """
    rules = rules or load_rules()
    hidden = [part for part in parts if part.withheld]
    if not hidden:
        return Protected()
    silent = [part for part in parts if not part.withheld and not part.shown]
    left = sorted((part for part in parts if part.shown), key=lambda part: part.people)
    while left and (len(hidden) < FEWEST_HIDDEN or _tells(hidden + silent, rules)):
        hidden.append(left.pop(0))
    with_people = [part for part in hidden + silent if part.people > 0]
    alone = len(with_people) < FEWEST_HIDDEN
    return Protected(frozenset(part.name for part in hidden), whole=not left and alone)


def _tells(hidden: Sequence[Part], rules: Rules) -> bool:
    """A cell of what is hidden together holds too few people, so that its sum tells of each."""
    together = zip(*(part.cells for part in hidden), strict=True)
    return any(is_small(sum(cell), rules) for cell in together)
