"""The series of repeated audits in one place, exact: of which items, which rounds and of whom."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from analysis.designs.series.bridging import METHOD as EQUATED
from analysis.designs.series.bridging import equated_step, instrument_shift
from analysis.designs.series.interrupted import METHOD, Interrupted, interrupted_series
from analysis.designs.series.repeated import (
    CASES,
    DIFFERENCE,
    TOUCHED,
    series_of,
    support_of,
)
from analysis.extracts.tables.pilots.assessment_tables import NEW, OLD
from analysis.inference.clusters import t_interval
from analysis.inference.columns import Quantity, RepeatedColumns, SeriesColumns
from analysis.plans.plan import Outcome
from analysis.results import EVERYONE, Estimate, NotEstimable, Result
from analysis.studies.repeated_audits.kind import KIND, MAIN
from analysis.studies.repeated_audits.rounds import Rounds
from analysis.study.frame_study import FrameStudy
from analysis.vocabulary.regions import ALL

# Audits of a group in a fortnight, on average: of fewer, a mean is noise and no series is made.
FEWEST_A_ROUND = 10
UNTOUCHED = "good_untouched"  # good enough on every item that was left alone


def rating_of(item: str) -> str:
    """The column of an item's rating of 1 to 4; under its own name stands good enough or not."""
    return f"rating_{item}"


@dataclass(frozen=True, eq=False)
class AuditSeries(FrameStudy):
    """One plan in one place; `everyone` holds audits, a row each, with `round` (a number), `weight`
    (inverse sampling share), ratings and whether they are good enough.

    second: audits rated again by another auditor. bridge: assessments rated with both instruments.
    """

    rounds: Rounds = field(kw_only=True)
    second: pd.DataFrame = field(kw_only=True, repr=False)
    bridge: pd.DataFrame = field(kw_only=True, repr=False)

    # -- series ------------------------------------------------------------------------------------
    def columns(self, outcome: Outcome) -> RepeatedColumns:
        """Items that were touched, those that were not, and the weights of the sample."""
        return RepeatedColumns(
            point="round", outcome=outcome.id, beside=UNTOUCHED, weights="weight", scale=100.0
        )

    def series(self, outcome: Outcome, group: str = EVERYONE) -> pd.DataFrame:
        """The rounds that are compared, in every 100."""
        return series_of(self.people(outcome, group), self.columns(outcome))

    def interrupted(
        self, outcome: Outcome, group: str = EVERYONE, *, of: str = DIFFERENCE
    ) -> Interrupted:
        """The series of `of` (touched less beside, or one of them) at the change."""
        people = self.people(outcome, group)
        support = support_of(people, self.columns(outcome), self.rounds.start)
        points = self.series(outcome, group)
        if points[CASES].mean() < FEWEST_A_ROUND:
            what = (KIND.estimand, METHOD, outcome.unit)
            none = NotEstimable(*what, "too_few_people", support)
            return Interrupted(none, none, none)
        found = self._at_start(points, of, outcome)
        return replace(
            found,
            step=replace(found.step, support=support),
            slope=None if found.slope is None else replace(found.slope, support=support),
        )

    def _at_start(self, points: pd.DataFrame, of: str, outcome: Outcome) -> Interrupted:
        what = Quantity(KIND.estimand, outcome.unit)
        asked = SeriesColumns(time="time", outcome=of)
        start, breaks = self.rounds.start, self._breaks
        return interrupted_series(points, asked, what, start=start, breaks=breaks)

    @property
    def _breaks(self) -> tuple[float, ...]:
        changed = self.rounds.instrument
        return () if changed is None else (float(changed),)

    @property
    def with_the_old(self) -> pd.DataFrame:
        """Audits of the period before the change of instrument."""
        old = self.everyone["excluded"] == "old_instrument"
        changed = self.rounds.instrument
        return self.everyone[old & (self.everyone["round"] < (changed or self.rounds.start))]

    # -- what they show ---------------------------------------------------------------------------
    def step(self, outcome: Outcome, group: str = EVERYONE) -> Result:
        """The step of the touched items less that of the untouched ones, with the levels."""
        found = self.interrupted(outcome, group).step
        estimand = KIND.estimand if group == EVERYONE else "group_effect"
        if not isinstance(found, Estimate):
            return replace(found, estimand=estimand, method=MAIN)
        level = self.interrupted(outcome, group, of=TOUCHED).level or 0.0
        people = self.people(outcome, group)
        before = people[people["round"] < self.rounds.start]
        observed = 100 * float(np.average(before[outcome.id], weights=before["weight"]))
        return replace(
            found,
            estimand=estimand,
            method=MAIN,
            comparison_value=observed,
            comparison_estimated=min(max(level - found.value, 0.0), 100.0),
        )

    def gap(self, outcome: Outcome, group: str) -> Result:
        """By how much more the group's share steps than that of the reference."""
        reference = self.plan.groups.reference
        own = self.interrupted(outcome, group).step
        if not isinstance(own, Estimate):
            return replace(own, estimand="gap_difference", method=MAIN)
        both = [self.series(outcome, one).set_index("time") for one in (group, reference)]
        apart = (both[0][[DIFFERENCE]] - both[1][[DIFFERENCE]]).dropna().reset_index()
        found = self._at_start(apart, DIFFERENCE, outcome).step
        supports = [self.interrupted(outcome, one).step.support for one in (group, reference)]
        least = min(supports, key=lambda support: support.smallest_cell)
        return replace(found, estimand="gap_difference", method=MAIN, support=least)

    def naive(self, outcome: Outcome) -> Result:
        """Mean of the rounds after less that of the rounds before, as if none resembled its
        neighbour and nothing moved by itself."""
        points = self.series(outcome)
        after = points["time"] >= self.rounds.start
        sides = points.loc[after, TOUCHED], points.loc[~after, TOUCHED]
        what = ("naive_difference", "crude_means", outcome.unit)
        support = support_of(self.people(outcome), self.columns(outcome), self.rounds.start)
        if min(map(len, sides)) < 2:
            return NotEstimable(*what, "too_few_points", support)
        value = float(sides[0].mean() - sides[1].mean())
        error = float(np.sqrt(sum(side.var() / len(side) for side in sides)))
        low, high = t_interval(value, error, len(points) - 2)
        return Estimate(*what, value, low, high, error, df=len(points) - 2.0, support=support)

    # -- the change of instrument ------------------------------------------------------------------
    def instrument_change(self, outcome: Outcome) -> Result:
        """The step of the touched items where the instrument changed: refused, unless a bridging
        sample was rated with both, by which it is equated."""
        what = Quantity("instrument_change", outcome.unit)
        changed = self.rounds.instrument
        new = self.people(outcome)
        new = new[new["round"] < self.rounds.start]
        rows = pd.concat([self.with_the_old.dropna(subset=[outcome.id]), new])
        if changed is None or self.place != ALL:
            return NotEstimable(what.estimand, EQUATED, what.unit, "instrument_changed")
        columns = self.columns(outcome)
        asked = SeriesColumns(time="time", outcome=TOUCHED)
        points = series_of(rows, columns)
        shift = instrument_shift(self.bridge, old=OLD, new=NEW, weights="weight", scale=100.0)
        bridged = isinstance(shift, Estimate)
        breaks = () if bridged else (float(changed),)
        found = interrupted_series(points, asked, what, start=changed, breaks=breaks)
        support = support_of(rows, columns, changed)
        return replace(equated_step(found.step, shift, what), support=support)
