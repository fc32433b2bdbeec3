"""Private counts of a study with what is public of each, and how they hang together.

Whatever clears a count notes it here (`noted.py`): its exact number, and the interval that the
published page leaves open. The attack (`narrowest.py`) reads nothing else, so that a number which
is printed and not noted is a fault of its own (`printed.py`).
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, Self

from analysis.errors import RunError

Unit = Literal["people", "events", "exposure"]
COUNTS = "counts.json"  # of the private folder of a run
OPEN = math.inf  # a withheld count may be any number that the relations allow

# Dimensions of a key in their order; `count` says which number of the cell it is.
DIMENSIONS = (
    "place",
    "outcome",
    "period",
    "group",
    "unit",
    "by",  # further columns of a table, as "sex=female, age_band=18-24"
    "arm",
    "count",
)


def key(**dimensions: str) -> str:
    """The name of a private count: "place=wales;outcome=granted;group=Black;count=people".

    Equal names are one number, wherever it is printed. ValueError for a dimension that is none,
    and for a value that holds ";".
    """
    if unknown := dimensions.keys() - set(DIMENSIONS):
        raise ValueError(f"no dimension {sorted(unknown)}; valid: {', '.join(DIMENSIONS)}")
    if any(";" in value for value in dimensions.values()):
        raise ValueError("a value of a key holds no semicolon")
    return ";".join(f"{name}={dimensions[name]}" for name in DIMENSIONS if dimensions.get(name))


@dataclass(frozen=True, slots=True)
class Count:
    """One private number.

    exact: people, events or exposure. low, high: what is public of it (equal to the rounding
    interval where it is printed; 0 and OPEN where it is withheld). protected: fewer people than the
    threshold, so that nobody may tell it within fewer values than the rule. needs: name of a count
    without which this one is not printed. where: what prints it, for the checker. worth: how many
    times what the number alone tells is lost where it is withheld, since an estimate goes with it.
    """

    key: str
    exact: float
    low: float
    high: float
    protected: bool = False
    unit: Unit = "people"
    needs: str | None = None
    where: str = ""
    worth: float = 1.0

    @property
    def is_withheld(self) -> bool:
        return self.high == OPEN

    @property
    def hidden(self) -> Self:
        """The same count, withheld."""
        return replace(self, low=0.0, high=OPEN)


@dataclass(frozen=True, slots=True)
class Relation:
    """low <= sum of coefficient times count <= high: what everybody knows of the counts.

    A total less its parts is 0; people with an event less people is at most 0.
    """

    terms: tuple[tuple[str, float], ...]
    low: float
    high: float
    why: str


def total(whole: str, parts: Iterable[str], why: str) -> Relation:
    """The whole is the sum of its parts."""
    return Relation(((whole, 1.0), *((part, -1.0) for part in parts)), 0.0, 0.0, why)


def at_most(smaller: str, larger: str, why: str) -> Relation:
    """The first count is never more than the second."""
    return Relation(((smaller, 1.0), (larger, -1.0)), -OPEN, 0.0, why)


@dataclass(frozen=True)
class Known:
    """Everything that is public of the counts of a study. One count a key."""

    counts: Mapping[str, Count]
    relations: tuple[Relation, ...] = ()

    @classmethod
    def of(cls, counts: Iterable[Count], relations: Iterable[Relation] = ()) -> Self:
        """Counts that stand several times are put together: what any of them tells is known.

        ValueError where one name stands for two numbers.
        """
        found: dict[str, Count] = {}
        for count in counts:
            found[count.key] = _together(found.get(count.key), count)
        return cls(found, tuple(dict.fromkeys(relations)))

    def __add__(self, other: "Known") -> "Known":
        both = (*self.counts.values(), *other.counts.values())
        return Known.of(both, (*self.relations, *other.relations))

    def without(self, keys: Iterable[str]) -> Self:
        """The same with further counts withheld, and all that is not printed without them."""
        gone = set(keys)
        while more := {c.key for c in self.counts.values() if c.needs in gone} - gone:
            gone |= more
        kept = {k: c.hidden if k in gone else c for k, c in self.counts.items()}
        return replace(self, counts=kept)


def _together(one: Count | None, other: Count) -> Count:
    if one is None:
        return other
    if one.exact != other.exact:
        raise ValueError(f"{one.key} stands for two numbers")
    return replace(
        one,
        low=max(one.low, other.low),
        high=min(one.high, other.high),
        protected=one.protected or other.protected,
        needs=one.needs if one.needs == other.needs else None,
        where=one.where if other.where in one.where else f"{one.where}; {other.where}",
        worth=max(one.worth, other.worth),
    )


# -- files, of the private folder alone ------------------------------------------------------------
def write_known(known: Known, path: Path) -> None:
    """Write to the private folder of a run; OPEN is stored as null."""
    content = {
        "counts": [_plain(asdict(count)) for count in known.counts.values()],
        "relations": [_plain(asdict(relation)) for relation in known.relations],
    }
    path.write_text(json.dumps(content, allow_nan=False), encoding="utf-8")


def read_known(path: Path) -> Known:
    """What `write_known` wrote. RunError E311 where it cannot be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        counts = [Count(**_read(entry)) for entry in content["counts"]]
        relations = [
            Relation(**_read(entry) | {"terms": tuple((k, c) for k, c in entry["terms"])})
            for entry in content["relations"]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        raise RunError(
            "E311", f"{path.name} is not a readable list of counts.", remedy="Run the study again."
        ) from None
    return Known.of(counts, relations)


def _plain(entry: dict) -> dict:
    return {k: None if v in (OPEN, -OPEN) else v for k, v in entry.items()}


def _read(entry: dict) -> dict:
    open_ends = {"low": -OPEN, "high": OPEN}
    return {k: open_ends[k] if v is None and k in open_ends else v for k, v in entry.items()}
