"""A regional initiative in one place, exact: which changes are set beside each other, of whom."""

from collections.abc import Iterator
from functools import cached_property

import pandas as pd

from analysis.designs.rollouts.placebo_rank import PlaceboRank, placebo_rank
from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.inference.columns import ChangeColumns, Quantity
from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Row
from analysis.results import EVERYONE, CheckResult, Fact
from analysis.said.numbers import planned
from analysis.said.texts import named, say
from analysis.studies.regional_initiative.kind import KIND
from analysis.study.frame_study import FrameStudy
from analysis.study.offers import BROAD
from analysis.vocabulary.ethnicity import coding, crosswalk
from analysis.vocabulary.regions import ALL


class RegionalStudy(FrameStudy):
    """One plan in one place; `everyone` holds applications."""

    def rank(self, outcome: Outcome, group: str = EVERYONE, *, lead: bool = False) -> PlaceboRank:
        """The change of the regions beside that of the others; `lead`: within the time before the
        start, where there should be none."""
        people, start = self.people(outcome, group), pd.Timestamp(self.plan.data.from_)
        if lead:
            people = people[people["quarter"] < start]
            start = people["quarter"].min() + (start - people["quarter"].min()) / 2
        columns = ChangeColumns(unit="region", period="quarter", outcome=outcome.id, scale=100.0)
        what = Quantity(KIND.estimand if group == EVERYONE else "group_effect", outcome.unit)
        return placebo_rank(
            people, columns, what, treated=(*self.plan.comparison.arms,), start=start
        )

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Did the regions move like the others before the start; in a region, whether it has it."""
        if self.place != ALL:
            here = self.place in self.plan.comparison.arms
            text = f"The initiative is{'' if here else ' not'} in this region."
            shown = planned(float(here))  # the plan names its regions
            return (
                CheckResult("own_sites", None, text, float(here), bears_on="nothing", shown=shown),
            )
        return tuple(self._lead(o) for o in self.plan.compared)

    def _lead(self, outcome: Outcome) -> CheckResult:
        found = self.rank(outcome, lead=True)
        passed = found.rank != 1 if found.rank else None
        text = say("Before the start, {noun}: {found}", noun=named(outcome.noun), found=found.words)
        return CheckResult(f"pre_trend_{outcome.id}", passed, text, bears_on="claim")

    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        own = Fact(KIND.estimand, KIND.method, outcome.unit)
        result = self.rank(outcome).result if self.place == ALL else own
        yield self.row(outcome, EVERYONE, result, family=f"places_{outcome.id}")
        for group in outcome.only_groups if self.place == ALL else ():
            yield self.row(outcome, group, self.rank(outcome, group).result, family="groups")
        yield from self.rate_rows(outcome) if outcome.only_groups else ()


def open_regional(
    plan: Plan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[RegionalStudy, None]:
    """The exact study. Nobody is followed, so that no day ends a follow-up."""
    table, groups = opened["applications"], coding(BROAD).groups
    start, end = pd.Timestamp(plan.data.from_), pd.Timestamp(plan.data.to)
    group = crosswalk(table["ethnicity"], source=ETHNICITY_CODING, target=BROAD)
    inside = table["quarter"].between(start - (end - start), end)
    rows = table.assign(
        ethnic_group=group,
        excluded=inside.map({True: "", False: "outside_the_period"}),
        minority_applied=(group != plan.groups.reference).astype(float).where(group.isin(groups)),
        shortlisted=table["shortlisted"].astype(float),
        appointed=table["appointed"].astype(float).where(table["shortlisted"] == 1),
    )
    return RegionalStudy(plan, place, rows, hidden=hidden), None
