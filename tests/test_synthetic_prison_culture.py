"""The made-up prisons whose programme starts in steps hold what is planted, and mislead a naive
reader as their docstring says."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted, planted_for
from analysis.synthetic.prison_culture.prison_programmes import (
    FULL,
    STAFF,
    STAYS,
    planted_average,
    planted_effect,
)
from analysis.vocabulary.regions import place_set

REGIONS = place_set("probation_regions").ids
OTHERS = (
    "use_of_force_governance",
    "senior_operational_support",
    "culturally_informed_services",
)


@cache
def region(name: str) -> dict[str, pd.DataFrame]:
    return make_region(name, service="prison_culture")


def since(stays: pd.DataFrame) -> pd.Series:
    """Quarters since the start of the prison (the first is 0); missing: never."""

    def number(days: pd.Series) -> pd.Series:
        return days.dt.year * 4 + days.dt.quarter

    return number(stays["held_from"]) - number(stays["started_on"])


def nation() -> pd.DataFrame:
    stays = pd.concat([region(name)[STAYS] for name in REGIONS], ignore_index=True)
    return stays[stays["custody_days"] == FULL]


@pytest.mark.parametrize("table", [STAYS, STAFF])
def test_the_tables_keep_their_contract(table):
    CONTRACTS[table].schema().validate(region("london")[table])


def test_a_prison_starts_once_and_some_prison_of_each_region_never_does():
    for name in REGIONS:
        stays = region(name)[STAYS]
        starts = stays.groupby("prison_id")["started_on"].agg(["nunique", "count", "size"])
        assert (starts["nunique"] <= 1).all()
        assert ((starts["count"] == 0) | (starts["count"] == starts["size"])).all()
        assert (starts["count"] == 0).any()
        planted = load_planted().prison_culture.starts.get(name, ())
        assert int((starts["count"] > 0).sum()) == len(planted)


def test_force_is_used_on_some_again_and_again():
    stays = nation()
    times = stays.groupby("person_id")["force_incidents"].sum()
    assert ((times > 1).sum() / (times > 0).sum()) > 0.3
    assert (stays["force_used"] == (stays["force_incidents"] > 0)).all()


def test_the_worst_prisons_start_and_get_better_by_themselves():
    """Where nothing is planted: in the half-year before the start far more force, and back after
    it, so that before and after of that half-year reads as a fall."""
    stays = pd.concat([region(name)[STAYS] for name in ("wales", "south_west")])
    stays = stays[(stays["custody_days"] == FULL) & stays["started_on"].notna()]
    assert planted_effect(load_planted().prison_culture, "wales", "force", since=3) == 0
    time = since(stays)
    earlier, need, after = (
        100 * stays.loc[time.between(*ends), "force_used"].mean()
        for ends in ((-100, -3), (-2, -1), (0, 100))
    )
    assert need > earlier + 1.5
    assert need - after > 1.5  # what the naive reader calls an effect


@pytest.mark.parametrize("study", ["", *OTHERS])
def test_each_programme_has_prisons_and_effects_of_its_own(study):
    planted = planted_for(study).prison_culture if study else load_planted().prison_culture
    assert planted.chosen == ("by_choice" if study else "by_need")
    factors = set(planted.factor.values())
    assert 0.0 in factors and min(factors) < 0  # nil in some regions, harm in one
    made = make_region("london", service="prison_culture", scale=0.2, study=study)
    assert str(made[STAYS]["held_from"].min().date()) == planted.first_quarter


def test_the_average_effect_is_the_mean_over_prisons_that_start_and_their_quarters():
    own = load_planted().prison_culture
    minority = 0.26
    by_hand = [
        planted_effect(own, name, "force", since=k)
        + minority * own.measures["force"].minority * own.factor.get(name, 1.0)
        for name, starts in own.starts.items()
        for start in starts
        for k in range(own.quarters - start + 1)
    ]
    assert planted_average(own, "force") == pytest.approx(np.mean(by_hand))
