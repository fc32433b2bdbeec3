"""Committed notebooks hold calls and outputs, no logic: what a reader sees is made in analysis/,
where it is tested."""

import ast
import json

import pytest

from analysis.paths import EXPLORE, tracked_notebooks
from analysis.plans.registry import (
    NATIONAL_PARAMETERS,
    PLACE_PARAMETERS,
    PORTFOLIO_PARAMETERS,
    PROTOCOL_PARAMETERS,
    STUDY_PARAMETERS,
)

PATHS = [path for path in tracked_notebooks() if path != EXPLORE]
MOST_CELLS, MOST_LINES = 16, 8
# Notebooks of more than one study or place, and what each may be told.
OF_A_ROUND = {
    "national.ipynb": NATIONAL_PARAMETERS,
    "place.ipynb": PLACE_PARAMETERS,
    "portfolio.ipynb": PORTFOLIO_PARAMETERS,
    "protocol.ipynb": PROTOCOL_PARAMETERS,
}


def cells(path, kind="code"):
    return [
        cell
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == kind
    ]


def source(cell) -> str:
    return "".join(cell["source"])


def test_there_are_notebooks():
    assert {"ethnic_matching.ipynb", "national.ipynb", "star.ipynb"} <= {
        path.name for path in PATHS
    }


@pytest.mark.parametrize("path", [*PATHS, EXPLORE], ids=lambda path: path.name)
class TestEvery:
    def test_is_short(self, path):
        assert len(cells(path)) <= MOST_CELLS
        assert max(len(source(cell).splitlines()) for cell in cells(path)) <= MOST_LINES

    def test_holds_no_logic_and_no_path(self, path):
        banned = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda, ast.Try, ast.If)
        for cell in cells(path):
            assert not [
                node for node in ast.walk(ast.parse(source(cell))) if isinstance(node, banned)
            ]
            assert "/" not in source(cell)

    def test_names_the_ordinary_kernel(self, path):
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        assert metadata["kernelspec"]["name"] == "python3"
        assert set(metadata) == {"kernelspec", "language_info"}


def test_explore_has_no_outputs_and_no_cell_that_nbval_runs():
    """It is for JupyterLab; tests/test_explore.py runs it."""
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells(EXPLORE))
    assert all("nbval-skip" in cell["metadata"]["tags"] for cell in cells(EXPLORE))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
class TestNotebook:
    def test_has_one_parameters_cell_with_literals_only(self, path):
        tagged = [cell for cell in cells(path) if "parameters" in cell["metadata"].get("tags", [])]
        assert len(tagged) == 1
        statements = ast.parse(source(tagged[0])).body
        assert all(
            isinstance(s, ast.AnnAssign) and isinstance(s.value, ast.Constant) for s in statements
        )
        assert {s.annotation.id for s in statements} == {"str"}
        names = tuple(s.target.id for s in statements)
        assert names == OF_A_ROUND.get(path.name, STUDY_PARAMETERS)

    def test_holds_outputs_so_that_nbval_compares_something(self, path):
        assert sum(bool(cell["outputs"]) for cell in cells(path)) >= len(cells(path)) - 1
        assert all(cell["execution_count"] for cell in cells(path))

    def test_holds_no_error_no_stream_and_no_withheld_repr(self, path):
        outputs = [output for cell in cells(path) for output in cell["outputs"]]
        assert {output["output_type"] for output in outputs} <= {"display_data", "execute_result"}
        assert not [
            o for o in outputs if "not a cleared table" in "".join(o["data"].get("text/plain", ""))
        ]

    def test_only_the_record_cell_is_ignored_by_nbval(self, path):
        ignored = [
            cell
            for cell in cells(path)
            if "nbval-ignore-output" in cell["metadata"].get("tags", [])
        ]
        assert all(".record()" in source(cell) for cell in ignored) and len(ignored) <= 1

    def test_every_picture_has_an_alternative_text(self, path):
        for cell in cells(path):
            for output in cell["outputs"]:
                if "image/png" in output.get("data", {}):
                    assert len(output["metadata"]["image/png"]["alt"]) > 40
