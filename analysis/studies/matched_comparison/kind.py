"""A matched comparison in the manner of the Justice Data Lab: people who started a programme beside
people like them who did not."""

from analysis.plans.designs import Check, Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

MAIN, ESTIMAND = "radius_matching", "programme_effect"
OUTSIDE, NARROW = f"{MAIN}_outside_only", f"{MAIN}_half_the_caliper"
DOUBLY_ROBUST, HAZARD, COMPLETED = "weighted_regression", "cox", f"{MAIN}_of_completers"
ONE, OVER = "one_programme", "over_programmes"
TOGETHER, PACE = "programmes_together", "reoffence_pace"
BALANCE, OVERLAP, LOST = "balance", "overlap", "not_matched"
_CHECKS = (BALANCE, OVERLAP, LOST, "response")
_OWN = (
    Check(OVERLAP, "those who started had people like them among those who did not"),
    Check(LOST, "hardly anyone who started was left without people like them"),
)
_LIKELY = Ground("likely", _CHECKS, _OWN)

KIND = Kind(
    notebooks=("accredited_programmes",),
    shows="analysis.studies.matched_comparison.view:SHOWS",
    service="programmes",
    estimand=ESTIMAND,
    method=MAIN,
    by_group=("group_effect", MAIN),
    pooled=((ESTIMAND, MAIN), ("group_effect", MAIN)),
    clusters_are_people=True,  # errors follow persons: their number is one of people
    gaps=True,
    estimands={
        ESTIMAND: Estimand("Started less people like them"),
        PACE: Estimand("Pace of first reoffences, started beside others"),
        "completers": Estimand("Completed less people like them who did not start"),
        "naive_difference": Estimand("Started less others, nothing held alike"),
        ONE: Estimand("One programme", of_arms=Method("programme by programme", "everything")),
        OVER: Estimand("Programmes put together"),
    },
    methods={
        MAIN: Method("main: like with like by radius matching", "everything"),
        OUTSIDE: Method("main, without what the service itself decides", "outside"),
        NARROW: Method("main, with half the distance allowed", "everything"),
        COMPLETED: Method("those who completed alone, like with like", "everything"),
        DOUBLY_ROBUST: Method("weighting and a model of the outcome (doubly robust)", "everything"),
        HAZARD: Method("Cox regression, time to the first reoffence", "everything"),
        TOGETHER: Method("random effects over programmes", "everything"),
        "groups_matched_apart": Method("each group matched within itself", "everything"),
    },
    tells={
        "enough_matched": Tells("enough people are matched"),
        "groups_alike": Tells("the effect is the same in every ethnic group", "outcome"),
    },
    excluded="analysis.extracts.frames.reoffending:EXCLUSION_REASONS",
    designs={
        "matched_comparison": Design(
            "people who took part beside people like them who did not",
            ("person", "candidate", "employee", "manager"),
            {"by_choice": _LIKELY, "by_need": _LIKELY},
            adjusts=True,
            planned="people",
        )
    },
    hangs_together="analysis.study.all_places:all_is_the_sum",
    offers="analysis.studies.matched_comparison.offers:offers",
    study="analysis.studies.matched_comparison.opening:open_matched",
    explores="analysis.studies.matched_comparison.explored:rows",
    sampled="analysis.studies.matched_comparison.sampled:people",
)
