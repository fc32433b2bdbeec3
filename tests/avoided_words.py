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
        r"\bdiscrimination\b",
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


_ANY = re.compile("|".join(f"(?:{pattern.pattern})" for pattern in AVOIDED), re.IGNORECASE)


@cache
def faults(text: str) -> list[str]:
    """Patterns that the text breaks; one look for all of them first, since nearly every text is
    clean."""
    return (
        [pattern.pattern for pattern in AVOIDED if pattern.search(text)]
        if _ANY.search(text)
        else []
    )
