"""Rows of a programme in prisons that can be explored: people in each quarter, and staff."""

from analysis.exploring.rows import Field, Rows, fields_of, group_field, yes_no
from analysis.extracts.tables.pilots.prison_culture_tables import (
    PRISON_PROGRAMME_STAFF,
    PRISON_STAYS,
)
from analysis.plans.plan import Plan
from analysis.studies.prison_culture.study import PrisonStudy


def rows(plan: Plan, place: str, study: PrisonStudy) -> tuple[Rows, ...]:
    """People held for a whole quarter within the plan's dates; then staff who were trained."""
    held, staff, groups = study.cases, study.staff, plan.groups.coding
    where = {"place": place, "places": plan.data.places}
    fields = (
        group_field(groups, "the person's", column="ethnic_group"),
        *fields_of(PRISON_STAYS, **where),
        yes_no(Field("started", "", "held there since the programme had started")),
    )
    of_staff = (
        group_field(groups, "member of staff's", column="ethnic_group"),
        *fields_of(PRISON_PROGRAMME_STAFF, **where),
    )
    which = "everyone held for a whole quarter, once in each quarter"
    return (
        Rows(PRISON_STAYS.table, "people", which, fields, lambda c: held[list(c)]),
        Rows(
            PRISON_PROGRAMME_STAFF.table,
            "staff",
            "everyone trained or supported",
            of_staff,
            lambda c: staff[list(c)],
        ),
    )
