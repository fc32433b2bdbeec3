"""Rows of a study of selection that can be explored: candidates, or vacancies."""

from dataclasses import replace

from analysis.exploring.rows import Field, Rows, fields_of, group_field, yes_no
from analysis.extracts.tables.pilots.selection_tables import CANDIDATES, VACANCIES
from analysis.plans.plan import Plan
from analysis.studies.selection_funnel.opening import BEFORE
from analysis.studies.selection_funnel.vacancies import VacancyStudy
from analysis.studies.selection_funnel.webinars import WebinarStudy

NOT_REACHED = "did not come through the stage before"


def rows(plan: Plan, place: str, study: WebinarStudy | VacancyStudy) -> tuple[Rows, ...]:
    """Every candidate, or vacancy, of the place, compared or not."""
    frame, where = study.everyone, {"place": place, "places": plan.data.places}
    of_vacancies = isinstance(study, VacancyStudy)
    contract = VACANCIES if of_vacancies else CANDIDATES
    fields = fields_of(contract, **where)
    if not of_vacancies:
        group = group_field(plan.groups.coding, "the person's", column="ethnic_group")
        fields = (group, *(_of_stage(field) for field in fields))
    unit = "vacancies" if of_vacancies else "candidates"
    which = f"all {unit} in the data, compared or not"
    return (Rows(contract.table, unit, which, fields, lambda columns: frame[list(columns)]),)


def _of_stage(field: Field) -> Field:
    """A stage is known of those who came through the one before."""
    return yes_no(replace(field, empty=NOT_REACHED)) if field.name in BEFORE else field
