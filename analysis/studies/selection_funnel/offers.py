"""What the tables of selection offer a plan."""

from functools import cache

from analysis.extracts.tables.contract import REGIONS
from analysis.plans.agreement.offered import OfferedPilot
from analysis.study.offers import BROAD, SHARE

STAGES = ("sifted_in", "invited", "passed", "appointed")
RECORDED = ("sex", "age_band", "grade")  # of candidates
VACANCY = ("opened", "lived_applied", "lived_shortlisted")
FILLED = "lived_appointed"


@cache
def offers(source: str) -> OfferedPilot:
    """Stages of candidates, and of vacancies; a plan names regions that take part as its arms."""
    facts = ("webinar_attended", *VACANCY)
    alike = ("quarter", "route", "ethnic group")
    return OfferedPilot(
        "the tables of selection",
        dict.fromkeys((*STAGES, FILLED), SHARE),
        dict.fromkeys(facts, SHARE),
        BROAD,
        ("nation", "region"),
        alike,
        covariates=RECORDED,
        arms=REGIONS,
    )
