"""What the tables of outputs offer a plan, and the check that a plan keeps to it."""

from collections.abc import Iterable

from analysis.extracts.tables.pilots.output_tables import ACTIONS
from analysis.plans.agreement.disagreement import Disagreement, raise_first, unknown
from analysis.plans.outputs_plan import OutputsPlan
from analysis.study.offers import BROAD

REGISTERED, REACHED, USED = "registered", "reached", "used"
OUTPUTS = (REGISTERED, REACHED, USED)
WHERE = "the tables of outputs"
NOT_RECORDED = "not recorded"  # of ethnic groups: whoever has none recorded, whatever the reason


def outputs_agree(plan: OutputsPlan) -> None:
    """Raise the first place where a plan counts what is not there. PlanError E237."""
    raise_first(plan, _disagreements(plan))


def _disagreements(plan: OutputsPlan) -> Iterable[Disagreement]:
    for at, output in enumerate(plan.outputs):
        yield from unknown([output.id], OUTPUTS, ("outputs", at, "id"), WHERE)
    yield from unknown([plan.groups.coding], [BROAD], ("groups", "coding"), WHERE)
    yield from unknown([plan.action], ACTIONS, ("data", "programme"), WHERE)
