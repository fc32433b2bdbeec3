"""The log of rounds: who took which step, when, over which records. Only ever added to, and kept
outside of checkouts (WORKBOOK_STATE/rounds).

Names of people stand here and nowhere else; pages print roles. Imports nothing heavy: a batch reads
the log before it plans.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from analysis.chained import ChainedLog
from analysis.paths import state_home

LOG = "rounds.jsonl"
ANALYST, ASSURER, DISCLOSURE, LEAD = "analyst", "assurer", "disclosure", "lead"
FACT_CHECK, CORRECTION, ANNOUNCEMENT = "fact_check", "correction", "announcement"
WITHHELD, GIVEN_BACK = "withheld", "given_back"  # a place, by the disclosure checker
ORDER = (ANALYST, ASSURER, DISCLOSURE, LEAD)  # of the steps by which a study is signed
WITHDRAWAL = "withdrawal"
KINDS = ("data", "method", "plan", "text", WITHDRAWAL)  # of corrections
WITHOUT_RERUN = ("text", WITHDRAWAL)  # that need no other figures


@dataclass(frozen=True)
class Entry:
    """One step over one study of one source in one round.

    by: name, which stays in the log; role: what pages print. records: sha256 of the cleared record
    of each place and of the nation; of a fact check that of its region alone. folders: name of the
    run's folder by place, of the lead's step. text: comment of a region, or reason of a
    correction or of what is withheld. region: of a fact check, or the place that is withheld. kind,
    replaced_by (a round, or empty), changed (what a correction changed that matters: places and
    rows in words): of a correction. release_at, shown_from (UTC) and shown_to (roles that see the
    pages before): of an announcement. number: from 1, by the log.
    """

    round_id: str
    source: str
    study: str
    step: str
    by: str
    role: str
    records: Mapping[str, str]
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    folders: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    region: str = ""
    kind: str = ""
    replaced_by: str = ""
    changed: tuple[str, ...] = ()
    release_at: str = ""
    shown_from: str = ""
    shown_to: tuple[str, ...] = ()
    number: int = 0

    @property
    def day(self) -> date:
        return datetime.fromisoformat(self.time).date()

    @property
    def key(self) -> tuple[str, str, str]:
        """Source, round and study."""
        return self.source, self.round_id, self.study


Check = Callable[[tuple[Entry, ...]], object]


def entries() -> tuple[Entry, ...]:
    """Every entry, in order. RunError E329 where the log is not as it was written."""
    return tuple(map(_read, _log().entries()))


def add(entry: Entry, check: Check | None = None) -> Entry:
    """Add an entry for good; returns it with its number. RunError E329.

    check: raises where the entry no longer holds beside what stands in the log by then, so that of
    two commands at one time only one takes a step.
    """
    content = {name: value for name, value in asdict(entry).items() if name != "number"}
    return _read(_log().add(content, check=check and partial(_checked, check)))


def _checked(check: Check, lines: tuple[dict[str, Any], ...]) -> None:
    check(tuple(map(_read, lines)))


def _log() -> ChainedLog:
    remedy = "Nothing is signed or published until it is restored from a copy (docs/rounds.md)."
    return ChainedLog(state_home() / "rounds", LOG, "log of rounds", remedy)


def _read(line: dict[str, Any]) -> Entry:
    try:
        lists = {"changed": line["changed"], "shown_to": line.get("shown_to", ())}
        entry = Entry(**{**line, **{name: tuple(found) for name, found in lists.items()}})
        for moment in filter(None, (entry.time, entry.release_at, entry.shown_from)):
            datetime.fromisoformat(moment)
    except (ValueError, KeyError, TypeError):
        raise _log().broken(line["number"]) from None
    return entry
