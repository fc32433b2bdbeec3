"""From cleared rows of a monitor to the table that a chart of ratios by ethnic group is drawn from.

A row that is withheld, or has too few people for a comparison, keeps its place and its word;
nothing of it is a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.display.amounts import Row, is_drawn, is_withheld, why_not
from analysis.display.drawn_lines import PAGE
from analysis.display.figures.ratio_lines import (
    NOT_SHOWN,
    ROUND,
    ChartWords,
    RatioColumns,
    rounds_span,
)
from analysis.results import Table

RATIO, RATE = 2, 1  # decimals that are printed
WITHHELD, NOT_APPLICABLE = "[c]", "[z]"


@dataclass(frozen=True)
class GroupRatio:
    """One group beside the reference group: its own row, the same of all places, and its own drawn
    towards the others.

    rounds: the label of each round, oldest first, with its ratio (None: not shown). no_shrunken:
    why there is no value drawn towards the others, where one could be expected.
    """

    name: str
    people: str  # "Black people on licence"
    verdict: str
    row: Row
    national: Row | None = None
    shrunken: Row | None = None
    rounds: tuple[tuple[str, float | None], ...] = ()
    no_shrunken: str = ""

    @property
    def drawn(self) -> bool:
        return is_drawn(self.row)

    @property
    def beside(self) -> tuple[float | None, float | None]:
        """The ratio of all places and the one drawn towards the others; None where there is none,
        or no own ratio."""
        return tuple(
            row.value if self.drawn and row and is_drawn(row) else None
            for row in (self.national, self.shrunken)
        )

    @property
    def word(self) -> str:
        """The verdict, or why nothing is shown."""
        return self.verdict or why_not(self.row)


RATES = {"group_value": "rate", "comparison_value": "reference rate"}
RATIOS = {"value": "times as often", "conf_low": "low", "conf_high": "high"}
DECIDED = {
    "counts": "the event is",
    "decided_by": "decided by",
    "worse_off": "worse off",
    "opposite_value": "opposite ratio",
    "opposite_low": "opposite low",
    "opposite_high": "opposite high",
}


def ratio_table(lines: Sequence[GroupRatio], words: ChartWords, *, beside: Table = PAGE) -> Table:
    """The numbers of the chart as they are printed, one row a line of it. A column of rounds is
    empty where the round is not shown."""
    labels = dict.fromkeys(label for line in lines for label, _ in line.rounds)
    columns, found = RatioColumns.for_words(words), []
    for line in lines:
        cells = {columns.group: line.name, columns.people: line.people, columns.verdict: line.word}
        cells |= {"status": line.row.status}
        own = WITHHELD if is_withheld(line.row) else NOT_APPLICABLE
        cells |= {
            title: _rounded(getattr(line.row, key), RATE, own) for key, title in RATES.items()
        }
        cells |= {
            title: _rounded(getattr(line.row, key), RATIO, own) for key, title in RATIOS.items()
        }
        cells |= {title: _rounded(getattr(line.row, key), RATIO) for key, title in DECIDED.items()}
        cells |= _beside_cells(line, columns)
        rounds = dict(line.rounds) if line.drawn else {}
        cells |= {columns.rounds: rounds_span(line.rounds) if rounds else NOT_APPLICABLE}
        cells |= {ROUND + x: _rounded(rounds.get(x), RATIO, NOT_SHOWN) for x in labels}
        found.append(cells)
    return Table(beside.title, pd.DataFrame(found, dtype=object), beside.cleared_by)


def _rounded(value: object, decimals: int, missing: str = NOT_APPLICABLE) -> object:
    """A number with the decimals that are printed, words as they are, a mark where there is
    nothing."""
    if value is None:
        return missing
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return round(float(value), decimals) + 0.0 if is_number else value


def _beside_cells(line: GroupRatio, columns: RatioColumns) -> dict[str, object]:
    """All places, and the value drawn towards the others with its interval or why there is none."""
    whole, shrunken = line.beside
    drawn_in = line.shrunken if shrunken is not None else None
    return {
        columns.whole: _rounded(whole, RATIO),
        columns.shrunken: _rounded(shrunken, RATIO),
        columns.shrunken_low: _rounded(drawn_in and drawn_in.conf_low, RATIO),
        columns.shrunken_high: _rounded(drawn_in and drawn_in.conf_high, RATIO),
        columns.note: (line.no_shrunken if line.drawn else "") or NOT_APPLICABLE,
    }
