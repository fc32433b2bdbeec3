"""Whether this machine has what the workbook needs, and what to do where it has not.

Each look says in one line what it found. Nothing is changed, no row of an extract is read, and no
value of a setting is told.
"""

import importlib.metadata
import os
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from analysis.forking import fork_possible
from analysis.paths import (
    EXTRACTS,
    ROOT,
    open_to_others,
    readings,
    reports,
    rights_are_modes,
    snapshots,
    state_home,
)
from analysis.runs.telling import kept_private

State = Literal["good", "warning", "fault"]
OLDEST = (3, 11)
# A full run of every plan leaves some 0.3 GB, and as much again before the older one goes.
ROOM = 10**9
PORTS: Mapping[int, str] = {8888: "JupyterLab", 8786: "scheduler of a cluster"}
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9._-]+")
DISTRIBUTION = "pilot-evaluation-workbook"
# Extras that a machine may do without.
DRIVERS = {"psycopg": "PostgreSQL", "pyspark": "Spark"}


@dataclass(frozen=True)
class Finding:
    """What one look found. remedy: what to do; empty where nothing needs doing."""

    of: str
    state: State
    said: str
    remedy: str = ""


def findings() -> Iterator[Finding]:
    """All looks, one after the other."""
    for look in LOOKS:
        yield from look()


def _python() -> Iterator[Finding]:
    said = f"Python {sys.version.split()[0]}"
    if sys.version_info[:2] >= OLDEST:
        yield Finding("Python", "good", said)
    else:
        needed = ".".join(map(str, OLDEST))
        remedy = f"Install Python {needed} and run `make setup PYTHON=python{needed}`."
        yield Finding("Python", "fault", said, remedy)


def pinned(text: str) -> dict[str, str]:
    """Packages and versions of a lock file."""
    return dict(PINNED.findall(text))


def _packages(lock: Path = ROOT / "requirements.lock") -> Iterator[Finding]:
    """The packages beside the lock. A run needs those that the project itself requires; another
    version than the lock's may change last places."""
    wanted = pinned(lock.read_text(encoding="utf-8")) if lock.exists() else {}
    held = {name: _version(name) for name in wanted}
    missing = sorted(name for name, version in held.items() if version is None)
    other = sorted(n for n, version in held.items() if version not in (None, wanted[n]))
    remedy = "Run `make setup`: it installs what the lock names."
    if missing:
        state: State = "fault" if required() & set(missing) else "warning"
        yield Finding("Packages", state, f"not installed: {', '.join(missing)}", remedy)
    if other:
        said = f"another version than the lock's: {', '.join(other)}"
        yield Finding("Packages", "warning", said, remedy)
    if not wanted:
        yield Finding("Packages", "warning", "there is no lock to compare with", remedy)
    elif not (missing or other):
        yield Finding("Packages", "good", f"all {len(wanted)} as the lock says")


def required() -> frozenset[str]:
    """Packages that the project itself requires, without its extras."""
    lines = importlib.metadata.requires(DISTRIBUTION) or ()
    core = (line for line in lines if "extra ==" not in line)
    return frozenset(NAME.match(line)[0].lower() for line in core)  # type: ignore[index]


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _kernels() -> Iterator[Finding]:
    from jupyter_client.kernelspec import KernelSpecManager

    names = KernelSpecManager().find_kernel_specs()
    if "python3" not in names:
        remedy = "Run `make setup`; or `python -m ipykernel install --sys-prefix`."
        yield Finding("Kernels", "fault", "there is no kernel named python3", remedy)
    elif fork_possible():
        yield Finding("Kernels", "good", "python3; instant kernels (forks of a warm process)")
    else:
        said = "python3; this system cannot fork a warm process, so kernels start in the plain way"
        yield Finding("Kernels", "good", said)


def _data() -> Iterator[Finding]:
    files = [path for path in EXTRACTS.glob("*") if path.suffix in (".csv", ".parquet")]
    yield Finding("Data", "good", "synthetic: made when it is first read")
    if files:
        remedy = "Look at it with `workbook check-data data/extracts`."
        yield Finding("Data", "good", f"extracts: {len(files)} files in data/extracts", remedy)
    else:
        yield Finding("Data", "good", "extracts: none in data/extracts")
    held = [words for module, words in DRIVERS.items() if find_spec(module)]
    yield Finding("Data", "good", f"databases: DuckDB{''.join(f', {words}' for words in held)}")


def _disk(folder: Callable[[], Path] = reports) -> Iterator[Finding]:
    there = next(path for path in (folder(), *folder().parents) if path.exists())
    free, billion = shutil.disk_usage(there).free, 10**9
    said = f"{free / billion:,.1f} GB free at {there}"
    if not os.access(there, os.W_OK):
        remedy = "Name another folder in WORKBOOK_REPORTS."
        yield Finding("Disk", "fault", f"{there} cannot be written", remedy)
    elif free < ROOM:
        remedy = f"A full run needs {ROOM / billion:.0f} GB: make room, or name WORKBOOK_REPORTS."
        yield Finding("Disk", "warning", said, remedy)
    else:
        yield Finding("Disk", "good", said)


def _ports() -> Iterator[Finding]:
    for port, words in PORTS.items():
        if is_free(port):
            yield Finding("Ports", "good", f"{port} ({words}) is free on this machine")
        else:
            remedy = f"Another program uses it: name another port ({words})."
            yield Finding("Ports", "warning", f"{port} ({words}) is taken", remedy)


def is_free(port: int) -> bool:
    """Whether a server of this machine could listen at a loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _rights() -> Iterator[Finding]:
    if not rights_are_modes():
        said = "who may look into a folder is not told by modes here, so it was not looked at"
        remedy = "Close data/extracts, WORKBOOK_STATE and the reports to others by hand."
        yield Finding("Rights", "warning", said, remedy)
        return
    folders = (EXTRACTS, state_home(), readings(), snapshots(), *kept_private())
    found = open_to_others(folders)
    for line in found:
        said, _, remedy = line.partition(" Close it: ")
        yield Finding("Rights", "warning", said, f"Close it: {remedy}")
    if not found:
        yield Finding("Rights", "good", "folders with rows of people are open to their owner only")


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _python,
    _packages,
    _kernels,
    _data,
    _disk,
    _ports,
    _rights,
)
