"""Figures of a cross-tabulation, drawn by seaborn from the cleared table and from nothing else.

What a table withholds is not in it and cannot be drawn: its mark stands in its place, and the
alternative text names it.
"""

import re
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal, get_args

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.display import style
from analysis.display.layout import MARKS, cell_text
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.display.section import Chart, Section
from analysis.errors import ParameterError
from analysis.exploring.asked import echo, nearest
from analysis.exploring.crossing import IN_EVERY_100, KNOWN, MEAN
from analysis.results import Table

PlotKind = Literal["points", "bars", "heat", "dumbbell"]
KINDS: tuple[str, ...] = get_args(PlotKind)
COLOURS = (style.NAVY, style.ORANGE, style.TEAL, style.PLUM, style.INK, style.GREY)
SHAPES = ("o", "s", "D", "^", "v", "P")
MOST_APART = len(COLOURS)  # groups that colour and shape together tell apart
MOST_LINES, MOST_MEASURES = 60, 4
ALT_CELLS = 40  # numbers that an alternative text reads out; the table beside it has all of them
LABEL = 30  # letters on a line of a label
BETWEEN = " · "


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a table holds, as a figure needs it: lines (text), groups (text, or "" without them) and
    one measure after another, each cell a number or a mark."""

    table: Table
    line: list[str]
    group: list[str]
    by: tuple[str, ...]
    measures: dict[str, list]

    @property
    def lines(self) -> list[str]:
        return list(dict.fromkeys(self.line))

    @property
    def groups(self) -> list[str]:
        return list(dict.fromkeys(self.group))


def plot_of(table: Table | Section, kind: PlotKind | None = None) -> Section:
    """The figure of a cleared table, and the table beside it.

    kind: "points", "bars", "heat" (two columns of groups), "dumbbell" (the last column has two
    groups); None: what fits the table. Each share or mean has a panel; where there are none, counts
    are drawn. ParameterError E278: an unknown kind, or one that this table cannot have; E279: not a
    cleared table.
    """
    if isinstance(table, Section) and table.tables:
        table = table.table
    if not isinstance(table, Table):
        text = "a figure is drawn from a cleared table, and this is none."
        raise ParameterError("E279", text, remedy="Make one: study.table(by=[...], share=...).")
    drawn = _drawn(table)
    figure = table_figure(table, _kind(drawn, kind))
    slug = re.sub(r"[^a-z0-9]+", "_", table.title.lower()).strip("_")
    return Section.of(
        Chart(figure, _alt(drawn.table, drawn), table, f"table_{slug}"[:60].rstrip("_")), table
    )


@drawn_from_table
def table_figure(table: Table, kind: str) -> Figure:
    """The figure of a kind that fits the table."""
    with style.house_style():
        figure = _figure(_drawn(table), kind)
        figure.draw_without_rendering()  # the layout is made once, so that each file has the same
        figure.set_layout_engine("none")
    return figure


def _drawn(table: Table) -> Drawn:
    """The columns of text are groups, those of numbers and marks are measures."""
    frame = table.to_frame()
    labels = [name for name in frame if all(_is_label(cell) for cell in frame[name])]
    numbers = {str(name): frame[name].tolist() for name in frame if _is_measure(frame[name])}
    measures = {n: c for n, c in numbers.items() if n.endswith((IN_EVERY_100, MEAN))}
    measures = measures or {n: c for n, c in numbers.items() if not n.endswith(KNOWN)}
    if not labels or not measures or not len(frame):
        text = "this table has no groups with numbers beside them."
        raise ParameterError(
            "E278", text, remedy='Give it columns of `by`: study.table(by=["ethnic_group"]).'
        )
    if len(measures) > MOST_MEASURES:
        text = f"this table has {len(measures)} measures: at most {MOST_MEASURES} can be drawn."
        raise ParameterError("E278", text, remedy="Ask for fewer in one table.")
    first, last = (labels, []) if len(labels) == 1 else (labels[:-1], labels[-1:])
    return Drawn(
        table,
        [BETWEEN.join(map(str, row)) for row in frame[first].itertuples(index=False)],
        frame[last[0]].astype(str).tolist() if last else [""] * len(frame),
        tuple(map(str, labels)),
        measures,
    )


def _is_label(cell: object) -> bool:
    return isinstance(cell, str) and cell not in MARKS


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell == cell


def _is_measure(cells: pd.Series) -> bool:
    return all(_is_number(cell) or cell in MARKS for cell in cells)


def _kind(drawn: Drawn, kind: object) -> str:
    """The kind that was asked for, or the one that fits. ParameterError E278."""
    if kind is None:
        return _fitting(drawn)
    if kind not in KINDS:
        text = f"there is no kind of figure {echo(kind)}."
        raise ParameterError("E278", text, remedy=nearest(kind, KINDS))
    grouped, apart = len(drawn.by) > 1, len(drawn.groups)
    if kind == "heat" and not grouped:
        why = "needs two columns of groups"
    elif kind == "dumbbell" and apart != 2:
        why = "needs two groups in the last column of `by`"
    elif kind in ("points", "bars") and apart > MOST_APART:
        why = f"tells at most {MOST_APART} groups apart"
    elif len(drawn.lines) > MOST_LINES:
        why = f"has room for {MOST_LINES} lines"
    else:
        return str(kind)
    raise ParameterError("E278", f"{kind} {why}.", remedy=f"Here fits: {_fitting(drawn)}.")


def _fitting(drawn: Drawn) -> str:
    if len(drawn.lines) > MOST_LINES:
        text = f"a figure has room for {MOST_LINES} lines, and this table has {len(drawn.lines)}."
        raise ParameterError("E278", text, remedy="Choose people by `where`, or a column less.")
    counted = not any(name.endswith((IN_EVERY_100, MEAN)) for name in drawn.measures)
    if len(drawn.by) == 1:
        return "bars" if counted else "points"
    if len(drawn.groups) == 2:
        return "bars" if counted else "dumbbell"
    return "heat" if len(drawn.groups) > MOST_APART or len(drawn.lines) > 8 else "points"


# --- drawing ---
def _figure(drawn: Drawn, kind: str) -> Figure:
    """One panel a measure, one below the other."""
    labels = {line: "\n".join(wrap(line, LABEL)) for line in drawn.lines}
    height = 0.34 * sum(1 + label.count("\n") for label in labels.values())
    if kind == "bars" and len(drawn.groups) > 1:
        height *= 1 + 0.35 * (len(drawn.groups) - 1)
    figure = style.blank(max(1.6, height + 1.5) * len(drawn.measures) + 0.3)
    figure.set_layout_engine("constrained")
    axes = figure.subplots(len(drawn.measures), 1, squeeze=False)[:, 0]
    for place, (name, cells) in zip(axes, drawn.measures.items(), strict=True):
        panel = pd.DataFrame(
            {
                "line": [labels[line] for line in drawn.line],
                "group": drawn.group,
                "cell": cells,
                "value": [float(c) if _is_number(c) else float("nan") for c in cells],
            }
        )
        (_heat if kind == "heat" else _lines)(place, panel, drawn, kind, name)
    return figure


def _lines(axes: Axes, panel: pd.DataFrame, drawn: Drawn, kind: str, name: str) -> None:
    """Points, bars or dumbbells, a line of the axis a line of the table."""
    import seaborn as sns

    grouped = len(drawn.by) > 1
    colours = dict(zip(drawn.groups, COLOURS, strict=False))
    rows = list(dict.fromkeys(panel["line"]))
    if kind == "bars":
        sns.barplot(
            panel,
            x="value",
            y="line",
            order=rows,
            hue="group" if grouped else None,
            hue_order=drawn.groups if grouped else None,
            palette=colours if grouped else None,
            color=None if grouped else style.NAVY,
            errorbar=None,
            legend=grouped,
            ax=axes,
        )
    else:
        at = panel.assign(y=[rows.index(line) for line in panel["line"]])
        if kind == "dumbbell":
            for y, pair in at.groupby("y")["value"]:
                if pair.notna().sum() == 2:
                    axes.hlines(y, pair.min(), pair.max(), color=style.RULE, lw=3, zorder=1)
        sns.scatterplot(
            at,
            x="value",
            y="y",
            hue="group",
            style="group",
            hue_order=drawn.groups,
            style_order=drawn.groups,
            palette=colours,
            markers=dict(zip(drawn.groups, SHAPES, strict=False)),
            s=70,
            legend="full" if grouped else False,
            ax=axes,
            zorder=2,
        )
        axes.set_yticks(range(len(rows)), rows)
        axes.set_ylim(len(rows) - 0.5, -0.5)
    _absent(axes, panel, rows, drawn)
    if kind == "bars" or not name.endswith(MEAN):
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    axes.margins(x=0.08)
    axes.set_xlabel(name)
    axes.set_ylabel("")
    axes.tick_params(axis="y", length=0)
    if grouped:
        _key(axes, drawn)


def _absent(axes: Axes, panel: pd.DataFrame, rows: list[str], drawn: Drawn) -> None:
    """The marks of cells without a number, at the end of their line, with the group's name."""
    for y, line in enumerate(rows):
        held = panel[(panel["line"] == line) & panel["value"].isna()]
        if held.empty:
            continue
        said = [
            f"{cell} {group}".strip()
            for cell, group in zip(held["cell"], held["group"], strict=True)
        ]
        if len(said) == len(drawn.groups) and len({*held["cell"]}) == 1:
            said = [str(held["cell"].iloc[0])]
        axes.annotate(
            ", ".join(said),
            (1.0, y),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
            color=style.GREY,
            fontsize=style.KEY,
        )


def _key(axes: Axes, drawn: Drawn) -> None:
    legend = axes.get_legend()
    if legend is not None:
        handles = [handle for handle in legend.legend_handles if handle is not None]
        texts = ["\n".join(wrap(text.get_text(), LABEL)) for text in legend.get_texts()]
        legend.remove()
        axes.legend(
            handles,
            texts,
            title=drawn.by[-1],
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),
            ncols=min(3, len(texts)),
            frameon=False,
            fontsize=style.KEY,
            title_fontsize=style.KEY,
        )


def _heat(axes: Axes, panel: pd.DataFrame, drawn: Drawn, kind: str, name: str) -> None:
    """A field a cell, with its number or its mark written on it."""
    import seaborn as sns

    rows, columns = list(dict.fromkeys(panel["line"])), drawn.groups
    numbers = panel.pivot(index="line", columns="group", values="value").loc[rows, columns]
    said = panel.assign(said=panel["cell"].map(cell_text)).pivot(
        index="line", columns="group", values="said"
    )
    sns.heatmap(
        numbers.fillna(0.0),
        mask=numbers.isna(),
        vmin=0.0,
        vmax=float(numbers.max(axis=None)) if numbers.notna().any(axis=None) else 1.0,
        annot=said.loc[rows, columns],
        fmt="",
        cmap=sns.light_palette(style.NAVY, as_cmap=True),
        cbar=False,
        linewidths=1.0,
        annot_kws={"fontsize": style.KEY},
        ax=axes,
    )
    for y, line in enumerate(rows):
        for x, group in enumerate(columns):
            if pd.isna(numbers.loc[line, group]):
                axes.text(
                    x + 0.5,
                    y + 0.5,
                    said.loc[line, group],
                    ha="center",
                    va="center",
                    color=style.GREY,
                    fontsize=style.KEY,
                )
    axes.set_xlabel(name)
    axes.set_ylabel("")
    axes.set_xticks(
        [x + 0.5 for x in range(len(columns))],
        ["\n".join(wrap(column, 9)) for column in columns],
        rotation=0,
        fontsize=style.KEY,
    )
    axes.tick_params(axis="both", length=0)


# --- the figure in words ---
@said_from_table
def _alt(_: Table, drawn: Drawn) -> str:
    """Title, each measure with its numbers in the order of the table, and what is withheld."""
    parts = [f"{drawn.table.title}."]
    for name, cells in drawn.measures.items():
        parts.append(_measure_words(drawn, name, cells))
    used = [m for m in MARKS if any(c == m for cells in drawn.measures.values() for c in cells)]
    return " ".join([*parts, *(MARKS[mark] for mark in used)])


def _measure_words(drawn: Drawn, name: str, cells: list) -> str:
    named = [
        f"{line}, {group}" if group else line
        for line, group in zip(drawn.line, drawn.group, strict=True)
    ]
    numbers = [(label, cell) for label, cell in zip(named, cells, strict=True) if _is_number(cell)]
    absent = [f"{label} {cell}" for label, cell in zip(named, cells, strict=True) if cell in MARKS]
    if not numbers:
        return f"{name}: no number can be shown."
    if len(cells) <= ALT_CELLS:
        said = "; ".join(f"{label} {cell_text(cell)}" for label, cell in numbers)
        without = f" Without a number: {'; '.join(absent)}." if absent else ""
        return f"{name}: {said}.{without}"
    low, high = (f(numbers, key=lambda pair: pair[1]) for f in (min, max))
    without = f" {len(absent)} cells are without a number." if absent else ""
    return (
        f"{name}: from {cell_text(low[1])} ({low[0]}) to {cell_text(high[1])} ({high[0]}); all"
        f" {len(numbers)} numbers stand in the table.{without}"
    )
