"""Repeated audits in one place, exact: its rows, the one that answers first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.designs.series.local_level import local_level_step
from analysis.designs.series.repeated import BESIDE, DIFFERENCE, TOUCHED
from analysis.inference.columns import Quantity, SeriesColumns
from analysis.inference.planned.power import minimum_detectable_effect
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE, CheckResult, Estimate, Fact, Result
from analysis.studies.repeated_audits.checks import all_checks
from analysis.studies.repeated_audits.kind import KIND, MAIN
from analysis.studies.repeated_audits.ratings import ordinal_step
from analysis.studies.repeated_audits.series import AuditSeries
from analysis.vocabulary.regions import ALL

SECOND = "second_opinion"


@dataclass(frozen=True, eq=False)
class AuditsStudy(AuditSeries):
    """One plan in one place. A region shows its own figures; the nation has the one series."""

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Of all places together, those of the claim; everywhere, whether the change of instrument
        can be told."""
        return all_checks(self)

    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        if self.place != ALL:
            own = Fact(KIND.estimand, KIND.method, outcome.unit)
            yield self.row(outcome, EVERYONE, own, family=f"places_{outcome.id}")
        else:
            result = self.step(outcome)
            row = self.row(outcome, EVERYONE, result, family=f"places_{outcome.id}")
            yield row.with_(mde=_detectable(result))
            yield from self._by_group(outcome)
            for other in self._second_opinions(outcome):
                yield self.row(outcome, EVERYONE, other, note=SECOND)
        if outcome.id == self.plan.leading:
            yield self.row(outcome, EVERYONE, self.instrument_change(outcome), note=SECOND)
        yield from self.rate_rows(outcome)

    def _by_group(self, outcome: Outcome) -> Iterator[Row]:
        """The step within each group, and beside that of the reference: one series of differences,
        so that what both share in a fortnight is out of it."""
        reference = self.plan.groups.reference
        for group in self.groups:
            found = self.step(outcome, group)
            row = self.row(outcome, group, found, family="exploratory")
            yield row.with_(mde=_detectable(found))
            if group != reference:
                gap = self.gap(outcome, group)
                yield self.row(outcome, f"{group} less {reference}", gap, family="groups")

    def _second_opinions(self, outcome: Outcome) -> Iterator[Result]:
        main = self.interrupted(outcome)
        support = main.step.support
        if main.slope is not None:
            yield replace(main.slope, estimand="slope_change", method=MAIN)
        alone = self.interrupted(outcome, of=TOUCHED).step
        yield replace(alone, method="single_series")
        beside = self.interrupted(outcome, of=BESIDE).step
        yield replace(beside, estimand="untouched_step", method="untouched_series")
        what = Quantity(KIND.estimand, outcome.unit)
        asked = SeriesColumns(time="time", outcome=DIFFERENCE)
        yield local_level_step(
            self.series(outcome), asked, what, start=self.rounds.start, support=support
        )
        if outcome.id != self.plan.leading:
            yield ordinal_step(self, outcome)
        yield self.naive(outcome)


def _detectable(found: Result) -> float | None:
    """The smallest step that would most likely be found, in the unit of the outcome."""
    if not isinstance(found, Estimate) or not found.std_error:
        return None
    return minimum_detectable_effect(found.std_error, found.df)
