"""Files that are written whole: a reader finds all of the new one, or the old one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def name_beside(path: Path) -> Path:
    """A hidden name in the folder of `path` that no other thread, process or machine has."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Where to write what gets the name `path` at the end of the block. Where the block fails, what
    it has written goes, and what stood at `path` stays."""
    temporary = name_beside(path)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(
    path: Path, content: str | bytes, *, durable: bool = False, own: bool = False
) -> Path:
    """Write `content` to `path` so that either all of it or nothing stands there.

    durable: it is on the disk when this returns, and outlives a loss of power. own: only its owner
    can read it (mode 0600).
    """
    mode = 0o600 if own else 0o666  # less what the process masks
    with beside(path) as temporary:
        opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(opened, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
    return path
