"""Who is there before outcomes are seen: staff asked in waves, at sites that start and others."""

import pandas as pd

from analysis.extracts.frames.sampled import sampled
from analysis.plans.plan import Outcome, Plan


def people(plan: Plan, outcome: Outcome, opened: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Everybody who is asked, with the programme in waves after the start of their site."""
    table = opened["inclusion_waves"]
    rows = table[table["programme"] == (plan.data.programme or plan.study)]
    return sampled(rows, rows["asked_on"] >= rows["starts_on"], cluster="site_id")
