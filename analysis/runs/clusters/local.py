"""A Dask cluster on this machine: `workbook cluster up | down`.

A worker runs whatever it is sent, as its user: so all of it listens on loopback only. What `up` has
started stands in a file of WORKBOOK_STATE; `down` ends that and nothing else.
"""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from analysis.atomic import write_whole
from analysis.errors import RunError
from analysis.forking import process_lives
from analysis.paths import make_own, state_home
from analysis.runs.clusters.addresses import LOOPBACK, OF_PLAIN, PORT

SECONDS_TO_START, SECONDS_TO_END = 60, 20
# seconds by which a clock that was set may move the moment at which a process began
CLOCK = 2.0


@dataclass(frozen=True)
class Started:
    """What `up` has started: the address of the scheduler, and each process with the moment at
    which it began, so that no other one is ever taken for it."""

    address: str
    processes: tuple[tuple[int, float], ...]

    @property
    def lives(self) -> bool:
        """Whether all of it runs still."""
        return all(_is_there(*process) for process in self.processes)


def up(workers: int, port: int = PORT) -> tuple[Started, bool]:
    """The cluster of this machine, and whether it was started now; one that runs is left as it is.

    One scheduler and `workers` processes with dashboards, on loopback. RunError E392 where they
    do not start, and then none of them is left.
    """
    kept = running()
    if kept is not None:
        return kept, False
    down()
    home = make_own(state_home())
    log = os.open(home / "cluster.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    address = f"{OF_PLAIN}://{LOOPBACK}:{port}"
    on_loopback = ["--host", LOOPBACK, "--dashboard-address", f"{LOOPBACK}:0"]
    scheduler = ["dask_scheduler", *on_loopback, "--port", str(port)]
    worker = ["dask_worker", address, *on_loopback, "--nworkers", str(workers), "--nthreads", "1"]
    begun: list[subprocess.Popen] = []
    try:
        begun.append(_start(scheduler, log))
        _wait(lambda: _answers(port), begun)
        begun.append(_start(worker, log))
        _wait(lambda: _registered(home) >= workers, begun)
    except BaseException:
        _end([(process.pid, _began(process.pid)) for process in begun])
        raise
    finally:
        os.close(log)
    started = Started(address, tuple((process.pid, _began(process.pid)) for process in begun))
    write_whole(_file(), json.dumps(asdict(started)))
    return started, True


def down() -> bool:
    """End what `up` has started and nothing else; whether there was anything to end."""
    kept = _kept()
    if kept is None:
        return False
    _end(list(kept.processes))
    _file().unlink(missing_ok=True)
    return True


def running() -> Started | None:
    """The cluster that `up` started, while all of it runs; None otherwise."""
    kept = _kept()
    return kept if kept is not None and kept.lives else None


def _file() -> Path:
    return state_home() / "cluster.json"


def _kept() -> Started | None:
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
        processes = tuple((int(pid), float(began)) for pid, began in kept["processes"])
        return Started(str(kept["address"]), processes)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _start(arguments: list[str], log: int) -> subprocess.Popen:
    """A part of Dask in a session of its own: Ctrl-C and the end of this command do not reach
    it."""
    module, *rest = arguments
    command = [sys.executable, "-m", f"distributed.cli.{module}", *rest]
    own = dict(stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    return subprocess.Popen(command, cwd=state_home(), **own)  # type: ignore[call-overload]


def _wait(is_there, begun: list[subprocess.Popen]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_there():
        if time.monotonic() > deadline or any(process.poll() is not None for process in begun):
            text = "the cluster did not start."
            remedy = "Read cluster.log in WORKBOOK_STATE; another port may be free: --port."
            raise RunError("E392", text, remedy=remedy)
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex((LOOPBACK, port)) == 0


def _registered(home: Path) -> int:
    """How many workers say that the scheduler has taken them."""
    text = (home / "cluster.log").read_text(encoding="utf-8", errors="replace")
    return text.count("Registered to:")


def _began(pid: int) -> float:
    """When a process began, in seconds; 0 for one that runs no more."""
    try:
        return psutil.Process(pid).create_time() if process_lives(str(pid)) else 0.0
    except psutil.Error:
        return 0.0


def _is_there(pid: int, began: float) -> bool:
    """Whether the process that began then runs still; its number may be another's by now."""
    return bool(began) and abs(_began(pid) - began) < CLOCK


def _end(processes: list[tuple[int, float]]) -> None:
    """End processes with all that they have started, the last first: asked to, then made to. One
    whose number belongs to another process by now is left alone."""
    for pid, began in reversed(processes):
        if not _is_there(pid, began):
            continue
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(pid)
            family = [first, *first.children(recursive=True)]
            first.terminate()
            for one in _left(family):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            _left(family)


def _left(family: list[psutil.Process]) -> list[psutil.Process]:
    """Which of these processes run still after the time that they have to end."""
    deadline = time.monotonic() + SECONDS_TO_END
    left = family
    while left and time.monotonic() < deadline:
        left = [one for one in left if one.is_running() and process_lives(str(one.pid))]
        time.sleep(0.05 if left else 0)
    return left
