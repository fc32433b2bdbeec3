"""Rows of a study of staff inclusion that can be explored: everyone on the list of a wave."""

from analysis.exploring.rows import Field, Rows, fields_of, group_field, yes_no
from analysis.extracts.tables.pilots.inclusion_tables import INCLUSION_WAVES
from analysis.plans.plan import Plan
from analysis.studies.staff_inclusion.study import FIRST, WAVE, InclusionStudy

STARTED = "started"


def rows(plan: Plan, place: str, study: InclusionStudy) -> tuple[Rows, ...]:
    """Everyone at sites that asked for the programme, in the time that is compared."""
    frame = study.compared.assign(
        **{STARTED: (study.compared[WAVE] >= study.compared[FIRST]) * 1.0}
    )
    own = fields_of(INCLUSION_WAVES, place=place, places=plan.data.places)
    fields = (
        group_field(plan.groups.coding, "the member of staff's", column="ethnic_group"),
        *(field for field in own if field.name != "programme"),
        yes_no(Field(STARTED, "", "in a wave after the start at the site")),
    )
    which = "everyone on the list of a wave, at sites that asked for the programme"
    return (Rows(INCLUSION_WAVES.table, "staff", which, fields, lambda c: frame[list(c)]),)
