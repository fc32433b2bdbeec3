"""Texts whose every number was cleared: made by `say`, and by nothing that could slip a number in.

A `ClearedText` is a text like any other to whoever reads it. What cuts it, joins it or changes its
letters keeps the clearance; in an f-string its digits are carried (`said.carried`). A figure that
came in any other way is refused where the text leaves: `checked`.
"""

import numbers
import re
import string
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, ParamSpec, Self, SupportsIndex, TypeVar

from analysis.said.carried import CARRIED, FIGURE, carried, covered, read_out
from analysis.said.numbers import ClearedNumber, not_cleared

_DOOR = object()
P = ParamSpec("P")
T = TypeVar("T")


def _kept(change: Callable[..., str]) -> Any:
    """A method of texts that puts nothing in: what it gives is cleared as the text was."""

    @wraps(change)
    def kept(self: "ClearedText", *given: Any) -> "ClearedText":
        return _cleared(change(str(self), *given))

    return kept


def _parts(cut: Callable[..., list[str] | tuple[str, ...]]) -> Any:
    """The same of one that gives several texts."""

    @wraps(cut)
    def parts(self: "ClearedText", *given: Any, **named: Any) -> "list | tuple":
        found = cut(str(self), *given, **named)
        return type(found)(map(_cleared, found))

    return parts


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

    def __format__(self, spec: str) -> str:
        return carried(format(str(self), spec))

    def __add__(self, other: str) -> str:
        return settled(f"{self}{other}")

    def __radd__(self, other: str) -> str:
        return settled(f"{other}{self}")

    def join(self, texts: Iterable[str]) -> str:
        return settled(carried(self).join(f"{text}" for text in texts))

    def replace(self, old: str, new: str, count: SupportsIndex = -1) -> str:
        changed = str(self).replace(old, new, count)
        return _cleared(changed) if _is_clear(new) else changed

    def format(self, *given: Any, **named: Any) -> str:
        return settled(_Template().vformat(str(self), given, named))

    __getitem__ = _kept(str.__getitem__)
    capitalize, lower, upper = _kept(str.capitalize), _kept(str.lower), _kept(str.upper)
    strip, lstrip, rstrip = _kept(str.strip), _kept(str.lstrip), _kept(str.rstrip)
    removeprefix, removesuffix = _kept(str.removeprefix), _kept(str.removesuffix)
    split, rsplit = _parts(str.split), _parts(str.rsplit)
    splitlines = _parts(str.splitlines)
    partition, rpartition = _parts(str.partition), _parts(str.rpartition)


def _cleared(text: str) -> ClearedText:
    return ClearedText(read_out(text), _DOOR)


class _Template(string.Formatter):
    """A cleared text as a template: its own figures are carried, and those of what fills it stay
    as they come."""

    def parse(self, format_string: str):
        for literal, *slot in super().parse(format_string):
            yield carried(literal), *slot


# -- the doors -------------------------------------------------------------------------------------
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


def named(text: str) -> ClearedText:
    """A name of the plan, of a code list, of a register, or a date: its figures are public by
    themselves. No text that a number was put into (a test reads what is given here)."""
    return _cleared(text)


def worded(text: str) -> ClearedText:
    """Words of the code that hold a figure: "95% confidence interval", "in every 100".

    A constant, or put together while a module is imported, when no table is open yet (a test reads
    what is given here).
    """
    return _cleared(text)


ONE_NUMBER = re.compile(r"\W*\d(?:[\d.,]*\d)?\W*")
_NAMES: dict[str, re.Pattern[str]] = {}


def public_names(names: Iterable[str]) -> None:
    """Names of places, groups and codes in params/, as a file of them is read: the figures of
    "Region 3" and "18 to 24" are public wherever the whole name stands. A name that is one number
    is none: any number of a text could be meant.

    These stay plain texts, since keys of rows and columns are made of them (a lint lists who may
    call this).
    """
    for name in map(str, names):
        if FIGURE.search(name) and not ONE_NUMBER.fullmatch(name):
            _NAMES[name] = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def _without_names(text: str) -> str:
    for name, pattern in _NAMES.items():
        text = pattern.sub("", text) if name in text else text
    return text


def in_words(value: Any) -> Any:
    """A value of a plan or of a code list with its words named: each text with a space in it. Ids,
    days and paths have none, and stay as they are."""
    if isinstance(value, str):
        return named(value) if " " in value and FIGURE.search(value) else value
    if isinstance(value, list | tuple):
        return type(value)(map(in_words, value)) if type(value) in (list, tuple) else value
    if isinstance(value, dict):
        return {key: in_words(one) for key, one in value.items()}
    return value


def released(text: str) -> ClearedText:
    """A text read back from a record that was released."""
    return _cleared(str(text))


# -- the exit --------------------------------------------------------------------------------------
def checked(text: Any, where: str = "a text") -> str:
    """The text as it leaves, each of its figures cleared. RunError E353 names it otherwise, with
    the figures covered. `where`: what it is a text of."""
    if not isinstance(text, str):
        raise not_cleared(f"a {type(text).__name__} stands where a text must")
    if isinstance(text, ClearedText):
        return text
    if FIGURE.search(_without_names(text)):
        said = f'{where} holds a figure of which nobody knows how it was cleared: "{covered(text)}"'
        raise not_cleared(said)
    return _cleared(text) if CARRIED.search(text) or FIGURE.search(text) else text


def leaves(thing: Any, where: str, *names: str) -> None:
    """The texts of a frozen thing that leaves, one by one or in tuples: each checked."""
    for name in names:
        object.__setattr__(thing, name, _each_checked(getattr(thing, name), where))


def settled(text: str) -> str:
    """A text put together from others: cleared where each of its figures is, and else a plain one,
    which no exit takes."""
    return _cleared(text) if _is_clear(text) else read_out(text)


def _is_clear(text: str) -> bool:
    return isinstance(text, ClearedText) or not FIGURE.search(_without_names(text))


def sentence(function: Callable[P, T]) -> Callable[P, T]:
    """Of a function that writes a text, or several: each leaves it cleared, or not at all
    (E353)."""

    @wraps(function)
    def written(*given: P.args, **named: P.kwargs) -> T:
        return _each_checked(function(*given, **named), f"what {function.__name__} says")

    return written


def _each_checked(said: Any, where: str) -> Any:
    if isinstance(said, str):
        return checked(said, where)
    if isinstance(said, list | tuple):
        return type(said)(_each_checked(one, where) for one in said)
    if isinstance(said, numbers.Number):
        raise not_cleared(f"a number stands where {where} must")
    return said


# -- texts from texts ------------------------------------------------------------------------------
def joined(separator: str, texts: Iterable[str]) -> ClearedText:
    """Texts one after the other, each of which is cleared."""
    return _cleared(separator.join(checked(text) for text in texts))


def together(separator: str, texts: Iterable[str]) -> str:
    """Texts one after the other, cleared where each of them is."""
    return settled(separator.join(f"{text}" for text in texts))


def cut(text: str, pattern: str | re.Pattern[str]) -> list[str]:
    """The parts of a text between what the pattern finds, each cleared as the text was."""
    parts = re.split(pattern, str(text))
    return [_cleared(part) for part in parts] if isinstance(text, ClearedText) else parts


def capital(text: str) -> str:
    """First letter large; cleared as the text was."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """First letter small; cleared as the text was."""
    return text[:1].lower() + text[1:]


def reworded(text: str, pattern: str, words: dict[str, str]) -> str:
    """Words of the plan put in the place of others, cleared as both were."""
    said = f"{text}" if isinstance(text, ClearedText) else text
    changed = re.sub(pattern, lambda found: f"{words[found[0]]}", said)
    return settled(changed) if isinstance(text, ClearedText) else changed
