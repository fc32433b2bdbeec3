"""The forest of places: one line each, all of them together, and where a new one would lie. From a
cleared table."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.display import style
from analysis.display.amounts import better_side, each_said
from analysis.display.figures import marks
from analysis.display.figures.columns import (
    NEW,
    PLACE,
    POOLED,
    IntervalColumns,
    Line,
    Scale,
    cells,
    lines_of,
)
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table

LETTERS, TELEPHONE = 62, 44  # characters of the words under the axis
PART = "part"  # column that says what a line is of
LINES = IntervalColumns()


@dataclass(frozen=True, eq=False)
class _Forest:
    """The lines of a forest: places, all of them together, and both ends of where a new one would
    lie (None: not known)."""

    places: tuple[Line, ...]
    pooled: Line
    new: Line | None
    left_off: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, columns: IntervalColumns) -> "_Forest":
        parts = [str(row[PART]) for row in cells(table, PART)]
        lines = list(zip(parts, lines_of(table, columns), strict=True))
        found = {part: [line for p, line in lines if p == part] for part in (PLACE, POOLED, NEW)}
        if len(found[POOLED]) != 1:
            raise ValueError(f"a forest has one line of all {PLACE}s together")
        new = found[NEW][0] if found[NEW] else None
        return cls(tuple(found[PLACE]), found[POOLED][0], new, table.notes)

    @property
    def predicted(self) -> tuple[float, float] | None:
        return None if self.new is None else (self.new.low, self.new.high)


@drawn_from_table
def forest_figure(
    table: Table,
    scale: Scale,
    *,
    title: str = "",
    narrow: bool = False,
    columns: IntervalColumns = LINES,
) -> Figure:
    """One line a place, in the order of the table; below them the pooled diamond and where a new
    place lies.

    The column "part" says of each line whether it is a place, all of them together or a new one.
    Withheld places are left off and counted in the table's note; those without an estimate stay,
    with the reason.
    """
    found, form = _Forest.of(table, columns), FOREST_NARROW if narrow else FOREST
    shown, pooled, predicted = found.places, found.pooled, found.predicted
    with style.house_style():
        key = [*found.left_off, *marks.key_lines([], scale.matters, scale.unit)]
        key = marks.wrapped(key, form.width)
        lines = len(shown) + pooled.drawn + bool(predicted) + 0.5
        top, bottom = marks.heading_height(title), marks.foot_height(key, scale.words, form.letters)
        figure = style.blank(top + form.step * lines + bottom, width=form.width)
        axes = marks.area(figure, left=form.left, right=form.right, top=top, bottom=bottom)
        marks.limits(axes, [*shown, pooled], scale.unit, scale.matters, also=predicted)
        axes.set_ylim(lines - 0.5, -0.5)
        marks.ground(axes, scale.unit, scale.matters, (-0.5, lines - 0.5))
        for i, line in enumerate(shown):
            _beside(axes, form, i, line)
        marks.intervals(axes, [(i + form.drop, line) for i, line in enumerate(shown)], size=6)
        if pooled.drawn:
            axes.axhline(
                len(shown) - 0.3, color=style.RULE, linewidth=0.8, xmin=form.rule, clip_on=False
            )
            marks.diamond(axes, len(shown) + 0.3 + form.drop, pooled, half=form.half)
            form.words(axes, len(shown) + 0.3, pooled.label, pooled.amount, bold=True)
        if predicted:
            y = len(shown) + pooled.drawn + 0.3
            at = [y + form.drop] * 2
            axes.plot(
                predicted, at, color=style.ORANGE, linewidth=6, solid_capstyle="butt", zorder=3
            )
            form.words(axes, y, found.new.label, found.new.amount)
        marks.foot(figure, axes, scale, key=key, width=form.letters)
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


def _beside(axes: Axes, form: ForestForm, y: float, line: Line) -> None:
    """The name of a line and its estimate, or the reason for none."""
    if line.drawn:
        return form.words(axes, y, line.label, line.amount)
    form.words(axes, y, line.label, grey=True)
    size, width = (style.KEY, 56) if form.drop else (8.7, 58)
    marks.reason_words(axes, y + 1.3 * form.drop, line.amount, size=size, width=width)


@said_from_table
def forest_figure_alt(
    table: Table, scale: Scale, *, one: str = "region", columns: IntervalColumns = LINES
) -> str:
    """The forest in words: every place, all together, and where a new place would lie. `one`: what
    a place is called."""
    found = _Forest.of(table, columns)
    said = each_said(f"{line.label}: {line.words}" for line in found.places)
    parts = [f"One line a {one}, sorted by name, with 95% confidence intervals, {scale.said}."]
    parts += [said] if said else []
    parts.append(f"{found.pooled.label}: {found.pooled.words}.")
    if found.new is not None:
        parts.append(f"{found.new.label} would most likely see {found.new.interval}.")
    parts += [f"{text}." for text in found.left_off]
    return " ".join(parts) + better_side(scale.better, scale.unit)
