"""Reads the data of one place from the source that a run names, before anything is worked out."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.disclosure.attack.protection import hidden_keys, withheld_places
from analysis.disclosure.guard.signature import key_named
from analysis.errors import ParameterError
from analysis.extracts.tables.contract import PROBATION_REGIONS
from analysis.extracts.tables.contracts import CONTRACTS, WHO, places_of_extract, tables_of
from analysis.plans.kinds import kind_of, named
from analysis.plans.locks.standing import require_lock
from analysis.plans.plan import Plan
from analysis.plans.registry import OF_PERSONS, Source, plan_hash
from analysis.plans.study_plan import StudyPlan
from analysis.study.data_version import data_hash, extract_folder
from analysis.study.offers import check_agrees
from analysis.vocabulary.regions import ALL, place_set

if TYPE_CHECKING:  # planning reads who serves a plan, and no table
    import pandas as pd

OF_MANY_REGIONS = (
    "prisons",
)  # places that hold prisons of several regions: all tables are needed for one of them
PROGRAMME = "programme"  # column of tables that several pilots share
PUBLISHED = "published"  # counts of data/reference belong to no service
DATES = ("period_from", "period_to", "extract_date", "follow_up_complete_to")  # of a record


def open_exact(plan: StudyPlan, place: str, source: Source) -> tuple:
    """The exact study of one place, the dates of its record, and the hash of the data.

    DataError, ParameterError E151, E156, E290 where the plan is not locked; PlanError E209, E237 to
    E241 where the plan names what the data do not have.
    """
    check_agrees(plan)
    require_lock(plan, source)
    return named(kind_of(plan).opens)(plan, place, source)


def service_of(plan: StudyPlan) -> str:
    """The service whose tables a plan reads: that of its kind, else that of the plan's own
    table."""
    contract = CONTRACTS.get(getattr(plan, "table", ""))
    return kind_of(plan).service or (contract.service if contract else PUBLISHED)


def from_tables(plan: Plan, place: str, source: Source) -> tuple:
    """A study that is worked out from the tables of its service: what `opens` of a kind is."""
    opened = _tables(plan, place, source)
    drawn = _extract_date(opened)
    _require_closed(plan, drawn)
    digest = data_hash(source, plan.study)
    hidden = decided(plan, source, digest)
    study, followed = named(kind_of(plan).study)(plan, place, opened, hidden=hidden)
    dates = (plan.data.from_, plan.data.to, drawn, followed)
    return study, dict(zip(DATES, dates, strict=True)), digest


def decided(plan: StudyPlan, source: Source, digest: str) -> frozenset[str]:
    """Names of the counts that the joint decision over all places withholds; none before there is
    one. `digest`: the hash of the data."""
    return hidden_keys(plan.study, source.folder, digest, plan_hash(plan.study))


def opened_tables(plan: StudyPlan, place: str, source: Source) -> dict:
    """All tables of a study's service, of one place or of all. ParameterError E270 where its
    numbers are no rows of persons, E290 where its plan is not locked."""
    _require_tables(plan, source)
    return _tables(plan, place, source)


def opened_without_outcomes(plan: StudyPlan, place: str, source: Source) -> dict:
    """What a lock does not cover: the same tables without the columns on which outcomes of pilots
    rest, which are not read. A table whose rows are outcomes is left out. ParameterError E270.

    Who there is, where, in which arm and since when: what a sample is planned from.
    """
    _require_tables(plan, source)
    covered = {t: list(CONTRACTS[t].covered) for t in tables_of(service_of(plan))}
    return _tables(plan, place, source, {t: names for t, names in covered.items() if names})


def _require_tables(plan: StudyPlan, source: Source) -> None:
    """ParameterError E270 where a source holds no rows of persons for a study."""
    if source.name not in OF_PERSONS or service_of(plan) == PUBLISHED:
        text = f"{plan.study} has no tables of persons in the source {source.name}."
        raise ParameterError("E270", text, remedy="Open it with open_study.")


def _require_closed(plan: Plan, extract_date: str | None) -> None:
    """ParameterError E156 where the period of the plan was not over when the extract was drawn: the
    page names all of it."""
    if extract_date is not None and plan.data.to is not None and extract_date <= plan.data.to:
        text = (
            f"the period of {plan.study} ends on {plan.data.to}, and the extract was drawn on"
            f" {extract_date}."
        )
        raise ParameterError(
            "E156",
            text,
            remedy="Draw a later extract, or end the period of the plan (data: to) before it.",
        )


def _tables(
    plan: StudyPlan, place: str, source: Source, columns: dict[str, list[str]] | None = None
) -> dict:
    """Tables of the plan's service, of one region or of all that are not withheld; `columns`: which
    tables, and which columns of each (default: all of all, with outcomes). ParameterError E290."""
    from analysis.extracts.reading.sources import AllBut, open_tables

    if columns is None:
        require_lock(plan, source)
    service = service_of(plan)
    opened = open_tables(
        str(source),
        folder=tables_folder(plan, place, source),
        tables=list(tables_of(service) if columns is None else columns),
        region=AllBut(withheld_places()) if place == ALL else place,
        columns=columns,
        places=places_of_extract(plan.data.places),
    )
    who = opened.get(WHO[service])
    if who is not None and who.empty:
        raise ParameterError(
            "E151", f"the extract holds nobody in {place}.", remedy="Run the regions that it holds."
        )
    opened = {table: _own_rows(plan, frame) for table, frame in opened.items()}
    return _blind(opened, plan) if source.blind and columns is None else opened


def _own_rows(plan: StudyPlan, frame: "pd.DataFrame") -> "pd.DataFrame":
    """Rows of the plan's own programme, of a table that several pilots share: a lock opens the
    outcomes of one of them."""
    if plan.data.programme is None or PROGRAMME not in frame:
        return frame
    return frame[frame[PROGRAMME] == plan.data.programme].reset_index(drop=True)


def _blind(opened: dict, plan: StudyPlan) -> dict:
    """The tables with permuted outcomes: the same again from the same plan in the same state. What
    the state keeps to itself is in the seed: from the plan alone nobody can turn it back."""
    from analysis.extracts.reading.permuted import permuted_outcomes

    seed = hashlib.sha256(key_named("blind.key") + plan_hash(plan.study).encode())
    return permuted_outcomes(opened, seed.digest())


def tables_folder(plan: StudyPlan, place: str, source: Source) -> Path:
    """Where the tables of the plan's service stand; synthetic ones are made first."""
    if source.name in ("extracts", "database"):
        return extract_folder(source)
    from analysis.synthetic.nation import ensure_nation, ensure_region

    scale, service, places = source.scale, service_of(plan), plan.data.places
    if not place_set(places).ids:  # a country without places: all that is made lies in it
        places = PROBATION_REGIONS
    if place == ALL or service in OF_MANY_REGIONS:
        return ensure_nation(scale=scale, service=service, places=places, study=plan.study)
    return ensure_region(place, scale=scale, service=service, places=places, study=plan.study)


def _extract_date(opened: dict) -> str | None:
    extract = opened.get("extract")
    return None if extract is None or extract.empty else str(extract["extract_date"].iloc[0].date())
