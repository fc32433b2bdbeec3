"""What the tables of accredited programmes offer a matched comparison."""

from functools import cache

from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.study.offers import BROAD, SHARE

# In the order of their table; the ethnic group is made of the recorded one.
COVARIATES = (
    "age_band",
    "sex",
    "ethnic_group",
    "sentence_type",
    "risk_score",
    "previous_convictions",
    "drug_need",
    "alcohol_need",
)
OUTCOMES = {
    "reoffended": SHARE,
    "reoffences": OfferedOutcome("rate"),
    "reoffended_early": OfferedOutcome("time_to_event"),
}


@cache
def offers(source: str) -> OfferedPilot:
    """People found suitable for a programme (extracts/frames/reoffending.py)."""
    facts = {"started": SHARE, "completed": SHARE}
    alike = ("programme", "region")
    return OfferedPilot(
        "the tables of programmes", OUTCOMES, facts, BROAD, ("person",), alike, COVARIATES
    )
