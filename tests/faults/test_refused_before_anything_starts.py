"""What is wrong in the command, the plan or the notebook is refused before a kernel starts: exit 2
and a stable code."""

import json

import pytest

from analysis.errors import ParameterError
from analysis.plans.registry import check_parameters

from .bench import FAULTY, IMPORTS, NATIONAL_PARAMETERS, PARAMETERS, RECORD, notebook

BAD_PLACES = ["../x", "{x}", "CON", "x" * 300, "", ".", "p02/../p01", "P01", "-", "p01\n"]


def assert_refused(bench, reports, done, code: str) -> None:
    bench.check(reports, done, exit_codes=(2,))
    assert f"{code}: " in done.error
    assert not (reports / ".runs").exists() and not (reports / "ledger.sqlite").exists()
    assert not bench.alone or not list(bench.runtime.iterdir()), "a kernel server was started"


@pytest.mark.parametrize("place", BAD_PLACES, ids=lambda place: ascii(place)[1:12])
def test_a_place_that_is_none_is_refused_and_no_folder_is_made(bench, reports, place):
    done = bench.run("steady", "--region", place, reports=reports)
    assert_refused(bench, reports, done, "E212")
    assert len(done.error) < 300 and "x" * 61 not in done.error


@pytest.mark.parametrize(
    "place", [*BAD_PLACES, "p0\0", "west_midlands\0"], ids=lambda place: ascii(place)[1:12]
)
def test_a_notebook_that_is_told_a_place_that_is_none_reads_nothing(place):
    with pytest.raises(ParameterError, match="E212"):
        check_parameters("star_teacher_matching", place, "star")


@pytest.mark.parametrize("value", [None, 3, True, 1.5, ["inner"], b"inner"], ids=repr)
@pytest.mark.parametrize("position", range(3))
def test_a_parameter_that_is_no_text_is_refused(value, position):
    told = ["star_teacher_matching", "inner", "star"]
    told[position] = value
    with pytest.raises(ParameterError, match="E215"):
        check_parameters(*told)


TEXTS = PARAMETERS.splitlines()
BAD_CELLS = {
    "no parameters cell": ("E222", notebook(IMPORTS, RECORD, parameters=None)),
    "an empty parameters cell": ("E223", notebook(IMPORTS, RECORD, parameters="")),
    "a missing name": ("E223", notebook(IMPORTS, RECORD, parameters="\n".join(TEXTS[:2]))),
    "a misspelt name": (
        "E223",
        notebook(IMPORTS, RECORD, parameters=PARAMETERS.replace("region_id", "regoin_id")),
    ),
    "an unknown name": (
        "E223",
        notebook(IMPORTS, RECORD, parameters=PARAMETERS + '\nthreshold = "1"'),
    ),
    "a name twice": (
        "E223",
        notebook(IMPORTS, RECORD, parameters=PARAMETERS + '\nregion_id = "p02"'),
    ),
    "a number": ("E223", notebook(IMPORTS, RECORD, parameters=PARAMETERS.replace('"p01"', "1"))),
    "more than names": ("E223", notebook(IMPORTS, RECORD, parameters=PARAMETERS + "\nimport os")),
    "no Python": ("E223", notebook(IMPORTS, RECORD, parameters=PARAMETERS + "\nregion_id =")),
}


def doubled() -> dict:
    """Two cells with the tag: papermill would take the first, and the second would win."""
    made = notebook(IMPORTS, PARAMETERS.replace("p01", FAULTY), RECORD)
    made["cells"][2]["metadata"] = {"tags": ["parameters"]}
    return made


def injected() -> dict:
    """A notebook that was saved after a run: papermill would replace the injected cell where it
    stands."""
    made = notebook(PARAMETERS, IMPORTS, RECORD)
    made["cells"][1]["metadata"] = {"tags": ["injected-parameters"]}
    return made


@pytest.mark.parametrize(
    ("code", "content"),
    [*BAD_CELLS.values(), ("E222", doubled()), ("E222", injected())],
    ids=[*BAD_CELLS, "a doubled cell", "an injected cell"],
)
def test_a_notebook_that_cannot_be_told_its_place_is_refused(own_bench, reports, code, content):
    own_bench.add("steady")
    own_bench.write_notebook("steady", content)
    assert_refused(own_bench, reports, own_bench.run("steady", reports=reports), code)


CORRUPT = {
    "half a file": lambda text: text[: len(text) // 2],
    "nothing": lambda text: "",
    "no text": lambda text: b"\x80\xff\0",
    "a list": lambda text: "[]",
    "no cells": lambda text: '{"nbformat": 4}',
    "another format": lambda text: text.replace('"nbformat": 4', '"nbformat": 3'),
    "cells without a source": lambda text: text.replace('"source"', '"sauce"'),
}


@pytest.mark.parametrize("which", ["pilots/steady.ipynb", "national.ipynb"])
@pytest.mark.parametrize("fault", CORRUPT)
def test_a_corrupt_notebook_is_refused(own_bench, reports, fault, which):
    own_bench.add("steady")
    path = own_bench.notebooks / which
    content = CORRUPT[fault](path.read_text())
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert_refused(own_bench, reports, own_bench.run("steady", reports=reports), "E221")


def test_a_national_notebook_without_its_parameters_is_refused_before_the_places_are_run(
    own_bench, reports
):
    own_bench.add("steady")
    own_bench.write_national(IMPORTS, parameters=NATIONAL_PARAMETERS.replace("round_id", "round"))
    assert_refused(own_bench, reports, own_bench.run("steady", reports=reports), "E223")


def test_a_notebook_that_is_missing_is_refused(own_bench, reports):
    own_bench.add("steady").unlink()
    assert_refused(own_bench, reports, own_bench.run("steady", reports=reports), "E214")


@pytest.mark.parametrize(
    "place", ["../x", "{x}", "CON", "con", "national", "all", "x" * 300, "p 5", "é", ""]
)
def test_a_list_of_places_that_would_make_a_bad_folder_is_refused(own_bench, reports, place):
    own_bench.add("steady")
    own_bench.write_places(place)
    assert_refused(own_bench, reports, own_bench.run("steady", reports=reports), "E234")


def test_a_notebook_is_named_in_the_refusal_and_its_content_is_not(own_bench, reports):
    path = own_bench.add("steady")
    content = json.loads(path.read_text())
    content["cells"][0]["source"] += '\nX1234567 = "secret"'
    path.write_text(json.dumps(content))
    done = own_bench.run("steady", reports=reports)
    assert "steady.ipynb" in done.error and "secret" not in done.error
