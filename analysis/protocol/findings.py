"""What each place and group could find, before anybody looks: its smallest detectable difference
beside the size that matters."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from analysis.inference.planned.power import POWER
from analysis.plans.plan import Family, Outcome, Plan
from analysis.protocol.formulas import Situation, Sizes, detectable, is_forbidden
from analysis.protocol.planned import planned_of
from analysis.protocol.sample import Sample
from analysis.vocabulary.regions import NATIONAL, place_set

# answers: the size that matters would be found, after allowing for the comparisons made together.
# alone: only if this one were the only comparison. too_small: not. forbidden: the lot of so few
# units cannot call any difference at the level that is asked. too_few: fewer people than the plan
# compares. describes: the design gives it no answer of its own. withheld: too few people to show.
State = Literal["answers", "alone", "too_small", "forbidden", "too_few", "describes", "withheld"]
EXACT = 1e-9  # a size that matters which is reached exactly is reached


@dataclass(frozen=True)
class Finding:
    """One place or group, on one outcome. alone, together: smallest difference found (unit of the
    outcome) as the only comparison, and after allowing for those made with it; None: none is."""

    where: str
    sizes: Sizes | None
    state: State
    alone: float | None = None
    together: float | None = None


@dataclass(frozen=True, eq=False)
class Planning:
    """One outcome of one pilot, with one set of assumptions. power: share of studies (0 to 1)."""

    sample: Sample
    outcome: Outcome
    values: Mapping[str, float]
    power: float = POWER
    matters: float | None = None  # in the place of that of the plan

    @property
    def plan(self) -> Plan:
        return self.sample.plan

    @property
    def size_that_matters(self) -> float:
        return self.outcome.size if self.matters is None else self.matters

    @property
    def alpha(self) -> float:
        """Of the family in which the outcome is confirmed."""
        return family_of(self.plan, self.outcome).alpha

    @property
    def primaries(self) -> int:
        """Outcomes that are confirmed together."""
        return len(family_of(self.plan, self.outcome).outcomes)

    def situation(self, sizes: Sizes, comparisons: int = 1) -> Situation:
        """At the strictest level of so many comparisons: that of Holm for the first of them."""
        return Situation(
            planned_of(self.plan),
            self.outcome,
            sizes,
            self.values,
            self.alpha / comparisons,
            self.power,
            self.sample.lost,
        )

    def found(self, where: str, sizes: Sizes, comparisons: int) -> Finding:
        """What this place or group could find."""
        if sizes.people < self.plan.smallest.people:
            return Finding(where, sizes, "too_few")
        asked = self.situation(sizes, comparisons)
        alone, together = detectable(replace(asked, alpha=self.alpha)), detectable(asked)
        if is_forbidden(asked.planned, sizes, self.alpha / comparisons):
            return Finding(where, sizes, "forbidden", alone, None)
        state: State = (
            "answers"
            if self.is_enough(together)
            else "alone"
            if self.is_enough(alone)
            else "too_small"
        )
        return Finding(where, sizes, state, alone, together)

    def is_enough(self, difference: float | None) -> bool:
        """A difference of the size that matters would be found."""
        return difference is not None and difference <= self.size_that_matters + EXACT

    def nation(self) -> Finding:
        """All places together."""
        sizes = self.sample.nation.get(self.outcome.id)
        if sizes is None:
            return Finding(NATIONAL, None, "withheld")
        return self.found(NATIONAL, sizes, self.primaries)

    def places(self) -> Iterator[Finding]:
        """Each place by itself, in their order: Holm over the places that have an answer."""
        ids = place_set(self.plan.data.places).ids
        own = {place: self.sample.of_place(place, self.outcome.id) for place in ids}
        answering = sum(sizes is not None for sizes in own.values())
        for place in ids if self.sample.there else ():
            sizes = own[place]
            if sizes is None:
                yield Finding(place, None, "withheld" if answering else "describes")
            else:
                yield self.found(place, sizes, answering)

    def groups(self) -> Iterator[Finding]:
        """Each ethnic group of the nation by itself: Holm over the groups that are shown."""
        of = self.sample.groups.get(self.outcome.id, {})
        shown = sum(sizes is not None for sizes in of.values())
        for group, sizes in of.items():
            if sizes is None:
                yield Finding(group, None, "withheld")
            else:
                yield self.found(group, sizes, shown)

    def between(self, group: str) -> float | None:
        """Smallest difference between the effect in a group and in the reference group that would
        be found, taken alone; None: none, or it is withheld.

        Errors of the two groups are taken as if they had nothing in common (Gelman, Hill and
        Vehtari 2020, chapter 16); people of one cluster share its level, so that the truth is a
        little smaller. Of a rate: how many times as large the ratio is.
        """
        of = self.sample.groups.get(self.outcome.id, {})
        both = [of.get(group), of.get(self.plan.groups.reference)]
        found = [detectable(self.situation(sizes)) if sizes else None for sizes in both]
        return combined(self.outcome, found[0], found[1])


def combined(outcome: Outcome, one: float | None, other: float | None) -> float | None:
    """Of two differences that are found, that of their difference."""
    if one is None or other is None:
        return None
    if outcome.kind == "rate":
        return math.exp(math.hypot(math.log(one), math.log(other)))
    return (one**2 + other**2) ** 0.5


def family_of(plan: Plan, outcome: Outcome) -> Family:
    """The Holm family in which a primary outcome is confirmed."""
    return next(f for f in plan.families if f.method == "holm" and outcome.id in f.outcomes)
