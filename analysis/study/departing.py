"""What every study asks before it is worked out otherwise than its plan says."""

from collections.abc import Mapping

import pandas as pd

from analysis.disclosure.rules import is_small, load_rules
from analysis.errors import ParameterError
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.plan import Outcome, Plan
from analysis.plans.study_plan import AdjustFor


def allowed_values(table: str, column: str) -> tuple[str, ...]:
    """Values that the contract of a table lists for a column; none where it lists none."""
    contract = CONTRACTS[table]
    found = {c.name: c.allowed for c in contract.columns}
    return tuple(found.get(column, ()))


def plan_departed(
    plan: Plan, outcomes: tuple[Outcome, ...], adjust: tuple[str, ...] | None
) -> Plan:
    """The plan with other characteristics allowed for, and every design worked out for each of
    `outcomes`."""
    asked = {outcome.id for outcome in outcomes}
    changed = tuple(
        o.model_copy(update={"role": "primary"}) if o.compared and o.id in asked else o
        for o in plan.outcomes
    )
    leading = next((o.id for o in outcomes if o.compared), plan.leading)
    update = {"outcomes": changed, "leading": leading}
    if adjust is not None:
        update["adjust_for"] = AdjustFor(outside=adjust, service_decided=())
    return plan.model_copy(update=update)


def chosen(people: pd.DataFrame, where: Mapping[str, tuple[str, ...]]) -> pd.Series:
    """Rows of `people` that have one of the values in every column of `where` (boolean)."""
    kept = pd.Series(True, index=people.index)
    for column, values in where.items():
        kept &= people[column].isin(values)
    return kept


def complement_is_shown(kept: pd.Series, *, already_public: bool) -> None:
    """Nobody can be told by what a choice leaves out: the people compared whom it leaves out are
    none, or enough to be shown beside the others (rule S1). ParameterError E247.

    `kept`: of the people compared. Two choices that overlap are the caller's to keep apart: what
    leaves the kernel is a run's own notebook, and a run has no choices.
    """
    left_out = int((~kept).sum())
    if not already_public and left_out > 0 and is_small(left_out, load_rules()):
        raise ParameterError(
            "E247",
            "where leaves out too few of the people compared: beside the whole it would tell of"
            " them.",
            remedy="Choose fewer people, or all of them.",
        )
