"""Rows of quality audits that can be explored: investigated cases."""

from analysis.exploring.rows import Field, Rows, fields_of, group_field, yes_no
from analysis.extracts.tables.pilots.coding_tables import CODED_CASES
from analysis.plans.plan import Plan
from analysis.studies.quality_audit.kind import DETECTED, SEEN_WITHOUT
from analysis.studies.quality_audit.study import AuditStudy


def rows(plan: Plan, place: str, study: AuditStudy) -> tuple[Rows, ...]:
    """Every case of the place, compared or not; unweighted, as it was put to the panel."""
    frame = study.everyone
    coded = {"first_code", "second_code", "panel_code", "sampling_share"}
    asked = [name for name in CODED_CASES.names if name not in coded]
    fields = (
        group_field(plan.groups.coding, "the complainant's", column="ethnic_group"),
        *fields_of(CODED_CASES, asked, place=place, places=plan.data.places),
        yes_no(Field(DETECTED, "", "recognised, where the panel marked the case")),
        yes_no(Field(SEEN_WITHOUT, "", "seen, where the panel marked nothing")),
    )
    which = "every case, not weighted by how cases were put to the panel"
    table = CODED_CASES.table
    return (Rows(table, "cases", which, fields, lambda columns: frame[list(columns)]),)
