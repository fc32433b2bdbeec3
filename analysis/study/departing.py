"""What every study asks before it is worked out otherwise than its plan says."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.disclosure.rules import Clearance, is_small, load_rules
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
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    adjust: tuple[str, ...] | None,
    reference: str | None = None,
) -> Plan:
    """The plan with other characteristics allowed for, another group that the others stand beside,
    and every design worked out for each of `outcomes`."""
    asked = {outcome.id for outcome in outcomes}
    changed = tuple(
        o.model_copy(update={"role": "primary"}) if o.compared and o.id in asked else o
        for o in plan.outcomes
    )
    leading = next((o.id for o in outcomes if o.compared), plan.leading)
    update: dict[str, object] = {"outcomes": changed, "leading": leading}
    if adjust is not None:
        update["adjust_for"] = AdjustFor(outside=adjust, service_decided=())
    if reference is not None:
        update["groups"] = plan.groups.model_copy(update={"reference": reference})
    return plan.model_copy(update=update)


def chosen(people: pd.DataFrame, where: Mapping[str, tuple[str, ...]]) -> pd.Series:
    """Rows of `people` that have one of the values in every column of `where` (boolean)."""
    kept = pd.Series(True, index=people.index)
    for column, values in where.items():
        kept &= people[column].isin(values)
    return kept


def refuse_small_choices(
    people: pd.DataFrame, columns: Sequence[str], *, clearance: Clearance
) -> None:
    """Nobody can be told by setting two choices beside each other: every crossing of the columns
    holds none of the people compared, or enough to be shown (rules S1, S4), so that any two
    choices by them differ by none or by enough. ParameterError E247."""
    if clearance.public:
        return
    sizes = people.groupby(list(columns), dropna=False, observed=True).size()
    if any(is_small(int(n), load_rules()) for n in sizes):
        named = " and ".join(column.replace("_", " ") for column in columns)
        raise ParameterError(
            "E247",
            f"where: some values of {named} hold too few of the people compared: two choices set"
            " beside each other would tell of them.",
            remedy="Choose by fewer columns, or ask for all places together.",
        )
