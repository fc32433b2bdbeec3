"""Rows of reports of discrimination that can be explored: incidents, each by its first form."""

from analysis.exploring.rows import Rows, fields_of, group_field
from analysis.extracts.tables.pilots.reporting_tables import DISCRIMINATION_REPORTS
from analysis.plans.plan import Plan
from analysis.studies.interrupted_reporting.study import ReportingStudy


def rows(plan: Plan, place: str, study: ReportingStudy) -> tuple[Rows, ...]:
    """Every incident of the place, compared or not, each by the first form about it."""
    frame = study.everyone[study.everyone["excluded"] != "another_form"]
    names = DISCRIMINATION_REPORTS.names
    fields = (
        group_field(plan.groups.coding, "the reporting person's", column="ethnic_group"),
        *fields_of(DISCRIMINATION_REPORTS, names, place=place, places=plan.data.places),
    )
    which = "every incident, by the first form about it"
    table = DISCRIMINATION_REPORTS.table
    return (Rows(table, "incidents", which, fields, lambda columns: frame[list(columns)]),)
