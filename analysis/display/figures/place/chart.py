"""Comparisons of several monitors in one place on one log scale: each with its interval, its band,
all places and the value drawn towards the others.

A wide layout has words at the left and numbers at the right; for a telephone both stand above the
marks. No estimate lies outside the axis: an end beyond it is an arrow.
"""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.display import style
from analysis.display.figures.columns import Columns, cells, number
from analysis.display.figures.ratio_lines import interval_text, ratio_text
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table

MARGIN, LANE, SIZE = 0.1, 0.16, 10.6
LINE = SIZE * 1.3 / 72  # inches from one line of words to the next
WIDE, NARROW = 7.2, 3.75
CHART = {WIDE: (2.65, 5.2), NARROW: (MARGIN + 0.05, NARROW - MARGIN - 0.05)}
NUMBERS = 5.32  # inches from the left: numbers of the wide layout
REACH = (0.25, 4.0)  # the axis goes no further; what does has an arrow
TICKS = (1.0, 0.5, 2.0, 0.25, 4.0, 0.7, 1.4)
KEY = (
    "● here, line: 95% interval   ◇ all places   □ here, drawn towards the others",
    "grey band: small by the plan; which end is worse hangs on the event",
)
KEY_NARROW = (
    "● here, line: 95% interval",
    "◇ all places   □ drawn to others",
    "grey band: small by the plan",
    "which end is worse hangs on the event",
)


@dataclass(frozen=True)
class PlaceColumns(Columns):
    """Of the table of the figure: the comparison and its sentence, verdict, who is worse off, ratio
    with its interval, all places, the value drawn towards the others, and the band."""

    comparison: str = "comparison"
    said: str = "in counts"
    verdict: str = "verdict"
    worse_off: str = "worse off"
    value: str = "times as often"
    low: str = "low"
    high: str = "high"
    whole: str = "all places"
    shrunken: str = "drawn towards the others"
    band_low: str = "band, low"
    band_high: str = "band, high"


@dataclass(frozen=True)
class PlaceLine:
    """One comparison as the table prints it."""

    name: str
    said: str
    verdict: str
    worse_off: str
    ratio: tuple[float, float, float] | None
    beside: tuple[float | None, float | None]
    band: tuple[float, float]


def place_lines(table: Table) -> tuple[PlaceLine, ...]:
    """The lines of the table, in its order."""
    columns = PlaceColumns()
    return tuple(_line(row, columns) for row in cells(table, *vars(columns).values()))


def _line(row, columns: PlaceColumns) -> PlaceLine:
    def of(*names: str) -> tuple[float | None, ...]:
        return tuple(number(row[name]) for name in names)

    value, low, high = of(columns.value, columns.low, columns.high)
    drawn = value is not None and low is not None and high is not None
    band = of(columns.band_low, columns.band_high)
    return PlaceLine(
        *(
            str(row[x])
            for x in (columns.comparison, columns.said, columns.verdict, columns.worse_off)
        ),
        (value, low, high) if drawn else None,  # type: ignore[arg-type]
        of(columns.whole, columns.shrunken),  # type: ignore[arg-type]
        (band[0] or 1.0, band[1] or 1.0),
    )


@drawn_from_table
def place_figure(table: Table, *, narrow: bool = False, title: str = "") -> Figure:
    """The figure of a table of comparisons, one row each."""
    width = NARROW if narrow else WIDE
    rows = [(_words(one, width), one) for one in place_lines(table)]
    tops = _tops([words for words, _ in rows], narrow)
    key = KEY_NARROW if narrow else KEY
    foot = (2.6 + len(key)) * LINE
    head = 1.8 * LINE if title else 0.05
    height = head + tops[-1] + foot
    with style.house_style():
        figure = style.blank(height, width=width)
        axes = _axes(figure, (head, tops[-1]), foot)
        if title:
            _write(figure, (MARGIN, 0.8 * LINE), title, bold=True)
        for top, (words, line) in zip(tops, rows, strict=False):
            _row(figure, axes, head, top, words, line)
        _foot(figure, head + tops[-1], key)
    return figure


def _words(line: PlaceLine, width: float) -> tuple[list[str], list[str]]:
    """Words at the left, numbers and verdict at the right, each in lines."""
    room = CHART[WIDE][0] - 3.5 * MARGIN if width == WIDE else NARROW - 6 * MARGIN
    left = textwrap.wrap(line.name, style.letters(room, SIZE))
    right = [interval_text(line.ratio)] if line.ratio else []
    if width == NARROW:
        return left, [f"{text}: {line.verdict}" for text in right] or [line.verdict]
    return left, [*right, *textwrap.wrap(line.verdict, style.letters(WIDE - NUMBERS, SIZE))]


def _tops(words: Sequence[tuple[list[str], list[str]]], narrow: bool) -> list[float]:
    """Where each row begins, inches below the first, and where the last ends."""
    tops, marks = [0.0], 3 * LANE + 0.08
    for left, right in words:
        deep = max(len(left), len(right)) * LINE
        if narrow:
            wrapped = sum(len(textwrap.wrap(t, style.letters(NARROW - 0.2, SIZE))) for t in right)
            tops.append(tops[-1] + (len(left) + wrapped) * LINE + marks + 0.14)
        else:
            tops.append(tops[-1] + max(deep, marks) + 0.1)
    return tops


def _axes(figure: Figure, rows: tuple[float, float], foot: float) -> Axes:
    """The log axis under all rows; y counts inches from the top of the rows."""
    width, height = figure.get_size_inches()
    (left, right), (_, inside) = CHART[width], rows
    axes = figure.add_axes((left / width, foot / height, (right - left) / width, inside / height))
    axes.set_xscale("log")
    axes.set_xlim(*REACH)
    axes.set_ylim(inside, 0)
    axes.set_yticks([])
    axes.patch.set_visible(False)
    axes.spines[["left", "right", "top"]].set_visible(False)
    ticks = sorted(TICKS if width == WIDE else TICKS[:5])
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=SIZE)
    axes.set_xticks([], minor=True)
    return axes


def _row(
    figure: Figure,
    axes: Axes,
    head: float,
    top: float,
    words: tuple[list[str], list[str]],
    line: PlaceLine,
) -> None:
    """Words and marks of one comparison."""
    left, right = words
    narrow = figure.get_size_inches()[0] == NARROW
    _rule(figure, axes, top)
    lines = [*left, *_wrapped(right)] if narrow else left
    for i, text in enumerate(lines):
        _write(figure, (MARGIN, head + top + 0.06 + (i + 0.5) * LINE), text, bold=i < len(left))
    if not narrow:
        for i, text in enumerate(right):
            _write(figure, (NUMBERS, head + top + 0.06 + (i + 0.5) * LINE), text, bold=i == 0)
    marks = top + 0.08 + (len(lines) * LINE if narrow else 0.0)
    _marks(axes, marks, line)


def _rule(figure: Figure, axes: Axes, y: float) -> None:
    """A hairline over the whole width, above a row."""
    width = figure.get_size_inches()[0]
    left, right = CHART[width]
    ends = [(x - left) / (right - left) for x in (MARGIN, width - MARGIN)]
    place = {"transform": axes.get_yaxis_transform(), "clip_on": False, "zorder": 1}
    axes.plot(ends, [y, y], color=style.RULE, linewidth=0.7, **place)


def _wrapped(texts: Sequence[str]) -> list[str]:
    return [one for text in texts for one in textwrap.wrap(text, style.letters(3.5, SIZE))]


def _marks(axes: Axes, top: float, line: PlaceLine) -> None:
    """The band, the own estimate with its interval, all places, and the value drawn in."""
    low, high = line.band
    bottom = top + 3 * LANE
    axes.fill(
        [low, high, high, low],
        [top, top, bottom, bottom],
        color=style.BAND,
        linewidth=0,
        zorder=0,
    )
    axes.plot([1, 1], [top, bottom], color=style.INK, linewidth=0.9, zorder=1)
    if line.ratio is None:
        return
    y = top + LANE / 2
    _own(axes, y, line.ratio)
    looks = zip(line.beside, ("D", "s"), (style.INK, style.ORANGE), (1, 2), strict=True)
    for value, shape, colour, lane in looks:
        if value is not None:
            face = {"markerfacecolor": "white", "markersize": 6, "markeredgewidth": 1.5}
            at = ([_inside(value)], [y + lane * LANE])
            axes.plot(*at, marker=shape, color=colour, zorder=4, clip_on=False, **face)


def _own(axes: Axes, y: float, ratio: tuple[float, float, float]) -> None:
    value, low, high = ratio
    ends = [_inside(low), _inside(high)]
    axes.plot(ends, [y, y], color=style.NAVY, linewidth=2.2, zorder=3, solid_capstyle="butt")
    for end, at, arrow in ((low, ends[0], "<"), (high, ends[1], ">")):
        cut = not math.isclose(end, at)
        shape = {"marker": arrow if cut else "|", "markersize": 7, "markeredgewidth": 2}
        axes.plot([at], [y], color=style.NAVY, zorder=3, clip_on=False, **shape)
    axes.plot([_inside(value)], [y], marker="o", color=style.NAVY, markersize=7, zorder=5)


def _inside(value: float) -> float:
    return min(max(value, REACH[0]), REACH[1])


def _foot(figure: Figure, top: float, key: Sequence[str]) -> None:
    """What each end of the axis means, then the key."""
    width = figure.get_size_inches()[0]
    left, right = CHART[width]
    y = top + 1.9 * LINE
    _write(figure, (left, y), "← less often")
    _write(figure, (right, y), "more often →", ha="right")
    for i, text in enumerate(key):
        _write(figure, (MARGIN, y + (1.2 + i) * LINE), text, grey=True)


def _write(
    figure: Figure,
    at: tuple[float, float],
    text: str,
    *,
    ha: str = "left",
    bold: bool = False,
    grey: bool = False,
) -> None:
    """Words `at` so many inches from the left and from the top of the figure."""
    width, height = figure.get_size_inches()
    look = {"color": style.GREY if grey else style.INK, "fontweight": "bold" if bold else "normal"}
    x, y = at
    figure.text(x / width, 1 - y / height, text, ha=ha, va="center", fontsize=SIZE, **look)


@said_from_table
def place_figure_alt(table: Table) -> str:
    """Every comparison in sentences, with what stands beside it."""
    first = f"{table.title}. The axis is how many times as often the event happened to the group."
    return " ".join([first, *(_sentence(line) for line in place_lines(table))])


def _sentence(line: PlaceLine) -> str:
    said = [f"{line.said}."]
    if line.ratio is not None:
        said.append(f"That is {interval_text(line.ratio)} times as often, with the 95% interval.")
    whole, shrunken = line.beside
    if whole is not None:
        said.append(f"All places: {ratio_text(whole)}.")
    if shrunken is not None:
        said.append(f"Drawn towards the others: {ratio_text(shrunken)}.")
    return " ".join([*said, f"Verdict: {line.verdict}."])
