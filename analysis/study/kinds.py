"""What the studies that share a notebook have in common: whose tables they read, and which row
answers for an outcome."""

from dataclasses import dataclass

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.action_plan import ActionPlan
from analysis.plans.designs import OWN_NOTEBOOKS_RUN
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan

PUBLISHED = "published"  # counts of data/reference belong to no service
# The table of a service in which each row is a person or case that its studies count.
WHO = {
    "supervision": "people_on_probation",
    "courts": "sentenced_cases",
    "training": "managers",
    "caseload": "supervision_quarters",
    "prisons": "prisons",
    "workforce": "staff_quarters",
}


@dataclass(frozen=True)
class StudyKind:
    """service: whose tables are read. estimand, method: of the row (group `all`) that answers for
    an outcome.

    by_group: (estimand, method) of the rows that answer for one ethnic group; None: there are none.
    pooled: (estimand, method) of the rows that are put together over places. Empty: the places are
    not put together, and one analysis of all of them, the place `all`, leads (sites or courts were
    assigned, not people).
    clusters_are_people: the assigned units are practitioners, who are protected as people are
    (rules S1, S12).
    """

    service: str
    estimand: str
    method: str
    by_group: tuple[str, str] | None = None
    pooled: tuple[tuple[str, str], ...] = ()
    clusters_are_people: bool = False


KINDS = {
    "ethnic_matching": StudyKind(
        "supervision",
        "matching_effect",
        "cells_by_person_group",
        ("own_group_gap", "within_cells"),
        clusters_are_people=True,
        pooled=(
            ("matching_effect", "cells_by_person_group"),
            ("own_group_gap", "within_cells"),
            ("gap_difference", "joint_within_cells"),
        ),
    ),
    "psr_quality": StudyKind(
        "courts",
        "average_effect",
        "imputation_permutation",
        ("group_effect", "imputation_quarters"),
    ),
    "training_trial": StudyKind(
        "training", "intention_to_treat", "clustered", ("group_effect", "arm_by_group")
    ),
}


def kind_of(plan: Plan | Monitor) -> StudyKind:
    """The kind of a plan, by its notebook; a notebook of one's own counts people under supervision,
    as matching does.

    A monitor reads the tables of the service that its own table belongs to.
    """
    if isinstance(plan, ActionPlan):
        return StudyKind(PUBLISHED, "share", "count")
    if isinstance(plan, Monitor):
        contract = CONTRACTS.get(plan.table)
        return StudyKind(contract.service if contract else PUBLISHED, "relative_rate_index", "page")
    return KINDS.get(plan.notebook, KINDS[OWN_NOTEBOOKS_RUN])
