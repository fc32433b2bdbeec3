"""Where everything stands in the chart of a monitor: columns, rows, heads and key, the ends of the
axis and its ticks."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.display.figures.ratio_lines import (
    ChartWords,
    RatioLine,
    interval_text,
    rates_pair,
    ratio_text,
    rounds_span,
)

WIDE, NARROW = (
    7.2,
    3.75,
)  # inches: the column of a page; a telephone, where 1 point is about 1.33 px
MARGIN = 0.1
LETTER, LINE = (
    0.55,
    1.3,
)  # of the type size: mean width of a letter of DejaVu Sans, from one line to the next
LANES = 0.155  # inches from one lane of marks to the next
EDGE = 0.105  # inches from the band's edge to a lane
TICKS = (
    1,
    0.5,
    2,
    0.8,
    1.25,
    0.25,
    4,
    0.1,
    10,
    3,
    0.33,
    20,
    0.05,
    1.5,
    0.67,
)  # in the order in which they are kept
FURTHEST = (
    1.6  # logs of the farthest mark at which the axis ends: an interval end beyond is an arrow
)
LEAST_REACH = math.log(2.5)


@dataclass(frozen=True)
class Layout:
    """Sizes in inches, type in points. chart, spark: left and right end; right: where the words at
    the right begin."""

    width: float
    size: float
    chart: tuple[float, float]
    spark: tuple[float, float]
    right: float
    columns: bool

    @property
    def line(self) -> float:
        return self.size * LINE / 72

    def letters(self, inches: float) -> int:
        return max(8, int(inches * 72 / (self.size * LETTER)))


# The smallest type is 11 px on a page: 544 px for 7.2 inches, 358 px for 3.75
# (tests/test_smallest_type.py).
IN_COLUMNS = Layout(WIDE, 10.6, (1.35, 4.3), (6.35, 7.1), 4.42, True)
STACKED = Layout(NARROW, 8.6, (MARGIN, 2.9), (3.0, 3.65), NARROW - MARGIN, False)


@dataclass(frozen=True, eq=False)
class RowPlace:
    """One group: where it stands (inches from the top of the rows) and the words beside it."""

    line: RatioLine
    top: float
    height: float
    left: tuple[str, ...]
    right: tuple[str, ...]
    lanes: float  # top of the lanes, inches below `top`


@dataclass(frozen=True, eq=False)
class Page:
    """A whole chart in inches: head, rows one under another, the axis and the key."""

    layout: Layout
    rows: tuple[RowPlace, ...]
    head: tuple[str, ...]
    key: tuple[str, ...]
    title: str
    lanes: int
    limits: tuple[float, float]

    @property
    def top(self) -> float:
        titled = 1.6 * self.layout.line if self.title else 0.0
        return titled + (len(self.head) + 0.6) * self.layout.line

    @property
    def inside(self) -> float:
        return self.rows[-1].top + self.rows[-1].height

    @property
    def foot(self) -> float:
        return (1.5 + 2.4 + len(self.key) + 0.4) * self.layout.line

    @property
    def height(self) -> float:
        return self.top + self.inside + self.foot

    @property
    def band_height(self) -> float:
        return band_height(self.lanes)


def page_of(lines: Sequence[RatioLine], words: ChartWords, layout: Layout, title: str) -> Page:
    """The chart of `lines` in a layout; lanes for what stands beside the own ratio only where
    something does."""
    beside = [any(line.beside[i] is not None for line in lines) for i in (0, 1)]
    lanes, rows, top = 1 + sum(beside), [], 0.0
    for line in lines:
        row = _row(line, layout, top, lanes)
        rows.append(row)
        top += row.height
    said = _key(lines, words, beside, layout.columns)
    key = tuple(text for one in said for text in textwrap.wrap(one, _across(layout)))
    head = tuple(text for said in _heads(words) for text in textwrap.wrap(said, _across(layout)))
    return Page(layout, tuple(rows), head, key, title, lanes, _limits(lines, words))


def _across(layout: Layout) -> int:
    return layout.letters(layout.width - 2 * MARGIN)


def _row(line: RatioLine, layout: Layout, top: float, lanes: int) -> RowPlace:
    """Words and height of one row."""
    rates, ratio = (rates_pair(line), interval_text(line.ratio)) if line.drawn else ("", "")
    deep = band_height(lanes if line.drawn else 1)
    if layout.columns:
        left = (*textwrap.wrap(line.name, layout.letters(layout.chart[0] - MARGIN)), rates)
        room = layout.letters(layout.spark[0] - layout.right - 0.05)
        right = (*textwrap.wrap(line.word, room), ratio)
        words = max(len([text for text in side if text]) for side in (left, right)) * layout.line
        height = max(words, deep) + 0.1
        return RowPlace(line, top, height, left, right, (height - deep) / 2)
    right = (*textwrap.wrap(line.word, layout.letters(0.6 * layout.width)), ratio)
    texts = max(1 + bool(rates), len([text for text in right if text])) * layout.line
    height = texts + 0.08 + deep + 0.14
    return RowPlace(line, top, height, (line.name, rates), right, texts + 0.1)


def band_height(lanes: int) -> float:
    """Height of the band that holds so many lanes."""
    return (lanes - 1) * LANES + 2 * EDGE


def _heads(words: ChartWords) -> list[str]:
    """What the numbers beside the rows are."""
    return [
        f"Left: each group | {words.reference}, in every {words.per}.",
        f"Right: verdict, and times as often as {words.reference} (95% interval).",
    ]


def _key(
    lines: Sequence[RatioLine], words: ChartWords, beside: Sequence[bool], columns: bool
) -> list[str]:
    """What the marks are, in words."""
    marks = [f"● {words.place}, line: 95% interval"]
    marks += [f"◇ {words.whole}"] if beside[0] else []
    marks += [f"□ {words.place} drawn towards {words.others}"] if beside[1] else []
    said = ["   ".join(marks)] if columns else marks
    said.append(f"grey band: {' to '.join(map(ratio_text, words.band))}, small by the plan")
    said += _without_shrunken(lines)
    shown = [line for line in lines if line.drawn and line.rounds]
    if shown:
        gap = "; gap: not shown" if any(v is None for line in shown for _, v in line.rounds) else ""
        said.append(f"small lines: the ratio round by round, {rounds_span(shown[0].rounds)}{gap}")
    return said


def _without_shrunken(lines: Sequence[RatioLine]) -> list[str]:
    """Each reason for no shrunken value, with the groups that it is of where it is not that of
    all."""
    drawn = [line for line in lines if line.drawn]
    found = []
    for reason in dict.fromkeys(line.no_shrunken for line in drawn if line.no_shrunken):
        names = [line.name for line in drawn if line.no_shrunken == reason]
        found.append(reason if len(names) == len(drawn) else f"{', '.join(names)}: {reason}")
    return found


def _limits(lines: Sequence[RatioLine], words: ChartWords) -> tuple[float, float]:
    """Ends of the axis: the band, every mark, and every interval end within reach."""
    marks = [
        v
        for line in lines
        if line.drawn
        for v in (line.ratio[0], *line.beside)
        if v is not None and v > 0
    ]
    logs = [math.log(v) for v in (*marks, *words.band)]
    reach = max(LEAST_REACH, FURTHEST * max(map(abs, logs)))
    ends = [end for line in lines if line.drawn for end in line.ratio[1:]]
    logs += [math.log(end) for end in ends if end > 0 and abs(math.log(end)) <= reach]
    if any(end <= 0 or math.log(end) < -reach for end in ends):
        logs.append(-reach)
    if any(end > 0 and math.log(end) > reach for end in ends):
        logs.append(reach)
    pad = 0.06 * (max(logs) - min(logs))
    return math.exp(min(logs) - pad), math.exp(max(logs) + pad)


def ticks_of(page: Page) -> list[float]:
    """Ticks inside the axis, in the order of TICKS, none closer to another than its label is
    wide."""
    low, high = map(math.log, page.limits)
    left, right = page.layout.chart
    inch = (right - left) / (high - low)
    apart, kept = 4.6 * page.layout.size * LETTER / 72, []
    for tick in TICKS:
        x = math.log(tick)
        if low <= x <= high and all(abs(x - math.log(other)) * inch >= apart for other in kept):
            kept.append(tick)
    return sorted(kept)
