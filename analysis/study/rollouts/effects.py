"""Effects of a roll-out in one place: of everyone behind an outcome, within ethnic groups, and on
the gap between them. Worked out by imputation, start dates permuted within regions."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from analysis.designs.rollouts import block_rollout
from analysis.designs.rollouts.imputation import imputation_effect
from analysis.disclosure.dominance import smaller_side
from analysis.disclosure.parts import GROUPS
from analysis.inference.columns import BlockColumns, Quantity, WeightedColumns
from analysis.inference.randomisation import seed_for
from analysis.inference.sequential import Asked, Draws, benjamini_hochberg_lines, holm_lines
from analysis.plans.plan import Outcome
from analysis.record.row import Role, Row
from analysis.results import EVERYONE, LEVELS, Estimate, Fact, NotEstimable, Result, Support
from analysis.study.rollouts.cells import UNIT, in_cells, reasons_in, reasons_of
from analysis.study.rollouts.panels import PANEL, QUARTER, RolloutPanels, from_the_first_period
from analysis.vocabulary.regions import ALL

EFFECT, MAIN = "average_effect", "imputation_permutation"
BASE = 3  # months before the start: one month of one unit is noisy, half a year leans on the trends
TOGETHER = (  # all groups but the reference: a part of everyone, and a whole of them
    "minority ethnic groups"
)
MINORITIES = Role((TOGETHER,), part_of=GROUPS)
NO_OTHER_GROUP = (  # the unit and quarter has people of one of two groups only
    "no_other_group_there"
)


class RolloutEffects(RolloutPanels):
    """The results of a roll-out, each worked out once."""

    # reasons why a place alone shows its own figures, and no result
    described: ClassVar[tuple[str, ...]] = ("no_comparison",)

    @property
    def refusal(self) -> str | None:
        """Why nothing is worked out; None where it is."""
        return None

    def effect(self, outcome_id: str) -> Result:
        """The effect among everyone behind an outcome, within regions."""
        if self.refusal:
            unit = self.plan.outcome(outcome_id).unit
            return NotEstimable(EFFECT, MAIN, unit, self.refusal, Support())
        return self.tested(outcome_id)

    def rollout_row(self, outcome: Outcome, group: str, result: Result | Fact, **more) -> Row:
        """The row of a result; of a place that has too few units, its own figures."""
        if (
            isinstance(result, NotEstimable)
            and result.reason in self.described
            and self.place != ALL
        ):  # all units at once are compared, and a region shows its own figures
            result = Fact(result.estimand, result.method, result.unit, support=result.support)
        return self.row(outcome, group, result, **more)

    def tested(self, outcome_id: str) -> Result:
        """The leading result of an outcome."""
        if outcome_id not in self.tests:
            self.tests[outcome_id] = self._imputed(
                outcome_id,
                self.people(outcome_id),
                (EFFECT, MAIN),
                panel=self.panel(outcome_id, months=self.months_of(outcome_id)),
            )
        return self.tests[outcome_id]

    @cached_property
    def tests(self) -> dict[str | tuple[str, str], Result]:
        """Results that were worked out, by outcome and method."""
        return {}

    def _imputed(
        self,
        outcome: str,
        people: pd.DataFrame,
        what: tuple[str, str],
        months: int | None = None,
        panel=None,
    ) -> Result:
        """The effect by imputation with the plan's weights, tested by permuting start dates within
        regions. what: estimand and method."""
        months = months or self.months_of(outcome)
        panel = self.panel(outcome, people, months=months) if panel is None else panel
        test = imputation_effect(
            panel,
            self.weighted(outcome),
            (*what, self.plan.outcome(outcome).unit),
            Draws(
                seed=seed_for(self.plan.study, self.place, outcome, what[0]),
                asked=self._asked(self.plan.outcome(outcome)),
            ),
            need=-(-self.need_seen // months),
        )
        reason = reasons_in(
            test.panel, people, self.period_of(people, months), absent=NO_OTHER_GROUP
        )
        self._used[outcome, *what] = people.index[reason == ""]
        return self.with_people(test.result, people, outcome, reason)

    def weighted(self, outcome: str) -> WeightedColumns:
        """The columns of a panel whose cells count by people."""
        return WeightedColumns(
            **PANEL, outcome=outcome, weight="weight", scale=self.scale_of(outcome)
        )

    def blocks(self, outcome: str, *, scale: float | None = None) -> BlockColumns:
        """The columns of a panel in blocks."""
        return BlockColumns(**PANEL, outcome=outcome, scale=scale or self.scale_of(outcome))

    def used(self, outcome_id: str) -> pd.DataFrame:
        """The people that the leading row of an outcome rests on, of all who stand behind it."""
        self.tested(outcome_id)
        return self.people(outcome_id).loc[self._used[outcome_id, EFFECT, MAIN]]

    @cached_property
    def _used(self) -> dict[tuple[str, str, str], pd.Index]:
        return {}

    def based(self, outcome: str, base: int, method: str) -> Result:
        """The answer from so many periods before the start, units alike; worked out once."""
        if (outcome, method) not in self.tests:
            self.tests[outcome, method] = self._from_base(outcome, base, method)
        return self.tests[outcome, method]

    def _from_base(self, outcome: str, base: int, method: str) -> Result:
        people = self.people(outcome)
        test = block_rollout.block_effect(
            self.panel(outcome, months=self.months_of(outcome)),
            self.blocks(outcome),
            Quantity(EFFECT, self.plan.outcome(outcome).unit),
            block_rollout.StartLot(
                seed=seed_for(self.plan.study, self.place, outcome, EFFECT),
                asked=self._asked(self.plan.outcome(outcome)),
                randomised=self.plan.comparison.how_chosen == "by_lot",
            ),
            since=block_rollout.Since(base=base),
            method=method,
        )
        reason = reasons_of(test.reasons, people)
        return self.with_people(test.result, people, outcome, reason)

    def _asked(self, outcome: Outcome) -> Asked:
        """What the classes are set by: p against the levels of its family (at most so many
        comparisons), and whether the ends of the interval lie within the size that matters. One set
        for all rows of an outcome.
        """
        families = [f for f in self.plan.families if outcome.id in f.outcomes]
        alpha = families[0].alpha if families else self.plan.families[0].alpha
        lines = {line for f in families for line in holm_lines(alpha, len(f.outcomes))}
        rows = len(self.plan.compared) + sum(o.role == "primary" for o in self.plan.compared) * (
            len(self.groups) + 1
        )
        lines |= set(benjamini_hochberg_lines(alpha, rows)) | set(
            holm_lines(alpha, len(self.groups))
        )
        return Asked(tuple(sorted(lines)), (-outcome.size, outcome.size))

    def with_people(
        self, result: Result, people: pd.DataFrame, outcome: str, reason: pd.Categorical
    ) -> Result:
        """The result with the people that it rests on, those left out by `reason` (one a person;
        "": used), the levels observed on both sides, and the one that the result gives without the
        programme."""
        whole, people = people, people[reason == ""]
        counts = reason.value_counts().sort_values(ascending=False, kind="stable")
        left_out = {str(name): int(n) for name, n in counts.items() if name and n}
        assert len(whole) == len(people) + sum(left_out.values()), (
            "everyone behind a row is used or left out by reason"
        )
        started = people["started"].to_numpy(dtype=bool)
        support = replace(
            result.support,
            n=len(people),
            n_identifying=len(people),
            n_treated=int(started.sum()),
            persons=self.persons(people),
            smallest_cell=self._smallest(outcome, people),
            cells_identifying=int(people["region"].nunique()),
            residual_df=max(len(people) - 100, 0),
            left_out=tuple(left_out.items()),
            clusters_left_out=whole[UNIT].nunique() - people[UNIT].nunique(),
        )
        if not isinstance(result, Estimate):
            return replace(result, support=support)
        return replace(result, support=support, **self._levels(outcome, people, result.value))

    def _levels(self, outcome: str, people: pd.DataFrame, effect: float) -> dict[str, Any]:
        """Levels seen on both sides, and the one that the effect gives without the programme."""
        value, weight = people[outcome].to_numpy(), people["weight"].to_numpy()
        started, scale = people["started"].to_numpy(dtype=bool), self.scale_of(outcome)
        means = [
            scale * float(np.average(value[part], weights=weight[part]))
            for part in (started, ~started)
        ]
        low, high = self.plan.outcome(outcome).scale or (0.0, 100.0)
        without = min(max(means[0] - effect, low), high)  # model output: nobody was counted so
        return {
            "group_value": means[0],
            "comparison_value": means[1],
            "comparison_estimated": without,
        }

    def _smallest(self, outcome: str, people: pd.DataFrame) -> int:
        """Fewest people with or without the event on a side; of a score, the people of the smaller
        side."""
        started, value = people["started"].to_numpy(dtype=bool), people[outcome].to_numpy()
        if self.plan.outcome(outcome).unit != "in_every_100":
            return smaller_side(value, started)
        parts = (started, ~started)
        return min(
            int(np.count_nonzero(part & side)) for part in parts for side in (value > 0, value < 1)
        )

    # -- by group ----------------------------------------------------------------------------------
    def by_group(self, outcome: Outcome) -> Iterator[Row]:
        """The effect within each group, and the gap to the reference group (triple difference: one
        panel of differences, so that the covariance of the two is in it)."""
        reference = self.plan.groups.reference
        parts = {TOGETHER: self.minorities, **{g: (g,) for g in self.groups if g != reference}}
        white = self.of_groups(outcome.id, (reference,))
        how = (("group_effect", "imputation_quarters"), QUARTER)
        yield self.rollout_row(
            outcome, reference, self._imputed(outcome.id, white, *how), family="exploratory"
        )
        for name, groups in parts.items():
            own = self.of_groups(outcome.id, groups)
            row = self.rollout_row(
                outcome, name, self._imputed(outcome.id, own, *how), family="exploratory"
            )
            yield row.with_(role=MINORITIES if name == TOGETHER else Role(part_of=TOGETHER))
            gap = self._gap(outcome.id, own, white)
            yield self.rollout_row(outcome, f"{name} less {reference}", gap, family="groups")

    def _gap(self, outcome: str, own: pd.DataFrame, white: pd.DataFrame) -> Result:
        """Effect on the gap, from the difference between the two groups in each unit and quarter
        that has both. Weighted by people such a cell counts by n1 n2 / (n1 + n2): what a difference
        of two means rests on, near the smaller n.
        """
        one, other = (self.panel(outcome, people, months=QUARTER) for people in (own, white))
        both = one.merge(
            other.drop(columns="start"), on=[UNIT, "region", "month"], suffixes=("", "_other")
        )
        weight = both["weight"] * both["weight_other"] / (both["weight"] + both["weight_other"])
        weight = weight if self.plan.comparison.weights == "people" else 1.0
        both = both.assign(weight=weight, **{outcome: both[outcome] - both[f"{outcome}_other"]})[
            one.columns
        ]
        people, both = pd.concat([own, white]), from_the_first_period(both)
        found = self._imputed(
            outcome, people, ("gap_difference", "triple_difference"), QUARTER, panel=both
        )
        smaller = self._smallest_in(own, outcome, both)
        found = replace(found, support=replace(found.support, smallest_cell=smaller))
        none: dict[str, Any] = dict.fromkeys(LEVELS)
        return replace(found, **none) if isinstance(found, Estimate) else found

    def _smallest_in(self, people: pd.DataFrame, outcome: str, cells: pd.DataFrame) -> int:
        """The same among those in the cells of a panel."""
        people = people[in_cells(people, self.period_of(people, QUARTER), cells)]
        return self._smallest(outcome, people)

    def leading_row_of(self, outcome: Outcome) -> Row:
        """The row that answers for an outcome."""
        family = f"places_{outcome.id}"
        return self.rollout_row(outcome, EVERYONE, self.effect(outcome.id), family=family)
