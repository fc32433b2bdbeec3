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
from analysis.plans.registry import (
    NATIONAL_PARAMETERS,
    STUDY_PARAMETERS,
    check_national_parameters,
)

OWN = 'study_id = "supervision"\nregion_id = "wales"\ndata_source = "synthetic"'
OPENED = "study = open_study(study_id, region_id, data_source)"
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
    refuse_unknown_names(['region = "wales"', OPENED], STUDY_PARAMETERS)


SECOND = 'region_id = "wales"\n'


@pytest.mark.parametrize(
    "cells",
    [
        [OWN, SECOND + "top_n = 5"],  # a second parameters cell, as other tools write it
        [OWN, 'regoin_id = "wales"'],
        [OWN, "", 'regoin_id: str = "wales"'],
        [OWN + '\nregoin_id = "wales"'],  # misspelt beside the right one
        [OWN, '# Parameters\nstudy = "supervision"', OPENED],  # which the notebook sets itself
        [OWN, '# Parameters\nIn = "wales"', OPENED],
        [OWN, '# Parameters\nimport os; region_id = "wales"'],
        [OWN, '# Parameters\nregion_id = top_n = "wales"'],
        [OPENED, OWN, "# Parameters\ntop_n = 5", OPENED],
    ],
)
def test_whatever_way_it_was_injected(cells):
    with pytest.raises(ParameterError, match="E226"):
        refuse_unknown_names(cells, STUDY_PARAMETERS)


def test_a_second_parameters_cell_of_known_names_is_let_through():
    refuse_unknown_names([OWN, SECOND, OPENED], STUDY_PARAMETERS)
    refuse_unknown_names([OWN + "\ntop_n = 5", SECOND + "top_n = 3", OPENED], STUDY_PARAMETERS)


def test_a_mistake_that_was_mended_does_not_stay():
    refuse_unknown_names([OWN, 'regoin_id = "wales"', OPENED, SECOND, OPENED], STUDY_PARAMETERS)


def test_a_notebook_without_parameters_takes_none():
    with pytest.raises(ParameterError, match="takes no parameters"):
        refuse_unknown_names(['# Parameters\nregion_id = "wales"', "explore()"], ())


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (("supervison", "example", "draft"), "E210"),
        (("supervision", "star", "draft"), "E213"),
        (([], "example", "draft"), "E215"),
        (("supervision", "example", 3), "E215"),
        (("supervision", "synthetic", "../draft"), "E216"),
        (("supervision", "example", "2026Q3"), "E216"),  # committed records are of the draft
    ],
)
def test_the_nation_is_told_what_there_is(told, code):
    with pytest.raises(ParameterError, match=code):
        check_national_parameters(*told)


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
