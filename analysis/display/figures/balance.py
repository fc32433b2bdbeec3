"""Figure of two sides: were they alike before (love plot), from a cleared table.

The verdict stands as a word at the end of each line; colour only repeats it.
"""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.display import style
from analysis.display.amounts import each_said
from analysis.display.figures import marks
from analysis.display.figures.columns import Columns, cells, number
from analysis.display.figures.points import draw_dumbbells
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.judgement.wording import figures_in_words
from analysis.results import Table

# Lights of the balance table in words (Justice Data Lab thresholds: up to 5, up to 10, above, in
# percent of a standard deviation).
LIGHTS = {"green": "alike", "amber": "somewhat apart", "red": "apart"}
NEAR, FAR = 5.0, 10.0
_FAINT = {"color": style.RULE, "linewidth": 0.8, "zorder": 1}


@dataclass(frozen=True)
class BalanceColumns(Columns):
    """Of a balance table: the characteristic, how far apart the sides are before and after (percent
    of a standard deviation), and the light (None: from the number that is printed)."""

    name: str
    before: str
    after: str
    light: str | None = None


@dataclass(frozen=True)
class _Characteristic:
    name: str
    before: float | None
    after: float | None
    verdict: str


@drawn_from_table
def balance_figure(
    table: Table,
    *,
    columns: BalanceColumns | None = None,
    before: str = "before",
    after: str = "within office and period",
    title: str = "",
    among: str = "the matched",
) -> Figure:
    """Standardised differences of each characteristic, hollow before and solid within cells (or
    after matching).

    `columns`: by default the first ones of the table. `among`: whose level it is, against the
    others.
    """
    rows = _characteristics(table, columns)
    with style.house_style():
        figure, axes = _lines(len(rows), title, foot=0.85)
        known = [v for row in rows for v in (row.before, row.after) if v is not None]
        reach = max([FAR, *map(abs, known)]) * 1.08
        axes.set_xlim(-reach, reach)
        axes.axvspan(-NEAR, NEAR, color=style.BAND, linewidth=0, zorder=0)
        axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
        for limit in (-FAR, FAR):
            axes.axvline(limit, linestyle=(0, (3, 3)), **_FAINT)
        draw_dumbbells(axes, [(row.before, row.after) for row in rows])
        for i, row in enumerate(rows):
            marks.edge_words(axes, i, row.name, row.verdict)
        axes.xaxis.set_major_formatter(lambda x, _: f"{abs(x):g}")
        ways = f"← lower among {among}      difference, % of a standard deviation      higher →"
        marks.small_print(figure, [ways, f"○ {before}   ● {after}   grey band: up to 5%, alike"])
    return figure


@said_from_table
def balance_figure_alt(table: Table, *, columns: BalanceColumns | None = None) -> str:
    """Each characteristic with its difference before and after, and the verdict, in words."""
    said = each_said(
        f"{row.name}: {_percent(row.before)} before, {_percent(row.after)} after, {row.verdict}"
        for row in _characteristics(table, columns)
    )
    return (
        "Differences between the two sides in percent of a standard deviation; up to 5 counts as"
        f" alike. {said}"
    )


def _characteristics(table: Table, columns: BalanceColumns | None) -> list[_Characteristic]:
    named = columns or BalanceColumns.of(table)
    wanted = (named.name, named.before, named.after, *([named.light] if named.light else []))
    found = []
    for row in cells(table, *wanted):
        before, after = number(row[named.before]), number(row[named.after])
        light = str(row[named.light]) if named.light else _light(after)
        verdict = LIGHTS.get(light, "cannot be told")
        found.append(_Characteristic(str(row[named.name]), before, after, verdict))
    return found


def _light(difference: float | None) -> str:
    """The light of the number as it is printed."""
    if difference is None:
        return ""
    size = abs(difference)
    return "green" if size <= NEAR else "amber" if size <= FAR else "red"


def _percent(value: float | None) -> str:
    return "not known" if value is None else f"{figures_in_words.number(value, 1)}%"


def _lines(count: int, title: str, *, foot: float) -> tuple[Figure, Axes]:
    """A figure with one line a row, the first at the top."""
    top = marks.heading_height(title) + 0.05
    figure = style.blank(top + 0.3 * count + foot)
    axes = marks.area(figure, left=1.9, right=1.65, top=top, bottom=foot)
    axes.set_ylim(count - 0.5, -0.5)
    marks.heading(figure, title)
    return figure, axes
