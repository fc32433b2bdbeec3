"""The ids of the data and values that one person alone has, as keyed hashes: searched in every text
that is published (S18, decision 105).

Hashes alone are kept, with a key of their own for each set of data; what is published is cut into
what has the form of an id, hashed and looked up. An id without a form of its own (digits alone, of
which the data fill many) cannot be told from a count: such forms are left out and named.
"""

import hashlib
import json
import re
import secrets
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.atomic import write_whole
from analysis.disclosure.guard.normal import seen_text, streams
from analysis.paths import make_own, state_home

SHORTEST = 5  # characters of an id that is told from a word or a number
RAREST = 1e-3  # of all texts of a form the ids may fill at most so much
DIGITS_OF_A_VALUE = 6  # digits from which an exact value is somebody's
# A number may end a sentence; a part of a longer one, of a version or of a word is none.
_NUMBER = re.compile(r"(?<![\w.,])-?\d[\d,]*\.\d+(?!\w|\.\w)|(?<![\w.,])\d{6,15}(?!\w|[.,]\w)")
_NO_PART = re.compile(r"[^\w\n]|_")
_SIZES = {"a": 26.0, "9": 10.0}


@dataclass(frozen=True)
class Hashed:
    """Sorted hashes of 8 bytes, their key, and the forms of the ids (`aaaa999999`)."""

    key: bytes
    forms: tuple[str, ...]
    hashes: array

    @classmethod
    def of(cls, ids: Iterable[str], values: Iterable[float]) -> "Hashed":
        """The hashes of ids, and of exact values, under a new key."""
        key, plain = secrets.token_bytes(32), _plain(ids)
        kept = {form for form, n in Counter(map(form_of, plain)).items() if tells(form, n)}
        texts = {text for text in plain if form_of(text) in kept}
        texts |= {text for value in values if (text := _value(repr(float(value))))}
        return cls(key, tuple(sorted(kept)), array("Q", sorted(_hash(key, text) for text in texts)))

    def is_in(self, text: str) -> bool:
        """Whether an id or an exact value of the data stands in a text, in whatever writing."""
        return self.is_among(Pieces.of(text))

    def is_among(self, pieces: "Pieces") -> bool:
        """Whether an id or an exact value of the data is among the pieces of a text."""
        candidates = {found for each in pieces.streams for found in self._like_ids(*each)}
        return any(self._holds(each) for each in candidates | pieces.numbers)

    def _like_ids(self, stream: str, form: str) -> Iterator[str]:
        """Pieces of a stream that have the form of an id, wherever they begin."""
        for kept in self.forms:
            start = form.find(kept)
            while start >= 0:
                yield stream[start : start + len(kept)]
                start = form.find(kept, start + 1)

    def _holds(self, text: str) -> bool:
        found = _hash(self.key, text)
        at = bisect_left(self.hashes, found)
        return at < len(self.hashes) and self.hashes[at] == found

    def write(self, path: Path) -> None:
        """Keep the hashes, open to their owner only, in one step."""
        make_own(path.parent)
        head = json.dumps({"key": self.key.hex(), "forms": self.forms}).encode() + b"\n"
        write_whole(path, head + self.hashes.tobytes(), own=True)

    @classmethod
    def read(cls, path: Path) -> "Hashed":
        """Hashes that were kept. OSError, ValueError where there are none."""
        head, _, body = path.read_bytes().partition(b"\n")
        told, hashes = json.loads(head), array("Q")
        hashes.frombytes(body)
        return cls(bytes.fromhex(told["key"]), tuple(told["forms"]), hashes)


@dataclass(frozen=True)
class Pieces:
    """What is looked up of a text: its streams, each beside its form, and its exact values."""

    streams: tuple[tuple[str, str], ...]
    numbers: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Pieces":
        found = (_value(each[0].replace(",", "")) for each in _NUMBER.finditer(seen_text(text)))
        read = tuple((stream, form_of(stream)) for stream in streams(text))
        return cls(read, frozenset(number for number in found if number))


@dataclass(frozen=True)
class EveryData:
    """The ids of several sets of data, looked for in one reading of a text."""

    sets: tuple[Hashed, ...]

    @property
    def key(self) -> bytes:
        """The keys of all sets, by which what was read beside them is known."""
        return b"".join(sorted(one.key for one in self.sets))

    @property
    def hashes(self) -> bool:
        """Whether there is any id or value to look for."""
        return any(one.hashes for one in self.sets)

    def is_in(self, text: str) -> bool:
        """Whether an id or an exact value of any set stands in a text, in whatever writing."""
        pieces = Pieces.of(text)
        return any(one.is_among(pieces) for one in self.sets)


Ids = Hashed | EveryData


def kept_ids(service: str, place: str, data_hash: str) -> Path:
    """Where the hashes of the ids of a place's data are kept: private, one file for all studies
    that read the same tables."""
    return state_home() / "ids" / f"{service}-{place}-{data_hash[:24]}"


class _Kinds(dict):
    """By character: `9` for a digit, `a` for any other."""

    def __missing__(self, character: int) -> str:
        self[character] = "9" if chr(character).isdigit() else "a"
        return self[character]


_KINDS = _Kinds()


def form_of(text: str) -> str:
    """The form of a plain text: `a` for each letter, `9` for each digit."""
    return text.translate(_KINDS)


def tells(form: str, n: int) -> bool:
    """Whether a text of this form is told from words and counts: letters and digits, and `n` ids
    are few among all texts of the form."""
    size = 1.0
    for character in form:
        size *= _SIZES[character]
    return len(form) >= SHORTEST and len(set(form)) == 2 and n / size <= RAREST


def _plain(ids: Iterable[str]) -> set[str]:
    """Ids as streams of small letters and digits."""
    lines = seen_text("\n".join(str(each).replace("\n", " ") for each in ids)).casefold()
    return set(_NO_PART.sub("", lines).split("\n"))


def _value(text: str) -> str | None:
    """An exact value in one writing; None for one with few digits."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return None if len(digits) < DIGITS_OF_A_VALUE else text.rstrip("0").rstrip(".")


def _hash(key: bytes, text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), key=key, digest_size=8).digest(), "little")
