"""Reports of discrimination in one place, exact: its rows, the one that answers first."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.series.counts import mean_ratio
from analysis.designs.series.local_level import local_level_step
from analysis.extracts.tables.pilots.reporting_tables import NEW_FORM, WAVES
from analysis.inference.columns import Quantity
from analysis.inference.planned.power import minimum_detectable_effect
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE, CheckResult, Estimate, Fact, NotEstimable, Result, Support
from analysis.studies.interrupted_reporting.checks import all_checks
from analysis.studies.interrupted_reporting.experience import (
    RATIO,
    for_each_experience,
    wave_difference,
    waves_of,
)
from analysis.studies.interrupted_reporting.kind import KIND, MAIN
from analysis.studies.interrupted_reporting.months import numbers
from analysis.studies.interrupted_reporting.offers import EXPERIENCED
from analysis.studies.interrupted_reporting.series import (
    COLUMNS,
    COUNT,
    HELD,
    MONTH,
    ReportSeries,
    error_of,
)
from analysis.vocabulary.regions import ALL

SECOND = "second_opinion"
ASKED_MONTHS = 12  # of which a wave of the survey asks, before its own month
MEANS = replace(COLUMNS, covariates=())


@dataclass(frozen=True, eq=False)
class ReportingStudy(ReportSeries):
    """One plan in one place. A region shows its own figures; the nation has the one series."""

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Everywhere, how many forms came in for an incident and how many answered the survey; of
        all places together, those of the claim."""
        return all_checks(self)

    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        if self.place != ALL:
            own = Fact(KIND.estimand, KIND.method, outcome.unit)
            yield self.row(outcome, EVERYONE, own, family=f"places_{outcome.id}")
        else:
            result = self.step(outcome)
            row = self.row(outcome, EVERYONE, result, family=f"places_{outcome.id}")
            yield row.with_(mde=_detectable(result))
            for group in self.groups:
                found = self.step(outcome, group)
                row = self.row(outcome, group, found, family="exploratory")
                yield row.with_(mde=_detectable(found))
            for other in self._second_opinions(outcome):
                yield self.row(outcome, EVERYONE, other, note=SECOND)
        if outcome.unit == "times":
            yield self.row(outcome, EVERYONE, self.for_each_experience, note=SECOND)
        else:
            yield from self.rate_rows(outcome)

    def _second_opinions(self, outcome: Outcome) -> Iterator[Result]:
        main = self.interrupted(outcome)
        if main.slope is not None:
            yield replace(main.slope, estimand="slope_change", method=MAIN)
        if outcome.unit != "times":
            return
        rows, kept = self.incidents, self._kept_the_old_form
        asked = {
            "persons_reporting": self.counted(rows, of="reporter_id"),
            "unchanged_sites": self.counted(rows[rows["site_id"].isin(kept)]),
            "events_left_in": self.counted(self._with("short_event")),
            "forms_as_filed": self.forms_as_filed,
        }
        untold = (float(self.months.start),)
        if not self.copies.are_told:
            asked["persons_reporting"] = self.counted(rows, of="reporter_id", breaks=untold)
        for name, found in asked.items():
            yield replace(found.step, method=name)
        yield self._local_level(main.step.support)
        yield self.naive

    @property
    def _kept_the_old_form(self) -> set[str]:
        """Prisons in which nobody filed the new form."""
        changed = self.everyone.loc[self.everyone["form"] == NEW_FORM, "site_id"]
        return {*self.held["site_id"]} - {*changed}

    def _with(self, *reasons: str) -> pd.DataFrame:
        """Incidents that are compared, and those left out for these reasons."""
        return self.everyone[self.everyone["excluded"].isin(["", *reasons])]

    @property
    def forms_as_filed(self):
        """The series of forms, each counted: refused where the form itself changed."""
        rows = self._with("another_form")
        rows = rows[rows[MONTH].isin({*self.incidents[MONTH]})]
        breaks = (float(self.months.start),) if self._form_changed else ()
        return self.counted(rows, of="report_id", breaks=breaks)

    @property
    def _form_changed(self) -> bool:
        """The plan names a change of the form within the period, or forms are told to be another
        measure by how many come in for an incident."""
        form = self.months.form
        named = form is not None and self.months.first < form <= self.months.last
        return named or self.copies.form_is_another

    def _local_level(self, support: Support) -> Result:
        """On the logarithm of the rate: a ratio."""
        points = self.monthly(self.incidents)
        what = Quantity(KIND.estimand, "times")
        if (points[COUNT] <= 0).any() or not self.copies.are_told:
            why = "zero_events" if self.copies.are_told else "instrument_changed"
            return NotEstimable(KIND.estimand, "local_level", "times", why, support)
        points = points.assign(log=np.log(points[COUNT] / points[HELD]))
        columns = replace(COLUMNS, outcome="log")
        start = self.months.start
        found = local_level_step(points, columns, what, start=start, support=support)
        if not isinstance(found, Estimate):
            return found
        ends = {name: math.exp(getattr(found, name)) for name in ("value", "conf_low", "conf_high")}
        return replace(found, **ends, std_error=None)

    @property
    def naive(self) -> Result:
        """Forms after the start over forms before it, nothing held alike."""
        rows = self._with("another_form")
        rows = rows[rows[MONTH].isin({*self.incidents[MONTH]})]
        points, what = self.monthly(rows, of="report_id"), Quantity("naive_difference", "times")
        support = self._support(rows, rows["report_id"].notna())
        found = mean_ratio(points, MEANS, what, start=self.months.start, support=support)
        return replace(found, method="crude_means")

    @cached_property
    def for_each_experience(self) -> Result:
        """Incidents reported for each person who experienced discrimination, in the twelve months
        before the second wave beside those before the first."""
        first, second = waves_of(self.survey, EXPERIENCED)
        rows = self._with("short_event", "while_it_came")
        asked = {wave: self.months_asked(wave) for wave in WAVES}
        rows = rows[rows[MONTH].isin({month for months in asked.values() for month in months})]
        support = self._support(rows, rows["number"].notna())
        if not self.copies.are_told or not all(asked.values()):
            why = "no_comparison" if self.copies.are_told else "instrument_changed"
            rates: Result = NotEstimable(RATIO.estimand, "delta_method", "times", why, support)
        else:
            points = self._all_months(rows, asked)
            start = min(asked[WAVES[1]])
            rates = mean_ratio(points, MEANS, RATIO, start=start, support=support)
        return for_each_experience(rates, first, second)

    def _all_months(self, rows: pd.DataFrame, asked: dict[str, list[int]]) -> pd.DataFrame:
        """Every month of which a wave asks: whole years, so that no season is in them."""
        months = [month for own in asked.values() for month in own]
        held = self.held.groupby(MONTH)["people"].sum().astype(float).reindex(months)
        counts = rows.groupby(MONTH)["number"].nunique().reindex(months, fill_value=0)
        frame = pd.DataFrame({COUNT: counts.astype(float), HELD: held})
        return frame.rename_axis(MONTH).reset_index()

    def months_asked(self, wave: str) -> list[int]:
        """The months of which a wave asks: twelve, up to the one before it. None without a wave."""
        days = self.survey.loc[self.survey["wave"] == wave, "asked_on"]
        if days.empty:
            return []
        last = int(numbers(days).min())
        return [*range(last - ASKED_MONTHS, last)]

    def _fact_rows(self, outcome: Outcome) -> Iterator[Row]:
        """What people said in each wave, and how far the waves are apart; nothing is compared."""
        waves = waves_of(self.survey, outcome.id)
        for wave, method in zip(reversed(waves), ("count", "first_wave"), strict=True):
            rest = wave.n - wave.events
            smallest = min(wave.events, rest)
            support = Support(n=wave.n, persons=wave.n, smallest_cell=smallest, residual_df=wave.n)
            value = 100 * wave.events / wave.n if wave.n else None
            fact = Fact("share", method, outcome.unit, value, support)
            row = self.row(outcome, EVERYONE, fact)
            yield row.with_(direction="undefined", n_treated=wave.events)
        apart = self.row(outcome, EVERYONE, wave_difference(*waves), note=SECOND)
        yield apart.with_(direction="undefined", sesoi=None)


def _detectable(found: Result) -> float | None:
    """The smallest step that would most likely be found, in the unit of the outcome."""
    if not isinstance(found, Estimate):
        return None
    error = error_of(found)
    if not error:
        return None
    least = minimum_detectable_effect(error, found.df)
    return math.exp(least) if found.unit == "times" else least
