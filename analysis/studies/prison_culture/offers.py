"""What the tables of programmes in prisons offer a plan."""

from functools import cache

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.studies.prison_culture.kind import ANSWERS, FAIR, SHARES
from analysis.study.offers import ANSWERED, BROAD, SHARE, ends


@cache
def offers(source: str) -> OfferedPilot:
    """People in each quarter, and staff who were trained or supported."""
    scale = ends(CONTRACTS["prison_stays"].column(FAIR))
    outcomes = dict.fromkeys(SHARES, SHARE) | dict.fromkeys(ANSWERS, ANSWERED)
    outcomes[FAIR] = OfferedOutcome("scale", scale, survey=True)
    score = CONTRACTS["prison_programme_staff"].column("score_after")
    facts = {
        "reached": SHARE,
        "found_useful": ANSWERED,
        "score_gain": OfferedOutcome("scale", ends(score)),
    }
    return OfferedPilot(
        "the tables of programmes in prisons",
        outcomes,
        facts,
        BROAD,
        ("prison", "site"),
        ("prison", "region and quarter"),
    )
