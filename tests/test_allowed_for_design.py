"""What a page says was allowed for is what the design had in its model: each design says it, and
words are held to it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from column_calls import with_columns

from analysis.designs.cohorts import assignment
from analysis.designs.cohorts.matching import radius_match
from analysis.designs.trials import trial
from analysis.designs.trials.trial_groups import group_effects
from analysis.designs.trials.uptake import complier_effect
from analysis.errors import RunError
from analysis.plans.kinds import kind_of
from analysis.plans.registry import load_plan
from analysis.record.row import Row
from analysis.results import EVERYONE, Estimate, NotEstimable, allowing_for
from analysis.studies.matching.kind import MAIN, METHODS
from analysis.study.allowed_for import check_allowed_for

N = 1200


def people() -> pd.DataFrame:
    """40 sites in 4 blocks, half of them offered the programme, with a measure before and two
    characteristics."""
    rng = np.random.default_rng(7)
    site = np.arange(N) % 40
    offered = (site // 4) % 2
    before = rng.normal(size=N)
    attended = (rng.random(N) < 0.2 + 0.6 * offered).astype(float)
    return pd.DataFrame(
        {
            "site": site,
            "block": site % 4,
            "offered": offered.astype(float),
            "attended": attended,
            "before": before,
            "after": before + 0.3 * attended + rng.normal(size=N),
            "group": np.where(rng.random(N) < 0.6, "White", "Black"),
            "sex": np.where(rng.random(N) < 0.5, "female", "male"),
        }
    )


CALL = {
    "outcome": "after",
    "unit": "points",
    "pre": ["before"],
    "cluster": "site",
    "blocks": ["block"],
}


def of_trials():
    frame, arms = people(), {"arm": "offered", "treated": 1.0, "comparison": 0.0}
    yield (
        "itt",
        with_columns(trial.intention_to_treat, frame, **arms, estimand="x", **CALL),
        {"block", "before"},
    )
    yield (
        "itt alone",
        with_columns(trial.intention_to_treat, frame, **arms, estimand="x", **(CALL | {"pre": []})),
        {"block"},
    )
    found = with_columns(complier_effect, frame, **arms, exposure="attended", estimand="x", **CALL)
    yield "compliers", found.result, {"block", "before"}
    for name, (own, gap) in with_columns(
        group_effects, frame, arm="offered", group="group", reference="White", **CALL
    ).items():
        yield f"within {name}", own, {"group", "block", "before"}
        if gap is not None:
            yield f"gap of {name}", gap, {"group", "block", "before"}


@pytest.mark.parametrize(
    ("name", "result", "columns"), list(of_trials()), ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_trial_says_what_was_in_its_model(name, result, columns):
    assert isinstance(result, Estimate) and set(result.allowed_for) == columns


def dyads() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    practitioner = rng.integers(0, 60, 3000)
    groups = np.where(np.arange(60) % 2 == 0, "White", "Black")
    person_group = np.where(rng.random(3000) < 0.5, "White", "Black")
    return pd.DataFrame(
        {
            "person": np.arange(3000),
            "practitioner": practitioner,
            "office": practitioner // 2,
            "person_group": person_group,
            "practitioner_group": groups[practitioner],
            "same": person_group == groups[practitioner],
            "sex": np.where(rng.random(3000) < 0.5, "female", "male"),
            "y": rng.normal(size=3000),
        }
    )


@pytest.mark.parametrize("covariates", [[], ["sex"]])
def test_matching_says_what_was_in_its_model(covariates):
    frame, call = dyads(), {"outcome": "y", "cells": ["office"], "unit": "points"}
    whole = with_columns(assignment.matching_effect, frame, covariates=covariates, **call)
    own = with_columns(
        assignment.own_group_gap, frame, group="Black", covariates=covariates, **call
    )
    assert set(whole.allowed_for) == {"office", "person_group", "practitioner_group", *covariates}
    assert set(own.allowed_for) == {"office", "person_group", *covariates}
    assert with_columns(assignment.naive_gap, frame, outcome="y", unit="points").allowed_for == ()
    alike = with_columns(
        radius_match,
        frame,
        treated="same",
        outcome="y",
        covariates=["sex"],
        exact=["office"],
        estimand="x",
        unit="points",
    )
    assert set(alike.result.allowed_for) == {"office", "sex"}


def test_what_cannot_be_estimated_allowed_for_nothing():
    nothing = NotEstimable("x", "clustered", "points", "too_few_sites")
    assert allowing_for(nothing, "block") is nothing


# -- the words of a row ----------------------------------------------------------------------------
def row(plan, method: str, columns: tuple[str, ...] | None, outcome: str | None = None) -> dict:
    result = Estimate(
        kind_of(plan).estimand, method, "points", 1.0, 0.5, 1.5, 0.2, 0.01, allowed_for=columns
    )
    named = {
        "level": "society",
        "outcome": outcome or plan.leading,
        "group": EVERYONE,
        "direction": "lower",
    }
    return Row.of(result, **named)


CELLS = ("office_id", "period", "stratum", "person_group")
PERSON = ("age_band", "sex", "sentence_type", "risk_tier")


def test_words_that_are_true_pass():
    plan = load_plan("ethnic_matching")
    check_allowed_for(plan, row(plan, MAIN, (*CELLS, *PERSON)))
    check_allowed_for(plan, row(plan, f"{MAIN}_outside_only", (*CELLS, *PERSON[:3])))
    check_allowed_for(plan, row(plan, f"{MAIN}_nothing_allowed_for", CELLS))
    check_allowed_for(plan, row(plan, "crude_means", ()))
    check_allowed_for(plan, row(plan, "score", None))


@pytest.mark.parametrize("missing", PERSON)
def test_a_characteristic_that_was_not_in_the_model_is_never_said(missing):
    plan = load_plan("ethnic_matching")
    less = tuple(name for name in (*CELLS, *PERSON) if name != missing)
    with pytest.raises(RunError, match="E244"):
        check_allowed_for(plan, row(plan, MAIN, less))


def test_a_characteristic_that_was_in_the_model_is_said():
    plan = load_plan("ethnic_matching")
    with pytest.raises(RunError, match=r"E244.*allowed for age_band"):
        check_allowed_for(plan, row(plan, f"{MAIN}_nothing_allowed_for", (*CELLS, "age_band")))


@pytest.mark.parametrize(
    "method", [m for m in METHODS if m.startswith((MAIN, "within", "joint", "radius"))]
)
def test_a_design_that_does_not_say_may_have_no_characteristic_in_its_words(method):
    plan = load_plan("ethnic_matching")
    if method == f"{MAIN}_nothing_allowed_for":
        return
    with pytest.raises(RunError, match="E244"):
        check_allowed_for(plan, row(plan, method, None))


def test_the_measure_before_is_said_where_it_was_in_the_model_and_nowhere_else():
    plan = load_plan("gamified_training")
    check_allowed_for(plan, row(plan, "clustered", ("block", "test_before"), "test_after"))
    check_allowed_for(plan, row(plan, "clustered", ("block",), "rating_after"))
    with pytest.raises(RunError, match="E244"):
        check_allowed_for(plan, row(plan, "clustered", ("block",), "test_after"))
    with pytest.raises(RunError, match="E244"):
        check_allowed_for(plan, row(plan, "clustered", ("block", "rating_before"), "rating_after"))


@pytest.mark.parametrize("left_out", [(), ("risk_tier",)])
def test_a_study_whose_model_leaves_out_what_its_plan_names_makes_no_record(monkeypatch, left_out):
    """The plan names the tier of risk; where the design does not get it, the row is refused."""
    from analysis.plans.registry import parse_source
    from analysis.studies.matching.study import MatchingStudy
    from analysis.study.opening import open_exact

    whole = MatchingStudy._columns

    def less(self, outcome, covariates=None):
        found = whole(self, outcome, covariates)
        kept = tuple(name for name in found.covariates if name not in left_out)
        return replace(found, covariates=kept)

    monkeypatch.setattr(MatchingStudy, "_columns", less)
    plan = load_plan("ethnic_matching")
    study = open_exact(plan, "london", parse_source("synthetic"))[0]
    outcome = plan.outcome("completed")
    made = study._row(outcome, EVERYONE, study._matching_effect(outcome))
    if not left_out:
        check_allowed_for(plan, made)
        return
    with pytest.raises(RunError, match=r"E244.*risk_tier"):
        check_allowed_for(plan, made)


def test_two_estimates_are_the_same_whatever_they_allowed_for():
    """Tables and tests compare numbers; what was allowed for is no number, and stands in no tidy
    row."""
    one = Estimate("x", "clustered", "points", 1.0, 0.5, 1.5)
    assert one == allowing_for(one, "block") and "allowed_for" not in one.to_frame()
    assert replace(allowing_for(one, "block"), method="y").allowed_for == ("block",)
