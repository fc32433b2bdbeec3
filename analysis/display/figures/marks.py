"""The marks that figures of estimates share: scale, band, intervals, words at the edge and at the
foot."""

import math
import textwrap
from collections.abc import Sequence
from statistics import median

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from analysis.display import style
from analysis.display.amounts import band, band_words, better_words, no_difference
from analysis.display.figures.columns import Line, Scale
from analysis.display.figures.points import Look, Points, draw_points

# An interval much wider than the others, and reaching beyond this many times the size that matters,
# is cut off with an arrow: it says "very wide", and drawn in full it would squeeze the others to
# dots. Ratios count on the log scale.
REACH = 4
MARGIN = 0.12  # inches at the left and right edge
STEP = 0.2  # inches a line of the foot
SMALLEST = 9.0  # points of a long name; then it is cut
CLEARANCE = 10  # pixels between two texts on one line
PAPER = {
    "facecolor": "white",
    "alpha": 0.8,
    "linewidth": 0,
    "pad": 0.8,
}  # behind words that stand on the band
RATIO_TICKS = (0.1, 0.2, 0.5, 0.8, 1, 1.25, 2, 3, 5, 10)


def area(figure: Figure, *, left: float, right: float, top: float, bottom: float) -> Axes:
    """The drawing area, margins in inches, with nothing but a line below it."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes(
        (left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height)
    )
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.tick_params(axis="x", length=3, pad=3)
    return axes


def limits(
    axes: Axes,
    lines: Sequence[Line],
    unit: str,
    matters: float | None,
    also: tuple[float, float] | None = None,
) -> None:
    """Limits that hold no difference, the size that matters, every estimate and, within reach,
    every interval."""
    drawn = [line for line in lines if line.drawn]
    values = [no_difference(unit), *(line.value for line in drawn), *(also or ())]
    ends = [end for line in drawn for end in (line.low, line.high)]
    if matters:
        values += band(matters, unit)
        least, most = _reach(ends, unit, matters)
        ends = [min(max(end, least), most) for end in ends]
    low, high = min(values + ends), max(values + ends)
    if unit == "times":
        return _ratio_scale(axes, max(low, 1e-3), high)
    pad = 0.05 * (high - low) or 1.0
    axes.set_xlim(low - pad, high + pad)
    ticks = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(*axes.get_xlim())
    axes.set_xticks([tick for tick in ticks if low - pad <= tick <= high + pad])
    axes.xaxis.set_major_formatter(lambda x, _: f"{abs(x):g}" if abs(x) > 1e-9 else "0")


def _reach(ends: Sequence[float], unit: str, matters: float) -> tuple[float, float]:
    """How far intervals are drawn either way: some sizes that matter, and twice a usual end of
    those in the figure."""
    if unit == "times":
        usual = median([abs(math.log(max(end, 1e-3))) for end in ends] or [0.0])
        far = math.exp(max(REACH * math.log(matters), 2 * usual))
        return 1 / far, far
    far = max(REACH * matters, 2 * median([abs(end) for end in ends] or [0.0]))
    return -far, far


def _ratio_scale(axes: Axes, low: float, high: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(low / 1.08, high * 1.08)
    ticks = [tick for tick in RATIO_TICKS if low / 1.08 <= tick <= high * 1.08]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)


def ground(axes: Axes, unit: str, matters: float | None, span: tuple[float, float]) -> None:
    """From top to bottom of `span`: the line of no difference, and the band that the plan calls too
    small to matter."""
    top, bottom = span
    if matters:
        low, high = band(matters, unit)
        axes.fill(
            [low, high, high, low],
            [top, top, bottom, bottom],
            color=style.BAND,
            linewidth=0,
            zorder=0,
        )
    nought = [no_difference(unit)] * 2
    axes.plot(nought, [top, bottom], color=style.INK, linewidth=1, zorder=1, solid_capstyle="butt")


def intervals(axes: Axes, places: Sequence[tuple[float, Line]], *, size: float = 8) -> None:
    """Every drawn line of a figure at its height: its interval with its estimate; an end beyond the
    drawing area becomes an arrow.

    Solid circle: an estimate; hollow and grey: not reliable; hollow square: drawn towards the
    others.
    """
    drawn = [(y, line) for y, line in places if line.drawn]
    left, right = axes.get_xlim()
    draw_points(
        axes,
        Points(
            y=[y for y, _ in drawn],
            value=[line.value for _, line in drawn],
            low=[max(line.low, left) for _, line in drawn],
            high=[min(line.high, right) for _, line in drawn],
            look=[_look(line) for _, line in drawn],
        ),
        size=size,
    )
    for y, line in drawn:
        _end(axes, y, line, line.low, (line.low < left, "<", 0.015))
        _end(axes, y, line, line.high, (line.high > right, ">", 0.985))


def _look(line: Line) -> Look:
    if line.shrunken:
        return Look(style.ORANGE, "s", solid=False)
    return Look(style.GREY, "o", solid=False) if line.unreliable else Look(style.NAVY, "o")


def _end(axes: Axes, y: float, line: Line, end: float, cut: tuple[bool, str, float]) -> None:
    """A tick at the end of an interval, or an arrow where it lies beyond the drawing area."""
    is_cut, arrow, edge = cut
    look = {"color": _look(line).colour, "markersize": 8, "zorder": 3}
    if is_cut:
        axes.plot([edge], [y], marker=arrow, transform=axes.get_yaxis_transform(), **look)
    else:
        axes.plot([end], [y], marker="|", markeredgewidth=2, **look)


def edge_words(
    axes: Axes, y: float, left: str, right: str = "", *, bold: bool = False, grey: bool = False
) -> None:
    """A name at the left of the drawing area and a word or number at its right."""
    words = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": style.SMALL}
    words |= {
        "fontweight": "bold" if bold else "normal",
        "color": style.GREY if grey else style.INK,
    }
    keep_inside(axes.text(-0.03, y, left, ha="right", **words))
    keep_inside(axes.text(1.03, y, right, ha="left", **words))


def reason_words(
    axes: Axes, y: float, why: str, *, size: float = style.SMALL, width: int = 70
) -> None:
    """Why there is no estimate, where it would have stood."""
    words = {
        "transform": axes.get_yaxis_transform(),
        "va": "center",
        "fontsize": size,
        "color": style.GREY,
    }
    text = "\n".join(textwrap.wrap(why, width))
    axes.text(
        0.01, y, text, ha="left", style="italic", bbox=PAPER, zorder=5, linespacing=1.0, **words
    )


def keep_apart(left: Text, right: Text) -> None:
    """Make the left of two texts on one line smaller, and then shorter, until it ends before the
    right one begins."""
    while right.get_window_extent().x0 - left.get_window_extent().x1 < CLEARANCE:
        if left.get_fontsize() > SMALLEST:
            left.set_fontsize(left.get_fontsize() - 0.5)
        elif " " in left.get_text():
            left.set_text(left.get_text().rstrip("…").rsplit(" ", 1)[0] + "…")
        else:
            return


def keep_inside(text: Text) -> None:
    """Make a text smaller until it lies inside its figure."""
    while text.get_fontsize() > SMALLEST - 2:
        at, edge = text.get_window_extent(), text.figure.bbox
        if at.x0 >= edge.x0 + 1 and at.x1 <= edge.x1 - 1:
            return
        text.set_fontsize(text.get_fontsize() - 0.5)


def above_words(
    axes: Axes, y: float, left: str, right: str = "", *, bold: bool = False, grey: bool = False
) -> None:
    """A name and a word or number over the drawing area, for a telephone."""
    words = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": style.SMALL}
    words |= {
        "fontweight": "bold" if bold else "normal",
        "color": style.GREY if grey else style.INK,
    }
    axes.text(0, y, left, ha="left", **words)
    axes.text(1, y, right, ha="right", **words)


def diamond(axes: Axes, y: float, line: Line, *, half: float = 0.34) -> None:
    """The pooled estimate: as wide as its interval, its waist at the estimate."""
    xs = (line.low, line.value, line.high, line.value)
    axes.fill(xs, (y, y - half, y, y + half), color=style.NAVY, zorder=4)


def key_lines(marks: Sequence[str], matters: float | None, unit: str) -> list[str]:
    """What the marks are, in lines for the foot of the figure."""
    lines = ["   ".join([*marks, "— 95% confidence interval"])] if marks else []
    if matters:
        what = "the band of the plan" if unit == "times" else "smaller than the plan says matters"
        lines.append(f"grey band: {what} ({band_words(matters, unit)!s})")
    return lines


def wrapped(lines: Sequence[str], width: float) -> list[str]:
    """Lines of a key that stand in `width` inches; the marks of one line stay whole."""
    room, found = style.letters(width - 2 * MARGIN, style.KEY), []
    for line in lines:
        kept = ""
        for part in line.split("   "):
            joined = f"{kept}   {part}" if kept else part
            if kept and len(joined) > room:
                found.append(kept)
                joined = part
            kept = joined
        found += textwrap.wrap(kept, room) if len(kept) > room else [kept]
    return found


def foot_height(key: Sequence[str], axis: str, width: int) -> float:
    """Inches that the foot needs; `axis` is wrapped at `width` characters."""
    return 0.6 + STEP * (len(key) + max(1, len(textwrap.wrap(axis, width))))


def foot(figure: Figure, axes: Axes, scale: Scale, *, key: Sequence[str], width: int) -> None:
    """Under the axis: which way is which, then of what, then the key."""
    height, box = figure.get_size_inches()[1], axes.get_position()
    left, right = better_words(scale.unit, scale.better)
    y, centre = box.y0 - 0.36 / height, 0.5 if box.width > 0.9 else box.x0 + box.width / 2
    figure.text(box.x0, y, f"← {left}", ha="left", va="center", fontsize=style.SMALL)
    figure.text(box.x1, y, f"{right} →", ha="right", va="center", fontsize=style.SMALL)
    words = "\n".join(textwrap.wrap(scale.words, width))
    place = {"ha": "center", "va": "top", "fontsize": style.SMALL, "linespacing": 1.15}
    _into(figure, figure.text(centre, y - 0.11 / height, words, **place))
    small_print(figure, key)


def _into(figure: Figure, text: Text) -> None:
    """Move a text that runs over the right edge back into the figure."""
    over = text.get_window_extent().x1 - figure.bbox.x1 + CLEARANCE
    if over > 0:
        text.set_x(text.get_position()[0] - over / figure.bbox.width)


def small_print(figure: Figure, lines: Sequence[str]) -> None:
    """Grey lines at the very bottom, the last one lowest."""
    height = figure.get_size_inches()[1]
    for i, line in enumerate(reversed(lines)):
        place = {"ha": "center", "va": "center", "fontsize": style.KEY, "color": style.GREY}
        figure.text(0.5, (0.12 + STEP * i) / height, line, **place)


def heading(figure: Figure, title: str) -> None:
    """The title, a sentence, over the whole width."""
    if title:
        width, height = figure.get_size_inches()
        place = {"ha": "left", "va": "center", "fontweight": "bold"}
        keep_inside(figure.text(MARGIN / width, 1 - 0.18 / height, title, **place))


def heading_height(title: str) -> float:
    return 0.34 if title else 0.04
