"""Calls of a design with its columns named one by one, which several tests share.

A design takes its columns, and options that belong together, as frozen types. `with_columns` sorts
keywords into the types that the signature asks for, so that a test may change one column alone.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from inspect import signature
from typing import get_args, get_type_hints

NAMED_APART = {"unit": "result_unit"}  # in a panel `unit` is a column


def with_columns(design: Callable, *given, **named):
    """`design(*given, ...)`; TypeError for a keyword that neither it nor one of its types knows."""
    hints, left, told = get_type_hints(design), dict(named), {}
    for name in [*signature(design).parameters][len(given) :]:
        kinds = [kind for kind in (hints.get(name), *get_args(hints.get(name))) if kind]
        kind = next((kind for kind in kinds if is_dataclass(kind)), None)
        if name in left:
            told[name] = left.pop(name)
        elif kind is not None and (own := _taken(kind, left)):
            told[name] = kind(**own)
    return design(*given, **told, **left)


def _taken(kind: type, left: dict) -> dict:
    """What belongs to a type, taken out of the keywords that are left; nothing where it is short of
    one."""
    keys = {f.name: f.name if f.name in left else NAMED_APART.get(f.name) for f in fields(kind)}
    if any(f.default is MISSING and keys[f.name] not in left for f in fields(kind)):
        return {}
    return {name: left.pop(key) for name, key in keys.items() if key in left}
