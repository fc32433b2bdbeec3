"""Puts the signed pages of a round where others can take them: real files, a zip, README, sha256.

Pages are made anew from the studies that may leave, and from nothing else, in a folder beside the
one that was named; the guard reads every file; then the folder gets its name in one step. Killed
half way, nothing stands there.
"""

import hashlib
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from analysis.disclosure.guard.ids import Hashed
from analysis.disclosure.guard.pages import text_faults
from analysis.errors import ParameterError, RunError
from analysis.paths import make_own, reports
from analysis.plans.registry import load_plan, parse_source
from analysis.rounds.announced import announced, check_may_leave
from analysis.rounds.frozen import altered_signed, signed_rounds
from analysis.rounds.log import CORRECTION, WITHDRAWAL, Entry, entries
from analysis.rounds.runs_found import FoundStudy, find_studies
from analysis.runs.rounds.readme import README, readme
from analysis.site.build import Pages, write_pages
from analysis.site.signed import signed_state
from analysis.vocabulary.round_ids import base_round

INTERNAL, RELEASE = "internal", "release"
PAGES, SUMS = "pages", "SHA256SUMS"
# Of every file in a zip: the same bytes give the same zip on whatever day.
NO_TIME = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o100644 << 16
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Asked:
    """What a command asks to be published: a round with its reruns, for an audience. studies:
    empty for all that may leave; source: as --data gives it, None for each plan's first."""

    round_id: str
    audience: str
    studies: tuple[str, ...] = ()
    source: str | None = None


def publish_round(folder: Path, asked: Asked, now: datetime | None = None) -> list[str]:
    """Publish what was asked for; returns lines that say what stands where. now: the moment, that
    of the clock where it is not given. RunError E326, E329, E345, E388, E409; ParameterError
    E218."""
    folder = folder.expanduser().resolve()
    _check_where(folder)
    chosen, log = _chosen(asked), entries()
    if asked.audience == RELEASE:
        _check_announced(chosen, log, now or datetime.now(UTC))
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = make_own(folder.with_name(f".{folder.name}.{secrets.token_hex(4)}"))
    try:
        state = signed_state(reports(), chosen, released_only=asked.audience == RELEASE)
        pages = Pages(fresh / PAGES, with_code=asked.audience == INTERNAL)
        pages.site.mkdir()
        write_pages(pages, state, chosen, base_round(asked.round_id))
        text = readme(asked.round_id, asked.audience, chosen, state, log)
        _check_text(text)
        (fresh / README).write_text(text, encoding="utf-8")
        _own_files(fresh)
        name = _zip_name(asked, _last_day(chosen, log))
        _write_sums(fresh)
        _write_zip(fresh, fresh / name)
        zipped = hashlib.sha256((fresh / name).read_bytes()).hexdigest()
        (fresh / f"{name}.sha256").write_text(f"{zipped}  {name}\n", encoding="utf-8")
        _flush(fresh)
        fresh.chmod(0o755)
        os.replace(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return [f"{len(chosen)} studies published for {asked.audience}: {folder}", f"{name} {zipped}"]


def _check_where(folder: Path) -> None:
    """RunError E388 without a state that outlives the checkout; ParameterError E218 where the
    folder is not new or empty."""
    if not os.environ.get("WORKBOOK_STATE"):
        text = "nothing is published while the log of rounds lies in the checkout."
        raise RunError("E388", text, remedy="Set WORKBOOK_STATE to a folder that is kept.")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ParameterError("E218", "--to names no folder.", remedy="Name a new one.")
    if folder.exists() and any(folder.iterdir()):
        text = "the folder to publish to is not empty."
        raise ParameterError("E218", text, remedy="Name a new one: nothing is overwritten.")


# -- what may leave --------------------------------------------------------------------------------
def _chosen(asked: Asked) -> tuple[FoundStudy, ...]:
    """The studies that were asked for and may leave. RunError E326, E388."""
    for study in asked.studies:
        load_plan(study)
    signed = [key for key in signed_rounds() if _is_asked(key, asked)]
    missing = set(asked.studies) - {study for _, _, study in signed}
    if missing or not signed:
        what = ", ".join(sorted(missing)) or "no study"
        text = f"{what}: not signed by the lead in the round {asked.round_id}."
        text = text if missing else f"no study is signed by the lead in the round {asked.round_id}."
        raise RunError("E388", text, remedy="See workbook list --rounds.")
    altered = altered_signed(reports(), asked.round_id)
    if gone := {key: altered[key] for key in signed if key in altered}:
        said = "; ".join(f"{key[2]}: {', '.join(places)}" for key, places in gone.items())
        text = f"not the records that were signed: {said}."
        raise RunError("E326", text, remedy="Restore them from a copy of the reports.")
    found = {study.key: study for study in find_studies(reports(), asked.round_id)}
    own = [found[key] for key in signed if key in found and found[key].national]
    _check_whole(own, signed, found)
    own = own if asked.audience == INTERNAL else _released(own, asked)
    _check_corrected(own)
    return tuple(sorted(own, key=lambda study: (study.source, study.plan.study, study.round_id)))


def _is_asked(key: Key, asked: Asked) -> bool:
    source, round_id, study = key
    if base_round(round_id) != base_round(asked.round_id):
        return False
    if asked.studies and study not in asked.studies:
        return False
    wanted = asked.source or load_plan(study).data.sources[0]
    return source == parse_source(wanted).folder


def _check_whole(own: list[FoundStudy], signed: list[Key], found: dict[Key, FoundStudy]) -> None:
    """RunError E326 where a place that was signed has no run that can be believed."""
    for key in signed:
        here = {run.place for run in found[key].runs} if key in found else set()
        if gone := set(signed_rounds()[key].records) - here:
            text = f"{key[2]}: {', '.join(sorted(gone))} is not as the run left it."
            raise RunError("E326", text, remedy="Restore it from a copy of the reports.")
    if len(own) != len(signed):
        raise RunError("E326", "the nation's record of a study is gone.", remedy="Restore it.")


def _released(own: list[FoundStudy], asked: Asked) -> list[FoundStudy]:
    """Those of which every record was released and that were not withdrawn. RunError E388 for one
    that was named, or where none is left."""
    gone = {one.key for one in entries() if one.kind == WITHDRAWAL}
    kept = [one for one in own if _is_released(one) and one.key not in gone]
    named = {study for study in asked.studies if study not in {one.plan.study for one in kept}}
    if named or not kept:
        what = ", ".join(sorted(named)) or "no study"
        text = f"{what}: not released in the round {asked.round_id}, or withdrawn."
        remedy = f"First: workbook release STUDY --round {asked.round_id}."
        raise RunError("E388", text, remedy=remedy)
    return kept


def _is_released(study: FoundStudy) -> bool:
    return all(run.record.audience == RELEASE for run in study.runs)


def _check_corrected(own: Iterable[FoundStudy]) -> None:
    """RunError E388 where a signed rerun stands beside what it replaces, and nobody has said so."""
    said = {(one.source, one.replaced_by, one.study) for one in entries() if one.replaced_by}
    first: dict[tuple[str, str], FoundStudy] = {}
    for study in own:
        at = (study.source, study.plan.study)
        if first.setdefault(at, study) is not study and study.key not in said:
            what = f"{study.plan.study}: {study.round_id} stands beside what it replaces"
            raise RunError("E388", f"{what}, and nothing says why.", remedy="workbook correct.")


def _check_announced(chosen: Iterable[FoundStudy], log: tuple[Entry, ...], now: datetime) -> None:
    """RunError E409 where one may not leave yet."""
    for study in chosen:
        check_may_leave(study.plan, announced(log, study.key), now)


# -- files -----------------------------------------------------------------------------------------
def _check_text(text: str) -> None:
    """RunError E345 where the README holds what may not leave."""
    found = list(text_faults(text, Hashed.of((), ())))
    if found:
        raise RunError("E345", f"{README} is not published: {'; '.join(found)}.")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _own_files(folder: Path) -> None:
    """Make each file one of its own, which no run shares, and that everybody can read."""
    for path in _files(folder):
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        path.chmod(0o644)
    for path in (one for one in folder.rglob("*") if one.is_dir()):
        path.chmod(0o755)


def _write_sums(folder: Path) -> None:
    """The sha256 of every file, as `sha256sum --check` reads it."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in _files(folder)
    ]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _write_zip(folder: Path, to: Path) -> None:
    """All files of a folder; the same content gives the same bytes."""
    files = _files(folder)
    with zipfile.ZipFile(to, "w") as packed:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), NO_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, PLAIN_FILE
            entry.create_system = 3  # Unix, on whatever system it is made
            packed.writestr(entry, path.read_bytes(), compresslevel=9)


def _flush(folder: Path) -> None:
    for path in _files(folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _zip_name(asked: Asked, day: str) -> str:
    return f"workbook-{base_round(asked.round_id)}-{asked.audience}-{day}.zip"


def _last_day(chosen: Iterable[FoundStudy], log: Iterable[Entry]) -> str:
    """The day of the last signature or correction of what is published: what was published twice
    has one name."""
    keys = {study.key for study in chosen}
    return max(str(one.day) for one in _of(log, keys))


def _of(log: Iterable[Entry], keys: set[Key]) -> Iterator[Entry]:
    for one in log:
        if one.key in keys and (one.step == CORRECTION or one.folders):
            yield one
