"""The made-up nation in places of another set (params/regions.yml): health regions, forces, areas
of another service.

What is planted is planted by probation region. A place of another set takes the planted values of
one of them, in the order of both lists and from the start again where there are more places, and
draws people of its own from a seed of its
own: nothing else has to be written for a new set. Strata of prisons belong to prison_places alone:
elsewhere a prison lies in its place.
"""

import zlib

import pandas as pd

from analysis.extracts.tables.contract import REGIONS
from analysis.extracts.tables.contracts import contract_of, of_the_nation
from analysis.vocabulary.regions import check_place, place_set


def planted_as(place: str, places: str) -> str:
    """The probation region whose planted values a place takes: itself, or that of its number.
    ParameterError E211, E212."""
    check_place(places, place)
    if of_the_nation(places) and place in REGIONS:
        return place
    return REGIONS[place_set(places).ids.index(place) % len(REGIONS)]


def own_seed(place: str, places: str) -> tuple[int, ...]:
    """What the seed of a place of another set holds besides that of its region; nothing for a
    probation region."""
    return () if of_the_nation(places) else (zlib.crc32(f"{places}/{place}".encode()),)


def moved(tables: dict[str, pd.DataFrame], place: str, places: str) -> dict[str, pd.DataFrame]:
    """The tables of a probation region as those of a place of another set: its id as the region,
    ids of its own."""
    if of_the_nation(places):
        return tables
    number = place_set(places).ids.index(place) + 1
    return {
        name: _moved(name, frame, place, f"P{number:02d}-", places)
        for name, frame in tables.items()
    }


def _moved(table: str, frame: pd.DataFrame, place: str, prefix: str, places: str) -> pd.DataFrame:
    contract = contract_of(table, places)
    ids = [column.name for column in contract.columns if column.kind == "id"]
    columns = {name: prefix + frame[name] for name in ids}  # an empty id stays empty
    return frame.assign(**columns, region=place) if contract.regional else frame.assign(**columns)
