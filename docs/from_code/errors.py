"""Every error code with what it says and its remedy, from the register of the data and from the
places in the code that raise the others."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from analysis.extracts.tables.codes import CODES
from analysis.paths import ROOT

CODE = re.compile(r"E[1-4]\d\d")
ELSEWHERE = Path(__file__).with_name("said_elsewhere.yml")
OPEN = "…"  # stands for what is filled in when the error is raised
NEAREST = ("did_you_mean", "nearest", "_remedy", "_named", "_near")
NAMES_WHAT_IS_VALID = "It names what is valid."
HEAD = "| code | what it says | remedy |\n|---|---|---|\n"
PARTS = (
    (
        "1",
        "Data",
        "They stand in a list with file, row and column, which can be sent to a supplier.",
    ),
    ("2", "Plans, parameters, tables of one's own", "They end a command before anything starts."),
    ("34", "Runs, releases, clusters", "They end a run or a command that is under way."),
)


def error_codes() -> str:
    """Markdown: three tables, by the first digits of their codes: 4 goes on where 3 is full."""
    found = all_codes()
    return "\n\n".join(
        f"### {title}\n\n{note}\n\n{HEAD}"
        + "\n".join(_row(code, said) for code, said in sorted(found.items()) if code[1] in digits)
        for digits, title, note in PARTS
    )


@cache
def all_codes() -> dict[str, list[tuple[str, str]]]:
    """Text and remedy of every code, of each place that raises it."""
    written = yaml.safe_load(ELSEWHERE.read_text(encoding="utf-8"))
    elsewhere = {code: [(said["says"], said["remedy"])] for code, said in written.items()}
    return {**{code: [said] for code, said in CODES.items()}, **raised(), **elsewhere}


def _row(code: str, said: list[tuple[str, str]]) -> str:
    """A code that several places raise has a line for each of its texts."""
    columns = ((text for text, _ in said), (remedy for _, remedy in said))
    cells = ("<br>".join(map(_plain, dict.fromkeys(filter(None, each)))) for each in columns)
    return f"| {code} | " + " | ".join(cells) + " |"


def _plain(text: str) -> str:
    """A text as it is read, whatever marks of Markdown it holds outside of code."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([\\*_<>\[\]])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts).replace("|", "\\|")


# -- from the code ---------------------------------------------------------------------------------
@cache
def raised() -> dict[str, list[tuple[str, str]]]:
    """Codes that are no rule of incoming files: text and remedy of each place that raises one."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        for code, text, remedy in _raised_in(path):
            if code not in CODES and text:
                found.setdefault(code, []).append((text, remedy))
    return found


def codes_in_the_code() -> set[str]:
    """Every code that stands in a text of the code."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "analysis").rglob("*.py"))
    return {code for text in texts for code in re.findall(r"\bE[1-4]\d\d\b", text)}


def _raised_in(path: Path) -> Iterator[tuple[str, str, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    everywhere = _assigned(tree.body)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    for function in functions:
        for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
            if code := _code_of(call, everywhere):
                before = _assigned(ast.walk(function), before=call.lineno)
                yield code, *_text_and_remedy(call, {**everywhere, **before})


def _assigned(nodes, before: int | None = None) -> dict[str, ast.expr]:
    """What names were last given, by name."""
    given = [n for n in nodes if isinstance(n, ast.Assign | ast.AnnAssign) and n.value]
    given = [n for n in given if before is None or n.lineno < before]
    found: dict[str, ast.expr] = {}
    for node in sorted(given, key=lambda n: n.lineno):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            found |= {t.id: value for t, value in pairs if isinstance(t, ast.Name)}
    return found


def _code_of(call: ast.Call, names: dict[str, ast.expr]) -> str | None:
    for argument in call.args:
        value = names.get(argument.id) if isinstance(argument, ast.Name) else argument
        if isinstance(value, ast.Constant) and CODE.fullmatch(str(value.value)):
            return value.value
    return None


def _text_and_remedy(call: ast.Call, names: dict[str, ast.expr]) -> tuple[str, str]:
    at = next(n for n, one in enumerate(call.args) if _is_code(one, names))
    said = [_said(one, names) for one in call.args[at + 1 :]]
    said = [text for text in said if len(text.replace(OPEN, "").strip()) > 3]
    remedies = [_said(k.value, names) for k in call.keywords if k.arg == "remedy"]
    if not remedies and len(said) > 1:
        remedies = said[-1:]
    return (said[0] if said else ""), (remedies[0] if remedies else "")


def _is_code(node: ast.expr, names: dict[str, ast.expr]) -> bool:
    value = names.get(node.id) if isinstance(node, ast.Name) else node
    return isinstance(value, ast.Constant) and bool(CODE.fullmatch(str(value.value)))


def _said(node: ast.expr | None, names: dict[str, ast.expr], depth: int = 4) -> str:
    """The text of an expression, with `…` where it is filled in later."""
    if depth == 0 or node is None:
        return OPEN
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else OPEN
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else OPEN for part in node.values)
        return "".join(str(part) for part in parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _said(node.left, names, depth - 1) + _said(node.right, names, depth - 1)
    if isinstance(node, ast.IfExp):
        both = (_said(node.body, names, depth - 1), _said(node.orelse, names, depth - 1))
        return " / ".join(dict.fromkeys(text for text in both if text))
    if isinstance(node, ast.Name):
        return _said(names.get(node.id), names, depth - 1)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in NEAREST:
        return NAMES_WHAT_IS_VALID
    return OPEN
