"""The data dictionary of what is there in a study: each column, what it means, and how a table can
use it."""

import pandas as pd

from analysis.disclosure.rules import Clearance
from analysis.disclosure.suppression import clear_table
from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.exploring.rows import USES, Explorable, Field, Rows, missing_words
from analysis.results import Table

NONE = "–"
LONGEST = 190  # letters of a cell; rule S18 allows 200
HOW = (
    'Ask for them as study.table(by=["ethnic_group"], share="…", mean="…", where={"…": "…"}): `by`'
    " and `where` take what divides people into groups, `share` questions of yes and no, `mean`"
    " numbers and ratings."
)


def columns_of(study: Explorable) -> Section:
    """Every column of the study's tables: kind, meaning, unit, values, how it can be used, and how
    many rows know it (in fives). ParameterError E270 where there are no rows of people."""
    return Section.of(Prose(HOW), *(_dictionary(rows, study.clearance) for rows in study.tables))


def _dictionary(rows: Rows, clearance: Clearance) -> Table:
    used = [f for f in rows.fields if f.uses]
    known = rows.values(used).notna().sum()
    lines = [_line(f, None if f.name not in known else int(known[f.name])) for f in rows.fields]
    heading = f"{rows.unit} that have it"
    frame = pd.DataFrame(lines).rename(columns={"known": heading})
    title = f"Columns of {rows.table}: {rows.which}"
    table = clear_table(title, frame, counts=[heading], clearance=clearance)
    notes = (*missing_words(rows.fields), *table.notes)
    return Table(table.title, table.to_frame(), table.cleared_by, notes)


def _line(held: Field, known: int | None) -> dict:
    use = ", ".join(use for use in USES if use in held.uses)
    empty = f" (empty: {held.empty})" if held.empty else ""
    return {
        "column": held.name,
        "use": use or _short(f"none: {held.why_not}"),
        "kind": held.kind,
        "meaning": _short(f"{held.meaning}{empty}"),
        "unit": held.unit or NONE,
        "values": _short(", ".join(words for _, words in held.levels)) or NONE,
        "known": known,
    }


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
