"""What the table of survey waves offers a study of staff inclusion."""

from functools import cache

from analysis.extracts.tables.pilots.inclusion_tables import (
    INCLUSION,
    PROGRAMMES,
    REVERSED,
    WELLBEING,
)
from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.study.offers import ANSWERED, BROAD, SHARE

SCALES = {"inclusion": tuple(INCLUSION), "wellbeing": tuple(WELLBEING)}
ENDS = (1.0, 5.0)  # of every question and so of a score (contract: agreement from 1 to 5)
__all__ = ["ENDS", "REVERSED", "SCALES", "offers"]


@cache
def offers(source: str) -> OfferedPilot:
    """Scores of scales, what staff say of leaving, and who left up to the next wave."""
    score = OfferedOutcome("scale", ENDS, survey=True)
    return OfferedPilot(
        "the table of survey waves",
        {**dict.fromkeys(SCALES, score), "intends_to_leave": ANSWERED, "left": SHARE},
        {"took_part": ANSWERED, "found_useful": ANSWERED},
        BROAD,
        ("site",),
        ("site", "region and wave"),
        programmes=PROGRAMMES,
    )
