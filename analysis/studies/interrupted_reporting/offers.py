"""What reports of discrimination and the survey beside them offer a plan."""

from functools import cache

from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.study.offers import ANSWERED, BROAD, SHARE

INCIDENTS, IN_TIME, UPHELD = "incidents", "answered_in_time", "upheld"
EXPERIENCED, CONFIDENT = "experienced", "confident"
ALIKE = ("trend", "season")


@cache
def offers(source: str) -> OfferedPilot:
    """`source` is any that holds the tables of reports; nothing is allowed for by name."""
    outcomes = {INCIDENTS: OfferedOutcome("rate"), IN_TIME: SHARE, UPHELD: SHARE}
    facts = dict.fromkeys((EXPERIENCED, CONFIDENT), ANSWERED)
    words = "the tables of discrimination reports"
    return OfferedPilot(words, outcomes, facts, BROAD, ("nation",), ALIKE)
