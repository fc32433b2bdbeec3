"""A count that a run prints and nobody noted is found, wherever it stands."""

import ast
import json
from pathlib import Path

import pandas as pd
import pytest
from attacked_tables import count
from syntax import nodes_of

from analysis.disclosure.attack.known import Known
from analysis.disclosure.attack.printed import NOT_PEOPLE, Printed, coverage
from analysis.display.layout import csv_text, table_text
from analysis.paths import ROOT
from analysis.results import Table

NOTED = Known.of([count("a", 761), count("b", 26), count("c", 1204), count("d", 3)])


def not_noted(folder: Path, known: Known) -> tuple[Printed, ...]:
    """Printed counts of a run that no noted count explains."""
    return coverage(folder, known).unknown


def run_with(tmp_path, frame: pd.DataFrame, record: dict | None = None):
    """A run of one table, in its notebook and beside a figure."""
    table = Table("Who is counted", frame, "rounded", ("Counts are rounded.",))
    text, html = table_text(table)
    outputs = [{"output_type": "display_data", "data": {"text/plain": text, "text/html": html}}]
    cells = [{"cell_type": "code", "outputs": outputs}, {"cell_type": "markdown"}]
    (tmp_path / "notebook.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "one.csv").write_text(csv_text(table))
    (tmp_path / "results.json").write_text(json.dumps(record or {}))
    return tmp_path


def test_what_is_noted_is_explained(tmp_path):
    frame = pd.DataFrame(
        {
            "Group": ["White", "Black", "Other"],
            "People": [760, 1205, "[c]"],
            "Granted": ["25 of 760", "[c]", "[c]"],
            "In every 100": [3.3, 41.0, 7.0],
        }
    )
    row = {"outcome": "granted", "group": "all", "n": 1205, "n_treated": 25}
    record = {"n_used": 760, "n_in": None, "excluded": {"other": None}, "estimates": [row]}
    assert not_noted(run_with(tmp_path, frame, record), NOTED) == ()


@pytest.mark.parametrize(
    "cells", [(760, 45), ("760 of 1,205", "45 of 760"), ("[c]", "25 of 45"), ("1,205", "45")]
)
def test_a_count_in_a_table_that_is_not_noted_is_found_in_the_notebook_and_beside_figures(
    tmp_path, cells
):
    frame = pd.DataFrame({"Group": ["White", "Black"], "People": list(cells)})
    found = not_noted(run_with(tmp_path, frame), NOTED)
    assert {(one.file, one.number) for one in found} == {
        ("notebook.ipynb", 45),
        ("figures/one.csv", 45),
    }
    assert "Who is counted, People: 45" in str(found[0])


@pytest.mark.parametrize("name", ["n", "n_identifying", "n_treated"])
def test_a_number_of_people_of_a_record_that_is_not_noted_is_found(tmp_path, name):
    frame = pd.DataFrame({"Group": ["White"], "People": [760]})
    row = {"outcome": "granted", "group": "Black to White", "estimand": "gap", name: 770}
    found = not_noted(run_with(tmp_path, frame, {"estimates": [row]}), NOTED)
    assert [(one.file, one.number) for one in found] == [("results.json", 770)]


def test_a_withheld_count_explains_nothing(tmp_path):
    frame = pd.DataFrame({"Group": ["White"], "People": [5]})
    assert len(not_noted(run_with(tmp_path, frame), NOTED)) == 2


def test_a_sum_of_two_sides_that_are_printed_is_explained_and_no_other(tmp_path):
    frame = pd.DataFrame({"Design": ["crude", "cells"], "People": ["1,230", "1,205"]})
    row = {"estimand": "naive_difference", "n": 1230, "n_identifying": 1230, "n_treated": 25}
    assert not_noted(run_with(tmp_path, frame, {"estimates": [row]}), NOTED) == ()
    (tmp_path / "results.json").write_text(json.dumps({"estimates": [row | {"n_treated": 1205}]}))
    assert not_noted(tmp_path, NOTED) == ()
    (tmp_path / "results.json").write_text(json.dumps({"estimates": [row | {"n_treated": 30}]}))
    assert {one.number for one in not_noted(tmp_path, NOTED)} == {30, 1230}


def test_what_is_covered_is_said_by_kind_and_without_a_number(tmp_path):
    frame = pd.DataFrame({"Group": ["White", "Black"], "People": ["1,205", "45"], "Sites": [5, 10]})
    found = coverage(run_with(tmp_path, frame), NOTED)
    assert found.line == "2 of 4 printed counts known to the attack"
    assert found.kinds == (
        "notebook.ipynb: Who is counted, People (1)",
        "figures/one.csv: People (1)",
    )
    assert (found + found).printed == 8


def test_how_many_places_passed_is_no_count_of_people(tmp_path):
    cells = ["11 of 12 places passed.", "25 of 45 people answered."]
    frame = pd.DataFrame({"Check": ["a", "b"], "Result": cells})
    assert {one.number for one in not_noted(run_with(tmp_path, frame), NOTED)} == {45}


def test_a_share_and_what_counts_no_people_are_no_counts_of_people(tmp_path):
    columns = {"Answered in every 100": [70], "With a report, in every 100": ["35"], "Courts": [5]}
    assert not coverage(run_with(tmp_path, pd.DataFrame(columns)), NOTED).printed


def test_every_column_that_counts_no_people_is_one_of_a_table():
    modules = (ROOT / "analysis" / "studies").rglob("*.py")
    nodes = (node for path in modules for node in nodes_of(path))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    assert NOT_PEOPLE.keys() <= texts
