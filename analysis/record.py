"""Builds, reads and validates results.json: what one study found in one place, in one round.

A record exists twice: exact, in the private folder of a run, for pooling; and released, rounded and
suppressed, which is what pages and other readers see. `record.schema.json` beside this file
describes the released one; the private one holds the same keys and, in each estimate, `support`
with exact numbers.
"""

import json
import os
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import RunError

if TYPE_CHECKING:
    from analysis.results import Result

SCHEMA_VERSION = 1
MIME = "application/vnd.workbook.results+json"
SCHEMA_FILE = Path(__file__).with_name("record.schema.json")

# Of a relative rate with a verdict: whether its event is good or bad for the person, which way of
# counting decides (event or opposite), who is worse off (group or reference), and the ratio of
# those without the event (times).
VERDICT_KEYS = (
    "counts",
    "decided_by",
    "worse_off",
    "opposite_value",
    "opposite_low",
    "opposite_high",
)
# Every key of a row; a row that lacks one is filled with null.
ROW_KEYS = (
    "level",
    "outcome",
    "group",
    "estimand",
    "method",
    "unit",
    "direction",
    "status",
    "reason",
    "value",
    "std_error",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "family",
    "df",
    "n",
    "n_identifying",
    "cells_identifying",
    "n_treated",
    "clusters_treated",
    "clusters_comparison",
    "sesoi",
    "mde",
    "result_class",
    "claim",
    "harm_watch",
    "seed",
    "comparison_value",
    "group_value",
    "comparison_estimated",
    "group_estimated",
    "note",
    *VERDICT_KEYS,
)
# People and units behind a row that are not in its n, where the study counts them.
FLOW_KEYS = ("left_out", "clusters_left_out")
NATIONAL_KEYS = ("k", "tau2", "i2", "i2_definition", "pi_low", "pi_high", "places_missing")
SUPPORT_KEYS = (
    "n",
    "n_identifying",
    "cells_identifying",
    "n_treated",
    "clusters_treated",
    "clusters_comparison",
)


def row(
    result: "Result", *, level: str, outcome: str, group: str, direction: str, **more: Any
) -> dict:
    """One estimate as a flat row. `more` fills further keys (family, sesoi, mde, note,
    status="described", ...)."""
    from analysis.results import (
        LEVELS,
        Estimate,
        NotEstimable,
        Withheld,
    )  # brings pandas, which the runner does without

    cells: dict[str, Any] = dict.fromkeys(ROW_KEYS)
    cells |= {"level": level, "outcome": outcome, "group": group, "direction": direction}
    cells |= {"estimand": result.estimand, "method": result.method, "unit": result.unit}
    match result:
        case Estimate():
            names = (
                "value",
                "std_error",
                "conf_low",
                "conf_high",
                "p_value",
                "df",
                "reason",
                "seed",
            )
            cells |= {"status": "estimated"} | {name: getattr(result, name) for name in names}
            cells |= {name: getattr(result, name) for name in LEVELS}
            if not result.reliable:
                cells["note"] = "not_reliable"
        case NotEstimable():
            cells |= {"status": "not_estimable", "reason": result.reason}
        case Withheld():
            cells |= {"status": "withheld", "reason": result.reason}
    if not isinstance(result, Withheld):
        cells |= {name: getattr(result.support, name) for name in SUPPORT_KEYS}
        cells["support"] = asdict(result.support)
        # private: what the words of its method are held to
        if isinstance(result, Estimate) and result.allowed_for is not None:
            cells["support"] |= {"allowed_for": list(result.allowed_for)}
        if result.support.left_out is not None:
            cells |= {
                "left_out": dict(result.support.left_out),
                "clusters_left_out": result.support.clusters_left_out,
            }
    unknown = set(more) - set(ROW_KEYS) - set(NATIONAL_KEYS)
    if unknown:
        raise ValueError(f"a row has no key {sorted(unknown)}")
    return cells | more


def find(record: dict, **wanted: Any) -> dict | None:
    """The first row whose keys have the wanted values; None where there is none."""
    return next(iter(rows(record, **wanted)), None)


def rows(record: dict, **wanted: Any) -> list[dict]:
    """All rows whose keys have the wanted values, in the order of the record."""
    return [
        r for r in record["estimates"] if all(r.get(key) == value for key, value in wanted.items())
    ]


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


def validate(record: dict) -> dict:
    """`record` itself if the schema holds; else RunError E310 that names the place in the record,
    never a value."""
    error = next(
        iter(
            sorted(validator().iter_errors(record), key=lambda e: list(map(str, e.absolute_path)))
        ),
        None,
    )
    if error is not None:
        where = "/".join(map(str, error.absolute_path)) or "the record"
        raise RunError("E310", f"{where} breaks the schema of results.json ({error.validator}).")
    return record


def dumps(record: dict) -> str:
    """Canonical text: sorted keys, no NaN, a line feed at the end. Equal records give equal
    bytes."""
    return json.dumps(record, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write(record: dict, path: Path) -> Path:
    """Write `record` so that either all of it or nothing stands at `path`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(dumps(record))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    return path


def load(path: Path) -> dict:
    """Read a record; RunError E311 where the file is not there or is not a record."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RunError(
            "E311", f"{path.name} is not a readable record.", remedy="Run the study again."
        ) from None
