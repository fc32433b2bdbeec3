"""A monitor's figures in one place: its counts as they may be shown, and the page of every round
with its verdicts.

Each comparison is worked out from the counts as they may be shown, so that nothing on the page
rests on a number that is not on it. Verdicts need no other place: the comparisons that share an
error rate are those of one page.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.disclosure.rules import Clearance, released_figures
from analysis.disparity.control_chart import ControlChart, Persistence, control_chart, persistent
from analysis.disparity.relative_rate import Verdict
from analysis.extracts.counts.counts import NOT_KNOWN
from analysis.inference.multiplicity import ADJUSTMENTS
from analysis.plans.counts import NOT_MAPPED
from analysis.plans.monitor import Measure, Monitor
from analysis.results import Estimate, NotEstimable, Result
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.asked import with_direction
from analysis.studies.disparity.counted.counts import MonitorCounts
from analysis.studies.disparity.counted.monthly import MonthlySeries
from analysis.studies.disparity.protected.clearing import Clearing
from analysis.studies.disparity.protected.names import At, follower, people_name, period_of
from analysis.study.public_counts import clearance_of
from analysis.vocabulary.ethnicity import groups_of

WHO = "people, comparisons and stages of the newest round; rows of the record"
EARLIER = "round by round; what changed; rows of the record"
NOT_DELIVERED = "not_delivered"  # reason of a round of the calendar that has no figures


@dataclass(frozen=True)
class RoundResult:
    """One measure and group in one round: the ratio, and the verdict among the comparisons of that
    round's page."""

    round: str
    result: Result
    p_adjusted: float | None
    verdict: Verdict

    @property
    def delivered(self) -> bool:
        """The round has figures; one that was not delivered stands in a series as a gap."""
        return not (isinstance(self.result, NotEstimable) and self.result.reason == NOT_DELIVERED)


def gap(label: str, method: str, *, reason: str) -> RoundResult:
    """A round between others that has no figures."""
    none = NotEstimable(shown.MAIN, method, "times", reason)
    return RoundResult(label, none, None, Verdict("insufficient_data", None))


@dataclass(frozen=True, eq=False)
class MonitorFigures:
    """One monitor in one place, by measure, group and round.

    shown_on: the day of the extract (ISO), or None for published counts. hidden: names of counts
    that the joint decision over the whole study withholds.
    """

    plan: Monitor
    place: str
    counts: MonitorCounts
    shown_on: str | None
    already_public: bool = False
    hidden: frozenset[str] = field(kw_only=True, repr=False)

    @property
    def clearance(self) -> Clearance:
        """What the release of its numbers hangs on."""
        return clearance_of(self.plan, public=self.already_public, hidden=self.hidden)

    @cached_property
    def clearing(self) -> Clearing:
        """What clears its counts, and notes them."""
        return Clearing(self.plan, self.already_public, bool(self.counts.tables), self.hidden)

    @cached_property
    def series(self) -> MonthlySeries | None:
        """The monthly series of the plan; None where it has none."""
        if self.plan.series is None or self.counts.months is None:
            return None
        own = (self.counts.months, self.clearing, self.clearance)
        return MonthlySeries(self.plan.series, self.place, *own)

    @property
    def figures(self) -> int:
        """Significant figures of the numbers of the record: those of published counts are not cut
        to three (S0)."""
        return released_figures(self.clearance)

    # -- who is counted ----------------------------------------------------------------------------
    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of the page's coding: broad ethnic groups, or those of the table."""
        return groups_of(self.plan.groups.coding)

    @cached_property
    def _leading_counts(self) -> pd.Series:
        """Rows of the newest round under the first measure, by group, those not known among
        them."""
        return self.counts.newest(self.plan.measures[0])["rows"]

    @property
    def n_in(self) -> int:
        return int(self._leading_counts.sum())

    @property
    def n_used(self) -> int:
        return self.n_in - sum(self.excluded.values())

    @property
    def excluded(self) -> dict[str, int]:
        """People of the newest round whose group is not known, or is none of the page's (exact)."""
        groups, reasons = (NOT_KNOWN, NOT_MAPPED), exclusion_reasons(self.plan)
        found = {
            reason: int(self._leading_counts.get(group, 0))
            for group, reason in zip(groups, reasons, strict=True)
        }
        return {reason: people for reason, people in found.items() if people}

    # -- counts as they may be shown ---------------------------------------------------------------
    def cells(self, measure: Measure, label: str | None = None) -> dict[str, shown.Cell]:
        """By group: the answer of the measure (its newest round, or all rounds added up), or one
        round."""
        if label is None and not measure.pool_rounds:
            label = self.counts.newest_round(measure)
        key = (measure.id, label)
        if key not in self._cells:
            self._cells[key] = self._shown(measure, label)
        return self._cells[key]

    def not_known(self, measure: Measure) -> shown.Cell:
        """People whose group is not known, in the answer of the measure; no more is shown of
        them. Where there are none, the page has no number of them and so tells it."""
        rows = self.counts.newest(measure)
        persons = int(rows["persons"].get(NOT_KNOWN, 0))
        at = self.at(measure, None)
        name = people_name(measure, NOT_KNOWN, at, by_column=self.clearing.by_column)
        people = self.clearing.people(name, persons, where=WHO, structural=True)
        return shown.Cell(NOT_KNOWN, people, None, None)

    def at(self, measure: Measure, label: str | None) -> At:
        """Where the counts of one round stand, or those of the answer."""
        if label is not None:
            return At(self.place, label)
        rounds = self.counts.rounds_of(measure)
        newest = rounds if measure.pool_rounds else (self.counts.newest_round(measure),)
        return At(self.place, period_of(newest))

    def follows(self, measures: Sequence[Measure], group: str) -> bool:
        """Each stage starts from exactly those who went on from the one before, in the group and in
        the reference (exact)."""
        ends = []
        for measure in measures:
            rows = self.counts.newest(measure).reindex([group, self.plan.groups.reference])
            ends.append((tuple(rows["base"]), tuple(rows["events"])))
        return all(before[1] == after[0] for before, after in pairwise(ends))

    def _shown(self, measure: Measure, label: str | None) -> dict[str, shown.Cell]:
        """Counts as they may stand here, and beside what the pages of other places show. What the
        table that was read does not give is empty, with the reason."""
        counts, after = self._counted(measure, label), follower(self.plan, measure)
        reasons = {group: self.counts.not_given(measure, label, group) for group in self.groups}
        where = WHO if label in (None, self.counts.newest_round(measure)) else EARLIER
        found = self.clearing.cells(
            measure,
            counts,
            [group for group, reason in reasons.items() if reason is None],
            replace(self.at(measure, label), where=where),
            after=None if after is None else self._counted(after, label),
            apart=self._given_back(measure, label or self.counts.newest_round(measure)),
        )
        return {
            group: found[group]
            if reason is None
            else shown.Cell(group, None, None, None, reason=reason)
            for group, reason in reasons.items()
        }

    def _counted(self, measure: Measure, label: str | None) -> pd.DataFrame:
        return (
            self.counts.newest(measure) if label is None else self.counts.of_round(measure, label)
        )

    def _given_back(self, measure: Measure, label: str) -> frozenset[str]:
        """Groups whose count over all places would give back a small count that the page of a place
        withholds (S4, S14)."""
        return self._all_given_back.get((measure.id, label), frozenset())

    @cached_property
    def _all_given_back(self) -> dict[tuple[str, str], frozenset[str]]:
        """The same by measure and round."""
        found = defaultdict(set)
        for (measure, label, group), part in self.counts.by_place.groupby(
            ["measure", "round", "group"]
        ):
            if not shown.whole_stands(part):
                found[measure, label].add(group)
        return {key: frozenset(groups) for key, groups in found.items()}

    @cached_property
    def _cells(self) -> dict[tuple, dict[str, shown.Cell]]:
        return {}

    def pair(
        self, measure: Measure, group: str, label: str | None = None
    ) -> tuple[shown.Cell, shown.Cell]:
        """The group and the reference group."""
        cells = self.cells(measure, label)
        return cells[group], cells[self.plan.groups.reference]

    # -- verdicts ----------------------------------------------------------------------------------
    def page(self, label: str | None = None) -> dict[tuple[str, str], RoundResult]:
        """Every measure and group of one round's page with its verdict; p-values adjusted over that
        page."""
        if label not in self._pages:
            self._pages[label] = self._page(label)
        return self._pages[label]

    @cached_property
    def _pages(self) -> dict:
        return {}

    def _page(self, label: str | None) -> dict[tuple[str, str], RoundResult]:
        found = {}
        for measure, group in shown.compared(self.plan):
            if label is None or label in self.counts.rounds_of(measure):
                found[measure.id, group] = shown.relative_rate(
                    measure, *self.pair(measure, group, label)
                )
        tested = [key for key, result in found.items() if isinstance(result, Estimate)]
        adjust = ADJUSTMENTS[self.plan.page_family.method]
        p_values = dict(zip(tested, adjust([found[key].p_value for key in tested]), strict=True))
        page = {}
        for (measure_id, group), result in found.items():
            measure, p = self.plan.measure(measure_id), p_values.get((measure_id, group))
            verdict = shown.verdict_on(
                self.plan, measure, *self.pair(measure, group, label), p_adjusted=p
            )
            page[measure_id, group] = RoundResult(label or "", result, p, verdict)
        return page

    def history(self, measure: Measure, group: str) -> tuple[RoundResult, ...]:
        """The rounds of the calendar since the measure was first counted, oldest first, each with
        the verdict of its page.

        A round that was not delivered stands among them as a gap.
        """
        counted = self.counts.rounds_of(measure)
        return tuple(
            (
                replace(self.page(label)[measure.id, group], round=label)
                if label in counted
                else gap(label, shown.method_of(measure), reason=self._why_empty(label))
            )
            for label in self.counts.labels_of(measure)
        )

    def _why_empty(self, label: str) -> str:
        """A round without figures of a measure: nobody was at risk, or it was not delivered."""
        here = self.counts.calendar is not None and label in self.counts.rounds
        return "too_few_people" if here else NOT_DELIVERED

    def unbroken(self, measure: Measure, group: str) -> tuple[RoundResult, ...]:
        """The newest rounds without a gap: nothing is counted across one that was not delivered."""
        rounds = self.history(measure, group)
        gaps = [k for k, one in enumerate(rounds) if not one.delivered]
        return rounds[gaps[-1] + 1 :] if gaps else rounds

    def persistence(self, measure: Measure, group: str) -> Persistence | None:
        """How long the newest verdict has held, direction included; None where rounds are pooled or
        too few."""
        rounds = self.unbroken(measure, group)
        if measure.pool_rounds or len(rounds) < 2:
            return None
        return persistent(
            [with_direction(one.verdict) for one in rounds], last=self.plan.trend.rounds
        )

    def chart(self, measure: Measure, group: str) -> ControlChart | None:
        """Control limits of the log ratio over rounds; None: too few rounds with a ratio."""
        rounds = [one.result for one in self.history(measure, group)]
        known = [_log_and_error(result) for result in rounds]
        values, errors = (
            zip(*(k or (math.nan, math.nan) for k in known), strict=True) if known else ((), ())
        )
        return control_chart(np.array(values), np.array(errors))

    @cached_property
    def provisional(self) -> tuple[str, ...]:
        """Rounds for which the plan's months have not passed."""
        months = self.plan.round.provisional_until_months
        if self.shown_on is None or not months:
            return ()
        day = pd.Timestamp(self.shown_on)
        pairs = zip(self.counts.rounds, self.counts.ends, strict=True)
        return tuple(label for label, end in pairs if end + pd.DateOffset(months=months) > day)


def _log_and_error(result: Result) -> tuple[float, float] | None:
    """Log of a ratio and its standard error, read off its interval; None where it has no finite
    log."""
    if not isinstance(result, Estimate) or not (
        result.value > 0 and result.conf_low > 0 and math.isfinite(result.conf_high)
    ):
        return None
    return math.log(result.value), (math.log(result.conf_high) - math.log(result.conf_low)) / (
        2 * shown.Z
    )


def exclusion_reasons(plan: Monitor) -> dict[str, str]:
    """Why people are in no group of the page, in words: not known first, then of another group."""
    name = plan.characteristic.replace(" ", "_")
    return {
        f"{name}_not_known": f"the {plan.characteristic} is not known",
        f"{name}_not_mapped": f"the {plan.characteristic} is none of the page's",
    }
