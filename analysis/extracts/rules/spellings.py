"""One id in two spellings: ids of a column that differ in letter case only, of which each would be
counted by itself."""

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.files import TextTable
from analysis.extracts.files.notes import Note
from analysis.extracts.rules.link_rules import Tables

# Percent of the ids of a column. Chosen: pseudonyms made at random from letters of both cases meet
# far less often.
MOST_ALIKE = 1.0
ALIKE = "ids that differ in letter case only; each spelling is counted as an id of its own"


def check_spellings(tables: Tables) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    """E150 for each column of ids of which more than MOST_ALIKE percent differ in letter case only;
    a note below that."""
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    for table in tables.values():
        for column in (
            c.name for c in table.contract.columns if c.kind == "id" and c.name in table.frame
        ):
            found, said = _of_column(table, column)
            problems += found
            notes += said
    return problems, notes


def _of_column(table: TextTable, column: str) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    numbers, found = pd.factorize(table.frame[column])
    spellings = pd.Series(found, dtype="str").str.casefold()
    alike = spellings.duplicated(keep=False).to_numpy(dtype=bool)
    if not alike.any():
        return (), ()
    rows = alike[numbers]
    if 100 * alike.mean() > MOST_ALIKE:
        return table.problem("E150", rows, column=column), ()
    first = str(table.files[np.flatnonzero(rows)[0]])
    return (), (Note(first, ALIKE, column, int(rows.sum())),)
