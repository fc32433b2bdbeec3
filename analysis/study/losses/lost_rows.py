"""Rows that are lost between tables, side by side: a check that a claim rests on, and when nothing
is compared.

A lost row is neither a zero nor an answer. Where one side lost more than the other, the difference
between the sides may be made of what was lost: by as many in every 100 as they lie apart, a share
can move.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.disclosure.people_said import Asked, cleared_share, difference, may_be_told
from analysis.results import CheckResult
from analysis.said.numbers import ClearedNumber, planned
from analysis.said.texts import joined, say

CHECK = "lost_rows"
REFUSAL, LOST = "rows_lost", "lost"
# Points in every 100 that the sides may lie apart (chosen: what lost rows could make of a share is
# then less than the smallest difference that any plan asks for).
APART = 1.0


@dataclass(frozen=True)
class Side:
    """One side of a comparison: its name in a sentence, how many there are, and how many of them
    lack their row."""

    name: str
    n: int
    lost: int

    @property
    def percent(self) -> float:
        """Percent lost, exact; 0 where there is nobody."""
        return 100 * self.lost / self.n if self.n else 0.0


@dataclass(frozen=True)
class Link:
    """Two sides of one link between tables. parents: who should have a row; child: the table in
    which they should.

    whole: every row of the parent must have one; otherwise some may rightly have none, and only a
    difference between the sides speaks of loss.
    """

    parents: str
    child: str
    sides: tuple[Side, ...]
    whole: bool = True

    @property
    def lost(self) -> int:
        return sum(side.lost for side in self.sides)

    @property
    def apart(self) -> float:
        """Points between the sides, exact."""
        shares = [side.percent for side in self.sides if side.n]
        return max(shares) - min(shares) if shares else 0.0

    def too_many(self, most: float) -> bool:
        """Either side lost more than `most` percent."""
        return self.whole and any(side.percent > most for side in self.sides)


def too_many_lost(links: Sequence[Link], most: float) -> bool:
    """Nothing is to be compared: on either side of a link more than `most` percent lack their
    row."""
    return any(link.too_many(most) for link in links)


def sides_of(names: Mapping, side: pd.Series, found: pd.Series) -> tuple[Side, ...]:
    """By value of `side`, named by `names`: how many there are, and how many of them were not
    `found` (bool)."""
    return tuple(
        Side(name, int((side == key).sum()), int(((side == key) & ~found).sum()))
        for key, name in names.items()
    )


def lost_rows_check(links: Sequence[Link], *, most: float, asked: Asked) -> CheckResult:
    """Does hardly anybody lack their row, and are these as many on either side? value: points
    between the sides.

    The text holds shares only where each of them may be told (S1 to S3, S6). That no row was lost
    at all is a property of the extract and is said.
    """
    if not any(side.n for link in links for side in link.sides):
        return CheckResult(
            CHECK,
            None,
            "Whether rows were lost could not be asked.",
            threshold=APART,
            bears_on="claim",
        )
    lossy = [link for link in links if link.lost]
    if not lossy:
        nothing = planned(0)
        return CheckResult(CHECK, True, _nobody(links), 0.0, APART, bears_on="claim", shown=nothing)
    worst = max(lossy, key=lambda link: link.apart)
    passed = worst.apart <= APART and not too_many_lost(links, most)
    beside = all(_may_be_told(link, asked) for link in lossy)
    shares = {link: _shares(link, asked, beside) for link in lossy}
    if not beside:
        said = _few(worst, passed)
        return CheckResult(CHECK, passed, said, worst.apart, APART, bears_on="claim")
    text = say(
        "{said} At most {apart} point apart and {most}% on either side are allowed for.",
        said=joined(" ", (_said(link, own) for link, own in shares.items())),
        apart=planned(APART),
        most=planned(most),
    )
    own = shares[worst]
    shown = difference(own[0], own[-1])
    return CheckResult(CHECK, passed, text, worst.apart, APART, bears_on="claim", shown=shown)


def _asked_of(link: Link, asked: Asked) -> list[tuple[Side, Asked]]:
    """The sides with somebody on them, each with its name."""
    about = asked.of(by=f"{link.parents}, {link.child}")
    return [(side, about.of(arm=side.name)) for side in link.sides if side.n]


def _may_be_told(link: Link, asked: Asked) -> bool:
    return all(
        may_be_told(side.lost, side.n, own, count=LOST) for side, own in _asked_of(link, asked)
    )


def _shares(link: Link, asked: Asked, beside: bool) -> tuple[ClearedNumber, ...]:
    """Percent of each side without their row, as it may be told."""
    return tuple(
        cleared_share(side.lost, side.n, own, count=LOST, beside=beside)
        for side, own in _asked_of(link, asked)
    )


def _nobody(links: Sequence[Link]) -> str:
    by_parents: dict[str, list[str]] = {}
    for link in links:
        by_parents.setdefault(link.parents, []).append(link.child)
    parts = (
        f"all of {parents} have their row in {' and '.join(own)}"
        for parents, own in by_parents.items()
    )
    return f"No row was lost: {'; '.join(parts)}."


def _few(link: Link, passed: bool) -> str:
    """Where a share of one side is not told."""
    if passed:
        return f"Hardly any of {link.parents} lack their row in {link.child}."
    sides = sorted((side for side in link.sides if side.n), key=lambda side: side.percent)
    return (
        f"Some of {link.parents} lack their row in {link.child}: more of {sides[-1].name} than of"
        f" {sides[0].name}."
    )


def _said(link: Link, shares: Sequence[ClearedNumber]) -> str:
    sides = [side for side in link.sides if side.n]
    parts = [
        say("{share}% of {side}", share=share, side=side.name)
        for side, share in zip(sides, shares, strict=True)
    ]
    return say(
        "Of {parents}, {parts} lack their row in {child}.",
        parents=link.parents,
        parts=joined(" and ", parts),
        child=link.child,
    )
