"""The training trial asked otherwise than its plan asks: recorded characteristics in the model, or
some of the people. Exact and private, and never in a record."""

from collections.abc import Mapping
from dataclasses import replace

from analysis.extracts.frames.trial_people import TrialPeople
from analysis.plans.plan import Plan
from analysis.sections.showing import Shown
from analysis.study.departing import allowed_values, chosen, refuse_small_choices

GROUP = "ethnic_group"
COLUMNS = ("sex", "age_band")  # recorded of managers and of staff alike
TABLE = "managers"


def adjustable(shown: Shown) -> tuple[str, ...]:
    """Characteristics that are recorded of managers and staff before the start."""
    return (GROUP, *COLUMNS)


def filters(shown: Shown) -> Mapping[str, tuple[str, ...]]:
    """Columns by which people can be chosen, with the values that the contract lists."""
    return {GROUP: shown.study.groups} | {name: allowed_values(TABLE, name) for name in COLUMNS}


def departed(shown: Shown, plan: Plan, where: Mapping[str, tuple[str, ...]] | None) -> Shown:
    """The same place, worked out anew by `plan` on the people whom `where` leaves: managers, staff
    who rate and staff in post each for themselves. Sites stay, so that the lot stays what it was.

    ParameterError E247 where a choice by these columns could tell of a few people.
    """
    study = shown.study
    people = study.people
    if where is not None:
        frames = (people.managers, people.ratings, people.in_post)
        for frame in frames:
            compared = frame[frame["excluded"] == ""]
            refuse_small_choices(compared, tuple(where), clearance=study.clearance)
        people = TrialPeople(
            *(f[chosen(f, where)].reset_index(drop=True) for f in frames), people.sites
        )
    adjust = plan.adjust_for.outside
    asked = replace(study, plan=plan, people=people, adjust=adjust)
    return replace(shown, plan=plan, study=asked)
