"""The synthetic training pilots hold what is planted, and mislead a naive method as their docstring
says."""

import numpy as np
import pandas as pd
import pytest
from column_calls import with_columns

from analysis.designs.trials.trial import intention_to_treat
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.synthetic.training import training as made
from analysis.vocabulary.regions import place_set

pytestmark = pytest.mark.slow  # the whole nation is made: `make test-deep`

REGIONS = place_set("probation_regions").ids
CROSSOVER = pd.Timestamp(load_planted().training.crossover_on)


@pytest.fixture(scope="module")
def nation() -> dict[str, pd.DataFrame]:
    parts = [make_region(region, service="training") for region in REGIONS]
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}


def people(nation, table: str, programme: str) -> pd.DataFrame:
    sites = nation["training_sites"].drop(columns="region")
    return nation[table].query("programme == @programme").merge(sites, on=["programme", "site_id"])


def test_arms_are_drawn_in_equal_numbers_within_blocks_but_for_one_region(nation):
    sites = nation["training_sites"].query("programme == 'gamified'")
    drawn = sites.query("chosen_by == 'lot'").groupby(["block", "arm"]).size().unstack()
    assert (drawn["wave_1"] == drawn["wave_2"]).all() and len(drawn) == 22
    assert set(sites.query("chosen_by == 'site'")["region"]) == {"south_west"}
    assert set(sites.query("chosen_by == 'site'")["arm"]) == {"wave_1"}


def test_the_effect_of_being_offered_the_module_is_found(nation):
    truth = load_planted().training
    managers = people(nation, "managers", "gamified").query(
        "chosen_by == 'lot' and tested_on < @CROSSOVER"
    )
    found = with_columns(
        intention_to_treat,
        managers,
        arm="arm",
        treated="wave_1",
        comparison="wave_2",
        outcome="test_after",
        estimand="intention_to_treat",
        unit="points",
        pre=["test_before"],
        cluster="site_id",
        blocks=["block"],
    )
    planted = np.mean(
        [
            made.planted_test_effect(truth, "gamified", r, "wave_1")
            for r in REGIONS
            if r != "south_west"
        ]
    )
    assert (
        found.conf_low - 0.3 < planted < found.conf_high + 0.3
    )  # attrition at waiting sites takes about 0.2 off
    assert found.conf_low > 0


def test_those_who_took_part_are_ahead_without_any_effect(nation):
    managers = people(nation, "managers", "gamified").query(
        "arm == 'wave_1' and tested_on < @CROSSOVER and chosen_by == 'lot'"
    )
    plan = load_planted().training.programmes["gamified"]
    factor = plan.attended_factor
    gain = plan.attended_effect["wave_1"] * managers["region"].map(lambda r: factor.get(r, 1.0))
    without = managers["test_after"] - gain * managers["attended"]
    by = without.groupby(managers["attended"]).mean()
    assert by[True] - by[False] == pytest.approx(made.NAIVE_BIAS, abs=0.7)


def test_after_the_crossover_the_arms_are_alike(nation):
    late = people(nation, "managers", "gamified").query(
        "chosen_by == 'lot' and tested_on >= @CROSSOVER"
    )
    by = late.groupby("arm")["test_after"].agg(["mean", "std", "size"])
    error = np.sqrt((by["std"] ** 2 / by["size"]).sum())
    assert abs(by.loc["wave_1", "mean"] - by.loc["wave_2", "mean"]) < 3 * error


def test_resignations_of_minority_staff_fall_as_planted(nation):
    truth = load_planted().training
    staff = people(nation, "staff_in_post", "gamified").query("chosen_by == 'lot'")
    known = staff["ethnicity"].str.fullmatch(r"[A-Z][0-9]")
    minority = staff[known & ~staff["ethnicity"].str.startswith("W")]
    days = (minority["left_on"] - minority["in_post_from"]).dt.days
    gone = (days <= 182) & (minority["exit_reason"] == "resigned")
    by = gone.groupby(minority["arm"]).agg(["mean", "size"])
    planted = np.mean(
        [
            made.planted_leaving_effect(truth, "gamified", r, "wave_1")
            for r in REGIONS
            if r != "south_west"
        ]
    )
    error = np.sqrt((by["mean"] * (1 - by["mean"]) / by["size"]).sum())
    assert abs(by.loc["wave_1", "mean"] - by.loc["wave_2", "mean"] - planted) < 3 * error


def test_fidelity_decays_down_the_cascade(nation):
    managers = people(nation, "managers", "manager_training").query(
        "chosen_by == 'lot' and tested_on < @CROSSOVER"
    )
    gain = (managers["test_after"] - managers["test_before"]).groupby(managers["tier"]).mean()
    assert gain[1] > gain[3]


def test_less_able_managers_at_waiting_sites_skip_the_test(nation):
    managers = people(nation, "managers", "gamified").query("chosen_by == 'lot'")
    skipped = managers["test_after"].isna().groupby(managers["arm"]).mean()
    assert skipped["wave_2"] > skipped["wave_1"]
    waiting = managers.query("arm == 'wave_2'")
    before = waiting["test_before"].groupby(waiting["test_after"].isna()).mean()
    assert before[True] < before[False]


def test_nobody_at_a_waiting_site_costs_anything(nation):
    managers = people(nation, "managers", "gamified")
    assert (managers.loc[managers["arm"] == "wave_2", "cost_pounds"] == 0).all()


def test_the_same_seed_gives_the_same_sites():
    one, two = (make_region("london", service="training") for _ in range(2))
    for name in one:
        pd.testing.assert_frame_equal(one[name], two[name])
