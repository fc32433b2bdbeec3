"""What a finished page may hold: words, tables and pictures of its own site, and nothing that is
hidden, loaded or not seen (decision 120).

Read as text and not as a tree: every `<` begins an element of an allow-list in one strict form, so
that what a browser would make of anything else is no question. Pages repeat each other: an element
or a line that was read once is not read again, but for the lines around one that is new.
"""

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from html import unescape

from analysis.disclosure.guard.identifiers import identifier_kinds
from analysis.disclosure.guard.ids import Ids
from analysis.disclosure.guard.markup import ALLOWED_TAGS, markup_faults
from analysis.disclosure.guard.normal import decoded_runs
from analysis.disclosure.guard.written.words import has_unseen

ELEMENTS = (ALLOWED_TAGS - {"style"}) | {
    "html",
    "head",
    "title",
    "body",
    "header",
    "main",
    "footer",
    "nav",
    "article",
    "picture",
    "source",
    "img",
    "a",
    "blockquote",
    "pre",
}
ATTRIBUTES = frozenset(
    {
        "class",
        "id",
        "scope",
        "colspan",
        "rowspan",
        "lang",
        "role",
        "tabindex",
        "aria-label",
        "aria-labelledby",
        "href",
        "src",
        "srcset",
        "media",
        "alt",
        "width",
        "height",
    }
)
LEADS = frozenset({"href", "src", "srcset"})  # attributes that lead to another file
METAS = (
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
)
SKIP = '<a class="skip" href="#answer">Skip to the answer</a>'  # the only words off the screen
DOCTYPE = "<!doctype html>\n"
_OPENED = re.compile(r"<[^<>]*>?")
# Elements beside each other on a page: what stands in two of them is no one word.
_APART = re.compile(
    r"</?(?:t[dhr]|thead|tbody|table|caption|p|div|d[ltd]|[uo]l|li|h[1-6]|br|section|figure"
    r"|figcaption|summary|details|header|footer|main|nav)(?=[\s/>])[^<>]*>"
)
_WHOLE = re.compile(r'</?([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*/?>')
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
_WAY = re.compile(r"(?:(?:\.\./)*[\w-][\w./-]*)?(?:#[\w-]*)?")
_OF_SKIP = re.compile(r'class="[^"]*\bskip\b')
G07 = "G07: an address beyond the site"
G08 = "G08: a comment, declaration or instruction in HTML"
G09 = "G09: an element or attribute that no page has"
G31 = "G31: an id of the data, or an exact value of one person"


@dataclass
class Reader:
    """Reads the pages of one site. css, policy: what each has in its head; script: the one that
    each holds, byte by byte, and no other; empty: none."""

    css: str
    policy: str
    script: str = ""
    _elements: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _lines: dict[bytes, set[str]] = field(default_factory=dict)

    def faults(self, page: str, text: str, ids: Ids, known: Collection[str] = ()) -> set[str]:
        """Rules that a page breaks. page: its name in the site. ids: of the data that it is made
        from. known: words that look like an identifier and are none, such as the name of a run."""
        found = set(self._frame_faults(text))
        body = text.replace(self._style, "", 1).removeprefix(DOCTYPE)
        body = body.replace(self._script, "", 1) if self.script else body
        for element in {*_OPENED.findall(body)} - {*METAS, self._policy}:
            found.update(self._element_faults(page, element))
        for name in known:
            body = body.replace(name, " ")
        return found | set(text_faults(self._unread(body, ids), ids))

    @property
    def _style(self) -> str:
        return f"<style>{self.css}</style>"

    @property
    def _policy(self) -> str:
        policy = self.policy.replace("'", "&#39;")
        return f'<meta http-equiv="Content-Security-Policy" content="{policy}">'

    @property
    def _script(self) -> str:
        return f"<script>{self.script}</script>"

    def _frame_faults(self, text: str) -> Iterator[str]:
        """The head and the one hidden link are those of every page."""
        once = (self._style, self._policy, *METAS, SKIP, *([self._script] if self.script else ()))
        if not text.startswith(DOCTYPE) or any(text.count(part) != 1 for part in once):
            yield "G09: a head that is not that of every page"
        if text.count("<style") != 1 or len(_OF_SKIP.findall(text)) != 1:
            yield "G09: hidden content"

    def _element_faults(self, page: str, element: str) -> tuple[str, ...]:
        """What is wrong with one element as it is written; where it leads hangs on its page."""
        if element not in self._elements:
            self._elements[element] = tuple(_form_faults(element))
        leads = (
            value
            for name, value in _ATTRIBUTE.findall(element)
            if name in LEADS and not _stays(page, unescape(value))
        )
        return (*self._elements[element], *(G07 for _ in leads))

    def _unread(self, text: str, ids: Ids) -> str:
        """The lines that were not read yet beside these ids, each with the one before and after
        it: what is split over two lines is seen whole."""
        lines, read = text.split("\n"), self._lines.setdefault(ids.key, set())
        fresh = {at for at, line in enumerate(lines) if line not in read}
        read.update(lines)
        around = sorted({at + step for at in fresh for step in (-1, 0, 1)} & set(range(len(lines))))
        return "\n".join(lines[at] for at in around)


def _form_faults(element: str) -> Iterator[str]:
    if element.startswith(("<!", "<?")):
        yield G08
        return
    whole = _WHOLE.fullmatch(element)
    if whole is None or whole[1] not in ELEMENTS:
        yield G09
        return
    if {name for name, _ in _ATTRIBUTE.findall(whole[2])} - ATTRIBUTES:
        yield G09


def _stays(page: str, way: str) -> bool:
    """Whether a way leads to a part of the page or to another file of the site."""
    file = posixpath.normpath(posixpath.join(posixpath.dirname(page), way.partition("#")[0]))
    return _WAY.fullmatch(way) is not None and not file.startswith("..")


def text_faults(text: str, ids: Ids) -> Iterator[str]:
    """Rules that hold for every text of the site, with its markup and without."""
    words = unescape(_OPENED.sub("", _APART.sub(" ", text)))
    plain = f"{unescape(text)}\n{words}"
    yield from markup_faults(words, html=False)
    if has_unseen("".join(set(plain))):
        yield "G09: characters that are not seen"
    encoded = " \n".join(decoded_runs(plain))
    for kind in dict.fromkeys((*identifier_kinds(plain), *identifier_kinds(encoded))):
        yield f"G16: what looks like {kind}"
    if ids.hashes and ids.is_in(text):
        yield G31
