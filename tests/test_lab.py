"""JupyterLab answers on this machine only, with a token, and as root only where one is root."""

import os

from analysis.runs.lab import lab_command


def test_opens_the_first_notebook_on_loopback_and_keeps_the_token():
    command = lab_command(None, port=8890, browser=False)
    assert command[3] == os.path.join("notebooks", "pilots", "ethnic_matching.ipynb")
    assert "--ServerApp.ip=127.0.0.1" in command and "--ServerApp.port=8890" in command
    assert not [word for word in command if "token" in word.lower() or "password" in word.lower()]


def test_allows_root_only_where_one_is_root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "--allow-root" in lab_command(None, port=1, browser=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "--allow-root" not in lab_command(None, port=1, browser=False)
