"""What a chart of ratios by ethnic group shows, in words and numbers: the lines of its table, and
its alternative text.

A line that is withheld, or has too few people for a comparison, keeps its place and its word;
nothing of it is a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.display.figures.columns import MARKS, NOT_SHOWN, Columns, cells, number
from analysis.display.recipes import said_from_table
from analysis.judgement.wording import figures_in_words
from analysis.judgement.wording.figures_in_words import capital
from analysis.results import Table

NEITHER = "neither better nor worse"
GOOD = "good"  # the event is good for the person
ROUND = "times as often, "  # a column of a round: this, then its label


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
    counts: str | None  # the event is good or bad for the person; None: neither
    band: tuple[float, float]
    characteristic: str = "ethnic group"  # what the groups are groups of

    @property
    def ends(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Both ends of the axis: how often, and what that means for the group."""
        if self.counts is None:
            return ("less often", NEITHER), ("more often", NEITHER)
        worse, better = "worse for the group", "better for the group"
        less, more = (worse, better) if self.counts == GOOD else (better, worse)
        return ("less often", less), ("more often", more)


@dataclass(frozen=True)
class RatioColumns(Columns):
    """Of the table of a chart: group, its people as a noun, its verdict or why nothing is shown,
    rates, ratio with its interval, that of all places, and the one drawn towards the others."""

    group: str = "group"
    people: str = "people"
    verdict: str = "verdict"
    rate: str = "rate"
    reference_rate: str = "reference rate"
    value: str = "times as often"
    low: str = "low"
    high: str = "high"
    whole: str = "all places"
    shrunken: str = "drawn towards the others"
    shrunken_low: str = "drawn low"
    shrunken_high: str = "drawn high"
    note: str = "note"
    rounds: str = "rounds"

    @classmethod
    def for_words(cls, words: ChartWords) -> "RatioColumns":
        """With the columns of all places and of the others named by the words of the chart."""
        return cls(whole=f"{words.whole}, times as often", shrunken=f"drawn towards {words.others}")


@dataclass(frozen=True)
class RatioLine:
    """One group beside the reference group, as its table prints it.

    word: the verdict, or why nothing is shown. beside: the ratio of all places, and the one drawn
    towards the others. rounds: label and ratio of each, oldest first (None: not shown).
    no_shrunken: why there is no value drawn towards the others, where one could be expected.
    """

    name: str
    people: str
    word: str
    ratio: tuple[float, float, float] | None  # with both ends of its interval
    rates: tuple[float, float] | None
    beside: tuple[float | None, float | None] = (None, None)
    shrunken: tuple[float, float, float] | None = None
    rounds: tuple[tuple[str, float | None], ...] = ()
    no_shrunken: str = ""

    @property
    def drawn(self) -> bool:
        return self.ratio is not None


def ratio_lines(table: Table, words: ChartWords) -> tuple[RatioLine, ...]:
    """The lines of the table of a chart."""
    columns = RatioColumns.for_words(words)
    labels = [str(name) for name in table.to_frame().columns if str(name).startswith(ROUND)]
    names = [name for name in vars(columns).values()]
    return tuple(_line(row, columns, labels) for row in cells(table, *names))


def _line(row, columns: RatioColumns, labels: Sequence[str]) -> RatioLine:
    ratio = tuple(number(row[name]) for name in (columns.value, columns.low, columns.high))
    drawn = None not in ratio
    rates = tuple(number(row[name]) for name in (columns.rate, columns.reference_rate))
    shrunken = tuple(
        number(row[name])
        for name in (columns.shrunken, columns.shrunken_low, columns.shrunken_high)
    )
    note = str(row[columns.note])
    has_rounds = drawn and str(row[columns.rounds]) not in MARKS
    return RatioLine(
        name=str(row[columns.group]),
        people=str(row[columns.people]),
        word=str(row[columns.verdict]),
        ratio=ratio if drawn else None,
        rates=None if None in rates else rates,
        beside=(number(row[columns.whole]), shrunken[0]) if drawn else (None, None),
        shrunken=None if None in shrunken else shrunken,
        rounds=tuple((x.removeprefix(ROUND), number(row[x])) for x in labels) if has_rounds else (),
        no_shrunken=note if drawn and note not in MARKS else "",
    )


def ratio_text(value: float) -> str:
    """A ratio with two decimals, as in every column of a chart."""
    return f"{value:,.2f}"


def rate_text(value: float) -> str:
    return f"{value:,.1f}"


def interval_text(ratio: tuple[float, float, float]) -> str:
    """ "1.64 (1.50 to 1.79)"."""
    value, low, high = map(ratio_text, ratio)
    return f"{value} ({low} to {high})"


def rates_pair(line: RatioLine) -> str:
    """ "30.3 | 18.5": the group, then the reference; empty where a rate is not there."""
    return "" if line.rates is None else " | ".join(map(rate_text, line.rates))


def rounds_span(rounds: Sequence[tuple[str, float | None]]) -> str:
    """ "2024 Q4 – 2026 Q3", the first and the last round of a row."""
    return f"{rounds[0][0]} – {rounds[-1][0]}"


@said_from_table
def ratio_figure_alt(table: Table, words: ChartWords) -> str:
    """Every row in sentences, in counts of 100 or of time, with what stands beside it."""
    (less, left), (more, right) = words.ends
    band = " to ".join(map(ratio_text, words.band))
    first = (
        f"{words.place}, by {words.characteristic}: times as often as {words.reference_people}. "
    )
    axis = f"To the left: {less}, {left}. To the right: {more}, {right}. The grey band is {band}."
    said = (_sentence(line, words) for line in ratio_lines(table, words))
    return " ".join([first + axis, *said])


def _sentence(line: RatioLine, words: ChartWords) -> str:
    if not line.drawn:
        return f"{capital(line.people)}: {line.word}."
    said = [
        _rates(line, words),
        f"That is {interval_text(line.ratio)} times as often, with the 95% interval.",
    ]
    whole = line.beside[0]
    if whole is not None:
        said.append(f"{words.whole}: {ratio_text(whole)} times.")
    if line.shrunken is not None:
        said.append(f"Drawn towards {words.others}: {interval_text(line.shrunken)} times.")
    elif line.no_shrunken:
        said.append(f"{capital(line.no_shrunken)}.")
    if line.rounds:
        each = ", ".join(_round_text(value) for _, value in line.rounds)
        said.append(f"Round by round, {rounds_span(line.rounds)}: {each}.")
    return " ".join([*said, f"Verdict: {line.word}."])


def _rates(line: RatioLine, words: ChartWords) -> str:
    own, other = (figures_in_words.number(rate, 1) for rate in line.rates)
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
