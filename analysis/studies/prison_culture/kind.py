"""Programmes in prisons that start in steps: prisons that started beside prisons of their region
that had not, or never did.

One design for four programmes, each with a plan and data of its own. Where prisons were chosen
because they were worst, they get better by themselves; the checks of a choice by need say how much
that could be. What goes along with fair treatment is for the analyst alone.
"""

from analysis.plans.designs import Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

_TRENDS = ("lost_rows", "pre_trend", "parallel_trends_breakdown")
_CHOSEN_BY_NEED = ("placebo_start", "same_starting_level", "regression_to_the_mean", "bases_agree")
# Outcomes of people in prison, each a column of prison_stays or made of one (opening.py).
SHARES = (
    "force_used",
    "review_good",
    "complaint_good",
    "reported",
    "enhanced",
    "took_up",
)
ANSWERS = ("felt_well",)  # shares of those who answered
FAIR = "fair_treatment"
INCIDENTS, RATIO, BEFORE_AFTER = "incidents_by_time", "poisson_imputation", "before_and_after"
DATES, DOSE = "start_dates_permuted", "dose_of_staff"
GAP_BY_TIME, BY_LOT = "triple_difference_simple", "roth_santanna"
METHODS = {
    "imputation_permutation": Method(
        "main: within the region, by imputation, start dates permuted", "held_alike"
    ),
    "imputation_quarters": Method("within the group, the same way", "by_quarter"),
    "triple_difference": Method(
        "gap between two groups at the same prisons, by quarter", "by_quarter"
    ),
    "same_starting_level": Method(
        "beside prisons that had the same level before the start", "units_alike"
    ),
    "group_time_permutation": Method(
        "measured from the one quarter before the start, prisons alike", "units_alike"
    ),
    "base_two_quarters": Method(
        "measured from the two quarters before the start, prisons alike", "units_alike"
    ),
    "group_time_clustered": Method(
        "group-time effects, prisons alike, errors clustered on prison", "units_alike"
    ),
    DATES: Method("group-time effects, start dates permuted within regions", "units_alike"),
    "imputation": Method("by imputation, prisons alike, errors clustered on prison", "units_alike"),
    "sun_abraham": Method("by Sun and Abraham, prisons alike", "units_alike"),
    "two_way_fixed_effects": Method("contrast only: two-way fixed effects", "units_alike"),
    INCIDENTS: Method("every incident counted, by the time held", "held_alike"),
    RATIO: Method("incidents against those expected, prisons left out in turn", "held_alike"),
    BEFORE_AFTER: Method("naive: prisons that started, since the start less before"),
    DOSE: Method("one more member of staff trained (nobody drew how many)", "held_alike"),
    "through_fair_treatment": Method("part that goes along with fair treatment", "held_alike"),
    "beside_fair_treatment": Method("the rest", "held_alike"),
    "byar": Method("against people alike in ethnic group and sex at the other prisons"),
    "gamma": Method("at the make-up of the other prisons by ethnic group and sex"),
    GAP_BY_TIME: Method("gap by group-time effects, prisons alike", "units_alike"),
    BY_LOT: Method("efficient for a lot over the order of start", "units_alike"),
    "correlation_at_nil": Method("correlation at which that part is nil"),
    "correlation_at_interval": Method("correlation at which its interval first holds nil"),
}

KIND = Kind(
    notebooks=("prison_culture",),
    shows="analysis.studies.prison_culture.view:SHOWS",
    service="prison_culture",
    estimand="average_effect",
    method="imputation_permutation",
    by_group=("group_effect", "imputation_quarters"),
    gaps=True,
    ladder=True,
    designs={
        "staggered_prisons": Design(
            "prisons that start in steps",
            ("prison", "site"),
            {
                # leads are nil in every order of start that a lot could have drawn
                "by_lot": Ground("caused", ("lost_rows", "pre_trend", "response")),
                "by_choice": Ground("likely", (*_TRENDS, "bases_agree", "response")),
                "by_need": Ground("likely", (*_TRENDS, *_CHOSEN_BY_NEED, "response")),
            },
            planned="steps",
        )
    },
    estimands={
        "average_effect": Estimand("Effect after the start"),
        "naive_difference": Estimand("After less before or without it, nothing held alike"),
        "incidents": Estimand("Incidents for every 100 people and quarter"),
        "incident_ratio": Estimand("Incidents, times those expected"),
        "dose_trend": Estimand("One more member of staff trained"),
        "standardised_ratio": Estimand("Before any start, times the others"),
        "directly_standardised_rate": Estimand("Before any start, in prisons that start"),
        "mediated": Estimand("What goes along with fair treatment"),
    },
    methods=METHODS,
    tells={
        "could_show": Tells("what so many prisons could show"),
        "own_sites": Tells("how many prisons of its own the place has"),
        "spell_before": Tells("how prisons stood when they were chosen", "outcome"),
        "repeats": Tells("how many people met with force more than once"),
    },
    excluded={
        "held_in_part": "held for a part of the quarter only",
        "outside_the_period": "held outside the period of the plan",
    },
    hangs_together="analysis.study.all_places:all_is_the_sum",
    offers="analysis.studies.prison_culture.offers:offers",
    study="analysis.studies.prison_culture.opening:open_prisons",
    explores="analysis.studies.prison_culture.explored:rows",
    sampled="analysis.studies.prison_culture.sampled:people",
)
