"""Promises of our errors: each comes back from another process as it was, whatever its class
keeps."""

import importlib
import pickle
import pkgutil

import pytest
from raised_errors import example, raise_example

import analysis
from analysis.errors import DataError, WorkbookError
from analysis.extracts.tables.codes import CODES, problem
from analysis.forking import forked_pool


def _classes() -> list[type[WorkbookError]]:
    """WorkbookError and every class below it, once all modules are imported."""
    for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
        importlib.import_module(module.name)
    found = [WorkbookError]
    for kind in found:
        found += [below for below in kind.__subclasses__() if below not in found]
    return found


@pytest.mark.parametrize("kind", _classes(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_a_pickle_round_trip(kind, protocol):
    error = example(kind)
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is kind and str(again) == str(error)
    assert again.args == error.args and again.__dict__ == error.__dict__


@pytest.mark.parametrize("kind", _classes(), ids=lambda kind: kind.__name__)
def test_an_error_raised_in_another_process_is_the_same_here(kind):
    with forked_pool(1) as pool, pytest.raises(kind) as raised:
        pool.submit(raise_example, kind).result()
    assert str(raised.value) == str(example(kind))


def test_every_code_of_the_data_survives_as_a_problem():
    error = DataError(tuple(problem(code, "a.csv") for code in CODES))
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
