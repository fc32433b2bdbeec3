"""How many people and clusters a study would need to find the size that matters, beside what there
is: `workbook plan-sample`."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.protocol.findings import Finding, Planning
from analysis.protocol.formulas import WAYS, Sizes, detectable
from analysis.protocol.planned import planned_of

MOST_TIMES = 100.0  # as many as there are: beyond, people are not what is missing
LEAST_TIMES = 1e-4
STEP = 1e-4  # how near the fewest people are found, as a share of them


@dataclass(frozen=True)
class Needed:
    """What one place or group needs. finding: who is there, and what they could find. needed: how
    many would do (None: no number of people would, or it is withheld who is there)."""

    finding: Finding
    needed: Sizes | None


def needed_of(planning: Planning) -> Iterator[Needed]:
    """All together, each place with an answer of its own, and each ethnic group."""
    yield nation_needed(planning)
    outcome = planning.outcome.id
    answering = sum(outcome in of for of in planning.sample.places.values())
    groups = planning.sample.groups.get(outcome, {})
    shown = sum(sizes is not None for sizes in groups.values())
    for found in planning.places():
        if found.state != "describes":
            yield _needed(planning, found, max(answering, 1))
    for found in planning.groups():
        yield _needed(planning, found, max(shown, 1))


def nation_needed(planning: Planning) -> Needed:
    """What all places together need."""
    return _needed(planning, planning.nation(), planning.primaries)


def _needed(planning: Planning, found: Finding, comparisons: int) -> Needed:
    if found.sizes is None:
        return Needed(found, None)
    return Needed(found, needed_sizes(planning, found.sizes, comparisons))


def needed_sizes(planning: Planning, sizes: Sizes, comparisons: int = 1) -> Sizes | None:
    """The fewest people with which the size that matters would be found after allowing for the
    comparisons made together: shared out over sides as now, in more clusters of the same size where
    the design has clusters that can grow. None where no number would do."""
    grows = WAYS[planned_of(planning.plan)].grows and sizes.clusters > 0

    def enough(factor: float) -> bool:
        asked = planning.situation(sizes.times(factor, clusters=grows), comparisons)
        return planning.is_enough(detectable(asked))

    low, high = LEAST_TIMES, MOST_TIMES
    if not enough(high):
        return None
    while high / low > 1 + STEP:  # what is found falls as people grow
        middle = (high * low) ** 0.5
        low, high = (low, middle) if enough(middle) else (middle, high)
    return sizes.times(high, clusters=grows)
