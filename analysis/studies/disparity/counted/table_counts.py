"""What a monitor counts where the counts stand in a table that somebody else made. Exact numbers,
ranges, percentages.

Only exact counts enter an estimate. A group with a suppressed cell, or with percentages alone, is
`not_given`, with the reason, and its range is known by `ranges`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from analysis.disclosure.rules import is_small, load_rules
from analysis.errors import ParameterError
from analysis.extracts.counts.count_rules import TotalsSeen, totals_seen
from analysis.extracts.counts.count_tables import read_count_table
from analysis.extracts.counts.counts import NOT_KNOWN, SUMS
from analysis.extracts.counts.tidy_counts import LIMITS, CountTable
from analysis.plans.counts import NOT_KNOWN as SAID_NOT_KNOWN
from analysis.plans.counts import NOT_MAPPED
from analysis.plans.monitor import Measure, Monitor
from analysis.studies.disparity.counted.counts import MonitorCounts
from analysis.vocabulary.regions import ALL

SUPPRESSED, NO_BASE, NO_ROW, NOBODY = (
    "suppressed_before",
    "base_not_published",
    "not_in_table",
    "nobody_at_risk",
)


@dataclass(frozen=True)
class Range:
    """Lowest and highest number of events and of people at risk (or exposure) that the table leaves
    open."""

    events_low: float
    events_high: float
    base_low: float
    base_high: float

    def rate(self, *, is_share: bool) -> tuple[float, float]:
        """Lowest and highest rate; a share is at most 1. Infinite where nothing bounds it."""
        low = self.events_low / self.base_high if self.base_high else 0.0
        high = self.events_high / self.base_low if self.base_low else float("inf")
        return low, min(high, 1.0) if is_share else high


@dataclass(frozen=True, eq=False)
class TableCounts(MonitorCounts):
    """Counts of one place, or of all places of the table. found: the whole table. rows: of the
    place.

    is_public: the plan names publisher, licence and date, so that no disclosure rule applies (S0).
    """

    found: CountTable | None = None
    rows: pd.DataFrame | None = None
    is_public: bool = False

    @property
    def already_public(self) -> bool:
        return self.is_public

    def round_words(self, label: str) -> str:
        said = {period.label: period.words for period in self.found.periods}
        return said.get(label) or super().round_words(label)

    @cached_property
    def inexact(self) -> frozenset[tuple[str, str, str]]:
        """Measure, round and group of which a number is suppressed or only a percentage is
        known."""
        wrong = self.rows[~_is_exact(self.rows)]
        return frozenset(zip(wrong["measure"], wrong["period"], wrong["group"], strict=True))

    def _rounds_in_answer(self, measure: Measure, label: str | None) -> tuple[str, ...]:
        if label is not None:
            return (label,)
        held = self.rounds_of(measure)
        return held if measure.pool_rounds else held[-1:]

    def _of(self, measure: Measure, label: str | None, group: str) -> pd.DataFrame:
        rounds = self._rounds_in_answer(measure, label)
        rows = self.rows[(self.rows["measure"] == measure.id) & (self.rows["group"] == group)]
        return rows[rows["period"].isin(rounds)]

    def not_given(self, measure: Measure, label: str | None, group: str) -> str | None:
        """The reason for which the table gives no number of a group; None where it gives one."""
        rows = self._of(measure, label, group)
        if rows.empty:
            return NO_ROW
        if rows["percent"].notna().any() or rows["base_low"].isna().any():
            return NO_BASE if rows["percent"].notna().any() else SUPPRESSED
        if not _is_exact(rows).all():
            return SUPPRESSED
        return None if rows["base_low"].sum() > 0 else NOBODY

    def range_of(self, measure: Measure, group: str) -> Range:
        """What the suppressed numbers leave open, all cells of the group added up."""
        rows = self._of(measure, None, group)
        return Range(*(float(rows[name].astype("float64").sum()) for name in LIMITS))

    def percent_of(self, measure: Measure, group: str) -> float | None:
        """The published percentage; None where it was suppressed, or where there are several that
        cannot be added up."""
        rows = self._of(measure, None, group)
        return (
            float(rows["percent"].iloc[0])
            if len(rows) == 1 and pd.notna(rows["percent"].iloc[0])
            else None
        )

    def rounds_of(self, measure: Measure) -> tuple[str, ...]:
        held = set(self.rows.loc[self.rows["measure"] == measure.id, "period"])
        return tuple(label for label in self.rounds if label in held)

    @cached_property
    def by_unit(self) -> pd.DataFrame:
        """The newest round unit by unit; no unit is told in several rounds, where one person may
        stand twice."""
        if self.unit_column is None:
            return pd.DataFrame(columns=["measure", "unit", "group", *SUMS])
        return self._newest_by([self.unit_column]).rename(columns={self.unit_column: "unit"})

    @property
    def unit_period(self) -> str:
        return self.rounds[-1]

    @property
    def _newest_by_unit(self) -> pd.DataFrame:
        return self.by_unit

    @cached_property
    def by_stratum(self) -> pd.DataFrame:
        columns = [*self.plan.adjust_for.outside, *self.plan.adjust_for.service_decided]
        if not columns:
            return pd.DataFrame(columns=["measure", "group", *SUMS])
        return self._newest_by(columns)

    @cached_property
    def by_place(self) -> pd.DataFrame:
        if not self.by_places:
            return pd.DataFrame(columns=["measure", "round", "place", "group", *SUMS])
        found = summed(self.rows, self.inexact, ["measure", "period", "place", "group"])
        return found.rename(columns={"period": "round"})

    def _newest_by(self, columns: Sequence[str]) -> pd.DataFrame:
        newest = [
            self.rows[
                (self.rows["measure"] == m.id) & (self.rows["period"] == self.rounds_of(m)[-1])
            ]
            for m in self.plan.measures
            if self.rounds_of(m)
        ]
        rows = pd.concat(newest) if newest else self.rows
        return summed(rows, self.inexact, ["measure", *columns, "group"])

    @cached_property
    def totals(self) -> TotalsSeen:
        """Rows of the file that add others up, held against the sum of their parts."""
        return totals_seen(self.plan, self.found)

    @cached_property
    def not_mapped(self) -> dict[str, tuple[int | None, int]]:
        """By label: people (None where withheld or not given) that the plan maps to no group, and
        rows; newest round."""
        rows = self.rows[self.rows["group"] == NOT_MAPPED]
        if rows.empty:
            return {}
        rows = rows[
            (rows["measure"] == self.plan.measures[0].id) & (rows["period"] == self.rounds[-1])
        ]
        found = {}
        for label, part in rows.groupby("label", sort=False):
            people = int(part["base_low"].sum()) if _is_exact(part).all() else None
            hidden = people is None or (not self.is_public and is_small(people, load_rules()))
            found[str(label)] = (None if hidden else people, len(part))
        return found


def _is_exact(rows: pd.DataFrame) -> pd.Series:
    """Rows whose events and base are one number each."""
    same = (rows["events_low"] == rows["events_high"]) & (rows["base_low"] == rows["base_high"])
    return same & rows["base_low"].notna()


def summed(rows: pd.DataFrame, inexact: frozenset, keys: Sequence[str]) -> pd.DataFrame:
    """`keys` and SUMS of exact rows; groups of a round with any other row are left out as a
    whole."""
    key = pd.Series(
        list(zip(rows["measure"], rows["period"], rows["group"], strict=True)), index=rows.index
    )
    kept = rows[~key.isin(list(inexact))]
    counts = kept.assign(
        rows=kept["base_low"],
        persons=kept["base_low"],
        base=kept["base_low"],
        events=kept["events_low"],
        persons_with_event=kept["events_low"],
        events_squared=0,
        events_times_base=0,
        base_squared=0,
    )
    counts = counts.astype(dict.fromkeys(SUMS, "float64"))
    found = counts.groupby(list(keys), as_index=False, sort=True)[list(SUMS)].sum()
    return found.astype(dict.fromkeys(SUMS, "int64"))


def table_counts(plan: Monitor, place: str, path: Path, *, is_public: bool) -> TableCounts:
    """Counts of one place of the table at `path`, or of all. DataError; ParameterError E151 where
    it has no such place."""
    if plan.counts.has_percent and not is_public:
        text = (
            "percentages without the number of people are read of the published file that the plan"
            " names alone."
        )
        raise ParameterError(
            "E213", text, remedy="Give events and base, so that small numbers can be protected."
        )
    found = read_count_table(plan, path)
    named = found.rows["group"].replace({SAID_NOT_KNOWN: NOT_KNOWN})
    rows = found.rows.assign(group=named)
    rows = rows if place == ALL else rows[rows["place"] == place]
    if rows.empty:
        raise ParameterError(
            "E151", f"the table holds no row of {place}.", remedy="Run the places that it holds."
        )
    held = set(rows["period"])
    periods = [period for period in found.periods if period.label in held][-plan.trend.rounds :]
    rounds = tuple(period.label for period in periods)
    rows = rows[rows["period"].isin(rounds)].reset_index(drop=True)
    several = place == ALL and rows["place"].nunique() > 1
    unit = "place" if several else plan.units.column if plan.units else None
    inexact = rows[~_is_exact(rows)]
    hidden = frozenset(zip(inexact["measure"], inexact["period"], inexact["group"], strict=True))
    by_round = summed(rows, hidden, ["measure", "period", "group"]).rename(
        columns={"period": "round"}
    )
    by_round = by_round[by_round["base"] > 0].reset_index(drop=True)
    return TableCounts(
        plan,
        rounds,
        tuple(period.end for period in periods),
        by_round,
        pd.DataFrame(),
        by_places=several and not is_public,
        unit_column=unit,
        found=found,
        rows=rows,
        is_public=is_public,
    )


__all__ = ["NOBODY", "NO_BASE", "NO_ROW", "SUPPRESSED", "Range", "TableCounts", "table_counts"]
