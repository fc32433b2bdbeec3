"""A study whose people stand in one frame, a row each: who is in, why others are not, the rows of
an outcome, and the rates of ethnic groups beside each other."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Row
from analysis.results import EVERYONE
from analysis.study.group_rates import event_counts, relative_rates
from analysis.study.place_study import PlaceStudy


@dataclass(frozen=True, eq=False)
class FrameStudy(PlaceStudy):
    """One plan in one place, exact and private.

    `everyone`: one row a person or case with `ethnic_group` (broad group or a kind of missing),
    `excluded` (the reason why it is not compared, or "") and a column for each outcome, events as 0
    or 1 (missing: not at risk); read only.
    """

    plan: Plan
    place: str
    everyone: pd.DataFrame = field(repr=False)
    already_public: bool = False
    hidden: frozenset[str] = field(kw_only=True, repr=False)

    @property
    def n_in(self) -> int:
        return len(self.everyone)

    @property
    def n_used(self) -> int:
        return int((self.everyone["excluded"] == "").sum())

    @property
    def excluded(self) -> dict[str, int]:
        """Who is not compared, by reason (exact)."""
        counts = self.everyone["excluded"].value_counts()
        return {str(reason): int(n) for reason, n in sorted(counts.items()) if reason}

    def people(self, outcome: Outcome, group: str = EVERYONE) -> pd.DataFrame:
        """Who stands behind an outcome: of the groups that it is about, or of one."""
        rows = self.everyone[self.everyone["excluded"] == ""].dropna(subset=[outcome.id])
        groups = outcome.only_groups if group == EVERYONE else (group,)
        return rows[rows["ethnic_group"].isin(groups)] if groups else rows

    def rate_rows(self, outcome: Outcome) -> Iterator[Row]:
        """The event of each ethnic group beside the reference, over the whole period."""
        people, reference = self.everyone, self.plan.groups.reference
        people = people[people["excluded"] == ""]
        present = [group for group in self.groups if (people["ethnic_group"] == group).any()]
        for group, result, numbers in relative_rates(self.counts(outcome), present, reference):
            row = self.row(outcome, f"{group} to {reference}", result, family="page")
            yield row.with_(from_counts=tuple(numbers))

    def counts(self, outcome: Outcome) -> pd.DataFrame:
        """People at risk and with the event by ethnic group, as they may be shown."""
        return event_counts(
            self.everyone[self.everyone["excluded"] == ""],
            outcome,
            group="ethnic_group",
            groups=self.groups,
            place=self.place,
            clearance=self.clearance,
        )

    def _fact_rows(self, outcome: Outcome) -> Iterator[Row]:
        """None, where a kind has no facts."""
        return iter(())
