"""A monitor in one place: from its counts to every row, check and verdict of its record.

Each comparison is worked out from the counts as they may be shown, so that nothing on the page
rests on a number that is not on it. Verdicts need no other place: the comparisons that share an
error rate are those of one page.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis import record as records
from analysis.disclosure.rules import released_figures
from analysis.disclosure.suppression import clear_estimate
from analysis.disparity.adjusted import adjusted_relative_rates
from analysis.disparity.control_chart import ControlChart, Persistence, control_chart, persistent
from analysis.disparity.relative_rate import Verdict, verdict_cells
from analysis.extracts.counts.counts import NOT_KNOWN
from analysis.inference.multiplicity import ADJUSTMENTS
from analysis.plans.counts import NOT_MAPPED
from analysis.plans.explanations import Explanation, Standing, entry_for, load_register, standing
from analysis.plans.monitor import Measure, Monitor
from analysis.results import (
    ESTIMATED_LEVELS,
    LEVELS,
    CheckResult,
    Estimate,
    NotEstimable,
    Result,
    significant,
)
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.asked import Seen, seen, with_direction
from analysis.studies.disparity.checks import checks_of
from analysis.studies.disparity.counted.counts import MonitorCounts, exposure
from analysis.studies.disparity.within import WITHIN_UNITS, within_units
from analysis.studies.disparity.years import ADDED_UP, Agreement, Lead, agreements, lead_of
from analysis.vocabulary.ethnicity import groups_of
from analysis.vocabulary.regions import ALL

NO_VERDICT = "no_verdict"  # note of rows that stand beside a verdict and have none
NOT_DELIVERED = "not_delivered"  # reason of a round of the calendar that has no figures
TREND = "trend_"  # of the note of a row of one round, its label after it
ADJUSTED = {"outside": "adjusted_outside", "both": "adjusted_both"}


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
class MonitorStudy:
    """One monitor in one place. `shown_on`: the day of the extract (ISO), or None for published
    counts."""

    plan: Monitor
    place: str
    counts: MonitorCounts
    shown_on: str | None
    already_public: bool = False

    @property
    def figures(self) -> int:
        """Significant figures of the numbers of the record: those of published counts are not cut
        to three (S0)."""
        return released_figures(already_public=self.already_public)

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
        key = (measure.id, label)
        if key not in self._cells:
            counts = (
                self.counts.newest(measure)
                if label is None
                else self.counts.of_round(measure, label)
            )
            self._cells[key] = self._shown(measure, counts, label)
        return self._cells[key]

    def follows(self, measures: Sequence[Measure], group: str) -> bool:
        """Each stage starts from exactly those who went on from the one before, in the group and in
        the reference (exact)."""
        ends = []
        for measure in measures:
            rows = self.counts.newest(measure).reindex([group, self.plan.groups.reference])
            ends.append((tuple(rows["base"]), tuple(rows["events"])))
        return all(before[1] == after[0] for before, after in pairwise(ends))

    def _shown(
        self, measure: Measure, counts: pd.DataFrame, label: str | None
    ) -> dict[str, shown.Cell]:
        """Counts as they may stand here, and beside what the pages of other places show."""
        found = shown.cells(measure, counts, self.groups, public=self.already_public)
        hidden = self._given_back(measure, label or self.counts.newest_round(measure))
        return {group: self._cell(measure, label, cell, hidden) for group, cell in found.items()}

    def _cell(
        self, measure: Measure, label: str | None, cell: shown.Cell, hidden: frozenset[str]
    ) -> shown.Cell:
        """The cell, or an empty one that says whether it is withheld here or was not given by the
        table."""
        reason = self.counts.not_given(measure, label, cell.group)
        if reason is None and cell.group not in hidden:
            return cell
        return shown.Cell(cell.group, None, None, None, reason=reason)

    def _given_back(self, measure: Measure, label: str) -> frozenset[str]:
        """Groups whose count over all places would give back a small count that the page of a place
        withholds (S4, S14)."""
        rows = self.counts.by_place
        rows = rows[(rows["measure"] == measure.id) & (rows["round"] == label)]
        return frozenset(
            group for group, part in rows.groupby("group") if not shown.whole_stands(part)
        )

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

    @cached_property
    def agreements(self) -> dict[tuple[str, str], Agreement]:
        """By measure and group: whether the rounds that are added up tell one ratio, adjusted over
        the page."""
        return agreements(self)

    def lead(self, measure: Measure, group: str) -> Lead:
        """What answers one comparison: the newest round, the sum of all, or one of those that
        disagree."""
        key = (measure.id, group)
        if key not in self._leads:
            self._leads[key] = lead_of(self, measure, group)
        return self._leads[key]

    @cached_property
    def _leads(self) -> dict[tuple[str, str], Lead]:
        return {}

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

    # -- adjusted ----------------------------------------------------------------------------------
    def adjusted(self, measure: Measure, which: str) -> dict[str, Result]:
        """By group, after allowing for outside characteristics (`outside`), or for what the service
        decides too (`both`).

        Empty where the plan allows for nothing. A group whose crude ratio is withheld has no
        adjusted one.
        """
        key = (measure.id, which)
        if key not in self._adjusted:
            self._adjusted[key] = self._adjust(measure, which)
        return self._adjusted[key]

    @cached_property
    def _adjusted(self) -> dict:
        return {}

    def _adjust(self, measure: Measure, which: str) -> dict[str, Result]:
        allowed = self.plan.adjust_for
        covariates = list(allowed.outside) + (
            list(allowed.service_decided) if which == "both" else []
        )
        rows = self.counts.by_stratum
        rows = rows[rows["measure"] == measure.id]
        if not covariates or rows.empty or (which == "both" and not allowed.service_decided):
            return {}
        size = "people" if measure.kind == "share" else "exposure"
        cells = rows.assign(
            **{size: rows["base"] if size == "people" else exposure(measure, rows["base"])}
        )
        found = adjusted_relative_rates(
            cells,
            group="group",
            reference=self.plan.groups.reference,
            covariates=covariates,
            kind=measure.kind,
            groups=self.plan.compared_groups,
        )
        return {
            group: self._cleared(measure, group, result, which) for group, result in found.items()
        }

    def _cleared(self, measure: Measure, group: str, result: Result, which: str) -> Result:
        """As it may leave: withheld with the crude ratio, else three figures (rules S6, S9)."""
        method = ADJUSTED[which]
        if not all(cell.is_shown for cell in self.pair(measure, group)):
            return shown.hidden(shown.MAIN, method, "times", self.pair(measure, group))
        if isinstance(result, Estimate) and measure.kind == "rate":
            levels = {name: measure.scale * getattr(result, name) for name in ESTIMATED_LEVELS}
            result = replace(result, **levels)
        found = replace(result, estimand=shown.MAIN, method=method)
        return clear_estimate(
            found, already_public=self.already_public, crude=False, clusters_are_people=False
        )

    def within_units(self, measure: Measure, group: str) -> Result | None:
        """The ratio of people of one unit beside each other; None where no units are counted."""
        key = (measure.id, group, WITHIN_UNITS)
        if key not in self._adjusted:
            self._adjusted[key] = within_units(self, measure, group)
        return self._adjusted[key]

    # -- rows --------------------------------------------------------------------------------------
    @cached_property
    def rows(self) -> tuple[dict, ...]:
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

    def _answer_row(self, measure: Measure, group: str, lead: Lead) -> dict:
        row = self.row_of(
            measure,
            group,
            lead.result,
            family=self.plan.page_family.name,
            p_adjusted=_rounded(lead.p_adjusted, self.figures),
            note=lead.note,
        )
        row["counts"], (cell, reference) = measure.counts, lead.pair
        row |= {
            "mde": _rounded(shown.smallest_shown(measure, cell, reference), self.figures),
            "n_treated": cell.people,
        }
        row["n"] = (
            None if None in (cell.people, reference.people) else cell.people + reference.people
        )
        if row["status"] != "estimated":
            return row | {"result_class": row["status"]}
        cells = verdict_cells(lead.verdict, measure.counts, figures=self.figures)
        return row | {"result_class": lead.verdict.name, "claim": "described"} | cells

    def row_of(self, measure: Measure, group: str, result: Result, **more) -> dict:
        """A result as a row of the record, to three figures, or six where the counts were published
        before."""
        row = records.row(
            _in_figures(result, self.figures),
            level=self.plan.level,
            outcome=measure.id,
            group=f"{group} to {self.plan.groups.reference}",
            direction={"good": "higher", "bad": "lower"}[measure.counts],
            sesoi=self.plan.band.high if result.unit == "times" else None,
            **more,
        )
        return {key: value for key, value in row.items() if key != "support"} | dict.fromkeys(
            records.SUPPORT_KEYS
        )

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

    # -- explain or reform -------------------------------------------------------------------------
    @cached_property
    def register(self) -> tuple[Explanation, ...]:
        return load_register(self.plan.study)

    @cached_property
    def disparities(self) -> list[tuple[Measure, str]]:
        """Measures and groups with the verdict "disparity", in the order of the page."""
        leads = [
            (measure, group, self.lead(measure, group))
            for measure, group in shown.compared(self.plan)
        ]
        return [
            (measure, group)
            for measure, group, lead in leads
            if isinstance(lead.result, Estimate) and lead.verdict.name == "disparity"
        ]

    def seen(self, measure: Measure, group: str) -> Seen | None:
        """In how many of the last rounds a disparity was seen; None where it is none, or the plan
        asks nobody."""
        return seen(self, measure, group)

    def explanation(self, measure: Measure, group: str) -> Standing | None:
        """Where the explanation of a disparity stands; None where nobody is ever asked."""
        rule, held = self.plan.explain_or_reform, self.persistence(measure, group)
        often = self.seen(measure, group)
        if often is None or self.shown_on is None:
            return None
        entry = entry_for(self.register, place=self.place, measure=measure.id, group=group)
        running, after = held.unbroken if held else 1, rule.reform_due_after_rounds
        return standing(
            entry, running=running, reform_after=after, asked=often.asked, shown_on=self.shown_on
        )

    # -- checks ------------------------------------------------------------------------------------
    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """How long each disparity has held, where its explanation stands, which rounds are
        provisional, whether years agree."""
        return checks_of(self)

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
    plan: Monitor, place: str, counts: MonitorCounts, *, shown_on: str | None
) -> MonitorStudy:
    """The study of one place."""
    return MonitorStudy(plan, place, counts, shown_on, already_public=counts.already_public)


__all__ = ["ADJUSTED", "ALL", "NO_VERDICT", "MonitorStudy", "RoundResult", "open_monitor"]


def exclusion_reasons(plan: Monitor) -> dict[str, str]:
    """Why people are in no group of the page, in words: not known first, then of another group."""
    name = plan.characteristic.replace(" ", "_")
    return {
        f"{name}_not_known": f"the {plan.characteristic} is not known",
        f"{name}_not_mapped": f"the {plan.characteristic} is none of the page's",
    }
