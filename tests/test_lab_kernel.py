"""The kernel for an evaluator's own notebooks, and JupyterLab with instant kernels."""

import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from command_line import WORKBOOK

from analysis.forking import fork_possible
from analysis.runs.kernel_client import ForkedProcess
from analysis.runs.lab import KERNEL, install_kernel


@pytest.mark.skipif(not fork_possible(), reason="kernels can be forked on Linux only")
def test_the_installed_kernel_is_an_instant_one_without_any_setting(monkeypatch):
    from jupyter_client.manager import start_new_kernel

    monkeypatch.delenv("JUPYTER_DEFAULT_PROVISIONER_NAME", raising=False)
    monkeypatch.setattr(
        "jupyter_client.provisioning.factory.KernelProvisionerFactory._instance", None
    )
    folder = install_kernel()
    assert json.loads((folder / "kernel.json").read_text())["display_name"] == "Workbook (instant)"
    manager, client = start_new_kernel(kernel_name=KERNEL)
    try:
        assert isinstance(manager.provisioner.process, ForkedProcess)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def ask(address: str, method: str = "GET", body: dict | None = None):
    url, _, token = address.partition("?token=")
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Authorization": f"token {token}"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


@pytest.mark.skipif(not fork_possible(), reason="kernels can be forked on Linux only")
def test_jupyterlab_starts_instant_kernels_and_leaves_none_behind(tmp_path):
    """From the command to a kernel that is ready, and to its end when JupyterLab is killed."""
    log = tmp_path / "lab.log"
    environment = os.environ | {"JUPYTER_TOKEN": "t" * 32, "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    environment |= {"WORKBOOK_WORKSPACE": str(tmp_path / "own")}
    with log.open("w") as out:
        lab = subprocess.Popen(
            [WORKBOOK, "lab", "--no-browser", "--port", "8991"],
            stdout=out,
            stderr=out,
            env=environment,
        )
    try:
        address = wait_for(lambda: server_of(tmp_path))
        kernel = ask(
            f"{address['url']}api/kernels?token={address['token']}", "POST", {"name": "python3"}
        )
        started = wait_for(
            lambda: [pid for pid in forked() if str(tmp_path).encode() in environ(pid)]
        )
        assert kernel["id"] and len(started) == 1
    finally:
        lab.kill()
        lab.wait()
    assert wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), within=2)


def server_of(folder: Path) -> dict | None:
    for file in folder.glob("jpserver-*.json"):
        try:  # JupyterLab makes the file first and writes it then: empty for a moment
            found = json.loads(file.read_text())
            ask(f"{found['url']}api/status?token={found['token']}")
        except (json.JSONDecodeError, OSError):
            return None
        return found
    return None


def forked() -> list[int]:
    """Processes whose command line is that of the kernel server: it and its kernels."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"analysis.runs.kernels" in file.read_bytes():
                found.append(int(file.parent.name))
        except OSError:
            continue
    return [pid for pid in found if parent(pid) in found]


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def environ(pid: int) -> bytes:
    """What the process holds in memory of its connection file's folder; a fork keeps its parent's
    environ file."""
    try:
        maps = Path(f"/proc/{pid}/cwd").resolve()
        return str(maps).encode() + b" ".join(
            os.fsencode(os.readlink(p)) for p in Path(f"/proc/{pid}/fd").iterdir()
        )
    except OSError:
        return b""


def wait_for(found, within: float = 60):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        got = found()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("waited in vain")


OPENED = (
    "from analysis.notebook import open_study\n"
    'study = open_study("ethnic_matching", "wales", "synthetic:x0.05")'
)


def test_outcomes_and_verbs_complete_and_a_study_shows_its_verbs():
    """What a kernel answers to the tab key and to `study?`."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel()
    try:
        client.execute_interactive(OPENED, timeout=120)
        for begun, expected in (("study.outcomes.", "recalled"), ("study.com", "compare")):
            found = client.complete(begun, len(begun), reply=True, timeout=60)
            assert expected in found["content"]["matches"]
        told = client.inspect("study", len("study"), reply=True, timeout=60)["content"]["data"]
        assert "study.compare(" in told["text/plain"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
