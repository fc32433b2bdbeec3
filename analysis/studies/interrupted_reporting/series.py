"""The series of reports in one place, exact: incidents, people or forms by month, over the people
held there."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.series.counts import (
    harmonics,
    interrupted_counts,
    log_error,
    season_of,
)
from analysis.designs.series.interrupted import Interrupted, interrupted_series
from analysis.disclosure.people_said import Asked
from analysis.inference.columns import CountColumns, Quantity, SeriesColumns
from analysis.plans.plan import Outcome
from analysis.results import EVERYONE, Estimate, NotEstimable, Result, Support
from analysis.studies.interrupted_reporting.copies import Copies
from analysis.studies.interrupted_reporting.kind import KIND, MAIN
from analysis.studies.interrupted_reporting.months import Months
from analysis.study.frame_study import FrameStudy

FEWEST_A_MONTH = 10  # incidents on average: of fewer, a month is noise and no series is made
COUNT, HELD, MONTH = "count", "held", "month"
COLUMNS = CountColumns(time=MONTH, outcome=COUNT, over=HELD, covariates=season_of())
SHARES = SeriesColumns(time=MONTH, outcome="share", covariates=season_of(), scale=100.0)


@dataclass(frozen=True, eq=False)
class ReportSeries(FrameStudy):
    """One plan in one place; `everyone` holds forms, a row each, with `number` (of the incident)
    and `month`.

    held: people held by site, month and broad group. survey: people asked in the survey.
    """

    months: Months = field(kw_only=True)
    held: pd.DataFrame = field(kw_only=True, repr=False)
    survey: pd.DataFrame = field(kw_only=True, repr=False)

    def asked_of(self, name: str) -> Asked:
        """The people asked in the survey, of whom a check tells something."""
        return self.asked(f"check: {name}", unit="survey")

    @cached_property
    def copies(self) -> Copies:
        """How many forms came in for each incident, and whether copies can be told."""
        inside = self.everyone[self.everyone["excluded"] != "outside_the_period"]
        return Copies.of(inside, self.months)

    @property
    def incidents(self) -> pd.DataFrame:
        """Each incident that is compared, once."""
        return self.everyone[self.everyone["excluded"] == ""]

    def monthly(
        self, rows: pd.DataFrame, *, group: str = EVERYONE, of: str = "number"
    ) -> pd.DataFrame:
        """A row a month of the series: distinct values of the column `of`, people held (of the
        group, in the sites of `rows`), and the season. Months with nobody held are no points."""
        held = self.held[self.held["site_id"].isin(rows["site_id"].unique())]
        if group != EVERYONE:
            held, rows = (part[part["ethnic_group"] == group] for part in (held, rows))
        people = held.groupby(MONTH)["people"].sum().astype(float)
        people = people[people.index.isin(self._used(rows)) & (people > 0)]
        counts = rows.groupby(MONTH)[of].nunique().reindex(people.index, fill_value=0)
        points = pd.DataFrame({COUNT: counts.astype(float), HELD: people}).reset_index()
        return points.join(harmonics(points[MONTH] % 12 + 1))

    def _used(self, rows: pd.DataFrame) -> set[int]:
        """The months of the plan but for those in which the change came, and those of short events
        where `rows` has none of them."""
        months = self.months
        left = months.coming | (months.events - {*rows[MONTH]})
        return {*range(months.first, months.last + 1)} - left

    def counted(
        self,
        rows: pd.DataFrame,
        *,
        group: str = EVERYONE,
        of: str = "number",
        breaks: tuple[float, ...] = (),
    ) -> Interrupted:
        """The series of counts at the start of the programme."""
        points = self.monthly(rows, group=group, of=of)
        rows = rows if group == EVERYONE else rows[rows["ethnic_group"] == group]
        support, what = self._support(rows, rows[of].notna()), Quantity(KIND.estimand, "times")
        if points.empty or points[COUNT].mean() < FEWEST_A_MONTH:
            none = NotEstimable(*_named(what), "too_few_people", support)
            return Interrupted(none, none, none)
        return interrupted_counts(
            points, COLUMNS, what, start=self.months.start, breaks=breaks, support=support
        )

    def interrupted(self, outcome: Outcome, group: str = EVERYONE) -> Interrupted:
        """The series of an outcome: distinct incidents over people held, or a share of incidents.
        Refused where forms about one incident cannot be told apart."""
        if outcome.unit == "times":
            breaks = () if self.copies.are_told else (float(self.months.start),)
            return self.counted(self.incidents, group=group, breaks=breaks)
        rows = self.people(outcome, group)
        by = rows.groupby(MONTH)[outcome.id].agg(["mean", "size"])
        points = by.rename(columns={"mean": "share"}).reset_index()
        points = points.join(harmonics(points[MONTH] % 12 + 1))
        support = self._support(rows, rows[outcome.id] > 0)
        what = Quantity(KIND.estimand, outcome.unit)
        if points.empty or points["size"].mean() < FEWEST_A_MONTH:
            none = NotEstimable(*_named(what), "too_few_people", support)
            return Interrupted(none, none, none)
        return interrupted_series(points, SHARES, what, start=self.months.start, support=support)

    def _support(self, rows: pd.DataFrame, event: pd.Series) -> Support:
        """What a series rests on: people who reported on either side, with the event and without
        it; months are its clusters."""
        after = rows[MONTH] >= self.months.start
        people = [
            rows.loc[(after == side) & (event == happened), "reporter_id"].nunique()
            for side in (True, False)
            for happened in (True, False)
            if event.nunique() > 1 or happened
        ]
        points = [rows.loc[after == side, MONTH].nunique() for side in (True, False)]
        return Support(
            n=len(rows),
            n_identifying=len(rows),
            persons=rows["reporter_id"].nunique(),
            n_treated=int(after.sum()),
            clusters_treated=points[0],
            clusters_comparison=points[1],
            smallest_cell=min(people, default=0),
            residual_df=max(sum(points) - 4 - len(season_of()), 0),
        )

    def step(self, outcome: Outcome, group: str = EVERYONE) -> Result:
        """The step at the start; of a share, with the level that there would have been without
        it."""
        found = self.interrupted(outcome, group)
        estimand = KIND.estimand if group == EVERYONE else "group_effect"
        named = replace(found.step, estimand=estimand, method=MAIN)
        if not isinstance(named, Estimate) or outcome.unit == "times":
            return named
        rows = self.people(outcome, group)
        before = float(rows.loc[rows[MONTH] < self.months.start, outcome.id].mean())
        without = float(np.clip(found.without or 0.0, 0.0, 100.0))
        return replace(named, comparison_value=100 * before, comparison_estimated=without)


def _named(what: Quantity) -> tuple[str, str, str]:
    return what.estimand, MAIN, what.unit


def error_of(found: Estimate) -> float | None:
    """Standard error of a difference, or of the logarithm of a ratio."""
    return log_error(found) if found.unit == "times" else found.std_error
