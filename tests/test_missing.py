"""Bounds for unknown ethnicity: the published shares, and every assignment of a small case
tried."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from column_calls import with_columns

from analysis.inference.missing import declared_share_bounds, unknown_exposure_bounds


def test_declared_share_bounds_of_the_workforce_figures():
    bounds = declared_share_bounds(0.73, 0.14)  # METHODS section 0 rule 7
    assert (bounds.low, bounds.high) == pytest.approx((0.1022, 0.3722))


def test_everyone_declared_leaves_no_doubt():
    assert (
        declared_share_bounds(1.0, 0.14).low
        == declared_share_bounds(1.0, 0.14).high
        == pytest.approx(0.14)
    )


def difference(dyads: pd.DataFrame) -> float | None:
    same = dyads["person_group"] == dyads["practitioner_group"]
    return (
        None if same.all() or not same.any() else dyads["y"][same].mean() - dyads["y"][~same].mean()
    )


def one_office(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    practitioner = rng.integers(0, 12, 120)
    known = np.array(
        ["A", "B", "A", "B", "B", "A", None, None, None, None, None, None], dtype=object
    )
    y = rng.normal(size=120) + rng.normal(size=12)[practitioner]
    columns = {
        "practitioner": practitioner,
        "person_group": "A",
        "practitioner_group": known[practitioner],
    }
    return pd.DataFrame(columns | {"y": y, "office": 1})


@pytest.mark.parametrize("seed", range(5))
def test_bounds_hold_every_assignment_of_the_unknown_practitioners(seed):
    dyads = one_office(seed)
    bounds = with_columns(
        unknown_exposure_bounds,
        dyads,
        difference,
        group="A",
        other="B",
        outcome="y",
        unit="points",
        cells=["office"],
    )
    values = []
    for assigned in product("AB", repeat=6):
        filled = dyads["practitioner_group"].fillna(
            dyads["practitioner"].map(dict(zip(range(6, 12), assigned, strict=True)))
        )
        values.append(difference(dyads.assign(practitioner_group=filled)))
    assert (bounds.low, bounds.high) == pytest.approx((min(values), max(values)))


def test_bounds_are_none_where_no_split_is_estimable_and_the_input_stays_as_it_is():
    dyads = one_office(1)
    before = dyads.copy()
    nothing = with_columns(
        unknown_exposure_bounds,
        dyads,
        lambda _: None,
        group="A",
        other="B",
        outcome="y",
        unit="points",
        cells=["office"],
    )
    assert nothing is None
    pd.testing.assert_frame_equal(dyads, before)


def test_nobody_unknown_gives_the_estimate_twice():
    dyads = one_office(2).dropna()
    bounds = with_columns(
        unknown_exposure_bounds,
        dyads,
        difference,
        group="A",
        other="B",
        outcome="y",
        unit="points",
        cells=["office"],
    )
    assert bounds.low == bounds.high == pytest.approx(difference(dyads))
