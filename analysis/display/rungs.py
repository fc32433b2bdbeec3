"""The rungs of the ladder: one line of each outcome at its level, as multiples of the size that
matters and in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.display.amounts import (
    Row,
    amount,
    interval,
    is_drawn,
    is_unreliable,
    why_not,
)
from analysis.display.drawn_lines import PAGE
from analysis.display.figures.columns import UNRELIABLE
from analysis.display.figures.ladder import (
    ESTIMATE,
    EXPLORATORY,
    FACT,
    NO_OUTCOME,
    NOTHING,
    PRIMARY,
    LadderColumns,
    names_of,
)
from analysis.results import Table
from analysis.vocabulary.levels import LEVEL_KEYS

COLUMNS = LadderColumns()


@dataclass(frozen=True)
class Rung:
    """One line of the ladder; several of one level stand in one rung.

    what: the outcome in words. row: its released row, or None where the level is not measured.
    words: a fact ready made, or why there is no measure. scale: ends of the scale of a score.
    finding: the class in words; before places are set beside each other there is none.
    """

    level: str
    what: str
    row: Row | None = None
    words: str = ""
    primary: bool = True
    scale: tuple[float, float] | None = None
    finding: str = ""

    @property
    def is_drawn(self) -> bool:
        """There is an estimate, and a size that matters to measure it by."""
        return self.row is not None and is_drawn(self.row) and bool(self.row.sesoi)

    @property
    def is_fact(self) -> bool:
        """Something was counted here, and nothing compared."""
        return self.row is not None and bool(self.words)

    @property
    def names(self) -> tuple[str, str]:
        """Names of the level in Kirkpatrick's and in Kaufman's numbering, without what stands in
        brackets."""
        return names_of(self.level)


def multiples(row: Row) -> tuple[float, float, float]:
    """Estimate and limits as multiples of the size that matters, turned so that + is better (no
    unit; ratios as logs)."""
    ends = [float(getattr(row, name)) for name in ("value", "conf_low", "conf_high")]
    size = float(row.sesoi)
    if row.unit == "times":
        ends, size = [math.log(max(end, 1e-9)) for end in ends], math.log(size)
    value, low, high = (end / size for end in ends)
    return (-value, -high, -low) if row.direction == "lower" else (value, low, high)


def value_words(rung: Rung) -> str:
    """What was found, in the unit of the outcome: "3.1 of 40 higher (2.1 to 4.1 higher)", a fact,
    or why there is nothing."""
    row = rung.row
    if row is None or rung.words:
        return rung.words
    if not is_drawn(row):
        return why_not(row)
    unit, ends = str(row.unit), (row.conf_low, row.conf_high)
    size = amount(row.value, unit, matters=row.sesoi, beside=ends)
    if rung.scale:
        number, _, side = size.partition(" ")
        size = f"{number} of {rung.scale[1]:g} {side}".strip()
    elif unit == "in_every_100":
        size = f"{size} in 100"
    limits = interval(*ends, unit, matters=row.sesoi, beside=(row.value,))
    return f"{size} ({limits}){', not reliable' if is_unreliable(row) else ''}"


def in_order(rungs: Sequence[Rung]) -> list[Rung]:
    """Bottom up, the primary outcome of a rung last, so that it stands on top; a ladder without a
    rung is refused."""
    missing = set(LEVEL_KEYS) - {rung.level for rung in rungs}
    if missing:
        raise ValueError(f"a ladder has six rungs; missing: {', '.join(sorted(missing))}")
    return sorted(rungs, key=lambda rung: (LEVEL_KEYS.index(rung.level), rung.primary))


def ladder_table_rows(rungs: Sequence[Rung]) -> list[dict[str, str]]:
    """The same numbers as text, one row a line of the ladder from the top, for the table beside
    it."""
    rows = []
    for rung in in_order(rungs)[::-1]:
        kirkpatrick, kaufman = rung.names
        cells = {"Kirkpatrick": kirkpatrick, "Kaufman": kaufman}
        cells |= {COLUMNS.what: rung.what or NO_OUTCOME, COLUMNS.found: value_words(rung)}
        cells |= {COLUMNS.multiple: _multiple_words(rung)}
        judged = any(other.finding for other in rungs)
        rows.append(cells | ({COLUMNS.finding: rung.finding or "[z]"} if judged else {}))
    return rows


def ladder_table(rungs: Sequence[Rung], *, beside: Table = PAGE) -> Table:
    """The table that the ladder is drawn from: its words, and the multiples as they are printed."""
    rows = [
        cells | _numbers(rung)
        for rung, cells in zip(in_order(rungs)[::-1], ladder_table_rows(rungs), strict=True)
    ]
    return Table(beside.title, pd.DataFrame(rows, dtype=object), beside.cleared_by)


def _numbers(rung: Rung) -> dict[str, object]:
    """Level and role by name, what kind of mark there is, and the multiples with one decimal."""
    cells: dict[str, object] = {
        COLUMNS.level: rung.level,
        COLUMNS.role: PRIMARY if rung.primary else EXPLORATORY,
        COLUMNS.mark: FACT if rung.is_fact else NOTHING,
    }
    names = (COLUMNS.value, COLUMNS.low, COLUMNS.high)
    if not rung.is_drawn:
        return cells | dict.fromkeys(names, "[z]")
    cells[COLUMNS.mark] = UNRELIABLE if is_unreliable(rung.row) else ESTIMATE
    return cells | dict(zip(names, (_printed(x) for x in multiples(rung.row)), strict=True))


def _printed(multiple: float) -> float:
    return round(multiple, 1) + 0.0


def _multiple_words(rung: Rung) -> str:
    """ "+1.6 (+1.1 to +2.1)": the multiple with its interval, + is better."""
    if not rung.is_drawn:
        return "[z]"
    value, low, high = (
        f"{x:+.1f}".replace("-", "−") if round(x, 1) else "0" for x in multiples(rung.row)
    )
    return f"{value} ({low} to {high})"
