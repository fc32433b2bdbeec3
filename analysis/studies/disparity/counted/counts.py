"""What a monitor counts in one place: by round, by unit and by characteristics. Exact and
private."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from analysis.disclosure.attack.protection import withheld_places
from analysis.errors import ParameterError
from analysis.extracts.counts.counts import (
    NOT_KNOWN,
    SUMS,
    Counted,
    SentencedCases,
    WithPlaces,
    counts_by_group,
    is_by_crosswalk,
    places_by_quarter,
    rows_by_quarter,
)
from analysis.extracts.counts.published import read_published
from analysis.extracts.reading.sources import AllBut, engine_errors, open_tables, table_view
from analysis.extracts.reading.views import TableView, derived_view
from analysis.extracts.tables.contracts import CONTRACTS, places_of_extract
from analysis.judgement.wording.periods import quarter_label, round_words
from analysis.paths import REFERENCE
from analysis.plans.monitor import Measure, Monitor
from analysis.studies.disparity.counted.calendar import (
    QUARTERS,
    RoundCalendar,
    rounds_of_calendar,
    shifted,
)
from analysis.vocabulary.ethnicity import coding
from analysis.vocabulary.regions import ALL, place_set

TOGETHER = " + "  # between the rounds of a period
DAYS_IN_MONTH = 365.25 / 12


@dataclass(frozen=True, eq=False)
class MonitorCounts:
    """Counts of one place. rounds: labels of those that are whole, oldest first; the last is the
    newest closed one.

    Every count is made of the quarters of `windows`, and of no other. calendar: None where counts
    were published.

    by_round: columns measure, round, group and SUMS. The others are read when asked for:
    `by_unit` (the plan's last rounds, column unit) and `by_stratum` (the newest round, one column a
    characteristic).
    published: rows of the reference table, for its units and sources; empty where rows were
    counted.
    """

    plan: Monitor
    rounds: tuple[str, ...]
    ends: tuple[pd.Timestamp, ...]  # first day after each round
    by_round: pd.DataFrame
    published: pd.DataFrame
    tables: Mapping[str, TableView] = field(repr=False, default_factory=dict)  # by name
    by_places: bool = False  # all places at once, counted in tables
    unit_column: str | None = (
        None  # what stands for units: the plan's, or places where all of them are counted at once
    )
    calendar: RoundCalendar | None = None
    months: pd.DataFrame | None = field(
        default=None, repr=False
    )  # of the plan's series (monthly.py)

    @property
    def already_public(self) -> bool:
        """Counts as somebody published them, and not of records."""
        return not self.tables

    def not_given(self, measure: Measure, label: str | None, group: str) -> str | None:
        """Why the table that the counts come from does not give a number; None where it does, and
        for records."""
        return None

    def round_words(self, label: str) -> str:
        """A round in words: "July to September 2026", "year to March 2025"."""
        return round_words(label)

    @property
    def starts(self) -> tuple[pd.Timestamp, ...]:
        """First day of each round."""
        return tuple(shifted(end, -QUARTERS[self.plan.round.length]) for end in self.ends)

    @property
    def last_quarter(self) -> pd.Timestamp:
        """First day of the newest quarter."""
        return self.ends[-1] - pd.DateOffset(months=3)

    @cached_property
    def by_unit(self) -> pd.DataFrame:
        """The last rounds of the plan put together, unit by unit (or place by place); empty where
        there are none."""
        if self.unit_column is None or not self.tables:
            return pd.DataFrame(columns=["measure", "unit", "group", *SUMS])
        found = self._counted([self.unit_column], rounds=self.unit_rounds)
        return found.rename(columns={self.unit_column: "unit"})

    @cached_property
    def _newest_by_unit(self) -> pd.DataFrame:
        if self.unit_column is None or not self.tables:
            return pd.DataFrame(columns=["measure", "unit", "group", *SUMS])
        return self._counted([self.unit_column], rounds=1).rename(
            columns={self.unit_column: "unit"}
        )

    def newest_by_unit(self, measure: Measure) -> pd.DataFrame:
        """Unit by unit, the people of `newest`: of the newest round alone; empty where there are no
        units.

        Empty too where the plan adds rounds up: no table that holds units does so.
        """
        rows = self._newest_by_unit
        return rows[(rows["measure"] == measure.id) & (not measure.pool_rounds)]

    @property
    def unit_rounds(self) -> int:
        """How many rounds are put together for units: of the plan's last ones, those that are
        whole."""
        if not self.plan.units:
            return 1
        months = 3 * QUARTERS[self.plan.round.length] * self.plan.units.rounds
        return sum(end > self.ends[-1] - pd.DateOffset(months=months) for end in self.ends)

    @property
    def unit_period(self) -> str:
        """The rounds that are put together for units."""
        return TOGETHER.join(self.rounds[-self.unit_rounds :])

    @cached_property
    def by_stratum(self) -> pd.DataFrame:
        """The newest round by everything that the plan allows for."""
        columns = [*self.plan.adjust_for.outside, *self.plan.adjust_for.service_decided]
        if not columns or not self.tables:
            return pd.DataFrame(columns=["measure", *columns, "group", *SUMS])
        return self._counted(columns, rounds=1)

    @cached_property
    def by_place(self) -> pd.DataFrame:
        """All places at once: every round place by place (columns round, place), to see what the
        whole would give back."""
        if not self.by_places:
            return pd.DataFrame(columns=["measure", "round", "place", "group", *SUMS])
        found = _by_round(self.plan, self.tables, self.windows, by=["region"])
        return found.rename(columns={"region": "place"})

    @property
    def windows(self) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
        """Label, first and last quarter of each round."""
        lasts = [end - pd.DateOffset(months=3) for end in self.ends]
        return list(zip(self.rounds, self.starts, lasts, strict=True))

    @cached_property
    def unknown(self) -> pd.DataFrame:
        """People at risk whose outcome is not recorded, newest round: columns measure, group,
        rows."""
        shown = [m for m in self.plan.measures if m.unknown_column]
        if not shown or not self.tables:
            return pd.DataFrame(columns=["measure", "group", "rows"])
        counted = {m.id: (m.unknown_column, m.unknown_column) for m in shown}
        found = _counts(
            self.plan,
            self.tables,
            (),
            quarters=self._quarters(1),
            columns=counted,
            together=_several(self.plan),
        )
        return found[["measure", "group", "rows"]]

    @cached_property
    def finer(self) -> pd.DataFrame:
        """The newest round by finer groups: the second reference by its code, and codes that are
        put together."""
        groups = self.plan.groups
        if not self.tables or not (groups.second_reference or groups.national_only):
            return pd.DataFrame(columns=["measure", "group", *SUMS])

        def named(codes: pd.Series) -> pd.Series:
            other = codes.where(codes == groups.second_reference, "neither")
            return other.mask(codes.isin(groups.national_only), groups.national_only_words)

        quarters = self._quarters(1)
        return _counts(
            self.plan,
            self.tables,
            (),
            quarters=quarters,
            together=_several(self.plan),
            groups=named,
        )

    @property
    def quarters(self) -> list[pd.Timestamp]:
        """First days of the quarters of all whole rounds."""
        return self._quarters(len(self.rounds))

    def _quarters(self, rounds: int) -> list[pd.Timestamp]:
        """First days of the quarters of the last whole rounds."""
        return [
            q
            for _, first, last in self.windows[-rounds:]
            for q in pd.date_range(first, last, freq="QS")
        ]

    def _counted(self, by: Sequence[str], *, rounds: int) -> pd.DataFrame:
        """The last rounds put together; a row of one quarter is a person already."""
        several = rounds > 1 or _several(self.plan)
        return _counts(
            self.plan, self.tables, by, quarters=self._quarters(rounds), together=several
        )

    def newest(self, measure: Measure) -> pd.DataFrame:
        """By group: the newest round, or all rounds added up where the plan pools them."""
        if not measure.pool_rounds:
            return self.of_round(measure, self.newest_round(measure))
        rows = self.by_round[self.by_round["measure"] == measure.id]
        return rows.groupby("group")[list(SUMS)].sum()

    def rounds_of(self, measure: Measure) -> tuple[str, ...]:
        """Rounds in which the measure was counted."""
        return tuple(label for label in self.rounds if (measure.id, label) in self._rounds_by_key)

    @cached_property
    def _rounds_by_key(self) -> dict[tuple[str, str], pd.DataFrame]:
        """By measure and round: one row a group, with SUMS."""
        rows = self.by_round.set_index("group").sort_index()
        return {key: part[list(SUMS)] for key, part in rows.groupby(["measure", "round"])}

    def newest_round(self, measure: Measure) -> str:
        """The round that answers: the newest of the page, or, of published counts, the newest of
        the measure."""
        return self.rounds[-1] if self.calendar is not None else self.rounds_of(measure)[-1]

    def labels_of(self, measure: Measure) -> tuple[str, ...]:
        """Rounds of the calendar from the first to the last in which the measure was counted, holes
        between them included."""
        counted = self.rounds_of(measure)
        slots = (
            self.rounds
            if self.calendar is None
            else tuple(slot.label for slot in self.calendar.until_newest)
        )
        return slots[slots.index(counted[0]) : slots.index(counted[-1]) + 1] if counted else ()

    def of_round(self, measure: Measure, label: str) -> pd.DataFrame:
        """By group, one round."""
        found = self._rounds_by_key.get((measure.id, label))
        none = self.by_round.iloc[:0]
        return none.set_index("group")[list(SUMS)] if found is None else found


def exposure(measure: Measure, base) -> float:
    """Person-time in the unit that a page prints: months where days were counted."""
    return base / DAYS_IN_MONTH if measure.of_days else base


def counted_rows(plan: Monitor, place: str, source: str, folder: Path) -> MonitorCounts:
    """Counts of the tables of the extract, worked out by the engine, in the rounds of the calendar.

    DataError; ParameterError E151 where nobody is in it, E155 where no round is whole.
    """
    tables: dict[str, TableView] = {}
    for name in plan.tables:
        beside = next(iter(tables.values()), None)
        tables[name] = place_table(plan, name, place, source, folder, beside=beside)
    calendar = _calendar(plan, place, tables, source, folder)
    rounds = [(slot.label, slot.first, slot.last) for slot in calendar.whole]
    found = _by_round(plan, tables, rounds)
    ends = tuple(shifted(last, 1) for _, _, last in rounds)
    column = "region" if place == ALL else plan.units.column if plan.units else None
    names = tuple(name for name, _, _ in rounds)
    return MonitorCounts(
        plan, names, ends, found, pd.DataFrame(), tables, place == ALL, column, calendar
    )


def _calendar(
    plan: Monitor, place: str, tables: Mapping, source: str, folder: Path
) -> RoundCalendar:
    """The rounds of one place: what it delivered of the plan's table, and what is in every table of
    the plan."""
    with engine_errors(plan.table):
        rows = rows_by_quarter(tables[plan.table])
        by_place = places_by_quarter(tables[plan.table]) if place == ALL else {}
    if not rows:
        raise ParameterError(
            "E151", f"the extract holds nobody in {place}.", remedy="Run the regions that it holds."
        )
    delivered = set(rows)
    for name in plan.tables[
        1:
    ]:  # one place may have had no application in a quarter: all places together say it
        whole = place_table(plan, name, ALL, source, folder, beside=tables[plan.table])
        with engine_errors(name):
            delivered &= set(rows_by_quarter(whole))
    return rounds_of_calendar(
        plan,
        rows,
        delivered=delivered,
        extract_date=extract_day(plan, source, folder),
        places_without=_places_without(plan, by_place),
    )


def extract_day(plan: Monitor, source: str, folder: Path) -> str | None:
    """The day on which the extract was drawn (ISO); None where it does not say."""
    held = places_of_extract(plan.data.places)
    opened = open_tables(source, folder=folder, tables=["extract"], places=held).get("extract")
    return None if opened is None or opened.empty else str(opened["extract_date"].iloc[0].date())


def _places_without(
    plan: Monitor, held: Mapping[pd.Timestamp, frozenset[str]]
) -> dict[pd.Timestamp, tuple[str, ...]]:
    """By quarter, the names of places that delivered another quarter and not this one."""
    every, kind = frozenset().union(*held.values()), place_set(plan.data.places)
    names = {place.id: place.name for place in kind.places}
    missing = {
        quarter: sorted(names.get(place, place) for place in every - places)
        for quarter, places in held.items()
    }
    return {quarter: tuple(places) for quarter, places in missing.items() if places}


def _by_round(
    plan: Monitor, tables: Mapping, rounds: list[tuple], by: Sequence[str] = ()
) -> pd.DataFrame:
    """Counts with the column round: of quarters in one go, of years one by one, since a person
    counts once in each."""
    if not _several(plan):
        names = {first: name for name, first, _ in rounds}
        counts = _counts(plan, tables, ["quarter", *by], quarters=list(names))
        return counts.assign(round=counts["quarter"].map(names)).drop(columns="quarter")
    found = [
        _counts(
            plan, tables, by, quarters=list(pd.date_range(first, last, freq="QS")), together=True
        ).assign(round=name)
        for name, first, last in rounds
    ]
    return pd.concat(found, ignore_index=True)


def _several(plan: Monitor) -> bool:
    """A round holds several quarters, in which a person may stand several times."""
    return QUARTERS[plan.round.length] > 1


def place_table(
    plan: Monitor, table: str, place: str, source: str, folder: Path, *, beside=None
) -> TableView:
    """A table of one place or of all; prisons by the dated crosswalk."""
    contract, everywhere = CONTRACTS[table], AllBut(withheld_places())
    held = {"folder": folder, "places": places_of_extract(plan.data.places)}
    if not is_by_crosswalk(contract):
        region = everywhere if place == ALL else place
        rows = table_view(source, table=table, region=region, beside=beside, **held)
        cases = table == "sentenced_cases"
        return derived_view(f"{rows.name}_counted", SentencedCases(), rows) if cases else rows
    held["region"] = everywhere
    rows = table_view(source, table=table, beside=beside, **held)
    one = None if place == ALL else place
    prisons = table_view(source, table="prisons", beside=rows, **held).of_place(one)
    return derived_view(f"{table}_of_{prisons.name}", WithPlaces(), rows, prisons)


def label(day: pd.Timestamp) -> str:
    """ "2026 Q3" for the quarter that begins on the day."""
    return quarter_label(day)


def _counts(
    plan: Monitor,
    tables: Mapping,
    by: Sequence[str],
    *,
    quarters: Sequence[pd.Timestamp],
    columns: Mapping | None = None,
    together: bool = False,
    groups=None,
) -> pd.DataFrame:
    """Counts of every measure in its own table; `columns`: other (count, of) by measure, and only
    these measures."""
    found = []
    for name, table in tables.items():
        mine = [
            m
            for m in plan.measures
            if (m.table or plan.table) == name and (columns is None or m.id in columns)
        ]
        pairs = columns or {m.id: (m.count, m.of) for m in mine}
        counted = [Counted(m.id, *pairs[m.id], share=m.kind == "share") for m in mine]
        if counted:
            with engine_errors(name):
                limits = {"quarters": quarters, "together": together, "groups": groups}
                found.append(
                    counts_by_group(table, counted, by=by, person=_person(table), **limits)
                )
    return pd.concat(found, ignore_index=True)


def _person(table) -> str | None:
    return "person_id" if "person_id" in table.columns else None


def published_counts(plan: Monitor) -> MonitorCounts:
    """Counts of a table of data/reference, as published. Residents and children stand in the place
    of persons.

    DataError names row and column of what a hand-kept table can have wrong
    (extracts/counts/published.py).
    """
    measures, groups = [m.id for m in plan.measures], coding(plan.groups.coding).groups
    rows = read_published(REFERENCE / f"{plan.table}.csv", measures=measures, groups=groups)
    counts = rows.rename(columns={"period": "round"})[
        ["measure", "round", "group", "events", "base"]
    ]
    counts = counts.assign(
        rows=counts["base"], persons=counts["base"], persons_with_event=counts["events"]
    )
    for name in ("events_squared", "events_times_base", "base_squared"):
        counts[name] = 0  # nobody knows who had several events
    rounds = tuple(sorted(counts["round"].unique()))
    ends = tuple(pd.Timestamp(f"{year}-04-01") for year in rounds)
    return MonitorCounts(plan, rounds, ends, counts, rows)


__all__ = [
    "NOT_KNOWN",
    "MonitorCounts",
    "counted_rows",
    "exposure",
    "label",
    "place_table",
    "published_counts",
]
