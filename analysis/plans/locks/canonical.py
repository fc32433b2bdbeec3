"""What of a plan is locked: its canonical form, the hash of it, and the keys in which two differ.

The form is the parsed plan and its rule for decisions, so that comments and layout do not matter.
What stands at its default is left out: to write it down changes nothing, and a key that the
workbook learns later changes no lock.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from analysis.plans.decisions import rule_of
from analysis.plans.registry import load_plan

STATUS = {"state"}  # says how far the study is, and nothing of what it asks
TAKEN = {"looked"}  # of a rule: looks that were taken, as the rule had foreseen
RULE = "decision rule"  # key of what stands in params/decisions.yml
NAMED_BY = ("id", "name", "level", "date", "document")  # what an entry of a list is called by
STEP = " › "
Form = Mapping[str, Any]


def canonical_form(study: str) -> Form:
    """The plan of a study as it is locked, as JSON has it. PlanError, ParameterError E210."""
    form = load_plan(study).model_dump(
        mode="json", by_alias=True, exclude_defaults=True, exclude=STATUS
    )
    rule = rule_of(study)
    if rule is not None:
        form[RULE] = rule.model_dump(mode="json", exclude_defaults=True, exclude=TAKEN)
    return form


def hash_of_form(form: Form) -> str:
    """sha256 of a form, whatever the order of its keys."""
    text = json.dumps(form, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def changed_keys(before: Form, now: Form) -> tuple[str, ...]:
    """Where two forms differ, in the words of the plan: "outcomes › leaving › matters"."""
    return tuple(dict.fromkeys(STEP.join(path) for path in _changed(before, now, ())))


def _changed(before: Any, now: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if before == now:
        return
    old, new = _by_name(before), _by_name(now)
    if old is None or new is None:
        yield path
        return
    inside = [
        found
        for name in (*old, *(name for name in new if name not in old))
        for found in _changed(old.get(name), new.get(name), (*path, name))
    ]
    yield from inside or [path]  # the same entries in another order


def _by_name(value: Any) -> Mapping[str, Any] | None:
    """The parts of a mapping, or of a list whose entries have names of their own; None where it
    has none."""
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        return None
    names = [next((str(e[key]) for key in NAMED_BY if e.get(key)), "") for e in value]
    return dict(zip(names, value, strict=True)) if len({*names} - {""}) == len(names) else None
