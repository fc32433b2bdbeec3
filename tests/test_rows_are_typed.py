"""Rows and records are types: only the store knows them as dicts."""

import ast
import itertools
import json

import pytest
from syntax import nodes_of

from analysis.paths import EXAMPLE_RECORDS, ROOT
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import FIELDS, PRIVATE
from analysis.record.schema import SCHEMA_FILE
from analysis.record.store import RECORD_FIELDS, ROWS
from analysis.vocabulary.regions import NATIONAL

ANALYSIS = ROOT / "analysis"
NAMES = {"row", "record", "released", "exact_record", "national"}  # of rows and records
OWN = set(FIELDS) | set(Record.__dataclass_fields__) | {ROWS}
# Cells of a notebook, the ledger's table and the tables of figures: no row of a record.
OTHERS = ("disclosure/guard/told.py", "runs/ledger.py", "runs/telling.py", "display/figures/")
MODULES = [
    path
    for path in sorted(ANALYSIS.rglob("*.py"))
    if path.parent.name != "record"
    and not str(path.relative_to(ANALYSIS)).startswith((*OTHERS, "synthetic", "extracts"))
]


def test_only_the_store_reads_a_row_by_a_string():
    found = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path in MODULES
        for node in nodes_of(path)
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and node.slice.value in OWN
        and isinstance(node.value, ast.Name)
        and node.value.id in NAMES
    ]
    assert not found, found


def test_the_schema_and_the_types_have_the_same_keys():
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))["properties"]
    assert set(schema) == {*RECORD_FIELDS, ROWS} - {"rows"}
    rows = schema[ROWS]["items"]["properties"]
    assert set(rows) == {*FIELDS, "support"} - (set(PRIVATE) - {"support"})


def test_rows_are_found_as_by_looking_at_each_field_of_each():
    record = store.load(EXAMPLE_RECORDS / "supervision" / f"{NATIONAL}.json")
    names = ("outcome", "group", "estimand", "family", "note", "value")
    for several in (chosen for n in range(4) for chosen in itertools.combinations(names, n)):
        for one in record.rows[::20]:
            wanted = {name: getattr(one, name) for name in several}
            slow = [r for r in record.rows if all(getattr(r, n) == v for n, v in wanted.items())]
            assert list(record.rows_where(**wanted)) == slow and record.find(**wanted) is slow[0]
    with pytest.raises(ValueError, match="a row has no"):
        record.find(outcomes="recall")
