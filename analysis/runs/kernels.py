"""Instant kernels: a provisioner of jupyter_client whose kernels are forked from a process that has its imports done.

It is registered as the entry point `workbook-instant` and chosen by jupyter_client's own setting, the environment
variable JUPYTER_DEFAULT_PROVISIONER_NAME. So notebooks keep naming `python3`, and papermill, nbval, nbconvert and
JupyterLab need not know. Where a fork is not to be had, or the kernelspec is not this interpreter's ipykernel, the
ordinary kernel is started instead.

`python -m analysis.runs.kernels SOCKET` is the server (kernel_server.py). There is one for each user, interpreter and
state of the code; it ends when the last process that uses it has ended, killed or not.
"""

import asyncio
import fcntl
import hashlib
import json
import logging
import os
import resource
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from analysis.paths import PARAMS, ROOT

PROVISIONER = "workbook-instant"
CHOOSE = {"JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER}
# Bytes of data that a kernel may hold; a kernel that wants more gets a MemoryError of its own.
MEMORY_VARIABLE = "WORKBOOK_KERNEL_BYTES"
# One BLAS thread a kernel: sums in a fixed order, two kernels do not fight for two cores, and a process with threads
# cannot be forked safely. They must be set before numpy is imported for the first time.
ONE_THREAD = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
}
# argv[0] of a kernelspec that jupyter_client replaces by sys.executable
SELF_NAMES = ("python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}")
# Variables that decide what an import does: a server serves only those who have the same.
SEEN_AT_IMPORT = ("PYTHONPATH", "WORKBOOK_PARAMS", "WORKBOOK_NOTEBOOKS")
SHORT_BASE = Path("/tmp")  # a path to a socket over 107 bytes fails, so not any temporary folder
START_TIMEOUT = 30.0  # seconds; a forked kernel takes a tenth of one
START_TRIES = 3  # a server may end between our finding it and its answer

_leases: dict[Path, socket.socket] = {}
_started: list[subprocess.Popen] = []
log = logging.getLogger(__name__)


def fork_possible() -> bool:
    """Whether kernels can be forked here: Linux, where the parent's death can be watched by the kernel itself."""
    return sys.platform == "linux" and hasattr(os, "fork") and hasattr(socket, "send_fds")


def runtime_folder() -> Path:
    """A short folder of this user alone (0700) for sockets; OSError where somebody else has made it."""
    named = os.environ.get("XDG_RUNTIME_DIR")
    base = Path(named) if named and os.access(named, os.W_OK) and len(named) < 40 else SHORT_BASE
    folder = base / f"workbook-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or folder.is_symlink():
        raise PermissionError(f"{folder} is not private to this user")
    return folder


def server_socket() -> Path:
    """Where the server listens that has exactly this code and these plans loaded; another state has another server."""
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
    """Hold the server for as long as this process lives, starting it if need be; None where it cannot be had.

    Returns at once: the server imports while the caller goes on.
    """
    if not fork_possible():
        return None
    try:
        path = server_socket()
        if path not in _leases:
            _leases[path] = _connect(path, {"lease": os.getpid()})
        return path
    except OSError as error:
        log.warning("No instant kernels, ordinary ones instead: %s", error)
        return None


def hold_over_exec() -> None:
    """Hold the server for the program that this process is about to become."""
    path = lease()
    if path is not None:
        _leases[path].set_inheritable(True)


def end_leases() -> None:
    """Let the servers go: each ends when nobody holds it."""
    while _leases:
        _leases.popitem()[1].close()
    while _started:
        _started.pop().wait()


def _connect(path: Path, request: dict, files: tuple[int, ...] = ()) -> socket.socket:
    """A connection to the server at `path`, which is started if nobody answers."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError):
        _start_server(path)
        connection.connect(str(path))
    socket.send_fds(connection, [json.dumps(request).encode() + b"\n"], list(files))
    return connection


def _start_server(path: Path) -> None:
    """Start the server unless another process has just done so; returns when the socket is there."""
    with path.with_name("start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _answers(path):
            return
        path.unlink(missing_ok=True)
        environment = {n: v for n, v in os.environ.items() if n in SEEN_AT_IMPORT or not n.startswith("WORKBOOK_")}
        server = subprocess.Popen(
            [sys.executable, "-m", "analysis.runs.kernels", str(path)], env=environment | ONE_THREAD, cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
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


class ForkedProcess:
    """A kernel's process as `subprocess.Popen` would show it; the server, whose child it is, tells us its end."""

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


class InstantProvisioner(LocalProvisioner):
    """Starts this interpreter's ipykernel by a fork of the warm server, over sockets that only this user can open.

    Any other kernel, and this one where the server cannot be had, is started in the ordinary way.
    """

    sockets: str | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        manager = self.parent
        if manager is not None and manager.transport == "tcp" and self._is_ours() and fork_possible():
            try:
                self.sockets = self.sockets or tempfile.mkdtemp(prefix="k", dir=runtime_folder())
                manager.transport, manager.ip = "ipc", f"{self.sockets}/k"
            except OSError as error:
                log.warning("Sockets of this kernel are open to this machine: %s", error)
        return await super().pre_launch(**kwargs)

    def _is_ours(self) -> bool:
        """Whether the kernelspec starts ipykernel in this very interpreter, with nothing that a fork would miss."""
        words = self.kernel_spec.argv
        named = words[0] in SELF_NAMES or os.path.abspath(words[0]) == os.path.abspath(sys.executable)
        return named and words[1:] == ["-m", "ipykernel_launcher", "-f", "{connection_file}"]

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        process = await asyncio.to_thread(self._forked, cmd, kwargs) if self._is_ours() else None
        if process is None:
            return await super().launch_kernel(cmd, **kwargs)
        await self._bound(process)
        self.process, self.pid, self.pgid = process, process.pid, process.pid
        self.cwd = kwargs.get("cwd") or os.getcwd()
        limit_memory(process.pid, kwargs.get("env") or os.environ)
        return self.connection_info

    async def _bound(self, process: ForkedProcess) -> None:
        """Wait until the kernel has bound its last socket: a client that connects before waits a tenth of a second."""
        last = Path(f"{self.sockets}/k-{self.connection_info['hb_port']}")
        deadline = time.monotonic() + START_TIMEOUT
        while self.sockets and not last.exists() and process.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(0.001)

    def _forked(self, cmd: list[str], kwargs: dict[str, Any]) -> ForkedProcess | None:
        """The forked kernel, or None where the ordinary one must do."""
        environment = dict(kwargs.get("env") or os.environ)
        request = {
            "argv": cmd[cmd.index("-f"):], "environment": environment | ONE_THREAD, "sockets": self.sockets,
            "cwd": str(kwargs.get("cwd") or os.getcwd()), "umask": _umask(),
        }  # fmt: skip
        streams = tuple(_descriptor(kwargs.get(name), fallback) for name, fallback in (("stdout", 1), ("stderr", 2)))
        for _ in range(START_TRIES):
            path = lease()
            if path is None:
                return None
            try:
                return ForkedProcess(_connect(path, request, streams))
            except (OSError, ValueError) as error:
                log.warning("The kernel server did not answer: %s", error)
                _leases.pop(path).close()
        return None

    async def kill(self, restart: bool = False) -> None:
        """As the base class; returns when a forked kernel has ended, which is at once."""
        await super().kill(restart=restart)
        if isinstance(self.process, ForkedProcess):
            await asyncio.to_thread(self.process.wait, 1.0)

    async def wait(self) -> int | None:
        """As the base class, without its tenth of a second between two looks."""
        if isinstance(self.process, ForkedProcess):
            while self.process.poll() is None:
                await asyncio.sleep(0.002)
        return await super().wait()

    async def cleanup(self, restart: bool = False) -> None:
        await super().cleanup(restart=restart)
        if self.sockets and not restart:
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.sockets = None


def limit_memory(pid: int, environment: dict[str, str]) -> None:
    """Hold what a kernel adds to the data that it starts with below the bytes that the environment names, if any.

    A forked kernel starts with the server's reservations, which differ between machines and are hardly used.
    """
    named = environment.get(MEMORY_VARIABLE)
    if named:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        started_with = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:")), 0)
        most = started_with + int(named)
        resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))


def _descriptor(stream: Any, fallback: int) -> int:
    """The descriptor that a kernel writes to: what Popen was to be given, else ours."""
    if stream is None or (isinstance(stream, int) and stream < 0):
        return fallback
    return stream if isinstance(stream, int) else stream.fileno()


def _umask() -> int:
    """This process's umask, which cannot be asked for without setting it but by /proc."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((int(line.split()[1], 8) for line in lines if line.startswith("Umask:")), 0o022)


if __name__ == "__main__":
    del sys.path[0]  # the folder that it was started in, which is nobody's
    from analysis.runs.kernel_server import serve

    serve(Path(sys.argv[1]))
