"""An event by ethnic group beside the reference group, from counts in fives only (rules S1 to
S6)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import TableNames, counted_table
from analysis.disclosure.rules import Clearance
from analysis.disparity.relative_rate import relative_rate_index
from analysis.plans.plan import Outcome
from analysis.results import Estimate, Result, Withheld

COUNTS = {"people": PEOPLE, "events": WITH}


def event_counts(
    people: pd.DataFrame,
    outcome: Outcome,
    *,
    group: str,
    groups: Sequence[str],
    place: str,
    clearance: Clearance,
) -> pd.DataFrame:
    """People at risk and with the event, by ethnic group; in fives unless already public.

    `people`: one row a person with the column `group` and the outcome as 0 or 1 (missing: not at
    risk). Groups in which a count is too small for release are left out: nothing is worked out from
    them.
    """
    frame = people.loc[people[group].isin(groups), [group, outcome.id]].dropna(subset=[outcome.id])
    seen = frame.groupby(group)[outcome.id].agg(people="size", events="sum")
    seen.index = seen.index.astype("str")  # groups may come as categories
    names = TableNames(place, "rates", {group: "group"}, COUNTS, outcome.id or "")
    return shown_counts(seen, names=names, clearance=clearance)


def shown_counts(counted: pd.DataFrame, *, names: TableNames, clearance: Clearance) -> pd.DataFrame:
    """Columns people and events of the rows that may be shown, in fives; all of them where already
    public (S1 to S6). `names`: of the counts, by the index of `counted`."""
    counted = counted[["people", "events"]].astype(int)
    if clearance.public:
        return counted
    index = counted.index.name
    table = counted_table(
        names.table,
        counted.reset_index().astype({index: "str"}),
        names=names,
        clearance=clearance,
        rates={"rate": ("events", "people")},
        whole_rows=True,
    ).to_frame()
    told = table[["people", "events"]].map(lambda cell: not isinstance(cell, str)).all(axis=1)
    shown = table[told].set_axis(counted.index[told.to_numpy()])
    return shown[["people", "events"]].astype(int)


def relative_rates(
    counts: pd.DataFrame, groups: Sequence[str], reference: str
) -> Iterator[tuple[str, Result, list[int]]]:
    """For each group but the reference: ratio of the two rates with both rates in every 100, and
    the four counts.

    Withheld where a count is too small to be shown.
    """
    for group in groups:
        if group == reference:
            continue
        if group not in counts.index or reference not in counts.index:
            yield group, Withheld("relative_rate_index", "score", "times"), []
            continue
        numbers = [
            int(counts.loc[g, name]) for g in (group, reference) for name in ("events", "people")
        ]
        result = relative_rate_index(*numbers)
        if isinstance(result, Estimate):
            result = replace(
                result,
                group_value=100 * numbers[0] / numbers[1],
                comparison_value=100 * numbers[2] / numbers[3],
            )
        yield group, result, numbers
