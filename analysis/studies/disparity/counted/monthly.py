"""The monthly series of a plan in one place: its counts as they may be shown, and, over all places,
what it shows at the day on which something happened elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from analysis.designs.series.counted import (
    InterruptedCounts,
    interrupted_counts,
    wandering_level,
)
from analysis.disclosure.attack.known import at_most
from analysis.disclosure.attack.noted import note_others, note_relations
from analysis.disclosure.attack.protection import withheld_places
from analysis.disclosure.rules import Clearance, load_rules, round_to_base
from analysis.disclosure.suppression import clear_estimate
from analysis.extracts.reading.sources import AllBut, open_tables
from analysis.extracts.tables.contracts import places_of_extract
from analysis.plans.monitor import Monitor, Series
from analysis.results import Result, Support
from analysis.studies.disparity.protected.clearing import Clearing
from analysis.studies.disparity.protected.names import At
from analysis.vocabulary.regions import ALL

MONTH = "%Y-%m"
WHERE = "the monthly series"
BEHIND = "whoever is behind a count is behind one at least"


def read_months(plan: Monitor, place: str, source: str, folder: Path) -> pd.DataFrame | None:
    """Columns month (first day), events, people, base: one row a month; exact. None where the plan
    has no series. DataError."""
    series = plan.series
    if series is None:
        return None
    region = AllBut(withheld_places()) if place == ALL else place
    places = places_of_extract(plan.data.places)
    opened = open_tables(source, folder=folder, tables=[series.table], region=region, places=places)
    named = {series.count: "events", series.people_count: "people", series.of: "base"}
    rows = opened[series.table].rename(columns=named)
    return rows.groupby("month", as_index=False)[list(named.values())].sum()


@dataclass(frozen=True)
class Month:
    """One month as it may be shown: events and people behind them in fives (None: withheld), and
    the rate from these."""

    label: str
    events: int | None
    people: int | None
    base: int

    @property
    def is_shown(self) -> bool:
        return None not in (self.events, self.people)

    def rate(self, per: int) -> float | None:
        """Events in every `per` of the base."""
        return None if self.events is None else per * self.events / self.base


@dataclass(frozen=True, eq=False)
class MonthlySeries:
    """The series of one place. counts: exact, as of read_months."""

    series: Series
    place: str
    counts: pd.DataFrame = field(repr=False)
    clearing: Clearing
    clearance: Clearance

    @property
    def is_whole(self) -> bool:
        """All places together: only there is anything worked out."""
        return self.place == ALL

    @property
    def first_after(self) -> str:
        """The first month after it."""
        return pd.Timestamp(self.series.from_day).strftime(MONTH)

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """Every month, oldest first, as it may be shown."""
        return tuple(self._cleared())

    def _cleared(self) -> Iterator[Month]:
        base = load_rules().rounding_base.value
        for row in self.counts.itertuples(index=False):
            at = At(self.place, row.month.strftime(MONTH))
            names = [at.name(self.series.count, "", count) for count in ("people", "events")]
            people = self.clearing.people(names[0], int(row.people), where=WHERE)
            kept = people is not None and names[1] not in self.clearing.hidden
            events = round_to_base(int(row.events), base) if kept else None
            note_others(names[1], int(row.events), events, "events", needs=names[0], where=WHERE)
            note_relations([at_most(names[0], names[1], BEHIND)])
            yield Month(at.period, events, people, round_to_base(round(row.base), base))

    # -- what it shows -----------------------------------------------------------------------------
    @cached_property
    def found(self) -> InterruptedCounts | None:
        """Step and change of slope as they may be shown; None in a single place, whose months are
        too few."""
        if not self.is_whole:
            return None
        found = interrupted_counts(
            self._numbered,
            start=self._start,
            harmonics=self.series.harmonics,
            support=self._support,
        )
        step = self._shown(found.step)
        slope = None if found.slope is None else self._shown(found.slope)
        return InterruptedCounts(step, slope, found.lags, found.dispersion)

    @cached_property
    def second(self) -> Result | None:
        """The step where the level wanders at random; None in a single place."""
        if not self.is_whole:
            return None
        found = wandering_level(self._numbered, start=self._start, support=self._support)
        return self._shown(found)

    def _shown(self, result: Result) -> Result:
        return clear_estimate(result, clearance=self.clearance)

    @property
    def _start(self) -> float:
        return float(_number(pd.Series([pd.Timestamp(self.series.from_day)])).iloc[0])

    @property
    def _numbered(self) -> pd.DataFrame:
        return self.counts.assign(month=_number(self.counts["month"]))

    @property
    def _support(self) -> Support:
        """People behind the counts of the months before and after."""
        after = self.counts["month"] >= pd.Timestamp(self.series.from_day)
        people = self.counts["people"]
        everyone, later = int(people.sum()), int(people[after].sum())
        return Support(
            n=everyone,
            n_identifying=everyone,
            n_treated=later,
            persons=everyone,
            smallest_cell=min(later, everyone - later),
            residual_df=len(people) - 4 - 2 * self.series.harmonics,
        )


def _number(days: pd.Series) -> pd.Series:
    """Months since the year 0."""
    return 12 * days.dt.year + days.dt.month - 1
