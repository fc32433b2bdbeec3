"""The release ledger: one line for each release, chained by hashes, only ever added to.

It outlives checkouts and reports (WORKBOOK_STATE/releases). A line holds what became public: names
of counts with the interval that a page leaves open, never an exact number. A second file says how
many lines there are and how the last one ends, so that a line that was changed, moved, added or cut
off is found.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from analysis.atomic import write_whole
from analysis.disclosure.attack.known import Known, Relation
from analysis.errors import RunError
from analysis.paths import closed_folder, state_home

LEDGER, HEAD, LOCK = "releases.jsonl", "head.json", ".lock"
START = "0" * 64  # what the first line follows
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
    return tuple(release for release, _ in _lines(folder()))


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
    with _locked() as home:
        lines = _lines(home)
        numbered = replace(release, number=len(lines) + 1)
        line = _line(numbered, lines[-1][1] if lines else START)
        _append(home / LEDGER, line, after=sum(len(_line(*at)) for at in _written(lines)))
        _keep_head(home, len(lines) + 1, _hash(line))
    return numbered


# -- lines -----------------------------------------------------------------------------------------
def _plain(release: Release) -> dict[str, Any]:
    content = json.loads(json.dumps(asdict(release)))
    return content if release.coding else {k: v for k, v in content.items() if k != "coding"}


def _line(release: Release, previous: str) -> bytes:
    content = _plain(release) | {"previous": previous}
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _written(lines: list[tuple[Release, str]]) -> Iterator[tuple[Release, str]]:
    """Each release with the hash of the line before it."""
    previous = START
    for release, own in lines:
        yield release, previous
        previous = own


def _lines(home: Path) -> list[tuple[Release, str]]:
    """Each release with the hash of its line. What stands after the last line that the head knows
    of was not finished, where it is no whole line that follows it."""
    try:
        content = (home / LEDGER).read_bytes()
    except FileNotFoundError:
        content = b""
    known, last = _head(home)
    found: list[tuple[Release, str]] = []
    previous = START
    for number, line in enumerate(content.splitlines(keepends=True), start=1):
        release = _read(line, previous)
        if release is None or release.number != number:
            if number == known + 1 and not line.endswith(b"\n"):
                break  # a process was killed while it added this line
            raise _broken(number)
        previous = _hash(line)
        found.append((release, previous))
        if number == known and previous != last:
            raise _broken(number)
    if not known <= len(found) <= known + 1:
        raise _broken(min(known, len(found)) + 1)
    return found


def _read(line: bytes, previous: str) -> Release | None:
    """The release of a line that follows the line with this hash; None where it does not."""
    try:
        content = json.loads(line)
        if content.pop("previous") != previous:
            return None
        for name in ("counts", "other_counts"):
            content[name] = {key: (low, high) for key, (low, high) in content[name].items()}
        content["exceptions"] = tuple(content["exceptions"])
        release = Release(**content)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return release if _line(release, previous) == line else None


def _broken(number: int) -> RunError:
    text = f"line {number} of the release ledger is not as it was written."
    remedy = "Nothing is released until the ledger is restored from a copy (docs/releases.md)."
    return RunError("E329", text, remedy=remedy)


# -- files -----------------------------------------------------------------------------------------
def _head(home: Path) -> tuple[int, str]:
    """How many lines there are, and the hash of the last one. RunError E329."""
    try:
        content = json.loads((home / HEAD).read_bytes())
        return int(content["lines"]), str(content["last"])
    except FileNotFoundError:
        return 0, START
    except (ValueError, KeyError, TypeError):
        text = "head.json of the release ledger is not as it was written."
        raise RunError("E329", text, remedy="Restore it from a copy (docs/releases.md).") from None


def _keep_head(home: Path, lines: int, last: str) -> None:
    write_whole(home / HEAD, json.dumps({"lines": lines, "last": last}), durable=True)


def _append(path: Path, line: bytes, *, after: int) -> None:
    """Write a line after so many bytes; what stands there was never finished."""
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        file.truncate(after)
        file.seek(after)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _locked() -> Iterator[Path]:
    """The folder of the ledger, for one process at a time."""
    home = closed_folder(folder())
    with FileLock(home / LOCK, mode=0o600):
        yield home
