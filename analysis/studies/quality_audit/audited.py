"""What a quality audit of one place compares, exact: changes of investigators, tests, coders."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.audits.detection import (
    change_alone,
    changes_beside,
    changes_cr2,
    unit_changes,
    weighted_share,
)
from analysis.designs.series.bridging import equated_step, instrument_shift
from analysis.inference.columns import CodedColumns, Quantity
from analysis.inference.randomisation import seed_for
from analysis.plans.plan import Outcome
from analysis.results import EVERYONE, Estimate, NotEstimable, Result, Support
from analysis.studies.quality_audit.coders import coders_agree
from analysis.studies.quality_audit.kind import (
    BRIDGED,
    CR2,
    DETECTED,
    DRIFT,
    KIND,
    MAIN,
    TEST,
    TRAINED_ALONE,
    WAITING_ALONE,
)
from analysis.study.frame_study import FrameStudy

SECOND = "_second"  # after the name of an outcome: as the second coder read it
THEN, AGAIN = "then", "again"  # codes of an anchor case


@dataclass(frozen=True, eq=False)
class CodedAudit(FrameStudy):
    """One plan in one place. `everyone`: one row a case, with `first` (1: its investigator was
    trained first, else missing), `weight` (inverse sampling share) and each outcome as coded.

    staff: investigators with both tests. anchors: cases that were coded again.
    """

    staff: pd.DataFrame = field(kw_only=True, repr=False)
    anchors: pd.DataFrame = field(kw_only=True, repr=False)

    # -- what is compared --------------------------------------------------------------------------
    @property
    def start(self) -> pd.Timestamp:
        """First day of the training."""
        begun = self.plan.comparison.event("start")
        assert begun is not None
        return pd.Timestamp(begun.date)

    def columns(self, outcome: str) -> CodedColumns:
        """Cases of an investigator, weighted by how they were put to the panel."""
        return CodedColumns(
            unit="investigator_id",
            period="reported_on",
            first="first",
            block="team",
            outcome=outcome,
            weight="weight",
            scale=100.0,
        )

    def changes(self, rows: pd.DataFrame, outcome: str) -> pd.DataFrame:
        """The change of each investigator with cases that were put to the panel."""
        return unit_changes(rows, self.columns(outcome), start=self.start)

    @cached_property
    def tests(self) -> pd.DataFrame:
        """The change of each investigator who took both tests, in points."""
        taken = self.staff[~self.staff["between"]].dropna(subset=["test_before", TEST])
        return pd.DataFrame(
            {
                TEST: taken[TEST],
                "change": taken[TEST] - taken["test_before"],
                "started": taken["first"].notna(),
                "block": taken["region"],
            }
        )

    def effect(self, outcome: Outcome, group: str = EVERYONE, *, column: str = "") -> Result:
        """Mean change of trained investigators less that of those who wait, the lot drawn anew.
        column: of another reading than the first coder's."""
        what = self._what(outcome, group)
        seed = seed_for(self.plan.study, self.place, outcome.id, group, column)
        changes, support = self._compared(outcome, group, column)
        level = self._level(outcome, group, column)
        found = changes_beside(changes, what, seed=seed, support=support, level=level)
        return replace(found, method=MAIN)

    def gap(self, outcome: Outcome, group: str) -> Result:
        """By how much more training adds in a group's cases than in those of the reference."""
        reference = self.plan.groups.reference
        what = Quantity("gap_difference", outcome.unit)
        sides = [self._compared(outcome, one) for one in (group, reference)]
        own, other = (changes for changes, _ in sides)
        units = own.index.union(other.index)
        apart = [one["change"].reindex(units, fill_value=0.0) for one in (own, other)]
        held = own[["started", "block"]].combine_first(other[["started", "block"]])
        changes = held.assign(change=apart[0] - apart[1], started=held["started"].astype(bool))
        support = min((support for _, support in sides), key=lambda one: one.smallest_cell)
        seed = seed_for(self.plan.study, self.place, outcome.id, f"{group} less {reference}")
        return replace(changes_beside(changes, what, seed=seed, support=support), method=MAIN)

    def _level(self, outcome: Outcome, group: str, column: str = "") -> float | None:
        """Of trained investigators since the training: the share, or the mean of the test."""
        if outcome.id == TEST:
            return float(self.tests.loc[self.tests["started"], TEST].mean())
        name = column or outcome.id
        rows = self.people(outcome, group).dropna(subset=[name])
        rows = rows[rows["first"].notna() & (rows["reported_on"] >= self.start)]
        return weighted_share(rows, self.columns(name)) if len(rows) else None

    def _what(self, outcome: Outcome, group: str = EVERYONE) -> Quantity:
        return Quantity(KIND.estimand if group == EVERYONE else "group_effect", outcome.unit)

    def _compared(
        self, outcome: Outcome, group: str, column: str = ""
    ) -> tuple[pd.DataFrame, Support]:
        if outcome.id == TEST:
            return self.tests, support_of_tests(self.tests)
        name = column or outcome.id
        rows = self.people(outcome, group).dropna(subset=[name])
        changes = self.changes(rows, name)
        return changes, support_of_cases(rows, changes, name, self.start)

    def alone(self, outcome: Outcome, *, trained: bool, weighted: bool = True) -> Result:
        """Since less before, of one side alone: the drift of coders is in it."""
        rows = self.people(outcome)
        rows = rows[rows["first"].notna() == trained]
        rows = rows if weighted else rows.assign(weight=1.0)
        what = Quantity(TRAINED_ALONE if trained else WAITING_ALONE, outcome.unit)
        found = change_alone(rows, self.columns(outcome.id), what, start=self.start)
        return replace(found, support=support_of_times(rows, outcome.id, self.start))

    def drift(self, outcome: Outcome) -> Result:
        """By how much coders say yes more often to the same cases later, among those that hold
        subtle racism (or none, as the outcome asks); refused with too few anchor cases."""
        gold = 1.0 if outcome.id == DETECTED else 0.0
        own = self.anchors[self.anchors["panel_code"] == gold]
        found = instrument_shift(own, old=THEN, new=AGAIN, weights="weight", scale=100.0)
        cells = [int(v) for code in (THEN, AGAIN) for v in (own[code].sum(), (1 - own[code]).sum())]
        n = len(own)
        support = Support(n=n, n_identifying=n, persons=n, smallest_cell=min(cells), residual_df=n)
        return replace(found, estimand=DRIFT, method="anchor_cases", support=support)

    def bridged(self, outcome: Outcome) -> Result:
        """The change of the trained alone, less the drift of coders."""
        alone = self.alone(outcome, trained=True)
        what = Quantity(TRAINED_ALONE, outcome.unit)
        drift = self.drift(outcome)
        if not isinstance(alone, Estimate):
            return replace(alone, method=BRIDGED)
        return replace(equated_step(alone, drift, what), support=alone.support)

    @cached_property
    def agreement(self) -> dict[str, dict[str, Estimate | NotEstimable]]:
        """How far two coders agree, on reports from before the training and since."""
        return coders_agree(self.everyone, self.start)

    def by_cr2(self, outcome: Outcome) -> Result:
        """The same with errors of investigators in place of the lot."""
        changes, support = self._compared(outcome, EVERYONE)
        found = changes_cr2(changes, self._what(outcome), support=support)
        return replace(found, method=CR2)


def support_of_cases(
    rows: pd.DataFrame, changes: pd.DataFrame, outcome: str, start: pd.Timestamp
) -> Support:
    """What a comparison of cases rests on."""
    used = rows
    sides = [used["first"].notna(), used["reported_on"] >= start]
    cells = used.groupby(sides)[outcome].agg(["sum", "size"])
    least = np.minimum(cells["sum"], cells["size"] - cells["sum"]).min() if len(cells) else 0
    return Support(
        n=len(used),
        n_identifying=len(used),
        cells_identifying=changes["block"].nunique(),
        n_treated=int(used["first"].notna().sum()),
        clusters_treated=int(changes["started"].sum()),
        clusters_comparison=int((~changes["started"]).sum()),
        persons=len(used),
        smallest_cell=int(least),
        residual_df=max(len(changes) - changes["block"].nunique() - 1, 0),
    )


def support_of_times(rows: pd.DataFrame, outcome: str, start: pd.Timestamp) -> Support:
    """What a change of one side alone rests on: its cases since beside its cases before."""
    since = rows["reported_on"] >= start
    sides, n = (rows[since], rows[~since]), len(rows)
    cells = [int((side[outcome] == code).sum()) for side in sides for code in (0, 1)]
    units = [side["investigator_id"].nunique() for side in sides]
    return Support(
        n=n,
        n_identifying=n,
        n_treated=len(sides[0]),
        clusters_treated=units[0],
        clusters_comparison=units[1],
        persons=n,
        smallest_cell=min(cells),
        residual_df=max(rows["investigator_id"].nunique() - 1, 0),
    )


def support_of_tests(tests: pd.DataFrame) -> Support:
    """The same of investigators who took both tests."""
    started, n = int(tests["started"].sum()), len(tests)
    blocks = tests["block"].nunique()
    return Support(
        n=n,
        n_identifying=n,
        cells_identifying=blocks,
        n_treated=started,
        clusters_treated=started,
        clusters_comparison=n - started,
        persons=n,
        smallest_cell=min(started, n - started),
        residual_df=max(n - blocks - 1, 0),
    )
