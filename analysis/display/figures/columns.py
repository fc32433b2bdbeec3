"""How a figure reads a cleared table: which column is what, and the number that a cell prints.

A figure function takes a `Table` and nothing else that holds numbers of people: what it draws is
what the table prints. A cell is a number, the text of one ("−1.4", "1,340", "61%"), an interval
("−3.0 to 0.2"), a mark ("[c]") or empty.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from numbers import Real

from analysis.results import Table
from analysis.vocabulary.regions import did_you_mean

SHRUNKEN, UNRELIABLE = "shrunken", "not reliable"  # marks of an estimate
PLACE, POOLED, NEW = "place", "together", "new"  # parts of a forest
NOT_SHOWN = "not shown"
MARKS = frozenset({"[c]", "[u]", "[z]", NOT_SHOWN, ""})  # stand in the place of a number
_NUMBER = re.compile(r"^([−+-]?)£?(\d[\d,]*(?:\.\d+)?|\.\d+)%?$")
_TO = re.compile(r"\s+to\s+")


def number(cell: object) -> float | None:
    """The number that a cell prints; None where a mark stands in its place or nothing.

    ValueError where it prints anything else: what cannot be read must not be drawn as a gap.
    """
    if cell is None or (isinstance(cell, Real) and not math.isfinite(float(cell))):
        return None
    if isinstance(cell, Real) and not isinstance(cell, bool):
        return float(cell)
    text = str(cell).strip()
    if text in MARKS:
        return None
    found = _NUMBER.match(text)
    if found is None:
        raise ValueError(f"a cell prints {text!r}, which is neither a number nor a mark")
    size = float(found[2].replace(",", ""))
    return -size if found[1] in ("-", "−") else size


def ends(cell: object) -> tuple[float | None, float | None]:
    """Both ends of an interval as a cell prints them: "−3.0 to 0.2"."""
    if cell is None or (isinstance(cell, Real) and cell != cell) or str(cell).strip() in MARKS:
        return None, None
    parts = _TO.split(str(cell).strip())
    if len(parts) != 2:
        raise ValueError(f"a cell prints {cell!r}, which is not an interval")
    return number(parts[0]), number(parts[1])


@dataclass(frozen=True)
class Columns:
    """Names of the columns that a figure reads. Each kind of figure has a spec of its own."""

    @classmethod
    def of(cls, table: Table):
        """The spec where its columns are the first ones of the table, in their order."""
        names = list(table.to_frame().columns)
        wanted = [field.name for field in fields(cls)]
        return cls(**dict(zip(wanted, names, strict=False)))


def cells(table: Table, *names: str) -> Iterator[Mapping[str, object]]:
    """The rows of a table. KeyError names the column that it does not have, and those it has."""
    frame = table.to_frame()
    for name in names:
        if name not in frame.columns:
            hint = did_you_mean(name, [str(column) for column in frame.columns])
            raise KeyError(f"the table {table.title!r} has no column {name!r}. {hint}")
    yield from frame.to_dict("records")


@dataclass(frozen=True)
class Scale:
    """What the axis of a figure of estimates measures: unit, of what (in words), which side is
    better ("higher", "lower", None: neither is called so), and the size that matters."""

    unit: str
    words: str = ""
    better: str | None = None
    matters: float | None = None

    @property
    def said(self) -> str:
        return self.words or self.unit.replace("_", " ")


@dataclass(frozen=True)
class IntervalColumns(Columns):
    """Of a table of estimates: name, estimate with its interval in numbers and in words, what kind
    of mark it gets, and the size that matters."""

    label: str = "line"
    value: str = "estimate"
    low: str = "low"
    high: str = "high"
    amount: str = "best estimate"
    interval: str = "95% confidence interval"
    mark: str = "mark"
    matters: str = "size that matters"


@dataclass(frozen=True)
class Line:
    """One line of a figure of intervals as its table prints it; without a value, `amount` says
    why."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    amount: str = ""
    interval: str = ""
    mark: str = ""
    matters: float | None = None

    @property
    def drawn(self) -> bool:
        return None not in (self.value, self.low, self.high)

    @property
    def shrunken(self) -> bool:
        return self.mark == SHRUNKEN

    @property
    def unreliable(self) -> bool:
        return self.mark == UNRELIABLE

    @property
    def words(self) -> str:
        """ "1.8 fewer (0.4 to 3.2 fewer)", or why there is nothing."""
        doubt = f", {UNRELIABLE}" if self.unreliable else ""
        return f"{self.amount} ({self.interval}){doubt}" if self.drawn else self.amount


def lines_of(table: Table, columns: IntervalColumns) -> tuple[Line, ...]:
    """The lines of a table of estimates, in its order."""
    names = [getattr(columns, field.name) for field in fields(columns)]
    return tuple(
        Line(
            str(row[columns.label]),
            *(number(row[name]) for name in (columns.value, columns.low, columns.high)),
            *(str(row[name]) for name in (columns.amount, columns.interval, columns.mark)),
            number(row[columns.matters]),
        )
        for row in cells(table, *names)
    )
