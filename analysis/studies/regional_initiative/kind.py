"""A regional initiative: one region with it, or few regions or sites, beside all others, before and
after it began.

One region is set beside what the others lead one to expect (synthetic difference in differences)
and has a rank among them, never a p-value: the plan says so before any outcome is read. Few regions
or sites are compared by a permutation of units. A unit differs from the others in more than one
initiative, so that a difference is never more than a link.

The plan names the regions in `comparison: arms`, the day on which it began in `data: from`, and the
table that it counts in (`table`).
"""

from analysis.plans.designs import Check, Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

SYNTHETIC, PERMUTED, PLACEBO = "synthetic_did", "permutation_of_units", "placebo_change"
_FIT = Check(
    "fit_before", "the others, weighted, moved like it in the time before the start", "outcome"
)
_RANKED = Ground("linked", ("fit_before", "pre_trend"), (_FIT,))
_LINKED = Ground("linked", ("pre_trend",))
_ALIKE = "held_alike"
METHODS = {
    SYNTHETIC: Method("main: beside what the others, weighted, lead one to expect", _ALIKE),
    PERMUTED: Method("main: the change beside that of the others, places exchanged", _ALIKE),
    "synthetic_control": Method("beside the closest mix of the others", _ALIKE),
    "augmented_synthetic_control": Method(
        "beside the closest mix, corrected for what it leaves", _ALIKE
    ),
    "difference_in_differences": Method("beside all others alike", _ALIKE),
    "synthetic_did_of_few": Method(
        "beside what the others, weighted, lead one to expect, by rank", _ALIKE
    ),
    "leave_one_out": Method("main, with one of the others left out at a time", _ALIKE),
    "conformal": Method("by shifting months, if they are of one kind before and after", _ALIKE),
}

KIND = Kind(
    notebooks=("regional_initiative",),
    shows="analysis.studies.regional_initiative.view:SHOWS",
    estimand="change_beside_others",
    method=SYNTHETIC,
    by_group=("group_effect", SYNTHETIC),
    placebos=PLACEBO,
    estimands={
        "change_beside_others": Estimand("Change beside that of the others"),
        PLACEBO: Estimand(
            "Change of each place, with it or without",
            of_arms=Method("as if this place alone had it", _ALIKE),
        ),
    },
    methods=METHODS,
    tells={
        "own_sites": Tells("whether the place has the initiative"),
        "choices": Tells("what a comparison of so few places can show"),
    },
    excluded={
        "outside_the_period": "outside the time that is compared",
    },
    designs={
        "one_region": Design(
            "one region beside all others",
            ("region",),
            {"by_choice": _RANKED, "by_need": _RANKED},
            planned="rank",
        ),
        "few_regions": Design(
            "few regions beside all others",
            ("region",),
            {"by_choice": _LINKED, "by_need": _LINKED},
            leads=PERMUTED,
            planned="few_units",
        ),
        "few_sites": Design(
            "few sites beside all others",
            ("site",),
            {"by_choice": _LINKED, "by_need": _LINKED},
            leads=PERMUTED,
            planned="few_units",
        ),
    },
    hangs_together="analysis.study.all_places:all_is_the_sum",
    agrees="analysis.studies.regional_initiative.offers:agrees",
    offers="analysis.studies.regional_initiative.offers:offers",
    study="analysis.studies.regional_initiative.study:open_regional",
    explores="analysis.studies.regional_initiative.explored:rows",
)
