"""Lost rows between tables: what stands in one table and has no row in the table that tells what
became of it.

Rows that are gone are no zeros: where half of those who were recalled are missing on one side, the
answer moves with nothing to be seen in the rows that are left. Few of them are noted; above a share
the tables are refused (E177).
"""

import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.files import Note, TextTable
from analysis.extracts.files.text_values import among, day, joined
from analysis.extracts.rules.link_rules import Tables
from analysis.extracts.tables.contract import LACKING_PERCENT, Every

# Of the rows that should be there, in percent. Chosen: fewer people than that leave for a quarter
# and come back.
HOLES_PERCENT = 10.0
SEEN_QUARTER_BY_QUARTER = ("supervision_quarters", "prison_quarters", "staff_quarters")
WITHIN = ("programme",)  # columns within which ids belong together, where both tables have them


def check_lost_rows(tables: Tables) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    """E177 above LACKING_PERCENT (of holes: HOLES_PERCENT), a note below it, for each table and
    link."""
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    for child in tables.values():
        found, said = _holes(child)
        problems += found
        notes += said
        for every in child.contract.every:
            parent = tables.get(every.table)
            if parent is not None and {every.column} <= {*child.frame} & {*parent.frame}:
                found, said = _lost(parent, child, every)
                problems += found
                notes += said
    return problems, notes


def _lost(
    parent: TextTable, child: TextTable, every: Every
) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    judged, lost = _without_child(parent, child, every.column)
    if not lost.any():
        return (), ()
    percent = 100 * float(lost.sum()) / float(judged.sum())
    if every.refused and percent > LACKING_PERCENT:
        hint = f"The table is {child.contract.table}; at most {LACKING_PERCENT:g} % may lack one."
        return parent.problem("E177", lost, column=every.column, hint=hint), ()
    text = f"rows have no row in {child.contract.table} ({percent:.1f} % of {int(judged.sum())})"
    return (), (Note(str(parent.files[0]), text, every.column, int(lost.sum())),)


def _holes(table: TextTable) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    """People who have no row in a quarter between two in which they stand; only quarters that the
    table holds count."""
    rules = table.contract.rules
    seen = table.contract.table in SEEN_QUARTER_BY_QUARTER
    if not seen or not {rules.person, "quarter"} <= {*table.frame}:
        return (), ()
    number = table.frame["quarter"].rank(method="dense")
    rows = pd.DataFrame({"person": table.frame[rules.person], "number": number})
    rows = rows.drop_duplicates().sort_values(["person", "number"], kind="stable")
    step = rows.groupby("person")["number"].diff().fillna(1)
    missing = int((step - 1).sum())
    if not missing:
        return (), ()
    percent = 100 * missing / (len(rows) + missing)
    after = (step > 1).reindex(table.frame.index, fill_value=False)
    if percent > HOLES_PERCENT:
        hint = (
            f"Quarters are missing between two of the same person; at most {HOLES_PERCENT:g} %"
            " may be."
        )
        return table.problem("E177", after, column="quarter", hint=hint), ()
    text = (
        f"quarters are missing between two of the same person ({percent:.1f} % of the rows that"
        " should stand)"
    )
    return (), (Note(str(table.files[0]), text, "quarter", missing),)


def _without_child(parent: TextTable, child: TextTable, column: str) -> tuple[pd.Series, pd.Series]:
    """Rows of the parent that are judged, and those of them without a row in the child.

    A dated crosswalk may name more places than the extract holds: it is judged where the child has
    rows of its place, and for every quarter of the child in which the row holds.
    """
    own, other = _keys(parent, child, column), _keys(child, parent, column)
    named = parent.frame[column] != ""
    linked = among(own, other)
    if not {"valid_from", "valid_to"} <= {*parent.frame} or "quarter" not in child.frame:
        return named, named & ~linked
    judged = named & parent.frame["region"].isin(parent.frame.loc[linked, "region"])
    lost = judged & ~_held_in_every_quarter(parent, child, column)
    return judged, lost


def _keys(table: TextTable, other: TextTable, column: str) -> pd.Series:
    names = [name for name in WITHIN if name in table.frame and name in other.frame]
    return joined(table.frame[[*names, column]])


def _held_in_every_quarter(parent: TextTable, child: TextTable, column: str) -> pd.Series:
    """Whether the child has a row in each of its quarters in which the parent's row holds on the
    first day."""
    begin, end = day(parent.frame["valid_from"]), day(parent.frame["valid_to"])
    held = pd.Series(True, index=parent.frame.index)
    for quarter, rows in child.frame.groupby("quarter"):
        first = pd.to_datetime(quarter, format="%Y-%m-%d", errors="coerce")
        due = (begin <= first) & (end >= first)
        held &= ~due | among(parent.frame[column], rows[column])
    return held
