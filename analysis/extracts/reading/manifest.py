"""Which files an extract is made of, and the hash that tells it from another one. Imports no
pandas: planning needs it."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.atomic import write_whole
from analysis.errors import RunError
from analysis.extracts.files.mapping import mapped_files, mapping_file
from analysis.extracts.tables.contracts import CONTRACTS

SUFFIXES = (".parquet", ".csv")


def table_places(
    folder: Path, table: str, named: Mapping[str, str] | None = None
) -> tuple[Path, ...]:
    """Everything in a folder that could be this table: files <table>.parquet, <table>.csv and the
    folder <table>/.

    In any letter case. `named`: file names by table as mapping.yml gives them; where it names one,
    only that counts.
    """
    wanted = (named or {}).get(table)
    names = (wanted.casefold(),) if wanted else tuple(f"{table}{suffix}" for suffix in SUFFIXES)
    found = [path for name in names for path in entries(folder) if path.name.casefold() == name]
    if not wanted:
        found += [
            path for path in entries(folder) if path.name.casefold() == table and parts_of(path)
        ]
    return tuple(found)


def entries(folder: Path) -> tuple[Path, ...]:
    """What stands in a folder, by name; hidden files are left out, and a folder that cannot be read
    holds nothing."""
    try:
        return tuple(
            sorted(Path(entry.path) for entry in os.scandir(folder) if entry.name[0] not in "._")
        )
    except OSError:
        return ()


def parts_of(folder: Path) -> tuple[Path, ...]:
    """The Parquet files of a table that stands in parts."""
    return tuple(
        path for path in entries(folder) if path.suffix.casefold() == ".parquet" and path.is_file()
    )


def table_files(folder: Path, table: str, region: str | None = None) -> tuple[Path, ...]:
    """Files of a table: <table>.csv, <table>.parquet or <table>/*.parquet; the region's own file
    where regions are apart.

    Where mapping.yml names the table's file, that one.
    """
    places = table_places(folder, table, mapped_files(folder))
    for path in places:
        if path.is_file():
            return (path,)
    for path in places:
        own = path / f"region={region}.parquet"
        return (own,) if region and own.is_file() else parts_of(path)
    return ()


def data_manifest_hash(
    folder: Path,
    *,
    tables: Iterable[str] | None = None,
    region: str | None = None,
    cache: Path | None = None,
) -> str:
    """sha256 over the names and contents of the tables' files (of one region where these are apart)
    and of mapping.yml.

    The hash of a file is kept in the JSON file `cache` and taken from there while its size and time
    of change (nanoseconds) stay the same. RunError E340 where a file goes away while it is read.
    """
    known = _known_hashes(cache)
    digest = hashlib.sha256()
    fresh = {}
    own = mapping_file(folder)
    found: list[tuple[Path, ...]] = [(own,)] if own else []
    found += [table_files(folder, table, region) for table in sorted(tables or CONTRACTS)]
    for path in (path for files in found for path in files):
        fresh[str(path.resolve())] = entry = _file_hash(path, known)
        digest.update(f"{path.relative_to(folder)}\0{entry[2]}\n".encode())
    if any(known.get(path) != entry for path, entry in fresh.items()):
        _keep_hashes(cache, known | fresh)
    return digest.hexdigest()


def file_hash(path: Path, *, cache: Path | None = None) -> str:
    """sha256 of one file, from the cache while its size and time of change stay the same. RunError
    E340."""
    known = _known_hashes(cache)
    entry = _file_hash(path, known)
    if known.get(str(path.resolve())) != entry:
        _keep_hashes(cache, known | {str(path.resolve()): entry})
    return entry[2]


def _known_hashes(cache: Path | None) -> dict[str, list]:
    try:
        return json.loads(cache.read_text(encoding="utf-8")) if cache else {}
    except (OSError, ValueError):
        return {}


def _keep_hashes(cache: Path | None, hashes: dict[str, list]) -> None:
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        write_whole(cache, json.dumps(hashes, sort_keys=True))


def _file_hash(path: Path, known: dict[str, list]) -> list:
    """Size, time of change and sha256 of a file."""
    try:
        state = path.stat()
        kept = known.get(str(path.resolve()))
        if kept and kept[:2] == [state.st_size, state.st_mtime_ns]:
            return kept
        with path.open("rb") as handle:
            return [
                state.st_size,
                state.st_mtime_ns,
                hashlib.file_digest(handle, "sha256").hexdigest(),
            ]
    except OSError as error:
        raise RunError(
            "E340", f"the file {path.name} could not be read ({type(error).__name__})."
        ) from None
