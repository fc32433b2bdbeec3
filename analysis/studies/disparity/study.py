"""A monitor in one place: every row and check of its record.

Its figures stand in figures.py, and what answers each comparison in answers.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from analysis.disclosure.attack.known import Relation, total
from analysis.disclosure.attack.noted import note_relations
from analysis.disparity.relative_rate import verdict_cells
from analysis.extracts.counts.counts import NOT_KNOWN
from analysis.plans.monitor import Measure, Monitor
from analysis.record.row import Row
from analysis.results import LEVELS, CheckResult, Estimate, Result, significant
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.answers import ADJUSTED, MonitorAnswers
from analysis.studies.disparity.checks import checks_of
from analysis.studies.disparity.counted.counts import MonitorCounts
from analysis.studies.disparity.counted.within import WITHIN_UNITS
from analysis.studies.disparity.figures import RoundResult, exclusion_reasons
from analysis.studies.disparity.protected.flow import flow_name, flow_of
from analysis.studies.disparity.protected.names import people_name
from analysis.studies.disparity.years import ADDED_UP, Lead
from analysis.vocabulary.regions import ALL

NO_VERDICT = "no_verdict"  # note of rows that stand beside a verdict and have none
USED = "everybody who is counted stands under one group"
TREND = "trend_"  # of the note of a row of one round, its label after it


@dataclass(frozen=True, eq=False)
class MonitorStudy(MonitorAnswers):
    """One monitor in one place: the rows and checks of its record."""

    @cached_property
    def flow(self) -> dict:
        """n_in, n_used and excluded as they may leave; empty where they were published before."""
        people = {"n_in": self.n_in, "n_used": self.n_used, "excluded": self.excluded}
        found = flow_of(
            self.plan, self.place, people, public=self.already_public, hidden=self.hidden
        )
        if not self.already_public:
            note_relations(self._flow_by_group())
        return found

    def _flow_by_group(self) -> Iterator[Relation]:
        """Those who are used are the people at risk of the first measure; so are those whose group
        is not known."""
        leading = self.plan.measures[0]
        at, cells = self.at(leading, None), self.cells(leading)
        names = {
            group: people_name(leading, group, at, by_column=self.clearing.by_column)
            for group in (*cells, NOT_KNOWN)
        }
        if all(cell.reason is None for cell in cells.values()):
            used = flow_name(self.plan, self.place, "n_used")
            yield total(used, [names[group] for group in cells], USED)
        self.not_known(leading)
        reason = next(iter(exclusion_reasons(self.plan)))
        if reason in self.excluded:
            yield total(flow_name(self.plan, self.place, reason), [names[NOT_KNOWN]], USED)

    # -- rows --------------------------------------------------------------------------------------
    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every row of the record, measure by measure and group by group; the first of each is the
        answer."""
        return tuple(
            row
            for measure, group in shown.compared(self.plan)
            for row in self._rows_of(measure, group)
        )

    def _rows_of(self, measure: Measure, group: str):
        lead = self.lead(measure, group)
        pair = lead.pair
        yield self._answer_row(measure, group, lead)
        if lead.note is not None:
            whole = self.page()[measure.id, group]
            yield self.row_of(
                measure,
                group,
                whole.result,
                note=ADDED_UP,
                p_adjusted=_rounded(whole.p_adjusted, self.figures),
            )
        for result in (shown.opposite(measure, *pair), shown.gap(measure, *pair)):
            if result is not None:
                yield self.row_of(measure, group, result, note=NO_VERDICT)
        if self.already_public:
            yield self.row_of(
                measure, group, shown.exact_relative_rate(measure, *pair), note="second_opinion"
            )
        for which in ADJUSTED:
            if group in (found := self.adjusted(measure, which)):
                yield self.row_of(measure, group, found[group], note=which)
        if (within := self.within_units(measure, group)) is not None:
            yield self.row_of(measure, group, within, note=WITHIN_UNITS)
        for name, one in self.earlier(measure, group).items():
            yield self.row_of(measure, group, one.result, note=name)
        for one in self.trend_rounds(measure, group):
            found = one.verdict.name if isinstance(one.result, Estimate) else None
            yield self.row_of(
                measure,
                group,
                _ratio_alone(one.result),
                note=f"{TREND}{one.round}",
                result_class=found,
            )

    def _answer_row(self, measure: Measure, group: str, lead: Lead) -> Row:
        row = self.row_of(
            measure,
            group,
            lead.result,
            family=self.plan.page_family.name,
            p_adjusted=_rounded(lead.p_adjusted, self.figures),
            note=lead.note,
        )
        cell, reference = lead.pair
        hidden = None in (cell.people, reference.people)
        row = row.with_(
            counts=measure.good_or_bad,
            mde=_rounded(shown.smallest_shown(measure, cell, reference), self.figures),
            n_treated=cell.people,
            n=None if hidden else cell.people + reference.people,
        )
        if row.status != "estimated":
            return row.with_(result_class=row.status)
        cells = verdict_cells(lead.verdict, measure.good_or_bad, figures=self.figures)
        return row.with_(result_class=lead.verdict.name, claim="described", **cells)

    def row_of(self, measure: Measure, group: str, result: Result, **more) -> Row:
        """A result as a row of the record, to three figures, or six where the counts were published
        before."""
        return Row.of(
            _in_figures(result, self.figures),
            level=self.plan.level,
            outcome=measure.id,
            group=f"{group} to {self.plan.groups.reference}",
            direction=shown.DIRECTIONS[measure.counts],
            sesoi=self.plan.band.high if result.unit == "times" else None,
            **more,
        ).without_counts

    def earlier(self, measure: Measure, group: str) -> dict[str, RoundResult]:
        """Rounds that the newest is set beside: the one before and the same of the year before;
        each where rounds are added up.

        By the calendar, so that a page may name the period: a round that is missing is not replaced
        by an older one.
        """
        counted = self.counts.rounds_of(measure)
        rounds = [one for one in self.history(measure, group) if one.round in counted]
        if measure.pool_rounds:
            return {f"round_{one.round}": one for one in rounds}
        a_year = {"quarter": 4, "year": 1}[self.plan.round.length]
        back = {"last_round": 1} | ({"same_round_last_year": a_year} if a_year > 1 else {})
        ends = dict(zip(self.counts.rounds, self.counts.ends, strict=True))
        found = {}
        for name, k in back.items():
            wanted = self.counts.ends[-1] - k * pd.DateOffset(months=12 // a_year)
            then = [one for one in rounds[:-1] if ends[one.round] == wanted]
            found |= {name: then[0]} if then else {}
        return found

    def trend_rounds(self, measure: Measure, group: str) -> tuple[RoundResult, ...]:
        """Rounds of the measure that leads, as many as the plan shows; none where rounds are pooled
        or there is but one."""
        rounds = self.history(measure, group)[-self.plan.trend.rounds :]
        leads = measure.id == self.plan.leads.measure and not measure.pool_rounds
        return rounds if leads and len(rounds) > 1 else ()

    # -- checks ------------------------------------------------------------------------------------
    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """How long each disparity has held, where its explanation stands, which rounds are
        provisional, whether years agree."""
        return checks_of(self)


def _ratio_alone(result: Result) -> Result:
    """A ratio without the rates that it is made of."""
    return replace(result, **dict.fromkeys(LEVELS)) if isinstance(result, Estimate) else result


def _in_figures(result: Result, figures: int) -> Result:
    """Numbers to so many figures, as they leave (rules S0 and S6)."""
    if not isinstance(result, Estimate):
        return result
    names = ("value", "conf_low", "conf_high", "p_value", *LEVELS)
    numbers = {name: _rounded(getattr(result, name), figures) for name in names}
    numbers["conf_low"] = min(numbers["conf_low"], numbers["value"])
    numbers["conf_high"] = max(numbers["conf_high"], numbers["value"])
    return replace(result, **numbers, std_error=None)


def _rounded(value: float | None, figures: int) -> float | None:
    return None if value is None else significant(value, figures)


def open_monitor(
    plan: Monitor,
    place: str,
    counts: MonitorCounts,
    *,
    shown_on: str | None,
    hidden: frozenset[str],
) -> MonitorStudy:
    """The study of one place. hidden: names of counts that the joint decision withholds."""
    return MonitorStudy(
        plan, place, counts, shown_on, already_public=counts.already_public, hidden=hidden
    )


__all__ = ["ADJUSTED", "ALL", "NO_VERDICT", "MonitorStudy", "RoundResult", "open_monitor"]
