"""Risk sets and what is worked out of them: against plain loops and second implementations, under
no effect, with a planted one, and where counting from an earlier day is wrong."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.conditional_models import ConditionalLogit
from statsmodels.duration.survfunc import CumIncidenceRight

from analysis.designs.cohorts.matched_incidence import (
    Counted,
    difference_between,
    hazard_within_sets,
    matched_incidence,
)
from analysis.designs.cohorts.risk_sets import match_sets, partners, risk_sets, unmatched
from analysis.designs.trials.competing_exits import (
    incidence_curve,
    incidence_difference,
    incidence_influence,
    time_until,
)
from analysis.designs.trials.duration import cox
from analysis.inference.columns import ExitColumns, Quantity, RiskColumns, SetColumns
from analysis.results import Estimate, NotEstimable

START = pd.Timestamp("2022-01-03")
RISK = RiskColumns(since="since", until="until", joined="joined", exact=("grade",))
SETS = SetColumns(
    risk_set="set", treated="member", person="person", covariates=("rating", "waited")
)
EXITS = ExitColumns(time="days", exit="exit", treated="member")
WHAT = Quantity("joining_effect", "in_every_100")
HORIZON, PROMOTED, LEFT, JOINING = 300.0, 0.0012, 0.0006, 0.0005  # hazards a day
RUNS = 200


def staff(seed, *, n=900, log_hazard=0.0, ambition=0.0, followed=1100):
    """Eligible staff over some two years; good ratings join rather and are promoted rather.
    ambition: log hazard of both that one unit of something unrecorded adds."""
    rng = np.random.default_rng(seed)
    rating, grade = rng.normal(size=n), rng.choice(["low", "high"], n)
    pushed = 0.7 * rating + ambition * rng.normal(size=n)
    since = rng.uniform(0, 400, n)
    promotion = PROMOTED * np.exp(pushed)
    joined = np.maximum(since, 100) + rng.exponential(1 / (JOINING * np.exp(pushed)))
    wait, gone = rng.exponential(size=n), since + rng.exponential(1 / LEFT, n)
    plain = since + wait / promotion
    ends = np.minimum(gone, followed)
    joins = (joined < np.minimum(plain, ends)) & (joined < 600)
    late = joined + (wait - promotion * (joined - since)) / (promotion * np.exp(log_hazard))
    promoted = np.where(joins, late, plain)
    frame = pd.DataFrame({"person": np.arange(n), "rating": rating, "grade": grade})
    frame["rate"], frame["since"] = promotion, _day(since)
    frame["joined"] = _day(np.where(joins, joined, np.nan))
    frame["promoted"] = _day(np.where(promoted <= ends, promoted, np.nan))
    frame["left"] = _day(np.where(gone <= np.minimum(followed, promoted), gone, np.nan))
    frame["last"] = _day(np.full(n, float(followed)))
    return frame.assign(until=frame[["promoted", "left", "last"]].min(axis=1))


def _day(days) -> pd.Series:
    return pd.Series(START + pd.to_timedelta(np.floor(days), unit="D"))


def rows_of(people):
    sets = risk_sets(people, RISK)
    rows = people.iloc[sets.row].reset_index(drop=True)
    day = pd.Series(sets.day.astype("int64").astype("datetime64[D]"))
    exits = np.where(
        rows["promoted"].notna(), "promoted", np.where(rows["left"].notna(), "l", None)
    )
    return rows.assign(
        set=sets.risk_set,
        member=sets.treated.astype(float),
        waited=(day - rows["since"]).dt.days.astype(float),
        days=(rows["until"] - day).dt.days.astype(float),
        exit=exits,
    )


def effect(people, *, columns=SETS):
    rows = rows_of(people)
    matched = match_sets(rows, columns)
    return matched_incidence(rows, matched, (columns, EXITS), Counted("promoted", HORIZON), WHAT)


def planted(people, log_hazard) -> float:
    """In every 100 members: with less without joining, both hazards constant and competing."""
    rate = people.loc[people["joined"].notna(), "rate"].to_numpy()

    def share(hazard):
        both = hazard + LEFT
        return hazard / both * (1 - np.exp(-both * HORIZON))

    return 100 * float((share(rate * np.exp(log_hazard)) - share(rate)).mean())


def test_a_risk_set_is_the_joiner_and_all_who_could_have_joined_that_day():
    people = staff(1, n=120)
    found = risk_sets(people, RISK)
    for one in people.index[people["joined"].notna()]:
        day = people["joined"][one]
        others = [
            i
            for i in people.index
            if people["grade"][i] == people["grade"][one]
            and people["since"][i] <= day < people["until"][i]
            and not people["joined"][i] <= day
        ]
        own = found.row[found.risk_set == one]
        assert sorted(own) == sorted([one, *others])
    assert found.sets == people["joined"].notna().sum()
    later = people["joined"].notna().to_numpy()[found.row[~found.treated]]
    assert later.any()  # those who join later are not left out of earlier sets


def test_a_weighted_incidence_is_that_of_statsmodels_and_of_rows_said_again():
    people = staff(2, n=300)
    times = (people["until"] - people["since"]).dt.days.to_numpy(dtype=float)
    codes = np.where(people["promoted"].notna(), 1, np.where(people["left"].notna(), 2, 0))
    weights = np.random.default_rng(3).integers(1, 4, len(people))
    level, influence = incidence_influence(times, codes, HORIZON, weights=weights)
    theirs = CumIncidenceRight(times, codes, freq_weights=weights)
    assert level == pytest.approx(theirs.cinc[0][theirs.times <= HORIZON][-1], abs=1e-12)
    again = np.repeat(np.arange(len(people)), weights)
    said_again = incidence_influence(times[again], codes[again], HORIZON)
    assert level == pytest.approx(said_again[0], abs=1e-12)
    assert influence[again] == pytest.approx(said_again[1], abs=1e-9)
    assert (weights * influence).sum() == pytest.approx(0, abs=1e-8)


def test_without_matching_and_censoring_it_is_the_difference_of_weighted_shares():
    rows = rows_of(staff(4))
    plain = unmatched(rows, replace(SETS, covariates=()))
    counted = Counted("promoted", HORIZON)
    found = matched_incidence(rows, plain, (SETS, EXITS), counted, WHAT)
    hit = ((rows["exit"] == "promoted") & (rows["days"] <= HORIZON)).to_numpy(dtype=float)
    side = rows["member"].to_numpy() == 1
    own, others = (np.average(hit[part], weights=plain.weights[part]) for part in (side, ~side))
    assert found.value == pytest.approx(100 * (own - others))
    assert found.group_estimated - found.comparison_estimated == pytest.approx(found.value)
    assert found.support.n_treated == found.support.cells_identifying == side.sum()


def test_cox_within_sets_is_conditional_logit_where_there_is_one_time():
    rng = np.random.default_rng(5)
    sets = np.repeat(np.arange(80), 5)
    x = rng.normal(size=400)
    first = np.zeros(400)
    for one in range(80):
        own = np.flatnonzero(sets == one)
        first[rng.choice(own, p=np.exp(0.5 * x[own]) / np.exp(0.5 * x[own]).sum())] = 1
    frame = pd.DataFrame({"t": 1.0, "x": x, "event": first, "set": sets, "person": np.arange(400)})
    ours = cox(frame, time="t", event="event", covariates=["x"], strata="set").estimates[0]
    theirs = ConditionalLogit(first, x[:, None], groups=sets).fit(disp=0)
    assert ours.value == pytest.approx(theirs.params[0], abs=1e-4)
    assert ours.std_error == pytest.approx(theirs.bse[0], rel=1e-4)
    silent = pd.concat([frame, frame.assign(event=0.0, set=99, person=frame["person"] + 400)])
    with_silent = cox(
        silent, time="t", event="event", covariates=["x"], strata="set", cluster="person"
    )
    assert with_silent.estimates[0].value == pytest.approx(ours.value, abs=1e-4)
    assert np.isfinite(with_silent.estimates[0].std_error)  # a set without any event


@pytest.mark.simulation
def test_no_effect_is_found_where_there_is_none():
    found = [effect(staff(1000 + seed, n=700)) for seed in range(RUNS)]
    assert all(isinstance(one, Estimate) for one in found)
    bound = 3 * np.sqrt(0.05 * 0.95 / RUNS)
    assert np.mean([one.p_value <= 0.05 for one in found]) < 0.05 + bound
    error = np.std([one.value for one in found]) / np.sqrt(RUNS)
    assert abs(np.mean([one.value for one in found])) < 3 * error + 1


@pytest.mark.simulation
@pytest.mark.parametrize("log_hazard", [0.8, -0.7])
def test_intervals_hold_a_planted_effect(log_hazard):
    held, values, truths = [], [], []
    for seed in range(RUNS):
        people = staff(3000 + seed, log_hazard=log_hazard)
        found, truth = effect(people), planted(people, log_hazard)
        held.append(found.conf_low <= truth <= found.conf_high)
        values.append(found.value)
        truths.append(truth)
    assert np.mean(held) > 0.95 - 4 * np.sqrt(0.05 * 0.95 / RUNS)
    # some of those beside them join later, which takes a tenth or so off, and never adds
    assert 0.8 < np.mean(values) / np.mean(truths) < 1.03


def test_counting_from_eligibility_is_wrong_and_may_have_the_wrong_sign():
    naive, right, truth = [], [], []
    for seed in range(24):
        people = staff(50 + seed, log_hazard=0.5)
        right.append(effect(people).value)
        truth.append(planted(people, 0.5))
        early = people.assign(
            member=people["joined"].notna().astype(float),
            days=(people["until"] - people["since"]).dt.days.astype(float),
            exit=np.where(people["promoted"].notna(), "promoted", "l"),
        )
        early["exit"] = early["exit"].mask(early["promoted"].isna() & early["left"].isna())
        found = incidence_difference(early, EXITS, cause="promoted", horizon=HORIZON)
        naive.append(found.value)
    apart = abs(np.mean(right) - np.mean(truth))
    # three errors of the mean, and what those who join later take off
    assert np.mean(truth) > 10 and apart < 3 * np.std(right) / np.sqrt(len(right)) + 1
    assert np.mean(naive) < 0  # members are promoted more, and seem to be promoted less


def test_who_never_joins_is_no_comparison():
    """Those who were promoted soon never come to join: leaving later joiners out makes the others
    look better than they are."""
    chosen, right = [], []
    for seed in range(12):
        people = staff(80 + seed, n=900)
        right.append(effect(people).value)
        rows = rows_of(people)
        rows = rows[(rows["member"] == 1) | rows["joined"].isna()].reset_index(drop=True)
        matched = match_sets(rows, SETS)
        counted = Counted("promoted", HORIZON)
        chosen.append(matched_incidence(rows, matched, (SETS, EXITS), counted, WHAT).value)
    assert np.mean(chosen) < np.mean(right) - 1


def test_ambition_that_nobody_records_is_taken_for_an_effect():
    found = [effect(staff(110 + seed, n=900, ambition=0.8)) for seed in range(10)]
    assert np.mean([one.value for one in found]) > 4  # there is none
    assert (
        np.mean([one.value for one in found]) > 3 * np.std([one.value for one in found]) / 10**0.5
    )


def test_matching_makes_both_sides_alike():
    rows = rows_of(staff(6, n=1500))
    found = match_sets(rows, SETS)
    table = found.balance.to_frame().set_index("covariate")
    assert abs(table.loc["rating", "difference_before"]) > 40
    assert abs(table.loc["rating", "difference_after"]) < 10
    per_set = pd.Series(found.weights).groupby([rows["set"], found.treated]).sum().unstack()
    matched = per_set[True] > 0
    assert per_set.loc[matched, False].to_numpy() == pytest.approx(np.ones(matched.sum()))
    assert (per_set.loc[~matched, False] == 0).all()


def test_a_partner_is_of_the_set_and_of_nobody_else():
    rows = rows_of(staff(7))
    matched = match_sets(rows, SETS)
    pairs = rows.iloc[partners(rows, matched, SETS)]
    own, others = pairs[pairs["member"] == 1], pairs[pairs["member"] == 0]
    assert len(own) == len(others) > 30
    assert (own["set"].to_numpy() == others["set"].to_numpy()).all()
    assert others["person"].is_unique
    assert (matched.weights[partners(rows, matched, SETS)] > 0).all()


def test_a_hazard_ratio_within_sets_is_near_what_is_planted():
    people = staff(8, n=2500, log_hazard=0.7)
    rows = rows_of(people)
    later = (rows["joined"] - rows["until"]).dt.days.clip(upper=0) + rows["days"]  # own joining
    joins = (rows["member"] == 0) & rows["joined"].notna()
    rows = rows.assign(days=later.where(joins, rows["days"]), exit=rows["exit"].mask(joins))
    found = hazard_within_sets(
        rows, match_sets(rows, SETS), (SETS, EXITS), "promoted", Quantity("hazard_ratio", "times")
    )
    assert found.conf_low < np.exp(0.7) < found.conf_high and found.conf_low > 1


def test_the_difference_of_two_groups_adds_up_their_errors():
    people = staff(9, n=1600, log_hazard=0.6)
    one, other = (
        effect(people[people["grade"] == g].reset_index(drop=True)) for g in ("low", "high")
    )
    gap = difference_between(one, other, Quantity("gap_difference", "in_every_100"))
    assert gap.value == pytest.approx(one.value - other.value)
    assert gap.std_error == pytest.approx(np.hypot(one.std_error, other.std_error))
    assert gap.support.n == one.support.n + other.support.n


def test_the_time_until_a_quarter_is_read_off_the_curve():
    people = staff(10).assign(
        days=lambda f: (f["until"] - f["since"]).dt.days.astype(float),
        exit=lambda f: np.where(f["promoted"].notna(), "promoted", None),
    )
    asked = {"time": "days", "exit": "exit", "cause": "promoted"}
    curve, found = incidence_curve(people, **asked), time_until(people, **asked, share=0.25)
    assert (curve.loc[curve["time"] < found, "incidence"] < 0.25).all()
    assert curve.loc[curve["time"] == found, "incidence"].iloc[0] >= 0.25
    assert time_until(people, **asked, share=0.999) is None


def cut(people, day):
    """The same people, of whom nothing is known after a day."""
    known = {name: people[name].where(people[name] < day) for name in ("promoted", "left")}
    return people.assign(**known, until=people["until"].clip(upper=day))


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("too_few_matched", lambda f: f.assign(joined=f["joined"].where(f["person"] < 60))),
        ("no_comparison", lambda f: f.assign(joined=pd.NaT)),
        ("zero_events", lambda f: f.assign(promoted=pd.NaT)),
        ("follow_up_incomplete", lambda f: cut(f, START + pd.Timedelta(days=380))),
    ],
)
def test_refuses_what_cannot_be_answered(reason, change):
    found = effect(change(staff(11)))
    assert isinstance(found, NotEstimable) and found.reason == reason


def test_order_does_not_matter_and_the_input_stays_as_it_is():
    people = staff(12)
    before = people.copy()
    shuffled = people.sample(frac=1, random_state=1).reset_index(drop=True)
    assert effect(shuffled).value == pytest.approx(effect(people).value, abs=0.35)
    pd.testing.assert_frame_equal(people, before)
