"""The workbook asks for what only some systems have in one module, and does without it elsewhere:
the plain way is what Windows and macOS get, and `make test-plain` runs it here."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.errors import ParameterError, RunError
from analysis.paths import ROOT
from analysis.runs import limits
from analysis.runs.publishing import switch

MODULES = sorted((ROOT / "analysis").rglob("*.py"))
FAST = ROOT / "analysis" / "forking.py"  # the one module that wraps the fast way
ONLY_POSIX = ("fcntl", "resource", "pwd", "grp", "termios", "posix_ipc")
ONLY_LINUX = ("/proc/", "/proc")
ONLY_FORKS = ("fork", "forkpty", "pwrite", "readv", "O_NOFOLLOW", "killpg")
# The server itself, which runs where forks are: it forks by `forking.fork`, and ends groups.
SERVER = ROOT / "analysis" / "runs" / "kernel_server.py"


def asked_for(path: Path) -> list[str]:
    """What a module asks for that not every system has."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in ONLY_POSIX]
        elif isinstance(node, ast.ImportFrom) and node.module in ONLY_POSIX:
            found.append(node.module)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "os" and node.attr in ONLY_FORKS:
                found.append(f"os.{node.attr}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [node.value] if node.value.startswith(ONLY_LINUX) else []
    return found


def test_no_module_but_one_asks_for_what_some_systems_lack():
    allowed = {FAST: {"fcntl", "/proc/self/status", "os.fork"}, SERVER: {"os.killpg"}}
    found = {path: set(asked_for(path)) - allowed.get(path, set()) for path in MODULES}
    assert not {path: asked for path, asked in found.items() if asked}


def test_the_one_module_is_seen_by_the_same_eyes():
    assert set(asked_for(FAST)) == {"fcntl", "/proc/self/status", "os.fork"}


IMPORTS = """
import importlib, sys
import psutil  # asks on each system for what that system has
for name in sys.argv[1].split():
    sys.modules[name] = None
for name in sys.argv[2:]:
    importlib.import_module(name)
print("imported", len(sys.argv) - 2)
"""


def test_every_module_is_imported_where_there_is_no_fcntl(tmp_path):
    """Packages look for these modules and do without; ours never ask for them on import."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
        if path.name != "__main__.py"
    ]
    blocked = "fcntl resource pwd grp termios"
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, blocked, *names],
        env=os.environ | {"WORKBOOK_PLAIN": "1", "WORKBOOK_STATE": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.stdout.split() == ["imported", str(len(names))], done.stderr[-2000:]


def run_in(folder: Path, text: str) -> Path:
    """A folder as a run leaves it."""
    (folder / "figures").mkdir(parents=True)
    (folder / "provenance.json").write_text("{}")
    (folder / "results.json").write_text(text)
    return folder


class TestPublishingWithoutLinks:
    @pytest.fixture(autouse=True)
    def plain(self, monkeypatch):
        monkeypatch.setenv("WORKBOOK_PLAIN", "1")

    def test_the_newest_run_stands_in_the_place_of_the_link(self, tmp_path):
        link = tmp_path / "draft" / "study" / "wales"
        for text in ("first", "second"):
            switch(link, run_in(tmp_path / text, text))
            assert (link / "results.json").read_text() == text and not link.is_symlink()
        assert [path.name for path in link.parent.iterdir()] == ["wales"]

    def test_what_is_no_run_is_not_replaced(self, tmp_path):
        link = tmp_path / "study" / "wales"
        link.mkdir(parents=True)
        (link / "mine.txt").write_text("mine")
        with pytest.raises(RunError, match="E330"):
            switch(link, run_in(tmp_path / "run", "new"))
        assert (link / "mine.txt").read_text() == "mine"

    def test_a_link_of_the_fast_way_gives_way_and_the_other_way_round(self, tmp_path, monkeypatch):
        link = tmp_path / "study" / "wales"
        for plain, text in (("", "a"), ("1", "b"), ("", "c")):
            monkeypatch.setenv("WORKBOOK_PLAIN", plain)
            switch(link, run_in(tmp_path / text, text))
            assert (link / "results.json").read_text() == text
            assert link.is_symlink() == (plain == "")


def test_a_limit_of_memory_is_refused_where_the_system_knows_none(monkeypatch):
    monkeypatch.setenv(limits.MEMORY_VARIABLE, "1000000000")
    assert limits.Limits.from_environment().memory_bytes == 1_000_000_000
    monkeypatch.delattr(limits.psutil, "RLIMIT_DATA")
    with pytest.raises(ParameterError, match="E249"):
        limits.Limits.from_environment()
