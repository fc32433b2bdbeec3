"""Rule S19: a figure shows one length of period, the finest at which every cell passes, and periods
of one cell never overlap in part.

Counts of overlapping periods tell by subtraction of the people in one and not in the other. So the
periods of a figure are closed and lie beside each other (`Series`); a period that lies within a
longer one is attacked together with it (`held_in_time`); two that overlap otherwise are not printed
of one cell, and the study is not cleared (`check_periods`, E337).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal, get_args

from analysis.disclosure.attack.known import OPEN, Count, Known, Relation, at_most
from analysis.disclosure.named.names import dimensions_of
from analysis.disclosure.rules import load_rules, share_is_protected
from analysis.errors import RunError

Months = Literal[1, 3, 6, 12]
LENGTHS: tuple[Months, ...] = get_args(Months)  # month, quarter, half-year, year
TOGETHER = " + "  # between periods that are put together
MOST_NAMED = 3
_LABEL = re.compile(r"(year to )?(\d{4})(?: Q([1-4])| H([12])|-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True, order=True)
class Span:
    """A period: its first month, counted from the year 0, and how many months it has."""

    first: int
    months: int

    @property
    def after(self) -> int:
        """The month after the last one."""
        return self.first + self.months

    def within(self, other: "Span") -> bool:
        return other.first <= self.first and self.after <= other.after

    def overlaps(self, other: "Span") -> bool:
        return self.first < other.after and other.first < self.after


def span_of(label: str) -> Span | None:
    """The period of a label: "2026-03", "2026 Q3", "2026 H1", "2026", "year to 2026 Q3", or several
    of them that follow each other ("2026 Q2 + 2026 Q3"). None for any other."""
    spans = [_one_span(part) for part in label.split(TOGETHER)]
    known = sorted(span for span in spans if span is not None)
    if len(known) < len(spans) or any(a.after != b.first for a, b in pairwise(known)):
        return None
    return Span(known[0].first, sum(span.months for span in known))


def _one_span(label: str) -> Span | None:
    found = _LABEL.fullmatch(label)
    if found is None:
        return None
    year_to, year, quarter, half, month = found.groups()
    start = 12 * int(year)
    if quarter:
        span = Span(start + 3 * int(quarter) - 3, 3)
    elif half:
        span = Span(start + 6 * int(half) - 6, 6)
    else:
        span = Span(start + int(month) - 1, 1) if month else Span(start, 12)
    return Span(span.after - 12, 12) if year_to else span


@dataclass(frozen=True)
class Series:
    """The periods of one figure, oldest first. RunError E337 where they are not of one length of
    LENGTHS, or overlap."""

    periods: tuple[Span, ...]

    def __post_init__(self) -> None:
        lengths = {span.months for span in self.periods}
        apart = all(a.after <= b.first for a, b in pairwise(self.periods))
        if not lengths <= set(LENGTHS) or len(lengths) > 1 or not apart:
            text = "the periods of a figure are of several lengths, overlap or are not in order."
            raise RunError("E337", text, remedy="Show months, quarters, half-years or years.")


def check_labels(labels: Iterable[str]) -> None:
    """RunError E337 where the periods of a figure, oldest first, are no series. A label that is no
    period of the calendar, of a table of somebody's own, stands where that table has it."""
    Series(tuple(span for label in labels if (span := span_of(label)) is not None))


def finest(
    counted: Callable[[Months], Iterable[tuple[int, int]]], *, from_months: Months = 1
) -> Months | None:
    """The shortest length at which each cell of a figure passes S1 to S3; None where no length
    does, so that the figure shows no periods.

    counted: (people with the event, people) of each cell at a length, exact; a line with several
    events yields each. from_months: the finest that the figure is made for. It is chosen from small
    counts alone and not from the joint decision, which would change with it: that one of a finer
    length is small is what a mark [c] says, too.
    """
    rules = load_rules()
    for months in LENGTHS:
        if months < from_months:
            continue
        cells = tuple(counted(months))
        if cells and not any(share_is_protected(event, base, rules) for event, base in cells):
            return months
    return None


# -- periods of one cell, over all that a study prints ---------------------------------------------
Placed = tuple[Span, Count]


def held_in_time(known: Known) -> tuple[Relation, ...]:
    """Each period that lies within a longer one of the same cell is a part of it, and periods that
    fill it are at least the whole, or the whole where nobody comes again. Each is held against the
    exact counts."""
    found: list[Relation] = []
    for placed in _cells(known):
        for whole, longer in placed:
            parts = [(s, c) for s, c in placed if s.within(whole) and s != whole]
            found += [
                at_most(part.key, longer.key, "a period within a longer one")
                for _, part in parts
                if part.exact <= longer.exact
            ]
            found += _filled(whole, longer, parts)
    return tuple(found)


def _filled(whole: Span, longer: Count, parts: Sequence[Placed]) -> Iterator[Relation]:
    """Of each length that fills a period without a gap."""
    for months in sorted({span.months for span, _ in parts}):
        own = sorted((s, c.key, c.exact) for s, c in parts if s.months == months)
        ends = [whole.first, *(span.after for span, _, _ in own)]
        starts = [*(span.first for span, _, _ in own), whole.after]
        together = sum(exact for _, _, exact in own)
        if ends == starts and longer.exact <= together:
            terms = ((longer.key, 1.0), *((name, -1.0) for _, name, _ in own))
            once = together == longer.exact >= load_rules().threshold  # small sums are so by chance
            yield Relation(terms, 0.0 if once else -OPEN, 0.0, "periods fill a longer one")


def check_periods(known: Known) -> None:
    """RunError E337 where two printed counts of one cell are of periods that overlap in part; names
    of counts, never a value."""
    found = [
        f"{one.key} and {other.key}"
        for placed in _cells(known)
        for (span, one), (beside, other) in combinations(placed, 2)
        if span.overlaps(beside) and not (span.within(beside) or beside.within(span))
        if not (one.is_withheld or other.is_withheld)
    ]
    if found:
        text = f"{len(found)} pairs of periods overlap in part: {'; '.join(found[:MOST_NAMED])}."
        remedy = "Print closed periods that lie beside each other (docs/trust.md, S19)."
        raise RunError("E337", text, remedy=remedy)


def _cells(known: Known) -> Iterator[list[Placed]]:
    """The counts of each cell that stands in several periods, with these."""
    found: dict[str, list[Placed]] = defaultdict(list)
    for name, count in known.counts.items():
        period = dimensions_of(name).get("period", "")
        if count.unit != "exposure" and (span := span_of(period)) is not None:
            found[name.replace(f"period={period}", "period=", 1)].append((span, count))
    yield from (placed for placed in found.values() if len(placed) > 1)
