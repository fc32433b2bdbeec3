"""Text of a cell to value: stray spaces and case are mended (and noted), types follow the contract."""

import datetime
import math
import re

import numpy as np
import pandas as pd

from analysis.extracts.contract import Column, Contract

STRAY = " \t\u00a0\u2007\u202f\ufeff"  # space, tab, the three non-breaking spaces, byte order mark
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?")
TRUTHS = {"true": True, "false": False, "1": True, "0": False}
YES_NO = re.compile(r"[01](\.0+)?")


def cleaned(column: Column, text: str) -> str:
    """A cell without stray spaces, in the case of the allowed values, a date without its midnight."""
    text = text.strip(STRAY).replace("\u00a0", " ")
    if column.allowed and text not in column.allowed:
        return {value.lower(): value for value in column.allowed}.get(text.lower(), text)
    if column.kind == "truth":
        return text.lower()
    if column.kind == "date" and (midnight := ISO_MIDNIGHT.fullmatch(text)):
        return midnight[1]
    return text


def cleaned_column(column: Column, texts: pd.Series) -> pd.Series:
    """All cells of a column, cleaned; a new series."""
    if column.kind == "id":  # nearly all differ: stripped as a whole
        return texts.str.strip(STRAY)
    codes, found = pd.factorize(texts)
    return pd.Series(
        np.array([cleaned(column, text) for text in found], dtype=object)[codes], index=texts.index, dtype="str"
    )


def as_text(values: pd.Series) -> pd.Series:
    """A column of any type as the text that a CSV file would hold; empty where missing. A new series."""
    if isinstance(values.dtype, pd.StringDtype):
        return values.astype("str").fillna("")
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.map({True: "true", False: "false"}).astype("str").fillna("")
    codes, found = pd.factorize(values, use_na_sentinel=True)
    texts = np.array([_plain_text(value) for value in found] + [""], dtype=object)
    return pd.Series(texts[codes], index=values.index, dtype="str")


def _plain_text(value) -> str:
    if isinstance(value, (pd.Timestamp, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, (float, np.floating)) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)


def typed(contract: Contract, frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """`frame` with the types of its contract, and for each column the number of cells that do not fit.

    Text columns are cleaned first; columns that an engine has typed already are left to it.
    """
    columns, faults = {}, {}
    for name in frame.columns:
        values, unfit = _typed_column(contract.column(name), frame[name])
        columns[name] = values
        if unfit:
            faults[name] = unfit
    return pd.DataFrame(columns), faults


def _typed_column(column: Column, values: pd.Series) -> tuple[pd.Series, int]:
    if values.dtype == column.dtype and column.kind not in ("id", "category"):
        return values, int(values.isna().sum()) if column.empty is None else 0
    text = cleaned_column(column, as_text(values))
    filled = text.where(text != "")
    if column.kind in ("id", "category"):
        parsed = filled
    elif column.kind == "date":
        parsed = pd.to_datetime(filled, format="%Y-%m-%d", errors="coerce").astype(column.dtype)
    elif column.kind == "truth":
        parsed = filled.map(TRUTHS)
    else:
        parsed = pd.to_numeric(filled, errors="coerce")
    unfit = int((parsed.isna() & filled.notna()).sum()) + (int(filled.isna().sum()) if column.empty is None else 0)
    if column.kind == "whole":
        unfit += int((parsed.dropna() % 1 != 0).sum())
    return (parsed if unfit else parsed.astype(column.dtype)), unfit
