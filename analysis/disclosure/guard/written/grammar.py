"""What the code cells of a notebook that is published may hold: verbs of the workbench, and nothing
else.

Deny by default: each kind of node of Python's syntax tree is on the list or is refused. A notebook
in this grammar runs the project's own code only, so that no table is made by hand, nothing in the
kernel is replaced and no file is written. It is read outside the kernel, before one is started
(decision 103).
"""

import ast
import re
from collections.abc import Iterator

PARAMETERS, INJECTED = "parameters", "injected-parameters"
# Tags that change neither what is run nor what is shown; any other would be words beside the cells.
TAGS = frozenset({PARAMETERS, INJECTED, "nbval-ignore-output"})
PARAMETER_NAMES = frozenset({"study_id", "region_id", "data_source", "round_id"})
ROOM = "analysis.notebook"
OPENS = frozenset({"open_study", "open_national", "open_place", "open_portfolio", "open_protocol"})
# Verbs of a study in one place (workbench/study.py), of all places together, of what is known of a
# place and of every study (places/), and of what a study could show (protocol/).
VERBS = frozenset(
    {
        "answer",
        "plan",
        "people",
        "check",
        "compare",
        "rates",
        "table",
        "plot",
        "columns",
        "ladder",
        "limits",
        "record",
        "places",
        "alike",
        "outcomes",
        "by_group",
        "harm_watch",
        "checks",
        "summary",
        "to_do",
        "differences",
        "worse",
        "cannot_tell",
        "pilots",
        "ask",
        "promises",
        "studies",
        "question",
        "theory",
        "sample",
        "power",
        "groups",
        "disclosure",
        "looks",
        "fixed",
    }
)
# What is taken in hand of a section, and the names that complete.
PARTS = frozenset({"table", "tables", "charts", "text", "parts", "estimates"})
NAMES = frozenset({"outcomes", "designs", "checks"})
A_NAME = re.compile(r"[a-z][a-z_]{0,39}\d?")

_OPENED, _SHOWN, _WORD = "opened", "shown", "word"  # what a name of the notebook stands for


class _Refused(ValueError):
    """A construct that is not on the list; the text is what it is, in words."""


def cell_faults(source: str, tags: tuple[str, ...], known: dict[str, str]) -> Iterator[str]:
    """What of one code cell is not in the grammar, in words. `known`: what the names of earlier
    cells stand for; the names of this cell are added to it."""
    if set(tags) - TAGS:
        yield "a tag that no cell needs"
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield "text that is not Python (a magic, a shell line)"
        return
    parameters = bool({PARAMETERS, INJECTED} & set(tags))
    for statement in tree.body:
        try:
            if parameters and _OPENED in known.values():
                raise _Refused("parameters that are set after the study was opened")
            if parameters:
                _parameter(statement, known)
            else:
                _statement(statement, known)
        except _Refused as refused:
            yield str(refused)
        except RecursionError:
            yield "an expression that is nested too deeply"


def _parameter(statement: ast.stmt, known: dict[str, str]) -> None:
    """A parameters cell sets names of parameters to texts."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str()))
            | ast.AnnAssign(
                target=ast.Name(id=name),
                annotation=ast.Name(id="str"),
                value=ast.Constant(value=str()),
            )
        ):
            if name not in PARAMETER_NAMES:
                raise _Refused("a parameter that no notebook has")
            known[name] = _WORD
        case _:
            raise _Refused("a parameters cell that does more than set names to texts")


def _statement(statement: ast.stmt, known: dict[str, str]) -> None:
    match statement:
        case ast.ImportFrom(module=module, names=names, level=0) if module == ROOM:
            if any(alias.name not in OPENS or alias.asname for alias in names):
                raise _Refused("an import of more than what opens a study or what is known")
        case ast.Import() | ast.ImportFrom():
            raise _Refused("an import")
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            found = _kind(value, known)
            if name in OPENS or name in PARAMETER_NAMES or not A_NAME.fullmatch(name):
                raise _Refused("a name that is taken, or that is not made of small letters")
            known[name] = found
        case ast.Expr(value=value):
            if _kind(value, known) == _OPENED:
                raise _Refused("a study that is shown by itself")
        case _:
            raise _Refused(_named(statement))


def _kind(node: ast.expr, known: dict[str, str]) -> str:
    """What an expression stands for: an opened study, something that is shown, a word."""
    match node:
        case ast.Name(id=name):
            if name not in known:
                raise _Refused("a name that no earlier line of the notebook has set")
            return known[name]
        case ast.Call():
            return _call(node, known)
        case ast.Attribute(value=value, attr=attr):
            return _attribute(value, attr, known)
        case ast.Subscript(value=value, slice=index):
            return _item(value, index, known)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            if {_kind(left, known), _kind(right, known)} == {_SHOWN}:
                return _SHOWN
            raise _Refused("a sum of what are not sections")
    raise _Refused(_named(node))


def _open(node: ast.Call, known: dict[str, str]) -> str:
    """The one study of a notebook is that of its parameters."""
    if _OPENED in known.values():
        raise _Refused("a second study that is opened")
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        if not isinstance(argument, ast.Name) or known.get(argument.id) != _WORD:
            raise _Refused("a study that is opened with other words than the parameters")
    return _OPENED


def _call(node: ast.Call, known: dict[str, str]) -> str:
    if isinstance(node.func, ast.Name) and node.func.id in OPENS:
        return _open(node, known)
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        _argument(argument, known)
    if any(keyword.arg is None for keyword in node.keywords):
        raise _Refused("arguments with two stars")
    match node.func:
        case ast.Attribute(value=value, attr=attr) if attr in VERBS:
            if _kind(value, known) == _OPENED:
                return _SHOWN
        case _:
            pass
    raise _Refused("a call of what is not a verb of the study")


def _attribute(value: ast.expr, attr: str, known: dict[str, str]) -> str:
    """A part of a section, a list of names of a study, or one of those names."""
    if (
        isinstance(value, ast.Attribute)
        and value.attr in NAMES
        and not attr.startswith("_")
        and _kind(value.value, known) == _OPENED
    ):
        return _WORD
    found = _kind(value, known)
    if (found == _OPENED and attr in NAMES) or (found == _SHOWN and attr in PARTS):
        return _SHOWN
    raise _Refused("an attribute that is neither a verb nor a part of what a verb returns")


def _item(value: ast.expr, index: ast.expr, known: dict[str, str]) -> str:
    """One of the tables or charts of a section, by its number; a name of a study, by its text."""
    if isinstance(value, ast.Attribute) and isinstance(index, ast.Constant):
        inside = _kind(value.value, known)
        if inside == _SHOWN and value.attr in PARTS and type(index.value) is int:
            return _SHOWN
        if inside == _OPENED and value.attr in NAMES and type(index.value) is str:
            return _WORD
    raise _Refused("an item of what is neither tables, charts nor names of a study")


def _argument(node: ast.expr, known: dict[str, str]) -> None:
    """Literals, lists and mappings of them, parameters, and what a verb has returned."""
    match node:
        case ast.Constant(value=str() | bool() | int() | float() | None):
            return
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            for part in parts:
                _argument(part, known)
        case ast.Dict(keys=keys, values=values):
            for said in (*keys, *values):
                if said is None:
                    raise _Refused("a mapping with two stars")
                _argument(said, known)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return
        case ast.Name(id=name) if known.get(name) == _WORD:
            return
        case _:
            if _kind(node, known) == _OPENED:
                raise _Refused("a study that is handed to a verb")


def _named(node: ast.AST) -> str:
    """A kind of node in words: what a reader would call it."""
    words = {
        "FunctionDef": "a function (def)",
        "AsyncFunctionDef": "a function (def)",
        "ClassDef": "a class",
        "Lambda": "a function (lambda)",
        "Assign": "an assignment to more than one plain name",
        "AugAssign": "an assignment in place",
        "AnnAssign": "an assignment with a type",
        "Constant": "a value that stands by itself",
        "JoinedStr": "a text made from values (f-string)",
        "BinOp": "a calculation",
        "For": "a loop",
        "While": "a loop",
        "With": "a with block",
        "Delete": "a name that is deleted",
    }
    kind = type(node).__name__
    return words.get(kind, f"a construct that is no verb ({kind})")
