"""What the documentation tells people to start answers on this machine only."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
DASK = re.compile(r"^(?:\S*/)?dask (?P<what>scheduler|worker) (?P<arguments>[^&\n]*)", re.MULTILINE)
LISTEN = "0A"  # state of a listening socket in /proc/net/tcp (Linux, include/net/tcp_states.h)
LOOPBACK = ("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000")


def documented(page: Path) -> list[tuple[str, list[str]]]:
    """Every line of a page that starts a part of a cluster: scheduler or worker, and its
    arguments."""
    found = [
        (line["what"], shlex.split(line["arguments"])) for line in DASK.finditer(page.read_text())
    ]
    return [(what, arguments) for what, arguments in found if "--tls-ca-file" not in arguments]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def started_by(pid: int) -> set[int]:
    """`pid` and its descendants."""
    found = {pid}
    for _ in range(4):
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if parent in found:
                found.add(int(stat.parent.name))
    return found


def listening(pids: set[int]) -> dict[str, str]:
    """Inode of each listening socket of these processes, and the address (hexadecimal) that it
    listens on."""
    held = set()
    for pid in pids:
        for file in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                held |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(file)))
            except OSError:
                continue
    lines = [
        line.split()
        for family in ("tcp", "tcp6")
        if Path(f"/proc/net/{family}").exists()
        for line in Path(f"/proc/net/{family}").read_text().splitlines()[1:]
    ]
    return {
        cells[9]: cells[1].split(":")[0]
        for cells in lines
        if cells[3] == LISTEN and cells[9] in held
    }


def wait_for(found, within: float = 60):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if got := found():
            return got
        time.sleep(0.2)
    raise AssertionError("waited in vain")


def test_lines_for_a_cluster_stand_in_the_readme_and_in_the_manual():
    for name in ("README.md", "docs/running.md"):
        text = (ROOT / name).read_text()
        assert all(f"workbook cluster {what}" in text for what in ("up", "down"))
    assert documented(ROOT / "docs" / "running.md")


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="open ports are read from /proc")
@pytest.mark.parametrize("page", [p for p in PAGES if documented(p)], ids=lambda p: p.name)
def test_the_documented_cluster_listens_on_loopback_only(page, tmp_path):
    ports = {"8786": str(free_port()), "8787": str(free_port())}
    running = []
    try:
        for what, arguments in documented(page):
            line = re.sub("8786|8787", lambda found: ports[found[0]], shlex.join(arguments))
            command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *shlex.split(line)]
            log = (tmp_path / f"{what}.log").open("w")
            running.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path))
        wait_for(lambda: (tmp_path / "worker.log").read_text().count("Registered to:") >= 2)
        pids = set().union(*(started_by(process.pid) for process in running))
        found = listening(pids)
        assert len(found) >= 6, "scheduler, its dashboard, and nannies and workers listen"
        assert set(found.values()) <= set(LOOPBACK), f"{page.name} opens ports to other machines"
    finally:
        for process in reversed(running):
            process.terminate()
        for process in reversed(running):
            process.wait(20)


def test_the_reader_of_open_ports_sees_one_that_is_open_to_all():
    """The check itself: a socket on every interface is told from one on loopback."""
    with socket.socket() as every, socket.socket() as own:
        every.bind(("0.0.0.0", 0)), own.bind(("127.0.0.1", 0))
        every.listen(), own.listen()
        assert sorted(set(listening({os.getpid()}).values()) - {"0100007F"}) == ["00000000"]
