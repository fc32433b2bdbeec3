"""Who is there before outcomes are seen: staff who could be promoted, in a scheme or in none."""

import pandas as pd

from analysis.extracts.frames.sampled import sampled
from analysis.plans.plan import Outcome, Plan


def people(plan: Plan, outcome: Outcome, opened: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Everybody who is eligible; members are those who joined within the period of the plan."""
    staff = opened["eligible_staff"]
    joined = staff["joined_on"]
    inside = joined.between(plan.data.from_ or joined.min(), plan.data.to or joined.max())
    return sampled(staff, inside)
