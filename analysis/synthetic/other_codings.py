"""The made-up nation under another coding of ethnicity (params/codings.yml).

What is planted is planted by the five groups of the census. A group of another coding takes the
people of one of them, in the order of both and from the start again where there are more groups;
where there are fewer, a group of the census goes to one that has people already. Codes follow in
the same way: nothing else has to be written for a coding.
"""

from collections.abc import Mapping
from functools import cache

import pandas as pd

from analysis.vocabulary.ethnicity import CENSUS, CODINGS, RECORDED, coding

COLUMN = "ethnicity"
DRAWN = CENSUS[-1]  # the coding in which people are drawn


def recorded(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with ethnicity as this body records it."""
    codes = recoding(RECORDED)
    return {
        name: frame.assign(**{COLUMN: frame[COLUMN].replace(codes)}) if _holds(frame) else frame
        for name, frame in tables.items()
    }


def _holds(frame: pd.DataFrame) -> bool:
    return RECORDED != DRAWN and COLUMN in frame


@cache
def recoding(target: str) -> Mapping[str, str]:
    """Each code of the census in the coding `target`."""
    drawn, own = coding(DRAWN), CODINGS[target]
    found: dict[str, str] = {}
    for number, group in enumerate(drawn.groups):
        codes = [category.code for category in drawn.categories if category.group == group]
        candidates = _codes_of(target, number, len(drawn.groups)) or _codes_of(
            target, number % len(own.groups), len(drawn.groups)
        )
        found |= {code: candidates[n % len(candidates)] for n, code in enumerate(codes)}
    return found


def _codes_of(target: str, number: int, groups: int) -> list[str]:
    """Codes of the groups of a coding that take the people of one census group."""
    own = CODINGS[target]
    takes = {group for place, group in enumerate(own.groups) if place % groups == number}
    return [category.code for category in own.categories if category.group in takes]
