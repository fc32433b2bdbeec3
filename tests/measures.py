"""Measures of the code: `make rooms` prints them.

Files side by side, lines of a room, circles and upward arrows among imports, strings as keys of
rows, long lines, formatter switched off, long parameter lists, code that tests alone reach.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from reached import module_name, reached_by_tests_only, sources
from syntax import nodes_of

from analysis.paths import ROOT

WIDTH, MOST_PARAMETERS, MOST_FILES = 100, 6, 16
TOGETHER = (
    "studies",
    "study",
    "clearing",
    "sections",
)  # what a study is made of, beside its numbers
ROW_KEY = re.compile(r"""\brow\[["']""")
TOO_LONG, SWITCHED_OFF = rf"^.{{{WIDTH + 1}}}", r"# fmt: *(?:skip|off)$"
PAGE = """# Rooms

Rendered by `make papers` from the imports of `analysis/`. An arrow points from a room to one that
it imports; an arrow that follows from others is left out. Under a name: its share of all lines.

```mermaid
graph BT
{boxes}
{arrows}
```

Import circles between modules: {circles}. Arrows from a room to one below it in the order of
`tests/test_layers.py`: {upward}.
"""


# -- files and lines -------------------------------------------------------------------------------
def code_files(*folders: str) -> list[Path]:
    return sorted(p for folder in folders for p in (ROOT / folder).rglob("*.py"))


def files_side_by_side() -> Counter:
    """Modules in each folder of analysis/."""
    modules = (p for p in code_files("analysis") if p.name != "__init__.py")
    return Counter(str(path.parent.relative_to(ROOT)) for path in modules)


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def lines_of_rooms() -> Counter:
    """Lines of code, comments and docstrings in each room."""
    found: Counter = Counter()
    for path in code_files("analysis"):
        found[room_of(module_name(path))] += len(lines_of(path))
    del found[""]
    return found


def lines_where(pattern: str | re.Pattern, *folders: str, but: tuple[str, ...] = ()) -> list[str]:
    """`file:line` of every line that holds the pattern, outside the rooms of `but`."""
    hits = []
    for path in code_files(*folders):
        name = path.relative_to(ROOT)
        if len(name.parts) > 1 and name.parts[1].removesuffix(".py") in but:
            continue
        found = (i for i, line in enumerate(lines_of(path), 1) if re.search(pattern, line))
        hits += [f"{name}:{i}" for i in found]
    return hits


def row_keys() -> list[str]:
    """Places outside record/ that read a row of a record by a string."""
    found = []
    for path in code_files("analysis"):
        if room_of(module_name(path)) != "record":
            hits = ROW_KEY.findall(path.read_text(encoding="utf-8"))
            found += [str(path.relative_to(ROOT))] * len(hits)
    return found


def long_parameter_lists() -> list[str]:
    """Functions of analysis/ with more parameters than are easily read; `self` is not counted."""
    found = []
    for path in code_files("analysis"):
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                given = node.args
                names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
                if len([n for n in names if n not in ("self", "cls")]) > MOST_PARAMETERS:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    return found


# -- imports ---------------------------------------------------------------------------------------
def _imports(tree: ast.Module) -> Iterator[str]:
    """Modules of analysis/ that a file imports when it runs, inside functions too."""
    typing = [
        n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)
    ]
    skipped = {child for block in typing for n in block.body for child in ast.walk(n)}
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "analysis":
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in sources() else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in sources())


def imports() -> dict[str, set[str]]:
    """By module: the modules of analysis/ that it imports."""
    found = {name: set(_imports(tree)) & sources().keys() for name, tree in sources().items()}
    return {name: modules - {name, "analysis"} for name, modules in found.items()}


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Sets of two modules or more that import each other, directly or by way of others."""
    ahead = {name: _ahead(graph, name) for name in graph}
    found = {frozenset(m for m in ahead[name] if name in ahead[m]) for name in graph}
    return sorted(sorted(one) for one in found if len(one) > 1)


def _ahead(graph: Mapping[str, set[str]], name: str) -> set[str]:
    """All modules that are reached from one, itself among them where a path leads back."""
    found: set[str] = set()
    waiting = set(graph[name])
    while waiting:
        found |= waiting
        waiting = {m for one in waiting for m in graph[one]} - found
    return found


def room_arrows() -> set[tuple[str, str]]:
    """From a room to a room that it imports."""
    pairs = ((room_of(a), room_of(b)) for a, found in imports().items() for b in found)
    return {(a, b) for a, b in pairs if a and b and a != b}


def upward_arrows() -> list[tuple[str, str]]:
    """Arrows against the order of rooms."""
    from test_layers import ROOMS

    return sorted((a, b) for a, b in room_arrows() if ROOMS.index(b) > ROOMS.index(a))


def drawn_arrows() -> set[tuple[str, str]]:
    """Arrows that do not follow from others."""
    graph: dict[str, set[str]] = {room: set() for room in lines_of_rooms()}
    for a, b in room_arrows():
        graph[a].add(b)
    return {
        (a, b)
        for a, b in room_arrows()
        if not any(b in _ahead(graph, other) for other in graph[a] - {b})
    }


# -- what is printed and drawn ---------------------------------------------------------------------
def shares() -> dict[str, float]:
    """Share of all lines (0 to 1), by room, largest first."""
    lines = lines_of_rooms()
    return {room: count / lines.total() for room, count in lines.most_common()}


def rooms_page() -> str:
    """docs/rooms.md."""
    from test_layers import ROOMS

    share = shares()
    boxes = [f'    {room}["{room}<br/>{share[room]:.0%}"]' for room in ROOMS if room in share]
    arrows = [f"    {a} --> {b}" for a, b in sorted(drawn_arrows())]
    return PAGE.format(
        boxes="\n".join(boxes),
        arrows="\n".join(arrows),
        circles=len(circles(imports())),
        upward=len(upward_arrows()),
    )


def measures() -> dict[str, str]:
    """Every measure, as it is printed."""
    beside, lines, share = files_side_by_side().most_common(1)[0], lines_of_rooms(), shares()
    largest = next(iter(share))
    alone = reached_by_tests_only()
    from test_reached import without_a_study

    return {
        f"files side by side, at most {MOST_FILES}": f"{beside[1]} ({beside[0]})",
        "largest room": f"{largest}, {share[largest]:.1%} of {lines.total():,} lines",
        "import circles": str(len(circles(imports()))),
        "upward arrows": str(len(upward_arrows())),
        'row["..."] outside record/': str(len(row_keys())),
        f"lines over {WIDTH}": str(len(lines_where(TOO_LONG, "analysis", "tests"))),
        "formatter switched off": str(
            len(lines_where(r"# fmt: *(?:skip|off)$", "analysis", "tests"))
        ),
        f"functions over {MOST_PARAMETERS} parameters": str(len(long_parameter_lists())),
        "reached by tests only": f"{sum(c.lines for c in alone):,} lines",
        "... and no study named": f"{sum(c.lines for c in without_a_study()):,} lines",
        " + ".join(TOGETHER): f"{sum(lines[room] for room in TOGETHER):,} lines",
    }


if __name__ == "__main__":
    for what, found in measures().items():
        print(f"{what:45} {found}")
    for room, part in shares().items():
        print(f"    {room:15} {lines_of_rooms()[room]:6,} {part:6.1%}")
