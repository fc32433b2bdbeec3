"""Which further counts of a study are withheld, so that no small one comes out: the joint decision.

Made by the attack over all places (S4), kept on this machine beside the readings and never
published. Whatever clears a count of the study asks it by the count's name. A run is told its
decision by the runner, so that it is made from exactly the one that its provenance names.
"""

import glob
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from analysis.atomic import write_whole
from analysis.disclosure.attack.known import key
from analysis.paths import closed_folder, decision_named, state_home

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Decision:
    """hidden: names of the counts that are withheld beside the small ones. parts: of them, those
    that the run of a place prints, by place."""

    hidden: frozenset[str] = NOTHING
    parts: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def part_hash(self, place: str) -> str:
        """A hash of what is withheld in one place; empty where nothing is."""
        part = self.parts.get(place, NOTHING)
        return hashlib.sha256("\0".join(sorted(part)).encode()).hexdigest() if part else ""

    def with_(self, more: Mapping[str, Collection[str]]) -> "Decision":
        """The same with further counts withheld, by the places whose runs print them."""
        places = {*self.parts, *more}
        parts = {p: self.parts.get(p, NOTHING) | frozenset(more.get(p, ())) for p in places}
        return Decision(self.hidden.union(*more.values()), parts)


def whole_place(place: str) -> str:
    """The name under which a decision withholds all that a place has of its own."""
    return key(place=place)


def withheld_places() -> tuple[str, ...]:
    """Places that this run withholds whole, by name; none outside of a run. ValueError, KeyError as
    `read_decision`."""
    named = decision_named()
    return () if named is None else whole_places(read_decision(named).hidden)


def whole_places(hidden: Iterable[str]) -> tuple[str, ...]:
    """Places that stand whole among the names that a decision withholds, by name."""
    start = whole_place("x").removesuffix("x")
    names = (name.removeprefix(start) for name in hidden if name.startswith(start))
    return tuple(sorted(name for name in names if ";" not in name))


def decision_file(
    study: str,
    source_folder: str,
    data_hash: str,
    plan_hash: str,
    withheld: Collection[str] = (),
) -> Path:
    """Where the decision on one study, source and data under the rules as they are written is kept;
    in a run, the one that the runner has named. withheld: places that are withheld whole, beside
    which other counts are withheld than where all are shown."""
    if (named := decision_named()) is not None:
        return named
    made_from = _made_from(data_hash, plan_hash)
    beside = f"-{_made_from(*sorted(withheld))[:8]}" if withheld else ""
    return _kept(source_folder) / f"{study}-{made_from}-{rules_hash()}{beside}.json"


def hidden_keys(study: str, source_folder: str, data_hash: str, plan_hash: str) -> frozenset[str]:
    """Names of the counts that are withheld beside the small ones: in a run, as the runner has
    named them; outside of one, by any decision there was on this data and plan, whatever the rules
    were when it was made. None where nothing was decided. ValueError, KeyError as `read_decision`.
    """
    if (named := decision_named()) is not None:
        return read_decision(named).hidden
    pattern = f"{glob.escape(study)}-{_made_from(data_hash, plan_hash)}*.json"
    decisions = [read_decision(file) for file in _kept(source_folder).glob(pattern)]
    return NOTHING.union(*(decision.hidden for decision in decisions))


@cache
def rules_hash() -> str:
    """A hash of the code of disclosure control: under other rules, other counts are withheld."""
    room = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(room.rglob("*.py")):
        digest.update(path.relative_to(room).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _made_from(*what: str) -> str:
    return hashlib.sha256(" ".join(what).encode()).hexdigest()[:16]


def _kept(source_folder: str) -> Path:
    return state_home() / "protection" / source_folder


def read_decision(file: Path) -> Decision:
    """The decision in a file; an empty one where nothing was decided. ValueError, KeyError where
    the file is no decision."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Decision()
    parts = {place: frozenset(keys) for place, keys in content.get("parts", {}).items()}
    return Decision(frozenset(content["hidden"]), parts)


def keep(decision: Decision, file: Path) -> None:
    """Keep a decision for good, in one step."""
    closed_folder(file.parent)
    content = {
        "hidden": sorted(decision.hidden),
        "parts": {place: sorted(keys) for place, keys in sorted(decision.parts.items())},
    }
    write_whole(file, json.dumps(content), durable=True)
