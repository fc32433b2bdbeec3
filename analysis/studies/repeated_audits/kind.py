"""Repeated audits of the whole nation: what a change on one date does to the items that it touches,
beside the items that it leaves alone.

The nation changed on one date, so that there is one series and no region to compare with: regions
show their own figures. The plan names in `comparison: events` when the change came (`start`), when
the measure itself changed (`instrument`), and what else happened (`rival`).
"""

from analysis.plans.designs import Check, Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

STILL, AGREEMENT = "untouched_still", "agreement"
_OWN = (
    Check(STILL, "the items that were left alone did not move at that date"),
    Check(AGREEMENT, "auditors agree on the items"),
)
_CHECKS = ("pre_trend", "placebo_start", STILL, AGREEMENT)
_LIKELY = Ground("likely", _CHECKS, _OWN)
MAIN = "difference_series"

KIND = Kind(
    notebooks=("assessment_quality",),
    shows="analysis.studies.repeated_audits.view:SHOWS",
    service="assessments",
    estimand="step",
    method=MAIN,
    by_group=("group_effect", MAIN),
    gaps=True,
    estimands={
        "step": Estimand("Step at the date"),
        "slope_change": Estimand("By how much faster it moved from then on, a fortnight"),
        "untouched_step": Estimand("Step of the items that were left alone"),
        "naive_difference": Estimand("Mean after less mean before"),
        "instrument_change": Estimand("Step where the audit instrument changed"),
    },
    methods={
        MAIN: Method("main: touched items less untouched items of the same audits", "held_alike"),
        "single_series": Method("touched items alone, as one series", "held_alike"),
        "untouched_series": Method("items that were left alone, as one series", "held_alike"),
        "local_level": Method("the same difference by a level that wanders", "held_alike"),
        "ordinal_ratings": Method("ratings of 1 to 4 by proportional odds", "held_alike"),
        "mean_equating": Method("equated by a bridging sample, one series", "held_alike"),
        "crude_means": Method("naive: change over time not allowed for"),
    },
    tells={"instrument_change": Tells("whether a change of the audit instrument can be told")},
    excluded={
        "old_instrument": "audited with the old instrument",
        "while_it_changed": "audited in the fortnights in which the change came",
        "outside_the_period": "audited outside the period of the plan",
    },
    designs={
        "interrupted_series": Design(
            "one series that a date interrupts, beside one that it does not touch",
            ("nation",),
            {"by_choice": _LIKELY, "by_need": _LIKELY},
            planned="series",
        )
    },
    hangs_together="analysis.study.all_places:all_is_the_sum",
    offers="analysis.studies.repeated_audits.offers:offers",
    study="analysis.studies.repeated_audits.opening:open_audits",
    explores="analysis.studies.repeated_audits.explored:rows",
)
