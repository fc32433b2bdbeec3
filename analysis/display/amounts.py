"""Differences in words, for labels of figures and their alternative texts: "1.8 fewer", "0.4 to 3.2
fewer"."""

from collections.abc import Iterable

from analysis.judgement.wording import figures_in_words
from analysis.record.row import Row
from analysis.results import NOT_ESTIMABLE_REASONS, REVEALING_REASONS
from analysis.said.phrases import EVERY_100
from analysis.said.texts import sentence, settled, together
from analysis.said.told import told

# Unit of a record: word below nothing, word above nothing.
_SIDES = {
    "in_every_100": ("fewer", "more"),
    "points": ("lower", "higher"),
    "per_exposure": ("fewer", "more"),
    "count": ("fewer", "more"),
    "money": ("less", "more"),
    "times": ("less often", "more often"),
}


def each_said(lines: Iterable[str]) -> str:
    """Lines of a figure in words, a sentence each: read aloud, a list of twenty has no end."""
    return together(" ", (f"{figures_in_words.capital(line.rstrip('.'))}." for line in lines))


def no_difference(unit: str) -> float:
    """The value that says that the two sides are equal: 1 for a ratio, else 0."""
    return 1.0 if unit == "times" else 0.0


def side_words(unit: str) -> tuple[str, str]:
    """What lies left and right of no difference: ("fewer", "more")."""
    return _SIDES[unit]


def band(matters: float, unit: str) -> tuple[float, float]:
    """What lies between is smaller than the size that matters."""
    return (1 / matters, matters) if unit == "times" else (-matters, matters)


@sentence
def band_words(matters: float, unit: str) -> str:
    return (
        f"{figures_in_words.number(1 / matters, 2)} to {figures_in_words.number(matters, 2)}"
        if unit == "times"
        else told(matters)
    )


def number(
    value: float, unit: str, *, matters: float | None = None, beside: tuple[float, ...] = ()
) -> str:
    """The size without its sign, with the decimals that the sentences of the page use, so that they
    never disagree.

    `beside`: other numbers that are printed with it: whole ones lose their zeros only where all of
    them are whole.
    """
    marks = (no_difference(unit), *(band(matters, unit) if matters else ()))
    largest = matters or max(abs(x) for x in (value, *beside))
    fewest = 2 if unit == "times" or (unit == "points" and largest < 1) else 1
    texts = [_own(x, unit, marks, fewest) for x in (value, *beside)]
    return texts[0] if unit == "times" else figures_in_words.alike(texts)[0]


def _own(value: float, unit: str, marks: tuple[float, ...], fewest: int) -> str:
    """As a sentence prints it: with the decimals that it needs itself, and a ratio of exactly 0 as
    0."""
    if unit == "times" and value == 0:
        return told(0)
    seen = (*marks, 0.0) if unit == "times" else marks
    return figures_in_words.fixed(
        abs(value), figures_in_words.decimals_that_tell_apart((value,), seen, fewest)
    )


@sentence
def amount(
    value: float, unit: str, *, matters: float | None = None, beside: tuple[float, ...] = ()
) -> str:
    """ "1.8 fewer", "0.2 higher", "1.3 times"."""
    size = number(value, unit, matters=matters, beside=beside)
    return (
        f"{size} times"
        if unit == "times"
        else size
        if value == 0
        else f"{size} {side_words(unit)[value > 0]}"
    )


@sentence
def interval(
    low: float,
    high: float,
    unit: str,
    *,
    matters: float | None = None,
    beside: tuple[float, ...] = (),
) -> str:
    """ "0.4 to 3.2 fewer" where both ends lie on one side, else "5.6 fewer to 1.4 more"."""
    small = number(low, unit, matters=matters, beside=(high, *beside))
    large = number(high, unit, matters=matters, beside=(low, *beside))
    below, above = side_words(unit)
    if unit == "times":
        return f"{small} to {large} times"
    if low >= 0:
        return f"{small} to {large} {above}"
    return f"{large} to {small} {below}" if high <= 0 else f"{small} {below} to {large} {above}"


def is_drawn(row: Row) -> bool:
    """The row holds an estimate with an interval."""
    return row.status == "estimated" and row.value is not None


def estimate(row: Row) -> tuple[float, float, float]:
    """Value and interval of a row that is drawn. ValueError where one of them is missing."""
    if row.value is None or row.conf_low is None or row.conf_high is None:
        raise ValueError(f"no estimate with an interval: {row.outcome}, {row.group}, {row.status}")
    return row.value, row.conf_low, row.conf_high


def is_withheld(row: Row) -> bool:
    return row.status == "withheld" or row.reason in REVEALING_REASONS


def is_shrunken(row: Row) -> bool:
    """The row is an estimate drawn towards the mean of all places (empirical Bayes)."""
    return "shrunk" in f"{row.estimand} {row.method}" or "empirical_bayes" in str(row.method)


def is_unreliable(row: Row) -> bool:
    """The estimate is printed and sets no class (few degrees of freedom)."""
    return row.note == "not_reliable"


def is_ranked(row: Row) -> bool:
    """The row holds a value with a rank, and no interval."""
    return row.status == "ranked" and row.value is not None


def why_not(row: Row) -> str:
    """Why a row has no estimate, in the words of the page."""
    if is_withheld(row):
        return "withheld to protect people"
    if row.status == "not_estimable":
        return NOT_ESTIMABLE_REASONS.get(str(row.reason), "not worked out")
    return "counts only, no comparison"


@sentence
def row_amount(row: Row) -> str:
    """The estimate of a row that is drawn, as exact as its interval needs."""
    ends = () if is_ranked(row) else (row.conf_low, row.conf_high)
    return amount(row.value, str(row.unit), matters=row.sesoi, beside=ends)


@sentence
def rank_words(row: Row) -> str:
    """ "rank 3 of 12": of a ranked row."""
    _, rank, places = row.ranked
    return f"rank {told(rank)} of {told(places)}"


@sentence
def row_words(row: Row) -> str:
    """The whole row in words: "1.8 fewer (0.4 to 3.2 fewer)", or why there is nothing."""
    if is_ranked(row):
        return f"{row_amount(row)} ({rank_words(row)})"
    if not is_drawn(row):
        return why_not(row)
    low, high, unit = row.conf_low, row.conf_high, str(row.unit)
    doubt = ", not reliable" if is_unreliable(row) else ""
    return (
        f"{row_amount(row)}"
        f" ({interval(low, high, unit, matters=row.sesoi, beside=(row.value,))}){doubt}"
    )


def axis_words(unit: str, event: str | None, noun: str | None = None) -> str:
    """What a difference is a difference of; `event` and `noun` are the plan's words for the
    outcome."""
    if unit == "times":
        return settled(f"how many times as often people {event}")
    if event and unit == "in_every_100":
        return settled(f"people {EVERY_100} who {event}")
    of = "points on the scale" if unit == "points" else unit.replace("_", " ")
    return settled(f"{noun or 'difference'}, {of}")


def better_words(unit: str, better: str | None) -> tuple[str, str]:
    """The two ends of the axis: ("fewer (better)", "more (worse)")."""
    left, right = side_words(unit)
    good = {"lower": (" (better)", " (worse)"), "higher": (" (worse)", " (better)")}.get(
        better or "", ("", "")
    )
    return left + good[0], right + good[1]


def better_side(better: str | None, unit: str) -> str:
    """Which side is better, in words."""
    if better not in ("higher", "lower"):
        return ""
    return f" {better_words(unit, None)[better == 'higher'].capitalize()} is better."
