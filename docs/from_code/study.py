"""The verbs of a study, from their signatures and docstrings."""

import inspect
import re
from collections.abc import Callable
from functools import cached_property

from analysis.workbench.study import Study

# A line of a docstring that begins a command to copy.
COPIED = re.compile(r"^>>> ?(.*)$", re.MULTILINE)


def verbs() -> str:
    """Markdown: each verb of `study` with what it takes, what it does and lines to copy."""
    shown = [_verb(name, made) for name, made in vars(Study).items() if not name.startswith("_")]
    return "\n\n".join(filter(None, shown))


def _verb(name: str, made: object) -> str:
    if isinstance(made, cached_property):
        return _entry(f"study.{name}", inspect.getdoc(made.func) or "")
    if inspect.isfunction(made):
        return _entry(f"study.{name}({_arguments(made)})", inspect.getdoc(made) or "")
    return ""


def _arguments(verb: Callable) -> str:
    """Arguments of a verb with their defaults, without their types."""
    taken = [one for one in inspect.signature(verb).parameters.values() if one.name != "self"]
    return ", ".join(str(one.replace(annotation=inspect.Parameter.empty)) for one in taken)


def _entry(call: str, text: str) -> str:
    """One entry; lines that begin with >>> become a block of code."""
    prose = [" ".join(part.split()) for part in COPIED.sub("", text).split("\n\n")]
    lines = COPIED.findall(text)
    code = "\n".join(["```python", *lines, "```"]) if lines else ""
    name = call.split("(")[0]
    return "\n\n".join(part for part in (f"### {name}", f"`{call}`", *prose, code) if part)
