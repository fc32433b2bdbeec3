"""Places by outcomes in one picture: what was found where, from a cleared table.

Shade says how large a difference is beside the size that matters; the number in each cell and the
words over its column say the same, so that nothing hangs on a colour.
"""

import math
import textwrap
from dataclasses import dataclass

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from analysis.display import style
from analysis.display.amounts import each_said
from analysis.display.figures import marks
from analysis.display.figures.columns import UNRELIABLE, Columns, cells, number
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table

REACH = 3.0  # times the size that matters at which the shade is full
CLEAR = "whole interval on one side"  # the mark of a cell
SIGN, DOUBT = "◆", "○"
WORSE, BETTER = "#F6C2A0", "#A9C0D6"  # tints on which ink keeps 4.5 to 1
SHADES = LinearSegmentedColormap.from_list("worse_better", [WORSE, "white", BETTER])
LEFT, ROW = 2.25, 0.31  # inches: names of places, height of a row
LINE = 0.19  # inches a line of the names of outcomes


@dataclass(frozen=True)
class HeatColumns(Columns):
    """Of a table of places and outcomes, a line each: place, outcome with which way is better, the
    estimate in numbers and in words (or why there is none), its multiple of the size that matters
    (+ is better), its interval in words, and a mark."""

    place: str = "place"
    outcome: str = "outcome"
    value: str = "estimate"
    amount: str = "best estimate"
    multiple: str = "multiple"
    interval: str = "95% confidence interval"
    mark: str = "mark"


HEAT = HeatColumns()


@dataclass(frozen=True, eq=False)
class _Grid:
    """What stands in each cell, and its shade; rows and columns in the order of the table."""

    said: pd.DataFrame
    shade: pd.DataFrame

    @classmethod
    def of(cls, table: Table, columns: HeatColumns) -> "_Grid":
        named = (columns.place, columns.outcome, columns.value, columns.amount, columns.mark)
        said: dict[str, dict[str, str]] = {}
        shade: dict[str, dict[str, float]] = {}
        for row in cells(table, *named, columns.multiple):
            place, outcome, multiple = (
                str(row[columns.place]),
                str(row[columns.outcome]),
                number(row[columns.multiple]),
            )
            mark = str(row[columns.mark])
            sign = {CLEAR: f"{SIGN} ", UNRELIABLE: f"{DOUBT} "}.get(mark, "")
            is_shaded = multiple is not None and mark != UNRELIABLE
            said.setdefault(outcome, {})[place] = sign + _printed(
                row[columns.value], str(row[columns.amount])
            )
            shade.setdefault(outcome, {})[place] = multiple if is_shaded else math.nan
        return cls(pd.DataFrame(said).fillna("–"), pd.DataFrame(shade).astype(float))


@drawn_from_table
def heat_figure(table: Table, *, title: str = "", columns: HeatColumns = HEAT) -> Figure:
    """One row a place, one column an outcome: seaborn's heat map, with the number in each cell.

    Columns have a number and their words above the map. A cell without an estimate keeps its mark
    ([c] withheld, – none), and one that is not reliable its number; both have no shade.
    """
    grid = _Grid.of(table, columns)
    with style.house_style():
        heads = _heads(grid)
        key = marks.wrapped(_key(grid), style.WIDTH)
        above = marks.heading_height(title) + 0.1
        top, bottom = above + LINE * len(heads) + 0.32, 0.18 + marks.STEP * len(key)
        figure = style.blank(top + ROW * len(grid.said) + bottom)
        axes = marks.area(figure, left=LEFT, right=marks.MARGIN, top=top, bottom=bottom)
        sns.heatmap(
            grid.shade,
            ax=axes,
            cmap=SHADES,
            vmin=-REACH,
            vmax=REACH,
            mask=grid.shade.isna(),
            annot=grid.said.to_numpy(),
            fmt="",
            annot_kws={"fontsize": style.KEY, "color": style.INK},
            cbar=False,
            linewidths=1.0,
            linecolor=style.RULE,
        )
        _without_shade(axes, grid)
        _names(axes, grid)
        height = figure.get_size_inches()[1]
        for i, text in enumerate(heads):
            y = 1 - (above + LINE * (i + 0.5)) / height
            place = {"ha": "left", "va": "center", "fontsize": style.KEY}
            figure.text(marks.MARGIN / style.WIDTH, y, text, **place)
        marks.small_print(figure, key)
        marks.heading(figure, title)
    return figure


@said_from_table
def heat_figure_alt(table: Table, *, columns: HeatColumns = HEAT) -> str:
    """Every cell in words, outcome by outcome."""
    found: dict[str, list[str]] = {}
    for row in cells(table, columns.place, columns.outcome, columns.amount, columns.interval):
        limits = str(row[columns.interval])
        said = f" ({limits})" if not limits.startswith("[") else ""
        text = f"{row[columns.place]} {row[columns.amount]}{said}"
        found.setdefault(str(row[columns.outcome]), []).append(text)
    lines = each_said(f"{outcome}. {'. '.join(texts)}" for outcome, texts in found.items())
    return f"What was found for each outcome in each place, with 95% confidence intervals. {lines}"


def _printed(value: object, words: str) -> str:
    """What stands in a cell: the size as its words print it, with a sign in place of "fewer" or
    "more"; [c] withheld, – none."""
    size = number(value)
    if size is None:
        return "[c]" if value == "[c]" else "–"
    text, _, side = words.partition(" ")
    return text if side == "times" or size == 0 else f"{'−' if size < 0 else '+'}{text}"


def _heads(grid: _Grid) -> list[str]:
    """The number of each column with the words of its outcome, in lines."""
    room = style.letters(style.WIDTH - 2 * marks.MARGIN, style.KEY)
    return [
        line
        for j, name in enumerate(grid.said.columns, start=1)
        for line in textwrap.wrap(f"{j}  {name}", room, subsequent_indent="    ")
    ]


def _without_shade(axes: Axes, grid: _Grid) -> None:
    """What stands in cells that have no shade: seaborn leaves them empty."""
    place = {"ha": "center", "va": "center", "fontsize": style.KEY, "color": style.GREY}
    for i, row in enumerate(grid.shade.isna().to_numpy()):
        for j, is_missing in enumerate(row):
            if is_missing:
                axes.text(j + 0.5, i + 0.5, str(grid.said.iloc[i, j]), **place)


def _names(axes: Axes, grid: _Grid) -> None:
    """Numbers of outcomes over their columns, places beside their rows."""
    across, down = range(len(grid.said.columns)), range(len(grid.said))
    axes.xaxis.tick_top()
    heads = [str(j + 1) for j in across]
    axes.set_xticks([j + 0.5 for j in across], heads, fontsize=style.SMALL, rotation=0)
    names = [str(name) for name in grid.said.index]
    axes.set_yticks([i + 0.5 for i in down], names, fontsize=style.SMALL, rotation=0)
    axes.tick_params(axis="both", length=0, labelleft=True, labelcolor=style.INK)
    axes.set(xlabel="", ylabel="")


def _key(grid: _Grid) -> list[str]:
    """What shades and marks are, those that stand in the figure."""
    texts = [str(text) for text in grid.said.to_numpy().ravel()]
    shade = f"{REACH:g} times the size that matters or more"
    lines = [f"blue: better   orange: worse   full shade: {shade}"]
    used = {
        f"{SIGN} the whole 95% interval lies on one side": any(SIGN in text for text in texts),
        f"{DOUBT} not reliable": any(DOUBT in text for text in texts),
        "[c] withheld to protect people": "[c]" in texts,
        "– no estimate": "–" in texts,
    }
    found = [words for words, holds in used.items() if holds]
    return [*lines, *(["   ".join(found)] if found else [])]
