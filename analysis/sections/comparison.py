"""What `study.compare` returns: who is compared with whom by which design, then the sentence, the
table and the figure, and the estimates to take in hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from analysis.disclosure.rules import Clearance, released_figures
from analysis.display.section import Section
from analysis.record.row import Row
from analysis.results import EVERYONE, Table, significant

WHAT = ("outcome", "group", "estimand", "method", "unit")
NUMBERS = ("value", "conf_low", "conf_high")


@dataclass(frozen=True, eq=False)
class Comparison(Section):
    """Parts of one comparison, in the order in which they are read.

    estimates: one row an estimate, as it may leave: outcome, group, estimand, method, unit, value,
    conf_low, conf_high (in `unit`; three figures, six of published data), people (in fives) and
    status (estimated, not_estimable, withheld, described). exploratory: an argument departs from
    the plan, so that no record, class or claim knows of it.
    """

    estimates: Table = field(kw_only=True)
    exploratory: bool = field(default=False, kw_only=True)


def tidy(rows: Sequence[Row], *, clearance: Clearance) -> Table:
    """Rows as they may leave, one line each. Numbers that are not shown are empty."""
    figures = released_figures(clearance)
    lines = [
        {name: getattr(row, name) for name in (*WHAT, "n", "status")}
        | {name: _number(getattr(row, name), figures) for name in NUMBERS}
        for row in rows
    ]
    frame = pd.DataFrame(lines, columns=[*WHAT, *NUMBERS, "n", "status"])
    frame = frame.rename(columns={"n": "people"}).replace({"group": {EVERYONE: "everyone"}})
    return Table("Estimates", frame, "published" if clearance.public else "rounded")


def _number(value: float | None, figures: int) -> float | None:
    return None if value is None else significant(value, figures)
