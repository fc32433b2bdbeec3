"""The chart of a monitor: each group's ratio with its interval on a log axis, beside all places and
the value drawn in.

Two layouts: columns (a screen and paper), and words above marks for a telephone. Every row has its
band, its numbers and its word; a row without numbers stays, in grey. No estimate lies outside the
axis, and an end beyond it is an arrow with its number.
"""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxTransform

from analysis.display import style
from analysis.display.figures.marks import keep_inside
from analysis.display.figures.ratio_layout import (
    EDGE,
    IN_COLUMNS,
    LANES,
    MARGIN,
    NARROW,
    STACKED,
    WIDE,
    Page,
    RowPlace,
    band_height,
    page_of,
    ticks_of,
)
from analysis.display.figures.ratio_lines import ChartWords, RatioLine, ratio_lines, ratio_text
from analysis.display.recipes import drawn_from_table
from analysis.results import Table

PLACE, ALL_PLACES, DRAWN_IN = "o", "D", "s"


@drawn_from_table
def ratio_figure(
    table: Table, words: ChartWords, *, narrow: bool = False, title: str = ""
) -> Figure:
    """The chart of a table of ratios, one row a group."""
    page = page_of(ratio_lines(table, words), words, STACKED if narrow else IN_COLUMNS, title)
    with style.house_style():
        figure = style.blank(page.height, width=page.layout.width)
        axes = _axes(figure, page)
        for row in page.rows:
            _words_of(figure, page, row)
            _marks_of(axes, page, row, words)
            _spark(figure, page, row)
        _head(figure, page)
        _foot(figure, axes, page, words)
    return figure


def _axes(figure: Figure, page: Page) -> Axes:
    """The log axis under all rows; y counts inches from the top of the rows."""
    left, right = page.layout.chart
    width, height = page.layout.width, page.height
    axes = figure.add_axes(
        (left / width, page.foot / height, (right - left) / width, page.inside / height)
    )
    axes.set_xscale("log")
    axes.set_xlim(*page.limits)
    axes.set_ylim(page.inside, 0)
    axes.set_yticks([])
    axes.patch.set_visible(False)
    axes.spines[["left", "right", "top"]].set_visible(False)
    ticks = ticks_of(page)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=page.layout.size)
    axes.set_xticks([], minor=True)
    axes.tick_params(axis="x", length=3, pad=2)
    return axes


def _marks_of(axes: Axes, page: Page, row: RowPlace, words: ChartWords) -> None:
    """The band of the row, and its marks: own with interval, all places, drawn towards the
    others."""
    top = row.top + row.lanes
    bottom = top + (page.band_height if row.line.drawn else band_height(1))
    ends = [top, top, bottom, bottom]
    low, high = words.band
    axes.fill([low, high, high, low], ends, color=style.BAND, linewidth=0, zorder=0)
    axes.plot(
        [1, 1],
        ends[1:3],
        color=style.INK if row.line.drawn else style.GREY,
        linewidth=0.9,
        zorder=1,
    )
    if not row.line.drawn:
        return
    y = top + EDGE
    _own(axes, page, row.line, y)
    for value, shape, colour in zip(
        row.line.beside, (ALL_PLACES, DRAWN_IN), (style.INK, style.ORANGE), strict=True
    ):
        if value is not None:
            y += LANES
            face = {"markerfacecolor": "white", "markersize": 6.5, "markeredgewidth": 1.6}
            axes.plot(
                [max(value, page.limits[0])], [y], marker=shape, color=colour, zorder=4, **face
            )


def _own(axes: Axes, page: Page, line: RatioLine, y: float) -> None:
    """The ratio of the place with its interval; an end beyond the axis is an arrow with its
    number."""
    left, right = page.limits
    value, low, high = line.ratio
    axes.plot(
        [max(low, left), min(high, right)],
        [y, y],
        color=style.NAVY,
        linewidth=2.4,
        zorder=3,
        solid_capstyle="butt",
    )
    for end, cut, arrow, edge in ((low, low < left, "<", left), (high, high > right, ">", right)):
        shape = (
            {"marker": arrow, "markersize": 8}
            if cut
            else {"marker": "|", "markersize": 8, "markeredgewidth": 2}
        )
        axes.plot([edge if cut else end], [y], color=style.NAVY, clip_on=False, zorder=3, **shape)
        if cut:
            side = {
                "ha": "left" if arrow == "<" else "right",
                "va": "top",
                "fontsize": page.layout.size,
            }
            axes.text(edge, y + 0.05, ratio_text(end), color=style.NAVY, zorder=5, **side)
    axes.plot([max(value, left)], [y], marker=PLACE, color=style.NAVY, markersize=8, zorder=4)


def _words_of(figure: Figure, page: Page, row: RowPlace) -> None:
    """Name and rates at the left, verdict and ratio at the right; a hairline above."""
    layout, grey = page.layout, not row.line.drawn
    _rule(figure, page, row.top)
    sides = (
        (MARGIN, "left", row.left),
        (layout.right, "left" if layout.columns else "right", row.right),
    )
    for x, align, side in sides:
        texts = [text for text in side if text]
        first = (
            row.top + (row.height - len(texts) * layout.line) / 2
            if layout.columns
            else row.top + 0.05
        )
        for i, text in enumerate(texts):
            y = first + (i + 0.5) * layout.line
            is_number = text == side[-1]
            _write(figure, page, x, y, text, ha=align, bold=not is_number and not grey, grey=grey)


def _rule(figure: Figure, page: Page, y: float) -> None:
    axes = figure.axes[0]
    left, right = page.layout.chart
    ends = ((MARGIN - left) / (right - left), (page.layout.width - MARGIN - left) / (right - left))
    place = {"transform": axes.get_yaxis_transform(), "clip_on": False, "zorder": 1}
    axes.plot(ends, [y, y], color=style.RULE, linewidth=0.7, **place)


def _spark(figure: Figure, page: Page, row: RowPlace) -> None:
    """The ratios of the rounds on one scale for all rows; a line stops where a round is not
    shown."""
    values = [value for _, value in row.line.rounds]
    if not row.line.drawn or not any(value for value in values):
        return
    known = [math.log(v) for r in page.rows if r.line.drawn for _, v in r.line.rounds if v] + [0.0]
    pad = 0.12 * (max(known) - min(known)) or 0.1
    first, last = -0.6, len(values) - 0.4
    inside = Bbox.from_extents(first, min(known) - pad, last, max(known) + pad)
    into = BboxTransform(inside, _spark_box(page, row)) + figure.transFigure

    def line(xs: Sequence[float], ys: Sequence[float], **look: object) -> None:
        figure.add_artist(Line2D(xs, ys, transform=into, **look))

    level = {"color": style.GREY, "linewidth": 0.8, "solid_capstyle": "butt"}
    line((first, last), (0, 0), zorder=1, **level)
    ys = [math.log(value) if value else math.nan for value in values]
    navy = {"color": style.NAVY, "linewidth": 1.4}
    line(range(len(ys)), ys, marker=".", markersize=4.5, zorder=2, **navy)
    if values[-1]:
        line([len(ys) - 1], [ys[-1]], marker="o", markersize=5, zorder=3, **navy)


def _spark_box(page: Page, row: RowPlace) -> Bbox:
    """Where the small line of a row stands, in shares of the figure: an axes of its own for each
    row would cost as much as all the rest of the row."""
    left, right = page.layout.spark
    top, high = (0.07, row.height - 0.14) if page.layout.columns else (row.lanes, page.band_height)
    y = page.height - page.top - row.top - top - high
    width, height = page.layout.width, page.height
    return Bbox.from_extents(left / width, y / height, right / width, (y + high) / height)


def _head(figure: Figure, page: Page) -> None:
    if page.title:
        y = 0.9 * page.layout.line - page.top
        keep_inside(
            _write(figure, page, MARGIN, y, page.title, size=page.layout.size * 1.1, bold=True)
        )
    for i, text in enumerate(page.head):
        y = (i - len(page.head)) * page.layout.line
        _write(figure, page, MARGIN, y, text, grey=True)


def _foot(figure: Figure, axes: Axes, page: Page, words: ChartWords) -> None:
    """Under the axis: what each end means; then the key."""
    line, (left, right) = page.layout.line, page.layout.chart
    y = page.inside + 1.9 * line
    (less, for_less), (more, for_more) = words.ends
    wide = page.layout.columns
    edge = {
        "left": left - 0.45 if wide else left,
        "right": right + 0.45 if wide else page.layout.width - MARGIN,
    }
    for i, (one, other) in enumerate(((f"← {less}", f"{more} →"), (for_less, for_more))):
        _write(figure, page, edge["left"], y + i * line, one)
        _write(figure, page, edge["right"], y + i * line, other, ha="right")
    for i, text in enumerate(page.key):
        _write(figure, page, MARGIN, y + (2.4 + i) * line, text, grey=True)


def _write(
    figure: Figure,
    page: Page,
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
    return figure.text(
        x / page.layout.width, 1 - (page.top + y) / page.height, text, **place, **look
    )


__all__ = ["NARROW", "WIDE", "ratio_figure"]
