"""Codes at the door of a design: 0 and 1, numbers, and the first treated period, each refused by
name where it is coded as another tool does (1 and 2, text, 0 for never treated)."""

import numpy as np
import pandas as pd

NEVER_CODES = (0, -1)  # how R's did and csdid in Stata (0), and others (-1), write never treated


def zero_one(values: pd.Series, name: str) -> np.ndarray:
    """The column as numbers 0 and 1 (NaN: missing). ValueError names the column and how to mend any
    other coding."""
    _refuse_text(values, name, "write 1 for yes and 0 for no, as numbers")
    found = _numbers(values)
    known = found[~np.isnan(found)]
    if np.isin(known, (0.0, 1.0)).all():
        return found
    mend = "subtract 1" if np.isin(known, (1.0, 2.0)).all() else "recode it"
    raise ValueError(
        f"column {name!r} holds other codes than 0 and 1: 1 is yes and 0 is no; {mend}"
    )


def share(values: pd.Series, name: str) -> np.ndarray:
    """The column as numbers from 0 to 1 (NaN: missing), such as 0 and 1 themselves. ValueError
    names the column."""
    _refuse_text(values, name, "write 1 for yes and 0 for no, as numbers")
    found = _numbers(values)
    known = found[~np.isnan(found)]
    if ((known < 0) | (known > 1)).any():
        raise ValueError(f"column {name!r} lies outside 0 to 1: 1 is all and 0 is none")
    return found


def numbers(values: pd.Series, name: str) -> np.ndarray:
    """The column as numbers (NaN: missing). ValueError where it holds text, even text that looks
    like numbers."""
    _refuse_text(values, name, "give numbers")
    return _numbers(values)


def exit_reason(values: pd.Series, name: str) -> pd.Series:
    """Why people left (missing: they had not). ValueError for 0, by which R's cmprsk means that
    nobody left.
    """
    known = pd.Series(list(values.dropna().unique()), dtype=object)
    if known.map(lambda one: isinstance(one, str) and one.strip() in ("", "0")).any():
        raise ValueError(f"column {name!r} holds an empty text or '0' for no exit: write missing")
    if not known.empty and known.map(lambda one: not isinstance(one, str) and one == 0).any():
        raise ValueError(
            f"column {name!r} holds 0 for no exit, as the R package cmprsk does: write missing"
        )
    return values


def first_treated_period(frame: pd.DataFrame, *, first_treated: str, period: str) -> pd.Series:
    """The column as it is, once it can be read: a period a row, missing where the unit is never
    treated.

    A period after the last one, infinity among them, is "not yet". One before the first is refused
    where it is a code of never (0, -1) or lies more than one step before the panel, since nobody
    can tell such a start from a code: write the first period of the panel for units treated before
    it. ValueError names the column.
    """
    starts, periods = frame[first_treated], frame[period]
    if pd.api.types.is_bool_dtype(starts.dtype):
        raise ValueError(
            f"column {first_treated!r} holds true and false: write the first treated period,"
            " missing for never"
        )
    known = starts.dropna().infer_objects()
    if known.empty or periods.dropna().empty:
        return starts
    if _is_text(known) != _is_text(periods):
        raise ValueError(
            f"column {first_treated!r} holds text and {period!r} does not (or the other way round):"
            " write the first treated period as in the period column, and missing for never"
            " treated"
        )
    if _is_text(known):
        return _text_starts(starts, sorted(periods.dropna().unique()), first_treated)
    if pd.api.types.is_numeric_dtype(known.dtype) != pd.api.types.is_numeric_dtype(periods.dtype):
        raise ValueError(
            f"column {first_treated!r} is of another type than {period!r}: write both alike"
        )
    if isinstance(known.dtype, pd.PeriodDtype) and known.dtype == periods.dtype:
        known, periods = known.astype("int64"), periods.dropna().astype("int64")
    _refuse_early(known, np.sort(periods.dropna().unique()), first_treated)
    return starts


def _text_starts(starts: pd.Series, periods: list, name: str) -> pd.Series:
    known = starts.dropna()
    if (~known.isin(periods) & (known < periods[-1])).any():
        raise ValueError(
            f"column {name!r} holds text that is no period of the panel: write missing for never"
            " treated"
        )
    if known[known > periods[-1]].map(lambda one: not any(c.isdigit() for c in str(one))).any():
        raise ValueError(f"column {name!r} holds a word for never treated: write missing")
    return starts


def _refuse_early(known: pd.Series, periods: np.ndarray, name: str) -> None:
    """A start before the panel that may be a code of never treated."""
    first, early = periods[0], known[known < periods[0]]
    if early.empty:
        return
    numeric = pd.api.types.is_numeric_dtype(known.dtype)
    steps = np.diff(periods) if len(periods) > 1 else None
    step = (
        None if steps is None else steps.min() if numeric else 1.1 * steps.max()
    )  # months differ in length
    codes = early.isin(NEVER_CODES).any() if numeric else False
    if codes:
        raise ValueError(
            f"column {name!r} holds 0 or -1, before every period, as the R package did and csdid"
            " write never treated: write missing for never treated, and the first period of the"
            " panel for treated from the start"
        )
    if step is None or (early < first - step).any():
        raise ValueError(
            f"column {name!r} lies more than one period before the panel: write the first period of"
            " the panel for units treated from the start, and missing for never treated"
        )


def _is_text(values: pd.Series) -> bool:
    kept = values.dropna()
    if pd.api.types.is_string_dtype(kept.dtype) and kept.dtype != object:
        return True
    return kept.dtype == object and bool(kept.map(lambda one: isinstance(one, str)).any())


def _refuse_text(values: pd.Series, name: str, mend: str) -> None:
    categories = (
        values.cat.categories.to_series()
        if isinstance(values.dtype, pd.CategoricalDtype)
        else values
    )
    if _is_text(categories):
        raise ValueError(f"column {name!r} holds text: {mend}")


def _numbers(values: pd.Series) -> np.ndarray:
    return values.to_numpy(dtype=float, na_value=np.nan)
