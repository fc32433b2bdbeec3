"""Deletes what the workbook keeps of data once its day has come, and notes each deletion before.

Noted first: killed in between, the next call finds it there still and deletes it again. The receipt
goes last, so that what is left of a folder can be told.
"""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from analysis.errors import RunError
from analysis.extracts.reading.snapshots import RECEIPT
from analysis.paths import readings, reports, snapshots
from analysis.plans.registry import BLIND
from analysis.plans.retention.deletions import Deletion, note
from analysis.runs.ledger import UNFINISHED, Ledger
from analysis.runs.retention.kept import DELETABLE, Kept, all_kept
from analysis.runs.rounds.signing import check_name


def delete_due(by: str, today: date) -> tuple[Deletion, ...]:
    """Delete everything of which the day has come; returns what was noted. ParameterError E349;
    RunError E323 while a batch runs on such data, E329, E406 where something stays."""
    name = check_name(by)
    due = [one for one in all_kept() if one.is_to_delete(today)]
    _refuse_while_running(due)
    for one in due:
        _check_own(one)
    return tuple(_delete(one, name) for one in sorted(due, key=_order))


def _order(one: Kept) -> int:
    return DELETABLE.index(one.kind)


def _delete(one: Kept, by: str) -> Deletion:
    agreement, held = one.agreement, one.held
    if agreement is None or held is None:
        raise ValueError(f"{one.name} is under no agreement")
    _check_own(one)
    made = note(
        Deletion(
            *(one.kind, held.data, held.round_id, one.sha256),
            agreement=str(agreement.name),
            delete_by=agreement.delete_by,
            by=by,
            role=str(agreement.owner),
            extract=str(one.extract or ""),
        )
    )
    try:
        remove_folder(one.path)
    except OSError as error:
        text = f"the {one.kind} {one.name} was not deleted whole ({error.strerror})."
        raise RunError("E406", text, remedy="Mend that and run the command again.") from None
    return made


def _check_own(one: Kept) -> None:
    """RunError E406 where a folder does not stand in one that the workbook made, by its own name
    and not through a link."""
    homes = {snapshots(), readings()}
    stands = one.path.parent in homes or one.path.parent.parent == reports() / ".runs"
    if not stands or one.path.is_symlink() or one.path.resolve() != one.path:
        text = f"the {one.kind} {one.name} does not stand where the workbook keeps its own."
        raise RunError("E406", text, remedy="It was not deleted: no link is followed.")


def remove_folder(folder: Path) -> None:
    """Remove a folder with all in it: of a link the link and never what it leads to, a receipt
    last of all. OSError."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: (entry.name == RECEIPT, entry.name))
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            remove_folder(Path(entry.path))
        else:
            os.unlink(entry.path)
    os.rmdir(folder)


def _refuse_while_running(due: Iterable[Kept]) -> None:
    """RunError E323 while a batch runs on data that are to be deleted."""
    sources = {one.held.data.replace(":", "-") for one in due if one.held}
    if not sources:
        return
    ledger = Ledger()
    try:
        running = [run["source"] for run in ledger.runs() if run["state"] in UNFINISHED]
    finally:
        ledger.close()
    for source in running:
        plain = source.removeprefix(f"{BLIND}-")
        if plain in sources or plain.partition("-")[0] in sources:
            text = "a batch is running on data that are to be deleted."
            raise RunError("E323", text, remedy="Wait until it has ended.")
