"""A room imports only from rooms above it, and ARCHITECTURE.md lists every module."""

import ast
from pathlib import Path

import pytest

from analysis.paths import ROOT

# In the order of ARCHITECTURE.md. Modules of one room may import each other.
ROOMS = (
    "paths",
    "errors",
    "forking",
    "versions",
    "environment",
    "results",
    "vocabulary",
    "plans",
    "extracts",
    "synthetic",
    "inference",
    "disparity",
    "measurement",
    "designs",
    "judgement",
    "disclosure",
    "display",
    "record",
    "studies",
    "notebook",
    "site",
    "runs",
    "cli",
)
ANALYSIS = ROOT / "analysis"
MODULES = sorted(path for path in ANALYSIS.rglob("*.py") if path.name != "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(ANALYSIS).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {
                alias.name.split(".")[1]
                for alias in node.names
                if alias.name.startswith("analysis.")
            }
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] == "analysis"
        ):
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ANALYSIS)))
def test_a_room_imports_only_rooms_above_it(path):
    own = ROOMS.index(room_of(path))
    below = {room for room in imported_rooms(path) if ROOMS.index(room) > own}
    assert not below, f"{path.name} reaches down into {below}"


def test_judgement_never_imports_display():
    for path in (ANALYSIS / "judgement").glob("*.py"):
        assert "display" not in imported_rooms(path)


def test_designs_and_inference_know_no_plan():
    for room in ("inference", "disparity", "designs"):
        for path in (ANALYSIS / room).glob("*.py"):
            assert not imported_rooms(path) & {
                "plans",
                "extracts",
                "synthetic",
                "vocabulary",
            }, path.name


def test_the_map_in_architecture_lists_every_module():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    missing = [
        str(path.relative_to(ROOT)) for path in MODULES if f"`{path.relative_to(ROOT)}`" not in text
    ]
    assert not missing, f"ARCHITECTURE.md does not list {missing}"


def test_the_map_in_architecture_lists_no_module_that_is_gone():
    import re

    named = re.findall(
        r"`(analysis/[a-z_/]+\.py)`", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_nothing_is_called_utils_or_helper():
    names = [p.name for p in ROOT.rglob("*.py") if ".venv" not in p.parts]
    assert not [name for name in names if any(word in name for word in ("utils", "helper", "misc"))]


def test_planning_imports_no_heavy_package():
    import subprocess
    import sys

    heavy = "pandas", "pandera", "ibis", "papermill", "nbconvert", "statsmodels", "matplotlib"
    code = (
        "import sys; from analysis.runs.planning import plan_runs; plan_runs((), (), None,"
        f" 'draft');print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
