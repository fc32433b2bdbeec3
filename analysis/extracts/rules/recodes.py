"""People who stand with another ethnic group in one period than in the one before it, counted by
the engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from analysis.extracts.counts.counts import NOT_KNOWN, STAMP, answer, broad_groups, stamped

PERSON, QUARTER, CODE = "person_id", "quarter", "ethnicity"
Window = tuple[str, pd.Timestamp, pd.Timestamp]  # name, first and last quarter


def recoded(
    table, windows: Sequence[Window], groups: Callable[[pd.Series], pd.Series] = broad_groups
) -> pd.DataFrame:
    """Each two windows that follow each other: columns before, after (their names) and moved
    (people).

    moved: people who stand in both, with a known group in the first and another group, or none, in
    the second. Of several quarters of a window a person's last row counts. `table`: a view, or an
    ibis table.
    """
    pairs = _pairs(table, windows)
    known = pairs.assign(before=groups(pairs["before"]), after=groups(pairs["after"]))
    moved = known[(known["before"] != NOT_KNOWN) & (known["before"] != known["after"])]
    people = moved.groupby("window")["people"].sum()
    found = [
        {"before": before, "after": after, "moved": int(people.get(k, 0))}
        for k, ((before, *_), (after, *_)) in enumerate(pairwise(windows), 1)
    ]
    return pd.DataFrame(found, columns=["before", "after", "moved"])


def _pairs(table, windows: Sequence[Window]) -> pd.DataFrame:
    """How many of the people with several codes have each pair of them in a window and the one
    before it: window (its number), before, after, people."""
    days = tuple((first.isoformat(), until.isoformat()) for _, first, until in windows)
    return answer(PairsOfCodes(days), table)


@dataclass(frozen=True)
class PairsOfCodes:
    """The question for pairs of codes. windows: first and last quarter of each (ISO days).

    A person's code in a window is that of the last row: the largest of year, quarter and code as
    one text. Only people who stand with several codes, or once with none, are followed: nobody else
    can have moved, and they are most of a table.
    """

    windows: tuple[tuple[str, str], ...]

    def of(self, rows):
        """The ibis expression."""
        import ibis

        rows = rows.semi_join(_with_several_codes(rows), PERSON)
        day = rows[QUARTER]
        limits = [tuple(map(pd.Timestamp, window)) for window in self.windows]
        number = ibis.cases(
            *(((day >= first) & (day <= until), k) for k, (first, until) in enumerate(limits))
        )
        own = rows.select(person=rows[PERSON], window=number, stamped=stamped(rows[CODE], day))
        own = own.filter(own["window"].notnull())
        last = own.group_by(["person", "window"]).aggregate(newest=own["stamped"].max())
        person = ibis.window(group_by="person", order_by="window")
        with_earlier = last.mutate(
            after=last["newest"].substr(STAMP),
            before=last["newest"].substr(STAMP).lag().over(person),
            earlier=last["window"].lag().over(person),
        )
        both = with_earlier.filter(with_earlier["earlier"] == with_earlier["window"] - 1)
        return both.group_by(["window", "before", "after"]).aggregate(people=both.count())


def _with_several_codes(rows):
    """People who stand with more than one code, or without one."""
    code = rows[CODE]
    held = rows.group_by(PERSON).aggregate(
        lowest=code.min(), highest=code.max(), empty=rows.count() - code.count()
    )
    return held.filter((held["lowest"] != held["highest"]) | (held["empty"] > 0)).select(PERSON)
