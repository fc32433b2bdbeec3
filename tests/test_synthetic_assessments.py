"""The synthetic audits hold what is planted, and mislead a naive method as their docstring says."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.extracts.tables.pilots.assessment_tables import ITEMS, NEW, TOUCHED, UNTOUCHED
from analysis.synthetic.assessments import assessments as made
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted

LARGE = 10  # times full scale: shares of a side then lie within half a point
# Points: twice the error of a share over 15 rounds at ten times full scale (0.6), and a round.
NEAR = 1.2
START, CHANGED, LAST_BEFORE = 56, 39, 53  # rounds: after the help text, of the instrument, before
HARMED = "south_west"


def nation(*, nil: bool = False, instrument: float | None = None) -> pd.DataFrame:
    """All regions from the same draws, with the help text as planted or without any effect, and
    with another instrument where one is given."""
    truth = load_planted()
    own = truth.assessments
    if instrument is not None:
        own = own.model_copy(update={"instrument_added": instrument})
    if nil:
        none = dict.fromkeys(own.help_text, 0.0), dict.fromkeys(own.help_text_group, 0.0)
        own = own.model_copy(update={"help_text": none[0], "help_text_group": none[1]})
    truth = truth.model_copy(update={"assessments": own})
    names = ("audited_assessments", "second_ratings", "bridging_ratings")
    parts = []
    for i, region in enumerate(truth.regions):
        rng = {name: np.random.default_rng([5, i, k]) for k, name in enumerate(names)}
        tables = made.make_assessments(rng, truth, region, part=LARGE)
        parts.append(tables["audited_assessments"])
    found = pd.concat(parts, ignore_index=True)
    first = pd.Timestamp(own.first_round)
    return found.assign(round=(found["round_from"] - first).dt.days // made.DAYS_A_ROUND)


@cache
def both() -> tuple[pd.DataFrame, pd.DataFrame]:
    return nation(), nation(nil=True)


def share(audits: pd.DataFrame, first: int, last: int, items=TOUCHED) -> float:
    """Weighted share good enough on all `items` in some rounds (in every 100)."""
    rows = audits[audits["round"].between(first, last)]
    good = (rows[list(items)] >= 3).all(axis=1)
    return 100 * float(np.average(good, weights=1 / rows["sampling_share"]))


def test_the_true_step_is_what_the_docstring_says():
    planted, nil = both()
    steps = [share(planted, k, k + 4) - share(nil, k, k + 4) for k in (56, 61, 66)]
    assert np.mean(steps) == pytest.approx(made.TRUE_STEP, abs=NEAR)
    assert made.planted_step(load_planted()) == pytest.approx(made.TRUE_STEP, abs=NEAR)


def test_a_mean_before_and_after_takes_the_trend_for_an_effect():
    planted, nil = both()
    last = load_planted().assessments.rounds - 1
    naive = share(planted, START, last) - share(planted, CHANGED, LAST_BEFORE)
    assert naive == pytest.approx(made.NAIVE_RISE, abs=NEAR)
    none = share(nil, START, last) - share(nil, CHANGED, LAST_BEFORE)
    assert none > 5  # with no effect at all, it shows one


def test_the_new_instrument_looks_like_an_improvement():
    """About half a point of the rating, and a quarter of all assessments, with no true change."""
    _, nil = both()
    jump = share(nil, CHANGED, LAST_BEFORE) - share(nil, CHANGED - 15, CHANGED - 1)
    assert jump == pytest.approx(made.NEW_INSTRUMENT, abs=NEAR)
    old_kept = nation(nil=True, instrument=0.0)
    means = [a.loc[a["instrument"] == NEW, list(ITEMS)].to_numpy().mean() for a in (nil, old_kept)]
    assert means[0] - means[1] == pytest.approx(0.5, abs=0.05)
    kept = share(old_kept, CHANGED, LAST_BEFORE) - share(old_kept, CHANGED - 15, CHANGED - 1)
    assert abs(kept) < 3  # next to nothing is true


def test_the_items_that_are_left_alone_do_not_step():
    planted, nil = both()
    pd.testing.assert_frame_equal(planted[list(UNTOUCHED)], nil[list(UNTOUCHED)])


def test_one_region_is_harmed_and_two_are_as_before():
    planted, nil = both()

    def step(region: str) -> float:
        own, other = (a[a["region"] == region] for a in (planted, nil))
        last = load_planted().assessments.rounds - 1
        return share(own, START, last) - share(other, START, last)

    assert step(HARMED) < -3
    for region in ("wales", "south_central"):  # but for Black people's assessments
        assert 0 <= step(region) < 1


def test_means_without_the_weights_are_not_those_of_all_assessments():
    _, nil = both()
    rows = nil[nil["instrument"] == NEW]
    plain = 100 * float((rows[list(TOUCHED)] >= 3).all(axis=1).mean())
    assert share(nil, CHANGED, 81) - plain > 0.4  # minority ethnic people's stand in it too often


def test_fortnights_share_a_shock_that_goes_on():
    truth = load_planted()
    own = truth.assessments.model_copy(update={"rounds": 200})
    shocks = made.nation_shocks(truth.model_copy(update={"assessments": own}))
    assert np.std(shocks) == pytest.approx(own.round_spread, rel=0.2)
    assert np.corrcoef(shocks[1:], shocks[:-1])[0, 1] == pytest.approx(own.round_memory, abs=0.2)


def test_tables_hold_their_contracts_and_no_bridging_sample():
    tables = make_region("wales", service="assessments")
    for name, frame in tables.items():
        CONTRACTS[name].schema().validate(frame)
    assert "bridging_ratings" not in tables  # nobody was rated with both instruments
    second = tables["second_ratings"]
    first = tables["audited_assessments"].set_index("audit_id")
    assert (first.loc[second["audit_id"], "auditor_id"].to_numpy() != second["auditor_id"]).all()


def test_a_bridging_sample_can_be_planted():
    """The same assessments, rated with each instrument: the new one rates about half a point
    higher, and no column knows better."""
    truth = load_planted()
    own = truth.assessments.model_copy(update={"bridging": 40})
    truth = truth.model_copy(update={"assessments": own})
    names = ("audited_assessments", "second_ratings", "bridging_ratings")
    rng = {name: np.random.default_rng([3, k]) for k, name in enumerate(names)}
    tables = made.make_assessments(rng, truth, "london", part=1.0)
    bridge = tables["bridging_ratings"]
    assert (bridge.groupby("audit_id")["instrument"].nunique() == 2).all()
    assert len(bridge) == 80
    means = bridge.groupby("instrument")[list(ITEMS)].mean().mean(axis=1)
    assert means[NEW] - means["old"] == pytest.approx(0.5, abs=0.15)
