"""Counts that this kernel has cleared: noted where they are cleared, written with the record.

The list is private: it goes into the private folder of the run and nowhere else.
"""

from collections.abc import Iterable

from analysis.disclosure.attack.known import OPEN, Count, Known, Relation, Unit
from analysis.disclosure.rules import is_small, load_rules

_counts: list[Count] = []
_relations: list[Relation] = []
# A row is withheld with a count of it, and its estimate with the row.
ESTIMATE = 25.0


def note(
    key: str,
    exact: float,
    shown: float | None,
    *,
    structural: bool = False,
    needs: str | None = None,
    where: str = "",
) -> None:
    """Note people that were cleared: `shown` in fives as they are printed, or None where withheld.

    A printed 0 is exact only where it is structural.
    """
    low, high = (0.0, 0.0) if structural and exact == 0 else _interval(shown)
    small = is_small(int(exact), load_rules(), structural=structural)
    _counts.append(Count(key, exact, low, high, small, "people", needs, where))


def note_listed(key: str, exact: float, shown: float | None, *, where: str) -> None:
    """The same of people who are listed by a name of their own, which no small number is: withheld
    or not, they are known to be no fewer than the threshold."""
    low, high = _interval(shown)
    low = max(low, float(load_rules().threshold)) if shown is None else low
    _counts.append(Count(key, exact, low, high, False, "people", None, where))


def note_estimate(
    key: str, exact: float, shown: float | None, *, needs: str | None, where: str
) -> None:
    """The same of people without whom an estimate is not printed: worth many cells of a table."""
    small = is_small(int(exact), load_rules())
    _counts.append(Count(key, exact, *_interval(shown), small, "people", needs, where, ESTIMATE))


def note_others(
    key: str, exact: float, shown: float | None, unit: Unit, *, needs: str | None, where: str
) -> None:
    """The same of what is no number of people: events, or exposure."""
    _counts.append(Count(key, exact, *_interval(shown), False, unit, needs, where))


def _interval(shown: float | None) -> tuple[float, float]:
    """What a number in fives leaves open; everything where none is printed."""
    step = load_rules().rounding_base.value // 2
    return (0.0, OPEN) if shown is None else (max(0.0, shown - step), shown + step)


def note_relations(relations: Iterable[Relation]) -> None:
    _relations.extend(relations)


def noted() -> Known:
    """All that was noted so far."""
    return Known.of(_counts, _relations)


def forget() -> None:
    """Start a new list: a kernel that opens another study."""
    _counts.clear()
    _relations.clear()
