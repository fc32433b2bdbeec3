"""A roll-out: courts that start in steps, beside courts of their region that have not started."""

from analysis.plans.designs import Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

_TRENDS = ("lost_rows", "pre_trend", "parallel_trends_breakdown")
# A court that starts because it is bad gets better by itself: the leads alone do not see it.
_CHOSEN_BY_NEED = ("placebo_start", "same_starting_level", "regression_to_the_mean", "bases_agree")
METHODS = {
    "imputation_permutation": Method(
        "main: within the region, by imputation, start dates permuted", "held_alike"
    ),
    "imputation_quarters": Method("within the region, by imputation and quarter", "by_quarter"),
    "group_time_permutation": Method(
        "measured from the three months before the start, courts alike", "units_alike"
    ),
    "triple_difference": Method(
        "gap between two groups at the same courts, by quarter", "by_quarter"
    ),
    "same_starting_level": Method(
        "beside courts that had the same level before the start", "units_alike"
    ),
    "base_one_month": Method(
        "measured from the one month before the start, courts alike", "units_alike"
    ),
    "base_six_months": Method(
        "measured from the six months before the start, courts alike", "units_alike"
    ),
    "group_time_clustered": Method(
        "group-time effects, courts alike, errors clustered on court", "units_alike"
    ),
    "imputation": Method("by imputation, courts alike, errors clustered on court", "units_alike"),
    "sun_abraham": Method("by Sun and Abraham, courts alike", "units_alike"),
    "two_way_fixed_effects": Method("contrast only: two-way fixed effects", "units_alike"),
    "oaxaca_blinder_gap": Method("the whole gap"),
    "oaxaca_blinder_endowments": Method("what the groups are made up of"),
    "oaxaca_blinder_coefficients": Method("what the same characteristics go along with"),
    "oaxaca_blinder_interaction": Method("both at once"),
}

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
            planned="steps",
        )
    },
    estimands={
        "average_effect": Estimand("Effect after the start"),
        "gap_part": Estimand("Part of the gap between two groups"),
    },
    methods=METHODS,
    tells={"own_sites": Tells("how many sites of its own the place has")},
    excluded="analysis.studies.rollout.tables:EXCLUSION_REASONS",
    hangs_together="analysis.study.all_places:all_is_the_sum",
    offers="analysis.studies.rollout.offers:offers",
    study="analysis.studies.rollout.study:open_psr",
    explores="analysis.studies.rollout.explored:rows",
    sampled="analysis.studies.rollout.sampled:people",
)
