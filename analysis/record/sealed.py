"""What the files of a run hold, by sha256: written into its provenance when it is made, looked at
before it is shown, released or taken as unchanged.

All contents are read, once a process: a cut-off, edited, missing or added file is found, whatever
its size and date say.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from analysis.paths import opened

PROVENANCE = "provenance.json"
# Made by the national notebook for the places and moved into their folders.
ON_THEIR_WAY = "private/cleared/"
LINK = "a link, and no file"
_BUFFER = bytearray(1 << 22)
_read: dict[tuple[int, int], tuple[tuple[int, ...], str]] = {}


def sealed_files(folder: Path) -> dict[str, str]:
    """sha256 of each file of a run by its name in the folder, but for the provenance that carries
    them; a link has the hash of no file. OSError."""
    found = dict(_files(os.fspath(folder), ""))
    return {
        name: LINK if os.path.islink(path) else hash_of(path)
        for name, path in sorted(found.items())
        if _is_sealed(name)
    }


def altered_file(folder: Path) -> str | None:
    """Name of a file that is not as the run left it (cut off, edited, missing, added); the
    provenance itself where it does not say. None: all are."""
    try:
        sealed = json.loads((folder / PROVENANCE).read_bytes())["files"]
        here = sealed_files(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return PROVENANCE
    if not isinstance(sealed, Mapping) or not sealed:
        return PROVENANCE
    return next((n for n in sorted({*sealed, *here}) if sealed.get(n) != here.get(n)), None)


def _is_sealed(name: str) -> bool:
    return name != PROVENANCE and not name.startswith(ON_THEIR_WAY)


def _files(folder: str, before: str) -> Iterator[tuple[str, str]]:
    """Name in the run and path of each file."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path, f"{before}{entry.name}/")
            else:
                yield before + entry.name, entry.path


def hash_of(path: str | Path) -> str:
    """sha256 of a file. What this process has read, under whatever name, is not read again while
    nothing of it, the time of its last change of any kind included, is another."""
    with open(opened(path), "rb", buffering=0) as file:
        state = os.fstat(file.fileno())
        name = (state.st_dev, state.st_ino)
        now = (state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        known = _read.get(name)
        if known and known[0] == now:
            return known[1]
        digest, view = hashlib.sha256(), memoryview(_BUFFER)
        while read := file.readinto(_BUFFER):
            digest.update(view[:read])
    _read[name] = (now, digest.hexdigest())
    return _read[name][1]
