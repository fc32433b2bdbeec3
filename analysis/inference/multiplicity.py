"""Adjusting p-values for the number of questions asked (METHODS section 0 rule 6)."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import numpy as np
from scipy.stats import false_discovery_control


def holm(p_values: Iterable[float | None]) -> tuple[float | None, ...]:
    """Holm-adjusted p-values, in the order given: the chance of one false finding in the family
    stays at most alpha.

    A missing p-value (None or NaN: a result that is not estimable or withheld) stays None and does
    not count in the size of the family. Count it by giving 1.0. Source: Holm 1979.
    """
    return _adjusted(p_values, _holm)


def benjamini_hochberg(p_values: Iterable[float | None]) -> tuple[float | None, ...]:
    """Benjamini-Hochberg p-values, in the order given: the expected share of false findings stays
    at most alpha.

    Missing p-values as in `holm`. Source: Benjamini and Hochberg 1995.
    """
    return _adjusted(p_values, false_discovery_control)


def _holm(values: np.ndarray) -> np.ndarray:
    """Step-down Bonferroni. Not statsmodels' multipletests: it collects garbage at each call, 0.1 s
    in a study's kernel."""
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _adjusted(
    p_values: Iterable[float | None], adjust: Callable[[np.ndarray], np.ndarray]
) -> tuple[float | None, ...]:
    values = np.array([np.nan if p is None else float(p) for p in p_values], dtype=float)
    present = ~np.isnan(values)
    if np.any((values[present] < 0) | (values[present] > 1)):
        raise ValueError("a p-value lies between 0 and 1")
    if present.any():
        values[present] = adjust(values[present])
    return tuple(float(v) if ok else None for v, ok in zip(values, present, strict=True))


# By the name that a plan gives the method of a family.
ADJUSTMENTS: Mapping[str, Callable[[Iterable[float | None]], tuple[float | None, ...]]] = (
    MappingProxyType({"holm": holm, "benjamini_hochberg": benjamini_hochberg})
)
