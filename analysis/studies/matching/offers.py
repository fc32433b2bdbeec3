"""What the tables of supervision and the public experiment STAR offer a matching study."""

from functools import cache

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.study.offers import BROAD, NO_COVARIATE, SHARE, columns_of_kind, ends


@cache
def offers(source: str) -> OfferedPilot:
    """What a source of data offers."""
    return _star() if source == "star" else _supervision()


def _supervision() -> OfferedPilot:
    """People with their first practitioner (extracts/frames/dyads.people_and_practitioners)."""
    flags = columns_of_kind("supervision_outcomes", "flag")
    items = CONTRACTS["relationship_survey"].column("treated_with_respect")
    made = {
        "relationship": OfferedOutcome("scale", ends(items), survey=True),
        "appointments_kept": SHARE,
    }
    return OfferedPilot(
        "the tables of supervision",
        made | dict.fromkeys(flags, SHARE),
        {"matched": SHARE},
        BROAD,
        ("dyad",),
        ("office", "quarter", "ethnic group"),
        covariates=tuple(
            c for c in columns_of_kind("people_on_probation", "category") if c not in NO_COVARIATE
        ),
    )


def _star() -> OfferedPilot:
    """Pupils with their class teacher (extracts/frames/dyads.star_dyads)."""
    rank = OfferedOutcome("scale", (0, 100))
    return OfferedPilot(
        "the data of Project STAR",
        {"maths": rank, "reading": rank},
        {"matched": SHARE},
        BROAD,
        ("class",),
        ("school", "entry grade", "grade", "race"),
        covariates=("sex", "free_lunch", "birth_quarter"),
        stratum=True,
    )
