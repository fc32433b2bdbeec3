"""The gap in custody taken apart (Oaxaca-Blinder), for the analyst's private record only: never on
a page."""

from analysis.disclosure.release import ANALYST
from analysis.disparity.decomposition import oaxaca_blinder
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import Fact, Support

CHARACTERISTICS = ["custody_risk", "offence_group", "age_band", "sex"]


def decomposition_rows(study, outcome: Outcome):
    """One row a part: the gap between White and all other groups, before or without the pilot."""
    cases, reference = study.cases, study.plan.groups.reference
    people = cases[cases["ethnic_group"].isin(study.groups) & ~cases["started"].astype(bool)]
    people = people.assign(
        two_groups=people["ethnic_group"].where(people["ethnic_group"] == reference, "others")
    )
    found = oaxaca_blinder(
        people,
        outcome=outcome.id,
        group="two_groups",
        reference=reference,
        covariates=CHARACTERISTICS,
    )
    if found is None:
        return
    for part in ("gap", "endowments", "coefficients", "interaction"):
        support = Support(n=len(people), persons=len(people))
        value = 100 * getattr(found, part)
        fact = Fact("gap_part", f"oaxaca_blinder_{part}", "in_every_100", value, support)
        yield Row.of(
            fact,
            level=outcome.level,
            outcome=outcome.id,
            group=f"{reference} less others",
            note=ANALYST,
        )
