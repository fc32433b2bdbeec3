"""Estimates and their intervals as figures, drawn from a cleared table of lines; nothing is worked
out here.

Each figure has an `..._alt` companion that says the same in words and numbers. A line without an
estimate stays, with the reason in words: a gap that is not explained reads as a nought.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.display import style
from analysis.display.amounts import band_words, better_side, each_said
from analysis.display.figures import marks
from analysis.display.figures.columns import IntervalColumns, Line, Scale, lines_of
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table

TELEPHONE = 44  # characters of the words under the axis
LINES = IntervalColumns()
COMPACT_LABEL = 33  # characters of a name that leave room for the numbers beside it


@dataclass(frozen=True)
class RowShape:
    """Height of a row (inches), and where in it (shares from the top) name, numbers, line and band
    stand."""

    step: float
    name: float
    numbers: float
    line: float
    half: float

    def band(self, i: int) -> tuple[float, float]:
        return i + self.line - self.half, i + self.line + self.half


COMPACT = RowShape(0.54, name=0.22, numbers=0.22, line=0.69, half=0.27)
STACKED = RowShape(0.76, name=0.15, numbers=0.41, line=0.77, half=0.19)
WIDE = 70  # characters of the words under an axis
NAME_LINE = 0.19  # inches a further line of a name


def _stacked(lines: int) -> RowShape:
    """STACKED with a name of so many lines."""
    more = (lines - 1) * NAME_LINE
    step = STACKED.step + more
    shares = (
        STACKED.name * STACKED.step + more / 2,
        *(x * STACKED.step + more for x in (STACKED.numbers, STACKED.line)),
    )
    return RowShape(step, *(inches / step for inches in (*shares, STACKED.half * STACKED.step)))


@drawn_from_table
def interval_figure(
    table: Table,
    scale: Scale,
    *,
    title: str = "",
    narrow: bool = False,
    columns: IntervalColumns = LINES,
) -> Figure:
    """One interval under another, each named above its line with its numbers; the grey band is
    smaller than the size that matters: that of the line, or else of the scale.

    Circle: an estimate. Square: one set beside the others (shrunken). The figure that answers a
    page. `narrow`: for a telephone.
    """
    lines = lines_of(table, columns)
    wide, letters = (style.TELEPHONE, TELEPHONE) if narrow else (style.WIDTH, WIDE)
    sizes = [line.matters or scale.matters for line in lines]
    with style.house_style():
        key = marks.wrapped(marks.key_lines(_marks(lines), scale.matters, scale.unit), wide)
        is_short = max((len(line.label) for line in lines), default=0) <= COMPACT_LABEL
        shape = COMPACT if is_short else STACKED
        if narrow:
            lines = _in_lines(lines, wide)
            shape = _stacked(max((line.label.count("\n") + 1 for line in lines), default=1))
        top, bottom = marks.heading_height(title), marks.foot_height(key, scale.words, letters)
        figure = style.blank(top + shape.step * len(lines) + bottom, width=wide)
        axes = marks.area(figure, left=marks.MARGIN, right=marks.MARGIN, top=top, bottom=bottom)
        marks.limits(axes, lines, scale.unit, max((size for size in sizes if size), default=None))
        axes.set_ylim(len(lines), 0)
        for i, (line, size) in enumerate(zip(lines, sizes, strict=True)):
            if line.drawn:
                marks.ground(axes, scale.unit, size, shape.band(i))
            _words_of(axes, i, line, shape, letters)
        marks.intervals(axes, [(i + shape.line, line) for i, line in enumerate(lines)])
        marks.foot(figure, axes, scale, key=key, width=letters)
        marks.heading(figure, title)
    return figure


def _in_lines(lines: Sequence[Line], width: float) -> tuple[Line, ...]:
    """Names in as many lines as they need; bold letters are wider."""
    room = int(0.88 * style.letters(width - 2 * marks.MARGIN, style.SMALL))
    return tuple(replace(x, label="\n".join(textwrap.wrap(x.label, room))) for x in lines)


def _marks(lines: Sequence[Line]) -> list[str]:
    """The markers that stand in the figure, for its key."""
    kinds = {
        "● estimate": lambda line: not line.shrunken and not line.unreliable,
        "○ not reliable": lambda line: line.unreliable,
        "□ beside the others (shrunken)": lambda line: line.shrunken,
    }
    drawn = [line for line in lines if line.drawn]
    return [words for words, holds in kinds.items() if any(map(holds, drawn))]


def _words_of(axes: Axes, i: int, line: Line, shape: RowShape, letters: int) -> None:
    """The name of a line and its numbers, or why there are none."""
    words = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": style.SMALL}
    words |= {"color": style.INK if line.drawn else style.GREY}
    name = axes.text(0, i + shape.name, line.label, ha="left", fontweight="bold", **words)
    if not line.drawn:
        marks.keep_inside(name)
        y = i + (shape.line if shape is COMPACT else shape.numbers)
        marks.reason_words(axes, y, line.amount, width=letters)
        return
    x, side = (1, "right") if shape is COMPACT else (0, "left")
    numbers = axes.text(x, i + shape.numbers, line.words, ha=side, **words)
    if shape is COMPACT:
        marks.keep_apart(name, numbers)
    else:
        marks.keep_inside(name)


@said_from_table
def interval_figure_alt(table: Table, scale: Scale, *, columns: IntervalColumns = LINES) -> str:
    """The figure in words: each line with its 95% confidence interval, and the size that
    matters."""
    said = each_said(f"{line.label}: {line.words}" for line in lines_of(table, columns))
    size = (
        f" The plan says that {band_words(scale.matters, scale.unit)} or more matters."
        if scale.matters and scale.unit != "times"
        else ""
    )
    return (
        f"Best estimates with 95% confidence intervals, {scale.said}."
        f" {said}{better_side(scale.better, scale.unit)}{size}"
    )


@drawn_from_table
def outcome_figure(
    table: Table, scale: Scale, *, title: str = "", columns: IntervalColumns = LINES
) -> Figure:
    """Several outcomes, or several ways to work out one, one under another in one unit.

    Each line has a grey band of its own size that matters. Give `better` only where all lines
    share it.
    """
    sizes = {line.matters for line in lines_of(table, columns)}
    shared = replace(scale, matters=sizes.pop() if len(sizes) == 1 else None)
    return interval_figure(table, shared, title=title, columns=columns)


@said_from_table
def outcome_figure_alt(table: Table, scale: Scale, *, columns: IntervalColumns = LINES) -> str:
    """Each outcome or method with its interval, in words."""
    return interval_figure_alt(table, replace(scale, matters=None), columns=columns)
