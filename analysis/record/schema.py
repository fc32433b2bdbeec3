"""The schema of results.json, compiled: `record.schema.json` beside this file."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

SCHEMA_FILE = Path(__file__).with_name("record.schema.json")


@dataclass(frozen=True)
class Breach:
    """Where a record breaks its schema, and by which rule. Never the value."""

    path: tuple[str | int, ...]
    rule: str

    @property
    def where(self) -> str:
        """The path in words of the schema; a key that is none of them could be a value."""
        known = _names(json.dumps(_schema()))
        steps = (str(x) if isinstance(x, int) or x in known else "(a key)" for x in self.path)
        return "/".join(steps) or "the record"


def first_breach(content: Mapping[str, Any]) -> Breach | None:
    """The first breach by path, then by place of the rule in the schema; None where it holds."""
    if validator().is_valid(content):
        return None
    schema = _schema()
    errors = (
        (list(map(str, error.instance_path)), _order(schema, error.schema_path), error)
        for error in validator().iter_errors(content)
    )
    *_, first = min(errors, key=lambda error: error[:2])
    return Breach(tuple(first.instance_path), str(first.schema_path[-1]))


@cache
def _names(schema: str) -> frozenset[str]:
    """Every key that a schema names."""
    found: set[str] = set()

    def keep(content: dict) -> dict:
        found.update(content.get("properties", ()))
        return content

    json.loads(schema, object_hook=keep)
    return frozenset(found)


def _order(schema: Any, path: Sequence[str | int]) -> list[int]:
    """Places of the steps of a path in their lists and objects."""
    found = []
    for step in path:
        found.append(step if isinstance(step, int) else list(schema).index(step))
        schema = schema[step]
    return found


def import_jsonschema() -> None:
    """Import jsonschema without the grammar of international addresses: compiling it takes a second
    of every process, and no schema of Jupyter asks for that format. Called before anything imports
    nbformat, which imports jsonschema.
    """
    if "jsonschema" in sys.modules or "rfc3987_syntax" in sys.modules:
        return
    # None: jsonschema does without what cannot be imported
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        import jsonschema  # noqa: F401
    finally:
        del sys.modules["rfc3987_syntax"]


@cache
def validator() -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of results.json."""
    return jsonschema_rs.Draft202012Validator(_schema())


@cache
def _schema() -> dict[str, Any]:
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
