"""Rows that are lost between tables, side by side: a check that a claim rests on, and when nothing
is compared.

A lost row is neither a zero nor an answer. Where one side lost more than the other, the difference
between the sides may be made of what was lost: by as many in every 100 as they lie apart, a share
can move.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.disclosure.rules import Clearance, is_small, load_rules
from analysis.disclosure.suppression import rate_of
from analysis.results import CheckResult

CHECK = "lost_rows"
REFUSAL = "rows_lost"
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


def lost_rows_check(links: Sequence[Link], *, most: float, clearance: Clearance) -> CheckResult:
    """Does hardly anybody lack their row, and are these as many on either side? value: points
    between the sides.

    The text holds percent from counts in fives, and none of a count that is too small to be told
    (rules S1, S6).
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
        return CheckResult(CHECK, True, _nobody(links), 0.0, APART, bears_on="claim")
    worst = max(lossy, key=lambda link: link.apart)
    passed = worst.apart <= APART and not too_many_lost(links, most)
    if not clearance.public and not all(map(_can_be_told, lossy)):
        return CheckResult(CHECK, passed, _few(worst, passed), threshold=APART, bears_on="claim")
    text = " ".join(_said(link, clearance) for link in lossy)
    text += f" At most {APART:g} point apart and {most:g}% on either side are allowed for."
    shown = [_percent(side, clearance) for side in worst.sides if side.n]
    return CheckResult(
        CHECK, passed, text, round(max(shown) - min(shown), 1), APART, bears_on="claim"
    )


def _can_be_told(link: Link) -> bool:
    """No side has a small number of lost rows, or few of whom they could be lost."""
    lossy = [side for side in link.sides if side.lost]
    return not any(is_small(n, load_rules()) for side in lossy for n in (side.lost, side.n))


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
    """Of a count that is too small to be told."""
    told = "Hardly any" if passed else "A few"
    more = "" if passed else ", and not as many on either side"
    return f"{told} of {link.parents} lack their row in {link.child}{more}."


def _said(link: Link, clearance: Clearance) -> str:
    parts = " and ".join(
        f"{_percent(side, clearance):g}% of {side.name}" for side in link.sides if side.n
    )
    return f"Of {link.parents}, {parts} lack their row in {link.child}."


def _percent(side: Side, clearance: Clearance) -> float:
    """From counts in fives; of published data as it stands."""
    if clearance.public or not side.lost:
        return round(side.percent, 1)
    return rate_of(side.lost, side.n)
