"""Published text as one stream of letters and digits: what markup, unseen characters, separators,
case and encodings cannot split or hide."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_TAG = re.compile(r"<[^<>]*>")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-9a-fA-F]{2,6})\s?)")
_JSON_BREAK = re.compile(r"\\[nrt]")
_APART = re.compile(r"[\W_]+")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){6,}")
_DIGEST = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9a-f]{16})(?![0-9A-Za-z])")
LONGEST = 4096  # characters of a run that is decoded; a picture is read as one


def seen_text(text: str) -> str:
    """The text without escapes, entities and characters that are not seen, in one form."""
    if "\\" in text:
        text = _ESCAPE.sub(_character, _JSON_BREAK.sub(" ", text))
    if "%" in text:
        text = unquote(text, errors="ignore")
    if "&" in text:
        text = unescape(unescape(text))
    if text.isascii():
        return _CONTROL.sub("", text)
    return unicodedata.normalize("NFKC", text).translate(_SEEN)


class _Seen(dict):
    """By character: itself, or nothing where it is not seen."""

    def __missing__(self, number: int) -> int | None:
        unseen = unicodedata.category(chr(number)) in ("Cf", "Cc") and chr(number) not in "\n\t"
        self[number] = None if unseen else number
        return self[number]


_SEEN = _Seen()


def _character(found: re.Match[str]) -> str:
    number = int(found[1] or found[2] or found[3], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else " "


def streams(text: str) -> Iterator[str]:
    """The letters and digits of a text in small letters, without anything between them: with its
    tags, without them, and what is encoded in it as base64 or hex."""
    seen = seen_text(_DIGEST.sub(" ", text))
    yield _joined(seen)
    if "<" in seen:
        yield _joined(_TAG.sub("", seen))
    for decoded in decoded_runs(seen):
        yield _joined(seen_text(decoded))


def _joined(text: str) -> str:
    return _APART.sub("", text.casefold())


def decoded_runs(text: str) -> Iterator[str]:
    """Runs of characters that can be read as base64 or hex and hold text."""
    for found in _ENCODED.finditer(text):
        run = found[0]
        if len(run) > LONGEST or (run.isalpha() and (run.islower() or run.istitle())):
            continue
        plain = run.rstrip("=").replace("-", "+").replace("_", "/")
        for start in range(4):  # a run may begin with characters that belong to something else
            piece = plain[start : start + (len(plain) - start) // 4 * 4]
            yield from _text_of(piece, base64.b64decode)
        yield from _text_of(plain + "=" * (-len(plain) % 4), base64.b64decode)
    for found in _HEX.finditer(text):
        if len(found[0]) <= LONGEST:
            yield from _text_of(found[0], bytes.fromhex)


def _text_of(run: str, decode) -> Iterator[str]:
    try:
        text = decode(run).decode("utf-8")
    except (binascii.Error, ValueError):
        return
    if text.isprintable():
        yield text
