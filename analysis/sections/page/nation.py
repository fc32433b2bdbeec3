"""The one page of the nation: which of its two answers leads and why, and what stands in the place
of the other's page.

Where a plan has all places analysed at once (`also_all`), that analysis leads, and the places put
together from their own estimates are a second look; else the places put together are the answer.
Both share one page.
"""

from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.plans.study_plan import StudyPlan
from analysis.sections.page.block import page_of
from analysis.vocabulary.regions import RESERVED, place_set


def place_name(plan: StudyPlan, place: str) -> str:
    """The name of a place on pages; of the nation that of all places: "All regions"."""
    kind = place_set(plan.data.places)
    return kind.together if place in RESERVED else kind.name(place)


def leads_line(plan: Plan) -> str:
    """Which answer leads the page of the nation and why; empty where there is only one to give."""
    kind = place_set(plan.data.places)
    if not kind.ids:
        return ""
    if not plan.data.also_all:
        return (
            f"The {kind.many} put together from their own estimates lead this page, since the plan"
            f" asks for an estimate in each {kind.one}; no analysis of all at once is made."
        )
    if kind_of(plan).pooled:
        return (
            f"One analysis of all {kind.many} at once leads this page, since it uses everyone in"
            f" the data; the {kind.many} put together from their own estimates are a second look."
        )
    if plan.comparison.assigned == "nation":
        return (
            f"One analysis of all {kind.many} at once leads this page, since"
            f" {plan.words.programme} came to all of them on the same date."
        )
    return (
        f"One analysis of all {kind.many} at once leads this page, since one {kind.one} alone has"
        f" too few {plan.comparison.assigned_units.lower()} for an estimate to be put together with"
        " others."
    )


def whole_title(plan: StudyPlan) -> str:
    """The heading over the folds of the analysis of all places at once."""
    return f"{place_set(plan.data.places).together}{page_of(plan).whole}"
