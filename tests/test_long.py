"""The list of long tests names tests that are there, each once."""

import re
from collections import Counter

import pytest

from analysis.paths import ROOT

NAMED = (ROOT / "tests" / "long_tests.txt").read_text(encoding="utf-8").splitlines()
FUNCTIONS = sorted({line.partition("[")[0] for line in NAMED})


def test_each_is_named_once():
    assert [line for line, times in Counter(NAMED).items() if times > 1] == []


@pytest.mark.parametrize("named", FUNCTIONS)
def test_a_long_test_is_there(named):
    path, *classes, function = named.split("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    for name in (*(f"class {one}" for one in classes), f"def {function}"):
        assert re.search(rf"^ *{name}\b", text, re.MULTILINE)
