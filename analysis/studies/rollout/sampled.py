"""Who is there before outcomes are seen: sentenced cases of courts that start, and of others."""

import pandas as pd

from analysis.extracts.frames.sampled import sampled
from analysis.plans.plan import Outcome, Plan


def people(plan: Plan, outcome: Outcome, opened: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every case, with the programme from the day on which its court started."""
    courts = opened["courts"][["court_id", "started_on"]]
    cases = opened["sentenced_cases"].merge(courts, on="court_id", how="inner")
    return sampled(cases, cases["sentenced_on"] >= cases["started_on"], cluster="court_id")
