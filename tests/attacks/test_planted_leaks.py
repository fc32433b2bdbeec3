"""Promises of the guard: each planted leak is found, or what it carries is published nowhere.

A leak is planted in a real run of one place: in what an author writes (read before any kernel is
started), in what has been shown (forged as well as without the key), in what a kernel could leave
in its folder, and in what was published.
"""

import inspect
import json
from copy import deepcopy

import pytest

from analysis.disclosure.guard.folder import folder_findings
from analysis.disclosure.guard.metadata import reduce_metadata, unknown_metadata
from analysis.disclosure.guard.signature import unbelieved
from analysis.disclosure.guard.told import check_run, input_findings
from analysis.disclosure.guard.written.sources import source_findings
from analysis.runs.checking.inputs import inputs_here
from analysis.runs.checking.outputs import differing
from analysis.workbench.study import Study
from attacks.leaks import AFTERWARDS, AUTHORED, LEFT, SHOWN, WITHOUT_EFFECT
from attacks.planted import EXACT, ROW, registered, sealed_again

pytestmark = pytest.mark.attack


def found_in(nb: dict, real_run) -> list[str]:
    """What the guard and the run again find in an executed notebook."""
    released = reduce_metadata(nb)
    found = [
        *unknown_metadata(nb),
        *check_run(released),
        *input_findings(released, inputs_here(nb)),
    ]
    return [str(one) for one in (found or differing(released, real_run.again))]


def carried(nb: dict) -> bool:
    """Whether what a leak carries stands in what would be published."""
    text = json.dumps(reduce_metadata(nb), ensure_ascii=False)
    return any(mark in text for mark in (ROW, EXACT, EXACT.replace(".", "")))


def test_the_real_run_has_nothing_that_is_found(real_run):
    assert found_in(registered(deepcopy(real_run.notebook)), real_run) == []
    assert list(folder_findings(real_run.folder, real_run.notebook)) == []
    assert unbelieved(real_run.folder) is None


def test_there_are_enough_leaks_of_every_kind():
    assert len(AUTHORED) + len(SHOWN) + len(LEFT) + len(AFTERWARDS) >= 60
    assert min(map(len, (AUTHORED, SHOWN, LEFT, AFTERWARDS))) >= 12


@pytest.mark.parametrize("leak", AUTHORED)
def test_what_an_author_writes_is_found_before_a_kernel_is_started(real_run, leak):
    nb = deepcopy(real_run.notebook)
    AUTHORED[leak](nb)
    found = [*source_findings(nb), *unknown_metadata(nb)]
    assert found, f"{leak}: nothing is found"
    assert not any(ROW in str(one) or EXACT in str(one) for one in found)


@pytest.mark.parametrize("argument", WITHOUT_EFFECT)
def test_no_verb_takes_what_would_show_the_uncleared(argument):
    verbs = [verb for name, verb in vars(Study).items() if callable(verb) and name[0] != "_"]
    assert len(verbs) >= 8
    taken = [verb.__name__ for verb in verbs if argument in inspect.signature(verb).parameters]
    assert not taken
    for verb in verbs:
        with pytest.raises(TypeError):
            inspect.signature(verb).bind(None, **{argument: "x"})


@pytest.mark.parametrize("leak", SHOWN)
def test_what_is_shown_is_found_or_published_nowhere(real_run, leak):
    nb = deepcopy(real_run.notebook)
    SHOWN[leak](nb)
    assert nb != real_run.notebook, "the leak plants nothing"
    if leak != "list of the record":
        nb = registered(nb)
    found = found_in(nb, real_run)
    stripped = reduce_metadata(nb) == reduce_metadata(registered(deepcopy(real_run.notebook)))
    assert found or (stripped and not carried(nb)), f"{leak}: nothing is found"
    assert not any(ROW in one or EXACT in one for one in found)


@pytest.mark.parametrize("leak", LEFT)
def test_what_a_kernel_leaves_in_its_folder_is_found(real_run, run_folder, leak):
    LEFT[leak](run_folder)
    found = [str(one) for one in folder_findings(run_folder, real_run.notebook)]
    assert found, f"{leak}: nothing is found"
    assert not any(ROW in one or EXACT in one for one in found)


@pytest.mark.parametrize("leak", {**AFTERWARDS, **LEFT})
def test_what_is_changed_in_a_published_run_is_believed_by_nobody(run_folder, leak):
    {**AFTERWARDS, **LEFT}[leak](run_folder)
    assert unbelieved(run_folder) is not None, "the hashes say nothing"
    if leak not in ("signature taken away", "signature of another"):
        sealed_again(run_folder)
    assert unbelieved(run_folder) is not None, "the signature says nothing"
