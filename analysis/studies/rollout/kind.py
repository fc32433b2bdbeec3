"""A roll-out: courts that start in steps, beside courts of their region that have not started."""

from analysis.plans.designs import Design, Ground
from analysis.plans.kinds import Kind

_TRENDS = ("lost_rows", "pre_trend", "parallel_trends_breakdown")
# A court that starts because it is bad gets better by itself: the leads alone do not see it.
_CHOSEN_BY_NEED = ("placebo_start", "same_starting_level", "regression_to_the_mean", "bases_agree")

KIND = Kind(
    notebooks=("psr_quality",),
    shows="analysis.studies.rollout.view:SHOWS",
    service="courts",
    estimand="average_effect",
    method="imputation_permutation",
    by_group=("group_effect", "imputation_quarters"),
    gaps=True,
    designs={
        "staggered_sites": Design(
            "sites that start in steps",
            ("site", "prison"),
            {
                # Leads are nil in every order of start that a lot could have drawn: the check of
                # the order of start.
                "by_lot": Ground("caused", ("lost_rows", "pre_trend", "response")),
                "by_choice": Ground("likely", (*_TRENDS, "bases_agree", "response")),
                "by_need": Ground("likely", (*_TRENDS, *_CHOSEN_BY_NEED, "response")),
            },
        )
    },
    offers="analysis.studies.rollout.offers:offers",
    study="analysis.studies.rollout.study:open_psr",
)
