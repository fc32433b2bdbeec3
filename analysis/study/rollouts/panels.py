"""The people of a roll-out and the panels that they make: units (courts, prisons) by periods.

Periods are counted from the plan's first month, never from that of the data.
"""

from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import pandas as pd

from analysis.extracts.frames.sentencing import month_of
from analysis.plans.plan import Outcome, Plan
from analysis.study.place_study import PlaceStudy
from analysis.study.rollouts.cells import KEPT, UNIT, cell_sums, with_categories
from analysis.study.rollouts.need import periods

PANEL = {"unit": UNIT, "period": "month", "first_treated": "start", "block": "region"}
# months: groups are compared by quarter, since a unit has few people of a small group in a month
QUARTER = 3
MONTHLY_LEADS = (-9, -4)  # months before the start that the check of leads looks at


class RolloutPanels(PlaceStudy):
    """One plan in one place: who stands behind each outcome, and the panel that they make.

    A kind gives `cases` (one row a person with `unit_column`, region, month, start: month of the
    start, missing: never, started, ethnic_group and the outcomes) and `units` (one row a unit:
    unit, region, start, pilot).
    """

    plan: Plan
    unit_column: ClassVar[str]
    # months before the start that are the base of second opinions, by their method
    bases: ClassVar[Mapping[str, int]]

    @property
    @abstractmethod
    def cases(self) -> pd.DataFrame:
        """People in the study; read only."""

    @property
    @abstractmethod
    def units(self) -> pd.DataFrame:
        """One row a unit: unit, region, start, pilot; read only."""

    def months_of(self, outcome: str) -> int:
        """How long a period of an outcome is."""
        return 1

    def scale_of(self, outcome: str) -> float:
        """Shares are counted in every 100, scores in points."""
        return 100.0 if self.plan.outcome(outcome).unit == "in_every_100" else 1.0

    @property
    def minorities(self) -> tuple[str, ...]:
        """Every ethnic group but the reference."""
        return tuple(group for group in self.groups if group != self.plan.groups.reference)

    # -- people ------------------------------------------------------------------------------------
    def people(self, outcome: str) -> pd.DataFrame:
        """People behind an outcome, with its value in the column of that name and a weight; text as
        categories."""
        return self._cases[[*KEPT, outcome]].dropna(subset=[outcome]).assign(weight=1.0)

    def persons(self, people: pd.DataFrame) -> int:
        """How many persons some of these rows are."""
        return len(people)

    @cached_property
    def _cases(self) -> pd.DataFrame:
        present = tuple(o.id for o in self.plan.compared if o.id in self.cases)
        return with_categories(self.cases.rename(columns={self.unit_column: UNIT}), present)

    def of_groups(self, outcome: str, groups: tuple[str, ...]) -> pd.DataFrame:
        """Those of some ethnic groups."""
        people = self.people(outcome)
        return people[people["ethnic_group"].isin(groups)]

    # -- panels ------------------------------------------------------------------------------------
    def panel(
        self, outcome: str, people: pd.DataFrame | None = None, *, months: int = 1
    ) -> pd.DataFrame:
        """Mean of the outcome in each unit and period of `months` months; `start` counts in the
        same periods. `weight`: what the cell counts by, people (by their weight) or one, as the
        plan says. Read only."""
        if people is not None:
            return self._panel(outcome, people, months)
        if (outcome, months) not in self._panels:
            self._panels[outcome, months] = self._panel(outcome, self.people(outcome), months)
        return self._panels[outcome, months]

    @cached_property
    def _panels(self) -> dict[tuple[str, int], pd.DataFrame]:
        """The panels of everyone behind an outcome."""
        return {}

    def _panel(self, outcome: str, people: pd.DataFrame, months: int) -> pd.DataFrame:
        sums = cell_sums(people, outcome, self.period_of(people, months))
        start = sums[UNIT].map(self.units.set_index(UNIT)["start"])
        started = ((start - self._first_month) // months).astype("float64")
        mean = sums["value"] / sums["weight"]
        weight = sums["weight"] if self.plan.comparison.weights == "people" else 1.0
        names = [UNIT, "region", "month", "start", "weight", outcome]
        return from_the_first_period(
            sums.assign(start=started, weight=weight, **{outcome: mean})[names]
        )

    @cached_property
    def _first_month(self) -> float:
        return month_of(self.plan.data.from_) if self.plan.data.from_ else 0.0

    @cached_property
    def months_seen(self) -> tuple[float, float]:
        """First and last month of the study: the plan's, or those of the cases in it."""
        data, own = self.plan.data, self.cases["month"]
        first = month_of(data.from_) if data.from_ else float(own.min())
        return first, month_of(data.to) if data.to else float(own.max())

    def period_of(self, people: pd.DataFrame, months: int) -> pd.Series:
        """The period of each person, counted from the first."""
        return (people["month"] - self._first_month) // months

    def base_of(self, outcome: str, months: int) -> int:
        """So many months before a start in periods of the outcome."""
        return periods(months, self.months_of(outcome))

    @property
    def need_seen(self) -> int:
        """Months just before a start in which the need was seen that units were chosen by; no month
        otherwise."""
        comparison = self.plan.comparison
        return comparison.need_seen_months if comparison.how_chosen == "by_need" else 0

    def leads_of(self, outcome: Outcome) -> tuple[tuple[int, int], int]:
        """Which periods before the start the check of leads looks at, and how many are its base."""
        return (MONTHLY_LEADS, 3) if self.months_of(outcome.id) == 1 else ((-2, -2), 1)


def from_the_first_period(panel: pd.DataFrame) -> pd.DataFrame:
    """Units that started before the first period of a panel are treated in it, and so from its
    start."""
    return panel.assign(
        start=(
            panel["start"].clip(lower=float(panel["month"].min())) if len(panel) else panel["start"]
        )
    )
