"""The schema of results.json, compiled: `record.schema.json` beside this file."""

import json
import sys
from functools import cache
from pathlib import Path

SCHEMA_FILE = Path(__file__).with_name("record.schema.json")


def import_jsonschema() -> None:
    """Import jsonschema without the grammar of international addresses: compiling it takes a second
    of every process, and no schema here asks for that format. Called before anything else imports
    jsonschema (nbformat does).
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
def validator():
    """The compiled schema of results.json."""
    import_jsonschema()
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
