"""What the runner has worked out outside the kernel of a notebook: the released record from the
private one, and the hashes of the data's own ids.

Done in a fork of the warm server that runs this code and no cell of a notebook, so that neither
costs the import of a data package in a worker (decision 105).
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pandas as pd

from analysis.clearing.nation_counts import nation_counts
from analysis.clearing.together import set_together
from analysis.disclosure.attack.known import COUNTS, write_known
from analysis.disclosure.attack.noted import forget, noted
from analysis.disclosure.guard.ids import Hashed
from analysis.disclosure.rules import Clearance
from analysis.extracts.reading.sources import open_tables
from analysis.extracts.tables.contracts import (
    CONTRACTS,
    exact_numbers,
    ids_of_people,
    places_of_extract,
    tables_of,
)
from analysis.plans.kinds import kind_of, named
from analysis.plans.locks.standing import require_lock
from analysis.plans.monitor import Monitor
from analysis.plans.registry import OF_PERSONS, AnyPlan, Source, load_plan, parse_source
from analysis.record import store
from analysis.record.record import Record
from analysis.sections.national_view import private_records
from analysis.studies.disparity.protected.flow import flow_of
from analysis.study.opening import PUBLISHED, service_of, tables_folder
from analysis.study.place_record import is_withheld, withheld_record
from analysis.study.public_counts import clearance_of_record, hidden_of, record_is_public
from analysis.vocabulary.regions import ALL, NATIONAL


def work_out(told: str) -> None:
    """Write what is asked for: `told` is JSON with study, place and source, the private record
    (`exact`) or the round whose places are set beside each other (`joint`), the file for the
    released one (`released`; of a nation a folder), and that for hashes (`ids`), where it is
    missing."""
    asked = json.loads(told)
    plan, source = load_plan(asked["study"]), parse_source(asked["source"])
    if asked["joint"]:
        set_beside_again(plan, source, asked["joint"], Path(asked["released"]))
    elif asked["exact"]:
        exact = store.load(Path(asked["exact"]))
        store.write(released_again(plan, exact, source), Path(asked["released"]))
    if asked["ids"]:
        hashed_ids(plan, asked["place"], source).write(Path(asked["ids"]))


def set_beside_again(plan: AnyPlan, source: Source, round_id: str, folder: Path) -> None:
    """The cleared records of all places and of the nation, from the exact ones, into a folder; and
    the counts that the nation prints, for the attack."""
    forget()
    exact = private_records(plan, source, round_id)
    joint = set_together(plan, exact, round_id=round_id)
    folder.mkdir()
    for place, record in (*joint.places.items(), (NATIONAL, joint.national)):
        store.write(record, folder / f"{place}.json")
    if not record_is_public(plan, joint.national):
        write_known(nation_counts(plan, exact, joint, noted()), folder / COUNTS)


def released_again(plan: AnyPlan, exact: Record, source: Source) -> Record:
    """The record of a place as it may leave, from the exact one: by the rule of its kind and the
    clearance of its data, whatever the kernel has made of it."""
    if is_withheld(exact.region, hidden_of(exact)):
        return store.validate(withheld_record(exact))
    shows = named(kind_of(plan).shows)
    opened = shows.opened(plan, exact.region, source, _Study(plan, exact), {}, {})
    opened.__dict__["exact"] = exact  # what `exact` would work out from the data
    return opened.released


@dataclass(frozen=True, eq=False)
class _Study:
    """What the release of a record asks of its exact study: the clearance, and of a monitor the
    flow of people, which is worked out only where it is asked for."""

    plan: AnyPlan
    exact: Record

    @cached_property
    def clearance(self) -> Clearance:
        return clearance_of_record(self.plan, self.exact)

    @cached_property
    def flow(self) -> Any:
        exact, how = self.exact, self.clearance
        people = {"n_in": exact.n_in, "n_used": exact.n_used, "excluded": dict(exact.excluded)}
        plan = cast(Monitor, self.plan)
        return flow_of(plan, exact.region, people, public=how.public, hidden=how.hidden)


def hashed_ids(plan: AnyPlan, place: str, source: Source) -> Hashed:
    """Hashes of ids, and of exact values that one row alone has, in the tables of a study's
    service."""
    if source.name not in OF_PERSONS or service_of(plan) == PUBLISHED:
        return Hashed.of((), ())
    require_lock(plan, source)
    names = tables_of(service_of(plan))
    columns = {t: [*ids_of_people(CONTRACTS[t]), *exact_numbers(CONTRACTS[t])] for t in names}
    wanted = [table for table in names if columns[table]]
    opened = open_tables(
        str(source),
        folder=tables_folder(plan, place, source),
        tables=wanted,
        region=None if place == ALL else place,
        columns=columns,
        places=places_of_extract(plan.data.places),
    )
    ids: set[str] = set()
    values: set[float] = set()
    for table, frame in opened.items():
        for name in ids_of_people(CONTRACTS[table]):
            ids |= set(frame[name].dropna().astype(str).unique())
        for name in exact_numbers(CONTRACTS[table]):
            values |= _alone(frame[name])
    return Hashed.of(ids, values)


def _alone(column: pd.Series) -> set[float]:
    """Values that stand in one row alone."""
    return set(column.dropna().drop_duplicates(keep=False))
