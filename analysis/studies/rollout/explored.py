"""Rows of the roll-out that can be explored: sentenced cases of the study, and staff trained for
it."""

from dataclasses import replace

from analysis.exploring.rows import Field, Rows, category, fields_of, group_field, yes_no
from analysis.extracts.frames.dyads import quarter
from analysis.extracts.frames.sentencing import OF_ALL
from analysis.extracts.tables.pilots.court_tables import REPORT_TRAINING, SENTENCED_CASES
from analysis.plans.plan import Plan
from analysis.studies.rollout.study import PsrStudy

AMONG_ALL = "; no where no report was written"


def rows(plan: Plan, place: str, study: PsrStudy) -> tuple[Rows, ...]:
    """Sentenced cases with a court, within the dates of the plan; then those who were trained."""
    cases = study.cases.assign(period=quarter(study.cases["sentenced_on"]))
    trained = study.data.training
    where = {"place": place, "places": plan.data.places}
    groups = plan.groups.coding
    own = tuple(_among_all(made) for made in fields_of(SENTENCED_CASES, **where))
    fields = (
        group_field(groups, "person's", column="ethnic_group"),
        *own,
        yes_no(Field("pilot", "", "sentenced at a court that takes part in the pilot")),
        yes_no(Field("started", "", "sentenced after the pilot had started at the court")),
        category("period", "quarter of the sentence", sorted(cases["period"].unique())),
    )
    staff = (
        group_field(groups, "member of staff's", column="ethnic_group"),
        *fields_of(REPORT_TRAINING, **where),
    )
    return (
        Rows(
            SENTENCED_CASES.table,
            "cases",
            "every sentenced case of the study's period with a court",
            fields,
            lambda columns: cases[list(columns)],
        ),
        Rows(
            REPORT_TRAINING.table,
            "staff",
            "everyone trained for the pilot",
            staff,
            lambda columns: trained[list(columns)],
        ),
    )


def _among_all(made: Field) -> Field:
    """Of all sentenced people nothing happened where no report was written."""
    if made.name not in OF_ALL or made.name in ("report_written", "custody"):
        return made
    return replace(made, meaning=made.meaning + AMONG_ALL, empty=None)
