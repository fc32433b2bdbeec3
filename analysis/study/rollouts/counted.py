"""A roll-out over units: what is counted beside its effects (shares, the raw difference, the rates
of ethnic groups), and rows that are lost."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, cast

import numpy as np
import pandas as pd

from analysis.disclosure.named.tables import TableNames
from analysis.disclosure.rules import load_rules
from analysis.disclosure.suppression import rate_of
from analysis.disparity.relative_rate import rate_difference
from analysis.plans.plan import Outcome
from analysis.record.row import Level, Row
from analysis.results import CheckResult, Fact, NotEstimable, Result, Support
from analysis.study.group_rates import COUNTS, event_counts, relative_rates, shown_counts
from analysis.study.losses.lost_rows import REFUSAL, Link, lost_rows_check, sides_of, too_many_lost
from analysis.study.rollouts.cells import UNIT
from analysis.study.rollouts.fair import RolloutChecks

FEWEST = 30  # people on a side of a raw difference (page rules: below, no rate is relied on)


@dataclass(frozen=True)
class LostWords:
    """How a roll-out says what should have a row: units that start and others, their months, the
    table in which they should."""

    units: str
    sides: tuple[str, str]
    months: str
    months_sides: tuple[str, str]
    child: str


class RolloutStudy(RolloutChecks):
    """What every roll-out over units has."""

    before, under = "before or without the pilot", "under the pilot"
    lost: ClassVar[LostWords]
    row_months: ClassVar[int] = 1  # from one row of a person to the next

    # -- counts ------------------------------------------------------------------------------------
    def rate_rows(self, outcome: Outcome) -> Iterator[Row]:
        """The event of each group against the reference, over the whole period, with or without the
        programme."""
        present = [group for group in self.groups if (self.cases["ethnic_group"] == group).any()]
        reference = self.plan.groups.reference
        for group, result, numbers in relative_rates(self.counts(outcome), present, reference):
            row = self.rollout_row(outcome, f"{group} to {reference}", result, family="page")
            yield row.with_(from_counts=tuple(numbers))

    def counts(self, outcome: Outcome) -> pd.DataFrame:
        """People and those with the event by ethnic group, as they may be shown."""
        return event_counts(
            self.cases,
            outcome,
            group="ethnic_group",
            groups=self.groups,
            place=self.place,
            clearance=self.clearance,
        )

    def share(self, outcome: Outcome, group: str, events: int, n: int) -> Row:
        """A share that is a fact, compared with nothing."""
        support = Support(n=n, persons=n, smallest_cell=min(events, n - events), residual_df=n)
        value = rate_of(events, n) if n >= load_rules().threshold else None  # S1
        fact = Fact("share", "count", "in_every_100", value, support)
        return Row.of(
            fact,
            level=cast(Level, outcome.level),
            outcome=outcome.id,
            group=group,
            n_treated=events,
        )

    def crude(self, outcome: str, people: pd.DataFrame, *, name: str = "crude_means") -> Result:
        """People after a start less all others of `people`, nothing held alike: shares from counts
        in fives (rule S6)."""
        started, value = people["started"].astype(bool), people[outcome]
        if min(started.sum(), (~started).sum()) < FEWEST:
            return NotEstimable(
                "naive_difference", name, "in_every_100", "too_few_people", Support()
            )
        seen = pd.DataFrame(
            {"people": [int(part.sum()) for part in (started, ~started)]}
            | {"events": [int(value[part].sum()) for part in (started, ~started)]},
            index=pd.Index([self.under, self.before], name="started"),
        )
        table = name.replace("crude_means", "crude_difference").replace("_", " ")
        names = TableNames(self.place, table, {"started": "arm"}, COUNTS, outcome)
        counted = shown_counts(seen, names=names, clearance=self.clearance)
        if len(counted) < len(seen):
            return NotEstimable("naive_difference", name, "in_every_100", "zero_events")
        numbers = [
            int(counted.loc[side, what])
            for side in (self.under, self.before)
            for what in ("events", "people")
        ]
        result = rate_difference(*numbers)
        return replace(result, estimand="naive_difference", method=name, unit="in_every_100")

    # -- lost rows ---------------------------------------------------------------------------------
    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Units, and their months, without a row: those that start and others, after a start and
        before it.

        A small unit may have nobody in a month, so that of months only a difference speaks of
        loss.
        """
        words, months = self.lost, self.cases["month"]
        units = self.units[[UNIT, "pilot", "start"]]
        held = units[UNIT].isin(self.cases[self.unit_column].unique())
        of_units = sides_of(
            dict(zip((True, False), words.sides, strict=True)), units["pilot"].astype(bool), held
        )
        every = pd.DataFrame({"month": self._every_month(months)})
        grid = units[held].merge(every, how="cross")
        columns = self.cases[[self.unit_column, "month"]].drop_duplicates()
        seen = pd.MultiIndex.from_frame(columns)
        found = pd.Series(
            pd.MultiIndex.from_frame(grid[[UNIT, "month"]]).isin(seen), index=grid.index
        )
        names = dict(zip((True, False), words.months_sides, strict=True))
        of_months = sides_of(names, grid["month"] >= grid["start"], found)
        return Link(words.units, words.child, of_units), Link(
            words.months, words.child, of_months, whole=False
        )

    def _every_month(self, months: pd.Series) -> np.ndarray:
        """The first month of each period in which a unit could have a row."""
        if not len(months):
            return np.array([])
        return np.arange(months.min(), months.max() + 1, self.row_months)

    def lost_check(self) -> CheckResult:
        """Whether rows were lost, and about as many on either side."""
        most = self.plan.smallest.lost_rows_percent
        return lost_rows_check(self.links, most=most, asked=self.asked("check: lost rows"))

    @cached_property
    def refusal(self) -> str | None:
        """Why nothing is worked out of all units at once; None where it is."""
        return REFUSAL if too_many_lost(self.links, self.plan.smallest.lost_rows_percent) else None
