"""Quarters in which a person has no row between two in which the person stands: rows that were
lost, or people who left and came back. Counted by ethnic group, so that a loss on one side is
seen."""

import pandas as pd

from analysis.extracts.counts.counts import broad_groups
from analysis.extracts.rules.recodes import CODE, PERSON, QUARTER


def person_holes(table) -> pd.DataFrame:
    """By ethnic group: rows, and the quarters missing between two rows of a person (columns group,
    rows, missing).

    Only quarters that the table holds count: one that nobody stands in is no hole of a person.
    `table`: an ibis table.
    """
    import ibis

    quarters = table.select(QUARTER).distinct()
    number = ibis.row_number().over(ibis.window(order_by=QUARTER))
    numbered = quarters.mutate(number=number)
    rows = table.select(
        person=table[PERSON], code=table[CODE], **{QUARTER: table[QUARTER]}
    ).inner_join(numbered, QUARTER)
    before = rows["number"].lag().over(ibis.window(group_by="person", order_by="number"))
    between = (rows["number"] - before - 1).fill_null(0)
    counted = rows.mutate(between=between).group_by("code")
    found = counted.aggregate(
        rows=lambda part: part.count(), missing=lambda part: part["between"].sum().cast("int64")
    )
    frame = found.order_by("code").to_pandas()
    frame["group"] = broad_groups(frame.pop("code"))
    return frame.groupby("group", as_index=False)[["rows", "missing"]].sum()
