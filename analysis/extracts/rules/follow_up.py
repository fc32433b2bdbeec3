"""Follow-up and sentences: which outcomes a person can have, and which nobody can know yet.

An outcome says what happened within a window. Of a person who was followed for less nobody knows
it: an empty cell is right there, and a 0 is no answer. Neither zeros nor events of such people
count in a share (keeping early events alone would raise it), and they are counted as "followed for
under so many months". Survival rows use them with their time.
"""

import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.files import Note, TextTable
from analysis.extracts.files.text_values import day
from analysis.extracts.rules.link_rules import OF_PEOPLE, Tables, first_rows
from analysis.extracts.tables.contract import Column, Contract

START, END = "first_allocated_on", "followed_to"
REFUSED_EARLY = (
    "reoffended",
)  # proven by a court: before the window ends nobody can have it, not even as a 1
LEFT_OUT = "outcomes of people followed for under {months} months are read as not known"


def window_ends(start: pd.Series, months: int) -> pd.Series:
    """The last day of a window of so many months that begins on each day."""
    return start + pd.DateOffset(months=months) - pd.Timedelta(days=1)


def followed_short(start: pd.Series, end: pd.Series, months: int) -> pd.Series:
    """Whether follow-up ended before the window did; False where either day is missing."""
    return (end < window_ends(start, months)).fillna(False).astype(bool)


def windows(contract: Contract) -> tuple[Column, ...]:
    """Columns of a table that say what happened within a window."""
    return tuple(column for column in contract.columns if column.window_months is not None)


def check_follow_up(tables: Tables) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    """E137, E138, E194 and E195, and notes of outcomes that are read as not known."""
    people = tables.get("people_on_probation")
    if people is None or "person_id" not in people.frame:
        return (), ()
    first = first_rows(people)
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    for name in OF_PEOPLE:
        table = tables.get(name)
        if table is None or "person_id" not in table.frame:
            continue
        person = first.reindex(table.frame["person_id"]).set_axis(table.frame.index, axis=0)
        problems += _dates(table, person) + _sentences(table, person)
        notes += _left_out(table, person)
    return problems, notes


def _short(table: TextTable, person: pd.DataFrame, column: Column) -> pd.Series:
    """People who were followed for less than the column's window."""
    if START not in person or END not in table.frame or column.window_months is None:
        return pd.Series(False, index=table.frame.index)
    return followed_short(day(person[START]), day(table.frame[END]), column.window_months)


def _dates(table: TextTable, person: pd.DataFrame) -> tuple[Problem, ...]:
    """E137: before the first allocation; E138: proven before it can be."""
    problems: tuple[Problem, ...] = ()
    if START in person:
        start = day(person[START])
        for name in (END, "answered_on"):
            if name in table.frame:
                early = day(table.frame[name]) < start
                problems += table.problem("E137", early, column=name)
    for column in windows(table.contract):
        if column.name in REFUSED_EARLY and column.name in table.frame:
            early = _short(table, person, column) & (table.frame[column.name] != "")
            problems += table.problem("E138", early, column=column.name)
    return problems


def _sentences(table: TextTable, person: pd.DataFrame) -> tuple[Problem, ...]:
    """E194: an outcome of another sentence; E195: none though the sentence has it and the window
    has passed."""
    problems: tuple[Problem, ...] = ()
    kinds = {kind for column in table.contract.columns for kind in column.only_for}
    for column in table.contract.columns:
        if not column.only_for or column.name not in table.frame or "sentence_type" not in person:
            continue
        given, sentence = table.frame[column.name] != "", person["sentence_type"]
        stray = sentence.isin(kinds) & ~sentence.isin(column.only_for) & given
        missing = sentence.isin(column.only_for) & ~given
        if column.window_months is not None:
            missing &= ~_short(table, person, column)
        problems += table.problem("E194", stray, column=column.name)
        problems += table.problem("E195", missing, column=column.name)
    return problems


def _left_out(table: TextTable, person: pd.DataFrame) -> tuple[Note, ...]:
    """Answers within a window that had not passed: how many of each column are read as not
    known."""
    notes: tuple[Note, ...] = ()
    for column in windows(table.contract):
        if column.name in table.frame and column.name not in REFUSED_EARLY:
            known = _short(table, person, column) & (table.frame[column.name] != "")
            if known.any():
                text = LEFT_OUT.format(months=column.window_months)
                notes += (Note(str(table.files[0]), text, column.name, int(known.sum())),)
    return notes
