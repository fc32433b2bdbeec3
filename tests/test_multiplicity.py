"""Adjusted p-values: worked by hand, and missing ones stay missing."""

import math

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from analysis.inference.multiplicity import (
    benjamini_hochberg,
    benjamini_hochberg_by_row,
    holm,
    holm_by_row,
)


@pytest.mark.parametrize(
    ("adjust", "given", "expected"),
    [
        (holm, [0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        (benjamini_hochberg, [0.01, 0.04, 0.03], [0.03, 0.04, 0.04]),
        (holm, [0.01, None, 0.04, float("nan"), 0.03], [0.03, None, 0.06, None, 0.06]),
        (holm, [0.9], [0.9]),
        (holm, [], []),
        (benjamini_hochberg, [None, None], [None, None]),
    ],
)
def test_adjusts_in_the_order_given_and_leaves_missing_p_values_out_of_the_family(
    adjust, given, expected
):
    adjusted = adjust(given)
    assert [p is None for p in adjusted] == [p is None for p in expected]
    assert all(math.isclose(a, b) for a, b in zip(adjusted, expected, strict=True) if b is not None)


@pytest.mark.parametrize(("adjust", "name"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
def test_agrees_with_statsmodels(adjust, name):
    from statsmodels.stats.multitest import multipletests

    for seed in range(20):
        p_values = np.random.default_rng(seed).uniform(size=1 + seed) ** 3
        assert adjust(p_values) == pytest.approx(multipletests(p_values, method=name)[1], rel=1e-12)


def test_refuses_a_p_value_that_is_none():
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.2, 1.2])


@pytest.mark.parametrize(
    ("by_row", "adjust"),
    [(holm_by_row, holm), (benjamini_hochberg_by_row, benjamini_hochberg)],
)
def test_many_families_at_once_are_those_one_by_one(by_row, adjust):
    """Ties, missing p-values, families of one and of none; Benjamini and Hochberg also as scipy
    does it."""
    rng = np.random.default_rng(4)
    families = np.round(rng.uniform(size=(200, 7)) ** 3, 2)
    families[rng.uniform(size=families.shape) < 0.3] = np.nan
    families[0] = np.nan
    found = by_row(families)
    for row, own in zip(found, families, strict=True):
        assert [None if np.isnan(p) else p for p in row] == list(adjust(own))
        told = own[~np.isnan(own)]
        if adjust is benjamini_hochberg and len(told):
            np.testing.assert_array_equal(row[~np.isnan(own)], false_discovery_control(told))
