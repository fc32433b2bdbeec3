"""Words that no sentence may hold (page rules, section 3), as one pattern each."""

import re
from functools import cache

AVOIDED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bprov(e|es|ed|en)\b(?! reoffence)",
        r"\bshows that\b",
        r"\bsignifican",
        r"\bno effect\b",
        r"\bno difference\b",
        r"\bfail(s|ed|ure)?\b",
        r"\btrends?\b",
        r"\bimpacts?\b",
        r"\bexplained by\b",
        r"\bjustified\b",
        r"\bbias(ed)?\b",
        # as a finding from a rate; a discrimination incident report is the name of a form
        r"\bdiscrimination\b(?! (?:incident )?reports?\b)",
        r"\bracis[mt]\b",
        r"\bparity\b",
        r"\bfair\b",
        r"\bcompliant\b",
        r"\bpassed\b",
        r"\btarget met\b",
        r"more likely\b",
        r"\bcontrol group\b",
        r"\boffenders?\b",
        r"\bservice users?\b",
        r"\bB[A]?ME\b",
        r"\bnon-white\b",
        r"the Mixed group",
        r"\b(red|amber|green|RAG)\b",
        r"(: |\()None\b|\bnan\b|\binf\b|None of None",
        r"[{}]",
        r"  | ,| \.|\.\.|;;|,,",
    )
)


# Words at whose start a word starts, and the others: looked for in small letters and under one
# word boundary, a clean text costs a fifth of what it costs one pattern after another.
_AT_A_WORD = tuple(
    pattern.pattern.lower()[2:] for pattern in AVOIDED if pattern.pattern.startswith(r"\b")
)
_ELSEWHERE = tuple(
    pattern.pattern.lower() for pattern in AVOIDED if not pattern.pattern.startswith(r"\b")
)
_ANY = (
    re.compile(r"\b(?:" + "|".join(f"(?:{word})" for word in _AT_A_WORD) + ")"),
    re.compile("|".join(f"(?:{text})" for text in _ELSEWHERE)),
)


@cache
def faults(text: str) -> list[str]:
    """Patterns that the text breaks; one look for all of them first, since nearly every text is
    clean."""
    low = text.lower()
    if not any(pattern.search(low) for pattern in _ANY):
        return []
    return [pattern.pattern for pattern in AVOIDED if pattern.search(text)]
