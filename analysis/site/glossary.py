"""The words of a page and what they mean: read from GLOSSARY.md, linked where they first stand,
listed at the foot."""

import re
from dataclasses import dataclass, field
from functools import cache

from markupsafe import Markup, escape

from analysis.errors import PlanError
from analysis.paths import GLOSSARY

SECTION = "## Words of the pages"
_ROW = re.compile(r"^\| (?P<forms>[^|]+) \| (?P<meaning>[^|]+) \|$")
_TAGS = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Term:
    """One entry. `forms`: the word as it stands on pages, the first one heads the entry; `meaning`:
    plain text."""

    forms: tuple[str, ...]
    meaning: str

    @property
    def anchor(self) -> str:
        return "word-" + re.sub(r"[^a-z0-9]+", "-", self.forms[0].lower()).strip("-")


@cache
def load_terms() -> tuple[Term, ...]:
    """The entries of the section for pages in GLOSSARY.md, by the alphabet; PlanError E236 where
    there is none."""
    _, found, after = GLOSSARY.read_text(encoding="utf-8").partition(f"{SECTION}\n")
    rows = [m for line in after.partition("\n## ")[0].splitlines() if (m := _ROW.match(line))]
    terms = tuple(_term(row) for row in rows if row["forms"] not in ("word", "---"))
    if not found or not terms:
        raise PlanError(
            "E236", f"GLOSSARY.md has no entries under {SECTION!r}.", remedy="Restore the table."
        )
    return tuple(sorted(terms, key=lambda term: term.anchor))


def _term(row: re.Match) -> Term:
    forms = tuple(form.strip() for form in row["forms"].split(";"))
    return Term(forms, row["meaning"].strip().replace("`", ""))


@dataclass
class Glossary:
    """The words of one page: `linked` marks up its sentences in the order of the page, `used` lists
    what stood in them."""

    terms: tuple[Term, ...]
    _linked: set[str] = field(default_factory=set)

    def linked(self, text: str) -> Markup:
        """`text` with each word of the glossary that stands on the page for the first time linked
        to its entry."""
        parts, at = [], 0
        for found in _pattern(self.terms).finditer(text):
            term = _by_form(self.terms)[_key(found[0])]
            if term.anchor in self._linked:
                continue
            self._linked.add(term.anchor)
            link = f'<a class="word" href="#{term.anchor}">{escape(found[0])}</a>'
            parts += [escape(text[at : found.start()]), Markup(link)]
            at = found.end()
        return Markup("").join([*parts, escape(text[at:])])

    def used(self, *html: str) -> tuple[Term, ...]:
        """The entries of the words that were linked, and of those in `html`: headings, and the
        cells of notebooks."""
        text = _TAGS.sub(" ", " ".join(html))
        found = {
            _by_form(self.terms)[_key(m[0])].anchor for m in _pattern(self.terms).finditer(text)
        }
        return tuple(term for term in self.terms if term.anchor in found | self._linked)


def _key(word: str) -> str:
    return word.lower()


@cache
def _by_form(terms: tuple[Term, ...]) -> dict[str, Term]:
    return {_key(form): term for term in terms for form in term.forms}


@cache
def _pattern(terms: tuple[Term, ...]) -> re.Pattern:
    """Any form as whole words, the longest first."""
    forms = sorted((form for term in terms for form in term.forms), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, forms))})(?![\w-])", re.IGNORECASE)
