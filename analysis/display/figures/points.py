"""Points, intervals and lines between them, drawn from the numbers of a table.

seaborn draws the points (`scatterplot`) and stacked bars (`objects`); an interval is a line from
one end to the other. The axes keep their scale, limits and ticks: those belong to the figure.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import seaborn as sns
import seaborn.objects as so
from matplotlib.axes import Axes

from analysis.display import style

SHAPES = {shape: shape for shape in "osD"}  # a mark's shape is given, not chosen by seaborn


@dataclass(frozen=True)
class Look:
    """How one mark looks; a hollow one is white inside unless it has a `fill`."""

    colour: str
    shape: str = "o"
    solid: bool = True
    fill: str = "white"

    @property
    def face(self) -> str:
        return self.colour if self.solid else self.fill


@dataclass(frozen=True, eq=False)
class Points:
    """Estimates at their heights (upright: at their places), with both ends of each interval."""

    y: Sequence[float]
    value: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    look: Sequence[Look]


def draw_points(
    axes: Axes, points: Points, *, size: float = 8, edge: float = 2, upright: bool = False
) -> None:
    """Each estimate with its interval."""
    if not points.y:
        return
    along = axes.vlines if upright else axes.hlines
    colours = [look.colour for look in points.look]
    along(points.y, points.low, points.high, colors=colours, linewidth=2.4, zorder=3)
    places = (points.y, points.value) if upright else (points.value, points.y)
    draw_dots(axes, *places, points.look, size=size, edge=edge, zorder=4)


def draw_dots(
    axes: Axes,
    x: Sequence[float],
    y: Sequence[float],
    looks: Sequence[Look],
    *,
    size: float,
    edge: float,
    zorder: float,
) -> None:
    """A mark at each place; `size` and `edge` (points) are its width and that of its outline."""
    shapes = [look.shape for look in looks]
    names = axes.get_xlabel(), axes.get_ylabel()
    axes.set(xlabel="x", ylabel="y")  # seaborn makes all ticks to see whether to name an axis
    sns.scatterplot(
        x=[float(value) for value in x],
        y=[float(value) for value in y],
        style=shapes,
        markers={shape: SHAPES[shape] for shape in shapes},
        s=size**2,
        facecolors=[look.face for look in looks],
        edgecolors=[look.colour for look in looks],
        linewidth=edge,
        legend=False,
        zorder=zorder,
        ax=axes,
    )
    axes.set(xlabel=names[0], ylabel=names[1])


def draw_dumbbells(
    axes: Axes,
    pairs: Sequence[tuple[float | None, float | None]],
    *,
    size: float = 7.5,
) -> None:
    """Two numbers a line, the first hollow and the second solid, joined. A number that is not known
    has no mark."""
    for i, (first, second) in enumerate(pairs):
        if first is not None and second is not None:
            axes.hlines(i, first, second, colors=style.GREY, linewidth=1, zorder=2)
    both = (Look(style.NAVY, solid=False), Look(style.NAVY))
    marks = [
        (value, float(i), look)
        for i, pair in enumerate(pairs)
        for value, look in zip(pair, both, strict=True)
        if value is not None
    ]
    if marks:
        draw_dots(axes, *zip(*marks, strict=True), size=size, edge=1.8, zorder=3)


def draw(axes: Axes, plot: so.Plot) -> None:
    """Add the marks of `plot` (stacked bars) to axes that keep scale, limits, ticks and names."""
    log = {name: "log" for name in "xy" if getattr(axes, f"get_{name}scale")() == "log"}
    with _kept(axes), warnings.catch_warnings():
        # seaborn 0.13.2 asks pandas 3 to copy; pandas copies on write anyway.
        warnings.filterwarnings("ignore", "The copy keyword is deprecated", DeprecationWarning)
        plot.scale(color=None, edgecolor=None, marker=SHAPES, **log).theme(style.theme()).on(
            axes
        ).plot()


@contextmanager
def _kept(axes: Axes) -> Iterator[None]:
    """Scale, limits, ticks and names of both axes as they were: seaborn sets scales of its own."""
    both = (axes.xaxis, axes.yaxis)
    scales = (axes.get_xscale(), axes.get_yscale())
    names, limits = (axes.get_xlabel(), axes.get_ylabel()), (axes.get_xlim(), axes.get_ylim())
    kept = [
        (
            axis.get_major_locator(),
            axis.get_major_formatter(),
            axis.get_minor_locator(),
            axis.get_minor_formatter(),
        )
        for axis in both
    ]
    yield
    axes.set(xscale=scales[0], yscale=scales[1])
    axes.set(xlim=limits[0], ylim=limits[1], xlabel=names[0], ylabel=names[1])
    for axis, (major, words, minor, small) in zip(both, kept, strict=True):
        axis.set_major_locator(major)
        axis.set_major_formatter(words)
        axis.set_minor_locator(minor)
        axis.set_minor_formatter(small)
