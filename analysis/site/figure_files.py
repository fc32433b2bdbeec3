"""Files of figures beside a page: taken over from the run, or drawn from a recipe of the run."""

import importlib
import os
import pkgutil
import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path

from analysis.display import figures, style
from analysis.display.recipes import read_recipe

EXPLORED = "analysis.exploring.drawing"  # figures of tables that an evaluator asked for


def link_or_copy(file: Path | str, to: Path | str) -> None:
    """`to` as a second name of `file`, so that equal bytes lie on the disk once; a copy where the
    disk cannot do that. Files of finished runs and of the site are replaced, never written into."""
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)


def draw_svg(recipe: Path, folder: Path) -> None:
    """The figure of a recipe as SVG into `folder`; none where an earlier version of the workbook
    drew it by a function that is no longer there."""
    _know_all_figures()
    with suppress(KeyError):
        drawn, alt = read_recipe(recipe.read_text(encoding="utf-8"))
        svg = style.svg(drawn.figure(), alt=alt)
        (folder / recipe.with_suffix(".svg").name).write_bytes(svg)


@cache
def _know_all_figures() -> None:
    """A figure function is known once its module is imported."""
    names = (module.name for module in pkgutil.iter_modules(figures.__path__))
    for name in (*(f"{figures.__name__}.{name}" for name in names), EXPLORED):
        importlib.import_module(name)
