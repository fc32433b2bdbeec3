"""Run folders and the links that point to them: a reader behind a link never sees half a run."""

import json
import os
import secrets
import shutil
from collections.abc import Set
from datetime import UTC, datetime
from pathlib import Path

from analysis.errors import RunError
from analysis.forking import process_lives
from analysis.paths import FIGURES, ROOT, reports
from analysis.record import store
from analysis.record.record import Record


def new_run_folder(study: str, place: str) -> Path:
    """An empty folder for one run under reports/.runs, with its private folder (0700) and its
    figures."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    folder = reports() / ".runs" / f"{stamp}-{secrets.token_hex(3)}-{study}-{place}"
    (folder / "private").mkdir(parents=True, mode=0o700)
    (folder / "private").chmod(0o700)
    (folder / "figures").mkdir()
    return folder


def link_path(source_folder: str, round_id: str, study: str, place: str) -> Path:
    """Where the current run of a study in a place is found."""
    return reports() / source_folder / round_id / study / place


def up_to_date(link: Path, made_from: dict[str, str]) -> bool:
    """Whether the run behind `link` is whole and was made from exactly this: nothing would come out
    differently."""
    try:
        provenance = json.loads((link / "provenance.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return provenance.get("made_from") == made_from and (link / "results.json").is_file()


def publish(folder: Path, link: Path) -> None:
    """Write the run to disk for good, then let `link` point to it in one step."""
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    switch(link, folder)
    if link.is_relative_to(ROOT / "reports"):
        switch(FIGURES / link.relative_to(ROOT / "reports"), folder / "figures")


def switch(link: Path, target: Path) -> None:
    """Point the relative symlink `link` to `target`, in one step (a folder cannot be replaced
    so)."""
    link.parent.mkdir(parents=True, exist_ok=True)
    temporary = link.with_name(f".{link.name}.{secrets.token_hex(3)}")
    temporary.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)
    try:
        os.replace(temporary, link)
    except OSError:
        temporary.unlink()
        raise RunError(
            "E330",
            f"{link} is not a link, so it cannot be switched.",
            remedy="Move it away and run again.",
        ) from None


def replace_record(folder: Path, record: Record) -> None:
    """Put a newer record of the same run (cleared after uncleared) in its folder, in one step."""
    store.write(store.validate(record), folder / "results.json")


def write_provenance(folder: Path, provenance: dict) -> None:
    """What made the run (commit, packages, times): beside the record, so that the record stays the
    same when rerun."""
    (folder / "provenance.json").write_text(
        json.dumps(provenance, sort_keys=True, indent=1) + "\n", encoding="utf-8"
    )


def remove_abandoned_scratch() -> None:
    """Remove what workers that were killed have left behind. The name of a scratch folder begins
    with its process."""
    for path in (reports() / ".scratch").glob("*-*"):
        if not process_lives(path.name.split("-")[0]):
            shutil.rmtree(path, ignore_errors=True)


def remove_unlinked_runs(keep: Set[Path] = frozenset()) -> int:
    """Remove draft runs that no link points to; returns how many. Runs of the last hour may be
    under way and stay."""
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
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


def _changed(folder: Path) -> float:
    """When a folder was last changed; never, where another batch has just removed it."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return float("inf")
