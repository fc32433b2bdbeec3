"""Commitments of the source documents: their state, how far target dates moved, and which study
could show an effect.

Facts as the documents state them, typed with their source; nothing is worked out but counts and
months.
"""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.rules import Clearance
from analysis.extracts.counts.commitments import read_commitments
from analysis.paths import REFERENCE
from analysis.plans.action_plan import ActionPlan
from analysis.plans.registry import Source
from analysis.record.row import Row
from analysis.results import CheckResult, Fact, Support, significant
from analysis.studies.promises.bearing import best
from analysis.study.data_version import data_hash
from analysis.study.opening import DATES
from analysis.study.public_counts import clearance_of

STATES = {
    "complete": "complete",
    "ongoing": "ongoing",
    "not_started": "not started",
    "unknown": "not stated",
}
EVERY_DOCUMENT = "all documents"
DAYS_IN_MONTH = 365.25 / 12


@dataclass(frozen=True, eq=False)
class ActionPlanStudy:
    """All commitments. `items`: the reference table, one row a commitment; read only."""

    plan: ActionPlan
    place: str
    items: pd.DataFrame
    already_public: bool = True
    checks: tuple[CheckResult, ...] = ()

    @property
    def clearance(self) -> Clearance:
        """What the release of its numbers hangs on."""
        return clearance_of(self.plan, public=self.already_public, hidden=NOTHING)

    @property
    def n_in(self) -> int:
        return len(self.items)

    @property
    def n_used(self) -> int:
        return len(self.items)

    @property
    def excluded(self) -> dict[str, int]:
        return {}

    @property
    def documents(self) -> tuple[str, ...]:
        return tuple(self.plan.documents)

    def of(self, document: str) -> pd.DataFrame:
        """Commitments of one document, or of all."""
        return (
            self.items
            if document == EVERY_DOCUMENT
            else self.items[self.items["document"] == document]
        )

    def states(self, document: str) -> dict[str, int]:
        """How many commitments are in which state, in the order of STATES."""
        found = self.of(document)["state"].value_counts()
        return {state: int(found.get(state, 0)) for state in STATES}

    @cached_property
    def slippage(self) -> pd.DataFrame:
        """Commitments with both dates: id, document, short_title, first, revised, months (from the
        first to the revised date)."""
        rows = self.items.dropna(subset=["target_first", "target_revised"])
        months = ((rows["target_revised"] - rows["target_first"]).dt.days / DAYS_IN_MONTH).round(1)
        return rows[
            ["id", "document", "item", "short_title", "target_first", "target_revised"]
        ].assign(months=months)

    @property
    def dated(self) -> int:
        return int(self.items["target_first"].notna().sum())

    @cached_property
    def evidence(self) -> pd.Series:
        """For each commitment the most that one of its studies can show (bearing.KINDS)."""
        return self.items["studies"].map(best)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Share of commitments that are complete, in all and by document, as facts."""
        return tuple(self._row(document) for document in (EVERY_DOCUMENT, *self.documents))

    def _row(self, document: str) -> Row:
        states = self.states(document)
        n, complete = sum(states.values()), states["complete"]
        value, support = significant(100 * complete / n), Support(n=n, persons=n)
        fact = Fact("share", "count", "in_every_100", value, support)
        row = Row.of(fact, level="input", outcome="complete", group=document, n_treated=complete)
        return row.released  # published before, so that the exact record holds nothing private


def open_action_plan(plan: ActionPlan, place: str) -> ActionPlanStudy:
    """The commitments as they stand in data/reference.

    DataError (extracts/counts/commitments.py).
    """
    valid = {"state": tuple(STATES), "document": tuple(plan.documents)}
    return ActionPlanStudy(
        plan, place, read_commitments(REFERENCE / f"{plan.table}.csv", valid=valid)
    )


def open_documents(plan: ActionPlan, place: str, source: Source) -> tuple:
    """The exact study, the dates of its record (none: documents have dates of their own), and the
    hash of the data."""
    return open_action_plan(plan, place), dict.fromkeys(DATES), data_hash(source, plan.study)
