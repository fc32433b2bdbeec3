"""Who is there before outcomes are seen: stays in prisons that start, and in others."""

import pandas as pd

from analysis.extracts.frames.sampled import sampled
from analysis.plans.plan import Outcome, Plan


def people(plan: Plan, outcome: Outcome, opened: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every stay, of those asked for a survey; with the programme from the start of its prison."""
    stays = opened["prison_stays"]
    stays = stays[stays["asked"].astype(bool)] if outcome.survey else stays
    return sampled(stays, stays["held_from"] >= stays["started_on"], cluster="prison_id")
