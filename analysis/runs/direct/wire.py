"""In the fork: what the cells put out, as messages for the worker, a line of JSON each.

Text that is printed is held back until something else is shown, the cell ends or much of it has
come, as an ordinary kernel holds it. What code that is not Python's (C, a subprocess, a forked
child) writes to descriptors 1 and 2 lands in two files, which are read at the same moments.
"""

import io
import os
import threading
import time
from typing import Any

from jupyter_client.session import Session, json_packer

STREAMS = {"stdout": 1, "stderr": 2}
PIECE = 65_536  # characters of text that are sent at once
HELD_BACK = 0.2  # seconds, as ipykernel's `OutStream.flush_interval`


class Wire:
    """Messages of one run, in the order in which they happened."""

    def __init__(self, descriptor: int):
        self.pid = os.getpid()
        self._descriptor, self._lock = descriptor, threading.RLock()
        self._printed: dict[str, list[str]] = {name: [] for name in STREAMS}
        self._held = 0  # characters that are held back
        self._since = 0.0
        self._read = dict.fromkeys(STREAMS, 0)  # bytes of each file that have been told

    def show(self, kind: str, content: dict[str, Any]) -> None:
        """What a cell shows, after what it printed before. Not from a forked child: its lines would
        mix with ours."""
        if os.getpid() == self.pid:
            with self._lock:
                self.flush()
                self.tell(kind, content)

    def write(self, name: str, text: str) -> None:
        """Text printed to a stream; of a forked child, to the descriptor."""
        if os.getpid() != self.pid:
            os.write(STREAMS[name], text.encode(errors="replace"))
            return
        with self._lock:
            self._since = self._since if self._held else time.monotonic()
            self._printed[name].append(text)
            self._held += len(text)
            if self._held >= PIECE or time.monotonic() - self._since > HELD_BACK:
                self.flush()

    def flush(self) -> None:
        """Tell all that was printed, standard output first, as an ordinary kernel does."""
        if os.getpid() != self.pid:
            return
        with self._lock:
            for name, pieces in self._printed.items():
                text = "".join(pieces) + self._beside_python(name)
                pieces.clear()
                for start in range(0, len(text), PIECE):
                    self.tell("stream", {"name": name, "text": text[start : start + PIECE]})
            self._held = 0

    def _beside_python(self, name: str) -> str:
        """What has come to the file of a stream since it was last read."""
        number, read = STREAMS[name], self._read[name]
        self._read[name] = size = os.fstat(number).st_size
        return os.pread(number, size - read, read).decode(errors="replace") if size > read else ""

    def tell(self, kind: str, content: dict[str, Any]) -> None:
        """One message. ValueError or TypeError for what JSON does not know."""
        data = memoryview(json_packer([kind, content]) + b"\n")
        while data:
            data = data[os.write(self._descriptor, data) :]


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of a run."""

    encoding, errors = "UTF-8", "replace"

    def __init__(self, wire: Wire, name: str):
        self._wire, self.name = wire, name

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._wire.write(self.name, text)
        return len(text)

    def flush(self) -> None:
        self._wire.flush()

    def fileno(self) -> int:
        return STREAMS[self.name]

    def writable(self) -> bool:
        return True


class ToWire(Session):
    """What IPython's shell of a kernel takes for the session of its sockets."""

    wire: Wire

    def send(self, stream, msg_or_type, content=None, *_, **__):
        """A message of the shell, or its kind and content."""
        if isinstance(msg_or_type, dict):
            msg_or_type, content = msg_or_type["header"]["msg_type"], msg_or_type["content"]
        self.wire.show(msg_or_type, content or {})
