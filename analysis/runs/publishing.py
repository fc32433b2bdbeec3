"""Run folders and the links that point to them: a reader behind a link never sees half a run.

Where there are no links (Windows, some disks, WORKBOOK_PLAIN) the folder itself stands in the place
of the link, and the one that was there is put aside first: for a moment there is no run, and never
half a one (decision 124).
"""

import errno
import json
import os
import secrets
import shutil
from collections.abc import Set
from datetime import UTC, datetime
from pathlib import Path

from analysis.atomic import beside, write_whole
from analysis.disclosure.guard.signature import signed
from analysis.errors import RunError
from analysis.forking import PLAIN, process_lives
from analysis.paths import FIGURES, ROOT, reports
from analysis.record.sealed import PROVENANCE, altered_file, hash_of, sealed_files
from analysis.runs.rounds.freezing import is_frozen

RESULTS = "results.json"
# with which systems and disks say that they know no links
WITHOUT_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS)


def run_folder(study: str, place: str) -> Path:
    """A new name for the folder of one run under reports/.runs, which is there; the folder is
    not."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    runs = reports() / ".runs"
    runs.mkdir(parents=True, exist_ok=True)
    return runs / f"{stamp}-{secrets.token_hex(3)}-{study}-{place}"


def link_path(source_folder: str, round_id: str, study: str, place: str) -> Path:
    """Where the current run of a study in a place is found."""
    return reports() / source_folder / round_id / study / place


def up_to_date(link: Path, made_from: dict[str, str]) -> bool:
    """Whether the run behind `link` was made from exactly this and every file of it holds what it
    was left with: nothing would come out differently."""
    try:
        provenance = provenance_of(link)
    except (OSError, ValueError):
        return False
    if provenance.get("made_from") != made_from or not (link / RESULTS).is_file():
        return False
    return altered_file(link) is None


def provenance_of(folder: Path) -> dict:
    """What made the run in a folder. OSError, ValueError where that cannot be read."""
    found = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError("provenance is an object")
    return found


def sign(folder: Path) -> None:
    """Put this runner's signature under the provenance of a run that was checked, in the place of
    that of a worker on another machine, and with it under each of its files."""
    write_whole(folder / PROVENANCE, _as_text(signed(provenance_of(folder))), durable=True)


def publish(folder: Path, link: Path) -> None:
    """Sign the run, write it to disk for good, then let `link` point to it in one step. RunError
    E379 where the run that is there is signed."""
    _refuse_frozen(link)
    if (folder / PROVENANCE).is_file():
        sign(folder)
    for path in (*folder.rglob("*"), folder):
        _flush(path)
    switch(link, folder)
    if link.is_relative_to(ROOT / "reports"):
        figures = link.resolve() / "figures"
        switch(FIGURES / link.relative_to(ROOT / "reports"), figures, keep=True)


def _refuse_frozen(run: Path) -> None:
    if is_frozen(run):
        text = f"{run.name} stands in a round that was signed meanwhile."
        raise RunError("E379", text, remedy="Run the study again: it goes on as a rerun (r2).")


def _flush(path: Path) -> None:
    """Write a file or folder to disk for good; Windows flushes no folder, and no file that is only
    read."""
    windows = os.name == "nt"
    if windows and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if windows else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_cleared(folder: Path, link: Path) -> None:
    """Give a run the cleared record of the one before it behind `link`, where both were made from
    the same and have found the same: if another place of the study fails now, what was cleared
    before still stands. The next joint step replaces it."""
    try:
        before, now = provenance_of(link), provenance_of(folder)
        exact = "private/record.json"
        same = before["made_from"] == now["made_from"]
        if not same or before["files"][exact] != now["files"][exact] or altered_file(link):
            return
        cleared = (link / RESULTS).read_bytes()
        record = json.loads(cleared)
    except (OSError, ValueError, KeyError, TypeError):
        return
    if record.get("cleared") and record.get("statement"):
        newer = folder / "private" / f".{RESULTS}"
        newer.write_bytes(cleared)
        replace_record(folder, newer, **{k: before[k] for k in ("release",) if k in before})


def switch(link: Path, target: Path, *, keep: bool = False) -> None:
    """Point the relative symlink `link` to `target`, in one step (a folder cannot be replaced so).

    Where there are no links, `target` is moved to where the link would be, and copied there to
    `keep` it. RunError E330 where something else is in the way.
    """
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() and link.exists() and not _is_run(link, keep):
        raise _in_the_way(link)
    temporary = link.with_name(f".{link.name}.{secrets.token_hex(3)}")
    if _linked(temporary, target):
        if not link.is_symlink():
            take_away(link)
        os.replace(temporary, link)
    else:
        _put_in_place(link, _copied(target, temporary) if keep else target)


def _linked(link: Path, target: Path) -> bool:
    """Make a relative symlink; False where there are none."""
    if os.name == "nt" or os.environ.get(PLAIN):
        return False
    try:
        link.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)
    except OSError as error:
        if error.errno not in WITHOUT_LINKS:
            raise
        return False
    return True


def _is_run(folder: Path, figures: bool) -> bool:
    """Whether a folder in the place of a link is what was put there without links."""
    return figures or (folder / PROVENANCE).is_file()


def _in_the_way(link: Path) -> RunError:
    text = f"{link} is not a link, so it cannot be switched."
    return RunError("E330", text, remedy="Move it away and run again.")


def _copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def _put_in_place(link: Path, folder: Path) -> None:
    take_away(link)
    os.rename(folder, link)


def take_away(link: Path) -> None:
    """Let no run stand where `link` is: a link is removed; a folder is put aside in one step, then
    removed."""
    if link.is_symlink():
        link.unlink()
    elif link.exists():
        aside = link.with_name(f".{link.name}.{secrets.token_hex(3)}")
        os.rename(link, aside)
        shutil.rmtree(aside, ignore_errors=True)


def replace_record(folder: Path, newer: Path, **more: object) -> None:
    """Put a newer record of the same run (cleared after uncleared, released after cleared) in its
    folder, and its hash in the run's provenance, with what else is to be said there (`more`). The
    file `newer` is moved there.

    A process that is killed between the two leaves a record that is not the one of its provenance:
    nothing shows it, and the next batch runs the place again. RunError E379 of a signed run.
    """
    _refuse_frozen(folder)
    provenance = provenance_of(folder)
    files = provenance["files"] | {RESULTS: hash_of(newer)}
    with beside(folder / PROVENANCE) as next_one:
        next_one.write_text(_as_text(signed(provenance | more | {"files": files})), "utf-8")
        _flush(next_one)
        os.replace(newer, folder / RESULTS)


def write_provenance(folder: Path, provenance: dict) -> None:
    """What made the run (commit, packages, times) and what each of its files holds.

    It stands beside the record, so that the record stays the same when rerun. Written when all
    other files are, and signed.
    """
    sealed = signed(provenance | {"files": sealed_files(folder)})
    write_whole(folder / PROVENANCE, _as_text(sealed), durable=True)


def _as_text(content: dict) -> str:
    return json.dumps(content, sort_keys=True, indent=1) + "\n"


def remove_abandoned_scratch() -> None:
    """Remove what workers that were killed have left behind. The name of a scratch folder begins
    with its process."""
    for path in (reports() / ".scratch").glob("*-*"):
        if not process_lives(path.name.split("-")[0]):
            shutil.rmtree(path, ignore_errors=True)


def remove_unlinked_runs(keep: Set[Path] = frozenset()) -> int:
    """Remove draft runs that no link points to; returns how many. Runs of the last hour may be
    under way and stay; so do those that are frozen, and those of `keep`."""
    root, linked = reports() / ".runs", {path.resolve() for path in keep}
    if not root.is_dir():
        return 0
    for source in (
        reports().iterdir()
    ):  # not into .scratch, where another batch makes and removes folders meanwhile
        if source.is_dir() and not source.name.startswith(".") and source.name != "site":
            linked |= {path.resolve() for path in source.glob("*/*/*") if path.is_symlink()}
    an_hour_ago = datetime.now(UTC).timestamp() - 3600
    old = [p for p in root.iterdir() if p.resolve() not in linked and _changed(p) < an_hour_ago]
    old = [path for path in old if not is_frozen(path)]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


def _changed(folder: Path) -> float:
    """When a folder was last changed; never, where another batch has just removed it."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return float("inf")
