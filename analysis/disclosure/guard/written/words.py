"""Words that an author writes into a notebook (markdown, comments, texts in code): they hold no
number that was not cleared.

Numbers of a study come out of verbs. Cells of the project's own notebooks whose words hold numbers
(a published range, a year) were read by people: the hashes of these stand in known_words.json.
"""

import ast
import hashlib
import io
import json
import re
import tokenize
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

KNOWN = Path(__file__).with_name("known_words.json")
# Number words from two on: "one" is too often no number.
_NUMBERS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    "|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
    "|thousand|million|dozen"
)
_NUMBER_WORD = re.compile(rf"(?<![a-z])(?:{_NUMBERS})(?![a-z])")
_LINK = re.compile(r"\]\(https?://[^\s/?#)]*")  # where a link leads; the rest of it is read
_CODE_NAMES = re.compile(r"`[a-z][a-z_]*\d?`")
_LONG = re.compile(r"[A-Za-z0-9+/=_-]{40,}")  # no word is as long: an encoded one may be


def word_faults(text: str) -> Iterator[str]:
    """What words of an author hold that they may not, in words; nothing where the project's own
    people have read this text."""
    if word_hash(text) in known_words():
        return
    plain = _CODE_NAMES.sub("", _LINK.sub("]", text))
    plain = unicodedata.normalize("NFKC", plain)
    if any(character.isnumeric() for character in plain):
        yield "figures"
    elif _NUMBER_WORD.search(plain.casefold()):
        yield "numbers in words"
    if _LONG.search(plain):
        yield "a run of characters that is no word"
    if has_unseen(text):
        yield "characters that are not seen"


def has_unseen(text: str) -> bool:
    """Control, format (zero width, direction) and private characters."""
    return any(
        unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Cn") and c not in "\n\t\r"
        for c in text
    )


def word_hash(text: str) -> str:
    """The hash by which a text is known that people of the project have read."""
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()


@cache
def known_words() -> frozenset[str]:
    """Hashes of texts of the project's notebooks that hold numbers."""
    return frozenset(json.loads(KNOWN.read_text(encoding="utf-8")))


def comments_of(source: str) -> tuple[str, ...]:
    """Comments of a code cell; its whole text where it is no Python."""
    try:
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        return tuple(t.string.lstrip("#").strip() for t in tokens if t.type == tokenize.COMMENT)
    except (tokenize.TokenError, SyntaxError):
        return (source,)


def sentences_in(source: str) -> tuple[str, ...]:
    """Texts in the code of a cell that are no names or sources of data: more than one word."""
    try:
        nodes = ast.walk(ast.parse(source))
        texts = [n.value for n in nodes if isinstance(n, ast.Constant) and type(n.value) is str]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(text for text in texts if len(text.split()) > 4 or has_unseen(text))
