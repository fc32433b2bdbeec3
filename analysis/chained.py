"""Logs that are only ever added to: a line of JSON an entry, chained by SHA-256.

Each line holds its number and the hash of the line before it. A second file says how many lines
there are and how the last one ends, so that a line that was changed, moved, added or cut off is
found. Who can write both files can forge both; keep a copy elsewhere.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from analysis.atomic import write_whole
from analysis.errors import RunError
from analysis.paths import closed_folder

HEAD, LOCK = "head.json", ".lock"
START = "0" * 64  # what the first line follows
OWN = ("number", "previous")  # what the log itself writes into a line


@dataclass(frozen=True)
class ChainedLog:
    """A log in a folder that only its owner can open.

    file: name of the file of lines. name: how an error calls the log. remedy: what to do where it
    is not as it was written.
    """

    folder: Path
    file: str
    name: str
    remedy: str

    def entries(self) -> tuple[dict[str, Any], ...]:
        """Every entry in order, each with its `number` from 1 on. RunError E329 where the log is
        not as it was written."""
        return tuple(_without_chain(line) for line in self._lines())

    def add(
        self,
        content: Mapping[str, Any],
        *,
        check: Callable[[tuple[dict[str, Any], ...]], object] | None = None,
    ) -> dict[str, Any]:
        """Add an entry for good; returns it with its number. RunError E329.

        check: is called with all entries while no other process can add one; what it raises adds
        nothing.
        """
        with self._locked():
            lines = self._lines()
            if check:
                check(tuple(map(_without_chain, lines)))
            previous = _hash(lines[-1]) if lines else START
            made = {**content, "number": len(lines) + 1, "previous": previous}
            line = json.dumps(made, sort_keys=True, ensure_ascii=False).encode() + b"\n"
            self._append(line, after=sum(map(len, lines)))
            self._keep_head(len(lines) + 1, _hash(line))
        return _without_chain(line)

    def broken(self, number: int) -> RunError:
        """The error for a line that is not as it was written."""
        text = f"line {number} of the {self.name} is not as it was written."
        return RunError("E329", text, remedy=self.remedy)

    def _lines(self) -> list[bytes]:
        """Each line. What stands after the last line that the head knows of was not finished, where
        it is no whole line that follows it."""
        known, last = self._head()
        found: list[bytes] = []
        previous = START
        for number, line in enumerate(self._content().splitlines(keepends=True), start=1):
            if not _follows(line, number, previous):
                if number == known + 1 and not line.endswith(b"\n"):
                    break  # a process was killed while it added this line
                raise self.broken(number)
            previous = _hash(line)
            found.append(line)
            if number == known and previous != last:
                raise self.broken(number)
        if not known <= len(found) <= known + 1:
            raise self.broken(min(known, len(found)) + 1)
        return found

    def _content(self) -> bytes:
        try:
            return (self.folder / self.file).read_bytes()
        except FileNotFoundError:
            return b""

    def _head(self) -> tuple[int, str]:
        """How many lines there are, and the hash of the last one. RunError E329."""
        try:
            content = json.loads((self.folder / HEAD).read_bytes())
            return int(content["lines"]), str(content["last"])
        except FileNotFoundError:
            return 0, START
        except (ValueError, KeyError, TypeError):
            text = f"{HEAD} of the {self.name} is not as it was written."
            raise RunError("E329", text, remedy=self.remedy) from None

    def _keep_head(self, lines: int, last: str) -> None:
        content = json.dumps({"lines": lines, "last": last})
        write_whole(self.folder / HEAD, content, durable=True)

    def _append(self, line: bytes, *, after: int) -> None:
        """Write a line after so many bytes; what stands there was never finished."""
        opened = os.open(self.folder / self.file, os.O_RDWR | os.O_CREAT, 0o600)
        with open(opened, "r+b") as file:
            file.truncate(after)
            file.seek(after)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The folder of the log, for one process at a time."""
        with FileLock(closed_folder(self.folder) / LOCK, mode=0o600):
            yield


def _follows(line: bytes, number: int, previous: str) -> bool:
    """Whether a line is whole, and the one that was written after the line with this hash."""
    try:
        content = json.loads(line)
        if (content["number"], content["previous"]) != (number, previous):
            return False
    except (ValueError, KeyError, TypeError):
        return False
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode() + b"\n" == line


def _without_chain(line: bytes) -> dict[str, Any]:
    content = json.loads(line)
    del content["previous"]
    return content


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
