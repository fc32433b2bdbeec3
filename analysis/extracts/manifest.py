"""Which files an extract is made of, and the hash that tells it from another one. Imports no pandas: planning needs it."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from analysis.errors import RunError
from analysis.extracts.contracts import CONTRACTS


def table_files(folder: Path, table: str, region: str | None = None) -> tuple[Path, ...]:
    """Files of a table: <table>.csv, <table>.parquet or <table>/*.parquet; the region's own file where regions are apart."""
    for name in (f"{table}.parquet", f"{table}.csv"):
        if (folder / name).is_file():
            return (folder / name,)
    own = folder / table / f"region={region}.parquet"
    return (own,) if region and own.is_file() else tuple(sorted((folder / table).glob("*.parquet")))


def data_manifest_hash(
    folder: Path, *, tables: Iterable[str] | None = None, region: str | None = None, cache: Path | None = None
) -> str:
    """sha256 over the names and contents of the tables' files (of one region where these are apart).

    The hash of a file is kept in the JSON file `cache` and taken from there while its size and time of change
    (nanoseconds) stay the same. RunError E340 where a file goes away while it is read.
    """
    known = _known_hashes(cache)
    digest = hashlib.sha256()
    fresh = {}
    for table in sorted(tables or CONTRACTS):
        for path in table_files(folder, table, region):
            fresh |= (entry := {str(path.resolve()): _file_hash(path, known)})
            digest.update(f"{path.relative_to(folder)}\0{next(iter(entry.values()))[2]}\n".encode())
    _keep_hashes(cache, known | fresh)
    return digest.hexdigest()


def _known_hashes(cache: Path | None) -> dict[str, list]:
    try:
        return json.loads(cache.read_text()) if cache else {}
    except (OSError, ValueError):
        return {}


def _keep_hashes(cache: Path | None, hashes: dict[str, list]) -> None:
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        temporary = cache.with_name(f".{cache.name}.{os.getpid()}")
        temporary.write_text(json.dumps(hashes, sort_keys=True))
        os.replace(temporary, cache)


def _file_hash(path: Path, known: dict[str, list]) -> list:
    """Size, time of change and sha256 of a file."""
    try:
        state = path.stat()
        kept = known.get(str(path.resolve()))
        if kept and kept[:2] == [state.st_size, state.st_mtime_ns]:
            return kept
        with path.open("rb") as handle:
            return [state.st_size, state.st_mtime_ns, hashlib.file_digest(handle, "sha256").hexdigest()]
    except OSError as error:
        raise RunError("E340", f"the file {path.name} could not be read ({type(error).__name__}).") from None
