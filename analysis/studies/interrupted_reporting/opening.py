"""From the tables of reports to the exact study: forms about one incident put together, who is
compared, people held by month, and the survey."""

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.plans.plan import Plan
from analysis.studies.interrupted_reporting.months import Months, numbers
from analysis.studies.interrupted_reporting.offers import INCIDENTS
from analysis.studies.interrupted_reporting.study import ReportingStudy
from analysis.study.offers import BROAD
from analysis.vocabulary.ethnicity import crosswalk

HELD = ["site_id", "month", "ethnic_group"]


def open_reporting(
    plan: Plan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[ReportingStudy, None]:
    """The exact study. Nobody is followed, so that no day ends a follow-up."""
    months = Months.of(plan)
    study = ReportingStudy(
        plan,
        place,
        _filed(opened["discrimination_reports"], months),
        hidden=hidden,
        months=months,
        held=_held(opened["people_held"]),
        survey=_grouped(opened["experience_survey"]),
    )
    return study, None


def _grouped(table: pd.DataFrame) -> pd.DataFrame:
    group = crosswalk(table["ethnicity"], source=ETHNICITY_CODING, target=BROAD)
    return table.assign(ethnic_group=group)


def _filed(table: pd.DataFrame, months: Months) -> pd.DataFrame:
    """A row a form, in the order of days; `number` is that of its incident, or its own where it
    carries none."""
    rows = _grouped(table).sort_values(["reported_on", "report_id"], ignore_index=True)
    rows = rows.assign(
        month=numbers(rows["reported_on"]),
        number=rows["incident_id"].fillna(rows["report_id"]),
        **{INCIDENTS: 1.0},
    )
    return rows.assign(excluded=_excluded(rows, months))


def _excluded(rows: pd.DataFrame, months: Months) -> pd.Series:
    """Why a form is not compared: one reason each, the first that holds. Of the forms about one
    incident the first one counts."""
    why = pd.Series("", index=rows.index)
    why = why.mask(rows["month"].isin(months.events), "short_event")
    why = why.mask(rows["month"].isin(months.coming), "while_it_came")
    why = why.mask(rows["number"].duplicated(), "another_form")
    inside = rows["month"].between(months.first, months.last)
    return why.mask(~inside, "outside_the_period")


def _held(table: pd.DataFrame) -> pd.DataFrame:
    """People held by site, month (its number) and broad group."""
    rows = _grouped(table).assign(month=numbers(table["month"]))
    rows = rows.assign(ethnic_group=rows["ethnic_group"].astype(str))
    return rows.groupby(HELD, as_index=False)["people"].sum()
