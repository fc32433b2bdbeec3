"""The flow of people of a place, cleared and noted: in the data, compared, left out by reason."""

from collections.abc import Mapping

from analysis.disclosure.attack.known import key
from analysis.disclosure.attack.noted import note, note_listed, note_relations
from analysis.disclosure.named.names import sum_of
from analysis.disclosure.rules import Clearance
from analysis.disclosure.suppression import OTHER_REASONS, cleared_flow


def released_flow(
    n_in: int, n_used: int, excluded: Mapping[str, int], *, place: str, clearance: Clearance
) -> dict:
    """As `cleared_flow`, and nothing that the joint decision withholds."""
    flow = cleared_flow(n_in, n_used, excluded)

    def named(count: str) -> str:
        return key(place=place, count=count)

    def shown(count: str, number: int | None) -> int | None:
        return None if named(count) in clearance.hidden else number

    where = "who is in the data, and who is compared"
    for count, exact in (("n_in", n_in), ("n_used", n_used)):
        flow[count] = shown(count, flow[count])
        note(named(count), exact, flow[count], where=where)
    reasons = {r: shown(f"excluded:{r}", n) for r, n in flow["excluded"].items()}
    for reason, exact in excluded.items():
        noting = note_listed if reason in reasons else note
        noting(named(f"excluded:{reason}"), exact, reasons.get(reason), where=where)
    if not excluded:  # "nobody is left out": a table says it, and it is no small number of people
        note(named("excluded"), 0, 0, structural=True, where=where)
    names = [named(f"excluded:{reason}") for reason in excluded]
    note_relations([sum_of(named("n_in"), [named("n_used"), *names], "compared or left out")])
    if OTHER_REASONS in reasons:
        merged = [r for r, n in excluded.items() if r not in reasons and n]
        together, exact = named(f"excluded:{OTHER_REASONS}"), sum(excluded[r] for r in merged)
        note(together, exact, reasons[OTHER_REASONS], where=where)
        parts = [named(f"excluded:{reason}") for reason in merged]
        note_relations([sum_of(together, parts, "small reasons are put together")])
    return flow | {"excluded": reasons}
