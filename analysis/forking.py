"""Processes: whether one lives, pools that never outlive the process that made them, and all that
Linux alone has.

The fast way forks warm processes. It is there on Linux; elsewhere, and where WORKBOOK_PLAIN is set,
the plain way does the same by spawned processes and ordinary kernels. No other module asks for
fork, fcntl or the file system of processes (`tests/test_portable.py`).
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psutil

PLAIN = "WORKBOOK_PLAIN"
PR_SET_PDEATHSIG = 1  # linux/prctl.h
# its threads are not Python's: a child that collects its connection waits for threads it lacks
ENGINE = "duckdb"
ENDED = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


def fork_possible() -> bool:
    """Whether processes are forked here: on Linux, where they can be told to end with the one that
    forked them, unless the plain way was asked for."""
    return sys.platform == "linux" and not os.environ.get(PLAIN)


def process_lives(number: str) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked for yet (a zombie) does
    not."""
    try:
        return psutil.Process(int(number)).status() not in ENDED
    except psutil.AccessDenied:
        return True
    except (ValueError, OverflowError, psutil.NoSuchProcess):
        return False


def forked_pool(jobs: int) -> ProcessPoolExecutor:
    """A pool of `jobs` processes with everything imported that this one has; they never outlive it.

    Spawned instead where this process has other threads or may have opened an engine that has (a
    fork would copy their locks, held by nobody), or cannot fork.
    """
    alone = threading.active_count() == 1 and ENGINE not in sys.modules
    method = "fork" if fork_possible() and alone else "spawn"
    return ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context(method),
        initializer=end_with,
        initargs=(os.getpid(),),
    )


def end_with(parent: int) -> None:
    """In a new process: end when `parent` ends, however it ends, and leave Ctrl-C to it."""
    if fork_possible():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    else:
        threading.Thread(target=_end_after_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end_after_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


# -- of the fast way alone -------------------------------------------------------------------------
def fork() -> int:
    """As os.fork."""
    return os.fork()


def umask() -> int:
    """This process's umask, which cannot be asked for without setting it but by /proc."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines()
    return next((int(line.split()[1], 8) for line in lines if line.startswith("Umask:")), 0o022)


def widen(pipe: int, size: int) -> None:
    """Let a pipe hold `size` bytes."""
    import fcntl

    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, size)
