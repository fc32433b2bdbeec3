"""Instant kernels: a provisioner of jupyter_client whose kernels are forked from a process that has
its imports done.

It is registered as the entry point `workbook-instant` and chosen by jupyter_client's own setting,
the environment variable JUPYTER_DEFAULT_PROVISIONER_NAME. So notebooks keep naming `python3`, and
papermill, nbval, nbconvert and JupyterLab need not know. Where a fork is not to be had, or the
kernelspec is not this interpreter's ipykernel, the ordinary kernel is started instead. `python -m
analysis.runs.kernels SOCKET` is the server (kernel_server.py).
"""

import asyncio
import logging
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from analysis.forking import fork_possible
from analysis.runs.kernel_client import (
    ONE_THREAD,
    ForkedProcess,
    ask,
    drop_lease,
    lease,
    runtime_folder,
)
from analysis.runs.limits import MEMORY_VARIABLE

PROVISIONER = "workbook-instant"
CHOOSE = {"JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER}
# argv[0] of a kernelspec that jupyter_client replaces by sys.executable
SELF_NAMES = (
    "python",
    f"python{sys.version_info[0]}",
    f"python{sys.version_info[0]}.{sys.version_info[1]}",
)
START_TIMEOUT = 30.0  # seconds; a forked kernel takes a tenth of one
START_TRIES = 3  # a server may end between our finding it and its answer

log = logging.getLogger(__name__)


class InstantProvisioner(LocalProvisioner):
    """Starts this interpreter's ipykernel by a fork of the warm server, over sockets that only this
    user can open.

    Any other kernel, and this one where the server cannot be had, is started in the ordinary way.
    """

    sockets: str | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        manager = self.parent
        if (
            manager is not None
            and manager.transport == "tcp"
            and self._is_ours()
            and fork_possible()
        ):
            try:
                self.sockets = self.sockets or tempfile.mkdtemp(
                    prefix=f"k{os.getpid()}-", dir=runtime_folder()
                )
                manager.transport, manager.ip = "ipc", f"{self.sockets}/k"
            except OSError as error:
                log.warning("Sockets of this kernel are open to this machine: %s", error)
        return await super().pre_launch(**kwargs)

    def _is_ours(self) -> bool:
        """Whether the kernelspec starts ipykernel in this very interpreter, with nothing that a
        fork would miss."""
        words = self.kernel_spec.argv
        named = words[0] in SELF_NAMES or os.path.abspath(words[0]) == os.path.abspath(
            sys.executable
        )
        return named and words[1:] == ["-m", "ipykernel_launcher", "-f", "{connection_file}"]

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        process = await asyncio.to_thread(self._forked, cmd, kwargs) if self._is_ours() else None
        if process is None:
            return await super().launch_kernel(cmd, **kwargs)
        await self._bound(process)
        # it does what a Popen does, and is none
        self.process = process  # type: ignore[assignment]
        self.pid = self.pgid = process.pid
        self.cwd = kwargs.get("cwd") or os.getcwd()
        limit_memory(process.pid, dict(kwargs.get("env") or os.environ))
        return self.connection_info

    async def _bound(self, process: ForkedProcess) -> None:
        """Wait until the kernel has bound its last socket: a client that connects before waits a
        tenth of a second."""
        last = Path(f"{self.sockets}/k-{self.connection_info['hb_port']}")
        deadline = time.monotonic() + START_TIMEOUT
        while (
            self.sockets
            and not last.exists()
            and process.poll() is None
            and time.monotonic() < deadline
        ):
            await asyncio.sleep(0.001)

    def _forked(self, cmd: list[str], kwargs: dict[str, Any]) -> ForkedProcess | None:
        """The forked kernel, or None where the ordinary one must do."""
        environment = dict(kwargs.get("env") or os.environ)
        request = {
            "argv": cmd[cmd.index("-f") :],
            "environment": environment | ONE_THREAD,
            "sockets": self.sockets,
            "cwd": str(kwargs.get("cwd") or os.getcwd()),
            "umask": _umask(),
        }
        streams = tuple(
            _descriptor(kwargs.get(name), fallback)
            for name, fallback in (("stdout", 1), ("stderr", 2))
        )
        for _ in range(START_TRIES):
            path = lease()
            if path is None:
                return None
            try:
                return ForkedProcess(ask(path, request, streams))
            except (OSError, ValueError) as error:
                log.warning("The kernel server did not answer: %s", error)
                drop_lease(path)
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
    """Hold what a kernel adds to the data that it starts with below the bytes that the environment
    names, if any.

    A forked kernel starts with the server's reservations, which differ between machines and are
    hardly used.
    """
    named = environment.get(MEMORY_VARIABLE)
    if named:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        started_with = next(
            (int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:")), 0
        )
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
