"""JupyterLab answers on this machine only, with a token, as root only where one is root, and opens
copies only."""

import os
import re
import shutil
import subprocess

import pytest
from jupyterlab_server.config import get_federated_extensions

from analysis.errors import ParameterError
from analysis.paths import EXPLORE, NOTEBOOKS, ROOT
from analysis.runs.lab import EXTENSIONS, lab_command, own_copy


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_WORKSPACE", str(tmp_path / "own"))
    return (tmp_path / "own").resolve()


def test_opens_on_loopback_keeps_the_token_and_serves_the_workspace_only(workspace):
    command = lab_command(own_copy(None), port=8890, browser=False)
    assert command[3] == str(workspace / "explore.ipynb")
    assert "--ServerApp.ip=127.0.0.1" in command and "--ServerApp.port=8890" in command
    assert f"--ServerApp.root_dir={workspace}" in command
    assert "--LabApp.default_url=/lab/tree/explore.ipynb" in command
    assert "--LabApp.news_url=None" in command  # it asks nothing of the network
    assert not [word for word in command if "token" in word.lower() or "password" in word.lower()]


def test_allows_root_only_where_one_is_root(workspace, monkeypatch):
    own = own_copy(None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "--allow-root" in lab_command(own, port=1, browser=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "--allow-root" not in lab_command(own, port=1, browser=False)


def test_every_tracked_notebook_has_a_copy_and_none_is_opened_itself(workspace):
    for path in NOTEBOOKS.rglob("*.ipynb"):
        own = own_copy(path)
        assert own.is_relative_to(workspace) and own.read_bytes() == path.read_bytes()
    assert len(list(workspace.rglob("*.ipynb"))) == len(list(NOTEBOOKS.rglob("*.ipynb")))


def test_work_in_a_copy_is_kept_and_a_fresh_one_stands_beside_it(workspace):
    own = own_copy(None)
    own.write_text("my work")
    assert own_copy(None).read_text() == "my work" and own_copy(own) == own
    assert own_copy(None, fresh=True).read_bytes() == EXPLORE.read_bytes()
    assert own.with_stem("explore-1").read_text() == "my work"


def test_a_notebook_from_elsewhere_is_copied_and_what_is_none_is_refused(workspace, tmp_path):
    other = tmp_path / "mine.ipynb"
    shutil.copyfile(EXPLORE, other)
    assert own_copy(other) == workspace / "mine.ipynb"
    for wrong in (tmp_path / "missing.ipynb", ROOT / "README.md"):
        with pytest.raises(ParameterError, match="E227"):
            own_copy(wrong)


def test_git_leaves_the_workspace_out():
    ignored = ["git", "check-ignore", "-q", "workspace/pilots/ethnic_matching.ipynb"]
    assert subprocess.run(ignored, cwd=ROOT).returncode == 0


def test_the_card_of_the_launcher_opens_the_notebook_of_explore(workspace):
    """A prebuilt extension: what it declares is there, and it opens a copy that is there."""
    told = [word for word in lab_command(own_copy(None), port=1, browser=False) if "extra" in word]
    assert told == [f"--LabApp.extra_labextensions_path={EXTENSIONS}"]
    (found,) = get_federated_extensions([str(EXTENSIONS)]).values()
    assert (EXTENSIONS / found["name"] / found["jupyterlab"]["_build"]["load"]).is_file()
    script = (EXTENSIONS / found["name"] / "static" / "remoteEntry.js").read_text()
    assert f"const NAME = '{found['name']}';" in script
    opened = re.search(r"const NOTEBOOK = '(.+)';", script)[1]
    assert workspace / opened == own_copy(EXPLORE)
