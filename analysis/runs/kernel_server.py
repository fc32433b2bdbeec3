"""The process that kernels are forked from: it imports what notebooks import, then waits on a Unix
socket.

A connection is one kernel or one lease (a process that wants the server to stay). When a connection
ends, because its owner closed it or was killed, its kernel is killed; when none is left, the server
ends. Should the server be killed, the operating system kills its kernels (PR_SET_PDEATHSIG). The
server has one thread, so that a fork is safe; Arrow's allocator keeps a second one that holds no
lock of ours.
"""

import gc
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import analysis
from analysis.forking import end_with, fork

# What the modules of a study import. No connection to DuckDB: that would start threads.
PRELOADED = (
    "numpy",
    "pandas",
    "scipy.stats",
    "scipy.optimize",
    "statsmodels.api",
    "statsmodels.formula.api",
    "linearmodels",
    "linearmodels.iv.absorbing",
    "pyhdfe",
    "seaborn",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "pyarrow.parquet",
    "duckdb",
    "ibis.backends.duckdb",
    "ibis.expr.types.groupby",
    "pandera.pandas",
    "encodings.unicode_escape",
    "encodings.utf_8_sig",
    "IPython.core.application",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.crashhandler",
    "IPython.core.history",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.magics.extension",
    "IPython.extensions.storemagic",
    "PIL.PngImagePlugin",
    "matplotlib.style",
    "pandas.core.reshape.reshape",
    "pandas.io.formats.string",
    "pyarrow.pandas_compat",
    "ibis.backends.duckdb.converter",
    "analysis.runs.direct.cells",
)
# Rooms that no study imports, and three that a kernel must import for itself: importing `notebook`,
# `explore` or `private` sets the gate of the shell that does so.
NOT_PRELOADED = ("cli", "environment", "explore", "notebook", "private", "runs", "site")
# What an ordinary kernel needs besides: for JupyterLab, nbval and papermill's own command.
OF_KERNELS = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.iostream",
    "ipykernel.debugger",
    "IPython.core.debugger",
    "IPython.utils.wildcard",
    "tornado.platform.asyncio",
    "faulthandler",
)
# A library for tests that pandera takes up where it is installed; no study makes up its data so.
TESTS_ONLY = "hypothesis"
LONGEST_REQUEST = 4_000_000  # bytes; an environment is a few thousand
FIRST_CALL = 30.0  # seconds that a server without any connection waits for its first
LAST_CALL = (
    0.2  # seconds that it stays after the last one has gone, for a process that is about to connect
)


@dataclass(frozen=True)
class Kernel:
    """A kernel that lives: its process, the file that tells its end, and its folder of sockets."""

    pid: int
    pidfd: int
    sockets: str | None


@dataclass
class Connection:
    """One owner of a kernel, or of a lease."""

    socket: socket.socket
    heard: bytes = b""
    files: list[int] = field(default_factory=list)
    request: dict | None = None
    kernel: Kernel | None = None


def preload() -> None:
    """Import what notebooks need, and do the first of each slow thing once: fonts, a figure, a
    regression, a check of data."""
    # as in a kernel; the backend itself joins the shell when it is imported, so each kernel does
    # that for itself
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    with without(TESTS_ONLY):
        for name in (*PRELOADED, *modules_of_studies()):
            importlib.import_module(name)
        _first_of_each()


@contextmanager
def without(module: str) -> Iterator[None]:
    """Do without a module that is installed, unless it is imported already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


def _first_of_each() -> None:
    import io

    import numpy as np
    import pandas as pd
    import pandera.pandas as pa
    import seaborn as sns
    import statsmodels.formula.api as smf
    from linearmodels.iv.absorbing import AbsorbingLS
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from analysis.record.schema import validator

    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    frame = pd.DataFrame(
        {
            "x": [0.0, 1.0, 1.0, 3.0] * 4,
            "y": [0.0, 1.0, 2.0, 3.0, 5.0] * 3 + [1.0],
            "g": ["a", "b"] * 8,
        }
    )
    sns.lineplot(frame, x="x", y="y", hue="g", ax=axes)
    sns.scatterplot(frame, x="x", y="y", hue="g", legend=False, ax=axes)
    sns.barplot(frame, x="x", y="g", ax=axes)
    axes.set_title("Title")
    for form in ("png", "svg"):
        figure.savefig(io.BytesIO(), format=form)
    groups = {"groups": np.arange(16) // 2}
    smf.ols("y ~ x + C(g)", frame).fit(cov_type="cluster", cov_kwds=groups).conf_int()
    absorbed = frame[["g"]].astype("category")
    AbsorbingLS(frame["y"], frame[["x"]], absorb=absorbed).fit(
        cov_type="clustered", clusters=groups["groups"]
    ).conf_int()
    frame.groupby("g").agg({"y": "mean"}).to_dict("records")
    pa.DataFrameSchema({"x": pa.Column(float, pa.Check.ge(0))}).validate(frame)
    validator()


def modules_of_studies() -> Iterator[str]:
    """Every module of the project that a notebook can come to import."""
    for room in pkgutil.iter_modules(analysis.__path__, "analysis."):
        if room.name.removeprefix("analysis.") not in NOT_PRELOADED:
            yield room.name
            inside = importlib.import_module(room.name).__path__ if room.ispkg else ()
            yield from (each.name for each in pkgutil.walk_packages(inside, f"{room.name}."))


def serve(path: Path) -> None:
    """Listen at `path` until nobody is connected any more."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.umask(0o077)
    listener.bind(str(path))
    # from here on a kernel can be asked for; it comes when the imports are done
    listener.listen(128)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owners
    server = Server(listener)
    try:
        with server.listening():
            preload()
        gc.collect()
        gc.freeze()
        server.run()
    finally:
        with suppress(OSError):
            path.unlink()


class Server:
    """The loop: new connections, their requests, their ends, and the ends of kernels."""

    def __init__(self, listener: socket.socket):
        self.listener = listener
        self.connections: dict[int, Connection] = {}
        self.poll = select.poll()
        self.poll.register(listener, select.POLLIN)
        self.by_pidfd: dict[int, Connection] = {}
        self.pid = os.getpid()
        self.ready = self.called = False

    def run(self) -> None:
        """Serve until nobody is connected any more."""
        self.ready = True
        for connection in tuple(self.connections.values()):
            if connection.request is not None:
                self._start(connection, connection.request)
        until = time.monotonic() + (LAST_CALL if self.called else FIRST_CALL)
        while self.connections or time.monotonic() < until:
            wait = None if self.connections else max(0, until - time.monotonic()) * 1000
            if self._listen(wait) and not self.connections:
                until = time.monotonic() + LAST_CALL

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While the imports are done: hear who comes and goes, and end at once when the last has
        gone, as when a batch is killed that has just begun."""

        def still_wanted(*_: object) -> None:
            self._listen(0)
            if self.called and not self.connections:
                os.unlink(self.listener.getsockname())
                os._exit(0)

        signal.signal(signal.SIGALRM, still_wanted)
        signal.setitimer(signal.ITIMER_REAL, LAST_CALL, LAST_CALL)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def _listen(self, wait: float | None) -> bool:
        """Whether anything was heard within `wait` milliseconds (None: however long)."""
        heard = self.poll.poll(wait)
        for descriptor, _ in heard:
            if descriptor == self.listener.fileno():
                self._accept()
            elif descriptor in self.by_pidfd:
                self._kernel_ended(self.by_pidfd[descriptor])
            elif descriptor in self.connections:
                self._read(self.connections[descriptor])
        return bool(heard)

    def close_files(self, keep: int | None = None) -> None:
        """Close what a kernel must not hold: else an owner's end would not be seen while its kernel
        lives."""
        for connection in self.connections.values():
            connection.socket.close()
        files = (file for c in self.connections.values() for file in c.files)
        for descriptor in {*self.by_pidfd, *files} - {keep}:
            os.close(descriptor)
        self.listener.close()

    def _accept(self) -> None:
        accepted, _ = self.listener.accept()
        self.connections[accepted.fileno()] = Connection(accepted)
        self.poll.register(accepted, select.POLLIN)

    def _read(self, connection: Connection) -> None:
        try:
            data, files, _, _ = socket.recv_fds(connection.socket, 65536, 3)
        except OSError:
            data, files = b"", []
        connection.files += files
        connection.heard += data
        if not data or len(connection.heard) > LONGEST_REQUEST:
            self._owner_gone(connection)
        elif connection.request is None and b"\n" in connection.heard:
            connection.request = request = json.loads(connection.heard)
            self.called = True  # not by those who only look whether somebody answers
            if self.ready:
                self._start(connection, request)

    def _start(self, connection: Connection, request: dict) -> None:
        """Fork the kernel that was asked for; a lease asks for none."""
        if "lease" in request:
            return
        if "argv" in request and not set(OF_KERNELS) <= set(sys.modules):
            for name in OF_KERNELS:
                importlib.import_module(name)
            gc.freeze()
        pid = fork()
        if pid == 0:
            become_kernel(connection, request, self)
        for file in connection.files:
            os.close(file)
        connection.files = []
        pidfd = os.pidfd_open(pid)
        connection.kernel = Kernel(pid, pidfd, request["sockets"])
        self.by_pidfd[pidfd] = connection
        self.poll.register(pidfd, select.POLLIN)
        self._tell(connection, {"pid": pid})

    def _kernel_ended(self, connection: Connection) -> None:
        if connection.kernel is None:
            return
        with suppress(ProcessLookupError):  # what it has started ends with it
            os.killpg(connection.kernel.pid, signal.SIGKILL)
        _, status = os.waitpid(connection.kernel.pid, 0)
        self._forget_kernel(connection, connection.kernel)
        self._tell(connection, {"exit": os.waitstatus_to_exitcode(status)})

    def _owner_gone(self, connection: Connection) -> None:
        """End the kernel of an owner that closed its connection or died, and remove what it would
        have removed."""
        if (kernel := connection.kernel) is not None:
            for ended in (
                os.killpg,
                os.kill,
            ):  # the group, and the process where it has not yet made its group
                with suppress(ProcessLookupError):
                    ended(kernel.pid, signal.SIGKILL)
            os.waitpid(kernel.pid, 0)
            self._forget_kernel(connection, kernel)
            # an owner that lives removes them itself, and may start the kernel again
            if kernel.sockets:
                shutil.rmtree(kernel.sockets, ignore_errors=True)
        self.poll.unregister(connection.socket)
        del self.connections[connection.socket.fileno()]
        connection.socket.close()

    def _forget_kernel(self, connection: Connection, kernel: Kernel) -> None:
        self.poll.unregister(kernel.pidfd)
        del self.by_pidfd[kernel.pidfd]
        os.close(kernel.pidfd)
        connection.kernel = None

    def _tell(self, connection: Connection, message: dict) -> None:
        with suppress(OSError):  # an owner that has gone is seen at the next turn of the loop
            connection.socket.sendall(json.dumps(message).encode() + b"\n")


def become_kernel(connection: Connection, request: dict, server: Server) -> None:
    """In the child: take on the owner's environment, folder and streams, forget the server's, and
    be a kernel."""
    code = 1
    try:
        os.setsid()
        end_with(server.pid)
        for number, file in zip((1, 2), connection.files, strict=False):
            os.dup2(file, number)
        pipe = connection.files[2] if "cells" in request else None
        server.close_files(keep=pipe)
        take_on(request)
        code = run_kernel(request["argv"]) if pipe is None else run_cells(request["cells"], pipe)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)


def take_on(request: dict) -> None:
    """The owner's environment, folder, file mode, time zone and language; and random numbers of
    this kernel alone."""
    import locale
    import random

    import numpy as np

    os.environ.clear()
    os.environ.update(request["environment"])
    os.umask(request["umask"])
    os.chdir(request["cwd"])
    time.tzset()
    with suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "")
    random.seed()
    np.random.seed()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def run_cells(cells: list[dict], pipe: int) -> int:
    """The cells of one notebook, the direct way (direct/cells.py); 0 when they have ended."""
    from analysis.runs.direct.cells import run_notebook

    sys.argv = ["ipykernel_launcher"]
    return run_notebook(cells, pipe)


def run_kernel(argv: list[str]) -> int:
    """An ordinary IPython kernel with the arguments of its kernelspec; returns when it was shut
    down."""
    import atexit

    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher", *argv]
    application = IPKernelApp.instance(parent_handle=os.getppid())
    application.initialize(argv)
    application.start()
    atexit._run_exitfuncs()
    return 0
