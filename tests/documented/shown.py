"""The commands that README and the documentation show, collected from their Markdown."""

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.paths import ROOT

# What a line of a block begins with, if the block is one to type. Output begins otherwise.
PROGRAMS = r"(?:\.venv/bin/)?(?:workbook|make|dask|openssl|eval|umask|export|sed|printf|rm|python)"
TYPED = re.compile(rf"(?:{PROGRAMS}|\.venv/bin/\w+)\b")
FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=indent)```", re.M | re.S)
INDENTED = re.compile(r"(?<=\n\n)(?P<text>(?: {4}\S.*\n)+)")
INLINE = re.compile(r"`((?:\.venv/bin/)?workbook [a-z][^`]*|make [a-z][a-z -]*)`")
SHELL = ("", "sh", "bash", "console")
EXIT_CODE = re.compile(r"#.*\bexit code (\d+)")


@dataclass(frozen=True)
class Shown:
    """A command: the page on which it stands, its line there, and its text, comment included."""

    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}, line {self.line}: {self.text}"

    @property
    def words(self) -> list[str]:
        """Its words as a shell would part them, without the comment."""
        return shlex.split(self.text, comments=True)

    @property
    def exit_code(self) -> int:
        """How it ends: 0, unless its comment says otherwise."""
        found = EXIT_CODE.search(self.text)
        return int(found[1]) if found else 0


def pages() -> list[Path]:
    """Pages that show commands to a reader, README first."""
    first = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "data/README.md")]
    docs = sorted((ROOT / "docs").rglob("*.md"))
    return [*first, *(path for path in docs if path.parent.name != "decisions")]


def in_blocks() -> list[Shown]:
    """Commands of all blocks, in the order in which a reader meets them."""
    return [shown for page in pages() for shown in _of_page(page)]


def inline() -> list[Shown]:
    """Commands within a line of prose, which may be cut short."""
    return [
        Shown(_name(page), text.count("\n", 0, found.start()) + 1, found[1])
        for page in pages()
        for text in [page.read_text(encoding="utf-8")]
        for found in INLINE.finditer(FENCE.sub(lambda m: "\n" * m[0].count("\n"), text))
    ]


def quoted(page: str) -> list[str]:
    """What a page says that its commands print: pieces of its blocks of text, parted where lines
    are cut short (...)."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = [m["text"] for m in FENCE.finditer(text) if m["kind"] == "text"]
    pieces = [piece for block in blocks for piece in block.split("...")]
    return [" ".join(piece.split()) for piece in pieces if piece.strip()]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _of_page(page: Path) -> Iterator[Shown]:
    text = page.read_text(encoding="utf-8")
    blocks = [m for m in FENCE.finditer(text) if m["kind"] in SHELL]
    apart = FENCE.sub(lambda m: re.sub(r"[^\n]", "", m[0]), text)
    if page.parent.name == "data":
        blocks += INDENTED.finditer(apart)
    for block in sorted(blocks, key=lambda m: m.start("text")):
        lines = textwrap.dedent(block["text"]).splitlines()
        if lines and TYPED.match(lines[0]):
            first = text.count("\n", 0, block.start("text")) + 1
            yield from _commands(_name(page), first, lines)


def _commands(page: str, first: int, lines: list[str]) -> Iterator[Shown]:
    """Lines put together until they are whole: a backslash or an open quote goes on."""
    begun: list[str] = []
    for number, line in enumerate(lines, first):
        begun.append(line)
        whole = "\n".join(begun)
        if whole.strip() and _is_whole(whole):
            yield Shown(page, number - len(begun) + 1, whole)
        if not whole.strip() or _is_whole(whole):
            begun = []


def _is_whole(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return not text.endswith("\\")
