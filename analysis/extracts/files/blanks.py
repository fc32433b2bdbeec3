"""What counts as blank at the ends of a cell, a heading or a label. Imports no pandas."""

# Every blank of Unicode, what ends a line, and characters of no width: none of them is part of a
# value at its ends.
STRAY = (
    "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
    + "\u200b\u200c\u200d\u2060\ufeff"
)


def plain_name(text: str) -> str:
    """A heading or label as it is compared: without stray blanks, in small letters."""
    return text.strip(STRAY).replace("\u00a0", " ").casefold()
