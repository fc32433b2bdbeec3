"""Rows of repeated audits that can be explored: audited assessments."""

from analysis.exploring.rows import Field, Rows, fields_of, group_field, yes_no
from analysis.extracts.tables.pilots.assessment_tables import AUDITED_ASSESSMENTS, ITEM_WORDS, ITEMS
from analysis.plans.plan import Plan
from analysis.studies.repeated_audits.offers import ALL_TOUCHED
from analysis.studies.repeated_audits.study import AuditsStudy


def rows(plan: Plan, place: str, study: AuditsStudy) -> tuple[Rows, ...]:
    """Every audited assessment of the place, compared or not, each item as good enough or not;
    unweighted, as the sample was drawn."""
    frame = study.everyone
    asked = [name for name in AUDITED_ASSESSMENTS.names if name not in ITEMS]
    fields = (
        group_field(plan.groups.coding, "the person's", column="ethnic_group"),
        *fields_of(AUDITED_ASSESSMENTS, asked, place=place, places=plan.data.places),
        *(yes_no(Field(item, "", f"good enough on {ITEM_WORDS[item]}")) for item in ITEMS),
        yes_no(Field(ALL_TOUCHED, "", "good enough on every item of the help text")),
    )
    which = "every audited assessment, not weighted by how the sample was drawn"
    return (
        Rows(
            AUDITED_ASSESSMENTS.table,
            "assessments",
            which,
            fields,
            lambda columns: frame[list(columns)],
        ),
    )
