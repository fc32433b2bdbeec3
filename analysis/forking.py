"""Processes that are forked from this one and never outlive it."""

import ctypes
import multiprocessing
import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def forked_pool(jobs: int) -> ProcessPoolExecutor:
    """A pool of `jobs` processes with everything imported that this one has. Elsewhere than on Linux they are spawned."""
    if sys.platform != "linux":
        return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    return ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("fork"), initializer=end_with, initargs=(os.getpid(),)
    )


def end_with(parent: int) -> None:
    """In a new process: end when `parent` ends, however it ends, and leave Ctrl-C to it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
