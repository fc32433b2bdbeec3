"""Patterns of identifiers of people in England and Wales. A match stops publication; its value is
never repeated."""

import re

from analysis.disclosure.guard.normal import seen_text

# NHS Data Dictionary (NHS number, modulus 11); Police National Computer id; probation case
# reference number; NOMS and prison numbers; Ordnance Survey and Royal Mail postcode form; e-mail
# address; a day in British order.
_PATTERNS = {
    "a Police National Computer number": re.compile(
        r"(?<![\w/])(?:19|20)?\d{2}/\d{1,7}[A-HJ-NP-RT-Z](?!\w)"
    ),
    "a case reference number": re.compile(r"(?<!\w)[A-Z]\d{6}(?!\w)"),
    "a prison number": re.compile(r"(?<!\w)[A-Z]\d{4}[A-Z]{2}(?!\w)"),
    "a postcode": re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}(?!\w)"),
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "a date of birth": re.compile(
        r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])[/.](?:0?[1-9]|1[0-2])[/.](?:19|20)\d{2}(?!\d)"
    ),
}
# The same as it may be written to be missed: small letters, a postcode without its space, a day as
# YYYY-MM-DD or with the month in words. Years from 1900 to 2009: later ones are days of a study.
_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_YEAR = r"(?:19\d\d|200\d)"
_WRITTEN_OTHERWISE = {
    "a case reference number": re.compile(r"(?<!\w)[a-z]\d{6}(?!\w)"),
    "a prison number": re.compile(r"(?<!\w)[a-z]\d{4}[a-z]{2}(?!\w)"),
    "a postcode": re.compile(r"(?<!\w)[a-z]{1,2}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{2}(?!\w)"),
}
_LIKE_ONE = re.compile(r"(?<!\w)[a-z]{1,2}\d[a-z\d]{0,6}(?: \d[a-z]{2})?(?!\w)")
_DAYS = re.compile(
    rf"(?<!\d){_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|(?<!\d)\d{{1,2}}(?:st|nd|rd|th)? (?:{_MONTH}) {_YEAR}(?!\d)"
    rf"|(?<!\w)(?:{_MONTH}) \d{{1,2}}, {_YEAR}(?!\d)"
)
_RECORD_DAYS = re.compile(
    r'"(?:period_from|period_to|extract_date|follow_up_complete_to)": ?"\d{4}-\d\d-\d\d"'
    r"|; published \d{4}-\d\d-\d\d;"  # of counts that were published before (S0)
)
_SHA256 = re.compile(
    r"(?<!\w)[0-9a-f]{64}(?!\w)"
)  # hashes of plan, data and code: some hold ten digits in a row
_TEN_DIGITS = re.compile(r"(?<![\d.,-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\d.,])")


def identifier_kinds(text: str) -> tuple[str, ...]:
    """Kinds of identifiers that the text seems to hold."""
    text = _RECORD_DAYS.sub("", _SHA256.sub("", text))
    kinds = [kind for kind, pattern in _PATTERNS.items() if pattern.search(text)]
    seen = seen_text(text).casefold()
    short = "\n".join(found[0] for found in _LIKE_ONE.finditer(seen))
    found = [kind for kind, pattern in _WRITTEN_OTHERWISE.items() if pattern.search(short)]
    if _DAYS.search(seen):
        found.append("a date of birth")
    kinds += [kind for kind in found if kind not in kinds]
    if any(_is_nhs_number(match.group()) for match in _TEN_DIGITS.finditer(text)):
        kinds.append("an NHS number")
    return tuple(kinds)


def _is_nhs_number(text: str) -> bool:
    """Modulus 11 check of the NHS Data Dictionary."""
    digits = [int(character) for character in text if character.isdigit()]
    check = (
        11
        - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    )
    return check != 10 and digits[9] == check % 11
