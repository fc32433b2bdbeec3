"""Which definitions of analysis/ a notebook, a page or a command reaches, by the names that their
code uses.

A definition is a function, a class, a constant or a method. It is reached where code that is
reached names it: by an import, through the alias of a module, as "module:name", or, for methods, as
an attribute of that name. Read from the source; nothing is run.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from syntax import parsed

from analysis.paths import ROOT

ANALYSIS = ROOT / "analysis"
Key = tuple[str, str]  # a module and a name in it ("Class.method"; "" for what runs on import)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Decorators that keep what they stand on nowhere. All others do: a command, a validator.
KEEP_NOTHING = {"cache", "cached_property", "classmethod", "contextmanager", "dataclass"}
KEEP_NOTHING |= {"lru_cache", "overload", "property", "runtime_checkable", "staticmethod"}
NAMED = re.compile(r"^(analysis(?:\.\w+)+)(?::(\w+))?")


@dataclass(eq=False)
class Definition:
    """One definition: its code, and what that uses.

    owner: the class of a method. kept: a library calls it (a command, a validator, a method of a
    class that is not ours alone). uses: definitions; attributes: names after a dot.
    """

    key: Key
    nodes: list[ast.AST]
    owner: str = ""
    kept: bool = False
    is_code: bool = True  # and no constant
    uses: set[Key] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)

    @property
    def lines(self) -> int:
        return max(n.end_lineno for n in self.nodes) - min(n.lineno for n in self.nodes) + 1


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of analysis/ by its name."""
    paths = sorted(ANALYSIS.rglob("*.py"))
    return {module_name(path): parsed(path) for path in paths}


def imported(tree: ast.AST) -> dict[str, Key]:
    """What the names that a file imports from analysis/ stand for."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "analysis":
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                key = (module, "") if module in sources() else (node.module, alias.name)
                found[alias.asname or alias.name] = key
        elif isinstance(node, ast.Import):
            named = [alias.name for alias in node.names if alias.name.startswith("analysis.")]
            found |= {name: (name, "") for name in named}
    return found


# -- what a module defines -------------------------------------------------------------------------
def definitions_of(module: str, tree: ast.Module) -> Iterator[Definition]:
    """Those of one module; what runs when it is imported is one of them."""
    runs = [ast.Pass(lineno=1, end_lineno=1)]
    for node in tree.body:
        if isinstance(node, FUNCTIONS):
            yield Definition((module, node.name), [node], kept=is_kept(node))
        elif isinstance(node, ast.ClassDef):
            yield from _of_class(module, node, imported(tree))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
            yield from (Definition((module, name), [node], is_code=False) for name in names)
        else:
            runs.append(node)
    yield Definition((module, ""), runs, kept=True, is_code=False)


def _of_class(module: str, node: ast.ClassDef, names: dict[str, Key]) -> Iterator[Definition]:
    own = {n.name for n in sources()[module].body if isinstance(n, ast.ClassDef)} | names.keys()
    foreign = any(getattr(base, "id", "") not in own for base in node.bases)
    head = [*node.bases, *node.decorator_list, *node.keywords]
    body = [n for n in node.body if not isinstance(n, FUNCTIONS)]
    yield Definition((module, node.name), [*(n for n in head if hasattr(n, "lineno")), *body])
    for method in (n for n in node.body if isinstance(n, FUNCTIONS)):
        kept = foreign or method.name.startswith("__") or is_kept(method)
        yield Definition((module, f"{node.name}.{method.name}"), [method], node.name, kept)


def is_kept(node: ast.FunctionDef) -> bool:
    calls = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    return any(getattr(d, "attr", getattr(d, "id", "")) not in KEEP_NOTHING for d in calls)


# -- what code uses --------------------------------------------------------------------------------
def find_uses(code: Definition, names: dict[str, Key], own: set[str]) -> None:
    """Fills `uses` and `attributes`. `own`: what the module of the code defines."""
    for node in (n for part in code.nodes for n in ast.walk(part)):
        if isinstance(node, ast.Name):
            if node.id in own:
                code.uses.add((code.key[0], node.id))
            elif node.id in names:
                code.uses.add(names[node.id])
        elif isinstance(node, ast.Attribute):
            code.attributes.add(node.attr)
            module = names.get(getattr(node.value, "id", ""), ("", "-"))
            if not module[1]:
                code.uses.add((module[0], node.attr))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            code.attributes |= {node.value} if node.value.isidentifier() else set()
            if match := NAMED.match(node.value):
                code.uses.add((match[1], match[2] or ""))


@cache
def definitions() -> dict[Key, Definition]:
    """Every definition of analysis/, with what it uses."""
    found = {}
    for module, tree in sources().items():
        names, here = imported_by(module), list(definitions_of(module, tree))
        own = {code.key[1] for code in here} - {""}
        for code in here:
            find_uses(code, names, own)
        found |= {code.key: code for code in here if code.key[1] != "__all__"}
    for code in found.values():
        code.uses = {_defined(key) for key in code.uses}
    return found


def _defined(key: Key) -> Key:
    """Where a name is defined that a module only passes on."""
    module, name = key
    while module in sources() and name in (names := imported_by(module)) and names[name] != key:
        key = module, name = names[name]
    return key


@cache
def imported_by(module: str) -> dict[str, Key]:
    own = {code.key[1] for code in definitions_of(module, sources()[module])}
    return {name: key for name, key in imported(sources()[module]).items() if name not in own}


# -- where it begins -------------------------------------------------------------------------------
def roots() -> Definition:
    """Notebooks, entry points and commands of the Makefile (tests/bench and tests/papers.py write
    pages of docs/), the kinds of study, found in their folder, and what templates name."""
    root = Definition(("", ""), [])
    root.uses |= {(module, "KIND") for module in sources() if module.endswith(".kind")}
    root.uses |= {("analysis.private", "open_private")}  # typed by who may see persons
    root.uses |= {
        ("analysis.runs.checking.worked_out", "work_out"),  # a cell of runs/checking/outside.py
        ("analysis.disclosure.guard.private_call", "unwritten"),
    }  # the hook of `workbook lab`
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in (c for c in cells if c["cell_type"] == "code"):
            root.nodes = [ast.parse("".join(cell["source"]))]
            find_uses(root, imported(root.nodes[0]), set())
    tests = ROOT / "tests"
    for path in (*(tests / "bench").rglob("*.py"), tests / "papers.py"):
        root.nodes = [parsed(path)]
        find_uses(root, imported(root.nodes[0]), set())
    for name in ("pyproject.toml", "Makefile", ".ci/hooks/pre-commit"):
        text = (ROOT / name).read_text(encoding="utf-8")
        root.uses |= {(m[1], m[2] or "") for m in re.finditer(NAMED.pattern[1:], text)}
    for path in ANALYSIS.rglob("*.j2"):
        root.attributes |= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return root


def reached() -> set[Key]:
    """Every definition that is reached."""
    known, root = definitions(), roots()
    waiting, attributes = set(root.uses), set(root.attributes)
    found: set[Key] = set()
    while waiting := waiting & known.keys() - found:
        found |= waiting
        attributes |= {name for key in waiting for name in known[key].attributes}
        waiting = {use for key in waiting for use in known[key].uses}
        modules = {key[0] for key in found | waiting}
        for key, code in known.items():
            if code.owner:
                called = code.kept or key[1].rpartition(".")[2] in attributes
                waiting |= {key} if called and (key[0], code.owner) in found else set()
            elif code.kept and key[0] in modules:
                waiting.add(key)
    return found


def reached_by_tests_only() -> list[Definition]:
    """Functions, classes and methods that nothing but tests names; a method of a class that is not
    reached counts with its class."""
    found, known = reached(), definitions()
    rest = [code for key, code in known.items() if key not in found and code.is_code]
    return [code for code in rest if not code.owner or (code.key[0], code.owner) in found]


if __name__ == "__main__":
    for one in reached_by_tests_only():
        print(".".join(one.key), one.lines)
    print(sum(one.lines for one in reached_by_tests_only()))
