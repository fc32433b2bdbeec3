"""The chart of a monitor: each group's ratio with its interval on a log axis, beside all places and the value drawn in.

Two layouts: columns (a screen and paper), and words above marks for a telephone. Every row has its band, its numbers and
its word; a row without numbers stays, in grey. No estimate lies outside the axis, and an end beyond it is an arrow with
its number.
"""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.display import style
from analysis.display.group_ratios import ChartWords, GroupRatio, interval_text, rates_pair, ratio_text
from analysis.display.marks import keep_inside

WIDE, NARROW = 7.2, 3.75  # inches: the column of a page; a telephone, where 1 point is about 1.33 px
MARGIN = 0.1
LETTER, LINE = 0.55, 1.3  # of the type size: mean width of a letter of DejaVu Sans, from one line to the next
LANES = 0.155  # inches from one lane of marks to the next
EDGE = 0.105  # inches from the band's edge to a lane
TICKS = (1, 0.5, 2, 0.8, 1.25, 0.25, 4, 0.1, 10, 3, 0.33, 20, 0.05, 1.5, 0.67)  # in the order in which they are kept
FURTHEST = 1.6  # logs of the farthest mark at which the axis ends: an interval end beyond is an arrow
LEAST_REACH = math.log(2.5)
PLACE, ALL_PLACES, DRAWN_IN = "o", "D", "s"


@dataclass(frozen=True)
class _Layout:
    """Sizes in inches, type in points. chart, spark: left and right end; right: where the words at the right begin."""

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


# The smallest type is 11 px on a page: 544 px for 7.2 inches, 358 px for 3.75 (tests/test_ratio_chart.py).
IN_COLUMNS = _Layout(WIDE, 10.6, (1.35, 4.3), (6.35, 7.1), 4.42, True)
STACKED = _Layout(NARROW, 8.6, (MARGIN, 2.9), (3.0, 3.65), NARROW - MARGIN, False)


@dataclass(frozen=True, eq=False)
class _Row:
    """One group: where it stands (inches from the top of the rows) and the words beside it."""

    line: GroupRatio
    top: float
    height: float
    left: tuple[str, ...]
    right: tuple[str, ...]
    lanes: float  # top of the lanes, inches below `top`


@dataclass(frozen=True, eq=False)
class _Page:
    layout: _Layout
    rows: tuple[_Row, ...]
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
        return _deep(self.lanes)


def ratio_chart(lines: Sequence[GroupRatio], words: ChartWords, *, narrow: bool = False, title: str = "") -> Figure:
    """The chart of `lines`, one row a group."""
    page = _page(lines, words, STACKED if narrow else IN_COLUMNS, title)
    with style.house_style():
        figure = style.blank(page.height, width=page.layout.width)
        axes = _axes(figure, page)
        for row in page.rows:
            _words_of(figure, page, row)
            _marks_of(axes, page, row, words)
            _spark(figure, page, row, words)
        _head(figure, page)
        _foot(figure, axes, page, words)
    return figure


# -- where everything stands ----------------------------------------------------------------------------------------
def _page(lines: Sequence[GroupRatio], words: ChartWords, layout: _Layout, title: str) -> _Page:
    beside = [any(line.beside[i] is not None for line in lines) for i in (0, 1)]
    lanes, rows, top = 1 + sum(beside), [], 0.0
    for line in lines:
        row = _row(line, layout, top, lanes)
        rows.append(row)
        top += row.height
    said = _key(lines, words, beside, layout.columns)
    key = tuple(text for one in said for text in textwrap.wrap(one, _across(layout)))
    head = tuple(text for said in _heads(words) for text in textwrap.wrap(said, _across(layout)))
    return _Page(layout, tuple(rows), head, key, title, lanes, _limits(lines, words))


def _across(layout: _Layout) -> int:
    return layout.letters(layout.width - 2 * MARGIN)


def _row(line: GroupRatio, layout: _Layout, top: float, lanes: int) -> _Row:
    """Words and height of one row."""
    rates, ratio = (rates_pair(line.row), interval_text(line.row)) if line.drawn else ("", "")
    deep = _deep(lanes if line.drawn else 1)
    if layout.columns:
        left = (*textwrap.wrap(line.name, layout.letters(layout.chart[0] - MARGIN)), rates)
        room = layout.letters(layout.spark[0] - layout.right - 0.05)
        right = (*textwrap.wrap(line.word, room), ratio)
        words = max(len([text for text in side if text]) for side in (left, right)) * layout.line
        height = max(words, deep) + 0.1
        return _Row(line, top, height, left, right, (height - deep) / 2)
    texts = (1 + bool(rates)) * layout.line
    height = texts + 0.08 + deep + 0.14
    return _Row(line, top, height, (line.name, rates), (line.word, ratio), texts + 0.1)


def _deep(lanes: int) -> float:
    """Height of the band that holds so many lanes."""
    return (lanes - 1) * LANES + 2 * EDGE


def _heads(words: ChartWords) -> list[str]:
    """What the numbers beside the rows are."""
    return [
        f"Left: each group | {words.reference}, in every {words.per}.",
        f"Right: verdict, and times as often as {words.reference} (95% interval).",
    ]


def _key(lines: Sequence[GroupRatio], words: ChartWords, beside: Sequence[bool], columns: bool) -> list[str]:
    """What the marks are, in words."""
    marks = [f"● {words.place}, line: 95% interval"]
    marks += [f"◇ {words.whole}"] if beside[0] else []
    marks += [f"□ {words.place} drawn towards {words.others}"] if beside[1] else []
    said = ["   ".join(marks)] if columns else marks
    said.append(f"grey band: {' to '.join(map(ratio_text, words.band))}, small by the plan")
    said += sorted({line.no_shrunken for line in lines if line.drawn and line.no_shrunken})
    labels = [label for line in lines for label, _ in line.rounds]
    if labels:
        each = dict.fromkeys(labels)
        gap = "; a gap: not shown" if any(v is None for line in lines for _, v in line.rounds) else ""
        said.append(f"small lines: the ratio in each round, {next(iter(each))} to {list(each)[-1]}{gap}")
    return said


def _limits(lines: Sequence[GroupRatio], words: ChartWords) -> tuple[float, float]:
    """Ends of the axis: the band, every mark, and every interval end within reach."""
    marks = [v for line in lines if line.drawn for v in (line.row["value"], *line.beside) if v is not None and v > 0]
    logs = [math.log(v) for v in (*marks, *words.band)]
    reach = max(LEAST_REACH, FURTHEST * max(map(abs, logs)))
    ends = [line.row[key] for line in lines if line.drawn for key in ("conf_low", "conf_high")]
    logs += [math.log(end) for end in ends if end > 0 and abs(math.log(end)) <= reach]
    if any(end <= 0 or math.log(end) < -reach for end in ends):
        logs.append(-reach)
    if any(end > 0 and math.log(end) > reach for end in ends):
        logs.append(reach)
    pad = 0.06 * (max(logs) - min(logs))
    return math.exp(min(logs) - pad), math.exp(max(logs) + pad)


# -- drawing --------------------------------------------------------------------------------------------------------
def _axes(figure: Figure, page: _Page) -> Axes:
    """The log axis under all rows; y counts inches from the top of the rows."""
    left, right = page.layout.chart
    width, height = page.layout.width, page.height
    axes = figure.add_axes((left / width, page.foot / height, (right - left) / width, page.inside / height))
    axes.set_xscale("log")
    axes.set_xlim(*page.limits)
    axes.set_ylim(page.inside, 0)
    axes.set_yticks([])
    axes.grid(False)
    axes.patch.set_visible(False)
    axes.spines[["left", "right", "top"]].set_visible(False)
    ticks = _ticks(page)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=page.layout.size)
    axes.set_xticks([], minor=True)
    axes.tick_params(axis="x", length=3, pad=2)
    return axes


def _ticks(page: _Page) -> list[float]:
    """Ticks inside the axis, in the order of TICKS, none closer to another than its label is wide."""
    low, high = map(math.log, page.limits)
    left, right = page.layout.chart
    inch = (right - left) / (high - low)
    apart, kept = 4.6 * page.layout.size * LETTER / 72, []
    for tick in TICKS:
        x = math.log(tick)
        if low <= x <= high and all(abs(x - math.log(other)) * inch >= apart for other in kept):
            kept.append(tick)
    return sorted(kept)


def _marks_of(axes: Axes, page: _Page, row: _Row, words: ChartWords) -> None:
    """The band of the row, and its marks: own with interval, all places, drawn towards the others."""
    top = row.top + row.lanes
    bottom = top + (page.band_height if row.line.drawn else _deep(1))
    ends = [top, top, bottom, bottom]
    low, high = words.band
    axes.fill([low, high, high, low], ends, color=style.BAND, linewidth=0, zorder=0)
    axes.plot([1, 1], ends[1:3], color=style.INK if row.line.drawn else style.GREY, linewidth=0.9, zorder=1)
    if not row.line.drawn:
        return
    y = top + EDGE
    _own(axes, page, row.line, y)
    for value, shape, colour in zip(row.line.beside, (ALL_PLACES, DRAWN_IN), (style.INK, style.ORANGE), strict=True):
        if value is not None:
            y += LANES
            face = {"markerfacecolor": "white", "markersize": 6.5, "markeredgewidth": 1.6}
            axes.plot([max(value, page.limits[0])], [y], marker=shape, color=colour, zorder=4, **face)


def _own(axes: Axes, page: _Page, line: GroupRatio, y: float) -> None:
    """The ratio of the place with its interval; an end beyond the axis is an arrow with its number."""
    left, right = page.limits
    low, high = line.row["conf_low"], line.row["conf_high"]
    axes.plot(
        [max(low, left), min(high, right)], [y, y], color=style.NAVY, linewidth=2.4, zorder=3, solid_capstyle="butt"
    )
    for end, cut, arrow, edge in ((low, low < left, "<", left), (high, high > right, ">", right)):
        shape = {"marker": arrow, "markersize": 8} if cut else {"marker": "|", "markersize": 8, "markeredgewidth": 2}
        axes.plot([edge if cut else end], [y], color=style.NAVY, clip_on=False, zorder=3, **shape)
        if cut:
            side = {"ha": "left" if arrow == "<" else "right", "va": "top", "fontsize": page.layout.size}
            axes.text(edge, y + 0.05, ratio_text(end), color=style.NAVY, zorder=5, **side)
    axes.plot([max(line.row["value"], left)], [y], marker=PLACE, color=style.NAVY, markersize=8, zorder=4)


def _words_of(figure: Figure, page: _Page, row: _Row) -> None:
    """Name and rates at the left, verdict and ratio at the right; a hairline above."""
    layout, grey = page.layout, not row.line.drawn
    _rule(figure, page, row.top)
    sides = ((MARGIN, "left", row.left), (layout.right, "left" if layout.columns else "right", row.right))
    for x, align, side in sides:
        texts = [text for text in side if text]
        first = row.top + (row.height - len(texts) * layout.line) / 2 if layout.columns else row.top + 0.05
        for i, text in enumerate(texts):
            y = first + (i + 0.5) * layout.line
            is_number = text == side[-1]
            _write(figure, page, x, y, text, ha=align, bold=not is_number and not grey, grey=grey)


def _rule(figure: Figure, page: _Page, y: float) -> None:
    axes = figure.axes[0]
    left, right = page.layout.chart
    ends = ((MARGIN - left) / (right - left), (page.layout.width - MARGIN - left) / (right - left))
    place = {"transform": axes.get_yaxis_transform(), "clip_on": False, "zorder": 1}
    axes.plot(ends, [y, y], color=style.RULE, linewidth=0.7, **place)


def _spark(figure: Figure, page: _Page, row: _Row, words: ChartWords) -> None:
    """The ratios of the rounds on one scale for all rows; a line stops where a round is not shown."""
    values = [value for _, value in row.line.rounds]
    if not row.line.drawn or not any(value for value in values):
        return
    known = [math.log(v) for r in page.rows if r.line.drawn for _, v in r.line.rounds if v] + [0.0]
    left, right = page.layout.spark
    width, height = page.layout.width, page.height
    y = height - page.top - row.top - row.lanes - page.band_height
    box = (left / width, y / height, (right - left) / width, page.band_height / height)
    axes = figure.add_axes(box)
    axes.set_axis_off()
    pad = 0.12 * (max(known) - min(known)) or 0.1
    axes.set_ylim(min(known) - pad, max(known) + pad)
    axes.set_xlim(-0.6, len(values) - 0.4)
    axes.axhline(0, color=style.GREY, linewidth=0.8, zorder=1)
    ys = [math.log(value) if value else math.nan for value in values]
    axes.plot(range(len(ys)), ys, color=style.NAVY, linewidth=1.4, marker=".", markersize=4.5, zorder=2)
    if values[-1]:
        axes.plot([len(ys) - 1], [ys[-1]], marker="o", color=style.NAVY, markersize=5, zorder=3)


def _head(figure: Figure, page: _Page) -> None:
    if page.title:
        y = 0.9 * page.layout.line - page.top
        keep_inside(_write(figure, page, MARGIN, y, page.title, size=page.layout.size * 1.1, bold=True))
    for i, text in enumerate(page.head):
        y = (i - len(page.head)) * page.layout.line
        _write(figure, page, MARGIN, y, text, grey=True)


def _foot(figure: Figure, axes: Axes, page: _Page, words: ChartWords) -> None:
    """Under the axis: what each end means; then the key."""
    line, (left, right) = page.layout.line, page.layout.chart
    y = page.inside + 1.9 * line
    (less, for_less), (more, for_more) = words.ends
    wide = page.layout.columns
    edge = {"left": left - 0.45 if wide else left, "right": right + 0.45 if wide else page.layout.width - MARGIN}
    for i, (one, other) in enumerate(((f"← {less}", f"{more} →"), (for_less, for_more))):
        _write(figure, page, edge["left"], y + i * line, one)
        _write(figure, page, edge["right"], y + i * line, other, ha="right")
    for i, text in enumerate(page.key):
        _write(figure, page, MARGIN, y + (2.4 + i) * line, text, grey=True)


def _write(
    figure: Figure,
    page: _Page,
    x: float,
    y: float,
    text: str,
    *,
    ha: str = "left",
    bold: bool = False,
    grey: bool = False,
    size: float | None = None,
) -> Text:
    """Words at `x` inches from the left and `y` inches below the top of the rows."""
    place = {"ha": ha, "va": "center", "fontsize": size or page.layout.size}
    look = {"color": style.GREY if grey else style.INK, "fontweight": "bold" if bold else "normal"}
    return figure.text(x / page.layout.width, 1 - (page.top + y) / page.height, text, **place, **look)


__all__ = ["NARROW", "WIDE", "ratio_chart"]
