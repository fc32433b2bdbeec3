"""What audits of assessments offer: good enough on every item that was touched, and on each."""

from functools import cache

from analysis.extracts.tables.pilots.assessment_tables import TOUCHED
from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.study.offers import BROAD

ALL_TOUCHED = "good_touched"
OUTCOMES = (ALL_TOUCHED, *TOUCHED)


@cache
def offers(source: str) -> OfferedPilot:
    """`source` is any that holds the tables of audits; nothing is allowed for by name."""
    outcomes = dict.fromkeys(OUTCOMES, OfferedOutcome("share", groups=True))
    alike = ("trend",)
    return OfferedPilot("the table of audited assessments", outcomes, {}, BROAD, ("nation",), alike)
