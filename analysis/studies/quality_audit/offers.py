"""What coded cases offer: detection where subtle racism is, false alarms where it is not, and a
test of investigators."""

from functools import cache

from analysis.extracts.tables.pilots.coding_tables import HIGHEST_SCORE, LOWEST_SCORE
from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.studies.quality_audit.kind import DETECTED, SEEN_WITHOUT, TEST
from analysis.study.offers import BROAD

ENDS = (float(LOWEST_SCORE), float(HIGHEST_SCORE))


@cache
def offers(source: str) -> OfferedPilot:
    """`source` is any that holds the tables of coded cases; nothing is allowed for by name."""
    share = OfferedOutcome("share", groups=True)
    outcomes = {TEST: OfferedOutcome("scale", ENDS), DETECTED: share, SEEN_WITHOUT: share}
    alike = ("investigator", "time of the report")
    return OfferedPilot("the table of coded cases", outcomes, {}, BROAD, ("employee",), alike)
