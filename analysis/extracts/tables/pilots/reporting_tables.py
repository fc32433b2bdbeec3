"""Tables of discrimination incident reporting: each report as its form came in, who was held where,
and a survey of what people experienced, asked before and after."""

from analysis.extracts.tables.contract import (
    Blind,
    Column,
    Contract,
    Rules,
    ethnicity_column,
    flag_column,
    outcomes,
    region_column,
)

OLD_FORM, NEW_FORM = "old", "new"
FORMS = (OLD_FORM, NEW_FORM)
BEFORE, AFTER = "before", "after"
WAVES = (BEFORE, AFTER)
SITE = Column("site_id", "id", "pseudonym of the prison")


def _region() -> Column:
    return region_column("probation region in which the prison lies")


DISCRIMINATION_REPORTS = Contract(
    "discrimination_reports",
    "one form about a discrimination incident, as it was filed",
    ("report_id",),
    outcomes(
        Column("report_id", "id", "pseudonym of the form"),
        Column(
            "incident_id",
            "id",
            "number of the incident: forms about one incident carry the same one",
            empty="no number was given",
        ),
        _region(),
        SITE,
        Column("reported_on", "date", "day on which the form came in"),
        Column("reporter_id", "id", "pseudonym of the person who reported"),
        ethnicity_column("reporting person's"),
        Column("form", "category", "version of the form", allowed=FORMS),
        flag_column("answered_in_time", "was answered within the target", "is still open"),
        flag_column("upheld", "was upheld", "is not decided yet"),
    ),
    service="reporting",
    blind=Blind(months="reported_on", counted_in="people_held"),
)
PEOPLE_HELD = Contract(
    "people_held",
    "one prison in one month and one ethnic group",
    ("site_id", "month", "ethnicity"),
    (
        SITE,
        _region(),
        Column("month", "date", "first day of the month"),
        ethnicity_column("people's"),
        Column("people", "whole", "people held, on average", unit="people", low=0, high=20_000),
    ),
    service="reporting",
)
EXPERIENCE_SURVEY = Contract(
    "experience_survey",
    "one person held who was asked in one wave of the survey",
    ("respondent_id",),
    (
        Column("respondent_id", "id", "pseudonym of the person in this wave"),
        _region(),
        SITE,
        Column("wave", "category", "before or after the start", allowed=WAVES),
        Column("asked_on", "date", "day on which they were asked"),
        ethnicity_column("person's"),
        Column("answered", "truth", "answered"),
        *outcomes(
            flag_column(
                "experienced",
                "had experienced discrimination in the last 12 months",
                "did not answer",
            ),
            flag_column(
                "confident",
                "was confident that a report would be dealt with fairly",
                "did not answer",
            ),
        ),
    ),
    service="reporting",
    rules=Rules(only_where=(("experienced", "answered"), ("confident", "answered"))),
)
TABLES = (DISCRIMINATION_REPORTS, PEOPLE_HELD, EXPERIENCE_SURVEY)
