"""The log of deletions: which data were deleted when, under which agreement, by whom. Only ever
added to, and kept outside of checkouts (WORKBOOK_STATE/retention).

It holds hashes, days and roles, and never a value of the data. Names of people stay here; pages and
errors print the day and the agreement. Imports nothing heavy: a batch asks it before it plans.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from analysis.chained import ChainedLog
from analysis.errors import ParameterError
from analysis.paths import state_home
from analysis.vocabulary.round_ids import base_round

FOLDER, FILE = "retention", "deletions.jsonl"
SNAPSHOT, READING = "snapshot", "reading"


@dataclass(frozen=True)
class Deletion:
    """One thing that was deleted.

    kind: `snapshot`, `reading` or `failed run`. data: `extracts` or `database:VARIABLE`. round_id:
    empty of a reading. sha256: of the data as the receipt has it, of a reading the key of its
    folder. by: name, which stays here. role: of the agreement. extract: the folder from which a
    reading was made, so that it is named for its owner while it is there.
    """

    kind: str
    data: str
    round_id: str
    sha256: str
    agreement: str
    delete_by: str
    by: str
    role: str
    extract: str = ""
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    number: int = 0

    @property
    def day(self) -> date:
        return datetime.fromisoformat(self.time).date()


def deletions() -> tuple[Deletion, ...]:
    """Every deletion, in order. RunError E329 where the log is not as it was written."""
    return tuple(map(_read, _log().entries()))


def note(made: Deletion) -> Deletion:
    """Note a deletion for good; returns it with its number. RunError E329."""
    content = {name: value for name, value in asdict(made).items() if name != "number"}
    return _read(_log().add(content))


def deleted_of_round(data: str, round_id: str) -> Deletion | None:
    """The last deletion of a snapshot of this round or one of its family."""
    base = base_round(round_id)
    return _last(lambda one: one.data == data and base_round(one.round_id) == base)


def deleted_data(data: str, sha256: str) -> Deletion | None:
    """The last deletion of a snapshot with this hash."""
    return _last(lambda one: (one.data, one.sha256) == (data, sha256))


def no_longer(made: Deletion) -> ParameterError:
    """E405 of a round whose snapshot was deleted."""
    text = (
        f"the round {made.round_id} can no longer be re-run: its data were deleted on {made.day}"
        f" under the agreement '{made.agreement}'."
    )
    return ParameterError("E405", text, remedy="Its records and pages stay (docs/rounds.md).")


def _last(wanted: Callable[[Deletion], bool]) -> Deletion | None:
    found = [one for one in deletions() if one.kind == SNAPSHOT and wanted(one)]
    return found[-1] if found else None


def _log() -> ChainedLog:
    remedy = "Nothing is deleted until it is restored from a copy (docs/rounds.md)."
    return ChainedLog(state_home() / FOLDER, FILE, "log of deletions", remedy)


def _read(line: Mapping[str, Any]) -> Deletion:
    try:
        made = Deletion(**line)
        datetime.fromisoformat(made.time)
    except (ValueError, KeyError, TypeError):
        raise _log().broken(line["number"]) from None
    return made
