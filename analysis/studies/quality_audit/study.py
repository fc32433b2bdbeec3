"""A quality audit in one place, exact: its checks and its rows, the one that answers first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.inference.planned.power import minimum_detectable_effect
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE, CheckResult, Estimate, Fact, Result
from analysis.studies.quality_audit.audited import SECOND, CodedAudit
from analysis.studies.quality_audit.checks import all_checks
from analysis.studies.quality_audit.kind import ALONE, KIND, SECOND_CODES, TEST
from analysis.vocabulary.regions import ALL

NOTE = "second_opinion"


@dataclass(frozen=True, eq=False)
class AuditStudy(CodedAudit):
    """One plan in one place. A region shows its own cases; all places have the one comparison."""

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Of all places together; a region compares nothing."""
        return tuple(all_checks(self)) if self.place == ALL else ()

    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        if self.place != ALL:
            own = Fact(KIND.estimand, KIND.method, outcome.unit)
            yield self.row(outcome, EVERYONE, own, family=f"places_{outcome.id}")
            return
        beside = self.by_cr2(outcome)
        lead = self.row(outcome, EVERYONE, self.effect(outcome), family=f"places_{outcome.id}")
        yield lead.with_(mde=_detectable(beside))
        if outcome.id != TEST:
            yield from self._by_group(outcome)
        for other in (beside, *self._second_opinions(outcome)):
            yield self.row(outcome, EVERYONE, other, note=NOTE)

    def _by_group(self, outcome: Outcome) -> Iterator[Row]:
        """What training adds in each group's cases, and beside those of the reference."""
        reference = self.plan.groups.reference
        for group in self.groups:
            yield self.row(outcome, group, self.effect(outcome, group), family="exploratory")
            if group != reference:
                gap = self.gap(outcome, group)
                yield self.row(outcome, f"{group} less {reference}", gap, family="groups")

    def _second_opinions(self, outcome: Outcome) -> Iterator[Result]:
        if outcome.id == TEST:
            return
        read_twice = self.effect(outcome, column=f"{outcome.id}{SECOND}")
        yield replace(read_twice, method=SECOND_CODES)
        yield self.bridged(outcome)
        for trained in (True, False):
            yield replace(self.alone(outcome, trained=trained), method=ALONE)
        naive = self.alone(outcome, trained=True, weighted=False)
        yield replace(naive, estimand="naive_difference", method="crude_means")


def _detectable(found: Result) -> float | None:
    """The smallest difference that would most likely be found, in the unit of the outcome."""
    if not isinstance(found, Estimate) or not found.std_error:
        return None
    return minimum_detectable_effect(found.std_error, found.df)
