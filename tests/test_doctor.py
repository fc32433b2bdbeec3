"""`workbook doctor` says what a machine lacks, and changes nothing."""

import socket
import stat

import pytest
from click.testing import CliRunner

from analysis.cli import workbook
from analysis.paths import ROOT
from analysis.runs.checking import doctor
from analysis.runs.checking.doctor import findings, is_free, pinned, required


def looked(look) -> dict[str, str]:
    return {found.said: found.state for found in look()}


def test_this_machine_has_all_that_is_needed():
    found = list(findings())
    looks = ("Python", "Packages", "Kernels", "Data", "Disk", "Ports", "Rights")
    assert {one.of for one in found} == set(looks)
    assert not [one for one in found if one.state == "fault"]
    assert all(one.remedy for one in found if one.state != "good")


def test_a_package_that_is_missing_or_another_is_told(tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    lock.write_text("pandas==0.0.1 \\\n    --hash=sha256:ab\nno-such-package==1.0\n")
    found = looked(lambda: doctor._packages(lock))
    assert found == {
        "not installed: no-such-package": "warning",
        "another version than the lock's: pandas": "warning",
    }
    monkeypatch.setattr(doctor, "required", lambda: frozenset({"no-such-package"}))
    assert looked(lambda: doctor._packages(lock))["not installed: no-such-package"] == "fault"


def test_the_lock_is_read_whole_and_holds_what_the_project_requires():
    locked = pinned((ROOT / "requirements.lock").read_text())
    assert required() <= {name.lower() for name in locked} and len(locked) > 100


def test_a_port_that_is_taken_is_told(monkeypatch):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not is_free(port)
        monkeypatch.setattr(doctor, "PORTS", {port: "JupyterLab"})
        assert looked(doctor._ports) == {f"{port} (JupyterLab) is taken": "warning"}
    assert is_free(port)


def test_a_folder_with_rows_that_others_can_open_is_told(tmp_path, monkeypatch):
    folder = tmp_path / "extracts"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    monkeypatch.setattr(doctor, "EXTRACTS", folder)
    told = [found for found in doctor._rights() if str(folder) in found.said]
    assert told[0].state == "warning" and f"chmod 700 {folder}" in told[0].remedy
    folder.chmod(stat.S_IRWXU)
    assert not [found for found in doctor._rights() if str(folder) in found.said]


def test_a_full_disk_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "ROOM", 10**18)
    assert set(looked(lambda: doctor._disk(lambda: tmp_path / "reports")).values()) == {"warning"}


@pytest.mark.parametrize("state", ["good", "warning", "fault"])
def test_the_command_ends_with_one_only_where_nothing_runs(monkeypatch, state):
    made = (doctor.Finding("Python", state, "said", "Do this."),)
    monkeypatch.setattr(doctor, "findings", lambda: iter(made))
    result = CliRunner().invoke(workbook, ["doctor"])
    assert result.exit_code == (1 if state == "fault" else 0)
    assert "said" in result.output and "Do this." in result.output
