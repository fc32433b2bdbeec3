"""The release ledger: one line for each release, chained by hashes, only ever added to.

It outlives checkouts and reports (WORKBOOK_STATE/releases). A line holds what became public: names
of counts with the interval that a page leaves open, never an exact number.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis.chained import ChainedLog
from analysis.disclosure.attack.known import Known, Relation
from analysis.paths import state_home

LEDGER = "releases.jsonl"
Interval = tuple[float, float]


@dataclass(frozen=True)
class Release:
    """One release: a study on a source in a round, all its places and the nation.

    number: from 1, in the order of the ledger. counts: printed numbers of people by name, each with
    its public interval. other_counts: the same of events and exposure. replaces: number of the
    release that this one corrects. exceptions: what was published against a default, with approver
    and reason.
    """

    number: int
    time: str
    study: str
    source: str
    round_id: str
    plan_hash: str
    data_hash: str
    code_version: str
    period_from: str | None
    period_to: str | None
    extract_date: str | None
    counts: Mapping[str, Interval]
    other_counts: Mapping[str, Interval] = field(default_factory=dict)
    exceptions: tuple[Mapping[str, str], ...] = ()
    replaces: int | None = None
    audience: str = "release"
    coding: str = ""  # of the groups of the plan; lines before it was kept have none

    @property
    def is_closed(self) -> bool:
        """The period was over when the data were drawn, so that nothing is added to it later."""
        drawn, end = self.extract_date, self.period_to
        return drawn is not None and end is not None and drawn > end

    @property
    def name(self) -> str:
        """How an error or a page names it."""
        return f"release {self.number} ({self.study}, round {self.round_id}, {self.time[:10]})"

    def says_what(self, other: "Release") -> bool:
        """Whether both say the same of the same data: then it is one release."""
        return self._said == other._said

    @property
    def _said(self) -> dict[str, Any]:
        return {k: v for k, v in _plain(self).items() if k not in ("number", "time")}


def folder() -> Path:
    return state_home() / "releases"


def releases() -> tuple[Release, ...]:
    """Every release, in order. RunError E329 where the ledger is not as it was written."""
    return tuple(_read(entry) for entry in _log().entries())


def beside_released(known: Known, study: str, data_hash: str) -> Known:
    """What is public of the counts of a study together with what was released of the same data: the
    same numbers, so that both intervals hold, and what was released is not taken back by
    withholding it now. RunError E329."""
    earlier = [
        Relation(((key, 1.0),), low, high, f"release {release.number}")
        for release in releases()
        if (release.study, release.data_hash) == (study, data_hash)
        for key, (low, high) in {**release.counts, **release.other_counts}.items()
        if key in known.counts
    ]
    return replace(known, relations=(*known.relations, *earlier))


def add(release: Release) -> Release:
    """Add a line for good; returns the release with its number. RunError E329."""
    return _read(_log().add(_plain(release)))


# -- lines -----------------------------------------------------------------------------------------
def _log() -> ChainedLog:
    remedy = "Nothing is released until the ledger is restored from a copy (docs/releases.md)."
    return ChainedLog(folder(), LEDGER, "release ledger", remedy)


def _plain(release: Release) -> dict[str, Any]:
    content = json.loads(json.dumps(asdict(release)))
    return content if release.coding else {k: v for k, v in content.items() if k != "coding"}


def _read(entry: dict[str, Any]) -> Release:
    """The release of an entry. RunError E329 where it is none."""
    try:
        counts = {
            name: {key: (low, high) for key, (low, high) in entry[name].items()}
            for name in ("counts", "other_counts")
        }
        exceptions = tuple(entry["exceptions"])
        release = Release(**{**entry, **counts, "exceptions": exceptions})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _log().broken(entry["number"]) from None
    return release
