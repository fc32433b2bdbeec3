"""A room imports only from rooms above it, and every module says what it holds."""

import ast
from collections import Counter
from pathlib import Path

from syntax import nodes_of, parsed

from analysis.paths import ROOT

# The order of the flow. Modules of one room may import each other.
ROOMS = (
    "paths",
    "errors",
    "atomic",
    "chained",
    "said",
    "forking",
    "versions",
    "environment",
    "results",
    "record",
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
    "study",
    "clearing",
    "sections",
    "exploring",
    "studies",
    "workbench",
    "places",
    "rounds",
    "protocol",
    "notebook",
    "explore",
    "private",
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
    for node in nodes_of(path):
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


def rooms_below(path: Path) -> set[str]:
    """Rooms below its own that a module imports."""
    own = ROOMS.index(room_of(path))
    return {room for room in imported_rooms(path) if ROOMS.index(room) > own}


def test_a_room_imports_only_rooms_above_it():
    assert not {str(path): below for path in MODULES if (below := rooms_below(path))}


def test_judgement_never_imports_display():
    for path in (ANALYSIS / "judgement").rglob("*.py"):
        assert "display" not in imported_rooms(path)


def test_designs_and_inference_know_no_plan():
    for room in ("inference", "disparity", "designs"):
        for path in (ANALYSIS / room).rglob("*.py"):
            assert not imported_rooms(path) & {
                "plans",
                "extracts",
                "synthetic",
                "vocabulary",
            }, path.name


def test_places_read_cleared_records_and_no_data():
    for path in (ANALYSIS / "places").rglob("*.py"):
        rooms = {"extracts", "synthetic", "designs", "inference", "disparity", "measurement"}
        assert not imported_rooms(path) & rooms, path.name


def test_every_module_says_what_it_holds():
    assert not [path for path in MODULES if not ast.get_docstring(parsed(path))]


def test_no_more_than_sixteen_files_stand_side_by_side():
    folders = Counter(path.parent for path in MODULES)
    assert not {folder: n for folder, n in folders.items() if n > 16}


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
