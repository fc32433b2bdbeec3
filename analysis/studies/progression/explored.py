"""Rows of the progression schemes that can be explored: eligible staff."""

from analysis.exploring.rows import Field, Rows, fields_of, group_field, yes_no
from analysis.extracts.tables.pilots.progression_tables import ELIGIBLE_STAFF
from analysis.plans.plan import Plan
from analysis.studies.progression.study import ProgressionStudy

OF_MEMBERS = "of members from the day of joining on; not known of others"


def rows(plan: Plan, place: str, study: ProgressionStudy) -> tuple[Rows, ...]:
    """Every eligible member of staff, compared or not, with each outcome of members."""
    frame = study.everyone
    fields = (
        group_field(plan.groups.coding, "the person's", column="ethnic_group"),
        *fields_of(ELIGIBLE_STAFF, place=place, places=plan.data.places),
        *(
            yes_no(Field(outcome.id, "", f"{outcome.plain}, {OF_MEMBERS}", empty=OF_MEMBERS))
            for outcome in plan.compared
        ),
    )
    which = "everyone who could be promoted, compared or not"
    return (
        Rows(ELIGIBLE_STAFF.table, "staff", which, fields, lambda columns: frame[list(columns)]),
    )
