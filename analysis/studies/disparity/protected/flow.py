"""The flow of people of a record, cleared and noted: who is in the data, who is used, who is left
out and why."""

from collections.abc import Mapping

from analysis.disclosure.attack.known import total
from analysis.disclosure.attack.noted import note, note_listed, note_relations
from analysis.disclosure.suppression import OTHER_REASONS, cleared_flow
from analysis.plans.monitor import Monitor
from analysis.studies.disparity.protected.names import KNOWN, NEWEST, At, column

WHERE = "the flow of people in the record"


def flow_of(
    plan: Monitor,
    place: str,
    people: Mapping,
    *,
    public: bool,
    hidden: frozenset[str],
) -> dict:
    """n_in, n_used and excluded as they may leave, less what the joint decision withholds; empty
    where the counts were published before.

    people: the same, exact.
    """
    if public:
        return {}
    flow = cleared_flow(people["n_in"], people["n_used"], people["excluded"])
    exact = {"n_in": people["n_in"], "n_used": people["n_used"], **people["excluded"]}
    merged = [reason for reason in people["excluded"] if reason not in flow["excluded"]]
    if OTHER_REASONS in flow["excluded"]:
        exact[OTHER_REASONS] = sum(people["excluded"][reason] for reason in merged)
    names = {name: flow_name(plan, place, name) for name in exact}
    found = _without(flow, names, hidden)
    shown = {**found["excluded"], "n_in": found["n_in"], "n_used": found["n_used"]}
    for name, number in exact.items():
        listed = name in flow["excluded"] and name != OTHER_REASONS
        (note_listed if listed else note)(names[name], number, shown.get(name), where=WHERE)
    parts = [names["n_used"], *(names[reason] for reason in people["excluded"])]
    note_relations([total(names["n_in"], parts, "people are used, or left out for one reason")])
    if OTHER_REASONS in exact:
        parts = [names[reason] for reason in merged]
        note_relations([total(names[OTHER_REASONS], parts, "other reasons are these together")])
    return found


def flow_name(plan: Monitor, place: str, name: str) -> str:
    """The name of a number of the flow: n_in, n_used, or a reason."""
    group = {"n_in": "", "n_used": KNOWN}.get(name, name)
    leading = plan.measures[0]
    return At(place, NEWEST).name(column(leading, leading.of), group)


def _without(flow: Mapping, names: Mapping[str, str], hidden: frozenset[str]) -> dict:
    """The flow less what is hidden. N in goes with any other number that is withheld, since what is
    left of it would be that number."""
    excluded = {
        reason: None if names[reason] in hidden else people
        for reason, people in flow["excluded"].items()
    }
    n_used = None if names["n_used"] in hidden else flow["n_used"]
    told = n_used is not None and None not in excluded.values()
    n_in = flow["n_in"] if told and names["n_in"] not in hidden else None
    return {"n_in": n_in, "n_used": n_used, "excluded": excluded}
