"""From released rows to the table that a figure of intervals, or a forest, is drawn from.

The numbers in it are those that its words print, with the same decimals, so that a figure tells no
more than its table.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from analysis.display.amounts import (
    Row,
    better_side,
    interval,
    is_drawn,
    is_ranked,
    is_shrunken,
    is_unreliable,
    is_withheld,
    no_difference,
    number,
    row_amount,
    why_not,
)
from analysis.display.figures.columns import NEW, PLACE, POOLED, SHRUNKEN, UNRELIABLE
from analysis.display.figures.heat_map import CLEAR, HEAT
from analysis.display.figures.placebos import WITH, WITHOUT, PlaceboColumns
from analysis.results import Table
from analysis.said.told import told

PAGE = Table("The figure of this page", pd.DataFrame(), "cleared_record")
TOGETHER = "All together"
ESTIMATE, NONE = "estimate", "none"
NOT_APPLICABLE, WITHHELD = "[z]", "[c]"


def lines_table(
    rows: Sequence[Row],
    labels: Sequence[str],
    *,
    beside: Table = PAGE,
    say: Callable[[str], str] = str,
) -> Table:
    """One line a row: its name, the estimate with its interval in numbers and in words, or why
    there is none.

    `beside`: the table that is shown with it, whose title and rule of clearing it has. `say`: turns
    words into those of the plan.
    """
    lines = [_line(row, label, say) for row, label in zip(rows, labels, strict=True)]
    return Table(beside.title, pd.DataFrame(lines, dtype=object), beside.cleared_by)


def forest_table(
    rows: Sequence[Row],
    labels: Sequence[str],
    pooled: Row,
    *,
    one: str = "region",
    many: str = "regions",
    beside: Table = PAGE,
    say: Callable[[str], str] = str,
) -> Table:
    """Places by name, all of them together, and where a new one would most likely lie; withheld
    places are not named, and counted in a note."""
    pairs = sorted(zip(labels, rows, strict=True), key=lambda pair: pair[0])
    shown = [(name, row) for name, row in pairs if not is_withheld(row)]
    lines = [_line(row, name, say) | {"part": PLACE} for name, row in shown]
    lines.append(_line(pooled, TOGETHER, say) | {"part": POOLED})
    lines += _new_place(pooled, f"A new {one}")
    left = len(pairs) - len(shown)
    notes = (
        (f"{told(left)} {one if left == 1 else many} left off to protect people",) if left else ()
    )
    return Table(beside.title, pd.DataFrame(lines, dtype=object), beside.cleared_by, notes)


def placebos_table(
    rows: Sequence[Row], labels: Sequence[str], own: Sequence[bool], *, beside: Table = PAGE
) -> Table:
    """One line a place, by name: its difference as its words print it, its rank, and whether it has
    the initiative. Places that are withheld, or have no rank, are not named, and counted."""
    named = PlaceboColumns()
    found = sorted(zip(labels, rows, own, strict=True), key=lambda line: line[0])
    lines = []
    for label, row, has_it in found:
        if is_ranked(row):
            value, rank, _ = row.ranked
            size = _printed((value,), str(row.unit), row.sesoi)[0]
            cells = (label, size, row_amount(row), rank, WITH if has_it else WITHOUT)
            names = (named.place, named.value, named.amount, named.rank, named.part)
            lines.append(dict(zip(names, cells, strict=True)))
    left = len(found) - len(lines)
    notes = (f"{told(left)} of the places left off",) if left else ()
    return Table(beside.title, pd.DataFrame(lines, dtype=object), beside.cleared_by, notes)


def _line(row: Row, label: str, say: Callable[[str], str]) -> dict[str, object]:
    """One line; `label` is in the words of the plan already or is made so."""
    unit, matters = str(row.unit), row.sesoi
    cells: dict[str, object] = {"line": say(label), "status": row.status, "unit": unit}
    if not is_drawn(row):
        missing = WITHHELD if is_withheld(row) else NOT_APPLICABLE
        numbers = dict.fromkeys(("estimate", "low", "high"), missing)
        words = (say(why_not(row)), missing, NONE)
    else:
        printed = _printed((row.value, row.conf_low, row.conf_high), unit, matters)
        numbers = dict(zip(("estimate", "low", "high"), printed, strict=True))
        limits = interval(row.conf_low, row.conf_high, unit, matters=matters, beside=(row.value,))
        words = (row_amount(row), limits, _mark(row))
    named = ("best estimate", "95% confidence interval", "mark")
    return (
        cells
        | numbers
        | dict(zip(named, words, strict=True))
        | {"size that matters": _or_mark(matters)}
    )


def _printed(values: tuple[float, ...], unit: str, matters: float | None) -> tuple[float, ...]:
    """Numbers that stand together, as exact as their words."""
    found = []
    for i, value in enumerate(values):
        beside = (*values[:i], *values[i + 1 :])
        size = float(number(value, unit, matters=matters, beside=beside).replace(",", ""))
        found.append(-size if value < 0 and size else size)
    return tuple(found)


def _or_mark(value: float | None) -> object:
    """No cell of a table is empty."""
    return NOT_APPLICABLE if value is None else value


def _mark(row: Row) -> str:
    return SHRUNKEN if is_shrunken(row) else UNRELIABLE if is_unreliable(row) else ESTIMATE


def _new_place(pooled: Row, name: str) -> list[dict[str, object]]:
    """The prediction interval, where there is one."""
    low, high, unit = pooled.pi_low, pooled.pi_high, str(pooled.unit)
    if low is None or high is None:
        return []
    matters = pooled.sesoi
    least, most = _printed((low, high), unit, matters)
    words = {
        "best estimate": "most likely",
        "95% confidence interval": interval(low, high, unit, matters=matters),
    }
    cells = {"line": name, "status": "prediction", "unit": unit, "estimate": NOT_APPLICABLE}
    cells |= (
        {"low": least, "high": most}
        | words
        | {"mark": NONE, "size that matters": _or_mark(matters)}
    )
    return [cells | {"part": NEW}]


def multiples(row: Row) -> tuple[float, float, float]:
    """Estimate and limits as multiples of the size that matters, turned so that + is better (no
    unit; ratios as logs)."""
    value, low, high = (
        _multiple(float(getattr(row, name)), row) for name in ("value", "conf_low", "conf_high")
    )
    return value, min(low, high), max(low, high)


def _multiple(value: float, row: Row) -> float:
    """A number of a row as a multiple of its size that matters, + is better."""
    size = float(row.sesoi)
    if row.unit == "times":
        value, size = math.log(max(value, 1e-9)), math.log(size)
    return -value / size if row.direction == "lower" else value / size


def heat_table(
    outcomes: Mapping[str, Sequence[Row]], places: Sequence[str], *, beside: Table = PAGE
) -> Table:
    """One line a place and outcome. `outcomes`: name of each outcome, with a row a place.

    The multiple of the size that matters has one decimal and + is better; where the plan calls
    neither way better there is none.
    """
    lines = [
        {HEAT.place: place, HEAT.outcome: _with_side(name, rows)} | _heat_cells(row)
        for name, rows in outcomes.items()
        for place, row in zip(places, rows, strict=True)
    ]
    return Table(beside.title, pd.DataFrame(lines, dtype=object), beside.cleared_by)


def _with_side(name: str, rows: Sequence[Row]) -> str:
    """ "recalls (fewer is better)"."""
    better = better_side(str(rows[0].direction), str(rows[0].unit)).strip().rstrip(".")
    return f"{name} ({better.lower()})" if better else name


def _heat_cells(row: Row) -> dict[str, object]:
    """The cells of one line: as in a table of lines, and the multiple with its mark."""
    line = _line(row, "", str)
    same = {name: line[name] for name in (HEAT.value, HEAT.amount, HEAT.interval)}
    if not is_drawn(row):
        return same | {HEAT.multiple: line[HEAT.value], HEAT.mark: NONE}
    value, low, high = (float(str(line[name])) for name in ("estimate", "low", "high"))
    nought = no_difference(str(line["unit"]))
    sided = row.direction in ("higher", "lower") and bool(row.sesoi)
    mark = CLEAR if low > nought or high < nought else NONE
    return same | {
        HEAT.multiple: round(_multiple(value, row), 1) + 0.0 if sided else NOT_APPLICABLE,
        HEAT.mark: UNRELIABLE if is_unreliable(row) else mark,
    }
