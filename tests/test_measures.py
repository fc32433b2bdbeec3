"""The measures of the code that are met stay met."""

import pytest
from measures import (
    SWITCHED_OFF,
    TOO_LONG,
    circles,
    imports,
    lines_where,
    measures,
    row_keys,
    upward_arrows,
)


def test_no_modules_import_each_other_in_a_circle():
    assert circles(imports()) == []


def test_circles_are_found_through_others():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert circles(graph) == [["a", "b", "c"]]


def test_no_room_imports_a_room_below_it():
    assert upward_arrows() == []


@pytest.mark.parametrize("pattern", [TOO_LONG, SWITCHED_OFF])
def test_lines_are_short_and_the_formatter_is_never_switched_off(pattern):
    assert lines_where(pattern, "analysis", "tests") == []


def test_rows_are_read_by_strings_nowhere_that_is_new():
    """What is left are rows of frames, of the ledger and of tables, none of a record."""
    assert len(row_keys()) <= 43


def test_every_measure_is_printed():
    found = measures()
    assert len(found) == 11 and all(found.values())
