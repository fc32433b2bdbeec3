"""What `workbook plan-sample` prints, and the file that it writes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from analysis.atomic import write_whole
from analysis.display.layout import csv_text
from analysis.protocol.plan_sample import (
    COLUMNS,
    ENOUGH,
    MATTERS,
    NEEDED,
    NEEDED_WITHOUT,
    NO_NUMBER,
    THERE,
    THERE_WITHOUT,
    TOGETHER,
    WHERE,
    Planned,
)
from analysis.protocol.tables import CLEARED
from analysis.results import Table
from analysis.said.texts import named


def printed(planned: Sequence[Planned]) -> Iterator[str]:
    """The lines of every outcome: what is assumed, the table, and what follows."""
    for one in planned:
        yield f"\n{one.needed.title}"
        for row in one.assumptions.to_frame().itertuples(index=False):
            yield f"  {row[0]}: {row[1]} ({row[2]})"
        rows = one.needed.to_frame().to_dict("records")
        yield from (f"  {_row_line(row)}" for row in rows)
        yield from filter(None, one.lines)


def _row_line(row: dict) -> str:
    """ "All regions: there 590 and 540 people, ..."; with and without the programme."""
    chosen = [f"{name} {value}" for name, value in row.items() if name not in COLUMNS]
    there = f"{row[THERE]} and {row[THERE_WITHOUT]} people"
    needed = f"{row[NEEDED]} and {row[NEEDED_WITHOUT]} people"
    if row[NEEDED] == NO_NUMBER:
        needed = NO_NUMBER
    for units in ("Clusters", "Points"):
        if f"{units} there" in row:
            there += f" ({row[f'{units} there']} {units.lower()})"
            if needed != NO_NUMBER:
                needed += f" ({row[f'{units} needed']})"
    found = f"finds {row[TOGETHER]} where {row[MATTERS]} matters: {row[ENOUGH]}"
    where = "; ".join([*chosen, str(row[WHERE])])
    return f"{where}: there {there}; needed {needed}; {found}"


def write_csv(planned: Sequence[Planned], file: Path) -> None:
    """All outcomes as one CSV that is safe to open in a spreadsheet."""
    frame = pd.concat([one.needed.to_frame() for one in planned], ignore_index=True)
    table = Table(named("people and clusters needed"), frame.fillna("[z]"), CLEARED)
    write_whole(file, csv_text(table))
