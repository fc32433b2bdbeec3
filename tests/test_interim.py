"""Interim looks: published critical values, levels that looks keep, and what a rule points to."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from analysis.inference.planned import interim
from analysis.judgement.pointed import GOES_ON, Seen, Taken, pointed
from analysis.plans.decisions import DecisionRule
from analysis.rounds.looks import SignedRound, taken_in

# Constants for equal looks and a two-sided 5 %: Jennison and Turnbull 2000, tables 2.1 (Pocock) and
# 2.3 (O'Brien and Fleming); three decimals are printed there.
POCOCK = {2: 2.178, 3: 2.289, 4: 2.361, 5: 2.413}
OBRIEN_FLEMING = {2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040}
PRINTED = 2e-4  # what rounding a constant to three decimals moves the level
# Critical values of alpha spending, five equal looks, two-sided 5 %: Reboussin, DeMets, Kim and Lan
# 2000 (the programs ld98), four decimals.
SPENT = {
    "obrien_fleming": (4.8769, 3.3569, 2.6803, 2.2898, 2.0310),
    "pocock": (2.4380, 2.4268, 2.4101, 2.3966, 2.3859),
}


def equal(n: int) -> list[float]:
    return [(k + 1) / n for k in range(n)]


def drift_for_power(shares, critical, *, aim: float) -> float:
    """What Z must be expected to be at the end, so that `aim` of studies call it good."""

    def lacking(drift: float) -> float:
        return sum(good for good, _ in interim.crossed(shares, critical, drift=drift)) - aim

    return optimize.brentq(lacking, 0, 8)


@pytest.mark.parametrize("n", list(POCOCK))
def test_published_constants_keep_five_in_a_hundred(n):
    for critical in (
        [POCOCK[n]] * n,
        [OBRIEN_FLEMING[n] * math.sqrt(1 / share) for share in equal(n)],
    ):
        level = sum(map(sum, interim.crossed(equal(n), critical)))
        assert level == pytest.approx(0.05, abs=PRINTED)


@pytest.mark.parametrize("spending", list(SPENT))
def test_published_critical_values_of_alpha_spending(spending):
    found = [look.critical for look in interim.looks(equal(5), spending)]
    assert found == pytest.approx(SPENT[spending], abs=2e-4)


def test_one_look_is_the_usual_test():
    look = interim.looks([1.0], "pocock")[0]
    assert look.critical == pytest.approx(stats.norm.ppf(0.975))
    drift = drift_for_power([1.0], [look.critical], aim=0.8)
    assert drift == pytest.approx(stats.norm.ppf(0.975) + stats.norm.ppf(0.8), abs=1e-4)


@pytest.mark.parametrize("spending", list(SPENT))
def test_any_unequal_looks_spend_alpha_and_no_more(spending):
    shares = [0.13, 0.3, 0.71, 1.0]
    found = interim.looks(shares, spending)
    assert found[-1].spent == pytest.approx(0.05)
    crossed = interim.crossed(shares, [look.critical for look in found])
    assert np.cumsum([sum(both) for both in crossed]) == pytest.approx(
        [look.spent for look in found], abs=1e-7
    )
    assert interim.looks(shares[:2], spending) == found[:2]  # an early look knows no later one


def test_conditional_power_is_that_of_the_score_still_to_come():
    z, share, critical, drift = 1.2, 0.4, 1.96, 2.8
    rng = np.random.default_rng(np.random.SeedSequence([5, 1]))
    rest = rng.normal(drift * (1 - share), math.sqrt(1 - share), 400_000)
    ends = z * math.sqrt(share) + rest > critical
    found = interim.conditional_power(z, share, critical, drift=drift)
    assert found == pytest.approx(ends.mean(), abs=4 * math.sqrt(0.25 / 400_000))


@pytest.mark.parametrize("shares", [[], [0.5, 0.5], [0.0, 1.0], [0.5, 1.1], [0.7, 0.4]])
def test_shares_of_information_must_rise_to_at_most_one(shares):
    with pytest.raises(ValueError, match="rise"):
        interim.looks(shares, "pocock")


def test_what_is_unknown_is_refused():
    with pytest.raises(ValueError, match="obrien_fleming, pocock"):
        interim.looks([1.0], "haybittle")
    with pytest.raises(ValueError, match="alpha"):
        interim.looks([1.0], "pocock", alpha=1.5)
    with pytest.raises(ValueError, match="still to come"):
        interim.conditional_power(1.0, 1.0, 1.96, drift=0.0)


# -- what a rule points to -------------------------------------------------------------------------
DAYS = ("2026-10-01", "2027-04-01", "2027-10-01")
RULE = DecisionRule(
    study="gamified_training",
    written_on="2026-03-01",
    looks=DAYS,
    spending="obrien_fleming",
    alpha=0.05,
    planned_error=0.7,
    source="an example",
    futile_below=0.1,
    points_to={
        "better": "scale",
        "worse": "stop",
        "too_small": "adapt",
        "futile": "adapt",
        "open_at_the_end": "adapt",
    },
)


def seen(value: float, error: float, **given) -> Seen:
    """A look at an outcome of which less is better (in every 100); 2 is the size that matters."""
    reach = stats.norm.ppf(0.975) * error
    p = 2 * stats.norm.sf(abs(value) / error)
    known = {"matters": 2.0, "better": "lower", "ratio": False, "claim": "caused"}
    return Seen(value, value - reach, value + reach, p, **known | given)


def looked(*shares: float) -> tuple[Taken, ...]:
    return tuple(Taken(number, share) for number, share in enumerate(shares, 1))


@pytest.mark.parametrize(
    ("value", "error", "given", "found", "decision"),
    [
        (-5.0, 1.2, {}, "better", "scale"),
        (-5.0, 1.2, {"claim": "linked"}, "better_link", "keep_going"),
        (5.0, 1.2, {}, "worse", "stop"),
        (5.0, 1.2, {"better": "higher"}, "better", "scale"),
        (-3.0, 1.2, {}, "open", "keep_going"),  # 2.5 standard errors are not enough so early
        (1.9, 0.9, {}, "futile", "adapt"),
        (1.9, 0.9, {"attenuated": True}, "open", "keep_going"),
    ],
)
def test_a_first_look(value, error, given, found, decision):
    one = pointed(RULE, seen(value, error, **given), shown_on="2026-10-03")
    assert (one.found, one.decision, one.number, one.of) == (found, decision, 1, 3)
    assert one.next_look == "2027-04-01"


def test_the_last_look_spends_what_is_left_and_decides():
    taken = looked(0.3, 0.6)
    for value, found in ((-1.6, "better"), (-1.0, "open_at_the_end"), (0.0, "too_small")):
        one = pointed(RULE, seen(value, 0.7), shown_on="2027-10-02", taken=taken)
        assert (one.found, one.look.fraction, one.next_look) == (found, 1.0, None)
    blunt = pointed(RULE, seen(0.0, 0.7, attenuated=True), shown_on="2027-10-02", taken=taken)
    assert blunt.found == "open_at_the_end"


def test_nothing_is_tested_between_looks_nor_without_a_test():
    assert pointed(RULE, seen(-9, 0.7), shown_on="2026-09-01").found == "no_look_yet"
    between = pointed(RULE, seen(-9, 0.7), shown_on="2026-12-01", taken=looked(0.3))
    assert (between.found, between.decision, between.z) == ("between_looks", "keep_going", None)
    nothing_new = pointed(RULE, seen(-9, 0.9), shown_on="2027-04-02", taken=looked(0.99))
    assert nothing_new.found == "between_looks"
    ranked = replace(seen(-9, 0.7), p_value=None)
    assert pointed(RULE, ranked, shown_on="2026-10-02").decision is None


# Data of five signed rounds: three of them on or after the day of a look, two between looks.
ROUNDS = ("2026-10-02", "2027-01-04", "2027-04-02", "2027-07-01", "2027-10-04")
AT_ROUNDS = np.array([0.35, 0.5, 0.7, 0.85, 1.0])  # shares of the information by then
IN_SIGNED_LOOKS = (0, 2, 4)


def _decided(drift: float, *, seed: int, studies: int) -> list[str]:
    """Decisions that end studies whose Z is expected to be `drift` when all information is there:
    each signs five rounds, of which three are looks, and stops where its rule says so."""
    rng = np.random.default_rng(np.random.SeedSequence([20, seed]))
    steps = np.diff(AT_ROUNDS, prepend=0.0)
    shape = (studies, len(AT_ROUNDS))
    scores = np.cumsum(rng.normal(drift * steps, np.sqrt(steps), shape), axis=1)
    return [_ends(row / np.sqrt(AT_ROUNDS)) for row in scores]


def _ends(zs: np.ndarray) -> str:
    errors = RULE.planned_error / np.sqrt(AT_ROUNDS)
    rounds = [
        SignedRound(day, day, seen(-z * error, error))
        for day, z, error in zip(ROUNDS, zs, errors, strict=True)
    ]
    taken = taken_in(RULE, (), rounds)
    assert [one.round_id for one in taken] == [ROUNDS[i] for i in IN_SIGNED_LOOKS]
    ending = (one.decision for one in taken if one.decision != "keep_going")
    return next(ending, "keep_going")


@pytest.mark.simulation
def test_scale_is_wrong_in_at_most_five_of_a_hundred_nulls_and_right_as_often_as_promised():
    studies = 3000
    null = _decided(0.0, seed=1, studies=studies)
    wrong = null.count("scale") / studies
    assert wrong <= 0.025 + 3 * math.sqrt(0.025 * 0.975 / studies)
    needed = [look.critical for look in interim.looks([0.35, 0.7, 1.0], RULE.spending)]
    drift = drift_for_power([0.35, 0.7, 1.0], needed, aim=0.8)
    right = _decided(drift, seed=2, studies=studies).count("scale") / studies
    # Looks for futility are not counted in the protocol's power: they may cost up to 2 in 100.
    assert 0.78 - 3 * math.sqrt(0.16 / studies) <= right <= 0.8 + 3 * math.sqrt(0.16 / studies)


@pytest.mark.simulation
def test_looking_often_at_five_in_a_hundred_would_scale_far_more_nulls():
    """What the rule is for: the naive test at each of five looks calls 14 in 100 nulls."""
    level = sum(map(sum, interim.crossed(equal(5), [stats.norm.ppf(0.975)] * 5)))
    assert level == pytest.approx(0.142, abs=5e-4)  # Jennison and Turnbull 2000, table 2.1


def test_only_named_findings_go_on():
    assert set(GOES_ON) == {"better_link", "open", "no_look_yet", "between_looks"}
