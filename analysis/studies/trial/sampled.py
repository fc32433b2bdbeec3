"""Who is there before outcomes are seen: managers and staff of sites drawn by lot."""

import pandas as pd

from analysis.extracts.frames.sampled import sampled
from analysis.extracts.frames.trial_people import BY_LOT
from analysis.plans.plan import Outcome, Plan

LEARNT = "test_after"  # the outcome that is measured on managers themselves


def people(plan: Plan, outcome: Outcome, opened: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Those on whom the outcome is measured, at sites of the lot, of the groups it is about."""
    programme = plan.data.programme or plan.study
    sites = opened["training_sites"]
    drawn = sites[(sites["programme"] == programme) & (sites["chosen_by"] == BY_LOT)]
    asked = opened[_table(outcome)]
    own = asked[asked["programme"] == programme]
    found = own.merge(drawn[["site_id", "arm"]], on="site_id", how="inner", validate="many_to_one")
    everyone = sampled(found, found["arm"] != plan.comparison.waiting, cluster="site_id")
    about = outcome.only_groups
    return everyone[everyone["ethnic_group"].isin(about)] if about else everyone


def _table(outcome: Outcome) -> str:
    if outcome.kind == "time_to_event":
        return "staff_in_post"
    return "managers" if outcome.id == LEARNT else "staff_ratings"
