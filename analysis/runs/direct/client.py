"""On the worker: has the cells of a notebook run in a fork of the warm server, and holds them to
their limits.

The fork writes what its cells show into a pipe. This side reads it, counts it, and looks at the
clock: it ends a fork whose cell takes too long or whose output grows too large, and sees one that
has ended by itself. When this side lets go, or is killed, the server kills the fork and all that it
has started.
"""

import json
import os
import select
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from analysis.errors import RunError
from analysis.forking import fork_possible, umask, widen
from analysis.runs.direct.notebook import (
    MAY_FAIL,
    Outputs,
    parameterised,
    tags,
    to_run,
    write_notebook,
)
from analysis.runs.kernel_client import ONE_THREAD, ForkedProcess, fork_of_server, held
from analysis.runs.limits import Limits

LOOK = 0.1  # seconds between two looks at what code that is not Python's has printed
AT_ONCE = 1_048_576  # bytes that are read at once
# of JSON for each character at most: a control character is written \u0000
BYTES_A_CHARACTER = 6
NO_FAULT = ("", "0")  # of a SystemExit: papermill takes it for a good end


class CellFailed(Exception):
    """A cell ended with an error; `ename`, `evalue` and `traceback` as in the notebook."""

    def __init__(self, ename: str, evalue: str, traceback: list[str]):
        super().__init__("\n".join((*traceback, f"{ename}: {evalue}")))
        self.ename, self.evalue = ename, evalue


class ForkEnded(Exception):
    """The fork ended before its notebook did."""


class CellTooLong(Exception):
    """A cell took longer than it may."""


def run_directly(
    notebook: Path,
    folder: Path,
    parameters: dict[str, str],
    limits: Limits,
    environment: dict[str, str],
) -> dict[str, Any] | None:
    """The executed notebook; None where the direct way is not to be had: no fork, no server, or a
    kernelspec that is not this interpreter's.

    CellFailed, ForkEnded, CellTooLong, and RunError E321 for too much output; what was shown until
    then stands in `folder`/private/executed.ipynb.
    """
    if not fork_possible():
        return None
    content = parameterised(notebook, parameters)
    cells = to_run(content["cells"])
    sources = [{"source": c["source"], "goes_on": MAY_FAIL in tags(c)} for c in cells]
    request = {
        "cells": sources,
        "environment": environment | ONE_THREAD,
        "sockets": None,
        "cwd": os.getcwd(),
        "umask": umask(),
    }
    outputs = Outputs(cells)
    try:
        with _fork(request, folder / "private") as fork:
            if fork is None or not _Watch(fork, outputs, limits).to_the_end():
                return None
        outputs.end()
        _raise_for_errors(content["cells"])
    except Exception:
        outputs.end()
        write_notebook(content, folder / "private" / "executed.ipynb")
        raise
    content["metadata"]["language_info"] = {"name": "python"}
    return content


def _raise_for_errors(cells: list[dict[str, Any]]) -> None:
    """CellFailed for the first error that a notebook holds, whatever its tag says, as papermill
    does."""
    for output in (output for cell in cells for output in cell.get("outputs", ())):
        if output["output_type"] != "error":
            continue
        if output["ename"] != "SystemExit" or output["evalue"] not in NO_FAULT:
            raise CellFailed(output["ename"], output["evalue"], output["traceback"])


class _Fork:
    """A fork of the server: its process, the pipe of its messages, the files of its descriptors 1
    and 2."""

    def __init__(self, process: ForkedProcess, pipe: int, files: tuple[IO[bytes], ...]):
        self.process, self.pipe, self.files = process, pipe, files

    def bytes_printed(self) -> int:
        """By code that is not Python's."""
        return sum(os.fstat(file.fileno()).st_size for file in self.files)


@contextmanager
def _fork(request: dict[str, Any], folder: Path) -> Iterator[_Fork | None]:
    """A fork that runs the cells of a request, and is ended with this block; None where there is
    none to be had."""
    reading, writing = os.pipe()
    widen(writing, AT_ONCE)
    process = None
    try:
        with tempfile.TemporaryFile(dir=folder) as out, tempfile.TemporaryFile(dir=folder) as err:
            try:
                files = (out.fileno(), err.fileno(), writing)
                process = fork_of_server(request, files, held)
            finally:
                os.close(writing)
            yield None if process is None else _Fork(process, reading, (out, err))
    finally:
        os.close(reading)
        if process is not None:
            process.let_go()


class _Watch:
    """The messages of one fork, held to the limits."""

    def __init__(self, fork: _Fork, outputs: Outputs, limits: Limits):
        self.fork, self.outputs, self.limits = fork, outputs, limits
        self.deadline = time.monotonic() + limits.start_seconds
        self.ours, self.done = True, False
        self.failed: str | None = None  # the kind of error with which a cell ended
        self.characters = self.bytes = 0  # that were shown, and that have come
        self.heard: list[bytes] = []

    def to_the_end(self) -> bool:
        """Whether the notebook was run; False where its kernel is not this interpreter's."""
        while self.ours and not self.done:
            ended = self.fork.process.poll() is not None
            waiting = self.deadline - time.monotonic()
            longest = 0 if ended else max(0, min(waiting, LOOK))
            ready = select.select([self.fork.pipe], [], [], longest)[0]
            data = os.read(self.fork.pipe, AT_ONCE) if ready else b""
            self._read(data)
            if not data and (ended or ready) and not self.done:
                raise ForkEnded
            if waiting <= 0 and not data:
                raise CellTooLong
            self._count()
        if self.failed is not None and not self.outputs.has_error:
            raise CellFailed(self.failed or "CellExecutionError", "", [])
        return self.ours

    def _read(self, data: bytes) -> None:
        """Take the messages that are whole."""
        self.bytes += len(data)
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._take(*json.loads(b"".join((*self.heard, line))))
            self.heard.clear()
        self.heard.append(rest)

    def _take(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "started":
            self.ours = content["ours"]
        elif kind == "failed":
            self.failed = content["kind"]
        elif kind == "done":
            self.done = True
        else:
            if kind == "begun":
                self.deadline = time.monotonic() + self.limits.cell_seconds
            data = content.get("data") or {"text": content.get("text", "")}
            self.characters += sum(len(text) for text in data.values() if isinstance(text, str))
            if self.characters <= self.limits.output_bytes:
                self.outputs.take(kind, content)

    def _count(self) -> None:
        """RunError E321 where the output has grown too large."""
        most = self.limits.output_bytes
        beside = self.fork.bytes_printed()
        if max(self.characters, self.bytes // BYTES_A_CHARACTER, beside) > most:
            raise RunError("E321", f"the notebook printed more than {most:,} bytes.")
