"""Input that no design can answer is refused by its own name, in every design: infinite values, two
groups, no order."""

import numpy as np
import pandas as pd
import pytest
from column_calls import with_columns

from analysis.designs.audits.brant import brant_test
from analysis.designs.audits.ratings import difference_at_or_above, proportional_odds
from analysis.designs.cohorts import assignment, matching
from analysis.designs.rollouts import rollout_panel, staggered
from analysis.designs.trials import trial, uptake
from analysis.designs.trials.duration import cox, kaplan_meier
from analysis.measurement import agreement
from analysis.measurement.category_order import ordered_categories
from analysis.results import NotEstimable

RNG = np.random.default_rng(20261128)


def dyads(n: int = 600) -> pd.DataFrame:
    """People and practitioners of two groups in 15 offices, with a number as outcome."""
    practitioner = RNG.integers(0, 90, n)
    own, theirs = (
        RNG.choice(["White", "Black"], n),
        np.where(practitioner % 3 == 0, "Black", "White"),
    )
    frame = {
        "person": np.arange(n),
        "practitioner": practitioner,
        "person_group": own,
        "practitioner_group": theirs,
    }
    return pd.DataFrame(frame | {"office": practitioner % 15, "score": RNG.normal(size=n)})


def trial_people(n: int = 400) -> pd.DataFrame:
    site = RNG.integers(0, 40, n)
    frame = {
        "site": site,
        "arm": np.where(site % 2, "offered", "waiting"),
        "score": RNG.normal(size=n),
    }
    took = (site % 2 == 1) & (RNG.random(n) < 0.8)
    return pd.DataFrame(
        frame | {"took": took.astype(float), "group": RNG.choice(["White", "Black"], n)}
    )


def panel() -> pd.DataFrame:
    rows = pd.DataFrame([(u, t) for u in range(30) for t in range(8)], columns=["unit", "period"])
    start = rows["unit"].map(lambda u: 4.0 if u < 10 else np.nan)
    return rows.assign(start=start, score=RNG.normal(size=len(rows)))


def with_infinite(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(score=frame["score"].where(frame.index != 7, np.inf))


CELLS = {"cells": ["office"], "unit": "points", "outcome": "score"}
ARMS = {"arm": "arm", "outcome": "score", "cluster": "site", "unit": "points", "estimand": "effect"}
COURSE = {"unit": "unit", "period": "period", "first_treated": "start", "outcome": "score"}
EVERY_DESIGN = {
    "own_group_gap": lambda f: with_columns(
        assignment.own_group_gap, f(dyads()), group="Black", **CELLS
    ),
    "matching_effect": lambda f: with_columns(assignment.matching_effect, f(dyads()), **CELLS),
    "naive_gap": lambda f: with_columns(
        assignment.naive_gap, f(dyads()), outcome="score", unit="points"
    ),
    "gaps_differ": (
        lambda f: with_columns(
            assignment.gaps_differ, f(dyads()), reference="White", **CELLS
        ).differences[0][1]
    ),
    "radius_match": (
        lambda f: (
            with_columns(
                matching.radius_match,
                f(dyads()).assign(
                    same=lambda d: d["person_group"] == d["practitioner_group"],
                    age=RNG.normal(size=600),
                ),
                treated="same",
                outcome="score",
                covariates=["age"],
                estimand="gap",
                unit="points",
            ).result
        )
    ),
    "intention_to_treat": lambda f: with_columns(
        trial.intention_to_treat, f(trial_people()), treated="offered", comparison="waiting", **ARMS
    ),
    "complier_effect": lambda f: with_columns(
        uptake.complier_effect,
        f(trial_people()),
        exposure="took",
        treated="offered",
        comparison="waiting",
        **ARMS,
    ),
    "group_time": lambda f: with_columns(
        staggered.average_effect,
        f(panel()),
        **COURSE,
        estimand="average_effect",
        result_unit="points",
    ),
}


@pytest.mark.parametrize("name", EVERY_DESIGN)
def test_an_infinite_value_has_a_refusal_of_its_own(name):
    found = EVERY_DESIGN[name](with_infinite)
    found = getattr(found, "result", found)
    assert isinstance(found, NotEstimable) and found.reason == "infinite_values"


@pytest.mark.parametrize("name", EVERY_DESIGN)
def test_the_same_rows_without_it_are_not_refused_for_it(name):
    found = EVERY_DESIGN[name](lambda frame: frame)
    found = getattr(found, "result", found)
    assert getattr(found, "reason", None) not in ("infinite_values", "practitioner_in_two_groups")


def test_infinite_periods_and_times_are_refused_in_words():
    with pytest.raises(ValueError, match="infinite"):
        rollout_panel.read_panel(
            with_infinite(panel()),
            assigned="unit",
            period="period",
            start="start",
            outcomes=["score"],
        )
    people = pd.DataFrame({"time": [1.0, np.inf, 3.0] * 20, "event": [1, 0, 1] * 20})
    with pytest.raises(ValueError, match="finite"):
        kaplan_meier(people, time="time", event="event", horizon=2)
    with pytest.raises(ValueError, match="finite"):
        cox(people.assign(x=1.0), time="time", event="event", covariates=["x"])
    with pytest.raises(ValueError, match=r"other codes than 0 and 1.*subtract 1"):
        cox(
            people.assign(time=1.0, event=people["event"] + 1, x=1.0),
            time="time",
            event="event",
            covariates=["x"],
        )


@pytest.mark.parametrize(
    ("column", "other", "reason"),
    [
        ("practitioner", "practitioner_group", "practitioner_in_two_groups"),
        ("person", "person_group", "person_in_two_groups"),
    ],
)
@pytest.mark.parametrize("name", ["matching_effect", "naive_gap"])
def test_someone_in_two_ethnic_groups_is_refused_by_name(name, column, other, reason):
    def in_two_groups(frame):
        twice = pd.concat(
            [
                frame,
                frame.assign(person=frame["person"] + (0 if column == "person" else len(frame))),
            ]
        )
        twice = twice.reset_index(drop=True)
        first = twice[column] == twice[column].iloc[0]
        swapped = first & (twice.index >= len(frame))
        new = "Black" if twice[other].iloc[0] == "White" else "White"
        return twice.assign(**{other: twice[other].mask(swapped, new)})

    found = EVERY_DESIGN[name](in_two_groups)
    assert isinstance(found, NotEstimable) and found.reason == reason


# -- the order of categories -----------------------------------------------------------------------
WORDS = ["poor", "adequate", "good"]


def ratings(values) -> pd.DataFrame:
    n = 300
    frame = {"item": np.repeat(np.arange(n // 2), 2), "rater": np.tile(["a", "b"], n // 2)}
    return pd.DataFrame(
        frame | {"rating": RNG.choice(values, n), "x": RNG.integers(0, 2, n).astype(float)}
    )


NAMED = {"item": "item", "rater": "rater", "rating": "rating"}
ORDINAL = {
    "proportional_odds": lambda d, **k: with_columns(
        proportional_odds, d, rating="rating", covariates=["x"], **k
    ),
    "difference": lambda d, **k: with_columns(
        difference_at_or_above, d, rating="rating", at_least="good", exposure="x", **k
    ),
    "brant": lambda d, **k: with_columns(brant_test, d, rating="rating", covariates=["x"], **k),
    "weighted_kappa": lambda d, **k: agreement.cohen_kappa(d, **NAMED, weights="linear", **k),
    "krippendorff": lambda d, **k: agreement.krippendorff_alpha(d, **NAMED, metric="ordinal", **k),
    "gwet_ac2": lambda d, **k: agreement.gwet_ac(d, **NAMED, weights="quadratic", **k),
}


@pytest.mark.parametrize("name", ORDINAL)
def test_ratings_in_words_need_a_scale_wherever_their_order_counts(name):
    with pytest.raises(ValueError, match="give `scale`"):
        ORDINAL[name](ratings(WORDS))
    ORDINAL[name](ratings(WORDS), scale=WORDS)


def test_the_scale_decides_and_not_the_alphabet():
    frame = ratings(WORDS)
    frame = frame.assign(
        rating=np.where(frame["x"] == 1, RNG.choice(WORDS, 300, p=[0.1, 0.3, 0.6]), frame["rating"])
    )
    (right,) = with_columns(
        proportional_odds, frame, rating="rating", covariates=["x"], scale=WORDS
    ).estimates
    (alphabet,) = with_columns(
        proportional_odds, frame, rating="rating", covariates=["x"], scale=sorted(WORDS)
    ).estimates
    assert right.value > 0.5 and abs(alphabet.value - right.value) > 0.3
    as_category = frame.assign(rating=pd.Categorical(frame["rating"], WORDS, ordered=True))
    assert (
        with_columns(proportional_odds, as_category, rating="rating", covariates=["x"])
        .estimates[0]
        .value
        == right.value
    )


def test_unordered_agreement_needs_no_order():
    frame = ratings(WORDS)
    for found in (
        agreement.cohen_kappa(frame, **NAMED),
        agreement.gwet_ac(frame, **NAMED),
        agreement.krippendorff_alpha(frame, **NAMED, metric="nominal"),
    ):
        assert not isinstance(found, NotEstimable)


def test_an_unordered_category_is_words_too():
    values = pd.Series(pd.Categorical(["good", "poor"]), name="rating")
    with pytest.raises(ValueError, match="give `scale`"):
        ordered_categories(values, None)
    assert ordered_categories(pd.Series([3, 1, 2]), None) == [1, 2, 3]
