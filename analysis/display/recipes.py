"""How a figure is drawn: a named function, the cleared table and words. Small, and nothing beside.

A run draws each figure once, as PNG. With it lies its recipe, from which `workbook site --svg`
draws the same figure as SVG. A figure that a notebook draws by hand has no recipe.
"""

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from functools import wraps
from types import NoneType
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import pandas as pd
from matplotlib.figure import Figure

from analysis.results import Table
from analysis.said.carried import read_out
from analysis.said.texts import named, released

Draws = TypeVar("Draws", bound=Callable[..., Figure])
Says = TypeVar("Says", bound=Callable[..., str])

_known: dict[str, Callable[..., Figure]] = {}
_made: WeakKeyDictionary[Figure, "Recipe"] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Recipe:
    """draw: name of the function. words: its arguments by name that are not its defaults."""

    draw: str
    table: Table
    words: Mapping[str, object]

    def figure(self) -> Figure:
        """The figure, drawn again. KeyError where no function has the name."""
        return _known[self.draw](self.table, **self.words)


def drawn_from_table(draw: Draws) -> Draws:
    """Decorator of a figure function: figures that it draws have a recipe."""
    signature = inspect.signature(draw)
    first, *_ = signature.parameters

    @wraps(draw)
    def remembered(table, *given, **named):
        given, named = _as_read(given), _as_read(named)
        figure = draw(table, *given, **named)
        arguments = signature.bind(table, *given, **named).arguments
        words = {k: v for k, v in arguments.items() if v != signature.parameters[k].default}
        table = words.pop(first)
        _made[figure] = Recipe(draw.__name__, table, words)
        return figure

    _known[draw.__name__] = remembered
    return remembered  # type: ignore[return-value]


def _as_read(value: Any) -> Any:
    """Words as they are drawn: letters and digits, and no more cleared texts."""
    if isinstance(value, str):
        return str(read_out(value))
    if isinstance(value, list | tuple):
        return type(value)(map(_as_read, value))
    if isinstance(value, dict):
        return {key: _as_read(one) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _as_read(getattr(value, f.name)) for f in fields(value)})
    return value


def said_from_table(say: Says) -> Says:
    """Decorator of a function that puts a figure in words: they come from a cleared table, as all
    that is drawn does, so that each of their figures is cleared. TypeError for anything else."""

    @wraps(say)
    def said(table, *given, **given_by_name):
        if not isinstance(table, Table):
            raise TypeError("a figure in words is made from a cleared table")
        return named(say(table, *given, **given_by_name))

    return said  # type: ignore[return-value]


def recipe_of(figure: Figure) -> Recipe | None:
    """The recipe of a figure; None where it was drawn by hand."""
    return _made.get(figure)


def recipe_text(recipe: Recipe, *, alt: str) -> str:
    """The recipe as JSON: what the table prints, words, and the figure in words."""
    table = recipe.table
    frame = table.to_frame()
    stored = {
        "draw": recipe.draw,
        "alt": alt,
        "words": {name: _plain(value) for name, value in recipe.words.items()},
        "table": {
            "title": table.title,
            "cleared_by": table.cleared_by,
            "notes": list(table.notes),
            "columns": [str(name) for name in frame.columns],
            "rows": [[_cell(cell) for cell in row] for row in frame.itertuples(index=False)],
        },
    }
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def read_recipe(text: str) -> tuple[Recipe, str]:
    """The recipe of a JSON text, and the figure in words. KeyError where this workbook has no such
    figure function."""
    stored = json.loads(text)
    hints = typing.get_type_hints(_known[stored["draw"]])
    words = {name: _as(hints[name], value) for name, value in stored["words"].items()}
    return Recipe(stored["draw"], _table(stored["table"]), words), stored["alt"]


def titled_table(text: str) -> tuple[Table, str]:
    """The cleared table of a recipe's text and the title over its figure (the table's own, where it
    has none), whether or not the figure can still be drawn."""
    stored = json.loads(text)
    table = _table(stored["table"])
    return table, released(stored["words"].get("title") or table.title)


def _table(kept: Mapping[str, Any]) -> Table:
    frame = pd.DataFrame(kept["rows"], columns=kept["columns"], dtype=object)
    notes = tuple(map(released, kept["notes"]))
    return Table(released(kept["title"]), frame, kept["cleared_by"], notes)


def _plain(value: object) -> object:
    """A word, a pair of them, or the fields of a spec."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return dict(value) if isinstance(value, Mapping) else value


def _cell(cell: object) -> object:
    """A cell as JSON has it: a number, a text, or nothing."""
    if cell is None or cell is pd.NaT or cell is pd.NA or cell != cell:
        return None
    return cell.item() if hasattr(cell, "item") else cell


def _as(hint: object, value: object) -> object:
    """`value` in the type that the function asks for: JSON knows no tuples and no specs."""
    named = [part for part in typing.get_args(hint) if part is not NoneType]
    if isinstance(hint, type) and is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        fields = typing.cast(Mapping[str, object], value)
        return hint(**{name: _as(hints[name], part) for name, part in fields.items()})
    if isinstance(value, Mapping) and len(named) == 1:
        return _as(named[0], value)
    return tuple(value) if isinstance(value, list) else value
