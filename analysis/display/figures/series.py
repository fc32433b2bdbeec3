"""A series over months that a date interrupts, with everything else that happened drawn on it: from
a cleared table of months."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.display import style
from analysis.display.amounts import each_said
from analysis.display.figures import marks
from analysis.display.figures.columns import Columns, cells, number
from analysis.display.figures.points import Look, draw_dots
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table
from analysis.said.texts import worded

LETTERS = "ABCDEFGH"
DAYS = 31  # of the longest month: where in a month a day falls
CLOSE = 1.5  # months between two letters that would touch
KEY = "● items that were touched   □ items that were left alone"
SAID = worded(
    "In every 100 audited assessments, by month: good enough on every item that was touched,"
    " and on every item that was left alone."
)
BROKEN = "a gap in the lines: from there on it was not measured as before"


@dataclass(frozen=True)
class SeriesMonths(Columns):
    """Of a table of months: "2021-07", what was touched and what was not (in every 100), and which
    instrument measured it."""

    month: str
    touched: str
    beside: str
    instrument: str


@dataclass(frozen=True)
class _Point:
    at: float
    month: str
    touched: float | None
    beside: float | None
    instrument: str


def _points(table: Table, columns: SeriesMonths | None) -> list[_Point]:
    named = columns or SeriesMonths.of(table)
    rows = cells(table, named.month, named.touched, named.beside, named.instrument)
    return [
        _Point(
            _place(str(row[named.month])) + 0.5,
            str(row[named.month]),
            number(row[named.touched]),
            number(row[named.beside]),
            str(row[named.instrument]),
        )
        for row in rows
    ]


def _place(day: str) -> float:
    """Months since the year 0, from "2021-07" or "2021-07-05"."""
    year, month, *rest = (int(part) for part in day.split("-"))
    return 12 * year + month - 1 + (rest[0] - 1 if rest else 0) / DAYS


@drawn_from_table
def series_figure(
    table: Table,
    *,
    title: str,
    marked: Sequence[Sequence[str]],
    words: Sequence[str] = (KEY, "in every 100"),
    columns: SeriesMonths | None = None,
) -> Figure:
    """Both series by month; one line breaks where the instrument changes, since what stands on
    either side was not measured alike. Each event has a letter, and its words below the figure.

    marked: of each event its first and its last day, and what it was. words: what the two lines
    are, and the scale.
    """
    points = _points(table, columns)
    named = [f"{LETTERS[i]}: {text}" for i, (_, _, text) in enumerate(marked)]
    with style.house_style():
        breaks = [BROKEN] if len({p.instrument for p in points}) > 1 else []
        small = marks.wrapped([words[0], *breaks, *named], style.WIDTH)
        top, bottom = marks.heading_height(title) + 0.3, 0.55 + marks.STEP * len(small)
        figure = style.blank(top + 2.7 + bottom)
        axes = marks.area(figure, left=0.75, right=marks.MARGIN, top=top, bottom=bottom)
        _limits(axes, points)
        _events(axes, marked)
        for name, look in (
            ("touched", Look(style.NAVY)),
            ("beside", Look(style.ORANGE, "s", solid=False)),
        ):
            _line(axes, points, name, look)
        axes.set_ylabel(words[1], fontsize=style.SMALL)
        axes.tick_params(labelsize=style.SMALL, left=True, labelleft=True)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        years = [p for p in points if p.month.endswith("-01")]
        axes.set_xticks([p.at - 0.5 for p in years], labels=[p.month[:4] for p in years])
        marks.small_print(figure, small)
        marks.heading(figure, title)
    return figure


def _limits(axes: Axes, points: Sequence[_Point]) -> None:
    known = [v for p in points for v in (p.touched, p.beside) if v is not None] or [0.0]
    places = [p.at for p in points] or [0.0]
    axes.set_xlim(min(places) - 1, max(places) + 1)
    axes.set_ylim(0, max(known) * 1.1 + 1)


def _events(axes: Axes, marked: Sequence[Sequence[str]]) -> None:
    """A band from the first to the last day, and a line on the first; its letter above."""
    first, last = axes.get_xlim()
    places = [max(_place(began), first) for began, _, _ in marked]
    for i, (at, (_, ended, _)) in enumerate(zip(places, marked, strict=True)):
        until = min(_place(ended), last)
        if until > at:
            axes.axvspan(at, until, color=style.GREY, alpha=0.13, linewidth=0, zorder=0)
        axes.axvline(at, color=style.GREY, linewidth=1, linestyle="--", zorder=1)
        place = {"va": "bottom", "fontsize": style.SMALL, "fontweight": "bold"}
        place |= {"ha": _side(places, i), "transform": axes.get_xaxis_transform()}
        axes.text(at, 1.01, LETTERS[i], **place)


def _side(places: Sequence[float], i: int) -> str:
    """On which side of its line a letter stands: away from one that is close."""
    others = [other - places[i] for k, other in enumerate(places) if k != i]
    close = min(others, key=abs, default=CLOSE)
    return "center" if abs(close) >= CLOSE else "right" if close > 0 else "left"


def _runs(points: Sequence[_Point], name: str) -> Iterator[list[_Point]]:
    """Points that follow each other, shown and measured with one instrument."""
    run: list[_Point] = []
    for point in points:
        if run and (getattr(point, name) is None or point.instrument != run[-1].instrument):
            yield run
            run = []
        if getattr(point, name) is not None:
            run.append(point)
    if run:
        yield run


def _line(axes: Axes, points: Sequence[_Point], name: str, look: Look) -> None:
    for run in _runs(points, name):
        x, y = [p.at for p in run], [getattr(p, name) for p in run]
        axes.plot(x, y, color=look.colour, linewidth=1.2, zorder=2)
        draw_dots(axes, x, y, [look] * len(run), size=4.5, edge=1.2, zorder=3)


@said_from_table
def series_figure_alt(
    table: Table, *, texts: Sequence[str], said: str = SAID, columns: SeriesMonths | None = None
) -> str:
    """The figure in words: what it shows (`said`), every event, then each month."""
    months = each_said(
        f"{p.month}: {_amount(p.touched)}, {_amount(p.beside)}" for p in _points(table, columns)
    )
    events = each_said(f"Marked: {text}" for text in texts)
    return f"{said} {events} {months}"


def _amount(value: float | None) -> str:
    return "not shown" if value is None else f"{value:.1f}"


@dataclass(frozen=True)
class CountMonths(Columns):
    """Of a table of months: "2024-08", and how much of it there was."""

    month: str = "Month"
    amount: str = "Rate"


@drawn_from_table
def counts_figure(
    table: Table,
    *,
    title: str,
    axis: str,
    first: str,
    text: str,
    columns: CountMonths | None = None,
) -> Figure:
    """One series by month, and a line where something happened elsewhere. axis: what is drawn, in
    what unit; first: the first month after it; text: what it was."""
    named = columns or CountMonths()
    rows = cells(table, named.month, named.amount)
    pairs = [(_place(str(row[named.month])) + 0.5, row) for row in rows]
    points = [
        _Point(at, str(row[named.month]), number(row[named.amount]), None, "") for at, row in pairs
    ]
    with style.house_style():
        small = marks.wrapped([axis, f"A: {text}"], style.WIDTH)
        top, bottom = marks.heading_height(title) + 0.3, 0.55 + marks.STEP * len(small)
        figure = style.blank(top + 2.4 + bottom)
        axes = marks.area(figure, left=0.75, right=marks.MARGIN, top=top, bottom=bottom)
        _limits(axes, points)
        _events(axes, [(first, first, text)])
        _line(axes, points, "touched", Look(style.NAVY))
        axes.tick_params(labelsize=style.SMALL, left=True, labelleft=True)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        years = [p for p in points if p.month.endswith("-01")]
        axes.set_xticks([p.at - 0.5 for p in years], labels=[p.month[:4] for p in years])
        marks.small_print(figure, small)
        marks.heading(figure, title)
    return figure


@said_from_table
def counts_figure_alt(
    table: Table, *, axis: str, text: str, columns: CountMonths | None = None
) -> str:
    """The figure in words: what is marked, then each month."""
    named = columns or CountMonths()
    rows = cells(table, named.month, named.amount)
    said = each_said(f"{row[named.month]}: {_amount(number(row[named.amount]))}" for row in rows)
    return f"{axis}, by month. Marked: {text}. {said}"
