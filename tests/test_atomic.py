"""A file is written whole or not at all, whoever writes beside whom."""

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from syntax import nodes_of

from analysis.atomic import beside, name_beside, write_whole
from analysis.paths import ROOT

ANALYSIS = ROOT / "analysis"
MODULES = sorted(ANALYSIS.rglob("*.py"))
# Who renames what is no single text: folders, links, tables, several files that belong together.
OWN_RENAMES = {
    "atomic.py",
    "extracts/reading/pull.py",
    "extracts/reading/reading.py",
    "runs/lab.py",
    "runs/ledger.py",
    "runs/publishing.py",
    "runs/rounds/leaving.py",
    "synthetic/nation.py",
}


def test_threads_that_write_one_file_leave_one_of_their_texts(tmp_path):
    path, texts = tmp_path / "cache.json", [str(n) * 20_000 for n in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda text: [write_whole(path, text) for _ in range(20)], texts))
    assert path.read_text() in texts
    assert [one.name for one in tmp_path.iterdir()] == ["cache.json"]


def test_what_fails_leaves_what_stood_there_and_nothing_else(tmp_path):
    path = write_whole(tmp_path / "record.json", "whole", durable=True)
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half \ud800")
    with pytest.raises(RuntimeError), beside(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "whole"
    assert [one.name for one in tmp_path.iterdir()] == ["record.json"]


def test_what_is_ones_own_is_read_by_nobody_else(tmp_path):
    assert write_whole(tmp_path / "own", b"1", own=True).stat().st_mode & 0o777 == 0o600


def test_no_two_have_the_same_name(tmp_path):
    names = {name_beside(tmp_path / "a") for _ in range(1000)}
    assert len(names) == 1000 and all(name.parent == tmp_path for name in names)


def renames(path: Path) -> bool:
    """Whether a module gives a file another name by itself."""
    return any(
        isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("os.replace", "os.rename", "temporary.replace")
        for node in nodes_of(path)
    )


def test_every_other_module_writes_by_this_one():
    found = {str(path.relative_to(ANALYSIS)) for path in MODULES if renames(path)}
    assert found == OWN_RENAMES
