"""What the table of eligible staff offers a study of progression schemes."""

from functools import cache

from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.studies.progression.kind import COVARIATES, OTHER_WAYS, SCHEMES
from analysis.study.offers import ANSWERED, BROAD, SHARE


@cache
def offers(source: str) -> OfferedPilot:
    """Staff from the day on which they could be promoted, with what happened to them and when."""
    outcomes = {
        name: OfferedOutcome("time_to_event", other_ways=ways) for name, ways in OTHER_WAYS.items()
    }
    return OfferedPilot(
        "the table of eligible staff",
        outcomes,
        {"joined": SHARE, "found_useful": ANSWERED},
        BROAD,
        ("employee",),
        ("region", "grade", "day"),
        covariates=COVARIATES,
        arms=SCHEMES,
    )
