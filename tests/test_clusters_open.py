"""Promises of clusters: that of this machine listens on loopback only and ends whole; one of other
machines is reached by TLS only, with certificates made as the manual says."""

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import workbook
from test_open_ports import LOOPBACK, ROOT, free_port, listening, started_by, wait_for

from analysis.errors import ParameterError
from analysis.runs.clusters import local
from analysis.runs.clusters.addresses import Certificates, check_cluster, is_loopback
from analysis.runs.workers import connect

ON_LINUX = pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="ports are read from /proc"
)


@ON_LINUX
def test_the_cluster_of_this_machine_listens_on_loopback_and_ends_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    port = free_port()
    try:
        started, now = local.up(2, port)
        assert now and local.up(2, port) == (started, False)
        assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
        pids = set().union(*(started_by(pid) for pid, _ in started.processes))
        found = listening(pids)
        assert len(found) >= 5 and set(found.values()) <= set(LOOPBACK)
        client = connect(started.address)
        assert client.submit(os.getpid).result(timeout=30) in pids
        client.close()
    finally:
        assert local.down()
    assert not local.down() and local.running() is None
    assert not any(Path(f"/proc/{pid}/cmdline").exists() and _is_dask(pid) for pid in pids)


def _is_dask(pid: int) -> bool:
    return b"dask" in Path(f"/proc/{pid}/cmdline").read_bytes()


@ON_LINUX
def test_down_leaves_a_process_that_has_the_number_of_an_ended_one(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path))
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        kept = f'{{"address": "tcp://127.0.0.1:1", "processes": [[{other.pid}, "1"]]}}'
        (tmp_path / "cluster.json").write_text(kept)
        assert local.running() is None and local.down()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_cluster_that_cannot_start_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
        done = workbook("cluster", "up", "--port", str(taken.getsockname()[1]), reports=tmp_path)
    assert done.returncode == 2 and done.stderr.startswith("E392: ")
    assert not (tmp_path / "cluster.json").exists() and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "address",
    [
        "tcp://10.0.0.1:8786",
        "tcp://0.0.0.0:8786",
        "10.0.0.1:8786",
        "tcp://[2001:db8::1]:8786",
        "tcp://[::ffff:10.0.0.1]:8786",
        "tcp://127.0.0.1.example.invalid:8786",
        "ws://10.0.0.1:8786",
        "ucx://127.0.0.1:8786",
        "inproc://x",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:99999999",
        "",
        "TCP://10.0.0.1:8786",
    ],
)
def test_an_address_elsewhere_without_tls_is_refused(address):
    with pytest.raises(ParameterError, match="E390"):
        check_cluster(address, Certificates())
    with pytest.raises(ParameterError, match="E390"):
        connect(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1", "::ffff:127.0.0.1"])
def test_the_names_of_this_machine_are_its_own(host):
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        pytest.skip("this machine has no such address")
    assert is_loopback(host)


def test_a_batch_for_a_cluster_elsewhere_is_refused_before_it_starts(tmp_path):
    for address, code in (("tcp://10.0.0.1:8786", "E390"), ("tls://10.0.0.1:8786", "E391")):
        done = workbook("run", "release", "--cluster", address, reports=tmp_path)
        assert done.returncode == 2 and done.stderr.startswith(f"{code}: ")
        assert not (tmp_path / "ledger.sqlite").exists()


def block(begin: str) -> str:
    """The lines of the manual's example that begins so."""
    text = (ROOT / "docs" / "running.md").read_text()
    return re.search(rf"```\n({begin}.*?)```", text, re.DOTALL)[1]


@ON_LINUX
def test_the_worked_example_of_tls_runs_and_refuses_who_has_no_certificate(tmp_path):
    subprocess.run(["bash", "-ec", block("umask")], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
    port, running = free_port(), []
    scheduler, worker, command = block("dask scheduler --host tls").strip().splitlines()
    try:
        for line in (scheduler, worker):
            here = line.replace("10.0.0.1", "127.0.0.1").replace("10.0.0.2", "127.0.0.1")
            what, *arguments = shlex.split(here.replace("8786", str(port)))[1:]
            log = (tmp_path / f"{what}.log").open("w")
            part = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments]
            running.append(subprocess.Popen(part, stdout=log, stderr=log, cwd=tmp_path))
        wait_for(lambda: (tmp_path / "worker.log").read_text().count("Registered to:") >= 2)
        files = {name: tmp_path / file for name, file in re.findall(r"--tls-(\S+) (\S+)", command)}
        own = Certificates(files["ca-file"], files["cert"], files["key"])
        client = connect(f"tls://127.0.0.1:{port}", own)
        assert client.submit(sum, (1, 2)).result(timeout=30) == 3
        client.close()
        pids = set().union(*(started_by(process.pid) for process in running))
        assert set(listening(pids).values()) <= set(LOOPBACK)
        with pytest.raises(ParameterError, match="E220"):
            connect(f"tcp://127.0.0.1:{port}")
    finally:
        for process in reversed(running):
            process.terminate()
        for process in reversed(running):
            process.wait(20)
