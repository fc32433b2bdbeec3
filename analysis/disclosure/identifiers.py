"""Patterns of identifiers of people in England and Wales. A match stops publication; its value is
never repeated."""

import re

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
_SHA256 = re.compile(
    r"(?<!\w)[0-9a-f]{64}(?!\w)"
)  # hashes of plan, data and code: some hold ten digits in a row
_TEN_DIGITS = re.compile(r"(?<![\d.,-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\d.,])")


def identifier_kinds(text: str) -> tuple[str, ...]:
    """Kinds of identifiers that the text seems to hold."""
    text = _SHA256.sub("", text)
    kinds = [kind for kind, pattern in _PATTERNS.items() if pattern.search(text)]
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
