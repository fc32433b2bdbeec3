"""Rows of a process monitor that can be explored: staff of the period."""

from analysis.exploring.rows import Rows, fields_of, group_field
from analysis.extracts.tables.pilots.output_tables import OUTPUT_STAFF
from analysis.plans.outputs_plan import OutputsPlan
from analysis.studies.process_monitor.study import OutputsStudy


def rows(plan: OutputsPlan, place: str, study: OutputsStudy) -> tuple[Rows, ...]:
    """Every member of staff of the action, in post or not."""
    frame = study.everyone
    fields = (
        group_field(plan.groups.coding, "the person's", column="ethnic_group"),
        *(
            f
            for f in fields_of(OUTPUT_STAFF, place=place, places=plan.data.places)
            if f.name != "action"
        ),
    )
    which = "staff of the period, those who had left among them"
    return (Rows(OUTPUT_STAFF.table, "staff", which, fields, lambda names: frame[list(names)]),)
