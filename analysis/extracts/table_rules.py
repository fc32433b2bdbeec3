"""What can be wrong between rows and between tables (E112, E12x, E137 to E139, E144, E145, E162, E168, E169, E194 to E196)."""

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.codes import problem
from analysis.extracts.contract import LICENCE, ORDERS
from analysis.extracts.files import Note, TextTable
from analysis.vocabulary.ethnicity import RECORDED_MISSING

UNLINKED_ALLOWED = (
    0.10  # of people: above this share the two extracts do not use the same ids (chosen; METHODS 0.7 shows the rate)
)
FOLLOW_UP_MONTHS = 18  # proven reoffending: 12 to offend, 6 to be convicted (METHODS section 1)
# By table: parts and the whole that they, added up, cannot exceed in any row (E168).
PARTS: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "supervision_quarters": (
        (("orders_completed",), "orders_ended"),
        (("settled_home",), "housing_known"),
        (("in_work",), "work_known"),
    ),
    "prison_quarters": (
        (("force_used",), "force_incidents"),
        (("on_basic", "on_enhanced"), "at_snapshot"),
        (("activity_started",), "activity_eligible"),
        (("activity_completed",), "activity_started"),
    ),
    "release_decisions": (
        (("curfew_applied",), "curfew_eligible"),
        (("curfew_granted",), "curfew_applied"),
        (("curfew_returned",), "curfew_granted"),
        (("leave_granted",), "leave_eligible"),
        (("parole_released",), "parole_heard"),
    ),
    "staff_quarters": ((("promoted",), "promotion_eligible"), (("low_rating",), "rated")),
    "applications": ((("shortlisted",), "applications"), (("appointed",), "shortlisted")),
}
Tables = dict[str, TextTable]


def check_table(table: TextTable) -> tuple[Problem, ...]:
    """Rules between the rows of one table."""
    frame, problems = table.frame, []
    if table.contract.table == "extract":
        return () if len(frame) == 1 else (problem("E196", str(table.files[0]), count=len(frame)),)
    if "ethnicity" in frame and len(frame) and frame["ethnicity"].isin(RECORDED_MISSING).all():
        problems += table.problem("E112", np.ones(len(frame)), column="ethnicity")
    for column in (c.name for c in table.contract.columns if c.kind == "id" and c.name in frame):
        problems += table.problem("E125", _lost_zeros(frame[column]), column=column)
    problems += _repeated_keys(table)
    if {"appointments_kept", "appointments_offered"} <= set(frame):
        kept, offered = _number(frame["appointments_kept"]), _number(frame["appointments_offered"])
        problems += table.problem("E162", kept > offered, column="appointments_kept")
    return (*problems, *_parts_and_wholes(table), *_quarters(table), *_periods_twice(table))


def _parts_and_wholes(table: TextTable) -> tuple[Problem, ...]:
    """E168 for each pair of PARTS, and E169."""
    frame, problems = table.frame, ()
    for parts, whole in PARTS.get(table.contract.table, ()):
        if {*parts, whole} <= set(frame):
            total = sum(_number(frame[part]) for part in parts)
            larger = total > _number(frame[whole])
            problems += table.problem("E168", larger, column=parts[-1], hint=f"The whole is `{whole}`.")
    if {"order_days", "licence_days"} <= set(frame):
        both = (_number(frame["order_days"]) > 0) & (_number(frame["licence_days"]) > 0)
        problems += table.problem("E169", both, column="licence_days")
    return problems


def _quarters(table: TextTable) -> tuple[Problem, ...]:
    """E139; a date that does not exist has a code of its own."""
    if "quarter" not in table.frame:
        return ()
    day = _day(table.frame["quarter"])
    return table.problem("E139", day.notna() & ~day.dt.is_quarter_start, column="quarter")


def _periods_twice(table: TextTable) -> tuple[Problem, ...]:
    """E145: periods of one prison that begin before an earlier one has ended (a key that stands twice is E120)."""
    names = {"prison_id", "valid_from", "valid_to"}
    if table.contract.table != "prisons" or not names <= set(table.frame):
        return ()
    begin, end, prison = _day(table.frame["valid_from"]), _day(table.frame["valid_to"]), table.frame["prison_id"]
    rows = pd.DataFrame({"prison": prison, "begin": begin, "end": end}).dropna().sort_values(["prison", "begin"])
    before = rows.groupby("prison")["end"].transform(lambda ends: ends.cummax().shift())
    again = rows.duplicated(["prison", "begin"])
    overlaps = ((rows["begin"] <= before) & ~again).reindex(table.frame.index, fill_value=False)
    return table.problem("E145", overlaps & (prison != ""), column="valid_from")


def _lost_zeros(ids: pd.Series) -> pd.Series:
    """Ids of digits only that are shorter than others of the same column which begin with a zero."""
    digits = ids.str.fullmatch(r"[0-9]+")
    padded = ids[digits & ids.str.startswith("0")]
    if padded.empty:
        return pd.Series(False, index=ids.index)
    return digits & (ids.str.len() < padded.str.len().max()) & ~ids.str.startswith("0")


def _repeated_keys(table: TextTable) -> tuple[Problem, ...]:
    """A key that stands again: with another region (E126), another ethnic group (E127), or simply twice (E120)."""
    keys = list(table.contract.key)
    if not set(keys) <= set(table.frame):
        return ()
    parts, key = table.frame[keys], keys[-1]
    ids = parts[key] if len(keys) == 1 else parts[keys[0]].str.cat(parts[keys[1:]], sep="\0")
    repeated = ids.duplicated(keep=False) & (parts != "").all(axis=1)
    again = repeated & ids.duplicated()
    region = repeated & _differs(table.frame, ids, "region", repeated)
    ethnicity = repeated & ~region & _differs(table.frame, ids, "ethnicity", repeated)
    return (
        *table.problem("E126", again & region, column=key),
        *table.problem("E127", again & ethnicity, column=key),
        *table.problem("E120", again & ~region & ~ethnicity, column=key),
    )


def _differs(frame: pd.DataFrame, ids: pd.Series, column: str, repeated: pd.Series) -> pd.Series:
    if column not in frame or not repeated.any():
        return pd.Series(False, index=frame.index)
    kinds = frame.loc[repeated, column].groupby(ids[repeated]).nunique()
    return ids.map(kinds > 1).fillna(False).astype(bool)


def check_between(tables: Tables) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    """Rules between people_on_probation and the other tables; tables or columns that are missing are left out."""
    linked = tuple(fault for table in tables.values() for fault in _against_links(table, tables))
    linked += tuple(fault for table in tables.values() for fault in _against_crosswalk(table, tables.get("prisons")))
    people = tables.get("people_on_probation")
    if people is None or "person_id" not in people.frame:
        return linked, ()
    problems, notes = _unlinked_practitioners(people, tables.get("practitioners"))
    first = people.frame.drop_duplicates("person_id").set_index("person_id")
    for name in ("supervision_outcomes", "relationship_survey"):
        table = tables.get(name)
        if table is not None and "person_id" in table.frame:
            problems += _against_people(table, first)
    return (*linked, *problems), notes


def _against_links(table: TextTable, tables: Tables) -> tuple[Problem, ...]:
    """Ids that must stand in another table and do not (E129); supervision has rules of its own for that."""
    problems: tuple[Problem, ...] = ()
    if table.contract.service == "supervision":
        return problems
    for column, other in table.contract.links:
        target = tables.get(other)
        if target is not None and column in table.frame and column in target.frame:
            ids = table.frame[column]
            problems += table.problem("E129", (ids != "") & ~_among(ids, target.frame[column]), column=column)
    return problems


def _against_crosswalk(table: TextTable, prisons: TextTable | None) -> tuple[Problem, ...]:
    """E144: the prison belongs to no place on the first day of the quarter, where rows join (counts.with_places).

    A prison that is not in `prisons` at all is E129; one with a date that cannot be read is left to that date's code.
    """
    names = ["prison_id", "quarter"]
    periods = ["prison_id", "valid_from", "valid_to"]
    if prisons is None or not {*names} <= set(table.frame) or not {*periods} <= set(prisons.frame):
        return ()
    places = prisons.frame[periods].assign(**{name: _day(prisons.frame[name]) for name in periods[1:]})
    unread = places.loc[places.isna().any(axis=1), "prison_id"]
    wanted = table.frame[names].drop_duplicates().assign(day=lambda pairs: _day(pairs["quarter"]))
    found = wanted.merge(places, on="prison_id")
    found["holds"] = found["day"].between(found["valid_from"], found["valid_to"])
    judged = found[found["day"].notna() & (found["prison_id"] != "") & ~_among(found["prison_id"], unread)]
    held = judged.groupby(names)["holds"].any()
    missing = pd.MultiIndex.from_frame(table.frame[names]).isin(held.index[~held])
    return table.problem("E144", missing, column="prison_id")


def _unlinked_practitioners(people: TextTable, staff: TextTable | None) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    name = "first_practitioner_id"
    if staff is None or name not in people.frame or "practitioner_id" not in staff.frame:
        return (), ()
    ids, known = people.frame[name], staff.frame["practitioner_id"]
    unlinked = (ids != "") & ~_among(ids, known)
    shortened = unlinked & _joins_when_padded(ids, known)
    problems = people.problem("E125", shortened, column=name)
    unlinked &= ~shortened
    if unlinked.mean() > UNLINKED_ALLOWED:
        return (*problems, *people.problem("E128", unlinked, column=name)), ()
    text = "practitioner ids are not in practitioners; these people count as not linked"
    return problems, (Note(str(people.files[0]), text, name, int(unlinked.sum())),) if unlinked.any() else ()


def _joins_when_padded(ids: pd.Series, known: pd.Series) -> pd.Series:
    """Ids of digits that join once leading zeros are put back."""
    lengths = known[known.str.fullmatch(r"[0-9]+") & known.str.startswith("0")].str.len().unique()
    joins = pd.Series(False, index=ids.index)
    for length in lengths:
        joins |= ids.str.fullmatch(r"[0-9]+") & _among(ids.str.zfill(int(length)), known)
    return joins & (ids != "")


def _among(ids: pd.Series, known: pd.Series) -> pd.Series:
    """Whether each id is among the known ones (a hash: `isin` on text compares with each of them)."""
    return pd.Series(pd.Index(known.unique(), dtype=object).get_indexer(ids.astype(object)) >= 0, index=ids.index)


def _against_people(table: TextTable, first: pd.DataFrame) -> tuple[Problem, ...]:
    frame = table.frame
    ids = frame["person_id"]
    known = first.index.to_series()
    unknown = (ids != "") & ~_among(ids, known)
    shortened = unknown & _joins_when_padded(ids, known)
    problems = table.problem("E125", shortened, column="person_id") + table.problem(
        "E129", unknown & ~shortened, column="person_id"
    )
    person = first.reindex(ids).set_axis(frame.index, axis=0)
    if {"region"} <= set(frame) & set(first):
        known = table.contract.column("region").allowed
        both = frame["region"].isin(known) & person["region"].isin(known)  # other faults have their own codes
        problems += table.problem("E126", both & (frame["region"] != person["region"]), column="region")
    return problems + _dates_against(table, person) + _sentences_against(table, person)


def _dates_against(table: TextTable, person: pd.DataFrame) -> tuple[Problem, ...]:
    problems: tuple[Problem, ...] = ()
    if "first_allocated_on" not in person:
        return problems
    start = _day(person["first_allocated_on"])
    for name in ("followed_to", "answered_on"):
        if name in table.frame:
            problems += table.problem("E137", _day(table.frame[name]) < start, column=name)
    if {"followed_to", "reoffended"} <= set(table.frame):
        complete = start + pd.DateOffset(months=FOLLOW_UP_MONTHS)
        early = (_day(table.frame["followed_to"]) < complete) & (table.frame["reoffended"] != "")
        problems += table.problem("E138", early, column="reoffended")
    return problems


def _sentences_against(table: TextTable, person: pd.DataFrame) -> tuple[Problem, ...]:
    problems: tuple[Problem, ...] = ()
    for name, sentences in (("breached", ORDERS), ("recalled", LICENCE)):
        if name in table.frame and "sentence_type" in person:
            at_risk, given = person["sentence_type"].isin(sentences), table.frame[name] != ""
            known = person["sentence_type"].isin((*ORDERS, *LICENCE))
            problems += table.problem("E194", known & ~at_risk & given, column=name)
            problems += table.problem("E195", at_risk & ~given, column=name)
    return problems


def _number(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts.where(texts != ""), errors="coerce")


def _day(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce")
