"""How the counts of the one analysis of all places hang together with those of the places."""

from collections.abc import Mapping

from analysis.disclosure.attack.known import OPEN, Known, Relation
from analysis.disclosure.named.names import relation
from analysis.disclosure.rules import load_rules
from analysis.plans.plan import Plan
from analysis.vocabulary.regions import ALL, place_set

WHY = "all places are the sum of the places"


def all_is_the_sum(plan: Plan, places: Mapping[str, Known]) -> tuple[Relation, ...]:
    """Everybody in the analysis of all places stands in one of the places: a count of all is the
    sum of the same count in each, or at least that where a place does not count it alike.

    `places`: what is known of each place of `plan`, all together among them.
    """
    whole = places.get(ALL)
    if not plan.data.also_all or whole is None:
        return ()
    regions = place_set(plan.data.places).ids
    parts = {place: known for place, known in places.items() if place in regions}
    found = []
    for name, count in whole.counts.items():
        own = [
            part
            for place, known in parts.items()
            if (part := known.counts.get(_there(name, place))) is not None
        ]
        together = sum(part.exact for part in own)
        small = count.exact < load_rules().threshold  # small sums are equal by chance
        if not own or together > count.exact or small:
            continue
        # a place that does not note it may hold people: few are in no margin
        low = 0.0 if together == count.exact and len(own) == len(parts) else -OPEN
        terms = [*((part.key, 1.0) for part in own), (name, -1.0)]
        found.append(relation(terms, low, 0.0, WHY))
    return tuple(found)


def _there(name: str, place: str) -> str:
    """The name of the same count in one place."""
    return name.replace(f"place={ALL};", f"place={place};", 1)
