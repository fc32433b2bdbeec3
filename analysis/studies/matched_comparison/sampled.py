"""Who is there before outcomes are seen: people of the cohort, with the programme or without."""

import pandas as pd

from analysis.extracts.frames.sampled import sampled
from analysis.plans.plan import Outcome, Plan


def people(plan: Plan, outcome: Outcome, opened: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Everybody of the cohort; who is like whom is not asked yet."""
    cohort = opened["programme_cohort"]
    return sampled(cohort, cohort["started"])
