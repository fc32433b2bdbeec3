"""What is constant in a person: nobody stands in two groups of one round, in one table or across
tables.

A round is a calendar quarter, or the year that ends in the newest closed quarter (over on the day
of the extract), as the contract says. Someone who declares an ethnic group during a round stood
under a kind of missing before it: that is no second group. A group that changes from one round to
the next is no fault; it is noted, with how many people it moved.
"""

from itertools import pairwise

import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.files import Note, TextTable
from analysis.extracts.files.text_values import day
from analysis.extracts.rules.link_rules import Tables
from analysis.vocabulary.ethnicity import RECORDED_MISSING

QUARTER = "quarter"
RECODED = (
    "people stand with another group than in an earlier reporting period; the series has a break"
    " there"
)


def check_persons(tables: Tables) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    """E178 and E179 within tables, E178 across those that name people alike; notes of recodes
    between rounds."""
    closed = _newest_closed(tables.get("extract"))
    problems = tuple(fault for table in tables.values() for fault in _within(table, closed))
    notes = tuple(note for table in tables.values() for note in _recoded(table, closed))
    kinds: dict[tuple[str, str], list[TextTable]] = {}
    for table in tables.values():
        rules = table.contract.rules
        if rules.constant and rules.person in table.frame:
            kinds.setdefault((table.contract.service, rules.person), []).append(table)
    for alike in kinds.values():
        for first, second in pairwise(alike):
            problems += _other_group(first, second, closed)
    return problems, notes


def _newest_closed(extract: TextTable | None) -> int | None:
    """Number of the newest quarter that was over on the day of the extract; None where it gives
    none."""
    if extract is None or "extract_date" not in extract.frame:
        return None
    drawn = day(extract.frame["extract_date"])
    return (
        None
        if drawn.isna().any() or drawn.empty
        else int(drawn.dt.year.iloc[0] * 4 + drawn.dt.quarter.iloc[0]) - 1
    )


def _within(table: TextTable, closed: int | None) -> tuple[Problem, ...]:
    rules = table.contract.rules
    problems: tuple[Problem, ...] = ()
    if rules.person not in table.frame:
        return ()
    for column in (name for name in rules.constant if name in table.frame):
        problems += table.problem("E178", _second_group(table, column, closed), column=column)
    for column in (name for name in rules.rising if name in table.frame):
        problems += table.problem("E179", _falls(table, column), column=column)
    return problems


def _rounds(tables: list[TextTable], closed: int | None) -> list[pd.Series]:
    """The round of each row, counted back from the newest closed quarter of all tables; 0 where
    rows have no quarter.

    Quarters after it stand in rounds of their own, below 0.
    """
    if not all(QUARTER in table.frame for table in tables):
        return [pd.Series(0, index=table.frame.index) for table in tables]
    size = max(table.contract.rules.round_quarters for table in tables)
    days = [day(table.frame[QUARTER]) for table in tables]
    counted = [each.dt.year * 4 + each.dt.quarter for each in days]
    newest = max((each.max() for each in counted), default=0)
    newest = newest if closed is None else min(newest, closed)
    return [((newest - each) // size).astype("Int64") for each in counted]


def _known(table: TextTable, column: str) -> pd.Series:
    """Cells that name a group of the contract, and no kind of missing."""
    named = set(table.contract.column(column).allowed) - {*RECORDED_MISSING}
    return table.frame[column].isin(named)


def _rows(table: TextTable, column: str, closed: int | None) -> pd.DataFrame:
    """person, round, when, value and known of each row, oldest first; rows without person or
    quarter left out."""
    frame = table.frame
    dated = QUARTER in frame
    rows = pd.DataFrame(
        {
            "person": frame[table.contract.rules.person],
            "round": _rounds([table], closed)[0],
            "when": day(frame[QUARTER]) if dated else pd.Timestamp(0),
            "value": frame[column],
            "known": _known(table, column),
        }
    )
    rows = rows[(rows["person"] != "") & rows["round"].notna()]
    return rows.sort_values("when", kind="stable")


def _second_group(table: TextTable, column: str, closed: int | None) -> pd.Series:
    """Rows with another value than the person's first known one of the round; one day twice has
    codes of its own."""
    rows = _rows(table, column, closed)
    keys = [rows["person"], rows["round"]]
    first = rows["value"].where(rows["known"]).groupby(keys).transform("first")
    known_from = rows["when"].where(rows["known"]).groupby(keys).transform("min")
    valid = rows["known"] | rows["value"].isin(RECORDED_MISSING)
    later = (rows["when"] > known_from) | (QUARTER not in table.frame)
    differs = valid & first.notna() & (rows["value"] != first) & later
    return differs.reindex(table.frame.index, fill_value=False)


def _falls(table: TextTable, column: str) -> pd.Series:
    """Rows whose value stands lower in the contract's order than one of an earlier quarter."""
    order = {value: k for k, value in enumerate(table.contract.column(column).allowed)}
    rows = _rows(table, column, None)
    place = rows["value"].map(order)
    highest = place.groupby(rows["person"]).cummax().groupby(rows["person"]).shift()
    return (place < highest).reindex(table.frame.index, fill_value=False)


def _other_group(first: TextTable, second: TextTable, closed: int | None) -> tuple[Problem, ...]:
    """E178: known otherwise in another table in the same round."""
    problems: tuple[Problem, ...] = ()
    rounds = _rounds([first, second], closed)
    both = {*first.contract.rules.constant} & {*second.contract.rules.constant}
    for column in sorted(both & {*first.frame} & {*second.frame}):
        keys = [
            pd.MultiIndex.from_arrays([table.frame[table.contract.rules.person], each])
            for table, each in zip((first, second), rounds, strict=True)
        ]
        known = _known(first, column).to_numpy()
        held = pd.Series(first.frame[column].to_numpy()[known], index=keys[0][known])
        held = held[~held.index.duplicated()]
        other = pd.Series(held.reindex(keys[1]).to_numpy(), index=second.frame.index)
        differs = _known(second, column) & other.notna() & (other != second.frame[column])
        hint = f"It stands otherwise in {first.contract.table}."
        problems += second.problem("E178", differs, column=column, hint=hint)
    return problems


def _recoded(table: TextTable, closed: int | None) -> tuple[Note, ...]:
    """How many people stand with another group than in the round in which they stood before."""
    rules = table.contract.rules
    notes: tuple[Note, ...] = ()
    if QUARTER not in table.frame or rules.person not in table.frame:
        return ()
    for column in (name for name in rules.constant if name in table.frame):
        n = int(_moved(_rows(table, column, closed)).sum())
        if n:
            notes += (Note(str(table.files[0]), RECODED, column, n),)
    return notes


def _moved(rows: pd.DataFrame) -> pd.Series:
    """By person: whether the last value of a round differs from that of the round before, both of
    them named.

    A group that is withdrawn counts too; one that is declared for the first time does not.
    """
    last = rows.drop_duplicates(["person", "round"], keep="last").sort_values(
        "round", ascending=False
    )
    before = last.groupby("person")["value"].shift()
    named = last.groupby("person")["known"].shift().fillna(False).astype(bool)
    moved = named & (before != last["value"])
    return moved.groupby(last["person"]).any()
