"""Synthetic tables of regional initiatives: what is planted is there, and what a naive method
shows."""

import numpy as np
import pandas as pd
import pytest

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.synthetic.initiatives.months import DIP_MONTHS
from analysis.synthetic.initiatives.tables import make_applications, make_scores
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted

SERVICES = {
    "recruitment": "job_applications",
    "leadership": "manager_scores",
    "support": "support_referrals",
    "performance": "performance_conversations",
}
TRUTH = load_planted().initiatives


def table(service: str, region: str, **more) -> pd.DataFrame:
    return make_region(region, service=service, **more)[SERVICES[service]]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("region", ["london", "wales"])
def test_a_region_keeps_its_contract(service, region):
    contract = CONTRACTS[SERVICES[service]]
    made = table(service, region)
    contract.schema().validate(made[list(contract.names)])
    again = table(service, region)
    pd.testing.assert_frame_equal(made, again)


def since(frame: pd.DataFrame, day: str, start: str) -> pd.Series:
    return frame[day] >= pd.Timestamp(start)


def minority(frame: pd.DataFrame) -> pd.Series:
    known = ~frame["ethnicity"].isin(["not_stated", "refused", "not_recorded"])
    return (~frame["ethnicity"].str.startswith("W")).where(known)


SEEDS = range(6)


def changes(make, value, day: str, start: str) -> pd.Series:
    """Change of each region on average over nations with other seeds."""
    found = {}
    for number, region in enumerate(load_planted().regions):
        moved = []
        for seed in SEEDS:
            frame = make(np.random.default_rng([seed, number]), load_planted(), region, part=1.0)
            after, column = since(frame, day, start), value(frame)
            moved.append(float(column[after].mean() - column[~after].mean()))
        found[region] = float(np.mean(moved))
    return pd.Series(found)


def test_before_and_after_takes_the_campaign_and_the_own_path_for_an_effect():
    path = TRUTH.recruitment.paths["applied"]
    found = changes(
        make_applications,
        lambda f: minority(f).astype(float),
        "applied_on",
        TRUTH.recruitment.start,
    )
    own, planted = found["east_of_england"], path.effect["east_of_england"]
    assert own - planted > 0.05, "growth and campaign add to what is planted"
    others = found.drop("east_of_england")
    assert own - others.mean() > planted + 0.01, "its own path is steeper than that of most"
    follows = pd.Series(TRUTH.follows)
    assert np.corrcoef(others, follows[others.index])[0, 1] > 0.7


def test_a_dip_before_the_grants_looks_like_an_effect():
    own = TRUTH.support
    found = {"short": [], "long": []}
    for region in own.paths["referred"].effect:
        frame = table("support", region)
        frame = frame[minority(frame).eq(True)]
        months = (frame["seen_on"] - pd.Timestamp(own.start)).dt.days / 30.4
        after = frame.loc[months >= 0, "referred"].mean()
        found["short"].append(after - frame.loc[months.between(-DIP_MONTHS, 0), "referred"].mean())
        found["long"].append(after - frame.loc[months < -DIP_MONTHS, "referred"].mean())
    assert np.mean(found["short"]) > np.mean(found["long"]) + own.paths["referred"].dip / 2


def test_early_sites_held_more_conversations_before_they_began():
    own = TRUTH.conversations
    frames = [table("performance", region) for region in load_planted().regions]
    rows = pd.concat(frames)
    after = since(rows, "due_on", own.start)
    held = rows.groupby([rows["early_adopter"], after])["held"].mean().unstack()
    naive = held.loc[True, True] - held.loc[False, True]
    change = (held.loc[True, True] - held.loc[True, False]) - (
        held.loc[False, True] - held.loc[False, False]
    )
    planted = own.paths["held"].effect["london"]
    assert change == pytest.approx(planted, abs=0.05)
    assert naive > planted + 0.05, "levels take the readiness of volunteers for an effect"
    assert rows.loc[rows["early_adopter"], "site_id"].nunique() == 7


def test_scores_rise_in_london_alone_beyond_what_all_share():
    own = TRUTH.leadership
    found = changes(make_scores, lambda f: f["knowledge"], "asked_on", own.start)
    alike = found[["west_midlands", "greater_manchester", "east_of_england"]].mean()
    assert found["london"] - alike == pytest.approx(
        own.paths["knowledge"].effect["london"], abs=0.35
    )
    assert table("leadership", "wales")["attended"].sum() == 0


def test_where_it_is_planted_more_minority_ethnic_applicants_declare_and_no_more_apply():
    """A key that is nil in the nation."""
    assert TRUTH.recruitment.declares_more == 0
    recruitment = TRUTH.recruitment.model_copy(update={"declares_more": 0.08})
    initiatives = TRUTH.model_copy(update={"recruitment": recruitment})
    truths = (load_planted(), load_planted().model_copy(update={"initiatives": initiatives}))
    rows = [
        make_applications(np.random.default_rng(1), truth, "east_of_england", part=4.0)
        for truth in truths
    ]
    after = since(rows[0], "applied_on", recruitment.start)
    unknown = [1 - minority(one)[after].notna().mean() for one in rows]
    assert unknown[0] - unknown[1] > 0.015, "of some 35 in every 100, 8 in every 100 more declare"
    before = [minority(one)[~after].notna().mean() for one in rows]
    assert before[0] == pytest.approx(before[1], abs=0.01)
