"""Rules between tables: ids that must stand in another one, prisons and their periods, lost zeros
of ids."""

import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.files import Note, TextTable
from analysis.extracts.files.text_values import among, day

# Of people: above this share the two extracts do not use the same ids (chosen; METHODS 0.7 shows
# the rate).
UNLINKED_ALLOWED = 0.10
OF_PEOPLE = (
    "supervision_outcomes",
    "relationship_survey",
)  # one row a person of people_on_probation
Tables = dict[str, TextTable]


def check_links(tables: Tables) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    """E125, E126, E128, E129 and E144; tables or columns that are missing are left out."""
    prisons = tables.get("prisons")
    problems = tuple(fault for table in tables.values() for fault in _against_links(table, tables))
    problems += tuple(
        fault for table in tables.values() for fault in _against_crosswalk(table, prisons)
    )
    people = tables.get("people_on_probation")
    if people is None or "person_id" not in people.frame:
        return problems, ()
    unlinked, notes = _unlinked_practitioners(people, tables.get("practitioners"))
    first = first_rows(people)
    for name in OF_PEOPLE:
        table = tables.get(name)
        if table is not None and "person_id" in table.frame:
            unlinked += _against_people(table, first)
    return (*problems, *unlinked), notes


def first_rows(people: TextTable) -> pd.DataFrame:
    """The first row of each person, by id."""
    return people.frame.drop_duplicates("person_id").set_index("person_id")


def _against_links(table: TextTable, tables: Tables) -> tuple[Problem, ...]:
    """Ids that must stand in another table and do not (E129); supervision has rules of its own for
    that."""
    problems: tuple[Problem, ...] = ()
    if table.contract.service == "supervision":
        return problems
    for column, other in table.contract.links:
        target = tables.get(other)
        if target is not None and column in table.frame and column in target.frame:
            ids = table.frame[column]
            problems += table.problem(
                "E129", (ids != "") & ~among(ids, target.frame[column]), column=column
            )
    return problems


def _against_crosswalk(table: TextTable, prisons: TextTable | None) -> tuple[Problem, ...]:
    """E144: the prison belongs to no place on the first day of the quarter, where rows join
    (counts.with_places).

    A prison that is not in `prisons` at all is E129; one with a date that cannot be read is left to
    that date's code.
    """
    names = ["prison_id", "quarter"]
    periods = ["prison_id", "valid_from", "valid_to"]
    if prisons is None or not {*names} <= set(table.frame) or not {*periods} <= set(prisons.frame):
        return ()
    places = prisons.frame[periods].assign(
        **{name: day(prisons.frame[name]) for name in periods[1:]}
    )
    unread = places.loc[places.isna().any(axis=1), "prison_id"]
    wanted = table.frame[names].drop_duplicates().assign(day=lambda pairs: day(pairs["quarter"]))
    found = wanted.merge(places, on="prison_id")
    found["holds"] = found["day"].between(found["valid_from"], found["valid_to"])
    judged = found[
        found["day"].notna() & (found["prison_id"] != "") & ~among(found["prison_id"], unread)
    ]
    held = judged.groupby(names)["holds"].any()
    missing = pd.MultiIndex.from_frame(table.frame[names]).isin(held.index[~held])
    return table.problem("E144", missing, column="prison_id")


def _unlinked_practitioners(
    people: TextTable, staff: TextTable | None
) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    name = "first_practitioner_id"
    if staff is None or name not in people.frame or "practitioner_id" not in staff.frame:
        return (), ()
    ids, known = people.frame[name], staff.frame["practitioner_id"]
    unlinked = (ids != "") & ~among(ids, known)
    shortened = unlinked & _joins_when_padded(ids, known)
    problems = people.problem("E125", shortened, column=name)
    unlinked &= ~shortened
    if unlinked.mean() > UNLINKED_ALLOWED:
        return (*problems, *people.problem("E128", unlinked, column=name)), ()
    text = "practitioner ids are not in practitioners; these people count as not linked"
    return problems, (
        (Note(str(people.files[0]), text, name, int(unlinked.sum())),) if unlinked.any() else ()
    )


def _joins_when_padded(ids: pd.Series, known: pd.Series) -> pd.Series:
    """Ids of digits that join once leading zeros are put back."""
    lengths = known[known.str.fullmatch(r"[0-9]+") & known.str.startswith("0")].str.len().unique()
    joins = pd.Series(False, index=ids.index)
    for length in lengths:
        joins |= ids.str.fullmatch(r"[0-9]+") & among(ids.str.zfill(int(length)), known)
    return joins & (ids != "")


def _against_people(table: TextTable, first: pd.DataFrame) -> tuple[Problem, ...]:
    frame = table.frame
    ids = frame["person_id"]
    known = first.index.to_series()
    unknown = (ids != "") & ~among(ids, known)
    shortened = unknown & _joins_when_padded(ids, known)
    problems = table.problem("E125", shortened, column="person_id") + table.problem(
        "E129", unknown & ~shortened, column="person_id"
    )
    person = first.reindex(ids).set_axis(frame.index, axis=0)
    if {"region"} <= set(frame) & set(first):
        known = table.contract.column("region").allowed
        both = frame["region"].isin(known) & person["region"].isin(
            known
        )  # other faults have their own codes
        differs = both & (frame["region"] != person["region"])
        problems += table.problem("E126", differs, column="region")
    return problems
