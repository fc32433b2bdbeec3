"""Matching: people beside others of the same office and period whose practitioner is of another
ethnic group."""

from analysis.plans.designs import Design, Ground
from analysis.plans.kinds import Kind

_CHECKS = ("declaration", "lost_rows", "balance", "response")
MAIN = "cells_by_person_group"

KIND = Kind(
    notebooks=("ethnic_matching",),
    shows="analysis.studies.matching.view:SHOWS",
    service="supervision",
    estimand="matching_effect",
    method=MAIN,
    by_group=("own_group_gap", "within_cells"),
    pooled=(
        ("matching_effect", MAIN),
        ("own_group_gap", "within_cells"),
        ("gap_difference", "joint_within_cells"),
    ),
    clusters_are_people=True,
    gaps=True,
    designs={
        "assignment_of_practitioners": Design(
            "assignment of people to practitioners",
            ("dyad", "class"),
            {
                "by_lot": Ground("caused", ("randomisation", *_CHECKS)),
                "by_choice": Ground("likely", _CHECKS),
                "by_need": Ground("likely", _CHECKS),
            },
            exposure=True,
            adjusts=True,
        )
    },
    offers="analysis.studies.matching.offers:offers",
    opens="analysis.studies.matching.opening:open_matching",
    study="analysis.studies.matching.opening:matching_of_tables",
)
