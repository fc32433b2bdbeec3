"""Palette, type and sizes of every figure, and figure files that are equal byte by byte whenever
they are drawn.

Colours: the Government Analysis Function's, through afcharts. No meaning hangs on colour alone: a
second marker shape, a word or a position says the same, so that a page holds for colour-blind
readers and in grey print.
"""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from afcharts.af_colours import get_af_colours
from matplotlib import rc_context, rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.style import context
from PIL import Image

NAVY, TEAL, PLUM, ORANGE, INK, LILAC = get_af_colours("categorical")
GREY = "#6F6F6F"  # darkest grey that still recedes: 5.0 to 1 on white (WCAG 2.2 AA asks 4.5)
BAND = "#E6E6E6"
RULE = "#BFBFBF"  # the focus palette's grey

# A figure is as wide as a column of the page. On a telephone of 390 px stands one of its own,
# TELEPHONE inches wide. The smallest type is 11 px in both (tests/test_smallest_type.py).
WIDTH = 5.8  # inches
TELEPHONE = 4.2
DPI = 176
SIZE = 12  # points
SMALL = 11
KEY = 9.6  # the smallest
LETTER = 0.55  # of the type size: mean width of a letter
BLOCK = 16  # of 256 shades of red, green and blue: pixels so near share a colour of the palette


def letters(inches: float, size: float) -> int:
    """How many letters of `size` points stand on a line of so many inches."""
    return int(inches * 72 / (size * LETTER))


_OVERRIDES = {
    "font.family": [
        "DejaVu Sans"
    ],  # comes with matplotlib, so that a figure is the same on every machine
    "font.size": SIZE,
    "axes.titlesize": SIZE,
    "axes.labelsize": SMALL,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.grid": False,
    "text.color": INK,
    "text.parse_math": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "workbook",
    "svg.fonttype": "path",
    "path.simplify": False,
}


_THEMED = ("axes", "figure", "font", "grid", "legend", "lines", "patch", "xtick", "ytick")
_PATHS = re.compile(rb' (?:d|x|y|points)="[^"]*"|translate\([^)]*\)')
_COMMENTS = re.compile(rb"[ \t]*<!--.*?-->\n?", re.DOTALL)
_NUMBER = re.compile(rb"-?\d+\.\d+")


@cache
def _house() -> dict[str, object]:
    """Every setting of the house, matplotlib's own defaults included, checked once."""
    with context(["afcharts.afcharts", _OVERRIDES], after_reset=True):
        return dict(rcParams)


@contextmanager
def house_style() -> Iterator[None]:
    """Everything drawn or saved inside has the palette, type and line widths of the house."""
    house = _house()
    with rc_context():
        dict.update(rcParams, house)  # each value was checked when the house was furnished
        yield


def theme() -> dict[str, object]:
    """The house style as a theme of seaborn; called inside `house_style`."""
    return {name: value for name, value in rcParams.items() if name.split(".")[0] in _THEMED}


def blank(height: float, *, width: float = WIDTH) -> Figure:
    """An empty figure, not known to pyplot, so that nothing shows it by accident.

    Its canvas keeps one renderer: without one, each text that is measured would make its own.
    """
    figure = Figure(figsize=(width, height), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def png(figure: Figure) -> bytes:
    """The figure as PNG with a palette, a quarter of one without; no text chunks (the output guard
    refuses them)."""
    drawn, written = io.BytesIO(), io.BytesIO()
    with house_style():
        figure.savefig(drawn, format="raw", dpi=DPI)
    size = tuple(int(inches * DPI) for inches in figure.get_size_inches())
    picture = Image.frombuffer("RGBA", size, drawn.getbuffer(), "raw", "RGBA", 0, 1)
    in_palette(picture.convert("RGB")).save(written, format="png")
    return written.getvalue()


def in_palette(picture: Image.Image) -> Image.Image:
    """The picture in at most 256 colours, not dithered; those of the house stay exactly themselves.

    An octree has one colour for each block of 16 × 16 × 16 shades that is used, the mean of its
    pixels: figures use 20 to 60, so that no pixel moves by 16 of 255.
    """
    small = picture.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    used = max(index for _, index in small.getcolors()) + 1
    palette = np.array(small.getpalette(), dtype=np.uint8).reshape(-1, 3)[:used]
    for colour in _flat_colours():
        palette[(palette // BLOCK == colour // BLOCK).all(axis=1)] = colour
    small.putpalette(palette.tobytes())
    return small


@cache
def _flat_colours() -> np.ndarray:
    """Paper, band, rule and the colours of marks, as red, green and blue."""
    named = ("white", BAND, RULE, GREY, NAVY, TEAL, PLUM, ORANGE, INK, LILAC)
    return np.array([[round(255 * part) for part in to_rgb(name)] for name in named], np.uint8)


def svg(figure: Figure, *, alt: str = "") -> bytes:
    """The figure as SVG without date or creator; its description is the alternative text.

    Coordinates have two decimals (of a point, 1/72 inch): they tell no more than the picture.
    Letters are drawn and not written: matplotlib's comments, which repeat them, are taken out.
    """
    buffer = io.BytesIO()
    with house_style():
        figure.savefig(
            buffer,
            format="svg",
            metadata={"Date": None, "Creator": None, "Description": alt or None},
        )
    drawn = _COMMENTS.sub(b"", buffer.getvalue())
    return _PATHS.sub(lambda found: _NUMBER.sub(_rounded, found[0]), drawn)


def _rounded(found: re.Match[bytes]) -> bytes:
    """A number of a drawing with at most two decimals."""
    text = f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
    return b"0" if text == "-0" else text.encode()


def close(figure: Figure) -> None:
    """Forget the figure where pyplot knows it, so that the inline backend does not show it
    again."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)
    figure.clear()
