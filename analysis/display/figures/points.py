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

    def frame(self, *, upright: bool) -> pd.DataFrame:
        along, across = ("y", "x") if upright else ("x", "y")
        return pd.DataFrame(
            {
                across: self.y,
                along: self.value,
                f"{along}min": self.low,
                f"{along}max": self.high,
                "face": [look.face for look in self.look],
                "edge": [look.colour for look in self.look],
                "shape": [look.shape for look in self.look],
            }
        ).astype({across: float, along: float, f"{along}min": float, f"{along}max": float})


def draw_points(axes: Axes, points: Points, *, size: float = 8, upright: bool = False) -> None:
    """Each estimate with its interval: seaborn's `Range` and `Dot`."""
    frame = points.frame(upright=upright)
    if frame.empty:
        return
    ends = {name: name for name in frame.columns if name.endswith(("min", "max"))}
    line = so.Range(linewidth=2.4, artist_kws={"zorder": 3, "capstyle": "butt"})
    dots = so.Dot(pointsize=size, edgewidth=2, artist_kws={"zorder": 4})
    plot = so.Plot(frame, x="x", y="y")
    plot = plot.add(line, legend=False, orient="x" if upright else "y", color="edge", **ends)
    plot = plot.add(dots, legend=False, color="face", edgecolor="edge", marker="shape")
    draw(axes, plot)


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
    """Limits, ticks and names of both axes as they were."""
    both = (axes.xaxis, axes.yaxis)
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
    axes.set(xlim=limits[0], ylim=limits[1], xlabel=names[0], ylabel=names[1])
    for axis, (major, words, minor, small) in zip(both, kept, strict=True):
        axis.set_major_locator(major)
        axis.set_major_formatter(words)
        axis.set_minor_locator(minor)
        axis.set_minor_formatter(small)
