"""Labels that stand where a code of ethnicity belongs: which code is meant. Labels come from the
coding, never the data."""

import re
from collections.abc import Set
from functools import cache

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.vocabulary.ethnicity import CODINGS, MISSING, RECORDED_MISSING, Category

_LEFT_OUT = frozenset({"any", "background", "ethnic", "ethnicity", "group", "heritage", "origin"})
_BEFORE_LABEL = re.compile(r":| [-–—] ")  # "Asian or Asian British: Indian", "Black - Caribbean"
_CODE = r"[A-Za-z][0-9]"
SEVERAL_CODES = re.compile(rf"{_CODE}( ?[/,;+&|] ?| or | and ){_CODE}.*", re.IGNORECASE)


def code_of_label(text: str) -> str | None:
    """The one code (or kind of missing) whose label `text` is; None where no label or several could
    be meant."""
    *before, label = _BEFORE_LABEL.split(text)
    codes: Set[str] = _codes_by_words().get(_words(label), frozenset())
    if before:
        named = _words(" ".join(before))
        codes = {code for code in codes if code in MISSING or _words(_group(code)) <= named}
    return next(iter(codes)) if len(codes) == 1 else None


def label_of(code: str) -> str:
    """The label of a code as the coding has it; of a kind of missing its own words."""
    return code.replace("_", " ") if code in MISSING else CODINGS[ETHNICITY_CODING].label(code)


@cache
def _codes_by_words() -> dict[frozenset[str], set[str]]:
    """Every way to write a label, as a set of words, with the codes that it could mean."""
    found: dict[frozenset[str], set[str]] = {}
    for category in CODINGS[ETHNICITY_CODING].categories:
        for words in _ways(category):
            found.setdefault(words, set()).add(category.code)
    for kind in RECORDED_MISSING:
        for words in (_words(kind.replace("_", " ")), _words(MISSING[kind])):
            found.setdefault(words, set()).add(kind)
    return found


def _ways(category: Category) -> set[frozenset[str]]:
    """The whole label and each of its alternatives, alone and beside the broad group: "Irish",
    "White Irish"."""
    parts = [category.label, *re.split(r", | or ", category.label)]
    alone = {_words(part) for part in parts} - {frozenset()}
    return alone | {words | _words(category.group) for words in alone}


def _group(code: str) -> str:
    return next(c.group for c in CODINGS[ETHNICITY_CODING].categories if c.code == code)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", text.lower())) - _LEFT_OUT - {"or"}
