"""Places where a study runs: the 12 probation regions, and what stands in their stead elsewhere
(params/regions.yml)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from analysis.errors import ParameterError, PlanError
from analysis.paths import PARAMS
from analysis.said.texts import public_names
from analysis.vocabulary.yaml_file import load_yaml

ALL, NATIONAL = (
    "all",
    "national",
)  # reserved: the whole extract at once; the page that puts the places together
RESERVED = {ALL: "All places at once", NATIONAL: "All places together"}
_PLACE_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")  # a folder name everywhere, and never a path
_DEVICES = ("con", "prn", "aux", "nul")  # no folder can have these names on a Windows share


@dataclass(frozen=True)
class Place:
    """One place: `id` is a parameter and a folder, `name` stands on pages."""

    id: str
    name: str


@dataclass(frozen=True)
class PlaceSet:
    """Places of one kind, in their fixed order, with the words for one and many of them and their
    source."""

    id: str
    title: str
    one: str
    many: str
    source: str
    places: tuple[Place, ...]
    whole: str = ""  # what all of them together are called, where that is a name of its own

    @property
    def together(self) -> str:
        """All of them together, in a sentence: "All regions", or their own name."""
        return self.whole or f"All {self.many}"

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(place.id for place in self.places)

    def name(self, place_id: str) -> str:
        if self.whole and place_id in RESERVED:
            return self.whole if place_id == NATIONAL else f"{self.whole}, in full"
        return RESERVED.get(place_id) or {place.id: place.name for place in self.places}[place_id]


@cache
def place_sets() -> dict[str, PlaceSet]:
    """Every set of places in params/regions.yml by its id; PlanError E234 where a place could not
    be a folder."""
    content = load_yaml(PARAMS / "regions.yml").content
    return {key: _place_set(key, entry) for key, entry in content.items()}


def _place_set(key: str, entry: dict) -> PlaceSet:
    for place_id in map(str, entry["places"]):
        if not _PLACE_ID.fullmatch(place_id) or place_id in (*RESERVED, *_DEVICES):
            text = f"regions.yml: in {key} stands an id that no place can have."
            remedy = (
                "Use small letters, digits and _, 60 at most, and not"
                f" {', '.join((*RESERVED, *_DEVICES))}."
            )
            raise PlanError("E234", text, remedy=remedy)
    public_names((*entry["places"].values(), entry["one"], entry["many"], entry.get("whole", "")))
    places = tuple(Place(place_id, name) for place_id, name in entry["places"].items())
    return PlaceSet(
        key,
        entry["title"],
        entry["one"],
        entry["many"],
        entry["source"],
        places,
        entry.get("whole", ""),
    )


def place_set(key: str) -> PlaceSet:
    """The set of places with this id; ParameterError E211 names the nearest one."""
    if key not in place_sets():
        raise ParameterError(
            "E211",
            f"there is no set of places `{key}` in params/regions.yml.",
            remedy=did_you_mean(key, place_sets()),
        )
    return place_sets()[key]


def places(key: str) -> tuple[Place, ...]:
    """The places of a set, in the order of params/regions.yml."""
    return place_set(key).places


def check_place(key: str, place_id: str, *, also: tuple[str, ...] = ()) -> str:
    """`place_id` if it is a place of the set (or in `also`); else ParameterError E212."""
    valid = (*place_set(key).ids, *also)
    if place_id not in valid:
        shown = (
            place_id
            if place_id.replace("_", "").isalnum() and len(place_id) < 60
            else "that was given"
        )
        raise ParameterError(
            "E212", f"there is no place `{shown}` in {key}.", remedy=did_you_mean(place_id, valid)
        )
    return place_id


def did_you_mean(word: str, valid: Collection[str]) -> str:
    """A remedy that names the nearest valid word, or all of them."""
    near = _nearest(word, valid)
    return f"Did you mean `{near[0]}`?" if near else f"Valid: {', '.join(valid)}."


def is_like(word: str, valid: Collection[str]) -> bool:
    """Is this one of the valid words, or one of them misspelt?"""
    return bool(_nearest(word, valid))


def _nearest(word: str, valid: Collection[str]) -> list[str]:
    return get_close_matches(word[:60], list(valid), n=1, cutoff=0.6)
