"""What is planted in the synthetic nation is found again by the design functions: coverage counted
over regions and seeds.

Seeds here are not the seed of the committed nation. Bounds are three Monte Carlo standard errors of
a binomial count.
"""

import math

import numpy as np
import pytest
from column_calls import with_columns

from analysis.designs.cohorts.assignment import matching_effect, naive_gap
from analysis.extracts.frames.dyads import people_and_practitioners
from analysis.extracts.frames.quality import select_for_comparison
from analysis.inference.multiplicity import holm
from analysis.results import Estimate
from analysis.synthetic import nation

pytestmark = pytest.mark.simulation  # eight nations: `make test-simulations`
REGIONS = ("london", "west_midlands", "greater_manchester", "yorkshire_and_the_humber")
SEEDS = range(101, 109)
OUTCOMES = ("recalled", "appointments_kept", "reoffended")
MATCHED = ("White", "Asian", "Black")
COLUMNS = {"person": "person_id", "practitioner": "practitioner_id"}
ALLOWED = ["age_band", "sex", "sentence_type", "risk_tier"]


def compared(region: str, seed: int, monkeypatch):
    truth = nation.load_planted().model_copy(update={"seed": seed})
    monkeypatch.setattr(nation, "load_planted", lambda: truth)
    frame = people_and_practitioners(nation.make_region(region)).frame
    monkeypatch.undo()
    return select_for_comparison(frame, matched_groups=MATCHED)[0]


@pytest.fixture(scope="module")
def found():
    """(region, seed, outcome) to the matching effect and the naive difference, on the probability
    scale."""
    patch, results = pytest.MonkeyPatch(), {}
    for seed in SEEDS:
        for region in REGIONS:
            people = compared(region, seed, patch)
            for outcome in OUTCOMES:
                effect = with_columns(
                    matching_effect,
                    people,
                    outcome=outcome,
                    cells=["office_id", "period"],
                    unit="share",
                    covariates=ALLOWED,
                    **COLUMNS,
                )
                results[region, seed, outcome] = (
                    effect,
                    with_columns(naive_gap, people, outcome=outcome, unit="share", **COLUMNS),
                )
    return results


def test_every_planted_effect_can_be_estimated(found):
    assert all(isinstance(effect, Estimate) and effect.reliable for effect, _ in found.values())


def test_intervals_hold_what_is_planted_as_often_as_they_say(found):
    held = [
        e.conf_low <= nation.planted(region, outcome) <= e.conf_high
        for (region, _, outcome), (e, _) in found.items()
    ]
    assert np.mean(held) >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / len(held))


def test_the_naive_difference_holds_it_hardly_ever(found):
    held = [
        n.conf_low <= nation.planted(region, outcome) <= n.conf_high
        for (region, _, outcome), (_, n) in found.items()
    ]
    assert np.mean(held) < 0.2


def test_the_mean_over_seeds_is_what_is_planted(found):
    for outcome in OUTCOMES:
        for region in REGIONS:
            effects = [found[region, seed, outcome][0] for seed in SEEDS]
            error = np.mean([e.std_error for e in effects]) / math.sqrt(len(effects))
            assert (
                abs(np.mean([e.value for e in effects]) - nation.planted(region, outcome))
                < 3.5 * error
            ), (
                region,
                outcome,
            )


def test_a_planted_null_is_seldom_found_in_a_family_of_regions(found):
    families = [
        min(holm([found[region, seed, "reoffended"][0].p_value for region in REGIONS])) <= 0.05
        for seed in SEEDS
    ]
    assert sum(families) <= 0.05 * len(families) + 3 * math.sqrt(0.05 * 0.95 * len(families))


def test_the_planted_harm_lies_on_the_worse_side_and_the_benefits_on_the_better(found):
    mean = {
        region: np.mean([found[region, seed, "recalled"][0].value for seed in SEEDS])
        for region in REGIONS
    }
    assert mean["greater_manchester"] > 0.02
    assert all(mean[region] < 0 for region in REGIONS if region != "greater_manchester")
