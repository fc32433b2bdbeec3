"""Quarters in which a person has no row between two in which the person stands: rows that were
lost, or people who left and came back. Counted by ethnic group, so that a loss on one side is
seen."""

from dataclasses import dataclass

import pandas as pd

from analysis.extracts.counts.counts import answer, broad_groups
from analysis.extracts.rules.recodes import CODE, PERSON, QUARTER


def person_holes(table) -> pd.DataFrame:
    """By ethnic group: rows, and the quarters missing between two rows of a person (columns group,
    rows, missing).

    Only quarters that the table holds count: one that nobody stands in is no hole of a person.
    `table`: a view, or an ibis table.
    """
    frame = answer(HolesByCode(), table)
    frame["group"] = broad_groups(frame.pop("code"))
    return frame.groupby("group", as_index=False)[["rows", "missing"]].sum()


@dataclass(frozen=True)
class HolesByCode:
    """The question for the rows and the missing quarters by ethnicity code."""

    def of(self, rows):
        """The ibis expression."""
        import ibis

        quarters = rows.select(QUARTER).distinct()
        number = ibis.row_number().over(ibis.window(order_by=QUARTER))
        numbered = quarters.mutate(number=number)
        own = rows.select(
            person=rows[PERSON], code=rows[CODE], **{QUARTER: rows[QUARTER]}
        ).inner_join(numbered, QUARTER)
        missing = _missing(own.semi_join(_with_holes(own), "person"))
        counted = own.group_by("code").aggregate(rows=own.count())
        both = counted.left_join(missing, counted["code"] == missing["of_code"])
        return both.select("code", "rows", missing=both["missing"].fill_null(0))


def _with_holes(own):
    """People who have fewer rows than there are quarters from their first to their last."""
    number = own["number"]
    held = own.group_by("person").aggregate(span=number.max() - number.min() + 1, rows=own.count())
    return held.filter(held["span"] > held["rows"]).select("person")


def _missing(own):
    """Quarters missing before each row of a person, by the code of the row."""
    import ibis

    before = own["number"].lag().over(ibis.window(group_by="person", order_by="number"))
    between = own.mutate(between=(own["number"] - before - 1).fill_null(0))
    return between.group_by(of_code=between["code"]).aggregate(
        missing=between["between"].sum().cast("int64")
    )
