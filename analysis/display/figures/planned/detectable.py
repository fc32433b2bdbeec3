"""The smallest difference that each place would find, beside the size that matters: from a cleared
table."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.display import style
from analysis.display.amounts import each_said
from analysis.display.figures.columns import Columns, Scale, cells, number
from analysis.display.figures.points import Look, draw_dots
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table

STEP = 0.3  # inches from one place to the next
LEFT, RIGHT, TOP, FOOT = 2.15, 0.25, 0.35, 1.02  # inches around the axes
MATTERS = "dashed: the size that matters"
KEY = "● taken alone   ○ among all comparisons made together"
NOTHING, HIDDEN, WITHHELD = "nothing would be found", "withheld", "[c]"


@dataclass(frozen=True)
class DetectableColumns(Columns):
    """Of the table: the place, the smallest difference found alone and with the others, and what
    can be said of it."""

    where: str = "Where"
    alone: str = "Smallest difference found"
    together: str = "Among all comparisons"
    said: str = "Enough?"


@drawn_from_table
def detectable_figure(table: Table, scale: Scale) -> Figure:
    """One row a place, in the order of the table; a dashed line stands at the size that matters."""
    named = DetectableColumns()
    rows = list(cells(table, named.where, named.alone, named.together))
    with style.house_style():
        inside = STEP * (len(rows) + 0.4)
        height = TOP + inside + FOOT
        figure = style.blank(height)
        box = (LEFT / style.WIDTH, FOOT / height)
        axes = figure.add_axes((*box, 1 - (LEFT + RIGHT) / style.WIDTH, inside / height))
        _ground(axes, rows, named, scale)
        for at, row in enumerate(rows):
            _row(axes, at, row[named.alone], row[named.together])
        words = {"fontsize": style.KEY, "color": style.INK}
        figure.text(0.02, 0.18 / height, KEY, **words)
        figure.text(0.02, 0.36 / height, MATTERS, **words)
        axes.set_xlabel(scale.said, fontsize=style.SMALL)
    return figure


def _ground(axes: Axes, rows: list, named: DetectableColumns, scale: Scale) -> None:
    seen = [number(row[column]) for row in rows for column in (named.alone, named.together)]
    nothing = 1.0 if scale.unit == "times" else 0.0
    matters = scale.matters or nothing
    most = max([value for value in seen if value is not None] + [matters])
    axes.set_xlim(nothing, nothing + 1.08 * (most - nothing))
    axes.set_ylim(len(rows) - 0.3, -0.7)
    axes.set_yticks(range(len(rows)), [str(row[named.where]) for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.axvline(matters, color=style.PLUM, linestyle=(0, (4, 3)), linewidth=1.6, zorder=1)


def _row(axes: Axes, at: int, *cells_found: object) -> None:
    alone, together = map(number, cells_found)
    known = [value for value in (alone, together) if value is not None]
    if len(known) == 2:
        axes.hlines(at, alone, together, colors=style.GREY, linewidth=1, zorder=2)
    pairs = ((together, Look(style.NAVY, solid=False)), (alone, Look(style.NAVY)))
    for value, look in pairs:
        if value is not None:
            draw_dots(axes, [value], [float(at)], [look], size=8, edge=1.8, zorder=3)
    if not known:
        words = {"transform": axes.get_yaxis_transform(), "va": "center", "color": style.GREY}
        axes.text(0.01, at, _found(cells_found[0]), **words)


@said_from_table
def detectable_figure_alt(table: Table, scale: Scale) -> str:
    """The figure in words: every place with what it would find."""
    named = DetectableColumns()
    said = each_said(
        f"{row[named.where]}: {_found(row[named.alone])}, {_found(row[named.together])} among"
        " all comparisons"
        for row in cells(table, named.where, named.alone, named.together)
    )
    return f"{scale.said}, by place, beside the size that matters (dashed line). {said}"


def _found(cell: object) -> str:
    if number(cell) is not None:
        return str(cell)
    return HIDDEN if str(cell) == WITHHELD else NOTHING
