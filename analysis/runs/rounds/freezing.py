"""Run folders of signed rounds are read-only: nothing writes into them, but for the mark of a
release."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.record.sealed import PROVENANCE

WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def freeze(folder: Path) -> None:
    """Take the right to write from a run folder and all that it holds; the folder itself last."""
    for path in (*_all_in(folder), folder):
        _set(path, path.stat().st_mode & ~WRITE)


def freeze_signed(folders: Iterable[Path]) -> None:
    """Freeze what was signed by a process that was killed before it could."""
    for folder in folders:
        if (folder / PROVENANCE).exists() and not is_frozen(folder):
            freeze(folder)


def is_frozen(folder: Path) -> bool:
    """Whether the run in a folder, or behind a link, is one that was frozen."""
    try:
        return not (folder / PROVENANCE).stat().st_mode & WRITE
    except OSError:
        return False


@contextmanager
def thawed(folder: Path) -> Iterator[None]:
    """A frozen folder can be written to in the block; one that is not frozen stays as it is."""
    was_frozen = is_frozen(folder)
    if was_frozen:
        for path in (folder, *_all_in(folder)):
            _set(path, path.stat().st_mode | stat.S_IWUSR)
    try:
        yield
    finally:
        if was_frozen:
            freeze(folder)


def _all_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if not path.is_symlink():
            yield path


def _set(path: Path, mode: int) -> None:
    os.chmod(path, stat.S_IMODE(mode))
