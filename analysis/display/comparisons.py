"""Figure of two sides: were they alike before (love plot), from cleared rows.

The verdict stands as a word at the end of each line; colour only repeats it.
"""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.display import marks, style
from analysis.display.amounts import each_said
from analysis.judgement.wording.figures_in_words import number

# Lights of the balance table in words (Justice Data Lab thresholds: up to 5, up to 10, above, in
# percent of a standard deviation).
LIGHTS = {"green": "alike", "amber": "somewhat apart", "red": "apart"}
NEAR, FAR = 5.0, 10.0
_FAINT = {"color": style.RULE, "linewidth": 0.8, "zorder": 1}


def balance_figure(
    rows: Sequence[Mapping[str, object]],
    *,
    before: str = "before",
    after: str = "within office and period",
    title: str = "",
    among: str = "the matched",
) -> Figure:
    """Standardised differences of each characteristic, hollow before and solid within cells (or
    after matching).

    `rows` as designs.balance gives them: covariate, difference_before, difference_after (percent of
    a standard deviation; None where the treated do not vary) and light. `among`: whose level it is,
    against the others.
    """
    with style.house_style():
        figure, axes = _lines(len(rows), title, foot=0.85)
        reach = max([FAR, *(abs(v) for row in rows for v in _pair(row) if v is not None)]) * 1.08
        axes.set_xlim(-reach, reach)
        axes.axvspan(-NEAR, NEAR, color=style.BAND, linewidth=0, zorder=0)
        axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
        for limit in (-FAR, FAR):
            axes.axvline(limit, linestyle=(0, (3, 3)), **_FAINT)
        for i, row in enumerate(rows):
            first, second = _pair(row)
            if first is not None and second is not None:
                axes.plot([first, second], [i, i], color=style.GREY, linewidth=1, zorder=2)
            _dot(axes, first, i, filled=False)
            _dot(axes, second, i, filled=True)
            marks.edge_words(axes, i, _name(row), LIGHTS.get(str(row["light"]), "cannot be told"))
        axes.xaxis.set_major_formatter(lambda x, _: f"{abs(x):g}")
        ways = f"← lower among {among}      difference, % of a standard deviation      higher →"
        marks.small_print(figure, [ways, f"○ {before}   ● {after}   grey band: up to 5%, alike"])
    return figure


def balance_figure_alt(rows: Sequence[Mapping[str, object]]) -> str:
    """Each characteristic with its difference before and after, and the verdict, in words."""
    said = each_said(
        f"{_name(row)}: {_percent(row['difference_before'])} before,"
        f" {_percent(row['difference_after'])} after,"
        f" {LIGHTS.get(str(row['light']), 'cannot be told')}"
        for row in rows
    )
    return (
        "Differences between the two sides in percent of a standard deviation; up to 5 counts as"
        f" alike. {said}"
    )


def _name(row: Mapping[str, object]) -> str:
    return str(row["covariate"]).replace("_", " ")


def _pair(row: Mapping[str, object]) -> tuple[float | None, float | None]:
    """Both differences; a NaN from a frame counts as none."""
    return tuple(
        None if v is None or v != v else float(v)
        for v in (row["difference_before"], row["difference_after"])
    )


def _percent(value: object) -> str:
    return "not known" if value is None or value != value else f"{number(float(value), 1)}%"


def _lines(count: int, title: str, *, foot: float) -> tuple[Figure, Axes]:
    """A figure with one line a row, the first at the top."""
    top = marks.heading_height(title) + 0.05
    figure = style.blank(top + 0.3 * count + foot)
    axes = marks.area(figure, left=1.9, right=1.65, top=top, bottom=foot)
    axes.set_ylim(count - 0.5, -0.5)
    marks.heading(figure, title)
    return figure, axes


def _dot(axes: Axes, x: float | None, y: int, *, filled: bool) -> None:
    if x is not None:
        face = style.NAVY if filled else "white"
        axes.plot(
            [x],
            [y],
            marker="o",
            color=style.NAVY,
            markerfacecolor=face,
            markersize=7.5,
            markeredgewidth=1.8,
            zorder=3,
        )
