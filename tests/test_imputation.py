"""Roll-outs by imputation: equal to the library and to plain regressions, right in size, and about
the people it names."""

import warnings

import numpy as np
import pandas as pd
import pytest
from column_calls import with_columns
from test_block_rollout import NAMES, panel

from analysis.designs.rollouts.block_rollout import block_effect
from analysis.designs.rollouts.imputation import (
    LEFT_OUT,
    _Measured,
    imputation_effect,
    weighted_panel,
)
from analysis.inference.assignments import drawing
from analysis.results import Estimate, NotEstimable

WHAT = ("average_effect", "imputation", "in_every_100")
CALL = NAMES | {"weight": "people", "what": WHAT, "seed": 1}
COLUMNS = NAMES | {"weight": "people"}
CLOSE = 1e-9


def sized(seed=0, *, gaps=0.0, noise=3.0, **how) -> pd.DataFrame:
    """A roll-out whose courts sentence 2 to 80 people a month; `gaps`: share of court-months in
    which there was nobody."""
    random = np.random.default_rng(seed)
    frame = panel(random, **how)
    size = random.integers(2, 80, frame["court"].nunique())[pd.factorize(frame["court"])[0]]
    people = np.maximum(random.poisson(size), 1)
    frame = frame.assign(
        people=people, y=frame["y"] + noise * random.normal(size=len(frame)) / np.sqrt(people)
    )
    return frame[random.random(len(frame)) >= gaps]


def fitted(frame: pd.DataFrame) -> pd.Series:
    """What each row would have had: weighted least squares with dummies on the rows not yet
    started, block by block."""
    parts = []
    for _, own in frame.groupby("region"):
        dummies = pd.get_dummies(own[["court", "month"]].astype(str), dtype=float).to_numpy()
        before = ~(own["month"] >= own["start"]).to_numpy()
        root = np.sqrt(own["people"].to_numpy(dtype=float))[before]
        found = np.linalg.lstsq(
            dummies[before] * root[:, None], own["y"].to_numpy()[before] * root, rcond=None
        )[0]
        parts.append(pd.Series(dummies @ found, index=own.index))
    return pd.concat(parts)


def plain_effect(frame: pd.DataFrame) -> float:
    left = (frame["y"] - fitted(frame))[frame["month"] >= frame["start"]]
    return float(np.average(left, weights=frame.loc[left.index, "people"]))


# -- (a) the same numbers elsewhere ----------------------------------------------------------------
@pytest.mark.parametrize("gaps", [0.0, 0.15])
def test_one_block_with_cells_alike_is_the_library_estimator(gaps):
    import diff_diff

    frame = sized(3, effect=1.0, growth=0.2, gaps=gaps).assign(region=0, people=1.0)
    table = frame.assign(unit=pd.factorize(frame["court"])[0], first=frame["start"].fillna(0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = diff_diff.ImputationDiD().fit(table, "y", "unit", "month", "first")
    assert with_columns(imputation_effect, frame, **CALL, draws=19).result.value == pytest.approx(
        theirs.overall_att, abs=CLOSE
    )


@pytest.mark.parametrize("gaps", [0.0, 0.15])
def test_weighted_within_blocks_it_is_the_plain_regression(gaps):
    frame = sized(4, effect=1.0, gaps=gaps)
    found = with_columns(imputation_effect, frame, **CALL, draws=19)
    assert (found.panel.reason == "").all()
    assert found.result.value == pytest.approx(plain_effect(frame), abs=CLOSE)


def test_every_permuted_assignment_is_the_plain_regression_with_its_dates():
    frame = sized(5, effect=1.0, gaps=0.1, regions=4)
    read = with_columns(weighted_panel, frame, **COLUMNS)
    measure = _Measured(read, "studentised")
    for start in next(drawing(read.start, read.block, seed=2)(12)):
        sums = sum(measure.part(units, start[None, units]) for units in measure.sums.units)
        dates = pd.Series(
            np.where(start < 0, np.nan, np.array(read.periods)[start]), index=read.units
        )
        moved = frame.assign(start=frame["court"].map(dates))
        effect, shift, *_ = measure.numbers(sums)[0]
        truly = (frame["month"] >= frame["start"]).astype(float)
        assert effect == pytest.approx(plain_effect(moved), abs=CLOSE)
        assert shift == pytest.approx(plain_effect(moved.assign(y=truly)), abs=CLOSE)


def test_the_error_of_the_statistic_is_that_of_the_weights_of_each_cell():
    """The estimate is linear in y: its weights by brute force, the residuals of the fit, squared by
    court."""
    frame = sized(6, effect=1.0, gaps=0.1, regions=2, others=3, months=7).reset_index(drop=True)
    read = with_columns(weighted_panel, frame, **COLUMNS)
    measure = _Measured(read, "studentised")
    effect, _, variance, covariance, _ = measure.numbers(measure.sums.own[None])[0]
    one = [plain_effect(frame.assign(y=(frame.index == i).astype(float))) for i in frame.index]
    left = frame["y"] - fitted(frame) - effect * (frame["month"] >= frame["start"])
    assert variance == pytest.approx(
        ((one * left).groupby(frame["court"]).sum() ** 2).sum(), rel=1e-7
    )
    assert covariance == pytest.approx(
        0.0, abs=CLOSE
    )  # a constant effect taken off changes no residual


# -- (b), (c) size and planted effects -------------------------------------------------------------
@pytest.mark.slow
def test_size_under_no_effect_with_drift_need_and_unequal_courts():
    rejected, runs = 0, 400
    for seed in range(runs):
        frame = sized(seed, drift=0.3, need=2.0, regions=5, others=3, months=10, gaps=0.05)
        rejected += (
            with_columns(
                imputation_effect, frame, **(CALL | {"seed": seed}), draws=199
            ).result.p_value
            <= 0.05
        )
    assert rejected / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.simulation
def test_the_interval_holds_a_planted_effect_and_is_shorter_than_that_from_a_short_base():
    held, shorter, runs = 0, [], 25
    for seed in range(runs):
        frame = sized(seed, effect=1.0, regions=6)
        found = with_columns(imputation_effect, frame, **(CALL | {"seed": seed}), draws=299).result
        held += found.conf_low <= 1.0 <= found.conf_high
        other = with_columns(
            block_effect,
            frame,
            **NAMES,
            estimand="a",
            result_unit="points",
            randomised=False,
            seed=seed,
            draws=299,
            base=3,
        )
        shorter.append(
            (found.conf_high - found.conf_low) / (other.result.conf_high - other.result.conf_low)
        )
    assert held / runs >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / runs)
    assert np.median(shorter) < 0.95


def test_p_value_and_interval_say_the_same():
    for seed in range(10):
        found = with_columns(imputation_effect, sized(seed, effect=0.6), **CALL, draws=199).result
        assert (found.p_value <= 0.05) == (found.conf_low > 0 or found.conf_high < 0)


# -- (d) where counting cells alike is wrong -------------------------------------------------------
def test_an_effect_that_grows_with_the_court_is_that_on_people_only_when_weighted():
    """Courts of 80 people a month gain 2, courts of 4 nothing: 1 for the mean court, near 1.9 for
    the people."""
    frame = sized(7, effect=0.0, regions=12, noise=0.5).assign(people=4.0)
    pilots = frame.loc[frame["start"].notna(), "court"].drop_duplicates()
    large = frame["court"].isin(pilots[::2]) | (frame["start"].isna() & (frame["month"] % 2 == 0))
    frame = frame.assign(people=np.where(large, 80.0, 4.0))
    on = frame["month"] >= frame["start"]
    frame = frame.assign(y=frame["y"] + 2.0 * (on & large))
    truth = np.average(2.0 * large[on], weights=frame.loc[on, "people"])
    people = with_columns(imputation_effect, frame, **CALL, draws=999).result
    courts = with_columns(imputation_effect, frame.assign(people=1.0), **CALL, draws=999).result
    assert truth > 1.8 and people.conf_low <= truth <= people.conf_high
    assert courts.conf_high < truth


def test_months_in_which_need_was_seen_serve_neither_side():
    """They are the fit on the other cells, whoever is given the start; a wild value in them moves
    nothing."""
    frame = sized(9, effect=1.0)
    seen = frame["month"].between(frame["start"] - 2, frame["start"] - 1)
    found = with_columns(imputation_effect, frame, **CALL, draws=99, need=2)
    assert found.result.value == pytest.approx(plain_effect(frame[~seen]), abs=CLOSE)
    wild = with_columns(
        imputation_effect, frame.assign(y=frame["y"] + 50.0 * seen), **CALL, draws=99, need=2
    )
    assert wild.result.value == pytest.approx(found.result.value, abs=CLOSE)
    cells = found.panel.cells()
    assert (cells["reason"] == "need_seen_then").sum() == (seen & frame["start"].notna()).sum() > 0


# -- who is in it ----------------------------------------------------------------------------------
def test_a_court_with_an_empty_month_stays_and_the_others_are_counted_by_reason():
    frame = sized(8, effect=1.0, regions=5)
    pilot = frame.loc[frame["start"].notna() & (frame["region"] == 2), "court"].iloc[0]
    emptied = frame[~((frame["court"] == pilot) & frame["month"].isin([2, 8]))]
    late = emptied[~((emptied["region"] == 0) & (emptied["month"] < emptied["start"]))]
    alone = late[~((late["region"] == 1) & late["start"].isna() & (late["month"] == 12))]
    found = with_columns(imputation_effect, alone, **CALL, draws=99)
    cells = found.panel.cells()
    assert len(cells) == len(alone)
    assert set(cells["reason"]) == {"", *LEFT_OUT} - {"need_seen_then"}
    by = cells.set_index(["unit", "period"])["reason"]
    assert (by[pilot] == "").all() and len(by[pilot]) == 10
    region = alone.drop_duplicates("court").set_index("court")["region"]
    assert set(by[by == "no_start_in_block"].index.get_level_values(0).map(region)) == {0}
    assert set(by[by == "no_comparison_then"].index.get_level_values(1)) == {12}
    kept = alone.merge(
        cells.rename(columns={"unit": "court", "period": "month"}), on=["court", "month"]
    )
    assert found.result.value == pytest.approx(plain_effect(kept[kept["reason"] == ""]), abs=CLOSE)


def test_cells_without_a_chain_to_a_comparison_are_not_predicted():
    """A court seen before its start only in months in which no other court of its region was
    seen."""
    frame = sized(9, effect=1.0, regions=3)
    pilot = frame.loc[frame["start"].notna() & (frame["region"] == 0), "court"].iloc[0]
    early = frame["month"] <= 2
    mine = (frame["court"] == pilot) & (early | (frame["month"] >= frame["start"]))
    apart = frame[mine | (frame["region"] != 0) | ((frame["court"] != pilot) & ~early)]
    cells = with_columns(imputation_effect, apart, **CALL, draws=19).panel.cells()
    after = cells[(cells["unit"] == pilot) & (cells["period"] > 2)]
    assert len(after) and (after["reason"] == "no_comparison_then").all()


def test_refusals():
    frame = sized(10)
    first = frame.loc[frame["start"].notna(), "court"].iloc[0]
    cases = {
        "no_comparison": frame.assign(start=np.nan),
        "treated_from_start": frame.assign(start=frame["start"].where(frame["start"].isna(), 1.0)),
        "one_treated_site": frame[frame["start"].isna() | (frame["court"] == first)],
        "constant_outcome": frame.assign(y=1.0),
        "too_few_assignments": frame[frame["court"].isin(["1-0", "1-1", "1-2"])],
    }
    for reason, case in cases.items():
        found = with_columns(imputation_effect, case, **CALL).result
        assert isinstance(found, NotEstimable) and found.reason == reason, reason
    for fault in (
        pd.concat([frame, frame.iloc[:1]]),
        frame.assign(people=-1.0),
        frame.assign(y=np.nan),
    ):
        with pytest.raises(ValueError):
            with_columns(imputation_effect, fault, **CALL)


def test_does_not_change_its_input_and_does_not_depend_on_the_order_of_rows():
    frame = sized(11, effect=0.5)
    before = frame.copy()
    found = with_columns(imputation_effect, frame, **CALL, draws=99).result
    again = with_columns(
        imputation_effect, frame.sample(frac=1, random_state=1), **CALL, draws=99
    ).result
    pd.testing.assert_frame_equal(frame, before)
    assert isinstance(found, Estimate) and again.value == pytest.approx(found.value, abs=CLOSE)
