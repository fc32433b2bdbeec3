"""Points, intervals and lines between them, drawn by seaborn from the numbers of a table.

The axes keep their scale, limits and ticks: those belong to the figure.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import seaborn.objects as so
from matplotlib.axes import Axes

from analysis.display import style

# Columns that hold a colour or a shape itself, not a class that seaborn would choose one for.
SHAPES = {shape: shape for shape in "osD"}


@dataclass(frozen=True)
class Look:
    """How one mark looks; a hollow one is white inside."""

    colour: str
    shape: str = "o"
    solid: bool = True

    @property
    def face(self) -> str:
        return self.colour if self.solid else "white"


@dataclass(frozen=True, eq=False)
class Points:
    """Estimates at their heights (upright: at their places), with both ends of each interval."""

    y: Sequence[float]
    value: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    look: Sequence[Look]

    def estimates(self, *, upright: bool) -> pd.DataFrame:
        """One row a mark."""
        return self._along(self.value, upright=upright)

    def intervals(self, *, upright: bool) -> pd.DataFrame:
        """Two rows an interval, its ends; `line` says of which."""
        both = (self._along(ends, upright=upright) for ends in (self.low, self.high))
        return pd.concat(both).sort_values("line", kind="stable", ignore_index=True)

    def _along(self, values: Sequence[float], *, upright: bool) -> pd.DataFrame:
        along, across = ("y", "x") if upright else ("x", "y")
        places = {along: [float(v) for v in values], across: [float(y) for y in self.y]}
        looks = {
            "face": [look.face for look in self.look],
            "edge": [look.colour for look in self.look],
            "shape": [look.shape for look in self.look],
        }
        return pd.DataFrame(places | looks | {"line": range(len(self.y))})


def draw_points(
    axes: Axes, points: Points, *, size: float = 8, edge: float = 2, upright: bool = False
) -> None:
    """Each estimate with its interval: seaborn's `Paths` and `Dot`.

    (`Range` would do for a linear axis; on a log axis seaborn 0.13.2 puts its ends elsewhere.)
    """
    if not points.y:
        return
    line = so.Paths(linewidth=2.4, artist_kws={"zorder": 3, "capstyle": "butt"})
    dots = so.Dot(pointsize=size, edgewidth=edge, artist_kws={"zorder": 4})
    intervals = points.intervals(upright=upright)
    plot = so.Plot(intervals, x="x", y="y").add(line, group="line", color="edge", legend=False)
    draw(axes, plot)
    plot = so.Plot(points.estimates(upright=upright), x="x", y="y")
    looks = {"color": "face", "edgecolor": "edge", "marker": "shape"}
    draw(axes, plot.add(dots, legend=False, **looks))


def draw_dumbbells(
    axes: Axes,
    pairs: Sequence[tuple[float | None, float | None]],
    *,
    size: float = 7.5,
) -> None:
    """Two numbers a line, the first hollow and the second solid, joined: seaborn's `Path` and
    `Dot`. A number that is not known has no mark."""
    frame = pd.DataFrame(
        [
            {"row": i, "y": float(i), "x": value, "face": face, "edge": style.NAVY}
            for i, pair in enumerate(pairs)
            for value, face in zip(pair, ("white", style.NAVY), strict=True)
            if value is not None
        ]
    )
    if frame.empty:
        return
    join = so.Path(color=style.GREY, linewidth=1, artist_kws={"zorder": 2})
    dots = so.Dot(pointsize=size, edgewidth=1.8, artist_kws={"zorder": 3})
    plot = so.Plot(frame, x="x", y="y").add(join, group="row", legend=False)
    draw(axes, plot.add(dots, color="face", edgecolor="edge", legend=False))


def draw(axes: Axes, plot: so.Plot) -> None:
    """Add the marks of `plot` to axes that keep scale, limits, ticks and names."""
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
