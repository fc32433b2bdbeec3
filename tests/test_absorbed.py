"""Our within-regression against linearmodels' `AbsorbingLS`, and CR2 with two factors against its
definition written out."""

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv.absorbing import AbsorbingLS
from test_clusters import dense_cr2

from analysis.inference.absorbed.effects import Effects, absorb, independent_columns
from analysis.inference.absorbed.regression import (
    WithinRows,
    absorbed_regression,
    absorbing_least_squares,
)
from analysis.inference.clusters import cr2_tests

EXACT = 1e-9  # one factor: both are exact
ITERATED = 1e-6  # two factors: theirs is iterated until the error is about 1e-8
DENSE = 1e-7  # the pseudo-inverse of the dense one loses half the digits


def design(seed, *, n=240, pieces=1, levels=(14, 9), k=4):
    """Random rows; the levels of both factors lie in `pieces` that nothing connects."""
    rng = np.random.default_rng(seed)
    piece = rng.integers(0, pieces, n)
    factors = [rng.integers(0, many, n) * pieces + piece for many in levels]
    factors = [np.unique(codes, return_inverse=True)[1] for codes in factors]
    x = rng.normal(size=(n, k)) + rng.normal(size=(factors[0].max() + 1, k))[factors[0]]
    x[:, 0] = rng.random(n) < 0.3
    y = x @ rng.normal(size=k) + rng.normal(size=n) + rng.normal(size=99)[factors[1]]
    return y, x, factors


def theirs(y, x, factors, clusters):
    frame = pd.DataFrame({str(i): pd.Categorical(codes) for i, codes in enumerate(factors)})
    model = AbsorbingLS(y, x, absorb=frame)
    fit = model.fit(cov_type="clustered", clusters=clusters, debiased=False, use_cache=False)
    return fit.params.to_numpy(), fit.cov.to_numpy(), int(fit.df_resid)


@pytest.mark.parametrize("seed", range(12))
def test_one_factor_agrees_with_absorbing_ls(seed):
    """Singletons among the effects (300 levels for 240 rows in every third design) change
    nothing."""
    y, x, factors = design(seed, levels=(300 if seed % 3 == 0 else 14, 9))
    cluster = factors[1]
    fit = absorbed_regression(y, x, effects=factors[:1], clusters=[cluster])
    params, covariance, residual_df = theirs(y, x, factors[:1], cluster)
    np.testing.assert_allclose(fit.params, params, rtol=EXACT)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=EXACT, atol=1e-14)
    assert fit.residual_df == residual_df
    asked = absorbing_least_squares(y, x, effects=factors[:1], cluster=cluster)
    np.testing.assert_allclose(asked[0], params)
    np.testing.assert_allclose(asked[1], covariance)


@pytest.mark.parametrize("pieces", [1, 2, 5])
@pytest.mark.parametrize("seed", range(4))
def test_two_factors_agree_with_absorbing_ls_in_one_piece_and_in_several(seed, pieces):
    y, x, factors = design(seed, pieces=pieces)
    fit = absorbed_regression(y, x, effects=factors, clusters=[factors[0]])
    params, covariance, _ = theirs(y, x, factors, factors[0])
    np.testing.assert_allclose(fit.params, params, rtol=ITERATED)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=ITERATED, atol=1e-9)


@pytest.mark.parametrize("pieces", [1, 3])
def test_two_factors_are_taken_out_as_dummies_would_be(pieces):
    _, x, factors = design(5, pieces=pieces)
    dummies = np.column_stack([codes[:, None] == np.unique(codes) for codes in factors]).astype(
        float
    )
    left = x - dummies @ np.linalg.lstsq(dummies, x, rcond=None)[0]
    np.testing.assert_allclose(absorb(x, factors), left, atol=1e-11)


@pytest.mark.parametrize("seed", range(4))
def test_columns_that_repeat_others_are_left_out_before_the_fit(seed):
    _, x, factors = design(seed)
    doubled = np.column_stack([x, x[:, 1] - 2 * x[:, 2], factors[0] * 3.0])
    effects = Effects(tuple(factors))
    assert independent_columns(effects.without(doubled), doubled) == [0, 1, 2, 3]


@pytest.mark.parametrize("seed", range(6))
def test_two_way_clusters_agree_with_absorbing_ls_where_it_is_not_the_smaller(seed):
    y, x, factors = design(seed)
    person = np.random.default_rng(seed).integers(0, 60, len(y))
    y = y + 3 * np.random.default_rng(seed).normal(size=60)[person]
    two = absorbed_regression(y, x, effects=factors[:1], clusters=[factors[1], person])
    one = absorbed_regression(y, x, effects=factors[:1], clusters=[factors[1]])
    both = theirs(y, x, factors[:1], np.column_stack([factors[1], person]))[1]
    if np.linalg.eigvalsh(both)[0] > 0 and (np.diag(both) >= np.diag(one.covariance)).all():
        np.testing.assert_allclose(two.covariance, both, rtol=EXACT, atol=1e-14)
    assert (two.second_factor >= -1e-12).all()


@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize("seed", range(4))
def test_cr2_with_two_factors_agrees_with_its_definition_written_out(seed, pieces):
    """The second factor as dummies among the regressors of the dense one."""
    y, x, factors = design(seed, n=200, pieces=pieces)
    cluster, second = factors
    dummies = (second[:, None] == np.unique(second)).astype(float)
    both = np.column_stack([x, dummies])
    found = cr2_tests(WithinRows.of(y, x, Effects((cluster, second))), [0, 2], cluster)
    for target, test in zip((0, 2), found, strict=True):
        expected = dense_cr2(y, both, target, cluster, cluster)
        assert (test.value, test.std_error, test.df) == pytest.approx(expected, rel=DENSE)


@pytest.mark.parametrize("seed", range(4))
def test_targets_of_one_model_share_their_decompositions_and_nothing_else(seed):
    y, x, factors = design(seed)
    rows = WithinRows.of(y, x, Effects((factors[1],)))
    together = cr2_tests(rows, [0, 1, 3], factors[0])
    for target, test in zip((0, 1, 3), together, strict=True):
        expected = dense_cr2(y, x, target, factors[1], factors[0])
        assert (test.value, test.std_error, test.df) == pytest.approx(expected, rel=DENSE)


@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_effects_that_repeat_others_use_up_no_degrees_of_freedom(pieces):
    """linearmodels takes off one effect in all, and not one for each connected piece."""
    y, x, factors = design(9, pieces=pieces)
    dummies = np.column_stack([codes[:, None] == np.unique(codes) for codes in factors])
    rank = int(np.linalg.matrix_rank(dummies.astype(float)))
    fit = absorbed_regression(y, x, effects=factors, clusters=[factors[0]])
    assert Effects(tuple(factors)).rank == rank
    assert fit.residual_df == len(y) - x.shape[1] - rank
    assert fit.residual_df == theirs(y, x, factors, factors[0])[2] + pieces - 1


def test_effects_of_three_factors_are_refused():
    with pytest.raises(ValueError, match="one factor or two"):
        Effects((np.zeros(2, int),) * 3)


def test_columns_are_not_changed():
    y, x, factors = design(1)
    before = x.copy(), y.copy()
    absorbed_regression(y, x, effects=factors, clusters=[factors[0]])
    assert (x == before[0]).all()
    assert (y == before[1]).all()
