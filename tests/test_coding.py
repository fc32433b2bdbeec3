"""Codes of other tools are refused by name at the door of every design: 1 and 2, text, Yes and No,
0 for never treated."""

import dataclasses
import importlib
import inspect
import pkgutil

import numpy as np
import pandas as pd
import pytest
from column_calls import with_columns

import analysis.designs
import analysis.disparity
import analysis.measurement
from analysis.designs.audits import ratings
from analysis.designs.cohorts import balance, doubly_robust, matching, risk_sets
from analysis.designs.rollouts import (
    answers,
    block_rollout,
    counted_events,
    group_time,
    imputation,
    rollout,
    rollout_panel,
    staggered,
    start_dates,
)
from analysis.designs.trials import competing_exits, duration, trial_groups, uptake
from analysis.inference import columns
from analysis.inference.coding import exit_reason, first_treated_period, numbers, zero_one
from analysis.inference.columns import WaveColumns, WeightedColumns
from analysis.results import Estimate

BINARY = ("event", "exposure", "treated")  # parameters that name a column of 0 and 1
# Its arms are two sides, coded 1 and 0, in the column that names the arm elsewhere.
SIDES_AS_ARMS = {"trial_groups.group_effects"}
COLUMN_TYPES = [kind for _, kind in inspect.getmembers(columns, dataclasses.is_dataclass)]
FIRST = ("first_treated", "start")  # parameters that name a column of first treated periods
OTHER_CODES = {
    "1 and 2": lambda column: column + 1,
    "0 and 1 as text": lambda column: column.astype(int).astype(str),
    "yes and no": lambda column: column.map({1: "Yes", 0: "No"}),
    "true and false as text": lambda column: column.map({1: "TRUE", 0: "FALSE"}),
    "text in a category": lambda column: column.map({1: "1", 0: "0"}).astype("category"),
}


def public_functions() -> dict[str, object]:
    """Every public function of the rooms in which things are worked out, by module and name."""
    found = {}
    for room in (analysis.designs, analysis.disparity, analysis.measurement):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            held = importlib.import_module(module.name)
            for name, function in inspect.getmembers(held, inspect.isfunction):
                if not name.startswith("_") and function.__module__ == held.__name__:
                    found[f"{module.name.rsplit('.', 1)[1]}.{name}"] = function
    return found


def takes(function, names: tuple[str, ...]) -> list[str]:
    """Parameters, and fields of its type of columns, with these names that are column names of a
    frame."""
    parameters = inspect.signature(function).parameters
    if not any(p.annotation in (pd.DataFrame, "pd.DataFrame") for p in parameters.values()):
        return []
    kinds = [p.annotation for p in parameters.values() if p.annotation in COLUMN_TYPES]
    fields = [field for kind in kinds for field in dataclasses.fields(kind)]
    typed = {p.name: p.annotation for p in parameters.values()} | {f.name: f.type for f in fields}
    return [name for name in names if typed.get(name) in (str, "str")]


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    n = 400
    frame = pd.DataFrame(
        {"x": rng.integers(0, 4, n), "site": np.arange(n) // 20, "one": rng.integers(0, 2, n)}
    )
    frame["y"] = rng.integers(0, 2, n) + 0.1 * frame["one"]
    frame["time"], frame["exit"] = (
        rng.exponential(2, n),
        np.where(rng.random(n) < 0.6, "left", None),
    )
    return frame.assign(arm=np.where(rng.random(n) < 0.5, "now", "later"), cell=frame["site"])


def panel(start=2003) -> pd.DataFrame:
    """Forty units in four blocks, years 2001 to 2006; half start in `start`, the others never."""
    rng = np.random.default_rng(4)
    rows = [
        (u, u % 4, year, (start + u // 2 % 2 if u % 8 < 4 else np.nan), rng.normal(), 1.0)
        for u in range(40)
        for year in range(2001, 2007)
    ]
    return pd.DataFrame(rows, columns=["unit", "block", "period", "first", "y", "weight"])


WHAT = {"estimand": "effect", "unit": "points"}
SETS = columns.SetColumns(risk_set="cell", treated="one", person="site", covariates=("x",))
ZERO_ONE = {
    "balance.balance": lambda f: balance.balance(
        f, covariates=["x"], treated="one", cells=["cell"]
    ),
    "competing_exits.incidence_difference": lambda f: with_columns(
        competing_exits.incidence_difference,
        f,
        time="time",
        exit="exit",
        cause="left",
        horizon=1.0,
        treated="one",
    ),
    "duration.cox": lambda f: duration.cox(f, time="time", event="one", covariates=["x"]),
    "duration.kaplan_meier": lambda f: duration.kaplan_meier(
        f, time="time", event="one", horizon=1.0
    ),
    "duration.log_rank": lambda f: duration.log_rank(f, time="time", event="one", group="arm"),
    "duration.survival_curve": lambda f: duration.survival_curve(f, time="time", event="one"),
    "matching.radius_match": lambda f: with_columns(
        matching.radius_match, f, treated="one", outcome="y", covariates=["x"], **WHAT
    ),
    "ratings.difference_at_or_above": lambda f: with_columns(
        ratings.difference_at_or_above,
        f,
        rating="x",
        at_least=2,
        exposure="one",
        scale=[0, 1, 2, 3],
    ),
    "doubly_robust.weighted_regression": lambda f: with_columns(
        doubly_robust.weighted_regression, f, treated="one", outcome="y", covariates=["x"], **WHAT
    ),
    "risk_sets.match_sets": lambda f: risk_sets.match_sets(f, SETS),
    "risk_sets.partners": lambda f: risk_sets.partners(f, risk_sets.unmatched(f, SETS), SETS),
    "risk_sets.unmatched": lambda f: risk_sets.unmatched(f, SETS),
    "trial_groups.group_effects": lambda f: with_columns(
        trial_groups.group_effects,
        f,
        arm="one",
        group="arm",
        reference="now",
        outcome="y",
        unit="points",
    ),
    "uptake.complier_effect": lambda f: with_columns(
        uptake.complier_effect,
        f,
        arm="arm",
        treated="now",
        comparison="later",
        exposure="one",
        outcome="y",
        **WHAT,
    ),
}
UNITS = {"unit": "unit", "period": "period", "first_treated": "first", "outcome": "y"}
BLOCKS = UNITS | {"block": "block"}
RESULT = {"estimand": "effect", "result_unit": "points"}
ROLLOUT = {"assigned": "unit", "period": "period", "start": "first", "outcomes": ["y"]}
WAVES = {"unit": "unit", "period": "period", "first_treated": "first", "block": "block"}
STARTS = {
    "answers.answered_like_asked": lambda f: answers.answered_like_asked(
        f, WaveColumns(**WAVES, outcome="y"), ("effect", "weighted", "points"), seed=1
    ),
    "answers.wave_means": lambda f: answers.wave_means(f, WaveColumns(**WAVES, outcome="y")),
    "answers.worst_case": lambda f: answers.worst_case(
        f, WaveColumns(**WAVES, outcome="y"), ends=(0.0, 9.0)
    ),
    "imputation.imputed_effect": lambda f: imputation.imputed_effect(
        f, WeightedColumns(**WAVES, outcome="y", weight="weight")
    ),
    "counted_events.rate_ratio": lambda f: counted_events.rate_ratio(
        f.assign(time=1.0),
        columns.BlockColumns(**BLOCKS),
        "time",
        ("ratio", "counts", "times"),
    ),
    "block_rollout.block_effect": lambda f: with_columns(
        block_rollout.block_effect, f, **BLOCKS, **RESULT, randomised=True, seed=1
    ),
    "block_rollout.block_panel": lambda f: with_columns(block_rollout.block_panel, f, **BLOCKS),
    "block_rollout.event_times": lambda f: with_columns(
        block_rollout.event_times, f, **BLOCKS, times=range(0, 2)
    ),
    "block_rollout.lead_check": lambda f: with_columns(
        block_rollout.lead_check,
        f,
        **BLOCKS,
        check_id="leads",
        since=block_rollout.Since((-2, -2)),
        seed=1,
    ),
    "group_time.panel_of": lambda f: with_columns(group_time.panel_of, f, **UNITS),
    "imputation.imputation_effect": lambda f: with_columns(
        imputation.imputation_effect,
        f,
        **BLOCKS,
        weight="weight",
        what=("effect", "imputation", "points"),
        seed=1,
    ),
    "imputation.weighted_panel": lambda f: with_columns(
        imputation.weighted_panel, f, **BLOCKS, weight="weight"
    ),
    "rollout.staggered_rollout": lambda f: with_columns(
        rollout.staggered_rollout, f, **ROLLOUT, unit="points"
    ),
    "rollout_panel.read_panel": lambda f: rollout_panel.read_panel(f, **ROLLOUT),
    "staggered.average_effect": lambda f: with_columns(
        staggered.average_effect, f, **UNITS, **RESULT
    ),
    "staggered.group_time_effects": lambda f: with_columns(
        staggered.group_time_effects, f, **UNITS
    ),
    "staggered.second_opinion": lambda f: with_columns(
        staggered.second_opinion, f, **UNITS, **RESULT, method="imputation"
    ),
    "staggered.triple_difference": lambda f: with_columns(
        staggered.triple_difference,
        pd.concat([f.assign(group="a"), f.assign(group="b")]),
        **UNITS,
        **RESULT,
        groups=("a", "b"),
        group="group",
    ),
    "staggered.two_way_fixed_effects": lambda f: with_columns(
        staggered.two_way_fixed_effects, f, **UNITS, **RESULT
    ),
    "start_dates.permute_start_dates": lambda f: with_columns(
        start_dates.permute_start_dates, f, **UNITS, **RESULT, randomised=True, seed=1
    ),
}


def test_every_function_that_takes_such_a_column_is_tried_here():
    found = public_functions()
    zero_one = {name for name, function in found.items() if takes(function, BINARY)}
    assert zero_one | SIDES_AS_ARMS == set(ZERO_ONE)
    assert {name for name, function in found.items() if takes(function, FIRST)} == set(STARTS)


@pytest.mark.parametrize("coding", OTHER_CODES)
@pytest.mark.parametrize("name", ZERO_ONE)
def test_other_codes_than_0_and_1_are_refused_by_name(people, name, coding):
    with pytest.raises(ValueError, match="column 'one'"):
        ZERO_ONE[name](people.assign(one=OTHER_CODES[coding](people["one"])))


@pytest.mark.parametrize("name", ZERO_ONE)
def test_true_and_false_are_1_and_0(people, name):
    assert repr(ZERO_ONE[name](people.assign(one=people["one"].astype(bool)))) == repr(
        ZERO_ONE[name](people)
    )


NEVER = {
    "0": lambda first: first.fillna(0),
    "-1": lambda first: first.fillna(-1),
    "1900": lambda first: first.fillna(1900),
    "never": lambda first: first.astype("Int64").astype("object").where(first.notna(), "never"),
    "years as text": lambda first: first.astype("Int64").astype("string"),
    "true and false": lambda first: first.notna(),
}


@pytest.mark.parametrize("coding", NEVER)
@pytest.mark.parametrize("name", STARTS)
def test_codes_of_never_treated_are_refused_by_name(name, coding):
    frame = panel()
    with pytest.raises(ValueError, match="column 'first'"):
        STARTS[name](frame.assign(first=NEVER[coding](frame["first"])))


@pytest.mark.parametrize("code", [np.inf, 9999.0])
@pytest.mark.parametrize(
    "name",
    ["staggered.average_effect", "imputation.imputation_effect", "block_rollout.block_effect"],
)
def test_a_start_after_the_last_period_is_never_for_all_that_is_seen(name, code):
    frame = panel()
    found, same = STARTS[name](frame.assign(first=frame["first"].fillna(code))), STARTS[name](frame)
    found, same = (one if isinstance(one, Estimate) else one.result for one in (found, same))
    assert found == same and isinstance(same, Estimate)


def test_units_that_truly_were_treated_from_the_start_stay_so():
    frame = panel()
    for start in (2001, 2000):  # the first period, and the one before it
        early = frame.assign(first=frame["first"].mask(frame["unit"] == 1, start))
        found = with_columns(group_time.panel_of, early, **UNITS)
        assert found.already_treated == 1


def test_dates_and_months_are_read_and_filler_dates_are_refused():
    months = pd.date_range("2024-01-01", periods=6, freq="MS")
    frame = pd.DataFrame(
        {"period": np.tile(months, 2), "first": pd.NaT, "unit": np.repeat([0, 1], 6)}
    )
    starts = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]")
    call = {"first_treated": "first", "period": "period"}
    for day in ("2023-12-01", "2024-02-01", "2099-12-31"):
        one = frame.assign(first=starts.mask(frame["unit"] == 0, pd.Timestamp(day)))
        assert first_treated_period(one, **call).equals(one["first"])
    with pytest.raises(ValueError, match="more than one period before the panel"):
        first_treated_period(frame.assign(first=starts.fillna(pd.Timestamp("1970-01-01"))), **call)
    periods = frame.assign(period=frame["period"].dt.to_period("M"))
    periods["first"] = pd.Series([pd.Period("2024-03", "M")] * 6 + [pd.NaT] * 6, dtype="period[M]")
    assert first_treated_period(periods, **call).equals(periods["first"])


def test_numbers_in_a_column_of_objects_are_numbers():
    frame = pd.DataFrame(
        {"period": [2001, 2002] * 2, "first": pd.Series([2002, 2002, None, None], dtype="object")}
    )
    assert first_treated_period(frame, first_treated="first", period="period").equals(
        frame["first"]
    )


def test_a_period_of_0_in_the_panel_is_a_period():
    frame = pd.DataFrame({"period": [-1, 0, 1] * 2, "first": [0.0] * 3 + [-1.0] * 3})
    assert first_treated_period(frame, first_treated="first", period="period").equals(
        frame["first"]
    )


def test_missing_stays_missing_and_nothing_is_changed():
    column = pd.Series([1, None, 0])
    assert np.isnan(zero_one(column, "x")[1]) and column.isna().sum() == 1
    assert zero_one(pd.Series([True, None, False], dtype="boolean"), "x")[[0, 2]].tolist() == [
        1.0,
        0.0,
    ]
    assert numbers(pd.Series([1.5, None]), "x")[0] == 1.5
    with pytest.raises(ValueError, match="column 'x' holds text"):
        numbers(pd.Series(["1", "2"]), "x")


@pytest.mark.parametrize("exits", [[0, "left"], [0, 1], ["", "left"], ["0", "left"], [False, True]])
def test_no_exit_is_missing_and_never_0(exits):
    with pytest.raises(ValueError, match="column 'why'"):
        exit_reason(pd.Series(exits, dtype="object"), "why")
    assert exit_reason(pd.Series(["left", None]), "why").isna().tolist() == [False, True]
