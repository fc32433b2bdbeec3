"""What every study of one place has: its ethnic groups, and its rows in the order of the levels."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from typing import Any, cast

from analysis.disclosure.people_said import Asked
from analysis.disclosure.rules import Clearance
from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Level, Row
from analysis.results import Fact, Result
from analysis.study.public_counts import clearance_of
from analysis.vocabulary.ethnicity import coding


class PlaceStudy(ABC):
    """One plan in one place, exact and private. Each row is computed once, on first use."""

    plan: Plan
    place: str
    already_public: bool
    hidden: frozenset[str]  # counts that the joint decision withholds

    @property
    def clearance(self) -> Clearance:
        """What the release of its numbers hangs on."""
        return clearance_of(self.plan, public=self.already_public, hidden=self.hidden)

    def asked(self, where: str, **dimensions: str) -> Asked:
        """People of this place of whom a sentence tells something (`where` it stands)."""
        return Asked(self.place, where, self.clearance, **dimensions)

    @property
    def groups(self) -> tuple[str, ...]:
        """The broad ethnic groups of the page's coding."""
        return coding(self.plan.groups.coding).groups

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every row of the record: facts first, then the outcomes that are compared, in the order
        of the plan."""
        facts = [row for o in self.plan.outcomes if o.role == "fact" for row in self._fact_rows(o)]
        return (*facts, *(row for o in self.plan.compared for row in self.outcome_rows(o.id)))

    def outcome_rows(self, outcome_id: str) -> tuple[Row, ...]:
        """Rows of one outcome: the one that answers first, then groups, then how fragile it is."""
        if outcome_id not in self._rows_by_outcome:
            self._rows_by_outcome[outcome_id] = tuple(self._rows_of(self.plan.outcome(outcome_id)))
        return self._rows_by_outcome[outcome_id]

    def row(self, outcome: Outcome, group: str, result: Result | Fact, **more: Any) -> Row:
        """The row of one result on an outcome."""
        return Row.of(
            result,
            level=cast(Level, outcome.level),
            outcome=outcome.id,
            group=group,
            direction=outcome.better or "undefined",
            sesoi=outcome.matters if result.unit == outcome.unit else None,
            **more,
        )

    @cached_property
    def _rows_by_outcome(self) -> dict[str, tuple[Row, ...]]:
        return {}

    @abstractmethod
    def _fact_rows(self, outcome: Outcome) -> Iterator[Row]:
        """Rows of an outcome that is a fact and no comparison."""

    @abstractmethod
    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        """Rows of an outcome that is compared."""
