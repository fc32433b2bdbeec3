"""Functions ask for few things: what belongs together travels as one frozen type."""

import ast

import pytest
from syntax import nodes_of

from analysis.paths import ROOT

ANALYSIS = ROOT / "analysis"
MANY = 6  # parameters
MOST = 10
FUNCTIONS_WITH_MANY = 15


def parameters() -> dict[str, int]:
    """How many parameters each function and method takes, `self` and `cls` left out."""
    found = {}
    for path in sorted(ANALYSIS.rglob("*.py")):
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                args = node.args
                names = [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
                own = len(names) - (bool(names) and names[0] in ("self", "cls"))
                found[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = own
    return found


@pytest.fixture(scope="module")
def counted() -> dict[str, int]:
    return parameters()


def test_few_functions_take_more_than_six_parameters(counted):
    many = [name for name, number in counted.items() if number > MANY]
    assert len(many) <= FUNCTIONS_WITH_MANY, many


def test_no_function_takes_more_than_ten_parameters(counted):
    assert not [name for name, number in counted.items() if number > MOST]


@pytest.mark.parametrize("room", ["designs", "inference", "measurement"])
def test_what_is_worked_out_takes_its_columns_as_one_type(counted, room):
    many = [
        name for name, n in counted.items() if n > MANY and name.startswith(f"analysis/{room}/")
    ]
    assert not many
