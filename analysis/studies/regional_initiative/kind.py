"""A regional initiative: one region with it, or few, beside all others, before and after it began.

A region differs from the others in more than one initiative, so that a difference is never more
than a link. The plan names the regions in `comparison: arms` and the day on which it began in
`data: from`; as long a time before that day is set beside it.
"""

from analysis.plans.designs import Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

_LINKED = Ground("linked", ("pre_trend",))

KIND = Kind(
    notebooks=("regional_initiative",),
    shows="analysis.studies.regional_initiative.view:SHOWS",
    service="workforce",
    estimand="change_beside_others",
    method="placebo_rank",
    by_group=("group_effect", "placebo_rank"),
    estimands={"change_beside_others": Estimand("Change beside that of the other regions")},
    methods={
        "placebo_rank": Method(
            "main: change of the region beside that of the others, by rank", "held_alike"
        )
    },
    tells={"own_sites": Tells("whether the place has the initiative")},
    excluded={"outside_the_period": "applied outside the two periods that are compared"},
    designs={
        "few_regions": Design(
            "one region, or few, beside all others",
            ("region",),
            {"by_choice": _LINKED, "by_need": _LINKED},
        )
    },
    hangs_together="analysis.study.all_places:all_is_the_sum",
    offers="analysis.studies.regional_initiative.offers:offers",
    study="analysis.studies.regional_initiative.study:open_regional",
)
