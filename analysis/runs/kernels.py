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
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from analysis.forking import fork_possible, umask
from analysis.runs.kernel_client import (
    CHOOSE,
    ONE_THREAD,
    PROVISIONER,
    ForkedProcess,
    fork_of_server,
    is_ours,
    runtime_folder,
)
from analysis.runs.limits import limit_memory

START_TIMEOUT = 30.0  # seconds; a forked kernel takes a tenth of one

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
        return is_ours(self.kernel_spec.argv)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        environment = dict(kwargs.get("env") or os.environ)
        may_fork = fork_possible() and self._is_ours()
        process = await asyncio.to_thread(self._forked, cmd, kwargs) if may_fork else None
        if process is None:
            started = await super().launch_kernel(cmd, **kwargs)
            if self.process is not None:
                limit_memory(self.process.pid, environment)
            return started
        await self._bound(process)
        # it does what a Popen does, and is none
        self.process = process  # type: ignore[assignment]
        self.pid = self.pgid = process.pid
        self.cwd = kwargs.get("cwd") or os.getcwd()
        limit_memory(process.pid, environment)
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
            "umask": umask(),
        }
        streams = tuple(
            _descriptor(kwargs.get(name), fallback)
            for name, fallback in (("stdout", 1), ("stderr", 2))
        )
        return fork_of_server(request, streams)

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


def _descriptor(stream: Any, fallback: int) -> int:
    """The descriptor that a kernel writes to: what Popen was to be given, else ours."""
    if stream is None or (isinstance(stream, int) and stream < 0):
        return fallback
    return stream if isinstance(stream, int) else stream.fileno()


__all__ = ["CHOOSE", "PROVISIONER", "InstantProvisioner"]

if __name__ == "__main__":
    del sys.path[0]  # the folder that it was started in, which is nobody's
    from analysis.runs.kernel_server import serve

    serve(Path(sys.argv[1]))
