"""Plain tools tell the truth: a notebook that was told something wrong ends with an error that
names what is valid, whatever tool runs it; docs/plain-tools.md shows the matrix."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from chosen import quick_where
from nbformat.v4 import new_code_cell, new_notebook

from analysis.paths import NOTEBOOKS, ROOT, tracked_notebooks
from analysis.record import store

PAGE = (ROOT / "docs" / "plain-tools.md").read_text(encoding="utf-8")
HERE = Path(sys.executable).parent
# Kernels with their imports done: what a tool does with a notebook stays the same.
INSTANT = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "workbook-instant"}
OWN = {"study_id": "action_plan", "region_id": "all", "data_source": "published"}
OTHER = {"study_id": "youth_cascade", "region_id": "all", "data_source": "published"}


@dataclass(frozen=True)
class Use:
    """What a notebook is told, in words of the page, and how it must end: `expected` is a code, or
    the study whose record comes out; `names` is the valid word that an error names."""

    words: str
    told: Mapping[str, object]
    expected: str
    names: str = ""


USES = (
    Use("nothing: its own parameters", {}, "action_plan"),
    Use("another study", OTHER, "youth_cascade"),
    Use("a misspelt name: `regoin_id`", {"regoin_id": "wales"}, "E226", "region_id"),
    Use("a known and an unknown name", {"region_id": "all", "top_n": 5}, "E226", "data_source"),
    Use("a name that it sets itself: `study`", {"study": "youth_cascade"}, "E226", "study_id"),
    Use("a number for a place", {"region_id": 12}, "E215", "region_id"),
    Use("a place that there is not", {"region_id": "walles"}, "E212", "all"),
    Use("a study that there is not", {"study_id": "action_plam"}, "E210", "action_plan"),
    Use("a source of another study", {"data_source": "synthetic"}, "E213", "published"),
)
# Tools that inject nothing are told in the parameters cell itself, or in a second one.
IN_PLACE, SECOND = "in its cell", "in a second cell"
# A name that no line before sets is Python's to refuse, or a variable of one's own.
NOT_IN_PLACE = ("a known and an unknown name", "a name that it sets itself: `study`")
TOOLS = {
    "papermill `-p`": ("papermill", ""),
    "nbclient": ("nbclient", SECOND),
    "`jupyter execute`": ("execute", SECOND),
    "`jupyter nbconvert --execute`": ("nbconvert", SECOND),
    "`jupyter nbconvert --execute`, edited": ("nbconvert", IN_PLACE),
    "`pytest --nbval`": ("nbval", SECOND),
}
QUICK = {("papermill `-p`", USES[2].words), ("`jupyter execute`", USES[3].words)}
CASES = [(tool, use) for tool in TOOLS for use in USES]


def is_asked(tool: str, use: Use) -> bool:
    return TOOLS[tool][1] != IN_PLACE or use.words not in NOT_IN_PLACE


def said_of(tool: str, use: Use) -> str:
    """A cell of the table of the page."""
    if not is_asked(tool, use):
        return "–"
    return use.expected if use.expected.startswith("E") else f"its result ({use.expected})"


def table() -> str:
    lines = [("what it is told", *TOOLS), ("---",) * (len(TOOLS) + 1)]
    lines += [(use.words, *(said_of(tool, use) for tool in TOOLS)) for use in USES]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def notebook_told(path: Path, use: Use, where: str) -> Path:
    """A short notebook of the three parameters, and what it is told besides."""

    def lines(told: dict) -> str:
        return "\n".join(f"{name} = {value!r}" for name, value in told.items())

    own = lines(OWN | use.told if where == IN_PLACE else OWN)
    made = [new_code_cell(own, metadata={"tags": ["parameters"]})]
    if where == SECOND and use.told:
        tags = {"tags": ["injected-parameters"]}
        made.append(new_code_cell(lines(use.told), metadata=tags))
    opens = "study = open_study(study_id, region_id, data_source)\nstudy.record()"
    made.append(new_code_cell(f"from analysis.notebook import open_study\n\n{opens}"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=made, metadata={"kernelspec": kernel}), path)
    return path


def run_by(tool: str, path: Path, use: Use) -> tuple[int, str, Path]:
    """Exit code, what was printed, and the executed notebook."""
    out = path.with_name("out.ipynb")
    by_client = (
        "import nbformat, sys; from nbclient import NotebookClient;"
        " nb = nbformat.read(sys.argv[1], 4); NotebookClient(nb, kernel_name='python3').execute();"
        " nbformat.write(nb, sys.argv[2])"
    )
    told = [word for name, value in use.told.items() for word in ("-p", name, str(value))]
    papermill = [HERE / "papermill", path, out, "--no-progress-bar", *told]
    convert = ["nbconvert", "--to", "notebook", "--execute", path, "--output", out.name]
    command = {
        "papermill": papermill,
        "nbclient": [sys.executable, "-c", by_client, path, out],
        "execute": [HERE / "jupyter", "execute", path, "--output", out.stem],
        "nbconvert": [HERE / "jupyter", *convert],
        "nbval": [HERE / "pytest", "-q", "--nbval-lax", "-p", "no:cacheprovider", path],
    }[tool]
    done = subprocess.run(
        [str(word) for word in command],
        cwd=path.parent,
        env=os.environ | INSTANT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr), out


def study_in(path: Path) -> str:
    """The study of the record that an executed notebook shows."""
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    return next(o["data"][store.MIME]["study"] for o in outputs if store.MIME in o.get("data", {}))


@pytest.mark.parametrize(
    ("tool", "use"),
    quick_where(CASES, lambda case: (case[0], case[1].words) in QUICK),
    ids=lambda part: part if isinstance(part, str) else part.words,
)
def test_a_plain_tool_ends_with_the_result_or_with_what_is_valid(tool, use, tmp_path):
    if not is_asked(tool, use):
        assert said_of(tool, use) == "–"
        return
    name, where = TOOLS[tool]
    path = notebook_told(tmp_path / "in.ipynb", use, where)
    code, said, out = run_by(name, path, use)
    if not use.expected.startswith("E"):
        assert code == 0, said
        assert name == "nbval" or study_in(out) == use.expected
        return
    assert code != 0 and use.expected in said
    error = next(line for line in said.splitlines() if f"{use.expected}:" in line)
    assert use.names in error


def test_the_page_shows_this_matrix():
    assert table() in PAGE


def test_the_notebook_for_the_lab_takes_no_parameters(tmp_path):
    command = [HERE / "papermill", NOTEBOOKS / "explore.ipynb", tmp_path / "out.ipynb"]
    command += ["--no-progress-bar", "-p", "region_id", "wales"]
    done = subprocess.run(
        [str(word) for word in command], env=os.environ | INSTANT, capture_output=True, text=True
    )
    assert done.returncode != 0 and "E226" in done.stderr and "no parameters" in done.stderr


@pytest.mark.parametrize(
    "path", [p for p in tracked_notebooks() if p.stem != "explore"], ids=lambda path: path.stem
)
def test_papermill_explains_every_parameter(path):
    """What `papermill --help-notebook` prints of it: name, type, default and words."""
    from papermill.inspection import _infer_parameters
    from papermill.iorw import load_notebook_node

    found = _infer_parameters(load_notebook_node(str(path)))
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    own = next(cell for cell in cells if "parameters" in cell["metadata"].get("tags", ()))
    assert [one.name for one in found] == re.findall(r"^(\w+):", "".join(own["source"]), re.M)
    for one in found:
        assert one.inferred_type_name == "str" and one.default.startswith('"')
        assert len(one.help.split()) >= 4


def test_cells_stay_together_in_several_processes():
    """`pytest --nbval -n 2` without a word on how cells are shared out."""
    command = [
        HERE / "pytest",
        "-q",
        "-n",
        "2",
        "--nbval",
        NOTEBOOKS / "monitors/action_plan.ipynb",
    ]
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env=os.environ | INSTANT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
