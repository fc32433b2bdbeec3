"""A list of commitments: what was promised, in which state it is, what bears on it."""

from analysis.plans.kinds import MONITORS, Kind

KIND = Kind(
    notebooks=("action_plan",),
    shows="analysis.studies.promises.view:SHOWS",
    service="published",
    estimand="share",
    method="count",
    folder=MONITORS,
    plan="analysis.plans.action_plan:ActionPlan",
    agrees="analysis.study.offers:action_plan_agrees",
    opens="analysis.studies.promises.study:open_documents",
    beside="analysis.studies.promises.beside:set_action_plan_beside",
    national="analysis.studies.promises.beside:ActionPlanNational",
    page="analysis.studies.promises.page:PAGE",
)
