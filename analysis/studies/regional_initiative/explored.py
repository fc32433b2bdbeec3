"""Rows of a regional initiative that can be explored: those of its table."""

from analysis.exploring.rows import Field, Rows, fields_of, group_field, yes_no
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.plan import Plan
from analysis.studies.regional_initiative.study import RegionalStudy

SINCE = "since_the_start"


def rows(plan: Plan, place: str, study: RegionalStudy) -> tuple[Rows, ...]:
    """Every row inside the time that is compared, with whether it lies before or since the
    start."""
    inside = study.everyone[study.everyone["excluded"] == ""]
    frame = inside.assign(**{SINCE: (inside["day"] >= study.start).astype(float)})
    contract = CONTRACTS[study.table.name]
    fields = (
        group_field(plan.groups.coding, "the person's", column="ethnic_group"),
        *fields_of(contract, place=place, places=plan.data.places),
        yes_no(Field(SINCE, "", "on or after the first day of the initiative")),
    )
    which = "everyone in the time that is compared"
    return (
        Rows(contract.table, plan.words.person.split()[0], which, fields, lambda c: frame[list(c)]),
    )
