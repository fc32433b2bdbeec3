"""Ethnic group by sex by age: how many people stand in each, and one share or mean of them, where
numbers allow.

Groups at a crossing are small. What may not be shown is marked, and a line says how many crossings
that are: a table without a crossing says nothing about the people in it.
"""

from collections.abc import Sequence
from functools import partial

import pandas as pd

from analysis.disclosure.dominance import people_behind
from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.disclosure.rules import Clearance
from analysis.results import Table, significant
from analysis.said.told import told

NAMES = {"ethnic_group": "Ethnic group", "sex": "Sex", "age_band": "Age"}
NOT_RELIABLE_BELOW = 30  # people: too few for a rate to be relied on (rule S16)


def crossings(
    people: pd.DataFrame,
    *,
    outcome: str,
    groups: Sequence[str],
    by: Sequence[str] = ("ethnic_group", "sex", "age_band"),
) -> pd.DataFrame:
    """One row a crossing of `by` (each ethnic group of `groups`, in that order): people with a
    known outcome, its sum, its mean.

    `people`: one row a person with the columns of `by` and `outcome` (0/1 or a score). Crossings
    without anybody stand in it with 0. Exact and private.
    """
    known = people[people[by[0]].isin(groups)].dropna(subset=[outcome])
    levels = [list(groups), *(sorted(people[name].dropna().unique()) for name in by[1:])]
    counted = known.groupby(list(by))[outcome].agg(people="size", total="sum", mean="mean")
    index = pd.MultiIndex.from_product(levels, names=list(by))
    return (
        counted.reindex(index)
        .fillna({"people": 0, "total": 0})
        .astype({"people": int})
        .reset_index()
    )


def intersections_table(
    people: pd.DataFrame,
    *,
    outcome: str,
    words: str,
    is_share: bool,
    groups: Sequence[str],
    by: Sequence[str] = ("ethnic_group", "sex", "age_band"),
    title: str = "",
    place: str,
    clearance: Clearance,
) -> Table:
    """The crossings as they may be shown. `words`: what the outcome is ("sentenced to custody",
    "points on the test")."""
    found = crossings(people, outcome=outcome, groups=groups, by=by)
    named = found.rename(columns=NAMES)
    labels = [NAMES[name] for name in by]
    further = [name.lower() for name in labels[1:]]
    together = f"{', '.join([labels[0], *further[:-1]])} and {(further or labels)[-1]} together"
    title = title or f"{together if further else f'By {labels[0].lower()}'}: {words}"
    dimensions = {name: "group" if name == labels[0] else BY for name in labels}
    names = partial(TableNames, place, "crossings", dimensions, outcome=outcome)
    counts = {"People": PEOPLE}
    if is_share:
        frame = named[labels].assign(
            People=found["people"], **{capital(words): found["total"].astype(int)}
        )
        table = counted_table(
            title,
            frame,
            names=names(counts | {capital(words): WITH}),
            rates={"In every 100": (capital(words), "People")},
            clearance=clearance,
        )
    else:
        mean = _means(people, outcome, by, found)
        frame = named[labels].assign(People=found["people"], Mean=pd.Series(mean, dtype="float64"))
        table = counted_table(
            title, frame, names=names(counts), model=["Mean"], clearance=clearance
        )
        table = Table(table.title, _marked(table.to_frame(), mean), table.cleared_by, table.notes)
    return Table(
        table.title,
        table.to_frame(),
        table.cleared_by,
        (
            *table.notes,
            not_shown_line(table.to_frame(), found, "crossings" if further else "groups"),
        ),
    )


def _means(people: pd.DataFrame, outcome: str, by: Sequence[str], found: pd.DataFrame) -> list:
    """The mean of each crossing; None where it is of few people, or made by one or two (S7)."""
    values = {
        key if isinstance(key, tuple) else (key,): own.to_numpy(dtype=float)
        for key, own in people.dropna(subset=[outcome]).groupby(list(by))[outcome]
    }
    cells = zip(found[list(by)].itertuples(index=False, name=None), found["mean"], strict=True)
    return [
        significant(mean) if key in values and people_behind(values[key]) else None
        for key, mean in cells
    ]


def _marked(frame: pd.DataFrame, mean: list) -> pd.DataFrame:
    """Withheld means carry the mark of what is withheld, not that of what does not apply; a mean
    stands beside people who are shown."""
    known = [m is not None and n != "[c]" for m, n in zip(mean, frame["People"], strict=True)]
    cells = zip(frame["Mean"], known, strict=True)
    return frame.assign(Mean=[old if shown else "[c]" for old, shown in cells])


def not_shown_line(shown: pd.DataFrame, found: pd.DataFrame, cells: str = "crossings") -> str:
    """How many crossings (or groups) have too few people to be shown, or to be relied on."""
    withheld = (shown == "[c]").any(axis=1).to_numpy()
    small, few = (
        int(withheld.sum()),
        int((~withheld & (found["people"] < NOT_RELIABLE_BELOW).to_numpy()).sum()),
    )
    if not small and not few:
        return f"All {told(len(found))} {cells} have enough people to be shown."
    parts = (
        [
            f"{told(small)} of {told(len(found))} {cells} are withheld: nothing can be said about"
            " the people in them"
        ]
        if small
        else []
    )
    parts += (
        [
            f"{told(few)} rest on fewer than {told(NOT_RELIABLE_BELOW)} people: too few to be"
            " relied on"
        ]
        if few
        else []
    )
    return capital("; ".join(parts)) + "."


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]
