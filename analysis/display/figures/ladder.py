"""The ladder of outcome levels: six rungs on one axis, each as a multiple of the size that matters.

Rungs stand in the order of the argument, bottom up, and are never joined by a line: that one
follows from another is what the reader is asked to judge. Drawn from a cleared table; nothing is
worked out here. Two layouts: three columns (screen and paper), and words above
marks for a telephone (360 px and more).
"""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.display import style
from analysis.display.amounts import each_said
from analysis.display.figures.columns import UNRELIABLE, Columns, cells, number
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table
from analysis.vocabulary.levels import LEVEL_KEYS
from analysis.vocabulary.levels import level as level_of

WIDE = 7.2  # inches: a page, or the column of a screen
NARROW = 3.75  # inches: 360 px at 96 px an inch, where a point is a point
COLUMNS_FROM = 6.0  # inches: below, words stand above their marks
# multiples of the size that matters at which the axis ends at the latest; longer intervals end in
# an arrow
REACH = 4.0
TEXT, SMALLEST = 10.6, 9.0  # points: 11 px on a page of 1280 px and on a telephone
LETTER = 0.54  # of the type size: mean width of a letter of DejaVu Sans
BOLD = 0.88  # letters of bold type to a line, of those of plain type
LINE = 1.32  # of the type size: from one line to the next


PRIMARY, EXPLORATORY = "primary", "exploratory"  # roles of an outcome
ESTIMATE, FACT, NOTHING = "estimate", "fact", "none"  # marks of a line, besides "not reliable"
NO_OUTCOME = "none"  # stands where a level has no outcome


@dataclass(frozen=True)
class LadderColumns(Columns):
    """Of the table of a ladder: level (its key), outcome, what was found in words, the multiple of
    the size that matters in words and in numbers, the class in words, role and mark."""

    level: str = "level"
    what: str = "Outcome"
    found: str = "What was found"
    multiple: str = "Times the size that matters"
    finding: str = "In words"
    value: str = "multiple"
    low: str = "low"
    high: str = "high"
    role: str = "role"
    mark: str = "mark"


@dataclass(frozen=True)
class RungLine:
    """One line of the ladder as its table prints it."""

    level: str
    what: str
    found: str
    multiple: str
    finding: str
    primary: bool
    mark: str
    ends: tuple[float, float, float] | None  # estimate and both ends, + is better

    @property
    def is_drawn(self) -> bool:
        return self.ends is not None

    @property
    def names(self) -> tuple[str, str]:
        return names_of(self.level)

    @property
    def solid(self) -> bool:
        return self.primary and self.mark != UNRELIABLE

    @property
    def is_faint(self) -> bool:
        """Neither an estimate nor a fact: the reason recedes."""
        return not self.is_drawn and self.mark != FACT


def names_of(level: str) -> tuple[str, str]:
    """Names of a level in Kirkpatrick's and in Kaufman's numbering, without what stands in
    brackets."""
    known = level_of(level)
    return known.kirkpatrick, known.kaufman.split(" (")[0]


def rung_lines(table: Table, columns: LadderColumns) -> list[RungLine]:
    """The lines from the top. ValueError where one of the six levels has none."""
    named, judged = columns, columns.finding in table.to_frame().columns
    texts = (named.level, named.what, named.found, named.multiple)
    numbers = (named.value, named.low, named.high)
    wanted = (*texts, *numbers, named.role, named.mark, *([named.finding] if judged else []))
    lines = []
    for row in cells(table, *wanted):
        ends = tuple(number(row[name]) for name in numbers)
        level, what, found, multiple = (str(row[name]) for name in texts)
        finding = str(row[named.finding]) if judged else ""
        lines.append(
            RungLine(
                level,
                "" if what == NO_OUTCOME else what,
                found,
                multiple,
                "" if finding == "[z]" else finding,
                row[named.role] == PRIMARY,
                str(row[named.mark]),
                None if None in ends else ends,
            )
        )
    missing = set(LEVEL_KEYS) - {line.level for line in lines}
    if missing:
        raise ValueError(f"a ladder has six rungs; missing: {', '.join(sorted(missing))}")
    return lines


@drawn_from_table
def ladder_figure(
    table: Table,
    *,
    width: float = WIDE,
    title: str = "",
    columns: LadderColumns = LadderColumns(),
) -> Figure:
    """The ladder, `width` inches wide: three columns from 6 inches on, else words above marks."""
    lines = rung_lines(table, columns)  # drawn from the top
    page = _Page.of(lines, width, title)
    with style.house_style():
        figure = style.blank(page.height, width=width)
        axes = figure.add_axes(page.box)
        _prepare(axes, page, lines)
        for rung, top, height, opens in page.placed:
            _draw(axes, page, rung, top, height, opens=opens)
        _foot(figure, axes, page, lines)
        _title(figure, page, title)
    return figure


@said_from_table
def ladder_figure_alt(
    table: Table,
    *,
    columns: LadderColumns = LadderColumns(),
) -> str:
    """The ladder in words, bottom up: level, outcome, what was found, and as a multiple of the size
    that matters."""
    said = each_said(
        text
        for rung in rung_lines(table, columns)[::-1]
        for text in (
            f"{_level_words(rung)}: {_joined(rung.what, rung.found)}",
            _joined(_multiple_words(rung), rung.finding),
        )
        if text
    )
    return (
        "Ladder of outcome levels from the lowest up, on one axis of multiples of the size that"
        f" matters. {said}"
    )


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _level_words(rung: RungLine) -> str:
    return " / ".join(name for name in rung.names if name != "–")


def _multiple_words(rung: RungLine) -> str:
    """ "+1.6 times the size that matters (+1.1 to +2.1, + is better)"."""
    if not rung.is_drawn:
        return ""
    value, _, limits = rung.multiple.partition(" (")
    return f"{value} times the size that matters ({limits.rstrip(')')}, + is better)"


# -- where everything stands -----------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class _Page:
    """Sizes in inches. placed: each line with its top, its height and whether it opens a rung."""

    width: float
    height: float
    columns: bool
    size: float  # points
    box: tuple[float, float, float, float]
    inside: float  # height of the drawing area
    letters: int  # of a line of words
    placed: tuple[tuple[RungLine, float, float, bool], ...]
    reach: tuple[float, float]

    @classmethod
    def of(cls, lines: Sequence[RungLine], width: float, title: str) -> "_Page":
        columns = width >= COLUMNS_FROM
        size = TEXT if columns else SMALLEST * width / NARROW
        line = size * LINE / 72
        left, right = (0.245 * width, 0.385 * width) if columns else (0.10 * width / NARROW,) * 2
        room = right - 0.26 if columns else width - left - right
        letters = int(room * 72 / (size * LETTER))
        placed, y = [], 0.0
        for i, rung in enumerate(lines):
            opens = i == 0 or lines[i - 1].level != rung.level
            height = _height(rung, letters, line, columns=columns, opens=opens)
            placed.append((rung, y, height, opens))
            y += height
        key = len(_key(lines))
        head, foot = (1.9 * line if title else 0.04) + 1.2 * line, (2.6 + 1.15 * key) * line + 0.16
        height = head + y + foot
        box = (left / width, foot / height, 1 - (left + right) / width, y / height)
        return cls(width, height, columns, size, box, y, letters, tuple(placed), _reach(lines))

    @property
    def line(self) -> float:
        return self.size * LINE / 72


def _words_of(rung: RungLine, letters: int) -> list[str]:
    """Lines of words beside or above a mark: the outcome, what was found, the finding last."""
    found = rung.found
    if rung.is_drawn:
        value, _, limits = found.partition(" (")
        both = [found] if len(found) <= letters else [value, f"({limits}"]
        return [
            *textwrap.wrap(rung.what, letters),
            *(line for part in both for line in textwrap.wrap(part, letters)),
        ]
    return textwrap.wrap(": ".join(part for part in (rung.what, found) if part), letters)


def _finding_lines(rung: RungLine, letters: int) -> list[str]:
    """The finding in bold type, which is wider."""
    return textwrap.wrap(rung.finding, int(BOLD * letters))


def _height(rung: RungLine, letters: int, line: float, *, columns: bool, opens: bool) -> float:
    words = len(_words_of(rung, letters)) + len(_finding_lines(rung, letters))
    if columns:
        return max(words + 0.9, 2.9 if opens else 0) * line
    return (opens + words + (1.35 if rung.is_drawn else 0) + 0.75) * line


def _reach(lines: Sequence[RungLine]) -> tuple[float, float]:
    """Ends of the axis: both sizes that matter, every estimate, and every interval as far as
    REACH."""
    found = [rung.ends for rung in lines if rung.is_drawn]
    most = max([REACH, *(abs(value) + 0.5 for value, _, _ in found)])
    ends = [min(max(end, -most), most) for row in found for end in row]
    return min([-2.0, *(end - 0.25 for end in ends)]), max([2.0, *(end + 0.25 for end in ends)])


# -- drawing ---------------------------------------------------------------------------------------
def _prepare(axes: Axes, page: _Page, lines: Sequence[RungLine]) -> None:
    axes.set_xlim(*page.reach)
    axes.set_ylim(page.inside, 0)
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.patch.set_visible(False)
    low, high = math.ceil(page.reach[0]), math.floor(page.reach[1])
    step = 1 if high - low <= 9 else 2
    ticks = [t for t in range(low, high + 1) if t % step == 0 or abs(t) == 1]
    axes.set_xticks(
        ticks, [f"{t:+d}".replace("-", "−") if t else "0" for t in ticks], fontsize=page.size
    )
    axes.tick_params(axis="x", length=3, pad=2)
    if page.columns:
        _ground(axes, 0, page.inside)


def _ground(axes: Axes, top: float, bottom: float) -> None:
    """The band that the plan calls too small to matter, and the line of no difference."""
    axes.fill([-1, 1, 1, -1], [top, top, bottom, bottom], color=style.BAND, linewidth=0, zorder=0)
    axes.plot(
        [0, 0], [top, bottom], color=style.INK, linewidth=0.9, zorder=1, solid_capstyle="butt"
    )


def _draw(
    axes: Axes, page: _Page, rung: RungLine, top: float, height: float, *, opens: bool
) -> None:
    if opens:
        _rule(axes, page, top)
    if page.columns:
        _in_columns(axes, page, rung, top, height, opens=opens)
    else:
        _stacked(axes, page, rung, top, height, opens=opens)


def _rule(axes: Axes, page: _Page, y: float) -> None:
    """A hairline over the whole width, above a rung."""
    x0, _, share, _ = page.box
    ends = ((0.015 - x0) / share, (0.985 - x0) / share)
    axes.plot(
        ends,
        [y, y],
        color=style.RULE,
        linewidth=0.7,
        transform=axes.get_yaxis_transform(),
        clip_on=False,
        zorder=1,
    )


def _in_columns(
    axes: Axes, page: _Page, rung: RungLine, top: float, height: float, *, opens: bool
) -> None:
    middle = top + height / 2
    if opens:
        names = [name for name in rung.names if name != "–"]
        at = (0.015 - page.box[0]) / page.box[2]
        for i, name in enumerate(names):
            _write(
                axes,
                page,
                at,
                middle + (i - (len(names) - 1) / 2) * page.line,
                _capital(name),
                bold=i == 0,
            )
    words, finding = _words_of(rung, page.letters), _finding_lines(rung, page.letters)
    first = middle - (len(words) + len(finding) - 1) / 2 * page.line
    for i, text in enumerate([*words, *finding]):
        _write(
            axes,
            page,
            1.05,
            first + i * page.line,
            text,
            bold=i >= len(words),
            grey=rung.is_faint,
        )
    if rung.is_drawn:
        _mark(axes, middle, rung, page)


def _stacked(
    axes: Axes, page: _Page, rung: RungLine, top: float, height: float, *, opens: bool
) -> None:
    y = top + 0.85 * page.line
    if opens:
        own, other = rung.names
        first = _write(
            axes, page, 0, y, _capital(own) if own != "–" else _capital(other), bold=True
        )
        if own != "–":
            _beside(axes, page, first, y, f"/ {other}")
        y += page.line
    for text in _words_of(rung, page.letters):
        _write(axes, page, 0, y, text, grey=rung.is_faint)
        y += page.line
    if rung.is_drawn:
        y += 0.15 * page.line
        _ground(axes, y - 0.55 * page.line, y + 0.55 * page.line)
        _mark(axes, y, rung, page)
        y += 1.2 * page.line
    for text in _finding_lines(rung, page.letters):
        _write(axes, page, 0, y, text, bold=True)
        y += page.line


def _mark(axes: Axes, y: float, rung: RungLine, page: _Page) -> None:
    """One interval with its estimate: solid where primary, hollow where exploratory; an end beyond
    the axis is an arrow."""
    value, low, high = rung.ends
    left, right = page.reach
    scale = page.size / TEXT
    axes.plot(
        [max(low, left), min(high, right)],
        [y, y],
        color=style.NAVY,
        linewidth=2.4 * scale,
        solid_capstyle="butt",
        zorder=3,
    )
    inset = 0.012 * (right - left)
    for end, cut, arrow, edge in (
        (low, low < left, "<", left + inset),
        (high, high > right, ">", right - inset),
    ):
        shape = (
            {"marker": arrow, "markersize": 8 * scale}
            if cut
            else {"marker": "|", "markersize": 8 * scale, "markeredgewidth": 2 * scale}
        )
        axes.plot([edge if cut else end], [y], color=style.NAVY, clip_on=False, zorder=3, **shape)
    face = style.NAVY if rung.solid else "white"
    axes.plot(
        [value],
        [y],
        marker="o",
        color=style.NAVY,
        markerfacecolor=face,
        markersize=9 * scale,
        markeredgewidth=2 * scale,
        zorder=4,
    )


def _write(
    axes: Axes,
    page: _Page,
    x: float,
    y: float,
    text: str,
    *,
    bold: bool = False,
    grey: bool = False,
):
    place = {
        "transform": axes.get_yaxis_transform(),
        "va": "center",
        "ha": "left",
        "fontsize": page.size,
    }
    return axes.text(
        x,
        y,
        text,
        color=style.GREY if grey else style.INK,
        fontweight="bold" if bold else "normal",
        **place,
    )


def _beside(axes: Axes, page: _Page, first, y: float, text: str) -> None:
    """Text that begins where another one ends."""
    end = first.get_window_extent().x1 + 0.5 * page.size
    _write(axes, page, axes.get_yaxis_transform().inverted().transform((end, 0))[0], y, text)


def _key(lines: Sequence[RungLine]) -> list[str]:
    """What the marks are, for the foot."""
    drawn = [rung for rung in lines if rung.is_drawn]
    kinds = [(True, "● primary"), (False, "○ exploratory")]
    found = [words for primary, words in kinds if any(rung.primary is primary for rung in drawn)]
    if not drawn:
        return []
    return [
        "   ".join([*found, "— 95% confidence interval"]),
        "grey band: smaller than the size that matters",
    ]


def _foot(figure: Figure, axes: Axes, page: _Page, lines: Sequence[RungLine]) -> None:
    """Above the axis: which names stand where. Under it: which way is better, what 1 is, then the
    key."""
    down, place = 1 / page.height, {"va": "center", "fontsize": page.size, "color": style.INK}
    x0, y0, share, _ = page.box
    head = y0 + (page.inside + 0.6 * page.line) * down
    edge = 0.015 if page.columns else x0
    figure.text(edge, head, "Kirkpatrick / Kaufman", ha="left", **(place | {"color": style.GREY}))
    y = y0 - 1.55 * page.line * down
    figure.text(x0, y, "← worse", ha="left", **place)
    figure.text(x0 + share, y, "better →", ha="right", **place)
    centre = x0 + share / 2
    said = "1 = the size that matters"
    if page.columns:
        figure.text(centre, y - page.line * down, said, ha="center", **place)
    else:
        figure.text(centre, y, said, ha="center", **place)
    for i, text in enumerate(reversed(_key(lines))):
        at = (0.09 + page.line * (0.35 + 1.1 * i)) * down
        figure.text(
            0.5,
            at,
            text,
            ha="center",
            **(place | {"color": style.GREY}),
        )


def _title(figure: Figure, page: _Page, title: str) -> None:
    """The title, a sentence, from the edge where the names of the levels begin."""
    edge = 0.015 if page.columns else page.box[0]
    place = {"ha": "left", "va": "center", "fontweight": "bold", "fontsize": 1.2 * page.size}
    figure.text(edge, 1 - page.line / page.height, title, **place)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
