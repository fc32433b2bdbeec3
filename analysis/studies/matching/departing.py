"""The matching study asked otherwise than its plan asks: other characteristics allowed for, some
of the people, another design of the same estimator. Exact and private, and never in a record."""

from collections.abc import Mapping
from dataclasses import replace

from analysis.plans.plan import Plan
from analysis.sections.showing import Shown
from analysis.study.departing import allowed_values, chosen, refuse_small_choices

GROUP = "person_group"
TABLE = "people_on_probation"


def adjustable(shown: Shown) -> tuple[str, ...]:
    """Characteristics that are recorded of the people."""
    return tuple(shown.study.dyads.covariates)


def filters(shown: Shown) -> Mapping[str, tuple[str, ...]]:
    """Columns by which people can be chosen, with the values that the contract lists."""
    found = {GROUP: shown.study.groups}
    for name in shown.study.dyads.covariates:
        found[name] = allowed_values(TABLE, name) or _recorded(shown, name)
    return found


def _recorded(shown: Shown, name: str) -> tuple[str, ...]:
    """Values of public data, which have no contract; of other data none are named."""
    if not shown.public:
        return ()
    return tuple(sorted(shown.study.everyone[name].dropna().astype("str").unique()))


def departed(shown: Shown, plan: Plan, where: Mapping[str, tuple[str, ...]] | None) -> Shown:
    """The same place, worked out anew by `plan` on the people whom `where` leaves.

    ParameterError E247 where a choice by these columns could tell of a few people.
    """
    dyads, study = shown.study.dyads, shown.study
    if where is not None:
        refuse_small_choices(study.compared_people, tuple(where), clearance=study.clearance)
        frame = dyads.frame
        dyads = replace(dyads, _frame=frame[chosen(frame, where)].reset_index(drop=True))
    asked = replace(study, plan=plan, dyads=dyads)
    return replace(shown, plan=plan, study=asked)
