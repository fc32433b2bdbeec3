"""Grouped counts of a monitor, worked out by the engine: a notebook reads counts, never rows.

The same expressions run on every engine that ibis speaks. Only whole numbers are summed, so that an
engine's order of adding changes nothing. Prisons are tied to places by the dated crosswalk, joined
in the engine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.extracts.reading.statements import Question
from analysis.extracts.reading.views import TableView
from analysis.extracts.tables.contract import ETHNICITY_CODING, Contract
from analysis.vocabulary.ethnicity import CODINGS, crosswalk

QUARTER = "quarter"
NOT_KNOWN = "not known"
STAMP = 5  # characters of year and quarter before the code
SUMS = (
    "rows",
    "persons",
    "persons_with_event",
    "events",
    "base",
    "events_squared",
    "events_times_base",
    "base_squared",
)


@dataclass(frozen=True)
class Counted:
    """What is counted: columns of events and of what they are counted over (days, or people at
    risk).

    share: both are 0 or 1 for a person, so that several quarters together leave a person at most
    one event.
    """

    id: str
    count: str
    of: str
    share: bool = False


def counts_by_group(
    table,
    measures: Sequence[Counted],
    *,
    by: Sequence[str] = (),
    person: str | None = "person_id",
    since=None,
    until=None,
    quarters: Sequence[pd.Timestamp] | None = None,
    together: bool = False,
    groups: Callable[[pd.Series], pd.Series] | None = None,
) -> pd.DataFrame:
    """Sums of each measure over rows at risk, for each combination of `by` and the broad ethnic
    group.

    `table`: a view (extracts/reading/views.py) or an ibis table, with the columns ethnicity and
    quarter. Columns: measure, `by`, group,
    and SUMS: rows, persons (distinct), persons with an event, events, base, and over rows the sums
    of events², events × base and base², from which the variance between persons follows where a row
    is a person. `since`, `until`: first days of quarters;
    `quarters`: of these alone.
    People whose group is not known stand in the group "not known". `groups`: another way from codes
    to groups.
    """
    rows = _of_quarters(table, since, until, quarters)
    # A row is a person within one quarter (the key of the tables), and once quarters are put
    # together: only several quarters side by side need distinct persons, the one sum for which an
    # engine's memory grows with the table.
    one_quarter = (
        QUARTER in by
        or (since is not None and since == until)
        or (quarters is not None and len(quarters) == 1)
    )
    distinct = person if person and not (together or one_quarter) else None
    question = SumsByCode(tuple(measures), tuple(by), person if together else None, distinct)
    whole = question.in_rows(answer(question, rows))
    if QUARTER in by:
        whole[QUARTER] = whole[QUARTER].astype("datetime64[us]")  # Spark tells time in nanoseconds
    whole["group"] = (groups or broad_groups)(whole.pop("ethnicity"))
    keys = ["measure", *by, "group"]
    return (
        whole.groupby(keys, as_index=False, sort=True)[list(SUMS)]
        .sum()
        .astype(dict.fromkeys(SUMS, "int64"))
    )


def answer(question: Question, table) -> pd.DataFrame:
    """What a question finds in a table, in no order: in a view by its own statement, elsewhere by
    ibis."""
    if isinstance(table, TableView):
        return table.answer(question)
    return question.of(table).to_pandas()


def _of_quarters(table, since, until, quarters):
    """The rows of some quarters."""
    if isinstance(table, TableView):
        return table.within(since=since, until=until, among=quarters)
    rows = table
    if since is not None:
        rows = rows.filter(rows[QUARTER] >= since)
    if until is not None:
        rows = rows.filter(rows[QUARTER] <= until)
    return rows if quarters is None else rows.filter(rows[QUARTER].isin(list(quarters)))


def broad_groups(codes: pd.Series) -> pd.Series:
    """The broad group of each ethnicity code; every kind of missing is "not known"."""
    broad = crosswalk(codes, source=ETHNICITY_CODING, target=CODINGS[ETHNICITY_CODING].broad)
    return broad.where(broad.isin(CODINGS[ETHNICITY_CODING].groups), NOT_KNOWN)


@dataclass(frozen=True)
class SumsByCode:
    """The question for the sums of each measure by `by` and ethnicity code.

    together: column of the persons whose rows are first put together; distinct: column by which
    persons are told apart, None where a row is a person.
    """

    measures: tuple[Counted, ...]
    by: tuple[str, ...] = ()
    together: str | None = None
    distinct: str | None = None

    def of(self, rows):
        """One expression for all measures: their sums below each other, or, of people put together,
        side by side, so that each person is looked for once."""
        import ibis

        if self.together:
            return self._side_by_side(_with_one_group(rows, self.together))
        parts = [
            self._sums(rows.filter(rows[measure.of] > 0), measure) for measure in self.measures
        ]
        return parts[0] if len(parts) == 1 else ibis.union(*parts)

    def _sums(self, at_risk, measure: Counted):
        """The sums of one measure."""
        import ibis

        at_risk = at_risk.mutate(
            events=at_risk[measure.count].cast("int64"), base=at_risk[measure.of].cast("int64")
        )
        sums = _sums_of(at_risk["events"], at_risk["base"])
        if self.distinct:
            person = at_risk[self.distinct]
            sums["persons"] = person.nunique()
            sums["persons_with_event"] = person.nunique(where=at_risk["events"] > 0)
        counted = at_risk.group_by([*self.by, "ethnicity"]).aggregate(**sums)
        return counted.mutate(measure=ibis.literal(measure.id))

    def _side_by_side(self, rows):
        """The sums of all measures over people: columns `rows_0` and so on, by measure."""
        keys = [*self.by, "ethnicity"]
        numbers: dict[str, object] = {}
        for k, measure in enumerate(self.measures):
            at_risk = rows[measure.of] > 0
            for name, column in (("events", measure.count), ("base", measure.of)):
                value = rows[column].cast("int64")
                added = value.max(where=at_risk) if measure.share else value.sum(where=at_risk)
                numbers[f"{name}_{k}"] = added.cast("int64")
        people = rows.group_by([self.together, *keys]).aggregate(**numbers)
        sums: dict[str, object] = {}
        for k in range(len(self.measures)):
            own = _sums_of(people[f"events_{k}"], people[f"base_{k}"])
            sums |= {f"{name}_{k}": value for name, value in own.items()}
        return people.group_by(keys).aggregate(**sums)

    def in_rows(self, found: pd.DataFrame) -> pd.DataFrame:
        """What was found with one row a measure, by `by` and code: `measure`, and SUMS."""
        if not self.together:
            return found
        keys = [*self.by, "ethnicity"]
        parts = []
        for k, measure in enumerate(self.measures):
            own = found[[*keys, *(f"{name}_{k}" for name in SUMS)]]
            own = own[own[f"rows_{k}"] > 0].set_axis([*keys, *SUMS], axis=1)
            parts.append(own.assign(measure=measure.id))
        return pd.concat(parts, ignore_index=True)


def _sums_of(events, base) -> dict:
    """SUMS over rows, those without a base left out; a row is a person."""
    return {
        "rows": base.count(),
        "persons": base.count(),
        "persons_with_event": events.count(where=events > 0),
        "events": events.sum().cast("int64"),
        "base": base.sum().cast("int64"),
        "events_squared": (events * events).sum().cast("int64"),
        "events_times_base": (events * base).sum().cast("int64"),
        "base_squared": (base * base).sum().cast("int64"),
    }


def stamped(code, quarter):
    """Code of a row with its quarter before it, as one text: the largest is that of the newest row.
    `STAMP` says where the code begins."""
    return (quarter.year() * 10 + quarter.quarter()).cast("string") + code


def _with_one_group(rows, person: str):
    """Rows in which each person stands under one group: who declares in a later quarter is no
    second person "not known".

    The newest quarter in which a person's group is known says it; who declared in none stays as
    recorded.
    """
    known = rows.filter(rows["ethnicity"].isin(list(CODINGS[ETHNICITY_CODING].codes)))
    newest = known.group_by(_declared=known[person]).aggregate(
        _stamp=stamped(known["ethnicity"], known[QUARTER]).max()
    )
    dated = rows.left_join(newest, rows[person] == newest["_declared"])
    declared = dated["_stamp"].substr(STAMP)
    return dated.mutate(ethnicity=declared.coalesce(dated["ethnicity"])).drop("_declared", "_stamp")


@dataclass(frozen=True)
class RowsBy:
    """The question for the number of rows by some columns."""

    columns: tuple[str, ...]

    def of(self, rows):
        """The ibis expression."""
        return rows.group_by(list(self.columns)).aggregate(rows=rows.count())


def rows_by_quarter(table) -> dict[pd.Timestamp, int]:
    """How many rows each quarter of a table has, oldest first."""
    rows = answer(RowsBy((QUARTER,)), table).sort_values(QUARTER)
    return dict(zip(_days(rows[QUARTER]), (int(n) for n in rows["rows"]), strict=True))


def places_by_quarter(table) -> dict[pd.Timestamp, frozenset[str]]:
    """The places that have rows in each quarter of a table with the column region."""
    rows = answer(RowsBy((QUARTER, "region")), table)
    held = rows.assign(**{QUARTER: _days(rows[QUARTER])}).groupby(QUARTER)["region"]
    return {quarter: frozenset(places) for quarter, places in held}


def _days(quarters: pd.Series) -> pd.Series:
    return pd.to_datetime(quarters).astype("datetime64[us]")


@dataclass(frozen=True)
class WithPlaces:
    """The question for the rows of a table of prisons beside those of the crosswalk."""

    def of(self, rows, prisons):
        """The ibis expression."""
        return with_places(rows, prisons, region=None)


@dataclass(frozen=True)
class SentencedCases:
    """The question for sentenced cases as they are counted."""

    def of(self, rows):
        """The ibis expression."""
        return sentenced_cases_by_quarter(rows)


def with_places(table, crosswalk_table, *, region: str | None):
    """Rows of prisons with the place to which each belongs on the first day of its quarter; of one
    place, or of all."""
    places = (
        crosswalk_table
        if region is None
        else crosswalk_table.filter(crosswalk_table["region"] == region)
    )
    matches = [
        table["prison_id"] == places["prison_id"],
        table[QUARTER] >= places["valid_from"],
        table[QUARTER] <= places["valid_to"],
    ]
    return table.inner_join(places, matches, rname="{name}_of_place")


def sentenced_cases_by_quarter(table):
    """Sentenced cases with the quarter of the sentence and what is counted of them as 0 or 1:
    cases, reports, adjournment."""
    return table.mutate(
        quarter=table["sentenced_on"].truncate("Q").cast("timestamp"),
        cases=table["case_id"].notnull().cast("int64"),
        with_report=table["report_written"].cast("int64"),
        adjourned=table["on_adjournment"].fill_null(0).cast("int64"),
    )


def is_by_crosswalk(contract: Contract) -> bool:
    """Rows of the table name a prison, and no region."""
    return "prison_id" in contract.names and not contract.regional


__all__ = [
    "NOT_KNOWN",
    "STAMP",
    "SUMS",
    "Counted",
    "RowsBy",
    "SentencedCases",
    "SumsByCode",
    "WithPlaces",
    "answer",
    "broad_groups",
    "counts_by_group",
    "is_by_crosswalk",
    "places_by_quarter",
    "rows_by_quarter",
    "sentenced_cases_by_quarter",
    "stamped",
    "with_places",
]
