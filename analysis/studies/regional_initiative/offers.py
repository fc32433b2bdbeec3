"""What the table of applications offers a regional initiative."""

from functools import cache

from analysis.extracts.tables.contract import REGIONS
from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.study.offers import BROAD

OUTCOMES = ("minority_applied", "shortlisted", "appointed")


@cache
def offers(source: str) -> OfferedPilot:
    """Of whom applications are, and how far they come; a plan names regions as its arms."""
    outcomes = dict.fromkeys(OUTCOMES, OfferedOutcome("share", groups=True))
    alike = ("region", "quarter")
    return OfferedPilot(
        "the table of applications", outcomes, {}, BROAD, ("region",), alike, arms=REGIONS
    )
