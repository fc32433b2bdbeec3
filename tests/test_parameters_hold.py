"""A notebook's result is that of the parameters it was told: a misspelt name stops it, another
record is found."""

import json
import os
import subprocess
import sys

import pytest

from analysis.disclosure.guard.output_guard import RECORD
from analysis.disclosure.guard.told import parameter_findings
from analysis.errors import ParameterError
from analysis.paths import NOTEBOOKS
from analysis.plans.injected import refuse_unknown_names
from analysis.plans.registry import NATIONAL_PARAMETERS, STUDY_PARAMETERS

OWN = 'study_id = "supervision"\nregion_id = "wales"\ndata_source = "synthetic"'
STUDY_NOTEBOOKS = sorted(
    p for kind in ("pilots", "monitors") for p in (NOTEBOOKS / kind).glob("*.ipynb")
)
ALL_NOTEBOOKS = [*STUDY_NOTEBOOKS, NOTEBOOKS / "national.ipynb"]


@pytest.mark.parametrize(
    "name", ["regoin_id", "regionid", "region", "round_id", "Region_id", "plan"]
)
def test_a_name_that_nobody_reads_is_refused_and_the_valid_one_is_named(name):
    with pytest.raises(ParameterError) as found:
        refuse_unknown_names([OWN, f'# Parameters\n{name} = "wales"\n'], STUDY_PARAMETERS)
    assert (
        found.value.code == "E226" and name in str(found.value) and "region_id" in str(found.value)
    )


def test_known_names_parameters_of_ones_own_and_other_cells_are_let_through():
    refuse_unknown_names([OWN, '# Parameters\nregion_id = "wales"\n'], STUDY_PARAMETERS)
    refuse_unknown_names([OWN + "\ntop_n = 5", "# Parameters\ntop_n = 3\n"], STUDY_PARAMETERS)
    refuse_unknown_names([OWN, "mine = 3", "%matplotlib inline"], STUDY_PARAMETERS)
    refuse_unknown_names(['# Parameters\nround_id = "2026Q3"\n'], NATIONAL_PARAMETERS)


@pytest.mark.parametrize("notebook", ALL_NOTEBOOKS, ids=lambda p: p.stem)
def test_every_notebook_opens_its_study_right_after_its_parameters(notebook):
    """So that a name which nobody reads is refused before anything is computed."""
    cells = [c for c in json.loads(notebook.read_text())["cells"] if c["cell_type"] == "code"]
    assert "parameters" in cells[0]["metadata"]["tags"]
    assert any(verb in "".join(cells[1]["source"]) for verb in ("open_study(", "open_national("))


@pytest.mark.parametrize("notebook", ALL_NOTEBOOKS[-2:], ids=lambda p: p.stem)
def test_papermill_fails_on_a_name_that_a_notebook_does_not_know(notebook, tmp_path):
    command = [
        sys.executable,
        "-m",
        "papermill",
        str(notebook),
        str(tmp_path / "out.ipynb"),
        "--no-progress-bar",
    ]
    environment = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "workbook-instant"}
    done = subprocess.run(
        [*command, "-p", "regoin_id", "wales"],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | environment,
    )
    assert done.returncode != 0 and "E226" in done.stderr


def executed(told, record, *injected):
    cells = [
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": told, "outputs": []}
    ]
    cells += [
        {
            "cell_type": "code",
            "metadata": {"tags": ["injected-parameters"]},
            "source": source,
            "outputs": [],
        }
        for source in injected
    ]
    output = {"output_type": "display_data", "data": {RECORD: record}, "metadata": {}}
    return {
        "cells": [
            *cells,
            {"cell_type": "code", "metadata": {}, "source": "study.record()", "outputs": [output]},
        ]
    }


RECORD_OF_WALES = {
    "study": "supervision",
    "region": "wales",
    "data_source": "synthetic",
    "round": "draft",
}


def test_a_record_of_its_parameters_passes():
    assert not list(parameter_findings(executed(OWN, RECORD_OF_WALES)))
    assert not list(
        parameter_findings(
            executed(OWN, RECORD_OF_WALES | {"region": "london"}, '# P\nregion_id = "london"')
        )
    )


@pytest.mark.parametrize("key", ["study", "region", "data_source"])
def test_a_record_of_another_study_place_or_source_is_found(key):
    (found,) = parameter_findings(executed(OWN, RECORD_OF_WALES | {key: "another"}))
    assert found.rule.startswith("G18") and key in found.rule and "another" not in str(found)


def test_a_record_of_another_round_is_found_and_all_places_together_have_no_region():
    national = 'study_id = "supervision"\ndata_source = "example"\nround_id = "2026Q3"'
    record = RECORD_OF_WALES | {"region": "national", "round": "2026Q3"}
    assert not list(parameter_findings(executed(national, record)))
    assert len(list(parameter_findings(executed(national, record | {"round": "2026Q2"})))) == 1
    assert len(list(parameter_findings(executed(national, record | {"region": "wales"})))) == 1


@pytest.mark.parametrize("told", ["extracts", "database"])
def test_a_source_whose_folder_was_taken_out_is_known_by_its_name(told):
    own = OWN.replace("synthetic", told)
    assert not list(
        parameter_findings(executed(own, RECORD_OF_WALES | {"data_source": f"{told}-12ab"}))
    )
    assert list(parameter_findings(executed(own, RECORD_OF_WALES)))


def test_a_notebook_without_parameters_is_found():
    assert [f.rule[:3] for f in parameter_findings(executed("", RECORD_OF_WALES))] == ["G18"]


@pytest.mark.parametrize("notebook", ALL_NOTEBOOKS, ids=lambda p: p.stem)
def test_committed_notebooks_hold_the_record_of_their_parameters(notebook):
    assert not list(parameter_findings(json.loads(notebook.read_text())))
