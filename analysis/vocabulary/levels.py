"""The six outcome levels, stored as words: Kirkpatrick and Kaufman number them differently.

Sources: Kirkpatrick and Kirkpatrick (2006), Evaluating Training Programs, four levels; Kaufman and
Keller (1994), Levels of evaluation: beyond Kirkpatrick, HRDQ 5(4), five levels with input and
process apart and society on top.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One rung: `key` is what records hold, `asks` is what a reader sees."""

    key: str
    asks: str
    kirkpatrick: str  # number and word, or a dash
    kaufman: str


LEVELS = (
    Level("input", "What was put in, and whom did it reach?", "–", "1a input"),
    Level("reaction", "How did people find it?", "1 reaction", "1b process"),
    Level("learning", "What did people learn?", "2 learning", "2 acquisition (micro)"),
    Level("behaviour", "What did people do differently?", "3 behaviour", "3 application (micro)"),
    Level(
        "organisation",
        "What changed in the organisation?",
        "4 results",
        "4 organisational output (macro)",
    ),
    Level(
        "society", "What changed for the people served and for society?", "–", "5 societal (mega)"
    ),
)
LEVEL_KEYS = tuple(level.key for level in LEVELS)


def level(key: str) -> Level:
    """The level with this key; KeyError where there is none."""
    return {level.key: level for level in LEVELS}[key]
