"""Matching: people beside others of the same office and period whose practitioner is of another
ethnic group."""

from analysis.plans.designs import Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

_CHECKS = ("declaration", "lost_rows", "balance", "response")
MAIN = "cells_by_person_group"
METHODS = {
    MAIN: Method("main: within office and period, and own group", "everything"),
    f"{MAIN}_nothing_allowed_for": Method(
        "main, nothing recorded about the person allowed for", "held_alike"
    ),
    f"{MAIN}_outside_only": Method("main, without what the service itself decides", "outside"),
    f"{MAIN}_requests_left_out": Method("main, without people who asked for a match", "everything"),
    f"{MAIN}_two_way_clusters": Method("main, errors clustered on pupil too", "everything"),
    f"{MAIN}_clustered_sandwich": Method(
        "main, plain clustered errors (too small where few decide)", "everything"
    ),
    f"{MAIN}_lot_drawn_anew": Method(
        "main, tested by drawing the lot of practitioners anew", "everything"
    ),
    "practitioner_effects": Method("each practitioner compared with themselves", "practitioner"),
    "within_cells": Method("within office and period", "everything"),
    "joint_within_cells": Method("one model for all groups", "everything"),
    "radius_matching": Method("like with like by radius matching", "recorded"),
    "bounds_unknown_practitioners": Method(
        "bounds, whatever the unknown practitioners are", "held_alike"
    ),
}

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
            planned="dyads",
        )
    },
    estimands={
        "matching_effect": Estimand("Matching effect"),
        "own_group_gap": Estimand("Gap with a practitioner of the same group"),
    },
    methods=METHODS,
    tells={
        "reliability": Tells("the questions of the scale go together", "outcome"),
        "questions_alike": Tells("the questions work alike for every group", "outcome"),
    },
    excluded="analysis.extracts.frames.quality:EXCLUSION_REASONS",
    offers="analysis.studies.matching.offers:offers",
    opens="analysis.studies.matching.opening:open_matching",
    study="analysis.studies.matching.opening:matching_of_tables",
    explores="analysis.studies.matching.explored:rows",
    sampled="analysis.studies.matching.sampled:people",
)
