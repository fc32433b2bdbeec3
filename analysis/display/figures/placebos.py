"""One unit among placebos: how far each lies from what the others lead one to expect, and the
series behind it. From cleared tables."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.display import style
from analysis.display.amounts import better_side, each_said
from analysis.display.figures import marks
from analysis.display.figures.columns import Columns, Line, Scale, cells, number
from analysis.display.figures.forest import FOREST, FOREST_NARROW
from analysis.display.figures.points import Look, draw_dots
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table

WITH, WITHOUT = "with it", "placebo"
KEY = "● with it   ○ without: a placebo"
NO_MARGIN = "a rank has no margin of error"


@dataclass(frozen=True)
class PlaceboColumns(Columns):
    """Of a table of placebos: the place, its difference in numbers and in words, its rank, and
    whether it has the initiative."""

    place: str = "place"
    value: str = "difference"
    amount: str = "in words"
    rank: str = "rank"
    part: str = "part"


@dataclass(frozen=True)
class ExpectedColumns(Columns):
    """Of a table of series: the period, what was seen, and what the other units lead one to
    expect."""

    period: str
    own: str
    expected: str


@drawn_from_table
def placebo_figure(
    table: Table,
    scale: Scale,
    *,
    title: str = "",
    narrow: bool = False,
    columns: PlaceboColumns | None = None,
) -> Figure:
    """One dot a place, in the order of the table: solid where it has the initiative."""
    named = columns or PlaceboColumns()
    form = FOREST_NARROW if narrow else FOREST
    rows = [row for row in cells(table, named.place, named.value, named.rank, named.part)]
    values = [number(row[named.value]) for row in rows]
    lines = [Line(str(row[named.place]), v, v, v) for row, v in zip(rows, values, strict=True)]
    with style.house_style():
        key = marks.key_lines([], scale.matters, scale.unit)
        key = marks.wrapped([f"{KEY}   {NO_MARGIN}", *key], form.width)
        top, bottom = marks.heading_height(title), marks.foot_height(key, scale.words, form.letters)
        figure = style.blank(top + form.step * (len(rows) + 0.5) + bottom, width=form.width)
        axes = marks.area(figure, left=form.left, right=form.right, top=top, bottom=bottom)
        marks.limits(axes, lines, scale.unit, scale.matters)
        axes.set_ylim(len(rows), -0.5)
        marks.ground(axes, scale.unit, scale.matters, (-0.5, float(len(rows))))
        for i, row in enumerate(rows):
            own = row[named.part] == WITH
            form.words(axes, i, str(row[named.place]), str(row[named.amount]), bold=own)
        _dots(axes, rows, values, named, form.drop)
        marks.foot(figure, axes, scale, key=key, width=form.letters)
        marks.heading(figure, title)
    return figure


def _dots(axes: Axes, rows: list, values: list, named: PlaceboColumns, drop: float) -> None:
    known = [i for i, value in enumerate(values) if value is not None]
    looks = [
        Look(style.NAVY) if rows[i][named.part] == WITH else Look(style.GREY, solid=False)
        for i in known
    ]
    heights, found = [i + drop for i in known], [values[i] for i in known]
    if known:
        draw_dots(axes, found, heights, looks, size=8, edge=1.8, zorder=4)


@said_from_table
def placebo_figure_alt(table: Table, scale: Scale, *, columns: PlaceboColumns | None = None) -> str:
    """The figure in words: every place with its difference and rank."""
    named = columns or PlaceboColumns()
    rows = cells(table, named.place, named.amount, named.rank, named.part)
    said = each_said(
        f"{row[named.place]} ({row[named.part]}): {row[named.amount]}, rank {row[named.rank]}"
        for row in rows
    )
    side = better_side(scale.better, scale.unit)
    return f"How far each place lies from what the others lead one to expect. {said}{side}"


@drawn_from_table
def expected_figure(
    table: Table, *, title: str, start: str, words: str, columns: ExpectedColumns | None = None
) -> Figure:
    """What was seen (solid) and what the other units lead one to expect (dashed), period by period.

    start: the first period with the initiative. words: of what the axis is."""
    named = columns or ExpectedColumns.of(table)
    rows = list(cells(table, named.period, named.own, named.expected))
    periods = [str(row[named.period]) for row in rows]
    with style.house_style():
        figure = style.blank(3.7)
        top = marks.heading_height(title) + 0.1
        axes = marks.area(figure, left=0.75, right=marks.MARGIN, top=top, bottom=1.15)
        looks = ((named.own, style.NAVY, "-", "o"), (named.expected, style.ORANGE, "--", "s"))
        for column, colour, line, shape in looks:
            found = [(i, number(row[column])) for i, row in enumerate(rows)]
            shown = [(i, value) for i, value in found if value is not None]
            if shown:
                at, values = zip(*shown, strict=True)
                axes.plot(at, values, color=colour, linestyle=line, linewidth=1.8, zorder=2)
                look = [Look(colour, shape, solid=shape == "o")] * len(at)
                draw_dots(axes, at, values, look, size=5.5, edge=1.4, zorder=3)
        if start in periods:
            axes.axvline(periods.index(start) - 0.5, color=style.GREY, linewidth=1, linestyle=":")
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.tick_params(labelsize=style.SMALL, left=True, labelleft=True)
        step = max(1, len(periods) // 4)
        at = list(range(0, len(periods), step))
        axes.set_xticks(at, [periods[i] for i in at], fontsize=style.SMALL)
        axes.set_xlabel(words, fontsize=style.SMALL)
        key = ["●— seen   □-- expected from the others", "dotted line: the start"]
        marks.small_print(figure, key)
        marks.heading(figure, title)
    return figure


@said_from_table
def expected_figure_alt(table: Table, *, columns: ExpectedColumns | None = None) -> str:
    """The two series in words."""
    named = columns or ExpectedColumns.of(table)
    rows = cells(table, named.period, named.own, named.expected)
    said = each_said(
        f"{row[named.period]}: {row[named.own]}, expected {row[named.expected]}" for row in rows
    )
    return f"What was seen and what the other places lead one to expect, by period. {said}"
