"""A trial: sites that a lot drew to start, beside sites that wait."""

from analysis.plans.designs import Design, Ground
from analysis.plans.kinds import Kind

_TRIAL = Ground(
    "caused", ("randomisation", "lost_rows", "uptake", "contamination", "response", "attrition")
)
_SITES = ("site", "prison")

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
            "a trial of sites that start and sites that wait", _SITES, {"by_lot": _TRIAL}, arms=2
        ),
        "three_arm_trial": Design(
            "a trial of sites in three arms", _SITES, {"by_lot": _TRIAL}, arms=3
        ),
    },
    offers="analysis.studies.trial.offers:offers",
    study="analysis.studies.trial.study:open_trial",
)
