"""Processes that are forked from this one and never outlive it."""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
# its threads are not Python's: a child that collects its connection waits for threads it lacks
ENGINE = "duckdb"


def fork_possible() -> bool:
    """Whether processes are forked here: on Linux, where they can be told to end with the one that
    forked them."""
    return sys.platform == "linux"


def process_lives(number: str) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked for yet (a zombie) does
    not."""
    try:
        state = (
            Path(f"/proc/{number}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rsplit(")", 1)[1]
            .split()[0]
        )
    except OSError:
        return False
    return state not in "ZX"


def forked_pool(jobs: int) -> ProcessPoolExecutor:
    """A pool of `jobs` processes with everything imported that this one has; they never outlive it.

    Spawned instead where this process has other threads or may have opened an engine that has (a
    fork would copy their locks, held by nobody), or cannot fork.
    """
    if not fork_possible():
        return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    alone = threading.active_count() == 1 and ENGINE not in sys.modules
    method = "fork" if alone else "spawn"
    return ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context(method),
        initializer=end_with,
        initargs=(os.getpid(),),
    )


def end_with(parent: int) -> None:
    """In a new process: end when `parent` ends, however it ends, and leave Ctrl-C to it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
