"""The synthetic progression schemes hold what is planted, and mislead a naive method as their
docstring says."""

import numpy as np
import pandas as pd
import pytest

from analysis.designs.trials.competing_exits import incidence_difference
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.studies.progression.events import EXITS, days, timed
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.synthetic.progression import progression as made
from analysis.vocabulary.regions import place_set

REGIONS = place_set("probation_regions").ids


def generator(region):
    from analysis.synthetic.nation import _generator

    return _generator(load_planted(), made.TABLE, region, ())


@pytest.fixture(scope="module")
def nation() -> dict[str, pd.DataFrame]:
    return {region: make_region(region, service="progression")[made.TABLE] for region in REGIONS}


def members(staff) -> int:
    return int(staff["joined_on"].notna().sum())


def test_the_table_is_what_its_contract_says(nation):
    for staff in nation.values():
        CONTRACTS[made.TABLE].schema().validate(staff)
        joined = staff["joined_on"].notna()
        assert (staff["scheme"].notna() == joined).all()
        assert not staff.loc[~joined, "found_useful"].notna().any()
        for event in made.EVENTS:
            on = staff[f"{event}_on"]
            assert (on.isna() | (on <= staff["followed_to"])).all()
            assert (on.isna() | (on >= staff["eligible_from"])).all()
        for event in ("applied", "coached", "deputised"):
            last = staff[["promoted_on", "left_on"]].min(axis=1)
            assert (
                staff[f"{event}_on"].isna() | last.isna() | (staff[f"{event}_on"] <= last)
            ).all()


def test_nobody_joins_who_was_promoted_or_had_left(nation):
    for staff in nation.values():
        joined = staff.dropna(subset=["joined_on"])
        gone = joined[["promoted_on", "left_on", "followed_to"]].min(axis=1)
        assert (joined["joined_on"] < gone).all()
        assert (joined["joined_on"] >= joined["eligible_from"]).all()


def test_counting_from_eligibility_has_the_wrong_sign_by_what_the_docstring_says(nation):
    naive, true, weight = [], [], []
    for region, staff in nation.items():
        early = staff.assign(
            day=staff["eligible_from"], member=staff["joined_on"].notna().astype(float)
        )
        found = incidence_difference(
            timed(early, "promoted"), EXITS, cause="promoted", horizon=days(made.HORIZON)
        )
        naive.append(found.value)
        planted = made.planted_differences(generator(region), load_planted(), region)
        true.append(planted["promoted"])
        weight.append(members(staff))
    assert np.average(naive, weights=weight) == pytest.approx(made.NAIVE_FROM_ELIGIBILITY, abs=0.06)
    assert np.average(true, weights=weight) == pytest.approx(made.TRUE_DIFFERENCE, abs=0.06)


def test_regions_differ_as_planted_two_without_an_effect_and_one_with_harm():
    found = {
        region: made.planted_differences(generator(region), load_planted(), region)
        for region in ("wales", "north_east", "south_west", "london", "west_midlands")
    }
    assert found["london"]["promoted"] > found["west_midlands"]["promoted"] > 10
    assert abs(found["wales"]["promoted"]) < 1 and abs(found["north_east"]["promoted"]) < 1
    assert found["south_west"]["promoted"] < -5
    assert all(one["left"] < 0 for one in found.values())


def test_coaching_comes_with_a_scheme_and_changes_nothing():
    """Of members alike, those who are coached are promoted no more: nothing is planted there."""
    truth = load_planted()
    own = truth.progression
    more = own.model_copy(update={"coaching": own.coaching.model_copy(update={"member": 12.0})})
    changed = truth.model_copy(update={"progression": more})
    one, other = (
        made.make_progression({made.TABLE: generator("london")}, t, "london", part=0.5)[made.TABLE]
        for t in (truth, changed)
    )
    assert other["coached_on"].notna().sum() > one["coached_on"].notna().sum()
    assert one["promoted_on"].equals(other["promoted_on"])


def test_better_rated_staff_join_rather(nation):
    staff = pd.concat(nation.values())
    share = staff["joined_on"].notna().groupby(staff["performance"]).mean()
    assert share["outstanding"] > share["good"] > share["below"]


def test_a_region_is_made_the_same_again_and_smaller_when_asked():
    one, again = (make_region("wales", service="progression")[made.TABLE] for _ in range(2))
    pd.testing.assert_frame_equal(one, again)
    assert len(make_region("wales", service="progression", people=400)[made.TABLE]) == 400
