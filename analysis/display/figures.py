"""Estimates and their intervals as figures, drawn from cleared rows of a record; nothing is worked
out here.

Each figure has an `..._alt` companion that says the same in words and numbers. A row is a record's
row (record.py); rows without an estimate stay, with the reason in words: a gap that is not
explained reads as a nought.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.display import marks, style
from analysis.display.amounts import (
    Row,
    band_words,
    better_side,
    each_said,
    is_drawn,
    is_shrunken,
    is_unreliable,
    row_words,
)
from analysis.display.comparisons import balance_figure, balance_figure_alt
from analysis.display.forest import TELEPHONE, TOGETHER, forest, forest_alt

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


def interval_lines(
    rows: Sequence[Row],
    labels: Sequence[str],
    *,
    matters: float | None,
    better: str | None,
    unit: str,
    axis: str = "",
    band: bool = True,
    title: str = "",
    narrow: bool = False,
) -> Figure:
    """One interval under another, each named above its line with its numbers; the grey band is
    smaller than `matters`.

    Circle: an estimate. Square: one set beside the others (shrunken). The figure that answers a
    page. `narrow`: for a telephone.
    """
    wide, letters = (style.TELEPHONE, TELEPHONE) if narrow else (style.WIDTH, WIDE)
    sizes = [(row.sesoi or matters) if band else None for row in rows]
    with style.house_style():
        key = marks.wrapped(marks.key_lines(_marks(rows), matters if band else None, unit), wide)
        shape = COMPACT if max(map(len, labels), default=0) <= COMPACT_LABEL else STACKED
        if narrow:
            labels = _in_lines(labels, wide)
            shape = _stacked(max((label.count("\n") + 1 for label in labels), default=1))
        top, bottom = marks.heading_height(title), marks.foot_height(key, axis, letters)
        figure = style.blank(top + shape.step * len(rows) + bottom, width=wide)
        axes = marks.area(figure, left=marks.MARGIN, right=marks.MARGIN, top=top, bottom=bottom)
        marks.scale(axes, rows, unit, max((size for size in sizes if size), default=None))
        axes.set_ylim(len(rows), 0)
        for i, (row, label, size) in enumerate(zip(rows, labels, sizes, strict=True)):
            _named_line(axes, i, row, label, size, shape, letters)
        marks.foot(figure, axes, unit=unit, better=better, axis=axis, key=key, width=letters)
        marks.heading(figure, title)
    return figure


def _in_lines(labels: Sequence[str], width: float) -> list[str]:
    """Names in as many lines as they need; bold letters are wider."""
    room = int(0.88 * style.letters(width - 2 * marks.MARGIN, style.SMALL))
    return ["\n".join(textwrap.wrap(label, room)) for label in labels]


def _marks(rows: Sequence[Row]) -> list[str]:
    """The markers that stand in the figure, for its key."""
    kinds = {
        "● estimate": lambda row: not is_shrunken(row) and not is_unreliable(row),
        "○ not reliable": is_unreliable,
        "□ beside the others (shrunken)": is_shrunken,
    }
    drawn = [row for row in rows if is_drawn(row)]
    return [words for words, holds in kinds.items() if any(map(holds, drawn))]


def _named_line(
    axes: Axes, i: int, row: Row, label: str, matters: float | None, shape: RowShape, letters: int
) -> None:
    """A line with its name and its numbers above it."""
    words = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": style.SMALL}
    words |= {"color": style.INK if is_drawn(row) else style.GREY}
    name = axes.text(0, i + shape.name, label, ha="left", fontweight="bold", **words)
    if not is_drawn(row):
        marks.keep_inside(name)
        return marks.reason_words(
            axes, i + (shape.line if shape is COMPACT else shape.numbers), row, width=letters
        )
    side = (1, "right") if shape is COMPACT else (0, "left")
    numbers = axes.text(side[0], i + shape.numbers, row_words(row), ha=side[1], **words)
    if shape is COMPACT:
        marks.keep_apart(name, numbers)
    else:
        marks.keep_inside(name)
    marks.ground(axes, str(row.unit), matters, shape.band(i))
    marks.interval_line(axes, i + shape.line, row)


def interval_lines_alt(
    rows: Sequence[Row],
    labels: Sequence[str],
    *,
    matters: float | None,
    better: str | None,
    unit: str,
    axis: str = "",
) -> str:
    """The figure in words: each line with its 95% confidence interval, and the size that
    matters."""
    said = each_said(f"{label}: {row_words(row)}" for row, label in zip(rows, labels, strict=True))
    size = (
        f" The plan says that {band_words(matters, unit)} or more matters."
        if matters and unit != "times"
        else ""
    )
    what = axis or unit.replace("_", " ")
    return (
        f"Best estimates with 95% confidence intervals, {what}."
        f" {said}{better_side(better, unit)}{size}"
    )


def outcome_figure(
    rows: Sequence[Row],
    labels: Sequence[str],
    *,
    unit: str,
    axis: str = "",
    better: str | None = None,
    title: str = "",
) -> Figure:
    """Several outcomes, or several ways to work out one, one under another in one unit.

    Each row has a grey band of its own size that matters (`sesoi`). Give `better` only where all
    rows share it.
    """
    sizes = {row.sesoi for row in rows}
    matters = sizes.pop() if len(sizes) == 1 else None
    return interval_lines(
        rows, labels, matters=matters, better=better, unit=unit, axis=axis, title=title
    )


def outcome_figure_alt(
    rows: Sequence[Row],
    labels: Sequence[str],
    *,
    unit: str,
    axis: str = "",
    better: str | None = None,
) -> str:
    """Each outcome or method with its interval, in words."""
    return interval_lines_alt(rows, labels, matters=None, better=better, unit=unit, axis=axis)


__all__ = [
    "TOGETHER",
    "balance_figure",
    "balance_figure_alt",
    "forest",
    "forest_alt",
    "interval_lines",
    "interval_lines_alt",
    "outcome_figure",
    "outcome_figure_alt",
]
