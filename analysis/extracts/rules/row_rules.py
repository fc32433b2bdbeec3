"""Rules between the rows of one table: ids, keys that stand again, quarters, periods, and rows that
are totals."""

import re
from functools import cache

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.files import TextTable
from analysis.extracts.files.text_values import day, joined
from analysis.vocabulary.ethnicity import RECORDED_MISSING
from analysis.vocabulary.regions import place_sets

TOTALS = frozenset(
    {
        "total",
        "totals",
        "subtotal",
        "subtotals",
        "sum",
        "sums",
        "overall",
        "grandtotal",
        "aggregate",
    }
)
EVERYONE = frozenset({"all", "everyone", "everybody", "any", "rest", "remainder", "unallocated"})
WHOLES = frozenset(
    {
        "national",
        "nation",
        "england",
        "wales",
        "englandandwales",
        "englandwales",
        "uk",
        "unitedkingdom",
        "region",
    }
)
# Words that may stand beside "all" without turning it into an id.
BESIDE = frozenset(
    {"people", "persons", "person", "regions", "region", "cases", "case", "staff", "groups", "rows"}
    | {"of", "and", "the", "grand", "sub"}
)
PERIOD = re.compile(r"(19|20)\d\d|q[1-4]", re.IGNORECASE)


def check_rows(table: TextTable) -> tuple[Problem, ...]:
    """E112, E120, E125 to E127, E139, E145, E148 and E196 of one cleaned table."""
    frame = table.frame
    problems: list[Problem] = []
    if table.contract.table == "extract":
        return () if len(frame) == 1 else table.problem("E196", np.ones(len(frame)))
    if "ethnicity" in frame and len(frame) and frame["ethnicity"].isin(RECORDED_MISSING).all():
        problems += table.problem("E112", np.ones(len(frame)), column="ethnicity")
    for column in (c.name for c in table.contract.columns if c.kind == "id" and c.name in frame):
        problems += table.problem("E125", _lost_zeros(frame[column]), column=column)
        problems += table.problem("E148", totals(frame[column]), column=column)
    return (*problems, *_repeated_keys(table), *_quarters(table), *_periods_twice(table))


def totals(ids: pd.Series) -> pd.Series:
    """Ids that read as a total, as everyone or as a place: "Total", "grand_total", "ALL people",
    "West Midlands"."""
    numbers, found = pd.factorize(ids)
    # Digits make an id, other than those of a year or a quarter beside a word: nearly all are out
    # at once.
    plain = pd.Series(found, dtype="str").str.replace(PERIOD.pattern, " ", regex=True, case=False)
    worded = plain.str.contains("[A-Za-z]", regex=True) & ~plain.str.contains("[0-9]", regex=True)
    judged = np.array(worded, dtype=bool)
    judged[judged] = [_is_total(text) for text in plain[judged]]
    return pd.Series(judged[numbers], index=ids.index)


def _is_total(plain: str) -> bool:
    words = re.findall(r"[a-z]+", plain.lower())
    word = "".join(words)
    if TOTALS & {*words, word} or word in _places():
        return True
    return bool(EVERYONE & {*words}) and {*words} <= EVERYONE | BESIDE | _places()


@cache
def _places() -> frozenset[str]:
    """Every place of every set, by id and by name, in letters alone."""
    kinds = place_sets().values()
    named = {word for kind in kinds for place in kind.places for word in (place.id, place.name)}
    return WHOLES | {re.sub(r"[^a-z]", "", word.lower()) for word in named}


def _quarters(table: TextTable) -> tuple[Problem, ...]:
    """E139; a date that does not exist has a code of its own."""
    if "quarter" not in table.frame:
        return ()
    first = day(table.frame["quarter"])
    return table.problem("E139", first.notna() & ~first.dt.is_quarter_start, column="quarter")


def _periods_twice(table: TextTable) -> tuple[Problem, ...]:
    """E145: periods of one prison that begin before an earlier one has ended (a key that stands
    twice is E120)."""
    names = ["prison_id", "valid_from", "valid_to"]
    if table.contract.table != "prisons" or not {*names} <= set(table.frame):
        return ()
    prison, *dates = (table.frame[name] for name in names)
    begin, end = map(day, dates)
    rows = pd.DataFrame({"prison": prison, "begin": begin, "end": end})
    rows = rows.dropna().sort_values(["prison", "begin"])
    before = rows.groupby("prison")["end"].transform(lambda ends: ends.cummax().shift())
    again = rows.duplicated(["prison", "begin"])
    overlaps = (rows["begin"] <= before) & ~again
    overlaps = overlaps.reindex(table.frame.index, fill_value=False)
    return table.problem("E145", overlaps & (prison != ""), column="valid_from")


def _lost_zeros(ids: pd.Series) -> pd.Series:
    """Ids of digits only that are shorter than others of the same column which begin with a
    zero."""
    digits = ids.str.fullmatch(r"[0-9]+")
    padded = ids[digits & ids.str.startswith("0")]
    if padded.empty:
        return pd.Series(False, index=ids.index)
    return digits & (ids.str.len() < padded.str.len().max()) & ~ids.str.startswith("0")


def _repeated_keys(table: TextTable) -> tuple[Problem, ...]:
    """A key that stands again: with another region (E126), another ethnic group (E127), or simply
    twice (E120)."""
    keys = list(table.contract.key)
    if not set(keys) <= set(table.frame):
        return ()
    parts, key = table.frame[keys], keys[-1]
    ids = joined(parts)
    repeated = ids.duplicated(keep=False) & (parts != "").all(axis=1)
    again = repeated & ids.duplicated()
    region = repeated & _differs(table.frame, ids, "region", repeated)
    ethnicity = repeated & ~region & _differs(table.frame, ids, "ethnicity", repeated)
    return (
        *table.problem("E126", again & region, column=key),
        *table.problem("E127", again & ethnicity, column=key),
        *table.problem("E120", again & ~region & ~ethnicity, column=key),
    )


def _differs(frame: pd.DataFrame, ids: pd.Series, column: str, repeated: pd.Series) -> pd.Series:
    if column not in frame or not repeated.any():
        return pd.Series(False, index=frame.index)
    kinds = frame.loc[repeated, column].groupby(ids[repeated]).nunique()
    return ids.map(kinds > 1).fillna(False).astype(bool)


__all__ = ["check_rows", "totals"]
