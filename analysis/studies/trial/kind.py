"""A trial: sites that a lot drew to start, beside sites that wait."""

from analysis.plans.designs import Design, Ground
from analysis.plans.emitted import Estimand, Method
from analysis.plans.kinds import Kind

_TRIAL = Ground(
    "caused", ("randomisation", "lost_rows", "uptake", "contamination", "response", "attrition")
)
_SITES = ("site", "prison")
_ALIKE = "alike_and_before"
METHODS = {
    "clustered": Method("main: as the lot drew the sites", _ALIKE),
    "permutation_of_sites": Method("means of sites, the lot drawn anew", _ALIKE),
    "clustered_cr2": Method(
        "main, with errors clustered on site (CR2) in place of the lot", _ALIKE
    ),
    "clustered_without_the_measure_before": Method(
        "main, without the measure before", "held_alike"
    ),
    "arm_by_group": Method("within each group, as the lot drew the sites", _ALIKE),
    "took_part_less_did_not": Method("naive: those who took part less those who did not"),
    "two_stage_least_squares": Method("of taking part in any of it", _ALIKE),
    "anderson_rubin": Method(
        "of taking part in any of it, interval right however weak the offer", _ALIKE
    ),
    "two_stage_least_squares_completion": Method(
        "of completing it (a bound: part-takers may gain too)", _ALIKE
    ),
    "lee_bounds": Method("what missing answers could hide, if the offer moved no one both ways"),
    "linear_trend": Method(
        "one tier further down the cascade (tiers were not drawn by lot)", "before"
    ),
}

KIND = Kind(
    notebooks=("training_trial",),
    shows="analysis.studies.trial.view:SHOWS",
    service="training",
    estimand="intention_to_treat",
    method="clustered",
    by_group=("group_effect", "arm_by_group"),
    gaps=True,
    ladder=True,
    designs={
        "wait_list_trial": Design(
            "a trial of sites that start and sites that wait",
            _SITES,
            {"by_lot": _TRIAL},
            arms=2,
            planned="clusters",
        ),
        "three_arm_trial": Design(
            "a trial of sites in three arms",
            _SITES,
            {"by_lot": _TRIAL},
            arms=3,
            planned="clusters",
        ),
    },
    estimands={
        "intention_to_treat": Estimand("Offered less not yet offered"),
        "complier_effect": Estimand("Effect on those whom the offer brought to it"),
        "arm_difference": Estimand(
            "Difference between two arms", of_arms=Method("arm by arm", "alike_and_before")
        ),
        "cost_per_unit": Estimand(
            "Cost of one unit of outcome", of_arms=Method("by Fieller", "alike_and_before")
        ),
        "dose_trend": Estimand("One tier further down the cascade"),
    },
    methods=METHODS,
    excluded="analysis.extracts.frames.trial_people:EXCLUSION_REASONS",
    hangs_together="analysis.study.all_places:all_is_the_sum",
    offers="analysis.studies.trial.offers:offers",
    study="analysis.studies.trial.study:open_trial",
    explores="analysis.studies.trial.explored:rows",
    sampled="analysis.studies.trial.sampled:people",
)
