"""Columns of text as numbers, days and answers: what rules between columns, rows and tables
compare."""

import pandas as pd

from analysis.extracts.tables.contract import Contract


def number(texts: pd.Series) -> pd.Series:
    """Numbers of a column of text; missing where a cell is empty or no number."""
    return pd.to_numeric(texts.where(texts != ""), errors="coerce")


def day(texts: pd.Series) -> pd.Series:
    """Days of a column of text (YYYY-MM-DD); missing where a cell is none."""
    return pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce")


def joined(columns: pd.DataFrame) -> pd.Series:
    """The cells of each row as one text, told apart by NUL, which no cell holds."""
    first, *others = (columns[name] for name in columns)
    for other in others:
        first = first + "\0" + other
    return first


def is_so(contract: Contract, frame: pd.DataFrame, column: str) -> pd.Series:
    """Whether a column says yes: true in a column of true and false, and anything at all in the
    others."""
    if contract.column(column).kind == "truth":
        return frame[column].isin(["true", "1"])
    return frame[column] != ""


def among(ids: pd.Series, known: pd.Series) -> pd.Series:
    """Whether each id is among the known ones (a hash: `isin` on text compares with each of
    them)."""
    places = pd.Index(known.unique(), dtype=object).get_indexer(ids.astype(object))
    return pd.Series(places >= 0, index=ids.index)
