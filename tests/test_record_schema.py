"""The compiled schema says of any record what jsonschema says: whether it holds, else the same
place and the same rule."""

import copy
import json
import random

import pytest
from jsonschema import Draft202012Validator

from analysis.errors import RunError
from analysis.paths import EXAMPLE_RECORDS
from analysis.record import store
from analysis.record.schema import SCHEMA_FILE, Breach, first_breach

RECORDS = sorted(EXAMPLE_RECORDS.glob("*/*.json"))
OTHER = (None, 1, -1, 0.5, "x", "", [], {}, True, ["x"], {"x": 1}, 10**30, float("1e308"))
REFERENCE = Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
TIMES = 150
SOME = RECORDS[:: max(1, len(RECORDS) // 12)]


def by_jsonschema(content: dict) -> Breach | None:
    errors = sorted(
        REFERENCE.iter_errors(content), key=lambda error: list(map(str, error.absolute_path))
    )
    return Breach(tuple(errors[0].absolute_path), errors[0].validator) if errors else None


def short(path) -> dict:
    """A record with its first rows only."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return content | {"estimates": content["estimates"][:2]}


def spoilt(content: dict, rng: random.Random) -> dict:
    """The record with up to three parts changed, removed or added somewhere in it."""
    content = copy.deepcopy(content)
    for _ in range(rng.randint(1, 3)):
        inside = content
        while True:
            keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            if not keys:
                break
            key = rng.choice(keys)
            if isinstance(inside[key], dict | list) and rng.random() < 0.8:
                inside = inside[key]
                continue
            if isinstance(inside, dict) and rng.random() < 0.3:
                del inside[key]
            elif isinstance(inside, dict) and rng.random() < 0.2:
                inside["unknown"] = copy.deepcopy(rng.choice(OTHER))
            else:
                inside[key] = copy.deepcopy(rng.choice(OTHER))
            break
    return content


@pytest.mark.parametrize(
    "path", RECORDS[:: max(1, len(RECORDS) // 12)], ids=lambda p: p.parent.name
)
def test_the_same_is_said_of_records_that_are_spoilt_anywhere(path):
    rng, whole = random.Random(path.parent.name), short(path)
    assert first_breach(whole) is None and by_jsonschema(whole) is None
    for _ in range(TIMES):
        content = spoilt(whole, rng)
        assert first_breach(content) == by_jsonschema(content), content


def test_every_committed_record_holds():
    assert RECORDS
    for path in RECORDS:
        assert first_breach(json.loads(path.read_text(encoding="utf-8"))) is None, path


def test_the_place_and_the_rule_are_named_and_never_the_value():
    content = short(RECORDS[0])
    content["estimates"][0]["n"] = "X1234567"
    with pytest.raises(RunError) as raised:
        store.validate_dict(content)
    assert "estimates/0/n breaks the schema of results.json (" in str(raised.value)
    assert "X1234567" not in str(raised.value)


def test_a_record_that_is_no_object_breaks_it_as_a_whole():
    assert first_breach([]) == by_jsonschema([])
    assert first_breach([]).where == "the record"
