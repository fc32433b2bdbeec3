"""A matched comparison in one place, exact: which people are set beside which, and what is worked
out of them.

The numbers come from designs/; here is only which of them a plan asks for, on whom, and in which
order. Each quantity is computed once, on first use.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import pandas as pd

from analysis.designs.cohorts.matched_ratio import matched_ratio
from analysis.designs.cohorts.matching import Matched, radius_match
from analysis.errors import PlanError
from analysis.inference.columns import MatchColumns, Quantity
from analysis.inference.planned.power import minimum_detectable_effect
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import (
    EVERYONE,
    CheckResult,
    Estimate,
    Fact,
    NotEstimable,
    Result,
    Support,
)
from analysis.studies.matched_comparison import checks, groups, opinions, programmes
from analysis.studies.matched_comparison.kind import KIND, MAIN
from analysis.studies.matched_comparison.whom import SIDE, Whom
from analysis.study.frame_study import FrameStudy
from analysis.vocabulary.regions import ALL, did_you_mean

FACTS = ("started", "completed")


class MatchedStudy(FrameStudy):
    """One plan in one place; `everyone` holds people found suitable for a programme."""

    @property
    def compared_people(self) -> pd.DataFrame:
        """Those who can be compared; read only."""
        return self.everyone[self.everyone["excluded"] == ""]

    @property
    def covariates(self) -> tuple[str, ...]:
        """What is allowed for: known before anyone started."""
        adjust = self.plan.adjust_for
        return (*adjust.outside, *adjust.service_decided)

    @property
    def exact(self) -> tuple[str, ...]:
        """Within which people are matched."""
        return ("programme", "region") if self.place == ALL else ("programme",)

    def columns(self, outcome: Outcome, whom: Whom = Whom()) -> MatchColumns:
        """The columns of one comparison."""
        chosen = self.covariates if whom.covariates is None else whom.covariates
        return MatchColumns(
            treated=whom.side,
            outcome=outcome.id,
            covariates=chosen,
            exact=self.exact,
            person="person_id",
            scale=1.0 if outcome.kind == "rate" else 100.0,
        )

    def of(self, outcome: Outcome, whom: Whom) -> pd.DataFrame:
        """The people of one comparison."""
        people = self.people(outcome, whom.group)
        if whom.programme:
            people = people[people["programme"] == whom.programme]
        return people.dropna(subset=[whom.side])

    def matched(self, outcome: Outcome, whom: Whom = Whom()) -> Matched:
        """The matched comparison of some people on one outcome, worked out once."""
        if (outcome.id, whom) not in self._matched:
            estimand = KIND.estimand if whom.group == EVERYONE else "group_effect"
            self._matched[outcome.id, whom] = radius_match(
                self.of(outcome, whom),
                self.columns(outcome, whom),
                Quantity(estimand, outcome.unit),
                caliper=whom.caliper,
            )
        return self._matched[outcome.id, whom]

    @cached_property
    def _matched(self) -> dict[tuple[str, Whom], Matched]:
        return {}

    def effect(self, outcome: Outcome, whom: Whom = Whom()) -> Result:
        """What starting does to those who start (`unit` of the outcome), or why it is not worked
        out."""
        estimand = KIND.estimand if whom.group == EVERYONE else "group_effect"
        if len(self.of(outcome, whom)) < self.plan.smallest.people:
            return NotEstimable(estimand, MAIN, outcome.unit, "too_few_people", Support())
        found = self.matched(outcome, whom)
        if outcome.kind == "rate":
            return matched_ratio(found, Quantity(estimand, outcome.unit))
        return _with_levels(found.result)

    # -- rows --------------------------------------------------------------------------------------
    def made(self, outcome: Outcome, group: str, result: Result | Fact, **more) -> Row:
        """A row, with the smallest effect that could have been seen."""
        if isinstance(result, Estimate) and result.std_error is not None:
            more |= {"mde": minimum_detectable_effect(result.std_error, result.df)}
        return self.row(outcome, group, result, **more)

    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        main = self.effect(outcome)
        yield self.made(outcome, EVERYONE, main, family=f"places_{outcome.id}")
        yield from groups.rows(self, outcome)
        if outcome.kind == "share":
            yield from self.rate_rows(outcome)
        if outcome.role == "primary":
            yield from opinions.rows(self, outcome)
        if outcome.id == self.plan.leading and self.place == ALL:
            yield from programmes.rows(self, outcome)

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Were the two sides alike, did they cover each other, and how many were lost."""
        return checks.checks_of(self)

    def _fact_rows(self, outcome: Outcome) -> Iterator[Row]:
        """How many started, of those found suitable, and how many completed, of those who
        started."""
        if outcome.id not in FACTS:
            text = f"outcomes › {outcome.id}: no such fact can be worked out of programmes."
            raise PlanError("E239", text, remedy=did_you_mean(str(outcome.id), FACTS))
        people = self.compared_people
        base = people if outcome.id == SIDE else people[people[SIDE] == 1]
        for group in (EVERYONE, *self.groups):
            own = base if group == EVERYONE else base[base["ethnic_group"] == group]
            event, n = int(own[outcome.id].sum()), len(own)
            support = Support(n=n, persons=n, smallest_cell=min(event, n - event), residual_df=n)
            value = None if n == 0 else 100 * event / n
            row = self.row(outcome, group, Fact("share", "count", outcome.unit, value, support))
            yield row.with_(direction="undefined", n_treated=event)


def _with_levels(result: Result) -> Result:
    """The level that those who started would have had without it: their own, less the effect."""
    if not isinstance(result, Estimate) or result.group_value is None:
        return result
    return replace(result, comparison_estimated=result.group_value - result.value)
