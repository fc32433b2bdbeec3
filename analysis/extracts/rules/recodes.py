"""People who stand with another ethnic group in one period than in the one before it, counted by
the engine."""

from collections.abc import Callable, Sequence

import pandas as pd

from analysis.extracts.counts.counts import NOT_KNOWN, broad_groups

PERSON, QUARTER, CODE = "person_id", "quarter", "ethnicity"
STAMP = 5  # characters of year and quarter before the code
Window = tuple[str, pd.Timestamp, pd.Timestamp]  # name, first and last quarter


def recoded(
    table, windows: Sequence[Window], groups: Callable[[pd.Series], pd.Series] = broad_groups
) -> pd.DataFrame:
    """Each two windows that follow each other: columns before, after (their names), stayed and
    moved (people).

    stayed: people who stand in both, with a known group in the first; moved: those of them with
    another group, or none, in the second. Of several quarters of a window a person's last row
    counts. `table`: an ibis table.
    """
    pairs = _pairs(table, windows)
    known = pairs.assign(before=groups(pairs["before"]), after=groups(pairs["after"]))
    known = known[known["before"] != NOT_KNOWN]
    found = []
    for k in range(1, len(windows)):
        own = known[known["window"] == k]
        moved = own.loc[own["before"] != own["after"], "people"].sum()
        row = {"before": windows[k - 1][0], "after": windows[k][0]}
        found.append(row | {"stayed": int(own["people"].sum()), "moved": int(moved)})
    return pd.DataFrame(found, columns=["before", "after", "stayed", "moved"])


def _pairs(table, windows: Sequence[Window]) -> pd.DataFrame:
    """How many people have each pair of codes in a window and the one before it: window (its
    number), before, after, people. A person's code in a window is that of the last row: the largest
    of year, quarter and code as one text.
    """
    import ibis

    day = table[QUARTER]
    number = ibis.cases(
        *(((day >= first) & (day <= until), k) for k, (_, first, until) in enumerate(windows))
    )
    when = (day.year() * 10 + day.quarter()).cast("string")
    rows = table.select(person=table[PERSON], window=number, stamped=when + table[CODE])
    rows = rows.filter(rows["window"].notnull())
    last = rows.group_by(["person", "window"]).aggregate(newest=rows["stamped"].max())
    person = ibis.window(group_by="person", order_by="window")
    with_earlier = last.mutate(
        after=last["newest"].substr(STAMP),
        before=last["newest"].substr(STAMP).lag().over(person),
        earlier=last["window"].lag().over(person),
    )
    both = with_earlier.filter(with_earlier["earlier"] == with_earlier["window"] - 1)
    keys = ["window", "before", "after"]
    return both.group_by(keys).aggregate(people=both.count()).order_by(keys).to_pandas()
