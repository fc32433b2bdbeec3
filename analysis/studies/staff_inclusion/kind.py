"""Programmes of staff inclusion: repeated anonymous surveys at sites that asked for a programme and
start one after the other.

Each site is set beside the sites of its own region that asked for the programme as well and still
wait: sites that never asked are not compared, since sites ask for a programme when their climate
improves already. Waves are repeated cross-sections of whoever is in post. Before any effect: who
answered, whether the questions of a scale hang together and work alike in each ethnic group, and
whether as many staff had left on either side.
"""

from analysis.plans.designs import Check, Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

MAIN, GAP = "imputation_waves", "gap_between_groups"
WEIGHTED, WORST = "answered_like_asked", "whatever_they_would_say"
EFFECT, BEFORE_AFTER, ASKED_OR_NOT = "average_effect", "before_after", "asked_less_others"
COMPOSITION = Check("composition", "about as many staff had left on either side")
ALIKE = Check(
    "questions_alike",
    "the questions work alike in each ethnic group",
    "outcome",
    survey=True,
    not_of=("share",),
)
_CHECKS = ("pre_trend", "response", COMPOSITION.id, ALIKE.id)
_OWN = (COMPOSITION, ALIKE)
_LIKELY = Ground("likely", _CHECKS, _OWN)
METHODS = {
    MAIN: Method("main: within the region, by imputation, start dates permuted", "held_alike"),
    GAP: Method("gap between two groups at the same sites and waves", "held_alike"),
    "group_time_permutation": Method(
        "measured from the one wave before the start, each site alike", "held_alike"
    ),
    WEIGHTED: Method("main, with weights for those who did not answer", "held_alike"),
    WORST: Method("bounds, whatever those who did not answer would say", "held_alike"),
    "paired_sites": Method("naive: after the start less before it, site by site"),
    "two_kinds_of_sites": Method("naive: last wave, sites that asked less the others"),
}

KIND = Kind(
    notebooks=("staff_inclusion",),
    shows="analysis.studies.staff_inclusion.view:SHOWS",
    service="inclusion",
    estimand=EFFECT,
    method=MAIN,
    by_group=("group_effect", MAIN),
    gaps=True,
    designs={
        "staggered_waves": Design(
            "survey waves at sites that start in steps, beside sites that still wait",
            ("site",),
            {
                "by_lot": Ground("caused", _CHECKS, _OWN),
                "by_choice": _LIKELY,
                "by_need": _LIKELY,
            },
            planned="steps",
        )
    },
    estimands={
        EFFECT: Estimand("Effect after the start"),
        BEFORE_AFTER: Estimand("After less before, nothing held alike"),
        ASKED_OR_NOT: Estimand("Sites that asked less others, nothing held alike"),
    },
    methods=METHODS,
    tells={
        "own_sites": Tells("how many sites of its own the place has"),
        "reliability": Tells("how well the questions hang together", "outcome"),
        "weights": Tells("what weights for those who did not answer rest on", "outcome"),
    },
    excluded={
        "did_not_ask": "at a site that did not ask for the programme",
        "outside_the_period": "outside the time that is compared",
    },
    hangs_together="analysis.study.all_places:all_is_the_sum",
    offers="analysis.studies.staff_inclusion.offers:offers",
    study="analysis.studies.staff_inclusion.opening:open_inclusion",
    explores="analysis.studies.staff_inclusion.explored:rows",
    sampled="analysis.studies.staff_inclusion.sampled:people",
)
