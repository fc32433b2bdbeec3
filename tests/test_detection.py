"""Coded cases beside a gold code: shares in clusters, changes of units under drift, agreement over
clusters; each beside a published reference and a simulation."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.designs.audits.detection import (
    blocks_alike,
    change_alone,
    changes_beside,
    changes_cr2,
    clustered_share,
    unit_changes,
    weighted_share,
)
from analysis.designs.series.bridging import instrument_shift
from analysis.inference.columns import CodedColumns, Quantity
from analysis.measurement.agreement import cohen_kappa, gwet_ac
from analysis.measurement.clustered import agreement_of_two
from analysis.results import Estimate, NotEstimable, Support

COLUMNS = CodedColumns(
    unit="who",
    period="after",
    first="first",
    block="team",
    outcome="yes",
    weight="weight",
    scale=100.0,
)
WHAT = Quantity("effect", "in_every_100")


# -- shares in clusters -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17: 857-872, table I, method 3 (score, Wilson).
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (1, 29, 0.61, 17.18)],
)
def test_a_cluster_a_row_is_the_score_interval_of_newcombe(events, n, low, high):
    event = np.r_[np.ones(events), np.zeros(n - events)]
    found = clustered_share(event, np.ones(n), np.arange(n))
    assert found.value == pytest.approx(100 * events / n)
    assert (round(found.low, 2), round(found.high, 2)) == (low, high)


def in_clusters(rng, clusters=40, size=9, within=0.2, share=0.5):
    """Events of clusters whose chances differ: intraclass correlation `within` (beta-binomial)."""
    spread = (1 - within) / within
    chance = rng.beta(share * spread, (1 - share) * spread, clusters)
    cluster = np.repeat(np.arange(clusters), size)
    return (rng.random(len(cluster)) < chance[cluster]).astype(float), cluster


def test_the_width_follows_the_clusters_as_an_independent_estimator_has_them():
    event, cluster = in_clusters(np.random.default_rng(1))
    n, clusters = len(event), 40
    found = clustered_share(event, np.ones(n), cluster)
    fitted = sm.OLS(event, np.ones(n)).fit(cov_type="cluster", cov_kwds={"groups": cluster})
    # Wilson's interval solves (p - x)^2 = z^2 x (1 - x) / worth at its ends
    value, end = found.value / 100, found.high / 100
    worth = 1.959964**2 * end * (1 - end) / (end - value) ** 2
    from scipy import stats

    few = (stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, clusters - 1)) ** 2
    error = float(fitted.bse[0]) ** 2 * (n - 1) / n  # statsmodels: times (n - 1) / (n - k)
    assert worth == pytest.approx(value * (1 - value) * n / (n - 1) / error * few, rel=0.01)
    alone = clustered_share(event, np.ones(n), np.arange(n))
    assert found.high - found.low > 1.3 * (alone.high - alone.low)


@pytest.mark.simulation
def test_intervals_of_shares_in_clusters_hold_the_truth():
    """Rows taken as independent hold it far too seldom (the trap)."""
    rng, held, alone, runs = np.random.default_rng(5), 0, 0, 1500
    for _ in range(runs):
        event, cluster = in_clusters(rng, clusters=24, size=15, within=0.15, share=0.3)
        n = len(event)
        found = clustered_share(event, np.ones(n), cluster)
        naive = clustered_share(event, np.ones(n), np.arange(n))
        held += found.low <= 30 <= found.high
        alone += naive.low <= 30 <= naive.high
    assert 0.93 <= held / runs <= 0.97
    assert alone / runs < 0.80


def test_nothing_is_said_of_one_cluster_or_of_rows_all_alike():
    assert clustered_share(np.array([1.0, 0.0]), np.ones(2), np.zeros(2)) is None
    assert clustered_share(np.ones(9), np.ones(9), np.arange(9)) is None


def test_weights_undo_an_uneven_choice_of_cases_for_the_panel():
    """Begg and Greenes (1983): of cases that are recognised more easily more are verified."""
    rng, n = np.random.default_rng(2), 40_000
    easy = rng.random(n) < 0.5
    event = rng.random(n) < np.where(easy, 0.8, 0.2)
    share = np.where(easy, 0.9, 0.1)
    read = rng.random(n) < share
    rows = pd.DataFrame({"yes": event[read].astype(float), "weight": 1 / share[read]})
    assert weighted_share(rows, COLUMNS) == pytest.approx(50, abs=2.5)
    assert weighted_share(rows.assign(weight=1.0), COLUMNS) > 70


# -- changes of units ---------------------------------------------------------------------------
def audited(rng, *, effect=0.0, drift=0.15, teams=6, each=6, cases=24, harm=0.0, spread=0.1):
    """Cases of investigators in teams, half of each team drawn; coders drift alike for all."""
    who = np.repeat(np.arange(teams * each), cases)
    team = who // each
    first = np.concatenate([rng.permutation(each) < each // 2 for _ in range(teams)])[who]
    after = rng.random(len(who)) < 0.5
    skill = rng.uniform(-spread, spread, teams * each)[who]
    moved = rng.uniform(-spread, spread, teams * each)[who]  # each has a change of their own
    chance = 0.4 + skill + (drift + moved + effect * first + harm * first * (team == 0)) * after
    return pd.DataFrame(
        {
            "who": who,
            "team": team,
            "first": np.where(first, 1.0, np.nan),
            "after": after.astype(int),
            "yes": (rng.random(len(who)) < chance).astype(float),
            "weight": rng.choice([1.25, 2.0], len(who)),
        }
    )


def compared(rows, seed=1):
    return changes_beside(unit_changes(rows, COLUMNS, start=1), WHAT, seed=seed, support=Support())


def test_the_change_is_the_difference_of_differences_of_weighted_shares():
    rows = audited(np.random.default_rng(3), effect=0.25)
    found = compared(rows)
    share = {
        (side, after): weighted_share(own, COLUMNS)
        for (side, after), own in rows.groupby([rows["first"].notna(), "after"])
    }
    plain = share[True, 1] - share[True, 0] - share[False, 1] + share[False, 0]
    assert found.value == pytest.approx(plain, abs=1.0)
    assert found.conf_low <= 25 <= found.conf_high and found.p_value < 0.05
    beside = changes_cr2(unit_changes(rows, COLUMNS, start=1), WHAT, support=Support())
    assert beside.value == pytest.approx(found.value, abs=1e-9)  # as many on each side of a team
    assert beside.conf_low == pytest.approx(found.conf_low, abs=2.5)


@pytest.mark.simulation
def test_drift_alone_is_found_by_before_and_after_and_not_by_the_lot():
    """Nothing is true: the test keeps its size, before and after alone finds an effect nearly
    always (the trap)."""
    rng, runs = np.random.default_rng(7), 250
    ours = crude = naive = 0
    for k in range(runs):
        rows = audited(rng, drift=0.2)
        changes = unit_changes(rows, COLUMNS, start=1)
        ours += changes_beside(changes, WHAT, seed=k, support=Support()).p_value <= 0.05
        crude += changes_cr2(changes, WHAT, support=Support()).p_value <= 0.05
        trained = rows[rows["first"].notna()]
        naive += change_alone(trained, COLUMNS, WHAT, start=1).p_value <= 0.05
    error = (0.05 * 0.95 / runs) ** 0.5
    assert ours / runs <= 0.05 + 3 * error and crude / runs <= 0.05 + 3 * error
    assert naive / runs > 0.9


@pytest.mark.simulation
def test_one_team_made_worse_is_seen_and_none_is_not():
    rng, runs = np.random.default_rng(8), 150
    found = {
        harm: sum(
            blocks_alike(unit_changes(audited(rng, harm=harm, cases=60), COLUMNS, start=1), seed=k)
            <= 0.05
            for k in range(runs)
        )
        / runs
        for harm in (0.0, 0.45)
    }
    assert found[0.0] <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5
    assert found[0.45] > 0.5


def test_few_units_on_a_side_are_not_compared():
    rows = audited(np.random.default_rng(4), teams=3, each=6)
    assert compared(rows).reason == "too_few_people"
    assert blocks_alike(unit_changes(rows, COLUMNS, start=1), seed=1) is None
    one_time = rows[rows["after"] == 0]
    assert isinstance(change_alone(one_time, COLUMNS, WHAT, start=1), NotEstimable)


def test_the_order_of_rows_and_names_of_units_change_nothing():
    rows = audited(np.random.default_rng(6), effect=0.2)
    mixed = rows.sample(frac=1, random_state=1)
    assert compared(mixed).value == pytest.approx(compared(rows).value, abs=1e-9)
    assert compared(rows.assign(yes=0.5)).reason == "constant_outcome"


# -- coders -------------------------------------------------------------------------------------
def read_twice(rng, clusters=60, size=20):
    cluster = np.repeat(np.arange(clusters), size)
    there = rng.random(len(cluster)) < rng.beta(1, 3, clusters)[cluster]
    codes = [(rng.random(len(there)) < np.where(there, 0.9, 0.08)).astype(float) for _ in "ab"]
    return pd.DataFrame({"one": codes[0], "other": codes[1], "who": cluster})


def test_agreement_is_that_of_the_plain_coefficients_and_its_interval_that_of_clusters():
    items = read_twice(np.random.default_rng(9))
    call = {"raters": ("one", "other"), "scale": [0.0, 1.0]}
    found = agreement_of_two(items, cluster="who", **call)
    long = items.reset_index().melt(id_vars=["index"], value_vars=["one", "other"])
    own = {"item": "index", "rater": "variable", "rating": "value", "scale": [0.0, 1.0]}
    plain = {"cohen_kappa": cohen_kappa(long, **own), "gwet_ac1": gwet_ac(long, **own)}
    alone = agreement_of_two(items.assign(item=range(len(items))), cluster="item", **call)
    for name, one in plain.items():
        assert found[name].value == pytest.approx(one.value, abs=1e-12)
        assert found[name].std_error != pytest.approx(one.std_error, rel=0.01)
    # a cluster an item: the jackknife over items of measurement/agreement.py
    assert alone["gwet_ac1"].std_error == pytest.approx(plain["gwet_ac1"].std_error, rel=1e-9)


def test_agreement_is_refused_without_spread_or_clusters():
    items = read_twice(np.random.default_rng(9))
    call = {"raters": ("one", "other"), "scale": [0.0, 1.0], "cluster": "who"}
    few = agreement_of_two(items[items["who"] < 8], **call)
    assert {one.reason for one in few.values()} == {"too_few_raters"}
    alike = agreement_of_two(items.assign(one=1.0), **call)
    assert {one.reason for one in alike.values()} == {"constant_rating"}
    off = agreement_of_two(items.assign(one=2.0), **call)
    assert {one.reason for one in off.values()} == {"off_scale"}


def test_the_drift_of_the_same_cases_is_the_difference_of_paired_proportions():
    """Agresti (2013), Categorical Data Analysis, section 11.1: approval by the same 1,600 people at
    two times: 794 yes twice, 150 yes then no, 86 no then yes, 570 no twice; .04 (.0095), 95 %
    interval .021 to .059."""
    pairs = [(1, 1)] * 794 + [(1, 0)] * 150 + [(0, 1)] * 86 + [(0, 0)] * 570
    bridge = pd.DataFrame(pairs, columns=["then", "again"], dtype=float)
    found = instrument_shift(bridge, old="then", new="again")
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(-0.04)
    assert found.std_error == pytest.approx(0.0095, abs=1e-4)
    assert (round(found.conf_low, 3), round(found.conf_high, 3)) == (-0.059, -0.021)
