"""From the rounds and units of a monitor to the tables of its trend and its funnel.

Ratios have two decimals and expected events three figures, as everywhere they are printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.disclosure.series import check_labels
from analysis.display.figures.disparity import (
    NOT_DELIVERED,
    OUTSIDE,
    PROVISIONAL,
    TOGETHER,
    FunnelColumns,
    TrendColumns,
)
from analysis.results import Table, significant

RATIO = 2  # decimals of a ratio
NONE = "none"  # nothing is to be known of a round
NOT_APPLICABLE = "[z]"


@dataclass(frozen=True)
class RoundPoint:
    """One round: the ratio with its interval (times; None: not shown), its control limits, whether
    it is provisional."""

    label: str
    value: float | None
    conf_low: float | None = None
    conf_high: float | None = None
    limits: tuple[float, float] | None = None  # 99.8 %
    provisional: bool = False
    outside: bool = False
    delivered: bool = True


@dataclass(frozen=True)
class UnitPoint:
    """One unit of a funnel: expected events, O/E (times), its limits and where it lies."""

    name: str
    expected: float
    ratio: float
    low_95: float
    high_95: float
    low_99_8: float
    high_99_8: float
    position: str


def trend_table(points: Sequence[RoundPoint], *, centre: float | None, beside: Table) -> Table:
    """One line a round, oldest first; then the ratio of all rounds together, where it is shown.

    `beside`: the table that is shown with it, whose title and rule of clearing it has. RunError
    E337 where the rounds are no series (S19).
    """
    check_labels(point.label for point in points)
    columns = TrendColumns()
    rows = [_round_cells(point, columns) for point in points]
    if centre is not None:
        names = (columns.low, columns.high, columns.limit_low, columns.limit_high)
        empty = dict.fromkeys(names, NOT_APPLICABLE)
        rows.append(
            {columns.label: TOGETHER, columns.value: _ratio(centre)} | empty | {columns.marks: NONE}
        )
    return Table(beside.title, pd.DataFrame(rows, dtype=object), beside.cleared_by)


def _round_cells(point: RoundPoint, columns: TrendColumns) -> dict[str, object]:
    said = {
        PROVISIONAL: point.provisional and point.value is not None,
        OUTSIDE: point.outside and point.value is not None,
        NOT_DELIVERED: not point.delivered,
    }
    low, high = point.limits or (None, None)
    numbers = (point.value, point.conf_low, point.conf_high, low, high)
    names = (columns.value, columns.low, columns.high, columns.limit_low, columns.limit_high)
    cells = dict(zip(names, map(_ratio, numbers), strict=True))
    marks = ", ".join(word for word, holds in said.items() if holds)
    return {columns.label: point.label} | cells | {columns.marks: marks or NONE}


def funnel_table(points: Sequence[UnitPoint], *, target: float, beside: Table) -> Table:
    """One line a unit; then the ratio of all units together."""
    columns = FunnelColumns()
    names = ("low_95", "high_95", "low_99_8", "high_99_8")
    rows = [
        {
            columns.label: point.name,
            columns.expected: significant(point.expected),
            columns.ratio: _ratio(point.ratio),
            **{getattr(columns, name): _ratio(getattr(point, name)) for name in names},
            columns.position: point.position,
        }
        for point in points
    ]
    rows.append(
        dict.fromkeys(rows[0], NOT_APPLICABLE)
        | {columns.label: TOGETHER, columns.ratio: _ratio(target)}
    )
    return Table(beside.title, pd.DataFrame(rows, dtype=object), beside.cleared_by)


def _ratio(value: float | None) -> object:
    """As it is printed; a mark where there is none, since no cell of a table is empty."""
    return NOT_APPLICABLE if value is None else round(value, RATIO)
