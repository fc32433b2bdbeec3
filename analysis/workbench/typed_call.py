"""The call that is being typed at a cursor: which function, which argument, what there is of it.

The cell is read up to the cursor alone, and nothing in it is run.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MARK = "\ue000"  # of the private use area: stands at the cursor while the call is parsed
CLOSES = {"(": ")", "[": "]", "{": "}"}
# What is called: a name, its attributes, and what is taken from a list or a mapping by a key.
CALLED = re.compile(r"[A-Za-z_]\w*(?:\[[^\][]*\]|\s*\.\s*[A-Za-z_]\w*)*$")
QUOTES = re.compile(r"'''|\"\"\"|'|\"")


@dataclass(frozen=True)
class TypedCall:
    """A text that is being typed in a call.

    called: what is called, as it stands in the cell (study.compare). argument: its keyword, or its
    position. begun: the text as far as it is typed. key: of a mapping, the key whose value it is;
    None where it is a key itself, or in no mapping. beside: the other texts of its list. named: the
    texts of each argument but this one, of a mapping its keys.
    """

    called: str
    argument: str | int
    begun: str
    key: str | None = None
    beside: tuple[str, ...] = ()
    named: Mapping[str | int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Open:
    """What is open at the cursor: brackets with their places, and the quotation mark of a text."""

    brackets: tuple[tuple[str, int], ...]
    quote: str = ""
    quoted_from: int = 0


def typed_call(text: str) -> TypedCall | None:
    """What is being typed at the end of `text`; None where it is no text in a call."""
    opened = _open_at_end(text)
    if not opened.quote:
        return None
    for number in reversed(range(len(opened.brackets))):
        bracket, place = opened.brackets[number]
        called = CALLED.search(text[:place])
        if bracket == "(" and called:
            return _parsed(text, called[0], opened, number)
    return None


def _open_at_end(text: str) -> _Open:
    brackets: list[tuple[str, int]] = []
    place = 0
    while place < len(text):
        if quote := QUOTES.match(text, place):
            end = _end_of_text(text, quote.end(), quote[0])
            if end is None:
                return _Open(tuple(brackets), quote[0], quote.end())
            place = end
            continue
        letter = text[place]
        if letter == "#":
            place = (text.find("\n", place) + 1 or len(text) + 1) - 1
        elif letter in CLOSES:
            brackets.append((letter, place))
        elif letter in CLOSES.values() and brackets:
            brackets.pop()
        place += 1
    return _Open(tuple(brackets))


def _end_of_text(text: str, place: int, quote: str) -> int | None:
    """Where a text ends that has begun before `place`; None where it is still open. One of a
    single quotation mark that the line leaves open is a slip, and ends with its line."""
    while place < len(text):
        if text.startswith(quote, place):
            return place + len(quote)
        if text[place] == "\n" and len(quote) == 1:
            return place
        place += 2 if text[place] == "\\" else 1
    return None


def _parsed(text: str, called: str, opened: _Open, number: int) -> TypedCall | None:
    """The call from its bracket to the cursor, closed there and parsed."""
    begun = text[opened.quoted_from :]
    inside = opened.brackets[number:]
    before = text[: opened.quoted_from - len(opened.quote)].rstrip()
    is_key = inside[-1][0] == "{" and before[-1] in "{,"
    closing = "".join(CLOSES[bracket] for bracket, _ in reversed(inside))
    written = text[inside[0][1] : opened.quoted_from] + MARK + opened.quote
    try:
        tree = ast.parse(f"_{written}{': 0' if is_key else ''}{closing}", mode="eval")
    except (SyntaxError, ValueError):
        return None
    if not isinstance(call := tree.body, ast.Call):
        return None
    return _read(call, called, begun)


def _read(call: ast.Call, called: str, begun: str) -> TypedCall | None:
    given: dict[str | int, ast.expr] = dict(enumerate(call.args))
    given |= {one.arg: one.value for one in call.keywords if one.arg}
    argument = next((name for name, node in given.items() if MARK in _texts(node)), None)
    if argument is None:
        return None
    key, beside = _place_of_mark(given[argument])
    named = {name: tuple(t for t in _names(node) if t != MARK) for name, node in given.items()}
    return TypedCall(called, argument, begun, key, beside, named)


def _place_of_mark(node: ast.expr) -> tuple[str | None, tuple[str, ...]]:
    """The key whose value the mark is in, and the texts beside it."""
    pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
    key, held = next(
        ((_text(key), _texts(value)) for key, value in pairs if MARK in _texts(value)),
        (None, _names(node)),
    )
    return key, tuple(text for text in held if text != MARK)


def _names(node: ast.expr) -> tuple[str, ...]:
    """The texts of an argument, of a mapping its keys."""
    if isinstance(node, ast.Dict):
        return tuple(text for key in node.keys if (text := _text(key)) is not None)
    return _texts(node)


def _texts(node: ast.AST) -> tuple[str, ...]:
    held = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return tuple(value for value in held if isinstance(value, str))


def _text(node: ast.expr | None) -> str | None:
    found = node.value if isinstance(node, ast.Constant) else None
    return found if isinstance(found, str) else None
