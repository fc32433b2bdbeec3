"""The table of the progression schemes: staff who could be promoted, with the day on which each of
them joined a scheme, was coached, deputised, applied, was promoted or left."""

from analysis.extracts.tables.contract import (
    CONSTANT,
    Blind,
    Column,
    Contract,
    Rules,
    ethnicity_column,
    flag_column,
    outcomes,
    region_column,
)
from analysis.extracts.tables.pilots.training_tables import AGE, SEX

SCHEMES = ("buddy", "talent", "positive_action")
GRADES = ("operational", "first_line_manager")
PERFORMANCE = ("below", "good", "outstanding")


def _day(name: str, meaning: str, empty: str) -> Column:
    return Column(name, "date", meaning, empty=empty)


ELIGIBLE_STAFF = Contract(
    "eligible_staff",
    "one member of staff from the day on which they could be promoted",
    ("staff_id",),
    (
        Column("staff_id", "id", "pseudonym of the member of staff; no staff number"),
        region_column("probation region of the post at eligibility"),
        Column("grade", "category", "grade from which they could be promoted", allowed=GRADES),
        ethnicity_column("member of staff's"),
        SEX,
        AGE,
        Column("entered_on", "date", "first day in the service"),
        Column("eligible_from", "date", "first day on which they could be promoted"),
        Column(
            "performance",
            "category",
            "last performance rating before eligibility",
            allowed=PERFORMANCE,
        ),
        Column(
            "scheme",
            "category",
            "the first scheme that they joined",
            allowed=SCHEMES,
            empty="joined none by the end of the follow-up",
        ),
        _day("joined_on", "first day in the scheme", "joined none by the end of the follow-up"),
        *outcomes(
            flag_column(
                "found_useful",
                "members' answer: the scheme is useful",
                "not a member, or no answer",
            ),
            _day("applied_on", "first application for promotion", "none by then"),
            _day("coached_on", "first meeting with a coach", "none by then"),
            _day("deputised_on", "first day of standing in for a manager", "none by then"),
            _day("promoted_on", "first day in the next grade", "not promoted by then"),
            _day("left_on", "last day in the service", "still in the service by then"),
        ),
        Column("followed_to", "date", "last day up to which all of this is known"),
    ),
    service="progression",
    rules=Rules(
        only_where=(("scheme", "joined_on"), ("found_useful", "joined_on")),
        filled_where=(("scheme", "joined_on"),),
        constant=CONSTANT,
        person="staff_id",
    ),
    blind=Blind(since="eligible_from", until="followed_to"),
)
TABLES = (ELIGIBLE_STAFF,)
