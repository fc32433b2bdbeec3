"""What answers each comparison of a monitor, allowed for other characteristics, and whether an
explanation of it is asked for."""

from dataclasses import dataclass, replace
from functools import cached_property

from analysis.disclosure.suppression import clear_estimate
from analysis.disparity.adjusted import adjusted_relative_rates
from analysis.plans.explanations import Explanation, Standing, entry_for, load_register, standing
from analysis.plans.monitor import Measure
from analysis.results import ESTIMATED_LEVELS, Estimate, Result
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.asked import Seen, seen_in, with_direction
from analysis.studies.disparity.counted.counts import exposure
from analysis.studies.disparity.counted.within import WITHIN_UNITS, within_units
from analysis.studies.disparity.figures import MonitorFigures
from analysis.studies.disparity.years import (
    ONE_SIDE,
    Agreement,
    Lead,
    agreements,
    lead_of,
    round_of,
)

ADJUSTED = {"outside": "adjusted_outside", "both": "adjusted_both"}


@dataclass(frozen=True, eq=False)
class MonitorAnswers(MonitorFigures):
    """Of every comparison its answer, the ratio allowed for other characteristics, and its
    explanation."""

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
            self._leads[key] = lead_of(self, measure, group, self.agreements.get(key))
        return self._leads[key]

    @cached_property
    def _leads(self) -> dict[tuple[str, str], Lead]:
        return {}

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
        return clear_estimate(found, clearance=self.clearance, crude=False)

    def within_units(self, measure: Measure, group: str) -> Result | None:
        """The ratio of people of one unit beside each other; None where no units are counted."""
        key = (measure.id, group, WITHIN_UNITS)
        if key not in self._adjusted:
            self._adjusted[key] = within_units(self, measure, group)
        return self._adjusted[key]

    # -- explain or reform -------------------------------------------------------------------------
    @cached_property
    def register(self) -> tuple[Explanation, ...]:
        return load_register(self.plan.study)

    @cached_property
    def disparities(self) -> list[tuple[Measure, str]]:
        """Measures and groups with the verdict "disparity", in the order of the page; none of what
        is neither good nor bad, which nobody is asked to explain."""
        leads = [
            (measure, group, self.lead(measure, group))
            for measure, group in shown.compared(self.plan)
        ]
        return [
            (measure, group)
            for measure, group, lead in leads
            if isinstance(lead.result, Estimate)
            and lead.verdict.name == "disparity"
            and measure.good_or_bad
        ]

    def seen(self, measure: Measure, group: str) -> Seen | None:
        """In how many of the last rounds a disparity was seen; None where it is none, or the plan
        asks nobody."""
        rule, lead = self.plan.explain_or_reform, self.lead(measure, group)
        if rule is None or (measure, group) not in self.disparities:
            return None
        rounds = self.unbroken(measure, group)
        if not measure.pool_rounds:
            return seen_in([with_direction(one.verdict) for one in rounds], rule.asked_after)
        year = round_of(lead.note)
        if year is None or lead.note.startswith(ONE_SIDE):
            return Seen(1, 1, True)  # all rounds speak at once
        until = [one.round for one in rounds].index(year) + 1
        return seen_in([with_direction(one.verdict) for one in rounds[:until]], rule.asked_after)

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
