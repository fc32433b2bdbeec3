"""Reads a YAML file strictly, and remembers on which line everything stands.

YAML guesses: `NO` becomes false, `012` becomes ten, the second of two equal keys wins in silence. A
plan that people sign must not be guessed at, so all of that is an error with file and line.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis.errors import PlanError

GUESSED_BOOLEANS = re.compile(r"^(y|yes|n|no|on|off)$", re.IGNORECASE)
LEADING_ZERO = re.compile(r"^[-+]?0[0-9_]+$")
# libyaml's parser where the installed package has it: the same grammar, ten times as fast
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A plan has 20 kB and is eight levels deep; a label or a sentence has a few hundred letters, and a
# number of the workbook has under 20 digits.
MOST_BYTES, MOST_LEVELS, MOST_NODES, MOST_DIGITS = 2_000_000, 40, 200_000, 100
UNQUOTED_DATE = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}")


SMALLER = "Check how it was written; a plan or a mapping is far smaller."


@dataclass(frozen=True)
class YamlFile:
    """The content of one file (dicts, lists and scalars) and the line of every key path in it."""

    path: Path
    content: Any
    lines: dict[tuple, int]

    def line(self, key_path: tuple) -> int:
        """Line of the deepest part of `key_path` that stands in the file."""
        while key_path and key_path not in self.lines:
            key_path = key_path[:-1]
        return self.lines.get(key_path, 1)


def load_yaml(path: Path) -> YamlFile:
    """Read `path`; PlanError E201–E205 with file and line where YAML would have to guess, E228
    where the file is far larger or deeper than any of ours."""
    try:
        _refuse_large(path)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(
            "E201", f"{path.name} cannot be read as UTF-8 text ({type(error).__name__})."
        ) from None
    try:
        _refuse_events(path, text)
        root = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        remedy = "Use spaces, not tabs; put text that holds ': ' or '#' in quotes."
        raise PlanError(
            "E201",
            f"{path.name}{where} is not valid YAML ({getattr(error, 'problem', None)}).",
            remedy=remedy,
        ) from None
    lines: dict[tuple, int] = {}
    return YamlFile(path, None if root is None else _value(path, root, (), lines), lines)


def _refuse_large(path: Path) -> None:
    """E201 for what is no file, E228 for one that is too large: before a byte of it is read."""
    if not path.is_file():
        raise PlanError("E201", f"{path.name} is not a file that can be read.")
    if path.stat().st_size > MOST_BYTES:
        raise _error("E228", path, 1, f"the file is larger than {MOST_BYTES:,} bytes.", SMALLER)


def _refuse_events(path: Path, text: str) -> None:
    """E205 for aliases, anchors and tags, E228 for a file that is deeper or longer than any of
    ours; the events come one by one, so nothing is built of it yet."""
    level = 0
    for number, event in enumerate(yaml.parse(text, Loader=LOADER)):
        line = event.start_mark.line + 1 if event.start_mark else 1
        tagged = getattr(event, "tag", None) and not isinstance(
            event, yaml.events.DocumentStartEvent
        )
        if isinstance(event, yaml.events.AliasEvent) or getattr(event, "anchor", None) or tagged:
            text = "aliases (*), anchors (&) and tags (!) are not allowed."
            raise _error("E205", path, line, text, "Write the value out.")
        if isinstance(event, yaml.events.CollectionStartEvent):
            level += 1
        elif isinstance(event, yaml.events.CollectionEndEvent):
            level -= 1
        if level > MOST_LEVELS:
            raise _error("E228", path, line, f"more than {MOST_LEVELS} levels.", SMALLER)
        if number > MOST_NODES:
            raise _error("E228", path, line, f"more than {MOST_NODES:,} entries.", SMALLER)


def _value(path: Path, node: yaml.Node, key_path: tuple, lines: dict[tuple, int]) -> Any:
    lines.setdefault(key_path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(path, node, key_path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(path, item, (*key_path, i), lines) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)  # there are no others
    return _scalar(path, node)


def _mapping(path: Path, node: yaml.MappingNode, key_path: tuple, lines: dict[tuple, int]) -> dict:
    content: dict = {}
    for key_node, value_node in node.value:
        key, line = key_node.value, key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or GUESSED_BOOLEANS.match(str(key)):
            raise _error(
                "E203",
                path,
                line,
                "a key must be a word, and not yes, no, on or off.",
                "Put it in quotes.",
            )
        if key in content:
            raise _error("E202", path, line, f"the key `{key}` stands twice.", "Keep one of them.")
        lines[(*key_path, key)] = line
        content[key] = _value(path, value_node, (*key_path, key), lines)
    return content


def _scalar(path: Path, node: yaml.ScalarNode) -> Any:
    line, text = node.start_mark.line + 1, node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if GUESSED_BOOLEANS.match(text):
        raise _error(
            "E203",
            path,
            line,
            "yes, no, on and off are not allowed without quotes.",
            "Write true or false, or put the word in quotes.",
        )
    if LEADING_ZERO.match(text):
        raise _error(
            "E204", path, line, "a number must not begin with a zero.", "Put a code in quotes."
        )
    if UNQUOTED_DATE.match(text):
        raise _error("E204", path, line, "a date must stand in quotes.", 'Write "2026-04-01".')
    if not re.match(r"^(true|false|null|~|[-+]?[0-9.][0-9.eE+-]*)$", text):
        return text or None
    if len(text) > MOST_DIGITS:
        raise _error("E228", path, line, f"a number has more than {MOST_DIGITS} digits.", SMALLER)
    return yaml.load(f"{text}\n", Loader=LOADER)


def _error(code: str, path: Path, line: int, text: str, remedy: str) -> PlanError:
    return PlanError(code, f"{path.name}, line {line}: {text}", remedy=remedy)
