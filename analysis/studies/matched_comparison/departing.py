"""A matched comparison asked otherwise than its plan asks: other characteristics allowed for, or
some of the people. Exact and private, and never in a record."""

from collections.abc import Mapping
from dataclasses import replace

from analysis.extracts.tables.pilots.programme_tables import PROGRAMMES
from analysis.plans.plan import Plan
from analysis.sections.showing import Shown
from analysis.studies.matched_comparison.offers import COVARIATES
from analysis.study.departing import allowed_values, chosen, refuse_small_choices

GROUP = "ethnic_group"
COLUMNS = ("sex", "age_band", "sentence_type")
TABLE = "programme_cohort"


def adjustable(shown: Shown) -> tuple[str, ...]:
    """Characteristics that are recorded before anyone starts."""
    return COVARIATES


def filters(shown: Shown) -> Mapping[str, tuple[str, ...]]:
    """Columns by which people can be chosen, with the values that the contract lists."""
    found = {GROUP: tuple(shown.study.groups), "programme": PROGRAMMES}
    return found | {name: allowed_values(TABLE, name) for name in COLUMNS}


def departed(shown: Shown, plan: Plan, where: Mapping[str, tuple[str, ...]] | None) -> Shown:
    """The same place, worked out anew by `plan` on the people whom `where` leaves.

    ParameterError E247 where a choice by these columns could tell of a few people.
    """
    study = shown.study
    everyone = study.everyone
    if where is not None:
        refuse_small_choices(study.compared_people, tuple(where), clearance=study.clearance)
        everyone = everyone[chosen(everyone, where)].reset_index(drop=True)
    return replace(shown, plan=plan, study=replace(study, plan=plan, everyone=everyone))
