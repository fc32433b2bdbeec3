"""Which studies are frozen in which rounds, and whether their records are still those that were
signed. Imports nothing heavy."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from analysis.errors import ParameterError, RunError
from analysis.paths import reports
from analysis.rounds.log import LEAD, Entry, entries
from analysis.vocabulary.round_ids import FIRST, base_round, rerun_name, rerun_number

RESULTS = "results.json"
# For whom a record is, as its file says it.
RELEASED, INTERNAL = b'\n "audience": "release"', b'\n "audience": "internal"'


def record_hash(file: Path) -> str:
    """sha256 of what a cleared record says, whoever it is for: a record that is released says the
    same as before. Its bytes are canonical (record.store.dumps), and no text of JSON holds the end
    of a line. RunError E311 where it cannot be read."""
    try:
        content = file.read_bytes()
    except OSError:
        text = f"{file.name} is not a readable record."
        raise RunError("E311", text, remedy="Run the study again.") from None
    return hashlib.sha256(content.replace(RELEASED, INTERNAL, 1)).hexdigest()


def signed_rounds() -> dict[tuple[str, str, str], Entry]:
    """The lead's step of each study that is frozen, by source, round and study."""
    return {entry.key: entry for entry in entries() if entry.step == LEAD}


def frozen_folders() -> frozenset[Path]:
    """Run folders of all frozen studies, where they lie under reports/.runs."""
    runs = reports() / ".runs"
    return frozenset(
        runs / name for one in signed_rounds().values() for name in one.folders.values()
    )


def round_to_run(source: str, study: str, round_id: str) -> str:
    """The round in which a study is run when this one is asked for: a rerun where it is signed.
    ParameterError E216 for the name of a rerun of a round that is not signed."""
    signed, number = signed_rounds(), FIRST
    while (source, rerun_name(round_id, number), study) in signed:
        number += 1
    if rerun_number(round_id) > number:
        base = base_round(round_id)
        text = f"{round_id} would be a rerun, and {study} is not signed in the round before it."
        raise ParameterError("E216", text, remedy=f"Write --round {base}.")
    return rerun_name(round_id, number)


def altered_signed(folder: Path, round_id: str) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Places of each frozen study of the family of a round, by source, round and study, whose
    record in these reports is gone, or is not the one that the lead has signed."""
    base = base_round(round_id)
    found = {
        key: altered_places(folder.joinpath(*key), entry.records)
        for key, entry in signed_rounds().items()
        if base_round(key[1]) == base
    }
    return {key: places for key, places in found.items() if places}


def altered_places(study: Path, signed: Mapping[str, str]) -> tuple[str, ...]:
    """Places of a study's folder whose record is not the signed one, or is gone."""
    return tuple(place for place, sha in signed.items() if hash_now(study / place) != sha)


def hash_now(run: Path) -> str:
    """sha256 of the record of a run; empty where there is none that can be read."""
    try:
        return record_hash(run / RESULTS)
    except RunError:
        return ""


def hashes_now(study: Path) -> dict[str, str]:
    """sha256 of the record of each place of a study's folder, and of the nation."""
    runs = sorted(path.parent for path in study.glob(f"[!.]*/{RESULTS}"))
    return {run.name: hash_now(run) for run in runs}
