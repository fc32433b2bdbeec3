"""The forest of places: one line each, all of them together, and where a new one would lie. From
cleared rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.display import marks, style
from analysis.display.amounts import (
    Row,
    better_side,
    each_said,
    interval,
    is_drawn,
    is_withheld,
    row_amount,
    row_words,
)

TOGETHER = "All together"
LETTERS, TELEPHONE = 62, 44  # characters of the words under the axis


def forest(
    region_rows: Sequence[Row],
    labels: Sequence[str],
    pooled_row: Row,
    *,
    matters: float | None,
    better: str | None,
    unit: str,
    axis: str = "",
    one: str = "region",
    many: str = "regions",
    title: str = "",
    narrow: bool = False,
) -> Figure:
    """One line a place, sorted by name and not by rank; below them the pooled diamond and where a
    new place lies.

    Withheld places are left off and counted; those without an estimate stay, with the reason.
    """
    shown, withheld = _by_name(region_rows, labels)
    predicted, pooled = _prediction(pooled_row), is_drawn(pooled_row)
    form = FOREST_NARROW if narrow else FOREST
    with style.house_style():
        key = marks.wrapped(
            [*_left_off(withheld, one, many), *marks.key_lines([], matters, unit)], form.width
        )
        lines = len(shown) + pooled + bool(predicted) + 0.5
        top, bottom = marks.heading_height(title), marks.foot_height(key, axis, form.letters)
        figure = style.blank(top + form.step * lines + bottom, width=form.width)
        axes = marks.area(figure, left=form.left, right=form.right, top=top, bottom=bottom)
        marks.scale(axes, [row for _, row in shown] + [pooled_row], unit, matters, also=predicted)
        axes.set_ylim(lines - 0.5, -0.5)
        marks.ground(axes, unit, matters, (-0.5, lines - 0.5))
        for i, (name, row) in enumerate(shown):
            _beside(axes, form, i, name, row)
        if pooled:
            axes.axhline(
                len(shown) - 0.3, color=style.RULE, linewidth=0.8, xmin=form.rule, clip_on=False
            )
            marks.diamond(axes, len(shown) + 0.3 + form.drop, pooled_row, half=form.half)
            form.words(axes, len(shown) + 0.3, TOGETHER, row_amount(pooled_row), bold=True)
        if predicted:
            y = len(shown) + pooled + 0.3
            at = [y + form.drop] * 2
            axes.plot(
                predicted, at, color=style.ORANGE, linewidth=6, solid_capstyle="butt", zorder=3
            )
            form.words(axes, y, f"A new {one}", "most likely")
        marks.foot(figure, axes, unit=unit, better=better, axis=axis, key=key, width=form.letters)
        marks.heading(figure, title)
    return figure


@dataclass(frozen=True)
class ForestForm:
    """Sizes of a forest in inches; `drop`: how far below its words a mark stands, in rows (names
    beside it: 0)."""

    width: float
    left: float
    right: float
    step: float
    drop: float
    half: float  # height of the diamond, in rows
    rule: float
    letters: int

    def words(self, axes: Axes, y: float, left: str, right: str = "", **look: bool) -> None:
        if self.drop:
            return marks.above_words(axes, y - self.drop, left, right, **look)
        marks.edge_words(axes, y, left, right, **look)


FOREST = ForestForm(style.WIDTH, 2.15, 1.05, 0.24, drop=0.0, half=0.34, rule=-0.76, letters=LETTERS)
FOREST_NARROW = ForestForm(
    style.TELEPHONE,
    marks.MARGIN,
    marks.MARGIN,
    0.42,
    drop=0.22,
    half=0.2,
    rule=0.0,
    letters=TELEPHONE,
)


def _beside(axes: Axes, form: ForestForm, y: float, name: str, row: Row) -> None:
    """A line with its name and its estimate, or the reason for none."""
    if is_drawn(row):
        marks.interval_line(axes, y + form.drop, row, size=6)
        form.words(axes, y, name, row_amount(row))
    else:
        form.words(axes, y, name, grey=True)
        size, width = (style.KEY, 56) if form.drop else (8.7, 58)
        marks.reason_words(axes, y + 1.3 * form.drop, row, size=size, width=width)


def forest_alt(
    region_rows: Sequence[Row],
    labels: Sequence[str],
    pooled_row: Row,
    *,
    matters: float | None = None,
    better: str | None,
    unit: str,
    axis: str = "",
    one: str = "region",
    many: str = "regions",
) -> str:
    """The forest in words: every place, all together, and where a new place would lie."""
    shown, withheld = _by_name(region_rows, labels)
    said = each_said(f"{name}: {row_words(row)}" for name, row in shown)
    parts = [
        f"One line a {one}, sorted by name, with 95% confidence intervals,"
        f" {axis or unit.replace('_', ' ')}."
    ]
    parts += [said] if said else []
    parts.append(f"{TOGETHER}: {row_words(pooled_row)}.")
    if predicted := _prediction(pooled_row):
        parts.append(
            f"A new {one} would most likely see {interval(*predicted, unit, matters=matters)}."
        )
    parts += [f"{text}." for text in _left_off(withheld, one, many)]
    return " ".join(parts) + better_side(better, unit)


def _by_name(rows: Sequence[Row], labels: Sequence[str]) -> tuple[list[tuple[str, Row]], int]:
    """Places that may be drawn, by name, and how many are withheld."""
    pairs = sorted(zip(labels, rows, strict=True), key=lambda pair: pair[0])
    shown = [(name, row) for name, row in pairs if not is_withheld(row)]
    return shown, len(pairs) - len(shown)


def _left_off(withheld: int, one: str, many: str) -> list[str]:
    return (
        [f"{withheld} {one if withheld == 1 else many} left off to protect people"]
        if withheld
        else []
    )


def _prediction(pooled: Row) -> tuple[float, float] | None:
    low, high = pooled.pi_low, pooled.pi_high
    return None if low is None or high is None else (low, high)
