"""Progression schemes from the table to rows, checks and sentences."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.disparity.relative_rate import VerdictRule, relative_rate_index, verdict
from analysis.extracts.tables.pilots import progression_tables
from analysis.plans.registry import load_plan
from analysis.results import Estimate, NotEstimable
from analysis.studies.progression import selection
from analysis.studies.progression.events import by_month, days, timed
from analysis.studies.progression.kind import (
    BY_MONTH,
    COX,
    FROM_ELIGIBILITY,
    KIND,
    MAIN,
    NOT_MATCHED,
    OF_SCHEME,
    OTHER_WAYS,
    SCHEME_EFFECTS,
    SCHEMES,
    UNTIL_JOINING,
    WITHIN_GROUP,
)
from analysis.studies.progression.opening import open_progression
from analysis.studies.progression.study import TOGETHER
from analysis.study.allowed_for import check_allowed_for
from analysis.study.declared import check_emitted
from analysis.synthetic.nation import _generator, make_region
from analysis.synthetic.planted import load_planted
from analysis.synthetic.progression.progression import TABLE, planted_differences
from analysis.vocabulary.regions import place_set

PLAN = load_plan("progression_schemes")
REGIONS = place_set("probation_regions").ids
PROMOTED, LEFT = PLAN.outcome("promoted"), PLAN.outcome("left")


def opened(region, *, people=None, change=lambda table: table):
    table = change(make_region(region, service="progression", people=people)[TABLE])
    return open_progression(PLAN, region, {TABLE: table}, hidden=NOTHING)[0]


@pytest.fixture(scope="module")
def study():
    return opened("west_midlands", people=1500)


@pytest.fixture(scope="module")
def rows(study):
    return study.rows


def one(rows, **wanted):
    found = [r for r in rows if all(getattr(r, k) == v for k, v in wanted.items())]
    assert len(found) == 1
    return found[0]


def test_the_kind_names_what_the_contract_names():
    assert SCHEMES == progression_tables.SCHEMES
    names = progression_tables.ELIGIBLE_STAFF.names
    assert {f"{event}_on" for event in OTHER_WAYS} <= set(names)


def test_everyone_is_in_a_set_or_left_out_for_a_reason(study):
    assert study.n_in == study.n_used + sum(study.excluded.values()) == 1500
    in_a_set = set(study.sets.row)
    assert in_a_set == set(np.flatnonzero((study.everyone["excluded"] == "").to_numpy()))
    joined = study.everyone["joined_on"]
    assert len(study.members) == joined.between(PLAN.data.from_, PLAN.data.to).sum()


def test_who_joins_outside_the_period_makes_no_set():
    def late(table):
        moved = table["joined_on"] + pd.DateOffset(months=6)
        own = table["joined_on"] > "2024-06-30"
        gone = table[["promoted_on", "left_on"]].min(axis=1) <= moved
        return table.assign(joined_on=table["joined_on"].mask(own & ~gone, moved))

    found = opened("west_midlands", people=1500, change=late)
    assert (found.members["joined_on"] <= PLAN.data.to).all()
    assert (found.everyone["joined_on"] > PLAN.data.to).any()


def test_a_record_is_declared_and_says_what_it_allowed_for(study, rows):
    check_emitted(PLAN, study)
    for row in rows:
        check_allowed_for(PLAN, row)
    assert {check.id for check in study.checks} == {
        "balance",
        "members_matched",
        "response_found_useful",
    }


def test_the_rows_of_the_leading_outcome(rows):
    own = [row for row in rows if row.outcome == "promoted" and row.group == "all"]
    methods = {row.method for row in own if row.estimand == KIND.estimand}
    assert methods == {MAIN, NOT_MATCHED, UNTIL_JOINING, *BY_MONTH.values()}
    schemes = {row.estimand for row in own if row.method == OF_SCHEME}
    assert schemes == set(SCHEME_EFFECTS.values())
    levels = [one(own, method=name).group_estimated for name in BY_MONTH.values()]
    main = one(own, method=MAIN, estimand=KIND.estimand)
    assert levels == sorted(levels) and levels[-1] < main.group_estimated
    assert one(own, method=COX).unit == "times"


def test_members_alone_stay_in_the_private_record(rows):
    alone = [row for row in rows if row.estimand == "members_incidence"]
    assert alone and all(row.note == "analyst" for row in alone)


def test_counting_from_eligibility_is_far_below(study, rows):
    naive = one(rows, method=FROM_ELIGIBILITY, outcome="promoted")
    main = one(rows, method=MAIN, outcome="promoted", estimand=KIND.estimand)
    assert naive.value < main.value - 5
    truth = load_planted()
    generator = _generator(truth, TABLE, "west_midlands", ())
    planted = planted_differences(generator, truth, "west_midlands", part=0.5)["promoted"]
    assert main.conf_low < planted < main.conf_high + 2  # later joiners take some off
    assert not naive.conf_low < planted < naive.conf_high


@pytest.mark.slow
def test_regions_hold_what_is_planted_and_are_no_further_from_nothing():
    truth, held, shares = load_planted(), [], []
    for region in REGIONS:
        study = opened(region)
        found = study.effect(PROMOTED, study.matching(PROMOTED), KIND.estimand)
        planted = planted_differences(_generator(truth, TABLE, region, ()), truth, region)
        held.append(found.conf_low - 2 <= planted["promoted"] <= found.conf_high + 2)
        if planted["promoted"] > 5:
            shares.append(found.value / planted["promoted"])
        left = study.effect(LEFT, study.matching(LEFT), KIND.estimand)
        assert left.conf_low - 2 < planted["left"] < left.conf_high + 2
    assert sum(held) >= 11
    assert 0.6 < np.mean(shares) < 1.05


def test_groups_are_compared_within_themselves(study, rows):
    within = {r.group: r for r in rows if r.method == WITHIN_GROUP and r.outcome == "promoted"}
    white, together = within["White"], within[TOGETHER]
    gap = within[f"{TOGETHER} less White"]
    assert gap.value == pytest.approx(together.value - white.value)
    assert gap.std_error == pytest.approx(np.hypot(together.std_error, white.std_error))
    found = study.matching(PROMOTED, "White")
    assert set(found.rows["ethnic_group"]) == {"White"}
    few = [g for g in ("Mixed", "Other") if within[g].status == "not_estimable"]
    for group in few:
        assert within[group].reason == "too_few_matched" and within[group].n == 0


def test_first_times_are_counted_of_those_who_had_not_had_it(study):
    rows = study.matching(PLAN.outcome("coached")).rows
    assert (rows["coached_on"].isna() | (rows["coached_on"] > rows["day"])).all()
    assert rows.groupby("risk_set")["member"].sum().eq(1).all()


def test_an_exit_ends_the_time_of_another():
    day = pd.Timestamp("2024-01-01")
    rows = pd.DataFrame({f"{name}_on": [pd.NaT] * 4 for name in OTHER_WAYS})
    rows = rows.assign(day=day, member=[1.0, 0.0, 0.0, 0.0], followed_to=pd.Timestamp("2026-06-30"))
    rows["joined_on"] = [day, pd.NaT, pd.Timestamp("2024-03-01"), pd.NaT]
    rows["promoted_on"] = pd.to_datetime(["2024-05-01", None, "2024-06-01", None])
    rows["left_on"] = pd.to_datetime(["2024-09-01", "2024-04-01", None, None])
    found = timed(rows, "promoted")
    assert found["exit"].astype(object).where(found["exit"].notna(), None).tolist() == [
        "promoted",
        "left",
        "promoted",
        None,
    ]
    assert found["days"].tolist() == [121.0, 91.0, 152.0, 911.0]
    until = timed(rows, "promoted", until_joining=True)
    assert until["days"].tolist() == [121.0, 91.0, 60.0, 911.0] and pd.isna(until["exit"][2])
    assert timed(rows, "left")["exit"].tolist()[:2] == ["left", "left"]  # after a promotion as well
    assert by_month(rows, "promoted", days(3)).tolist() == [0.0, 0.0, 0.0, 0.0]
    assert by_month(rows, "promoted", days(24)).tolist() == [1.0, 0.0, 1.0, 0.0]


def test_promotion_is_judged_as_a_selection_rate(study):
    counted = selection.exact_counts(study, PROMOTED)
    table, said = selection.selection(study, PROMOTED)
    shown = table.to_frame()
    assert len(shown) == len(counted) == 4 and len(said) == 2
    own = shown[shown["Staff"] == selection.MEMBERS]
    numbers = [int(x) for pair in own[["Promoted", "People"]].to_numpy() for x in pair]
    ratio = relative_rate_index(*numbers)
    assert own["Times as often"].iloc[0] == f"{ratio.value:.2f}"
    rule = VerdictRule(counts="good", band=PLAN.band.limits)
    # the four-fifths rule can fire: nobody of the minority promoted is a disparity
    assert verdict(0, 60, 20, 60, rule, p_adjusted=0.001).name == "disparity"
    assert all(text.startswith("Of ") and text.endswith(".") for text in said)
    assert "by month 24" in str(said[0])


def test_partners_are_persons_of_the_same_day(study):
    pairs = study.pairs
    assert (pairs.groupby("risk_set")["member"].agg(["sum", "size"]).to_numpy() == [1, 2]).all()
    others = pairs[pairs["member"] == 0]
    assert others["staff_id"].is_unique
    assert (others["joined_on"].isna() | (others["joined_on"] > others["day"])).all()


def test_few_members_are_refused_without_a_number():
    few = opened("wales", people=200)
    assert len(few.members) < 30
    found = few.effect(PROMOTED, few.matching(PROMOTED), KIND.estimand)
    assert isinstance(found, NotEstimable)
    assert found.reason in ("too_few_matched", "too_few_people") and found.support.n == 0
    nobody = opened(
        "wales",
        people=300,
        change=lambda t: t.assign(joined_on=pd.NaT, scheme=None, found_useful=np.nan),
    )
    assert nobody.checks[0].passed is None and nobody.n_used == 0
    assert {row.status for row in nobody.rows} <= {"not_estimable", "described"}


def test_the_effect_of_each_scheme_rests_on_its_own_members(study):
    found = study.matching(PROMOTED)
    for scheme in PLAN.comparison.arms:
        own = found.among((found.rows["set_scheme"] == scheme).to_numpy())
        assert own.matched.n_treated == (study.members["scheme"] == scheme).sum()
        result = study.effect(PROMOTED, own, SCHEME_EFFECTS[scheme])
        assert isinstance(result, (Estimate, NotEstimable))


def test_balance_and_members_matched_bear_on_the_claim(study):
    balance, matched = study.checks[:2]
    assert balance.passed and matched.passed
    assert balance.bears_on == matched.bears_on == "claim"
    lone = replace(study, plan=PLAN)  # the same sets
    assert lone.checks[1].value == matched.value
