"""A process monitor: what an action put out, and whom it reached.

Outputs are not outcomes: nothing is compared, so the kind has no design, and no row has a class.
Reach is distinct people in post over people in post; attendances, openings and entries of a
register are shown beside it as what they are.
"""

from analysis.plans.emitted import Tells
from analysis.plans.kinds import Kind

LEFT = "left"
DECLARED, COUNTED_TWICE, HELD = "declared", "counted_twice", "held"

KIND = Kind(
    notebooks=("process_monitor",),
    shows="analysis.studies.process_monitor.view:SHOWS",
    service="outputs",
    estimand="share",
    method="count",
    plan="analysis.plans.outputs_plan:OutputsPlan",
    tells={
        DECLARED: Tells("of how many staff an ethnic group is recorded"),
        COUNTED_TWICE: Tells("how often people are counted more than once", "measure"),
        HELD: Tells("how many planned events were held"),
    },
    excluded={LEFT: "had left by the last day of the period"},
    agrees="analysis.studies.process_monitor.offers:outputs_agree",
    hangs_together="analysis.study.all_places:all_is_the_sum",
    study="analysis.studies.process_monitor.opening:open_outputs",
    explores="analysis.studies.process_monitor.explored:rows",
    beside="analysis.studies.process_monitor.beside:set_outputs_beside",
    national="analysis.studies.process_monitor.beside:OutputsNational",
    page="analysis.studies.process_monitor.page:PAGE",
)
