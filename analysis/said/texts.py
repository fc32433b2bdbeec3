"""Texts whose every number was cleared: made by `say`, and by nothing that could slip a number in.

A `ClearedText` is a text like any other to whoever reads it. Whatever cuts or joins it as a plain
text gives a plain text, and that is refused where it is to be published and holds a figure.
"""

import re
import string
from collections.abc import Callable, Iterable
from typing import Any, Self

from analysis.said.numbers import ClearedNumber, not_cleared

_DOOR = object()
_FIGURE = re.compile(r"\d")


class ClearedText(str):
    """A text of which each number is cleared. RunError E353 where it is made by hand."""

    __slots__ = ()

    def __new__(cls, text: str, door: object = None) -> Self:
        if door is not _DOOR:
            raise not_cleared("a sentence was made by hand")
        return super().__new__(cls, text)

    def __reduce__(self) -> tuple:
        return _cleared, (str(self),)

    def __deepcopy__(self, _: dict) -> Self:
        return self


def _cleared(text: str) -> ClearedText:
    return ClearedText(text, _DOOR)


def say(template: str, **slots: Any) -> ClearedText:
    """`template` with its slots filled: cleared numbers, cleared texts, names, and words without a
    figure.

    RunError E353 for a float, an int, or a plain text that holds a figure. The template itself is
    a constant of the code (a test reads it).
    """
    return _cleared(_Filled().vformat(template, (), slots))


class _Filled(string.Formatter):
    def get_field(self, field_name: str, args, kwargs):
        return super().get_field(field_name, args, kwargs) if field_name.isidentifier() else _no()

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec:
            raise not_cleared("a sentence gives a number a format of its own")
        if isinstance(value, ClearedNumber):
            return value.text
        return str(checked(value))


def _no():
    raise not_cleared("a sentence has a slot that is no plain name")


def checked(text: Any) -> str:
    """The text, where each of its figures is cleared. RunError E353."""
    if not isinstance(text, str):
        raise not_cleared(f"a {type(text).__name__} stands where a text must")
    if isinstance(text, ClearedText) or not _FIGURE.search(text):
        return text
    raise not_cleared("a text holds a figure of which nobody knows how it was cleared")


def named(text: str) -> ClearedText:
    """A name of the plan, of a code list, of a register, or a date: its figures are public by
    themselves. No text that a number was put into (a test reads what is given here)."""
    return _cleared(str(text))


def released(text: str) -> ClearedText:
    """A text read back from a record that was released."""
    return _cleared(str(text))


def joined(separator: str, texts: Iterable[str]) -> ClearedText:
    """Texts one after the other, each of which is cleared."""
    return _cleared(separator.join(checked(text) for text in texts))


def capital(text: str) -> str:
    """First letter large; cleared as the text was."""
    return _as(text, lambda words: words[:1].upper() + words[1:])


def small(text: str) -> str:
    """First letter small; cleared as the text was."""
    return _as(text, lambda words: words[:1].lower() + words[1:])


def reworded(text: str, pattern: str, words: dict[str, str]) -> str:
    """Words of the plan put in the place of others, cleared as the text was."""
    return _as(text, lambda old: re.sub(pattern, lambda found: words[found[0]], old))


def _as(text: str, change: Callable[[str], str]) -> str:
    changed = change(str(text))
    return _cleared(changed) if isinstance(text, ClearedText) else changed
