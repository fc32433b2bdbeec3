"""In the fork: an IPython shell of a kernel, without the kernel, that runs the cells of one
notebook.

It is ipykernel's own shell, so that displays, errors, magics, counts and `await` are those of an
ordinary kernel; its messages go to the worker by a pipe (wire.py). The fork ends when the last cell
is done. Profiles and start-up files of a user are not read: a batch is the same for everybody.
"""

import asyncio
import builtins
import getpass
import os
import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.interactiveshell import _asyncio_runner
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from traitlets.config import Config

from analysis.runs.direct.wire import STREAMS, Stream, ToWire, Wire
from analysis.runs.kernel_client import KERNEL, is_ours
from analysis.runs.limits import limit_memory

NO_INPUT = "{} was called, but this frontend does not support input requests."
INLINE = "module://matplotlib_inline.backend_inline"


class Shell(ZMQInteractiveShell):
    """ipykernel's shell, without event loops of windows."""

    def enable_gui(self, gui: Any = None) -> None:
        """`%matplotlib inline` asks for none; a batch has no other."""
        if gui is not None:
            raise UsageError(f"a batch has no window for {gui!r}.")


Shell.__name__ = ZMQInteractiveShell.__name__  # libraries ask for a notebook's shell by this name


def run_notebook(cells: Sequence[dict[str, Any]], descriptor: int) -> int:
    """Run `cells` (`source`, and `goes_on`: whether the next is run after an error) and tell all to
    `descriptor`; the exit code.

    First of all, whether the kernel that a notebook would get is this interpreter's.
    """
    os.set_inheritable(descriptor, False)
    wire = Wire(descriptor)
    ours = kernel_is_ours()
    wire.tell("started", {"ours": ours})
    if not ours:
        return 0
    limit_memory(os.getpid(), dict(os.environ))
    shell = new_shell(wire)
    ended = asyncio.run(_run(shell, wire, cells))
    if ended and os.getpid() == wire.pid:
        wire.tell("done", {})
    return 0


def kernel_is_ours() -> bool:
    """Whether the kernelspec that papermill would start is ipykernel in this interpreter."""
    try:
        return is_ours(KernelSpecManager().get_kernel_spec(KERNEL).argv)
    except NoSuchKernel:
        return False


def new_shell(wire: Wire) -> Shell:
    """The shell of a kernel, with its streams, displays and errors led to `wire`."""
    os.environ.setdefault("MPLBACKEND", INLINE)
    _put_folder_on_path()
    for name in STREAMS:
        setattr(sys, name, Stream(wire, name))
    refuse_input()
    # without a database of its history, which starts a thread
    config = Config(HistoryManager={"enabled": False})
    shell = Shell.instance(
        config=config,
        user_ns={},
        compiler_class=XCachingCompiler,
        kernel=SimpleNamespace(eventloop=None),
    )
    session = ToWire()
    session.wire = wire
    results: Any = shell.displayhook
    displays: Any = shell.display_pub
    results.session = displays.session = session
    results.topic = b"execute_result"  # its errors have none without
    shell.run_line_magic("load_ext", "storemagic")  # as an ordinary kernel has it
    return shell


def _put_folder_on_path() -> None:
    """The folder that is worked in, where `IPython.core.shellapp.init_path` puts it."""
    places = [os.path.basename(path) for path in sys.path]
    if "" not in sys.path:
        sys.path.insert(next((n for n, p in enumerate(places) if p == "site-packages"), 0), "")


def refuse_input() -> None:
    """Nobody sits before a batch: what asks for input fails, in ipykernel's words."""

    def raw_input(prompt: object = "") -> str:
        raise StdinNotImplementedError(NO_INPUT.format("raw_input"))

    def no_password(prompt: object = "", stream: object = None) -> str:
        raise StdinNotImplementedError(NO_INPUT.format("getpass"))

    builtins.input, getpass.getpass = raw_input, no_password


async def _run(shell: Shell, wire: Wire, cells: Sequence[dict[str, Any]]) -> bool:
    """Whether the notebook came to its end, be it an error: not where a cell ended the shell, nor
    in a child that a cell has forked."""
    for number, cell in enumerate(cells):
        wire.tell("begun", {"cell": number, "execution_count": shell.execution_count})
        result = await _run_cell(shell, cell["source"])
        await asyncio.sleep(0)  # what a cell has left to the event loop goes on
        if os.getpid() != wire.pid:
            return False
        wire.flush()
        if shell.exit_now:
            return number == len(cells) - 1
        if not cell["goes_on"] and not (result.success and not _failed_to_show(shell)):
            # where memory is short the shell cannot show the error itself
            fault = result.error_before_exec or result.error_in_exec
            wire.tell("failed", {"kind": type(fault).__name__ if fault else ""})
            break
    return True


def _failed_to_show(shell: Shell) -> bool:
    return getattr(shell, "_last_traceback_during_displayhook", False)


async def _run_cell(shell: Shell, source: str) -> Any:
    """The result of one cell, as `ipykernel.ipkernel.IPythonKernel.do_execute` runs it."""
    fault, transformed = None, source
    try:
        transformed = shell.transform_cell(source)
    except Exception:
        fault = sys.exc_info()
    told: dict[str, Any] = {"transformed_cell": transformed, "preprocessing_exc_tuple": fault}
    if shell.loop_runner is not _asyncio_runner or not shell.should_run_async(source, **told):
        return shell.run_cell(source, store_history=True)
    result = None
    try:
        result = await shell.run_cell_async(source, store_history=True, **told)
    finally:
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)
    return result
