"""What the tables of courts offer a roll-out."""

from functools import cache

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.study.offers import ANSWERED, BROAD, SHARE, columns_of_kind, ends


@cache
def offers(source: str) -> OfferedPilot:
    """Sentenced cases and audited reports (extracts/frames/sentencing.sentencing,
    studies/rollout/study.people)."""
    flags = dict.fromkeys(columns_of_kind("sentenced_cases", "flag"), SHARE)
    score = CONTRACTS["report_training"].column("score_after")
    facts = {
        "report_written": SHARE,
        "relevance": ANSWERED,
        "score_gain": OfferedOutcome("scale", ends(score)),
    }
    rated = {"good_rating": SHARE}
    return OfferedPilot(
        "the tables of courts",
        flags | rated,
        facts,
        BROAD,
        ("site",),
        ("court", "region and month"),
    )
