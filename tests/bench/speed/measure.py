"""Seconds, processor seconds and memory of a command with everything that it starts."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

LOOK_EVERY = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True)
class Measured:
    """One command, from its start to its end.

    seconds: wall clock. cpu: user and system time of the command and of every descendant that was
    waited for.
    runner_mb: the largest resident memory of the command's own process. tree_mb: the largest sum of
    proportional memory (PSS: shared pages are counted once) of it and its descendants; None where
    it was not looked at.
    """

    seconds: float
    cpu: float
    output: str
    runner_mb: float = 0.0
    tree_mb: float | None = None


def measure(
    command: list[str], environment: dict[str, str], *, tree: bool = False, timeout: float = 7200
) -> Measured:
    """Run `command` and measure it. Looking at the memory of the tree takes time itself: only in a
    run for that alone."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=environment,
        cwd="/",  # the checkout must not stand on the path of Python by chance
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    memory = _Memory(process.pid, tree=tree)
    stop = threading.Timer(timeout, process.kill)
    memory.start(), stop.start()
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    stop.cancel(), memory.end()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(
            f"{Path(command[0]).name} ended with {process.returncode}:\n{output[-3000:]}"
        )
    return Measured(
        seconds, used.ru_utime + used.ru_stime, output, memory.runner, memory.tree if tree else None
    )


class _Memory(threading.Thread):
    """Looks at the memory of a process, and of its descendants, until it is told to end.
    Megabytes."""

    def __init__(self, pid: int, *, tree: bool):
        super().__init__(daemon=True)
        self.pid, self.looks_at_tree, self.ended = pid, tree, threading.Event()
        self.runner, self.tree = 0.0, 0.0

    def run(self) -> None:
        while not self.ended.wait(LOOK_EVERY):
            self.runner = max(self.runner, resident(self.pid))
            if self.looks_at_tree:
                self.tree = max(self.tree, sum(map(proportional, descendants(self.pid))))

    def end(self) -> None:
        self.ended.set()
        self.join()


def descendants(pid: int) -> list[int]:
    """`pid` and every process below it."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        for file in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            waiting += map(int, _text(file).split())
    return found


def resident(pid: int) -> float:
    """Resident memory of one process in megabytes; 0 where it has gone."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmRSS:") / 1024


def proportional(pid: int) -> float:
    """Proportional memory of one process in megabytes; 0 where it has gone."""
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") / 1024


def cpu_of_children(pid: int) -> float:
    """Processor seconds of the ended children of a process."""
    return sum(map(int, _stat(pid)[13:15])) / os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Processor seconds of a process alone."""
    return sum(map(int, _stat(pid)[11:13])) / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (the second may hold blanks)."""
    return _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()


def _kilobytes(file: Path, name: str) -> int:
    return next(
        (int(line.split()[1]) for line in _text(file).splitlines() if line.startswith(name)), 0
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""
