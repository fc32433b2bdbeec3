"""The keys of a plan, from the models that read it: what stands there, whether it is needed, and
what it means, by the comment beside it in the code or the line of meanings.yml."""

import ast
import inspect
import io
import tokenize
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from analysis.plans.monitor import Monitor
from analysis.plans.outputs_plan import OutputsPlan
from analysis.plans.plan import Plan

MODELS: Mapping[str, type[BaseModel]] = {
    "Plan": Plan,
    "Monitor": Monitor,
    "OutputsPlan": OutputsPlan,
}
MEANINGS = Path(__file__).with_name("meanings.yml")
HEAD = "| key | meaning | what stands there | needed |\n|---|---|---|---|\n"
NAMED = {  # patterns of texts that have a name of their own
    r"^[a-z][a-z0-9_]{1,60}$": "a name",
    r"^https?://\S+$": "an address",
}


def plan_keys(name: str) -> str:
    """Markdown: the keys of a plan, then those of each section in it."""
    model = MODELS[name]
    schema = model.model_json_schema()
    found = {model.__name__: model, **sections_of(model)}
    described = {name: schema["$defs"][name] for name in schema.get("$defs", {})}
    described[model.__name__] = schema
    parts = [_section(one, described[name]) for name, one in found.items()]
    return "\n\n".join(parts)


def sections_of(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Models that stand within a model, by name, in the order in which its keys name them."""
    found: dict[str, type[BaseModel]] = {}
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            found |= {inner.__name__: inner, **sections_of(inner)}
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for part in getattr(annotation, "__args__", ()) for m in _models_in(part)]


def _section(model: type[BaseModel], schema: Mapping[str, Any]) -> str:
    said = " ".join((model.__doc__ or "").split())
    meanings = meanings_of(model)
    rows = [
        f"| `{key}` | {meanings.get(key, '')} | {_kind(part)} | {_needed(key, schema)} |"
        for key, part in schema.get("properties", {}).items()
    ]
    return f"### {model.__name__}\n\n{said}\n\n{HEAD}" + "\n".join(rows)


# -- meanings --------------------------------------------------------------------------------------
def meanings_of(model: type[BaseModel]) -> dict[str, str]:
    """What each key means, in the order of authority: the comment beside it, the line of
    meanings.yml, the first sentence of the section that stands there."""
    own = [one for one in reversed(model.__mro__) if issubclass(one, BaseModel)]
    found = {_name(model, key): said for key, said in _of_sections(model).items()}
    for one in own:
        found |= written().get(one.__name__, {})
        beside = {key: text for key, text in _comments_of(one).items() if text}
        found |= {_name(model, k): text for k, text in beside.items() if k in model.model_fields}
    return found


@cache
def written() -> dict[str, dict[str, str]]:
    """meanings.yml: model, key, meaning."""
    return yaml.safe_load(MEANINGS.read_text(encoding="utf-8"))


def _name(model: type[BaseModel], field: str) -> str:
    """The key of a field, which differs where the key is a word of Python (`from`)."""
    return model.model_fields[field].alias or field


def _of_sections(model: type[BaseModel]) -> dict[str, str]:
    found = {}
    for key, field in model.model_fields.items():
        for inner in _models_in(field.annotation):
            text = " ".join((inner.__doc__ or "").split())
            found[key] = text.split(". ")[0].rstrip(".")
    return found


@cache
def _comments_of(model: type[BaseModel]) -> dict[str, str]:
    """The comment above, within or after the line of each field of a model's own."""
    if model is BaseModel:
        return {}
    text = inspect.getsource(model)
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }
    (tree,) = ast.parse(text).body
    found, last = {}, 0
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            lines = range(last + 1, node.end_lineno + 1)
            found[node.target.id] = " ".join(comments[n] for n in lines if n in comments)
        last = node.end_lineno
    return found


# -- kinds -----------------------------------------------------------------------------------------
def _needed(key: str, schema: Mapping[str, Any]) -> str:
    if key in schema.get("required", ()):
        return "yes"
    default = schema["properties"][key].get("default")
    if default in (None, "", [], {}) or isinstance(default, dict):
        return "no"
    return f"no: `{str(default).lower() if isinstance(default, bool) else default}`"


def _kind(part: Mapping[str, Any]) -> str:
    """A part of a JSON schema in words."""
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in part:
        return " or ".join(_kind(one) for one in part["anyOf"] if one.get("type") != "null")
    if "allOf" in part:
        return _kind(part["allOf"][0])
    if words := part.get("enum", [part["const"]] if "const" in part else ()):
        return "one of " + ", ".join(f"`{word}`" for word in words)
    kind = part.get("type")
    if kind == "array":
        each = part.get("items") or (part.get("prefixItems") or [{}])[0]
        least = f", at least {part['minItems']}" if part.get("minItems") else ""
        return f"a list{least}: {_kind(each)}"
    if kind == "object":
        return f"names, each with {_kind(part.get('additionalProperties') or {})}"
    if kind == "string":
        pattern = part.get("pattern", "")
        return NAMED.get(pattern, "text" if not pattern else "text of a fixed form")
    if kind in ("number", "integer"):
        return {"number": "a number", "integer": "a whole number"}[kind] + _limits(part)
    return {"boolean": "`true` or `false`"}.get(kind, "text")


def _limits(part: Mapping[str, Any]) -> str:
    words = {
        "exclusiveMinimum": "above",
        "minimum": "from",
        "exclusiveMaximum": "below",
        "maximum": "up to",
    }
    said = [f"{word} {part[key]:g}" for key, word in words.items() if key in part]
    return f" ({', '.join(said)})" if said else ""


def unsaid() -> list[str]:
    """Keys of plans of which nothing is said, as `Model.key`."""
    found = {}
    for top in MODELS.values():
        for name, model in {top.__name__: top, **sections_of(top)}.items():
            aliases = [f.alias or key for key, f in model.model_fields.items()]
            meanings = meanings_of(model)
            found |= {f"{name}.{key}": None for key in aliases if not meanings.get(key)}
    return [*found]
