"""What a reader can read of a built page: heading, strip, blocks of text, alternative texts, and
the sentences in them."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bs4 import BeautifulSoup

BLOCKS = ("p", "li", "td", "th", "figcaption", "summary", "caption", "dd", "h2", "h3", "h4")
# A full stop ends a sentence where a space and a capital, a bracket or a digit follow; 1.5 has no
# space.
END = re.compile(r"(?<=[.!?])[\"”)]?\s+(?=[A-Z(“\"\[0-9+−])")
LEADS_ON = "all"  # the folder whose page only leads on to the page of the nation
NOT_READ = (
    "section[aria-labelledby=origin]",
    "div.code",
    "style",
    "script",
)  # hashes and code are no sentences


def sentences_of(text: str) -> list[str]:
    """A block of text cut into its sentences; line ends end one as well."""
    return [part.strip() for line in text.splitlines() for part in END.split(line) if part.strip()]


@dataclass(frozen=True)
class Page:
    """One page as it is read."""

    name: str  # study/place, or index
    heading: str
    strip: str
    blocks: tuple[tuple[str, str], ...]  # (name of the element, its text), in order
    alts: tuple[str, ...]
    folds: tuple[tuple[str, str], ...]  # of each fold: its title and what is in it

    @property
    def study(self) -> str:
        return self.name.split("/")[0]

    @property
    def place(self) -> str:
        return self.name.split("/")[-1]

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Everything that is read as a sentence: heading, blocks and alternative texts."""
        texts = (self.heading, *(text for _, text in self.blocks), *self.alts)
        return tuple(one for text in texts for one in sentences_of(text))

    @cached_property
    def whole_sentences(self) -> tuple[str, ...]:
        """Those that end as a sentence does: cells of a table and labels are none."""
        return tuple(one for one in self.sentences if one[-1] in ".!?" and len(one.split()) > 2)


def read_page(path: Path, name: str) -> Page:
    """A page of the site from its file."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for selector in NOT_READ:
        for found in soup.select(selector):
            found.decompose()
    heading, header = soup.find("h1"), soup.find("header")
    folds = tuple((_text(fold.find("summary")), _inside(fold)) for fold in soup.find_all("details"))
    alts = tuple(img.get("alt", "") for img in soup.find_all("img"))
    blocks = tuple(
        (one.name, _text(one))
        for one in soup.find_all(BLOCKS)
        if not one.find(("p", "li", "table")) and _text(one)
    )
    return Page(name, _text(heading), _text(header, " "), blocks, alts, folds)


def read_site(site: Path) -> list[Page]:
    """Every page without code, the front page last."""
    found = sorted(path for path in site.glob("*/*/*/*/index.html"))
    pages = [
        read_page(path, "/".join(path.parent.parts[-2:]))
        for path in found
        if path.parent.name != LEADS_ON
    ]
    return [*pages, read_page(site / "index.html", "index")]


def _text(found, between: str = "") -> str:
    """The text of an element; `between`: what stands between two elements inside it."""
    return re.sub(r"\s+", " ", found.get_text(between)).strip() if found else ""


def _inside(fold) -> str:
    """What is in a fold besides its title; a picture counts."""
    summary = fold.find("summary")
    text = _text(fold, " ").removeprefix(_text(summary, " ")).strip()
    return text or ("picture" if fold.find("img") else "")
