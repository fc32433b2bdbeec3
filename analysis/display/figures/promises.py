"""Figures about promises: how many are in which state, document by document, and how far target
dates moved. From published tables."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import seaborn.objects as so
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, YearLocator, date2num
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.display import style
from analysis.display.amounts import each_said
from analysis.display.figures import marks
from analysis.display.figures.columns import Columns, cells, number
from analysis.display.figures.points import draw, draw_dumbbells
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table

# States are told apart by shade and by their number; nothing hangs on a colour.
SHADES = {
    "complete": style.NAVY,
    "ongoing": "#8CA8C4",
    "not_started": style.BAND,
    "unknown": "white",
}
LINE = 0.42  # inches a document
ITEM = 0.30  # inches a commitment


@dataclass(frozen=True)
class SlippageColumns(Columns):
    """Of a table of dates: the commitment, its first and its revised target date (ISO)."""

    name: str
    first: str
    revised: str


@dataclass(frozen=True)
class _Moved:
    name: str
    first: pd.Timestamp
    revised: pd.Timestamp


def _counts(table: Table, words: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """How many commitments of each document are in which state. The first column names the
    document; `words` gives for each state the column of it."""
    first = str(table.to_frame().columns[0])
    return {
        str(row[first]): {state: int(number(row[name]) or 0) for state, name in words.items()}
        for row in cells(table, first, *words.values())
    }


@drawn_from_table
def states_figure(
    table: Table, *, words: Mapping[str, str], title: str, width: float = style.WIDTH
) -> Figure:
    """One bar a document, its parts the states in a fixed order, each with its number. `words`: the
    column of each state, which also names it."""
    counts = _counts(table, words)
    with style.house_style():
        top, foot = marks.heading_height(title) + 0.1, 0.55
        figure = style.blank(top + foot + LINE * 2 * len(counts), width=width)
        axes = marks.area(figure, left=marks.MARGIN, right=marks.MARGIN, top=top, bottom=foot)
        for i, name in enumerate(counts):
            axes.text(0, i - 0.32, name, ha="left", va="center", fontsize=style.SMALL)
        axes.set_ylim(len(counts) - 0.5, -0.6)
        axes.set_xlim(0, 1)
        _parts(axes, counts)
        axes.set_axis_off()
        seen = [state for state in SHADES if any(states.get(state) for states in counts.values())]
        swatches = [
            Patch(facecolor=SHADES[state], edgecolor=style.GREY, label=words[state])
            for state in seen
        ]
        figure.legend(
            handles=swatches,
            loc="lower center",
            ncols=len(seen) if width > style.TELEPHONE else 2,
            frameon=False,
            fontsize=style.KEY,
        )
        marks.heading(figure, title)
    return figure


def _parts(axes: Axes, counts: Mapping[str, Mapping[str, int]]) -> None:
    """The parts of each bar, with their numbers: seaborn's `Bar`, stacked."""
    rows = [
        {"y": i + 0.08, "x": n / sum(states.values()), "n": n, "state": state}
        for i, states in enumerate(counts.values())
        for state, n in states.items()
        if n
    ]
    if not rows:
        return
    frame = pd.DataFrame(rows)
    frame = frame.assign(face=frame["state"].map(SHADES), edge=style.GREY)
    bar = so.Bar(width=0.36, alpha=1, edgealpha=1, edgewidth=1)
    plot = so.Plot(frame, x="x", y="y", group="state")
    plot = plot.add(bar, so.Stack(), color="face", edgecolor="edge", orient="y", legend=False)
    draw(axes, plot)
    starts = frame.groupby("y")["x"].cumsum() - frame["x"]
    for row, start in zip(rows, starts, strict=True):
        ink = "white" if row["state"] == "complete" else style.INK
        place = {"ha": "center", "va": "center", "fontsize": style.SMALL, "color": ink}
        axes.text(start + row["x"] / 2, row["y"], str(row["n"]), **place)


@said_from_table
def states_figure_alt(table: Table, *, words: Mapping[str, str]) -> str:
    """Every number in words."""
    said = each_said(
        f"{name}: " + ", ".join(f"{n} {words[state]}" for state, n in states.items() if n)
        for name, states in _counts(table, words).items()
    )
    return f"Commitments by state, document by document. {said}"


def _moved(table: Table, columns: SlippageColumns | None) -> list[_Moved]:
    named = columns or SlippageColumns.of(table)
    return [
        _Moved(
            str(row[named.name]), pd.Timestamp(row[named.first]), pd.Timestamp(row[named.revised])
        )
        for row in cells(table, named.name, named.first, named.revised)
    ]


@drawn_from_table
def slippage_figure(table: Table, *, title: str, columns: SlippageColumns | None = None) -> Figure:
    """One line a commitment from its first target date (hollow) to the revised one (solid)."""
    items = _moved(table, columns)
    with style.house_style():
        top, foot = marks.heading_height(title) + 0.1, 0.75
        figure = style.blank(top + foot + ITEM * max(len(items), 1))
        axes = marks.area(figure, left=2.6, right=0.3, top=top, bottom=foot)
        days = [(date2num(item.first), date2num(item.revised)) for item in items]
        known = [day for pair in days for day in pair] or [0.0]
        pad = 0.05 * (max(known) - min(known)) or 30.0
        axes.set_xlim(min(known) - pad, max(known) + pad)
        axes.set_ylim(len(items) - 0.4, -0.6)
        draw_dumbbells(axes, days)
        for i, item in enumerate(items):
            marks.edge_words(axes, i, item.name)
        axes.xaxis.set_major_locator(YearLocator())
        axes.xaxis.set_major_formatter(DateFormatter("%Y"))
        marks.small_print(figure, ["○ first target date   ● revised target date"])
        marks.heading(figure, title)
    return figure


@said_from_table
def slippage_figure_alt(table: Table, *, columns: SlippageColumns | None = None) -> str:
    """Every commitment with both dates."""
    said = each_said(
        f"{item.name}: from {item.first:%B %Y} to {item.revised:%B %Y}"
        for item in _moved(table, columns)
    )
    return f"Target dates as first set and as revised. {said}"
