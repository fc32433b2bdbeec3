"""Text of a cell to value: stray blanks and case are mended (and noted), types follow the
contract."""

import datetime
import math
import re
from decimal import Decimal

import numpy as np
import pandas as pd

from analysis.extracts.files.blanks import STRAY
from analysis.extracts.files.numbers import is_number, plain_number
from analysis.extracts.tables.contract import Column, Contract

ISO_MIDNIGHT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00(:00(\.0+)?)?( ?(Z|UTC|[+-]00(:?00)?))?"
)
TRUTHS = {"true": True, "false": False, "1": True, "0": False}
NUMERIC = ("whole", "number", "flag", "rating")
BLANKS, CASE = (
    "blanks at the ends of cells taken out",
    "letter case (and blanks) as in the data dictionary",
)
MIDNIGHT, PLAIN = "a time of midnight taken out of dates", "numbers without needless zeros"


def cleaned(column: Column, text: str) -> str:
    """A cell without stray blanks, in the case of the allowed values, a date without its midnight,
    a plain number."""
    text = text.strip(STRAY)
    if column.kind in NUMERIC:
        return plain_number(text)
    text = text.replace("\u00a0", " ")
    if column.allowed and text not in column.allowed:
        return {value.lower(): value for value in column.allowed}.get(text.lower(), text)
    if column.kind == "truth":
        return text.lower()
    if column.kind == "date" and (midnight := ISO_MIDNIGHT.fullmatch(text)):
        return midnight[1]
    return text


def mended_by(column: Column, text: str) -> str:
    """The rule by which `cleaned` changes a cell, in words; empty where it changes nothing."""
    after = cleaned(column, text)
    if after == text:
        return ""
    if after == text.strip(STRAY):
        return BLANKS
    return {"date": MIDNIGHT}.get(column.kind, PLAIN if column.kind in NUMERIC else CASE)


def cleaned_column(column: Column, texts: pd.Series) -> pd.Series:
    """All cells of a column, cleaned; a new series."""
    if column.kind == "id":  # nearly all differ: stripped as a whole
        return texts.str.strip(STRAY)
    codes, found = pd.factorize(texts)
    values = np.array([cleaned(column, text) for text in found], dtype=object)
    return pd.Series(values[codes], index=texts.index, dtype="str")


def as_text(values: pd.Series) -> pd.Series:
    """A column of any type as the text that a CSV file would hold; empty where missing. A new
    series."""
    if isinstance(values.dtype, pd.StringDtype):
        return values.astype("str").fillna("")
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.map({True: "true", False: "false"}).astype("str").fillna("")
    if (
        values.dtype == object and values.map(type).isin((list, dict, np.ndarray)).any()
    ):  # nested: one text a cell
        return values.map(lambda value: "" if value is None else str(value)).astype("str")
    codes, found = pd.factorize(values, use_na_sentinel=True)
    texts = np.array([_plain_text(value) for value in found] + [""], dtype=object)
    return pd.Series(texts[codes], index=values.index, dtype="str")


def _plain_text(value) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (pd.Timestamp, datetime.datetime)):
        midnight = (
            value.tzinfo is None and value == value.normalize()
            if hasattr(value, "normalize")
            else False
        )
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, (float, np.floating)) and math.isfinite(value):
        return np.format_float_positional(value, trim="-")
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"
    return str(value)


def typed(contract: Contract, frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """`frame` with the types of its contract, and for each column the number of cells that do not
    fit.

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
        parsed = pd.to_numeric(filled.where(_numbers(filled)), errors="coerce")
    unfit = int((parsed.isna() & filled.notna()).sum()) + (
        int(filled.isna().sum()) if column.empty is None else 0
    )
    if column.kind == "whole":
        unfit += int((parsed.dropna() % 1 != 0).sum())
    return (parsed if unfit else parsed.astype(column.dtype)), unfit


def _numbers(texts: pd.Series) -> pd.Series:
    """Whether each text keeps the grammar of numbers; distinct texts are judged once."""
    codes, found = pd.factorize(texts, use_na_sentinel=True)
    return pd.Series(
        np.array([*map(is_number, found), False], dtype=bool)[codes], index=texts.index
    )
