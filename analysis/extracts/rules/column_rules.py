"""Rules between the columns of one row: events and who was at risk of them, parts and wholes, days
and quarters.

What must hold is declared beside the columns (contract.Rules); here is how it is looked for. A
table that lacks a column is not judged by it (E103 says that the column is missing).
"""

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.files import TextTable
from analysis.extracts.files.text_values import day, is_so, number
from analysis.extracts.tables.contract import DaysOf

NUMBERS = ("whole", "number")


def check_columns(table: TextTable) -> tuple[Problem, ...]:
    """E146, E147, E149, E162, E163 (days of a quarter), E168, E169 and E191 of one cleaned
    table."""
    return (
        *_below(table),
        *_at_risk(table),
        *_only_where(table),
        *_filled_where(table),
        *_parts_and_wholes(table),
        *_days(table),
        *_appointments(table),
    )


def _has(table: TextTable, *columns: str) -> bool:
    return set(columns) <= set(table.frame)


def _below(table: TextTable) -> tuple[Problem, ...]:
    """E149: below the lowest possible value; a negative number has a code of its own."""
    problems: tuple[Problem, ...] = ()
    for column in table.contract.columns:
        if column.kind in NUMBERS and column.low and _has(table, column.name):
            value = number(table.frame[column.name])
            low = (value < column.low) & (value >= 0)
            hint = f"The lowest value is {column.low:g}."
            problems += table.problem("E149", low, column=column.name, hint=hint)
    return problems


def _at_risk(table: TextTable) -> tuple[Problem, ...]:
    """E146: events of people without time at risk. They would vanish, since only rows at risk are
    counted."""
    problems: tuple[Problem, ...] = ()
    for events, base in table.contract.rules.at_risk:
        if _has(table, events, base):
            lost = (number(table.frame[events]) > 0) & ~(number(table.frame[base]) > 0)
            problems += table.problem(
                "E146", lost, column=events, hint=f"It is counted over `{base}`."
            )
    return problems


def _only_where(table: TextTable) -> tuple[Problem, ...]:
    """E146: an answer where what it is about did not happen."""
    problems: tuple[Problem, ...] = ()
    for column, needed in table.contract.rules.only_where:
        if _has(table, column, needed):
            given = is_so(table.contract, table.frame, column)
            stray = given & ~is_so(table.contract, table.frame, needed)
            problems += table.problem("E146", stray, column=column, hint=f"It needs `{needed}`.")
    return problems


def _filled_where(table: TextTable) -> tuple[Problem, ...]:
    """E191: no answer where there must be one; it would be counted as a no."""
    problems: tuple[Problem, ...] = ()
    for column, due in table.contract.rules.filled_where:
        if _has(table, column, due):
            empty = is_so(table.contract, table.frame, due) & (table.frame[column] == "")
            problems += table.problem("E191", empty, column=column, hint=f"`{due}` makes it due.")
    return problems


def _parts_and_wholes(table: TextTable) -> tuple[Problem, ...]:
    """E168: parts that, added up, are more than their whole."""
    frame = table.frame
    problems: tuple[Problem, ...] = ()
    for parts, whole in table.contract.rules.parts:
        if _has(table, *parts, whole):
            total = sum(number(frame[part]) for part in parts)
            larger = total > number(frame[whole])
            problems += table.problem(
                "E168", larger, column=parts[-1], hint=f"The whole is `{whole}`."
            )
    return problems


def _days(table: TextTable) -> tuple[Problem, ...]:
    """E147, E163 and E169: days of the sentence of the row, and no more than its quarter has."""
    frame, rules = table.frame, table.contract.rules
    problems = tuple(fault for rule in rules.days_of for fault in _days_of_others(table, rule))
    names = [rule.days for rule in rules.days_of]
    if len(names) > 1 and _has(table, *names):
        several = np.sum([number(frame[name]) > 0 for name in names], axis=0) > 1
        problems += table.problem("E169", several, column=names[-1])
    held = rules.days_at_risk
    if held and _has(table, *held, "quarter"):
        total = sum(number(frame[name]).fillna(0) for name in held)
        over = total > quarter_days(frame["quarter"])
        hint = "A quarter has 90 to 92 days."
        problems += table.problem("E163", over, column=held[0], hint=hint)
    return problems


def _days_of_others(table: TextTable, rule: DaysOf) -> tuple[Problem, ...]:
    """E147; a value that is not in the contract has a code of its own."""
    if not _has(table, rule.days, rule.column):
        return ()
    kind = table.frame[rule.column]
    known = kind.isin(table.contract.column(rule.column).allowed)
    stray = known & ~kind.isin(rule.values) & (number(table.frame[rule.days]) > 0)
    return table.problem("E147", stray, column=rule.days)


def quarter_days(quarters: pd.Series) -> pd.Series:
    """Days of the quarter that begins on each day; missing where a cell is no day."""
    begin = day(quarters)
    return (begin + pd.DateOffset(months=3) - begin).dt.days


def _appointments(table: TextTable) -> tuple[Problem, ...]:
    """E162."""
    names = ("appointments_kept", "appointments_offered")
    if not _has(table, *names):
        return ()
    kept, offered = (number(table.frame[name]) for name in names)
    return table.problem("E162", kept > offered, column=names[0])


__all__ = ["check_columns", "quarter_days"]
