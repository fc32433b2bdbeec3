"""What a plan says of ethnic groups, held against the codings of analysis/vocabulary/ethnicity.py.

A group or code that no data hold would be counted as nobody, in silence: here it is refused, with
the valid ones named.
"""

from collections.abc import Iterable

from analysis.plans.study_plan import Groups
from analysis.vocabulary.ethnicity import CODINGS, Coding, groups_of


def fine_coding(coding_id: str) -> Coding:
    """The fine coding of the same census as `coding_id`."""
    broad = CODINGS[coding_id].broad
    return next(one for one in CODINGS.values() if one.broad == broad and one.id != broad)


def check_ethnic(groups: Groups) -> None:
    """People are counted by ethnic group; other characteristics need a table of counts that holds
    them."""
    if groups.coding not in CODINGS:
        raise ValueError(
            f"groups › coding: `{groups.coding}` is of a table of counts (`counts:` in the plan of"
            f" a monitor); here write one of {', '.join(CODINGS)}"
        )


def check_known(where: str, named: Iterable[str], valid: Iterable[str]) -> None:
    """ValueError for the first of `named` that is not among `valid`, which it names."""
    valid = tuple(valid)
    for one in named:
        if one not in valid:
            raise ValueError(f"{where}: `{one}` is not known; valid: {', '.join(valid)}")


def check_second_reference(groups: Groups) -> None:
    """A code of the fine coding, or none."""
    named = [groups.second_reference] if groups.second_reference is not None else []
    check_known("groups › second_reference", named, fine_coding(groups.coding).codes)


def check_fine_codes(groups: Groups) -> None:
    """A monitor: codes of the fine coding that are put together nationally, under words of their
    own."""
    if groups.coding not in CODINGS:
        check_known(
            "groups › second_reference",
            [groups.second_reference or groups.reference],
            groups_of(groups.coding),
        )
        check_known("groups › national_only", groups.national_only, ())
        return
    check_second_reference(groups)
    check_known("groups › national_only", groups.national_only, fine_coding(groups.coding).codes)
    if groups.national_only and groups.national_only_words is None:
        raise ValueError(
            "groups › national_only_words: is missing; say how a page calls these groups together"
        )


def check_fine_codings(groups: Groups) -> None:
    """A pilot: whole fine codings that are shown nationally, of the same meaning of the broad
    groups."""
    check_second_reference(groups)
    series = CODINGS[groups.coding].series
    valid = [one.id for one in CODINGS.values() if one.id != one.broad and one.series == series]
    check_known("groups › national_only", groups.national_only, valid)
