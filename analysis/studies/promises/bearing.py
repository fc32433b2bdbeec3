"""What this workbook has on each commitment: the studies that bear on it, and what each last found.

What was found is read from the cleared records that are committed with the project, so that the
list says the same on every machine; they rest on synthetic data, or on published counts.
"""

from dataclasses import dataclass
from functools import cache

import pandas as pd

from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.registry import NATIONAL, load_plan, plan_files
from analysis.record import store
from analysis.record.record import Record
from analysis.said.texts import capital, joined
from analysis.vocabulary.commitments import BETWEEN

# What a study can show of a commitment, the least first.
NONE, LISTED, OUTPUTS, DESCRIBED = "none", "listed", "outputs", "described"
MONITORED, COMPARED = "monitored", "compared"
KINDS = (NONE, LISTED, OUTPUTS, DESCRIBED, MONITORED, COMPARED)
NOT_CLEARED = "not yet cleared"
MADE_UP = "On synthetic data, not real people: "
NO_PLAN = "no plan yet"


@dataclass(frozen=True)
class Bearing:
    """One study on one commitment. shows: one of KINDS; level: of the row that leads its pages;
    found: the heading of its national page, and on what data it rests where these are made up."""

    study: str
    shows: str
    level: str
    found: str


def studies_of(cell: str) -> tuple[str, ...]:
    """The ids of studies in one cell of the table."""
    return tuple(cell.split(BETWEEN)) if cell else ()


@cache
def bearing(study: str) -> Bearing:
    """What a study can show, and what it last found."""
    if study not in plan_files():
        return Bearing(study, NONE, "", NO_PLAN)
    record = _committed(study)
    shows = _shows(study)
    if record is None or record.statement is None or shows == LISTED:
        found = "" if shows == LISTED else NOT_CLEARED
        return Bearing(study, shows, "", found)
    found = record.sentences.headline or NOT_CLEARED
    said = joined("", (MADE_UP, found)) if record.synthetic else found
    return Bearing(study, shows, _level(record), said)


def best(cell: str) -> str:
    """The most that any study in a cell can show of its commitment."""
    return max((_shows(s) for s in studies_of(cell)), key=KINDS.index, default=NONE)


def with_studies(items: pd.DataFrame) -> list[tuple[pd.Series, Bearing]]:
    """Each commitment once for each of its studies, in the order of the table."""
    return [
        (item, bearing(study))
        for _, item in items.iterrows()
        for study in studies_of(item["studies"])
    ]


def _shows(study: str) -> str:
    if study not in plan_files():
        return NONE
    return load_plan(study).can_show


def _committed(study: str) -> Record | None:
    path = EXAMPLE_RECORDS / study / f"{NATIONAL}.json"
    return store.load(path) if path.exists() else None


def _level(record: Record) -> str:
    """The level of the row that leads, as a page names it."""
    leads = record.leads
    row = leads and record.find(outcome=leads.outcome, group=leads.group)
    return capital(row.level) if row else ""
