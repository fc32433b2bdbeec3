"""Formats of dates that a supplier states (strptime): which can be read without guessing, and how.
Imports no pandas."""

import re
from datetime import datetime

KNOWN = ("%d", "%m", "%b", "%B", "%Y", "%H", "%M", "%S")
EXAMPLE = 'For instance "%d/%m/%Y" for 03/04/2026 as the third of April.'


def date_format_fault(text: str) -> str:
    """Why a format cannot be used, in words; empty where it can: day, month and a year of four
    digits, each once."""
    found = re.findall(r"%.?", text)
    months = sum(found.count(part) for part in ("%m", "%b", "%B"))
    if "%y" in found:
        return f"A year of two digits (%y) can be of two centuries. {EXAMPLE}"
    unknown = set(found) - set(KNOWN)
    if unknown or len(set(found)) != len(found):
        return f"Each of {', '.join(KNOWN)} may stand once, and nothing else. {EXAMPLE}"
    if "%d" not in found or "%Y" not in found or months != 1:
        return f"Day, month and year must each stand once. {EXAMPLE}"
    return ""


def day_in(text: str, form: str) -> str:
    """A date of this format as YYYY-MM-DD; the text itself where it does not keep it or names a
    time of day."""
    if not text.isascii():
        return text
    try:
        found = datetime.strptime(text, form)
    except ValueError:
        return text
    return (
        found.date().isoformat() if found == datetime(found.year, found.month, found.day) else text
    )
