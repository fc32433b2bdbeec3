"""Renders the papers that come from the code: `make papers`.

data/README.md: the data dictionary, from the contracts. docs/decisions/README.md: the index, from
the files beside it. docs/rooms.md: rooms and arrows, from the imports. ARCHITECTURE.md: the rooms,
in the first sentence of their docstrings.
"""

import ast
import re
from pathlib import Path

from measures import rooms_page
from syntax import parsed
from test_layers import ROOMS

from analysis.extracts.tables.contracts import data_dictionary
from analysis.paths import DATA, ROOT

ARCHITECTURE = ROOT / "ARCHITECTURE.md"
DECISIONS = ROOT / "docs" / "decisions"
LISTED = "\n<!-- from the code: every decision -->\n"  # `make docs` has their pages below this one
HEAD = """# Decisions

Short: what was chosen, against what, and why. One file each, numbered in the order in which they
were taken; this list is rendered from them (`make papers`). "Decision 45" in code and papers is the
file that begins with 045. A decision that no longer holds stays, and names the one that took its
place.

| number | decision | date | status |
|---:|---|---|---|
"""


def decision_files() -> list[Path]:
    return sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")


def front(path: Path) -> tuple[int, str, str, str]:
    """Number, title, date and status of a decision. ValueError where a line is missing."""
    text = path.read_text(encoding="utf-8")
    found = re.match(
        r"# (\d+)\. (.+)\n\n- Date: (\d{4}-\d\d-\d\d)\n- Status: (.+)\n\n## Decision\n", text
    )
    if found is None:
        raise ValueError(f"{path.name} does not begin with number, title, date, status, Decision")
    return int(found[1]), found[2], found[3], found[4]


def index() -> str:
    """docs/decisions/README.md."""
    fronts = [(path, *front(path)) for path in decision_files()]
    lines = [f"| {n} | [{t}]({path.name}) | {day} | {state} |" for path, n, t, day, state in fronts]
    return HEAD + "\n".join(lines) + "\n" + LISTED


def with_dictionary(text: str) -> str:
    """data/README.md with the dictionary of the contracts."""
    before, rest = text.split("<!-- dictionary -->\n")
    after = rest.split("<!-- end of dictionary -->")[1]
    return f"{before}<!-- dictionary -->\n{data_dictionary()}<!-- end of dictionary -->{after}"


# -- rooms -----------------------------------------------------------------------------------------
def sentence_of(path: Path) -> str:
    """The first sentence of a module's or package's docstring. ValueError where there is none."""
    text = ast.get_docstring(parsed(path))
    if not text:
        raise ValueError(f"{path.relative_to(ROOT)} does not say what it holds")
    return re.split(r"(?<=[.])\s", " ".join(text.split("\n\n")[0].split()), maxsplit=1)[0]


def rooms_table() -> str:
    """Every room in the order of imports, with its sentence."""
    found = ["| room | what it holds |", "|---|---|"]
    for room in ROOMS:
        package = ROOT / "analysis" / room / "__init__.py"
        path = package if package.exists() else ROOT / "analysis" / f"{room}.py"
        found.append(f"| `{room}` | {sentence_of(path).replace('|', '·')} |")
    return "\n".join(found) + "\n"


def with_rooms(text: str) -> str:
    """ARCHITECTURE.md with the rooms as they are."""
    before, rest = text.split("<!-- rooms -->\n")
    after = rest.split("<!-- end of rooms -->")[1]
    return f"{before}<!-- rooms -->\n{rooms_table()}<!-- end of rooms -->{after}"


if __name__ == "__main__":
    ARCHITECTURE.write_text(with_rooms(ARCHITECTURE.read_text(encoding="utf-8")), encoding="utf-8")
    readme = DATA / "README.md"
    readme.write_text(with_dictionary(readme.read_text(encoding="utf-8")), encoding="utf-8")
    (DECISIONS / "README.md").write_text(index(), encoding="utf-8")
    (ROOT / "docs" / "rooms.md").write_text(rooms_page(), encoding="utf-8")
