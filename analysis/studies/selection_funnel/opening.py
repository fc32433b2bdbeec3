"""Opens a study of selection in one place from its tables: candidates, or vacancies."""

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.plans.plan import Plan
from analysis.studies.selection_funnel.vacancies import VacancyStudy
from analysis.studies.selection_funnel.webinars import QUARTERS_BEFORE, WebinarStudy
from analysis.study.offers import BROAD
from analysis.vocabulary.ethnicity import coding, crosswalk

VACANCIES = "counts_of_vacancies"
BEFORE = {"sifted_in": "candidates", "invited": "sifted_in", "passed": "invited"}
BEFORE |= {"appointed": "passed"}  # the stage that must be reached


def open_selection(
    plan: Plan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[WebinarStudy | VacancyStudy, None]:
    """The exact study. Nobody is followed, so that no day ends a follow-up."""
    if plan.comparison.design == VACANCIES:
        return VacancyStudy(plan, place, _vacancies(plan, opened["vacancies"]), hidden=hidden), None
    return WebinarStudy(plan, place, _candidates(plan, opened["candidates"]), hidden=hidden), None


def _candidates(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Candidates of the quarters compared, with the sides of the comparison."""
    start, end = pd.Timestamp(plan.data.from_), pd.Timestamp(plan.data.to)
    first = start - pd.DateOffset(months=3 * QUARTERS_BEFORE)
    group = crosswalk(table["ethnicity"], source=ETHNICITY_CODING, target=BROAD)
    known = group.isin(coding(BROAD).groups)
    excluded = pd.Series("", index=table.index).mask(~known, "no_ethnic_group")
    excluded = excluded.mask(~table["quarter"].between(first, end), "outside_the_period")
    stages = {
        stage: table[stage].astype(float).where(table[before] == 1)
        for stage, before in BEFORE.items()
    }
    sides = {
        "minority": (known & (group != plan.groups.reference)).astype(int),
        "internal": (table["route"] == "internal").astype(int),
        "since": (table["quarter"] >= start).astype(int),
    }
    return table.assign(ethnic_group=group, excluded=excluded, **stages, **sides)


def _vacancies(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Vacancies with the reason why one is not counted."""
    start, end = pd.Timestamp(plan.data.from_), pd.Timestamp(plan.data.to)
    excluded = pd.Series("", index=table.index).mask(table["ended"] == 0, "still_open")
    excluded = excluded.mask(table["opened"] == 0, "not_opened")
    outside = ~table["quarter"].between(start, end)
    return table.assign(
        excluded=excluded.mask(outside, "advertised_earlier_or_later"),
        lived_appointed=table["lived_appointed"].astype(float),
    )
