"""A funnel of selection: who comes how far, before and after an offer to some, or counted alone.

`change_of_a_gap`: an offer is made from one date on to internal candidates of all regions, so that
one analysis of all regions answers and a region describes. The plan names the day on which it
began in `data: from`; so many quarters before are set beside it (webinars.QUARTERS_BEFORE).
`counts_of_vacancies`: nothing is compared; a share has its exact interval. The plan names the
regions that take part in `comparison: arms`.
"""

from analysis.plans.designs import Check, Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

METHOD = "periods_apart"
EARLIER = Check("earlier_stages", "stages before the offer did not change with it")
_CHECKS = ("pre_trend", "placebo_start", EARLIER.id)
_BESIDE = Ground("likely", _CHECKS, own=(EARLIER,))

KIND = Kind(
    notebooks=("selection_funnel",),
    shows="analysis.studies.selection_funnel.view:SHOWS",
    service="selection",
    estimand="change_beside_others",
    method=METHOD,
    by_group=("group_effect", METHOD),
    estimands={
        "change_beside_others": Estimand("Compared with others"),
        "group_effect": Estimand("Change of internal candidates beside external ones"),
        "naive_difference": Estimand("Naive difference"),
    },
    methods={
        METHOD: Method("main: quarter by quarter, errors from their scatter", "held_alike"),
        "periods_alike": Method("main, every quarter counting the same", "held_alike"),
        "clustered": Method("main, errors clustered on candidates", "held_alike"),
        "clustered_recorded": Method("the same, allowing for what is recorded of them", "recorded"),
        "unrecorded_as_white": Method(
            "main, those without an ethnic group counted as White", "held_alike"
        ),
        "unrecorded_as_minority": Method(
            "main, those without an ethnic group counted as minority ethnic", "held_alike"
        ),
        "attended_less_did_not": Method("naive: those who attended less those who stayed away"),
        "before_and_after": Method("naive: minority ethnic internal candidates, since less before"),
        "exact": Method("share with its exact interval"),
        "exact_open_counted": Method("naive: vacancies still open counted as not filled"),
    },
    tells={
        "own_sites": Tells("whether the place takes part"),
        "declared": Tells("of how many an ethnic group is recorded"),
    },
    excluded={
        "outside_the_period": "applied outside the periods that are compared",
        "no_ethnic_group": "no ethnic group is recorded",
        "advertised_earlier_or_later": "advertised outside the period",
        "not_opened": "not opened to people with lived experience",
        "still_open": "recruitment has not ended",
    },
    designs={
        "change_of_a_gap": Design(
            "a gap before and after, beside people without the offer",
            ("nation",),
            {"by_choice": _BESIDE, "by_need": _BESIDE},
            planned="gap",
        ),
        "counts_of_vacancies": Design("vacancies counted, without a comparison", ("region",), {}),
    },
    hangs_together="analysis.study.all_places:all_is_the_sum",
    offers="analysis.studies.selection_funnel.offers:offers",
    study="analysis.studies.selection_funnel.opening:open_selection",
    explores="analysis.studies.selection_funnel.explored:rows",
    page="analysis.studies.selection_funnel.page:PAGE",
)
