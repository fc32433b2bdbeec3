"""How the kernel server is found, started, held and asked for a kernel. Imports nothing of Jupyter.

There is one server for each user, interpreter and state of the code; it ends when the last process
that holds it has ended, killed or not.
"""

import hashlib
import json
import logging
import os
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from analysis.forking import fork_possible, process_lives
from analysis.paths import PARAMS, ROOT

# One BLAS thread a kernel: sums in a fixed order, two kernels do not fight for two cores, and a
# process with threads cannot be forked safely. They must be set before numpy is imported for the
# first time.
ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    )
}
# Variables that decide what an import does: a server serves only those who have the same.
SEEN_AT_IMPORT = ("PYTHONPATH", "WORKBOOK_PARAMS", "WORKBOOK_NOTEBOOKS")
SHORT_BASE = Path("/tmp")  # a path to a socket over 107 bytes fails, so not any temporary folder

# seconds in which a server that nobody holds has ended: 0.2 of a last call, and its own end
ENDS_WITHIN = 3.0

PROVISIONER = "workbook-instant"  # ours (kernels.py), by the name of its entry point
CHOOSE = {"JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER}
KERNEL = "python3"  # name of the kernelspec that notebooks ask for
# argv[0] of a kernelspec that jupyter_client replaces by sys.executable
SELF_NAMES = (
    "python",
    f"python{sys.version_info[0]}",
    f"python{sys.version_info[0]}.{sys.version_info[1]}",
)
START_TRIES = 3  # a server may end between our finding it and its answer

_leases: dict[Path, socket.socket] = {}
_started: list[subprocess.Popen] = []
log = logging.getLogger(__name__)


def runtime_folder() -> Path:
    """A short folder of this user alone (0700) for sockets; OSError where somebody else has made
    it."""
    named = os.environ.get("XDG_RUNTIME_DIR")
    base = Path(named) if named and os.access(named, os.W_OK) and len(named) < 40 else SHORT_BASE
    folder = base / f"workbook-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or folder.is_symlink():
        raise PermissionError(f"{folder} is not private to this user")
    return folder


def server_socket() -> Path:
    """Where the server listens that has exactly this code and these plans loaded; another state has
    another server."""
    variables = (os.environ.get(name, "") for name in SEEN_AT_IMPORT)
    digest = hashlib.sha256("\0".join((sys.executable, str(ROOT), *variables)).encode())
    for path in (
        *sorted((ROOT / "analysis").rglob("*.py")),
        *sorted(PARAMS.rglob("*.yml")),
        ROOT / "requirements.lock",
    ):
        found = path.stat()
        digest.update(f"{path}\0{found.st_mtime_ns}\0{found.st_size}\0".encode())
    return runtime_folder() / f"{digest.hexdigest()[:12]}.sock"


def lease() -> Path | None:
    """Hold the server for as long as this process lives, starting it if need be; None where it
    cannot be had.

    Returns at once: the server imports while the caller goes on.
    """
    if not fork_possible():
        return None
    try:
        path = server_socket()
        if path in _leases and _has_ended(_leases[path]):
            drop_lease(path)
        if path not in _leases:
            _leases[path] = ask(path, {"lease": os.getpid()})
        return path
    except OSError as error:
        log.warning("No instant kernels, ordinary ones instead: %s", error)
        return None


def held() -> Path | None:
    """A server that this process holds already, whatever state the code is in meanwhile (a run
    whose code has changed is refused, E325); else as `lease`."""
    kept = next((path for path, connection in _leases.items() if not _has_ended(connection)), None)
    return kept or lease()


def drop_lease(path: Path) -> None:
    """Let go of a server that has ended or does not answer."""
    if path in _leases:
        _leases.pop(path).close()


def _has_ended(connection: socket.socket) -> bool:
    """Whether the other side has closed: it never says anything on a lease."""
    return bool(select.select([connection], [], [], 0)[0])


def remove_abandoned_sockets() -> None:
    """Remove the sockets of owners that were killed before the server knew of them."""
    if not fork_possible():
        return
    with suppress(OSError):  # without the folder there are ordinary kernels only
        for path in runtime_folder().glob("k*-*"):
            if not process_lives(path.name[1:].split("-")[0]):
                shutil.rmtree(path, ignore_errors=True)


def hold_over_exec() -> None:
    """Hold the server for the program that this process is about to become."""
    path = lease()
    if path is not None:
        _leases[path].set_inheritable(True)


def end_leases() -> None:
    """Let the servers go: each ends when nobody holds it.

    One that nobody else holds has ended when this returns. Another process may hold one that was
    started here (a batch beside an open JupyterLab): that one is left to it, and is not waited for.
    """
    while _leases:
        _leases.popitem()[1].close()
    until = time.monotonic() + ENDS_WITHIN
    while _started:
        with suppress(subprocess.TimeoutExpired):
            _started.pop().wait(max(0, until - time.monotonic()))


def ask(path: Path, request: dict, files: tuple[int, ...] = ()) -> socket.socket:
    """Send a request to the server at `path`, which is started if nobody answers; the connection
    that it answers on."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError):
        _start_server(path)
        connection.connect(str(path))
    socket.send_fds(connection, [json.dumps(request).encode() + b"\n"], list(files))
    return connection


def _start_server(path: Path) -> None:
    """Start the server unless another process has just done so; returns when the socket is
    there."""
    with FileLock(path.with_name("start.lock"), mode=0o600):
        if _answers(path):
            return
        path.unlink(missing_ok=True)
        environment = {
            n: v
            for n, v in os.environ.items()
            if n in SEEN_AT_IMPORT or not n.startswith("WORKBOOK_")
        }
        server = subprocess.Popen(
            [sys.executable, "-m", "analysis.runs.kernels", str(path)],
            env=environment | ONE_THREAD,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _started.append(server)
        while not _answers(path):
            if server.poll() is not None:
                raise ConnectionError("the kernel server ended at its start")
            time.sleep(0.005)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def is_ours(argv: list[str]) -> bool:
    """Whether a kernelspec's command starts ipykernel in this very interpreter, with nothing that a
    fork would miss."""
    named = argv[0] in SELF_NAMES or os.path.abspath(argv[0]) == os.path.abspath(sys.executable)
    return named and argv[1:] == ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


def fork_of_server(
    request: dict, files: tuple[int, ...], find: Callable[[], Path | None] = lease
) -> "ForkedProcess | None":
    """What the server that `find` names forks for a request; None where it cannot be had."""
    for _ in range(START_TRIES):
        path = find()
        if path is None:
            return None
        try:
            return ForkedProcess(ask(path, request, files))
        except (OSError, ValueError) as error:
            log.warning("The kernel server did not answer: %s", error)
            drop_lease(path)
    return None


class ForkedProcess:
    """A kernel's process as `subprocess.Popen` would show it; the server, whose child it is, tells
    us its end."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket):
        self._connection, self._heard = connection, b""
        self.returncode: int | None = None
        self.pid = int(self._line()["pid"])

    def _line(self) -> dict:
        """The next message of the server; ConnectionError where it has gone."""
        while b"\n" not in self._heard:
            more = self._connection.recv(4096)
            if not more:
                raise ConnectionError("the kernel server has ended")
            self._heard += more
        line, self._heard = self._heard.split(b"\n", 1)
        return json.loads(line)

    def poll(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        return self.wait(0) if self.returncode is None else self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end, at most `timeout` seconds; the exit status or None."""
        if self.returncode is None and select.select([self._connection], [], [], timeout)[0]:
            try:
                self.returncode = int(self._line()["exit"])
            except (ConnectionError, OSError):
                self.returncode = -9  # a kernel does not outlive its server
            self._connection.close()
        return self.returncode

    def send_signal(self, signal_number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal_number)

    def terminate(self) -> None:
        self.send_signal(15)

    def kill(self) -> None:
        self.send_signal(9)

    def let_go(self) -> None:
        """Close the connection: the server ends the process and all that it has started."""
        self._connection.close()
        if self.returncode is None:
            self.returncode = -9
