"""The plain way, which other systems than Linux take by themselves, on a real batch, its pages and
JupyterLab: no fork, no links, kernels over TCP. `make test-plain` runs it; here WORKBOOK_PLAIN
switches the fast way off."""

import json
import os
import signal
import subprocess
import time

import psutil
import pytest
from command_line import WORKBOOK, workbook
from jupyter_client.manager import start_new_kernel
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from analysis.runs.kernel_client import CHOOSE, ForkedProcess

pytestmark = pytest.mark.slow  # `make test-plain`
PLAIN = {"WORKBOOK_PLAIN": "1"}
STUDY, SOURCE = "youth_cascade", "published"  # the smallest: one place, and the nation
PLACES = ("all", "national")


@pytest.fixture(scope="module")
def plain_run(tmp_path_factory):
    """One whole run the plain way: its reports and what the command said."""
    reports = tmp_path_factory.mktemp("plain") / "reports"
    return reports, workbook("run", STUDY, "--jobs", "2", reports=reports, **PLAIN)


def test_a_batch_is_run_cleared_and_has_pages(plain_run):
    reports, done = plain_run
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 places run; all together: published" in done.stdout
    for place in PLACES:
        folder = reports / SOURCE / "draft" / STUDY / place
        assert not folder.is_symlink() and (folder / "results.json").is_file()
        assert (reports / "site" / SOURCE / "draft" / STUDY / place / "index.html").is_file()


def test_its_records_are_those_of_the_fast_way(plain_run, tmp_path):
    assert workbook("run", STUDY, reports=tmp_path, WORKBOOK_PLAIN="").returncode == 0
    assert (tmp_path / SOURCE / "draft" / STUDY / "all").is_symlink()
    for place in PLACES:
        plain, fast = (
            json.loads((reports / SOURCE / "draft" / STUDY / place / "results.json").read_text())
            for reports in (plain_run[0], tmp_path)
        )
        assert plain == fast


def test_nothing_is_run_again_and_what_was_put_aside_is_gone(plain_run):
    reports, _ = plain_run
    done = workbook("run", STUDY, reports=reports, **PLAIN)
    assert done.returncode == 0 and "1 unchanged" in done.stdout, done.stdout + done.stderr
    assert not [path for path in (reports / SOURCE / "draft" / STUDY).glob(".*")]
    assert not list((reports / ".scratch").iterdir()) and not list((reports / ".batches").iterdir())


def test_pages_are_made_again(plain_run):
    done = workbook("site", reports=plain_run[0], **PLAIN)
    assert done.returncode == 0 and "index.html" in done.stdout, done.stderr


def test_a_batch_that_is_killed_leaves_no_worker_and_is_gone_on_with(tmp_path):
    reports = tmp_path / "reports"
    command = [str(WORKBOOK), "run", STUDY, "--jobs", "2"]
    batch = subprocess.Popen(
        command,
        env=os.environ | PLAIN | {"WORKBOOK_REPORTS": str(reports)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    scratch = reports / ".scratch"
    wait_for(lambda: scratch.is_dir() and any(scratch.iterdir()))
    family = psutil.Process(batch.pid).children(recursive=True)
    assert family
    batch.send_signal(signal.SIGKILL)
    batch.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
    done = workbook("run", "--resume", reports=reports, **PLAIN)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(scratch.iterdir())


def test_a_kernel_is_an_ordinary_one_over_tcp_whose_memory_is_held(monkeypatch):
    monkeypatch.setenv("WORKBOOK_PLAIN", "1")
    monkeypatch.setenv(*next(iter(CHOOSE.items())))
    monkeypatch.setattr(KernelProvisionerFactory, "_instance", None)
    manager, client = start_new_kernel(
        kernel_name="python3", env=os.environ | {"WORKBOOK_KERNEL_BYTES": str(1_500_000_000)}
    )
    try:
        assert manager.transport == "tcp"
        assert not isinstance(manager.provisioner.process, ForkedProcess)
        found = psutil.Process(manager.provisioner.pid).rlimit(psutil.RLIMIT_DATA)
        assert 1_500_000_000 <= found[0] < 1_600_000_000
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_jupyterlab_starts_and_answers(tmp_path):
    own = {"WORKBOOK_WORKSPACE": str(tmp_path / "own"), "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    with (tmp_path / "lab.log").open("w") as log:
        lab = subprocess.Popen(
            [WORKBOOK, "lab", "--no-browser", "--port", "8971"],
            env=os.environ | PLAIN | own,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(lambda: any(tmp_path.glob("jpserver-*-open.html")))
        assert (tmp_path / "own" / "explore.ipynb").is_file()
    finally:
        lab.terminate()
        lab.wait(60)


def wait_for(found, within: float = 120) -> None:
    deadline = time.monotonic() + within
    while not found():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
