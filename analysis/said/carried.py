"""Figures that carry their clearance through whatever is done to a text.

A door of `said` writes each digit as another letter, of the private use area. It stays what it is
in an f-string, a join, a slice or a change of case, while a number that somebody formats by hand
gives plain digits: that is how an exit (`said.texts.checked`) tells one from the other. No exit
lets such a letter through: it turns all of them back.
"""

import re

FIRST = 0xE000  # of the private use area of Unicode: no font, language or file means anything by it
_TO = {ord("0") + n: chr(FIRST + n) for n in range(10)}
_BACK = {FIRST + n: str(n) for n in range(10)}
FIGURE = re.compile(r"\d")
CARRIED = re.compile(f"[{chr(FIRST)}-{chr(FIRST + 9)}]")
_NUMBER = re.compile(r"[−+-]?\d(?:[\d.,]*\d)?")
COVER = "▒"


def carried(text: str) -> str:
    """The text with its digits carried. For the doors of `said` alone (a test lists them)."""
    return str(text).translate(_TO)


def read_out(text: str) -> str:
    """The text as it is read: carried digits are digits again."""
    return str(text).translate(_BACK) if CARRIED.search(text) else text


def covered(text: str) -> str:
    """The text with each number under a cover, for a message about it."""
    return _NUMBER.sub(COVER, read_out(text))
