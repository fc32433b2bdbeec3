"""The targets of targets.yml beside what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("targets.yml")
NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Target:
    """One target: what is measured, its bound, the path of its value in what was found.

    profile: the path of the profile whose largest kinds of work are named where the target is not
    met. only: the flag without which it is not measured. ValueError for none or two bounds.
    """

    what: str
    value: str
    at_most: float | None = None
    at_least: float | None = None
    profile: str | None = None
    in_the_way: str = ""
    only: str = ""

    def __post_init__(self) -> None:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError(f"{self.what}: a target has one bound, at_most or at_least")

    @property
    def bound(self) -> str:
        return f"at most {self.at_most:g}" if self.at_most else f"at least {self.at_least:g}"

    def measured(self, found: Mapping[str, Any]) -> float | None:
        """Its value in what was found; None where it was not measured."""
        value = at(found, self.value)
        return None if value is None else float(value)

    def is_met(self, value: float) -> bool:
        return value <= self.at_most if self.at_most is not None else value >= self.at_least


def read_targets(path: Path = FILE) -> tuple[Target, ...]:
    """All targets of a file. ValueError for a key that is not known, or no one bound."""
    known = {field.name for field in fields(Target)}
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    for one in listed:
        if unknown := set(one) - known:
            raise ValueError(f"{one.get('what')}: unknown {', '.join(sorted(unknown))}")
    return tuple(Target(**one) for one in listed)


def target_rows(
    targets: tuple[Target, ...], found: Mapping[str, Any]
) -> list[tuple[str, str, str, str, str]]:
    """What, bound, value, met or not, and what stands in the way."""
    rows = []
    for target in targets:
        value = target.measured(found)
        if value is None:
            rest = (NOT_MEASURED, "", f"`{target.only}` measures it" if target.only else "")
        elif target.is_met(value):
            rest = (number(value), "yes", "")
        else:
            rest = (number(value), "no", in_the_way(target, found))
        rows.append((target.what, target.bound, *rest))
    return rows


def at(found: Mapping[str, Any], path: str) -> Any:
    """What stands at a path (names with points between) in what was found, or None."""
    here: Any = found
    for name in path.split("."):
        if not isinstance(here, Mapping) or name not in here:
            return None
        here = here[name]
    return here


def in_the_way(target: Target, found: Mapping[str, Any]) -> str:
    """The largest kinds of work of its profile, and what its author says of it."""
    kinds = at(found, target.profile or "") or {}
    total = sum(kinds.values())
    largest = sorted(kinds.items(), key=lambda item: -item[1])[:4]
    shares = ", ".join(f"{kind} {seconds / total:.0%}" for kind, seconds in largest)
    return "; ".join(part for part in (shares, target.in_the_way.strip()) if part)


def number(value: float) -> str:
    """Three digits that tell."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
