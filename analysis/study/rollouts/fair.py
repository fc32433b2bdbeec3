"""Is a roll-out fair: did units move alike before the start, how far could trends differ, and what
a choice by need asks besides; with other estimators beside the main one."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.rollouts import block_rollout, staggered
from analysis.designs.rollouts.chosen_by_need import Worded
from analysis.designs.rollouts.group_time import GroupTime, panel_of
from analysis.designs.rollouts.parallel_trends import breakdown
from analysis.inference.columns import PanelColumns, Quantity
from analysis.inference.randomisation import seed_for
from analysis.inference.sequential import Draws
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE, CheckResult, NotEstimable, Result
from analysis.said.texts import named, say, small
from analysis.study.rollouts.cells import UNIT, reasons_in, reasons_of
from analysis.study.rollouts.effects import EFFECT, NO_OTHER_GROUP, RolloutEffects
from analysis.study.rollouts.need import METHOD as SAME_LEVEL
from analysis.study.rollouts.need import NeedOf
from analysis.study.rollouts.panels import from_the_first_period

# Second opinions whose function knows units and periods only.
WITHOUT_PEOPLE = ("group_time_clustered", *staggered.SECOND_OPINIONS, "two_way_fixed_effects")


def whole_panel(outcome: str) -> PanelColumns:
    """The columns of a panel for designs that know no blocks."""
    return PanelColumns(unit=UNIT, period="month", first_treated="start", outcome=outcome)


class RolloutChecks(RolloutEffects):
    """A roll-out beside other estimators, with the checks that its claims rest on."""

    # -- how fragile -------------------------------------------------------------------------------
    def within_region(self, outcome_id: str) -> pd.DataFrame:
        """The panel less the mean of the region's units that never start, period by period: region
        x period effects gone."""
        panel = self.panel(outcome_id, months=self.months_of(outcome_id))
        never = panel[panel["start"].isna()].groupby(["region", "month"])[outcome_id].mean()
        level = never.reindex(pd.MultiIndex.from_frame(panel[["region", "month"]])).to_numpy()
        scale = self.scale_of(outcome_id)
        apart = panel.assign(**{outcome_id: scale * (panel[outcome_id] - level)}).dropna(
            subset=[outcome_id]
        )
        return from_the_first_period(apart)

    def opinions(self, outcome: Outcome) -> dict[str, Result]:
        """Other estimators that let effects differ; two-way fixed effects only as a contrast."""
        asked = (whole_panel(outcome.id), Quantity(EFFECT, outcome.unit))
        panel = self.within_region(outcome.id)
        found: dict[str, Result] = {}
        if outcome.role == "primary":
            for method, base in self.bases.items():
                found[method] = self.based(outcome.id, self.base_of(outcome.id, base), method)
            found["group_time_clustered"] = staggered.average_effect(panel, *asked)
            found |= {
                m: staggered.second_opinion(panel, *asked, method=m)
                for m in staggered.SECOND_OPINIONS
            }
        if self.need_seen:
            found[SAME_LEVEL] = self.same_level(outcome)
        found["two_way_fixed_effects"] = staggered.two_way_fixed_effects(panel, *asked)
        return found

    def opinion_rows(self, outcome: Outcome, more: dict[str, Result]) -> Iterator[Row]:
        """Their rows, and those of what the kind adds."""
        people = self.people(outcome.id)
        reason = self.left_out_of(outcome.id, people)
        for method, result in (self.opinions(outcome) | more).items():
            if method in WITHOUT_PEOPLE:
                result = self.with_people(result, people, outcome.id, reason)
            yield self.rollout_row(
                outcome, EVERYONE, replace(result, method=method), note="second_opinion"
            )

    def left_out_of(self, outcome: str, people: pd.DataFrame) -> pd.Categorical:
        """Why each person is not in a panel that must be complete ("": is)."""
        return reasons_of(self._units_left_out(outcome, self.within_region(outcome)), people)

    def _units_left_out(self, outcome: str, panel: pd.DataFrame) -> pd.Series:
        """Why each unit is not in a panel that must be complete; "" where it is."""
        used = panel_of(panel, whole_panel(outcome)).units
        units = self.units[UNIT].to_numpy()
        reason = np.where(np.isin(units, panel[UNIT]), "incomplete_periods", "no_comparison_then")
        return pd.Series(np.where(np.isin(units, used), "", reason), index=units)

    @cached_property
    def group_time(self) -> GroupTime | NotEstimable:
        """Group-time effects of the leading outcome on the panel without region x period effects,
        for the breakdown."""
        leading = self.plan.leading
        return staggered.group_time_effects(
            self.within_region(leading), whole_panel(leading), base="universal"
        )

    def event_study(self, outcome_id: str) -> pd.DataFrame:
        """Effect at each period since the start, leads included (in every 100, or points)."""
        months = self.months_of(outcome_id)
        return block_rollout.event_times(
            self.panel(outcome_id, months=months),
            self.blocks(outcome_id),
            times=range(-12 // months, 13 // months),
            base=3 if months == 1 else 1,
        )

    # -- a choice by need --------------------------------------------------------------------------
    def words_of(self, outcome: Outcome) -> Worded:
        """The words of what a check says of an outcome."""
        per = "in every 100" if outcome.unit == "in_every_100" else "points"
        length = "months" if self.months_of(outcome.id) == 1 else "quarters"
        return Worded(self.plan.words.practitioners, length, per)

    def need_of(self, outcome: Outcome) -> NeedOf:
        """What a choice by need asks of an outcome; worked out once."""
        if outcome.id not in self._needs:
            months = self.months_of(outcome.id)
            self._needs[outcome.id] = NeedOf(
                self.panel(outcome.id, months=months),
                self.weighted(outcome.id),
                outcome,
                months=months,
                seen=self.need_seen,
                words=self.words_of(outcome),
            )
        return self._needs[outcome.id]

    @cached_property
    def _needs(self) -> dict[str, NeedOf]:
        return {}

    def same_level(self, outcome: Outcome) -> Result:
        """Beside units of the same level before the start, with the people that it rests on; worked
        out once."""
        if (outcome.id, SAME_LEVEL) not in self.tests:
            own, people = self.need_of(outcome), self.people(outcome.id)
            period = self.period_of(people, self.months_of(outcome.id))
            found = own.same_level((EFFECT, SAME_LEVEL, outcome.unit))
            reason = reasons_in(own.panel, people, period, absent=NO_OTHER_GROUP)
            self.tests[outcome.id, SAME_LEVEL] = self.with_people(found, people, outcome.id, reason)
        return self.tests[outcome.id, SAME_LEVEL]

    def need_checks(self) -> list[CheckResult]:
        """What a choice that is not by lot asks of each outcome: whether bases agree and, of a
        choice by need, the rest, since units that start in a bad spell get better by
        themselves."""
        if self.plan.comparison.how_chosen in ("by_lot", "everyone"):
            return []
        found = []
        for outcome in self.plan.compared:
            bases = self.bases if outcome.role == "primary" else {}
            shown = {
                method: self.based(outcome.id, self.base_of(outcome.id, base), method)
                for method, base in bases.items()
            }
            own, main = self.need_of(outcome), self.effect(outcome.id)
            checks = (
                own.checks(main, self.same_level(outcome), shown)
                if self.need_seen > 0
                else [own.bases(main, shown)]
            )
            found += [self.about(outcome, check) for check in checks]
        return found

    @staticmethod
    def about(outcome: Outcome, check: CheckResult) -> CheckResult:
        """A check of one outcome says whose it is."""
        noun = named(capital(outcome.noun))
        return replace(check, text=say("{noun}: {text}", noun=noun, text=small(check.text)))

    # -- trends ------------------------------------------------------------------------------------
    def lead_checks(self) -> list[CheckResult]:
        """Did units that start later move as the others of their region before they did?"""
        return [self.about(outcome, self._lead_check(outcome)) for outcome in self.plan.compared]

    def _lead_check(self, outcome: Outcome) -> CheckResult:
        leads, base = self.leads_of(outcome)
        return block_rollout.lead_check(
            self.panel(outcome.id, months=self.months_of(outcome.id)),
            self.blocks(outcome.id, scale=1.0),
            Draws(seed=seed_for(self.plan.study, self.place, outcome.id, "leads")),
            check_id=f"pre_trend_{outcome.id}",
            since=block_rollout.Since(leads, base),
            units=self.plan.words.practitioners,
        )

    def drift_checks(self) -> list[CheckResult]:
        """How far trends could differ. A lot over the order of start makes them alike, so that no
        claim rests on it."""
        if isinstance(self.group_time, NotEstimable):
            return []
        leading = self.plan.outcome(self.plan.leading)
        if leading.unit == "in_every_100":
            found = breakdown(self.group_time, unit="in every 100", widest=100.0)
        else:
            found = breakdown(self.group_time, unit="points")
        named_checks = self.plan.checks_of(leading)
        return [found if found.id in named_checks else replace(found, bears_on="nothing")]
