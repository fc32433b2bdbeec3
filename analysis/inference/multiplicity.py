"""Adjusting p-values for the number of questions asked (METHODS section 0 rule 6)."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import numpy as np


def holm(p_values: Iterable[float | None]) -> tuple[float | None, ...]:
    """Holm-adjusted p-values, in the order given: the chance of one false finding in the family
    stays at most alpha.

    A missing p-value (None or NaN: a result that is not estimable or withheld) stays None and does
    not count in the size of the family. Count it by giving 1.0. Source: Holm 1979.
    """
    return _adjusted(p_values, holm_by_row)


def benjamini_hochberg(p_values: Iterable[float | None]) -> tuple[float | None, ...]:
    """Benjamini-Hochberg p-values, in the order given: the expected share of false findings stays
    at most alpha.

    Missing p-values as in `holm`. Source: Benjamini and Hochberg 1995.
    """
    return _adjusted(p_values, benjamini_hochberg_by_row)


def holm_by_row(p_values: np.ndarray) -> np.ndarray:
    """The same of many families, one a row; NaN where a p-value is missing. Not statsmodels'
    multipletests: it collects garbage at each call, 0.1 s in a study's kernel."""

    def step_down(ordered: np.ndarray, size: np.ndarray, rank: np.ndarray) -> np.ndarray:
        return np.maximum.accumulate(ordered * (size - rank + 1), axis=1)

    return _by_row(p_values, step_down)


def benjamini_hochberg_by_row(p_values: np.ndarray) -> np.ndarray:
    """The same of many families, one a row; NaN where a p-value is missing."""

    def step_up(ordered: np.ndarray, size: np.ndarray, rank: np.ndarray) -> np.ndarray:
        raised = np.where(np.isnan(ordered), np.inf, ordered * (size / rank))
        return np.minimum.accumulate(raised[:, ::-1], axis=1)[:, ::-1]

    return _by_row(p_values, step_up)


def _by_row(p_values: np.ndarray, steps: Callable) -> np.ndarray:
    """Each row from its smallest p-value to its largest through `steps` (ordered p-values, how many
    there are in the row, rank of each), missing ones last, and back into the order given."""
    values = np.asarray(p_values, dtype=float)
    missing = np.isnan(values)
    if np.any((values < 0) | (values > 1)):
        raise ValueError("a p-value lies between 0 and 1")
    order = np.argsort(values, axis=1, kind="stable")
    size, rank = (~missing).sum(axis=1, keepdims=True), np.arange(1, values.shape[1] + 1)
    stepped = steps(np.take_along_axis(values, order, axis=1), size, rank)
    adjusted = np.empty_like(values)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1.0), axis=1)
    return np.where(missing, np.nan, adjusted)


def _adjusted(
    p_values: Iterable[float | None], by_row: Callable[[np.ndarray], np.ndarray]
) -> tuple[float | None, ...]:
    values = np.array([[np.nan if p is None else float(p) for p in p_values]], dtype=float)
    return tuple(None if np.isnan(p) else float(p) for p in by_row(values)[0])


# By the name that a plan gives the method of a family.
ADJUSTMENTS: Mapping[str, Callable[[Iterable[float | None]], tuple[float | None, ...]]] = (
    MappingProxyType({"holm": holm, "benjamini_hochberg": benjamini_hochberg})
)
ADJUSTMENTS_BY_ROW: Mapping[str, Callable[[np.ndarray], np.ndarray]] = MappingProxyType(
    {"holm": holm_by_row, "benjamini_hochberg": benjamini_hochberg_by_row}
)
