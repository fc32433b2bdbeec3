"""Records as files: the only place where a record or a row is a dict.

`record.schema.json` describes the released one; the private one holds the same keys and, in each
estimate, `support` with exact numbers.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from analysis.atomic import write_whole
from analysis.errors import RunError
from analysis.record.record import Leads, Record, RecordedCheck, RecordedLock, RestsOn, Statement
from analysis.record.row import FIELDS, PRIVATE, Role, Row
from analysis.record.schema import first_breach
from analysis.results import Support
from analysis.said.texts import ClearedText, in_words, released

MIME = "application/vnd.workbook.results+json"
# Keys of a row that stand only where there is something to say; every other one stands in each row.
WHERE_COUNTED = ("left_out", "clusters_left_out")
WHERE_POOLED = ("k", "places_missing")
WHERE_RANKED = ("rank", "places")
ONLY_WHERE = (*WHERE_COUNTED, *WHERE_POOLED, *WHERE_RANKED)
SPREAD = ("tau2", "i2", "i2_definition", "pi_low", "pi_high")  # of pooled places; all or none
ALWAYS = tuple(name for name in FIELDS if name not in (*ONLY_WHERE, *SPREAD, *PRIVATE))
ROWS = "estimates"  # key of the rows
RECORD_FIELDS = tuple(field.name for field in fields(Record))


# -- to dicts --------------------------------------------------------------------------------------
def as_dict(record: Record) -> dict[str, Any]:
    """The record as JSON has it."""
    own = {name: getattr(record, name) for name in RECORD_FIELDS if name not in ("rows",)}
    own |= {"excluded": dict(record.excluded), "checks": [_check_as_dict(c) for c in record.checks]}
    own |= {ROWS: [row_as_dict(row) for row in record.rows]}
    own |= {"leads": record.leads and asdict(record.leads)}
    own |= {"statement": record.statement and _as_json(asdict(record.statement))}
    rests_on, lock = own.pop("claim_rests_on"), own.pop("lock")
    own |= {} if lock is None else {"lock": _lock_as_dict(lock)}
    return own | ({} if rests_on is None else {"claim_rests_on": [asdict(r) for r in rests_on]})


def row_as_dict(row: Row) -> dict[str, Any]:
    """The row as JSON has it; `support` holds all that is private."""
    cells = _as_json({name: getattr(row, name) for name in ALWAYS})
    cells |= {n: x for n in ONLY_WHERE if (x := getattr(row, n)) is not None}
    if row.left_out is not None:
        cells["left_out"] = dict(row.left_out)
    if row.places_missing is not None:
        cells["places_missing"] = list(row.places_missing)
    if any(getattr(row, name) is not None for name in SPREAD):
        cells |= _as_json({name: getattr(row, name) for name in SPREAD})
    private = _private(row)
    return cells | ({} if private is None else {"support": private})


def _private(row: Row) -> dict[str, Any] | None:
    """What only the private record carries; None where there is nothing of it."""
    found: dict[str, Any] = {} if row.support is None else asdict(row.support)
    if row.allowed_for is not None:
        found["allowed_for"] = list(row.allowed_for)
    if row.role is not None:
        found["role"] = asdict(row.role)
    if row.from_counts is not None:
        found["counts"] = list(row.from_counts)
    return found or None


def _lock_as_dict(lock: RecordedLock) -> dict[str, Any]:
    return asdict(lock) | {"changed": list(lock.changed), "amended": list(lock.amended)}


def _check_as_dict(check: RecordedCheck) -> dict[str, Any]:
    return _as_json(asdict(check))


def _as_json(cells: dict[str, Any]) -> dict[str, Any]:
    """Texts as JSON has them: the schema knows no cleared ones."""
    return {k: str(x) if isinstance(x, ClearedText) else x for k, x in cells.items()}


# -- from dicts ------------------------------------------------------------------------------------
def from_dict(content: Mapping[str, Any]) -> Record:
    """The record that JSON text holds. RunError E310 where a key is unknown or missing."""
    cells = dict(content)
    try:
        cells["rows"] = tuple(row_from_dict(row) for row in cells.pop(ROWS))
        cells["excluded"] = dict(cells["excluded"])
        cells["checks"] = tuple(_check_from(check) for check in cells["checks"])
        cells["leads"] = None if cells.get("leads") is None else Leads(**cells["leads"])
        cells["statement"] = _statement_from(cells.get("statement"))
        rests_on = cells.get("claim_rests_on")
        cells["claim_rests_on"] = rests_on and tuple(RestsOn(**entry) for entry in rests_on)
        cells["lock"] = _lock_from(cells.get("lock"))
        return Record(**cells)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        fault = type(error).__name__  # its own words can hold a key or a value of the file
        raise RunError("E310", f"results.json is no record ({fault}).") from None


def _check_from(content: Mapping[str, Any]) -> RecordedCheck:
    return RecordedCheck(**{**content, "text": released(content["text"])})


def _lock_from(content: Mapping[str, Any] | None) -> RecordedLock | None:
    if content is None:
        return None
    keys = {name: tuple(content[name]) for name in ("changed", "amended")}
    return RecordedLock(**{**content, **keys})


def _statement_from(content: Mapping[str, Any] | None) -> Statement | None:
    if content is None:
        return None
    read: dict[str, Any] = {
        name: text if text is None else released(text) for name, text in content.items()
    }
    return Statement(**read)


def row_from_dict(content: Mapping[str, Any]) -> Row:
    """The row that a JSON object holds. TypeError for a key that no row has."""
    cells = in_words(dict(content))  # names and definitions: no number was put into them
    private = cells.pop("support", None)
    if cells.get("left_out") is not None:
        cells["left_out"] = dict(cells["left_out"])
    if cells.get("places_missing") is not None:
        cells["places_missing"] = tuple(cells["places_missing"])
    return Row(**cells | ({} if private is None else _private_from(private)))


def _private_from(content: Mapping[str, Any]) -> dict[str, Any]:
    own = dict(content)
    allowed, role, counts = (own.pop(name, None) for name in ("allowed_for", "role", "counts"))
    if own.get("left_out") is not None:
        own["left_out"] = tuple((reason, n) for reason, n in own["left_out"])
    if role is not None:
        role = Role(tuple(role["whole_of"]), role["part_of"], role["name"])
    return {
        "support": Support(**own) if own or not content else None,
        "allowed_for": None if allowed is None else tuple(allowed),
        "role": role,
        "from_counts": None if counts is None else tuple(counts),
    }


def checked(content: Mapping[str, Any]) -> Record:
    """The record that a notebook emitted. RunError E310 where it breaks the schema."""
    validate_dict(content)
    return from_dict(content)


# -- files -----------------------------------------------------------------------------------------
def validate(record: Record) -> Record:
    """`record` itself if the schema holds; else RunError E310 that names the place in the record,
    never a value."""
    validate_dict(as_dict(record))
    return record


def validate_dict(content: Mapping[str, Any]) -> None:
    """The same of a record as JSON has it. RunError E310."""
    breach = first_breach(content)
    if breach is not None:
        text = f"{breach.where} breaks the schema of results.json ({breach.rule})."
        raise RunError("E310", text)


def dumps(record: Record) -> str:
    """Canonical text: sorted keys, no NaN, a line feed at the end. Equal records give equal
    bytes."""
    content = as_dict(record)
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write(record: Record, path: Path) -> Path:
    """Write `record` so that either all of it or nothing stands at `path`."""
    return write_whole(path, dumps(record), durable=True)


def load(path: Path) -> Record:
    """Read a record; RunError E311 where the file is not there or is not JSON, E310 where it is no
    record."""
    return from_dict(load_json(path))


def load_json(path: Path) -> Any:
    """What a file beside a record holds; RunError E311 where it is not there or is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RunError(
            "E311", f"{path.name} is not a readable record.", remedy="Run the study again."
        ) from None
