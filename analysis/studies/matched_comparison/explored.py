"""Rows of a matched comparison that can be explored: people found suitable for a programme."""

from analysis.exploring.rows import Field, Rows, fields_of, group_field, number, yes_no
from analysis.extracts.tables.pilots.programme_tables import PROGRAMME_COHORT
from analysis.plans.plan import Plan
from analysis.studies.matched_comparison.study import MatchedStudy

SHORT = "followed for under 18 months after the index date"


def rows(plan: Plan, place: str, study: MatchedStudy) -> tuple[Rows, ...]:
    """Everyone found suitable, compared or not, with what is worked out of their offences."""
    frame = study.everyone
    own = fields_of(PROGRAMME_COHORT, place=place, places=plan.data.places)
    made = (
        group_field(plan.groups.coding, "the person's", column="ethnic_group"),
        *own,
        yes_no(
            Field("reoffended", "", "committed a proven reoffence within 12 months", empty=SHORT)
        ),
        yes_no(
            Field(
                "reoffended_early",
                "",
                "committed a first proven reoffence within 6 months",
                empty=SHORT,
            )
        ),
        number("reoffences", "proven reoffences within 12 months", "reoffences", empty=SHORT),
    )
    which = "everyone found suitable, compared or not"
    table = PROGRAMME_COHORT.table
    return (Rows(table, "people", which, made, lambda columns: frame[list(columns)]),)
