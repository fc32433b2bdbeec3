"""Figures of a roll-out in steps: when each court started, and the effect by time since the start.
From cleared tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import seaborn.objects as so
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.display import style
from analysis.display.amounts import each_said
from analysis.display.figures import marks
from analysis.display.figures.columns import Columns, cells, ends, number
from analysis.display.figures.points import Look, Points, draw, draw_points
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table

ROW = 0.30  # inches a line of the timeline


@dataclass(frozen=True)
class EventColumns(Columns):
    """Of a table of effects by time: months since the start, the effect in every 100, and both ends
    of its interval in one cell."""

    month: str
    value: str
    interval: str


@dataclass(frozen=True)
class StartColumns(Columns):
    """Of a table of starts: the court, its month in words, and for how many months it was without
    and with the pilot."""

    court: str
    started: str
    without: str
    having: str


@dataclass(frozen=True)
class _Effect:
    month: int
    value: float
    low: float
    high: float


def _effects(table: Table, columns: EventColumns | None) -> list[_Effect]:
    """The months that have a number."""
    named, found = columns or EventColumns.of(table), []
    for row in cells(table, named.month, named.value, named.interval):
        value, (low, high) = number(row[named.value]), ends(row[named.interval])
        if None not in (value, low, high):
            found.append(_Effect(int(number(row[named.month])), value, low, high))
    return found


@drawn_from_table
def event_study_figure(
    table: Table,
    *,
    title: str,
    base: int,
    better: str | None,
    period: str = "month",
    columns: EventColumns | None = None,
) -> Figure:
    """Effect in every 100 at each period since the start, with pointwise 95% intervals; the base
    periods are shaded. `columns`: by default the first ones of the table."""
    effects = _effects(table, columns)
    with style.house_style():
        figure = style.blank(3.9)
        top = marks.heading_height(title) + 0.1
        axes = marks.area(figure, left=0.95, right=marks.MARGIN, top=top, bottom=1.12)
        _limits(axes, effects, base)
        axes.axhline(0, color=style.INK, linewidth=1)
        axes.axvspan(-base - 0.5, -0.5, color=style.GREY, alpha=0.18, linewidth=0)
        axes.axvline(-0.5, color=style.GREY, linewidth=1, linestyle="--")
        points = Points(
            y=[effect.month for effect in effects],
            value=[effect.value for effect in effects],
            low=[effect.low for effect in effects],
            high=[effect.high for effect in effects],
            look=[Look(style.NAVY, solid=effect.month >= 0) for effect in effects],
        )
        draw_points(axes, points, size=6, edge=1.4, upright=True)
        words = f"In every 100, by {period} since the start (0: its first {period})"
        axes.set_xlabel(words, fontsize=style.SMALL)
        axes.tick_params(labelsize=style.SMALL, left=True, labelleft=True)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.yaxis.set_major_formatter(
            lambda value, _: f"{abs(value):g} {'fewer' if value < 0 else 'more'}" if value else "0"
        )
        side = {"higher": "up is better", "lower": "down is better"}.get(better or "", "")
        key = [
            f"● after the start   ○ before it   — 95% interval of each {period}",
            f"grey: the {period}s that it is measured from",
        ]
        marks.small_print(figure, [*([side] if side else []), *key])
        marks.heading(figure, title)
    return figure


def _limits(axes: Axes, effects: Sequence[_Effect], base: int) -> None:
    """Limits that hold every interval, no difference and the base months."""
    months = [*(effect.month for effect in effects), -base - 0.5]
    reach = [0.0, *(end for effect in effects for end in (effect.low, effect.high))]
    for values, limit in ((months, axes.set_xlim), (reach, axes.set_ylim)):
        pad = 0.05 * (max(values) - min(values)) or 1.0
        limit(min(values) - pad, max(values) + pad)


@said_from_table
def event_study_figure_alt(
    table: Table, *, base: int, period: str = "month", columns: EventColumns | None = None
) -> str:
    """The figure in words."""
    said = each_said(
        f"{period} {effect.month}: {effect.value:.1f} ({effect.low:.1f} to {effect.high:.1f})"
        for effect in _effects(table, columns)
    )
    return (
        f"Effect in every 100 by {period} since the start, measured from the mean of the {base}"
        f" {period}s before it, with the 95% interval of each {period}. {said}"
    )


@drawn_from_table
def starts_figure(
    table: Table, *, words: Sequence[str], title: str, columns: StartColumns | None = None
) -> Figure:
    """One line a pilot court: empty until its start, full from then on. `words`: what the first and
    the last month are called."""
    named = columns or StartColumns.of(table)
    rows = list(cells(table, named.court, named.without, named.having))
    spans = [(number(row[named.without]), number(row[named.having])) for row in rows]
    whole = max((sum(span) for span in spans), default=1)
    with style.house_style():
        top, bottom = marks.heading_height(title) + 0.1, 0.62
        figure = style.blank(top + bottom + ROW * max(len(rows), 1))
        axes = marks.area(figure, left=2.3, right=marks.MARGIN, top=top, bottom=bottom)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0, whole)
        _bars(axes, spans)
        for i, row in enumerate(rows):
            place = {"ha": "right", "va": "center", "fontsize": style.SMALL}
            axes.text(-0.2, i, str(row[named.court]), **place)
        axes.set_yticks([])
        axes.set_xticks([0, whole], labels=list(words), fontsize=style.SMALL)
        axes.get_xticklabels()[0].set_ha("left"), axes.get_xticklabels()[1].set_ha("right")
        marks.small_print(figure, ["empty: before the start   full: with the pilot"])
        marks.heading(figure, title)
    return figure


def _bars(axes: Axes, spans: Sequence[tuple[float, float]]) -> None:
    """Months without and with the pilot, one bar a court: seaborn's `Bar`, stacked."""
    frame = pd.DataFrame(
        [
            {"y": float(i), "x": months, "part": part}
            for i, span in enumerate(spans)
            for part, months in zip(("without", "with"), span, strict=True)
        ],
        columns=["y", "x", "part"],
    )
    if frame.empty:
        return
    bar = so.Bar(width=0.5, alpha=1, edgealpha=1, edgewidth=1)
    faces = frame["part"].map({"without": "white", "with": style.NAVY})
    edges = frame["part"].map({"without": style.GREY, "with": style.NAVY})
    looked = frame.assign(face=faces, edge=edges)
    plot = so.Plot(looked, x="x", y="y", group="part")
    plot = plot.add(bar, so.Stack(), color="face", edgecolor="edge", orient="y", legend=False)
    draw(axes, plot)


@said_from_table
def starts_figure_alt(table: Table, *, columns: StartColumns | None = None) -> str:
    """Each pilot court with its month of start, in words."""
    named = columns or StartColumns.of(table)
    rows = cells(table, named.court, named.started)
    return "Pilot courts and when they started. " + each_said(
        f"{row[named.court]}, {row[named.started]}" for row in rows
    )
