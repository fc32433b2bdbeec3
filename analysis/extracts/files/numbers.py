"""One grammar of numbers for every file and kind of column, and what is told from a cell that is
none.

A number is an optional minus, the digits 0 to 9, and an optional point with digits after it: what
Python, pandas or an engine would accept beside that (`1_0`, digits of other scripts, exponents) is
read by none of them here.
"""

import re

NUMBER = re.compile(r"(-?)0*([0-9]+)(?:\.([0-9]+))?")
DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
THOUSANDS = re.compile(r"-?[0-9]{1,3}([, \u202f'’][0-9]{3})+(\.[0-9]+)?")
NOT_FINITE = re.compile(r"[+-]?(inf|infinity|nan)|#div/0!|#num!|#value!", re.IGNORECASE)
YES_NO_WORDS = frozenset(
    {"true", "false", "yes", "no", "y", "n", "t", "f", "ja", "ydy", "on", "off"}
)

# What statistical offices and case systems print in place of a small or withheld number (Government
# Statistical Service: symbols in tables; older tables: asterisks, colons, dots), and the words that
# stand for them. A letter or a dash alone can be a value of another kind of column: it is a mark
# only where a number belongs.
_WORDS = (
    "suppressed|supressed|disclosive|disclosure|confidential|redacted|withheld|masked|censored"
    "|hidden|secret|not shown|not published|low|small|small number|small numbers|too small"
)
_SMALL = r"(<|<=|=<|≤|>|>=|≥|under|below|less than|fewer than|up to|at most) ?[0-9]+"
_BAND = r"[0-9]+ ?(-|–|—|to) ?[0-9]+|[0-9]+ ?(\*+|†|‡)"
MARK = re.compile(
    rf"\[ ?[a-z]{{1,10}} ?\]|[*†‡#~^]+|\.{{2,}}|…|:+|[\[(]?({_WORDS})[\])]?|{_SMALL}", re.IGNORECASE
)
MARK_OF_A_NUMBER = re.compile(rf"[-–—]+|\.|[a-z]|\([a-z]\)|{_BAND}", re.IGNORECASE)


def plain_number(text: str) -> str:
    """A number without leading zeros, zeros at its end and the sign of a zero; any other text as it
    is."""
    found = NUMBER.fullmatch(text)
    if not found:
        return text
    decimals = (found[3] or "").rstrip("0")
    number = f"{found[2]}.{decimals}" if decimals else found[2]
    return number if number == "0" else found[1] + number


def is_number(text: str) -> bool:
    """Whether a text keeps the grammar."""
    return NUMBER.fullmatch(text) is not None


def is_suppressed(text: str, *, number: bool) -> bool:
    """Whether a cell is a mark of disclosure control; `number`: a number belongs here, where a lone
    letter is one too."""
    return bool(
        MARK.fullmatch(text)
        or (number and MARK_OF_A_NUMBER.fullmatch(text) and text.lower() not in "yntf")
    )
