"""Ethnicity codings, versioned, and the four kinds of missing that are never mixed. A body's own
codings stand beside those of the census (codings.py).

Codes: the letters and digits of self-defined ethnicity as police, courts and probation record it
(Home Office, SDE 16+1 from the 2001 census and SDE 18+1 from the 2011 census; W4 Roma since the
2021 census). Categories and their
order: Office for National Statistics, census of England and Wales 2001, 2011 and 2021; Government
Statistical Service, harmonised standard "Ethnic group". The "+1" is not stated: here it is one of
four kinds of missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

from analysis.errors import ParameterError
from analysis.vocabulary.codings import (
    MISSING,
    NOT_RECORDED,
    NOT_STATED,
    OF_ETHNICITY,
    REFUSED,
    Category,
    Coding,
    broad_of,
    own_codings,
    recorded_coding,
    refuse_recorded,
)
from analysis.vocabulary.codings import (
    NOT_LINKED as NOT_LINKED,
)
from analysis.vocabulary.group_sets import group_sets, group_words, named_people

if TYPE_CHECKING:
    import pandas as pd

RECORDED_MISSING = (
    NOT_STATED,
    REFUSED,
    NOT_RECORDED,
)  # what a supplier can write; not_linked is found by joining

GROUPS = ("White", "Mixed", "Asian", "Black", "Other")
# house style: ONS writes ethnic groups with capitals, the Race Disparity Unit wrote lower case
CAPITAL_LETTERS = True
NOTES: Mapping[str, str] = MappingProxyType(
    {"White": "White includes Gypsy, Irish Traveller and Roma people."}
)
SERIES_BREAK = (
    "Chinese is counted under Other in 2001 and under Asian from 2011: the two series are not put"
    " together."
)


def _categories(group: str, *pairs: tuple[str, str]) -> tuple[Category, ...]:
    return tuple(Category(code, label, group) for code, label in pairs)


_MIXED = _categories(
    "Mixed",
    ("M1", "White and Black Caribbean"),
    ("M2", "White and Black African"),
    ("M3", "White and Asian"),
    ("M9", "Any other Mixed or Multiple background"),
)
_ASIAN = _categories("Asian", ("A1", "Indian"), ("A2", "Pakistani"), ("A3", "Bangladeshi"))
_CHINESE = _categories("Asian", ("A4", "Chinese"))
_OTHER_ASIAN = _categories("Asian", ("A9", "Any other Asian background"))
_BLACK = _categories(
    "Black", ("B1", "Caribbean"), ("B2", "African"), ("B9", "Any other Black background")
)
_ANY_OTHER = _categories("Other", ("O9", "Any other ethnic group"))
_ARAB = _categories("Other", ("O2", "Arab"))
_CHINESE_2001 = _categories("Other", ("O1", "Chinese"))
_BRITISH = _categories(
    "White", ("W1", "English, Welsh, Scottish, Northern Irish or British"), ("W2", "Irish")
)
_GYPSY = _categories("White", ("W3", "Gypsy or Irish Traveller"))
_ROMA = _categories("White", ("W4", "Roma"))
_OTHER_WHITE = _categories("White", ("W9", "Any other White background"))

_ASIAN_2011 = _ASIAN + _CHINESE + _OTHER_ASIAN
_FINE = {
    "ons_2001_16+1": (
        _BRITISH
        + _OTHER_WHITE
        + _MIXED
        + _ASIAN
        + _OTHER_ASIAN
        + _BLACK
        + _CHINESE_2001
        + _ANY_OTHER
    ),
    "ons_2011_18+1": (
        _BRITISH + _GYPSY + _OTHER_WHITE + _MIXED + _ASIAN_2011 + _BLACK + _ARAB + _ANY_OTHER
    ),
    "ons_2021_19+1": (
        _BRITISH
        + _GYPSY
        + _ROMA
        + _OTHER_WHITE
        + _MIXED
        + _ASIAN_2011
        + _BLACK
        + _ARAB
        + _ANY_OTHER
    ),
}
CENSUS = tuple(_FINE)  # the fine codings of England and Wales


def _codings() -> dict[str, Coding]:
    codings = {}
    for fine_id, categories in _FINE.items():
        year = fine_id.split("_")[1]
        series = "2001" if year == "2001" else "from 2011"
        source = f"Office for National Statistics, census of England and Wales {year}"
        title = f"Census {year}, {fine_id.split('_')[2]} categories"
        fine = Coding(
            fine_id, title, categories, f"ons_{year}_5+1", series, source, OF_ETHNICITY, {}, NOTES
        )
        codings[fine_id] = fine
        codings[fine.broad] = broad_of(fine, f"Census {year}, five broad groups")
    return codings | {one.id: one for one in own_codings()}


CODINGS: Mapping[str, Coding] = MappingProxyType(_codings())


def _recorded() -> str:
    """The fine coding of tables of persons: that of params/codings.yml, else the newest census."""
    found = recorded_coding() or CENSUS[-1]
    fine = tuple(one.id for one in CODINGS.values() if one.id != one.broad)
    if found not in fine:
        raise refuse_recorded(fine)
    return found


RECORDED = _recorded()


def coding(coding_id: str) -> Coding:
    """The coding with this id; ParameterError E231 names the nearest one."""
    if coding_id in CODINGS:
        return CODINGS[coding_id]
    near = get_close_matches(str(coding_id)[:60], list(CODINGS), n=1, cutoff=0.6)
    remedy = f"Did you mean `{near[0]}`?" if near else f"Valid: {', '.join(CODINGS)}."
    raise ParameterError("E231", "there is no such ethnicity coding.", remedy=remedy)


def crosswalk(codes: pd.Series, *, source: str, target: str) -> pd.Series:
    """`codes` of the coding `source` in the broader coding `target` (a new series, text).

    The four kinds of missing pass through unchanged. ParameterError E232 where the two codings do
    not nest (2001 and later, see SERIES_BREAK; a coarser one to a finer one), E233 where a value is
    neither a code nor a kind of missing.
    """
    known, wanted = coding(source), coding(target)
    if source != target and (wanted.id != wanted.broad or wanted.series != known.series):
        remedy = SERIES_BREAK if wanted.series != known.series else f"Use {known.broad}."
        raise ParameterError("E232", f"{source} cannot be read as {target}.", remedy=remedy)
    groups = {category.code: category.group for category in known.categories}
    mapping = ({code: code for code in known.codes} if source == target else groups) | {
        kind: kind for kind in MISSING
    }
    unknown = int((~codes.isin(list(mapping))).sum())
    if unknown:
        remedy = f"Valid: {', '.join(known.codes)} and {', '.join(MISSING)}."
        raise ParameterError(
            "E233",
            f"{unknown} value(s) are neither a code of {source} nor a kind of missing.",
            remedy=remedy,
        )
    return codes.astype("str").map(mapping).astype("str")


def groups_of(coding_id: str) -> tuple[str, ...]:
    """The groups of an ethnicity coding or of a set in params/groups.yml, in their order;
    ParameterError E231."""
    if coding_id in group_sets():
        return group_sets()[coding_id].groups
    return coding(coding_id).groups


def characteristic_of(coding_id: str) -> str:
    """What the groups are groups of, in a sentence: "ethnic group", "sex"; ParameterError E231."""
    if coding_id in group_sets():
        return group_sets()[coding_id].characteristic
    return coding(coding_id).characteristic


# The word for those who are counted, before which a group stands and after which "of Mixed
# ethnicity" does.
HEADS = ("people", "children", "staff", "applicants", "participants")
_HEAD = re.compile(rf"\b({'|'.join(HEADS)})\b")
_OF = {
    "Mixed": "of Mixed ethnicity",
    "Other": "of Other ethnic groups",
}  # never as if they were one group


def of_group(group: str, noun: str = "people") -> str:
    """People of a broad group among those whom `noun` names: "Black people on licence", "staff of
    Mixed ethnicity".

    The one form of headings, sentences, alternative texts and labels; a kind of missing is said
    after the noun.
    """
    if group in MISSING:
        return f"{noun} whose ethnic group is {group.replace('_', ' ')}"
    if (words := group_words(group) or _own_words(group)) and (head := _HEAD.search(noun)):
        return named_people(words, noun, head[0])
    if group not in _OF:
        return f"{_cased(group)} {noun}"
    of = _OF[group] if CAPITAL_LETTERS else _OF[group].lower()
    return _HEAD.sub(rf"\1 {of}", noun, count=1) if _HEAD.search(noun) else f"{noun} {of}"


def _own_words(group: str) -> Mapping[str, str]:
    """The words of a group of a coding in params/codings.yml; empty for any other."""
    return next((one.words[group] for one in CODINGS.values() if group in one.words), {})


def group_note(group: str, coding_id: str) -> str:
    """What has to be known of a broad group of an ethnicity coding, said once on a page; empty
    where there is nothing."""
    return CODINGS[coding_id].notes.get(group, "") if coding_id in CODINGS else ""


def _cased(group: str) -> str:
    return group if CAPITAL_LETTERS else group.lower()
