"""The log of locks: one line for each plan as it was locked, chained by hashes, only ever added to.

It outlives checkouts and reports (WORKBOOK_STATE/locks). A line holds the canonical form of the
plan itself, so that what changed later can be named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.chained import ChainedLog
from analysis.paths import state_home
from analysis.plans.locks.canonical import Form, hash_of_form

FILE = "locks.jsonl"


@dataclass(frozen=True)
class Lock:
    """A plan as it was locked. number: from 1, in the order of the log. by: a role. sha256: of the
    form. reason: why it was locked again; "" of a first lock. changed: keys in which it differs
    from the lock of the study before it."""

    number: int
    time: str
    study: str
    by: str
    sha256: str
    form: Form = field(repr=False)
    reason: str = ""
    changed: tuple[str, ...] = ()

    @property
    def day(self) -> str:
        """The day of the lock (ISO, UTC)."""
        return self.time[:10]


def lock_log() -> ChainedLog:
    """The log of locks of this state."""
    remedy = "Restore it from a copy; until then nothing that asks for a lock runs (docs/locks.md)."
    return ChainedLog(state_home() / "locks", FILE, "log of locks", remedy)


def locks_of(study: str) -> tuple[Lock, ...]:
    """Every lock of a study, in order. RunError E329 where the log is not as it was written."""
    return tuple(lock for lock in all_locks() if lock.study == study)


def all_locks() -> tuple[Lock, ...]:
    """Every lock, in order. RunError E329."""
    log = lock_log()
    return tuple(_read(log, entry) for entry in log.entries())


def add_lock(content: Mapping[str, Any]) -> Lock:
    """Add a lock for good; returns it with its number. RunError E329."""
    log = lock_log()
    return _read(log, log.add(content))


def _read(log: ChainedLog, entry: dict[str, Any]) -> Lock:
    """The lock of an entry. RunError E329 where it is none."""
    try:
        lock = Lock(**{**entry, "changed": tuple(entry["changed"])})
        if hash_of_form(lock.form) != lock.sha256:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise log.broken(entry["number"]) from None
    return lock
