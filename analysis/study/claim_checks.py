"""The checks that each claim of a record rests on: which the design names, and whether they were
passed.

`passed` is True, False, or None where the check was not run: a claim is lowered by None as it is by
False.
"""

from collections.abc import Iterable, Mapping

from analysis.errors import RunError
from analysis.judgement.pools.pooling import Pooled
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.record.record import Record, RecordedCheck, RestsOn
from analysis.results import EVERYONE, CheckResult
from analysis.study.declared import refuse_unknown_check

Ran = Mapping[str, Mapping[str, bool | None]]  # outcome -> id of the check -> was it passed


def in_place(plan: Plan, checks: Iterable[RecordedCheck | CheckResult]) -> Ran:
    """The named checks of each outcome in one place, from the checks of its record.

    RunError E242 where a check is none of a pilot: what nobody knows cannot be weighed, and is not
    passed over.
    """
    for check in checks:
        refuse_unknown_check(plan, check.id)
    found = {check.id: check.passed for check in checks}
    return {o.id: {name: found.get(name) for name in plan.checks_of(o)} for o in plan.compared}


def check_declared(plan: Plan, checks: Iterable[CheckResult]) -> None:
    """What each check says it bears on is what the design rests its claims on. RunError E242, E243.

    Where there is nobody to compare with no claim rests on anything.
    """
    named = {name for outcome in plan.compared for name in plan.checks_of(outcome)}
    for check in checks:
        refuse_unknown_check(plan, check.id)
        if named and (check.bears_on == "claim") != (check.id in named):
            rests = "rests" if check.id in named else "does not rest"
            text = (
                f"{plan.study}: the check `{check.id}` bears on {check.bears_on}, and the claim"
                f" {rests} on it."
            )
            raise RunError("E243", text, remedy=f"The claim rests on {', '.join(sorted(named))}.")


def over_places(plan: Plan, shown: Mapping[str, Record], pools: Mapping[tuple, object]) -> Ran:
    """The same for places put together: passed where the places that passed carry more than half of
    the answer.

    Only places in the pool carry it, each by its weight there. A place without the check did not
    pass it.
    """
    kind, own = (
        kind_of(plan),
        {place: in_place(plan, record.checks) for place, record in shown.items()},
    )
    ran = {}
    for outcome in plan.compared:
        pooled = pools.get((outcome.id, kind.estimand, EVERYONE, kind.method))
        weights = {p.place: p.weight for p in pooled.places} if isinstance(pooled, Pooled) else {}
        ran[outcome.id] = {
            name: _carried({place: own[place][outcome.id][name] for place in weights}, weights)
            for name in plan.checks_of(outcome)
        }
    return ran


def _carried(passed: Mapping[str, bool | None], weights: Mapping[str, float]) -> bool | None:
    if all(state is None for state in passed.values()):
        return None
    return 2 * sum(weights[place] for place, state in passed.items() if state) > sum(
        weights.values()
    )


def as_listed(ran: Ran) -> tuple[RestsOn, ...]:
    """As a record carries them: one entry for each outcome and check."""
    return tuple(
        RestsOn(outcome, name, passed)
        for outcome, checks in ran.items()
        for name, passed in checks.items()
    )


def listed_in(record: Record) -> Ran:
    """The same from a record that carries them."""
    if record.claim_rests_on is None:
        raise ValueError(f"the record of {record.region} is not set beside the others yet")
    ran: dict[str, dict] = {}
    for entry in record.claim_rests_on:
        ran.setdefault(entry.outcome, {})[entry.check] = entry.passed
    return ran
