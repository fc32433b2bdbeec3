"""Reads the data of one place from the source that a run names, before anything is worked out."""

from collections.abc import Callable
from pathlib import Path

from analysis.errors import ParameterError
from analysis.plans.plan import Plan
from analysis.plans.registry import Source
from analysis.studies.data_version import data_hash, extract_folder
from analysis.vocabulary.regions import ALL


def _open_tables(plan: Plan, place: str, folder: Path, source: Source) -> tuple:
    from analysis.extracts.contracts import CONTRACTS
    from analysis.extracts.dyads import people_and_practitioners
    from analysis.extracts.sources import open_tables

    opened = open_tables(str(source), folder=folder, tables=list(CONTRACTS), region=None if place == ALL else place)
    if opened["people_on_probation"].empty:
        raise ParameterError("E151", f"the extract holds nobody in {place}.", remedy="Run the regions that it holds.")
    extract = opened.get("extract")
    extract_date = None if extract is None or extract.empty else str(extract["extract_date"].iloc[0].date())
    dyads = people_and_practitioners(opened)
    dates = {
        "period_from": plan.data.from_, "period_to": plan.data.to, "extract_date": extract_date,
        "follow_up_complete_to": dyads.followed_until(plan.data.to, plan.outcome(plan.leading).follow_up_months),
    }  # fmt: skip
    return dyads, dates


def _open_synthetic(plan: Plan, place: str, source: Source) -> tuple:
    from analysis.synthetic.nation import ensure_nation, ensure_region

    folder = ensure_nation(scale=source.scale) if place == ALL else ensure_region(place, scale=source.scale)
    return _open_tables(plan, place, folder, source)


def _open_extracts(plan: Plan, place: str, source: Source) -> tuple:
    return _open_tables(plan, place, extract_folder(source), source)


def _open_star(plan: Plan, place: str, source: Source) -> tuple:
    from analysis.extracts.dyads import star_dyads

    dates = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))
    return star_dyads(None if place == ALL else place), dates


_OPENERS: dict[str, Callable] = {"synthetic": _open_synthetic, "extracts": _open_extracts, "star": _open_star}


def open_dyads(plan: Plan, place: str, source: Source) -> tuple:
    """People and practitioners of one place, the dates of its record, and the hash of the data. DataError, ParameterError E151."""
    return *_OPENERS[source.name](plan, place, source), data_hash(source)
