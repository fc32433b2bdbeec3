"""One cell of a table of counts: a number, or the range in which a number lies that was suppressed
before it came here."""

import re
from dataclasses import dataclass
from math import inf

from analysis.plans.counts import MARKS, Counts

FEWER_THAN = re.compile(r"(?:<|&lt;|fewer than|under|less than)\s*(\d+)", re.IGNORECASE | re.ASCII)
AT_MOST = re.compile(r"(?:≤|<=)\s*(\d+)", re.ASCII)
DIGITS = re.compile(r"\d+", re.ASCII)
DECIMAL = re.compile(r"\d+\.\d+", re.ASCII)
NEGATIVE = re.compile(r"[-−–]\s*\d[\d.,]*", re.ASCII)
THOUSANDS = {
    mark: re.compile(rf"\d{{1,3}}({re.escape(mark)}\d{{3}})+", re.ASCII) for mark in (",", ".", " ")
}


@dataclass(frozen=True)
class Bounds:
    """Lowest and highest whole number that a cell can stand for; `high` is infinite where nothing
    bounds it."""

    low: int
    high: float

    def __add__(self, other: "Bounds") -> "Bounds":
        return Bounds(self.low + other.low, self.high + other.high)


def read_count(text: str, counts: Counts) -> Bounds | str:
    """The number or range of a cell, or the code of what is wrong with it (E108, E259 to E261,
    E266)."""
    if not text:
        return "E266"
    if (bound := _suppressed(text, counts)) is not None:
        return bound
    digits = _without_thousands(text, counts.thousands)
    if DIGITS.fullmatch(digits):
        return Bounds(int(digits), int(digits))
    if NEGATIVE.fullmatch(text):
        return "E260"
    if DECIMAL.fullmatch(digits):
        return "E261"
    if any(pattern.fullmatch(text) for pattern in THOUSANDS.values()):
        return "E108"
    return "E259"


def read_percent(text: str, counts: Counts) -> float | str | None:
    """A percentage from 0 to 100; None where it was suppressed; or the code of what is wrong with
    it."""
    if not text:
        return "E266"
    if _suppressed(text, counts) is not None:
        return None
    digits = text.removesuffix("%").strip()
    if not (DIGITS.fullmatch(digits) or DECIMAL.fullmatch(digits)):
        return "E259"
    return float(digits) if float(digits) <= 100 else "E267"


def _suppressed(text: str, counts: Counts) -> Bounds | None:
    """What a mark can stand for; None for a cell that is no mark."""
    if (found := FEWER_THAN.fullmatch(text)) and int(found[1]) > 0:
        return Bounds(0, int(found[1]) - 1)
    if found := AT_MOST.fullmatch(text):
        return Bounds(0, int(found[1]))
    if text in counts.suppressed.marks:
        return Bounds(0, counts.suppressed.marks[text])
    if text in MARKS:
        return Bounds(0, inf if counts.suppressed.largest is None else counts.suppressed.largest)
    return None


def _without_thousands(text: str, mark: str | None) -> str:
    return text.replace(mark, "") if mark and THOUSANDS[mark].fullmatch(text) else text
