"""How strong an unrecorded cause would have to be: Rosenbaum bounds and Oster's delta against what
was published, and against a cause that was planted."""

import numpy as np
import pytest
from scipy import stats

from analysis.inference.unrecorded.oster import oster
from analysis.inference.unrecorded.rosenbaum import nearest_pairs, pair_bounds, pair_p_value


@pytest.mark.parametrize(("gamma", "published"), [(4, 0.0036), (5, 0.03), (6, 0.1)])
def test_smoking_and_lung_cancer_as_published(gamma, published):
    """Rosenbaum 2002, Observational Studies, table 4.1: 122 discordant pairs of Hammond 1964, in
    110 of which the heavy smoker alone died of lung cancer. Published from the normal law with
    its correction, which the exact one here stays close to."""
    share = gamma / (1 + gamma)
    normal = stats.norm.sf((109.5 - 122 * share) / np.sqrt(122 * share * (1 - share)))
    assert normal == pytest.approx(published, rel=0.05)
    assert pair_p_value(110, 12, gamma) == pytest.approx(normal, abs=0.008)


@pytest.mark.parametrize("gamma", [1, 2, 3])
def test_small_bounds_leave_no_doubt_as_published(gamma):
    """The same table: below .0001."""
    assert pair_p_value(110, 12, gamma) < 0.0001


def test_a_bound_is_the_last_gamma_at_which_the_finding_stands():
    found = pair_bounds(110, 12)
    assert pair_p_value(110, 12, found.gamma) <= 0.025 < pair_p_value(110, 12, found.gamma + 0.05)
    assert pair_bounds(12, 110).gamma == found.gamma  # whichever side has more
    assert pair_bounds(20, 18).gamma is None  # chance is not ruled out: nothing to explain away
    with pytest.raises(ValueError, match="at least 1"):
        pair_p_value(10, 2, 0.5)


def test_without_an_effect_the_pairs_rule_chance_out_in_one_of_twenty():
    rng = np.random.default_rng(7)
    more = rng.binomial(200, 0.5, 4000)
    rate = np.mean([pair_bounds(int(m), 200 - int(m)).gamma is not None for m in more])
    assert rate <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)


def test_pairs_share_nobody_and_lie_within_the_radius_and_the_stratum():
    rng = np.random.default_rng(3)
    logit, treated = rng.normal(size=400), rng.random(400) < 0.4
    logit[:5] = np.nan
    strata = rng.integers(0, 3, 400)
    pairs = nearest_pairs(logit, treated, strata, 0.1)
    assert len(pairs) > 50 and len(np.unique(pairs)) == pairs.size
    own, others = pairs.T
    assert treated[own].all() and not treated[others].any()
    assert (strata[own] == strata[others]).all()
    assert np.abs(logit[own] - logit[others]).max() <= 0.1


def planted(delta: float, *, effect: float, seed: int = 1, n: int = 400_000):
    """A recorded and an unrecorded cause; the unrecorded one goes along with treatment `delta`
    times as strongly as the recorded one, each per unit of its own part in the outcome."""
    rng = np.random.default_rng(seed)
    seen, hidden = rng.normal(size=(2, n))
    treated = 0.5 * seen + delta * 0.5 * hidden + rng.normal(size=n)
    y = effect * treated + seen + hidden + rng.normal(size=n)
    return y, treated, seen[:, None], 1 - 1 / y.var()


@pytest.mark.parametrize("delta", [0.5, 1.0, 1.5])
def test_oster_finds_the_delta_that_was_planted_where_there_is_no_effect(delta):
    y, treated, seen, most = planted(delta, effect=0.0)
    found = oster(y, treated, seen, r2_most=most)
    assert found.long > 0.2  # what a regression with the recorded cause alone would show
    assert found.delta == pytest.approx(delta, abs=0.03)


def test_oster_gives_the_effect_back_where_both_causes_are_as_strong():
    y, treated, seen, most = planted(1.0, effect=0.8)
    found = oster(y, treated, seen, r2_most=most)
    assert found.long > 1.1 and found.adjusted == pytest.approx(0.8, abs=0.03)


def test_the_largest_share_follows_the_rule_of_the_paper():
    y, treated, seen, _ = planted(1.0, effect=0.0, n=5000)
    found = oster(y, treated, seen)
    assert found.r2_most == pytest.approx(min(1.0, 1.3 * found.r2_long))
    assert found.r2_short < found.r2_long


def test_a_control_that_repeats_another_changes_nothing():
    y, treated, seen, _ = planted(1.0, effect=0.3, n=3000)
    once, twice = oster(y, treated, seen), oster(y, treated, np.column_stack([seen, 2 * seen]))
    assert twice.delta == pytest.approx(once.delta) and twice.r2_long == pytest.approx(once.r2_long)
