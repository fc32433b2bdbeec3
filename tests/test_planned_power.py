"""Power before outcomes are seen: each formula against published values, another formula or
library, and against what this project's own designs find in simulated studies."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize
from statsmodels.stats.power import TTestIndPower

from analysis.designs.cohorts.matching import radius_match
from analysis.designs.selection.change_of_gap import change_of_contrast
from analysis.designs.trials.trial import intention_to_treat
from analysis.inference.columns import ContrastColumns, MatchColumns, Pair, Quantity, TrialColumns
from analysis.inference.planned.power import (
    design_effect,
    minimum_detectable_effect,
    standard_errors,
    stepped_wedge_std_error,
)
from analysis.inference.planned.regions import change_error, change_spread, reachable
from analysis.inference.planned.roll_outs import Levels, roll_out_std_error
from analysis.inference.planned.segmented import step_error
from analysis.inference.planned.sides import (
    Side,
    allowed_for_before,
    hazard_difference,
    mean_difference,
    rate_ratio,
    share_difference,
)
from analysis.plans.registry import load_plan
from analysis.protocol.formulas import WAYS, Situation, Sizes, detectable, is_forbidden, roll_out

Z = standard_errors()
SCALE = load_plan("gamified_training").outcome("test_after")
SHARE = load_plan("accredited_programmes").outcome("reoffended")
GAP = load_plan("assessment_centre_webinars").outcome("passed")
POINTS = 0.02  # of power: how near simulated studies must come (trust statement, section 5)


# -- published values, and other formulas ----------------------------------------------------------
def test_a_multiple_of_the_standard_error_is_that_of_trial_protocols():
    assert standard_errors() == pytest.approx(1.959964 + 0.841621, abs=1e-5)
    assert standard_errors(10) * 0.063 == pytest.approx(minimum_detectable_effect(0.063, 10))
    assert standard_errors(alpha=0.025) > standard_errors() > standard_errors(power=0.7)


def test_64_people_a_side_find_half_a_standard_deviation():
    """Cohen 1988, table 2.4.1: d = .5 at .05 two-sided and power .80 takes 64 a side."""
    found = mean_difference(64, 64, 1.0, standard_errors(126))
    assert found == pytest.approx(0.5, abs=0.002)
    exact = TTestIndPower().solve_power(nobs1=64, alpha=0.05, power=0.8, effect_size=None)
    assert found == pytest.approx(exact, abs=0.002)


def test_shares_are_found_as_in_the_method_statement():
    """150 an arm at .36: 16.0 points up, 14.6 down, with the pooled variance under the null; with
    each side's own variance they lie within half a point."""
    up = share_difference(150, 150, 0.36, Z, higher=True)
    down = share_difference(150, 150, 0.36, Z, higher=False)
    assert up == pytest.approx(0.160, abs=0.005) and down == pytest.approx(0.146, abs=0.005)
    # solved for people, the formula of Fleiss, Levin and Paik without continuity correction
    share = 0.36 + up
    needed = Z**2 * (0.36 * 0.64 + share * (1 - share)) / up**2
    assert needed == pytest.approx(150, rel=1e-6)


def test_nobody_is_found_where_there_is_no_room():
    assert share_difference(10, 10, 0.05, Z, higher=False) is None
    assert share_difference(0, 10, 0.5, Z, higher=True) is None
    assert mean_difference(0, 10, 1.0, Z) is None and rate_ratio(0, 5, Z) is None
    assert hazard_difference(10, 10, 0.02, Z, higher=False) is None


def test_halving_a_hazard_takes_66_events():
    """Schoenfeld 1983: 4 (1.96 + .84)^2 / (ln 2)^2 = 65.3 events for a ratio of .5, 1 to 1."""
    found = hazard_difference(200, 200, 0.3, Z, higher=False)
    share = 0.3 - found
    ratio = math.log(1 - share) / math.log(0.7)
    events = 200 * (share + 0.3)
    assert events == pytest.approx(4 * Z**2 / math.log(ratio) ** 2, rel=1e-6)
    assert 4 * Z**2 / math.log(0.5) ** 2 == pytest.approx(65.3, abs=0.1)


def test_two_counts_are_found_by_their_logarithm():
    found = rate_ratio(100, 100, Z)
    assert math.log(found) == pytest.approx(Z * math.sqrt(1 / 100 + 1 / (100 * found)), rel=1e-6)
    assert rate_ratio(100 / 2, 100 / 2, Z) > found  # twice the variance of chance


def test_clusters_tell_less_than_people_and_a_measure_before_more():
    """Donner and Klar 2000: people needed grow by 1 + (m - 1) rho; Eldridge 2006 with sizes that
    vary; Borm 2007: those with a measure before by 1 - r^2."""
    side = Side(400, 10)
    assert side.worth(0.02) == pytest.approx(400 / (1 + 39 * 0.02))
    assert side.worth(0.02, 0.5) == pytest.approx(400 / design_effect(40, 0.02, 0.5))
    assert side.worth(0.0, 0.5) == 400 and Side(400).worth(0.5) == 400
    assert allowed_for_before(6, 0.6) ** 2 == pytest.approx(36 * (1 - 0.36))


WAVES = (np.arange(5)[None, :] >= np.repeat([1, 2, 3, 4], 3)[:, None]).astype(float)


@pytest.mark.parametrize(("alike", "published"), [(0.02, 0.176), (0.04, 0.178), (0.07, 0.177)])
def test_a_roll_out_of_lasting_levels_is_that_of_hussey_and_hughes(alike, published):
    error = roll_out_std_error(WAVES, 50, Levels(alike))
    assert error == pytest.approx(
        stepped_wedge_std_error(WAVES, people=50, intraclass_correlation=alike), rel=1e-9
    )
    assert Z * error == pytest.approx(published, abs=0.0006)


@pytest.mark.parametrize("lasting", [0.3, 0.8, 1.0])
def test_a_roll_out_is_generalised_least_squares_of_all_means(lasting):
    """The whole model at once: effects of periods, a covariance of all units and periods."""
    units, periods = WAVES.shape
    between, within = 0.05, 0.95 / 30
    own = between * (lasting * np.ones((periods, periods)) + (1 - lasting) * np.eye(periods))
    covariance = np.kron(np.eye(units), own + within * np.eye(periods))
    x = np.column_stack([np.tile(np.eye(periods), (units, 1)), WAVES.ravel()])
    variance = np.linalg.inv(x.T @ np.linalg.solve(covariance, x))[-1, -1]
    found = roll_out_std_error(WAVES, 30, Levels(0.05, lasting))
    assert found == pytest.approx(math.sqrt(variance), rel=1e-9)


def test_a_roll_out_at_once_is_no_roll_out():
    with pytest.raises(ValueError, match="same as which period"):
        roll_out_std_error(np.tile([0.0, 1.0], (4, 1)), 10, Levels(0.02))


def test_a_step_is_off_as_far_as_least_squares_say():
    time = np.arange(40.0) - 15
    started = (time >= 0).astype(float)
    x = np.column_stack([np.ones(40), time, started, started * time])
    fit = sm.OLS(np.random.default_rng(1).normal(size=40), x).fit()
    assert step_error(15, 25, math.sqrt(fit.scale)) == pytest.approx(fit.bse[2], rel=1e-9)
    assert step_error(15, 25, 1.0, 0.3) > step_error(15, 25, 1.0)
    with pytest.raises(ValueError, match="three points"):
        step_error(2, 25, 1.0)


def test_a_step_of_dependent_points_is_off_as_far_as_simulated():
    random, steps = np.random.default_rng(2), []
    time = np.arange(40.0) - 20
    started = (time >= 0).astype(float)
    solve = np.linalg.pinv(np.column_stack([np.ones(40), time, started, started * time]))[2]
    for _ in range(4000):
        noise = random.normal(size=40) * math.sqrt(1 - 0.4**2)
        noise[0] /= math.sqrt(1 - 0.4**2)
        for at in range(1, 40):
            noise[at] += 0.4 * noise[at - 1]
        steps.append(solve @ noise)
    assert np.std(steps) == pytest.approx(step_error(20, 20, 1.0, 0.4), rel=0.04)


@pytest.mark.parametrize(
    ("treated", "reached"), [(1, None), (2, 3 / 66), (3, 11 / 220), (6, 46 / 924)]
)
def test_the_lot_of_twelve_regions_reaches_what_it_can(treated, reached):
    """2 of 12: 66 assignments, 4.55 % at most; 1 of 12 can never call a difference; 6 of 12 moves
    in steps of two."""
    assert reachable(treated, 12 - treated) == (None if reached is None else pytest.approx(reached))


def test_of_very_many_units_the_lot_forbids_nothing():
    assert reachable(100, 100, 0.01) == 0.01


def test_the_change_of_a_unit_scatters_as_simulated():
    random = np.random.default_rng(3)
    lasting = random.normal(0, math.sqrt(0.05 * 0.8), 20_000)
    now, then = (
        lasting
        + random.normal(0, math.sqrt(0.05 * 0.2), 20_000)
        + random.normal(0, math.sqrt(0.95 / 30), 20_000)
        for _ in range(2)
    )
    assert np.std(now - then) == pytest.approx(change_spread(1.0, 30, 0.05, 0.8), rel=0.02)
    assert change_error(3, 9, 2.0) == pytest.approx(2 * math.sqrt(1 / 3 + 1 / 9))


# -- every way, as a situation ---------------------------------------------------------------------
VALUES = {
    "base": 40,
    "spread": 1.0,
    "intraclass_correlation": 0.02,
    "unit_correlation": 0.8,
    "over_dispersion": 1.0,
    "autocorrelation": 0.2,
    "steps": 3,
    "periods": 8,
    "between_places": 0.0,
}
SIZES = Sizes(4000, 1000, 20, 20)
PLANNED = [way for way in WAYS if way != "rank"]


@pytest.mark.parametrize("way", PLANNED)
@pytest.mark.parametrize("outcome", [SCALE, SHARE], ids=lambda o: o.kind)
class TestEveryWay:
    def test_more_people_find_less(self, way, outcome):
        few = detectable(Situation(way, outcome, SIZES, VALUES, 0.05))
        grown = SIZES.times(4, clusters=WAYS[way].grows)
        many = detectable(Situation(way, outcome, grown, VALUES, 0.05))
        assert 0 < many < few

    def test_a_stricter_test_and_more_power_find_more(self, way, outcome):
        asked = Situation(way, outcome, SIZES, VALUES, 0.05)
        assert detectable(replace(asked, alpha=0.01)) > detectable(asked)
        assert detectable(replace(asked, power=0.9)) > detectable(asked)

    def test_loss_counts_where_people_are_still_to_be_lost(self, way, outcome):
        losing = VALUES | {"lost_percent": 50}
        asked = Situation(way, outcome, SIZES, losing, 0.05)
        same = detectable(Situation(way, outcome, SIZES, VALUES, 0.05))
        assert detectable(asked) == same < detectable(replace(asked, lost=True))

    def test_places_that_differ_find_less_together(self, way, outcome):
        pooled = replace(SIZES, places=12)
        alike = detectable(Situation(way, outcome, pooled, VALUES, 0.05))
        apart = detectable(Situation(way, outcome, pooled, VALUES | {"between_places": 2.0}, 0.05))
        assert apart > alike

    def test_what_it_needs_is_asked_for(self, way, outcome):
        for name in WAYS[way].needed_of(outcome):
            rest = {key: value for key, value in VALUES.items() if key != name}
            with pytest.raises(KeyError, match=name):
                detectable(Situation(way, outcome, SIZES, rest, 0.05))


@pytest.mark.parametrize("way", ["clusters", "steps", "few_units"])
def test_too_few_units_find_nothing_however_many_people(way):
    sizes = Sizes(1e6, 5e5, 1, 11)
    assert is_forbidden(way, sizes, 0.05)
    assert detectable(Situation(way, SCALE, sizes, VALUES, 0.05)) is None
    assert not is_forbidden(way, replace(sizes, clusters_with=2, clusters_without=10), 0.05)


def test_one_unit_has_a_rank_and_no_number():
    assert detectable(Situation("rank", SCALE, SIZES, VALUES, 0.05)) is None


def test_clusters_start_in_steps_and_some_never():
    treated = roll_out(Sizes(100, 50, 6, 4), 3, 8)
    assert treated.shape == (10, 8) and not treated[6:].any() and not treated[:, 0].any()
    starts = (8 - treated[:6].sum(axis=1)).tolist()
    assert starts == [2, 2, 4, 4, 6, 6]


# -- simulated studies, by the designs of this project ---------------------------------------------
def planned_power(situation: Situation, difference: float) -> float:
    """The power at which this difference is the smallest that is found."""

    def excess(power: float) -> float:
        return detectable(replace(situation, power=power)) - difference

    return float(optimize.brentq(excess, 0.05, 0.9999))


def calls(results, alpha=0.05) -> float:
    """Share of studies that call a difference."""
    return float(np.mean([found.p_value <= alpha for found in results]))


def near(found: float, planned: float, studies: int) -> bool:
    """Within two points, and what chance of so many studies adds (two standard errors)."""
    return abs(found - planned) <= POINTS + 2 * math.sqrt(planned * (1 - planned) / studies)


WHAT = Quantity("difference", "points")


def clustered(random, clusters: int, size: int, effect: float) -> pd.DataFrame:
    """Clusters of two arms with ICC .02 and a total standard deviation of 1."""
    units = pd.DataFrame({"site": np.arange(clusters), "arm": np.arange(clusters) % 2})
    units["level"] = random.normal(0, math.sqrt(0.02), clusters)
    people = units.loc[units.index.repeat(size)].reset_index(drop=True)
    people["score"] = (
        people["level"] + effect * people["arm"] + random.normal(0, math.sqrt(0.98), len(people))
    )
    return people


@pytest.mark.simulation
def test_a_cluster_trial_finds_what_was_planned():
    """d = .3, ICC .02, 40 a region: 12 regions by lot, CR2 with Satterthwaite."""
    random, studies, size = np.random.default_rng(11), 1000, 40
    columns = TrialColumns(arm="arm", outcome="score", cluster="site")
    found = [
        intention_to_treat(clustered(random, 12, size, 0.3), columns, WHAT, Pair(1, 0))
        for _ in range(studies)
    ]
    sizes = Sizes(12 * size, 6 * size, 6, 6)
    planned = planned_power(Situation("clusters", SCALE, sizes, VALUES, 0.05), 0.3)
    assert near(calls(found), planned, studies), (calls(found), planned)


@pytest.mark.simulation
def test_a_measure_before_gives_what_was_planned():
    """The same with a measure before (r = .6 of people and of regions)."""
    random, studies, r = np.random.default_rng(12), 600, 0.6
    columns = TrialColumns(arm="arm", outcome="score", pre=("before",), cluster="site")
    found = []
    for _ in range(studies):
        people = clustered(random, 12, 40, 0.0)
        after = clustered(random, 12, 40, 0.0)["score"]
        score = r * people["score"] + math.sqrt(1 - r**2) * after + 0.25 * people["arm"]
        people = people.assign(before=people["score"], score=score)
        found.append(intention_to_treat(people, columns, WHAT, Pair(1, 0)))
    sizes = Sizes(480, 240, 6, 6)
    values = VALUES | {"before_correlation": r}
    planned = planned_power(Situation("clusters", SCALE, sizes, values, 0.05), 0.25)
    assert near(calls(found), planned, studies), (calls(found), planned)


@pytest.mark.simulation
def test_an_individual_cohort_finds_what_was_planned():
    """d = .3, ICC .02, 40 a region: people with and without in each of 12 regions, matched within
    their region, so that what people of one region share falls out. What weights leave of the
    comparison people is counted by matching, without an outcome."""
    random, studies = np.random.default_rng(13), 500
    columns = MatchColumns(treated="treated", outcome="score", covariates=("age",), exact=("site",))
    found = []
    for _ in range(studies):
        people = clustered(random, 12, 40, 0.0)
        people["treated"] = (np.arange(len(people)) % 40 < 20).astype(float)
        people["age"] = random.normal(size=len(people))
        people["score"] += 0.3 * people["treated"]
        found.append(radius_match(people, columns, WHAT, caliper=1.0))
    worth = 100 * float(np.mean([one.effective_comparison for one in found])) / 240
    values = VALUES | {"spread": math.sqrt(0.98), "worth_percent": worth}
    planned = planned_power(Situation("people", SCALE, Sizes(480, 240), values, 0.05), 0.3)
    called = calls([one.result for one in found])
    assert near(called, planned, studies), (called, planned)


@pytest.mark.simulation
def test_two_shares_are_found_as_planned():
    """40 in every 100 without, 12.5 more with: a trial of people, each by themselves."""
    random, studies = np.random.default_rng(14), 600
    columns = TrialColumns(arm="arm", outcome="event")
    arm = np.arange(500) % 2
    found = [
        intention_to_treat(
            pd.DataFrame({"arm": arm, "event": (random.random(500) < 0.4 + 0.125 * arm) * 1.0}),
            columns,
            WHAT,
            Pair(1, 0),
        )
        for _ in range(studies)
    ]
    higher = SHARE.model_copy(update={"better": "higher"})
    asked = Situation("people", higher, Sizes(500, 250), VALUES, 0.05)
    planned = planned_power(asked, 12.5)
    assert near(calls(found), planned, studies), (calls(found), planned)


@pytest.mark.simulation
def test_the_change_of_a_gap_is_found_as_planned():
    """A gap of pass rates in 12 periods: 50 people a period with the offer to come, 200 others."""
    random, studies = np.random.default_rng(15), 400
    period = np.repeat(np.arange(12), 250)
    offered = np.tile(np.arange(250) < 50, 12).astype(int)
    columns = ContrastColumns(
        period="period", sides=("offered",), outcome="passed", person="person", scale=100
    )
    frame = pd.DataFrame({"period": period, "offered": offered, "person": np.arange(3000)})
    found = []
    for _ in range(studies):
        share = 0.4 + 0.15 * ((period >= 6) & (offered == 1))
        frame["passed"] = (random.random(3000) < share) * 1.0
        found.append(change_of_contrast(frame, columns, WHAT, start=6))
    values = VALUES | {"periods": 12}
    planned = planned_power(Situation("gap", GAP, Sizes(3000, 300), values, 0.05), 15.0)
    assert near(calls(found), planned, studies), (calls(found), planned)
