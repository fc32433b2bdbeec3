"""What a chart of ratios by ethnic group shows, in words and numbers: its rows, alternative text
and CSV.

Everything comes from cleared rows. A row that is withheld, or has too few people for a comparison,
keeps its place and its word; nothing of it is a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.display.amounts import Row, is_drawn, why_not
from analysis.judgement.wording.figures_in_words import capital, number

GOOD = "good"  # the event is good for the person
NOT_SHOWN = "not shown"


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
            row.value if self.drawn and row and is_drawn(row) else None for row in self._others
        )

    @property
    def _others(self) -> tuple[Row | None, Row | None]:
        return self.national, self.shrunken

    @property
    def word(self) -> str:
        """The verdict, or why nothing is shown."""
        return self.verdict or why_not(self.row)


@dataclass(frozen=True)
class ChartWords:
    """What a chart says besides its rows. event: what happened ("were recalled to prison")."""

    place: str
    whole: str  # "All regions"
    others: str  # "the other regions"
    reference: str
    reference_people: str
    event: str
    per: str  # "100 people who applied"
    is_rate: bool  # events over time, not people over people
    counts: str  # the event is good or bad for the person
    band: tuple[float, float]
    characteristic: str = "ethnic group"  # what the groups are groups of

    @property
    def ends(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Both ends of the axis: how often, and what that means for the group."""
        worse, better = "worse for the group", "better for the group"
        less, more = (worse, better) if self.counts == GOOD else (better, worse)
        return ("less often", less), ("more often", more)


def ratio_text(value: float) -> str:
    """A ratio with two decimals, as in every column of a chart."""
    return f"{value:,.2f}"


def rate_text(value: float) -> str:
    return f"{value:,.1f}"


def interval_text(row: Row) -> str:
    """ "1.64 (1.50 to 1.79)"."""
    ends = (ratio_text(getattr(row, key)) for key in ("conf_low", "conf_high"))
    return f"{ratio_text(row.value)} ({' to '.join(ends)})"


def rates_pair(row: Row) -> str:
    """ "30.3 | 18.5": the group, then the reference; empty where a rate is not there."""
    pair = (row.group_value, row.comparison_value)
    return "" if None in pair else " | ".join(map(rate_text, pair))


def rounds_span(line: GroupRatio) -> str:
    """ "2024 Q4 – 2026 Q3", the first and the last round of a row."""
    return f"{line.rounds[0][0]} – {line.rounds[-1][0]}"


def chart_alt(lines: Sequence[GroupRatio], words: ChartWords) -> str:
    """Every row in sentences, in counts of 100 or of time, with what stands beside it."""
    (less, left), (more, right) = words.ends
    band = " to ".join(map(ratio_text, words.band))
    first = (
        f"{words.place}, by {words.characteristic}: times as often as {words.reference_people}. "
    )
    axis = f"To the left: {less}, {left}. To the right: {more}, {right}. The grey band is {band}."
    return " ".join([first + axis, *(_sentence(line, words) for line in lines)])


def _sentence(line: GroupRatio, words: ChartWords) -> str:
    if not line.drawn:
        return f"{capital(line.people)}: {line.word}."
    said = [
        _rates(line, words),
        f"That is {interval_text(line.row)} times as often, with the 95% interval.",
    ]
    whole, shrunken = line.beside
    if whole is not None:
        said.append(f"{words.whole}: {ratio_text(whole)} times.")
    if shrunken is not None:
        said.append(f"Drawn towards {words.others}: {interval_text(line.shrunken)} times.")
    elif line.no_shrunken:
        said.append(f"{capital(line.no_shrunken)}.")
    if line.rounds:
        each = ", ".join(_round_text(value) for _, value in line.rounds)
        said.append(f"Round by round, {rounds_span(line)}: {each}.")
    return " ".join([*said, f"Verdict: {line.verdict}."])


def _rates(line: GroupRatio, words: ChartWords) -> str:
    own, other = (number(getattr(line.row, key), 1) for key in ("group_value", "comparison_value"))
    if words.is_rate:
        once = f"{capital(line.people)} {words.event} {own} times in every {words.per}"
        return f"{once}, {words.reference_people} {other} times."
    base = words.per.partition(" ")[0]
    return (
        f"{own} in every {base} {line.people} {words.event}, and {other} in every {base}"
        f" {words.reference_people}."
    )


def _round_text(value: float | None) -> str:
    return NOT_SHOWN if value is None else ratio_text(value)


COLUMNS = {
    "status": "status",
    "group_value": "rate",
    "comparison_value": "reference rate",
    "value": "times as often",
    "conf_low": "low",
    "conf_high": "high",
    "counts": "the event is",
    "decided_by": "decided by",
    "worse_off": "worse off",
    "opposite_value": "opposite ratio",
    "opposite_low": "opposite low",
    "opposite_high": "opposite high",
}


def chart_table_rows(lines: Sequence[GroupRatio], words: ChartWords) -> list[dict]:
    """The numbers of the chart, one row a line of it. A column of rounds is empty where the round
    is not shown."""
    labels = dict.fromkeys(label for line in lines for label, _ in line.rounds)
    found = []
    for line in lines:
        cells = {"group": line.name, "verdict": line.word}
        cells |= {title: getattr(line.row, key) for key, title in COLUMNS.items()}
        cells |= _beside_cells(line, words)
        rounds = dict(line.rounds) if line.drawn else {}
        found.append(cells | {f"times as often, {label}": rounds.get(label) for label in labels})
    return found


def _beside_cells(line: GroupRatio, words: ChartWords) -> dict:
    """All places, and the value drawn towards the others with its interval or why there is none."""
    whole, shrunken = line.beside
    row = line.shrunken if shrunken is not None else None
    return {
        f"{words.whole}, times as often": whole,
        f"drawn towards {words.others}": shrunken,
        "drawn low": row and row.conf_low,
        "drawn high": row and row.conf_high,
        "note": line.no_shrunken if line.drawn else "",
    }
