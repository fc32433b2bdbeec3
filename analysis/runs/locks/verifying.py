"""`workbook verify`: whether every log of the state is as it was written, and whether plans are as
they were locked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.chained import HEAD, ChainedLog
from analysis.errors import RunError
from analysis.paths import state_home
from analysis.plans.locks.lock_log import all_locks, lock_log
from analysis.plans.locks.standing import Standing, day_in_words, standing_of
from analysis.plans.registry import load_plan, plan_files

REMEDY = "Restore the folder from a copy."


@dataclass(frozen=True)
class Verified:
    """One line of what was found. holds: nothing is wrong."""

    said: str
    holds: bool = True


def verify(studies: tuple[str, ...] = ()) -> tuple[Verified, ...]:
    """Every log of the state; then each study, or all that were locked. ParameterError E210."""
    for study in studies:
        load_plan(study)
    found = [*map(_log, logs())]
    try:
        locked = {lock.study for lock in all_locks()}
    except RunError as error:
        if lock_log().folder not in {log.folder for log in logs() if not _log(log).holds}:
            found.append(Verified(f"locks: {error}", holds=False))
        return tuple(found)
    gone = [study for study in sorted(locked) if study not in plan_files()]
    found += [
        Verified(f"{study}: locked, and its plan is gone.", holds=False)
        for study in gone
        if not studies
    ]
    return (*found, *_plans(studies or tuple(s for s in plan_files() if s in locked)))


def logs() -> Iterator[ChainedLog]:
    """Every log of the state: whatever stands there as lines with a head beside them."""
    home = state_home()
    for folder in sorted(path for path in home.glob("*") if path.is_dir()):
        lines = sorted(path.name for path in folder.glob("*.jsonl"))
        if not lines and (folder / HEAD).exists():
            lines = [f"{folder.name}.jsonl"]  # a head without its lines: all of them are gone
        for name in lines:
            yield ChainedLog(folder, name, f"log {folder.name}/{name}", REMEDY)


def _log(log: ChainedLog) -> Verified:
    label = f"{log.folder.name}/{Path(log.file).name}"
    try:
        entries = log.entries()
    except RunError as error:
        return Verified(str(error), holds=False)
    many = "entry" if len(entries) == 1 else "entries"
    return Verified(f"{label}: {len(entries)} {many}, as they were written.")


def _plans(studies: tuple[str, ...]) -> Iterator[Verified]:
    for study in studies:
        standing = standing_of(study)
        yield Verified(f"{study}: {_said(standing)}", holds=not standing.changed)


def _said(standing: Standing) -> str:
    if not standing.is_locked:
        return "not locked."
    first = standing.locks[0]
    parts = [f"locked on {day_in_words(first.day)} by {first.by}"]
    parts += [
        f"amended on {day_in_words(lock.day)} by {lock.by}: {', '.join(lock.changed)} (reason:"
        f" {lock.reason})"
        for lock in standing.amendments
    ]
    now = f"CHANGED SINCE: {', '.join(standing.changed)}" if standing.changed else "unchanged"
    return "; ".join((*parts, f"{now}."))
