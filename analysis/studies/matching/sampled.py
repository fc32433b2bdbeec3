"""Who is there before outcomes are seen: people with their first practitioner."""

import pandas as pd

from analysis.extracts.frames.sampled import broad_groups, sampled
from analysis.plans.plan import Outcome, Plan

PRACTITIONER = "first_practitioner_id"


def people(plan: Plan, outcome: Outcome, opened: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Everybody whose group the plan matches on, and whose practitioner has one that is known."""
    own = opened["practitioners"][["practitioner_id", "ethnicity"]]
    own = own.rename(columns={"practitioner_id": "first_practitioner_id", "ethnicity": "theirs"})
    both = opened["people_on_probation"].merge(own, on="first_practitioner_id", how="inner")
    theirs = broad_groups(both["theirs"])
    found = sampled(both, theirs == broad_groups(both["ethnicity"]), cluster=PRACTITIONER)
    groups = plan.exposure.matched_groups if plan.exposure is not None else ()
    return found[found["ethnic_group"].isin(groups) & theirs.isin(groups).to_numpy()]
