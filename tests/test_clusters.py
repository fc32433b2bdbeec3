"""CR2 against a dense implementation from its definition, and against results known in closed
form."""

import math

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv.absorbing import AbsorbingLS
from scipy import stats

from analysis.inference.absorbed.effects import absorb, independent_columns
from analysis.inference.absorbed.regression import absorbed_regression
from analysis.inference.clusters import cr2, t_interval

DENSE = 1e-8  # both are exact; the pseudo-inverse of the dense one loses half the digits


def dense_cr2(y, regressors, target, effect, clusters):
    """Definition of Pustejovsky and Tipton 2018, section 2: every matrix written out."""
    design = np.column_stack([regressors, (effect[:, None] == np.unique(effect)).astype(float)])
    bread = np.linalg.pinv(design.T @ design)
    beta = bread @ design.T @ y
    rest = np.eye(len(y)) - design @ bread @ design.T
    residual, score, forms = y - design @ beta, [], []
    for cluster in np.unique(clusters):
        own = clusters == cluster
        values, vectors = np.linalg.eigh(rest[np.ix_(own, own)])
        root = np.array([1 / math.sqrt(v) if v > 1e-9 else 0.0 for v in values])
        adjusted = vectors @ np.diag(root) @ vectors.T
        row = (bread @ design[own].T @ adjusted)[target]
        score.append(row @ residual[own])
        forms.append(rest[:, own] @ row)
    forms = np.array(forms) @ np.array(forms).T
    return (
        beta[target],
        math.sqrt(np.sum(np.square(score))),
        np.trace(forms) ** 2 / np.sum(forms**2),
    )


def region(seed, n=160, clusters=11, cells=7, extra=0):
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, clusters, n)
    effect = (cluster // 3 + rng.integers(0, 2, n)) % cells
    exposure = ((cluster % 3 == 0) | (rng.random(n) < 0.15)).astype(float)
    regressors = np.column_stack([exposure, rng.normal(size=(n, extra))])
    return rng.normal(size=n) + rng.normal(size=clusters)[cluster], regressors, effect, cluster


@pytest.mark.parametrize("extra", [0, 1, 4])
@pytest.mark.parametrize("seed", range(6))
def test_cr2_agrees_with_its_definition_written_out(seed, extra):
    y, regressors, effect, cluster = region(seed, extra=extra)
    found = cr2(y, regressors, target=0, effect=effect, clusters=cluster)
    value, error, df = dense_cr2(y, regressors, 0, effect, cluster)
    assert (found.value, found.std_error, found.df) == pytest.approx((value, error, df), rel=DENSE)


@pytest.mark.parametrize("seed", range(3))
def test_cr2_of_clusters_of_many_shapes_agrees_with_its_definition(seed):
    """One row to 90 rows, one cell to many, fewer rows than columns: every shape of the stacks,
    filled up or not."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(40), np.round(np.geomspace(1, 90, 40)).astype(int))
    effect = (cluster % 6) * 2 + (rng.random(len(cluster)) < 0.4 * (cluster % 3))
    effect = np.unique(effect, return_inverse=True)[1]
    regressors = np.column_stack(
        [rng.random(len(cluster)) < 0.4, rng.normal(size=(len(cluster), 5))]
    ).astype(float)
    y = rng.normal(size=len(cluster)) + rng.normal(size=40)[cluster]
    found = cr2(y, regressors, target=0, effect=effect, clusters=cluster)
    expected = dense_cr2(y, regressors, 0, effect, cluster)
    assert (found.value, found.std_error, found.df) == pytest.approx(expected, rel=DENSE)


@pytest.mark.parametrize("seed", range(4))
def test_cr2_takes_the_pseudo_inverse_where_effects_are_nested_in_clusters(seed):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(12), 9)
    exposure = (rng.random(108) < rng.uniform(0.2, 0.8, 12)[cluster]).astype(float)
    y = rng.normal(size=108) + rng.normal(size=12)[cluster]
    regressors = np.column_stack([exposure, rng.normal(size=108)])
    found = cr2(y, regressors, target=0, effect=cluster, clusters=cluster)
    assert (found.value, found.std_error, found.df) == pytest.approx(
        dense_cr2(y, regressors, 0, cluster, cluster), rel=1e-6
    )


def test_cr2_of_two_groups_of_single_people_is_welch_with_the_bell_mccaffrey_df():
    """HC2 of a difference in means is Welch's variance; df of Imbens and Kolesar 2016, section
    III."""
    rng = np.random.default_rng(4)
    n1, n0 = 7, 20
    exposure = np.repeat([1.0, 0.0], [n1, n0])
    y = rng.normal(size=n1 + n0)
    found = cr2(
        y, exposure[:, None], target=0, effect=np.zeros(27, dtype=int), clusters=np.arange(27)
    )
    welch = stats.ttest_ind(y[:n1], y[n1:], equal_var=False)
    assert found.value / found.std_error == pytest.approx(welch.statistic)
    df = (n0 + n1) ** 2 * (n0 - 1) * (n1 - 1) / (n1**2 * (n1 - 1) + n0**2 * (n0 - 1))
    assert found.df == pytest.approx(df)


def test_cr2_of_equal_clusters_is_the_unequal_variance_test_of_cluster_means():
    rng = np.random.default_rng(5)
    cluster, exposure = np.repeat(np.arange(15), 8), np.repeat(np.arange(15) < 5, 8).astype(float)
    y = rng.normal(size=120) + rng.normal(size=15)[cluster]
    found = cr2(y, exposure[:, None], target=0, effect=np.zeros(120, dtype=int), clusters=cluster)
    means = y.reshape(15, 8).mean(axis=1)
    welch = stats.ttest_ind(means[:5], means[5:], equal_var=False)
    assert found.value / found.std_error == pytest.approx(welch.statistic)


def test_rows_in_cells_without_variation_change_nothing():
    y, regressors, effect, cluster = region(1)
    rng = np.random.default_rng(0)
    padded = [
        np.concatenate([a, b]) for a, b in ((y, rng.normal(size=40)), (effect, np.repeat(50, 40)))
    ]
    longer = (
        np.concatenate([regressors, np.ones((40, 1))]),
        np.concatenate([cluster, rng.integers(0, 30, 40)]),
    )
    short = cr2(y, regressors, target=0, effect=effect, clusters=cluster)
    long = cr2(padded[0], longer[0], target=0, effect=padded[1], clusters=longer[1])
    assert (long.value, long.std_error, long.df) == pytest.approx(
        (short.value, short.std_error, short.df)
    )


def test_order_of_rows_does_not_matter():
    y, regressors, effect, cluster = region(2, extra=2)
    order = np.random.default_rng(3).permutation(len(y))
    one = cr2(y, regressors, target=0, effect=effect, clusters=cluster)
    two = cr2(y[order], regressors[order], target=0, effect=effect[order], clusters=cluster[order])
    assert (two.value, two.std_error, two.df) == pytest.approx((one.value, one.std_error, one.df))


def test_no_variance_gives_no_test():
    _, regressors, effect, cluster = region(3)
    assert (
        cr2(3.0 * regressors[:, 0], regressors, target=0, effect=effect, clusters=cluster) is None
    )


def test_two_way_sandwich_agrees_with_linearmodels():
    y, regressors, effect, cluster = region(6, n=400, extra=1)
    person = np.random.default_rng(1).integers(0, 60, 400)
    y = y + np.random.default_rng(2).normal(size=60)[person] * 3
    fit = absorbed_regression(y, regressors, effects=[effect], clusters=[cluster, person])
    frame = pd.DataFrame({"effect": pd.Categorical(effect)})
    model = AbsorbingLS(y, regressors, absorb=frame)
    theirs = model.fit(
        cov_type="clustered", clusters=np.column_stack([cluster, person]), debiased=False
    ).cov.to_numpy()
    one_way = absorbed_regression(y, regressors, effects=[effect], clusters=[cluster]).covariance
    larger = np.diag(theirs) >= np.diag(one_way)
    assert larger.any()
    np.testing.assert_allclose(np.diag(fit.covariance)[larger], np.diag(theirs)[larger], rtol=1e-9)
    assert (np.diag(fit.covariance) >= np.diag(one_way) * (1 - 1e-12)).all()


def test_columns_that_repeat_others_or_are_absorbed_are_found():
    rng = np.random.default_rng(7)
    effect = np.repeat(np.arange(10), 6)
    a, b = rng.normal(size=(2, 60))
    raw = np.column_stack([a, effect * 2.0, b, a - b, np.ones(60)])
    assert independent_columns(absorb(raw, [effect]), raw) == [0, 2]
    constant = np.column_stack([np.full(60, 0.1), a])
    assert independent_columns(constant - constant.mean(axis=0), constant) == [1]


def test_absorbing_two_factors_leaves_no_mean_in_either():
    rng = np.random.default_rng(8)
    factors = [rng.integers(0, 6, 200), rng.integers(0, 9, 200)]
    left = absorb(rng.normal(size=(200, 2)), factors)
    assert all(abs(left[codes == c].mean()) < 1e-7 for codes in factors for c in np.unique(codes))


@pytest.mark.parametrize(("df", "quantile"), [(None, 1.959964), (10, 2.228139), (3, 3.182446)])
def test_t_interval_uses_the_quantile_of_its_degrees_of_freedom(df, quantile):
    assert t_interval(1.0, 2.0, df) == pytest.approx((1 - 2 * quantile, 1 + 2 * quantile), abs=1e-5)


def test_an_outcome_fitted_without_error_is_not_widened():
    cluster = np.repeat(np.arange(10), 6)
    exposure = np.tile([0.0, 1.0], 30)[:, None]
    fit = absorbed_regression(
        2 * exposure[:, 0], exposure, effects=[cluster], clusters=[cluster, np.arange(60) // 4]
    )
    assert fit.params[0] == pytest.approx(2.0)
    assert fit.second_factor[0] == pytest.approx(0.0, abs=1e-20)
