"""One reading: an extract is checked and normalised once, and everything that counts reads only
what came out.

`read_once` gives the folder of typed Parquet files that belongs to an extract; it is made when it
is first asked for and found again by the hash of the extract's files, its mapping, the set of
places and the code that reads. The rows of people that it holds stand below `WORKBOOK_STATE`, in
folders that only their owner can open; an older reading of the same extract is removed when a new
one is made, and one whose extract is gone is removed too.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from analysis.errors import DataError
from analysis.extracts.files.cells import typed
from analysis.extracts.files.mapping import supplier_words
from analysis.extracts.files.notes import Note
from analysis.extracts.reading.manifest import data_manifest_hash, table_files
from analysis.extracts.reading.normal_form import in_order, is_sealed, reading_code, write_typed
from analysis.extracts.rules.checking import Examination, Tables, examine
from analysis.extracts.tables.codes import problem
from analysis.extracts.tables.contracts import CONTRACTS, EXTRACT, tables_of
from analysis.paths import file_hashes, make_own, readings

RECEIPT = "receipt.json"
LEFT_OVER = 24 * 3600  # seconds after which a folder that was never finished is removed


def read_once(folder: Path, *, tables: Sequence[str], places: str | None = None) -> Path:
    """The folder of these tables in normal form: `folder` itself where it is in normal form, else
    the reading of it.

    All tables of the services of `tables` that stand in the folder are read together, and those
    that are asked for. DataError with every problem that the checks find, E199 where a file changes
    meanwhile. ParameterError E211.
    """
    folder = Path(folder).resolve()
    files = [path for table in tables for path in table_files(folder, table)]
    if is_sealed(folder, files) and all(
        table_files(folder, table) or _optional(table) for table in tables
    ):
        return folder
    wanted = _read_together(folder, tables)
    held = supplier_words(folder, places).places
    home = readings() / _short(str(folder), held, *sorted(wanted))
    key = _key(folder, wanted, held)
    if not (home / key / RECEIPT).is_file():
        _make(folder, wanted, held, home / key)
    return home / key


def notes_of(home: Path) -> tuple[Note, ...]:
    """What was mended when a reading was made; none for a folder that was in normal form
    already."""
    try:
        kept = json.loads((home / RECEIPT).read_text(encoding="utf-8"))
        return tuple(Note(**entry) for entry in kept.get("notes", ()))
    except (OSError, ValueError, TypeError):
        return ()


def normalised(checked: Tables) -> dict[str, pd.DataFrame]:
    """The checked tables with the types of their contracts. DataError E190 where the checks let
    something through."""
    found, problems = {}, []
    for name, table in checked.items():
        frame = table.frame.reindex(columns=[c for c in table.contract.names if c in table.frame])
        found[name], faults = typed(table.contract, frame)
        problems += [
            problem("E190", name, column=column, count=count) for column, count in faults.items()
        ]
    if problems:
        raise DataError(tuple(problems))
    return {name: in_order(checked[name].contract, frame) for name, frame in found.items()}


def _optional(table: str) -> bool:
    return CONTRACTS[table].optional


def _read_together(folder: Path, tables: Sequence[str]) -> tuple[str, ...]:
    """The tables asked for, and those of the same services that stand in the folder, in the order
    of the contracts."""
    services = {CONTRACTS[table].service for table in tables if table != EXTRACT.table}
    beside = [table for service in services for table in tables_of(service)]
    found = {table for table in (*beside, *tables) if table_files(folder, table)}
    required = {table for table in tables if not _optional(table)}
    return tuple(table for table in CONTRACTS if table in found | required)


def _short(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:20]


def _key(folder: Path, tables: Iterable[str], places: str) -> str:
    """What a reading is made of: the files and the mapping, the set of places, the code that
    reads."""
    data = data_manifest_hash(folder, tables=tables, cache=file_hashes())
    return hashlib.sha256("\0".join((data, places, reading_code())).encode()).hexdigest()[:40]


def _make(folder: Path, tables: tuple[str, ...], places: str, home: Path) -> None:
    """Check and write a reading. It is whole or not there at all, also where two processes make it
    at once."""
    found, checked = examine(folder, tables=tables, places=places)
    if found.problems:
        raise DataError(found.problems)
    if _key(folder, tables, places) != home.name:
        raise DataError((problem("E199", folder.name),))
    make_own(home.parent)
    readings().chmod(0o700)
    home.parent.chmod(0o700)
    temporary = Path(tempfile.mkdtemp(prefix=".", dir=readings()))  # mode 0700
    try:
        for name, frame in normalised(checked).items():
            write_typed(frame, temporary / f"{name}.parquet")
        _write_receipt(temporary / RECEIPT, folder, places, found)
        _sync(temporary)
        _put_in_place(temporary, home)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _remove_older(home)


def _write_receipt(path: Path, folder: Path, places: str, found: Examination) -> None:
    receipt = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "folder": str(folder),
        "places": places,
        "code": reading_code(),
        "rows": dict(found.rows),
        "notes": [asdict(note) for note in found.notes],
    }
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as handle:
        json.dump(receipt, handle, indent=1, sort_keys=True)
        handle.flush()
        os.fsync(handle.fileno())


def _put_in_place(temporary: Path, home: Path) -> None:
    """Rename; where another process was faster, its reading of the same files stays."""
    try:
        os.rename(temporary, home)
    except OSError:
        if not (home / RECEIPT).is_file():
            raise
    _sync(home.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _changed(folder: Path) -> float:
    """When a folder was last changed; never, where another process has just moved it away."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _remove_older(home: Path) -> None:
    """Rows of people do not pile up: other readings of the same extract go, and those of extracts
    that are gone."""
    for other in home.parent.iterdir():
        if other != home:
            shutil.rmtree(other, ignore_errors=True)
    for other in readings().iterdir():
        if other.name.startswith("."):
            if time.time() - _changed(other) > LEFT_OVER:
                shutil.rmtree(other, ignore_errors=True)
        elif other != home.parent and _extract_is_gone(other):
            shutil.rmtree(other, ignore_errors=True)


def _extract_is_gone(home: Path) -> bool:
    """Whether the folder from which these readings were made is there no more."""
    for receipt in home.glob(f"*/{RECEIPT}"):
        try:
            return not Path(json.loads(receipt.read_text(encoding="utf-8"))["folder"]).is_dir()
        except (OSError, ValueError, KeyError, TypeError):
            return False
    return False
