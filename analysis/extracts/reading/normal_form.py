"""The one form in which tables are read: Parquet with the types of the contract, sealed by the
hashes of its files.

A seal says which code has written files in normal form. Where a file is no longer the one that was
sealed, or the code that reads has changed, the folder is read like any extract from outside.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from analysis.atomic import write_whole
from analysis.extracts.reading.manifest import file_hash
from analysis.extracts.tables.contract import Contract
from analysis.paths import PARAMS, ROOT, file_hashes

SEALS = (  # a hidden folder with one small file a seal, so that seals can be added side by side
    ".normal_form"
)
MADE_HERE = (  # the seal of synthetic data: a test reads each table and finds nothing to mend
    "made by this code"
)
ROWS_IN_A_GROUP = 131_072


@cache
def reading_code() -> str:
    """Hash of everything that decides what reading makes of a cell: the rooms of extracts and of
    the vocabulary, the sets of places."""
    digest = hashlib.sha256()
    for path in code_files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def code_files() -> tuple[Path, ...]:
    """The files that `reading_code` is the hash of."""
    rooms = (ROOT / "analysis" / room for room in ("extracts", "vocabulary"))
    return (*sorted(path for room in rooms for path in room.rglob("*.py")), PARAMS / "regions.yml")


def in_order(contract: Contract, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows by region, where there are regions, and within it by the key: one region is read
    without the others."""
    keys = [
        *(["region"] if contract.regional else []),
        *(key for key in contract.key if key != "region"),
    ]
    return frame.sort_values(keys, ignore_index=True, kind="stable")


def write_typed(frame: pd.DataFrame, path: Path) -> None:
    """One table to a Parquet file that only its owner can read, safe on the disk when this
    returns."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
        frame.to_parquet(handle, index=False, compression="zstd", row_group_size=ROWS_IN_A_GROUP)
        handle.flush()
        os.fsync(handle.fileno())


def seal(
    folder: Path,
    files: Iterable[Path],
    name: str,
    *,
    code: str,
    written: Mapping[Path, Path] | None = None,
) -> None:
    """Say that these files of `folder` are in normal form, as they are now. `code`: reading_code()
    or MADE_HERE. `written`: where a file stands that has not got its name yet."""
    now = written or {}
    kept = {str(path.relative_to(folder)): sha256_of(now.get(path, path)) for path in files}
    home = folder / SEALS
    home.mkdir(mode=0o700, exist_ok=True)
    sealed = json.dumps({"code": code, "files": kept}, indent=1, sort_keys=True)
    write_whole(home / f"{name}.json", sealed)


def is_sealed(folder: Path, files: Iterable[Path]) -> bool:
    """Whether every one of these files is in normal form and unchanged since. False where there are
    none."""
    sealed, files = _sealed(folder), tuple(files)
    found = [sealed.get(str(path.relative_to(folder))) for path in files]
    if not found or None in found:
        return False
    return all(
        file_hash(path, cache=file_hashes()) == kept
        for path, kept in zip(files, found, strict=True)
    )


def _sealed(folder: Path) -> dict[str, str]:
    """Hash by file name of all seals in a folder that hold for the code of today."""
    found: dict[str, str] = {}
    for path in sorted((folder / SEALS).glob("[!.]*.json")):
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["code"] in (MADE_HERE, reading_code()):
                found |= kept["files"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def sha256_of(path: Path) -> str:
    """Hash of the bytes of a file as they are now."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
