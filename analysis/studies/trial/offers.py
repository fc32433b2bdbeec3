"""What the tables of training offer a trial."""

from functools import cache

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.extracts.tables.pilots.training_tables import ARMS, EXIT_REASONS, PROGRAMMES, RESIGNED
from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.study.offers import ANSWERED, BROAD, MONEY, SHARE, ends


@cache
def offers(source: str) -> OfferedPilot:
    """Managers, staff who rate them and staff in post (extracts/frames/trial_people.py)."""
    scores = {}
    for table in ("managers", "staff_ratings"):
        contract = CONTRACTS[table]
        for column in contract.columns:
            if column.name.endswith("_after"):
                before = column.name.removesuffix("_after") + "_before" in contract.names
                asked = table == "staff_ratings"
                own = OfferedOutcome("scale", ends(column), before, survey=asked, groups=True)
                scores[column.name] = own
    others = tuple(reason for reason in EXIT_REASONS if reason != RESIGNED)
    leaving = {"leaving": OfferedOutcome("time_to_event", groups=True, other_ways=others)}
    facts = {"cost": MONEY, "took_part": SHARE, "completed": SHARE, "relevance": ANSWERED}
    own = {"programmes": PROGRAMMES, "arms": ARMS, "held_alike": ("block of the lot",)}
    return OfferedPilot("the tables of training", scores | leaving, facts, BROAD, ("site",), **own)
