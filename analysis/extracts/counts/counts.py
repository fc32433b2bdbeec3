"""Grouped counts of a monitor, worked out by the engine: a notebook reads counts, never rows.

The same expressions run on every engine that ibis speaks. Only whole numbers are summed, so that an
engine's order of adding changes nothing. Prisons are tied to places by the dated crosswalk, joined
in the engine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING, Contract
from analysis.vocabulary.ethnicity import CODINGS, crosswalk

QUARTER = "quarter"
NOT_KNOWN = "not known"
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

    `table`: an ibis table with the columns ethnicity and quarter. Columns: measure, `by`, group,
    and SUMS: rows, persons (distinct), persons with an event, events, base, and over rows the sums
    of events², events × base and base², from which the variance between persons follows where a row
    is a person. `since`, `until`: first days of quarters;
    `quarters`: of these alone.
    People whose group is not known stand in the group "not known". `groups`: another way from codes
    to groups.
    """
    rows = table
    if since is not None:
        rows = rows.filter(rows[QUARTER] >= since)
    if until is not None:
        rows = rows.filter(rows[QUARTER] <= until)
    if quarters is not None:
        rows = rows.filter(rows[QUARTER].isin(list(quarters)))
    # A row is a person within one quarter (the key of the tables), and once quarters are put
    # together: only several quarters side by side need distinct persons, the one sum for which an
    # engine's memory grows with the table.
    one_quarter = (
        QUARTER in by
        or (since is not None and since == until)
        or (quarters is not None and len(quarters) == 1)
    )
    distinct = person if person and not (together or one_quarter) else None
    if person and together:
        rows = _with_one_group(rows, person)
    found = [
        _one(rows, measure, tuple(by), person if together else None, distinct)
        for measure in measures
    ]
    whole = pd.concat(found, ignore_index=True)
    whole["group"] = (groups or broad_groups)(whole.pop("ethnicity"))
    keys = ["measure", *by, "group"]
    return (
        whole.groupby(keys, as_index=False, sort=True)[list(SUMS)]
        .sum()
        .astype(dict.fromkeys(SUMS, "int64"))
    )


def broad_groups(codes: pd.Series) -> pd.Series:
    """The broad group of each ethnicity code; every kind of missing is "not known"."""
    broad = crosswalk(codes, source=ETHNICITY_CODING, target=CODINGS[ETHNICITY_CODING].broad)
    return broad.where(broad.isin(CODINGS[ETHNICITY_CODING].groups), NOT_KNOWN)


def _with_one_group(rows, person: str):
    """Rows in which each person stands under one group: who declares in a later quarter is no
    second person "not known".

    The newest quarter in which a person's group is known says it; who declared in none stays as
    recorded.
    """
    code, quarter = rows["ethnicity"], rows[QUARTER]
    known = code.isin(list(CODINGS[ETHNICITY_CODING].codes))
    declared = quarter.max(where=known).over(group_by=person)
    dated = rows.mutate(_declared=declared)
    newest = (
        dated["ethnicity"].max(where=dated[QUARTER] == dated["_declared"]).over(group_by=person)
    )
    return dated.mutate(ethnicity=newest.fill_null(dated["ethnicity"])).drop("_declared")


def _one(
    rows, measure: Counted, by: tuple[str, ...], person: str | None, distinct: str | None
) -> pd.DataFrame:
    """Sums of one measure. `person`: rows are first put together by person. `distinct`: persons
    have to be told apart."""
    keys = [*by, "ethnicity"]
    at_risk = rows.filter(rows[measure.of] > 0)
    at_risk = at_risk.mutate(
        events=at_risk[measure.count].cast("int64"), base=at_risk[measure.of].cast("int64")
    )
    if person:
        at_risk = _by_person(at_risk, measure, [person, *keys])
    events, base = at_risk["events"], at_risk["base"]
    counted = at_risk.group_by(keys).aggregate(
        rows=at_risk.count(),
        persons=at_risk[distinct].nunique() if distinct else at_risk.count(),
        persons_with_event=(
            at_risk[distinct].nunique(where=events > 0)
            if distinct
            else at_risk.count(where=events > 0)
        ),
        events=events.sum().cast("int64"),
        base=base.sum().cast("int64"),
        events_squared=(events * events).sum().cast("int64"),
        events_times_base=(events * base).sum().cast("int64"),
        base_squared=(base * base).sum().cast("int64"),
    )
    frame = counted.order_by(keys).to_pandas()
    if QUARTER in by:
        frame[QUARTER] = frame[QUARTER].astype("datetime64[us]")  # Spark tells time in nanoseconds
    frame.insert(0, "measure", measure.id)
    return frame


def _by_person(at_risk, measure: Counted, keys: list[str]):
    """One row a person: of a share the largest value of any quarter, of a rate the sum."""
    events, base = at_risk["events"], at_risk["base"]
    if measure.share:
        return at_risk.group_by(keys).aggregate(events=events.max(), base=base.max())
    return at_risk.group_by(keys).aggregate(
        events=events.sum().cast("int64"), base=base.sum().cast("int64")
    )


def rows_by_quarter(table) -> dict[pd.Timestamp, int]:
    """How many rows each quarter of a table has, oldest first."""
    rows = table.group_by(QUARTER).aggregate(rows=table.count()).order_by(QUARTER).to_pandas()
    return dict(zip(_days(rows[QUARTER]), (int(n) for n in rows["rows"]), strict=True))


def places_by_quarter(table) -> dict[pd.Timestamp, frozenset[str]]:
    """The places that have rows in each quarter of a table with the column region."""
    rows = table.select(QUARTER, "region").distinct().to_pandas()
    held = rows.assign(**{QUARTER: _days(rows[QUARTER])}).groupby(QUARTER)["region"]
    return {quarter: frozenset(places) for quarter, places in held}


def _days(quarters: pd.Series) -> pd.Series:
    return pd.to_datetime(quarters).astype("datetime64[us]")


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
    "SUMS",
    "Counted",
    "broad_groups",
    "counts_by_group",
    "is_by_crosswalk",
    "places_by_quarter",
    "rows_by_quarter",
    "sentenced_cases_by_quarter",
    "with_places",
]
